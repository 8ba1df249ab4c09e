/* Whether human and judge use the labels equally often. */
#include <math.h>
#include "stats/accumulator.h"
#include "stats/distribution.h"
#include "stats/mcnemar.h"
#include "stats/metric_functions.h"
#include "stats/crosstab.h"

/* -- mcnemar_human_judge -------------------------------------------------- */

int jg_mcnemar(double b, double c, enum jg_mcnemar method,
               struct jg_metric_result *out) {
  double n = b + c;
  double least = fmin(b, c);
  if (method == JG_MCNEMAR_EXACT || method == JG_MCNEMAR_MIDP) {
    double tail = 2 * jg_binomial_cdf(least, n, 0.5);
    if (method == JG_MCNEMAR_MIDP) {
      tail -=
          jg_binomial_cdf(least, n, 0.5) - jg_binomial_cdf(least - 1, n, 0.5);
    }
    out->part[JG_PART_STAT] = least;
    out->part[JG_PART_P] = fmin(1, tail);
    return JG_OK;
  }
  if (n == 0) {
    return jg_metric_undefined(out, "no discordant pair");
  }
  double d = fabs(b - c) - (method == JG_MCNEMAR_CHI2CC);
  out->part[JG_PART_STAT] = d * d / n;
  out->part[JG_PART_P] = jg_chi_square_upper(d * d / n, 1);
  return JG_OK;
}

JG_METRIC_FUNCTION(jg_metric_mcnemar_margins) {
  struct jg_accumulator *acc = state;
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_labels_sorted(&acc->labels, &ids, &count, err) != JG_OK) {
    return err->code;
  }
  if (count > 2) {
    return jg_metric_undefined(out, "more than two labels: ask for bowker");
  }
  double b = 0;
  double c = 0;
  if (count == 2) {
    b = (double)jg_labels_pair(&acc->labels, ids[0], ids[1]);
    c = (double)jg_labels_pair(&acc->labels, ids[1], ids[0]);
  }
  return jg_mcnemar(b, c, (enum jg_mcnemar)query->method, out);
}

/* -- bowker: symmetry of the whole table (1948) --------------------------- */

/* The count of cell (i, j), found by halving. */
static double count_at(const struct jg_crosstab *table, uint32_t i,
                       uint32_t j) {
  size_t low = 0;
  size_t high = table->cells;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const struct jg_cell *cell = &table->cell[middle];
    if (cell->human < i || (cell->human == i && cell->judge < j)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < table->cells && table->cell[low].human == i &&
      table->cell[low].judge == j) {
    return table->cell[low].count;
  }
  return 0;
}

/* Each two cells (i, j) and (j, i) that are not both empty give a term and a
** degree of freedom; df_statsmodels counts the empty ones too. */
JG_METRIC_FUNCTION(jg_metric_bowker) {
  struct jg_accumulator *acc = state;
  struct jg_crosstab table;
  double stat = 0;
  double df = 0;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_crosstab_init(&table, acc, &query->options, JG_WEIGHTS_NONE, err) !=
      JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < table.cells; i++) {
    const struct jg_cell *cell = &table.cell[i];
    double other = count_at(&table, cell->judge, cell->human);
    if (cell->human < cell->judge ||
        (cell->human > cell->judge && other == 0)) {
      double d = cell->count - other;
      stat += d * d / (cell->count + other);
      df++;
    }
  }
  double full = (double)table.w.q * ((double)table.w.q - 1) / 2;
  jg_crosstab_dispose(&table);
  out->part[JG_PART_DF] = df;
  out->part[JG_PART_DF_FULL] = full;
  if (df == 0) {
    return jg_metric_undefined(out, "no two labels were mistaken");
  }
  out->part[JG_PART_STAT] = stat;
  out->part[JG_PART_P] = jg_chi_square_upper(stat, full);
  return JG_OK;
}
