/*
** Strict JSON: the one reader and writer of the project, over cJSON.
**
** Reading (RFC 8259, and stricter than cJSON): the whole text must be one
** value; invalid UTF-8, raw control characters, "\u0000", lone surrogates,
** numbers such as 01 or 1e999, duplicate keys and nesting deeper than 64 are
** refused, each with its own message and byte offset. Running out of memory is
** JG_NOMEM, never a syntax error.
**
** Writing: into a jg_buf; commas and colons are the writer's work.
*/
#ifndef JG_CORE_JSON_H
#define JG_CORE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/err.h"

#define JG_JSON_DEPTH 64

enum jg_json_type {
  JG_JSON_NULL,
  JG_JSON_BOOL,
  JG_JSON_NUMBER,
  JG_JSON_TEXT,
  JG_JSON_ARRAY,
  JG_JSON_OBJECT
};

struct jg_json; /* a tree; its root is owned, everything below is lent */

int jg_json_parse(const char *text, size_t bytes, struct jg_json **out,
                  struct jg_err *err);
void jg_json_free(struct jg_json *root);
/* True when text is valid JSON and an object or an array. */
int jg_json_is_container(const char *text, size_t bytes);

/* All readers take NULL and answer as for JSON null. */
enum jg_json_type jg_json_type(const struct jg_json *item);
const struct jg_json *jg_json_get(const struct jg_json *object,
                                  const char *key); /* exact case; or NULL */
const struct jg_json *jg_json_first(const struct jg_json *container);
const struct jg_json *jg_json_next(const struct jg_json *item);
size_t jg_json_count(const struct jg_json *container);
const char *jg_json_key(const struct jg_json *member);
const char *jg_json_text(const struct jg_json *item); /* NULL unless a text */
double jg_json_number(const struct jg_json *item);    /* 0 unless a number */
int jg_json_int(const struct jg_json *item, int64_t *out); /* 1 when whole */
int jg_json_true(const struct jg_json *item);
void jg_json_write(const struct jg_json *item, struct jg_buf *to); /* compact */

/* A writer; start it with {.to = buf}. */
struct jg_jsonw {
  struct jg_buf *to;
  int comma; /* a value stands before this place */
};
void jg_jsonw_object(struct jg_jsonw *w);
void jg_jsonw_array(struct jg_jsonw *w);
void jg_jsonw_end_object(struct jg_jsonw *w);
void jg_jsonw_end_array(struct jg_jsonw *w);
void jg_jsonw_key(struct jg_jsonw *w, const char *key);
void jg_jsonw_text(struct jg_jsonw *w, const char *text); /* NULL: null */
void jg_jsonw_textn(struct jg_jsonw *w, const char *text, size_t bytes);
void jg_jsonw_int(struct jg_jsonw *w, int64_t x);
void jg_jsonw_real(struct jg_jsonw *w, double x); /* nan, inf: null */
void jg_jsonw_bool(struct jg_jsonw *w, int x);
void jg_jsonw_null(struct jg_jsonw *w);
void jg_jsonw_raw(struct jg_jsonw *w, const char *json); /* valid JSON */
/* Key and value in one call. */
void jg_jsonw_key_text(struct jg_jsonw *w, const char *key, const char *text);
void jg_jsonw_key_int(struct jg_jsonw *w, const char *key, int64_t x);
void jg_jsonw_key_real(struct jg_jsonw *w, const char *key, double x);
void jg_jsonw_key_bool(struct jg_jsonw *w, const char *key, int x);
void jg_jsonw_key_raw(struct jg_jsonw *w, const char *key, const char *json);

struct jg_value;
void jg_jsonw_value(struct jg_jsonw *w, const struct jg_value *value);

#endif
