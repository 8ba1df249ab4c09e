/* judge_compare(a, b [, options]): one row a metric. */
#include "api/functions_of_rows.h"
#include "run/compare.h"

enum {
  METRIC,
  N,
  ORIGINAL,
  ALIGNED,
  IMPROVEMENT,
  CI_LOW,
  CI_HIGH,
  P_VALUE,
  MISSING,
  NOTE,
  COLUMNS
};

static void start_row(const struct jg_comparison *c, const char *metric,
                      struct jg_rows *rows, struct jg_err *err) {
  if (jg_rows_add(rows, err) == JG_OK) {
    jg_rows_text(rows, METRIC, metric, err);
    jg_rows_int(rows, MISSING, c->missing);
  }
}

static void add_metric(const struct jg_comparison *c, const char *metric,
                       const struct jg_paired *p, struct jg_rows *rows,
                       struct jg_err *err) {
  struct jg_buf note;
  start_row(c, metric, rows, err);
  if (err->code != JG_OK) {
    return;
  }
  jg_rows_int(rows, N, (int64_t)p->n);
  jg_rows_real(rows, ORIGINAL, p->original);
  jg_rows_real(rows, ALIGNED, p->aligned);
  jg_rows_real(rows, IMPROVEMENT, p->improvement);
  jg_rows_real(rows, CI_LOW, p->ci_low);
  jg_rows_real(rows, CI_HIGH, p->ci_high);
  jg_rows_real(rows, P_VALUE, p->p_value);
  jg_buf_init(&note, 65536);
  jg_buf_puts(&note, p->reason);
  jg_buf_puts(&note, p->reason && c->note.len ? "; " : "");
  jg_buf_puts(&note, jg_buf_text(&c->note));
  if (note.len > 0 && jg_buf_check(&note, err) == JG_OK) {
    jg_rows_text(rows, NOTE, jg_buf_text(&note), err);
  }
  jg_buf_dispose(&note);
}

static void add_yardstick(const struct jg_comparison *c, const char *metric,
                          double value, struct jg_rows *rows,
                          struct jg_err *err) {
  start_row(c, metric, rows, err);
  if (err->code == JG_OK) {
    jg_rows_int(rows, N, (int64_t)c->gain.accuracy.n);
    jg_rows_real(rows, ORIGINAL, value);
    jg_rows_real(rows, ALIGNED, value);
  }
}

static int fill(struct jg_session *session, const char *const *arguments,
                struct jg_rows *rows, struct jg_err *err) {
  struct jg_comparison c;
  if (jg_compare(session, arguments[0], arguments[1], arguments[2], &c, err) ==
      JG_OK) {
    add_metric(&c, "accuracy", &c.gain.accuracy, rows, err);
    add_metric(&c, "cohen_kappa", &c.gain.kappa, rows, err);
    if (c.gain.ordered) {
      add_metric(&c, "quadratic_kappa", &c.gain.quadratic, rows, err);
      add_metric(&c, "mae", &c.gain.mae, rows, err);
    }
    add_yardstick(&c, "majority_baseline", c.gain.majority_baseline, rows, err);
    add_yardstick(&c, "human_agreement", c.gain.human_agreement, rows, err);
  }
  jg_comparison_dispose(&c);
  return err->code;
}

const struct jg_rows_function jg_api_judge_compare = {
    .name = "judge_compare",
    .declaration =
        "CREATE TABLE x(metric TEXT, n INTEGER, original REAL, aligned REAL, "
        "improvement REAL, ci_low REAL, ci_high REAL, p_value REAL, "
        "missing INTEGER, note TEXT, a HIDDEN, b HIDDEN, options HIDDEN)",
    .columns = COLUMNS,
    .need = 2,
    .most = 3,
    .takes_sql = 1,
    .fill = fill};
