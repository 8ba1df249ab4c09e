/* Pairs of numbers in the order they came; see series.h. */
#include "stats/series.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"

void jg_series_dispose(struct jg_series *series) {
  jg_mem_free(series->point);
  memset(series, 0, sizeof *series);
}

/* Moves the live ones to the front once half of the room is spent. */
static void close_up(struct jg_series *series) {
  if (series->head > series->cap / 2) {
    memmove(series->point, series->point + series->head,
            series->count * sizeof *series->point);
    series->head = 0;
  }
}

int jg_series_add(struct jg_series *series, double judge, double human,
                  struct jg_err *err) {
  if (series->head + series->count == series->cap) {
    close_up(series);
    if (jg_mem_grow(&series->point, &series->cap,
                    series->head + series->count + 1, sizeof *series->point,
                    err) != JG_OK) {
      return err->code;
    }
  }
  assert(series->head + series->count < series->cap);
  series->point[series->head + series->count++] =
      (struct jg_point){judge, human};
  return JG_OK;
}

void jg_series_take(struct jg_series *series, double judge, double human) {
  struct jg_point *point = series->point + series->head;
  for (size_t i = 0; i < series->count; i++) {
    if (point[i].judge == judge && point[i].human == human) {
      point[i] = point[0]; /* a no-op for the oldest */
      series->head++;
      series->count--;
      return;
    }
  }
}

int jg_series_merge(struct jg_series *to, const struct jg_series *from,
                    struct jg_err *err) {
  const struct jg_point *point = jg_series_points(from);
  for (size_t i = 0; i < from->count && err->code == JG_OK; i++) {
    jg_series_add(to, point[i].judge, point[i].human, err);
  }
  return err->code;
}
