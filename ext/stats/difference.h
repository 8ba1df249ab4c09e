/*
** Two judges against the same human labels: the state behind
** agreement_difference(). What is kept is how often each three labels came
** together, in whole numbers; rows with a NULL are left out.
*/
#ifndef JG_STATS_DIFFERENCE_H
#define JG_STATS_DIFFERENCE_H

#include "stats/labels.h"
#include "stats/metric.h"

struct jg_triple {
  uint32_t a, b, human; /* ids in labels */
  uint64_t count;       /* 0: gone, or the place was never used */
  int used;             /* the place holds a triple */
};

struct jg_difference {
  struct jg_query query;    /* what its options point to is the caller's */
  struct jg_labels labels;  /* interned: (human, a) and (b, b) are stepped */
  struct jg_triple *triple; /* hash table */
  size_t cap;               /* a power of two, or 0 */
  size_t used;              /* places in use */
  size_t live;              /* of them with a count */
  uint64_t n;               /* rows */
  uint64_t both, only_a, only_b; /* of them right */
};

int jg_difference_init(struct jg_difference *d, const struct jg_query *query,
                       struct jg_err *err);
void jg_difference_dispose(struct jg_difference *d);
/* values: judge_a, judge_b, human. Adds, or takes away with sign -1. */
int jg_difference_move(struct jg_difference *d, const struct jg_value *values,
                       int sign, struct jg_err *err);

#endif
