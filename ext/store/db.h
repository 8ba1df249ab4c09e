/*
** Short names for SQLite statements: SQL comes from sql/queries/ by name or is
** a line or two; values are bound; the first failure sticks in err.
*/
#ifndef JG_STORE_DB_H
#define JG_STORE_DB_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "core/value.h"
#include "sqlite3ext.h"

/* NULL and err on failure. Finalize with sqlite3_finalize(). */
sqlite3_stmt *jg_db_prepare(sqlite3 *db, const char *sql, struct jg_err *err);
/* The text of sql/queries/<name>.sql, prepared. */
sqlite3_stmt *jg_db_query(sqlite3 *db, const char *name, struct jg_err *err);
/* The same, prepared at its first use and kept in *kept, which the caller
** finalizes when the command ends: nothing of ours stays on the connection. */
sqlite3_stmt *jg_db_kept(sqlite3 *db, const char *name, sqlite3_stmt **kept,
                         struct jg_err *err);
/* Binds by name ("@trace_id"); a name the statement lacks is ignored. Does
** nothing when stmt is NULL or err is set. Text is bound SQLITE_TRANSIENT. */
void jg_db_bind_text(sqlite3_stmt *stmt, const char *name, const char *text,
                     struct jg_err *err); /* NULL binds NULL */
void jg_db_bind_int(sqlite3_stmt *stmt, const char *name, int64_t x,
                    struct jg_err *err);
void jg_db_bind_real(sqlite3_stmt *stmt, const char *name, double x,
                     struct jg_err *err);
/* The bytes are lent until the statement is finalized. */
void jg_db_bind_blob(sqlite3_stmt *stmt, const char *name, const void *blob,
                     size_t bytes, struct jg_err *err);
void jg_db_bind_value(sqlite3_stmt *stmt, const char *name,
                      const struct jg_value *value, struct jg_err *err);
/* 1: a row; 0: done; -1: err is set (interrupt: JG_INTERRUPTED; memory:
** JG_NOMEM). Returns -1 at once when err is set already. */
int jg_db_step(sqlite3_stmt *stmt, struct jg_err *err);
/* Runs a text of one or many statements; for the schema's, which are ours. */
void jg_db_exec(sqlite3 *db, const char *sql, struct jg_err *err);
/* Steps to the end and finalizes. Returns err's code. */
int jg_db_run(sqlite3_stmt *stmt, struct jg_err *err);
/* Makes a kept statement ready for its next use, its texts let go. */
void jg_db_reset(sqlite3_stmt *stmt);
/* Column readers; text is owned by the caller (jg_mem), NULL for NULL. */
char *jg_db_text(sqlite3_stmt *stmt, int column, struct jg_err *err);
void jg_db_value(sqlite3_stmt *stmt, int column, struct jg_value *out,
                 struct jg_err *err); /* owned copy */
void jg_value_from_sqlite(sqlite3_value *from, struct jg_value *out,
                          struct jg_err *err); /* owned copy */
/* Sets err from the connection's state after rc failed. */
int jg_db_fail(sqlite3 *db, int rc, struct jg_err *err);

/* The file's schema version; 0 when it has none of our tables. */
int jg_schema_stored(sqlite3 *db, struct jg_err *err);
/* Creates or migrates the tables; *version is the schema version now. A newer
** file than this build knows is a clear error. */
int jg_schema_init(sqlite3 *db, int *version, struct jg_err *err);
/* Error "no judge tables in this database: SELECT judge_init()" unless the
** schema is there and current. */
int jg_schema_require(sqlite3 *db, struct jg_err *err);

#endif
