/*
** Reading a model's answer. Strict about the form, since a model that adds text
** or keys may have been talked into it. Two habits are allowed for: a code
** fence around the object, and line breaks and tabs that stand in a text as they
** are, as grammars of local servers let models write them.
*/
#include "judge/verdict.h"

#include <assert.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"

#define RAW_BYTES 100000

/* The refused text, valid UTF-8 and cut. */
static char *keep_raw(const char *text, size_t bytes, struct jg_err *err) {
  struct jg_buf raw;
  char *out;
  jg_buf_init(&raw, JG_BUF_LIMIT_BYTES);
  /* Cut first, so that a huge text is not cleaned as a whole; and again,
  ** because U+FFFD is longer than the byte it stands for. */
  jg_clean_add(&raw, text, bytes > RAW_BYTES ? RAW_BYTES : bytes);
  if (raw.failed == JG_OK && raw.len > RAW_BYTES) {
    raw.len = jg_text_cut(raw.data, raw.len, RAW_BYTES);
    raw.data[raw.len] = 0;
  }
  out = jg_buf_take(&raw, err);
  jg_buf_dispose(&raw);
  return out;
}

static int fail(struct jg_verdict *out, const char *code, const char *message,
                const char *raw, size_t raw_bytes, struct jg_err *err) {
  assert(code != NULL && message != NULL);
  jg_verdict_dispose(out);
  out->error_code = jg_mem_text(code, err);
  out->error_message = jg_mem_text(message, err);
  out->raw = raw != NULL ? keep_raw(raw, raw_bytes, err) : NULL;
  if (err->code != JG_OK) {
    jg_verdict_dispose(out);
  }
  return err->code;
}

int jg_verdict_fail(struct jg_verdict *out, const char *code,
                    const char *message, const char *raw, struct jg_err *err) {
  memset(out, 0, sizeof *out);
  return fail(out, code, message, raw, raw != NULL ? strlen(raw) : 0, err);
}

void jg_verdict_dispose(struct jg_verdict *verdict) {
  if (verdict == NULL) {
    return;
  }
  jg_value_dispose(&verdict->value);
  jg_mem_free(verdict->rationale);
  jg_mem_free(verdict->error_code);
  jg_mem_free(verdict->error_message);
  jg_mem_free(verdict->raw);
  memset(verdict, 0, sizeof *verdict);
}

/* ---- form ---- */

static int is_info(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
}

/* What stands inside a fence around the whole text; else the text. */
static const char *inside_fence(const char *text, size_t *bytes) {
  size_t from = 3;
  size_t n = *bytes;
  if (n < 6 || memcmp(text, "```", 3) != 0 ||
      memcmp(text + n - 3, "```", 3) != 0) {
    return text;
  }
  while (from < n - 3 && is_info(text[from])) {
    from++;
  }
  return jg_text_trim(text + from, n - 3 - from, bytes);
}

/* Adds the text with line breaks and tabs inside JSON strings escaped. */
static void add_escaped(struct jg_buf *to, const char *text, size_t bytes) {
  int in_text = 0;
  size_t i;
  for (i = 0; i < bytes; i++) {
    char c = text[i];
    if (in_text && c == '\\' && i + 1 < bytes) {
      jg_buf_add(to, text + i++, 2);
    } else if (in_text && (c == '\n' || c == '\r' || c == '\t')) {
      jg_buf_puts(to, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else {
      in_text ^= c == '"';
      jg_buf_putc(to, c);
    }
  }
}

static int parse_escaped(const char *text, size_t bytes, struct jg_json **root,
                         struct jg_err *why) {
  struct jg_buf escaped;
  jg_buf_init(&escaped, JG_BUF_LIMIT_BYTES);
  add_escaped(&escaped, text, bytes);
  if (jg_buf_check(&escaped, why) == JG_OK) {
    jg_json_parse(jg_buf_text(&escaped), escaped.len, root, why);
  }
  jg_buf_dispose(&escaped);
  return why->code;
}

static const char *type_name(enum jg_json_type type) {
  static const char *const NAMES[] = {"null",   "true or false", "a number",
                                      "a text", "a list",        "an object"};
  return NAMES[type];
}

/* ---- value ---- */

/* Does the bool judge take this JSON? true, false, and these four texts. */
static int is_bool_json(const struct jg_json *item) {
  static const char *const TEXTS[] = {"true", "false", "yes", "no"};
  const char *text = jg_json_text(item);
  size_t i, bytes;
  if (text == NULL) {
    return jg_json_type(item) == JG_JSON_BOOL;
  }
  text = jg_text_trim(text, strlen(text), &bytes);
  for (i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
    if (jg_text_samen(text, bytes, TEXTS[i], strlen(TEXTS[i]))) {
      return 1;
    }
  }
  return 0;
}

/* Is this kind of JSON value one that the type can be made from? */
static int is_right_kind(const struct jg_scale *scale,
                         const struct jg_json *item) {
  if (scale->type == JG_SCALE_BOOL) {
    return is_bool_json(item);
  }
  return jg_json_type(item) == JG_JSON_NUMBER ||
         jg_json_type(item) == JG_JSON_TEXT;
}

/* Fits a JSON value to the judge's type: code JG_ERROR names what is wrong. */
static int fit(const struct jg_judge *judge, const struct jg_json *item,
               struct jg_value *out, struct jg_err *err) {
  struct jg_value given = {0};
  struct jg_buf text;
  int rc;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(item, &text);
  if (jg_buf_check(&text, err) != JG_OK) {
    jg_buf_dispose(&text);
    return err->code;
  }
  if (jg_json_type(item) == JG_JSON_BOOL &&
      judge->scale.type == JG_SCALE_BOOL) {
    given = jg_value_int(jg_json_true(item));
  } else if (jg_json_type(item) == JG_JSON_TEXT) {
    given = jg_value_lend(jg_json_text(item));
  } else if (jg_json_type(item) == JG_JSON_NUMBER &&
             judge->scale.type != JG_SCALE_STR) {
    given = jg_json_int(item, &given.integer)
                ? jg_value_int(given.integer)
                : jg_value_real(jg_json_number(item));
  } else {
    given = jg_value_lend(jg_buf_text(&text)); /* its JSON text */
  }
  if (is_right_kind(&judge->scale, item)) {
    rc = jg_scale_fit(&judge->scale, judge->name, &given, out, err);
  } else {
    rc = jg_scale_refuse(&judge->scale, judge->name, &given, err);
  }
  jg_buf_dispose(&text);
  return rc;
}

/* The rationale, whatever it is, as text. */
static char *read_rationale(const struct jg_json *item, struct jg_err *err) {
  struct jg_buf text;
  char *out;
  if (jg_json_type(item) == JG_JSON_NULL) {
    return jg_mem_text("", err);
  }
  if (jg_json_type(item) == JG_JSON_TEXT) {
    return jg_mem_text(jg_json_text(item), err);
  }
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(item, &text);
  out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return out;
}

static int read_object(const struct jg_judge *judge,
                       const struct jg_json *object, const char *raw,
                       size_t raw_bytes, struct jg_verdict *out,
                       struct jg_err *err) {
  struct jg_err why = {0};
  const struct jg_json *result = jg_json_get(object, "result");
  if (result == NULL) {
    return fail(out, "MISSING_RESULT",
                "the answer has no key \"result\": it must be an object with "
                "\"result\" and \"rationale\"",
                raw, raw_bytes, err);
  }
  if (fit(judge, result, &out->value, &why) != JG_OK) {
    return why.code == JG_NOMEM
               ? jg_err_nomem(err)
               : fail(out, "INVALID_VALUE", why.text, raw, raw_bytes, err);
  }
  out->rationale = read_rationale(jg_json_get(object, "rationale"), err);
  return err->code;
}

int jg_verdict_parse(const struct jg_judge *judge, const char *text,
                     size_t bytes, struct jg_verdict *out, struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  struct jg_buf message;
  const char *body;
  size_t body_bytes = 0;
  memset(out, 0, sizeof *out);
  body = jg_text_trim(text, bytes, &body_bytes);
  body = inside_fence(body, &body_bytes);
  if (parse_escaped(body, body_bytes, &root, &why) == JG_OK &&
      jg_json_type(root) == JG_JSON_OBJECT) {
    read_object(judge, root, text, bytes, out, err);
  } else if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  } else {
    jg_buf_init(&message, (size_t)2 * JG_ERR_BYTES);
    jg_buf_printf(&message, "the answer is not one JSON object: %s",
                  why.code != JG_OK ? why.text : "it is ");
    jg_buf_puts(&message,
                why.code != JG_OK ? "" : type_name(jg_json_type(root)));
    if (jg_buf_check(&message, err) == JG_OK) {
      fail(out, "INVALID_JSON", jg_buf_text(&message), text, bytes, err);
    }
    jg_buf_dispose(&message);
  }
  jg_json_free(root);
  if (err->code != JG_OK) {
    jg_verdict_dispose(out);
  }
  return err->code;
}
