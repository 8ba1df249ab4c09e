/* Probabilities and quantiles against closed forms and known values. */
#include "unit.h"
#include <math.h>
#include <stddef.h>
#include "stats/distribution.h"

#define PI 3.14159265358979323846

TEST(normal_quantile_gives_known_values) {
  CHECK_NEAR(jg_normal_quantile(0.975), 1.959963984540054, 1e-15);
  CHECK_NEAR(jg_normal_quantile(0.6), 0.2533471031357997, 1e-15);
  CHECK_NEAR(jg_normal_quantile(1e-20), -9.262340089798408, 1e-14);
  CHECK_NEAR(jg_normal_quantile(0.5), 0, 0);
  CHECK(isnan(jg_normal_quantile(1.5)));
  CHECK(jg_normal_quantile(1) > 1e300);
}

TEST(t_quantile_has_closed_forms) {
  static const double ps[] = {0.5001, 0.6, 0.75, 0.9, 0.975, 0.999, 0.9999999};
  for (size_t i = 0; i < sizeof ps / sizeof ps[0]; i++) {
    double p = ps[i];
    double one = tan(PI * (p - 0.5));
    double two = (2 * p - 1) / sqrt(2 * p * (1 - p));
    double alpha = sqrt(4 * p * (1 - p));
    double four = 2 * sqrt(cos(acos(alpha) / 3) / alpha - 1);
    CHECK_NEAR(jg_t_quantile(p, 1) / one, 1, 1e-9 * (1 + 1e-8 / (1 - p)));
    CHECK_NEAR(jg_t_quantile(p, 2) / two, 1, 1e-12);
    CHECK_NEAR(jg_t_quantile(p, 4) / four, 1, 1e-7);
    CHECK_NEAR(jg_t_quantile(1 - p, 2) / -two, 1, 1e-8);
  }
}

/* Checked with 40 digits by mpmath's incomplete beta function. */
TEST(t_quantile_gives_known_values) {
  static const struct {
    double p, df, t;
  } cases[] = {
      {0.975, 1, 12.706204736174694},    {0.975, 4, 2.7764451051977944},
      {0.975, 39, 2.0226909200367604},   {0.75, 7.5, 0.7085995804442587},
      {0.975, 1000, 1.9623390808264107}, {0.975, 1e6, 1.959966356814107},
      {0.999, 0.3, 300718580.87909782},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double t = jg_t_quantile(cases[i].p, cases[i].df);
    CHECK_NEAR(t / cases[i].t, 1, 1e-13);
    CHECK_NEAR(jg_t_cdf(cases[i].t, cases[i].df), cases[i].p, 1e-14);
  }
}

TEST(t_cdf_and_quantile_undo_each_other) {
  static const double dfs[] = {0.5, 1, 3, 10, 47, 149, 5000};
  for (size_t i = 0; i < sizeof dfs / sizeof dfs[0]; i++) {
    for (double p = 0.001; p < 1; p += 0.037) {
      CHECK_NEAR(jg_t_cdf(jg_t_quantile(p, dfs[i]), dfs[i]), p, 1e-14);
    }
  }
}

TEST(t_two_sided_is_exact_in_the_tail) {
  CHECK_NEAR(jg_t_two_sided(0, 5), 1, 0);
  CHECK_NEAR(jg_t_two_sided(-12.706204736174694, 1), 0.05, 1e-14);
  /* df = 2: P(|T| > t) = 1 - t / sqrt(2 + t^2), about 1 / t^2 */
  CHECK_NEAR(jg_t_two_sided(1e8, 2) * 1e16, 1, 1e-12);
  CHECK(isnan(jg_t_two_sided(1, 0)));
}

TEST(beta_cdf_has_closed_forms) {
  for (double x = 0.05; x < 1; x += 0.1) {
    double y = 1 - x;
    CHECK_NEAR(jg_beta_cdf(x, y, 1, 1), x, 1e-15);
    CHECK_NEAR(jg_beta_cdf(x, y, 3, 1), x * x * x, 1e-15);
    CHECK_NEAR(jg_beta_cdf(x, y, 1, 5), 1 - pow(y, 5), 1e-15);
    CHECK_NEAR(jg_beta_cdf(x, y, 0.5, 0.5), 2 / PI * asin(sqrt(x)), 1e-15);
  }
  CHECK_NEAR(jg_beta_cdf(0, 1, 2, 3), 0, 0);
  CHECK_NEAR(jg_beta_cdf(1, 0, 2, 3), 1, 0);
  CHECK(isnan(jg_beta_cdf(0.5, 0.5, -1, 3)));
}

/* With 40 digits by mpmath. */
TEST(chi_square_f_and_beta_give_known_values) {
  CHECK_NEAR(jg_chi_square_quantile(0.95, 1), 3.8414588206941236, 1e-14);
  CHECK_NEAR(jg_chi_square_upper(3.8414588206941236, 1), 0.05, 1e-15);
  CHECK_NEAR(jg_chi_square_upper(200, 2), exp(-100), 1e-57);
  CHECK_NEAR(jg_chi_square_quantile(0.5, 2), 2 * log(2), 1e-14);
  CHECK_NEAR(jg_beta_quantile(0.3, 1, 5), 1 - pow(0.7, 0.2), 1e-15);
  CHECK_NEAR(jg_beta_quantile(0.3, 4, 1), pow(0.3, 0.25), 1e-15);
  CHECK_NEAR(jg_beta_quantile(0.5, 7, 7), 0.5, 1e-15);
  CHECK_NEAR(jg_f_quantile(0.975, 1, 8), pow(jg_t_quantile(0.9875, 8), 2),
             1e-12);
  CHECK_NEAR(jg_f_upper(4, 2, 2), 0.2, 1e-15);
  CHECK_NEAR(jg_binomial_cdf(1, 11, 0.5), 12 / 2048., 1e-17);
  CHECK_NEAR(jg_binomial_cdf(3, 3, 0.5), 1, 0);
  CHECK_NEAR(jg_normal_two_sided(1.959963984540054), 0.05, 1e-15);
  CHECK(isnan(jg_chi_square_upper(-1, 2)));
  CHECK(isnan(jg_f_quantile(2, 3, 4)));
}

TEST(quantiles_undo_their_distributions) {
  static const double shapes[] = {0.5, 1, 2.5, 11, 149.5, 4000};
  enum { SHAPES = sizeof shapes / sizeof shapes[0] };
  for (int i = 0; i < SHAPES * SHAPES; i++) {
    double a = shapes[i / SHAPES];
    double b = shapes[i % SHAPES];
    for (double p = 0.001; p < 1; p += 0.0666) {
      double x = jg_beta_quantile(p, a, b);
      double f = jg_f_quantile(p, a, b);
      /* Where x is next to 1 its own last digit is worth more than p's. */
      double reach = 1e-13 + (x > 0.999 ? 1e-9 : 0);
      CHECK_NEAR(jg_beta_cdf(x, 1 - x, a, b), p, reach);
      CHECK_NEAR(jg_f_upper(f, a, b), 1 - p, 1e-12);
    }
  }
  for (int i = 0; i < SHAPES; i++) {
    for (double p = 0.001; p < 1; p += 0.0666) {
      double x = jg_chi_square_quantile(p, shapes[i]);
      CHECK_NEAR(jg_chi_square_upper(x, shapes[i]), 1 - p, 1e-13);
    }
  }
}
