/*
** Ratings as they are counted: by item, each with the categories it was put in
** and by whom. Made from jg_raters when a value is asked for.
*/
#ifndef JG_STATS_PANEL_H
#define JG_STATS_PANEL_H

#include "stats/raters.h"
#include "stats/weighting.h"

struct jg_seat {
  uint32_t item;     /* place of the item, */
  uint32_t category; /* of the category, */
  uint32_t rater;    /* and of the rater, or JG_NOBODY */
};

/* How often an item was put in a category. */
struct jg_tally {
  uint32_t category;
  double count;
};

struct jg_panel {
  struct jg_weighting w; /* categories */
  size_t items;
  size_t raters;        /* with a name */
  int nameless;         /* some rating has no rater */
  int repeated;         /* some rater rated an item twice */
  struct jg_seat *seat; /* sorted by item, category, rater */
  size_t seats;
  size_t *first;          /* seat of each item, and after the last */
  struct jg_tally *tally; /* by item, then category */
  size_t *first_tally;    /* of each item, and after the last */
};

int jg_panel_init(struct jg_panel *panel, struct jg_raters *raters,
                  const struct jg_metric_options *options,
                  enum jg_weights weights, struct jg_err *err);
void jg_panel_dispose(struct jg_panel *panel);
/* Ratings of an item. */
static inline double jg_panel_size(const struct jg_panel *panel, size_t item) {
  return (double)(panel->first[item + 1] - panel->first[item]);
}

/* The numbers of items that all raters rated, row by row: items by raters;
** freed by the caller. NULL with err, or with a reason. */
double *jg_panel_complete(const struct jg_panel *panel, size_t *items,
                          const char **reason, struct jg_err *err);

#endif
