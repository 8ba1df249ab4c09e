/* judge_eval(judge, trace_id), judge_eval(judge, inputs, outputs
** [, expectations]): one verdict, which is not stored as an assessment. */
#include "api/api.h"
#include "api/item.h"
#include "api/result.h"
#include "run/inside.h"
#include "run/run.h"

SQLITE_EXTENSION_INIT3

#define COMMAND "judge_eval"

/* The statement that called it has ended. */
static void statement_ended(void *session) {
  jg_inside_end(session);
}

void jg_api_judge_eval(sqlite3_context *context, int count,
                       sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_eval eval = {0};
  struct jg_buf report;

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  eval.judge = jg_arg_need(values, count, 0, COMMAND, "judge", NULL, &err);
  if (count == 2) {
    eval.trace_id =
        jg_arg_need(values, count, 1, COMMAND, "trace_id", NULL, &err);
  } else {
    jg_item_read(COMMAND, count, values, &eval.item, &err);
  }
  if (err.code == JG_OK &&
      jg_run_judge_eval(session, &eval, &report, &err) == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
  if (!sqlite3_get_auxdata(context, 0)) {
    sqlite3_set_auxdata(context, 0, session, statement_ended);
  }
}
