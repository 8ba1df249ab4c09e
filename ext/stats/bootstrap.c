/* The bootstrap; see bootstrap.h. */
#include "stats/bootstrap.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "core/rng.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"

#define REASON_REPLICATES "too few resamples have a value"

/* -- limits --------------------------------------------------------------- */

double jg_boot_quantile(const double *sorted, size_t n, double p,
                        enum jg_boot_quantile how) {
  assert(n > 0 && p >= 0 && p <= 1 && sorted[0] <= sorted[n - 1]);
  if (how == JG_BOOT_TYPE7) {
    double at = p * (double)(n - 1);
    size_t low = (size_t)fmax(0, fmin((double)(n - 1), floor(at)));
    size_t high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
  }
  double rank = (double)(n + 1) * p;
  double k = trunc(rank);
  if (k < 1 || k >= (double)n) {
    return k < 1 ? sorted[0] : sorted[n - 1];
  }
  size_t low = (size_t)k - 1;
  if (k == rank) {
    return sorted[low];
  }
  double from = jg_normal_quantile(k / (double)(n + 1));
  double to = jg_normal_quantile((k + 1) / (double)(n + 1));
  return sorted[low] + (jg_normal_quantile(p) - from) / (to - from) *
                           (sorted[low + 1] - sorted[low]);
}

double jg_boot_bias(const double *replicate, size_t n, double estimate,
                    int half_ties) {
  double below = 0;
  double ties = 0;
  for (size_t i = 0; i < n; i++) {
    if (fabs(replicate[i] - estimate) <= JG_BOOT_TIE) {
      ties++;
    } else if (replicate[i] < estimate) {
      below++;
    }
  }
  return jg_normal_quantile((below + (half_ties ? ties / 2 : 0)) / (double)n);
}

double jg_boot_acceleration(const double *left, const double *weight,
                            size_t n) {
  double total = 0;
  double mean = 0;
  double squares = 0;
  double cubes = 0;
  for (size_t i = 0; i < n; i++) {
    double w = weight != NULL ? weight[i] : 1;
    mean += w > 0 ? w * left[i] : 0;
    total += w;
  }
  mean /= total;
  for (size_t i = 0; i < n; i++) {
    double w = weight != NULL ? weight[i] : 1;
    double d = w > 0 ? mean - left[i] : 0;
    squares += w * d * d;
    cubes += w * d * d * d;
  }
  return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

double jg_boot_adjust(double p, double bias, double acceleration) {
  double z = bias + jg_normal_quantile(p);
  return jg_normal_cdf(bias + z / (1 - acceleration * z));
}

/* -- drawing -------------------------------------------------------------- */

/* log(k!) less its approximation, as BTRS wants it. */
static double stirling_tail(double k) {
  static const double TAIL[] = {0.0810614667953272,  0.0413406959554092,
                                0.0276779256849983,  0.0207906721037651,
                                0.0166446911898211,  0.0138761288230707,
                                0.0118967099458917,  0.0104112652619720,
                                0.00925546218271273, 0.00833056343336287};
  if (k <= 9) {
    return TAIL[(int)k];
  }
  double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

/* Few expected: distances between successes are geometric. */
static double few(struct jg_rng *rng, double n, double p) {
  double count = 0;
  double at = 0;
  double scale = log1p(-p);
  for (;;) {
    at += floor(log(1 - jg_rng_real(rng)) / scale) + 1;
    if (!(at <= n)) {
      return count;
    }
    count++;
  }
}

/* Many: transformed rejection with squeeze (BTRS), 10 <= n p, p <= 1/2. */
static double many(struct jg_rng *rng, double n, double p) {
  double q = 1 - p;
  double spread = sqrt(n * p * q);
  double b = 1.15 + 2.53 * spread;
  double a = -0.0873 + 0.0248 * b + 0.01 * p;
  double c = n * p + 0.5;
  double enough = 0.92 - 4.2 / b;
  double alpha = (2.83 + 5.1 / b) * spread;
  double m = floor((n + 1) * p);
  double odds = p / q;
  for (;;) {
    double u = jg_rng_real(rng) - 0.5;
    double v = 1 - jg_rng_real(rng);
    double us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= enough) {
      return k;
    }
    if (!(k >= 0 && k <= n)) {
      continue;
    }
    v = log(v * alpha / (a / (us * us) + b));
    double most = (m + 0.5) * log((m + 1) / (odds * (n - m + 1))) +
                  (n + 1) * log((n - m + 1) / (n - k + 1)) +
                  (k + 0.5) * log(odds * (n - k + 1) / (k + 1)) +
                  stirling_tail(m) + stirling_tail(n - m) - stirling_tail(k) -
                  stirling_tail(n - k);
    if (v <= most) {
      return k;
    }
  }
}

static double binomial(struct jg_rng *rng, double n, double p) {
  assert(n >= 0 && n == floor(n));
  if (n == 0 || p <= 0) {
    return 0;
  }
  if (p >= 1) {
    return n;
  }
  if (p > 0.5) {
    return n - binomial(rng, n, 1 - p);
  }
  return n * p < 10 ? few(rng, n, p) : many(rng, n, p);
}

static void draw(struct jg_rng *rng, const double *count, size_t cells,
                 double *to) {
  double rest = 0;
  for (size_t i = 0; i < cells; i++) {
    rest += count[i];
  }
  double left = rest;
  for (size_t i = 0; i < cells; i++) {
    to[i] = binomial(rng, left, count[i] / rest);
    assert(to[i] >= 0 && to[i] <= left);
    left -= to[i];
    rest -= count[i];
  }
}

/* -- running -------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Fills replicate with the values that exist, sorted; returns how many. */
static size_t replicates(const struct jg_boot *boot,
                         const struct jg_query *query, double *replicate,
                         struct jg_err *err) {
  struct jg_rng rng;
  size_t n = 0;
  size_t first = boot->split > 0 ? boot->split : boot->cells;
  double *count = jg_mem_new(boot->cells, sizeof *count, err);
  jg_rng_init(&rng, (uint64_t)query->options.seed);
  for (int64_t b = 0; err->code == JG_OK && b < query->options.resamples; b++) {
    draw(&rng, boot->count, first, count);
    if (boot->fixed) {
      memcpy(count + first, boot->count + first,
             (boot->cells - first) * sizeof *count);
    } else {
      draw(&rng, boot->count + first, boot->cells - first, count + first);
    }
    double value = boot->value(boot->ctx, count, err);
    if (isfinite(value)) {
      replicate[n++] = value;
    }
  }
  jg_mem_free(count);
  qsort(replicate, n, sizeof *replicate, by_size);
  return n;
}

static double acceleration(const struct jg_boot *boot, struct jg_err *err) {
  double value = 0;
  double *count = jg_mem_new(boot->cells, sizeof *count, err);
  double *left = jg_mem_new(boot->cells, sizeof *left, err);
  if (err->code == JG_OK) {
    memcpy(count, boot->count, boot->cells * sizeof *count);
    for (size_t i = 0; i < boot->cells; i++) {
      if (count[i] > 0) {
        count[i]--;
        left[i] = boot->value(boot->ctx, count, err);
        count[i]++;
      }
    }
    value = jg_boot_acceleration(left, boot->count, boot->cells);
  }
  jg_mem_free(count);
  jg_mem_free(left);
  return isfinite(value) ? value : 0;
}

static double deviation(const double *x, size_t n) {
  double mean = 0;
  double squares = 0;
  for (size_t i = 0; i < n; i++) {
    mean += x[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  return sqrt(squares / (double)(n - 1));
}

int jg_boot_run(const struct jg_boot *boot, const struct jg_query *query,
                int bca, struct jg_metric_result *out, struct jg_err *err) {
  assert(boot->cells > 0 && boot->split <= boot->cells);
  assert(query->options.resamples > 0);
  double estimate = boot->value(boot->ctx, boot->count, err);
  double low = (1 - query->options.level) / 2;
  double high = 1 - low;
  jg_metric_part(out, JG_PART_VALUE, estimate, "undefined for these counts");
  if (err->code != JG_OK || isnan(estimate) || !jg_asked(query, ~JG_VALUE)) {
    return err->code;
  }
  double *t = jg_mem_new((size_t)query->options.resamples, sizeof *t, err);
  size_t n = t != NULL ? replicates(boot, query, t, err) : 0;
  if (err->code == JG_OK && n < 2) {
    out->reason = REASON_REPLICATES;
  } else if (err->code == JG_OK) {
    if (bca) {
      double bias = jg_boot_bias(t, n, estimate, 1);
      double a = acceleration(boot, err);
      low = jg_boot_adjust(low, bias, a);
      high = jg_boot_adjust(high, bias, a);
    }
    out->part[JG_PART_SE] = deviation(t, n);
    jg_metric_part(out, JG_PART_CI_LOW,
                   isnan(low) ? NAN
                              : jg_boot_quantile(t, n, low, JG_BOOT_TYPE7),
                   REASON_REPLICATES);
    jg_metric_part(out, JG_PART_CI_HIGH,
                   isnan(high) ? NAN
                               : jg_boot_quantile(t, n, high, JG_BOOT_TYPE7),
                   REASON_REPLICATES);
  }
  jg_mem_free(t);
  return err->code;
}
