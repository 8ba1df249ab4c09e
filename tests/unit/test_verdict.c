/* Answers of models: what passes, and the code of what does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "judge/verdict.h"
#include "unit.h"

/* What became of an answer: "value|rationale" or "CODE: message". */
static void parse(const char *type, const char *text, size_t bytes, char *out,
                  size_t out_bytes) {
  struct jg_err err = {0};
  struct jg_judge judge = {0};
  struct jg_verdict v;
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  jg_buf_init(&buf, 65536);
  judge.name = (char *)"q";
  CHECK_INT(jg_scale_parse(type, &judge.scale, &err), JG_OK);
  CHECK_INT(jg_verdict_parse(&judge, text, bytes, &v, &err), JG_OK);
  if (v.error_code == NULL) {
    CHECK(v.raw == NULL && v.error_message == NULL);
    jg_jsonw_value(&w, &v.value);
    jg_buf_printf(&buf, "|%s", v.rationale);
  } else {
    CHECK(v.raw != NULL && v.value.type == JG_NULL && v.rationale == NULL);
    jg_buf_printf(&buf, "%s: %s", v.error_code, v.error_message);
  }
  snprintf(out, out_bytes, "%s", jg_buf_text(&buf));
  jg_verdict_dispose(&v);
  jg_scale_dispose(&judge.scale);
  jg_buf_dispose(&buf);
}

TEST(verdict_reads_values_of_each_type) {
  static const struct {
    const char *type, *text, *got;
  } CASES[] = {
      {"str", "{\"result\":\"fine\",\"rationale\":\"r\"}", "\"fine\"|r"},
      {"str", "{\"result\":5}", "\"5\"|"},
      {"str", "{\"result\":0.5}", "\"0.5\"|"},
      {"bool", "{\"result\":true}", "1|"},
      {"bool", "{\"result\":false}", "0|"},
      {"bool", "{\"result\":\" Yes\"}", "1|"},
      {"bool", "{\"result\":\"FALSE\"}", "0|"},
      {"int", "{\"result\":4}", "4|"},
      {"int", "{\"result\":4.0}", "4|"},
      {"int", "{\"result\":\"4\"}", "4|"},
      {"float", "{\"result\":4}", "4.0|"},
      {"float", "{\"result\":\"0.25\"}", "0.25|"},
      {"[\"no\",\"yes\"]", "{\"result\":\"YES \"}", "\"yes\"|"},
      {"[1,2]", "{\"result\":2.0}", "2|"},
      {"[1,2]", "{\"result\":\"1\"}", "1|"},
      {"[\"1\",\"2\"]", "{\"result\":1}", "\"1\"|"},
      {"str", "{\"rationale\":\"first\",\"result\":\"x\"}", "\"x\"|first"},
      {"str", "{\"result\":\"x\",\"rationale\":null}", "\"x\"|"},
      {"str", "{\"result\":\"x\",\"rationale\":[\"a\", 1]}", "\"x\"|[\"a\",1]"},
      {"str", "{\"result\":\"x\",\"score\":1}", "\"x\"|"},
      {"str", " \n{\"result\":\"x\"}\n ", "\"x\"|"},
  };
  char got[4096];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    parse(CASES[i].type, CASES[i].text, strlen(CASES[i].text), got, sizeof got);
    CHECK_TEXT(got, CASES[i].got);
  }
}

TEST(verdict_takes_off_one_fence) {
  static const char *const GOOD[] = {
      "```json\n{\"result\":\"x\"}\n```",
      "```\n{\"result\":\"x\"}\n```",
      "```json {\"result\":\"x\"} ```",
      "```{\"result\":\"x\"}```",
      "\n ```JSON\r\n{\"result\":\"x\"}\r\n```\n\n",
  };
  static const char *const BAD[] = {
      "```json\n{\"result\":\"x\"}",
      "Here: ```json\n{\"result\":\"x\"}\n```",
      "```json\n{\"result\":\"x\"}\n``` done",
      "```json\n```json\n{\"result\":\"x\"}\n```\n```",
      "```json\n{\"result\":\"x\"}\n{\"result\":\"x\"}\n```",
      "``````",
      "```",
  };
  char got[4096];
  size_t i;
  for (i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    parse("str", GOOD[i], strlen(GOOD[i]), got, sizeof got);
    CHECK_TEXT(got, "\"x\"|");
  }
  for (i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    parse("str", BAD[i], strlen(BAD[i]), got, sizeof got);
    CHECK(strncmp(got, "INVALID_JSON: ", 14) == 0);
  }
}

/* Grammars of local servers let models write them. */
TEST(verdict_takes_raw_line_breaks_in_a_text) {
  static const struct {
    const char *answer, *expected;
  } CASES[] = {
      {"{\"result\":\"x\",\"rationale\":\"a\nb\r\n\tc\"}", "\"x\"|a\nb\r\n\tc"},
      {"{\n\t\"result\":\"x\",\r\n\"rationale\":\"\\\"\n\\\\\"}",
       "\"x\"|\"\n\\"},
      {"{\"result\":\"x\",\"rationale\":\"\\n\"}", "\"x\"|\n"},
  };
  char got[4096];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    parse("str", CASES[i].answer, strlen(CASES[i].answer), got, sizeof got);
    CHECK_TEXT(got, CASES[i].expected);
  }
}

TEST(verdict_refuses_what_is_not_one_object) {
  static const char *const CASES[] = {
      "",
      "   ",
      "Excellent",
      "{\"result\":\"x\"",
      "{\"result\":\"x\"} trailing",
      "{\"result\":\"x\"}{\"result\":\"y\"}",
      "{\"result\":\"x\",\"result\":\"y\"}",
      "{\"result\":\"x\",\"rationale\":\"a\",\"rationale\":\"b\"}",
      "{\"result\":\"\xff\"}",
      "{\"result\":\"a\\u0000b\"}",
      "{\"result\":\"x\",\"rationale\":\"a\\u0000\"}",
      "{\"result\":\"\\ud800\"}",
      "{\"result\":\"a\vb\"}",
      "{\"result\":01}",
      "{\"result\":NaN}",
      "{'result':'x'}",
      "{\"result\":\"x\",}",
      "[{\"result\":\"x\"}]",
      "\"x\"",
      "null",
      "true",
  };
  char got[4096];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    parse("str", CASES[i], strlen(CASES[i]), got, sizeof got);
    unit_check(strncmp(got, "INVALID_JSON: the answer is not one JSON object: ",
                       49) == 0,
               __FILE__, __LINE__, CASES[i]);
  }
  parse("str", "{\"result\":\"x\"}\0", 15, got, sizeof got);
  CHECK(strncmp(got, "INVALID_JSON: ", 14) == 0);
}

TEST(verdict_refuses_values_outside_the_type) {
  static const struct {
    const char *type, *text, *got;
  } CASES[] = {
      {"str", "{\"rationale\":\"r\"}",
       "MISSING_RESULT: the answer has no key \"result\": it must be an object "
       "with \"result\" and \"rationale\""},
      {"str", "{\"Result\":\"r\"}",
       "MISSING_RESULT: the answer has no key \"result\": it must be an object "
       "with \"result\" and \"rationale\""},
      {"str", "{\"result\":null}",
       "INVALID_VALUE: value 'null' of judge 'q' is no value: give a text"},
      {"str", "{\"result\":[\"x\"]}",
       "INVALID_VALUE: value '[\"x\"]' of judge 'q' is no value: give a text"},
      {"str", "{\"result\":true}",
       "INVALID_VALUE: value 'true' of judge 'q' is no value: give a text"},
      {"bool", "{\"result\":1}",
       "INVALID_VALUE: value 1 of judge 'q' is not a bool: use true or false "
       "(also yes or no, 1 or 0)"},
      {"bool", "{\"result\":\"1\"}",
       "INVALID_VALUE: value '1' of judge 'q' is not a bool: use true or false "
       "(also yes or no, 1 or 0)"},
      {"int", "{\"result\":4.5}",
       "INVALID_VALUE: value 4.5 of judge 'q' is not a whole number: the type "
       "is int"},
      {"int", "{\"result\":true}",
       "INVALID_VALUE: value 'true' of judge 'q' is not a whole number: the "
       "type is int"},
      {"float", "{\"result\":\"high\"}",
       "INVALID_VALUE: value 'high' of judge 'q' is not a number: the type is "
       "float"},
      {"[\"Bad\",\"Good\"]", "{\"result\":\"Great\"}",
       "INVALID_VALUE: value 'Great' of judge 'q' is not declared: use one of "
       "Bad, Good"},
      {"[\"no\",\"yes\"]", "{\"result\":true}",
       "INVALID_VALUE: value 'true' of judge 'q' is not declared: use one of "
       "no, yes"},
      {"[\"no\",\"yes\"]", "{\"result\":null}",
       "INVALID_VALUE: value 'null' of judge 'q' is not declared: use one of "
       "no, yes"},
  };
  char got[4096];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    parse(CASES[i].type, CASES[i].text, strlen(CASES[i].text), got, sizeof got);
    CHECK_TEXT(got, CASES[i].got);
  }
}

TEST(verdict_keeps_the_refused_text_valid_and_cut) {
  struct jg_err err = {0};
  struct jg_judge judge = {0};
  struct jg_verdict v;
  size_t bytes = 300000;
  char *text = malloc(bytes);
  CHECK(text != NULL);
  if (text == NULL) {
    return;
  }
  memset(text, 0xff, bytes);
  CHECK_INT(jg_verdict_parse(&judge, text, bytes, &v, &err), JG_OK);
  CHECK_TEXT(v.error_code, "INVALID_JSON");
  CHECK(strlen(v.raw) <= 100000 && strlen(v.raw) > 99990);
  jg_verdict_dispose(&v);
  CHECK_INT(jg_verdict_parse(&judge, "a\0b\xff", 4, &v, &err), JG_OK);
  CHECK_TEXT(v.raw, "a\xEF\xBF\xBD"
                    "b\xEF\xBF\xBD");
  jg_verdict_dispose(&v);
  free(text);
}

TEST(verdict_fail_holds_what_it_is_given) {
  struct jg_err err = {0};
  struct jg_verdict v;
  CHECK_INT(jg_verdict_fail(&v, "HTTP_500", "server error", NULL, &err), JG_OK);
  CHECK_TEXT(v.error_code, "HTTP_500");
  CHECK_TEXT(v.error_message, "server error");
  CHECK(v.raw == NULL && v.value.type == JG_NULL && v.rationale == NULL);
  jg_verdict_dispose(&v);
  CHECK(v.error_code == NULL);
}
