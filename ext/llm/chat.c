/* Chat requests: body, limit of output tokens, cache key. See chat.h. */
#include "llm/chat.h"

#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "llm/params.h"
#include "llm/wire.h"

int jg_chat_body(const struct jg_endpoint *endpoint, const struct jg_chat *chat,
                 struct jg_buf *to, struct jg_err *err) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  const struct jg_params_from from = {chat->params_by_hand, chat->allow_params};
  struct jg_json *params = NULL;
  struct jg_jsonw w = {.to = to};
  if (jg_params_read(wire, chat->inference_params, &from, &params, err) ==
      JG_OK) {
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

/* --- the limit of output tokens ----------------------------------------- */

int64_t jg_chat_output_limit(const struct jg_endpoint *endpoint,
                             const char *body) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  int64_t limit = -1;
  if (jg_json_parse(body, strlen(body), &root, &err) == JG_OK) {
    const struct jg_json *in =
        wire->limit_in == NULL ? root : jg_json_get(root, wire->limit_in);
    if (!jg_json_int(jg_json_get(in, jg_wire_limit_key(endpoint)), &limit) ||
        limit < 0) {
      limit = -1;
    }
  }
  jg_json_free(root);
  return limit;
}

int jg_chat_limit_is_users(const struct jg_endpoint *endpoint, const char *body,
                           const char *inference_params) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  int64_t named = -1;
  int found = 0;
  if (inference_params != NULL && inference_params[0] != '\0') {
    named = jg_chat_output_limit(endpoint, body);
  }
  if (named < 0 || named != wire->default_limit) {
    return named >= 0;
  }
  /* It may be the user's who names the default. */
  if (jg_json_parse(inference_params, strlen(inference_params), &root, &err) ==
      JG_OK) {
    for (size_t i = 0; wire->limits[i] != NULL; i++) {
      found |=
          jg_json_type(jg_json_get(root, wire->limits[i])) == JG_JSON_NUMBER;
    }
  }
  jg_json_free(root);
  return found;
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

/* Puts another limit in place of the format's own. */
static int limit_instead(const struct jg_endpoint *endpoint, const char *body,
                         int64_t most, struct jg_buf *to, struct jg_err *err) {
  const char *const except[] = {jg_wire_limit_key(endpoint), NULL};
  struct jg_json *root = NULL;
  struct jg_jsonw w = {.to = to};
  if (jg_json_parse(body, strlen(body), &root, err) != JG_OK) {
    return err->code;
  }
  jg_jsonw_object(&w);
  jg_wire_params(root, except, &w, err);
  jg_jsonw_key_int(&w, jg_wire_limit_key(endpoint), most);
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
  int64_t named = jg_chat_output_limit(endpoint, body);
  if (named >= 0 && named == wire->default_limit && max_output_tokens > named) {
    return limit_instead(endpoint, body, max_output_tokens, to, err);
  }
  if (named >= 0) {
    jg_buf_add(to, body, bytes);
  } else if (wire->limit_in != NULL) {
    limit_within(body, wire->limit_in, jg_wire_limit_key(endpoint),
                 max_output_tokens, to, err);
  } else {
    jg_buf_add(to, body, bytes - 1);
    jg_buf_printf(to, ",\"%s\":%lld}", jg_wire_limit_key(endpoint),
                  (long long)max_output_tokens);
  }
  return jg_buf_check(to, err);
}

static void add_count(struct jg_digest *d, int64_t number) {
  char count[24];
  size_t at = sizeof(count) - 1;
  uint64_t rest = (uint64_t)number;
  count[at] = '\0';
  do {
    count[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  jg_digest_field(d, count + at);
}

static void begin_digest(struct jg_digest *d,
                         const struct jg_endpoint *endpoint, const char *body,
                         int64_t repetition) {
  jg_digest_init(d);
  jg_digest_field(d, endpoint->url);
  jg_digest_field(d, endpoint->model);
  jg_digest_field(d, body);
  add_count(d, repetition);
}

void jg_chat_digest(const struct jg_endpoint *endpoint, const char *body,
                    int64_t repetition, char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;
  begin_digest(&d, endpoint, body, repetition);
  jg_digest_hex(&d, hex);
}

void jg_chat_cut_digest(const struct jg_endpoint *endpoint, const char *body,
                        int64_t repetition, int64_t limit,
                        char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;
  begin_digest(&d, endpoint, body, repetition);
  jg_digest_field(&d, "cut off at");
  add_count(&d, limit);
  jg_digest_hex(&d, hex);
}
