/* Probabilities and quantiles; see distribution.h for the sources. */
#include "stats/distribution.h"

#include <assert.h>
#include <math.h>

#define HALF_LOG_2PI 0.91893853320467274178
#define ROOT_2 1.41421356237309504880
#define LOG_STEPS 200

/* log(n!) less Stirling's approximation of it (Loader 2000). */
static double stirling_error(double n) {
  if (n <= 15) {
    return log(tgamma(n + 1)) - (n + 0.5) * log(n) + n - HALF_LOG_2PI;
  }
  double r = 1 / (n * n);
  return (1.0 / 12 -
          (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188) * r) * r) * r) *
              r) /
         n;
}

/* x log(x / m) + m - x without cancellation near x = m (Loader 2000). */
static double deviance(double x, double m) {
  if (fabs(x - m) >= 0.1 * (x + m)) {
    return x * log(x / m) + m - x;
  }
  double v = (x - m) / (x + m);
  double sum = (x - m) * v;
  double term = 2 * x * v;
  for (int j = 1; j < 1000; j++) {
    term *= v * v;
    double next = sum + term / (2 * j + 1);
    if (next == sum) {
      break;
    }
    sum = next;
  }
  return sum;
}

/* x^a y^b / B(a, b) with y = 1 - x. */
static double beta_front(double x, double y, double a, double b) {
  double n = a + b;
  double exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                    deviance(a, n * x) - deviance(b, n * y);
  /* a b / n times Loader's binomial term sqrt(n / (2 pi a b)) exp(...) */
  return exp(exponent - HALF_LOG_2PI) * sqrt(a * b / n);
}

/*
** The continued fraction b0 + a1 / (b1 + a2 / (b2 + ...)) of DiDonato and
** Morris (1992, equation 9); I_x(a, b) is the front over it. Chosen over DLMF
** 8.17.22, which cancels for large a and x near 1. Wants x <= a / (a + b)
** or not far above it.
*/
static double beta_fraction(double x, double y, double a, double b) {
  double c = a * (a * y - b * x + 1) / (a + 1);
  double value = c;
  double d = 0;
  for (int m = 1; m < 100000; m++) {
    double s = a + 2 * m - 1;
    double top = (a + m - 1) / s * ((a + b + m - 1) / s) * m * (b - m) * x * x;
    double bottom = m + m * (b - m) * x / s +
                    (a + m) * (a * y - b * x + 1 + m * (1 + y)) / (s + 2);
    d = 1 / (bottom + top * d);
    c = bottom + top / c;
    value *= c * d;
    if (fabs(c * d - 1) < 1e-16) {
      break;
    }
  }
  return value;
}

double jg_beta_cdf(double x, double y, double a, double b) {
  if (!(x >= 0 && y >= 0 && a > 0 && b > 0)) {
    return NAN;
  }
  if (x == 0 || y == 0) {
    return x == 0 ? 0 : 1;
  }
  if (x < (a + 1) / (a + b + 2)) {
    return beta_front(x, y, a, b) / beta_fraction(x, y, a, b);
  }
  return 1 - beta_front(x, y, a, b) / beta_fraction(y, x, b, a);
}

double jg_normal_cdf(double z) {
  return 0.5 * erfc(-z / ROOT_2);
}

double jg_normal_two_sided(double z) {
  return erfc(fabs(z) / ROOT_2);
}

/* z > 0 with P(Z > z) = tail, 0 < tail < 0.5. log P(Z > z) is concave in z,
** so Newton steps from the right fall monotonically on the root. */
static double normal_upper(double tail) {
  double z = sqrt(-2 * log(tail));
  for (int i = 0; i < LOG_STEPS; i++) {
    double at = 0.5 * erfc(z / ROOT_2);
    double density = exp(-0.5 * z * z - HALF_LOG_2PI);
    double step = log(at / tail) * at / density;
    z += step;
    if (fabs(step) <= 1e-15 * (1 + z)) {
      break;
    }
  }
  return z;
}

/* z > 0 with P(0 < Z < z) = middle, for middle at most 0.25. */
static double normal_middle(double middle) {
  double z = middle * ROOT_2 * sqrt(3.14159265358979323846);
  for (int i = 0; i < LOG_STEPS; i++) {
    double step =
        (middle - 0.5 * erf(z / ROOT_2)) / exp(-0.5 * z * z - HALF_LOG_2PI);
    z += step;
    if (fabs(step) <= 1e-16 * z) {
      break;
    }
  }
  return z;
}

double jg_normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? -INFINITY : INFINITY;
  }
  double middle = fabs(p - 0.5);
  double tail = p < 0.5 ? p : 1 - p;
  double z = middle == 0      ? 0
             : middle <= 0.25 ? normal_middle(middle)
                              : normal_upper(tail);
  return p < 0.5 ? -z : z;
}

/* The two sides of t > 0: P(T > t), and P(0 < T < t). */
static double t_tail(double t, double df) {
  double square = t * t;
  return 0.5 * jg_beta_cdf(1 / (1 + square / df), 1 / (1 + df / square),
                           0.5 * df, 0.5);
}

static double t_middle(double t, double df) {
  double square = t * t;
  return 0.5 * jg_beta_cdf(1 / (1 + df / square), 1 / (1 + square / df), 0.5,
                           0.5 * df);
}

double jg_t_cdf(double t, double df) {
  if (!(df > 0) || isnan(t)) {
    return NAN;
  }
  if (t == 0) {
    return 0.5;
  }
  if (t < 0) {
    return t_tail(-t, df);
  }
  return t * t < df ? 0.5 + t_middle(t, df) : 1 - t_tail(t, df);
}

double jg_t_two_sided(double t, double df) {
  if (!(df > 0) || isnan(t)) {
    return NAN;
  }
  return t == 0 ? 1 : 2 * t_tail(fabs(t), df);
}

/* The density times t: the slope of a probability over log t. */
static double t_slope(double t, double df) {
  double square = t * t;
  /* f(t) t = y^(1/2) x^(df/2) / B(1/2, df/2), x = 1/(1+t^2/df), y = 1-x */
  return beta_front(1 / (1 + df / square), 1 / (1 + square / df), 0.5,
                    0.5 * df);
}

/* t > 0 where the tail (or the middle) has the probability p. Over log t both
** are nearly straight at their small ends, so Newton steps land quickly. */
static double t_solve(double p, double df, int tail) {
  double low = -800;
  double high = 800;
  double u = 0;
  for (int i = 0; i < LOG_STEPS; i++) {
    double t = exp(u);
    double at = tail ? t_tail(t, df) : t_middle(t, df);
    double miss = log(at / p);
    if ((miss > 0) == (tail != 0)) {
      low = u;
    } else {
      high = u;
    }
    double step = miss * at / t_slope(t, df);
    double next = tail ? u + step : u - step;
    if (!(next > low && next < high)) {
      next = 0.5 * (low + high);
    }
    if (fabs(next - u) < 1e-16 + 2e-16 * fabs(u)) {
      break;
    }
    u = next;
  }
  return exp(u);
}

double jg_t_quantile(double p, double df) {
  if (!(p >= 0 && p <= 1 && df > 0)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? -INFINITY : INFINITY;
  }
  double middle = fabs(p - 0.5);
  double tail = p < 0.5 ? p : 1 - p;
  double t = middle == 0      ? 0
             : middle <= 0.25 ? t_solve(middle, df, 0)
                              : t_solve(tail, df, 1);
  return p < 0.5 ? -t : t;
}

/* -- quantiles over a logarithm ------------------------------------------- */

/* A family over u: the lower or upper tail at u, and the density times
** dx / du, the slope of either. */
struct curve {
  double (*tail)(double u, int upper, double a, double b);
  double (*slope)(double u, double a, double b);
};

/* u where the tail has the probability p, 0 < p < 1. */
static double solve(const struct curve *curve, double p, int upper, double a,
                    double b) {
  double low = -740;
  double high = 740;
  double u = 0;
  assert(p > 0 && p < 1);
  for (int i = 0; i < LOG_STEPS; i++) {
    double at = curve->tail(u, upper, a, b);
    double miss = log(at / p);
    if ((miss > 0) == (upper != 0)) {
      low = u;
    } else {
      high = u;
    }
    double step = miss * at / curve->slope(u, a, b);
    double next = upper ? u + step : u - step;
    if (!(next > low && next < high)) {
      next = 0.5 * (low + high);
    }
    if (fabs(next - u) < 1e-16 + 2e-16 * fabs(u)) {
      break;
    }
    u = next;
  }
  return u;
}

/* The smaller tail decides: it has the digits. */
static double solve_both(const struct curve *curve, double p, double a,
                         double b) {
  return p <= 0.5 ? solve(curve, p, 0, a, b) : solve(curve, 1 - p, 1, a, b);
}

/* -- beta, F, binomial ---------------------------------------------------- */

/* x = e^u / (1 + e^u), and y = 1 - x without subtracting. */
static double beta_tail(double u, int upper, double a, double b) {
  double x = 1 / (1 + exp(-u));
  double y = 1 / (1 + exp(u));
  return upper ? jg_beta_cdf(y, x, b, a) : jg_beta_cdf(x, y, a, b);
}

static double beta_slope(double u, double a, double b) {
  return beta_front(1 / (1 + exp(-u)), 1 / (1 + exp(u)), a, b);
}

static const struct curve BETA = {beta_tail, beta_slope};

double jg_beta_quantile(double p, double a, double b) {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p;
  }
  return 1 / (1 + exp(-solve_both(&BETA, p, a, b)));
}

double jg_binomial_cdf(double k, double n, double p) {
  if (!(n >= 0 && p >= 0 && p <= 1)) {
    return NAN;
  }
  if (k < 0 || k >= n) {
    return k < 0 ? 0 : 1;
  }
  return jg_beta_cdf(1 - p, p, n - floor(k), floor(k) + 1);
}

double jg_f_upper(double f, double d1, double d2) {
  if (!(f >= 0 && d1 > 0 && d2 > 0)) {
    return NAN;
  }
  return jg_beta_cdf(d2 / (d2 + d1 * f), d1 * f / (d2 + d1 * f), d2 / 2,
                     d1 / 2);
}

double jg_f_quantile(double p, double d1, double d2) {
  if (!(p >= 0 && p <= 1 && d1 > 0 && d2 > 0)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? 0 : INFINITY;
  }
  /* x / y of the beta variable is d1 f / d2 */
  return exp(solve_both(&BETA, p, d1 / 2, d2 / 2)) * d2 / d1;
}

/* -- chi-square ----------------------------------------------------------- */

/* x^a e^-x / Gamma(a), by Loader's form. */
static double gamma_front(double x, double a) {
  return exp(-stirling_error(a) - deviance(a, x) - HALF_LOG_2PI) * sqrt(a);
}

/* P(a, x) for x below a + 1. */
static double gamma_series(double x, double a) {
  double term = 1 / a;
  double sum = term;
  for (int i = 1; i < 100000 && term > sum * 1e-17; i++) {
    term *= x / (a + i);
    sum += term;
  }
  return gamma_front(x, a) * sum;
}

/* Q(a, x) for x above a + 1. */
static double gamma_fraction(double x, double a) {
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / b;
  double value = d;
  for (int i = 1; i < 100000; i++) {
    double top = -i * (i - a);
    b += 2;
    d = 1 / (top * d + b);
    c = b + top / c;
    value *= c * d;
    if (fabs(c * d - 1) < 1e-16) {
      break;
    }
  }
  return gamma_front(x, a) * value;
}

static double gamma_tail_of(double x, int upper, double a) {
  if (x < a + 1) {
    double lower = gamma_series(x, a);
    return upper ? 1 - lower : lower;
  }
  double above = gamma_fraction(x, a);
  return upper ? above : 1 - above;
}

static double gamma_tail(double u, int upper, double a, double b) {
  (void)b;
  return gamma_tail_of(exp(u), upper, a);
}

static double gamma_slope(double u, double a, double b) {
  (void)b;
  return gamma_front(exp(u), a);
}

static const struct curve GAMMA = {gamma_tail, gamma_slope};

double jg_chi_square_upper(double x, double df) {
  if (!(x >= 0 && df > 0)) {
    return NAN;
  }
  return x == 0 ? 1 : isinf(x) ? 0 : gamma_tail_of(x / 2, 1, df / 2);
}

double jg_chi_square_quantile(double p, double df) {
  if (!(p >= 0 && p <= 1 && df > 0)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? 0 : INFINITY;
  }
  return 2 * exp(solve_both(&GAMMA, p, df / 2, 0));
}
