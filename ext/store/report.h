/* Rows of judge_report and judge_log. */
#ifndef JG_STORE_REPORT_H
#define JG_STORE_REPORT_H

#include <stdint.h>
#include "core/err.h"
#include "sqlite3ext.h"

/* One row; judge and run_id may be NULL. json is the report, an object. */
int jg_report_write(sqlite3 *db, const char *command, const char *judge,
                    const char *run_id, const char *json, int64_t now_ms,
                    struct jg_err *err);
/* Many rows in one statement: [{"run_id", "command", "judge", "step",
** "message", "data", "created"}]; created in unix ms, data any JSON or null. */
int jg_log_write(sqlite3 *db, const char *list, struct jg_err *err);

#endif
