/* Comparison of two judges on the same rows; see paired.h. */
#include "stats/paired.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "stats/accumulator.h"
#include "stats/distribution.h"

#define CONFIDENCE 0.95
/* Below this a standard error is the rounding of equal values. */
#define ROUNDING 1e-14

#define REASON_GROUPS "fewer than two groups"
#define REASON_CONSTANT                                                        \
  "leaving out any group gives the same difference, so it cannot be tested"
#define REASON_LEFT_OUT "undefined once a group is left out"

/* Two accumulators of one metric side by side. */
struct both {
  struct jg_accumulator original;
  struct jg_accumulator aligned;
  int failures_count; /* a failed verdict is a wrong one */
  double sign;        /* -1 where less is better */
};

static const struct jg_value FAILED = {.type = JG_NULL};

static int is_null(const struct jg_value *value) {
  return value == NULL || value->type == JG_NULL;
}

static int is_used(const struct both *both, const struct jg_paired_row *row) {
  if (is_null(row->human)) {
    return 0;
  }
  return both->failures_count ||
         (!is_null(row->original) && !is_null(row->aligned));
}

static int by_group(const void *a, const void *b) {
  const struct jg_paired_row *x = *(const struct jg_paired_row *const *)a;
  const struct jg_paired_row *y = *(const struct jg_paired_row *const *)b;
  if (x->group != y->group) {
    return x->group < y->group ? -1 : 1;
  }
  return x < y ? -1 : x > y;
}

/* The rows used, sorted by group; freed by the caller. */
static const struct jg_paired_row **sort_rows(const struct both *both,
                                              const struct jg_paired_row *rows,
                                              size_t n, size_t *used,
                                              struct jg_err *err) {
  const struct jg_paired_row **list = jg_mem_new(n, sizeof *list, err);
  *used = 0;
  for (size_t i = 0; list != NULL && i < n; i++) {
    if (is_used(both, &rows[i])) {
      list[(*used)++] = &rows[i];
    }
  }
  if (list != NULL) {
    qsort(list, *used, sizeof *list, by_group);
  }
  return list;
}

static int move_one(struct jg_accumulator *acc, const struct jg_value *judge,
                    const struct jg_value *human, int sign,
                    struct jg_err *err) {
  if (is_null(judge)) {
    jg_accumulator_miss(acc, sign);
    return JG_OK;
  }
  return sign > 0 ? jg_accumulator_step(acc, judge, human, err)
                  : jg_accumulator_inverse(acc, judge, human, err);
}

/* Adds rows to both judges, or takes them back with sign -1. */
static int move_rows(struct both *both, const struct jg_paired_row **rows,
                     size_t n, int sign, struct jg_err *err) {
  for (size_t i = 0; i < n; i++) {
    const struct jg_paired_row *row = rows[i];
    if (move_one(&both->original, row->original ? row->original : &FAILED,
                 row->human, sign, err) != JG_OK ||
        move_one(&both->aligned, row->aligned ? row->aligned : &FAILED,
                 row->human, sign, err) != JG_OK) {
      return err->code;
    }
  }
  return JG_OK;
}

/* The value as a number, NaN when undefined, with the reason. */
static double number(struct jg_accumulator *acc, const char **reason,
                     struct jg_err *err) {
  struct jg_metric_result result;
  if (jg_accumulator_value(acc, &acc->query, &result, err) != JG_OK) {
    return NAN;
  }
  double value = result.part[JG_PART_VALUE];
  if (isnan(value)) {
    *reason = result.why[JG_PART_VALUE] != NULL ? result.why[JG_PART_VALUE]
                                                : result.reason;
  }
  return value;
}

static double difference(struct both *both, const char **reason,
                         struct jg_err *err) {
  double original = number(&both->original, reason, err);
  double aligned = number(&both->aligned, reason, err);
  return both->sign * (aligned - original);
}

static size_t group_end(const struct jg_paired_row **rows, size_t n,
                        size_t from) {
  size_t end = from;
  assert(from < n);
  while (end < n && rows[end]->group == rows[from]->group) {
    end++;
  }
  return end;
}

/* Fills left[0..groups-1] with the difference without each group. */
static int leave_out(struct both *both, const struct jg_paired_row **rows,
                     size_t n, double *left, struct jg_err *err) {
  const char *reason = NULL;
  size_t group = 0;
  for (size_t from = 0; from < n;) {
    size_t end = group_end(rows, n, from);
    if (move_rows(both, rows + from, end - from, -1, err) != JG_OK) {
      return err->code;
    }
    left[group++] = difference(both, &reason, err);
    if (move_rows(both, rows + from, end - from, 1, err) != JG_OK) {
      return err->code;
    }
    assert(end == n || rows[end]->group > rows[from]->group); /* sorted */
    from = end;
  }
  return err->code;
}

/* Summed exactly, so that the order of groups does not matter. */
static double jackknife_error(const double *left, size_t groups) {
  struct jg_exact sum = {0};
  struct jg_exact squares = {0};
  for (size_t i = 0; i < groups; i++) {
    jg_exact_add(&sum, left[i]);
  }
  double mean = jg_exact_value(&sum) / (double)groups;
  for (size_t i = 0; i < groups; i++) {
    jg_exact_add_product(&squares, left[i] - mean, left[i] - mean);
  }
  return sqrt(jg_exact_value(&squares) * (double)(groups - 1) / (double)groups);
}

/* Interval and p-value from the differences without each group. */
static void judge_difference(struct jg_paired *out, const double *left) {
  assert(out->groups >= 2 && isfinite(out->improvement));
  double d = out->improvement;
  double df = (double)out->groups - 1;
  double se = jackknife_error(left, out->groups);
  if (isnan(se)) {
    out->reason = REASON_LEFT_OUT;
    return;
  }
  if (se <= ROUNDING) {
    out->ci_low = d;
    out->ci_high = d;
    out->p_value = fabs(d) <= ROUNDING ? 1 : NAN;
    out->reason = isnan(out->p_value) ? REASON_CONSTANT : NULL;
    return;
  }
  double reach = jg_t_quantile(0.5 + CONFIDENCE / 2, df) * se;
  out->ci_low = d - reach;
  out->ci_high = d + reach;
  out->p_value = jg_t_two_sided(d / se, df);
}

static int compare(struct both *both, const struct jg_paired_row **rows,
                   size_t n, struct jg_paired *out, struct jg_err *err) {
  if (move_rows(both, rows, n, 1, err) != JG_OK) {
    return err->code;
  }
  out->n = n;
  for (size_t from = 0; from < n; from = group_end(rows, n, from)) {
    out->groups++;
  }
  out->original = number(&both->original, &out->reason, err);
  out->aligned = number(&both->aligned, &out->reason, err);
  out->improvement = both->sign * (out->aligned - out->original);
  if (err->code != JG_OK || isnan(out->improvement)) {
    return err->code;
  }
  if (out->groups < 2) {
    out->reason = REASON_GROUPS;
    return JG_OK;
  }
  double *left = jg_mem_new(out->groups, sizeof *left, err);
  if (left != NULL && leave_out(both, rows, n, left, err) == JG_OK) {
    judge_difference(out, left);
  }
  jg_mem_free(left);
  return err->code;
}

/* Errors get better as they fall. */
static int is_loss(const char *metric) {
  return strcmp(metric, "mae") == 0 || strcmp(metric, "mse") == 0 ||
         strcmp(metric, "rmse") == 0;
}

static int init_both(struct both *both, const char *name,
                     const struct jg_value *order, size_t order_count,
                     struct jg_err *err) {
  struct jg_query query;
  struct jg_metric_options options;
  jg_metric_options_init(&options);
  if (jg_query_init(&query, &jg_pair_metrics, name, NULL, err) != JG_OK) {
    return err->code;
  }
  const struct jg_metric *metric = query.metric;
  int weighted = metric->needs & (JG_NEEDS_VALUES | JG_NEEDS_MOMENTS);
  if (order_count > 0 && weighted && (metric->takes & JG_TAKES_ORDER)) {
    options.given = JG_TAKES_ORDER;
    options.order = order;
    options.order_count = order_count;
  }
  both->failures_count = metric->needs == JG_NEEDS_COUNTS;
  both->sign = is_loss(name) ? -1 : 1;
  if (jg_query_init(&query, &jg_pair_metrics, name, &options, err) == JG_OK &&
      jg_accumulator_init(&both->original, &query, err) == JG_OK) {
    jg_accumulator_init(&both->aligned, &query, err);
  }
  return err->code;
}

int jg_paired_metric(const char *metric, const struct jg_paired_row *rows,
                     size_t n, const struct jg_value *order, size_t order_count,
                     struct jg_paired *out, struct jg_err *err) {
  struct both both = {0};
  const struct jg_paired_row **list = NULL;
  size_t used = 0;
  *out = (struct jg_paired){.original = NAN,
                            .aligned = NAN,
                            .improvement = NAN,
                            .ci_low = NAN,
                            .ci_high = NAN,
                            .p_value = NAN};
  if (init_both(&both, metric, order, order_count, err) == JG_OK) {
    list = sort_rows(&both, rows, n, &used, err);
  }
  if (list != NULL) {
    compare(&both, list, used, out, err);
  }
  jg_mem_free(list);
  jg_accumulator_dispose(&both.original);
  jg_accumulator_dispose(&both.aligned);
  return err->code;
}

/* -- people among themselves ---------------------------------------------- */

static int by_trace(const void *a, const void *b) {
  const struct jg_human_label *x = *(const struct jg_human_label *const *)a;
  const struct jg_human_label *y = *(const struct jg_human_label *const *)b;
  if (x->trace != y->trace) {
    return x->trace < y->trace ? -1 : 1;
  }
  return jg_value_compare(x->value, y->value);
}

/* The share of equal ones among the pairs of labels, sorted by value. */
static double equal_share(const struct jg_human_label **labels, size_t n) {
  double equal = 0;
  assert(n >= 2);
  for (size_t from = 0; from < n;) {
    size_t end = from;
    while (end < n && jg_value_equal(labels[from]->value, labels[end]->value)) {
      end++;
    }
    equal += (double)(end - from) * (double)(end - from - 1);
    from = end;
  }
  return equal / ((double)n * (double)(n - 1));
}

int jg_human_agreement(const struct jg_human_label *labels, size_t n,
                       double *agreement, uint64_t *traces,
                       struct jg_err *err) {
  struct jg_exact shares = {0};
  size_t used = 0;
  *agreement = NAN;
  *traces = 0;
  const struct jg_human_label **list = jg_mem_new(n, sizeof *list, err);
  if (list == NULL) {
    return err->code;
  }
  for (size_t i = 0; i < n; i++) {
    if (!is_null(labels[i].value)) {
      list[used++] = &labels[i];
    }
  }
  qsort(list, used, sizeof *list, by_trace);
  for (size_t from = 0; from < used;) {
    size_t end = from;
    while (end < used && list[end]->trace == list[from]->trace) {
      end++;
    }
    if (end - from >= 2) {
      jg_exact_add(&shares, equal_share(list + from, end - from));
      (*traces)++;
    }
    from = end;
  }
  jg_mem_free(list);
  if (*traces > 0) {
    *agreement = jg_exact_value(&shares) / (double)*traces;
  }
  return JG_OK;
}

int jg_majority_baseline(const struct jg_human_label *labels, size_t n,
                         double *share, struct jg_err *err) {
  struct jg_accumulator acc;
  struct jg_query query;
  const char *reason = NULL;
  *share = NAN;
  if (jg_query_init(&query, &jg_pair_metrics, "majority_baseline", NULL, err) !=
          JG_OK ||
      jg_accumulator_init(&acc, &query, err) != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < n && err->code == JG_OK; i++) {
    if (!is_null(labels[i].value)) {
      jg_accumulator_step(&acc, labels[i].value, labels[i].value, err);
    }
  }
  if (err->code == JG_OK) {
    *share = number(&acc, &reason, err);
  }
  jg_accumulator_dispose(&acc);
  return err->code;
}
