/* The value functions behind the rows of metric.c; what each computes stands
** at its section. */
#ifndef JG_STATS_METRIC_FUNCTIONS_H
#define JG_STATS_METRIC_FUNCTIONS_H

#include "stats/accumulator.h"

#define JG_METRIC_FUNCTION(name)                                               \
  int name(struct jg_accumulator *acc, struct jg_metric_result *out,           \
           struct jg_err *err)

/* metric_labels.c */
JG_METRIC_FUNCTION(jg_metric_n);
JG_METRIC_FUNCTION(jg_metric_accuracy);
JG_METRIC_FUNCTION(jg_metric_majority_baseline);
JG_METRIC_FUNCTION(jg_metric_balanced_accuracy);
JG_METRIC_FUNCTION(jg_metric_mcc);
JG_METRIC_FUNCTION(jg_metric_confusion);

/* metric_kappa.c */
JG_METRIC_FUNCTION(jg_metric_cohen_kappa);

/* metric_scores.c */
JG_METRIC_FUNCTION(jg_metric_mae);

/* How a section hands over its value. */
static inline int jg_metric_real(struct jg_metric_result *out, double x) {
  out->kind = JG_RESULT_REAL;
  out->real = x;
  return JG_OK;
}

static inline int jg_metric_int(struct jg_metric_result *out, uint64_t x) {
  out->kind = JG_RESULT_INT;
  out->integer = (int64_t)x;
  return JG_OK;
}

static inline int jg_metric_undefined(struct jg_metric_result *out,
                                      const char *reason) {
  out->kind = JG_RESULT_NULL;
  out->reason = reason;
  return JG_OK;
}

#define JG_REASON_NO_PAIRS "no pair without a NULL"

#endif
