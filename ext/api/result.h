/* From SQLite's arguments and back to its results. */
#ifndef JG_API_RESULT_H
#define JG_API_RESULT_H

#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "run/session.h"
#include "sqlite3ext.h"

/* The session of a function. */
struct jg_session *jg_result_session(sqlite3_context *context);
/* err as the function's error: memory as SQLITE_NOMEM, an interrupt as
** SQLITE_INTERRUPT, SQLite's own codes as they are. */
void jg_result_error(sqlite3_context *context, const struct jg_err *err);
/* The buffer's text as a JSON result (subtype 'J'); the buffer is left empty.
** A buffer that failed gives its error. */
void jg_result_json(sqlite3_context *context, struct jg_buf *buf);
/* The same as plain text. */
void jg_result_text(sqlite3_context *context, struct jg_buf *buf);
/* An owned value; disposes of it. */
void jg_result_value(sqlite3_context *context, struct jg_value *value);

/* An argument as text, lent until the function returns; *bytes may be NULL.
** place counts from 0 and may be at or past count: NULL, as is an SQL NULL. A
** number or blob is an error: "judge_run: first argument (judge) must be
** text". A text with a NUL inside is one too. */
const char *jg_arg_text(sqlite3_value **values, int count, int place,
                        const char *command, const char *what, size_t *bytes,
                        struct jg_err *err);
/* The same, refusing NULL: "judge_run: first argument (judge) is missing". */
const char *jg_arg_need(sqlite3_value **values, int count, int place,
                        const char *command, const char *what, size_t *bytes,
                        struct jg_err *err);
/* A field of an item, as text: numbers as their text, blobs refused, NULL when
** absent. */
const char *jg_arg_field(sqlite3_value **values, int count, int place,
                         const char *command, const char *what,
                         struct jg_err *err);

#endif
