/*
** Exact sums of doubles.
**
** A fixed-point number wide enough for every double (Kulisch's long
** accumulator): 70 digits of base 2^32, the lowest worth 2^-1088. Adding a
** double adds its 53 bits to three digits; carries wait until they must move.
** Nothing is rounded before jg_exact_value(), so
**
** 1. the order of the terms does not matter,
** 2. adding -x takes x away again without a trace (windows do not drift),
** 3. merging two sums equals one sum over all terms,
** 4. the value is the true sum, rounded once (to nearest, ties to even).
**
** Infinities and NaN are counted apart and can be taken away again too.
** A zeroed struct is an empty sum; nothing needs to be released.
*/
#ifndef JG_STATS_EXACT_H
#define JG_STATS_EXACT_H

#include <stdint.h>

#define JG_EXACT_DIGITS 70

struct jg_exact {
  int64_t digit[JG_EXACT_DIGITS]; /* lowest first, each may owe a carry */
  uint32_t pending;               /* additions since the last carry */
  int64_t odd;                    /* terms that were not finite */
};

void jg_exact_add(struct jg_exact *sum, double x);
void jg_exact_sub(struct jg_exact *sum, double x);
/* Adds a * b without rounding the product (its magnitude within 1e-290 to
** 1e308, which any count times a label's weight is). */
void jg_exact_add_product(struct jg_exact *sum, double a, double b);
/* Adds sign * |a - b|, the difference not rounded either; sign is 1 or -1. */
void jg_exact_add_distance(struct jg_exact *sum, double a, double b, int sign);
void jg_exact_merge(struct jg_exact *to, const struct jg_exact *from);
/* NaN when a term was not finite. */
double jg_exact_value(const struct jg_exact *sum);

#endif
