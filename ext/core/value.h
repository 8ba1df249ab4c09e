/*
** A scalar as SQL knows it. Equality: numbers by value (1 = 1.0), text by
** bytes, a number never equals a text, NULL equals nothing.
*/
#ifndef JG_CORE_VALUE_H
#define JG_CORE_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"

enum jg_value_type { JG_NULL = 0, JG_INT, JG_REAL, JG_TEXT };

struct jg_value {
  enum jg_value_type type;
  int64_t integer;
  double real; /* also set for JG_INT, so that numbers compare simply */
  char *text;  /* terminated; owned when made by jg_value_copy/_text */
  size_t len;  /* bytes of text */
};

struct jg_value jg_value_int(int64_t x);
struct jg_value jg_value_real(double x);
/* Lends text; do not dispose of it. */
struct jg_value jg_value_lend(const char *text);
int jg_value_copy(struct jg_value *to, const struct jg_value *from,
                  struct jg_err *err);
void jg_value_dispose(struct jg_value *value); /* leaves NULL */
int jg_value_equal(const struct jg_value *a, const struct jg_value *b);
/* Order: NULL, numbers, text by bytes. For sorting, not for scales. */
int jg_value_compare(const struct jg_value *a, const struct jg_value *b);

#endif
