/*
** Chat completions and embeddings as OpenAI defines them, and most others take
** them: platform.openai.com/docs/api-reference/chat.
*/
#include <string.h>

#include "llm/wire.h"

static const char *const RESERVED[] = {
    "model", "messages", "stream", "n", "best_of", "num_return_sequences",
    NULL};
static const char *const LIMITS[] = {"max_tokens", "max_completion_tokens",
                                     NULL};
static const char *const FORM_KEYS[] = {"response_format", NULL};

static void write_format(struct jg_jsonw *w, const struct jg_chat *chat) {
  jg_jsonw_key(w, "response_format");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "type", "json_schema");
  jg_jsonw_key(w, "json_schema");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "name", chat->schema_name);
  jg_jsonw_key_bool(w, "strict", 1);
  jg_jsonw_key_raw(w, "schema", chat->schema);
  jg_jsonw_end_object(w);
  jg_jsonw_end_object(w);
}

static void chat_members(const struct jg_endpoint *endpoint,
                         const struct jg_chat *chat,
                         const struct jg_json *params, struct jg_jsonw *w,
                         struct jg_err *err) {
  jg_wire_messages(endpoint, chat, w);
  if (chat->schema != NULL && jg_json_get(params, "response_format") == NULL) {
    write_format(w, chat);
  }
  jg_wire_limit(endpoint, params, w, err);
  jg_wire_params(params, LIMITS, w, err);
}

/* --- replies ------------------------------------------------------------ */

/* Content: a text, or a list of parts of which the texts are joined; parts of
** other kinds (reasoning) are left out. */
static void read_content(const struct jg_json *content, struct jg_buf *to) {
  const char *text = jg_json_text(content);
  if (text != NULL) {
    jg_buf_puts(to, text);
  } else if (jg_json_type(content) == JG_JSON_ARRAY) {
    const struct jg_json *part = jg_json_first(content);
    for (; part != NULL; part = jg_json_next(part)) {
      const char *type = jg_json_text(jg_json_get(part, "type"));
      if (type == NULL || strcmp(type, "text") == 0 ||
          strcmp(type, "output_text") == 0) {
        jg_buf_puts(to, jg_json_text(jg_json_get(part, "text")));
      }
    }
  }
}

/* xAI and Gemini leave reasoning out of completion_tokens, but not out of the
** total, and bill it as output. */
static int64_t output_tokens(const struct jg_json *usage, int64_t input) {
  int64_t output = jg_reply_tokens(usage, "completion_tokens");
  int64_t total = jg_reply_tokens(usage, "total_tokens");
  if (output < 0) {
    output = jg_reply_tokens(usage, "output_tokens");
  }
  return output >= 0 && input >= 0 && total - input > output ? total - input
                                                             : output;
}

static void read_usage(const struct jg_json *root, struct jg_reply *out) {
  const struct jg_json *usage = jg_json_get(root, "usage");
  const struct jg_json *details = jg_json_get(usage, "prompt_tokens_details");
  out->input_tokens = jg_reply_tokens(usage, "prompt_tokens");
  if (out->input_tokens < 0) {
    out->input_tokens = jg_reply_tokens(usage, "input_tokens");
  }
  out->output_tokens = output_tokens(usage, out->input_tokens);
  out->cached_tokens = jg_reply_tokens(details, "cached_tokens");
  if (out->cached_tokens < 0) { /* DeepSeek's name for it */
    out->cached_tokens = jg_reply_tokens(usage, "prompt_cache_hit_tokens");
  }
}

static int is_text(const struct jg_json *item, const char *text) {
  const char *own = jg_json_text(item);
  return own != NULL && strcmp(own, text) == 0;
}

static int reply(const struct jg_json *root, struct jg_reply *out,
                 struct jg_err *err) {
  const struct jg_json *choice = jg_json_first(jg_json_get(root, "choices"));
  const struct jg_json *message = jg_json_get(choice, "message");
  const struct jg_json *finish = jg_json_get(choice, "finish_reason");
  struct jg_buf text;
  read_usage(root, out);
  if (choice == NULL) {
    return jg_reply_fail(out, "EMPTY", "the reply holds no choices", NULL, err);
  }
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  read_content(jg_json_get(message, "content"), &text);
  if (jg_buf_check(&text, err) == JG_OK) {
    struct jg_finding finding = {
        .text = jg_buf_text(&text),
        .refusal = jg_json_text(jg_json_get(message, "refusal")),
        .filtered = is_text(finish, "content_filter"),
        .cut = is_text(finish, "length"),
        .tool = jg_json_count(jg_json_get(message, "tool_calls")) > 0};
    jg_reply_take(&finding, out, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

/* --- embeddings --------------------------------------------------------- */

static void embed(const struct jg_endpoint *endpoint, const char *const *texts,
                  size_t count, struct jg_jsonw *w) {
  jg_jsonw_key_text(w, "model", endpoint->model);
  jg_jsonw_key(w, "input");
  jg_jsonw_array(w);
  for (size_t i = 0; i < count; i++) {
    jg_jsonw_text(w, texts[i]);
  }
  jg_jsonw_end_array(w);
}

static const struct jg_json *vectors(const struct jg_json *root) {
  return jg_json_get(root, "data");
}

static const struct jg_json *embed_tokens(const struct jg_json *root) {
  return jg_json_get(jg_json_get(root, "usage"), "prompt_tokens");
}

const struct jg_wire jg_wire_openai = {
    .name = "openai",
    .chat = chat_members,
    .reserved = RESERVED,
    .form_keys = FORM_KEYS,
    .limits = LIMITS,
    .object_form = "{\"type\":\"json_object\"}",
    .reply = reply,
    .embed = embed,
    .vectors = vectors,
    .embed_tokens = embed_tokens,
};
