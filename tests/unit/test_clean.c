/* Text made fit to be shown or sent. */
#include <string.h>
#include "judge/clean.h"
#include "unit.h"

#define BAD "\xEF\xBF\xBD"

TEST(clean_replaces_what_is_no_utf8) {
  static const struct {
    const char *given;
    size_t bytes;
    const char *clean, *line;
  } CASES[] = {
      {"", 0, "", ""},
      {"plain", 5, "plain", "plain"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9,
       "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
       "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"a\xff"
       "b",
       3, "a" BAD "b", "a" BAD "b"},
      {"\xc3", 1, BAD, BAD},
      {"\xe2\x82", 2, BAD BAD, BAD BAD},
      {"\xed\xa0\x80", 3, BAD BAD BAD, BAD BAD BAD}, /* a surrogate */
      {"\xc0\xaf", 2, BAD BAD, BAD BAD},             /* overlong */
      {"a\0b", 3, "a" BAD "b", "a b"},
      {"a\r\n\tb\n", 6, "a\r\n\tb\n", "a b "},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_buf clean, line;
    size_t bytes = CASES[i].bytes;
    jg_buf_init(&clean, 4096);
    jg_buf_init(&line, 4096);
    jg_clean_add(&clean, CASES[i].given, bytes);
    jg_clean_line(&line, CASES[i].given, bytes);
    CHECK_TEXT(jg_buf_text(&clean), CASES[i].clean);
    CHECK_TEXT(jg_buf_text(&line), CASES[i].line);
    jg_buf_dispose(&clean);
    jg_buf_dispose(&line);
  }
}

TEST(clean_cuts_for_messages) {
  char text[200];
  struct jg_buf out;
  memset(text, 'x', sizeof text);
  jg_buf_init(&out, 4096);
  jg_clean_brief(&out, text, sizeof text);
  CHECK_INT(out.len, 83);
  CHECK_TEXT(jg_buf_text(&out) + 80, "...");
  jg_buf_dispose(&out);
}
