/* The metrics, by way of the accumulator: published values, undefined cases,
** order, taking back, merging, errors. */
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/rng.h"
#include "stats/accumulator.h"

/* counts[human][judge] of q labels 1..q. */
struct table {
  int q;
  int counts[4][4];
};

static void start(struct jg_accumulator *acc, const char *metric,
                  const struct jg_metric_options *options) {
  struct jg_err err = {0};
  struct jg_query query;
  CHECK_INT(jg_query_init(&query, &jg_pair_metrics, metric, options, &err),
            JG_OK);
  CHECK_INT(jg_accumulator_init(acc, &query, &err), JG_OK);
  CHECK_TEXT(err.text, "");
}

static int add(struct jg_accumulator *acc, struct jg_value human,
               struct jg_value judge) {
  struct jg_err err = {0};
  return jg_accumulator_step(acc, &judge, &human, &err);
}

static double value(struct jg_accumulator *acc) {
  struct jg_err err = {0};
  struct jg_metric_result result;
  CHECK_INT(jg_accumulator_value(acc, &acc->query, &result, &err), JG_OK);
  double x = result.part[JG_PART_VALUE];
  CHECK(!isnan(x) || result.reason != NULL ||
        result.why[JG_PART_VALUE] != NULL);
  return x;
}

static double of_table(const char *metric, const struct table *table,
                       const struct jg_metric_options *options) {
  struct jg_accumulator acc;
  start(&acc, metric, options);
  for (int h = 0; h < table->q; h++) {
    for (int j = 0; j < table->q; j++) {
      for (int i = 0; i < table->counts[h][j]; i++) {
        CHECK_INT(add(&acc, jg_value_int(h + 1), jg_value_int(j + 1)), JG_OK);
      }
    }
  }
  double got = value(&acc);
  jg_accumulator_dispose(&acc);
  return got;
}

/* Pairs written as "ab ab aa": human, judge. */
static double of_pairs(const char *metric, const char *pairs) {
  struct jg_accumulator acc;
  start(&acc, metric, NULL);
  for (const char *at = pairs; at[0] != '\0' && at[1] != '\0';) {
    char human[2] = {at[0], 0};
    char judge[2] = {at[1], 0};
    CHECK_INT(add(&acc, jg_value_lend(human), jg_value_lend(judge)), JG_OK);
    at += at[2] == ' ' ? 3 : 2;
  }
  double got = value(&acc);
  jg_accumulator_dispose(&acc);
  return got;
}

static const struct table SAS = {3, {{3, 2, 2}, {0, 5, 1}, {0, 1, 5}}};

TEST(metric_values_are_those_published) {
  /* Cohen (1968): kappa .492; with his weights 0 1 3 / 1 0 6 / 3 6 0 .348.
  ** Fleiss, Cohen and Everitt (1969): .4286; Wikipedia: kappa .40, MCC .478;
  ** Feinstein and Cicchetti (1990): .70 and .32 at the same accuracy. */
  static const struct table cohen = {3,
                                     {{88, 10, 2}, {14, 40, 6}, {18, 10, 12}}};
  static const struct table fce = {3, {{106, 10, 4}, {22, 28, 10}, {2, 12, 6}}};
  static const struct table grant = {2, {{20, 5}, {10, 15}}};
  static const struct table cats = {2, {{6, 2}, {1, 3}}};
  static const struct table even = {2, {{40, 9}, {6, 45}}};
  static const struct table skewed = {2, {{80, 10}, {5, 5}}};
  static const double weights[9] = {0, 1, 3, 1, 0, 6, 3, 6, 0};
  struct jg_value order[3] = {jg_value_int(1), jg_value_int(2),
                              jg_value_int(3)};
  struct jg_metric_options matrix = {
      .given = JG_TAKES_ORDER | JG_TAKES_MATRIX,
      .weights = JG_WEIGHTS_MATRIX,
      .order = order,
      .order_count = 3,
      .matrix = weights,
  };
  CHECK_NEAR(of_table("cohen_kappa", &cohen, NULL), .492, 5e-4);
  CHECK_NEAR(of_table("cohen_kappa", &cohen, &matrix), .348, 5e-4);
  CHECK_NEAR(of_table("cohen_kappa", &fce, NULL), .4286, 5e-3);
  CHECK_NEAR(of_table("cohen_kappa", &grant, NULL), .4, 1e-15);
  CHECK_NEAR(of_table("mcc", &cats, NULL), .478, 5e-4);
  CHECK_NEAR(of_table("cohen_kappa", &even, NULL), .70, 5e-3);
  CHECK_NEAR(of_table("cohen_kappa", &skewed, NULL), .32, 5e-3);
  CHECK_NEAR(of_table("accuracy", &even, NULL), .85, 0);
  CHECK_NEAR(of_table("accuracy", &skewed, NULL), .85, 0);
}

/* The definition with all its loops. */
static double long_kappa(const struct table *t, int power) {
  double seen = 0, chance = 0, n = 0;
  double human[4] = {0}, judge[4] = {0};
  for (int i = 0; i < t->q; i++) {
    for (int j = 0; j < t->q; j++) {
      seen += pow(fabs((double)(i - j)), power) * t->counts[i][j];
      human[i] += t->counts[i][j];
      judge[j] += t->counts[i][j];
      n += t->counts[i][j];
    }
  }
  for (int i = 0; i < t->q; i++) {
    for (int j = 0; j < t->q; j++) {
      chance += pow(fabs((double)(i - j)), power) * human[i] * judge[j];
    }
  }
  return 1 - n * seen / chance;
}

TEST(metric_weighted_kappas_match_their_definition) {
  struct jg_metric_options by_value = {.given = JG_TAKES_SCORES,
                                       .scores_are_values = 1};
  struct jg_rng rng;
  jg_rng_init(&rng, 11);
  for (int round = 0; round < 20; round++) {
    struct table t = {4, {{0}}};
    for (int i = 0; i < 16; i++) {
      t.counts[i / 4][i % 4] = (int)jg_rng_below(&rng, 9) + (i % 5 == 0);
    }
    CHECK_NEAR(of_table("linear_kappa", &t, NULL), long_kappa(&t, 1), 1e-14);
    CHECK_NEAR(of_table("quadratic_kappa", &t, NULL), long_kappa(&t, 2), 1e-14);
    CHECK_NEAR(of_table("linear_kappa", &t, &by_value), long_kappa(&t, 1),
               1e-14);
    CHECK_NEAR(of_table("quadratic_kappa", &t, &by_value), long_kappa(&t, 2),
               1e-14);
  }
}

TEST(metric_undefined_is_not_a_number) {
  static const struct {
    const char *pairs;
    double accuracy, kappa, mcc, balanced;
  } cases[] = {
      {"", NAN, NAN, NAN, NAN},
      {"aa", 1, NAN, NAN, 1},
      {"ab", 0, 0, NAN, 0},
      {"aa aa aa", 1, NAN, NAN, 1},
      {"aa ba aa ba", .5, 0, NAN, .5},     /* judge constant */
      {"ab ab ab", 0, 0, NAN, 0},          /* constant, different */
      {"ac bd ad", 0, 0, 0, 0},            /* disjoint */
      {"ab ba", 0, -1, -1, 0},             /* opposite */
      {"aa bb", 1, 1, 1, 1},               /* perfect */
      {"aa bb ac", 2. / 3, .5, NAN, 0.75}, /* a label only the judge used */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_NEAR(of_pairs("accuracy", cases[i].pairs), cases[i].accuracy, 1e-15);
    CHECK_NEAR(of_pairs("cohen_kappa", cases[i].pairs), cases[i].kappa, 1e-15);
    if (i < 9) {
      CHECK_NEAR(of_pairs("mcc", cases[i].pairs), cases[i].mcc, 1e-15);
    }
    CHECK_NEAR(of_pairs("balanced_accuracy", cases[i].pairs), cases[i].balanced,
               1e-15);
  }
  CHECK_NEAR(of_pairs("n", ""), 0, 0);
  CHECK_NEAR(of_pairs("majority_baseline", "aa ba ab"), 2. / 3, 1e-15);
  CHECK_NEAR(of_pairs("majority_baseline", ""), NAN, 0);
}

TEST(metric_mae_reads_numbers_and_positions) {
  struct jg_accumulator acc;
  struct jg_err err = {0};
  struct jg_value order[3] = {jg_value_lend("bad"), jg_value_lend("fair"),
                              jg_value_lend("good")};
  struct jg_metric_options options = {
      .given = JG_TAKES_ORDER, .order = order, .order_count = 3};
  start(&acc, "mae", NULL);
  add(&acc, jg_value_int(1), jg_value_real(2.5));
  add(&acc, jg_value_lend(" 4 "), jg_value_int(3));
  CHECK_NEAR(value(&acc), 1.25, 0);
  struct jg_value one = jg_value_int(1), good = jg_value_lend("good");
  CHECK_INT(jg_accumulator_step(&acc, &good, &one, &err), JG_ERROR);
  CHECK_TEXT(err.text, "metric mae needs numbers, and \"good\" is none: for "
                       "labels pass {\"order\":[...]}, lowest first");
  CHECK_NEAR(value(&acc), 1.25, 0);
  jg_accumulator_dispose(&acc);
  start(&acc, "mae", &options);
  add(&acc, jg_value_lend("bad"), jg_value_lend("good"));
  add(&acc, jg_value_lend("fair"), jg_value_lend("fair"));
  CHECK_NEAR(value(&acc), 1, 0);
  jg_accumulator_dispose(&acc);
}

TEST(metric_window_of_mae_does_not_drift) {
  struct jg_accumulator acc;
  struct jg_err err = {0};
  struct jg_value zero = jg_value_int(0);
  start(&acc, "mae", NULL);
  for (int i = 0; i < 1000; i++) {
    struct jg_value huge = jg_value_real(i % 2 ? 1e300 : 0.1);
    struct jg_value small = jg_value_real(0.1);
    add(&acc, zero, huge);
    jg_accumulator_inverse(&acc, &huge, &zero, &err);
    if (i == 500) {
      add(&acc, zero, small);
    }
  }
  CHECK_NEAR(value(&acc), 0.1, 0);
  jg_accumulator_dispose(&acc);
}

TEST(metric_weights_refuse_text_without_order) {
  struct jg_accumulator acc;
  struct jg_err err = {0};
  struct jg_value a = jg_value_lend("a");
  start(&acc, "quadratic_kappa", NULL);
  CHECK_INT(jg_accumulator_step(&acc, &a, &a, &err), JG_ERROR);
  CHECK(strstr(err.text, "{\"order\":[...]}") != NULL);
  CHECK(strstr(err.text, "\"a\"") != NULL);
  jg_accumulator_dispose(&acc);
}

TEST(metric_find_names_the_nearest) {
  static const struct {
    const char *name, *text;
  } cases[] = {
      {"acuracy", "no metric \"acuracy\"; did you mean accuracy?"},
      {"kappa", "no metric \"kappa\"; did you mean cohen_kappa, linear_kappa "
                "or quadratic_kappa?"},
      {"MAE", "no metric \"MAE\"; did you mean mae, mse or mce?"},
      {"zzz", "no metric \"zzz\"; accuracy is one, and \"all\" gives all that "
              "there are"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct jg_err err = {0};
    struct jg_query query;
    CHECK_INT(
        jg_query_init(&query, &jg_pair_metrics, cases[i].name, NULL, &err),
        JG_ERROR);
    CHECK_TEXT(err.text, cases[i].text);
  }
}

TEST(metric_check_refuses_what_does_not_fit) {
  struct jg_value order[2] = {jg_value_int(1), jg_value_int(2)};
  static const double negative[4] = {0, -1, 1, 0};
  static const double diagonal[4] = {0, 1, 1, 0.5};
  const struct {
    const char *metric;
    struct jg_metric_options options;
    const char *text;
  } cases[] = {
      {"accuracy",
       {.given = JG_TAKES_ORDER, .order = order, .order_count = 2},
       "metric accuracy takes no option order; it takes method, level or "
       "alpha"},
      {"cohen_kappa",
       {.given = JG_TAKES_SCORES, .scores_are_values = 1},
       "scores needs weights: \"linear\" or \"quadratic\""},
      {"cohen_kappa",
       {.given = JG_TAKES_MATRIX, .weights = JG_WEIGHTS_MATRIX},
       "a matrix of weights needs order, which names its rows and columns"},
      {"cohen_kappa",
       {.given = JG_TAKES_MATRIX | JG_TAKES_ORDER,
        .weights = JG_WEIGHTS_MATRIX,
        .order = order,
        .order_count = 2,
        .matrix = negative},
       "the weight in row 1, column 2 must give no less disagreement than "
       "equal labels do"},
      {"cohen_kappa",
       {.given = JG_TAKES_MATRIX | JG_TAKES_ORDER,
        .weights = JG_WEIGHTS_MATRIX,
        .order = order,
        .order_count = 2,
        .matrix = diagonal},
       "the weight in row 2, column 2 is on the diagonal and must be that of "
       "equal labels: agreement 1, disagreement 0"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct jg_err err = {0};
    struct jg_query query;
    jg_query_init(&query, &jg_pair_metrics, cases[i].metric, &cases[i].options,
                  &err);
    CHECK_TEXT(err.text, cases[i].text);
  }
}

TEST(metric_confusion_counts_cells) {
  struct jg_accumulator acc;
  struct jg_metric_result result;
  struct jg_err err = {0};
  start(&acc, "confusion", NULL);
  for (int h = 0; h < 3; h++) {
    for (int j = 0; j < 3; j++) {
      for (int i = 0; i < SAS.counts[h][j]; i++) {
        add(&acc, jg_value_int(h), jg_value_int(j));
      }
    }
  }
  CHECK_INT(jg_accumulator_value(&acc, &acc.query, &result, &err), JG_OK);
  CHECK_INT(result.kind, JG_RESULT_TABLE);
  const uint32_t *ids = NULL;
  size_t count = 0;
  CHECK_INT(jg_labels_sorted(&acc.labels, &ids, &count, &err), JG_OK);
  CHECK_INT(count, 3);
  for (int i = 0; i < 9; i++) {
    CHECK_INT(jg_labels_pair(&acc.labels, ids[i / 3], ids[i % 3]),
              SAS.counts[i / 3][i % 3]);
  }
  jg_accumulator_dispose(&acc);
}
