/*
** A virtual table over plain tables of ours: the reading half and what the
** writing halves share. A struct jg_table describes one: its columns as SQL
** over a FROM clause. xBestIndex turns what SQLite asks into one SELECT, which
** EXPLAIN QUERY PLAN shows; the prepared statements are kept.
**
** Promises: 1. only the columns asked for are read. 2. Comparisons and ORDER
** BY on columns marked so are done by the plain tables' own indexes. 3. A
** statement that is not read from holds no lock.
*/
#ifndef JG_API_TABLE_H
#define JG_API_TABLE_H

#include <stdint.h>
#include "core/err.h"
#include "run/session.h"
#include "sqlite3ext.h"

/* What the modules need of the session; outlives them. */
struct jg_vtab_env {
  sqlite3 *db;
  void *ctx;
  const char *(*experiment)(void *ctx); /* of new traces; lent */
  int64_t rows_visited; /* rows read from the plain tables, ever */
  int read_only;        /* the no_network entry point: rows cannot be changed */
  sqlite3_module readers[2]; /* then: the writable modules without xUpdate */
  int reader_count;
  struct jg_session *session; /* outlives it, or is its owner */
  int writing; /* inside a write of ours: its savepoints are not the user's */
  struct jg_table_vtab *connected; /* ours; starts NULL */
};

int jg_traces_register(sqlite3 *db, struct jg_vtab_env *env);
int jg_assessments_register(sqlite3 *db, struct jg_vtab_env *env);
int jg_judges_register(sqlite3 *db, struct jg_vtab_env *env);

/* Registers a writable module, without its writing half when env says so. */
int jg_table_register(sqlite3 *db, const char *name,
                      const sqlite3_module *module, struct jg_vtab_env *env);

/* How much an equality on a column narrows a read. */
enum jg_column_key {
  JG_COLUMN_READ,   /* shown only: comparisons stay with SQLite */
  JG_COLUMN_FILTER, /* compared below, without an index */
  JG_COLUMN_RANGE,  /* an index, many rows */
  JG_COLUMN_FEW,    /* an index, a handful of rows */
  JG_COLUMN_UNIQUE  /* an index, one row */
};

struct jg_table_column {
  const char *name; /* with its type, as CREATE TABLE wants it */
  const char *sql;  /* over the FROM clause; NULL: the module fills it in */
  enum jg_column_key key;
};

#define JG_TABLE_COLUMNS 30 /* the mask of columns is an int */

struct jg_table {
  const char *name; /* of the module */
  const char *from; /* "main.judge_trace t" */
  const char *rowid;
  const struct jg_table_column *columns;
  int column_count;
  /* The SQL of a column whose sql is NULL; lent. May be NULL. */
  const char *(*column_sql)(int column);
};

struct jg_statement; /* a kept statement */
struct jg_kept;      /* rows that wait, see keep.h */

struct jg_table_vtab {
  sqlite3_vtab base; /* first: SQLite's */
  sqlite3 *db;
  struct jg_vtab_env *env;
  const struct jg_table *table;
  struct jg_statement *statements; /* kept, newest use first */
  int statement_count;
  struct jg_kept *kept;       /* of the writable ones, or NULL */
  struct jg_table_vtab *next; /* of env->connected */
  struct jg_checked_table checked;
};

/* Connects: declares the columns. The file gets no virtual table of ours: only
** temp does. */
int jg_table_connect(sqlite3 *db, struct jg_vtab_env *env,
                     const struct jg_table *table, int argc,
                     const char *const *argv, sqlite3_vtab **out, char **why);
int jg_table_disconnect(sqlite3_vtab *base);
int jg_table_best_index(sqlite3_vtab *base, sqlite3_index_info *info);
int jg_table_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out);
int jg_table_close(sqlite3_vtab_cursor *base);
int jg_table_filter(sqlite3_vtab_cursor *base, int mask, const char *sql,
                    int argc, sqlite3_value **argv);
int jg_table_next(sqlite3_vtab_cursor *base);
int jg_table_eof(sqlite3_vtab_cursor *base);
int jg_table_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                    int column);
int jg_table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid);
int jg_table_rename(sqlite3_vtab *base, const char *name);

/* Around a write of ours: JG_OK when it may begin, and then its end. While it
** lasts, constraints and triggers of the file can call nothing that sends,
** writes or sets. *before is for the end. */
int jg_table_write_begin(struct jg_table_vtab *vtab, const char **before,
                         struct jg_err *err);
void jg_table_write_end(struct jg_table_vtab *vtab, const char *before);
/* A statement of this text, prepared or out of those kept; give it back with
** jg_table_release(). NULL and err on failure: without the judge tables it says
** how to make them. */
sqlite3_stmt *jg_table_acquire(struct jg_table_vtab *vtab, const char *sql,
                               struct jg_err *err);
void jg_table_release(struct jg_table_vtab *vtab, sqlite3_stmt *stmt);
/* The text of sql/queries/<name>.sql, acquired. */
sqlite3_stmt *jg_table_query(struct jg_table_vtab *vtab, const char *name,
                             struct jg_err *err);
/* err as the table's error; JG_ERROR becomes refusal (a SQLite code):
** SQLITE_CONSTRAINT for an id that exists, else SQLITE_CONSTRAINT_TRIGGER. */
int jg_table_fail(struct jg_table_vtab *vtab, const struct jg_err *err,
                  int refusal);

#endif
