/* The table of metrics, and what is checked before one is used. */
#include "stats/metric.h"

#include <math.h>
#include <string.h>
#include "core/text.h"
#include "stats/metric_functions.h"

#define MOST_NEAREST 3

#define TAKES_KAPPA                                                            \
  (JG_TAKES_WEIGHTS | JG_TAKES_ORDER | JG_TAKES_CATEGORIES | JG_TAKES_SCORES | \
   JG_TAKES_MATRIX)
#define TAKES_WEIGHTED_KAPPA (JG_TAKES_ORDER | JG_TAKES_SCORES)

/* In the order of the documentation. */
static const struct jg_metric METRICS[] = {
    {"n", JG_NEEDS_COUNTS, JG_TAKES_NONE, JG_WEIGHTS_NONE, jg_metric_n,
     "pairs without a NULL"},
    {"accuracy", JG_NEEDS_COUNTS, JG_TAKES_NONE, JG_WEIGHTS_NONE,
     jg_metric_accuracy, "share of pairs with equal labels"},
    {"majority_baseline", JG_NEEDS_LABELS, JG_TAKES_NONE, JG_WEIGHTS_NONE,
     jg_metric_majority_baseline,
     "accuracy of always giving the commonest human label"},
    {"balanced_accuracy", JG_NEEDS_LABELS, JG_TAKES_NONE, JG_WEIGHTS_NONE,
     jg_metric_balanced_accuracy, "mean recall over the human labels"},
    {"cohen_kappa", JG_NEEDS_LABELS, TAKES_KAPPA, JG_WEIGHTS_NONE,
     jg_metric_cohen_kappa, "agreement beyond chance, also weighted"},
    {"linear_kappa", JG_NEEDS_LABELS, TAKES_WEIGHTED_KAPPA, JG_WEIGHTS_LINEAR,
     jg_metric_cohen_kappa, "cohen_kappa with linear weights"},
    {"quadratic_kappa", JG_NEEDS_LABELS, TAKES_WEIGHTED_KAPPA,
     JG_WEIGHTS_QUADRATIC, jg_metric_cohen_kappa,
     "cohen_kappa with quadratic weights"},
    {"mcc", JG_NEEDS_LABELS, JG_TAKES_NONE, JG_WEIGHTS_NONE, jg_metric_mcc,
     "Matthews correlation of the labels, any number of them"},
    {"confusion", JG_NEEDS_PAIRS,
     JG_TAKES_ORDER | JG_TAKES_CATEGORIES | JG_TAKES_CELL, JG_WEIGHTS_NONE,
     jg_metric_confusion, "table of counts as JSON, or one cell of it"},
    {"mae", JG_NEEDS_SCORES, JG_TAKES_ORDER, JG_WEIGHTS_NONE, jg_metric_mae,
     "mean absolute difference of numbers or of positions in an order"},
};

#define METRIC_COUNT (sizeof METRICS / sizeof METRICS[0])

const struct jg_metric *jg_metric_at(size_t at) {
  return at < METRIC_COUNT ? &METRICS[at] : NULL;
}

/* How far off a wrong name is: 0 when one is a part of the other, as "kappa"
** is of "cohen_kappa"; else the edits, or -1 when too many. */
static int distance(const char *wrong, const char *name) {
  size_t len = strlen(wrong);
  if (len >= 3 &&
      (strstr(name, wrong) != NULL || strstr(wrong, name) != NULL)) {
    return 0;
  }
  int most = (int)(len / 3);
  int edits = jg_text_distance(wrong, name, most);
  return edits <= most ? edits : -1;
}

/* Up to three names, nearest first. */
static size_t nearest(const char *wrong, const char *found[MOST_NEAREST]) {
  size_t count = 0;
  for (int edits = 0; edits < 12; edits++) {
    for (size_t i = 0; i < METRIC_COUNT && count < MOST_NEAREST; i++) {
      if (distance(wrong, METRICS[i].name) == edits) {
        found[count++] = METRICS[i].name;
      }
    }
  }
  return count;
}

const struct jg_metric *jg_metric_find(const char *name, struct jg_err *err) {
  for (size_t i = 0; i < METRIC_COUNT; i++) {
    if (strcmp(METRICS[i].name, name) == 0) {
      return &METRICS[i];
    }
  }
  const char *found[MOST_NEAREST] = {0};
  size_t count = nearest(name, found);
  int shown = (int)jg_text_cut(name, strlen(name), 64);
  switch (count) {
  case 0:
    jg_err_set(err, JG_ERROR,
               "no metric \"%.*s\"; accuracy, cohen_kappa, confusion and mae "
               "are some",
               shown, name);
    break;
  case 1:
    jg_err_set(err, JG_ERROR, "no metric \"%.*s\"; did you mean %s?", shown,
               name, found[0]);
    break;
  default:
    jg_err_set(err, JG_ERROR, "no metric \"%.*s\"; did you mean %s%s%s or %s?",
               shown, name, found[0], count == 3 ? ", " : "",
               count == 3 ? found[1] : "", found[count - 1]);
  }
  return NULL;
}

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
};

#define OPTION_COUNT (sizeof OPTION_NAMES / sizeof OPTION_NAMES[0])

static int refuse_option(const struct jg_metric *metric, unsigned given,
                         struct jg_err *err) {
  char takes[160] = "";
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

int jg_metric_check(const struct jg_metric *metric,
                    const struct jg_metric_options *options,
                    struct jg_err *err) {
  unsigned given = options->given;
  int weighted =
      metric->weights != JG_WEIGHTS_NONE || options->weights != JG_WEIGHTS_NONE;
  if (given & ~metric->takes) {
    return refuse_option(metric, given, err);
  }
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
  if (given & JG_TAKES_MATRIX) {
    if (!(given & JG_TAKES_ORDER)) {
      return jg_err_set(err, JG_ERROR,
                        "a matrix of weights needs order, which names its "
                        "rows and columns");
    }
    return check_matrix(options, err);
  }
  return JG_OK;
}
