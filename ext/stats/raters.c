/* Ratings in long form; see raters.h. */
#include "stats/raters.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/aggregate.h"
#include "stats/metric_functions.h"
#include "stats/weighting.h"

int jg_raters_init(struct jg_raters *raters, const struct jg_query *query,
                   struct jg_err *err) {
  memset(raters, 0, sizeof *raters);
  raters->query = *query;
  jg_labels_init(&raters->names, 0);
  jg_labels_init(&raters->labels, 0);
  for (size_t i = 0; i < query->options.order_count; i++) {
    if (jg_labels_declare(&raters->labels, &query->options.order[i], err) !=
        JG_OK) {
      jg_raters_dispose(raters);
      break;
    }
  }
  return err->code;
}

void jg_raters_dispose(struct jg_raters *raters) {
  jg_labels_dispose(&raters->names);
  jg_labels_dispose(&raters->labels);
  jg_mem_free(raters->rating);
  memset(raters, 0, sizeof *raters);
}

/* -- stepping ------------------------------------------------------------- */

/* Whether values must be numbers, given the options. */
static int needs_numbers(const struct jg_query *query) {
  const struct jg_metric_options *options = &query->options;
  if (query->all || (options->given & JG_TAKES_ORDER)) {
    return 0;
  }
  return (query->metric->needs & JG_NEEDS_VALUES) ||
         options->distance != JG_DISTANCE_NOMINAL ||
         options->weights != JG_WEIGHTS_NONE;
}

static int check_number(struct jg_raters *raters, const struct jg_value *value,
                        int sign, struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  if (!isnan(jg_label_number(value))) {
    return JG_OK;
  }
  raters->texts += sign > 0 ? 1 : UINT64_MAX;
  if (sign < 0 || !needs_numbers(&raters->query)) {
    return JG_OK;
  }
  return jg_err_set(err, JG_ERROR, "metric %s needs numbers, and %s is none%s",
                    raters->query.metric->name, jg_label_show(value, shown),
                    (raters->query.metric->takes & JG_TAKES_ORDER) != 0
                        ? ": for labels pass {\"order\":[...]}, lowest first"
                        : "");
}

static int room_for_one(struct jg_raters *raters, struct jg_err *err) {
  if (raters->head > raters->cap / 2) {
    memmove(raters->rating, raters->rating + raters->head,
            raters->count * sizeof *raters->rating);
    raters->head = 0;
  }
  return jg_mem_grow(&raters->rating, &raters->cap,
                     raters->head + raters->count + 1, sizeof *raters->rating,
                     err);
}

static struct jg_rating ids_of(const struct jg_raters *raters,
                               const struct jg_value *values) {
  struct jg_rating rating = {
      (uint32_t)jg_labels_find(&raters->names, &values[0]), JG_NOBODY,
      (uint32_t)jg_labels_find(&raters->labels, &values[2])};
  if (values[1].type != JG_NULL) {
    rating.rater = (uint32_t)jg_labels_find(&raters->names, &values[1]);
  }
  return rating;
}

static int add(struct jg_raters *raters, const struct jg_value *values,
               struct jg_err *err) {
  const struct jg_value *rater =
      values[1].type == JG_NULL ? &values[0] : &values[1];
  if (check_number(raters, &values[2], 1, err) != JG_OK ||
      room_for_one(raters, err) != JG_OK ||
      jg_labels_step(&raters->labels, &values[2], &values[2], err) != JG_OK ||
      jg_labels_step(&raters->names, &values[0], rater, err) != JG_OK) {
    return err->code;
  }
  assert(raters->head + raters->count < raters->cap);
  raters->rating[raters->head + raters->count++] = ids_of(raters, values);
  return JG_OK;
}

/* The oldest rating is the one that leaves a window: it is looked at first. */
static int take(struct jg_raters *raters, const struct jg_value *values,
                struct jg_err *err) {
  const struct jg_value *rater =
      values[1].type == JG_NULL ? &values[0] : &values[1];
  struct jg_rating gone = ids_of(raters, values);
  struct jg_rating *rating = raters->rating + raters->head;
  check_number(raters, &values[2], -1, err);
  for (size_t i = 0; i < raters->count; i++) {
    if (rating[i].item == gone.item && rating[i].rater == gone.rater &&
        rating[i].label == gone.label) {
      rating[i] = rating[0];
      raters->head++;
      raters->count--;
      break;
    }
  }
  if (jg_labels_inverse(&raters->labels, &values[2], &values[2], err) ==
      JG_OK) {
    jg_labels_inverse(&raters->names, &values[0], rater, err);
  }
  return err->code;
}

int jg_raters_move(struct jg_raters *raters, const struct jg_value *values,
                   int sign, struct jg_err *err) {
  if (values[0].type == JG_NULL || values[2].type == JG_NULL) {
    return JG_OK;
  }
  return sign > 0 ? add(raters, values, err) : take(raters, values, err);
}

int jg_raters_value(struct jg_raters *raters, const struct jg_query *query,
                    struct jg_metric_result *out, struct jg_err *err) {
  jg_metric_clear(out);
  if (query->all && raters->texts > 0 &&
      (query->options.given & JG_TAKES_ORDER) == 0 &&
      (query->metric->needs & JG_NEEDS_VALUES)) {
    return jg_metric_undefined(out, "some values are not numbers");
  }
  return query->metric->value(raters, query, out, err);
}

/* -- the common interface ------------------------------------------------- */

static int init(void *state, const struct jg_query *query, struct jg_err *err) {
  return jg_raters_init(state, query, err);
}

static void dispose(void *state) {
  jg_raters_dispose(state);
}

static int move(void *state, const struct jg_value *values, int sign,
                struct jg_err *err) {
  return jg_raters_move(state, values, sign, err);
}

static int value(void *state, const struct jg_query *query,
                 struct jg_metric_result *out, struct jg_err *err) {
  return jg_raters_value(state, query, out, err);
}

static struct jg_labels *labels(void *state) {
  return &((struct jg_raters *)state)->labels;
}

const struct jg_aggregate jg_aggregate_raters = {
    .table = &jg_rater_metrics,
    .bytes = sizeof(struct jg_raters),
    .init = init,
    .dispose = dispose,
    .move = move,
    .value = value,
    .labels = labels,
};
