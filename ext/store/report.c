/*
** Reports and logs: plain rows, so that what commands did can be queried.
*/
#include "store/report.h"
#include "core/clock.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

int jg_report_write(sqlite3 *db, const struct jg_report *report, int64_t now_ms,
                    struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "report_write", err);
  char now[JG_CLOCK_TEXT_BYTES];

  jg_db_bind_text(stmt, "@command", report->command, err);
  jg_db_bind_text(stmt, "@judge", report->judge, err);
  jg_db_bind_text(stmt, "@parent", report->parent, err);
  jg_db_bind_text(stmt, "@run_id", report->run_id, err);
  jg_db_bind_text(stmt, "@report", report->json, err);
  jg_db_bind_int(stmt, "@forecast", report->forecast, err);
  jg_db_bind_int(stmt, "@now", now_ms, err);
  jg_db_bind_text(stmt, "@now_text", jg_clock_format(now_ms, now), err);
  return jg_db_run(stmt, err);
}

int jg_log_write(sqlite3 *db, const char *list, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "report_log", err);

  jg_db_bind_text(stmt, "@list", list, err);
  return jg_db_run(stmt, err);
}
