/* judge_generate(model, template [, options]): the application side, each call
** logged as a trace. */
#include "api/api.h"
#include "api/result.h"
#include "run/run.h"

SQLITE_EXTENSION_INIT3

#define COMMAND "judge_generate"

void jg_api_judge_generate(sqlite3_context *context, int count,
                           sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_buf report;
  const char *model =
      jg_arg_text(values, count, 0, COMMAND, "model", NULL, &err);
  const char *template =
      jg_arg_need(values, count, 1, COMMAND, "template", NULL, &err);
  const char *options =
      jg_arg_text(values, count, 2, COMMAND, "options", NULL, &err);

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  if (!model) {
    model = jg_session_model(session);
  }
  if (err.code == JG_OK && jg_session_check_model(model, &err) == JG_OK &&
      jg_run_judge_generate(session, model, template, options, &report, &err) ==
          JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
}
