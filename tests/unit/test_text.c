/* Text tools. */
#include "unit.h"
#include <string.h>
#include "core/text.h"

TEST(text_utf8_is_strict) {
  static const struct {
    const char *text;
    int good;
  } cases[] = {
      {"", 1},
      {"plain", 1},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 1},
      {"\xf4\x8f\xbf\xbf", 1},
      {"\xc0\x80", 0},         /* overlong */
      {"\xe0\x80\xaf", 0},     /* overlong */
      {"\xf0\x80\x80\xaf", 0}, /* overlong */
      {"\xed\xa0\x80", 0},     /* surrogate */
      {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
      {"\x80", 0},
      {"\xe2\x82", 0},
      {"\xff", 0},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_INT(jg_text_is_utf8(cases[i].text, strlen(cases[i].text)),
              cases[i].good);
  }
  CHECK_INT(jg_text_utf8_bytes("ab\xe2\x82", 4), 2);
}

TEST(text_cut_never_splits_a_character) {
  const char *text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"; /* 1 2 3 4 */
  static const size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  size_t i;

  for (i = 0; i < sizeof kept / sizeof kept[0]; i++) {
    CHECK_INT(jg_text_cut(text, 10, i), kept[i]);
  }
}

TEST(text_cut_of_a_text_that_ends_early) {
  CHECK_INT(jg_text_cut("ab\xe2\x82", 4, 4), 2);
}

TEST(text_same_ignores_ascii_case) {
  CHECK(jg_text_same("Safety", "sAFETY"));
  CHECK(!jg_text_same("safe", "safety"));
  CHECK(!jg_text_same("\xc3\xa4", "\xc3\x84"));
  CHECK(jg_text_same(NULL, NULL));
  CHECK(!jg_text_same(NULL, ""));
}

TEST(text_trim_lends_the_middle) {
  size_t bytes;
  const char *middle = jg_text_trim(" \t\na b\r ", 8, &bytes);

  CHECK_INT(bytes, 3);
  CHECK_INT(strncmp(middle, "a b", 3), 0);
  jg_text_trim("  ", 2, &bytes);
  CHECK_INT(bytes, 0);
}

TEST(text_distance_counts_slips) {
  static const struct {
    const char *a, *b;
    int distance;
  } cases[] = {{"", "", 0},
               {"abc", "abc", 0},
               {"abc", "ABC", 0},
               {"abc", "acb", 1},
               {"abc", "ab", 1},
               {"", "abc", 3},
               {"kitten", "sitting", 3},
               {"ca", "abc", 3}};
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_INT(jg_text_distance(cases[i].a, cases[i].b, 9), cases[i].distance);
    CHECK_INT(jg_text_distance(cases[i].b, cases[i].a, 9), cases[i].distance);
  }
  CHECK_INT(jg_text_distance("abcdef", "uvwxyz", 2), 3);
}

TEST(text_nearest_is_within_a_third) {
  static const char *const names[] = {"limit", "labels", "max_calls", "seed"};

  CHECK_TEXT(jg_text_nearest("limt", names, 4), "limit");
  CHECK_TEXT(jg_text_nearest("max_cals", names, 4), "max_calls");
  CHECK_TEXT(jg_text_nearest("SEED", names, 4), "seed");
  CHECK_TEXT(jg_text_nearest("sede", names, 4), "seed");
  CHECK_TEXT(jg_text_nearest("colour", names, 4), NULL);
  CHECK_TEXT(jg_text_nearest("x", names, 4), NULL);
  CHECK_TEXT(jg_text_nearest("limit", names, 0), NULL);
}

TEST(text_number_takes_whole_numbers_only) {
  static const struct {
    const char *text;
    int good;
    double x;
  } cases[] = {{"12", 1, 12},    {" 3.5e2 ", 1, 350}, {"-1", 1, -1},
               {"+2", 1, 2},     {".5", 1, 0.5},      {"5.", 1, 5},
               {"1E-2", 1, .01}, {"", 0, 0},          {"  ", 0, 0},
               {"1 2", 0, 0},    {"1x", 0, 0},        {"0x10", 0, 0},
               {"inf", 0, 0},    {"nan", 0, 0},       {"1e", 0, 0},
               {"-", 0, 0},      {".", 0, 0},         {"1,5", 0, 0},
               {"1e999", 0, 0},  {"1e+", 0, 0},       {"1e-999", 1, 0}};
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double x = 0;
    CHECK_INT(jg_text_number(cases[i].text, strlen(cases[i].text), &x),
              cases[i].good);
    CHECK_NEAR(x, cases[i].x, 1e-15);
  }
}

TEST(text_number_needs_no_terminator) {
  double x = 0;

  CHECK(jg_text_number("1234", 2, &x));
  CHECK_NEAR(x, 12, 0);
}
