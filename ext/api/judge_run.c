/* judge_run(judge [, options]). */
#include "api/api.h"
#include "api/command.h"
#include "run/run.h"

void jg_api_judge_run(sqlite3_context *context, int count,
                      sqlite3_value **values) {
  jg_command_call(context, count, values, "judge_run", jg_run_judge_run);
}
