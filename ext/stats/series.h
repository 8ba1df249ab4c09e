/*
** Pairs of numbers in the order they came: for ranks and probabilities, which
** sums cannot give. 16 bytes a pair. Taking back is constant time for the
** oldest pair, which is the one that leaves a window.
*/
#ifndef JG_STATS_SERIES_H
#define JG_STATS_SERIES_H

#include <stddef.h>
#include "core/err.h"

struct jg_point {
  double judge;
  double human;
};

struct jg_series {
  struct jg_point *point; /* live ones are head .. head + count - 1 */
  size_t head;
  size_t count;
  size_t cap;
};

void jg_series_dispose(struct jg_series *series);
int jg_series_add(struct jg_series *series, double judge, double human,
                  struct jg_err *err);
/* Takes one equal pair back, if there is one. */
void jg_series_take(struct jg_series *series, double judge, double human);
int jg_series_merge(struct jg_series *to, const struct jg_series *from,
                    struct jg_err *err);
static inline const struct jg_point *
jg_series_points(const struct jg_series *series) {
  return series->point + series->head;
}

#endif
