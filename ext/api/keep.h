/*
** INSERT INTO one of our virtual tables SELECT ... FROM a plain table behind it
** would read what it writes and never end. So the rows of such a statement are
** kept and written when it has ended: in xRelease inside a transaction, in
** xSync outside. The rows of other statements that loop may be gathered, to be
** written many at a time; a single row is always written at once.
**
** Promises: 1. the rows kept belong to the statement that runs; 2. a statement
** that fails takes its kept rows with it; 3. whoever keeps a row has checked it
** (a failure in xRelease would roll back the user's whole transaction).
*/
#ifndef JG_API_KEEP_H
#define JG_API_KEEP_H

#include <stddef.h>
#include "api/table.h"

/* A kept row: values of all columns, NULL for an SQL NULL. */
struct jg_kept_row {
  sqlite3_value **values;
  int replace; /* OR REPLACE was said */
};

/* Writes kept rows in order. */
typedef int (*jg_kept_write)(struct jg_table_vtab *vtab,
                             const struct jg_kept_row *rows, size_t count,
                             struct jg_err *err);

/* What becomes of the rows of the running statement. */
enum jg_keep {
  JG_KEEP_NOT = 0, /* a single row */
  JG_KEEP_GATHER,  /* many rows: may be gathered */
  JG_KEEP_ALL      /* it reads our tables: all are kept until it has ended */
};

/* Connects a writable table, whose kept rows write() takes. */
int jg_kept_connect(sqlite3 *db, struct jg_vtab_env *env,
                    const struct jg_table *table, jg_kept_write write, int argc,
                    const char *const *argv, sqlite3_vtab **out, char **why);
int jg_kept_disconnect(sqlite3_vtab *base);
enum jg_keep jg_kept_wanted(struct jg_table_vtab *vtab, struct jg_err *err);
/* Keeps copies of the values; the first is the row's id, NULL without one. When
** gathering, a full load is written. */
int jg_kept_add(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
                struct jg_err *err);
/* Is a row with this id kept? NULL is not. */
int jg_kept_has(const struct jg_table_vtab *vtab, const char *id);
int jg_kept_any_replaces(const struct jg_kept_row *rows, size_t count);

/* For the module's table. */
int jg_kept_begin(sqlite3_vtab *base);
int jg_kept_sync(sqlite3_vtab *base);
int jg_kept_commit(sqlite3_vtab *base);
int jg_kept_rollback(sqlite3_vtab *base);
int jg_kept_savepoint(sqlite3_vtab *base, int level);
int jg_kept_release(sqlite3_vtab *base, int level);
int jg_kept_rollback_to(sqlite3_vtab *base, int level);

/* The module of a writable table, from its two own functions. */
#define JG_KEPT_MODULE(connect, update)                                        \
  {                                                                            \
    .iVersion = 2, .xCreate = connect, .xConnect = connect,                    \
    .xBestIndex = jg_table_best_index, .xDisconnect = jg_kept_disconnect,      \
    .xDestroy = jg_kept_disconnect, .xOpen = jg_table_open,                    \
    .xClose = jg_table_close, .xFilter = jg_table_filter,                      \
    .xNext = jg_table_next, .xEof = jg_table_eof, .xColumn = jg_table_column,  \
    .xRowid = jg_table_rowid, .xUpdate = update, .xBegin = jg_kept_begin,      \
    .xSync = jg_kept_sync, .xCommit = jg_kept_commit,                          \
    .xRollback = jg_kept_rollback, .xRename = jg_table_rename,                 \
    .xSavepoint = jg_kept_savepoint, .xRelease = jg_kept_release,              \
    .xRollbackTo = jg_kept_rollback_to,                                        \
  }

#endif
