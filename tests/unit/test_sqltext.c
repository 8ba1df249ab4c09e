/* SQL text in pieces, as SQLite's tokenizer cuts it. */
#include "unit.h"
#include <string.h>
#include "core/sqltext.h"

TEST(sqltext_pieces_are_those_of_sqlite) {
  static const struct {
    const char *sql;
    const char *kinds; /* one letter a piece */
  } CASES[] = {
      {"", ""},
      {"a1$ _b \xc3\xa4", "WSWSW"},
      {"1.5", "WOW"},
      {"'it''s'", "Q"},
      {"\"a\"\"b\"`c`[d'e]", "QQQ"},
      {"x'00'", "WQ"},
      {"'open", "U"},
      {"[open", "U"},
      {"-- to the end", "S"},
      {"-- a\nb", "SSW"},
      {"a-b", "WOW"},
      {"a->>'$'", "WOOOQ"},
      {"/* ( */b", "SW"},
      {"/*/ b */", "S"},
      {"/* open", "U"},
      {"a/b", "WOW"},
      {"f(1);", "W(W);"},
      {"?12 ?", "PSP"},
      {"?1(", "P("},
      {"@a :b $c #1", "PSPSPSP"},
      {"$a(')", "P"},
      {"$a::b(x)c", "PW"},
      {"$a(' '", "PSU"},
      {"$(", "P("},
      {"a$b(", "W("},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
    struct jg_sqltext piece;
    char kinds[16] = "";
    size_t n = 0;
    for (const char *at = CASES[i].sql;
         (at = jg_sqltext_next(at, &piece)) != NULL && n < 15;) {
      kinds[n++] = "SWQP();OU"[piece.kind];
    }
    CHECK_TEXT(kinds, CASES[i].kinds);
  }
}

TEST(sqltext_pieces_are_the_whole_text) {
  const char *sql = "SELECT '(' /* ) */ , $a(') FROM [x;y] -- end";
  size_t bytes = 0;
  struct jg_sqltext piece;
  for (const char *at = sql; (at = jg_sqltext_next(at, &piece)) != NULL;) {
    CHECK(piece.at == sql + bytes);
    bytes += piece.bytes;
  }
  CHECK_INT(bytes, strlen(sql));
}

TEST(sqltext_tells_what_is_no_expression) {
  static const struct {
    const char *sql, *fault;
  } CASES[] = {
      {"state = 'OK' AND (a OR b)", NULL},
      {"a -- ) the rest", NULL},
      {"')' || [)] || \";\"", NULL},
      {"", "it is empty"},
      {"  /* x */ -- y", "it is empty"},
      {"1) UNION SELECT (2", "a closing parenthesis has no opening one"},
      {"(1", "a parenthesis is not closed"},
      {"1; DROP TABLE t", "a semicolon cannot be part of an expression"},
      {"1 /* open", "a quote or comment does not end"},
      {"'open", "a quote or comment does not end"},
      {"1 = $a(')) UNION SELECT f() --'",
       "a parameter has no value here: write the value itself"},
      {"x = @judge", "a parameter has no value here: write the value itself"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
    CHECK_TEXT(jg_sqltext_expression_fault(CASES[i].sql), CASES[i].fault);
  }
}

TEST(sqltext_tells_what_is_no_select) {
  static const struct {
    const char *sql, *fault;
  } CASES[] = {
      {"SELECT 1", NULL},
      {" /* so */ with t AS (SELECT 1) SELECT * FROM t;  -- end", NULL},
      {"VALUES (1), (2)", NULL},
      {"", "it must be one SELECT"},
      {"PRAGMA foreign_keys = 0", "it must be one SELECT"},
      {"EXPLAIN SELECT 1", "it must be one SELECT"},
      {"selected", "it must be one SELECT"},
      {"SELECT 1; SELECT 2", "it must be one SELECT"},
      {"SELECT ?1", "a parameter has no value here: write the value itself"},
      {"SELECT 'a", "a quote or comment does not end"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
    CHECK_TEXT(jg_sqltext_select_fault(CASES[i].sql), CASES[i].fault);
  }
}

TEST(sqltext_finds_calls) {
  CHECK(jg_sqltext_calls("SELECT judge_eval ('a', b)", "judge_eval"));
  CHECK(jg_sqltext_calls("SELECT JUDGE_EVAL/**/(a)", "judge_eval"));
  CHECK(!jg_sqltext_calls("SELECT 'judge_eval('", "judge_eval"));
  CHECK(!jg_sqltext_calls("SELECT * FROM \"judge_eval\"(1)", "judge_eval"));
  CHECK(!jg_sqltext_calls("SELECT 1 -- judge_eval(", "judge_eval"));
  CHECK(!jg_sqltext_calls("SELECT my_judge_eval(1)", "judge_eval"));
  CHECK(!jg_sqltext_calls("SELECT judge_eval, (1)", "judge_eval"));
  CHECK(!jg_sqltext_calls("INSERT INTO judge_eval(a)", "judge_eval"));
  CHECK(!jg_sqltext_calls("INSERT INTO main . judge_eval(a)", "judge_eval"));
}
