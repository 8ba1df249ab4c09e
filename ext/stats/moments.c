/* Exact sums over pairs of numbers; see moments.h. */
#include "stats/moments.h"

#include <assert.h>
#include <math.h>

/* An exact sum as doubles that add up to it: 6 of them hold 318 bits. */
#define TERMS 6

/* A number whose square is no double: counted, so that it can be taken back. */
static void mark(struct jg_moments *moments, int sign) {
  moments->x.odd += sign;
  moments->y.odd += sign;
  moments->xx.odd += sign;
  moments->yy.odd += sign;
  moments->xy.odd += sign;
}

void jg_moments_move(struct jg_moments *moments, double x, double y, int sign) {
  assert(sign == 1 || sign == -1);
  double s = sign;
  jg_exact_add_distance(&moments->distance, x, y, sign);
  if (!isfinite(x * x) || !isfinite(y * y)) {
    mark(moments, sign);
    return;
  }
  jg_exact_add(&moments->x, s * x);
  jg_exact_add(&moments->y, s * y);
  jg_exact_add_product(&moments->xx, s * x, x);
  jg_exact_add_product(&moments->yy, s * y, y);
  jg_exact_add_product(&moments->xy, s * x, y);
}

/* By doubling: one pair, two, four, ... */
void jg_moments_add_times(struct jg_moments *moments, double x, double y,
                          uint64_t times) {
  struct jg_moments power = {.x = {.odd = 0}};
  jg_moments_move(&power, x, y, 1);
  for (; times > 0; times >>= 1) {
    if (times & 1) {
      jg_moments_merge(moments, &power);
    }
    jg_moments_merge(&power, &power);
  }
}

void jg_moments_merge(struct jg_moments *to, const struct jg_moments *from) {
  jg_exact_merge(&to->x, &from->x);
  jg_exact_merge(&to->y, &from->y);
  jg_exact_merge(&to->xx, &from->xx);
  jg_exact_merge(&to->yy, &from->yy);
  jg_exact_merge(&to->xy, &from->xy);
  jg_exact_merge(&to->distance, &from->distance);
}

static int split(const struct jg_exact *sum, double term[TERMS]) {
  struct jg_exact rest = *sum;
  int count = 0;
  while (count < TERMS) {
    double value = jg_exact_value(&rest);
    if (value == 0) {
      break;
    }
    term[count++] = value;
    if (!isfinite(value)) {
      break;
    }
    jg_exact_sub(&rest, value);
  }
  return count;
}

/* n * products - a * b, rounded once. */
static double central(const struct jg_exact *products, double n,
                      const struct jg_exact *a, const struct jg_exact *b) {
  struct jg_exact sum = {0};
  double p[TERMS];
  double q[TERMS];
  int count = split(products, p);
  for (int i = 0; i < count; i++) {
    jg_exact_add_product(&sum, p[i], n);
  }
  count = split(a, p);
  int other = split(b, q);
  for (int i = 0; i < count; i++) {
    for (int j = 0; j < other; j++) {
      jg_exact_add_product(&sum, -p[i], q[j]);
    }
  }
  return jg_exact_value(&sum);
}

/* to -= from. */
static void take(struct jg_exact *to, const struct jg_exact *from) {
  struct jg_exact negative = {0};
  double term[TERMS];
  int count = split(from, term);
  for (int i = 0; i < count; i++) {
    jg_exact_sub(&negative, term[i]);
  }
  jg_exact_merge(to, &negative);
}

void jg_moments_read(const struct jg_moments *moments, uint64_t n,
                     struct jg_spread *out) {
  assert(n > 0);
  double count = (double)n;
  struct jg_exact d = moments->x;
  struct jg_exact squares = moments->xx;
  take(&d, &moments->y);
  jg_exact_merge(&squares, &moments->yy);
  take(&squares, &moments->xy);
  take(&squares, &moments->xy);
  out->n = count;
  out->x = jg_exact_value(&moments->x) / count;
  out->y = jg_exact_value(&moments->y) / count;
  out->xx = central(&moments->xx, count, &moments->x, &moments->x) / count;
  out->yy = central(&moments->yy, count, &moments->y, &moments->y) / count;
  out->xy = central(&moments->xy, count, &moments->x, &moments->y) / count;
  out->difference = jg_exact_value(&d) / count;
  out->squares = jg_exact_value(&squares);
  out->dd = central(&squares, count, &d, &d) / count;
  out->distance = jg_exact_value(&moments->distance);
}
