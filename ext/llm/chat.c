/* Chat requests: body, limit of output tokens, cache key. See chat.h. */
#include "llm/chat.h"

#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "llm/wire.h"

/* What would let a stored judge make the provider call out or fetch (law 9). */
static const char *const CALLS_OUT[] = {
    "tools",      "tool_choice",        "toolConfig",  "functions",
    "plugins",    "web_search_options", "mcp_servers", "container",
    "connectors", "function_call",      NULL};

static int read_params(const struct jg_wire *wire, const char *text,
                       struct jg_json **params, struct jg_err *err) {
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
    if (jg_wire_is_in(jg_json_key(item), wire->reserved)) {
      return jg_err_set(err, JG_ERROR, "inference_params must not set '%s'",
                        jg_json_key(item));
    }
    if (jg_wire_is_in(jg_json_key(item), CALLS_OUT)) {
      return jg_err_set(err, JG_ERROR,
                        "inference_params must not set '%s': a judge rates, "
                        "and nothing of it calls out",
                        jg_json_key(item));
    }
  }
  return JG_OK;
}

int jg_chat_body(const struct jg_endpoint *endpoint, const struct jg_chat *chat,
                 struct jg_buf *to, struct jg_err *err) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_json *params = NULL;
  struct jg_jsonw w = {.to = to};
  if (read_params(wire, chat->inference_params, &params, err) == JG_OK) {
    jg_jsonw_object(&w);
    wire->chat(endpoint, chat, params, &w, err);
    jg_jsonw_end_object(&w);
    jg_buf_check(to, err);
  }
  jg_json_free(params);
  return err->code;
}

/* --- the same request in another form ----------------------------------- */

static void copy_member(const struct jg_json *item, struct jg_jsonw *w,
                        struct jg_err *err) {
  jg_jsonw_key(w, jg_json_key(item));
  jg_wire_value(item, w, err);
}

int jg_chat_form(const struct jg_endpoint *endpoint, const char *body, int form,
                 struct jg_buf *to, struct jg_err *err) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_json *root = NULL;
  struct jg_jsonw w = {.to = to};
  if (form == JG_FORM_SCHEMA) {
    jg_buf_puts(to, body);
    return jg_buf_check(to, err);
  }
  if (jg_json_parse(body, strlen(body), &root, err) != JG_OK) {
    return err->code;
  }
  jg_jsonw_object(&w);
  const struct jg_json *item = jg_json_first(root);
  for (; item != NULL; item = jg_json_next(item)) {
    const char *key = jg_json_key(item);
    if (!jg_wire_is_in(key, wire->form_keys)) {
      copy_member(item, &w, err);
    } else if (form == JG_FORM_OBJECT && wire->object_form != NULL &&
               strcmp(key, wire->form_keys[0]) == 0) {
      jg_jsonw_key_raw(&w, key, wire->object_form);
    }
  }
  jg_jsonw_end_object(&w);
  jg_json_free(root);
  return jg_buf_check(to, err);
}

static const char *const LIMITS[] = {"max_tokens", "max_completion_tokens",
                                     "max_output_tokens", "maxTokens",
                                     "num_predict"};

static int64_t limit_of(const struct jg_json *object) {
  int64_t limit = -1;
  for (size_t i = 0; i < sizeof(LIMITS) / sizeof(LIMITS[0]); i++) {
    int64_t value;
    if (jg_json_int(jg_json_get(object, LIMITS[i]), &value) && value > limit) {
      limit = value;
    }
  }
  return limit;
}

int64_t jg_chat_output_limit(const char *body) {
  static const char *const NESTED[] = {"inferenceConfig", "options"};
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  int64_t limit = -1;
  if (jg_json_parse(body, strlen(body), &root, &err) == JG_OK) {
    limit = limit_of(root);
    for (size_t i = 0; i < 2; i++) {
      int64_t nested = limit_of(jg_json_get(root, NESTED[i]));
      limit = nested > limit ? nested : limit;
    }
  }
  jg_json_free(root);
  return limit;
}

/* Adds the limit to the object called in, which may stand there already. */
static int limit_within(const char *body, const char *in, const char *key,
                        int64_t most, struct jg_buf *to, struct jg_err *err) {
  struct jg_json *root = NULL;
  struct jg_jsonw w = {.to = to};
  if (jg_json_parse(body, strlen(body), &root, err) != JG_OK) {
    return err->code;
  }
  const char *const except[] = {in, NULL};
  jg_jsonw_object(&w);
  jg_wire_params(root, except, &w, err);
  jg_jsonw_key(&w, in);
  jg_jsonw_object(&w);
  jg_wire_params(jg_json_get(root, in), NULL, &w, err);
  jg_jsonw_key_int(&w, key, most);
  jg_jsonw_end_object(&w);
  jg_jsonw_end_object(&w);
  jg_json_free(root);
  return jg_buf_check(to, err);
}

int jg_chat_limit(const struct jg_endpoint *endpoint, const char *body,
                  int64_t max_output_tokens, struct jg_buf *to,
                  struct jg_err *err) {
  size_t bytes = strlen(body);
  if (bytes < 3 || body[bytes - 1] != '}') {
    return jg_err_set(err, JG_ERROR, "the request body is not a JSON object");
  }
  const struct jg_wire *wire = jg_wire_of(endpoint);
  if (jg_chat_output_limit(body) >= 0) {
    jg_buf_add(to, body, bytes);
  } else if (wire->limit_in != NULL) {
    limit_within(body, wire->limit_in, wire->limit_key, max_output_tokens, to,
                 err);
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
