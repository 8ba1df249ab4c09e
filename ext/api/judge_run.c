/* judge_run(judge [, options]). */
#include "api/api.h"
#include "api/result.h"
#include "run/run.h"

SQLITE_EXTENSION_INIT3

#define COMMAND "judge_run"

void jg_api_judge_run(sqlite3_context *context, int count,
                      sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_buf report;
  const char *judge =
      jg_arg_need(values, count, 0, COMMAND, "judge", NULL, &err);
  const char *options =
      jg_arg_text(values, count, 1, COMMAND, "options", NULL, &err);

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  if (err.code == JG_OK &&
      jg_run_judge_run(session, judge, options, &report, &err) == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
}
