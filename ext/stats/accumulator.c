/* The state behind agreement(); see accumulator.h. */
#include "stats/accumulator.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"

/* Weights that look at values or at sorted numbers need numbers. */
static unsigned needs_of(const struct jg_metric *metric,
                         const struct jg_metric_options *options) {
  unsigned needs = metric->needs;
  if ((needs & JG_NEEDS_SCORES) && options->order_count > 0) {
    needs |= JG_NEEDS_LABELS;
  }
  if (options->weights != JG_WEIGHTS_NONE) {
    needs |= JG_NEEDS_PAIRS;
    if (options->scores_are_values) {
      needs |= JG_NEEDS_VALUES;
    } else if (options->order_count == 0) {
      needs |= JG_NEEDS_NUMBERS;
    }
  }
  return needs;
}

int jg_accumulator_init(struct jg_accumulator *acc,
                        const struct jg_metric *metric,
                        const struct jg_metric_options *options,
                        struct jg_err *err) {
  memset(acc, 0, sizeof *acc);
  acc->metric = metric;
  if (options != NULL) {
    if (jg_metric_check(metric, options, err) != JG_OK) {
      return err->code;
    }
    acc->options = *options;
  }
  if (metric->weights != JG_WEIGHTS_NONE) {
    acc->options.weights = metric->weights;
  }
  acc->needs = needs_of(metric, &acc->options);
  jg_labels_init(&acc->labels, (acc->needs & JG_NEEDS_PAIRS) == JG_NEEDS_PAIRS);
  for (size_t i = 0; i < acc->options.order_count; i++) {
    if (jg_labels_declare(&acc->labels, &acc->options.order[i], err) != JG_OK) {
      break;
    }
  }
  if (err->code == JG_OK && (acc->needs & JG_NEEDS_SCORES)) {
    acc->scores = jg_mem_new(1, sizeof *acc->scores, err);
  }
  if (err->code != JG_OK) {
    jg_accumulator_dispose(acc);
  }
  return err->code;
}

void jg_accumulator_dispose(struct jg_accumulator *acc) {
  jg_labels_dispose(&acc->labels);
  jg_mem_free(acc->scores);
  memset(acc, 0, sizeof *acc);
}

/* Reads one side as a number, numeric text too; *ok is 0 for other text. */
static double number_of(const struct jg_value *value, int *ok) {
  double x = value->real;
  if (value->type == JG_TEXT) {
    *ok = jg_text_number(value->text, value->len, &x);
  }
  return x;
}

static int refuse_text(const struct jg_accumulator *acc,
                       const struct jg_value *value, struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  jg_label_show(value, shown);
  if (acc->needs & JG_NEEDS_NUMBERS) {
    return jg_err_set(err, JG_ERROR,
                      "the weights of %s need an order, and text labels such "
                      "as %s have none: pass {\"order\":[...]}, lowest first",
                      acc->metric->name, shown);
  }
  return jg_err_set(err, JG_ERROR, "metric %s needs numbers, and %s is none%s",
                    acc->metric->name, shown,
                    (acc->metric->takes & JG_TAKES_ORDER) != 0
                        ? ": for labels pass {\"order\":[...]}, lowest first"
                        : "");
}

static int check_number(const struct jg_accumulator *acc,
                        const struct jg_value *value, struct jg_err *err) {
  int ok = 1;
  if (acc->needs & JG_NEEDS_NUMBERS) {
    ok = value->type != JG_TEXT;
  } else {
    number_of(value, &ok);
  }
  return ok ? JG_OK : refuse_text(acc, value, err);
}

/* Adds a pair to the sums, or takes it away with sign -1. */
static int move_scores(struct jg_accumulator *acc, const struct jg_value *judge,
                       const struct jg_value *human, int sign,
                       struct jg_err *err) {
  double j = 0;
  double h = 0;
  if (acc->options.order_count > 0) {
    j = (double)jg_labels_find(&acc->labels, judge);
    h = (double)jg_labels_find(&acc->labels, human);
  } else {
    int judge_ok = 1;
    int human_ok = 1;
    j = number_of(judge, &judge_ok);
    h = number_of(human, &human_ok);
    if (!judge_ok || !human_ok) {
      return refuse_text(acc, judge_ok ? human : judge, err);
    }
  }
  jg_exact_add_distance(&acc->scores->distance, j, h, sign);
  return JG_OK;
}

/* The labels know already whether a pair is equal, where they are kept. */
static void count_equal(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, int sign) {
  if (acc->needs & JG_NEEDS_LABELS) {
    acc->agree = acc->labels.agree;
  } else if (jg_value_equal(human, judge)) {
    acc->agree += sign > 0 ? 1 : UINT64_MAX; /* minus one */
  }
  acc->n += sign > 0 ? 1 : UINT64_MAX;
}

void jg_accumulator_miss(struct jg_accumulator *acc, int sign) {
  assert((acc->needs & ~(unsigned)JG_NEEDS_COUNTS) == 0);
  acc->n += sign > 0 ? 1 : UINT64_MAX;
}

int jg_accumulator_step(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, struct jg_err *err) {
  if (judge->type == JG_NULL || human->type == JG_NULL) {
    return JG_OK;
  }
  if ((acc->needs & (JG_NEEDS_NUMBERS | JG_NEEDS_VALUES)) &&
      (check_number(acc, judge, err) != JG_OK ||
       check_number(acc, human, err) != JG_OK)) {
    return err->code;
  }
  if ((acc->needs & JG_NEEDS_LABELS) &&
      jg_labels_step(&acc->labels, human, judge, err) != JG_OK) {
    return err->code;
  }
  if (acc->scores != NULL && move_scores(acc, judge, human, 1, err) != JG_OK) {
    return err->code;
  }
  count_equal(acc, judge, human, 1);
  return JG_OK;
}

int jg_accumulator_inverse(struct jg_accumulator *acc,
                           const struct jg_value *judge,
                           const struct jg_value *human, struct jg_err *err) {
  if (judge->type == JG_NULL || human->type == JG_NULL) {
    return JG_OK;
  }
  if ((acc->needs & JG_NEEDS_LABELS) &&
      jg_labels_inverse(&acc->labels, human, judge, err) != JG_OK) {
    return err->code;
  }
  if (acc->scores != NULL && move_scores(acc, judge, human, -1, err) != JG_OK) {
    return err->code;
  }
  count_equal(acc, judge, human, -1);
  return JG_OK;
}

int jg_accumulator_merge(struct jg_accumulator *to,
                         const struct jg_accumulator *from,
                         struct jg_err *err) {
  if ((to->needs & JG_NEEDS_LABELS) &&
      jg_labels_merge(&to->labels, &from->labels, err) != JG_OK) {
    return err->code;
  }
  if (to->scores != NULL) {
    jg_exact_merge(&to->scores->distance, &from->scores->distance);
  }
  to->n += from->n;
  to->agree += from->agree;
  return JG_OK;
}

int jg_accumulator_value(struct jg_accumulator *acc,
                         struct jg_metric_result *out, struct jg_err *err) {
  memset(out, 0, sizeof *out);
  return acc->metric->value(acc, out, err);
}
