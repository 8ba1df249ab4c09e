/* Ranks of pairs of numbers; see ranks.h. */
#include "stats/ranks.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"

#define DIGIT_BITS 11
#define DIGITS ((size_t)1 << DIGIT_BITS)
#define PASSES 6 /* of 11 bits: all 64 */

struct item {
  uint64_t key;
  uint32_t point;
  uint32_t other; /* rank of the point's human number, once known */
};

/* An integer that sorts as x does; -0 as 0. */
static uint64_t key_of(double x) {
  uint64_t bits;
  x = x == 0 ? 0 : x;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* One stable pass from items to spare; 0 when all have the same digit. */
static int pass(const struct item *items, struct item *spare, size_t n,
                unsigned shift, size_t *count) {
  memset(count, 0, DIGITS * sizeof *count);
  for (size_t i = 0; i < n; i++) {
    count[items[i].key >> shift & (DIGITS - 1)]++;
  }
  if (count[items[0].key >> shift & (DIGITS - 1)] == n) {
    return 0;
  }
  size_t sum = 0;
  for (size_t digit = 0; digit < DIGITS; digit++) {
    size_t here = count[digit];
    count[digit] = sum;
    sum += here;
  }
  for (size_t i = 0; i < n; i++) {
    spare[count[items[i].key >> shift & (DIGITS - 1)]++] = items[i];
  }
  return 1;
}

/* Sorts in place of one of two arrays; they change roles as needed. */
static void sort(struct item **items, struct item **spare, size_t n,
                 size_t *count) {
  for (unsigned i = 0; i < PASSES && n > 1; i++) {
    if (pass(*items, *spare, n, i * DIGIT_BITS, count)) {
      struct item *sorted = *spare;
      *spare = *items;
      *items = sorted;
    }
  }
}

/* Ranks by the human number are written into the items, which then get the
** judge's number as key. */
static void rank_human(struct jg_ranks *ranks, struct item *items,
                       const struct jg_point *point) {
  uint64_t last = 0;
  for (size_t i = 0; i < ranks->n; i++) {
    if (i > 0 && items[i].key != last) {
      ranks->humans++;
    }
    last = items[i].key;
    ranks->human_count[ranks->humans]++;
    items[i].other = (uint32_t)ranks->humans;
    items[i].key = key_of(point[items[i].point].judge);
  }
  ranks->humans += ranks->n > 0;
}

static void rank_judge(struct jg_ranks *ranks, const struct item *items) {
  for (size_t i = 0; i < ranks->n; i++) {
    if (i > 0 && items[i].key != items[i - 1].key) {
      ranks->judges++;
    }
    assert(i == 0 || items[i - 1].key <= items[i].key);
    ranks->judge_count[ranks->judges]++;
    ranks->judge[i] = (uint32_t)ranks->judges;
    ranks->human[i] = items[i].other;
  }
  ranks->judges += ranks->n > 0;
}

int jg_ranks_init(struct jg_ranks *ranks, const struct jg_series *series,
                  struct jg_err *err) {
  const struct jg_point *point = jg_series_points(series);
  size_t n = series->count;
  memset(ranks, 0, sizeof *ranks);
  if (n > INT32_MAX) { /* four times their fourth power fits 128 bits */
    return jg_err_set(err, JG_ERROR, "more than 2 billion pairs to rank");
  }
  struct item *items = jg_mem_new(n, sizeof *items, err);
  struct item *spare = jg_mem_new(n, sizeof *spare, err);
  size_t *count = jg_mem_new(DIGITS, sizeof *count, err);
  ranks->n = n;
  ranks->judge = jg_mem_new(n, sizeof *ranks->judge, err);
  ranks->human = jg_mem_new(n, sizeof *ranks->human, err);
  ranks->judge_count = jg_mem_new(n, sizeof *ranks->judge_count, err);
  ranks->human_count = jg_mem_new(n, sizeof *ranks->human_count, err);
  if (err->code == JG_OK) {
    for (size_t i = 0; i < n; i++) {
      items[i] = (struct item){key_of(point[i].human), (uint32_t)i, 0};
    }
    sort(&items, &spare, n, count);
    rank_human(ranks, items, point);
    sort(&items, &spare, n, count);
    rank_judge(ranks, items);
    assert(ranks->judges <= n && ranks->humans <= n);
    assert((n == 0) == (ranks->judges == 0 || ranks->humans == 0));
  } else {
    jg_ranks_dispose(ranks);
  }
  jg_mem_free(items);
  jg_mem_free(spare);
  jg_mem_free(count);
  return err->code;
}

void jg_ranks_dispose(struct jg_ranks *ranks) {
  jg_mem_free(ranks->judge);
  jg_mem_free(ranks->human);
  jg_mem_free(ranks->judge_count);
  jg_mem_free(ranks->human_count);
  memset(ranks, 0, sizeof *ranks);
}
