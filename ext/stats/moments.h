/*
** Sums over pairs of numbers, exact, and what follows from them.
**
** Six exact sums (stats/exact.h) are kept: of x, y, x^2, y^2, xy and |x - y|.
** The textbook formula n sum(x^2) - (sum x)^2 loses all digits in doubles when
** the mean is large; here its two terms are subtracted before anything is
** rounded, so the central sums are right to the last digit, whatever the mean
** and the order of rows.
*/
#ifndef JG_STATS_MOMENTS_H
#define JG_STATS_MOMENTS_H

#include <stdint.h>
#include "stats/exact.h"

struct jg_moments {
  struct jg_exact x, y, xx, yy, xy;
  struct jg_exact distance; /* sum of |x - y| */
};

/* What the sums say; NaN everywhere when a number was not finite. */
struct jg_spread {
  double n;
  double x, y;       /* means */
  double xx, yy, xy; /* sums of (x - mean x)^2, ... */
  double difference; /* mean of x - y */
  double dd;         /* sum of (x - y - difference)^2 */
  double squares;    /* sum of (x - y)^2 */
  double distance;   /* sum of |x - y| */
};

/* Adds a pair, or takes it away with sign -1. */
void jg_moments_move(struct jg_moments *moments, double x, double y, int sign);
/* Adds times equal pairs. */
void jg_moments_add_times(struct jg_moments *moments, double x, double y,
                          uint64_t times);
void jg_moments_merge(struct jg_moments *to, const struct jg_moments *from);
/* n > 0 pairs were added. */
void jg_moments_read(const struct jg_moments *moments, uint64_t n,
                     struct jg_spread *out);

#endif
