/*
** Two judges on the same rows: how each agrees with people, and whether the
** difference is more than chance.
**
** The value of each judge is that of the metric's accumulator. The standard
** error of the difference is the jackknife that leaves out one group at a time
** (Miller 1974; Quenouille 1956): SE^2 = (G-1)/G sum (d_g - mean d_g)^2, the
** interval d -+ t(0.975, G-1) SE, and p two-sided from the same t. Rows of one
** group (one trace, one conversation) may depend on each other as they like;
** for accuracy this is the usual cluster-robust interval. Leaving a group out
** takes its rows back and steps them again, so it all costs O(rows).
**
** A failed verdict (JG_NULL) counts as a wrong one in accuracy, since a judge
** that does not answer has not agreed. For the other metrics there is no label
** to count: rows where either judge failed are left out of both. A row without
** a human label is left out of everything.
*/
#ifndef JG_STATS_PAIRED_H
#define JG_STATS_PAIRED_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "core/value.h"

struct jg_paired_row {
  uint64_t group;                  /* rows that may depend on each other */
  const struct jg_value *original; /* verdict; JG_NULL when it failed */
  const struct jg_value *aligned;  /* the other judge's */
  const struct jg_value *human;    /* label; rows are labels, not traces */
};

struct jg_paired {
  uint64_t n;      /* rows used */
  uint64_t groups; /* among them */
  double original; /* the metric of each judge; NaN when undefined */
  double aligned;
  double improvement; /* positive is better: aligned - original, and for mae
                      ** original - aligned */
  double ci_low;      /* 95 % interval of the improvement */
  double ci_high;
  double p_value;     /* of no difference, two-sided */
  const char *reason; /* why a field is NaN, a constant text; else NULL */
};

/* metric is accuracy, cohen_kappa, quadratic_kappa, mae or another that gives
** a number. order is the declared scale, lowest first, or NULL; it is used by
** the weighted kappas and mae. A label outside it is an error. */
int jg_paired_metric(const char *metric, const struct jg_paired_row *rows,
                     size_t n, const struct jg_value *order, size_t order_count,
                     struct jg_paired *out, struct jg_err *err);

struct jg_human_label {
  uint64_t trace;               /* any key of the trace */
  const struct jg_value *value; /* JG_NULL is left out */
};

/* How much people agree: the mean over traces with two labels or more of the
** share of equal ones among the pairs of labels there. NaN and traces = 0 when
** no trace has two. */
int jg_human_agreement(const struct jg_human_label *labels, size_t n,
                       double *agreement, uint64_t *traces, struct jg_err *err);

/* The share of the commonest label: the accuracy of a judge that always says
** it. NaN when there is none. */
int jg_majority_baseline(const struct jg_human_label *labels, size_t n,
                         double *share, struct jg_err *err);

#endif
