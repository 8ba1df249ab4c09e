/* What strict JSON is, and what each refusal says. */
#include "unit.h"
#include <string.h>
#include "core/json.h"
#include "core/json_scan.h"

TEST(json_scan_takes_json) {
  static const char *const texts[] = {
      "null",
      "true",
      " false ",
      "0",
      "-0",
      "1.5e-3",
      "\"\"",
      "[]",
      "{}",
      "[1,2,[3]]",
      "{\"a\":{\"a\":1},\"b\":[]}\n",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"",
      "\"\xc3\xa4\"",
      "[\t1 ,\r\n2 ]",
      "1e308",
      "{\"a\":1,\"A\":2}",
      "{\"\":1}"};
  size_t i;

  for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct jg_err err = {0};
    CHECK_INT(jg_json_scan(texts[i], strlen(texts[i]), &err), JG_OK);
    CHECK_TEXT(err.text, "");
  }
}

TEST(json_scan_says_what_is_wrong_and_where) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "0: the text ends too early"},
      {"[1", "2: a comma or ] was expected"},
      {"[1,]", "3: a value was expected"},
      {"{\"a\" 1}", "5: a colon was expected after a key"},
      {"{a:1}", "1: a key in double quotes was expected"},
      {"{\"a\":1,}", "7: a key in double quotes was expected"},
      {"{\"a\":1 \"b\":2}", "7: a comma or } was expected"},
      {"{} x", "3: something follows after the value"},
      {"nul", "0: a value was expected"},
      {"'a'", "0: a value was expected"},
      {"\"ab", "0: the text that begins here does not end"},
      {"\"a\nb\"", "2: a raw control character in a text"},
      {"\"a\\x\"", "2: unknown escape in a text"},
      {"\"\\u12g4\"", "1: \\u needs four hex digits"},
      {"\"\\u0000\"", "1: \\u0000 is not allowed in a text"},
      {"\"\\ud800\"", "1: half of a surrogate pair is alone"},
      {"\"\\ud800\\u0041\"", "1: half of a surrogate pair is alone"},
      {"\"\\udc00\"", "1: half of a surrogate pair is alone"},
      {"01", "0: a number must not begin with 0"},
      {"-", "0: a number needs a digit after its sign"},
      {"1.", "0: a number needs a digit after its point"},
      {"1e", "0: a number needs a digit in its exponent"},
      {"[1e999]", "1: a number is too large"},
      {"\"\xff\"", "1: invalid UTF-8"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "13: a key appears twice in its object"},
      {"{\"\xc3\xa4\":1,\"\\u00e4\":2}",
       "8: a key appears twice in its object"},
      {"{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}",
       "10: a key appears twice in its object"},
      {"[{\"x\":{\"k\":1,\"k\":1}}]", "13: a key appears twice in its object"},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct jg_err err = {0};
    CHECK_INT(jg_json_scan(cases[i].text, strlen(cases[i].text), &err),
              JG_ERROR);
    CHECK_INT(strncmp(err.text, "invalid JSON at byte ", 21), 0);
    CHECK_TEXT(err.text + 21, cases[i].message);
  }
}

TEST(json_scan_refuses_byte_zero) {
  struct jg_err err = {0};

  CHECK_INT(jg_json_scan("\"a\0b\"", 5, &err), JG_ERROR);
  jg_err_clear(&err);
  CHECK_INT(jg_json_scan("1\0", 2, &err), JG_ERROR);
}

/* The text ends where it says, whatever stands behind it in memory. */
TEST(json_scan_reads_no_further_than_its_text) {
  static const char text[] = "\"\\u0041\\ud83d\\ude00\"";
  for (size_t bytes = 1; bytes < sizeof text; bytes++) {
    struct jg_err err = {0};
    CHECK_INT(jg_json_scan(text, bytes, &err),
              bytes == sizeof text - 1 ? JG_OK : JG_ERROR);
  }
  for (size_t bytes = 3; bytes < 7; bytes++) { /* within the first escape */
    struct jg_err err = {0};
    jg_json_scan(text, bytes, &err);
    CHECK_TEXT(err.text, "invalid JSON at byte 1: \\u needs four hex digits");
  }
}

TEST(json_scan_bounds_the_depth) {
  char text[2 * (JG_JSON_DEPTH + 1)];
  struct jg_err err = {0};
  int depth;

  for (depth = JG_JSON_DEPTH; depth <= JG_JSON_DEPTH + 1; depth++) {
    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    CHECK_INT(jg_json_scan(text, 2 * (size_t)depth, &err),
              depth == JG_JSON_DEPTH ? JG_OK : JG_ERROR);
  }
  CHECK_TEXT(err.text, "invalid JSON at byte 64: nested deeper than 64 levels");
}

TEST(json_scan_refuses_numbers_that_cjson_would_cut) {
  char text[80];
  struct jg_err err = {0};

  memset(text, '1', sizeof text);
  CHECK_INT(jg_json_scan(text, 63, &err), JG_OK);
  CHECK_INT(jg_json_scan(text, 64, &err), JG_ERROR);
}
