/* The metrics of agreement_difference(judge_a, judge_b, human), in the order
** of the documentation. Differences are a less b. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "stats/bootstrap.h"
#include "stats/chance.h"
#include "stats/difference.h"
#include "stats/distribution.h"
#include "stats/mcnemar.h"
#include "stats/metric_functions.h"

/* -- counts of rows by who was right -------------------------------------- */

static JG_METRIC_FUNCTION(both_right) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_difference *)state)->both);
}

static JG_METRIC_FUNCTION(only_a_right) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_difference *)state)->only_a);
}

static JG_METRIC_FUNCTION(only_b_right) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_difference *)state)->only_b);
}

static JG_METRIC_FUNCTION(both_wrong) {
  const struct jg_difference *d = state;
  (void)query;
  (void)err;
  return jg_metric_int(out, d->n - d->both - d->only_a - d->only_b);
}

static JG_METRIC_FUNCTION(n) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_difference *)state)->n);
}

/* -- the triples in order ------------------------------------------------- */

/* Triples sorted by the order of their labels, so that sums over them do not
** depend on the order of rows. */
struct sorted {
  struct jg_triple *triple;
  size_t count;
};

static int by_places(const void *a, const void *b) {
  const struct jg_triple *x = a;
  const struct jg_triple *y = b;
  if (x->human != y->human) {
    return x->human < y->human ? -1 : 1;
  }
  if (x->a != y->a) {
    return x->a < y->a ? -1 : 1;
  }
  return x->b < y->b ? -1 : x->b > y->b;
}

/* Labels become places; the ids of the places are lent. */
static int sort_triples(struct jg_difference *d, struct sorted *s,
                        const uint32_t **ids, struct jg_err *err) {
  size_t count = 0;
  memset(s, 0, sizeof *s);
  if (jg_labels_sorted(&d->labels, ids, &count, err) != JG_OK) {
    return err->code;
  }
  uint32_t *place = jg_mem_new(d->labels.count, sizeof *place, err);
  s->triple = jg_mem_new(d->live, sizeof *s->triple, err);
  for (size_t i = 0; place != NULL && i < count; i++) {
    place[(*ids)[i]] = (uint32_t)i;
  }
  for (size_t i = 0; err->code == JG_OK && i < d->cap; i++) {
    if (d->triple[i].count > 0) {
      struct jg_triple *to = &s->triple[s->count++];
      *to = d->triple[i];
      to->a = place[to->a];
      to->b = place[to->b];
      to->human = place[to->human];
    }
  }
  jg_mem_free(place);
  if (err->code == JG_OK) {
    qsort(s->triple, s->count, sizeof *s->triple, by_places);
  } else {
    jg_mem_free(s->triple);
    s->triple = NULL;
  }
  return err->code;
}

/* -- one judge: any metric of agreement() --------------------------------- */

static int fill_pairs(struct jg_difference *d, int second,
                      struct jg_accumulator *acc, struct jg_err *err) {
  struct sorted s;
  const uint32_t *ids = NULL;
  if (sort_triples(d, &s, &ids, err) != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < s.count && err->code == JG_OK; i++) {
    const struct jg_triple *t = &s.triple[i];
    uint32_t judge = ids[second ? t->b : t->a];
    jg_accumulator_step_times(acc, &d->labels.label[judge]->value,
                              &d->labels.label[ids[t->human]]->value, t->count,
                              err);
  }
  jg_mem_free(s.triple);
  return err->code;
}

static JG_METRIC_FUNCTION(of_one_judge) {
  struct jg_accumulator acc;
  struct jg_query pair;
  struct jg_metric_options options = query->options;
  options.given &= ~(unsigned)JG_TAKES_JUDGE;
  if (query->all) { /* only what the metric knows */
    options.given &= query->metric->takes;
  }
  if (jg_query_init(&pair, &jg_pair_metrics, query->metric->name, &options,
                    err) != JG_OK) {
    return err->code;
  }
  pair.parts = query->parts;
  if (jg_accumulator_init(&acc, &pair, err) != JG_OK) {
    return err->code;
  }
  if (fill_pairs(state, query->options.second_judge, &acc, err) == JG_OK) {
    jg_accumulator_value(&acc, &pair, out, err);
  }
  jg_accumulator_dispose(&acc);
  return err->code;
}

/* -- mcnemar -------------------------------------------------------------- */

static JG_METRIC_FUNCTION(mcnemar) {
  const struct jg_difference *d = state;
  (void)err;
  if (d->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  return jg_mcnemar((double)d->only_a, (double)d->only_b,
                    (enum jg_mcnemar)query->method, out);
}

/* -- accuracy_diff: (b - c) / n, with Wald's interval --------------------- */

static void give_z(const struct jg_query *query, double value, double se,
                   double df, struct jg_metric_result *out) {
  const char *reason = "the difference does not vary";
  jg_metric_normal(query, out, value, se, df, JG_REASON_ONE_PAIR);
  double z = out->part[JG_PART_SE] > 0 ? value / se : NAN;
  jg_metric_part(out, JG_PART_Z, z, reason);
  jg_metric_part(out, JG_PART_P, jg_normal_two_sided(z), reason);
}

static JG_METRIC_FUNCTION(accuracy_diff) {
  const struct jg_difference *d = state;
  double rows = (double)d->n;
  double a = (double)d->only_a;
  double b = (double)d->only_b;
  (void)err;
  if (d->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  double se = sqrt(a + b - (a - b) * (a - b) / rows) / rows;
  give_z(query, (a - b) / rows, d->n > 1 ? se : NAN, rows - 1, out);
  return JG_OK;
}

/* -- cohen_kappa_diff ----------------------------------------------------- */

/* Both judges' tables, and where each triple stands in them. */
struct both {
  struct sorted s;
  struct jg_accumulator acc[2];
  struct jg_crosstab table[2];
  size_t *cell[2];  /* of each triple */
  double *count[2]; /* of each cell, filled anew for each resample */
};

static void dispose_both(struct both *both) {
  for (int i = 0; i < 2; i++) {
    jg_crosstab_dispose(&both->table[i]);
    jg_accumulator_dispose(&both->acc[i]);
    jg_mem_free(both->cell[i]);
    jg_mem_free(both->count[i]);
  }
  jg_mem_free(both->s.triple);
}

/* The place of a label among the categories of a table. */
static uint32_t place_in(const struct jg_crosstab *table,
                         const struct jg_accumulator *acc,
                         const struct jg_value *label) {
  int64_t id = jg_labels_find(&acc->labels, label);
  for (size_t i = 0; i < table->w.q; i++) {
    if ((int64_t)table->w.id[i] == id) {
      return (uint32_t)i;
    }
  }
  return 0;
}

static int by_cell(const void *a, const void *b) {
  const struct jg_cell *x = a;
  const struct jg_cell *y = b;
  if (x->human != y->human) {
    return x->human < y->human ? -1 : 1;
  }
  return x->judge < y->judge ? -1 : x->judge > y->judge;
}

static int make_table(struct both *both, int at, struct jg_difference *d,
                      const uint32_t *ids, const struct jg_query *query,
                      struct jg_err *err) {
  struct jg_accumulator *acc = &both->acc[at];
  struct jg_crosstab *table = &both->table[at];
  struct jg_query pair;
  if (jg_query_init(&pair, &jg_pair_metrics, "percent_agreement", NULL, err) !=
      JG_OK) {
    return err->code;
  }
  pair.options = query->options;
  if (jg_accumulator_init(acc, &pair, err) != JG_OK ||
      fill_pairs(d, at, acc, err) != JG_OK ||
      jg_crosstab_init(table, acc, &query->options, query->options.weights,
                       err) != JG_OK) {
    return err->code;
  }
  uint32_t *place = jg_mem_new(d->labels.count, sizeof *place, err);
  both->cell[at] = jg_mem_new(both->s.count, sizeof *both->cell[at], err);
  both->count[at] = jg_mem_new(table->cells, sizeof *both->count[at], err);
  for (size_t i = 0; err->code == JG_OK && i < d->labels.sorted_count; i++) {
    place[i] = place_in(table, acc, &d->labels.label[ids[i]]->value);
  }
  for (size_t i = 0; err->code == JG_OK && i < both->s.count; i++) {
    const struct jg_triple *t = &both->s.triple[i];
    struct jg_cell key = {place[t->human], place[at ? t->b : t->a], 0};
    const struct jg_cell *found =
        bsearch(&key, table->cell, table->cells, sizeof key, by_cell);
    both->cell[at][i] = (size_t)(found - table->cell);
  }
  jg_mem_free(place);
  return err->code;
}

static int make_both(struct both *both, struct jg_difference *d,
                     const struct jg_query *query, struct jg_err *err) {
  const uint32_t *ids = NULL;
  memset(both, 0, sizeof *both);
  if (sort_triples(d, &both->s, &ids, err) != JG_OK ||
      make_table(both, 0, d, ids, query, err) != JG_OK ||
      make_table(both, 1, d, ids, query, err) != JG_OK) {
    dispose_both(both);
  }
  return err->code;
}

/* SE of the difference: sqrt(sum (IF_a - IF_b)^2) / n over rows, the influence
** of a row on each kappa taken together. */
static double influence_error(const struct both *both,
                              const struct jg_coefficient c[2], double rows) {
  double sum = 0;
  for (size_t i = 0; i < both->s.count; i++) {
    double x[2];
    for (int j = 0; j < 2; j++) {
      const struct jg_cell *cell = &both->table[j].cell[both->cell[j][i]];
      x[j] = jg_coefficient_influence(&c[j], &both->table[j], cell->human,
                                      cell->judge);
    }
    sum += (x[0] - x[1]) * (x[0] - x[1]) * (double)both->s.triple[i].count;
  }
  return sqrt(sum) / rows;
}

static JG_METRIC_FUNCTION(cohen_kappa_diff) {
  struct jg_difference *d = state;
  struct both both;
  struct jg_coefficient c[2];
  memset(c, 0, sizeof c);
  if (d->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (make_both(&both, d, query, err) != JG_OK) {
    return err->code;
  }
  if (jg_coefficient_init(&c[0], &both.table[0], JG_CHANCE_COHEN, err) ==
          JG_OK &&
      jg_coefficient_init(&c[1], &both.table[1], JG_CHANCE_COHEN, err) ==
          JG_OK) {
    double value = c[0].value - c[1].value;
    if (isnan(value)) {
      jg_metric_undefined(out, JG_REASON_ONE_LABEL);
    } else {
      double rows = (double)d->n;
      double se = d->n > 1 ? influence_error(&both, c, rows) : NAN;
      give_z(query, value, se, rows - 1, out);
    }
  }
  jg_coefficient_dispose(&c[0]);
  jg_coefficient_dispose(&c[1]);
  dispose_both(&both);
  return err->code;
}

/* -- accuracy_diff_boot, cohen_kappa_diff_boot ---------------------------- */

static double accuracy_of(void *ctx, const double *count, struct jg_err *err) {
  const struct both *both = ctx;
  double sum = 0;
  double rows = 0;
  (void)err;
  for (size_t i = 0; i < both->s.count; i++) {
    const struct jg_triple *t = &both->s.triple[i];
    sum += count[i] * ((t->a == t->human) - (t->b == t->human));
    rows += count[i];
  }
  return rows > 0 ? sum / rows : NAN;
}

static double kappas_of(void *ctx, const double *count, struct jg_err *err) {
  struct both *both = ctx;
  double value[2] = {NAN, NAN};
  for (int j = 0; j < 2; j++) {
    struct jg_crosstab *table = &both->table[j];
    struct jg_coefficient c;
    memset(both->count[j], 0, table->cells * sizeof *both->count[j]);
    for (size_t i = 0; i < both->s.count; i++) {
      both->count[j][both->cell[j][i]] += count[i];
    }
    jg_crosstab_recount(table, both->count[j]);
    if (table->n == 0 ||
        jg_coefficient_init(&c, table, JG_CHANCE_COHEN, err) != JG_OK) {
      return NAN;
    }
    value[j] = c.value;
    jg_coefficient_dispose(&c);
  }
  return value[0] - value[1];
}

static int boot(struct jg_difference *d, const struct jg_query *query,
                double (*value)(void *, const double *, struct jg_err *),
                struct jg_metric_result *out, struct jg_err *err) {
  struct both both;
  if (d->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (make_both(&both, d, query, err) != JG_OK) {
    return err->code;
  }
  double *count = jg_mem_new(both.s.count, sizeof *count, err);
  for (size_t i = 0; count != NULL && i < both.s.count; i++) {
    count[i] = (double)both.s.triple[i].count;
  }
  if (count != NULL) {
    struct jg_boot run = {
        .count = count, .cells = both.s.count, .value = value, .ctx = &both};
    jg_boot_run(&run, query, query->method == 1, out, err);
  }
  jg_mem_free(count);
  dispose_both(&both);
  return err->code;
}

static JG_METRIC_FUNCTION(accuracy_diff_boot) {
  return boot(state, query, accuracy_of, out, err);
}

static JG_METRIC_FUNCTION(cohen_kappa_diff_boot) {
  return boot(state, query, kappas_of, out, err);
}

/* -- the table ------------------------------------------------------------ */

#define SE JG_BIT(JG_PART_SE)
#define P JG_BIT(JG_PART_P)
#define TEST (JG_VALUE | SE | P | JG_BIT(JG_PART_Z) | JG_CI)
#define BOOT (JG_VALUE | SE | JG_CI)
#define DECLARE (JG_TAKES_ORDER | JG_TAKES_CATEGORIES)
#define WEIGHT (DECLARE | JG_TAKES_WEIGHTS | JG_TAKES_SCORES | JG_TAKES_MATRIX)
#define LEVEL JG_TAKES_LEVEL
#define JUDGE JG_TAKES_JUDGE
#define METHOD JG_TAKES_METHOD
#define NOTHING NULL, NULL

static const struct jg_metric ROWS[] = {
    {"n", JG_VALUE, 0, 0, 0, NOTHING, n, "rows without a NULL"},
    {"both_right", JG_VALUE, 0, 0, 0, NOTHING, both_right,
     "rows that both judges got right"},
    {"only_a_right", JG_VALUE, 0, 0, 0, NOTHING, only_a_right,
     "rows that only judge_a got right"},
    {"only_b_right", JG_VALUE, 0, 0, 0, NOTHING, only_b_right,
     "rows that only judge_b got right"},
    {"both_wrong", JG_VALUE, 0, 0, 0, NOTHING, both_wrong,
     "rows that neither got right"},
    {"mcnemar", JG_BIT(JG_PART_STAT) | P, 0, 0, METHOD, JG_MCNEMAR_METHODS,
     NULL, mcnemar, "whether one judge is right more often"},
    {"accuracy_diff", TEST, 0, 0, METHOD | LEVEL | JG_TAKES_CI, "wald", NULL,
     accuracy_diff, "accuracy of judge_a less that of judge_b"},
    {"accuracy_diff_boot", BOOT, 0, 0, METHOD | LEVEL | JG_TAKES_BOOT,
     JG_BOOT_METHODS, NULL, accuracy_diff_boot,
     "the same with limits by a paired bootstrap"},
    {"cohen_kappa_diff", TEST, 0, 0, METHOD | LEVEL | JG_TAKES_CI | WEIGHT,
     "influence", NULL, cohen_kappa_diff,
     "kappa of judge_a less that of judge_b"},
    {"cohen_kappa_diff_boot", BOOT, 0, 0,
     METHOD | LEVEL | JG_TAKES_BOOT | WEIGHT, JG_BOOT_METHODS, NULL,
     cohen_kappa_diff_boot, "the same with limits by a paired bootstrap"},
    {"accuracy", JG_VALUE | JG_CI, 0, 0, JUDGE | METHOD | LEVEL,
     "wilson|clopper-pearson", NULL, of_one_judge, "of one judge"},
    {"balanced_accuracy", JG_VALUE, 0, 0, JUDGE | DECLARE, NOTHING,
     of_one_judge, "of one judge"},
    {"cohen_kappa", JG_VALUE | SE | JG_CI, 0, 0,
     JUDGE | WEIGHT | LEVEL | JG_TAKES_CI, NOTHING, of_one_judge,
     "of one judge"},
    {"mcc", JG_VALUE, 0, 0, JUDGE | DECLARE, NOTHING, of_one_judge,
     "of one judge"},
};

const struct jg_metric_table jg_difference_metrics = {
    .function = "agreement_difference",
    .title = "agreement_difference()",
    .arguments = "judge_a, judge_b, human",
    .values = 3,
    .usual = "accuracy_diff",
    .row = ROWS,
    .count = sizeof ROWS / sizeof ROWS[0],
};
