/* Comparison of two judges, agreement among people, majority baseline. */
#include "unit.h"
#include <math.h>
#include <string.h>
#include "core/rng.h"
#include "stats/distribution.h"
#include "stats/paired.h"

enum { MOST = 64 };

/* Rows written as "1aab": group digit, original, aligned, human; '.' fails. */
struct rows {
  struct jg_value value[MOST][3];
  char text[MOST][3][2];
  struct jg_paired_row row[MOST];
  size_t n;
};

static void read(struct rows *rows, const char *written) {
  memset(rows, 0, sizeof *rows);
  for (const char *at = written; *at != '\0'; at += at[4] == ' ' ? 5 : 4) {
    size_t n = rows->n++;
    for (int side = 0; side < 3; side++) {
      rows->text[n][side][0] = at[1 + side];
      if (at[1 + side] != '.') {
        rows->value[n][side] = jg_value_lend(rows->text[n][side]);
      }
    }
    rows->row[n] =
        (struct jg_paired_row){(uint64_t)(at[0] - '0'), &rows->value[n][0],
                               &rows->value[n][1], &rows->value[n][2]};
  }
}

static struct jg_paired compare(const char *metric, const struct rows *rows) {
  struct jg_paired out;
  struct jg_err err = {0};
  CHECK_INT(jg_paired_metric(metric, rows->row, rows->n, NULL, 0, &out, &err),
            JG_OK);
  CHECK_TEXT(err.text, "");
  return out;
}

/* With a row a group the jackknife of a mean is the classical standard error
** s / sqrt(n): four differences 1 0 0 1, mean .5, s^2 = 1/3. */
TEST(paired_accuracy_of_single_rows_is_the_classical_interval) {
  struct rows rows;
  read(&rows, "1baa 2aaa 3bbb 4abb");
  struct jg_paired out = compare("accuracy", &rows);
  double se = sqrt(1.0 / 3 / 4);
  CHECK_INT(out.n, 4);
  CHECK_INT(out.groups, 4);
  CHECK_NEAR(out.original, .5, 0);
  CHECK_NEAR(out.aligned, 1, 0);
  CHECK_NEAR(out.improvement, .5, 0);
  CHECK_NEAR(out.ci_low, .5 - jg_t_quantile(.975, 3) * se, 1e-14);
  CHECK_NEAR(out.ci_high, .5 + jg_t_quantile(.975, 3) * se, 1e-14);
  CHECK_NEAR(out.p_value, jg_t_two_sided(.5 / se, 3), 1e-14);
  CHECK(out.reason == NULL);
}

TEST(paired_groups_widen_the_interval) {
  struct rows single, grouped;
  read(&single, "1baa 2baa 3baa 4aaa 5aaa 6aaa 7bbb 8bbb");
  read(&grouped, "1baa 1baa 1baa 2aaa 2aaa 2aaa 3bbb 3bbb");
  struct jg_paired a = compare("accuracy", &single);
  struct jg_paired b = compare("accuracy", &grouped);
  CHECK_NEAR(a.improvement, b.improvement, 0);
  CHECK_INT(b.groups, 3);
  CHECK(b.ci_high - b.ci_low > 2 * (a.ci_high - a.ci_low));
  CHECK(b.p_value > a.p_value);
}

TEST(paired_order_of_rows_does_not_matter) {
  struct rows up, down;
  read(&up, "1baa 2aba 1bbb 3abb 3aaa 4bab 2bbb");
  read(&down, "2bbb 4bab 3aaa 3abb 1bbb 2aba 1baa");
  static const char *const metrics[] = {"accuracy", "cohen_kappa"};
  for (int i = 0; i < 2; i++) {
    struct jg_paired a = compare(metrics[i], &up);
    struct jg_paired b = compare(metrics[i], &down);
    CHECK_NEAR(a.improvement, b.improvement, 0);
    CHECK_NEAR(a.ci_low, b.ci_low, 0);
    CHECK_NEAR(a.p_value, b.p_value, 0);
  }
}

TEST(paired_failures_are_wrong_for_accuracy_and_left_out_of_kappa) {
  struct rows rows;
  read(&rows, "1.aa 2aaa 3b.b 4bbb 5ab. 6abb");
  struct jg_paired accuracy = compare("accuracy", &rows);
  struct jg_paired kappa = compare("cohen_kappa", &rows);
  CHECK_INT(accuracy.n, 5);
  CHECK_NEAR(accuracy.original, .6, 1e-15);
  CHECK_NEAR(accuracy.aligned, .8, 1e-15);
  CHECK_INT(kappa.n, 3);
  CHECK_NEAR(kappa.aligned, 1, 0);
}

TEST(paired_equal_judges_do_not_differ) {
  struct rows rows;
  read(&rows, "1aaa 2abb 3bba 4bbb");
  for (size_t i = 0; i < rows.n; i++) {
    rows.row[i].aligned = rows.row[i].original;
  }
  struct jg_paired out = compare("accuracy", &rows);
  CHECK_NEAR(out.improvement, 0, 0);
  CHECK_NEAR(out.ci_low, 0, 0);
  CHECK_NEAR(out.ci_high, 0, 0);
  CHECK_NEAR(out.p_value, 1, 0);
}

TEST(paired_undefined_has_a_reason) {
  static const struct {
    const char *metric, *rows, *reason;
    double improvement;
  } cases[] = {
      {"accuracy", "", "no pair without a NULL", NAN},
      {"accuracy", "1baa 1aaa", "fewer than two groups", .5},
      {"cohen_kappa", "1aaa 2aaa",
       "human and judge gave one and the same label throughout", NAN},
      {"cohen_kappa", "1bbb 2aaa", "undefined once a group is left out", 0},
      {"accuracy", "1baa 2baa",
       "leaving out any group gives the same difference, so it cannot be "
       "tested",
       1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rows rows;
    read(&rows, cases[i].rows);
    struct jg_paired out = compare(cases[i].metric, &rows);
    CHECK_TEXT(out.reason, cases[i].reason);
    CHECK_NEAR(out.improvement, cases[i].improvement, 0);
    CHECK(isnan(out.p_value));
  }
}

/* Numbers: mae improves when it falls; the slow jackknife agrees. */
TEST(paired_jackknife_matches_recomputation) {
  enum { ROWS = 60, GROUPS = 12 };
  static const char *const metrics[] = {"accuracy", "cohen_kappa",
                                        "quadratic_kappa", "mae"};
  struct jg_value value[ROWS][3];
  struct jg_paired_row row[ROWS], part[ROWS];
  struct jg_rng rng;
  struct jg_err err = {0};
  jg_rng_init(&rng, 21);
  for (int i = 0; i < ROWS; i++) {
    int64_t human = (int64_t)jg_rng_below(&rng, 4);
    value[i][0] = jg_value_int((int64_t)jg_rng_below(&rng, 4));
    value[i][1] = jg_rng_below(&rng, 3) ? jg_value_int(human) : value[i][0];
    value[i][2] = jg_value_int(human);
    row[i] = (struct jg_paired_row){jg_rng_below(&rng, GROUPS), &value[i][0],
                                    &value[i][1], &value[i][2]};
  }
  for (int m = 0; m < 4; m++) {
    struct jg_paired all, left;
    double d[GROUPS], mean = 0, sum = 0;
    jg_paired_metric(metrics[m], row, ROWS, NULL, 0, &all, &err);
    CHECK_INT(all.groups, GROUPS);
    CHECK(all.improvement > 0);
    for (uint64_t g = 0; g < GROUPS; g++) {
      size_t n = 0;
      for (int i = 0; i < ROWS; i++) {
        if (row[i].group != g) {
          part[n++] = row[i];
        }
      }
      jg_paired_metric(metrics[m], part, n, NULL, 0, &left, &err);
      d[g] = left.improvement;
      mean += d[g] / GROUPS;
    }
    for (int g = 0; g < GROUPS; g++) {
      sum += (d[g] - mean) * (d[g] - mean);
    }
    double se = sqrt(sum * (GROUPS - 1) / GROUPS);
    double reach = jg_t_quantile(.975, GROUPS - 1) * se;
    CHECK_NEAR(all.ci_low, all.improvement - reach, 1e-13);
    CHECK_NEAR(all.ci_high, all.improvement + reach, 1e-13);
  }
}

TEST(paired_takes_a_declared_order) {
  struct rows rows;
  struct jg_value order[3] = {jg_value_lend("l"), jg_value_lend("m"),
                              jg_value_lend("h")};
  struct jg_paired out;
  struct jg_err err = {0};
  read(&rows, "1lhh 2mhh 3mml 4lll");
  CHECK_INT(jg_paired_metric("mae", rows.row, rows.n, order, 3, &out, &err),
            JG_OK);
  CHECK_NEAR(out.original, 1, 0);
  CHECK_NEAR(out.aligned, .25, 0);
  CHECK_NEAR(out.improvement, .75, 0);
  CHECK_INT(jg_paired_metric("quadratic_kappa", rows.row, rows.n, order, 2,
                             &out, &err),
            JG_ERROR);
  CHECK_TEXT(err.text, "label \"h\" is not among those declared: \"l\", \"m\"");
}

TEST(paired_human_agreement_is_a_mean_over_traces) {
  struct jg_value a = jg_value_lend("a"), b = jg_value_lend("b"), none = {0};
  struct jg_human_label labels[] = {
      {1, &a}, {2, &a}, {1, &a}, {2, &b},    {3, &b}, /* alone */
      {4, &a}, {4, &a}, {4, &b}, {3, &none},
  };
  double agreement = 0;
  uint64_t traces = 0;
  struct jg_err err = {0};
  CHECK_INT(jg_human_agreement(labels, 9, &agreement, &traces, &err), JG_OK);
  CHECK_INT(traces, 3);
  CHECK_NEAR(agreement, (1 + 0 + 1.0 / 3) / 3, 1e-15);
  CHECK_INT(jg_human_agreement(labels, 1, &agreement, &traces, &err), JG_OK);
  CHECK_INT(traces, 0);
  CHECK(isnan(agreement));
  CHECK_INT(jg_majority_baseline(labels, 9, &agreement, &err), JG_OK);
  CHECK_NEAR(agreement, 5.0 / 8, 0);
  CHECK_INT(jg_majority_baseline(labels, 0, &agreement, &err), JG_OK);
  CHECK(isnan(agreement));
}

TEST(paired_running_out_of_memory_leaves_nothing) {
  struct rows rows;
  struct jg_value a = jg_value_lend("a");
  struct jg_human_label labels[] = {{1, &a}, {1, &a}};
  read(&rows, "1baa 2aba 1bbb 3abb 3aaa 4bab 2bbb");
  for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_paired out;
    struct jg_err err = {0};
    double share = 0;
    uint64_t traces = 0;
    unit_fail_allocation(n);
    jg_paired_metric("cohen_kappa", rows.row, rows.n, NULL, 0, &out, &err);
    if (err.code == JG_OK) {
      jg_human_agreement(labels, 2, &share, &traces, &err);
    }
    if (err.code == JG_OK) {
      jg_majority_baseline(labels, 2, &share, &err);
    }
    CHECK(err.code == JG_OK || err.code == JG_NOMEM);
  }
}
