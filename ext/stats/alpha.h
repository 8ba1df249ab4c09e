/*
** Krippendorff's alpha (2011): 1 - observed / expected disagreement.
**
** With n_c the number of values c that can be paired, N their sum and delta2
** the squared difference of two values,
** alpha = 1 - (N - 1) sum o_ck delta2_ck / sum n_c n_k delta2_ck. The ordinal
** difference, sum_{g=c..k} n_g - (n_c + n_k) / 2, is that of the values' middle
** ranks, so ordinal is interval over those; interval sums go by moments.
*/
#ifndef JG_STATS_ALPHA_H
#define JG_STATS_ALPHA_H

#include <stddef.h>
#include "core/err.h"
#include "stats/metric.h"

struct jg_alpha {
  enum jg_distance distance;
  size_t q;
  const double *count; /* n_c, lent */
  double *score;       /* of each category */
  double total;        /* N */
};

/* score: a number for each category, in rising order; not looked at for
** nominal. Dispose of it after success. */
int jg_alpha_init(struct jg_alpha *alpha, enum jg_distance distance, size_t q,
                  const double *count, const double *score, struct jg_err *err);
void jg_alpha_dispose(struct jg_alpha *alpha);
/* delta2 of two categories; 0 / 0 of ratio is 0. */
double jg_alpha_delta(const struct jg_alpha *alpha, size_t c, size_t k);
/* sum n_c n_k delta2_ck. */
double jg_alpha_expected(const struct jg_alpha *alpha);

#define JG_REASON_ONE_VALUE "all values are the same"

#endif
