/* Ratings as they are counted; see panel.h. */
#include "stats/panel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"

static int by_seat(const void *a, const void *b) {
  const struct jg_seat *x = a;
  const struct jg_seat *y = b;
  if (x->item != y->item) {
    return x->item < y->item ? -1 : 1;
  }
  if (x->category != y->category) {
    return x->category < y->category ? -1 : 1;
  }
  return x->rater < y->rater ? -1 : x->rater > y->rater;
}

/* Places of items and raters in the order of their names. */
struct places {
  uint32_t *item;
  uint32_t *rater;
  uint32_t *category;
};

static int make_places(struct jg_panel *panel, struct jg_raters *raters,
                       struct places *places, struct jg_err *err) {
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (jg_labels_sorted(&raters->names, &ids, &count, err) != JG_OK) {
    return err->code;
  }
  places->item = jg_mem_new(raters->names.count, sizeof *places->item, err);
  places->rater = jg_mem_new(raters->names.count, sizeof *places->rater, err);
  places->category =
      jg_mem_new(raters->labels.count, sizeof *places->category, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  /* 1 marks what is one; then each gets its place. */
  const struct jg_rating *rating = raters->rating + raters->head;
  for (size_t i = 0; i < raters->count; i++) {
    places->item[rating[i].item] = 1;
    if (rating[i].rater != JG_NOBODY) {
      places->rater[rating[i].rater] = 1;
    }
    panel->nameless |= rating[i].rater == JG_NOBODY;
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t id = ids[i];
    places->item[id] = places->item[id] ? (uint32_t)panel->items++ : 0;
    places->rater[id] = places->rater[id] ? (uint32_t)panel->raters++ : 0;
  }
  assert(panel->items > 0 || raters->count == 0);
  for (size_t i = 0; i < panel->w.q; i++) {
    places->category[panel->w.id[i]] = (uint32_t)i;
  }
  return JG_OK;
}

static int fill_seats(struct jg_panel *panel, const struct jg_raters *raters,
                      const struct places *places, struct jg_err *err) {
  const struct jg_rating *rating = raters->rating + raters->head;
  panel->seats = raters->count;
  panel->seat = jg_mem_new(panel->seats, sizeof *panel->seat, err);
  panel->first = jg_mem_new(panel->items + 1, sizeof *panel->first, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < panel->seats; i++) {
    panel->seat[i] = (struct jg_seat){
        places->item[rating[i].item], places->category[rating[i].label],
        rating[i].rater == JG_NOBODY ? JG_NOBODY
                                     : places->rater[rating[i].rater]};
    panel->first[panel->seat[i].item + 1]++;
  }
  for (size_t i = 0; i < panel->items; i++) {
    panel->first[i + 1] += panel->first[i];
  }
  assert(panel->first[panel->items] == panel->seats);
  qsort(panel->seat, panel->seats, sizeof *panel->seat, by_seat);
  return JG_OK;
}

static int fill_tallies(struct jg_panel *panel, struct jg_err *err) {
  size_t count = 0;
  panel->tally = jg_mem_new(panel->seats, sizeof *panel->tally, err);
  panel->first_tally =
      jg_mem_new(panel->items + 1, sizeof *panel->first_tally, err);
  for (size_t item = 0; err->code == JG_OK && item < panel->items; item++) {
    for (size_t i = panel->first[item]; i < panel->first[item + 1]; i++) {
      const struct jg_seat *seat = &panel->seat[i];
      if (i == panel->first[item] || seat[-1].category != seat->category) {
        panel->tally[count++] = (struct jg_tally){seat->category, 0};
      }
      panel->tally[count - 1].count++;
    }
    panel->first_tally[item + 1] = count;
  }
  return err->code;
}

/* Marks a rater's second rating of an item. */
static int find_repeated(struct jg_panel *panel, struct jg_err *err) {
  size_t *last = jg_mem_new(panel->raters, sizeof *last, err);
  for (size_t i = 0; last != NULL && i < panel->seats; i++) {
    const struct jg_seat *seat = &panel->seat[i];
    if (seat->rater != JG_NOBODY) {
      panel->repeated |= last[seat->rater] == seat->item + (size_t)1;
      last[seat->rater] = seat->item + (size_t)1;
    }
  }
  jg_mem_free(last);
  return err->code;
}

int jg_panel_init(struct jg_panel *panel, struct jg_raters *raters,
                  const struct jg_metric_options *options,
                  enum jg_weights weights, struct jg_err *err) {
  struct places places = {NULL, NULL, NULL};
  memset(panel, 0, sizeof *panel);
  if (jg_weighting_init(&panel->w, &raters->labels, options, weights, err) !=
          JG_OK ||
      make_places(panel, raters, &places, err) != JG_OK ||
      fill_seats(panel, raters, &places, err) != JG_OK ||
      fill_tallies(panel, err) != JG_OK || find_repeated(panel, err) != JG_OK) {
    jg_panel_dispose(panel);
  }
  jg_mem_free(places.item);
  jg_mem_free(places.rater);
  jg_mem_free(places.category);
  return err->code;
}

void jg_panel_dispose(struct jg_panel *panel) {
  jg_weighting_dispose(&panel->w);
  jg_mem_free(panel->seat);
  jg_mem_free(panel->first);
  jg_mem_free(panel->tally);
  jg_mem_free(panel->first_tally);
  memset(panel, 0, sizeof *panel);
}

double *jg_panel_complete(const struct jg_panel *panel, size_t *items,
                          const char **reason, struct jg_err *err) {
  *items = 0;
  *reason = panel->nameless     ? "needs to know who rated: a rater is NULL"
            : panel->repeated   ? "a rater rated an item twice"
            : panel->raters < 2 ? "needs two raters"
                                : NULL;
  if (*reason != NULL) {
    return NULL;
  }
  size_t complete = 0;
  for (size_t item = 0; item < panel->items; item++) {
    complete += (size_t)jg_panel_size(panel, item) == panel->raters;
  }
  double *x = jg_mem_new(complete * panel->raters, sizeof *x, err);
  for (size_t item = 0; x != NULL && item < panel->items; item++) {
    if ((size_t)jg_panel_size(panel, item) != panel->raters) {
      continue;
    }
    for (size_t i = panel->first[item]; i < panel->first[item + 1]; i++) {
      const struct jg_seat *seat = &panel->seat[i];
      x[*items * panel->raters + seat->rater] = panel->w.score[seat->category];
    }
    (*items)++;
  }
  assert(x == NULL || *items == complete);
  return x;
}
