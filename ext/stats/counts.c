/* Metrics of pairs and of labels that need little more than counts. Undefined
** is NULL with a reason, never 0 or 1. */
#include <math.h>
#include "stats/accumulator.h"
#include "stats/metric_functions.h"

/* -- n ------------------------------------------------------------------- */

JG_METRIC_FUNCTION(jg_metric_n) {
  struct jg_accumulator *acc = state;
  (void)query;
  (void)err;
  return jg_metric_int(out, acc->n);
}

/* -- accuracy: equal pairs / pairs; limits by Wilson or exact ------------- */

JG_METRIC_FUNCTION(jg_metric_accuracy) {
  struct jg_accumulator *acc = state;
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  jg_metric_real(out, (double)acc->agree / (double)acc->n);
  if (jg_asked(query, JG_CI)) {
    double low = 0;
    double high = 0;
    (query->method == 0 ? jg_wilson : jg_clopper_pearson)(
        (double)acc->agree, (double)acc->n, query->options.level, &low, &high);
    jg_metric_limits(out, low, high);
  }
  return JG_OK;
}

/* -- majority_baseline: the largest human count / pairs ------------------- */

JG_METRIC_FUNCTION(jg_metric_majority_baseline) {
  struct jg_accumulator *acc = state;
  (void)query;
  (void)err;
  const struct jg_labels *labels = &acc->labels;
  uint64_t most = 0;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  for (size_t i = 0; i < labels->count; i++) {
    if (labels->label[i] != NULL && labels->label[i]->human > most) {
      most = labels->label[i]->human;
    }
  }
  return jg_metric_real(out, (double)most / (double)acc->n);
}

/* -- balanced_accuracy: mean over human labels of both / human ------------ */

JG_METRIC_FUNCTION(jg_metric_balanced_accuracy) {
  struct jg_accumulator *acc = state;
  (void)query;
  (void)err;
  const struct jg_labels *labels = &acc->labels;
  struct jg_exact recalls = {0}; /* labels come in the order of first sight */
  size_t count = 0;
  for (size_t i = 0; i < labels->count; i++) {
    const struct jg_label *label = labels->label[i];
    if (label != NULL && label->human > 0) {
      jg_exact_add(&recalls, (double)label->both / (double)label->human);
      count++;
    }
  }
  if (count == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  return jg_metric_real(out, jg_exact_value(&recalls) / (double)count);
}

/* -- mcc: Gorodkin's (2004) correlation of K categories ------------------- */

JG_METRIC_FUNCTION(jg_metric_mcc) {
  struct jg_accumulator *acc = state;
  (void)query;
  (void)err;
  const struct jg_labels *labels = &acc->labels;
  jg_wide n = acc->n;
  jg_wide human = n * n - labels->human_squares;
  jg_wide judge = n * n - labels->judge_squares;
  jg_wide top = n * (jg_wide)acc->agree - labels->cross;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (human == 0 || judge == 0) {
    return jg_metric_undefined(out, human == 0
                                        ? "the human gave one label only"
                                        : "the judge gave one label only");
  }
  /* One root of the product: exact when both factors are equal. */
  return jg_metric_real(out, (double)top / sqrt((double)human * (double)judge));
}

/* -- confusion: counts, rows human, columns judge ------------------------- */

JG_METRIC_FUNCTION(jg_metric_confusion) {
  struct jg_accumulator *acc = state;
  (void)err;
  const struct jg_metric_options *options = &query->options;
  if (options->human == NULL || options->judge == NULL) {
    out->kind = JG_RESULT_TABLE;
    out->part[JG_PART_VALUE] = 0;
    return JG_OK;
  }
  int64_t human = jg_labels_find(&acc->labels, options->human);
  int64_t judge = jg_labels_find(&acc->labels, options->judge);
  int seen = human >= 0 && judge >= 0;
  return jg_metric_int(
      out, seen ? jg_labels_pair(&acc->labels, (uint32_t)human, (uint32_t)judge)
                : 0);
}
