/* The agreement functions: the first byte picks one (or a state to merge), then
** a metric up to a NUL, then options. What is accepted is used on a few rows:
** values are finite, and each part that has none says why. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "api/agreement_options.h"
#include "stats/aggregate.h"
#include "stats/state.h"

#define ROWS 12
#define STATE_BYTES 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct jg_aggregate *const AGGREGATES[] = {
    &jg_aggregate_pairs, &jg_aggregate_raters, &jg_aggregate_difference,
    &jg_aggregate_rate};

static struct jg_value value_at(int i, int side) {
  static const char *const TEXTS[] = {"a", "b", "1", "0.5"};
  int pick = (i * 7 + side * 5) % 6;
  return pick < 4 ? jg_value_lend(TEXTS[pick]) : jg_value_int(pick - 4);
}

static void check_result(const struct jg_query *query,
                         const struct jg_metric_result *result) {
  for (int part = 0; part < JG_PART_COUNT; part++) {
    if (query->parts & query->metric->parts & JG_BIT(part)) {
      assert(!isinf(result->part[part]));
      assert(!isnan(result->part[part]) || result->why[part] != NULL ||
             result->reason != NULL);
    }
  }
}

static void ask(const struct jg_aggregate *aggregate, void *state,
                const struct jg_query *query) {
  struct jg_metric_result result;
  for (size_t m = 0; m < aggregate->table->count; m++) {
    struct jg_err err = {0};
    struct jg_query one = *query;
    if (query->all) {
      jg_query_narrow(&one, query, &aggregate->table->row[m]);
    }
    if (aggregate->value(state, &one, &result, &err) == JG_OK) {
      check_result(&one, &result);
    } else {
      assert(err.text[0] != 0);
    }
    if (!query->all) {
      break;
    }
  }
}

static void run(const struct jg_aggregate *aggregate,
                const struct jg_query *query) {
  static double state[STATE_BYTES / sizeof(double)];
  struct jg_err err = {0};
  memset(state, 0, sizeof state);
  if (aggregate->init(state, query, &err) != JG_OK) {
    assert(err.text[0] != 0);
    return;
  }
  for (int sign = 1; sign >= -1; sign -= 2) {
    for (int i = 0; i < ROWS && err.code == JG_OK; i++) {
      struct jg_value row[3] = {value_at(i, 0), value_at(i, 1), value_at(i, 2)};
      aggregate->move(state, row, sign, &err);
    }
    if (err.code == JG_OK) {
      ask(aggregate, state, query);
    }
  }
  aggregate->dispose(state);
}

static void try_state(const char *metric, const uint8_t *data, size_t size) {
  struct jg_accumulator acc;
  struct jg_query query;
  struct jg_err err = {0};
  jg_query_init(&query, &jg_pair_metrics, metric, NULL, &err);
  jg_accumulator_init(&acc, &query, &err);
  if (jg_state_add(data, size, &acc, &err) == JG_OK) {
    ask(&jg_aggregate_pairs, &acc, &query);
  } else {
    assert(err.text[0] != 0);
  }
  jg_accumulator_dispose(&acc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_agreement_options options = {.json = NULL};
  struct jg_query query;
  struct jg_err err = {0};
  if (size == 0) {
    return 0;
  }
  if (data[0] % 5 == 4) {
    try_state("cohen_kappa_se", data + 1, size - 1);
    try_state("quadratic_kappa", data + 1, size - 1);
    try_state("ccc_ci_low", data + 1, size - 1);
    return 0;
  }
  const struct jg_aggregate *aggregate = AGGREGATES[data[0] % 5];
  char *metric = calloc(1, size);
  if (metric == NULL) {
    return 0;
  }
  memcpy(metric, data + 1, size - 1);
  size_t len = strlen(metric);
  size_t from = len + 1 < size - 1 ? len + 1 : size - 1;
  if (jg_agreement_options_read(&options, aggregate->table, metric + from,
                                size - 1 - from, &err) == JG_OK &&
      jg_query_init(&query, aggregate->table, metric, &options.options, &err) ==
          JG_OK) {
    query.options.resamples =
        query.options.resamples < 20 ? query.options.resamples : 20;
    query.options.bins = query.options.bins < 50 ? query.options.bins : 50;
    run(aggregate, &query);
  } else {
    assert(err.text[0] != 0);
  }
  jg_agreement_options_dispose(&options);
  free(metric);
  return 0;
}
