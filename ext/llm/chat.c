/* Chat requests: body, limit of output tokens, cache key. See chat.h. */
#include "llm/chat.h"

#include <string.h>

#include "core/json.h"
#include "core/mem.h"

/* What a judge's inference parameters must not set: the request would be
** another one, or its answer could not be read. */
static const char *const RESERVED[] = {"model", "messages", "stream", "n"};

static const char *const LIMITS[] = {"max_tokens", "max_completion_tokens",
                                     "max_output_tokens"};

static int is_in(const char *key, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(key, names[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

static int read_params(const char *text, struct jg_json **params,
                       struct jg_err *err) {
  if (text == NULL || text[0] == '\0') {
    return JG_OK;
  }
  if (jg_json_parse(text, strlen(text), params, err) != JG_OK) {
    return err->code;
  }
  if (jg_json_type(*params) != JG_JSON_OBJECT) {
    return jg_err_set(err, JG_ERROR, "inference_params must be a JSON object");
  }
  const struct jg_json *item = jg_json_first(*params);
  for (; item != NULL; item = jg_json_next(item)) {
    const char *key = jg_json_key(item);
    if (is_in(key, RESERVED, sizeof(RESERVED) / sizeof(RESERVED[0]))) {
      return jg_err_set(err, JG_ERROR, "inference_params must not set '%s'",
                        key);
    }
  }
  return JG_OK;
}

static void write_message(struct jg_jsonw *w, const char *role,
                          const char *content) {
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "role", role);
  jg_jsonw_key_text(w, "content", content);
  jg_jsonw_end_object(w);
}

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

/* Parameters come last and win; a JSON null takes a key away. */
static int write_params(struct jg_jsonw *w, const struct jg_json *params,
                        struct jg_err *err) {
  struct jg_buf text;
  const struct jg_json *item = jg_json_first(params);
  for (; item != NULL; item = jg_json_next(item)) {
    if (jg_json_type(item) == JG_JSON_NULL) {
      continue;
    }
    jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
    jg_json_write(item, &text);
    if (jg_buf_check(&text, err) == JG_OK) {
      jg_jsonw_key_raw(w, jg_json_key(item), jg_buf_text(&text));
    }
    jg_buf_dispose(&text);
  }
  return err->code;
}

int jg_chat_body(const struct jg_endpoint *endpoint, const struct jg_chat *chat,
                 struct jg_buf *to, struct jg_err *err) {
  struct jg_json *params = NULL;
  struct jg_jsonw w = {.to = to};
  if (read_params(chat->inference_params, &params, err) != JG_OK) {
    goto done;
  }
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "model", endpoint->model);
  jg_jsonw_key(&w, "messages");
  jg_jsonw_array(&w);
  if (chat->system != NULL) {
    write_message(&w, "system", chat->system);
  }
  write_message(&w, "user", chat->user);
  jg_jsonw_end_array(&w);
  if (chat->schema != NULL && jg_json_get(params, "response_format") == NULL) {
    write_format(&w, chat);
  }
  write_params(&w, params, err);
  jg_jsonw_end_object(&w);
  jg_buf_check(to, err);
done:
  jg_json_free(params);
  return err->code;
}

int64_t jg_chat_output_limit(const char *body) {
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  int64_t limit = -1;
  if (jg_json_parse(body, strlen(body), &root, &err) == JG_OK) {
    for (size_t i = 0; i < sizeof(LIMITS) / sizeof(LIMITS[0]); i++) {
      int64_t value;
      if (jg_json_int(jg_json_get(root, LIMITS[i]), &value) && value > limit) {
        limit = value;
      }
    }
  }
  jg_json_free(root);
  return limit;
}

int jg_chat_limit(const struct jg_endpoint *endpoint, const char *body,
                  int64_t max_output_tokens, struct jg_buf *to,
                  struct jg_err *err) {
  size_t bytes = strlen(body);
  if (bytes < 3 || body[bytes - 1] != '}') {
    return jg_err_set(err, JG_ERROR, "the request body is not a JSON object");
  }
  if (jg_chat_output_limit(body) >= 0) {
    jg_buf_add(to, body, bytes);
  } else {
    jg_buf_add(to, body, bytes - 1);
    jg_buf_printf(to, ",\"%s\":%lld}", endpoint->max_tokens_key,
                  (long long)max_output_tokens);
  }
  return jg_buf_check(to, err);
}

void jg_chat_digest(const struct jg_endpoint *endpoint, const char *body,
                    int64_t repetition, char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;
  char count[24];
  size_t at = sizeof(count) - 1;
  uint64_t rest = (uint64_t)repetition;
  count[at] = '\0';
  do {
    count[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  jg_digest_init(&d);
  jg_digest_field(&d, endpoint->url);
  jg_digest_field(&d, endpoint->model);
  jg_digest_field(&d, body);
  jg_digest_field(&d, count + at);
  jg_digest_hex(&d, hex);
}
