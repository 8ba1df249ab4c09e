/*
** A judged population, part of it labelled by people too: the state behind
** agreement_rate(). A row with a human label is labelled, one without is judge
** only; a row without a verdict is left out.
**
** Counts are whole and sums exact, so memory does not grow with rows.
*/
#ifndef JG_STATS_RATE_H
#define JG_STATS_RATE_H

#include "stats/metric.h"
#include "stats/moments.h"

struct jg_rate {
  struct jg_query query;
  uint64_t tp, fp, fn, tn;       /* labelled rows, positive by pos or 1 */
  uint64_t judged, passed;       /* judge-only rows; of them positive */
  uint64_t fractions;            /* values that are neither 0 nor 1 */
  uint64_t labelled;             /* rows */
  struct jg_moments *pairs;      /* judge and human of labelled rows */
  struct jg_moments *unlabelled; /* judge of the others, twice */
};

int jg_rate_init(struct jg_rate *rate, const struct jg_query *query,
                 struct jg_err *err);
void jg_rate_dispose(struct jg_rate *rate);
/* values: judge, human. Adds, or takes away with sign -1. */
int jg_rate_move(struct jg_rate *rate, const struct jg_value *values, int sign,
                 struct jg_err *err);

#endif
