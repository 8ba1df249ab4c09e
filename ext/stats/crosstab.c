/* The table of two raters' labels; see crosstab.h. */
#include "stats/crosstab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"

static int by_place(const void *a, const void *b) {
  const struct jg_cell *x = a;
  const struct jg_cell *y = b;
  if (x->human != y->human) {
    return x->human < y->human ? -1 : 1;
  }
  return x->judge < y->judge ? -1 : x->judge > y->judge;
}

static int read_cells(struct jg_crosstab *table, const struct jg_labels *labels,
                      struct jg_err *err) {
  uint32_t *place = jg_mem_new(labels->count, sizeof *place, err);
  table->cell = jg_mem_new(labels->pairs_live, sizeof *table->cell, err);
  for (size_t i = 0; place != NULL && i < table->w.q; i++) {
    const struct jg_label *label = labels->label[table->w.id[i]];
    place[table->w.id[i]] = (uint32_t)i;
    table->human[i] = (double)label->human / table->n;
    table->judge[i] = (double)label->judge / table->n;
  }
  for (size_t i = 0; err->code == JG_OK && i < labels->pair_cap; i++) {
    const struct jg_pair *pair = &labels->pair[i];
    if (pair->count != 0) {
      table->cell[table->cells++] = (struct jg_cell){
          place[pair->human], place[pair->judge], (double)pair->count};
    }
  }
  if (err->code == JG_OK) {
    qsort(table->cell, table->cells, sizeof *table->cell, by_place);
    assert(table->cells == labels->pairs_live);
  }
  jg_mem_free(place);
  return err->code;
}

int jg_crosstab_init(struct jg_crosstab *table, struct jg_accumulator *acc,
                     const struct jg_metric_options *options,
                     enum jg_weights weights, struct jg_err *err) {
  assert(acc->n > 0 && acc->labels.keep_pairs);
  memset(table, 0, sizeof *table);
  table->n = (double)acc->n;
  if (jg_weighting_init(&table->w, &acc->labels, options, weights, err) !=
      JG_OK) {
    return err->code;
  }
  table->human = jg_mem_new(table->w.q, sizeof *table->human, err);
  table->judge = jg_mem_new(table->w.q, sizeof *table->judge, err);
  if (err->code != JG_OK || read_cells(table, &acc->labels, err) != JG_OK) {
    jg_crosstab_dispose(table);
  }
  return err->code;
}

void jg_crosstab_dispose(struct jg_crosstab *table) {
  jg_weighting_dispose(&table->w);
  jg_mem_free(table->human);
  jg_mem_free(table->judge);
  jg_mem_free(table->cell);
  memset(table, 0, sizeof *table);
}

void jg_crosstab_recount(struct jg_crosstab *table, const double *count) {
  table->n = 0;
  memset(table->human, 0, table->w.q * sizeof *table->human);
  memset(table->judge, 0, table->w.q * sizeof *table->judge);
  for (size_t i = 0; i < table->cells; i++) {
    struct jg_cell *cell = &table->cell[i];
    cell->count = count[i];
    table->human[cell->human] += count[i];
    table->judge[cell->judge] += count[i];
    table->n += count[i];
  }
  for (size_t i = 0; i < table->w.q; i++) {
    table->human[i] /= table->n;
    table->judge[i] /= table->n;
  }
}
