/*
** Ratings by any number of raters, in long form: the state behind
** agreement_raters(). A rating that is missing is a row that is not there, or
** one whose item or value is NULL; a NULL rater is nobody in particular.
**
** All ratings are kept, 12 bytes each, and counted when a value is asked for.
** Items and raters are sorted by name then, so that the order of rows does not
** matter.
*/
#ifndef JG_STATS_RATERS_H
#define JG_STATS_RATERS_H

#include "stats/labels.h"
#include "stats/metric.h"

struct jg_rating {
  uint32_t item;  /* ids in names */
  uint32_t rater; /* JG_NOBODY: no name */
  uint32_t label; /* id in labels */
};
#define JG_NOBODY UINT32_MAX

struct jg_raters {
  struct jg_query query;    /* what its options point to is the caller's */
  struct jg_labels names;   /* of items (as human) and raters (as judge) */
  struct jg_labels labels;  /* the values */
  struct jg_rating *rating; /* live ones are head .. head + count - 1 */
  size_t head;
  size_t count;
  size_t cap;
  uint64_t texts; /* values that are no number */
};

int jg_raters_init(struct jg_raters *raters, const struct jg_query *query,
                   struct jg_err *err);
void jg_raters_dispose(struct jg_raters *raters);
/* values: item, rater, value. Adds, or takes away with sign -1. */
int jg_raters_move(struct jg_raters *raters, const struct jg_value *values,
                   int sign, struct jg_err *err);
int jg_raters_value(struct jg_raters *raters, const struct jg_query *query,
                    struct jg_metric_result *out, struct jg_err *err);

#endif
