/* Exact sums: order, taking back, merging, rounding. */
#include "unit.h"
#include <math.h>
#include "core/rng.h"
#include "stats/exact.h"

TEST(exact_sum_of_nothing_is_zero) {
  struct jg_exact sum = {0};
  CHECK_NEAR(jg_exact_value(&sum), 0, 0);
}

TEST(exact_sum_keeps_what_doubles_lose) {
  static const double terms[] = {1e308, 1, -1e308, 1e-300, 0.1, -1};
  struct jg_exact sum = {0};
  for (int i = 0; i < 6; i++) {
    jg_exact_add(&sum, terms[i]);
  }
  CHECK_NEAR(jg_exact_value(&sum), 0.1, 0);
  jg_exact_sub(&sum, 0.1);
  CHECK_NEAR(jg_exact_value(&sum), 1e-300, 0);
  jg_exact_sub(&sum, 1e-300);
  CHECK_NEAR(jg_exact_value(&sum), 0, 0);
}

TEST(exact_value_rounds_to_even) {
  static const struct {
    double a, b, c, sum;
  } cases[] = {
      {9007199254740992.0, 1, 0, 9007199254740992.0},
      {9007199254740992.0, 1, 1e-9, 9007199254740994.0},
      {9007199254740992.0, 3, 0, 9007199254740996.0},
      {-9007199254740992.0, -1, 0, -9007199254740992.0},
      {-9007199254740992.0, -1, -1e-300, -9007199254740994.0},
      {5e-324, 5e-324, 0, 1e-323},
      {1e308, 1e308, -1e308, 1e308},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct jg_exact sum = {0};
    jg_exact_add(&sum, cases[i].a);
    jg_exact_add(&sum, cases[i].b);
    jg_exact_add(&sum, cases[i].c);
    CHECK_NEAR(jg_exact_value(&sum), cases[i].sum, 0);
  }
}

static double any_double(struct jg_rng *rng) {
  double x = jg_rng_real(rng) - 0.5;
  return ldexp(x, (int)jg_rng_below(rng, 400) - 200);
}

TEST(exact_sum_has_no_order_and_undoes) {
  enum { N = 500 };
  double terms[N];
  struct jg_rng rng;
  struct jg_exact up = {0}, down = {0}, left = {0}, right = {0};
  jg_rng_init(&rng, 7);
  for (int i = 0; i < N; i++) {
    terms[i] = any_double(&rng);
    jg_exact_add(&up, terms[i]);
    jg_exact_add(i % 3 ? &left : &right, terms[i]);
  }
  for (int i = N - 1; i >= 0; i--) {
    jg_exact_add(&down, terms[i]);
  }
  CHECK_NEAR(jg_exact_value(&down), jg_exact_value(&up), 0);
  jg_exact_merge(&left, &right);
  CHECK_NEAR(jg_exact_value(&left), jg_exact_value(&up), 0);
  for (int i = 0; i < N; i++) {
    jg_exact_sub(&up, terms[i]);
  }
  CHECK_NEAR(jg_exact_value(&up), 0, 0);
}

TEST(exact_distance_is_not_rounded) {
  struct jg_exact sum = {0};
  jg_exact_add_distance(&sum, 1e16, 1e-16, 1);
  jg_exact_sub(&sum, 1e16);
  CHECK_NEAR(jg_exact_value(&sum), -1e-16, 0);
  jg_exact_add_distance(&sum, 1e-16, 1e16, 1);
  jg_exact_sub(&sum, 1e16);
  CHECK_NEAR(jg_exact_value(&sum), -2e-16, 0);
}

TEST(exact_product_is_not_rounded) {
  struct jg_exact sum = {0};
  jg_exact_add_product(&sum, 0.1, 3);
  jg_exact_sub(&sum, 0.3);
  /* 0.1 is 0.1 + 5.55e-18 and 0.3 is 0.3 - 1.11e-17 in binary */
  CHECK_NEAR(jg_exact_value(&sum), 2.7755575615628914e-17, 1e-33);
}

TEST(exact_sum_counts_what_is_not_finite) {
  struct jg_exact sum = {0};
  jg_exact_add(&sum, INFINITY);
  jg_exact_add(&sum, 2);
  CHECK(isnan(jg_exact_value(&sum)));
  jg_exact_sub(&sum, INFINITY);
  CHECK_NEAR(jg_exact_value(&sum), 2, 0);
}
