/* judge_prompt(judge, trace_id), judge_prompt(judge, inputs, outputs
** [, expectations]): the exact request, without sending it and without keys. */
#include "api/api.h"
#include <string.h>
#include "api/result.h"
#include "core/json.h"
#include "run/run.h"
#include "store/trace.h"

SQLITE_EXTENSION_INIT3

#define COMMAND "judge_prompt"

/* Expectations are one JSON object, as in traces. */
static int expectations_check(const char *text, struct jg_err *err) {
  struct jg_json *object = NULL;
  struct jg_err why = {0};
  int fit = jg_json_parse(text, strlen(text), &object, &why) == JG_OK &&
            jg_json_type(object) == JG_JSON_OBJECT;

  jg_json_free(object);
  if (why.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  if (!fit) {
    jg_err_set(err, JG_ERROR,
               COMMAND ": expectations must be a JSON object, like "
                       "{\"expected_response\":\"...\"}");
  }
  return (int)err->code;
}

/* The item that the arguments spell out; its texts live as long as they do. */
static int read_item(int count, sqlite3_value **values, struct jg_item *item,
                     struct jg_err *err) {
  item->inputs = jg_arg_field(values, count, 1, COMMAND, "inputs", err);
  item->outputs = jg_arg_field(values, count, 2, COMMAND, "outputs", err);
  item->expectations =
      jg_arg_field(values, count, 3, COMMAND, "expectations", err);
  if (err->code == JG_OK && item->expectations) {
    expectations_check(item->expectations, err);
  }
  return (int)err->code;
}

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
      read_item(count, values, &item, &err);
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
