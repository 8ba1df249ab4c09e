/* The value functions of agreement_raters(). */
#ifndef JG_STATS_METRIC_RATERS_H
#define JG_STATS_METRIC_RATERS_H

#include "stats/metric_functions.h"

/* metrics_raters.c */
JG_METRIC_FUNCTION(jg_raters_n_items);
JG_METRIC_FUNCTION(jg_raters_n_raters);
JG_METRIC_FUNCTION(jg_raters_n_ratings);

/* chance_raters.c */
JG_METRIC_FUNCTION(jg_raters_percent_agreement);
JG_METRIC_FUNCTION(jg_raters_fleiss_kappa);
JG_METRIC_FUNCTION(jg_raters_conger_kappa);
JG_METRIC_FUNCTION(jg_raters_light_kappa);
JG_METRIC_FUNCTION(jg_raters_gwet_ac);
JG_METRIC_FUNCTION(jg_raters_brennan_prediger);
JG_METRIC_FUNCTION(jg_raters_randolph_kappa);

/* alpha_raters.c */
JG_METRIC_FUNCTION(jg_raters_alpha);

/* scores_raters.c */
JG_METRIC_FUNCTION(jg_raters_kendall_w);
JG_METRIC_FUNCTION(jg_raters_icc);

#endif
