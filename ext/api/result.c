/*
** Arguments in, results out: the one place that turns our errors into SQLite's.
*/
#include "api/result.h"
#include "api/api.h"
#include <assert.h>
#include <string.h>
#include "core/mem.h"
#include "run/guard.h"

SQLITE_EXTENSION_INIT3

struct jg_session *jg_result_session(sqlite3_context *context) {
  return ((struct jg_function_binding *)sqlite3_user_data(context))->session;
}

/* An interrupt, also one that ended the wait for a lock. */
static int is_interrupt(sqlite3_context *context, const struct jg_err *err) {
  return err->code == JG_INTERRUPTED ||
         (jg_guard_is_locked(err) &&
          jg_interrupt_is_set(sqlite3_context_db_handle(context)));
}

void jg_result_error(sqlite3_context *context, const struct jg_err *err) {
  assert(err->code != JG_OK);
  if (err->code == JG_NOMEM) {
    sqlite3_result_error_nomem(context);
    return;
  }
  int interrupt = is_interrupt(context, err);
  sqlite3_result_error(context, interrupt ? "interrupted" : err->text, -1);
  if (interrupt) {
    sqlite3_result_error_code(context, SQLITE_INTERRUPT);
  } else if (err->code == JG_SQLITE && err->sqlite_code > SQLITE_ERROR) {
    /* Sets the code only, when a text stands. */
    sqlite3_result_error_code(context, err->sqlite_code);
  }
}

/* 1 when the text was set as the result. */
static int take_text(sqlite3_context *context, struct jg_buf *buf) {
  struct jg_err err = {0};
  size_t bytes = buf->len;
  char *text = NULL;

  if (jg_buf_check(buf, &err) == JG_OK) {
    text = jg_buf_take(buf, &err);
  }
  if (!text) {
    jg_buf_dispose(buf);
    jg_result_error(context, &err);
    return 0;
  }
  sqlite3_result_text64(context, text, bytes, jg_mem_free, SQLITE_UTF8);
  return 1;
}

void jg_result_json(sqlite3_context *context, struct jg_buf *buf) {
  if (take_text(context, buf)) {
    sqlite3_result_subtype(context, 'J');
  }
}

void jg_result_text(sqlite3_context *context, struct jg_buf *buf) {
  (void)take_text(context, buf);
}

void jg_result_value(sqlite3_context *context, struct jg_value *value) {
  if (value->type == JG_INT) {
    sqlite3_result_int64(context, value->integer);
  } else if (value->type == JG_REAL) {
    sqlite3_result_double(context, value->real);
  } else if (value->type == JG_TEXT) {
    sqlite3_result_text64(context, value->text, value->len, SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  } else {
    sqlite3_result_null(context);
  }
  jg_value_dispose(value);
}

static const char *ordinal(int place) {
  static const char *const WORDS[] = {"first",  "second", "third",
                                      "fourth", "fifth",  "sixth"};
  return place >= 0 && place < 6 ? WORDS[place] : "last";
}

/* SQLite's text of a value, in its own memory; NULL for NULL. */
static const char *lend_text(sqlite3_value *value, int place,
                             const char *command, const char *what,
                             size_t *bytes, struct jg_err *err) {
  const char *text = (const char *)sqlite3_value_text(value);
  size_t n;

  if (!text) {
    jg_err_nomem(err);
    return NULL;
  }
  n = (size_t)sqlite3_value_bytes(value);
  if (strlen(text) != n) {
    jg_err_set(err, JG_ERROR, "%s: %s argument (%s) holds a NUL character",
               command, ordinal(place), what);
    return NULL;
  }
  if (bytes) {
    *bytes = n;
  }
  return text;
}

/* The argument unless it is absent or NULL. */
static sqlite3_value *given(sqlite3_value **values, int count, int place) {
  if (place >= count || sqlite3_value_type(values[place]) == SQLITE_NULL) {
    return NULL;
  }
  return values[place];
}

const char *jg_arg_text(sqlite3_value **values, int count, int place,
                        const char *command, const char *what, size_t *bytes,
                        struct jg_err *err) {
  sqlite3_value *value = given(values, count, place);

  if (bytes) {
    *bytes = 0;
  }
  if (!value) {
    return NULL;
  }
  if (sqlite3_value_type(value) != SQLITE_TEXT) {
    jg_err_set(err, JG_ERROR, "%s: %s argument (%s) must be text", command,
               ordinal(place), what);
    return NULL;
  }
  return lend_text(value, place, command, what, bytes, err);
}

const char *jg_arg_need(sqlite3_value **values, int count, int place,
                        const char *command, const char *what, size_t *bytes,
                        struct jg_err *err) {
  const char *text =
      jg_arg_text(values, count, place, command, what, bytes, err);

  if (!text) {
    jg_err_set(err, JG_ERROR, "%s: %s argument (%s) is missing", command,
               ordinal(place), what);
  }
  return text;
}

const char *jg_arg_field(sqlite3_value **values, int count, int place,
                         const char *command, const char *what,
                         struct jg_err *err) {
  sqlite3_value *value = given(values, count, place);

  if (!value) {
    return NULL;
  }
  if (sqlite3_value_type(value) == SQLITE_BLOB) {
    jg_err_set(err, JG_ERROR, "%s: %s argument (%s) must be text, not a blob",
               command, ordinal(place), what);
    return NULL;
  }
  return lend_text(value, place, command, what, NULL, err);
}
