/*
** The virtual table assessments: judge_assessment, readable and writable, with
** errors that name the value and what is allowed.
*/
#include <string.h>

#include "api/keep.h"
#include "api/table.h"
#include "api/table_write.h"
#include "core/mem.h"
#include "judge/scale.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

enum {
  ASSESSMENT_ID,
  TRACE_ID,
  NAME,
  KIND,
  VALUE,
  SOURCE_TYPE = 7,
  JUDGE = 9,
  OVERRIDES = 15,
  COLUMNS = 19
};

static const struct jg_table_column COLUMN[COLUMNS] = {
    {"assessment_id TEXT", "a.assessment_id", JG_COLUMN_UNIQUE},
    {"trace_id TEXT", "a.trace_id", JG_COLUMN_FEW},
    {"name TEXT", "a.name", JG_COLUMN_RANGE},
    {"kind TEXT", "a.kind", JG_COLUMN_FILTER},
    /* Without a type, a comparison depends on the other side's. */
    {"value", "a.value", JG_COLUMN_READ},
    {"value_type TEXT", "a.value_type", JG_COLUMN_FILTER},
    {"rationale TEXT", "a.rationale", JG_COLUMN_FILTER},
    {"source_type TEXT", "a.source_type", JG_COLUMN_FILTER},
    {"source_id TEXT", "a.source_id", JG_COLUMN_FILTER},
    {"judge TEXT", "a.judge", JG_COLUMN_RANGE},
    {"error_code TEXT", "a.error_code", JG_COLUMN_FILTER},
    {"error_message TEXT", "a.error_message", JG_COLUMN_FILTER},
    {"metadata TEXT", "a.metadata", JG_COLUMN_FILTER},
    {"span_id TEXT", "a.span_id", JG_COLUMN_FILTER},
    {"run_id TEXT", "a.run_id", JG_COLUMN_FILTER},
    {"overrides TEXT", "a.overrides", JG_COLUMN_FEW},
    {"valid INTEGER", "a.valid", JG_COLUMN_FILTER},
    {"created BIGINT", "a.created", JG_COLUMN_RANGE},
    {"updated BIGINT", "a.updated", JG_COLUMN_FILTER},
};

/* Empty texts of .import that stand for NULL: all but value. */
#define EMPTIES (((1 << COLUMNS) - 1) & ~(1 << VALUE))

static const struct jg_table TABLE = {
    "assessments", "main.judge_assessment a", "a.rowid", COLUMN, COLUMNS, NULL};

static int is_text(sqlite3_value *value, const char *expected) {
  const char *text = (const char *)sqlite3_value_text(value);
  return text && sqlite3_stricmp(text, expected) == 0;
}

/* Is it a label, which the declared scale binds? */
static int is_label(sqlite3_value **values) {
  int human = sqlite3_value_bytes(values[SOURCE_TYPE]) > 0
                  ? is_text(values[SOURCE_TYPE], "HUMAN")
                  : sqlite3_value_bytes(values[JUDGE]) == 0;
  return human && !is_text(values[KIND], "expectation") &&
         sqlite3_value_type(values[VALUE]) != SQLITE_NULL;
}

/* Does the value fit the declared values? */
static int fit(const char *declared, const char *judge, sqlite3_value *value,
               struct jg_err *err) {
  struct jg_scale scale = {0};
  struct jg_value given = {0}, fitted = {0};
  if (jg_scale_parse(declared, &scale, err) == JG_OK) {
    jg_value_from_sqlite(value, &given, err);
    if (err->code == JG_OK) {
      jg_scale_fit(&scale, judge, &given, &fitted, err);
    }
  }
  jg_value_dispose(&given);
  jg_value_dispose(&fitted);
  jg_scale_dispose(&scale);
  return err->code;
}

/* May the row be written? In the order of what a user should mend first. */
static int check(struct jg_table_vtab *vtab, sqlite3_value **values,
                 int *duplicate, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_table_query(vtab, "assessment_check", err);
  const char *declared, *judge;
  *duplicate = 0;
  jg_table_bind(vtab, stmt, values, EMPTIES, err);
  if (jg_db_step(stmt, err) == 1) {
    *duplicate = sqlite3_column_int(stmt, 1);
    if (sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
      jg_err_set(err, JG_ERROR, "%s",
                 (const char *)sqlite3_column_text(stmt, 0));
    }
    declared = (const char *)sqlite3_column_text(stmt, 2);
    judge = (const char *)sqlite3_column_text(stmt, 3);
    if ((err->code == JG_OK || *duplicate) && declared && is_label(values)) {
      struct jg_err unfit = {0};
      if (fit(declared, judge, values[VALUE], &unfit) != JG_OK) {
        *err = unfit;
        *duplicate = 0;
      }
    }
  }
  jg_table_release(vtab, stmt);
  return err->code;
}

static int put(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
               struct jg_err *err) {
  sqlite3_stmt *stmt;
  if (replace && values[ASSESSMENT_ID] &&
      sqlite3_value_bytes(values[ASSESSMENT_ID]) > 0) {
    stmt = jg_table_query(vtab, "assessment_replace", err);
    jg_table_bind(vtab, stmt, values, EMPTIES, err);
    if (jg_table_run(vtab, stmt, err) != JG_OK ||
        sqlite3_changes(vtab->db) > 0) {
      return err->code;
    }
  }
  stmt = jg_table_query(vtab, "assessment_insert", err);
  jg_table_bind(vtab, stmt, values, EMPTIES, err);
  return jg_table_run(vtab, stmt, err);
}

static int write_kept(struct jg_table_vtab *vtab,
                      const struct jg_kept_row *rows, size_t count,
                      struct jg_err *err) {
  size_t i = 0;
  if (!jg_kept_any_replaces(rows, count)) {
    i = jg_table_put_many(vtab, "assessment_insert_many", NULL, rows, count,
                          EMPTIES, err);
  }
  for (; i < count && err->code == JG_OK; i++) {
    put(vtab, rows[i].values, rows[i].replace, err);
  }
  return err->code;
}

/* check() for a row to keep: what it overrides may be kept itself. */
static int check_kept(struct jg_table_vtab *vtab, sqlite3_value **values,
                      int *duplicate, struct jg_err *err) {
  sqlite3_value *seen[COLUMNS];
  memcpy(seen, values, sizeof(seen));
  if (jg_kept_has(vtab, (const char *)sqlite3_value_text(values[OVERRIDES]))) {
    seen[OVERRIDES] = NULL;
  }
  return check(vtab, seen, duplicate, err);
}

/* Checks and keeps a row. */
static int keep(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
                int *duplicate, struct jg_err *err) {
  const char *id = (const char *)sqlite3_value_text(values[ASSESSMENT_ID]);
  check_kept(vtab, values, duplicate, err);
  if (replace && *duplicate) {
    jg_err_clear(err);
  }
  if (err->code == JG_OK && !replace && jg_kept_has(vtab, id)) {
    *duplicate = 1;
    jg_err_set(err, JG_ERROR,
               "assessment_id '%s' appears twice in one statement (use INSERT "
               "OR IGNORE or OR REPLACE)",
               id);
  }
  return err->code == JG_OK ? jg_kept_add(vtab, values, replace, err)
                            : (int)err->code;
}

/* The reason in words, in place of what a trigger or constraint said. */
static void explain(struct jg_table_vtab *vtab, sqlite3_value **values,
                    int *duplicate, struct jg_err *err) {
  struct jg_err why = {0};
  if (err->code == JG_SQLITE && jg_table_refused(err) &&
      check(vtab, values, duplicate, &why) != JG_OK) {
    *err = why;
  }
}

static int insert(struct jg_table_vtab *vtab, sqlite3_value **values,
                  sqlite3_int64 *rowid) {
  struct jg_err err = {0};
  int replace = sqlite3_vtab_on_conflict(vtab->db) == SQLITE_REPLACE;
  int duplicate = 0;
  if (jg_kept_wanted(vtab, &err) != JG_KEEP_NOT) {
    keep(vtab, values, replace, &duplicate, &err);
  } else {
    put(vtab, values, replace, &err);
    explain(vtab, values, &duplicate, &err);
  }
  *rowid = sqlite3_last_insert_rowid(vtab->db);
  return jg_table_fail(vtab, &err,
                       duplicate && !replace ? SQLITE_CONSTRAINT
                                             : SQLITE_CONSTRAINT_TRIGGER);
}

/* The value under the scale that the row has now. */
static void explain_value(struct jg_table_vtab *vtab, sqlite3_int64 rowid,
                          sqlite3_value **values, struct jg_err *err) {
  struct jg_err why = {0};
  sqlite3_stmt *stmt = jg_table_query(vtab, "assessment_scale", &why);
  if (stmt) {
    sqlite3_bind_int64(stmt, 1, rowid);
    if (!sqlite3_value_nochange(values[NAME])) {
      sqlite3_bind_value(stmt, 2, values[NAME]);
    }
  }
  if (jg_db_step(stmt, &why) == 1 &&
      fit((const char *)sqlite3_column_text(stmt, 0),
          (const char *)sqlite3_column_text(stmt, 1), values[VALUE],
          &why) == JG_ERROR) {
    *err = why;
  }
  jg_table_release(vtab, stmt);
}

/* What a constraint or trigger refused, with the value; the rest is said by
** names of constraints. */
static void explain_update(struct jg_table_vtab *vtab, sqlite3_int64 rowid,
                           sqlite3_value **values, struct jg_err *err) {
  const char *trace = (const char *)sqlite3_value_text(values[TRACE_ID]);
  const char *source = (const char *)sqlite3_value_text(values[SOURCE_TYPE]);
  if (err->code != JG_SQLITE ||
      (err->sqlite_code & 0xff) != SQLITE_CONSTRAINT) {
    return;
  }
  /* Columns that keep their value are NULL here. */
  if (trace && strstr(err->text, "no such trace")) {
    jg_err_clear(err);
    jg_err_set(err, JG_ERROR,
               "no such trace: '%s' (insert it into traces first)", trace);
  } else if (source && strstr(err->text, "source_type")) {
    jg_err_clear(err);
    jg_err_set(err, JG_ERROR,
               "source_type '%s' is not one of HUMAN, LLM_JUDGE, CODE", source);
  } else if (!sqlite3_value_nochange(values[VALUE])) {
    explain_value(vtab, rowid, values, err);
  }
}

static int write_row(struct jg_table_vtab *vtab, int argc, sqlite3_value **argv,
                     sqlite3_int64 *rowid) {
  struct jg_err err = {0};
  if (argc == 1) {
    jg_table_delete(vtab, "judge_assessment", sqlite3_value_int64(argv[0]),
                    &err);
    return jg_table_fail(vtab, &err, SQLITE_CONSTRAINT_TRIGGER);
  }
  if (sqlite3_value_type(argv[0]) == SQLITE_NULL) {
    return insert(vtab, argv + 2, rowid);
  }
  jg_table_update(vtab, "judge_assessment", sqlite3_value_int64(argv[0]),
                  argv + 2, 0, &err);
  explain_update(vtab, sqlite3_value_int64(argv[0]), argv + 2, &err);
  return jg_table_fail(vtab, &err, SQLITE_CONSTRAINT_TRIGGER);
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

int jg_assessments_register(sqlite3 *db, struct jg_vtab_env *env) {
  return jg_table_register(db, "assessments", &MODULE, env);
}
