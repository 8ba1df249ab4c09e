/*
** The virtual table traces: judge_trace with its expectations as one JSON
** object, readable and writable.
*/
#include <string.h>

#include "api/keep.h"
#include "api/table.h"
#include "api/table_write.h"
#include "core/embed.h"
#include "core/text.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

enum { TRACE_ID, EXPECTATIONS = 7, COLUMNS = 13, OWN_EXPERIMENT = 14 };

static const struct jg_table_column COLUMN[COLUMNS] = {
    {"trace_id TEXT", "t.trace_id", JG_COLUMN_UNIQUE},
    {"experiment TEXT", "t.experiment", JG_COLUMN_RANGE},
    {"request_time BIGINT", "t.request_time", JG_COLUMN_RANGE},
    {"duration_ms INTEGER", "t.duration_ms", JG_COLUMN_FILTER},
    {"state TEXT", "t.state", JG_COLUMN_FILTER},
    {"inputs TEXT", "t.inputs", JG_COLUMN_FILTER},
    {"outputs TEXT", "t.outputs", JG_COLUMN_FILTER},
    {"expectations TEXT", NULL, JG_COLUMN_READ},
    {"session_id TEXT", "t.session_id", JG_COLUMN_FEW},
    {"user_id TEXT", "t.user_id", JG_COLUMN_FILTER},
    {"tags TEXT", "t.tags", JG_COLUMN_FILTER},
    {"metadata TEXT", "t.metadata", JG_COLUMN_FILTER},
    {"spans TEXT", "t.spans", JG_COLUMN_FILTER},
};

/* Empty texts of .import that stand for NULL: all but inputs and outputs. */
#define EMPTIES (((1 << COLUMNS) - 1) & ~(1 << 5 | 1 << 6))

/* Without the comment at the top: query plans show this. */
static const char *expectations_sql(int column) {
  const char *sql = jg_embed_get("queries/trace_expectations.sql");
  (void)column;
  return sql + strcspn(sql, "(");
}

static const struct jg_table TABLE = {"traces",  "main.judge_trace t",
                                      "t.rowid", COLUMN,
                                      COLUMNS,   expectations_sql};

static int has_expectations(sqlite3_value *value) {
  return value && sqlite3_value_bytes(value) > 0;
}

static int check(struct jg_table_vtab *vtab, sqlite3_value **values,
                 int *duplicate, struct jg_err *err) {
  return jg_table_check(vtab, "trace_check", values, EMPTIES, duplicate, err);
}

/* Gives the trace of this rowid the expectations of an object. */
static int expect(struct jg_table_vtab *vtab, sqlite3_int64 rowid,
                  sqlite3_value *object, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_table_query(vtab, "trace_expect", err);
  sqlite3_stmt *id = jg_table_acquire(
      vtab, "SELECT trace_id FROM main.judge_trace WHERE rowid = ?1", err);
  if (err->code == JG_OK) {
    sqlite3_bind_int64(id, 1, rowid);
    if (jg_db_step(id, err) == 1) {
      sqlite3_bind_value(stmt, 1, sqlite3_column_value(id, 0));
      sqlite3_bind_value(stmt, 2, object);
    }
  }
  jg_table_release(vtab, id);
  return jg_table_run(vtab, stmt, err);
}

/* The rowid of a trace that was there before. */
static sqlite3_int64 rowid_of(struct jg_table_vtab *vtab, sqlite3_value *id,
                              struct jg_err *err) {
  sqlite3_int64 rowid = 0;
  sqlite3_stmt *stmt = jg_table_acquire(
      vtab, "SELECT rowid FROM main.judge_trace WHERE trace_id = ?1", err);
  if (stmt) {
    sqlite3_bind_value(stmt, 1, id);
    if (jg_db_step(stmt, err) == 1) {
      rowid = sqlite3_column_int64(stmt, 0);
    }
  }
  jg_table_release(vtab, stmt);
  return rowid;
}

/* Writes a row; *rowid is its number. A trace whose expectations fail is taken
** back: SQLite keeps no statement journal for a single row. */
static int put(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
               sqlite3_int64 *rowid, struct jg_err *err) {
  struct jg_err undo = {0};
  sqlite3_stmt *stmt =
      jg_table_query(vtab, replace ? "trace_replace" : "trace_insert", err);
  sqlite3_int64 before = replace ? rowid_of(vtab, values[TRACE_ID], err) : 0;
  jg_table_bind(vtab, stmt, values, EMPTIES, err);
  if (stmt && err->code == JG_OK) {
    sqlite3_bind_text(stmt, OWN_EXPERIMENT,
                      vtab->env->experiment(vtab->env->ctx), -1,
                      SQLITE_TRANSIENT);
  }
  if (jg_table_run(vtab, stmt, err) != JG_OK) {
    return err->code;
  }
  *rowid = before ? before : sqlite3_last_insert_rowid(vtab->db);
  if (has_expectations(values[EXPECTATIONS]) &&
      expect(vtab, *rowid, values[EXPECTATIONS], err) != JG_OK && !before) {
    jg_table_delete(vtab, "judge_trace", *rowid, &undo);
  }
  return err->code;
}

/* Rows that one statement can write: no expectations, no OR REPLACE. */
static int are_plain(const struct jg_kept_row *rows, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    if (has_expectations(rows[i].values[EXPECTATIONS])) {
      return 0;
    }
  }
  return !jg_kept_any_replaces(rows, count);
}

static int write_kept(struct jg_table_vtab *vtab,
                      const struct jg_kept_row *rows, size_t count,
                      struct jg_err *err) {
  sqlite3_int64 rowid;
  size_t i = 0;
  if (are_plain(rows, count)) {
    i = jg_table_put_many(vtab, "trace_insert_many",
                          vtab->env->experiment(vtab->env->ctx), rows, count,
                          EMPTIES, err);
  }
  for (; i < count && err->code == JG_OK; i++) {
    put(vtab, rows[i].values, rows[i].replace, &rowid, err);
  }
  return err->code;
}

static int duplicate_kept(sqlite3_value *id, struct jg_err *err) {
  return jg_err_set(err, JG_ERROR,
                    "trace_id '%s' appears twice in one statement (use INSERT "
                    "OR IGNORE or OR REPLACE)",
                    (const char *)sqlite3_value_text(id));
}

/* Checks and keeps a row. */
static int keep(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
                int *duplicate, struct jg_err *err) {
  check(vtab, values, duplicate, err);
  if (replace && *duplicate) {
    jg_err_clear(err);
  }
  if (err->code == JG_OK && !replace &&
      jg_kept_has(vtab, (const char *)sqlite3_value_text(values[TRACE_ID]))) {
    *duplicate = 1;
    duplicate_kept(values[TRACE_ID], err);
  }
  return err->code == JG_OK ? jg_kept_add(vtab, values, replace, err)
                            : (int)err->code;
}

/* The reason in words, in place of what the constraint said. */
static void explain(struct jg_table_vtab *vtab, sqlite3_value **values,
                    int *duplicate, struct jg_err *err) {
  struct jg_err why = {0};
  if (err->code == JG_SQLITE && jg_table_refused(err) &&
      check(vtab, values, duplicate, &why) != JG_OK) {
    *err = why;
  }
}

/* Ids travel in JSON, which holds valid text only. */
static int check_utf8(sqlite3_value *id, struct jg_err *err) {
  if (sqlite3_value_type(id) == SQLITE_TEXT) {
    const char *text = (const char *)sqlite3_value_text(id);
    if (text && !jg_text_is_utf8(text, (size_t)sqlite3_value_bytes(id))) {
      return jg_err_set(err, JG_ERROR, "trace_id '%.200s' is not valid UTF-8",
                        text);
    }
  }
  return err->code;
}

static int insert(struct jg_table_vtab *vtab, sqlite3_value **values,
                  sqlite3_int64 *rowid) {
  struct jg_err err = {0};
  int replace = sqlite3_vtab_on_conflict(vtab->db) == SQLITE_REPLACE;
  int duplicate = 0;
  *rowid = sqlite3_last_insert_rowid(vtab->db);
  if (check_utf8(values[TRACE_ID], &err) != JG_OK) {
    return jg_table_fail(vtab, &err, SQLITE_CONSTRAINT_TRIGGER);
  }
  if (jg_kept_wanted(vtab, &err) != JG_KEEP_NOT) {
    keep(vtab, values, replace, &duplicate, &err);
  } else {
    if (has_expectations(values[EXPECTATIONS])) {
      check(vtab, values, &duplicate, &err);
      if (replace && duplicate) {
        jg_err_clear(&err);
      }
    }
    put(vtab, values, replace, rowid, &err);
    explain(vtab, values, &duplicate, &err);
  }
  return jg_table_fail(vtab, &err,
                       duplicate && !replace ? SQLITE_CONSTRAINT
                                             : SQLITE_CONSTRAINT_TRIGGER);
}

/* For an UPDATE the check must not stumble over the row's own id, so it sees
** the id only when that changes. */
static int update(struct jg_table_vtab *vtab, sqlite3_int64 rowid,
                  sqlite3_value **values) {
  struct jg_err err = {0};
  int duplicate = 0;
  int expects = !sqlite3_value_nochange(values[EXPECTATIONS]);
  check_utf8(values[TRACE_ID], &err);
  if (err.code == JG_OK && expects && !has_expectations(values[EXPECTATIONS])) {
    jg_err_set(&err, JG_ERROR,
               "expectations cannot be removed here: delete the rows with "
               "kind 'expectation' from assessments");
  } else if (err.code == JG_OK && expects) {
    check(vtab, values, &duplicate, &err);
    if (duplicate) {
      jg_err_clear(&err);
    }
  }
  if (err.code == JG_OK && jg_table_update(vtab, "judge_trace", rowid, values,
                                           1 << EXPECTATIONS, &err) != JG_OK) {
    duplicate = 0;
    explain(vtab, values, &duplicate, &err);
  }
  if (expects && err.code == JG_OK) {
    expect(vtab, rowid, values[EXPECTATIONS], &err);
  }
  return jg_table_fail(
      vtab, &err, duplicate ? SQLITE_CONSTRAINT : SQLITE_CONSTRAINT_TRIGGER);
}

static int write_row(struct jg_table_vtab *vtab, int argc, sqlite3_value **argv,
                     sqlite3_int64 *rowid) {
  struct jg_err err = {0};
  if (argc == 1) {
    jg_table_delete(vtab, "judge_trace", sqlite3_value_int64(argv[0]), &err);
    return jg_table_fail(vtab, &err, SQLITE_CONSTRAINT_TRIGGER);
  }
  if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
    return insert(vtab, argv + 2, rowid);
  }
  return update(vtab, sqlite3_value_int64(argv[0]), argv + 2);
}

static int write_table(sqlite3_vtab *base, int argc, sqlite3_value **argv,
                       sqlite3_int64 *rowid) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)base;
  const char *before = NULL;
  struct jg_err err = {0};
  int rc;
  if (jg_table_write_begin(vtab, &before, &err) != JG_OK) {
    return jg_table_fail(vtab, &err, SQLITE_ERROR);
  }
  rc = write_row(vtab, argc, argv, rowid);
  jg_table_write_end(vtab, before);
  return rc;
}

static int connect(sqlite3 *db, void *env, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **why) {
  return jg_kept_connect(db, env, &TABLE, write_kept, argc, argv, out, why);
}

static const sqlite3_module MODULE = JG_KEPT_MODULE(connect, write_table);

int jg_traces_register(sqlite3 *db, struct jg_vtab_env *env) {
  return jg_table_register(db, "traces", &MODULE, env);
}
