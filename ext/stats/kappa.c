/*
** Cohen's kappa (1960) and weighted kappa (1968).
**
** With disagreement weights d, row margins r (human) and column margins c
** (judge), all as counts: kappa = 1 - n * sum d_ij n_ij / sum d_ij r_i c_j.
** It does not change when the weights are scaled, so |i-j| and (i-j)^2 serve
** where the papers divide by q-1. On positions everything is a whole number
** and exact; weights on values and matrices are added exactly term by term.
** The sum in the denominator takes one pass over the labels, not q^2, for
** linear and quadratic weights.
*/
#include <assert.h>
#include <stdlib.h>
#include "core/mem.h"
#include "core/text.h"
#include "stats/accumulator.h"
#include "stats/chance.h"
#include "stats/metric_functions.h"

#define REASON_ONE_LABEL                                                       \
  "human and judge gave one and the same label throughout"

static double value_of(const struct jg_value *label) {
  double x = label->real;
  if (label->type == JG_TEXT) {
    jg_text_number(label->text, label->len, &x); /* checked in step */
  }
  return x;
}

/* -- unweighted: from the sums kept up with each step --------------------- */

static int plain(struct jg_accumulator *acc, struct jg_metric_result *out) {
  jg_wide n = acc->n;
  jg_wide chance = acc->labels.cross;
  assert(n > 0 && chance >= 0 && chance <= n * n);
  if (n * n == chance) {
    return jg_metric_undefined(out, REASON_ONE_LABEL);
  }
  return jg_metric_real(out, (double)(n * (jg_wide)acc->agree - chance) /
                                 (double)(n * n - chance));
}

/* -- weights on positions ------------------------------------------------- */

/* The position of each label, by id; freed by the caller. */
static uint32_t *positions(struct jg_labels *labels, struct jg_err *err) {
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (jg_labels_sorted(labels, &ids, &count, err) != JG_OK) {
    return NULL;
  }
  uint32_t *position = jg_mem_new(labels->count, sizeof *position, err);
  for (size_t i = 0; position != NULL && i < count; i++) {
    position[ids[i]] = (uint32_t)i;
  }
  return position;
}

static jg_wide observed(const struct jg_labels *labels,
                        const uint32_t *position, int quadratic) {
  jg_wide sum = 0;
  for (size_t i = 0; i < labels->pair_cap; i++) {
    const struct jg_pair *pair = &labels->pair[i];
    if (pair->count != 0) {
      jg_wide d = (jg_wide)position[pair->human] - position[pair->judge];
      d = quadratic ? d * d : d < 0 ? -d : d;
      sum += d * (jg_wide)pair->count;
    }
  }
  return sum;
}

/* sum |i-j| r_i c_j: for each cut between neighbours, the pairs across it. */
static jg_wide expected_linear(const struct jg_labels *labels,
                               const uint32_t *ids, size_t count) {
  jg_wide n = labels->n;
  jg_wide human = 0;
  jg_wide judge = 0;
  jg_wide sum = 0;
  for (size_t i = 0; i < count; i++) {
    human += labels->label[ids[i]]->human;
    judge += labels->label[ids[i]]->judge;
    sum += human * (n - judge) + judge * (n - human);
  }
  assert(human == n && judge == n); /* the margins add up */
  return sum;
}

/* sum (i-j)^2 r_i c_j by its moments. */
static jg_wide expected_quadratic(const struct jg_labels *labels,
                                  const uint32_t *ids, size_t count) {
  jg_wide human = 0;
  jg_wide judge = 0;
  jg_wide squares = 0;
  for (size_t i = 0; i < count; i++) {
    const struct jg_label *label = labels->label[ids[i]];
    jg_wide at = (jg_wide)i;
    human += at * (jg_wide)label->human;
    judge += at * (jg_wide)label->judge;
    squares += at * at * ((jg_wide)label->human + (jg_wide)label->judge);
  }
  return (jg_wide)labels->n * squares - 2 * human * judge;
}

static int by_position(struct jg_accumulator *acc, int quadratic,
                       struct jg_metric_result *out, struct jg_err *err) {
  struct jg_labels *labels = &acc->labels;
  const uint32_t *ids = NULL;
  size_t count = 0;
  uint32_t *position = positions(labels, err);
  if (position == NULL ||
      jg_labels_sorted(labels, &ids, &count, err) != JG_OK) {
    jg_mem_free(position);
    return err->code;
  }
  jg_wide seen = (jg_wide)labels->n * observed(labels, position, quadratic);
  jg_wide chance = quadratic ? expected_quadratic(labels, ids, count)
                             : expected_linear(labels, ids, count);
  jg_mem_free(position);
  assert(chance >= 0 && seen >= 0);
  if (chance == 0) {
    return jg_metric_undefined(out, REASON_ONE_LABEL);
  }
  return jg_metric_real(out, (double)(chance - seen) / (double)chance);
}

/* -- weights on values ---------------------------------------------------- */

struct scored {
  double score;   /* the label as a number */
  uint64_t human; /* its margins */
  uint64_t judge;
};

static int by_score(const void *a, const void *b) {
  double x = ((const struct scored *)a)->score;
  double y = ((const struct scored *)b)->score;
  return x < y ? -1 : x > y;
}

/* All live labels with their scores, sorted; freed by the caller. */
static struct scored *scored_labels(const struct jg_labels *labels,
                                    size_t *count, struct jg_err *err) {
  struct scored *list = jg_mem_new(labels->count, sizeof *list, err);
  *count = 0;
  for (size_t i = 0; list != NULL && i < labels->count; i++) {
    const struct jg_label *label = labels->label[i];
    if (label != NULL && jg_labels_is_live(labels, i)) {
      list[*count].score = value_of(&label->value);
      list[*count].human = label->human;
      list[(*count)++].judge = label->judge;
    }
  }
  if (list != NULL) {
    qsort(list, *count, sizeof *list, by_score);
  }
  return list;
}

/* The mean weight that chance gives, times n. */
static double chance_linear(const struct scored *list, size_t count,
                            uint64_t n) {
  struct jg_exact sum = {0};
  double human = 0;
  double judge = 0;
  for (size_t i = 0; i + 1 < count; i++) {
    human += (double)list[i].human;
    judge += (double)list[i].judge;
    double across = human * ((double)n - judge) + judge * ((double)n - human);
    jg_exact_add_product(&sum, list[i + 1].score - list[i].score, across);
  }
  return jg_exact_value(&sum) / (double)n;
}

/* By moments around the middle of the scores, which keeps them small. */
static double chance_quadratic(const struct scored *list, size_t count,
                               uint64_t n) {
  double middle = list[0].score / 2 + list[count - 1].score / 2;
  struct jg_exact human = {0};
  struct jg_exact judge = {0};
  struct jg_exact squares = {0};
  for (size_t i = 0; i < count; i++) {
    double x = list[i].score - middle;
    jg_exact_add_product(&human, x, (double)list[i].human);
    jg_exact_add_product(&judge, x, (double)list[i].judge);
    jg_exact_add_product(&squares, x * x,
                         (double)(list[i].human + list[i].judge));
  }
  return jg_exact_value(&squares) -
         2 * jg_exact_value(&human) * (jg_exact_value(&judge) / (double)n);
}

static double seen_by_value(const struct jg_labels *labels, int quadratic) {
  struct jg_exact sum = {0};
  for (size_t i = 0; i < labels->pair_cap; i++) {
    const struct jg_pair *pair = &labels->pair[i];
    if (pair->count != 0) {
      double d = value_of(&labels->label[pair->human]->value) -
                 value_of(&labels->label[pair->judge]->value);
      d = quadratic ? d * d : d < 0 ? -d : d;
      jg_exact_add_product(&sum, d, (double)pair->count);
    }
  }
  return jg_exact_value(&sum);
}

static int by_value(struct jg_accumulator *acc, int quadratic,
                    struct jg_metric_result *out, struct jg_err *err) {
  size_t count = 0;
  struct scored *list = scored_labels(&acc->labels, &count, err);
  if (list == NULL) {
    return err->code;
  }
  assert(count > 0 && list[0].score <= list[count - 1].score);
  int varied = list[0].score != list[count - 1].score;
  double chance = quadratic ? chance_quadratic(list, count, acc->n)
                            : chance_linear(list, count, acc->n);
  jg_mem_free(list);
  if (!varied) {
    return jg_metric_undefined(out, REASON_ONE_LABEL);
  }
  double kappa = 1 - seen_by_value(&acc->labels, quadratic) / chance;
  if (!(kappa >= -2 && kappa <= 1)) {
    return jg_metric_undefined(out, "the values are too large to weigh");
  }
  return jg_metric_real(out, kappa);
}

/* -- all of it ------------------------------------------------------------ */

/* Weights on positions that follow from numbers written as text go by the
** general way, which sorts them as numbers. */
static int has_text(const struct jg_labels *labels) {
  for (size_t i = 0; i < labels->count; i++) {
    if (labels->label[i] != NULL && jg_labels_is_live(labels, i) &&
        labels->label[i]->value.type == JG_TEXT) {
      return 1;
    }
  }
  return 0;
}

/* The value in whole numbers where that goes; 0 where it does not. */
static int exact(struct jg_accumulator *acc, const struct jg_query *query,
                 enum jg_weights weights, struct jg_metric_result *out,
                 struct jg_err *err) {
  const struct jg_metric_options *options = &query->options;
  int quadratic = weights == JG_WEIGHTS_QUADRATIC;
  if (weights == JG_WEIGHTS_NONE) {
    plain(acc, out);
    return 1;
  }
  if (weights == JG_WEIGHTS_LINEAR || quadratic) {
    if (options->scores_are_values) {
      by_value(acc, quadratic, out, err);
      return 1;
    }
    if (options->order_count > 0 || !has_text(&acc->labels)) {
      by_position(acc, quadratic, out, err);
      return 1;
    }
  }
  return 0;
}

static int kappa(struct jg_accumulator *acc, const struct jg_query *query,
                 enum jg_weights weights, struct jg_metric_result *out,
                 struct jg_err *err) {
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  int known = exact(acc, query, weights, out, err);
  double value = out->part[JG_PART_VALUE];
  if (err->code != JG_OK || (known && !jg_asked(query, ~JG_VALUE))) {
    return err->code;
  }
  jg_chance_kappa(acc, query, weights, out, err);
  if (known) {
    out->part[JG_PART_VALUE] = value;
  }
  return err->code;
}

JG_METRIC_FUNCTION(jg_metric_cohen_kappa) {
  return kappa(state, query, query->options.weights, out, err);
}

/* -- linear_kappa, quadratic_kappa: the same with weights by name --------- */

/* Without an order the labels must be numbers: needs_of() of the accumulator
** sees to it by JG_NEEDS_VALUES; a declared list without an order is none. */
JG_METRIC_FUNCTION(jg_metric_linear_kappa) {
  return kappa(state, query, JG_WEIGHTS_LINEAR, out, err);
}

JG_METRIC_FUNCTION(jg_metric_quadratic_kappa) {
  return kappa(state, query, JG_WEIGHTS_QUADRATIC, out, err);
}
