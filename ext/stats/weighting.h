/*
** Categories in order, and how much two of them agree: 1 when equal, less by
** weights on their positions or values, or by a matrix that the caller gave.
*/
#ifndef JG_STATS_WEIGHTING_H
#define JG_STATS_WEIGHTING_H

#include "stats/labels.h"
#include "stats/metric.h"

struct jg_weighting {
  enum jg_weights kind;
  size_t q;             /* categories: live labels, or all that are declared */
  uint32_t *id;         /* the label of each */
  double *score;        /* what weights look at: positions or values */
  double span;          /* the largest difference of scores */
  const double *matrix; /* of disagreement, q squared, for JG_WEIGHTS_MATRIX */
  double scale;         /* by which it is to be divided */
};

/* Labels that are numbers, or numeric text, stand in the order of their values
** where weights or a distance need one and none is declared. */
int jg_weighting_init(struct jg_weighting *w, struct jg_labels *labels,
                      const struct jg_metric_options *options,
                      enum jg_weights kind, struct jg_err *err);
void jg_weighting_dispose(struct jg_weighting *w);
double jg_weighting_at(const struct jg_weighting *w, size_t i, size_t j);
/* T, the sum of all weights. */
double jg_weighting_total(const struct jg_weighting *w);
/* to[i] = sum_j w_ij share[j]; down: sum_j w_ji share[j]. */
void jg_weighting_mean(const struct jg_weighting *w, const double *share,
                       int down, double *to);
/* A label as a number; NaN when it is none. */
double jg_label_number(const struct jg_value *label);

#endif
