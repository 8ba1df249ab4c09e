/* Agreement beyond chance for two raters; see chance.h. */
#include "stats/chance.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"

/* Below this an influence is the rounding of 0. */
#define ROUNDING 1e-14

/* -- the coefficient ------------------------------------------------------ */

static double observed(const struct jg_crosstab *table) {
  double sum = 0;
  for (size_t i = 0; i < table->cells; i++) {
    const struct jg_cell *cell = &table->cell[i];
    sum += jg_weighting_at(&table->w, cell->human, cell->judge) * cell->count;
  }
  return sum / table->n;
}

static void by_shares(struct jg_coefficient *c,
                      const struct jg_crosstab *table) {
  jg_weighting_mean(&table->w, table->judge, 0, c->human);
  jg_weighting_mean(&table->w, table->human, 1, c->judge);
  for (size_t i = 0; i < table->w.q; i++) {
    c->pe += table->human[i] * c->human[i];
  }
}

/* share: the mean of both raters' shares. */
static void by_mean_shares(struct jg_coefficient *c,
                           const struct jg_crosstab *table, double *share) {
  double q = (double)table->w.q;
  for (size_t i = 0; i < table->w.q; i++) {
    share[i] = (table->human[i] + table->judge[i]) / 2;
  }
  if (c->chance == JG_CHANCE_SCOTT) {
    jg_weighting_mean(&table->w, share, 0, c->human);
    jg_weighting_mean(&table->w, share, 1, c->judge);
    for (size_t i = 0; i < table->w.q; i++) {
      c->human[i] = (c->human[i] + c->judge[i]) / 2;
      c->pe += share[i] * c->human[i];
    }
    return;
  }
  c->factor = jg_weighting_total(&table->w) / (q * (q - 1));
  for (size_t i = 0; i < table->w.q; i++) {
    c->human[i] = c->factor * (1 - share[i]);
    c->pe += share[i] * c->human[i];
  }
}

int jg_coefficient_init(struct jg_coefficient *c,
                        const struct jg_crosstab *table, enum jg_chance chance,
                        struct jg_err *err) {
  double q = (double)table->w.q;
  memset(c, 0, sizeof *c);
  c->chance = chance;
  assert(table->n > 0 && table->w.q > 0);
  c->human = jg_mem_new(table->w.q, sizeof *c->human, err);
  c->judge = jg_mem_new(table->w.q, sizeof *c->judge, err);
  double *share = jg_mem_new(table->w.q, sizeof *share, err);
  if (err->code == JG_OK) {
    c->po = observed(table);
    if (chance == JG_CHANCE_COHEN) {
      by_shares(c, table);
    } else if (chance == JG_CHANCE_EQUAL) {
      c->pe = jg_weighting_total(&table->w) / (q * q);
    } else {
      by_mean_shares(c, table, share);
    }
    /* 1 - pe below this is the rounding of equal shares. */
    c->value = 1 - c->pe > ROUNDING ? (c->po - c->pe) / (1 - c->pe) : NAN;
  } else {
    jg_coefficient_dispose(c);
  }
  jg_mem_free(share);
  return err->code;
}

void jg_coefficient_dispose(struct jg_coefficient *c) {
  jg_mem_free(c->human);
  jg_mem_free(c->judge);
  c->human = NULL;
  c->judge = NULL;
}

double jg_coefficient_influence(const struct jg_coefficient *c,
                                const struct jg_crosstab *table, size_t human,
                                size_t judge) {
  double chance = 0;
  if (c->chance == JG_CHANCE_COHEN) {
    chance = c->human[human] + c->judge[judge] - 2 * c->pe;
  } else if (c->chance != JG_CHANCE_EQUAL) {
    chance = c->human[human] + c->human[judge] - 2 * c->pe;
  }
  double x = (jg_weighting_at(&table->w, human, judge) - c->po -
              (1 - c->value) * chance) /
             (1 - c->pe);
  return fabs(x) < ROUNDING ? 0 : x;
}

double jg_coefficient_error(const struct jg_coefficient *c,
                            const struct jg_crosstab *table) {
  double sum = 0;
  for (size_t i = 0; i < table->cells; i++) {
    const struct jg_cell *cell = &table->cell[i];
    double x = jg_coefficient_influence(c, table, cell->human, cell->judge);
    sum += x * x * cell->count;
  }
  return sqrt(sum) / table->n;
}

/* -- scott_pi, gwet_ac, brennan_prediger, pabak --------------------------- */

static double variant_error(double se, const struct jg_crosstab *table,
                            int raw) {
  if (table->n < 2) {
    return NAN;
  }
  return raw ? se * sqrt(table->n / (table->n - 1)) : se;
}

static int give(struct jg_accumulator *acc, const struct jg_query *query,
                enum jg_chance chance, const char *reason,
                struct jg_metric_result *out, struct jg_err *err) {
  struct jg_crosstab table;
  struct jg_coefficient c;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_crosstab_init(&table, acc, &query->options, query->options.weights,
                       err) != JG_OK) {
    return err->code;
  }
  if (jg_coefficient_init(&c, &table, chance, err) == JG_OK) {
    if (isnan(c.value)) {
      jg_metric_undefined(out, reason);
    } else {
      double se = jg_coefficient_error(&c, &table);
      jg_metric_normal(query, out, c.value,
                       variant_error(se, &table, query->variant == 1),
                       table.n - 1, JG_REASON_ONE_PAIR);
    }
    jg_coefficient_dispose(&c);
  }
  jg_crosstab_dispose(&table);
  return err->code;
}

JG_METRIC_FUNCTION(jg_metric_scott_pi) {
  return give(state, query, JG_CHANCE_SCOTT, JG_REASON_ONE_LABEL, out, err);
}

JG_METRIC_FUNCTION(jg_metric_gwet_ac) {
  return give(state, query, JG_CHANCE_GWET, JG_REASON_ONE_CATEGORY, out, err);
}

JG_METRIC_FUNCTION(jg_metric_brennan_prediger) {
  return give(state, query, JG_CHANCE_EQUAL, JG_REASON_ONE_CATEGORY, out, err);
}

/* PABAK (Byrt, Bishop, Carlin 1993) is 2 po - 1 for two categories; its form
** for more is Brennan-Prediger's. */
JG_METRIC_FUNCTION(jg_metric_pabak) {
  return give(state, query, JG_CHANCE_EQUAL, JG_REASON_ONE_CATEGORY, out, err);
}

/* -- percent_agreement: the mean weight; SE with n - 1 (Gwet) ------------- */

JG_METRIC_FUNCTION(jg_metric_percent_agreement) {
  struct jg_accumulator *acc = state;
  struct jg_crosstab table;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_crosstab_init(&table, acc, &query->options, query->options.weights,
                       err) != JG_OK) {
    return err->code;
  }
  double po = observed(&table);
  double squares = 0;
  for (size_t i = 0; i < table.cells; i++) {
    const struct jg_cell *cell = &table.cell[i];
    double d = jg_weighting_at(&table.w, cell->human, cell->judge) - po;
    squares += d * d * cell->count;
  }
  double se = table.n < 2 ? NAN : sqrt(squares / (table.n * (table.n - 1)));
  jg_metric_normal(query, out, po, se, table.n - 1, JG_REASON_ONE_PAIR);
  jg_crosstab_dispose(&table);
  return JG_OK;
}

/* -- cohen_kappa and its parts -------------------------------------------- */

/* The largest kappa that these margins allow (Cohen 1960). */
static double largest(const struct jg_coefficient *c,
                      const struct jg_crosstab *table) {
  double most = 0;
  for (size_t i = 0; i < table->w.q; i++) {
    most += fmin(table->human[i], table->judge[i]);
  }
  return (most - c->pe) / (1 - c->pe);
}

/* The standard error were there no agreement but chance (FCE 1969):
** [sum p_i+ p_+j (w_ij - (w_i. + w_.j))^2 - pe^2] / (n (1 - pe)^2), where the
** mixed terms are sums over one index. */
static double null_error(const struct jg_coefficient *c,
                         const struct jg_crosstab *table) {
  double sum = c->pe * c->pe;
  for (size_t i = 0; i < table->w.q; i++) {
    sum -= table->human[i] * c->human[i] * c->human[i];
    sum -= table->judge[i] * c->judge[i] * c->judge[i];
    if (table->w.kind == JG_WEIGHTS_NONE) {
      sum += table->human[i] * table->judge[i];
      continue;
    }
    for (size_t j = 0; j < table->w.q; j++) {
      double w = jg_weighting_at(&table->w, i, j);
      sum += table->human[i] * table->judge[j] * w * w;
    }
  }
  return sum > ROUNDING ? sqrt(sum / table->n) / (1 - c->pe) : 0;
}

static double kappa_error(const struct jg_coefficient *c,
                          const struct jg_crosstab *table, int variant) {
  if (variant == 2) {
    return null_error(c, table);
  }
  if (variant > 2) { /* Watson, Altman */
    return sqrt(c->po * (1 - c->po) / table->n) / (1 - c->pe);
  }
  return variant_error(jg_coefficient_error(c, table), table, variant == 1);
}

static void give_kappa(const struct jg_query *query,
                       const struct jg_coefficient *c,
                       const struct jg_crosstab *table,
                       struct jg_metric_result *out) {
  double se0 = null_error(c, table);
  double z = se0 > 0 ? c->value / se0 : NAN;
  const char *reason = "by chance alone kappa would not vary";
  double se = table->n < 2 ? NAN : kappa_error(c, table, query->variant);
  jg_metric_normal(query, out, c->value, se, table->n - 1, JG_REASON_ONE_PAIR);
  jg_metric_part(out, JG_PART_MAX,
                 table->w.kind == JG_WEIGHTS_NONE ? largest(c, table) : NAN,
                 "the maximum is defined without weights");
  jg_metric_part(out, JG_PART_SE0, table->n < 2 ? NAN : se0,
                 JG_REASON_ONE_PAIR);
  jg_metric_part(out, JG_PART_Z, z, reason);
  jg_metric_part(out, JG_PART_P, jg_normal_two_sided(z), reason);
}

int jg_chance_kappa(struct jg_accumulator *acc, const struct jg_query *query,
                    enum jg_weights weights, struct jg_metric_result *out,
                    struct jg_err *err) {
  struct jg_crosstab table;
  struct jg_coefficient c;
  if (jg_crosstab_init(&table, acc, &query->options, weights, err) != JG_OK) {
    return err->code;
  }
  if (jg_coefficient_init(&c, &table, JG_CHANCE_COHEN, err) == JG_OK) {
    if (isnan(c.value)) {
      jg_metric_undefined(out, weights == JG_WEIGHTS_MATRIX
                                   ? "chance alone gives no disagreement"
                                   : JG_REASON_ONE_LABEL);
    } else {
      give_kappa(query, &c, &table, out);
    }
    jg_coefficient_dispose(&c);
  }
  jg_crosstab_dispose(&table);
  return err->code;
}
