/* The state behind agreement(); see accumulator.h. */
#include "stats/accumulator.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"
#include "stats/metric_functions.h"

#define NEEDS_NUMBERS                                                          \
  (JG_NEEDS_VALUES | JG_NEEDS_MOMENTS | JG_NEEDS_SERIES | JG_NEEDS_WITHIN)

/* Weights by value, or by position among the numbers seen, need numbers. */
static unsigned needs_of(const struct jg_query *query) {
  const struct jg_metric_options *options = &query->options;
  int ordered = (options->given & JG_TAKES_ORDER) != 0;
  if (query->all) {
    return JG_NEEDS_PAIRS | JG_NEEDS_MOMENTS | JG_NEEDS_SERIES |
           JG_NEEDS_WITHIN | JG_NEEDS_CHANCES;
  }
  unsigned needs = query->metric->needs;
  if (query->parts & ~JG_VALUE) {
    needs |= query->metric->part_needs;
  }
  if ((needs & (JG_NEEDS_MOMENTS | JG_NEEDS_SERIES | JG_NEEDS_WITHIN)) &&
      ordered) {
    needs |= JG_NEEDS_LABELS;
  }
  int needs_values = options->distance != JG_DISTANCE_NOMINAL;
  if (options->weights != JG_WEIGHTS_NONE) {
    needs |= JG_NEEDS_PAIRS;
    needs_values = options->weights != JG_WEIGHTS_MATRIX;
  }
  if (needs_values && !ordered) {
    needs |= JG_NEEDS_VALUES;
  }
  return ordered ? needs & ~(unsigned)JG_NEEDS_VALUES : needs;
}

int jg_accumulator_init(struct jg_accumulator *acc,
                        const struct jg_query *query, struct jg_err *err) {
  memset(acc, 0, sizeof *acc);
  acc->query = *query;
  acc->needs = needs_of(query);
  jg_labels_init(&acc->labels, (acc->needs & JG_NEEDS_PAIRS) == JG_NEEDS_PAIRS);
  for (size_t i = 0; i < query->options.order_count; i++) {
    if (jg_labels_declare(&acc->labels, &query->options.order[i], err) !=
        JG_OK) {
      break;
    }
  }
  if (err->code == JG_OK && (acc->needs & JG_NEEDS_MOMENTS)) {
    acc->moments = jg_mem_new(1, sizeof *acc->moments, err);
  }
  if (err->code != JG_OK) {
    jg_accumulator_dispose(acc);
  }
  return err->code;
}

void jg_accumulator_dispose(struct jg_accumulator *acc) {
  jg_labels_dispose(&acc->labels);
  jg_series_dispose(&acc->series);
  jg_mem_free(acc->moments);
  memset(acc, 0, sizeof *acc);
}

/* -- labels as numbers ---------------------------------------------------- */

static int refuse_text(const struct jg_accumulator *acc,
                       const struct jg_value *value, struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  const struct jg_metric *metric = acc->query.metric;
  const struct jg_metric_options *options = &acc->query.options;
  jg_label_show(value, shown);
  if (metric->takes & JG_TAKES_SCORES && !options->scores_are_values) {
    return jg_err_set(err, JG_ERROR,
                      "the weights of %s need an order, and text labels such "
                      "as %s have none: pass {\"order\":[...]}, lowest first",
                      metric->name, shown);
  }
  return jg_err_set(err, JG_ERROR, "metric %s needs numbers, and %s is none%s",
                    metric->name, shown,
                    (metric->takes & JG_TAKES_ORDER) != 0
                        ? ": for labels pass {\"order\":[...]}, lowest first"
                        : "");
}

/* The number that a label stands for, or NaN: its position in a declared order,
** 1 for a positive label that was named, or what it says, numeric text too. */
static double number_of(const struct jg_accumulator *acc,
                        const struct jg_value *value, int is_human) {
  const struct jg_metric_options *options = &acc->query.options;
  if ((acc->needs & JG_NEEDS_CHANCES) && !acc->query.all) {
    if (is_human && options->pos != NULL) {
      return jg_value_equal(value, options->pos);
    }
  } else if (options->given & JG_TAKES_ORDER) {
    int64_t id = jg_labels_find(&acc->labels, value);
    return id < 0 ? NAN : (double)(id + 1);
  }
  double x = value->real;
  if (value->type == JG_TEXT && !jg_text_number(value->text, value->len, &x)) {
    return NAN;
  }
  return x;
}

struct numbers {
  double judge;
  double human;
  int skip; /* 'all' and no number, or no probability */
};

static int refuse_chance(const struct jg_accumulator *acc, const char *side,
                         const char *allowed, const struct jg_value *value,
                         struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  return jg_err_set(err, JG_ERROR, "metric %s: the %s must be %s, not %s",
                    acc->query.metric->name, side, allowed,
                    jg_label_show(value, shown));
}

static int check_chances(const struct jg_accumulator *acc,
                         const struct jg_value *judge,
                         const struct jg_value *human, const struct numbers *x,
                         struct jg_err *err) {
  if (!(x->judge >= 0 && x->judge <= 1)) {
    return refuse_chance(acc, "first argument", "a probability from 0 to 1",
                         judge, err);
  }
  if (x->human != 0 && x->human != 1) {
    return refuse_chance(acc, "human label",
                         "0 or 1, unless \"pos\" names the label that counts "
                         "as 1",
                         human, err);
  }
  return JG_OK;
}

/* Both sides as numbers. For 'all' what does not fit is counted. */
static int read_numbers(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, uint64_t times,
                        struct numbers *x, struct jg_err *err) {
  x->judge = number_of(acc, judge, 0);
  x->human = number_of(acc, human, 1);
  x->skip = isnan(x->judge) || isnan(x->human);
  if (!acc->query.all) {
    if (x->skip) {
      return refuse_text(acc, isnan(x->judge) ? judge : human, err);
    }
    return (acc->needs & JG_NEEDS_CHANCES)
               ? check_chances(acc, judge, human, x, err)
               : JG_OK;
  }
  if (x->skip) {
    acc->texts += times;
  } else if (!(x->judge >= 0 && x->judge <= 1) ||
             (x->human != 0 && x->human != 1)) {
    acc->misfits += times;
  }
  return JG_OK;
}

static void count_within(struct jg_accumulator *acc, const struct numbers *x,
                         uint64_t times) {
  /* 0.3 - 0.2 is not to miss a tolerance of 0.1 by its rounding. */
  double most = acc->query.options.tolerance * (1 + 1e-12);
  if ((acc->needs & JG_NEEDS_WITHIN) && fabs(x->judge - x->human) <= most) {
    acc->within += times;
  }
}

/* Adds times pairs of these numbers. */
static int add_numbers(struct jg_accumulator *acc, const struct numbers *x,
                       uint64_t times, struct jg_err *err) {
  if (x->skip) {
    return JG_OK;
  }
  if ((acc->needs & JG_NEEDS_SERIES) && times > INT32_MAX) {
    return jg_err_set(err, JG_ERROR, "more than 2 billion pairs to rank");
  }
  for (uint64_t i = 0; (acc->needs & JG_NEEDS_SERIES) && i < times; i++) {
    if (jg_series_add(&acc->series, x->judge, x->human, err) != JG_OK) {
      return err->code;
    }
  }
  if (acc->moments != NULL && times == 1) {
    jg_moments_move(acc->moments, x->judge, x->human, 1);
  } else if (acc->moments != NULL) {
    jg_moments_add_times(acc->moments, x->judge, x->human, times);
  }
  count_within(acc, x, times);
  return JG_OK;
}

static void take_numbers(struct jg_accumulator *acc, const struct numbers *x) {
  if (x->skip) {
    return;
  }
  if (acc->needs & JG_NEEDS_SERIES) {
    jg_series_take(&acc->series, x->judge, x->human);
  }
  if (acc->moments != NULL) {
    jg_moments_move(acc->moments, x->judge, x->human, -1);
  }
  count_within(acc, x, UINT64_MAX); /* minus one */
}

/* -- stepping ------------------------------------------------------------- */

/* The labels know already whether a pair is equal, where they are kept. times
** may be minus one. */
static void count_equal(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, uint64_t times) {
  if (acc->needs & JG_NEEDS_LABELS) {
    acc->agree = acc->labels.agree;
  } else if (jg_value_equal(human, judge)) {
    acc->agree += times;
  }
  acc->n += times;
}

void jg_accumulator_miss(struct jg_accumulator *acc, int sign) {
  assert((acc->needs & ~(unsigned)JG_NEEDS_COUNTS) == 0);
  acc->n += sign > 0 ? 1 : UINT64_MAX;
}

static int is_null(const struct jg_value *judge, const struct jg_value *human) {
  return judge->type == JG_NULL || human->type == JG_NULL;
}

int jg_accumulator_step_times(struct jg_accumulator *acc,
                              const struct jg_value *judge,
                              const struct jg_value *human, uint64_t times,
                              struct jg_err *err) {
  struct numbers x = {0, 0, 1};
  int labels = (acc->needs & JG_NEEDS_LABELS) != 0;
  int declared = acc->query.options.order_count > 0;
  if (is_null(judge, human) || times == 0) {
    return JG_OK;
  }
  /* A declared order is asked first: its error tells more. */
  if (labels && declared &&
      jg_labels_step_times(&acc->labels, human, judge, times, err) != JG_OK) {
    return err->code;
  }
  if ((acc->needs & NEEDS_NUMBERS) &&
      read_numbers(acc, judge, human, times, &x, err) != JG_OK) {
    return err->code;
  }
  if (labels && !declared &&
      jg_labels_step_times(&acc->labels, human, judge, times, err) != JG_OK) {
    return err->code;
  }
  if (add_numbers(acc, &x, times, err) != JG_OK) {
    return err->code;
  }
  count_equal(acc, judge, human, times);
  return JG_OK;
}

int jg_accumulator_step(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, struct jg_err *err) {
  return jg_accumulator_step_times(acc, judge, human, 1, err);
}

int jg_accumulator_inverse(struct jg_accumulator *acc,
                           const struct jg_value *judge,
                           const struct jg_value *human, struct jg_err *err) {
  struct numbers x = {0, 0, 1};
  if (is_null(judge, human)) {
    return JG_OK;
  }
  if ((acc->needs & NEEDS_NUMBERS) &&
      read_numbers(acc, judge, human, UINT64_MAX, &x, err) != JG_OK) {
    return err->code;
  }
  if ((acc->needs & JG_NEEDS_LABELS) &&
      jg_labels_inverse(&acc->labels, human, judge, err) != JG_OK) {
    return err->code;
  }
  take_numbers(acc, &x);
  count_equal(acc, judge, human, UINT64_MAX);
  return JG_OK;
}

int jg_accumulator_merge(struct jg_accumulator *to,
                         const struct jg_accumulator *from,
                         struct jg_err *err) {
  assert(to->needs == from->needs);
  if ((to->needs & JG_NEEDS_LABELS) &&
      jg_labels_merge(&to->labels, &from->labels, err) != JG_OK) {
    return err->code;
  }
  if (jg_series_merge(&to->series, &from->series, err) != JG_OK) {
    return err->code;
  }
  if (to->moments != NULL) {
    jg_moments_merge(to->moments, from->moments);
  }
  to->n += from->n;
  to->agree += from->agree;
  to->within += from->within;
  to->texts += from->texts;
  to->misfits += from->misfits;
  return JG_OK;
}

int jg_accumulator_value(struct jg_accumulator *acc,
                         const struct jg_query *query,
                         struct jg_metric_result *out, struct jg_err *err) {
  jg_metric_clear(out);
  if (query->all) {
    unsigned needs = query->metric->needs;
    if (acc->texts > 0 && (needs & NEEDS_NUMBERS)) {
      out->reason = "some labels are not numbers";
      return JG_OK;
    }
    if (acc->misfits + acc->texts > 0 && (needs & JG_NEEDS_CHANCES)) {
      out->reason = "not all pairs are a probability and 0 or 1";
      return JG_OK;
    }
  }
  return query->metric->value(acc, query, out, err);
}
