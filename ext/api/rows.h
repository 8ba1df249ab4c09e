/*
** A table-valued function that gathers its rows when it is called: hidden
** columns are its arguments, all others its result. Read-only.
*/
#ifndef JG_API_ROWS_H
#define JG_API_ROWS_H

#include "core/value.h"
#include "run/session.h"
#include "sqlite3ext.h"

struct jg_rows; /* what was gathered */

struct jg_rows_function {
  const char *name;
  const char *declaration; /* CREATE TABLE x(a TEXT, ..., arg HIDDEN, ...) */
  int columns;             /* of the result; the arguments follow */
  int need, most;          /* arguments */
  int takes_sql;           /* an option is SQL text: not for views of a file */
  /* Adds rows with jg_rows_add(); arguments as text, NULL where not given. */
  int (*fill)(struct jg_session *session, const char *const *arguments,
              struct jg_rows *rows, struct jg_err *err);
};

/* Starts a row; its columns are set in order, NULL where skipped. */
int jg_rows_add(struct jg_rows *rows, struct jg_err *err);
void jg_rows_text(struct jg_rows *rows, int column, const char *text,
                  struct jg_err *err);
void jg_rows_int(struct jg_rows *rows, int column, int64_t x);
void jg_rows_real(struct jg_rows *rows, int column, double x); /* NaN: NULL */
/* Takes the value over. */
void jg_rows_value(struct jg_rows *rows, int column, struct jg_value *value);

/* SQLite's result code; the module holds a reference to the session. */
int jg_rows_register(struct jg_session *session,
                     const struct jg_rows_function *function);

#endif
