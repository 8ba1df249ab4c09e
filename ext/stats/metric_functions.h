/* The value functions behind the rows of the tables, and how they hand over
** what they found; what each computes stands at its section. */
#ifndef JG_STATS_METRIC_FUNCTIONS_H
#define JG_STATS_METRIC_FUNCTIONS_H

#include "stats/metric.h"

#define JG_METRIC_FUNCTION(name)                                               \
  int name(void *state, const struct jg_query *query,                          \
           struct jg_metric_result *out, struct jg_err *err)

/* counts.c */
JG_METRIC_FUNCTION(jg_metric_n);
JG_METRIC_FUNCTION(jg_metric_accuracy);
JG_METRIC_FUNCTION(jg_metric_majority_baseline);
JG_METRIC_FUNCTION(jg_metric_balanced_accuracy);
JG_METRIC_FUNCTION(jg_metric_mcc);
JG_METRIC_FUNCTION(jg_metric_confusion);

/* rates.c */
JG_METRIC_FUNCTION(jg_metric_precision);
JG_METRIC_FUNCTION(jg_metric_recall);
JG_METRIC_FUNCTION(jg_metric_f1);
JG_METRIC_FUNCTION(jg_metric_support);
JG_METRIC_FUNCTION(jg_metric_tp);
JG_METRIC_FUNCTION(jg_metric_fp);
JG_METRIC_FUNCTION(jg_metric_fn);
JG_METRIC_FUNCTION(jg_metric_tn);
JG_METRIC_FUNCTION(jg_metric_tpr);
JG_METRIC_FUNCTION(jg_metric_tnr);
JG_METRIC_FUNCTION(jg_metric_ppv);
JG_METRIC_FUNCTION(jg_metric_npv);
JG_METRIC_FUNCTION(jg_metric_prevalence_human);
JG_METRIC_FUNCTION(jg_metric_prevalence_judge);
JG_METRIC_FUNCTION(jg_metric_prevalence_index);
JG_METRIC_FUNCTION(jg_metric_bias_index);

/* kappa.c */
JG_METRIC_FUNCTION(jg_metric_cohen_kappa);
JG_METRIC_FUNCTION(jg_metric_linear_kappa);
JG_METRIC_FUNCTION(jg_metric_quadratic_kappa);

/* chance.c */
JG_METRIC_FUNCTION(jg_metric_percent_agreement);
JG_METRIC_FUNCTION(jg_metric_scott_pi);
JG_METRIC_FUNCTION(jg_metric_gwet_ac);
JG_METRIC_FUNCTION(jg_metric_brennan_prediger);
JG_METRIC_FUNCTION(jg_metric_pabak);

/* margins.c */
JG_METRIC_FUNCTION(jg_metric_mcnemar_margins);
JG_METRIC_FUNCTION(jg_metric_bowker);

/* alpha.c */
JG_METRIC_FUNCTION(jg_metric_alpha);

/* boot_kappa.c */
JG_METRIC_FUNCTION(jg_metric_cohen_kappa_boot);

/* numbers.c */
JG_METRIC_FUNCTION(jg_metric_mae);
JG_METRIC_FUNCTION(jg_metric_mse);
JG_METRIC_FUNCTION(jg_metric_rmse);
JG_METRIC_FUNCTION(jg_metric_bias);
JG_METRIC_FUNCTION(jg_metric_sd_diff);
JG_METRIC_FUNCTION(jg_metric_loa);
JG_METRIC_FUNCTION(jg_metric_agreement_within);
JG_METRIC_FUNCTION(jg_metric_r2);
JG_METRIC_FUNCTION(jg_metric_pearson);
JG_METRIC_FUNCTION(jg_metric_ccc);

/* icc.c */
JG_METRIC_FUNCTION(jg_metric_icc);

/* ranks.c */
JG_METRIC_FUNCTION(jg_metric_spearman);
JG_METRIC_FUNCTION(jg_metric_kendall_tau_b);
JG_METRIC_FUNCTION(jg_metric_kendall_tau_c);

/* probabilities.c */
JG_METRIC_FUNCTION(jg_metric_brier);
JG_METRIC_FUNCTION(jg_metric_log_loss);
JG_METRIC_FUNCTION(jg_metric_ece);
JG_METRIC_FUNCTION(jg_metric_ece_l2);
JG_METRIC_FUNCTION(jg_metric_mce);
JG_METRIC_FUNCTION(jg_metric_auroc);
JG_METRIC_FUNCTION(jg_metric_average_precision);

/* -- handing over --------------------------------------------------------- */

/* Nothing asked for is known yet. */
void jg_metric_clear(struct jg_metric_result *out);
int jg_metric_real(struct jg_metric_result *out, double x);
int jg_metric_int(struct jg_metric_result *out, uint64_t x);
int jg_metric_undefined(struct jg_metric_result *out, const char *reason);
/* Sets one part, or tells why it is undefined when x is NaN. */
void jg_metric_part(struct jg_metric_result *out, enum jg_part part, double x,
                    const char *reason);
/* The value, its standard error and an interval around it: by the normal
** quantile, or by t on df and cut at 1. se is NaN with a reason. */
void jg_metric_normal(const struct jg_query *query,
                      struct jg_metric_result *out, double value, double se,
                      double df, const char *reason);
/* An interval with given limits. */
void jg_metric_limits(struct jg_metric_result *out, double low, double high);

/* Limits of a share k / n: Wilson's (1927), and the exact ones of Clopper and
** Pearson (1934). */
void jg_wilson(double k, double n, double level, double *low, double *high);
void jg_clopper_pearson(double k, double n, double level, double *low,
                        double *high);

#define JG_REASON_NO_PAIRS "no pair without a NULL"
#define JG_REASON_ONE_PAIR "one pair has no standard error"

#endif
