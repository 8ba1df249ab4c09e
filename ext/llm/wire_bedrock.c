/*
** Amazon Bedrock's Converse, and InvokeModel of the Titan models for
** embeddings: docs.aws.amazon.com/bedrock/latest/APIReference/
** API_runtime_Converse.html. The model stands in the path, not in the body.
*/
#include <string.h>

#include "llm/wire.h"

static const char *const RESERVED[] = {"model",  "messages",   "stream",
                                       "system", "toolConfig", NULL};
static const char *const LIMITS[] = {"max_tokens", "maxTokens", NULL};
static const char *const FORM_KEYS[] = {"toolConfig", NULL};

/* OpenAI's names for what Converse keeps in inferenceConfig. */
static const struct {
  const char *from, *to;
} INFERENCE[] = {{"max_tokens", "maxTokens"},
                 {"maxTokens", "maxTokens"},
                 {"temperature", "temperature"},
                 {"top_p", "topP"},
                 {"stop", "stopSequences"}};
static const char *const MOVED[] = {
    "max_tokens", "maxTokens",       "temperature", "top_p",
    "stop",       "inferenceConfig", NULL};

static void open_config(int *open, struct jg_jsonw *w) {
  if (!*open) {
    jg_jsonw_key(w, "inferenceConfig");
    jg_jsonw_object(w);
    *open = 1;
  }
}

/* Is that member of inferenceConfig given by OpenAI's name, too? */
static int is_doubled(const struct jg_json *params, const char *to) {
  for (size_t i = 0; i < sizeof(INFERENCE) / sizeof(INFERENCE[0]); i++) {
    if (strcmp(INFERENCE[i].to, to) == 0 &&
        jg_json_type(jg_json_get(params, INFERENCE[i].from)) != JG_JSON_NULL) {
      return 1;
    }
  }
  return 0;
}

static void write_config(const struct jg_json *params, struct jg_jsonw *w,
                         struct jg_err *err) {
  const struct jg_json *item =
      jg_json_first(jg_json_get(params, "inferenceConfig"));
  int open = 0;
  for (size_t i = 0; i < sizeof(INFERENCE) / sizeof(INFERENCE[0]); i++) {
    const struct jg_json *given = jg_json_get(params, INFERENCE[i].from);
    if (jg_json_type(given) != JG_JSON_NULL) {
      open_config(&open, w);
      jg_jsonw_key(w, INFERENCE[i].to);
      jg_wire_value(given, w, err);
    }
  }
  for (; item != NULL; item = jg_json_next(item)) {
    if (jg_json_type(item) != JG_JSON_NULL &&
        !is_doubled(params, jg_json_key(item))) {
      open_config(&open, w);
      jg_jsonw_key(w, jg_json_key(item));
      jg_wire_value(item, w, err);
    }
  }
  if (open) {
    jg_jsonw_end_object(w);
  }
}

static void write_tool(const struct jg_chat *chat, struct jg_jsonw *w) {
  jg_jsonw_key(w, "toolConfig");
  jg_jsonw_object(w);
  jg_jsonw_key(w, "tools");
  jg_jsonw_array(w);
  jg_jsonw_object(w);
  jg_jsonw_key(w, "toolSpec");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "name", chat->schema_name);
  jg_jsonw_key_text(w, "description", "Takes the answer.");
  jg_jsonw_key(w, "inputSchema");
  jg_jsonw_object(w);
  jg_jsonw_key_raw(w, "json", chat->schema);
  jg_jsonw_end_object(w);
  jg_jsonw_end_object(w);
  jg_jsonw_end_object(w);
  jg_jsonw_end_array(w);
  jg_jsonw_key(w, "toolChoice");
  jg_jsonw_object(w);
  jg_jsonw_key(w, "tool");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "name", chat->schema_name);
  jg_jsonw_end_object(w);
  jg_jsonw_end_object(w);
  jg_jsonw_end_object(w);
}

static void write_texts(const char *key, const char *text, struct jg_jsonw *w) {
  jg_jsonw_key(w, key);
  jg_jsonw_array(w);
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "text", text);
  jg_jsonw_end_object(w);
  jg_jsonw_end_array(w);
}

static void write_message(struct jg_jsonw *w, const char *role,
                          const char *content) {
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "role", role);
  write_texts("content", content, w);
  jg_jsonw_end_object(w);
}

static void chat_members(const struct jg_endpoint *endpoint,
                         const struct jg_chat *chat,
                         const struct jg_json *params, struct jg_jsonw *w,
                         struct jg_err *err) {
  (void)endpoint;
  jg_jsonw_key(w, "messages");
  jg_jsonw_array(w);
  for (size_t i = 0; i < chat->turn_count; i++) {
    write_message(w, "user", chat->turns[i].user);
    write_message(w, "assistant", chat->turns[i].assistant);
  }
  write_message(w, "user", chat->user);
  jg_jsonw_end_array(w);
  if (chat->system != NULL) {
    write_texts("system", chat->system, w);
  }
  write_config(params, w, err);
  if (chat->schema != NULL) {
    write_tool(chat, w);
  }
  jg_wire_params(params, MOVED, w, err);
}

static void read_usage(const struct jg_json *root, struct jg_reply *out) {
  const struct jg_json *usage = jg_json_get(root, "usage");
  int64_t written = jg_reply_tokens(usage, "cacheWriteInputTokens");
  int64_t cached = jg_reply_tokens(usage, "cacheReadInputTokens");
  out->input_tokens = jg_reply_tokens(usage, "inputTokens");
  if (out->input_tokens >= 0) {
    out->input_tokens +=
        (written > 0 ? written : 0) + (cached > 0 ? cached : 0);
  }
  out->output_tokens = jg_reply_tokens(usage, "outputTokens");
  out->cached_tokens = cached;
}

static int is_text(const struct jg_json *item, const char *text) {
  const char *own = jg_json_text(item);
  return own != NULL && strcmp(own, text) == 0;
}

static void read_content(const struct jg_json *content, struct jg_buf *to) {
  const struct jg_json *part = jg_json_first(content);
  for (; part != NULL; part = jg_json_next(part)) {
    const struct jg_json *use = jg_json_get(part, "toolUse");
    if (use != NULL) {
      jg_buf_clear(to);
      jg_json_write(jg_json_get(use, "input"), to);
      return;
    }
    jg_buf_puts(to, jg_json_text(jg_json_get(part, "text")));
  }
}

static int reply(const struct jg_json *root, struct jg_reply *out,
                 struct jg_err *err) {
  const struct jg_json *stop = jg_json_get(root, "stopReason");
  const struct jg_json *message =
      jg_json_get(jg_json_get(root, "output"), "message");
  struct jg_buf text;
  read_usage(root, out);
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  read_content(jg_json_get(message, "content"), &text);
  if (jg_buf_check(&text, err) == JG_OK) {
    struct jg_finding finding = {
        .text = jg_buf_text(&text),
        .filtered = is_text(stop, "guardrail_intervened") ||
                    is_text(stop, "content_filtered"),
        .cut = is_text(stop, "max_tokens") ||
               is_text(stop, "model_context_window_exceeded")};
    jg_reply_take(&finding, out, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

static void embed(const struct jg_endpoint *endpoint, const char *const *texts,
                  size_t count, struct jg_jsonw *w) {
  (void)endpoint;
  jg_jsonw_key_text(w, "inputText", count > 0 ? texts[0] : "");
}

/* One text a request, so the reply itself is the one embedding. */
static const struct jg_json *vectors(const struct jg_json *root) {
  return root;
}

static const struct jg_json *embed_tokens(const struct jg_json *root) {
  return jg_json_get(root, "inputTextTokenCount");
}

const struct jg_wire jg_wire_bedrock = {
    .name = "bedrock",
    .chat = chat_members,
    .reserved = RESERVED,
    .form_keys = FORM_KEYS,
    .limits = LIMITS,
    .limit_in = "inferenceConfig",
    .limit_key = "maxTokens",
    .reply = reply,
    .embed = embed,
    .vectors = vectors,
    .embed_tokens = embed_tokens,
};
