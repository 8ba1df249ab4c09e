/* Numbers given by several raters: Kendall's W and intraclass correlations,
** over the items that all of them rated. */
#include <math.h>
#include <stdlib.h>
#include "core/mem.h"
#include "stats/distribution.h"
#include "stats/icc.h"
#include "stats/metric_raters.h"
#include "stats/panel.h"

/* -- kendall_w: concordance of rankings (Kendall and Babington Smith 1939) - */

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* The middle rank of x in a sorted list, from 1. */
static double middle_rank(const double *sorted, size_t n, double x) {
  size_t below = 0;
  size_t high = n;
  while (below < high) {
    size_t middle = (below + high) / 2;
    if (sorted[middle] < x) {
      below = middle + 1;
    } else {
      high = middle;
    }
  }
  size_t upto = below;
  high = n;
  while (upto < high) {
    size_t middle = (upto + high) / 2;
    if (sorted[middle] <= x) {
      upto = middle + 1;
    } else {
      high = middle;
    }
  }
  return ((double)below + (double)upto + 1) / 2;
}

/* sum t^3 - t over groups of equal numbers. */
static double ties_of(const double *sorted, size_t n) {
  double sum = 0;
  for (size_t from = 0; from < n;) {
    size_t end = from;
    while (end < n && sorted[end] == sorted[from]) {
      end++;
    }
    double t = (double)(end - from);
    sum += t * t * t - t;
    from = end;
  }
  return sum;
}

/* Sums of ranks by item, and the ties of all raters. */
static int rank_all(const double *x, size_t n, size_t m, double *sum,
                    double *ties, struct jg_err *err) {
  double *sorted = jg_mem_new(n, sizeof *sorted, err);
  for (size_t g = 0; sorted != NULL && g < m; g++) {
    for (size_t i = 0; i < n; i++) {
      sorted[i] = x[i * m + g];
    }
    qsort(sorted, n, sizeof *sorted, by_size);
    *ties += ties_of(sorted, n);
    for (size_t i = 0; i < n; i++) {
      sum[i] += middle_rank(sorted, n, x[i * m + g]);
    }
  }
  jg_mem_free(sorted);
  return err->code;
}

static int kendall_w(const struct jg_query *query, const double *x,
                     size_t items, size_t raters, struct jg_metric_result *out,
                     struct jg_err *err) {
  double n = (double)items;
  double m = (double)raters;
  double ties = 0;
  double squares = 0;
  double *sum = jg_mem_new(items, sizeof *sum, err);
  if (sum != NULL && rank_all(x, items, raters, sum, &ties, err) == JG_OK) {
    for (size_t i = 0; i < items; i++) {
      double d = sum[i] - m * (n + 1) / 2;
      squares += d * d;
    }
    double below = m * m * (n * n * n - n);
    if (!query->options.ties_uncorrected) {
      below -= m * ties;
    }
    double w = below > 0 ? 12 * squares / below : NAN;
    jg_metric_part(out, JG_PART_VALUE, w, "the numbers do not vary");
    jg_metric_part(out, JG_PART_P, jg_chi_square_upper(m * (n - 1) * w, n - 1),
                   "the numbers do not vary");
  }
  jg_mem_free(sum);
  return err->code;
}

/* -- icc_1_1 .. icc_3_k --------------------------------------------------- */

/* The two-way table's sums of squares, about its mean. */
static int icc(const struct jg_query *query, const double *x, size_t items,
               size_t raters, struct jg_metric_result *out,
               struct jg_err *err) {
  double n = (double)items;
  double k = (double)raters;
  double mean = 0;
  double rows = 0;
  double columns = 0;
  double all = 0;
  double *column = jg_mem_new(raters, sizeof *column, err);
  if (column == NULL) {
    return err->code;
  }
  for (size_t i = 0; i < items * raters; i++) {
    mean += x[i] / (n * k);
  }
  for (size_t i = 0; i < items; i++) {
    double row = 0;
    for (size_t g = 0; g < raters; g++) {
      double d = x[i * raters + g] - mean;
      row += d / k;
      column[g] += d / n;
      all += d * d;
    }
    rows += k * row * row;
  }
  for (size_t g = 0; g < raters; g++) {
    columns += n * column[g] * column[g];
  }
  jg_mem_free(column);
  struct jg_squares squares = {
      .n = n,
      .k = k,
      .items = rows / (n - 1),
      .raters = columns / (k - 1),
      .residual = fmax(0, all - rows - columns) / ((n - 1) * (k - 1)),
      .within = fmax(0, all - rows) / (n * (k - 1)),
  };
  return jg_icc(query, &squares, out);
}

typedef int numbers_value(const struct jg_query *query, const double *x,
                          size_t items, size_t raters,
                          struct jg_metric_result *out, struct jg_err *err);

static int over_complete(struct jg_raters *raters, const struct jg_query *query,
                         numbers_value *value, struct jg_metric_result *out,
                         struct jg_err *err) {
  struct jg_panel panel;
  struct jg_metric_options options = query->options;
  const char *reason = NULL;
  size_t items = 0;
  /* Scores by value, which the distance asks the panel for. */
  options.scores_are_values = (options.given & JG_TAKES_ORDER) == 0;
  options.distance = JG_DISTANCE_INTERVAL;
  if (jg_panel_init(&panel, raters, &options, JG_WEIGHTS_NONE, err) != JG_OK) {
    return err->code;
  }
  double *x = jg_panel_complete(&panel, &items, &reason, err);
  if (x == NULL) {
    jg_metric_undefined(out, reason);
  } else if (items < 2) {
    jg_metric_undefined(out, "fewer than two items have all ratings");
  } else {
    value(query, x, items, panel.raters, out, err);
  }
  jg_mem_free(x);
  jg_panel_dispose(&panel);
  return err->code;
}

JG_METRIC_FUNCTION(jg_raters_kendall_w) {
  return over_complete(state, query, kendall_w, out, err);
}

JG_METRIC_FUNCTION(jg_raters_icc) {
  return over_complete(state, query, icc, out, err);
}
