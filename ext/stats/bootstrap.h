/*
** The bootstrap (Efron 1979) of a statistic of counts.
**
** What the statistics here look at are counts of cells, so a resample of n
** rows is one draw of all counts (a multinomial, by conditional binomials:
** Hormann 1993), whose cost does not grow with n. Same seed, same result.
** Replicates in which the statistic is undefined are left out.
**
** Limits: percentile, or BCa (Efron 1987), with the bias from the share of
** replicates below the estimate, ties counting half, and the acceleration from
** leaving out each row. Kappas are discrete and equal ones may differ in the
** last bit: numbers within JG_BOOT_TIE of each other count as tied.
*/
#ifndef JG_STATS_BOOTSTRAP_H
#define JG_STATS_BOOTSTRAP_H

#include <stddef.h>
#include "core/err.h"
#include "stats/metric.h"

#define JG_BOOT_TIE 1e-12
#define JG_BOOT_METHODS "percentile|BCa"

enum jg_boot_quantile {
  JG_BOOT_TYPE7, /* linear interpolation (numpy, scipy) */
  JG_BOOT_NORMAL /* on the scale of normal quantiles (R's boot) */
};

/* The p-quantile of n > 0 sorted numbers. */
double jg_boot_quantile(const double *sorted, size_t n, double p,
                        enum jg_boot_quantile how);
/* The bias correction: normal quantile of the share below the estimate, with
** half of the ties where half_ties is set. */
double jg_boot_bias(const double *replicate, size_t n, double estimate,
                    int half_ties);
/* The acceleration from the values without one row, each weight times. */
double jg_boot_acceleration(const double *left, const double *weight, size_t n);
/* Where BCa looks for the p-quantile. */
double jg_boot_adjust(double p, double bias, double acceleration);

struct jg_boot {
  const double *count; /* of each cell */
  size_t cells;
  size_t split; /* cells before and after it are two samples; 0: one */
  int fixed;    /* the second of them is not resampled */
  /* The statistic of other counts; NaN where undefined. */
  double (*value)(void *ctx, const double *count, struct jg_err *err);
  void *ctx;
};

/* Sets value, se and limits as the query's options ask. */
int jg_boot_run(const struct jg_boot *boot, const struct jg_query *query,
                int bca, struct jg_metric_result *out, struct jg_err *err);

#endif
