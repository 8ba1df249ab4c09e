/*
** The table of two raters' labels as it stands: categories in order, margins,
** the cells that are not empty, and a weight of agreement for any two
** categories. Made from an accumulator when a value is asked for; cells come
** sorted, so that sums over them do not depend on the order of rows.
*/
#ifndef JG_STATS_CROSSTAB_H
#define JG_STATS_CROSSTAB_H

#include "stats/accumulator.h"
#include "stats/weighting.h"

struct jg_cell {
  uint32_t human; /* place of the category */
  uint32_t judge;
  double count;
};

struct jg_crosstab {
  double n;              /* pairs */
  struct jg_weighting w; /* categories */
  double *human;         /* share of each category */
  double *judge;
  struct jg_cell *cell; /* sorted by human, judge */
  size_t cells;
};

int jg_crosstab_init(struct jg_crosstab *table, struct jg_accumulator *acc,
                     const struct jg_metric_options *options,
                     enum jg_weights weights, struct jg_err *err);
void jg_crosstab_dispose(struct jg_crosstab *table);
/* Gives each cell another count; shares follow. */
void jg_crosstab_recount(struct jg_crosstab *table, const double *count);

#endif
