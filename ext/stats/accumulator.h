/*
** What one group of pairs has added up to: the state behind agreement().
**
** It holds what its metric needs and no more: two counts; or labels, with or
** without their pairs; or sums over numbers. All counts are whole and all sums
** exact, so the order of rows does not matter, inverse undoes step without a
** trace, and merge equals step.
**
**   struct jg_accumulator acc;
**   jg_accumulator_init(&acc, jg_metric_find("mae", &err), &options, &err);
**   jg_accumulator_step(&acc, &judge, &human, &err);
**   jg_accumulator_value(&acc, &result, &err);
**   jg_accumulator_dispose(&acc);
*/
#ifndef JG_STATS_ACCUMULATOR_H
#define JG_STATS_ACCUMULATOR_H

#include <stdint.h>
#include "stats/exact.h"
#include "stats/labels.h"
#include "stats/metric.h"

struct jg_scores {
  struct jg_exact distance; /* sum of |judge - human| */
};

struct jg_accumulator {
  const struct jg_metric *metric;
  struct jg_metric_options options; /* what they point to is the caller's */
  unsigned needs;                   /* the metric's, given these options */
  uint64_t n;                       /* pairs without a NULL */
  uint64_t agree;                   /* of them equal */
  struct jg_labels labels;          /* JG_NEEDS_LABELS */
  struct jg_scores *scores;         /* JG_NEEDS_SCORES */
};

/* options may be NULL; what they point to must outlive acc. After a failure
** acc needs no dispose, but takes it. */
int jg_accumulator_init(struct jg_accumulator *acc,
                        const struct jg_metric *metric,
                        const struct jg_metric_options *options,
                        struct jg_err *err);
void jg_accumulator_dispose(struct jg_accumulator *acc);

/* A pair with a NULL on either side is left out, by inverse too. */
int jg_accumulator_step(struct jg_accumulator *acc,
                        const struct jg_value *judge,
                        const struct jg_value *human, struct jg_err *err);
int jg_accumulator_inverse(struct jg_accumulator *acc,
                           const struct jg_value *judge,
                           const struct jg_value *human, struct jg_err *err);
/* Counts a pair in which the judge failed to answer: wrong, with no label. For
** metrics of JG_NEEDS_COUNTS only; sign -1 takes it back. */
void jg_accumulator_miss(struct jg_accumulator *acc, int sign);
/* from has the same metric and options. */
int jg_accumulator_merge(struct jg_accumulator *to,
                         const struct jg_accumulator *from, struct jg_err *err);
/* May be asked at any time, and again. An undefined value is
** JG_RESULT_NULL with a reason, not a failure. */
int jg_accumulator_value(struct jg_accumulator *acc,
                         struct jg_metric_result *out, struct jg_err *err);

#endif
