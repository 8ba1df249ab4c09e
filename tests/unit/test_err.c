/* Errors: the first wins, one line, cut at a character. */
#include "unit.h"
#include <string.h>
#include "core/err.h"
#include "core/text.h"

TEST(err_first_failure_wins) {
  struct jg_err err = {0};

  CHECK_INT(jg_err_set(&err, JG_ERROR, "first %d", 1), JG_ERROR);
  CHECK_INT(jg_err_set(&err, JG_INTERRUPTED, "second"), JG_ERROR);
  CHECK_INT(jg_err_nomem(&err), JG_ERROR);
  CHECK_TEXT(err.text, "first 1");
}

TEST(err_clear_makes_it_new) {
  struct jg_err err = {0};

  jg_err_set(&err, JG_SQLITE, "busy");
  err.sqlite_code = 5;
  jg_err_clear(&err);
  CHECK_INT(err.code, JG_OK);
  CHECK_INT(err.sqlite_code, 0);
  CHECK_TEXT(err.text, "");
  CHECK_INT(jg_err_nomem(&err), JG_NOMEM);
}

TEST(err_is_one_line) {
  struct jg_err err = {0};

  jg_err_set(&err, JG_ERROR, "a\nb\r\n%s", "c\td");
  CHECK_TEXT(err.text, "a b  c d");
}

TEST(err_is_text) {
  struct jg_err err = {0};

  jg_err_set(&err, JG_ERROR, "'%s' and '%s'", "\xff\xc3\xa4\xfe", "\xc3");
  CHECK_TEXT(err.text, "'?\xc3\xa4?' and '?'");
}

TEST(err_is_cut_at_a_character) {
  struct jg_err err = {0};
  char text[JG_ERR_BYTES + 100] = "x"; /* so that the cut falls inside one */
  size_t i;

  for (i = 1; i + 2 < sizeof text; i += 2) {
    memcpy(text + i, "\xc3\xa4", 3);
  }
  jg_err_set(&err, JG_ERROR, "%s", text);
  CHECK(jg_text_is_utf8(err.text, strlen(err.text)));
  CHECK(strlen(err.text) >= JG_ERR_BYTES - 4);
}

TEST(err_may_be_absent) {
  CHECK_INT(jg_err_set(NULL, JG_ERROR, "nobody asks"), JG_ERROR);
}

TEST(err_is_utf8_whatever_it_quotes) {
  struct jg_err err = {0};
  jg_err_set(&err, JG_ERROR, "no '%s'", "a\xff\xc3\xa9");
  CHECK_TEXT(err.text, "no 'a?\xc3\xa9'");
  jg_err_clear(&err);
  jg_err_set(&err, JG_ERROR, "no '%.2s'", "a\xc3\xa9");
  CHECK_TEXT(err.text, "no 'a?'");
}
