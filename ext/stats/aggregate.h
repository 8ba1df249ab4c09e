/*
** The four aggregates as one interface, so that what reads SQL's arguments and
** options is written once. values are the arguments before the metric.
*/
#ifndef JG_STATS_AGGREGATE_H
#define JG_STATS_AGGREGATE_H

#include "stats/labels.h"
#include "stats/metric.h"

struct jg_aggregate {
  const struct jg_metric_table *table;
  size_t bytes; /* of its state */
  /* After a failure state needs no dispose, but takes it. What the query's
  ** options point to must outlive the state. */
  int (*init)(void *state, const struct jg_query *query, struct jg_err *err);
  void (*dispose)(void *state);
  /* Adds a row, or takes it away with sign -1. */
  int (*move)(void *state, const struct jg_value *values, int sign,
              struct jg_err *err);
  int (*value)(void *state, const struct jg_query *query,
               struct jg_metric_result *out, struct jg_err *err);
  /* The labels that categories and tables show, or NULL. */
  struct jg_labels *(*labels)(void *state);
};

extern const struct jg_aggregate jg_aggregate_pairs;
extern const struct jg_aggregate jg_aggregate_raters;
extern const struct jg_aggregate jg_aggregate_difference;
extern const struct jg_aggregate jg_aggregate_rate;

#endif
