/* Names, parts and options of metrics, and what is checked before one is
** used. */
#include "stats/metric.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"

#define MOST_NEAREST 3
#define NAME_BYTES JG_METRIC_NAME_BYTES

static const char *const SUFFIXES[JG_PART_COUNT] = {"",
                                                    "_se",
                                                    "_se0",
                                                    "_z",
                                                    "_p",
                                                    "_ci_low",
                                                    "_ci_high",
                                                    "_max",
                                                    "_stat",
                                                    "_df",
                                                    "_df_statsmodels",
                                                    "_F",
                                                    "_low",
                                                    "_high",
                                                    "_bias_correction"};

const char *jg_part_suffix(enum jg_part part) {
  assert(part < JG_PART_COUNT);
  return SUFFIXES[part];
}

void jg_metric_name(const struct jg_metric *metric, enum jg_part part,
                    char name[JG_METRIC_NAME_BYTES]) {
  snprintf(name, JG_METRIC_NAME_BYTES, "%s%s", metric->name, SUFFIXES[part]);
}

void jg_metric_options_init(struct jg_metric_options *options) {
  memset(options, 0, sizeof *options);
  options->level = 0.95;
  options->tolerance = 1;
  options->bins = 10;
  options->resamples = 2000;
  options->clip = 1;
  options->known = (struct jg_known_rates){NAN, NAN, NAN, NAN, NAN, NAN};
}

/* -- names ---------------------------------------------------------------- */

/* The part that name asks of this metric, or -1. */
static int part_of(const struct jg_metric *metric, const char *name) {
  size_t len = strlen(metric->name);
  if (strncmp(metric->name, name, len) != 0) {
    return -1;
  }
  for (int part = 0; part < JG_PART_COUNT; part++) {
    if ((metric->parts & JG_BIT(part)) != 0 &&
        strcmp(SUFFIXES[part], name + len) == 0) {
      return part;
    }
  }
  return -1;
}

/* How far off a wrong name is: 0 when one is a part of the other, as "kappa"
** is of "cohen_kappa"; else the edits, or -1 when too many. */
static int distance(const char *wrong, const char *name) {
  size_t len = strlen(wrong);
  int most = (int)(len / 3);
  int edits = jg_text_distance(wrong, name, most);
  if (edits > most) {
    return len >= 3 && strstr(name, wrong) != NULL ? most + 1 : -1;
  }
  return edits;
}

/* Up to three names, nearest first; each has NAME_BYTES. */
static size_t nearest(const struct jg_metric_table *table, const char *wrong,
                      char found[MOST_NEAREST][NAME_BYTES]) {
  size_t count = 0;
  for (int edits = 0; edits < 12; edits++) {
    for (size_t i = 0; i < table->count * JG_PART_COUNT; i++) {
      const struct jg_metric *metric = &table->row[i % table->count];
      const size_t part = i / table->count; /* all values come first */
      char name[NAME_BYTES];
      if ((metric->parts & JG_BIT(part)) == 0 || count == MOST_NEAREST) {
        continue;
      }
      jg_metric_name(metric, (enum jg_part)part, name);
      if (distance(wrong, name) == edits) {
        memcpy(found[count++], name, sizeof name);
      }
    }
  }
  return count;
}

static int refuse_name(const struct jg_metric_table *table, const char *name,
                       struct jg_err *err) {
  char found[MOST_NEAREST][NAME_BYTES] = {{0}};
  size_t count = nearest(table, name, found);
  int shown = (int)jg_text_cut(name, strlen(name), NAME_BYTES);
  switch (count) {
  case 0:
    return jg_err_set(err, JG_ERROR,
                      "no metric \"%.*s\"; %s is one, and \"all\" gives all "
                      "that there are",
                      shown, name, table->usual);
  case 1:
    return jg_err_set(err, JG_ERROR, "no metric \"%.*s\"; did you mean %s?",
                      shown, name, found[0]);
  default:
    return jg_err_set(err, JG_ERROR,
                      "no metric \"%.*s\"; did you mean %s%s%s or %s?", shown,
                      name, found[0], count == 3 ? ", " : "",
                      count == 3 ? found[1] : "", found[count - 1]);
  }
}

/* -- options -------------------------------------------------------------- */

static const struct {
  unsigned bit;
  const char *name;
} OPTION_NAMES[] = {
    {JG_TAKES_WEIGHTS, "weights"},
    {JG_TAKES_ORDER, "order"},
    {JG_TAKES_CATEGORIES, "categories"},
    {JG_TAKES_SCORES, "scores"},
    {JG_TAKES_MATRIX, "agreement or disagreement"},
    {JG_TAKES_CELL, "human and judge"},
    {JG_TAKES_LABEL, "label"},
    {JG_TAKES_POS, "pos"},
    {JG_TAKES_AVERAGE, "average"},
    {JG_TAKES_METHOD, "method"},
    {JG_TAKES_VARIANT, "variant"},
    {JG_TAKES_CI, "ci"},
    {JG_TAKES_LEVEL, "level or alpha"},
    {JG_TAKES_TOLERANCE, "tolerance"},
    {JG_TAKES_BINS, "bins, closed and binning"},
    {JG_TAKES_DISTANCE, "metric"},
    {JG_TAKES_BOOT, "B and seed"},
    {JG_TAKES_TIES, "ties"},
    {JG_TAKES_JUDGE, "judge"},
    {JG_TAKES_CLIP, "clip"},
    {JG_TAKES_LAMBDA, "lam"},
    {JG_TAKES_RATES, "p, n, tpr, tnr, m0 and m1"},
};

#define OPTION_COUNT (sizeof OPTION_NAMES / sizeof OPTION_NAMES[0])

const char *jg_option_name(unsigned bit) {
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (OPTION_NAMES[i].bit == bit) {
      return OPTION_NAMES[i].name;
    }
  }
  return "";
}

static int refuse_option(const struct jg_metric *metric, unsigned given,
                         struct jg_err *err) {
  char takes[400] = "";
  const char *wrong = "";
  size_t len = 0;
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const char *name = OPTION_NAMES[i].name;
    if (metric->takes & OPTION_NAMES[i].bit) {
      const char *comma = len > 0 ? ", " : "";
      memcpy(takes + len, comma, strlen(comma));
      len += strlen(comma);
      memcpy(takes + len, name, strlen(name) + 1);
      len += strlen(name);
    } else if (given & OPTION_NAMES[i].bit) {
      wrong = name;
    }
  }
  return jg_err_set(err, JG_ERROR, "metric %s takes no option %s; it takes %s",
                    metric->name, wrong, len == 0 ? "none" : takes);
}

static int check_matrix(const struct jg_metric_options *options,
                        struct jg_err *err) {
  size_t q = options->order_count;
  for (size_t i = 0; i < q * q; i++) {
    double weight = options->matrix[i];
    if (!isfinite(weight) || weight < 0) {
      return jg_err_set(err, JG_ERROR,
                        "the weight in row %zu, column %zu must give no less "
                        "disagreement than equal labels do",
                        i / q + 1, i % q + 1);
    }
    if (options->matrix_is_agreement && weight > 1) {
      return jg_err_set(err, JG_ERROR,
                        "the weight in row %zu, column %zu is below 0: "
                        "agreement goes from 0, none, to 1, that of equal "
                        "labels",
                        i / q + 1, i % q + 1);
    }
    if (i / q == i % q && weight != 0) {
      return jg_err_set(err, JG_ERROR,
                        "the weight in row %zu, column %zu is on the diagonal "
                        "and must be that of equal labels: agreement 1, "
                        "disagreement 0",
                        i / q + 1, i % q + 1);
    }
  }
  return JG_OK;
}

/* The place of name in "a|b|c", or -1. */
static int choice_of(const char *choices, const char *name) {
  int place = 0;
  size_t len = strlen(name);
  for (const char *at = choices; at != NULL; place++) {
    size_t one = strcspn(at, "|");
    if (one == len && memcmp(at, name, len) == 0) {
      return place;
    }
    at = at[one] == '|' ? at + one + 1 : NULL;
  }
  return -1;
}

static int choose(const char *metric, const char *option, const char *choices,
                  const char *given, int *place, struct jg_err *err) {
  *place = 0;
  if (given == NULL || choices == NULL) {
    return JG_OK;
  }
  *place = choice_of(choices, given);
  if (*place < 0) {
    *place = 0;
    return jg_err_set(err, JG_ERROR,
                      "option %s of metric %s must be one of %s, not \"%.60s\"",
                      option, metric, choices, given);
  }
  return JG_OK;
}

static int check_together(const struct jg_metric_options *options, int weighted,
                          struct jg_err *err) {
  unsigned given = options->given;
  if ((given & JG_TAKES_ORDER) && (given & JG_TAKES_CATEGORIES)) {
    return jg_err_set(err, JG_ERROR,
                      "order and categories both declare the labels: give one");
  }
  if ((given & JG_TAKES_SCORES) && (given & JG_TAKES_ORDER)) {
    return jg_err_set(err, JG_ERROR,
                      "order weighs by position, scores by value: give one");
  }
  if ((given & JG_TAKES_SCORES) && !weighted) {
    return jg_err_set(err, JG_ERROR,
                      "scores needs weights: \"linear\" or \"quadratic\"");
  }
  if (weighted && (given & JG_TAKES_CATEGORIES)) {
    return jg_err_set(err, JG_ERROR,
                      "weights need an order: pass order, not categories");
  }
  if ((given & JG_TAKES_MATRIX) && !(given & JG_TAKES_ORDER)) {
    return jg_err_set(err, JG_ERROR,
                      "a matrix of weights needs order, which names its rows "
                      "and columns");
  }
  return (given & JG_TAKES_MATRIX) ? check_matrix(options, err) : JG_OK;
}

/* quadratic_kappa and linear_kappa are weighted by name. */
static int is_weighted(const struct jg_metric *metric,
                       const struct jg_metric_options *options) {
  return options->weights != JG_WEIGHTS_NONE ||
         strcmp(metric->name, "linear_kappa") == 0 ||
         strcmp(metric->name, "quadratic_kappa") == 0;
}

static int check(struct jg_query *query, struct jg_err *err) {
  const struct jg_metric *metric = query->metric;
  const struct jg_metric_options *options = &query->options;
  if (options->given & ~metric->takes) {
    return refuse_option(metric, options->given, err);
  }
  choose(metric->name, "method", metric->methods, options->method,
         &query->method, err);
  choose(metric->name, "variant", metric->variants, options->variant,
         &query->variant, err);
  if (err->code == JG_OK) {
    check_together(options, is_weighted(metric, options), err);
  }
  return err->code;
}

/* -- queries -------------------------------------------------------------- */

int jg_query_init(struct jg_query *query, const struct jg_metric_table *table,
                  const char *name, const struct jg_metric_options *options,
                  struct jg_err *err) {
  memset(query, 0, sizeof *query);
  if (options != NULL) {
    query->options = *options;
  } else {
    jg_metric_options_init(&query->options);
  }
  if (strcmp(name, "all") == 0) {
    query->all = 1;
    return check_together(&query->options, query->options.weights, err);
  }
  for (size_t i = 0; i < table->count; i++) {
    int part = part_of(&table->row[i], name);
    if (part >= 0) {
      query->metric = &table->row[i];
      query->parts = JG_BIT(part);
      return check(query, err);
    }
  }
  return refuse_name(table, name, err);
}

void jg_query_narrow(struct jg_query *query, const struct jg_query *all,
                     const struct jg_metric *metric) {
  *query = *all;
  query->metric = metric;
  query->parts = metric->parts;
  query->method = 0;
  query->variant = 0;
}
