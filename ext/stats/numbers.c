/* Metrics of numbers, and of positions in a declared order, from their exact
** moments: x the judge's, y the human's. */
#include <math.h>
#include "stats/accumulator.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"

#define REASON_INFINITE "a number, or its square, is not finite"
#define REASON_CONSTANT "one side is the same number throughout"
#define REASON_TWO "fewer than two pairs"

/* Reads the moments of n > 0 pairs; 0 when there is nothing to read, with the
** reason told. */
static int read(const struct jg_accumulator *acc, struct jg_spread *spread,
                struct jg_metric_result *out) {
  if (acc->n == 0) {
    jg_metric_undefined(out, JG_REASON_NO_PAIRS);
    return 0;
  }
  jg_moments_read(acc->moments, acc->n, spread);
  if (!isfinite(spread->xx) || !isfinite(spread->yy)) {
    jg_metric_undefined(out, REASON_INFINITE);
    return 0;
  }
  return 1;
}

/* -- mae: mean of |judge - human| ----------------------------------------- */

JG_METRIC_FUNCTION(jg_metric_mae) {
  struct jg_accumulator *acc = state;
  (void)query;
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  jg_metric_part(out, JG_PART_VALUE,
                 jg_exact_value(&acc->moments->distance) / (double)acc->n,
                 "a difference is not finite");
  return JG_OK;
}

/* -- mse, rmse ------------------------------------------------------------ */

JG_METRIC_FUNCTION(jg_metric_mse) {
  struct jg_spread s;
  (void)query;
  (void)err;
  return read(state, &s, out) ? jg_metric_real(out, s.squares / s.n) : JG_OK;
}

JG_METRIC_FUNCTION(jg_metric_rmse) {
  struct jg_spread s;
  (void)query;
  (void)err;
  return read(state, &s, out) ? jg_metric_real(out, sqrt(s.squares / s.n))
                              : JG_OK;
}

/* -- bias: mean of judge - human; with its t interval --------------------- */

JG_METRIC_FUNCTION(jg_metric_bias) {
  struct jg_spread s;
  (void)err;
  if (!read(state, &s, out)) {
    return JG_OK;
  }
  double se = s.n > 1 ? sqrt(s.dd / (s.n - 1) / s.n) : NAN;
  jg_metric_real(out, s.difference);
  if (jg_asked(query, ~JG_VALUE)) {
    jg_metric_part(out, JG_PART_SE, se, REASON_TWO);
    double reach = se * jg_t_quantile(0.5 + query->options.level / 2, s.n - 1);
    jg_metric_part(out, JG_PART_CI_LOW, s.difference - reach, REASON_TWO);
    jg_metric_part(out, JG_PART_CI_HIGH, s.difference + reach, REASON_TWO);
  }
  return JG_OK;
}

/* -- sd_diff, loa: Bland and Altman (1986) -------------------------------- */

JG_METRIC_FUNCTION(jg_metric_sd_diff) {
  struct jg_spread s;
  (void)query;
  (void)err;
  if (read(state, &s, out)) {
    jg_metric_part(out, JG_PART_VALUE, s.n > 1 ? sqrt(s.dd / (s.n - 1)) : NAN,
                   REASON_TWO);
  }
  return JG_OK;
}

JG_METRIC_FUNCTION(jg_metric_loa) {
  struct jg_spread s;
  double z = jg_normal_quantile(0.5 + query->options.level / 2);
  (void)err;
  if (read(state, &s, out)) {
    double reach = s.n > 1 ? z * sqrt(s.dd / (s.n - 1)) : NAN;
    jg_metric_part(out, JG_PART_LOW, s.difference - reach, REASON_TWO);
    jg_metric_part(out, JG_PART_HIGH, s.difference + reach, REASON_TWO);
  }
  return JG_OK;
}

/* -- agreement_within: share with |judge - human| <= tolerance ------------ */

JG_METRIC_FUNCTION(jg_metric_agreement_within) {
  struct jg_accumulator *acc = state;
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  double n = (double)acc->n;
  jg_metric_real(out, (double)acc->within / n);
  if (jg_asked(query, JG_CI)) {
    double low = 0;
    double high = 0;
    (query->method == 0 ? jg_wilson : jg_clopper_pearson)(
        (double)acc->within, n, query->options.level, &low, &high);
    jg_metric_limits(out, low, high);
  }
  return JG_OK;
}

/* -- r2: 1 - sum (y - x)^2 / sum (y - mean y)^2 --------------------------- */

JG_METRIC_FUNCTION(jg_metric_r2) {
  struct jg_spread s;
  (void)query;
  (void)err;
  if (read(state, &s, out)) {
    jg_metric_part(out, JG_PART_VALUE, s.yy > 0 ? 1 - s.squares / s.yy : NAN,
                   "the human numbers are all the same");
  }
  return JG_OK;
}

/* -- pearson: p by t on n - 2, limits by Fisher's z (1921) ---------------- */

/* Limits around atanh(value), back on the scale of value. */
static void by_atanh(const struct jg_query *query, double value, double se,
                     const char *reason, struct jg_metric_result *out) {
  double reach = jg_normal_quantile(0.5 + query->options.level / 2) * se;
  if (fabs(value) >= 1) { /* a full correlation leaves no room */
    reach = isnan(se) ? NAN : 0;
    jg_metric_part(out, JG_PART_CI_LOW, value + reach, reason);
    jg_metric_part(out, JG_PART_CI_HIGH, value + reach, reason);
    return;
  }
  double z = atanh(value);
  jg_metric_part(out, JG_PART_CI_LOW, tanh(z - reach), reason);
  jg_metric_part(out, JG_PART_CI_HIGH, tanh(z + reach), reason);
}

JG_METRIC_FUNCTION(jg_metric_pearson) {
  struct jg_spread s;
  (void)err;
  if (!read(state, &s, out)) {
    return JG_OK;
  }
  if (s.xx <= 0 || s.yy <= 0) {
    return jg_metric_undefined(out, REASON_CONSTANT);
  }
  /* One root of the product where it holds: 1 when both are equal. */
  double below = s.xx * s.yy;
  double r = isfinite(below) && below > 0 ? s.xy / sqrt(below)
                                          : s.xy / sqrt(s.xx) / sqrt(s.yy);
  r = fmax(-1, fmin(1, r));
  jg_metric_real(out, r);
  double df = s.n - 2;
  double t = r * sqrt(df / ((1 - r) * (1 + r)));
  jg_metric_part(out, JG_PART_P,
                 df > 0 ? fabs(r) == 1 ? 0 : jg_t_two_sided(t, df) : NAN,
                 "needs three pairs");
  by_atanh(query, r, s.n > 3 ? 1 / sqrt(s.n - 3) : NAN, "needs four pairs",
           out);
  return JG_OK;
}

/* -- ccc: Lin's concordance (1989), moments with 1/n ---------------------- */

/* The variance of Lin (1989, corrected 2000) on n - 2. */
static double ccc_variance(const struct jg_spread *s, double ccc, double r) {
  double u2 = (s->difference / sqrt(sqrt(s->xx * s->yy) / s->n)) *
              (s->difference / sqrt(sqrt(s->xx * s->yy) / s->n));
  double c2 = ccc * ccc;
  return ((1 - r * r) * c2 * (1 - c2) / (r * r) +
          2 * ccc * c2 * (1 - ccc) * u2 / r -
          0.5 * c2 * c2 * u2 * u2 / (r * r)) /
         (s->n - 2);
}

JG_METRIC_FUNCTION(jg_metric_ccc) {
  struct jg_spread s;
  (void)err;
  if (!read(state, &s, out)) {
    return JG_OK;
  }
  double below = s.xx + s.yy + s.n * s.difference * s.difference;
  if (!(below > 0) || s.xx <= 0 || s.yy <= 0) {
    return jg_metric_undefined(out, REASON_CONSTANT);
  }
  double ccc = 2 * s.xy / below;
  double r = s.xy / sqrt(s.xx * s.yy);
  const char *reason = "needs three pairs and a correlation other than 0";
  jg_metric_real(out, ccc);
  jg_metric_part(out, JG_PART_CORRECTION, ccc / r, reason);
  double variance = s.n > 2 && r != 0 ? ccc_variance(&s, ccc, r) : NAN;
  double se = sqrt(fmax(0, variance));
  se = isnan(variance) ? NAN : se;
  jg_metric_part(out, JG_PART_SE, se, reason);
  if (query->method == 1) {
    double reach = jg_normal_quantile(0.5 + query->options.level / 2) * se;
    jg_metric_part(out, JG_PART_CI_LOW, ccc - reach, reason);
    jg_metric_part(out, JG_PART_CI_HIGH, ccc + reach, reason);
  } else {
    by_atanh(query, ccc, se / (1 - ccc * ccc), reason, out);
  }
  return JG_OK;
}
