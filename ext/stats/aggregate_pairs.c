/* agreement(judge, human) behind the common interface. */
#include "stats/accumulator.h"
#include "stats/aggregate.h"

static int init(void *state, const struct jg_query *query, struct jg_err *err) {
  return jg_accumulator_init(state, query, err);
}

static void dispose(void *state) {
  jg_accumulator_dispose(state);
}

static int move(void *state, const struct jg_value *values, int sign,
                struct jg_err *err) {
  return sign > 0 ? jg_accumulator_step(state, &values[0], &values[1], err)
                  : jg_accumulator_inverse(state, &values[0], &values[1], err);
}

static int value(void *state, const struct jg_query *query,
                 struct jg_metric_result *out, struct jg_err *err) {
  return jg_accumulator_value(state, query, out, err);
}

static struct jg_labels *labels(void *state) {
  return &((struct jg_accumulator *)state)->labels;
}

const struct jg_aggregate jg_aggregate_pairs = {
    .table = &jg_pair_metrics,
    .bytes = sizeof(struct jg_accumulator),
    .init = init,
    .dispose = dispose,
    .move = move,
    .value = value,
    .labels = labels,
};
