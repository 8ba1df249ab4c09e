/*
** Value types: reading the declaration, fitting values to it, and what it says
** about order.
*/
#include "judge/scale.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"

#define VALUES_MAX 1000
#define VALUES_SHOWN 20              /* in messages */
#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond, doubles skip numbers */

static const char *const WORDS[] = {"str", "bool", "int", "float"};
#define WORD_COUNT (sizeof WORDS / sizeof *WORDS)

/* What people write for a type of ours, for the hint in the message. */
static const struct {
  const char *given, *meant;
} HINTS[] = {{"string", "str"},  {"text", "str"},     {"boolean", "bool"},
             {"integer", "int"}, {"number", "float"}, {"double", "float"},
             {"real", "float"},  {"numeric", "float"}};

/* ---- reading the declaration ---- */

static int is_container_word(const char *word, size_t bytes) {
  static const char *const LATER[] = {"list", "dict", "object", "array"};
  size_t i, n;
  for (i = 0; i < sizeof LATER / sizeof *LATER; i++) {
    n = strlen(LATER[i]);
    if (bytes >= n && jg_text_samen(word, n, LATER[i], n) &&
        (bytes == n || word[n] == '[')) {
      return 1;
    }
  }
  return 0;
}

static int refuse_word(const char *word, size_t bytes, struct jg_err *err) {
  struct jg_buf shown;
  const char *near = NULL;
  size_t i;
  jg_buf_init(&shown, JG_ERR_BYTES);
  jg_clean_brief(&shown, word, bytes);
  for (i = 0; i < sizeof HINTS / sizeof *HINTS && near == NULL; i++) {
    if (jg_text_same(jg_buf_text(&shown), HINTS[i].given)) {
      near = HINTS[i].meant;
    }
  }
  if (near == NULL) {
    near = jg_text_nearest(jg_buf_text(&shown), WORDS, WORD_COUNT);
  }
  jg_err_set(err, JG_ERROR,
             "feedback_value_type '%s' is unknown%s%s%s: use str, bool, int, "
             "float, or a list of the allowed values, worst to best",
             jg_buf_text(&shown), near != NULL ? " (did you mean '" : "",
             near != NULL ? near : "", near != NULL ? "'?)" : "");
  jg_buf_dispose(&shown);
  return err->code;
}

static int parse_word(const char *word, size_t bytes, struct jg_scale *out,
                      struct jg_err *err) {
  size_t i;
  for (i = 0; i < WORD_COUNT; i++) {
    if (jg_text_samen(word, bytes, WORDS[i], strlen(WORDS[i]))) {
      out->type = (enum jg_scale_type)i;
      return JG_OK;
    }
  }
  if (is_container_word(word, bytes)) {
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type '%.*s' is not supported yet: use "
                      "str, bool, int, float, or a list of the allowed values",
                      (int)(bytes > 80 ? 80 : bytes), word);
  }
  return refuse_word(word, bytes, err);
}

/* One declared value out of JSON, checked by itself. */
static int read_member(const struct jg_json *item, struct jg_value *out,
                       struct jg_err *err) {
  struct jg_value lent = {0};
  const char *text;
  size_t bytes = 0;
  switch (jg_json_type(item)) {
  case JG_JSON_NUMBER:
    *out = jg_json_int(item, &out->integer)
               ? jg_value_int(out->integer)
               : jg_value_real(jg_json_number(item));
    return JG_OK;
  case JG_JSON_TEXT:
    text = jg_json_text(item);
    text = jg_text_trim(text, strlen(text), &bytes);
    if (bytes == 0) {
      return jg_err_set(err, JG_ERROR,
                        "feedback_value_type holds an empty text: each allowed "
                        "value needs at least one character");
    }
    lent.type = JG_TEXT;
    /* Copied with its length: the trimmed part is not terminated. */
    lent.text = jg_mem_textn(text, bytes, err);
    lent.len = bytes;
    *out = lent;
    return lent.text == NULL ? (int)err->code : JG_OK;
  case JG_JSON_BOOL:
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type holds %s: use the type bool, or "
                      "texts such as \"no\" and \"yes\"",
                      jg_json_true(item) ? "true" : "false");
  case JG_JSON_ARRAY:
  case JG_JSON_OBJECT:
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type holds %s: an allowed value must be "
                      "a text or a number",
                      jg_json_type(item) == JG_JSON_ARRAY ? "a list"
                                                          : "an object");
  default:
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type holds null: an allowed value must "
                      "be a text or a number");
  }
}

/* Checks the newest value against those before it. */
static int check_member(const struct jg_scale *scale, struct jg_err *err) {
  const struct jg_value *last = &scale->values[scale->count - 1];
  struct jg_buf shown;
  size_t i;
  for (i = 0; i + 1 < scale->count; i++) {
    const struct jg_value *v = &scale->values[i];
    if ((v->type == JG_TEXT) != (last->type == JG_TEXT)) {
      return jg_err_set(err, JG_ERROR,
                        "feedback_value_type mixes texts and numbers: make all "
                        "allowed values texts or all of them numbers");
    }
    if (v->type == JG_TEXT
            ? jg_text_samen(v->text, v->len, last->text, last->len)
            : jg_value_equal(v, last)) {
      jg_buf_init(&shown, JG_ERR_BYTES);
      jg_clean_value(&shown, last);
      jg_err_set(err, JG_ERROR,
                 "feedback_value_type holds %s twice (upper and lower case "
                 "count as the same): name each allowed value once",
                 jg_buf_text(&shown));
      jg_buf_dispose(&shown);
      return err->code;
    }
  }
  return JG_OK;
}

static int parse_list(const struct jg_json *list, struct jg_scale *out,
                      struct jg_err *err) {
  const struct jg_json *item;
  size_t count = jg_json_count(list);
  if (count == 0) {
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type is an empty list: name the allowed "
                      "values, worst to best");
  }
  if (count > VALUES_MAX) {
    return jg_err_set(err, JG_ERROR,
                      "feedback_value_type holds %zu values: at most %d are "
                      "allowed",
                      count, VALUES_MAX);
  }
  out->type = JG_SCALE_LIST;
  out->values = jg_mem_new(count, sizeof *out->values, err);
  if (out->values == NULL) {
    return err->code;
  }
  for (item = jg_json_first(list); item != NULL; item = jg_json_next(item)) {
    if (read_member(item, &out->values[out->count], err) != JG_OK) {
      return err->code;
    }
    out->count++;
    if (check_member(out, err) != JG_OK) {
      return err->code;
    }
  }
  return JG_OK;
}

static int parse_json(const char *text, size_t bytes, struct jg_scale *out,
                      struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  const char *word;
  int rc;
  if (jg_json_parse(text, bytes, &root, &why) != JG_OK) {
    return why.code == JG_NOMEM
               ? jg_err_nomem(err)
               : jg_err_set(err, JG_ERROR,
                            "feedback_value_type is not valid JSON: %.500s",
                            why.text);
  }
  if (jg_json_type(root) == JG_JSON_TEXT) {
    word = jg_text_trim(jg_json_text(root), strlen(jg_json_text(root)), &bytes);
    rc = parse_word(word, bytes, out, err);
  } else if (jg_json_type(root) == JG_JSON_ARRAY) {
    rc = parse_list(root, out, err);
  } else {
    rc = jg_err_set(err, JG_ERROR,
                    "feedback_value_type as a JSON object is not supported "
                    "yet: use str, bool, int, float, or a list of the allowed "
                    "values, worst to best");
  }
  jg_json_free(root);
  return rc;
}

int jg_scale_parse(const char *text, struct jg_scale *out, struct jg_err *err) {
  size_t bytes = 0;
  int rc;
  memset(out, 0, sizeof *out);
  if (text == NULL) {
    return JG_OK;
  }
  text = jg_text_trim(text, strlen(text), &bytes);
  if (bytes == 0) {
    return JG_OK;
  }
  if (*text == '"' || *text == '[' || *text == '{') {
    rc = parse_json(text, bytes, out, err);
  } else {
    rc = parse_word(text, bytes, out, err);
  }
  if (rc != JG_OK) {
    jg_scale_dispose(out);
  }
  return rc;
}

void jg_scale_dispose(struct jg_scale *scale) {
  size_t i;
  if (scale == NULL) {
    return;
  }
  for (i = 0; i < scale->count; i++) {
    jg_value_dispose(&scale->values[i]);
  }
  jg_mem_free(scale->values);
  memset(scale, 0, sizeof *scale);
}

int jg_scale_copy(struct jg_scale *to, const struct jg_scale *from,
                  struct jg_err *err) {
  memset(to, 0, sizeof *to);
  to->type = from->type;
  if (from->count == 0) {
    return JG_OK;
  }
  to->values = jg_mem_new(from->count, sizeof *to->values, err);
  if (to->values == NULL) {
    return err->code;
  }
  while (to->count < from->count) {
    if (jg_value_copy(&to->values[to->count], &from->values[to->count], err) !=
        JG_OK) {
      jg_scale_dispose(to);
      return err->code;
    }
    to->count++;
  }
  return JG_OK;
}

static void write_values(const struct jg_scale *scale, struct jg_jsonw *w) {
  size_t i;
  jg_jsonw_array(w);
  for (i = 0; i < scale->count; i++) {
    jg_jsonw_value(w, &scale->values[i]);
  }
  jg_jsonw_end_array(w);
}

void jg_scale_write(const struct jg_scale *scale, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};
  if (scale->type == JG_SCALE_LIST) {
    write_values(scale, &w);
  } else {
    jg_buf_puts(to, WORDS[scale->type]);
  }
}

const char *jg_scale_word(const struct jg_scale *scale,
                          const struct jg_value *value) {
  if (scale->type != JG_SCALE_LIST) {
    return WORDS[scale->type];
  }
  return value->type == JG_INT    ? "int"
         : value->type == JG_REAL ? "float"
                                  : "str";
}

/* ---- fitting a value ---- */

/* Reads a whole number, exactly as long as int64 allows. */
static int whole_text(const char *text, size_t bytes, int64_t *out) {
  double x = 0;
  size_t i = 0;
  int64_t n = 0;
  int negative;
  text = jg_text_trim(text, bytes, &bytes);
  negative = bytes > 0 && text[0] == '-';
  i = negative ? 1 : 0;
  if (bytes > i && bytes - i <= 18) {
    while (i < bytes && text[i] >= '0' && text[i] <= '9') {
      n = n * 10 + (text[i++] - '0');
    }
    if (i == bytes) {
      *out = negative ? -n : n;
      return 1;
    }
  }
  if (!jg_text_number(text, bytes, &x) ||
      !(x >= -WHOLE_MAX && x <= WHOLE_MAX) || x != (double)(int64_t)x) {
    return 0;
  }
  *out = (int64_t)x;
  return 1;
}

/* The number that a value is or spells; 1 when it is one and finite. */
static int number_of(const struct jg_value *given, struct jg_value *out) {
  double x = 0;
  int64_t n = 0;
  if (given->type == JG_INT) {
    *out = jg_value_int(given->integer);
    return 1;
  }
  if (given->type == JG_REAL) {
    *out = jg_value_real(given->real);
    return given->real - given->real == 0; /* not nan, not infinite */
  }
  if (given->type != JG_TEXT) {
    return 0;
  }
  if (whole_text(given->text, given->len, &n)) {
    *out = jg_value_int(n);
    return 1;
  }
  if (!jg_text_number(given->text, given->len, &x) || x - x != 0) {
    return 0;
  }
  *out = jg_value_real(x);
  return 1;
}

static int fit_bool(const struct jg_value *given, struct jg_value *out) {
  static const struct {
    const char *word;
    int value;
  } SPELT[] = {{"true", 1},  {"yes", 1}, {"1", 1},
               {"false", 0}, {"no", 0},  {"0", 0}};
  size_t i, bytes = 0;
  const char *text;
  if (given->type == JG_INT || given->type == JG_REAL) {
    *out = jg_value_int(given->real != 0);
    return given->real == 0 || given->real == 1;
  }
  if (given->type != JG_TEXT) {
    return 0;
  }
  text = jg_text_trim(given->text, given->len, &bytes);
  for (i = 0; i < sizeof SPELT / sizeof *SPELT; i++) {
    if (jg_text_samen(text, bytes, SPELT[i].word, strlen(SPELT[i].word))) {
      *out = jg_value_int(SPELT[i].value);
      return 1;
    }
  }
  return 0;
}

static int fit_int(const struct jg_value *given, struct jg_value *out) {
  if (!number_of(given, out)) {
    return 0;
  }
  if (out->type == JG_REAL) {
    if (!(out->real >= -WHOLE_MAX && out->real <= WHOLE_MAX) ||
        out->real != (double)(int64_t)out->real) {
      return 0;
    }
    *out = jg_value_int((int64_t)out->real);
  }
  return 1;
}

static int fit_float(const struct jg_value *given, struct jg_value *out) {
  if (!number_of(given, out)) {
    return 0;
  }
  if (out->type == JG_INT) {
    *out = jg_value_real(out->real);
  }
  return 1;
}

/* A number as the text that JSON would show; text as it is. */
static int fit_str(const struct jg_value *given, struct jg_value *out,
                   struct jg_err *err) {
  struct jg_buf text;
  if (given->type == JG_NULL) {
    return 0;
  }
  if (given->type == JG_TEXT) {
    return jg_value_copy(out, given, err) == JG_OK;
  }
  jg_buf_init(&text, JG_ERR_BYTES);
  jg_clean_value(&text, given);
  memset(out, 0, sizeof *out);
  out->len = text.len;
  out->text = jg_buf_take(&text, err);
  out->type = out->text != NULL ? JG_TEXT : JG_NULL;
  return out->text != NULL;
}

/* The declared value that given means, or NULL. */
static const struct jg_value *find_declared(const struct jg_scale *scale,
                                            const struct jg_value *given,
                                            struct jg_err *err) {
  struct jg_value number = {0}, text = {0};
  const struct jg_value *found = NULL;
  const char *trimmed;
  size_t i, bytes = 0;
  assert(scale->type == JG_SCALE_LIST && scale->count > 0);
  if (scale->values[0].type != JG_TEXT) {
    for (i = 0; number_of(given, &number) && i < scale->count; i++) {
      if (jg_value_equal(&scale->values[i], &number)) {
        return &scale->values[i];
      }
    }
    return NULL;
  }
  if (!fit_str(given, &text, err)) {
    return NULL;
  }
  trimmed = jg_text_trim(text.text, text.len, &bytes);
  for (i = 0; i < scale->count && found == NULL; i++) {
    if (jg_text_samen(trimmed, bytes, scale->values[i].text,
                      scale->values[i].len)) {
      found = &scale->values[i];
    }
  }
  jg_value_dispose(&text);
  return found;
}

static void add_allowed(const struct jg_scale *scale, struct jg_buf *to) {
  size_t i;
  for (i = 0; i < scale->count && i < VALUES_SHOWN; i++) {
    jg_buf_puts(to, i > 0 ? ", " : "");
    if (scale->values[i].type == JG_TEXT) {
      jg_clean_brief(to, scale->values[i].text, scale->values[i].len);
    } else {
      jg_clean_value(to, &scale->values[i]);
    }
  }
  if (i < scale->count) {
    jg_buf_printf(to, " and %zu more", scale->count - i);
  }
}

int jg_scale_refuse(const struct jg_scale *scale, const char *judge,
                    const struct jg_value *given, struct jg_err *err) {
  struct jg_buf text;
  jg_buf_init(&text, (size_t)16 * JG_ERR_BYTES);
  jg_buf_puts(&text, "value ");
  jg_clean_value(&text, given);
  if (judge != NULL) {
    jg_buf_puts(&text, " of judge '");
    jg_clean_brief(&text, judge, strlen(judge));
    jg_buf_puts(&text, "'");
  }
  switch (scale->type) {
  case JG_SCALE_STR:
    jg_buf_puts(&text, " is no value: give a text");
    break;
  case JG_SCALE_BOOL:
    jg_buf_puts(&text, " is not a bool: use true or false (also yes or no, "
                       "1 or 0)");
    break;
  case JG_SCALE_INT:
    jg_buf_puts(&text, " is not a whole number: the type is int");
    break;
  case JG_SCALE_FLOAT:
    jg_buf_puts(&text, " is not a number: the type is float");
    break;
  case JG_SCALE_LIST:
    jg_buf_puts(&text, " is not declared: use one of ");
    add_allowed(scale, &text);
    break;
  }
  if (jg_buf_check(&text, err) == JG_OK) {
    jg_err_set(err, JG_ERROR, "%s", jg_buf_text(&text));
  }
  jg_buf_dispose(&text);
  return err->code;
}

int jg_scale_fit(const struct jg_scale *scale, const char *judge,
                 const struct jg_value *given, struct jg_value *out,
                 struct jg_err *err) {
  const struct jg_value *declared;
  struct jg_value fitted = {0};
  int fits = 0;
  memset(out, 0, sizeof *out);
  switch (scale->type) {
  case JG_SCALE_STR:
    fits = fit_str(given, &fitted, err);
    break;
  case JG_SCALE_BOOL:
    fits = fit_bool(given, &fitted);
    break;
  case JG_SCALE_INT:
    fits = fit_int(given, &fitted);
    break;
  case JG_SCALE_FLOAT:
    fits = fit_float(given, &fitted);
    break;
  case JG_SCALE_LIST:
    declared = find_declared(scale, given, err);
    fits = declared != NULL && jg_value_copy(&fitted, declared, err) == JG_OK;
    break;
  }
  if (err->code != JG_OK) {
    return err->code;
  }
  if (!fits) {
    return jg_scale_refuse(scale, judge, given, err);
  }
  *out = fitted;
  assert(out->type != JG_NULL);
  return JG_OK;
}

/* ---- what the type says about values ---- */

int jg_scale_position(const struct jg_scale *scale,
                      const struct jg_value *value) {
  size_t i;
  if (scale->type == JG_SCALE_BOOL) {
    return value->type == JG_INT && (value->integer == 0 || value->integer == 1)
               ? (int)value->integer
               : -1;
  }
  for (i = 0; i < scale->count; i++) {
    if (jg_value_equal(&scale->values[i], value)) {
      return (int)i;
    }
  }
  return -1;
}

int jg_scale_is_ordered(const struct jg_scale *scale) {
  return scale->type == JG_SCALE_INT || scale->type == JG_SCALE_FLOAT ||
         (scale->type == JG_SCALE_LIST && scale->count > 2);
}

int jg_scale_is_negative(const struct jg_scale *scale,
                         const struct jg_value *value) {
  size_t bytes = 0;
  const char *text;
  int position = jg_scale_position(scale, value);
  if (scale->type == JG_SCALE_LIST || scale->type == JG_SCALE_BOOL) {
    size_t count = scale->type == JG_SCALE_BOOL ? 2 : scale->count;
    return position >= 0 && (size_t)position < count / 2;
  }
  if (value->type == JG_INT || value->type == JG_REAL) {
    return value->real == 0;
  }
  if (value->type != JG_TEXT) {
    return 0;
  }
  text = jg_text_trim(value->text, value->len, &bytes);
  return jg_text_samen(text, bytes, "no", 2) ||
         jg_text_samen(text, bytes, "false", 5) ||
         jg_text_samen(text, bytes, "0", 1);
}

/* integer, number or string: what all declared values are. */
static const char *list_schema_type(const struct jg_scale *scale) {
  size_t i;
  assert(scale->count > 0);
  if (scale->values[0].type == JG_TEXT) {
    return "string";
  }
  for (i = 0; i < scale->count; i++) {
    if (scale->values[i].type != JG_INT) {
      return "number";
    }
  }
  return "integer";
}

void jg_scale_schema(const struct jg_scale *scale, const char *description,
                     struct jg_jsonw *w) {
  static const char *const TYPES[] = {"string", "boolean", "integer", "number"};
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "type",
                    scale->type == JG_SCALE_LIST ? list_schema_type(scale)
                                                 : TYPES[scale->type]);
  if (scale->type == JG_SCALE_LIST) {
    jg_jsonw_key(w, "enum");
    write_values(scale, w);
  }
  if (description != NULL) {
    jg_jsonw_key_text(w, "description", description);
  }
  jg_jsonw_end_object(w);
}
