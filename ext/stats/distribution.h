/*
** Probabilities and quantiles, to about 1e-13.
**
** Beta: the regularized incomplete beta function by its continued fraction
** (DiDonato and Morris 1992, evaluated by the modified Lentz method: Thompson
** and Barnett 1986), its leading term by Loader's saddle-point form (2000),
** which loses no digits for large parameters. Student's t stands on it.
** Normal: erfc(). Quantiles solve log p(x) = log p by Newton steps kept
** inside a bracket.
*/
#ifndef JG_STATS_DISTRIBUTION_H
#define JG_STATS_DISTRIBUTION_H

/* P(Z <= z), and z with P(Z <= z) = p; NaN unless 0 <= p <= 1. */
double jg_normal_cdf(double z);
double jg_normal_quantile(double p);

/* I_x(a, b) for a, b > 0; y = 1 - x is passed apart, so that a caller who
** knows it exactly loses nothing in the tail. NaN outside. */
double jg_beta_cdf(double x, double y, double a, double b);

/* Student's t with df > 0 degrees of freedom (df may be a fraction). */
double jg_t_cdf(double t, double df);
double jg_t_quantile(double p, double df);
/* P(|T| >= |t|): the two-sided p-value, exact in the tail. */
double jg_t_two_sided(double t, double df);

#endif
