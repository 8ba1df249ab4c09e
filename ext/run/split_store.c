/* Reads and writes judge_split. */
#include "run/split_store.h"

#include "core/buf.h"
#include "core/json.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

void jg_group_text(uint64_t group, char text[17]) {
  static const char DIGITS[] = "0123456789abcdef";
  for (int i = 15; i >= 0; i--) {
    text[i] = DIGITS[group & 15];
    group >>= 4;
  }
  text[16] = '\0';
}

static int read_side(sqlite3_stmt *stmt, const char *group, int *side,
                     struct jg_err *err) {
  *side = -1;
  jg_db_bind_text(stmt, "@group", group, err);
  if (jg_db_step(stmt, err) == 1) {
    *side = sqlite3_column_int(stmt, 0);
  }
  sqlite3_reset(stmt);
  return err->code;
}

int jg_split_recall(sqlite3 *db, const char *feedback_name,
                    const struct jg_row *rows, size_t count,
                    struct jg_split *split, struct jg_err *err) {
  sqlite3_stmt *stmt =
      jg_db_prepare(db,
                    "SELECT part = 'held_out' FROM main.judge_split"
                    " WHERE feedback_name = @name AND input_group = @group",
                    err);
  jg_db_bind_text(stmt, "@name", feedback_name, err);
  for (size_t i = 0; i < count && err->code == JG_OK; i++) {
    char group[17];
    int side = -1;
    jg_group_text(rows[i].group, group);
    if (read_side(stmt, group, &side, err) == JG_OK && side >= 0) {
      split->fold[i] = side;
    }
  }
  sqlite3_finalize(stmt);
  return err->code;
}

int jg_split_remember(sqlite3 *db, const char *feedback_name,
                      const struct jg_row *rows, size_t count,
                      const struct jg_split *split, struct jg_err *err) {
  struct jg_buf list;
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &list};
  jg_jsonw_array(&w);
  for (size_t i = 0; i < count; i++) {
    char group[17];
    jg_group_text(rows[i].group, group);
    jg_jsonw_object(&w);
    jg_jsonw_key_text(&w, "group", group);
    jg_jsonw_key_text(&w, "part", split->fold[i] ? "held_out" : "train");
    jg_jsonw_end_object(&w);
  }
  jg_jsonw_end_array(&w);
  if (jg_buf_check(&list, err) == JG_OK) {
    sqlite3_stmt *stmt = jg_db_prepare(
        db,
        "INSERT OR IGNORE INTO main.judge_split(feedback_name, input_group,"
        " part) SELECT @name, value->>'$.group', value->>'$.part'"
        " FROM json_each(@list)",
        err);
    jg_db_bind_text(stmt, "@name", feedback_name, err);
    jg_db_bind_text(stmt, "@list", jg_buf_text(&list), err);
    jg_db_run(stmt, err);
  }
  jg_buf_dispose(&list);
  return err->code;
}
