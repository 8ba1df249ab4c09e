/*
** Scalars: copying, equality and order.
*/
#include "core/value.h"
#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"

#define TWO_TO_63 9223372036854775808.0

struct jg_value jg_value_int(int64_t x) {
  struct jg_value value = {.type = JG_INT, .integer = x, .real = (double)x};
  return value;
}

struct jg_value jg_value_real(double x) {
  struct jg_value value = {.type = JG_REAL, .real = x};
  if (isnan(x)) {
    value.type = JG_NULL; /* as SQLite has it */
    value.real = 0;
  }
  return value;
}

struct jg_value jg_value_lend(const char *text) {
  struct jg_value value = {.type = JG_NULL};
  if (text != NULL) {
    value.type = JG_TEXT;
    value.text = (char *)text;
    value.len = strlen(text);
  }
  return value;
}

int jg_value_copy(struct jg_value *to, const struct jg_value *from,
                  struct jg_err *err) {
  struct jg_value copy = *from;

  assert(from->type != JG_TEXT || from->text != NULL);
  memset(to, 0, sizeof *to);
  if (from->type == JG_TEXT) {
    copy.text = jg_mem_textn(from->text, from->len, err);
    if (copy.text == NULL) {
      return JG_NOMEM;
    }
  }
  *to = copy;
  return JG_OK;
}

void jg_value_dispose(struct jg_value *value) {
  if (value->type == JG_TEXT) {
    jg_mem_free(value->text);
  }
  memset(value, 0, sizeof *value);
}

/* Exact: a large integer is not rounded to a double first. */
static int compare_int_real(int64_t a, double b) {
  int64_t whole;

  if (b >= TWO_TO_63) {
    return -1;
  }
  if (b < -TWO_TO_63) {
    return 1;
  }
  whole = (int64_t)b; /* cuts toward zero */
  if (a != whole) {
    return a < whole ? -1 : 1;
  }
  return b > (double)whole ? -1 : b < (double)whole ? 1 : 0;
}

static int compare_numbers(const struct jg_value *a, const struct jg_value *b) {
  if (a->type == JG_INT && b->type == JG_INT) {
    return a->integer < b->integer ? -1 : a->integer > b->integer;
  }
  if (a->type == JG_INT) {
    return compare_int_real(a->integer, b->real);
  }
  if (b->type == JG_INT) {
    return -compare_int_real(b->integer, a->real);
  }
  return a->real < b->real ? -1 : a->real > b->real;
}

static int compare_texts(const struct jg_value *a, const struct jg_value *b) {
  size_t shared = a->len < b->len ? a->len : b->len;
  int order = shared == 0 ? 0 : memcmp(a->text, b->text, shared);

  if (order != 0) {
    return order < 0 ? -1 : 1;
  }
  return a->len < b->len ? -1 : a->len > b->len;
}

static int rank(const struct jg_value *value) {
  return value->type == JG_NULL ? 0 : value->type == JG_TEXT ? 2 : 1;
}

int jg_value_compare(const struct jg_value *a, const struct jg_value *b) {
  int ra = rank(a);
  int rb = rank(b);

  if (ra != rb) {
    return ra < rb ? -1 : 1;
  }
  return ra == 0 ? 0 : ra == 1 ? compare_numbers(a, b) : compare_texts(a, b);
}

int jg_value_equal(const struct jg_value *a, const struct jg_value *b) {
  return a->type != JG_NULL && jg_value_compare(a, b) == 0;
}
