/* Intraclass correlations; see icc.h. */
#include "stats/icc.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "stats/accumulator.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"

#define REASON_ITEMS "needs two items and two raters"
#define REASON_SPREAD "the numbers do not vary enough"

struct limits {
  double low, high;
};

/* Forms 1 and 3: limits of F, moved to those of the correlation. */
static struct limits by_f(double f, double d1, double d2, double k, int mean,
                          double p) {
  double low = f / jg_f_quantile(p, d1, d2);
  double high = f * jg_f_quantile(p, d2, d1);
  if (mean) {
    return (struct limits){1 - 1 / low, 1 - 1 / high};
  }
  return (struct limits){(low - 1) / (low + k - 1),
                         (high - 1) / (high + k - 1)};
}

/* Form 2 of one rater. */
static struct limits by_satterthwaite(const struct jg_squares *s, double icc,
                                      double p) {
  double n = s->n;
  double k = s->k;
  double f = s->raters / s->residual;
  double rest = n * (1 + (k - 1) * icc) - k * icc;
  double above =
      (k - 1) * (n - 1) * (k * icc * f + rest) * (k * icc * f + rest);
  double df = above / ((n - 1) * k * k * icc * icc * f * f + rest * rest);
  double high = jg_f_quantile(p, n - 1, df);
  double low = jg_f_quantile(p, df, n - 1);
  double columns = k * s->raters + (k * n - k - n) * s->residual;
  return (struct limits){
      n * (s->items - high * s->residual) / (high * columns + n * s->items),
      n * (low * s->items - s->residual) / (columns + n * low * s->items)};
}

/* Form 2 of the mean as R's irr has it: its own degrees of freedom, from the
** correlation of the mean. */
static struct limits by_irr(const struct jg_squares *s, double icc, double p) {
  double n = s->n;
  double k = s->k;
  double a = k * icc / (n * (1 - icc));
  double b = 1 + k * icc * (n - 1) / (n * (1 - icc));
  double top = a * s->raters + b * s->residual;
  double df = top * top /
              (a * s->raters * (a * s->raters) / (k - 1) +
               b * s->residual * (b * s->residual) / ((n - 1) * (k - 1)));
  double low = jg_f_quantile(p, n - 1, df);
  double high = jg_f_quantile(p, df, n - 1);
  double columns = s->raters - s->residual;
  return (struct limits){
      n * (s->items - low * s->residual) / (low * columns + n * s->items),
      n * (high * s->items - s->residual) / (columns + n * high * s->items)};
}

static double value_of(const struct jg_squares *s, char form, int mean) {
  double k = s->k;
  double d = form == '1' ? s->within : s->residual;
  double columns = form == '2' ? (s->raters - s->residual) / s->n : 0;
  if (mean) {
    return (s->items - d) / (s->items + columns);
  }
  return (s->items - d) / (s->items + (k - 1) * d + k * columns);
}

static struct limits limits_of(const struct jg_query *query,
                               const struct jg_squares *s, char form,
                               int mean) {
  double p = 0.5 + query->options.level / 2;
  if (form == '1') {
    return by_f(s->items / s->within, s->n - 1, s->n * (s->k - 1), s->k, mean,
                p);
  }
  if (form == '3') {
    return by_f(s->items / s->residual, s->n - 1, (s->n - 1) * (s->k - 1), s->k,
                mean, p);
  }
  if (mean && query->variant == 1) {
    return by_irr(s, value_of(s, '2', 1), p);
  }
  struct limits one = by_satterthwaite(s, value_of(s, '2', 0), p);
  if (!mean) {
    return one;
  }
  return (struct limits){one.low * s->k / (1 + one.low * (s->k - 1)),
                         one.high * s->k / (1 + one.high * (s->k - 1))};
}

int jg_icc(const struct jg_query *query, const struct jg_squares *s,
           struct jg_metric_result *out) {
  char form = query->metric->name[strlen("icc_")];
  int mean = query->metric->name[strlen("icc_1_")] == 'k';
  assert(form >= '1' && form <= '3');
  if (s->n < 2 || s->k < 2) {
    return jg_metric_undefined(out, REASON_ITEMS);
  }
  double value = value_of(s, form, mean);
  jg_metric_part(out, JG_PART_VALUE, value, REASON_SPREAD);
  if (!isfinite(value)) {
    out->reason = REASON_SPREAD;
    return JG_OK;
  }
  double f = s->items / (form == '1' ? s->within : s->residual);
  double d2 = form == '1' ? s->n * (s->k - 1) : (s->n - 1) * (s->k - 1);
  jg_metric_part(out, JG_PART_F, f, REASON_SPREAD);
  jg_metric_part(out, JG_PART_P, jg_f_upper(f, s->n - 1, d2), REASON_SPREAD);
  if (jg_asked(query, JG_CI)) {
    struct limits limits = limits_of(query, s, form, mean);
    jg_metric_part(out, JG_PART_CI_LOW, limits.low, REASON_SPREAD);
    jg_metric_part(out, JG_PART_CI_HIGH, limits.high, REASON_SPREAD);
  }
  return JG_OK;
}

/* -- of two raters, from their moments ------------------------------------ */

JG_METRIC_FUNCTION(jg_metric_icc) {
  struct jg_accumulator *acc = state;
  struct jg_spread s = {0};
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  jg_moments_read(acc->moments, acc->n, &s);
  if (!isfinite(s.xx) || !isfinite(s.yy)) {
    return jg_metric_undefined(out, "a number, or its square, is not finite");
  }
  double n = s.n;
  /* Item means are (x + y) / 2; the sum of squares of x + y. */
  struct jg_squares squares = {
      .n = n,
      .k = 2,
      .items = (s.xx + s.yy + 2 * s.xy) / 2 / (n - 1),
      .raters = n * s.difference * s.difference / 2,
      .residual = s.dd / 2 / (n - 1),
      .within = s.squares / 2 / n,
  };
  return jg_icc(query, &squares, out);
}
