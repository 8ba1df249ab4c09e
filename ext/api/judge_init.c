/* judge_init([options]): creates or migrates the tables. */
#include "api/api.h"
#include "api/result.h"
#include "core/json.h"
#include "core/options.h"
#include "store/db.h"
#include "store/hidden.h"
#include "store/report.h"

SQLITE_EXTENSION_INIT3

/* There are no options yet; the reader refuses unknown ones by name. */
static int check_options(sqlite3_value **values, int count,
                         struct jg_err *err) {
  static const struct jg_option NONE[] = {{0}};
  struct jg_json *keep = NULL;
  struct {
    int unused;
  } into = {0};
  size_t bytes = 0;
  const char *text =
      jg_arg_text(values, count, 0, "judge_init", "options", &bytes, err);

  if (err->code == JG_OK) {
    jg_options_read("judge_init", text, bytes, NONE, 0, &into, &keep, err);
  }
  jg_json_free(keep);
  return (int)err->code;
}

/* The schema version before; 0 without tables. */
static int version_before(sqlite3 *db, struct jg_err *err) {
  struct jg_err none = {0};
  int version = jg_schema_stored(db, &none);

  if (none.code == JG_NOMEM || none.code == JG_INTERRUPTED) {
    *err = none;
  }
  return version;
}

static void write_report(struct jg_session *session, int before, int version,
                         struct jg_buf *report, struct jg_err *err) {
  struct jg_jsonw w = {.to = report};
  struct jg_buf notes;

  jg_buf_init(&notes, JG_BUF_LIMIT_BYTES);
  jg_hidden_note(session->db, &notes, err);
  jg_jsonw_object(&w);
  jg_jsonw_key_int(&w, "schema_version", version);
  jg_jsonw_key_bool(&w, "created", before == 0);
  jg_jsonw_key_bool(&w, "migrated", before > 0 && before < version);
  if (notes.len > 0 && jg_buf_check(&notes, err) == JG_OK) {
    jg_jsonw_key_text(&w, "notes", jg_buf_text(&notes));
  }
  jg_jsonw_end_object(&w);
  jg_buf_dispose(&notes);
  /* Nothing done, nothing written: it also works on a read-only file. */
  if (before != version && jg_buf_check(report, err) == JG_OK) {
    struct jg_report row = {.command = "judge_init",
                            .json = jg_buf_text(report)};
    jg_report_write(session->db, &row, jg_session_now_ms(session), err);
  }
}

void jg_api_judge_init(sqlite3_context *context, int count,
                       sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_buf report;
  int before = 0, version = 0;

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  if (check_options(values, count, &err) == JG_OK) {
    before = version_before(session->db, &err);
  }
  if (err.code == JG_OK &&
      jg_schema_init(session->db, &version, &err) == JG_OK) {
    write_report(session, before, version, &report, &err);
  }
  if (err.code == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
}
