/*
** Coefficients of the form (po - pe) / (1 - pe) for two raters, and their
** standard errors.
**
** They differ in the agreement pe that chance alone would give: Cohen (1960,
** 1968) takes it from each rater's shares, Scott (1955) from the mean of both,
** Gwet (2008, 2014) from how far the mean shares are from certainty, Brennan
** and Prediger (1981) from equal shares.
**
** Standard errors by the influence of each pair on the estimate, which for
** Cohen's kappa is the formula of Fleiss, Cohen and Everitt (1969) and for the
** others Gwet's (2014): SE = sqrt(sum IF^2) / n, and for the variant "raw" its
** r-rater form, larger by sqrt(n / (n - 1)).
*/
#ifndef JG_STATS_CHANCE_H
#define JG_STATS_CHANCE_H

#include "stats/crosstab.h"

enum jg_chance {
  JG_CHANCE_COHEN,
  JG_CHANCE_SCOTT,
  JG_CHANCE_GWET,
  JG_CHANCE_EQUAL /* Brennan-Prediger */
};

struct jg_coefficient {
  enum jg_chance chance;
  double po, pe; /* agreement observed and by chance */
  double value;  /* NaN where undefined */
  double factor; /* Gwet: T / (q (q - 1)) */
  double *human; /* by category: the mean weight to the judge's labels (for
                  ** Cohen), to both raters' else */
  double *judge; /* the same to the human's labels */
};

/* Computes the coefficient of a table with n > 0. */
int jg_coefficient_init(struct jg_coefficient *c,
                        const struct jg_crosstab *table, enum jg_chance chance,
                        struct jg_err *err);
void jg_coefficient_dispose(struct jg_coefficient *c);
/* How much a pair of these categories moves the estimate. */
double jg_coefficient_influence(const struct jg_coefficient *c,
                                const struct jg_crosstab *table, size_t human,
                                size_t judge);
/* Its standard error, dividing by n. */
double jg_coefficient_error(const struct jg_coefficient *c,
                            const struct jg_crosstab *table);

/* Cohen's kappa and all its parts with any weights. */
int jg_chance_kappa(struct jg_accumulator *acc, const struct jg_query *query,
                    enum jg_weights weights, struct jg_metric_result *out,
                    struct jg_err *err);

#define JG_REASON_ONE_LABEL                                                    \
  "human and judge gave one and the same label throughout"
#define JG_REASON_ONE_CATEGORY                                                 \
  "there is one category: declare those that could be given"

#endif
