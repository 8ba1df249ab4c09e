/*
** What one group of pairs has added up to: the state behind agreement().
**
** It holds what its query needs and no more: two counts; or labels, with or
** without their pairs; or sums over numbers; or, for ranks, the numbers
** themselves. All counts are whole and all sums exact, so the order of rows
** does not matter, inverse undoes step without a trace, and merge equals step.
**
**   struct jg_accumulator acc;
**   jg_query_init(&query, &jg_pair_metrics, "mae", NULL, &err);
**   jg_accumulator_init(&acc, &query, &err);
**   jg_accumulator_step(&acc, &judge, &human, &err);
**   jg_accumulator_value(&acc, &query, &result, &err);
**   jg_accumulator_dispose(&acc);
*/
#ifndef JG_STATS_ACCUMULATOR_H
#define JG_STATS_ACCUMULATOR_H

#include <stdint.h>
#include "stats/labels.h"
#include "stats/metric.h"
#include "stats/moments.h"
#include "stats/series.h"

struct jg_accumulator {
  struct jg_query query;   /* what its options point to is the caller's */
  unsigned needs;          /* the query's, given its options */
  uint64_t n;              /* pairs without a NULL */
  uint64_t agree;          /* of them equal */
  uint64_t within;         /* JG_NEEDS_WITHIN: no further than tolerance */
  uint64_t texts;          /* for 'all': pairs with a text that is no number */
  uint64_t misfits;        /* for 'all': numbers that are no probability */
  struct jg_labels labels; /* JG_NEEDS_LABELS */
  struct jg_moments *moments; /* JG_NEEDS_MOMENTS */
  struct jg_series series;    /* JG_NEEDS_SERIES */
};

/* After a failure acc needs no dispose, but takes it. */
int jg_accumulator_init(struct jg_accumulator *acc,
                        const struct jg_query *query, struct jg_err *err);
void jg_accumulator_dispose(struct jg_accumulator *acc);

/* A pair with a NULL on either side is left out, by inverse too. */
int jg_accumulator_step(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, struct jg_err *err);
int jg_accumulator_inverse(struct jg_accumulator *acc,
                           const struct jg_value *judge,
                           const struct jg_value *human, struct jg_err *err);
/* Steps times equal pairs. */
int jg_accumulator_step_times(struct jg_accumulator *acc,
                              const struct jg_value *judge,
                              const struct jg_value *human, uint64_t times,
                              struct jg_err *err);
/* Counts a pair in which the judge failed to answer: wrong, with no label. For
** metrics of JG_NEEDS_COUNTS only; sign -1 takes it back. */
void jg_accumulator_miss(struct jg_accumulator *acc, int sign);
/* from has the same query. */
int jg_accumulator_merge(struct jg_accumulator *to,
                         const struct jg_accumulator *from, struct jg_err *err);
/* May be asked at any time, and again, also with a query that is narrower than
** the one acc was made for. An undefined part is NaN with a reason, not a
** failure. */
int jg_accumulator_value(struct jg_accumulator *acc,
                         const struct jg_query *query,
                         struct jg_metric_result *out, struct jg_err *err);

#endif
