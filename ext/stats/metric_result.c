/* How metrics hand over what they found, and limits that several share. */
#include <assert.h>
#include <math.h>
#include "stats/distribution.h"
#include "stats/metric_functions.h"

/* A standard error below this is the rounding of 0. */
#define ROUNDING 1e-14

void jg_metric_clear(struct jg_metric_result *out) {
  *out = (struct jg_metric_result){.kind = JG_RESULT_REAL};
  for (int i = 0; i < JG_PART_COUNT; i++) {
    out->part[i] = NAN;
  }
}

int jg_metric_real(struct jg_metric_result *out, double x) {
  out->kind = JG_RESULT_REAL;
  out->part[JG_PART_VALUE] = x;
  return JG_OK;
}

int jg_metric_int(struct jg_metric_result *out, uint64_t x) {
  out->kind = JG_RESULT_INT;
  out->integer = (int64_t)x;
  out->part[JG_PART_VALUE] = (double)x;
  return JG_OK;
}

int jg_metric_undefined(struct jg_metric_result *out, const char *reason) {
  out->reason = reason;
  return JG_OK;
}

void jg_metric_part(struct jg_metric_result *out, enum jg_part part, double x,
                    const char *reason) {
  out->part[part] = isfinite(x) ? x : NAN;
  out->why[part] = isfinite(x) ? NULL : reason;
}

void jg_metric_limits(struct jg_metric_result *out, double low, double high) {
  out->part[JG_PART_CI_LOW] = low;
  out->part[JG_PART_CI_HIGH] = high;
}

void jg_metric_normal(const struct jg_query *query,
                      struct jg_metric_result *out, double value, double se,
                      double df, const char *reason) {
  const struct jg_metric_options *options = &query->options;
  double p = 0.5 + options->level / 2;
  jg_metric_real(out, value);
  if (!jg_asked(query, ~JG_VALUE)) {
    return;
  }
  se = se < ROUNDING ? 0 : se;
  jg_metric_part(out, JG_PART_SE, se, reason);
  if (isnan(se)) {
    out->why[JG_PART_CI_LOW] = reason;
    out->why[JG_PART_CI_HIGH] = reason;
    return;
  }
  if (!jg_asked(query, JG_CI)) {
    return;
  }
  double reach =
      se * (options->t_limits ? jg_t_quantile(p, df) : jg_normal_quantile(p));
  jg_metric_limits(out, value - reach, value + reach);
  if (options->t_limits && value + reach > 1) {
    out->part[JG_PART_CI_HIGH] = 1;
  }
}

void jg_wilson(double k, double n, double level, double *low, double *high) {
  assert(n > 0 && level > 0 && level < 1);
  double z = jg_normal_quantile(0.5 + level / 2);
  double p = k / n;
  double middle = p + z * z / (2 * n);
  double reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double below = 1 + z * z / n;
  *low = k == 0 ? 0 : (middle - reach) / below;
  *high = k == n ? 1 : (middle + reach) / below;
}

void jg_clopper_pearson(double k, double n, double level, double *low,
                        double *high) {
  double tail = (1 - level) / 2;
  *low = k == 0 ? 0 : jg_beta_quantile(tail, k, n - k + 1);
  *high = k == n ? 1 : jg_beta_quantile(1 - tail, k + 1, n - k);
}
