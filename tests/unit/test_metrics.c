/* What metrics do at the edges of their data: reasons, counts that are not
** there, numbers far from zero. Their values are in test_published.c. */
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "stats/aggregate.h"

#define STATE_BYTES 8192

/* A row and how often it comes. */
struct counted {
  struct jg_value judge, human;
  int times;
};

#define INT(x)                                                                 \
  { .type = JG_INT, .integer = (x), .real = (double)(x) }
#define NONE                                                                   \
  { .type = JG_NULL }

static void ask(const struct jg_aggregate *aggregate, const char *metric,
                const struct jg_metric_options *options,
                const struct counted *rows, size_t count,
                struct jg_metric_result *out) {
  static double state[STATE_BYTES / sizeof(double)];
  struct jg_query query;
  struct jg_err err = {0};
  memset(state, 0, sizeof state);
  memset(out, 0, sizeof *out);
  CHECK_INT(jg_query_init(&query, aggregate->table, metric, options, &err),
            JG_OK);
  CHECK_INT(aggregate->init(state, &query, &err), JG_OK);
  for (size_t i = 0; i < count; i++) {
    struct jg_value row[3] = {rows[i].judge, rows[i].human};
    for (int k = 0; k < rows[i].times; k++) {
      aggregate->move(state, row, 1, &err);
    }
  }
  CHECK_INT(aggregate->value(state, &query, out, &err), JG_OK);
  CHECK_TEXT(err.text, "");
  aggregate->dispose(state);
}

#define ASK(aggregate, metric, options, rows, out)                             \
  ask(aggregate, metric, options, rows, sizeof(rows) / sizeof(rows)[0], out)

/* Weights are differences: where the scale begins changes nothing, however
** large its numbers are. */
TEST(metrics_kappa_by_values_is_blind_to_a_shift) {
  static const int table[3][3] = {{7, 2, 1}, {1, 5, 3}, {0, 4, 8}};
  double small = NAN, large = NAN;
  for (int far = 0; far < 2; far++) {
    struct jg_metric_options options;
    struct jg_metric_result result;
    struct counted rows[9];
    int64_t base = far ? (int64_t)1 << 40 : 0;
    for (int i = 0; i < 9; i++) {
      rows[i] =
          (struct counted){jg_value_int(base + i % 3),
                           jg_value_int(base + i / 3), table[i / 3][i % 3]};
    }
    jg_metric_options_init(&options);
    options.given = JG_TAKES_WEIGHTS | JG_TAKES_SCORES;
    options.weights = JG_WEIGHTS_QUADRATIC;
    options.scores_are_values = 1;
    ASK(&jg_aggregate_pairs, "cohen_kappa", &options, rows, &result);
    *(far ? &large : &small) = result.part[JG_PART_VALUE];
  }
  CHECK_NEAR(large, small, 1e-12);
}

/* Three labels make three pairs of cells; the one that is empty both ways has
** no term and no degree of freedom. Here (5 - 0)^2 / 5 + (2 - 4)^2 / 6. */
TEST(metrics_bowker_leaves_out_pairs_that_nobody_mistook) {
  static const struct counted rows[] = {
      {INT(1), INT(1), 3}, {INT(2), INT(1), 4}, {INT(1), INT(2), 2},
      {INT(3), INT(3), 1}, {INT(2), INT(3), 5},
  };
  struct jg_metric_result result;
  ASK(&jg_aggregate_pairs, "bowker_stat", NULL, rows, &result);
  CHECK_NEAR(result.part[JG_PART_STAT], 5 + 2.0 / 3, 1e-12);
  ASK(&jg_aggregate_pairs, "bowker_df", NULL, rows, &result);
  CHECK_NEAR(result.part[JG_PART_DF], 2, 0);
}

/* p = 3 of 10, tpr = 9 of 10, tnr = 8 of 10. */
static const struct counted GLADEN[] = {
    {INT(1), INT(1), 9}, {INT(0), INT(1), 1}, {INT(0), INT(0), 8},
    {INT(1), INT(0), 2}, {INT(1), NONE, 3},   {INT(0), NONE, 7},
};

/* Rogan and Gladen 1978: (p + tnr - 1) / (tpr + tnr - 1), and its variance to
** first order; known limits are those of p (R's binom package), corrected. */
TEST(metrics_rogan_gladen_is_its_formula) {
  double theta = 1 / 7.0;
  double se =
      sqrt((.3 * .7 / 10 + 36 / 49.0 * .8 * .2 / 10 + 1 / 49.0 * .9 * .1 / 10) /
           .49);
  struct jg_metric_options options;
  struct jg_metric_result result;
  ASK(&jg_aggregate_rate, "rogan_gladen", NULL, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_VALUE], theta, 1e-15);
  ASK(&jg_aggregate_rate, "rogan_gladen_se", NULL, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_SE], se, 1e-15);
  ASK(&jg_aggregate_rate, "rogan_gladen_ci_high", NULL, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_CI_HIGH], theta + 1.959963984540054 * se,
             1e-12);
  ASK(&jg_aggregate_rate, "rogan_gladen_ci_low", NULL, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_CI_LOW], 0, 0); /* cut */
  jg_metric_options_init(&options);
  options.given = JG_TAKES_METHOD;
  options.method = "known-wilson";
  ASK(&jg_aggregate_rate, "rogan_gladen_ci_high", &options, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_CI_HIGH], (.6032219 - .2) / .7, 1e-6);
  options.method = "known-clopper-pearson";
  ASK(&jg_aggregate_rate, "rogan_gladen_ci_high", &options, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_CI_HIGH], (.6524529 - .2) / .7, 1e-6);
}

/* With lambda = 1 (Angelopoulos and others 2023): the judge's mean on the rest
** plus its error on the labelled rows, .3 + (10 - 11) / 20, and the variances
** of the two, .21 / 10 and (3 / 20 - .05^2) / 20. */
TEST(metrics_ppi_is_its_formula) {
  struct jg_metric_options options;
  struct jg_metric_result result;
  jg_metric_options_init(&options);
  options.given = JG_TAKES_LAMBDA;
  options.lambda_given = 1;
  options.lambda = 1;
  ASK(&jg_aggregate_rate, "ppi_mean", &options, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_VALUE], .25, 1e-15);
  ASK(&jg_aggregate_rate, "ppi_mean_se", &options, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_SE],
             sqrt(.21 / 10 + (3 / 20.0 - .05 * .05) / 20), 1e-15);
  ASK(&jg_aggregate_rate, "classical_mean_se", NULL, GLADEN, &result);
  CHECK_NEAR(result.part[JG_PART_SE], sqrt(.25 / 20), 1e-15);
}

TEST(metrics_rogan_gladen_tells_what_it_lacks) {
  static const struct counted all_labelled[] = {
      {INT(1), INT(1), 3}, {INT(0), INT(0), 3}, {INT(1), INT(0), 1}};
  static const struct counted no_negatives[] = {{INT(1), INT(1), 3},
                                                {INT(1), NONE, 3}};
  static const struct counted no_positives[] = {{INT(0), INT(0), 3},
                                                {INT(1), NONE, 3}};
  static const struct counted by_chance[] = {{INT(1), INT(1), 2},
                                             {INT(0), INT(1), 2},
                                             {INT(0), INT(0), 2},
                                             {INT(1), INT(0), 2},
                                             {INT(1), NONE, 1}};
  struct jg_metric_result result;
  ASK(&jg_aggregate_rate, "rogan_gladen", NULL, all_labelled, &result);
  CHECK_TEXT(result.reason, "no row lacks a human label");
  ASK(&jg_aggregate_rate, "rogan_gladen", NULL, no_negatives, &result);
  CHECK_TEXT(result.reason, "human labels of both kinds are needed");
  ASK(&jg_aggregate_rate, "rogan_gladen", NULL, no_positives, &result);
  CHECK_TEXT(result.reason, "human labels of both kinds are needed");
  ASK(&jg_aggregate_rate, "rogan_gladen", NULL, by_chance, &result);
  CHECK_TEXT(result.reason,
             "tpr + tnr <= 1: the judge tells no more than chance");
}
