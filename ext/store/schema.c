/*
** The tables of the file: sql/schema/NNN_*.sql, run in order of their numbers.
** judge_meta holds the number reached. A new file begins with number WHOLE,
** which makes everything; a file of a lower number, which had many shapes, is
** brought to that of WHOLE by store/reshape.h. The numbers from there to
** TOGETHER had several shapes as well, which it brings to one in the same way.
**
** A migration is all or nothing without BEGIN or SAVEPOINT, which an interrupt
** would leave open: in autocommit SQLite commits when the last statement that
** writes has ended, so one stays at its RETURNING row while the others run. It
** writes a table in temp, so that all of the file, judge_meta included, is made
** in one piece. To fail is to run a statement OR ROLLBACK. Inside the caller's
** transaction all of it is the caller's to commit or roll back.
**
** Two connections may come at once: the version is read again once this one
** holds the file's lock, and may then be what it wants already.
*/
#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "store/db.h"
#include "store/reshape.h"

SQLITE_EXTENSION_INIT3

#define PREFIX "schema/"
#define WHOLE 2
#define TOGETHER 6

/* The number a file's name begins with. */
static int number_of(const struct jg_embed *file) {
  const char *digit = file->name + strlen(PREFIX);
  int n = 0;
  while (*digit >= '0' && *digit <= '9') {
    n = n * 10 + (*digit++ - '0');
  }
  return n;
}

static int newest_known(void) {
  const struct jg_embed *file;
  size_t at = 0;
  int newest = 0;
  while ((file = jg_embed_next(PREFIX, &at)) != NULL) {
    newest = number_of(file) > newest ? number_of(file) : newest;
  }
  return newest;
}

/* Is there a judge_meta, of ours or not? */
static int has_meta(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      db, "SELECT 1 FROM main.sqlite_schema WHERE name = 'judge_meta'", err);
  int there = jg_db_step(stmt, err);
  sqlite3_finalize(stmt);
  return there == 1;
}

int jg_schema_stored(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt;
  int version = 0;
  if (!has_meta(db, err)) {
    return 0;
  }
  stmt = jg_db_query(db, "schema_version", err);
  if (jg_db_step(stmt, err) == 1) {
    version = sqlite3_column_int(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return version;
}

static int refuse_newer(int version, struct jg_err *err) {
  return jg_err_set(err, JG_ERROR,
                    "the judge tables of this file have schema version %d and"
                    " this build knows up to %d: load a newer sqlite-judge",
                    version, newest_known());
}

static void record(sqlite3 *db, int version, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      db, "INSERT OR REPLACE INTO main.judge_meta VALUES('schema_version', @v)",
      err);
  jg_db_bind_int(stmt, "@v", version, err);
  jg_db_run(stmt, err);
}

static void reshape(sqlite3 *db, const char *model, struct jg_err *err) {
  jg_reshape(db, model, err);
  jg_db_run(jg_db_query(db, "schema_fill", err), err);
}

/* To what WHOLE and its successors make. */
static void bring_together(sqlite3 *db, struct jg_err *err) {
  const struct jg_embed *file;
  struct jg_buf model;
  size_t at = 0;
  jg_buf_init(&model, JG_BUF_LIMIT_BYTES);
  while ((file = jg_embed_next(PREFIX, &at)) != NULL) {
    if (number_of(file) >= WHOLE && number_of(file) < TOGETHER) {
      jg_buf_puts(&model, file->text);
    }
  }
  if (jg_buf_check(&model, err) == JG_OK) {
    reshape(db, jg_buf_text(&model), err);
  }
  jg_buf_dispose(&model);
}

/* The embedded files stand sorted by name, so by number. */
static void migrate(sqlite3 *db, int from, struct jg_err *err) {
  const struct jg_embed *file;
  size_t at = 0;
  while (err->code == JG_OK && (file = jg_embed_next(PREFIX, &at)) != NULL) {
    if (number_of(file) > from) {
      if (from > 0 && number_of(file) == WHOLE) {
        reshape(db, file->text, err);
      } else if (from >= WHOLE && number_of(file) == TOGETHER) {
        bring_together(db, err);
      } else {
        jg_db_exec(db, file->text, err);
      }
      record(db, number_of(file), err);
    }
  }
}

/* Does a migration make a table or view of that name? */
static int is_made(const char *name, int from) {
  const struct jg_embed *file;
  size_t at = 0, bytes = strlen(name);
  while ((file = jg_embed_next(PREFIX, &at)) != NULL) {
    const char *found = number_of(file) > from ? file->text : NULL;
    while (found != NULL && (found = strstr(found, "CREATE ")) != NULL) {
      found += strlen("CREATE ");
      found += strncmp(found, "TABLE ", 6) == 0 ? 6 : 5;
      if (strncmp(found, name, bytes) == 0 &&
          strchr(" (", found[bytes]) != NULL) {
        return 1;
      }
    }
  }
  return 0;
}

/* A table in temp hides ours from the statements that make our triggers. */
static void refuse_hidden(sqlite3 *db, int from, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      db,
      "SELECT name, type FROM temp.sqlite_schema"
      " WHERE type IN ('table', 'view') AND name LIKE 'judge!_%' ESCAPE '!'",
      err);
  while (jg_db_step(stmt, err) == 1) {
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    const char *type = (const char *)sqlite3_column_text(stmt, 1);
    if (name != NULL && type != NULL && is_made(name, from)) {
      jg_err_set(err, JG_ERROR,
                 "judge_init: the temporary %s %s hides the one to be made:"
                 " DROP %s temp.%s, then run judge_init() again",
                 type, name, type[0] == 't' ? "TABLE" : "VIEW", name);
    }
  }
  sqlite3_finalize(stmt);
}

/* The row of the table that a CREATE TABLE AS is making has no text yet, which
** ALTER TABLE takes for a fault of the schema. */
static int has_half_made(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt =
      jg_db_prepare(db,
                    "SELECT 1 FROM main.sqlite_schema WHERE type IS NULL"
                    " UNION ALL"
                    " SELECT 1 FROM temp.sqlite_schema WHERE type IS NULL",
                    err);
  int there = jg_db_step(stmt, err);
  sqlite3_finalize(stmt);
  return there == 1;
}

/* A statement that writes may hold on to a table that is about to be read anew,
** which nothing else than a migration does. */
static void refuse_writers(sqlite3 *db, int from, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  int refuse = from > 0 || has_half_made(db, err);
  while (refuse && (stmt = sqlite3_next_stmt(db, stmt)) != NULL) {
    if (sqlite3_stmt_busy(stmt) && !sqlite3_stmt_readonly(stmt)) {
      jg_err_set(err, JG_ERROR,
                 "judge_init: this file's tables are %s, which cannot be done"
                 " inside a statement that writes: run SELECT judge_init()"
                 " alone",
                 from > 0 ? "brought up to date" : "made");
    }
  }
}

/* A statement that keeps a transaction open until it is finalized. */
static sqlite3_stmt *hold(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt;
  jg_db_exec(db, "CREATE TEMP TABLE IF NOT EXISTS judge_hold(x UNIQUE)", err);
  jg_db_exec(db, "DELETE FROM temp.judge_hold", err);
  stmt = jg_db_prepare(db, "INSERT INTO temp.judge_hold VALUES(1) RETURNING x",
                       err);
  jg_db_step(stmt, err);
  return stmt;
}

/* Undoes all since hold(): the statement must fail. */
static void undo(sqlite3 *db) {
  struct jg_err expected = {0};
  jg_db_exec(db, "INSERT OR ROLLBACK INTO temp.judge_hold VALUES(1)",
             &expected);
}

/* Takes the file's lock; the version that it has then. */
static int lock(sqlite3 *db, struct jg_err *err) {
  jg_db_exec(
      db,
      "CREATE TABLE IF NOT EXISTS main.judge_meta("
      "key TEXT NOT NULL PRIMARY KEY, value TEXT);"
      "INSERT OR IGNORE INTO main.judge_meta VALUES('schema_version', 0)",
      err);
  return err->code == JG_OK ? jg_schema_stored(db, err) : 0;
}

static int upgrade(sqlite3 *db, struct jg_err *err) {
  struct jg_err ignored = {0};
  int alone = sqlite3_get_autocommit(db);
  sqlite3_stmt *holding = hold(db, err);
  int have = lock(db, err);
  int rc;
  migrate(db, have, err);
  if (err->code != JG_OK && alone) {
    undo(db); /* does nothing while an interrupt lasts, and then */
  }
  if (err->code == JG_INTERRUPTED) {
    sqlite3_step(holding); /* fails, and SQLite rolls all of it back */
  }
  rc = sqlite3_finalize(holding);
  if (rc != SQLITE_OK && err->code == JG_OK) {
    jg_db_fail(db, rc, err);
  }
  jg_db_exec(db, "DROP TABLE IF EXISTS temp.judge_hold", &ignored);
  return err->code;
}

/* A name of ours that is taken: by another program, by a column that the user
** added, or by our own tables when judge_meta was lost. */
static void add_remedy(struct jg_err *err) {
  struct jg_err told = *err;
  if (err->code == JG_SQLITE && (strstr(err->text, " already exists") ||
                                 strstr(err->text, "duplicate column name"))) {
    jg_err_clear(err);
    jg_err_set(err, JG_SQLITE,
               "judge_init: %.400s, and judge_init() did not make it: rename "
               "it, or use another file",
               told.text);
    err->sqlite_code = told.sqlite_code;
  }
}

int jg_schema_init(sqlite3 *db, int *version, struct jg_err *err) {
  int have = jg_schema_stored(db, err);
  *version = have;
  if (err->code != JG_OK) {
    return err->code;
  }
  if (have > newest_known()) {
    return refuse_newer(have, err);
  }
  if (have < newest_known()) {
    refuse_hidden(db, have, err);
    refuse_writers(db, have, err);
    if (err->code == JG_OK && upgrade(db, err) == JG_OK) {
      *version = newest_known();
    }
  }
  add_remedy(err);
  return err->code;
}

int jg_schema_require(sqlite3 *db, struct jg_err *err) {
  int have = jg_schema_stored(db, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  if (have == 0) {
    return jg_err_set(err, JG_ERROR,
                      "no judge tables in this database: SELECT judge_init()");
  }
  if (have > newest_known()) {
    return refuse_newer(have, err);
  }
  if (have < newest_known()) {
    return jg_err_set(err, JG_ERROR,
                      "the judge tables have schema version %d and this build"
                      " wants %d: SELECT judge_init()",
                      have, newest_known());
  }
  return JG_OK;
}
