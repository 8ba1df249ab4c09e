/* command(judge [, options]). */
#include "api/command.h"

#include "api/result.h"

void jg_command_call(sqlite3_context *context, int count,
                     sqlite3_value **values, const char *name,
                     jg_command *command) {
  struct jg_err err = {.code = JG_OK};
  struct jg_buf report;
  const char *judge = jg_arg_need(values, count, 0, name, "judge", NULL, &err);
  const char *options =
      jg_arg_text(values, count, 1, name, "options", NULL, &err);

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  if (err.code == JG_OK && command(jg_result_session(context), judge, options,
                                   &report, &err) == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
}
