/* judge_align(judge [, options]). */
#include "api/api.h"
#include "api/command.h"
#include "run/run.h"

void jg_api_judge_align(sqlite3_context *context, int count,
                        sqlite3_value **values) {
  jg_command_call(context, count, values, "judge_align", jg_run_judge_align);
}
