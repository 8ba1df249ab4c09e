/* The buffer: limit, sticky failure, numbers in every locale. */
#include "unit.h"
#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include "core/buf.h"
#include "core/mem.h"
#include "core/rng.h"
#include "core/text.h"

static const char *real_text(double x) {
  static char text[64];
  struct jg_buf buf;

  jg_buf_init(&buf, 1000);
  jg_buf_real(&buf, x);
  strcpy(text, jg_buf_text(&buf));
  jg_buf_dispose(&buf);
  return text;
}

static const char *fixed_text(double x, int digits) {
  static char text[400];
  struct jg_buf buf;

  jg_buf_init(&buf, 1000);
  jg_buf_fixed(&buf, x, digits);
  strcpy(text, jg_buf_text(&buf));
  jg_buf_dispose(&buf);
  return text;
}

TEST(buf_collects) {
  struct jg_err err = {0};
  struct jg_buf buf;
  char *text;

  jg_buf_init(&buf, 1000);
  jg_buf_puts(&buf, "a");
  jg_buf_puts(&buf, NULL);
  jg_buf_putc(&buf, 'b');
  jg_buf_add(&buf, "cdef", 2);
  jg_buf_printf(&buf, "%d%s", 12, "x");
  CHECK_TEXT(jg_buf_text(&buf), "abcd12x");
  CHECK_INT(buf.len, 7);
  text = jg_buf_take(&buf, &err);
  CHECK_TEXT(text, "abcd12x");
  CHECK_TEXT(jg_buf_text(&buf), "");
  jg_mem_free(text);
}

TEST(buf_taken_while_empty_is_an_empty_text) {
  struct jg_err err = {0};
  struct jg_buf buf;
  char *text;

  jg_buf_init(&buf, 10);
  text = jg_buf_take(&buf, &err);
  CHECK_TEXT(text, "");
  jg_mem_free(text);
}

TEST(buf_fails_at_its_limit_and_stays_failed) {
  struct jg_err err = {0};
  struct jg_buf buf;

  jg_buf_init(&buf, 4);
  jg_buf_puts(&buf, "abcd");
  CHECK_INT(jg_buf_check(&buf, &err), JG_OK);
  jg_buf_putc(&buf, 'e');
  jg_buf_clear(&buf);
  jg_buf_puts(&buf, "abcde");
  CHECK(jg_buf_take(&buf, &err) == NULL);
  CHECK_INT(err.code, JG_ERROR);
  jg_buf_puts(&buf, "a");
  CHECK_TEXT(jg_buf_text(&buf), "");
  jg_buf_dispose(&buf);
}

TEST(buf_real_is_short_and_has_a_point) {
  static const struct {
    double x;
    const char *text;
  } cases[] = {
      {0, "0.0"},
      {-0.0, "-0.0"},
      {1, "1.0"},
      {-3, "-3.0"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1e15, "1000000000000000.0"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {9007199254740993.0, "9007199254740992.0"},
      {DBL_MAX, "1.7976931348623157e+308"},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_TEXT(real_text(cases[i].x), cases[i].text);
  }
  CHECK_TEXT(real_text((double)NAN), "null");
  CHECK_TEXT(real_text(-(double)INFINITY), "null");
}

TEST(buf_real_reads_back) {
  struct jg_rng rng;
  int i;

  jg_rng_init(&rng, 1);
  for (i = 0; i < 20000; i++) {
    uint64_t bits = jg_rng_next(&rng);
    double x, y;
    const char *text;
    memcpy(&x, &bits, sizeof x);
    if (!isfinite(x)) {
      continue;
    }
    text = real_text(x);
    if (!jg_text_number(text, strlen(text), &y) || x != y) {
      CHECK_TEXT(text, "a text that reads back");
    }
  }
}

TEST(buf_fixed_has_its_decimals) {
  CHECK_TEXT(fixed_text(0.125, 2), "0.12");
  CHECK_TEXT(fixed_text(71.4, 1), "71.4");
  CHECK_TEXT(fixed_text(-2, 3), "-2.000");
  CHECK_TEXT(fixed_text(2.5, 0), "2");
  CHECK_TEXT(fixed_text((double)NAN, 2), "null");
  CHECK_INT(strlen(fixed_text(DBL_MAX, 60)), 309 + 61);
}

TEST(buf_numbers_ignore_the_locale) {
  double x = 0;

  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    SKIP("there is no locale de_DE.UTF-8");
  }
  CHECK_TEXT(localeconv()->decimal_point, ",");
  CHECK_TEXT(real_text(0.5), "0.5");
  CHECK_TEXT(fixed_text(0.5, 3), "0.500");
  CHECK(jg_text_number("2.5", 3, &x));
  CHECK_NEAR(x, 2.5, 0);
  CHECK(!jg_text_number("2,5", 3, &x));
  CHECK_TEXT(localeconv()->decimal_point, ","); /* the host's is as it was */
  setlocale(LC_ALL, "C");
}
