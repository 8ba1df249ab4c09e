/* judge_instructions(judge): what a reader should see of a version, its
** instructions and what alignment taught it. */
#include "api/api.h"
#include "api/result.h"
#include "core/mem.h"

SQLITE_EXTENSION_INIT3

void jg_api_judge_instructions(sqlite3_context *context, int count,
                               sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_judge judge = {0};
  struct jg_definition_info info = {0};
  char *text = NULL;
  const char *ref =
      jg_arg_need(values, count, 0, "judge_instructions", "judge", NULL, &err);

  if (ref && jg_session_judge(session, ref, 0, &judge, &info, &err) == JG_OK) {
    jg_judge_effective_instructions(&judge, &text, &err);
  }
  if (err.code == JG_OK) {
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
  } else {
    jg_result_error(context, &err);
  }
  jg_mem_free(text);
  jg_judge_dispose(&judge);
  jg_definition_info_dispose(&info);
}
