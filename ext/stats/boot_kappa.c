/* cohen_kappa_boot: kappa with bootstrap limits, resampling pairs. */
#include <math.h>
#include "core/mem.h"
#include "stats/bootstrap.h"
#include "stats/chance.h"
#include "stats/metric_functions.h"

/* Kappa of the table with other counts in its cells. */
static double kappa_of(void *ctx, const double *count, struct jg_err *err) {
  struct jg_crosstab *table = ctx;
  struct jg_coefficient c;
  jg_crosstab_recount(table, count);
  if (table->n == 0 ||
      jg_coefficient_init(&c, table, JG_CHANCE_COHEN, err) != JG_OK) {
    return NAN;
  }
  double value = c.value;
  jg_coefficient_dispose(&c);
  return value;
}

JG_METRIC_FUNCTION(jg_metric_cohen_kappa_boot) {
  struct jg_accumulator *acc = state;
  struct jg_crosstab table;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_crosstab_init(&table, acc, &query->options, query->options.weights,
                       err) != JG_OK) {
    return err->code;
  }
  double *count = jg_mem_new(table.cells, sizeof *count, err);
  for (size_t i = 0; count != NULL && i < table.cells; i++) {
    count[i] = table.cell[i].count;
  }
  if (count != NULL) {
    struct jg_boot boot = {
        .count = count, .cells = table.cells, .value = kappa_of, .ctx = &table};
    jg_boot_run(&boot, query, query->method == 1, out, err);
  }
  jg_mem_free(count);
  jg_crosstab_dispose(&table);
  return err->code;
}
