/*
** Probabilities and quantiles, to about 1e-13.
**
** Beta: the regularized incomplete beta function by its continued fraction
** (DiDonato and Morris 1992, evaluated by the modified Lentz method: Thompson
** and Barnett 1986), its leading term by Loader's saddle-point form (2000),
** which loses no digits for large parameters. Student's t, F and the binomial
** stand on it. Gamma (chi-square): the series below its mean, above it the
** continued fraction DLMF 8.9.2 by the same Lentz method. Normal: erfc().
** Quantiles solve log p(x) = log p by Newton steps kept inside a bracket, over
** log x, or log(x / (1 - x)) for beta, where the curves are nearly straight.
**
** What has an upper tail gives that tail without subtracting from 1.
*/
#ifndef JG_STATS_DISTRIBUTION_H
#define JG_STATS_DISTRIBUTION_H

/* P(|Z| >= |z|), exact in the tail. */
double jg_normal_two_sided(double z);
/* P(Z <= z), and z with P(Z <= z) = p; NaN unless 0 <= p <= 1. */
double jg_normal_cdf(double z);
double jg_normal_quantile(double p);

/* I_x(a, b) for a, b > 0; y = 1 - x is passed apart, so that a caller who
** knows it exactly loses nothing in the tail. NaN outside. */
double jg_beta_cdf(double x, double y, double a, double b);
/* x with I_x(a, b) = p. */
double jg_beta_quantile(double p, double a, double b);

/* P(X <= k) of k successes in n trials, each with probability p. */
double jg_binomial_cdf(double k, double n, double p);

/* The F distribution with d1 and d2 degrees of freedom: P(F > f), and f with
** P(F <= f) = p. */
double jg_f_upper(double f, double d1, double d2);
double jg_f_quantile(double p, double d1, double d2);

/* Chi-square with df degrees of freedom: P(X > x), and x with P(X <= x) = p. */
double jg_chi_square_upper(double x, double df);
double jg_chi_square_quantile(double p, double df);

/* Student's t with df > 0 degrees of freedom (df may be a fraction). */
double jg_t_cdf(double t, double df);
double jg_t_quantile(double p, double df);
/* P(|T| >= |t|): the two-sided p-value, exact in the tail. */
double jg_t_two_sided(double t, double df);

#endif
