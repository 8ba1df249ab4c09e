/* Reading the options of the agreement functions; see agreement_options.h. */
#include "api/agreement_options.h"

#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "core/options.h"

#define MOST_BINS 1000000
#define MOST_RESAMPLES 10000000

/* The fields as the option table reads them. */
struct read {
  const char *weights, *scores, *average, *method, *variant, *ci, *closed,
      *binning, *metric, *ties;
  const struct jg_json *order, *categories, *agreement, *disagreement, *human,
      *judge, *label, *pos, *lam;
  double level, alpha, tolerance, p, n, tpr, tnr, m0, m1;
  int64_t bins, resamples, seed;
  int clip;
};

#define TEXT(key, field, choices)                                              \
  { key, JG_OPTION_TEXT, offsetof(struct read, field), 0, 0, choices }
#define ANY(key, field)                                                        \
  { key, JG_OPTION_JSON, offsetof(struct read, field), 0, 0, NULL }
#define REAL(key, field, min, max)                                             \
  { key, JG_OPTION_REAL, offsetof(struct read, field), min, max, NULL }
#define WHOLE(key, field, min, max)                                            \
  { key, JG_OPTION_INT, offsetof(struct read, field), min, max, NULL }

static const struct jg_option OPTIONS[] = {
    TEXT("weights", weights, "unweighted|linear|quadratic|gwet-ordinal"),
    TEXT("scores", scores, "position|value"),
    ANY("order", order),
    ANY("categories", categories),
    ANY("agreement", agreement),
    ANY("disagreement", disagreement),
    ANY("human", human),
    ANY("judge", judge),
    ANY("label", label),
    ANY("pos", pos),
    TEXT("average", average, "macro|micro|weighted"),
    TEXT("method", method, NULL),
    TEXT("variant", variant, NULL),
    TEXT("ci", ci, "normal|t"),
    REAL("level", level, 0, 1),
    REAL("alpha", alpha, 0, 1),
    REAL("tolerance", tolerance, 0, INT64_MAX),
    WHOLE("bins", bins, 1, MOST_BINS),
    TEXT("closed", closed, "left|right"),
    TEXT("binning", binning, "width|mass"),
    TEXT("metric", metric, "nominal|ordinal|interval|ratio"),
    WHOLE("B", resamples, 2, MOST_RESAMPLES),
    WHOLE("seed", seed, 0, INT64_MAX),
    TEXT("ties", ties, "corrected|uncorrected"),
    {"clip", JG_OPTION_BOOL, offsetof(struct read, clip), 0, 0, NULL},
    ANY("lam", lam),
    REAL("p", p, 0, 1),
    REAL("n", n, 0, INT64_MAX),
    REAL("tpr", tpr, 0, 1),
    REAL("tnr", tnr, 0, 1),
    REAL("m0", m0, 0, INT64_MAX),
    REAL("m1", m1, 0, INT64_MAX),
};

/* -- labels --------------------------------------------------------------- */

/* A label written in JSON; its text is lent. true and false are what SQLite
** makes of them: 1 and 0. */
static int read_label(const char *key, const struct jg_json *item,
                      struct jg_value *out, struct jg_err *err) {
  int64_t whole = 0;
  switch (jg_json_type(item)) {
  case JG_JSON_TEXT:
    *out = jg_value_lend(jg_json_text(item));
    return JG_OK;
  case JG_JSON_NUMBER:
    *out = jg_json_int(item, &whole) ? jg_value_int(whole)
                                     : jg_value_real(jg_json_number(item));
    return JG_OK;
  case JG_JSON_BOOL:
    *out = jg_value_int(jg_json_true(item));
    return JG_OK;
  default:
    return jg_err_set(err, JG_ERROR,
                      "option %s: a label is a text, a number or a boolean",
                      key);
  }
}

/* One label into its place, with the option's bit; NULL: not given. */
static void read_one(struct jg_agreement_options *to, const char *key,
                     const struct jg_json *item, struct jg_value *place,
                     const struct jg_value **lent, unsigned bit,
                     struct jg_err *err) {
  if (item != NULL && err->code == JG_OK) {
    read_label(key, item, place, err);
    *lent = place;
    to->options.given |= bit;
  }
}

static int read_labels(struct jg_agreement_options *to, const char *key,
                       const struct jg_json *list, struct jg_err *err) {
  size_t count = jg_json_count(list);
  if (jg_json_type(list) != JG_JSON_ARRAY || count == 0) {
    return jg_err_set(err, JG_ERROR,
                      "option %s must be a list of labels, as in "
                      "[\"bad\",\"good\"]",
                      key);
  }
  jg_mem_free(to->order);
  to->order = jg_mem_new(count, sizeof *to->order, err);
  const struct jg_json *item = jg_json_first(list);
  for (size_t i = 0; to->order != NULL && i < count; i++) {
    read_label(key, item, &to->order[i], err);
    item = jg_json_next(item);
  }
  to->options.order = to->order;
  to->options.order_count = count;
  return err->code;
}

static void read_declared(struct jg_agreement_options *to,
                          const struct read *read, struct jg_err *err) {
  if (read->order != NULL) {
    to->options.given |= JG_TAKES_ORDER;
    read_labels(to, "order", read->order, err);
  }
  if (read->categories != NULL && err->code == JG_OK) {
    to->options.given |= JG_TAKES_CATEGORIES;
    if (read->order == NULL) {
      read_labels(to, "categories", read->categories, err);
    }
  }
}

/* human and judge are a cell of the table; judge alone says which of two. */
static void read_cell(struct jg_agreement_options *to,
                      const struct jg_metric_table *table,
                      const struct read *read, struct jg_err *err) {
  if (read->human == NULL && read->judge == NULL) {
    return;
  }
  if (table == &jg_difference_metrics && read->human == NULL) {
    const char *name = jg_json_text(read->judge);
    if (name == NULL ||
        (strcmp(name, "judge_a") != 0 && strcmp(name, "judge_b") != 0)) {
      jg_err_set(err, JG_ERROR,
                 "option judge must be \"judge_a\" or \"judge_b\"");
      return;
    }
    to->options.second_judge = strcmp(name, "judge_b") == 0;
    to->options.given |= JG_TAKES_JUDGE;
    return;
  }
  if (read->human == NULL || read->judge == NULL) {
    jg_err_set(err, JG_ERROR,
               "human and judge name one cell together: pass both");
    return;
  }
  read_one(to, "human", read->human, &to->human, &to->options.human,
           JG_TAKES_CELL, err);
  read_one(to, "judge", read->judge, &to->judge, &to->options.judge,
           JG_TAKES_CELL, err);
}

/* -- weights -------------------------------------------------------------- */

/* Fills matrix from rows; 0 when they are not q lists of q numbers. */
static int fill_matrix(double *matrix, size_t q, const struct jg_json *rows,
                       int is_agreement) {
  if (jg_json_type(rows) != JG_JSON_ARRAY || jg_json_count(rows) != q) {
    return 0;
  }
  const struct jg_json *row = jg_json_first(rows);
  for (size_t i = 0; i < q; i++) {
    const struct jg_json *cell = jg_json_first(row);
    if (jg_json_type(row) != JG_JSON_ARRAY || jg_json_count(row) != q) {
      return 0;
    }
    for (size_t j = 0; j < q; j++) {
      double weight = jg_json_number(cell);
      if (jg_json_type(cell) != JG_JSON_NUMBER) {
        return 0;
      }
      matrix[i * q + j] = is_agreement ? 1 - weight : weight;
      cell = jg_json_next(cell);
    }
    row = jg_json_next(row);
  }
  return 1;
}

/* A square of numbers, as disagreement: agreement w is 1 - w. */
static void read_matrix(struct jg_agreement_options *to, const char *key,
                        const struct jg_json *rows, int is_agreement,
                        struct jg_err *err) {
  size_t q = to->options.order_count;
  to->options.weights = JG_WEIGHTS_MATRIX;
  to->options.given |= JG_TAKES_MATRIX;
  to->options.matrix_is_agreement = is_agreement;
  if (q == 0) {
    return; /* the check of the query tells that order is missing */
  }
  if (q > SIZE_MAX / q) {
    jg_err_nomem(err);
    return;
  }
  to->matrix = jg_mem_new(q * q, sizeof *to->matrix, err);
  to->options.matrix = to->matrix;
  if (to->matrix != NULL && !fill_matrix(to->matrix, q, rows, is_agreement)) {
    jg_err_set(err, JG_ERROR,
               "option %s must be %zu lists of %zu numbers, one for each label "
               "of order",
               key, q, q);
  }
}

static void read_weights(struct jg_agreement_options *to,
                         const struct read *read, struct jg_err *err) {
  static const char *const NAMES[] = {"unweighted", "linear", "quadratic",
                                      "gwet-ordinal"};
  if ((read->weights != NULL) + (read->agreement != NULL) +
          (read->disagreement != NULL) >
      1) {
    jg_err_set(err, JG_ERROR,
               "weights, agreement and disagreement each give the weights: "
               "pass one");
    return;
  }
  for (size_t i = 0; read->weights != NULL && i < 4; i++) {
    if (strcmp(read->weights, NAMES[i]) == 0) {
      to->options.given |= JG_TAKES_WEIGHTS;
      to->options.weights = (enum jg_weights)i;
    }
  }
  if (read->scores != NULL && strcmp(read->scores, "value") == 0) {
    to->options.given |= JG_TAKES_SCORES;
    to->options.scores_are_values = 1;
  }
  if (read->agreement != NULL) {
    read_matrix(to, "agreement", read->agreement, 1, err);
  }
  if (read->disagreement != NULL) {
    read_matrix(to, "disagreement", read->disagreement, 0, err);
  }
}

/* -- the others ----------------------------------------------------------- */

static void give(struct jg_metric_options *to, int is, unsigned bit) {
  to->given |= is ? bit : 0;
}

static int is(const char *given, const char *name) {
  return given != NULL && strcmp(given, name) == 0;
}

static void read_choices(struct jg_metric_options *to,
                         const struct read *read) {
  to->average = is(read->average, "macro")      ? JG_MACRO
                : is(read->average, "micro")    ? JG_MICRO
                : is(read->average, "weighted") ? JG_WEIGHTED
                                                : JG_AVERAGE_NONE;
  to->distance = is(read->metric, "ordinal")    ? JG_DISTANCE_ORDINAL
                 : is(read->metric, "interval") ? JG_DISTANCE_INTERVAL
                 : is(read->metric, "ratio")    ? JG_DISTANCE_RATIO
                                                : JG_DISTANCE_NOMINAL;
  to->method = read->method;
  to->variant = read->variant;
  to->t_limits = is(read->ci, "t");
  to->bins_left = is(read->closed, "left");
  to->bins_equal_mass = is(read->binning, "mass");
  to->ties_uncorrected = is(read->ties, "uncorrected");
  to->clip = read->clip != 0;
  give(to, read->average != NULL, JG_TAKES_AVERAGE);
  give(to, read->metric != NULL, JG_TAKES_DISTANCE);
  give(to, read->method != NULL, JG_TAKES_METHOD);
  give(to, read->variant != NULL, JG_TAKES_VARIANT);
  give(to, read->ci != NULL, JG_TAKES_CI);
  give(to, read->closed != NULL || read->binning != NULL, JG_TAKES_BINS);
  give(to, read->ties != NULL, JG_TAKES_TIES);
  give(to, read->clip >= 0, JG_TAKES_CLIP);
}

static void read_level(struct jg_metric_options *to, const struct read *read,
                       struct jg_err *err) {
  if (!isnan(read->level) && !isnan(read->alpha)) {
    jg_err_set(err, JG_ERROR, "level is 1 - alpha: give one");
    return;
  }
  if (!isnan(read->level) || !isnan(read->alpha)) {
    to->level = isnan(read->level) ? 1 - read->alpha : read->level;
    to->given |= JG_TAKES_LEVEL;
  }
  if (!(to->level > 0 && to->level < 1)) {
    jg_err_set(err, JG_ERROR, "options level and alpha lie between 0 and 1");
  }
}

static void read_numbers(struct jg_agreement_options *to,
                         const struct read *read, struct jg_err *err) {
  struct jg_metric_options *options = &to->options;
  struct jg_known_rates *known = &options->known;
  if (!isnan(read->tolerance)) {
    options->tolerance = read->tolerance;
    options->given |= JG_TAKES_TOLERANCE;
  }
  if (read->bins > 0) {
    options->bins = read->bins;
    options->given |= JG_TAKES_BINS;
  }
  options->resamples =
      read->resamples > 0 ? read->resamples : options->resamples;
  options->seed = read->seed > 0 ? read->seed : 0;
  give(options, read->resamples > 0 || read->seed >= 0, JG_TAKES_BOOT);
  *known = (struct jg_known_rates){read->p,   read->n,  read->tpr,
                                   read->tnr, read->m1, read->m0};
  give(options,
       !(isnan(read->p) && isnan(read->n) && isnan(read->tpr) &&
         isnan(read->tnr) && isnan(read->m0) && isnan(read->m1)),
       JG_TAKES_RATES);
  if (read->lam != NULL) {
    options->given |= JG_TAKES_LAMBDA;
    options->lambda_given = jg_json_type(read->lam) == JG_JSON_NUMBER;
    options->lambda = jg_json_number(read->lam);
    if (!options->lambda_given && !is(jg_json_text(read->lam), "auto")) {
      jg_err_set(err, JG_ERROR, "option lam must be a number or \"auto\"");
    }
  }
}

/* Beside a known n, pos is how many of them passed. */
static void read_pos(struct jg_agreement_options *to,
                     const struct jg_metric_table *table,
                     const struct read *read, struct jg_err *err) {
  struct jg_known_rates *known = &to->options.known;
  if (table == &jg_rate_metrics && read->pos != NULL && !isnan(known->n) &&
      isnan(known->p)) {
    double passed = jg_json_number(read->pos);
    if (jg_json_type(read->pos) != JG_JSON_NUMBER || passed < 0 ||
        passed > known->n || known->n == 0) {
      jg_err_set(err, JG_ERROR,
                 "beside option n, pos is how many of them passed: a number "
                 "from 0 to n");
      return;
    }
    known->p = passed / known->n;
    return;
  }
  read_one(to, "pos", read->pos, &to->pos, &to->options.pos, JG_TAKES_POS, err);
}

int jg_agreement_options_read(struct jg_agreement_options *to,
                              const struct jg_metric_table *table,
                              const char *text, size_t bytes,
                              struct jg_err *err) {
  struct read read = {.level = NAN,
                      .alpha = NAN,
                      .tolerance = NAN,
                      .p = NAN,
                      .n = NAN,
                      .tpr = NAN,
                      .tnr = NAN,
                      .m0 = NAN,
                      .m1 = NAN,
                      .bins = -1,
                      .resamples = -1,
                      .seed = -1,
                      .clip = -1};
  jg_metric_options_init(&to->options);
  if (jg_options_read(table->title, text, bytes, OPTIONS,
                      sizeof OPTIONS / sizeof OPTIONS[0], &read, &to->json,
                      err) != JG_OK) {
    return err->code;
  }
  read_declared(to, &read, err);
  if (err->code == JG_OK) {
    read_weights(to, &read, err);
  }
  if (err->code == JG_OK) {
    read_cell(to, table, &read, err);
  }
  if (err->code == JG_OK) {
    read_one(to, "label", read.label, &to->label, &to->options.label,
             JG_TAKES_LABEL, err);
    read_choices(&to->options, &read);
    read_level(&to->options, &read, err);
    read_numbers(to, &read, err);
    read_pos(to, table, &read, err);
  }
  return err->code;
}

void jg_agreement_options_dispose(struct jg_agreement_options *options) {
  jg_mem_free(options->order);
  jg_mem_free(options->matrix);
  jg_json_free(options->json);
  memset(options, 0, sizeof *options);
}
