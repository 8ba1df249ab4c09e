/* Value types: declarations and every fault in them, fitting, order, schema. */
#include <string.h>
#include "core/mem.h"
#include "judge/scale.h"
#include "unit.h"

static const char *written(const struct jg_scale *scale, struct jg_buf *buf) {
  jg_buf_init(buf, 65536);
  jg_scale_write(scale, buf);
  return jg_buf_text(buf);
}

TEST(scale_reads_declarations) {
  static const struct {
    const char *given, *stored;
  } CASES[] = {
      {NULL, "str"},
      {"", "str"},
      {"  ", "str"},
      {"bool", "bool"},
      {" Float ", "float"},
      {"\"int\"", "int"},
      {"\" str \"", "str"},
      {"[\"Bad\",\"Good\"]", "[\"Bad\",\"Good\"]"},
      {"[ \" Bad \" , \"Good\" ]", "[\"Bad\",\"Good\"]"},
      {"[1,2,3]", "[1,2,3]"},
      {"[0.5,1]", "[0.5,1]"},
      {"[\"one\"]", "[\"one\"]"},
      {"[\"1\",\"01\"]", "[\"1\",\"01\"]"},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err = {0};
    struct jg_scale scale, copy;
    struct jg_buf buf;
    CHECK_INT(jg_scale_parse(CASES[i].given, &scale, &err), JG_OK);
    CHECK_TEXT(written(&scale, &buf), CASES[i].stored);
    jg_buf_dispose(&buf);
    CHECK_INT(jg_scale_copy(&copy, &scale, &err), JG_OK);
    jg_scale_dispose(&scale);
    CHECK_TEXT(written(&copy, &buf), CASES[i].stored);
    jg_buf_dispose(&buf);
    jg_scale_dispose(&copy);
  }
}

TEST(scale_names_each_fault_of_a_declaration) {
  static const struct {
    const char *given, *part;
  } CASES[] = {
      {"boolean", "feedback_value_type 'boolean' is unknown (did you mean "
                  "'bool'?)"},
      {"flaot", "did you mean 'float'?"},
      {"elephant", "feedback_value_type 'elephant' is unknown: use str"},
      {"true", "feedback_value_type 'true' is unknown"},
      {"12", "feedback_value_type '12' is unknown"},
      {"list[str]", "feedback_value_type 'list[str]' is not supported yet"},
      {"\"dict\"", "'dict' is not supported yet"},
      {"object", "'object' is not supported yet"},
      {"{\"a\":\"int\"}", "as a JSON object is not supported yet"},
      {"[]", "is an empty list"},
      {"[\"a\",", "is not valid JSON"},
      {"[\"yes\",\" YES \"]", "holds 'YES' twice"},
      {"[1,1.0]", "twice"},
      {"[1,\"2\"]", "mixes texts and numbers"},
      {"[true,false]", "holds true: use the type bool"},
      {"[[\"a\"]]", "holds a list"},
      {"[{\"a\":1}]", "holds an object"},
      {"[null]", "holds null"},
      {"[\"a\",\"  \"]", "holds an empty text"},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err = {0};
    struct jg_scale scale;
    CHECK_INT(jg_scale_parse(CASES[i].given, &scale, &err), JG_ERROR);
    unit_check(strstr(err.text, CASES[i].part) != NULL, __FILE__, __LINE__,
               err.text);
    CHECK_INT(scale.count, 0);
  }
}

/* Fits given to the declared type; the result as JSON in out, or the error. */
static void fit(const char *type, struct jg_value given, char *out,
                size_t bytes) {
  struct jg_err err = {0};
  struct jg_scale scale;
  struct jg_value value;
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  jg_buf_init(&buf, 65536);
  CHECK_INT(jg_scale_parse(type, &scale, &err), JG_OK);
  if (jg_scale_fit(&scale, "q", &given, &value, &err) == JG_OK) {
    jg_jsonw_value(&w, &value);
    strncpy(out, jg_buf_text(&buf), bytes - 1);
    jg_value_dispose(&value);
  } else {
    strncpy(out, err.text, bytes - 1);
  }
  out[bytes - 1] = 0;
  jg_buf_dispose(&buf);
  jg_scale_dispose(&scale);
}

TEST(scale_fits_texts) {
  static const struct {
    const char *type, *given, *fitted;
  } CASES[] = {
      {"str", " any thing ", "\" any thing \""},
      {"str", "", "\"\""},
      {"bool", " YES", "1"},
      {"bool", "false", "0"},
      {"bool", "0", "0"},
      {"bool", "maybe",
       "value 'maybe' of judge 'q' is not a bool: use true or "
       "false (also yes or no, 1 or 0)"},
      {"int", " 4 ", "4"},
      {"int", "-12", "-12"},
      {"int", "4.0", "4"},
      {"int", "1e3", "1000"},
      {"int", "123456789012345678", "123456789012345678"},
      {"int", "4.5",
       "value '4.5' of judge 'q' is not a whole number: the type "
       "is int"},
      {"int", "",
       "value '' of judge 'q' is not a whole number: the type is "
       "int"},
      {"int", "-",
       "value '-' of judge 'q' is not a whole number: the type is "
       "int"},
      {"float", "2.5", "2.5"},
      {"float", "2", "2.0"},
      {"float", "two",
       "value 'two' of judge 'q' is not a number: the type is "
       "float"},
      {"float", "nan",
       "value 'nan' of judge 'q' is not a number: the type is "
       "float"},
      {"[\"Bad\",\"Could be Improved\"]", " could BE improved ",
       "\"Could be Improved\""},
      {"[\"Bad\",\"Good\"]", "Great",
       "value 'Great' of judge 'q' is not declared: use one of Bad, Good"},
      {"[\"Bad\",\"Good\"]", "line\nbreak",
       "value 'line break' of judge 'q' is not declared: use one of Bad, Good"},
      {"[1,2,3]", "2", "2"},
      {"[1,2,3]", " 2.0 ", "2"},
      {"[1,2.5]", "2.5", "2.5"},
      {"[1,2,3]", "x",
       "value 'x' of judge 'q' is not declared: use one of 1, "
       "2, 3"},
  };
  char got[JG_ERR_BYTES];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    fit(CASES[i].type, jg_value_lend(CASES[i].given), got, sizeof got);
    CHECK_TEXT(got, CASES[i].fitted);
  }
}

TEST(scale_fits_numbers) {
  static const struct {
    const char *type;
    double given;
    int whole;
    const char *fitted;
  } CASES[] = {
      {"str", 5, 1, "\"5\""},
      {"str", 0.5, 0, "\"0.5\""},
      {"bool", 1, 1, "1"},
      {"bool", 0, 0, "0"},
      {"bool", 2, 1,
       "value 2 of judge 'q' is not a bool: use true or false "
       "(also yes or no, 1 or 0)"},
      {"int", 3, 0, "3"},
      {"int", 1e300, 0,
       "value 1e+300 of judge 'q' is not a whole number: the "
       "type is int"},
      {"float", 3, 1, "3.0"},
      {"[\"1\",\"2\"]", 2, 1, "\"2\""},
      {"[1,2]", 2, 0, "2"},
      {"[1,2]", 3, 1, "value 3 of judge 'q' is not declared: use one of 1, 2"},
  };
  char got[JG_ERR_BYTES];
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    fit(CASES[i].type,
        CASES[i].whole ? jg_value_int((int64_t)CASES[i].given)
                       : jg_value_real(CASES[i].given),
        got, sizeof got);
    CHECK_TEXT(got, CASES[i].fitted);
  }
}

TEST(scale_fit_refuses_null_and_long_lists_stay_readable) {
  struct jg_value null = {0};
  struct jg_err err = {0};
  struct jg_scale scale;
  struct jg_value given = jg_value_lend("z");
  struct jg_value out;
  char type[4096] = "[0";
  char got[JG_ERR_BYTES];
  int i;
  fit("str", null, got, sizeof got);
  CHECK_TEXT(got, "value NULL of judge 'q' is no value: give a text");
  for (i = 1; i < 50; i++) {
    size_t n = strlen(type);
    type[n++] = ',';
    type[n++] = (char)('0' + (i / 10));
    type[n] = 0;
    if (i < 10) {
      n--;
    }
    type[n++] = (char)('0' + (i % 10));
    type[n] = 0;
  }
  strcat(type, "]");
  CHECK_INT(jg_scale_parse(type, &scale, &err), JG_OK);
  CHECK_INT(scale.count, 50);
  CHECK_INT(jg_scale_fit(&scale, NULL, &given, &out, &err), JG_ERROR);
  CHECK(strstr(err.text, "value 'z' is not declared") != NULL);
  CHECK(strstr(err.text, "and 30 more") != NULL);
  jg_scale_dispose(&scale);
}

TEST(scale_knows_order_and_negatives) {
  static const struct {
    const char *type, *value; /* value NULL: the integer */
    int integer, position, negative, ordered;
  } CASES[] = {
      {"[\"no\",\"yes\"]", "no", 0, 0, 1, 0},
      {"[\"no\",\"yes\"]", "yes", 0, 1, 0, 0},
      {"[\"a\",\"b\",\"c\"]", "a", 0, 0, 1, 1},
      {"[\"a\",\"b\",\"c\"]", "b", 0, 1, 0, 1},
      {"[\"a\",\"b\",\"c\",\"d\"]", "b", 0, 1, 1, 1},
      {"[\"a\",\"b\",\"c\",\"d\"]", "c", 0, 2, 0, 1},
      {"[\"a\",\"b\"]", "B", 0, -1, 0, 0}, /* only the declared spelling */
      {"[1,2,3]", NULL, 3, 2, 0, 1},
      {"[\"one\"]", "one", 0, 0, 0, 0},
      {"bool", NULL, 0, 0, 1, 0},
      {"bool", NULL, 1, 1, 0, 0},
      {"int", NULL, 0, -1, 1, 1},
      {"int", NULL, 4, -1, 0, 1},
      {"float", NULL, 0, -1, 1, 1},
      {"str", "No", 0, -1, 1, 0},
      {"str", "false", 0, -1, 1, 0},
      {"str", "none", 0, -1, 0, 0},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err = {0};
    struct jg_scale scale;
    struct jg_value value = CASES[i].value != NULL
                                ? jg_value_lend(CASES[i].value)
                                : jg_value_int(CASES[i].integer);
    CHECK_INT(jg_scale_parse(CASES[i].type, &scale, &err), JG_OK);
    CHECK_INT(jg_scale_position(&scale, &value), CASES[i].position);
    CHECK_INT(jg_scale_is_negative(&scale, &value), CASES[i].negative);
    CHECK_INT(jg_scale_is_ordered(&scale), CASES[i].ordered);
    jg_scale_dispose(&scale);
  }
}

TEST(scale_words_and_schemas) {
  static const struct {
    const char *type, *word, *schema;
  } CASES[] = {
      {"str", "str", "{\"type\":\"string\",\"description\":\"d\"}"},
      {"bool", "bool", "{\"type\":\"boolean\",\"description\":\"d\"}"},
      {"int", "int", "{\"type\":\"integer\",\"description\":\"d\"}"},
      {"float", "float", "{\"type\":\"number\",\"description\":\"d\"}"},
      {"[\"a\",\"b\"]", "int",
       "{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"description\":\"d\"}"},
      {"[1,2]", "int",
       "{\"type\":\"integer\",\"enum\":[1,2],\"description\":\"d\"}"},
      {"[1,2.5]", "int",
       "{\"type\":\"number\",\"enum\":[1,2.5],\"description\":\"d\"}"},
  };
  struct jg_value one = jg_value_int(1);
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err = {0};
    struct jg_scale scale;
    struct jg_buf buf;
    struct jg_jsonw w = {.to = &buf};
    jg_buf_init(&buf, 65536);
    CHECK_INT(jg_scale_parse(CASES[i].type, &scale, &err), JG_OK);
    CHECK_TEXT(jg_scale_word(&scale, &one), CASES[i].word);
    jg_scale_schema(&scale, "d", &w);
    CHECK_TEXT(jg_buf_text(&buf), CASES[i].schema);
    jg_buf_dispose(&buf);
    jg_scale_dispose(&scale);
  }
}
