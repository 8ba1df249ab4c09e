/* Exact sums of doubles; see exact.h for the promises. */
#include "stats/exact.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define DIGIT_BITS 32
#define DIGIT_MASK ((int64_t)0xffffffff)
#define LOWEST_EXPONENT 1088 /* digit 0 is worth 2^-1088 */
#define MOST_PENDING ((uint32_t)1 << 28)

/* Brings all digits but the highest into 0..2^32-1. */
static void carry_over(struct jg_exact *sum) {
  int64_t carry = 0;
  for (int i = 0; i < JG_EXACT_DIGITS - 1; i++) {
    int64_t digit = sum->digit[i] + carry;
    sum->digit[i] = digit & DIGIT_MASK;
    carry = (digit - sum->digit[i]) / (DIGIT_MASK + 1);
  }
  sum->digit[JG_EXACT_DIGITS - 1] += carry;
  sum->pending = 0;
}

static void add_signed(struct jg_exact *sum, double x, int taking) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  unsigned exponent = (unsigned)(bits >> 52) & 0x7ff;
  uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
  if (exponent == 0x7ff) {
    sum->odd += taking ? -1 : 1;
    return;
  }
  if (exponent == 0) {
    exponent = 1;
  } else {
    mantissa |= (uint64_t)1 << 52;
  }
  /* x = mantissa * 2^(exponent - 1075) */
  unsigned place = exponent + LOWEST_EXPONENT - 1075;
  unsigned shift = place % DIGIT_BITS;
  int64_t *digit = sum->digit + place / DIGIT_BITS;
  uint64_t low = (mantissa & (uint64_t)DIGIT_MASK) << shift;
  uint64_t high = (mantissa >> DIGIT_BITS) << shift;
  int64_t part[3] = {
      (int64_t)low & DIGIT_MASK,
      (int64_t)(low >> DIGIT_BITS) + ((int64_t)high & DIGIT_MASK),
      (int64_t)(high >> DIGIT_BITS),
  };
  int sign = (int)(bits >> 63) != taking ? -1 : 1;
  for (int i = 0; i < 3; i++) {
    digit[i] += sign * part[i];
  }
  if (++sum->pending >= MOST_PENDING) {
    carry_over(sum);
  }
}

void jg_exact_add(struct jg_exact *sum, double x) {
  add_signed(sum, x, 0);
}

void jg_exact_sub(struct jg_exact *sum, double x) {
  add_signed(sum, x, 1);
}

void jg_exact_add_product(struct jg_exact *sum, double a, double b) {
  double product = a * b;
  jg_exact_add(sum, product);
  if (isfinite(product)) {
    jg_exact_add(sum, fma(a, b, -product));
  }
}

void jg_exact_add_distance(struct jg_exact *sum, double a, double b, int sign) {
  assert(sign == 1 || sign == -1);
  /* Knuth's two-sum: a - b = s + rest exactly. */
  double s = a - b;
  if (!isfinite(s)) {
    sum->odd += sign;
    return;
  }
  double back = s - a;
  double rest = (a - (s - back)) - (b + back);
  /* s carries the sign of the whole: |rest| is at most half its last place. */
  int taking = (s < 0) != (sign < 0);
  add_signed(sum, s, taking);
  add_signed(sum, rest, taking);
}

void jg_exact_merge(struct jg_exact *to, const struct jg_exact *from) {
  struct jg_exact other = *from;
  carry_over(&other);
  carry_over(to);
  for (int i = 0; i < JG_EXACT_DIGITS; i++) {
    to->digit[i] += other.digit[i];
  }
  to->pending = 1;
  to->odd += other.odd;
}

/* The digits from top down as one number, the rest told by its last bit. */
static double round_once(const struct jg_exact *sum, int top) {
  uint64_t head = 0;
  assert(sum->pending == 0 && sum->digit[top] > 0); /* carried, positive */
  int exponent = (top + 1) * DIGIT_BITS - LOWEST_EXPONENT - 64;
  uint64_t next = top > 0 ? (uint64_t)sum->digit[top - 1] : 0;
  uint64_t last = top > 1 ? (uint64_t)sum->digit[top - 2] : 0;
  head = (uint64_t)sum->digit[top] << DIGIT_BITS | next;
  int rest = 0;
  for (int i = 0; i < top - 2; i++) {
    rest |= sum->digit[i] != 0;
  }
  /* Shift the first one bit up to the top, pulling bits of the third digit. */
  while (!(head >> 63)) {
    last <<= 1;
    head = head << 1 | (last >> DIGIT_BITS & 1);
    last &= (uint64_t)DIGIT_MASK;
    exponent--;
  }
  head |= rest || last != 0;
  return ldexp((double)head, exponent);
}

double jg_exact_value(const struct jg_exact *sum) {
  if (sum->odd != 0) {
    return NAN;
  }
  struct jg_exact copy = *sum;
  carry_over(&copy);
  int negative = copy.digit[JG_EXACT_DIGITS - 1] < 0;
  if (negative) {
    for (int i = 0; i < JG_EXACT_DIGITS; i++) {
      copy.digit[i] = -copy.digit[i];
    }
    carry_over(&copy);
  }
  int top = JG_EXACT_DIGITS - 1;
  while (top > 0 && copy.digit[top] == 0) {
    top--;
  }
  if (copy.digit[top] == 0) {
    return 0;
  }
  double value = round_once(&copy, top);
  return negative ? -value : value;
}
