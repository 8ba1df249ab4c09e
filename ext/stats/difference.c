/* Two judges against the same human labels; see difference.h. */
#include "stats/difference.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"
#include "stats/aggregate.h"
#include "stats/metric_functions.h"

#define FIRST_PLACES 16

int jg_difference_init(struct jg_difference *d, const struct jg_query *query,
                       struct jg_err *err) {
  memset(d, 0, sizeof *d);
  d->query = *query;
  jg_labels_init(&d->labels, 0);
  for (size_t i = 0; i < query->options.order_count; i++) {
    if (jg_labels_declare(&d->labels, &query->options.order[i], err) != JG_OK) {
      jg_difference_dispose(d);
      break;
    }
  }
  return err->code;
}

void jg_difference_dispose(struct jg_difference *d) {
  jg_labels_dispose(&d->labels);
  jg_mem_free(d->triple);
  memset(d, 0, sizeof *d);
}

static size_t place_of(const struct jg_triple *triple, size_t cap,
                       const struct jg_triple *key) {
  uint64_t hash = ((uint64_t)key->a << 32 | key->b) * 0x9e3779b97f4a7c15u;
  hash = (hash ^ hash >> 29 ^ key->human) * 0xbf58476d1ce4e5b9u;
  size_t at = (size_t)(hash >> 32) & (cap - 1);
  while (triple[at].used && (triple[at].a != key->a || triple[at].b != key->b ||
                             triple[at].human != key->human)) {
    at = (at + 1) & (cap - 1);
  }
  return at;
}

/* Makes room for one more, without those that are gone. */
static int make_room(struct jg_difference *d, struct jg_err *err) {
  if (d->used + 1 <= d->cap / 2) {
    return JG_OK;
  }
  size_t cap = d->cap == 0             ? FIRST_PLACES
               : d->live < d->used / 2 ? d->cap
                                       : d->cap * 2;
  struct jg_triple *triple = jg_mem_new(cap, sizeof *triple, err);
  if (triple == NULL) {
    return err->code;
  }
  for (size_t i = 0; i < d->cap; i++) {
    if (d->triple[i].count > 0) {
      triple[place_of(triple, cap, &d->triple[i])] = d->triple[i];
    }
  }
  jg_mem_free(d->triple);
  d->triple = triple;
  d->cap = cap;
  d->used = d->live;
  return JG_OK;
}

static struct jg_triple key_of(const struct jg_difference *d,
                               const struct jg_value *values) {
  return (struct jg_triple){
      .a = (uint32_t)jg_labels_find(&d->labels, &values[0]),
      .b = (uint32_t)jg_labels_find(&d->labels, &values[1]),
      .human = (uint32_t)jg_labels_find(&d->labels, &values[2]),
      .used = 1};
}

static void count(struct jg_difference *d, const struct jg_triple *key,
                  int sign) {
  uint64_t one = sign > 0 ? 1 : UINT64_MAX;
  int a = key->a == key->human;
  int b = key->b == key->human;
  d->n += one;
  d->both += a && b ? one : 0;
  d->only_a += a && !b ? one : 0;
  d->only_b += b && !a ? one : 0;
  assert(d->both + d->only_a + d->only_b <= d->n);
}

static int add(struct jg_difference *d, const struct jg_value *values,
               struct jg_err *err) {
  if (make_room(d, err) != JG_OK ||
      jg_labels_step(&d->labels, &values[2], &values[0], err) != JG_OK ||
      jg_labels_step(&d->labels, &values[1], &values[1], err) != JG_OK) {
    return err->code;
  }
  struct jg_triple key = key_of(d, values);
  size_t at = place_of(d->triple, d->cap, &key);
  if (!d->triple[at].used) {
    d->triple[at] = key;
    d->used++;
  }
  assert(d->used < d->cap); /* so that a search ends */
  d->live += d->triple[at].count++ == 0;
  count(d, &key, 1);
  return JG_OK;
}

static int take(struct jg_difference *d, const struct jg_value *values,
                struct jg_err *err) {
  struct jg_triple key = key_of(d, values);
  size_t at = d->cap > 0 ? place_of(d->triple, d->cap, &key) : 0;
  if (d->cap == 0 || d->triple[at].count == 0) {
    return jg_err_set(err, JG_ERROR, "a row is taken back that was not in");
  }
  d->live -= --d->triple[at].count == 0;
  count(d, &key, -1);
  if (jg_labels_inverse(&d->labels, &values[2], &values[0], err) == JG_OK) {
    jg_labels_inverse(&d->labels, &values[1], &values[1], err);
  }
  return err->code;
}

int jg_difference_move(struct jg_difference *d, const struct jg_value *values,
                       int sign, struct jg_err *err) {
  for (int i = 0; i < 3; i++) {
    if (values[i].type == JG_NULL) {
      return JG_OK;
    }
  }
  return sign > 0 ? add(d, values, err) : take(d, values, err);
}

/* -- the common interface ------------------------------------------------- */

static int init(void *state, const struct jg_query *query, struct jg_err *err) {
  return jg_difference_init(state, query, err);
}

static void dispose(void *state) {
  jg_difference_dispose(state);
}

static int move(void *state, const struct jg_value *values, int sign,
                struct jg_err *err) {
  return jg_difference_move(state, values, sign, err);
}

static int value(void *state, const struct jg_query *query,
                 struct jg_metric_result *out, struct jg_err *err) {
  jg_metric_clear(out);
  return query->metric->value(state, query, out, err);
}

static struct jg_labels *labels(void *state) {
  return &((struct jg_difference *)state)->labels;
}

const struct jg_aggregate jg_aggregate_difference = {
    .table = &jg_difference_metrics,
    .bytes = sizeof(struct jg_difference),
    .init = init,
    .dispose = dispose,
    .move = move,
    .value = value,
    .labels = labels,
};
