/*
** explain: the requests of the traces are built and counted, those that are
** stored or twins of others apart. Of very many traces the first are built and
** the rest is taken to be like them.
*/
#include "run/explain.h"

#include <string.h>

#include "core/mem.h"
#include "run/forecast.h"

#define MEASURED 20000   /* traces whose requests are built */
#define ANSWER_TOKENS 80 /* where there is no earlier answer */

struct measure {
  struct jg_forecast forecast;
  struct jg_forecast_group ratings, embeddings;
  struct jg_ready ready;
  int64_t traces, errors;
};

static int measure_one(struct measure *m, const struct jg_selected *s,
                       struct jg_err *err) {
  struct jg_err lack = {.code = JG_OK};
  m->traces++;
  if (jg_judge_check_item(m->ready.judge, &s->item, &lack) != JG_OK) {
    m->errors++;
    return lack.code == JG_NOMEM ? jg_err_nomem(err) : JG_OK;
  }
  if (m->ready.local) {
    return JG_OK;
  }
  if (m->ready.by_vectors) {
    jg_forecast_embedding(&m->forecast, &m->embeddings, &m->ready.embedding,
                          jg_prompt_key(m->ready.judge, &s->item), err);
  }
  return jg_forecast_item(&m->forecast, &m->ratings, &m->ready, &s->item,
                          s->anew ? JG_FORECAST_ANEW : s->repetition, err);
}

/* The examples' embeddings are fetched first. */
static int measure_examples(struct measure *m, struct jg_err *err) {
  const struct jg_ready *r = &m->ready;
  for (size_t i = 0; r->by_vectors && i < r->example_count; i++) {
    struct jg_item item = jg_row_item(r->examples[i]);
    if (!r->examples[i]->vector &&
        jg_forecast_embedding(&m->forecast, &m->embeddings, &r->embedding,
                              jg_prompt_key(r->judge, &item), err) != JG_OK) {
      return err->code;
    }
  }
  return err->code;
}

static int open_measure(struct measure *m, struct jg_job *job,
                        const struct jg_judge *judge,
                        const struct jg_definition_info *info,
                        const struct jg_row *const *rows, size_t count,
                        struct jg_err *err) {
  if (jg_forecast_open(&m->forecast, job, err) != JG_OK ||
      jg_ready_open_unsent(job, judge, rows, count, &m->ready, err) != JG_OK ||
      jg_ready_show_endpoint(job->session, &m->ready, NULL, err) != JG_OK ||
      m->ready.local) {
    return err->code;
  }
  if (jg_forecast_group(&m->forecast, &m->ratings, "judge", judge->model,
                        info->judge, ANSWER_TOKENS, err) == JG_OK &&
      jg_forecast_learn(&m->forecast, &m->ratings, info->judge, err) == JG_OK &&
      m->ready.by_vectors) {
    jg_forecast_group(&m->forecast, &m->embeddings, "embed",
                      judge->memory.embedding_model, NULL, 0, err);
  }
  return measure_examples(m, err);
}

static int64_t scaled(int64_t part, double scale) {
  return (int64_t)((double)part * scale + 0.5);
}

static int write_forecast(struct measure *m, const struct jg_judge *judge,
                          const struct jg_definition_info *info,
                          const struct jg_selection *selection,
                          struct jg_buf *report, struct jg_err *err) {
  struct jg_jsonw w = {.to = report};
  struct jg_forecast *f = &m->forecast;
  int64_t todo = selection->todo;
  double scale =
      m->traces > 0 && m->traces < todo ? (double)todo / (double)m->traces : 1;
  if (!m->ready.local) {
    jg_forecast_close_group(f, &m->ratings, scale);
    jg_forecast_close_group(f, &m->embeddings, scale);
  }
  jg_jsonw_object(&w);
  jg_jsonw_key_bool(&w, "explain", 1);
  jg_jsonw_key_text(&w, "judge", info->judge);
  jg_jsonw_key_text(&w, "model", judge->model);
  jg_jsonw_key_int(&w, "traces", selection->total);
  jg_jsonw_key_int(&w, "skipped", selection->total - todo);
  jg_jsonw_key_int(&w, "cached", scaled(f->cached, scale));
  jg_jsonw_key_int(&w, "errors", scaled(m->errors, scale));
  jg_forecast_write(f, &w);
  jg_jsonw_end_object(&w);
  return jg_buf_check(report, err);
}

int jg_run_explain(struct jg_job *job, const struct jg_judge *judge,
                   const struct jg_definition_info *info,
                   const struct jg_row *examples, size_t example_count,
                   struct jg_selection *selection, struct jg_buf *report,
                   struct jg_err *err) {
  struct measure m;
  struct jg_selected *s = NULL;
  memset(&m, 0, sizeof(m));
  const struct jg_row **rows = jg_row_pointers(examples, example_count, err);
  if (rows) {
    open_measure(&m, job, judge, info, rows, example_count, err);
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
  jg_forecast_dispose(&m.forecast);
  jg_mem_free(rows);
  return err->code;
}
