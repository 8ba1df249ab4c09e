/* See params.h. */
#include "llm/params.h"

#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "core/mem.h"
#include "core/text.h"

#define NAMES_MAX 64
#define NAME_MAX_BYTES 60 /* of one that is repeated in a message */

/* What would let a stored judge make the provider call out or fetch (law 9). */
static const char *const CALLS_OUT[] = {
    "tools",      "tool_choice",        "toolConfig",  "functions",
    "plugins",    "web_search_options", "mcp_servers", "container",
    "connectors", "function_call",      NULL};

/* Names of the limit in formats that are not spoken here. */
static const char *const ELSEWHERE[] = {
    "max_output_tokens", "maxOutputTokens",      "max_new_tokens", "max_length",
    "n_predict",         "max_tokens_to_sample", "maxTokens",      NULL};

static const struct jg_wire *const WIRES[] = {
    &jg_wire_openai, &jg_wire_anthropic, &jg_wire_bedrock, &jg_wire_ollama};

/* Reading one object of parameters. */
struct reader {
  const struct jg_wire *wire;
  const struct jg_params_from *from;
  struct jg_json *table;
  struct jg_json *allowed;
};

/* Servers written in Go take a name in any case: "Tools" is tools there. */
static int is_like(const char *name, const char *const *names) {
  for (; names != NULL && *names != NULL; names++) {
    if (jg_text_same(name, *names)) {
      return 1;
    }
  }
  return 0;
}

/* --- messages ------------------------------------------------------------ */

/* Could it be a parameter's name? One from a hostile file is not repeated in a
** statement that somebody might paste. */
static int is_plain_name(const char *name) {
  size_t bytes = strlen(name);
  return bytes > 0 && bytes <= NAME_MAX_BYTES &&
         strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789_-.") == bytes;
}

static const char *nearest_of(const struct jg_json *rows, const char *name) {
  const char *names[NAMES_MAX];
  size_t count = 0;
  const struct jg_json *row = jg_json_first(rows);
  for (; row != NULL && count < NAMES_MAX; row = jg_json_next(row)) {
    names[count++] = jg_json_key(row);
  }
  return jg_text_nearest(name, names, count);
}

/* outer is the name of the object that it stands in, or NULL. */
static int fail_unlisted(const struct jg_json *rows, const char *outer,
                         const char *name, struct jg_err *err) {
  const char *near = nearest_of(rows, name);
  const char *top = outer != NULL ? outer : name;
  if (!is_plain_name(name) || !is_plain_name(top)) {
    return jg_err_set(err, JG_ERROR,
                      "inference_params has a key that no server takes");
  }
  return jg_err_set(
      err, JG_ERROR,
      "inference_params must not set '%s%s%s' by itself%s%s%s: SELECT "
      "judge_config('allow_params', '[\"%s\"]') lets it pass on this "
      "connection",
      outer != NULL ? outer : "", outer != NULL ? "." : "", name,
      near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
      near != NULL ? "'?)" : "", top);
}

/* --- limits -------------------------------------------------------------- */

static int is_limit(const char *name) {
  for (size_t i = 0; i < sizeof(WIRES) / sizeof(WIRES[0]); i++) {
    if (is_like(name, WIRES[i]->limits)) {
      return 1;
    }
  }
  return is_like(name, ELSEWHERE);
}

const struct jg_json *jg_params_limit(const struct jg_wire *wire,
                                      const struct jg_json *params) {
  for (size_t i = 0; wire->limits[i] != NULL; i++) {
    const struct jg_json *item = jg_json_get(params, wire->limits[i]);
    if (jg_json_type(item) != JG_JSON_NULL) {
      return item;
    }
  }
  if (wire->limit_in == NULL) {
    return NULL;
  }
  const struct jg_json *inner =
      jg_json_get(jg_json_get(params, wire->limit_in), wire->limit_key);
  return jg_json_type(inner) == JG_JSON_NULL ? NULL : inner;
}

static int check_limit_value(const struct jg_json *item, struct jg_err *err) {
  int64_t value;
  if (jg_json_type(item) == JG_JSON_NULL ||
      (jg_json_int(item, &value) && value >= 1)) {
    return JG_OK;
  }
  return jg_err_set(err, JG_ERROR,
                    "inference_params: %s must be a whole number from 1",
                    jg_json_key(item));
}

/* One limit, by a name of ours or of the format, that is a number. */
static int check_limits(const struct reader *r, const struct jg_json *params,
                        struct jg_err *err) {
  const char *in = r->wire->limit_in;
  const struct jg_json *item = jg_json_first(params);
  int given = 0;
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    const char *name = jg_json_key(item);
    if (jg_wire_is_in(name, r->wire->limits)) {
      given += jg_json_type(item) != JG_JSON_NULL;
      check_limit_value(item, err);
    } else if (is_limit(name) || (in != NULL && strcmp(name, in) != 0 &&
                                  jg_text_same(name, in))) {
      jg_err_set(err, JG_ERROR,
                 "inference_params: '%s' limits nothing where the wire format "
                 "is that of %s: the limit of output tokens is max_tokens",
                 name, r->wire->name);
    }
  }
  const struct jg_json *inner =
      in == NULL ? NULL
                 : jg_json_get(jg_json_get(params, in), r->wire->limit_key);
  given += jg_json_type(inner) != JG_JSON_NULL;
  if (err->code == JG_OK && inner != NULL) {
    check_limit_value(inner, err);
  }
  if (err->code == JG_OK && given > 1) {
    jg_err_set(err, JG_ERROR,
               "inference_params limits the output tokens twice: give "
               "max_tokens alone");
  }
  return err->code;
}

/* --- the list ------------------------------------------------------------ */

static int is_allowed(const struct reader *r, const char *name) {
  const struct jg_json *item = jg_json_first(r->allowed);
  for (; item != NULL; item = jg_json_next(item)) {
    const char *own = jg_json_text(item);
    if (own != NULL && strcmp(own, name) == 0) {
      return 1;
    }
  }
  return 0;
}

static int is_container(const struct jg_json *item) {
  enum jg_json_type type = jg_json_type(item);
  return type == JG_JSON_OBJECT || type == JG_JSON_ARRAY;
}

/* A scalar or a list of scalars. */
static int is_simple(const struct jg_json *item) {
  if (jg_json_type(item) == JG_JSON_OBJECT) {
    return 0;
  }
  if (jg_json_type(item) == JG_JSON_ARRAY) {
    const struct jg_json *part = jg_json_first(item);
    for (; part != NULL; part = jg_json_next(part)) {
      if (is_container(part)) {
        return 0;
      }
    }
  }
  return 1;
}

static int check_inner(const struct jg_json *rows, const struct jg_json *item,
                       struct jg_err *err);

/* Does an item fit its row of the table? */
static int check_row(const struct jg_json *row, const struct jg_json *item,
                     struct jg_err *err) {
  int64_t simple;
  if (jg_json_type(row) == JG_JSON_OBJECT) {
    return check_inner(row, item, err);
  }
  if (jg_json_int(row, &simple) && simple == 1 && !is_simple(item)) {
    return jg_err_set(err, JG_ERROR,
                      "inference_params: '%s' must be a value or a list of "
                      "values",
                      jg_json_key(item));
  }
  return JG_OK;
}

/* The members of an object for which the table has rows. */
static int check_inner(const struct jg_json *rows, const struct jg_json *item,
                       struct jg_err *err) {
  const struct jg_json *part = jg_json_first(item);
  if (jg_json_type(item) == JG_JSON_ARRAY) {
    return jg_err_set(err, JG_ERROR, "inference_params: '%s' is a list",
                      jg_json_key(item));
  }
  for (; part != NULL && err->code == JG_OK; part = jg_json_next(part)) {
    const struct jg_json *row = jg_json_get(rows, jg_json_key(part));
    if (row == NULL) {
      fail_unlisted(rows, jg_json_key(item), jg_json_key(part), err);
    } else {
      check_row(row, part, err);
    }
  }
  return err->code;
}

static int check_listed(const struct reader *r, const struct jg_json *item,
                        struct jg_err *err) {
  const char *name = jg_json_key(item);
  const struct jg_json *rows = jg_json_get(r->table, r->wire->name);
  const struct jg_json *row = jg_json_get(rows, name);
  if (r->from->by_hand || jg_wire_is_in(name, r->wire->limits) ||
      is_allowed(r, name)) {
    return JG_OK;
  }
  return row == NULL ? fail_unlisted(rows, NULL, name, err)
                     : check_row(row, item, err);
}

static int check_never(const struct reader *r, const char *name,
                       struct jg_err *err) {
  if (is_like(name, r->wire->reserved)) {
    return jg_err_set(err, JG_ERROR, "inference_params must not set '%s'",
                      name);
  }
  if (is_like(name, CALLS_OUT)) {
    return jg_err_set(err, JG_ERROR,
                      "inference_params must not set '%s': a judge rates, "
                      "and nothing of it calls out",
                      name);
  }
  return JG_OK;
}

static int check_all(const struct reader *r, const struct jg_json *params,
                     struct jg_err *err) {
  const struct jg_json *item = jg_json_first(params);
  if (jg_json_type(params) != JG_JSON_OBJECT) {
    return jg_err_set(err, JG_ERROR, "inference_params must be a JSON object");
  }
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    check_never(r, jg_json_key(item), err);
  }
  item = check_limits(r, params, err) == JG_OK ? jg_json_first(params) : NULL;
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    check_listed(r, item, err);
  }
  return err->code;
}

static int open_lists(struct reader *r, struct jg_err *err) {
  const char *table = jg_embed_get("params.json");
  const char *allowed = r->from->allowed;
  if (table == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "the build lacks the file "
                      "sql/params.json");
  }
  if (jg_json_parse(table, strlen(table), &r->table, err) == JG_OK &&
      allowed != NULL) {
    jg_json_parse(allowed, strlen(allowed), &r->allowed, err);
  }
  return err->code;
}

int jg_params_read(const struct jg_wire *wire, const char *text,
                   const struct jg_params_from *from, struct jg_json **out,
                   struct jg_err *err) {
  struct reader r = {.wire = wire, .from = from};
  *out = NULL;
  if (text == NULL || text[0] == '\0') {
    return JG_OK;
  }
  if (jg_json_parse(text, strlen(text), out, err) == JG_OK &&
      open_lists(&r, err) == JG_OK) {
    check_all(&r, *out, err);
  }
  jg_json_free(r.allowed);
  jg_json_free(r.table);
  if (err->code != JG_OK) {
    jg_json_free(*out);
    *out = NULL;
  }
  return err->code;
}

int jg_params_check(const char *model_uri, const char *text,
                    const char *allowed, struct jg_err *err) {
  struct jg_params_from from = {.allowed = allowed};
  struct jg_endpoint endpoint = {0};
  struct jg_err why = {0};
  struct jg_json *params = NULL;
  if (text == NULL) {
    return JG_OK;
  }
  if (jg_endpoint_sketch(model_uri, &endpoint, &why) == JG_OK) {
    jg_params_read(jg_wire_of(&endpoint), text, &from, &params, err);
    jg_json_free(params);
    jg_endpoint_dispose(&endpoint);
  } else if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  return err->code;
}

/* --- allow_params -------------------------------------------------------- */

#define FORM                                                                   \
  "judge_config: allow_params must be a list of names, like "                  \
  "'[\"service_tier\"]'"

static int add_name(struct jg_jsonw *w, const char *name, size_t bytes,
                    struct jg_err *err) {
  name = jg_text_trim(name, bytes, &bytes);
  if (bytes == 0 || memchr(name, '"', bytes) != NULL) {
    return jg_err_set(err, JG_ERROR, FORM);
  }
  jg_jsonw_textn(w, name, bytes);
  return JG_OK;
}

static int add_list(struct jg_jsonw *w, const struct jg_json *list,
                    struct jg_err *err) {
  const struct jg_json *item = jg_json_first(list);
  if (jg_json_type(list) != JG_JSON_ARRAY) {
    return jg_err_set(err, JG_ERROR, FORM);
  }
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    const char *name = jg_json_text(item);
    add_name(w, name == NULL ? "" : name, name == NULL ? 0 : strlen(name), err);
  }
  return err->code;
}

static int add_commas(struct jg_jsonw *w, const char *at, const char *end,
                      struct jg_err *err) {
  while (at <= end && err->code == JG_OK) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    const char *stop = comma != NULL ? comma : end;
    add_name(w, at, (size_t)(stop - at), err);
    at = stop + 1;
  }
  return err->code;
}

char *jg_params_allow(const char *text, size_t bytes, struct jg_err *err) {
  struct jg_json *list = NULL;
  struct jg_err why = {0};
  struct jg_buf to;
  struct jg_jsonw w = {.to = &to};
  const char *at = jg_text_trim(text, bytes, &bytes);
  char *taken = NULL;
  jg_buf_init(&to, JG_BUF_LIMIT_BYTES);
  jg_jsonw_array(&w);
  int json = jg_json_parse(at, bytes, &list, &why) == JG_OK;
  if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  } else if (json && is_container(list)) {
    add_list(&w, list, err);
  } else {
    add_commas(&w, at, at + bytes, err);
  }
  jg_jsonw_end_array(&w);
  if (err->code == JG_OK) {
    taken = jg_buf_take(&to, err);
  }
  jg_buf_dispose(&to);
  jg_json_free(list);
  return taken;
}
