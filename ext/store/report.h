/* Rows of judge_report and judge_log. */
#ifndef JG_STORE_REPORT_H
#define JG_STORE_REPORT_H

#include <stdint.h>
#include "core/err.h"
#include "sqlite3ext.h"

struct jg_report {
  const char *command;
  const char *judge;  /* what it is about, or NULL */
  const char *parent; /* the version that an alignment began with, or NULL */
  const char *run_id; /* or NULL */
  const char *json;   /* an object */
  int forecast;       /* only what would happen */
};

/* One row. */
int jg_report_write(sqlite3 *db, const struct jg_report *report, int64_t now_ms,
                    struct jg_err *err);
/* Many rows in one statement: [{"run_id", "command", "judge", "step",
** "message", "data", "created"}]; created in unix ms, data any JSON or null. */
int jg_log_write(sqlite3 *db, const char *list, struct jg_err *err);

#endif
