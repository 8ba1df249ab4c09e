/* McNemar's test (1947) of b against c discordant pairs. */
#ifndef JG_STATS_MCNEMAR_H
#define JG_STATS_MCNEMAR_H

#include "stats/metric.h"

/* The methods in the order of JG_MCNEMAR_METHODS. */
enum jg_mcnemar {
  JG_MCNEMAR_EXACT, /* binomial, two-sided */
  JG_MCNEMAR_MIDP,  /* half of the probability of what was seen is left out */
  JG_MCNEMAR_CHI2,
  JG_MCNEMAR_CHI2CC /* with Edwards' correction: (|b - c| - 1)^2 */
};
#define JG_MCNEMAR_METHODS "exact|midp|chi2|chi2cc"

/* Sets the parts stat and p. Without discordant pairs the exact p is 1, and
** chi-square is undefined. */
int jg_mcnemar(double b, double c, enum jg_mcnemar method,
               struct jg_metric_result *out);

#endif
