/*
** Ollama's own /api/chat and /api/embed: github.com/ollama/ollama docs/api.md.
** Its settings of the model stand in "options".
*/
#include <string.h>

#include "llm/wire.h"

static const char *const RESERVED[] = {"model", "messages", "stream", "tools",
                                       NULL};
static const char *const LIMITS[] = {"max_tokens", "num_predict", NULL};
static const char *const FORM_KEYS[] = {"format", NULL};
static const char *const OPTIONS[] = {"temperature", "top_p",          "top_k",
                                      "min_p",       "seed",           "stop",
                                      "num_ctx",     "repeat_penalty", NULL};
static const char *const MOVED[] = {
    "temperature",    "top_p",      "top_k",   "min_p",
    "seed",           "stop",       "num_ctx", "num_predict",
    "repeat_penalty", "max_tokens", "options", NULL};

static int has_options(const struct jg_json *params) {
  const struct jg_json *item = jg_json_first(params);
  for (; item != NULL; item = jg_json_next(item)) {
    if (jg_wire_is_in(jg_json_key(item), MOVED)) {
      return 1;
    }
  }
  return 0;
}

/* Of what stands at the top and in options, the top counts. */
static void write_options(const struct jg_endpoint *endpoint,
                          const struct jg_json *params, struct jg_jsonw *w,
                          struct jg_err *err) {
  const struct jg_json *inner = jg_json_first(jg_json_get(params, "options"));
  if (!has_options(params)) {
    return;
  }
  jg_jsonw_key(w, "options");
  jg_jsonw_object(w);
  for (size_t i = 0; OPTIONS[i] != NULL; i++) {
    const struct jg_json *item = jg_json_get(params, OPTIONS[i]);
    if (jg_json_type(item) != JG_JSON_NULL) {
      jg_jsonw_key(w, OPTIONS[i]);
      jg_wire_value(item, w, err);
    }
  }
  jg_wire_limit(endpoint, params, w, err);
  for (; inner != NULL; inner = jg_json_next(inner)) {
    const char *key = jg_json_key(inner);
    if (jg_json_type(inner) != JG_JSON_NULL &&
        strcmp(key, "num_predict") != 0 &&
        jg_json_type(jg_json_get(params, key)) == JG_JSON_NULL) {
      jg_jsonw_key(w, key);
      jg_wire_value(inner, w, err);
    }
  }
  jg_jsonw_end_object(w);
}

static void chat_members(const struct jg_endpoint *endpoint,
                         const struct jg_chat *chat,
                         const struct jg_json *params, struct jg_jsonw *w,
                         struct jg_err *err) {
  jg_wire_messages(endpoint, chat, w);
  jg_jsonw_key_bool(w, "stream", 0);
  if (chat->schema != NULL && jg_json_get(params, "format") == NULL) {
    jg_jsonw_key_raw(w, "format", chat->schema);
  }
  write_options(endpoint, params, w, err);
  jg_wire_params(params, MOVED, w, err);
}

static int reply(const struct jg_json *root, struct jg_reply *out,
                 struct jg_err *err) {
  const struct jg_json *message = jg_json_get(root, "message");
  const char *text = jg_json_text(jg_json_get(message, "content"));
  const char *reason = jg_json_text(jg_json_get(root, "done_reason"));
  struct jg_finding finding = {
      .text = text == NULL ? "" : text,
      .cut = reason != NULL && strcmp(reason, "length") == 0,
      .tool = jg_json_count(jg_json_get(message, "tool_calls")) > 0};
  out->input_tokens = jg_reply_tokens(root, "prompt_eval_count");
  out->cached_tokens = jg_reply_tokens(root, "prompt_eval_cached_count");
  out->output_tokens = jg_reply_tokens(root, "eval_count");
  return jg_reply_take(&finding, out, err);
}

static void embed(const struct jg_endpoint *endpoint, const char *const *texts,
                  size_t count, struct jg_jsonw *w) {
  jg_wire_openai.embed(endpoint, texts, count, w); /* model and input too */
}

static const struct jg_json *vectors(const struct jg_json *root) {
  return jg_json_get(root, "embeddings");
}

static const struct jg_json *embed_tokens(const struct jg_json *root) {
  return jg_json_get(root, "prompt_eval_count");
}

const struct jg_wire jg_wire_ollama = {
    .name = "ollama",
    .chat = chat_members,
    .reserved = RESERVED,
    .form_keys = FORM_KEYS,
    .limits = LIMITS,
    .object_form = "\"json\"",
    .limit_in = "options",
    .limit_key = "num_predict",
    .reply = reply,
    .embed = embed,
    .vectors = vectors,
    .embed_tokens = embed_tokens,
};
