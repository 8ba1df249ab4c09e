/*
** explain: the bodies of the first traces are built and measured (4 characters
** a token), what is stored already costs nothing, and the rest is taken to be
** like them. The length of answers comes from this judge's earlier ones.
*/
#include "run/explain.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "run/pending.h"
#include "run/price.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define MEASURED 512     /* traces whose requests are built */
#define ANSWER_TOKENS 80 /* where there is no earlier answer */
#define CHARACTERS_A_TOKEN 4

struct measure {
  struct jg_job *job;
  struct jg_ready ready;
  int64_t traces, calls, cached, errors, bytes;
};

static int measure_one(struct measure *m, const struct jg_selected *s,
                       struct jg_err *err) {
  struct jg_err lack = {.code = JG_OK};
  m->traces++;
  if (jg_judge_check_item(m->ready.judge, &s->item, &lack) != JG_OK) {
    m->errors++;
    return JG_OK;
  }
  if (m->ready.local) {
    return JG_OK;
  }
  char *body = jg_ready_body(&m->ready, &s->item, NULL, err);
  char digest[JG_DIGEST_HEX_BYTES];
  size_t bytes = 0;
  if (!body) {
    return err->code;
  }
  jg_chat_digest(&m->ready.endpoint, body, s->repetition, digest);
  char *stored = jg_pending_stored(m->job->session, digest, &bytes, err);
  m->cached += stored != NULL;
  m->calls += stored == NULL;
  m->bytes += stored ? 0 : (int64_t)strlen(body);
  jg_mem_free(stored);
  jg_mem_free(body);
  return err->code;
}

static int64_t answer_tokens(struct jg_session *session, const char *model,
                             struct jg_err *err) {
  int64_t tokens = ANSWER_TOKENS;
  sqlite3_stmt *stmt = jg_db_prepare(
      session->db,
      "SELECT CAST(avg(output_tokens) + 0.5 AS INTEGER) FROM (SELECT"
      " output_tokens FROM main.judge_call WHERE model = @model AND"
      " status = 'ok' AND purpose = 'judge' ORDER BY call_id DESC LIMIT 1000)",
      err);
  jg_db_bind_text(stmt, "@model", model, err);
  if (jg_db_step(stmt, err) == 1 &&
      sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
    tokens = sqlite3_column_int64(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return tokens;
}

static int64_t scale_up(const struct measure *m, int64_t part, int64_t todo) {
  if (m->traces == 0 || m->traces >= todo) {
    return part;
  }
  return (int64_t)((double)part * (double)todo / (double)m->traces + 0.5);
}

static int write_forecast(struct measure *m, const struct jg_judge *judge,
                          const struct jg_definition_info *info,
                          const struct jg_selection *selection,
                          struct jg_buf *report, struct jg_err *err) {
  struct jg_jsonw w = {.to = report};
  int64_t todo = selection->todo;
  int64_t calls = scale_up(m, m->calls, todo);
  int64_t input = scale_up(m, m->bytes, todo) / CHARACTERS_A_TOKEN;
  int64_t output = calls * answer_tokens(m->job->session, judge->model, err);
  double cost = jg_price_cost(m->job->session, judge->model, input, output, 0);
  jg_jsonw_object(&w);
  jg_jsonw_key_bool(&w, "explain", 1);
  jg_jsonw_key_text(&w, "judge", info->judge);
  jg_jsonw_key_text(&w, "model", judge->model);
  jg_jsonw_key_int(&w, "traces", selection->total);
  jg_jsonw_key_int(&w, "skipped", selection->total - todo);
  jg_jsonw_key_int(&w, "cached", scale_up(m, m->cached, todo));
  jg_jsonw_key_int(&w, "errors", scale_up(m, m->errors, todo));
  jg_jsonw_key_int(&w, "calls", calls);
  jg_jsonw_key_int(&w, "input_tokens", input);
  jg_jsonw_key_int(&w, "output_tokens", output);
  jg_jsonw_key(&w, "cost");
  jg_jsonw_real(&w, cost >= 0 ? cost : (double)NAN);
  jg_jsonw_end_object(&w);
  return jg_buf_check(report, err);
}

int jg_run_explain(struct jg_job *job, const struct jg_judge *judge,
                   const struct jg_definition_info *info,
                   const struct jg_row *examples, size_t example_count,
                   struct jg_selection *selection, struct jg_buf *report,
                   struct jg_err *err) {
  struct measure m = {.job = job};
  struct jg_selected *s = NULL;
  const struct jg_row **rows = jg_row_pointers(examples, example_count, err);
  if (rows && jg_ready_open_unsent(job, judge, rows, example_count, &m.ready,
                                   err) == JG_OK) {
    jg_ready_show_endpoint(job->session, &m.ready, NULL, err);
  }
  while (err->code == JG_OK && m.traces < MEASURED &&
         (s = jg_selection_next(selection, err)) != NULL) {
    measure_one(&m, s, err);
    jg_selection_release(selection, s);
  }
  if (err->code == JG_OK) {
    write_forecast(&m, judge, info, selection, report, err);
  }
  jg_ready_dispose(&m.ready);
  jg_mem_free(rows);
  return err->code;
}
