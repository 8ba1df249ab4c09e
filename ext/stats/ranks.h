/*
** Ranks of pairs of numbers, in O(n log n).
**
** Doubles are turned into integers that sort alike, and sorted by a radix sort
** of 11 bits a pass that leaves out passes in which all agree: small integers
** take three or four. Points come out sorted by judge, then human.
*/
#ifndef JG_STATS_RANKS_H
#define JG_STATS_RANKS_H

#include <stdint.h>
#include "stats/series.h"

struct jg_ranks {
  size_t n;
  uint32_t *judge;       /* rank of each point among the distinct numbers, */
  uint32_t *human;       /* from 0; points sorted by judge, then human */
  uint32_t *judge_count; /* points of each rank */
  uint32_t *human_count;
  size_t judges; /* distinct numbers */
  size_t humans;
};

int jg_ranks_init(struct jg_ranks *ranks, const struct jg_series *series,
                  struct jg_err *err);
void jg_ranks_dispose(struct jg_ranks *ranks);

#endif
