/* judge_prompt(judge, trace_id), judge_prompt(judge, inputs, outputs
** [, expectations]): the exact request, without sending it and without keys. */
#include "api/api.h"
#include "api/item.h"
#include "api/result.h"
#include "run/run.h"
#include "store/trace.h"

SQLITE_EXTENSION_INIT3

#define COMMAND "judge_prompt"

/* The item that a trace id names, lent by *trace. */
static int read_trace(sqlite3 *db, int count, sqlite3_value **values,
                      struct jg_trace *trace, struct jg_item *item,
                      struct jg_err *err) {
  const char *id =
      jg_arg_need(values, count, 1, COMMAND, "trace_id", NULL, err);

  if (!id || jg_trace_get(db, id, trace, err) != JG_OK) {
    return (int)err->code;
  }
  if (!trace->trace_id) {
    return jg_err_set(err, JG_ERROR, COMMAND ": no such trace: '%.200s'", id);
  }
  *item = jg_trace_item(trace);
  return JG_OK;
}

void jg_api_judge_prompt(sqlite3_context *context, int count,
                         sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_judge judge = {0};
  struct jg_definition_info info = {0};
  struct jg_trace trace = {0};
  struct jg_item item = {0};
  struct jg_buf out;
  const char *ref = jg_arg_need(values, count, 0, COMMAND, "judge", NULL, &err);

  jg_buf_init(&out, JG_BUF_LIMIT_BYTES);
  if (ref && jg_session_judge(session, ref, 0, &judge, &info, &err) == JG_OK) {
    if (count == 2) {
      read_trace(session->db, count, values, &trace, &item, &err);
    } else {
      jg_item_read(COMMAND, count, values, &item, &err);
    }
  }
  if (err.code == JG_OK &&
      jg_run_prompt(session, &judge, &info, &item, &out, &err) == JG_OK) {
    jg_result_json(context, &out);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&out);
  jg_trace_dispose(&trace);
  jg_judge_dispose(&judge);
  jg_definition_info_dispose(&info);
}
