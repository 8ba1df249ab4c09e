/* Metrics of a judge's probabilities (of the label 1) against labels 0 and 1. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "stats/accumulator.h"
#include "stats/metric_functions.h"

/* Decimal edges such as 0.3 are no doubles: this far they count as met. */
#define EDGE 1e-12
/* log(0) is avoided by this much, as scikit-learn does for doubles. */
#define CLIP 2.220446049250313e-16

/* -- brier: mean (p - y)^2 ------------------------------------------------ */

JG_METRIC_FUNCTION(jg_metric_brier) {
  struct jg_accumulator *acc = state;
  struct jg_exact sum = {0};
  const struct jg_point *point = jg_series_points(&acc->series);
  (void)query;
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  for (size_t i = 0; i < acc->series.count; i++) {
    double d = point[i].judge - point[i].human;
    jg_exact_add_product(&sum, d, d);
  }
  return jg_metric_real(out, jg_exact_value(&sum) / (double)acc->n);
}

/* -- log_loss: -mean log of the probability given to what was so ---------- */

JG_METRIC_FUNCTION(jg_metric_log_loss) {
  struct jg_accumulator *acc = state;
  struct jg_exact sum = {0};
  const struct jg_point *point = jg_series_points(&acc->series);
  (void)query;
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  for (size_t i = 0; i < acc->series.count; i++) {
    double p = fmin(1 - CLIP, fmax(CLIP, point[i].judge));
    jg_exact_add(&sum, point[i].human == 1 ? -log(p) : -log1p(-p));
  }
  return jg_metric_real(out, jg_exact_value(&sum) / (double)acc->n);
}

/* -- ece, ece_l2, mce: bins of probabilities ------------------------------ */

struct bin {
  double count;
  double ones;
  struct jg_exact confidence;
};

/* The bin of p: (lo, hi] with 0 in the first, or [lo, hi) with 1 in the
** last. */
static size_t bin_of(double p, double bins, int left) {
  double at = p * bins;
  double whole = floor(at + EDGE * bins);
  double place = left || at - whole > EDGE * bins ? whole : whole - 1;
  return (size_t)fmax(0, fmin(bins - 1, place));
}

static int by_judge(const void *a, const void *b) {
  const struct jg_point *x = a;
  const struct jg_point *y = b;
  if (x->judge != y->judge) {
    return x->judge < y->judge ? -1 : 1;
  }
  return x->human < y->human ? -1 : x->human > y->human;
}

/* A sorted copy of all points; freed by the caller. */
static struct jg_point *sorted(const struct jg_series *series,
                               struct jg_err *err) {
  struct jg_point *list = jg_mem_new(series->count, sizeof *list, err);
  if (list != NULL && series->count > 0) {
    memcpy(list, jg_series_points(series), series->count * sizeof *list);
    qsort(list, series->count, sizeof *list, by_judge);
  }
  return list;
}

static void add(struct bin *bin, const struct jg_point *point) {
  bin->count++;
  bin->ones += point->human;
  jg_exact_add(&bin->confidence, point->judge);
}

/* Bins of equally many points; equal probabilities stay together. */
static int fill_equal_mass(struct bin *bin, size_t bins,
                           const struct jg_series *series, struct jg_err *err) {
  struct jg_point *list = sorted(series, err);
  size_t at = 0;
  for (size_t i = 0; list != NULL && i < series->count; i++) {
    if (i == 0 || list[i].judge != list[i - 1].judge) {
      at = (size_t)((double)i / (double)series->count * (double)bins);
    }
    add(&bin[at], &list[i]);
  }
  jg_mem_free(list);
  return err->code;
}

static int fill(struct bin *bin, const struct jg_query *query,
                const struct jg_series *series, struct jg_err *err) {
  const struct jg_metric_options *options = &query->options;
  const struct jg_point *point = jg_series_points(series);
  if (options->bins_equal_mass) {
    return fill_equal_mass(bin, (size_t)options->bins, series, err);
  }
  for (size_t i = 0; i < series->count; i++) {
    add(&bin[bin_of(point[i].judge, (double)options->bins, options->bins_left)],
        &point[i]);
  }
  return JG_OK;
}

/* power 1: mean gap, 2: root of the mean squared gap, 0: largest gap. */
static int calibration(struct jg_accumulator *acc, const struct jg_query *query,
                       int power, struct jg_metric_result *out,
                       struct jg_err *err) {
  size_t bins = (size_t)query->options.bins;
  double sum = 0;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  struct bin *bin = jg_mem_new(bins, sizeof *bin, err);
  if (bin != NULL && fill(bin, query, &acc->series, err) == JG_OK) {
    for (size_t i = 0; i < bins; i++) {
      if (bin[i].count == 0) {
        continue;
      }
      double gap =
          fabs(bin[i].ones - jg_exact_value(&bin[i].confidence)) / bin[i].count;
      double weight = bin[i].count / (double)acc->n;
      sum = power == 0   ? fmax(sum, gap)
            : power == 1 ? sum + weight * gap
                         : sum + weight * gap * gap;
    }
    jg_metric_real(out, power == 2 ? sqrt(sum) : sum);
  }
  jg_mem_free(bin);
  return err->code;
}

JG_METRIC_FUNCTION(jg_metric_ece) {
  return calibration(state, query, 1, out, err);
}

JG_METRIC_FUNCTION(jg_metric_ece_l2) {
  return calibration(state, query, 2, out, err);
}

JG_METRIC_FUNCTION(jg_metric_mce) {
  return calibration(state, query, 0, out, err);
}

/* -- auroc, average_precision --------------------------------------------- */

#define REASON_ONE_CLASS "all human labels are the same"

/* (wins + ties / 2) / (ones * zeros), and the step sum of precision over
** recall, in one walk over groups of equal probabilities from the top. */
static int curves(struct jg_accumulator *acc, int precision,
                  struct jg_metric_result *out, struct jg_err *err) {
  size_t n = acc->series.count;
  double ones = 0;
  double zeros = 0;
  double wins = 0;
  double area = 0;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  struct jg_point *list = sorted(&acc->series, err);
  if (list == NULL) {
    return err->code;
  }
  for (size_t i = n; i > 0;) {
    double new_ones = 0;
    double new_zeros = 0;
    double p = list[i - 1].judge;
    while (i > 0 && list[i - 1].judge == p) {
      i--;
      new_ones += list[i].human;
      new_zeros += 1 - list[i].human;
    }
    wins += new_zeros * (ones + new_ones / 2);
    ones += new_ones;
    zeros += new_zeros;
    area += new_ones * (ones / (ones + zeros));
  }
  jg_mem_free(list);
  if (ones == 0 || (zeros == 0 && !precision)) {
    return jg_metric_undefined(out, REASON_ONE_CLASS);
  }
  return jg_metric_real(out, precision ? area / ones : wins / (ones * zeros));
}

JG_METRIC_FUNCTION(jg_metric_auroc) {
  (void)query;
  return curves(state, 0, out, err);
}

JG_METRIC_FUNCTION(jg_metric_average_precision) {
  (void)query;
  return curves(state, 1, out, err);
}
