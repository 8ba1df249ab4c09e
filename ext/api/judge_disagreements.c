/* judge_disagreements(name): where the current verdicts and people differ. */
#include "api/functions_of_rows.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define COLUMNS 10

/* A name that nothing has is a slip, and no rows would hide it. */
static int check_name(sqlite3 *db, const char *name, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "name_known", err);
  jg_db_bind_text(stmt, "@name", name, err);
  if (jg_db_step(stmt, err) == 1 && !sqlite3_column_int(stmt, 0)) {
    jg_err_set(err, JG_ERROR,
               "judge_disagreements: no judge and no feedback is called "
               "'%.200s': give a name without @version, one of SELECT DISTINCT "
               "name FROM judge_pairs",
               name);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

static int fill(struct jg_session *session, const char *const *arguments,
                struct jg_rows *rows, struct jg_err *err) {
  if (jg_schema_require(session->db, err) != JG_OK ||
      check_name(session->db, arguments[0], err) != JG_OK) {
    return err->code;
  }
  sqlite3_stmt *stmt = jg_db_query(session->db, "disagreements", err);
  jg_db_bind_text(stmt, "@name", arguments[0], err);
  while (jg_db_step(stmt, err) == 1 && jg_rows_add(rows, err) == JG_OK) {
    for (int i = 0; i < COLUMNS; i++) {
      struct jg_value value = {.type = JG_NULL};
      jg_db_value(stmt, i, &value, err);
      jg_rows_value(rows, i, &value);
    }
  }
  sqlite3_finalize(stmt);
  return err->code;
}

const struct jg_rows_function jg_api_judge_disagreements = {
    .name = "judge_disagreements",
    .declaration =
        "CREATE TABLE x(trace_id TEXT, judge TEXT, judge_value, human TEXT, "
        "human_value, judge_rationale TEXT, human_rationale TEXT, "
        "people_differ INTEGER, inputs TEXT, outputs TEXT, name HIDDEN)",
    .columns = COLUMNS,
    .need = 1,
    .most = 1,
    .fill = fill};
