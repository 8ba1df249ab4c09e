/* Scalars: equality and order. */
#include "unit.h"
#include <math.h>
#include "core/value.h"

TEST(value_numbers_compare_by_value) {
  struct jg_value one = jg_value_int(1);
  struct jg_value one_real = jg_value_real(1.0);
  struct jg_value text = jg_value_lend("1");
  struct jg_value none = {.type = JG_NULL};

  CHECK(jg_value_equal(&one, &one_real));
  CHECK(!jg_value_equal(&one, &text));
  CHECK(!jg_value_equal(&none, &none));
  CHECK(!jg_value_equal(&none, &one));
}

TEST(value_large_integers_are_exact) {
  struct jg_value a = jg_value_int(INT64_C(9007199254740993));
  struct jg_value b = jg_value_real(9007199254740992.0);
  struct jg_value top = jg_value_int(INT64_MAX);
  struct jg_value above = jg_value_real(9223372036854775808.0);

  CHECK(!jg_value_equal(&a, &b));
  CHECK_INT(jg_value_compare(&a, &b), 1);
  CHECK_INT(jg_value_compare(&top, &above), -1);
  CHECK_INT(jg_value_compare(&above, &top), 1);
}

TEST(value_order_is_null_numbers_text) {
  const struct jg_value sorted[] = {
      {.type = JG_NULL},  jg_value_real(-INFINITY),
      jg_value_int(-2),   jg_value_real(-1.5),
      jg_value_int(0),    jg_value_real(0.5),
      jg_value_int(7),    jg_value_lend(""),
      jg_value_lend("B"), jg_value_lend("Bad"),
      jg_value_lend("a"), jg_value_lend("\xc3\xa4")};
  size_t count = sizeof sorted / sizeof sorted[0];
  size_t i, j;

  for (i = 0; i < count; i++) {
    for (j = 0; j < count; j++) {
      CHECK_INT(jg_value_compare(&sorted[i], &sorted[j]), i < j ? -1 : i > j);
    }
  }
}

TEST(value_nan_is_null) {
  CHECK_INT(jg_value_real((double)NAN).type, JG_NULL);
}

TEST(value_copy_owns_its_text) {
  struct jg_err err = {0};
  char text[] = "good";
  struct jg_value lent = jg_value_lend(text);
  struct jg_value copy;

  CHECK_INT(jg_value_copy(&copy, &lent, &err), JG_OK);
  text[0] = 'f';
  CHECK_TEXT(copy.text, "good");
  CHECK_INT(copy.len, 4);
  jg_value_dispose(&copy);
  CHECK_INT(copy.type, JG_NULL);
  jg_value_dispose(&copy);
  CHECK_INT(jg_value_lend(NULL).type, JG_NULL);
}
