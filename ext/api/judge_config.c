/* judge_config([key [, value]]): the settings of this connection. */
#include "api/api.h"
#include "api/result.h"
#include "run/guard.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* A file must not change what this connection allows: on 3.40.1 CHECK
** constraints run even what is DIRECTONLY. */
static int may_set(sqlite3 *db, struct jg_err *err) {
  if (jg_guard_direct(db, "judge_config", err) == JG_OK) {
    jg_guard_not_writing(db, "judge_config", err);
  }
  return (int)err->code;
}

static void set_value(struct jg_session *session, const char *key,
                      sqlite3_value *from, struct jg_err *err) {
  struct jg_value value = {0};

  jg_value_from_sqlite(from, &value, err);
  if (err->code == JG_OK && may_set(session->db, err) == JG_OK) {
    jg_session_set(session, key, &value, err);
  }
  jg_value_dispose(&value);
}

static void list_all(sqlite3_context *context, struct jg_session *session) {
  struct jg_err err = {0};
  struct jg_buf list;

  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_session_list(session, &list, &err);
  jg_result_json(context, &list);
}

void jg_api_judge_config(sqlite3_context *context, int count,
                         sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_value shown = {0};
  const char *key;

  if (count == 0) {
    list_all(context, session);
    return;
  }
  key = jg_arg_need(values, count, 0, "judge_config", "key", NULL, &err);
  if (key && count == 2) {
    set_value(session, key, values[1], &err);
  }
  if (key && err.code == JG_OK) {
    jg_session_get(session, key, &shown, &err);
  }
  if (err.code != JG_OK) {
    jg_result_error(context, &err);
    return;
  }
  jg_result_value(context, &shown);
}
