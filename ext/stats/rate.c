/* A judged population, part of it labelled; see rate.h. */
#include "stats/rate.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/aggregate.h"
#include "stats/metric_functions.h"
#include "stats/weighting.h"

int jg_rate_init(struct jg_rate *rate, const struct jg_query *query,
                 struct jg_err *err) {
  memset(rate, 0, sizeof *rate);
  rate->query = *query;
  rate->pairs = jg_mem_new(1, sizeof *rate->pairs, err);
  rate->unlabelled = jg_mem_new(1, sizeof *rate->unlabelled, err);
  if (err->code != JG_OK) {
    jg_rate_dispose(rate);
  }
  return err->code;
}

void jg_rate_dispose(struct jg_rate *rate) {
  jg_mem_free(rate->pairs);
  jg_mem_free(rate->unlabelled);
  memset(rate, 0, sizeof *rate);
}

/* 1 or 0 by the positive label, else the number that the value is. */
static double number_of(const struct jg_rate *rate,
                        const struct jg_value *value, struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  const struct jg_value *pos = rate->query.options.pos;
  if (pos != NULL) {
    return jg_value_equal(value, pos);
  }
  double x = jg_label_number(value);
  if (isnan(x)) {
    jg_err_set(err, JG_ERROR,
               "label %s is no number: say which one passes, {\"pos\":...}",
               jg_label_show(value, shown));
  }
  return x;
}

static void count_labelled(struct jg_rate *rate, double judge, double human,
                           uint64_t one, int sign) {
  uint64_t *cell = judge == 1   ? human == 1 ? &rate->tp : &rate->fp
                   : human == 1 ? &rate->fn
                                : &rate->tn;
  *cell += one;
  rate->labelled += one;
  rate->fractions += (human != 0 && human != 1) ? one : 0;
  assert(rate->tp + rate->fp + rate->fn + rate->tn == rate->labelled);
  jg_moments_move(rate->pairs, judge, human, sign);
}

int jg_rate_move(struct jg_rate *rate, const struct jg_value *values, int sign,
                 struct jg_err *err) {
  uint64_t one = sign > 0 ? 1 : UINT64_MAX;
  if (values[0].type == JG_NULL) {
    return JG_OK;
  }
  int labelled = values[1].type != JG_NULL;
  double judge = number_of(rate, &values[0], err);
  double human = labelled ? number_of(rate, &values[1], err) : 0;
  if (err->code != JG_OK) {
    return err->code;
  }
  rate->fractions += judge != 0 && judge != 1 ? one : 0;
  if (labelled) {
    count_labelled(rate, judge, human, one, sign);
    return JG_OK;
  }
  rate->judged += one;
  rate->passed += judge == 1 ? one : 0;
  jg_moments_move(rate->unlabelled, judge, judge, sign);
  return JG_OK;
}

/* -- the common interface ------------------------------------------------- */

static int init(void *state, const struct jg_query *query, struct jg_err *err) {
  return jg_rate_init(state, query, err);
}

static void dispose(void *state) {
  jg_rate_dispose(state);
}

static int move(void *state, const struct jg_value *values, int sign,
                struct jg_err *err) {
  return jg_rate_move(state, values, sign, err);
}

static int value(void *state, const struct jg_query *query,
                 struct jg_metric_result *out, struct jg_err *err) {
  jg_metric_clear(out);
  return query->metric->value(state, query, out, err);
}

const struct jg_aggregate jg_aggregate_rate = {
    .table = &jg_rate_metrics,
    .bytes = sizeof(struct jg_rate),
    .init = init,
    .dispose = dispose,
    .move = move,
    .value = value,
    .labels = NULL,
};
