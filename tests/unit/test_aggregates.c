/* Promises that all metrics of the four aggregates keep, part by part: the
** order of rows leaves no trace, nor does a row that was taken back, a merge is
** a longer step, and running out of memory leaves nothing behind. */
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/rng.h"
#include "stats/accumulator.h"
#include "stats/aggregate.h"

#define ROWS 120
#define STATE_BYTES 8192

static const struct jg_aggregate *const AGGREGATES[] = {
    &jg_aggregate_pairs, &jg_aggregate_raters, &jg_aggregate_difference,
    &jg_aggregate_rate};

/* Rows that suit the metric: probabilities and 0, 1; raters of items; labels
** of two judges; 0 and 1 with some labels missing; else numbers. */
static void any_row(struct jg_rng *rng, const struct jg_aggregate *aggregate,
                    const struct jg_metric *metric, int at,
                    struct jg_value row[3]) {
  struct jg_value none = {0};
  for (int i = 0; i < 3; i++) {
    row[i] = jg_value_int((int64_t)jg_rng_below(rng, 3));
  }
  if (aggregate == &jg_aggregate_raters) { /* each rater once an item */
    row[0] = jg_value_int(at / 4 * 7 % 30);
    row[1] = jg_value_int(at % 4);
    row[2] = jg_value_real((double)jg_rng_below(rng, 4) / 7 + at / 4 * 0.1);
  } else if (aggregate == &jg_aggregate_rate) {
    row[1] = jg_value_int((int64_t)jg_rng_below(rng, 2));
    row[0] = jg_rng_below(rng, 4) ? row[1] : jg_value_int(1 - row[1].integer);
    row[1] = at % 3 ? none : row[1];
  } else if (metric != NULL && (metric->needs & JG_NEEDS_CHANCES)) {
    row[0] = jg_value_real((double)jg_rng_below(rng, 30) / 29);
    row[1] = jg_value_int((int64_t)jg_rng_below(rng, 2));
  } else if (aggregate == &jg_aggregate_pairs) {
    row[0] = jg_value_real((double)jg_rng_below(rng, 9) / 7);
    row[1] = jg_value_real((double)jg_rng_below(rng, 9) / 7);
    row[at % 2] = at % 11 ? row[at % 2] : none;
  }
}

static struct jg_metric_options few_resamples(void) {
  struct jg_metric_options options;
  jg_metric_options_init(&options);
  options.resamples = 20;
  return options;
}

/* All parts of one metric. */
static int query_of(struct jg_query *query,
                    const struct jg_aggregate *aggregate,
                    const struct jg_metric *metric, struct jg_err *err) {
  struct jg_metric_options options = few_resamples();
  struct jg_query all;
  if (jg_query_init(&all, aggregate->table, "all", &options, err) == JG_OK) {
    jg_query_narrow(query, &all, metric);
    query->all = 0;
  }
  return err->code;
}

static int same(const struct jg_metric_result *a,
                const struct jg_metric_result *b) {
  for (int i = 0; i < JG_PART_COUNT; i++) {
    int both_undefined = isnan(a->part[i]) && isnan(b->part[i]);
    if (!both_undefined && a->part[i] != b->part[i]) {
      printf("  part %d: %.17g, %.17g\n", i, a->part[i], b->part[i]);
      return 0;
    }
  }
  return 1;
}

/* One run over rows: from..to, then back over rows taken..to. */
static int run(const struct jg_aggregate *aggregate,
               const struct jg_query *query, struct jg_value rows[ROWS][3],
               const int *order, int steps, int taken,
               struct jg_metric_result *out, struct jg_err *err) {
  static double state[STATE_BYTES / sizeof(double)];
  memset(state, 0, sizeof state);
  if (aggregate->init(state, query, err) != JG_OK) {
    return err->code;
  }
  for (int i = 0; i < steps && err->code == JG_OK; i++) {
    aggregate->move(state, rows[order[i]], 1, err);
  }
  for (int i = 0; i < taken && err->code == JG_OK; i++) {
    aggregate->move(state, rows[order[i]], -1, err);
  }
  if (err->code == JG_OK) {
    aggregate->value(state, query, out, err);
  }
  aggregate->dispose(state);
  return err->code;
}

static void check_metric(const struct jg_aggregate *aggregate,
                         const struct jg_metric *metric) {
  struct jg_metric_result up, down, taken, rest;
  struct jg_value rows[ROWS][3];
  struct jg_query query;
  struct jg_err err = {0};
  struct jg_rng rng;
  int order[ROWS], back[ROWS];
  jg_rng_init(&rng, 5);
  for (int i = 0; i < ROWS; i++) {
    any_row(&rng, aggregate, metric, i, rows[i]);
    order[i] = i;
    back[i] = ROWS - 1 - i;
  }
  CHECK_INT(query_of(&query, aggregate, metric, &err), JG_OK);
  CHECK_INT(run(aggregate, &query, rows, order, ROWS, 0, &up, &err), JG_OK);
  CHECK_INT(run(aggregate, &query, rows, back, ROWS, 0, &down, &err), JG_OK);
  int unchanged = same(&up, &down);
  CHECK(unchanged);
  CHECK_INT(run(aggregate, &query, rows, order, ROWS, 40, &taken, &err), JG_OK);
  CHECK_INT(run(aggregate, &query, rows, order + 40, ROWS - 40, 0, &rest, &err),
            JG_OK);
  unchanged = same(&taken, &rest) && unchanged;
  CHECK(unchanged);
  CHECK_TEXT(err.text, "");
  if (!unchanged) {
    printf("  of %s %s\n", aggregate->table->function, metric->name);
  }
}

static void for_all(void (*call)(const struct jg_aggregate *,
                                 const struct jg_metric *)) {
  for (size_t a = 0; a < sizeof AGGREGATES / sizeof AGGREGATES[0]; a++) {
    CHECK(AGGREGATES[a]->bytes <= STATE_BYTES);
    for (size_t m = 0; m < AGGREGATES[a]->table->count; m++) {
      call(AGGREGATES[a], &AGGREGATES[a]->table->row[m]);
    }
  }
}

TEST(aggregates_order_and_inverse_leave_no_trace) {
  for_all(check_metric);
}

static void check_merge(const struct jg_aggregate *aggregate,
                        const struct jg_metric *metric) {
  struct jg_accumulator whole, left, right;
  struct jg_metric_result a, b;
  struct jg_query query;
  struct jg_err err = {0};
  struct jg_rng rng;
  if (aggregate != &jg_aggregate_pairs) {
    return;
  }
  jg_rng_init(&rng, 6);
  CHECK_INT(query_of(&query, aggregate, metric, &err), JG_OK);
  jg_accumulator_init(&whole, &query, &err);
  jg_accumulator_init(&left, &query, &err);
  jg_accumulator_init(&right, &query, &err);
  for (int i = 0; i < ROWS; i++) {
    struct jg_value row[3];
    any_row(&rng, aggregate, metric, i, row);
    jg_accumulator_step(&whole, &row[0], &row[1], &err);
    jg_accumulator_step(i % 3 ? &left : &right, &row[0], &row[1], &err);
  }
  CHECK_INT(jg_accumulator_merge(&left, &right, &err), JG_OK);
  CHECK_INT(jg_accumulator_value(&whole, &query, &a, &err), JG_OK);
  CHECK_INT(jg_accumulator_value(&left, &query, &b, &err), JG_OK);
  CHECK(same(&a, &b));
  jg_accumulator_dispose(&whole);
  jg_accumulator_dispose(&left);
  jg_accumulator_dispose(&right);
}

TEST(aggregates_merge_equals_step) {
  for_all(check_merge);
}

static void check_memory(const struct jg_aggregate *aggregate,
                         const struct jg_metric *metric) {
  struct jg_metric_result result;
  struct jg_value rows[ROWS][3];
  struct jg_rng rng;
  int order[ROWS];
  jg_rng_init(&rng, 7);
  for (int i = 0; i < ROWS; i++) {
    any_row(&rng, aggregate, metric, i, rows[i]);
    order[i] = i;
  }
  for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_err err = {0};
    struct jg_query query;
    query_of(&query, aggregate, metric, &err);
    query.options.resamples = 2;
    unit_fail_allocation(n);
    int code = run(aggregate, &query, rows, order, 50, 10, &result, &err);
    CHECK(code == JG_OK || code == JG_NOMEM);
  }
}

TEST(aggregates_running_out_of_memory_leaves_nothing) {
  for_all(check_memory);
}

/* No row at all, and rows of NULLs: nothing is defined but counts, and each
** part that is not says why. */
static void check_empty(const struct jg_aggregate *aggregate,
                        const struct jg_metric *metric) {
  struct jg_metric_result result;
  struct jg_value rows[ROWS][3] = {{{0}}};
  struct jg_query query;
  struct jg_err err = {0};
  int order[ROWS] = {0};
  query_of(&query, aggregate, metric, &err);
  for (int steps = 0; steps < 3; steps += 2) {
    CHECK_INT(run(aggregate, &query, rows, order, steps, 0, &result, &err),
              JG_OK);
    for (int i = 0; i < JG_PART_COUNT; i++) {
      if ((metric->parts & JG_BIT(i)) == 0) {
        continue;
      }
      if (isnan(result.part[i])) {
        CHECK(result.why[i] != NULL || result.reason != NULL);
      } else {
        CHECK(result.kind != JG_RESULT_REAL && result.part[i] == 0);
      }
    }
  }
}

TEST(aggregates_of_nothing_tell_why) {
  for_all(check_empty);
}

/* All parts of all metrics at once, as 'all' asks for them. */
TEST(aggregates_all_takes_what_the_data_allow) {
  struct jg_accumulator acc;
  struct jg_query all;
  struct jg_err err = {0};
  struct jg_value labels[3] = {jg_value_lend("a"), jg_value_lend("b"),
                               jg_value_lend("c")};
  CHECK_INT(jg_query_init(&all, &jg_pair_metrics, "all", NULL, &err), JG_OK);
  all.options.resamples = 5;
  CHECK_INT(jg_accumulator_init(&acc, &all, &err), JG_OK);
  for (int i = 0; i < 20; i++) {
    jg_accumulator_step(&acc, &labels[i % 3], &labels[i % 2], &err);
  }
  for (size_t m = 0; m < jg_pair_metrics.count; m++) {
    struct jg_metric_result result;
    struct jg_query one;
    jg_query_narrow(&one, &all, &jg_pair_metrics.row[m]);
    CHECK_INT(jg_accumulator_value(&acc, &one, &result, &err), JG_OK);
    if (one.metric->needs & (JG_NEEDS_MOMENTS | JG_NEEDS_SERIES)) {
      CHECK_TEXT(result.reason, "some labels are not numbers");
    }
  }
  CHECK_TEXT(err.text, "");
  jg_accumulator_dispose(&acc);
}
