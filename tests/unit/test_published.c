/*
** Values that were printed somewhere: in the paper that defines a statistic, in
** a textbook, or in the manual of an established program; then what established
** programs compute from the same tables. A value is checked to the digits that
** are written here; each table names its source.
*/
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stats/aggregate.h"

#define STATE_BYTES 8192
#define TOKENS 400
#define TOKEN_BYTES 24

/* How a table is written down; its words are separated by blanks. */
enum form {
  PAIRS,   /* human, judge, count */
  RATERS,  /* an item's ratings, "." a missing one, "/" ends the item */
  SUBJECTS /* how many raters chose category 1, 2 ... of an item; "/" */
};

struct table {
  enum form form;
  const char *text;
};

/* Cohen 1968, table 1; 200 cases (proportions times 200). */
static const struct table COHEN = {
    PAIRS, "per per 88  per neu 14  per psy 18  neu per 10  neu neu 40  "
           "neu psy 10  psy per 2  psy neu 6  psy psy 12"};
/* SAS, PROC FREQ's example of the simple and the weighted kappa. */
static const struct table SAS = {PAIRS, "1 2 4  1 3 1  2 2 8  3 2 1  3 3 5"};
/* Feinstein and Cicchetti 1990: equal agreement, other shares. */
static const struct table BALANCED = {PAIRS, "p p 40  p n 9  n p 6  n n 45"};
static const struct table SKEWED = {PAIRS, "p p 80  p n 10  n p 5  n n 5"};
/* Gwet, Handbook of Inter-Rater Reliability: abstractors' diagnoses. */
static const struct table ABSTRACTORS = {
    PAIRS, "ect ect 13  aiu aiu 20  aiu niu 7  niu aiu 4  niu niu 56"};
/* Landis and Koch 1977: multiple sclerosis, New Orleans patients. */
static const struct table SCLEROSIS = {
    PAIRS, "1 1 5  1 2 3  2 1 3  2 2 11  2 3 4  3 1 2  3 2 13  3 3 3  3 4 4  "
           "4 1 1  4 2 2  4 3 4  4 4 14"};
/* Agresti, Categorical Data Analysis: husbands and wives. */
static const struct table COUPLES = {
    PAIRS, "1 1 7  1 2 7  1 3 2  1 4 3  2 1 2  2 2 8  2 3 3  2 4 7  3 1 1  "
           "3 2 5  3 3 4  3 4 9  4 1 2  4 2 8  4 3 9  4 4 14"};
/* Agresti, An Introduction to Categorical Data Analysis, 2nd ed., table 8.5:
** choices of coffee at two purchases. */
static const struct table COFFEE = {
    PAIRS, "hp hp 93  hp tc 17  hp sa 44  hp ne 7   hp br 10  tc hp 9  "
           "tc tc 46  tc sa 11  tc br 9   sa hp 17  sa tc 11  sa sa 155  "
           "sa ne 9   sa br 12  ne hp 6   ne tc 4   ne sa 9   ne ne 15  "
           "ne br 2   br hp 10  br tc 4   br sa 12  br ne 2   br br 27"};
/* Agresti 1990, p. 350: approval at two surveys (R's mcnemar.test). */
static const struct table APPROVAL = {
    PAIRS, "yes yes 794  yes no 150  no yes 86  no no 570"};
/* Krippendorff 2011, sections A, B: coincidences as published. */
static const struct table BINARY = {PAIRS, "0 1 4  1 1 1  0 0 5"};
static const struct table NOMINAL = {
    PAIRS, "a b 1  a a 1  b b 2  d b 1  c c 3  e e 1  d d 2  a d 1"};
/* Krippendorff 2011, sections C, D: 4 observers, 12 units, gaps. */
static const struct table GAPS = {
    RATERS, "1 1 1 . / 2 2 2 3 / 3 3 3 3 / 3 3 3 3 / 2 2 2 2 / 1 2 4 3 / "
            "4 4 4 4 / 1 1 1 2 / 2 2 2 2 / . 5 5 5 / . . 1 1 / . 3 . ."};
/* Fleiss 1971: 30 patients, 6 psychiatrists; depression, personality
** disorder, schizophrenia, neurosis, other. */
static const struct table PATIENTS = {
    SUBJECTS,
    "0 0 0 6 0 / 0 3 0 0 3 / 0 1 4 0 1 / 0 0 0 0 6 / 0 3 0 3 0 / 2 0 4 0 0 / "
    "0 0 4 0 2 / 2 0 3 1 0 / 2 0 0 4 0 / 0 0 0 0 6 / 1 0 0 5 0 / 1 1 0 4 0 / "
    "0 3 3 0 0 / 1 0 0 5 0 / 0 2 0 3 1 / 0 0 5 0 1 / 3 0 0 1 2 / 5 1 0 0 0 / "
    "0 2 0 4 0 / 1 0 2 0 3 / 0 0 0 0 6 / 0 1 0 5 0 / 0 2 0 1 3 / 2 0 0 4 0 / "
    "1 0 0 4 1 / 0 5 0 1 0 / 4 0 0 0 2 / 0 2 0 4 0 / 1 0 5 0 0 / 0 0 0 0 6"};
/* The first 15 of them, as the manual of irrCAC prints them. */
static const struct table FIFTEEN = {
    SUBJECTS,
    "0 0 0 6 0 / 0 3 0 0 3 / 0 1 4 0 1 / 0 0 0 0 6 / 0 3 0 3 0 / 2 0 4 0 0 / "
    "0 0 4 0 2 / 2 0 3 1 0 / 2 0 0 4 0 / 0 0 0 0 6 / 1 0 0 5 0 / 1 1 0 4 0 / "
    "0 3 3 0 0 / 1 0 0 5 0 / 0 2 0 3 1"};
/* Shrout and Fleiss 1979, table 2: 6 targets, 4 judges. */
static const struct table JUDGES = {
    RATERS, "9 2 5 8 / 6 1 3 2 / 8 4 6 8 / 7 1 2 6 / 10 5 6 9 / 6 2 4 7"};
/* The data "anxiety" of R's irr: 20 subjects, 3 raters; the first two. */
static const struct table ANXIETY = {
    RATERS,
    "3 3 2 / 3 6 1 / 3 4 4 / 4 6 4 / 5 2 3 / 5 4 2 / 2 2 1 / 3 4 6 / 5 3 1 "
    "/ 2 3 1 / 2 2 1 / 6 3 2 / 1 3 3 / 5 3 3 / 2 2 1 / 2 2 1 / 1 1 3 / 2 3 "
    "3 / 4 3 2 / 3 4 2"};
static const struct table TWO_OF_THREE = {
    PAIRS,
    "1 1 1  1 3 1  2 2 4  2 3 2  3 3 1  3 4 3  3 6 1  4 3 1  4 6 1  5 2 1  "
    "5 3 2  5 4 1  6 3 1"};
/* Hollander and Wolfe 1973, p. 187: tuna. */
static const struct table TUNA = {
    PAIRS, "44.4 2.6 1  45.9 3.1 1  41.9 2.5 1  53.3 5 1  44.7 3.6 1  "
           "44.1 4 1  50.7 5.2 1  45.2 2.8 1  60.1 3.8 1"};
/* The example of scipy.stats.kendalltau, with ties. */
static const struct table TIES = {PAIRS, "12 1 2  2 4 1  1 7 1  2 0 1"};
/* Bland and Altman 1986, table 1: peak flow, Wright (human) and mini meter. */
static const struct table PEAK_FLOW = {
    PAIRS, "494 512 1  395 430 1  516 520 1  434 428 1  476 500 1  557 600 1  "
           "413 364 1  442 380 1  650 658 1  433 445 1  417 432 1  656 626 1  "
           "267 260 1  478 477 1  178 259 1  423 350 1  427 451 1"};
/* The example of scikit-learn's precision_recall_fscore_support. */
static const struct table ANIMALS = {
    PAIRS, "cat cat 2  dog pig 1  pig dog 2  dog cat 1"};
/* Wikipedia, phi coefficient: cats and dogs. */
static const struct table CATS = {PAIRS,
                                  "cat cat 6  cat dog 2  dog cat 1  dog dog 3"};
/* The example of torchmetrics' binary calibration error. */
static const struct table CHANCES = {PAIRS, "0 .25 2  1 .55 1  1 .75 2"};
/* Newcombe 1998, table I: r of n, as the judge's share of passed. */
static const struct table NEWCOMBE_81 = {PAIRS, ". 1 81  . 0 182"};
static const struct table NEWCOMBE_15 = {PAIRS, ". 1 15  . 0 133"};
static const struct table NEWCOMBE_0 = {PAIRS, ". 0 20"};
static const struct table NEWCOMBE_1 = {PAIRS, ". 1 1  . 0 28"};

/* --- reading ------------------------------------------------------------ */

/* The words of a table or of an order. */
struct words {
  char text[TOKENS][TOKEN_BYTES];
  struct jg_value value[TOKENS];
  size_t count;
};

static struct jg_value value_of(char *word) {
  char *end = word;
  double x = strtod(word, &end);
  if (strcmp(word, ".") == 0) {
    return (struct jg_value){.type = JG_NULL};
  }
  if (*end != '\0') {
    return jg_value_lend(word);
  }
  return x == floor(x) ? jg_value_int((int64_t)x) : jg_value_real(x);
}

static void split_words(const char *text, struct words *to) {
  to->count = 0;
  while (*(text += strspn(text, " ")) != '\0' && to->count < TOKENS) {
    size_t bytes = strcspn(text, " ");
    CHECK(bytes < TOKEN_BYTES);
    memcpy(to->text[to->count], text, bytes);
    to->text[to->count][bytes] = '\0';
    to->value[to->count] = value_of(to->text[to->count]);
    to->count++;
    text += bytes;
  }
}

static double state[STATE_BYTES / sizeof(double)];

static void step(const struct jg_aggregate *aggregate, struct jg_value a,
                 struct jg_value b, struct jg_value c, int64_t times,
                 struct jg_err *err) {
  struct jg_value row[3] = {a, b, c};
  for (int64_t i = 0; i < times; i++) {
    aggregate->move(state, row, 1, err);
  }
}

static void step_table(const struct jg_aggregate *aggregate,
                       const struct table *table, struct jg_err *err) {
  static struct words words;
  int64_t item = 1, rater = 1, category = 1;
  split_words(table->text, &words);
  for (size_t i = 0; i < words.count; i++) {
    struct jg_value *word = &words.value[i];
    if (table->form == PAIRS) {
      step(aggregate, word[1], word[0], *word, word[2].integer, err);
      i += 2;
    } else if (strcmp(words.text[i], "/") == 0) {
      item++;
      rater = category = 1;
    } else if (table->form == RATERS) {
      step(aggregate, jg_value_int(item), jg_value_int(rater++), *word, 1, err);
    } else { /* who chose what is not told: scattered over the raters */
      for (int64_t k = 0; k < word->integer; k++) {
        step(aggregate, jg_value_int(item), jg_value_int(rater++ * 5 % 7),
             jg_value_int(category), 1, err);
      }
      category++;
    }
  }
}

/* --- checking ----------------------------------------------------------- */

/* What is asked of a table, and the answer as it was printed. */
struct published {
  const struct table *table;
  const char *metric;
  const char *printed;
  struct jg_metric_options options; /* those that differ from the defaults */
};

/* A table of pairs that begins with a missing label is of agreement_rate(). */
static const struct jg_aggregate *aggregate_of(const struct table *table) {
  return table->form != PAIRS    ? &jg_aggregate_raters
         : table->text[0] == '.' ? &jg_aggregate_rate
                                 : &jg_aggregate_pairs;
}

static struct jg_metric_options options_of(const struct jg_metric_options *of) {
  struct jg_metric_options options;
  struct jg_known_rates known;
  jg_metric_options_init(&options);
  known = options.known;
  if (of->given != 0) {
    double level = options.level;
    int64_t resamples = options.resamples;
    options = *of;
    options.known = known;
    options.level = level;
    options.resamples = resamples;
  }
  return options;
}

/* Half a unit of the last digit printed. */
static double half_a_digit(const char *printed) {
  const char *point = strchr(printed, '.');
  size_t decimals = point == NULL ? 0 : strcspn(point + 1, "e");
  const char *power = strchr(printed, 'e');
  double tenth = power == NULL ? 0 : strtod(power + 1, NULL);
  return 0.5000001 * pow(10, tenth - (double)decimals);
}

static void check_published(const struct published *p) {
  const struct jg_aggregate *aggregate = aggregate_of(p->table);
  struct jg_metric_options options = options_of(&p->options);
  struct jg_metric_result result;
  struct jg_query query;
  struct jg_err err = {0};
  double got = NAN;
  memset(state, 0, sizeof state);
  if (jg_query_init(&query, aggregate->table, p->metric, &options, &err) ==
          JG_OK &&
      aggregate->init(state, &query, &err) == JG_OK) {
    step_table(aggregate, p->table, &err);
    aggregate->value(state, &query, &result, &err);
  }
  aggregate->dispose(state);
  CHECK_TEXT(err.text, "");
  for (int i = 0; err.code == JG_OK && i < JG_PART_COUNT; i++) {
    if (query.parts == JG_BIT(i)) {
      got = i == JG_PART_VALUE && result.kind == JG_RESULT_INT
                ? (double)result.integer
                : result.part[i];
    }
  }
  double expected = strtod(p->printed, NULL);
  int near = fabs(got - expected) <= half_a_digit(p->printed);
  CHECK(near);
  if (!near) {
    printf("  %s: printed %s, computed %.10g\n", p->metric, p->printed, got);
  }
}

#define CHECK_ALL(cases)                                                       \
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases)[0]; i++) {              \
    check_published(&(cases)[i]);                                              \
  }

#define LINEAR                                                                 \
  { .given = JG_TAKES_WEIGHTS, .weights = JG_WEIGHTS_LINEAR }
#define QUADRATIC                                                              \
  { .given = JG_TAKES_WEIGHTS, .weights = JG_WEIGHTS_QUADRATIC }
#define ORDINAL                                                                \
  { .given = JG_TAKES_WEIGHTS, .weights = JG_WEIGHTS_ORDINAL }
#define BY_VALUE(kind)                                                         \
  {                                                                            \
    .given = JG_TAKES_WEIGHTS | JG_TAKES_SCORES, .weights = JG_WEIGHTS_##kind, \
    .scores_are_values = 1                                                     \
  }
#define TIES_OF(uncorrected)                                                   \
  { .given = JG_TAKES_TIES, .ties_uncorrected = uncorrected }
#define DISTANCE(kind)                                                         \
  { .given = JG_TAKES_DISTANCE, .distance = JG_DISTANCE_##kind }
#define VARIANT(name)                                                          \
  { .given = JG_TAKES_VARIANT, .variant = name }
#define METHOD(name)                                                           \
  { .given = JG_TAKES_METHOD, .method = name }
#define T_LIMITS                                                               \
  { .given = JG_TAKES_CI, .t_limits = 1 }
#define AVERAGE(kind)                                                          \
  { .given = JG_TAKES_AVERAGE, .average = JG_##kind }
#define TWO_BINS                                                               \
  { .given = JG_TAKES_BINS, .bins = 2, .bins_left = 1 }

TEST(published_kappas_of_two_raters) {
  static const struct published cases[] = {
      {&COHEN, "cohen_kappa", ".492", {0}},
      {&SAS, "cohen_kappa", ".4842", {0}},
      {&SAS, "cohen_kappa_se", ".1380", {0}},
      {&SAS, "cohen_kappa_ci_low", ".2137", {0}},
      {&SAS, "cohen_kappa_ci_high", ".7547", {0}},
      {&SAS, "cohen_kappa_se0", ".1484", {0}},
      {&SAS, "cohen_kappa_z", "3.2626", {0}},
      {&SAS, "cohen_kappa_p", ".0011", {0}},
      {&SAS, "cohen_kappa", ".4701", LINEAR},
      {&SAS, "cohen_kappa_se", ".1457", LINEAR},
      {&SAS, "cohen_kappa_se0", ".1426", LINEAR},
      {&SAS, "cohen_kappa_z", "3.2971", LINEAR},
      {&SAS, "linear_kappa", ".4701", {0}},
      {&BALANCED, "percent_agreement", ".85", {0}},
      {&BALANCED, "cohen_kappa", ".70", {0}},
      {&SKEWED, "percent_agreement", ".85", {0}},
      {&SKEWED, "cohen_kappa", ".32", {0}},
      /* R's package vcd */
      {&SCLEROSIS, "cohen_kappa", ".2965", {0}},
      {&SCLEROSIS, "linear_kappa", ".4773", {0}},
      {&COUPLES, "cohen_kappa", ".1293", {0}},
      {&COUPLES, "linear_kappa", ".2374", {0}},
      {&COUPLES, "quadratic_kappa", ".3320", {0}},
      {&COUPLES, "cohen_kappa", ".3320", QUADRATIC},
  };
  CHECK_ALL(cases);
}

/* Cohen's own weights: a personality disorder taken for a psychosis. */
TEST(published_kappa_by_a_matrix) {
  static const double matrix[] = {0, 1, 3, 1, 0, 6, 3, 6, 0};
  struct jg_value order[] = {jg_value_lend("per"), jg_value_lend("neu"),
                             jg_value_lend("psy")};
  struct published p = {&COHEN, "cohen_kappa", ".348", {0}};
  p.options.given = JG_TAKES_MATRIX | JG_TAKES_ORDER;
  p.options.order = order;
  p.options.order_count = 3;
  p.options.weights = JG_WEIGHTS_MATRIX;
  p.options.matrix = matrix;
  check_published(&p);
}

/* The README of R's irrCAC, but for Krippendorff's own. */
TEST(published_chance_corrections_of_two_raters) {
  static const struct published cases[] = {
      {&ABSTRACTORS, "percent_agreement", ".89", {0}},
      {&ABSTRACTORS, "cohen_kappa", ".7964094", {0}},
      {&ABSTRACTORS, "cohen_kappa_se", ".05891072", {0}},
      {&ABSTRACTORS, "scott_pi", ".7962397", {0}},
      {&ABSTRACTORS, "scott_pi_se", ".05905473", VARIANT("table")},
      {&ABSTRACTORS, "gwet_ac", ".8493305", {0}},
      {&ABSTRACTORS, "gwet_ac_se", ".04321747", VARIANT("table")},
      {&ABSTRACTORS, "brennan_prediger", ".835", {0}},
      {&ABSTRACTORS, "brennan_prediger_se", ".04693346", VARIANT("table")},
      {&ABSTRACTORS, "krippendorff_alpha", ".7972585", {0}},
      {&BINARY, "krippendorff_alpha", ".095", {0}},
      {&NOMINAL, "krippendorff_alpha", ".692", {0}},
  };
  CHECK_ALL(cases);
}

TEST(published_agreement_of_many_raters) {
  static const struct published cases[] = {
      {&GAPS, "krippendorff_alpha", ".743", DISTANCE(NOMINAL)},
      {&GAPS, "krippendorff_alpha", ".815", DISTANCE(ORDINAL)},
      {&GAPS, "krippendorff_alpha", ".849", DISTANCE(INTERVAL)},
      {&GAPS, "krippendorff_alpha", ".797", DISTANCE(RATIO)},
      /* the manual of irrCAC */
      {&GAPS, "gwet_ac", ".77544", {0}},
      {&GAPS, "gwet_ac_se", ".14295", {0}},
      {&GAPS, "gwet_ac_ci_low", ".46081", T_LIMITS},
      {&GAPS, "fleiss_kappa", ".76117", {0}},
      {&GAPS, "fleiss_kappa_se", ".15302", {0}},
      {&GAPS, "fleiss_kappa_ci_low", ".42438", T_LIMITS},
      {&GAPS, "percent_agreement", ".81818", {0}},
      /* Fleiss 1971 prints .430; R's irr the other digits, and z */
      {&PATIENTS, "fleiss_kappa", ".4302445", {0}},
      {&PATIENTS, "fleiss_kappa_z", "17.65183", {0}},
      {&FIFTEEN, "gwet_ac", ".4448007", {0}},
      {&FIFTEEN, "gwet_ac_se", ".08418757", {0}},
      {&FIFTEEN, "fleiss_kappa", ".4139265", {0}},
      {&FIFTEEN, "fleiss_kappa_se", ".08119291", {0}},
      {&FIFTEEN, "krippendorff_alpha", ".4204384", {0}},
      {&FIFTEEN, "brennan_prediger", ".4388889", {0}},
      {&FIFTEEN, "brennan_prediger_se", ".08312142", {0}},
  };
  CHECK_ALL(cases);
}

TEST(published_intraclass_correlations) {
  static const struct published cases[] = {
      {&JUDGES, "icc_1_1", ".17", {0}},
      {&JUDGES, "icc_2_1", ".29", {0}},
      {&JUDGES, "icc_3_1", ".71", {0}},
      {&JUDGES, "icc_1_k", ".44", {0}},
      {&JUDGES, "icc_2_k", ".62", {0}},
      {&JUDGES, "icc_3_k", ".91", {0}},
      /* R's psych */
      {&JUDGES, "icc_1_1_ci_low", "-.13", {0}},
      {&JUDGES, "icc_2_1_ci_low", ".02", {0}},
      {&JUDGES, "icc_2_1_ci_high", ".76", {0}},
      {&JUDGES, "icc_3_1_ci_high", ".95", {0}},
  };
  CHECK_ALL(cases);
}

TEST(published_correlations) {
  static const struct published cases[] = {
      {&TUNA, "kendall_tau_b", ".4444444", {0}},
      {&TUNA, "kendall_tau_b_p", ".1194", METHOD("exact")},
      {&TUNA, "spearman", ".6", {0}},
      {&TIES, "kendall_tau_b", "-.47140452079103", {0}},
      {&TIES, "kendall_tau_b_p", ".28274545993", METHOD("asymptotic")},
      /* Bland and Altman: mean difference -2.1, its s.d. 38.8, of Wright less
      ** mini meter, and limits -79.7 and 75.5 with 2 s.d. */
      {&PEAK_FLOW, "bias", "2.1", {0}},
      {&PEAK_FLOW, "sd_diff", "38.8", {0}},
      {&PEAK_FLOW, "pearson", ".94", {0}},
      /* R's epiR: Lin's concordance of the same */
      {&PEAK_FLOW, "ccc", ".94", {0}},
  };
  CHECK_ALL(cases);
}

TEST(published_rates_of_labels) {
  static const struct published cases[] = {
      {&ANIMALS, "precision", ".22", AVERAGE(MACRO)},
      {&ANIMALS, "recall", ".33", AVERAGE(MACRO)},
      {&ANIMALS, "f1", ".27", AVERAGE(MACRO)},
      {&ANIMALS, "f1", ".33", AVERAGE(MICRO)},
      {&ANIMALS, "f1", ".27", AVERAGE(WEIGHTED)},
      {&CATS, "mcc", ".478", {0}},
      {&CHANCES, "ece", ".2900", TWO_BINS},
      {&CHANCES, "ece_l2", ".2918", TWO_BINS},
      {&CHANCES, "mce", ".3167", TWO_BINS},
  };
  CHECK_ALL(cases);
}

/* Agresti prints 20.4 on 10 degrees of freedom for the coffees, the notes of
** Penn State's STAT 504 R's output for the surveys. */
TEST(published_tests_of_margins) {
  static const struct published cases[] = {
      {&COFFEE, "bowker_stat", "20.4", {0}},
      {&COFFEE, "bowker_df", "10", {0}},
      {&COFFEE, "bowker_df_statsmodels", "10", {0}},
      {&APPROVAL, "mcnemar_human_judge_stat", "17.3559", METHOD("chi2")},
      {&APPROVAL, "mcnemar_human_judge_p", "3.099e-05", METHOD("chi2")},
  };
  CHECK_ALL(cases);
}

/* Newcombe 1998, table I: methods 3 (Wilson) and 5 (Clopper-Pearson). */
TEST(published_limits_of_a_share) {
  static const struct published cases[] = {
      {&NEWCOMBE_81, "judge_pass_rate_raw_ci_low", ".2553", {0}},
      {&NEWCOMBE_81, "judge_pass_rate_raw_ci_high", ".3662", {0}},
      {&NEWCOMBE_81, "judge_pass_rate_raw_ci_low", ".2527",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_81, "judge_pass_rate_raw_ci_high", ".3676",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_15, "judge_pass_rate_raw_ci_low", ".0624", {0}},
      {&NEWCOMBE_15, "judge_pass_rate_raw_ci_high", ".1605", {0}},
      {&NEWCOMBE_15, "judge_pass_rate_raw_ci_low", ".0578",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_15, "judge_pass_rate_raw_ci_high", ".1617",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_0, "judge_pass_rate_raw_ci_low", "0.0000", {0}},
      {&NEWCOMBE_0, "judge_pass_rate_raw_ci_high", ".1611", {0}},
      {&NEWCOMBE_0, "judge_pass_rate_raw_ci_high", ".1684",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_1, "judge_pass_rate_raw_ci_low", ".0061", {0}},
      {&NEWCOMBE_1, "judge_pass_rate_raw_ci_high", ".1718", {0}},
      {&NEWCOMBE_1, "judge_pass_rate_raw_ci_low", ".0009",
       METHOD("clopper-pearson")},
      {&NEWCOMBE_1, "judge_pass_rate_raw_ci_high", ".1776",
       METHOD("clopper-pearson")},
  };
  CHECK_ALL(cases);
}

/* --- what established programs give -------------------------------------- */

/* R's irrCAC 1.4 and irr 0.84, scikit-learn 1.2 (light_kappa), to 6 digits. */
TEST(programs_agree_on_many_raters) {
  static const struct published cases[] = {
      {&PATIENTS, "brennan_prediger", ".444444", {0}},
      {&PATIENTS, "brennan_prediger_ci_high", ".557183", T_LIMITS},
      {&PATIENTS, "brennan_prediger_ci_low", ".331706", T_LIMITS},
      {&PATIENTS, "brennan_prediger_se", ".0551228", {0}},
      {&PATIENTS, "conger_kappa", ".441809", {0}},
      {&PATIENTS, "conger_kappa_ci_high", ".545695", T_LIMITS},
      {&PATIENTS, "conger_kappa_ci_low", ".337922", T_LIMITS},
      {&PATIENTS, "conger_kappa_se", ".0507944", {0}},
      {&PATIENTS, "fleiss_kappa", ".430245", {0}},
      {&PATIENTS, "fleiss_kappa_ci_high", ".541094", T_LIMITS},
      {&PATIENTS, "fleiss_kappa_ci_low", ".319395", T_LIMITS},
      {&PATIENTS, "fleiss_kappa_se", ".0541989", {0}},
      {&PATIENTS, "fleiss_kappa_se0", ".0243739", {0}},
      {&PATIENTS, "fleiss_kappa_z", "17.6518", {0}},
      {&PATIENTS, "gwet_ac", ".447885", {0}},
      {&PATIENTS, "gwet_ac_ci_high", ".561726", T_LIMITS},
      {&PATIENTS, "gwet_ac_ci_low", ".334043", T_LIMITS},
      {&PATIENTS, "gwet_ac_se", ".0556621", {0}},
      {&PATIENTS, "krippendorff_alpha_se", ".0541989",
       VARIANT("irrCAC-1.4-raw")},
      {&PATIENTS, "krippendorff_alpha_se", ".0541989", VARIANT("irrCAC-py")},
      {&PATIENTS, "light_kappa", ".459412", {0}},
      {&PATIENTS, "percent_agreement", ".555556", {0}},
      {&PATIENTS, "percent_agreement_ci_high", ".645747", T_LIMITS},
      {&PATIENTS, "percent_agreement_ci_low", ".465364", T_LIMITS},
      {&PATIENTS, "percent_agreement_se", ".0440983", {0}},
      {&PATIENTS, "randolph_kappa", ".444444", {0}},
      {&GAPS, "brennan_prediger", ".772727", {0}},
      {&GAPS, "brennan_prediger_ci_high", "1", T_LIMITS},
      {&GAPS, "brennan_prediger_ci_low", ".454208", T_LIMITS},
      {&GAPS, "brennan_prediger_se", ".144717", {0}},
      {&GAPS, "conger_kappa", ".762067", {0}},
      {&GAPS, "conger_kappa_ci_high", "1", T_LIMITS},
      {&GAPS, "conger_kappa_ci_low", ".43168", T_LIMITS},
      {&GAPS, "conger_kappa_se", ".150109", {0}},
      {&GAPS, "fleiss_kappa", ".761169", {0}},
      {&GAPS, "fleiss_kappa_ci_high", "1", T_LIMITS},
      {&GAPS, "fleiss_kappa_ci_low", ".424376", T_LIMITS},
      {&GAPS, "fleiss_kappa_se", ".153019", {0}},
      {&GAPS, "gwet_ac", ".775444", {0}},
      {&GAPS, "gwet_ac_ci_high", "1", T_LIMITS},
      {&GAPS, "gwet_ac_ci_low", ".460813", T_LIMITS},
      {&GAPS, "gwet_ac_se", ".14295", {0}},
      {&GAPS, "krippendorff_alpha_se", ".145479", VARIANT("irrCAC-1.4-raw")},
      {&GAPS, "krippendorff_alpha_se", ".145574", VARIANT("irrCAC-py")},
      {&GAPS, "percent_agreement", ".818182", {0}},
      {&GAPS, "percent_agreement_ci_high", "1", T_LIMITS},
      {&GAPS, "percent_agreement_ci_low", ".541718", T_LIMITS},
      {&GAPS, "percent_agreement_se", ".125609", {0}},
  };
  CHECK_ALL(cases);
}

/* R's psych 2.2.9 and irr 0.84, to 6 digits. */
TEST(programs_agree_on_intraclass_correlations) {
  static const struct published cases[] = {
      {&JUDGES, "icc_1_1", ".165742", {0}},
      {&JUDGES, "icc_1_1_F", "1.79468", {0}},
      {&JUDGES, "icc_1_1_ci_high", ".72256", {0}},
      {&JUDGES, "icc_1_1_ci_low", "-.132932", {0}},
      {&JUDGES, "icc_1_1_p", ".164769", {0}},
      {&JUDGES, "icc_1_k", ".442797", {0}},
      {&JUDGES, "icc_1_k_F", "1.79468", {0}},
      {&JUDGES, "icc_1_k_ci_high", ".912415", {0}},
      {&JUDGES, "icc_1_k_ci_low", "-.884442", {0}},
      {&JUDGES, "icc_1_k_p", ".164769", {0}},
      {&JUDGES, "icc_2_1", ".289764", {0}},
      {&JUDGES, "icc_2_1_F", "11.0272", {0}},
      {&JUDGES, "icc_2_1_ci_high", ".761084", {0}},
      {&JUDGES, "icc_2_1_ci_low", ".0187865", {0}},
      {&JUDGES, "icc_2_1_p", ".000134567", {0}},
      {&JUDGES, "icc_2_k", ".620051", {0}},
      {&JUDGES, "icc_2_k_F", "11.0272", {0}},
      {&JUDGES, "icc_2_k_ci_high", ".928573", VARIANT("irr")},
      {&JUDGES, "icc_2_k_ci_high", ".927232", {0}},
      {&JUDGES, "icc_2_k_ci_low", ".0394402", VARIANT("irr")},
      {&JUDGES, "icc_2_k_ci_low", ".0711368", {0}},
      {&JUDGES, "icc_2_k_p", ".000134567", {0}},
      {&JUDGES, "icc_3_1", ".714841", {0}},
      {&JUDGES, "icc_3_1_F", "11.0272", {0}},
      {&JUDGES, "icc_3_1_ci_high", ".945858", {0}},
      {&JUDGES, "icc_3_1_ci_low", ".342465", {0}},
      {&JUDGES, "icc_3_1_p", ".000134567", {0}},
      {&JUDGES, "icc_3_k", ".909316", {0}},
      {&JUDGES, "icc_3_k_F", "11.0272", {0}},
      {&JUDGES, "icc_3_k_ci_high", ".985892", {0}},
      {&JUDGES, "icc_3_k_ci_low", ".675675", {0}},
      {&JUDGES, "icc_3_k_p", ".000134567", {0}},
  };
  CHECK_ALL(cases);
}

/* R 4.2.2 with epiR and irrCAC, statsmodels 0.13, to 6 digits. */
TEST(programs_agree_on_two_raters) {
  static const struct published cases[] = {
      {&SCLEROSIS, "accuracy", ".478261", {0}},
      {&SCLEROSIS, "accuracy_ci_high", ".594127", METHOD("wilson")},
      {&SCLEROSIS, "accuracy_ci_low", ".364687", METHOD("wilson")},
      {&SCLEROSIS, "balanced_accuracy", ".509785", {0}},
      {&SCLEROSIS, "bowker_df_statsmodels", "6", {0}},
      {&SCLEROSIS, "bowker_p", ".134917", {0}},
      {&SCLEROSIS, "bowker_stat", "9.76471", {0}},
      {&SCLEROSIS, "brennan_prediger", ".304348", {0}},
      {&SCLEROSIS, "brennan_prediger_se", ".0807688", VARIANT("raw")},
      {&SCLEROSIS, "brennan_prediger_se", ".0801813", VARIANT("table")},
      {&SCLEROSIS, "cohen_kappa", ".296517", {0}},
      {&SCLEROSIS, "cohen_kappa_ci_high", ".453169", T_LIMITS},
      {&SCLEROSIS, "cohen_kappa_ci_high", ".450381", {0}},
      {&SCLEROSIS, "cohen_kappa_ci_low", ".139865", T_LIMITS},
      {&SCLEROSIS, "cohen_kappa_ci_low", ".142652", {0}},
      {&SCLEROSIS, "cohen_kappa_max", ".726423", {0}},
      {&SCLEROSIS, "cohen_kappa_p", "1.34527e-5", {0}},
      {&SCLEROSIS, "cohen_kappa_se", ".079079", VARIANT("raw")},
      {&SCLEROSIS, "cohen_kappa_se", ".0785039", {0}},
      {&SCLEROSIS, "cohen_kappa_se0", ".0681239", {0}},
      {&SCLEROSIS, "cohen_kappa_z", "4.35261", {0}},
      {&SCLEROSIS, "gwet_ac", ".311084", {0}},
      {&SCLEROSIS, "gwet_ac_se", ".0803572", VARIANT("raw")},
      {&SCLEROSIS, "gwet_ac_se", ".0797728", VARIANT("table")},
      {&SCLEROSIS, "krippendorff_alpha_se", ".0825825", VARIANT("table")},
      {&SCLEROSIS, "mcc", ".30788", {0}},
      {&SCLEROSIS, "percent_agreement", ".478261", {0}},
      {&SCLEROSIS, "percent_agreement_ci_high", ".59914", T_LIMITS},
      {&SCLEROSIS, "percent_agreement_ci_low", ".357382", T_LIMITS},
      {&SCLEROSIS, "percent_agreement_se", ".0605766", {0}},
      {&SCLEROSIS, "scott_pi", ".283324", {0}},
      {&SCLEROSIS, "scott_pi_se", ".0831875", VARIANT("raw")},
      {&SCLEROSIS, "scott_pi_se", ".0825825", VARIANT("table")},
  };
  CHECK_ALL(cases);
}

/* R 4.2.2 with epiR 2.0.57 and DescTools 0.99, scikit-learn, to 6 digits. */
TEST(programs_agree_on_numbers) {
  static const struct published cases[] = {
      {&PEAK_FLOW, "bias", "2.11765", {0}},
      {&PEAK_FLOW, "ccc", ".942742", {0}},
      {&PEAK_FLOW, "ccc_bias_correction", ".999431", {0}},
      {&PEAK_FLOW, "ccc_ci_high", ".99883", METHOD("asymptotic")},
      {&PEAK_FLOW, "ccc_ci_high", ".978726", METHOD("z-transform")},
      {&PEAK_FLOW, "ccc_ci_low", ".886655", METHOD("asymptotic")},
      {&PEAK_FLOW, "ccc_ci_low", ".850492", METHOD("z-transform")},
      {&PEAK_FLOW, "kendall_tau_b", ".764706", {0}},
      {&PEAK_FLOW, "kendall_tau_b_p", "1.83535e-5", METHOD("asymptotic")},
      {&PEAK_FLOW, "kendall_tau_b_p", "2.02701e-6", METHOD("exact")},
      {&PEAK_FLOW, "kendall_tau_c", ".764706", {0}},
      {&PEAK_FLOW, "mae", "28.9412", {0}},
      {&PEAK_FLOW, "mse", "1418.82", {0}},
      {&PEAK_FLOW, "pearson", ".943279", {0}},
      {&PEAK_FLOW, "pearson_ci_high", ".979731", {0}},
      {&PEAK_FLOW, "pearson_ci_low", ".846359", {0}},
      {&PEAK_FLOW, "pearson_p", "1.3995e-8", {0}},
      {&PEAK_FLOW, "r2", ".88857", {0}},
      {&PEAK_FLOW, "rmse", "37.6673", {0}},
      {&PEAK_FLOW, "sd_diff", "38.7651", {0}},
      {&PEAK_FLOW, "spearman", ".89951", {0}},
      {&PEAK_FLOW, "spearman_p", "8.96482e-7", METHOD("t")},
      {&CHANCES, "auroc", "1", {0}},
      {&CHANCES, "average_precision", "1", {0}},
      {&CHANCES, "brier", ".0905", {0}},
      {&CHANCES, "log_loss", ".349713", {0}},
  };
  CHECK_ALL(cases);
}

/* R's irrCAC 1.4, irr 0.84 and stats 4.2.2, to 6 digits. */
TEST(programs_agree_on_weights_and_ranks) {
  static const struct published cases[] = {
      {&ANXIETY, "brennan_prediger", ".262857", BY_VALUE(LINEAR)},
      {&ANXIETY, "brennan_prediger", ".445714", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "brennan_prediger", ".4", ORDINAL},
      {&ANXIETY, "brennan_prediger_se", ".0906262", BY_VALUE(LINEAR)},
      {&ANXIETY, "brennan_prediger_se", ".124167", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "brennan_prediger_se", ".115334", ORDINAL},
      {&ANXIETY, "conger_kappa", ".0831557", BY_VALUE(LINEAR)},
      {&ANXIETY, "conger_kappa", ".189979", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "conger_kappa", ".159916", ORDINAL},
      {&ANXIETY, "conger_kappa", "-.018711", {0}},
      {&ANXIETY, "conger_kappa_se", ".0722291", BY_VALUE(LINEAR)},
      {&ANXIETY, "conger_kappa_se", ".113329", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "conger_kappa_se", ".100843", ORDINAL},
      {&ANXIETY, "conger_kappa_se", ".0445773", {0}},
      {&ANXIETY, "fleiss_kappa", ".0542522", BY_VALUE(LINEAR)},
      {&ANXIETY, "fleiss_kappa", ".156032", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "fleiss_kappa", ".127182", ORDINAL},
      {&ANXIETY, "fleiss_kappa_se", ".082006", BY_VALUE(LINEAR)},
      {&ANXIETY, "fleiss_kappa_se", ".129529", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "fleiss_kappa_se", ".115169", ORDINAL},
      {&ANXIETY, "gwet_ac", ".325078", BY_VALUE(LINEAR)},
      {&ANXIETY, "gwet_ac", ".535292", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "gwet_ac", ".486134", ORDINAL},
      {&ANXIETY, "gwet_ac_se", ".0965845", BY_VALUE(LINEAR)},
      {&ANXIETY, "gwet_ac_se", ".121019", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "gwet_ac_se", ".115744", ORDINAL},
      {&ANXIETY, "icc_2_1_ci_high", ".493574", {0}},
      {&ANXIETY, "icc_2_1_ci_low", "-.0389106", {0}},
      {&ANXIETY, "kendall_w", ".539657", TIES_OF(0)},
      {&ANXIETY, "kendall_w", ".501921", TIES_OF(1)},
      {&ANXIETY, "kendall_w_p", ".0428835", TIES_OF(0)},
      {&ANXIETY, "light_kappa", "-.0174789", {0}},
      {&ANXIETY, "percent_agreement", ".713333", BY_VALUE(LINEAR)},
      {&ANXIETY, "percent_agreement", ".870667", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "percent_agreement", ".844444", ORDINAL},
      {&ANXIETY, "percent_agreement_se", ".0352435", BY_VALUE(LINEAR)},
      {&ANXIETY, "percent_agreement_se", ".0289723", BY_VALUE(QUADRATIC)},
      {&ANXIETY, "percent_agreement_se", ".0299013", ORDINAL},
      {&TWO_OF_THREE, "icc_2_1_ci_high", ".658198", {0}},
      {&TWO_OF_THREE, "icc_2_1_ci_low", "-.165732", {0}},
      {&TWO_OF_THREE, "kendall_tau_b", ".338015", {0}},
      {&TWO_OF_THREE, "kendall_tau_c", ".31875", {0}},
      {&TWO_OF_THREE, "spearman", ".422194", {0}},
  };
  CHECK_ALL(cases);
}
