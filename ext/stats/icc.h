/*
** Intraclass correlations of k raters over n items, all six forms of Shrout and
** Fleiss (1979), from the mean squares of the two-way table. Limits: F for
** forms 1 and 3, Satterthwaite's degrees of freedom for form 2 (McGraw and
** Wong 1996); those of the mean of k raters are Spearman and Brown's of one.
*/
#ifndef JG_STATS_ICC_H
#define JG_STATS_ICC_H

#include "stats/metric.h"

struct jg_squares {
  double n, k;     /* items, raters */
  double items;    /* MSR, between items */
  double raters;   /* MSC, between raters */
  double residual; /* MSE */
  double within;   /* MSW, within items */
};

/* The form is the metric's name, icc_1_1 to icc_3_k. */
int jg_icc(const struct jg_query *query, const struct jg_squares *squares,
           struct jg_metric_result *out);

#define JG_ICC_VARIANTS "psych|irr"

#endif
