/* What judge_align tells: the report, and the forecast of explain. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "judge/lexical.h"
#include "run/alignment.h"

void jg_alignment_note(struct jg_alignment *a, const char *format, ...) {
  char line[JG_ERR_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof(line), format, args);
  va_end(args);
  if (a->notes.len > 0) {
    jg_buf_puts(&a->notes, "; ");
  }
  for (const char *c = line; *c; c++) {
    if (*c != '\n') {
      jg_buf_putc(&a->notes, *c);
    } else if (c[1]) {
      jg_buf_puts(&a->notes, "; "); /* a learner's note is one line each */
    }
  }
}

static void write_number(struct jg_jsonw *w, const char *key, double x) {
  jg_jsonw_key(w, key);
  jg_jsonw_real(w, x); /* NaN is null */
}

static void write_gain(const struct jg_alignment *a, struct jg_jsonw *w) {
  const struct jg_gain *g = &a->gain;
  write_number(w, "accuracy_before", g->accuracy.original);
  write_number(w, "accuracy_after", g->accuracy.aligned);
  write_number(w, "improvement", g->accuracy.improvement);
  write_number(w, "ci_low", g->accuracy.ci_low);
  write_number(w, "ci_high", g->accuracy.ci_high);
  write_number(w, "p_value", g->accuracy.p_value);
  write_number(w, "kappa_before", g->kappa.original);
  write_number(w, "kappa_after", g->kappa.aligned);
  if (g->ordered) {
    write_number(w, "quadratic_kappa_before", g->quadratic.original);
    write_number(w, "quadratic_kappa_after", g->quadratic.aligned);
  }
  write_number(w, "human_agreement", g->human_agreement);
  write_number(w, "majority_baseline", g->majority_baseline);
}

/* How many examples the version shows or fits to; none when k is 0. */
static int64_t example_count(const struct jg_alignment *a) {
  return (int64_t)jg_alignment_last(a)->train_count;
}

void jg_alignment_report(struct jg_alignment *a, struct jg_buf *report) {
  struct jg_jsonw w = {.to = report};
  struct jg_lesson *last = jg_alignment_last(a);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "judge", a->version);
  jg_jsonw_key_text(&w, "parent", a->info.judge);
  jg_jsonw_key_text(&w, "optimizer", a->optimizer_name);
  jg_jsonw_key_int(&w, "trained_on", (int64_t)last->train_count);
  jg_jsonw_key_int(&w, "held_out", (int64_t)a->gain.traces);
  jg_jsonw_key_text(&w, "method",
                    a->split.cross_fitted ? "cross-fitting" : "split");
  jg_jsonw_key_int(&w, "contested", a->contested);
  jg_jsonw_key_int(&w, "skipped", a->skipped);
  jg_jsonw_key_int(&w, "guidelines", (int64_t)last->memory.guideline_count);
  jg_jsonw_key_int(&w, "examples", example_count(a));
  jg_job_report(&a->job, &w);
  write_gain(a, &w);
  jg_jsonw_key_bool(&w, "accepted", a->accepted);
  jg_jsonw_key_text(&w, "notes", jg_buf_text(&a->notes));
  jg_jsonw_key_text(&w, "run_id", a->job.run_id);
  jg_jsonw_key_raw(&w, "readiness", jg_buf_text(&a->readiness_json));
  if (a->options_json) {
    jg_jsonw_key_raw(&w, "options", a->options_json);
  }
  jg_jsonw_end_object(&w);
}

/* ---- explain ------------------------------------------------------------ */

int jg_alignment_explain(struct jg_alignment *a, struct jg_buf *report,
                         struct jg_err *err) {
  struct jg_forecast f;
  struct jg_jsonw w = {.to = report};
  if (jg_alignment_forecast(a, &f, err) != JG_OK) {
    jg_forecast_dispose(&f);
    return err->code;
  }
  jg_jsonw_object(&w);
  jg_jsonw_key_bool(&w, "explain", 1);
  jg_jsonw_key_text(&w, "parent", a->info.judge);
  jg_jsonw_key_text(&w, "optimizer", a->optimizer_name);
  jg_jsonw_key_bool(&w, "ready", a->readiness.traces >= a->options.min_traces);
  jg_jsonw_key_int(&w, "traces", a->readiness.traces);
  jg_jsonw_key_int(&w, "min_traces", a->options.min_traces);
  jg_jsonw_key_int(&w, "contested", a->contested);
  jg_jsonw_key_int(&w, "skipped", a->skipped);
  if (a->lesson_count > 0) {
    jg_jsonw_key_text(&w, "method",
                      a->split.cross_fitted ? "cross-fitting" : "split");
  }
  jg_jsonw_key_int(&w, "cached", f.cached);
  jg_forecast_write(&f, &w);
  jg_jsonw_key_raw(&w, "readiness", jg_buf_text(&a->readiness_json));
  jg_jsonw_end_object(&w);
  jg_forecast_dispose(&f);
  return jg_buf_check(report, err);
}
