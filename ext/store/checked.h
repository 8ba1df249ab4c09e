/*
** SQL text from elsewhere: an option's, or one that a row holds. Whoever gave
** it may have copied it from a file or had it written by a view of one, and
** prepared as a statement it would have all of the host's rights. So nothing
** runs such a text but this module, which looks at its program first:
**
** 1. The text is one expression, or one SELECT, and nothing more.
** 2. Each function in the program is on the list in checked_functions.c and is
**    SQLite's own on this connection; or it is one of ours that computes from
**    its arguments alone; or judge_config('allow_function') names it. What is
**    direct-only, and load_extension, never.
** 3. Each table is a b-tree, json_each, json_tree or a table of ours.
** 4. The program that was looked at is the one that runs: a schema that changed
**    since is looked at again.
** 5. While it runs, env->running counts: what sends, spends, writes or sets
**    refuses, and no second text can run within the first.
**
** Views, generated columns and indexes on expressions are seen through, since
** EXPLAIN shows the program that SQLite made of them all. There is no authorizer
** in it: a connection has one, without a way to ask for it, and it is the
** host's.
**
**   struct jg_checked c = {.env = env, .title = "where", .text = where};
**   jg_checked_put(&sql, c.title, c.text, err);
**   c.sql = jg_buf_text(&sql);
**   for (jg_checked_open(&c, err); jg_checked_step(&c, err) == 1;) { ... }
**   jg_checked_close(&c);
*/
#ifndef JG_STORE_CHECKED_H
#define JG_STORE_CHECKED_H

#include <stddef.h>
#include "core/buf.h"
#include "core/err.h"
#include "core/options.h"
#include "sqlite3ext.h"

/* A virtual table of ours that SQLite has connected. */
struct jg_checked_table {
  const sqlite3_vtab *vtab;
  struct jg_checked_table *next;
};

/* What such text may do on this connection; hangs on the session. */
struct jg_checked_env {
  sqlite3 *db;
  int running;          /* statements with such text in a step */
  char *const *allowed; /* functions, of judge_config(); lent */
  size_t allowed_count;
  int closed;                      /* nothing can be allowed here */
  struct jg_checked_table *tables; /* those of ours */
};

/* A statement with such text in it. */
struct jg_checked {
  /* Set by the caller, and lent until it is closed. */
  struct jg_checked_env *env;
  const char *title;  /* of the option, for messages */
  struct jg_sql text; /* not given: the statement is ours alone */
  const char *sql;    /* the whole statement */
  /* Binds the statement's parameters, after each preparation; may be NULL. */
  void (*bind)(void *ctx, sqlite3_stmt *stmt, struct jg_err *err);
  void *ctx;
  /* The module's. */
  sqlite3_stmt *stmt; /* to read columns from */
  int under_way;      /* rows were read since the last rewind */
};

/* A table of ours was connected, or is about to go. */
void jg_checked_add_table(struct jg_checked_env *env,
                          struct jg_checked_table *table,
                          const sqlite3_vtab *vtab);
void jg_checked_drop_table(struct jg_checked_env *env,
                           struct jg_checked_table *table);

/* Is it one of them, as EXPLAIN shows it: "vtab:7F0123456789"? */
int jg_checked_is_ours(const struct jg_checked_env *env, const char *shown);

/* Is there a text? */
int jg_checked_given(struct jg_sql text);
/* Adds "(text)" to the SQL, when it is one expression. */
int jg_checked_put(struct jg_buf *sql, const char *title, struct jg_sql text,
                   struct jg_err *err);
/* Adds the text, when it is one SELECT. */
int jg_checked_put_select(struct jg_buf *sql, const char *title,
                          struct jg_sql text, struct jg_err *err);

/* Prepares, checks and binds. After an error there is nothing to close. */
int jg_checked_open(struct jg_checked *c, struct jg_err *err);
/* 1: a row; 0: done; -1: err. */
int jg_checked_step(struct jg_checked *c, struct jg_err *err);
/* Lets the locks go; only jg_checked_rewind() goes on from here. */
void jg_checked_pause(struct jg_checked *c);
/* Back to the start, bound anew. */
void jg_checked_rewind(struct jg_checked *c, struct jg_err *err);
void jg_checked_close(struct jg_checked *c);

/* For checked.c: JG_OK when a program may call all these functions. */
struct jg_checked_function {
  char *name;     /* owned */
  int is_builtin; /* there is one of SQLite's own by that name */
  int is_added;   /* and one that the host or an extension brought */
  int is_direct;  /* SQLITE_DIRECTONLY */
  int is_harmful; /* one that was added is not SQLITE_INNOCUOUS */
};
int jg_checked_functions(const struct jg_checked_env *env,
                         struct jg_checked_function *functions, size_t count,
                         struct jg_err *err);
/* The bytes of a function's name in P4 of a line of EXPLAIN, as in "upper(1)";
** 0: it calls none. */
size_t jg_checked_called(const char *opcode, const char *p4);
/* Is it one that may not be called but by the host's own statements? */
int jg_checked_is_direct(sqlite3 *db, const char *name, size_t bytes,
                         struct jg_err *err);

#endif
