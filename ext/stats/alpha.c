/* Krippendorff's alpha; see alpha.h. */
#include "stats/alpha.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/chance.h"
#include "stats/metric_functions.h"

/* Scores become middle ranks; equal numbers, as the text '1' and 1 may be,
** share one. */
static void rank_scores(struct jg_alpha *alpha, const double *score) {
  double before = 0;
  for (size_t c = 0; c < alpha->q;) {
    size_t end = c;
    double same = 0;
    while (end < alpha->q && score[end] == score[c]) {
      same += alpha->count[end++];
    }
    assert(end == alpha->q || score[end] > score[c]); /* rising */
    for (; c < end; c++) {
      alpha->score[c] = before + same / 2;
    }
    before += same;
  }
}

int jg_alpha_init(struct jg_alpha *alpha, enum jg_distance distance, size_t q,
                  const double *count, const double *score,
                  struct jg_err *err) {
  *alpha = (struct jg_alpha){.distance = distance, .q = q, .count = count};
  alpha->score = jg_mem_new(q, sizeof *alpha->score, err);
  if (alpha->score == NULL) {
    return err->code;
  }
  for (size_t c = 0; c < q; c++) {
    alpha->score[c] = score[c];
    alpha->total += count[c];
  }
  if (distance == JG_DISTANCE_ORDINAL) {
    rank_scores(alpha, score);
  }
  return JG_OK;
}

void jg_alpha_dispose(struct jg_alpha *alpha) {
  jg_mem_free(alpha->score);
  alpha->score = NULL;
}

double jg_alpha_delta(const struct jg_alpha *alpha, size_t c, size_t k) {
  double a = alpha->score[c];
  double b = alpha->score[k];
  switch (alpha->distance) {
  case JG_DISTANCE_NOMINAL:
    return c != k;
  case JG_DISTANCE_RATIO:
    return a == b ? 0 : (a - b) / (a + b) * ((a - b) / (a + b));
  default:
    return (a - b) * (a - b);
  }
}

double jg_alpha_expected(const struct jg_alpha *alpha) {
  double sum = 0;
  double mean = 0;
  if (alpha->distance == JG_DISTANCE_NOMINAL) {
    for (size_t c = 0; c < alpha->q; c++) {
      sum += alpha->count[c] * (alpha->total - alpha->count[c]);
    }
    return sum;
  }
  if (alpha->distance == JG_DISTANCE_RATIO) {
    for (size_t c = 0; c < alpha->q; c++) {
      for (size_t k = 0; k < alpha->q; k++) {
        sum += alpha->count[c] * alpha->count[k] * jg_alpha_delta(alpha, c, k);
      }
    }
    return sum;
  }
  for (size_t c = 0; c < alpha->q; c++) {
    mean += alpha->count[c] / alpha->total * alpha->score[c];
  }
  for (size_t c = 0; c < alpha->q; c++) {
    double d = alpha->score[c] - mean;
    sum += alpha->count[c] * d * d;
  }
  return 2 * alpha->total * sum;
}

/* -- krippendorff_alpha of two raters ------------------------------------- */

/* Gwet's linearisation, in the form that divides by n: that of pi with weights
** 1 - delta2 / max. */
static double error_of(struct jg_accumulator *acc, const struct jg_query *query,
                       struct jg_crosstab *table, struct jg_err *err) {
  struct jg_coefficient c;
  double se = NAN;
  (void)acc;
  table->w.kind = query->options.distance == JG_DISTANCE_NOMINAL
                      ? JG_WEIGHTS_NONE
                      : JG_WEIGHTS_QUADRATIC;
  if (jg_coefficient_init(&c, table, JG_CHANCE_SCOTT, err) == JG_OK) {
    se = jg_coefficient_error(&c, table);
    jg_coefficient_dispose(&c);
  }
  return se;
}

static double alpha_of(const struct jg_crosstab *table,
                       enum jg_distance distance, struct jg_err *err) {
  struct jg_alpha alpha;
  double seen = 0;
  double value = NAN;
  double *count = jg_mem_new(table->w.q, sizeof *count, err);
  for (size_t i = 0; count != NULL && i < table->w.q; i++) {
    count[i] = (table->human[i] + table->judge[i]) * table->n;
  }
  if (count != NULL && jg_alpha_init(&alpha, distance, table->w.q, count,
                                     table->w.score, err) == JG_OK) {
    for (size_t i = 0; i < table->cells; i++) {
      const struct jg_cell *cell = &table->cell[i];
      seen +=
          2 * cell->count * jg_alpha_delta(&alpha, cell->human, cell->judge);
    }
    double expected = jg_alpha_expected(&alpha);
    if (expected > 0) {
      value = 1 - (alpha.total - 1) * seen / expected;
    }
    jg_alpha_dispose(&alpha);
  }
  jg_mem_free(count);
  return value;
}

JG_METRIC_FUNCTION(jg_metric_alpha) {
  struct jg_accumulator *acc = state;
  struct jg_crosstab table;
  struct jg_metric_options options = query->options;
  enum jg_distance distance = options.distance;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  /* In a declared order labels count as 1..q by their position. */
  int ordered = (options.given & JG_TAKES_ORDER) != 0;
  options.scores_are_values = !ordered;
  if (jg_crosstab_init(&table, acc, &options, JG_WEIGHTS_NONE, err) != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < table.w.q && ordered; i++) {
    table.w.score[i] += 1;
  }
  double value = alpha_of(&table, distance, err);
  jg_metric_part(out, JG_PART_VALUE, value, JG_REASON_ONE_VALUE);
  if (jg_asked(query, ~JG_VALUE) && !isnan(value)) {
    int known =
        distance == JG_DISTANCE_NOMINAL || distance == JG_DISTANCE_INTERVAL;
    double se = known && table.n > 1 ? error_of(acc, query, &table, err) : NAN;
    jg_metric_normal(query, out, value, se, table.n - 1,
                     known ? JG_REASON_ONE_PAIR
                           : "no standard error is agreed on");
  }
  jg_crosstab_dispose(&table);
  return err->code;
}
