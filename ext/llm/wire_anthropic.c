/*
** Anthropic's messages: docs.anthropic.com/en/api/messages. JSON by a schema is
** had by a tool that the model must call, whose input is the answer.
*/
#include <string.h>

#include "llm/wire.h"

#define OUTPUT_TOKENS 8192 /* max_tokens is required there */

static const char *const RESERVED[] = {
    "model", "messages", "stream", "system", "tools", "tool_choice", NULL};
static const char *const LIMITS[] = {"max_tokens", NULL};
static const char *const FORM_KEYS[] = {"tools", "tool_choice", NULL};

static void write_tool(const struct jg_chat *chat, struct jg_jsonw *w) {
  jg_jsonw_key(w, "tools");
  jg_jsonw_array(w);
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "name", chat->schema_name);
  jg_jsonw_key_text(w, "description", "Takes the answer.");
  jg_jsonw_key_raw(w, "input_schema", chat->schema);
  jg_jsonw_end_object(w);
  jg_jsonw_end_array(w);
  jg_jsonw_key(w, "tool_choice");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "type", "tool");
  jg_jsonw_key_text(w, "name", chat->schema_name);
  jg_jsonw_end_object(w);
}

static void chat_members(const struct jg_endpoint *endpoint,
                         const struct jg_chat *chat,
                         const struct jg_json *params, struct jg_jsonw *w,
                         struct jg_err *err) {
  jg_jsonw_key_text(w, "model", endpoint->model);
  if (jg_json_type(jg_json_get(params, "max_tokens")) != JG_JSON_NUMBER) {
    jg_jsonw_key_int(w, "max_tokens", OUTPUT_TOKENS);
  }
  if (chat->system != NULL) {
    jg_jsonw_key_text(w, "system", chat->system);
  }
  jg_jsonw_key(w, "messages");
  jg_jsonw_array(w);
  jg_wire_turns(chat, w);
  jg_jsonw_end_array(w);
  if (chat->schema != NULL) {
    write_tool(chat, w);
  }
  jg_wire_params(params, NULL, w, err);
}

/* What was read from the cache or written to it is not in input_tokens. */
static void read_usage(const struct jg_json *root, struct jg_reply *out) {
  const struct jg_json *usage = jg_json_get(root, "usage");
  int64_t written = jg_reply_tokens(usage, "cache_creation_input_tokens");
  int64_t cached = jg_reply_tokens(usage, "cache_read_input_tokens");
  out->input_tokens = jg_reply_tokens(usage, "input_tokens");
  if (out->input_tokens >= 0) {
    out->input_tokens +=
        (written > 0 ? written : 0) + (cached > 0 ? cached : 0);
  }
  out->output_tokens = jg_reply_tokens(usage, "output_tokens");
  out->cached_tokens = cached;
}

static int is_text(const struct jg_json *item, const char *text) {
  const char *own = jg_json_text(item);
  return own != NULL && strcmp(own, text) == 0;
}

/* A tool's input is the answer; else the texts are. */
static int read_content(const struct jg_json *content, struct jg_buf *to) {
  const struct jg_json *part = jg_json_first(content);
  int tool = 0;
  for (; part != NULL && !tool; part = jg_json_next(part)) {
    const struct jg_json *type = jg_json_get(part, "type");
    if (is_text(type, "tool_use")) {
      jg_buf_clear(to);
      jg_json_write(jg_json_get(part, "input"), to);
      tool = 1;
    } else if (is_text(type, "text")) {
      jg_buf_puts(to, jg_json_text(jg_json_get(part, "text")));
    }
  }
  return tool;
}

static int reply(const struct jg_json *root, struct jg_reply *out,
                 struct jg_err *err) {
  const struct jg_json *stop = jg_json_get(root, "stop_reason");
  struct jg_buf text;
  read_usage(root, out);
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  read_content(jg_json_get(root, "content"), &text);
  if (jg_buf_check(&text, err) == JG_OK) {
    int refused = is_text(stop, "refusal");
    struct jg_finding finding = {
        .text = jg_buf_text(&text),
        .refusal = refused && text.len > 0 ? jg_buf_text(&text) : NULL,
        .filtered = refused,
        .cut = is_text(stop, "max_tokens") ||
               is_text(stop, "model_context_window_exceeded")};
    jg_reply_take(&finding, out, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

const struct jg_wire jg_wire_anthropic = {
    .name = "anthropic",
    .chat = chat_members,
    .reserved = RESERVED,
    .form_keys = FORM_KEYS,
    .limits = LIMITS,
    .default_limit = OUTPUT_TOKENS,
    .reply = reply,
};
