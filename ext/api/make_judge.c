/* make_judge(name, instructions [, model [, options]]): the next version of a
** judge, or the one that has the same content. */
#include "api/api.h"
#include "api/result.h"
#include "core/json.h"
#include "store/db.h"
#include "store/report.h"

SQLITE_EXTENSION_INIT3

/* What became of the definition. */
struct made {
  const char *kind;
  int64_t version;
  int existed;
};

static void write_report(const struct jg_judge *judge, const struct made *made,
                         struct jg_buf *name, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};
  struct jg_buf text;

  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(name, "%s@%lld", judge->name, (long long)made->version);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "judge", jg_buf_text(name));
  jg_jsonw_key_text(&w, "name", judge->name);
  jg_jsonw_key_int(&w, "version", made->version);
  jg_jsonw_key_bool(&w, "created", !made->existed);
  jg_jsonw_key_text(&w, "kind", judge->builtin ? "builtin" : "instructions");
  jg_jsonw_key_text(&w, "model", judge->model);
  jg_scale_write(&judge->scale, &text);
  if (judge->scale.type == JG_SCALE_LIST) {
    jg_jsonw_key_raw(&w, "value_type", jg_buf_text(&text));
  } else {
    jg_jsonw_key_text(&w, "value_type", jg_buf_text(&text));
  }
  jg_buf_clear(&text);
  jg_judge_variables_write(judge->variables, &text);
  jg_jsonw_key_raw(&w, "variables", jg_buf_text(&text));
  if (judge->builtin) {
    jg_jsonw_key_text(&w, "builtin", judge->builtin);
  }
  jg_jsonw_end_object(&w);
  jg_buf_dispose(&text);
}

static int store(struct jg_session *session, const struct jg_judge *judge,
                 struct jg_buf *report, struct jg_err *err) {
  struct jg_definition_new more = {0};
  struct made made = {0};
  struct jg_buf name;
  int64_t definition_id = 0;

  jg_buf_init(&name, JG_BUF_LIMIT_BYTES);
  more.experiment = session->config.experiment;
  more.now_ms = jg_session_now_ms(session);
  if (jg_definition_insert(session->db, judge, &more, &definition_id,
                           &made.version, &made.existed, err) == JG_OK) {
    write_report(judge, &made, &name, report);
  }
  if (err->code == JG_OK && jg_buf_check(report, err) == JG_OK) {
    struct jg_report row = {.command = "make_judge",
                            .judge = jg_buf_text(&name),
                            .json = jg_buf_text(report)};
    jg_report_write(session->db, &row, more.now_ms, err);
  }
  jg_buf_dispose(&name);
  return (int)err->code;
}

static void read_spec(struct jg_session *session, int count,
                      sqlite3_value **values, struct jg_judge_spec *spec,
                      struct jg_err *err) {
  static const char *const COMMAND = "make_judge";

  spec->name = jg_arg_need(values, count, 0, COMMAND, "name", NULL, err);
  spec->instructions =
      jg_arg_text(values, count, 1, COMMAND, "instructions", NULL, err);
  spec->model = jg_arg_text(values, count, 2, COMMAND, "model", NULL, err);
  spec->options = jg_arg_text(values, count, 3, COMMAND, "options", NULL, err);
  spec->default_model = jg_session_model(session);
}

void jg_api_make_judge(sqlite3_context *context, int count,
                       sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_judge_spec spec = {0};
  struct jg_judge judge = {0};
  struct jg_buf report;

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  read_spec(session, count, values, &spec, &err);
  if (err.code == JG_OK && jg_schema_require(session->db, &err) == JG_OK &&
      jg_judge_make(&spec, &judge, &err) == JG_OK &&
      jg_session_check_judge(session, &judge, &err) == JG_OK) {
    store(session, &judge, &report, &err);
  }
  if (err.code == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
  jg_judge_dispose(&judge);
}
