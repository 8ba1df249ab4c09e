/* Options: read by a table; what is wrong is named. */
#include "unit.h"
#include <string.h>
#include "core/json.h"
#include "core/options.h"

struct sample {
  int redo;
  int64_t limit;
  double share;
  const char *labels;
  const char *where;
  const struct jg_json *rows;
  struct jg_sql by;
};

static const struct jg_option TABLE[] = {
    {"redo", JG_OPTION_BOOL, offsetof(struct sample, redo), 0, 0, 0},
    {"limit", JG_OPTION_INT, offsetof(struct sample, limit), 1, INT64_MAX, 0},
    {"share", JG_OPTION_REAL, offsetof(struct sample, share), 0, 1, 0},
    {"labels", JG_OPTION_TEXT, offsetof(struct sample, labels), 0, 0,
     "auto|latest"},
    {"where", JG_OPTION_TEXT, offsetof(struct sample, where), 0, 0, 0},
    {"by", JG_OPTION_SQL, offsetof(struct sample, by), 0, 0, 0},
    {"rows", JG_OPTION_JSON, offsetof(struct sample, rows), 0, 0, 0},
};

static int read_sample(const char *text, struct sample *into,
                       struct jg_json **keep, struct jg_err *err) {
  return jg_options_read("judge_run", text, text == NULL ? 0 : strlen(text),
                         TABLE, sizeof TABLE / sizeof TABLE[0], into, keep,
                         err);
}

TEST(options_fill_the_fields) {
  struct sample got = {.limit = 10, .labels = "auto"};
  struct jg_err err = {0};
  struct jg_json *keep = NULL;

  CHECK_INT(read_sample("{\"redo\":true,\"limit\":3,\"share\":0.5,"
                        "\"labels\":\"latest\",\"where\":\"a=1\","
                        "\"rows\":[1,2],\"by\":\"experiment\"}",
                        &got, &keep, &err),
            JG_OK);
  CHECK_INT(got.redo, 1);
  CHECK_INT(got.limit, 3);
  CHECK_NEAR(got.share, 0.5, 0);
  CHECK_TEXT(got.labels, "latest");
  CHECK_TEXT(got.where, "a=1");
  CHECK_TEXT(got.by.unchecked, "experiment");
  CHECK_INT(jg_json_count(got.rows), 2);
  jg_json_free(keep);
}

TEST(options_absent_or_null_keep_the_defaults) {
  static const char *const texts[] = {NULL, "", "{}", "{\"limit\":null}"};
  size_t i;

  for (i = 0; i < 4; i++) {
    struct sample got = {.limit = 10};
    struct jg_err err = {0};
    struct jg_json *keep = NULL;
    CHECK_INT(read_sample(texts[i], &got, &keep, &err), JG_OK);
    CHECK_INT(got.limit, 10);
    jg_json_free(keep);
  }
}

TEST(options_say_what_is_wrong) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"{\"limt\":1}",
       "judge_run: unknown option \"limt\"; did you mean \"limit\"?"},
      {"{\"colour\":1}", "judge_run: unknown option \"colour\"; it takes redo, "
                         "limit, share, labels, where, by, rows"},
      {"{\"limit\":0}", "judge_run: option \"limit\" is 0; it must be a whole "
                        "number from 1 up"},
      {"{\"limit\":1.5}", "judge_run: option \"limit\" is 1.5; it must be a "
                          "whole number from 1 up"},
      {"{\"share\":2}", "judge_run: option \"share\" is 2; it must be a number "
                        "from 0 to 1"},
      {"{\"redo\":\"yes\"}", "judge_run: option \"redo\" is \"yes\"; it must "
                             "be true or false"},
      {"{\"labels\":\"late\"}", "judge_run: option \"labels\" is \"late\"; it "
                                "must be one of auto, latest"},
      {"{\"where\":7}", "judge_run: option \"where\" is 7; it must be a text"},
      {"[1]", "judge_run: options must be one JSON object such as "
              "{\"name\":value}"},
      {"{\"limit\":1", "judge_run: options are not JSON: invalid JSON at byte "
                       "10: a comma or } was expected"},
      {"{\"limit\":1,\"limit\":2}", "judge_run: options are not JSON: invalid "
                                    "JSON at byte 11: a key appears "
                                    "twice in its object"},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct sample got = {0};
    struct jg_err err = {0};
    struct jg_json *keep = NULL;
    CHECK_INT(read_sample(cases[i].text, &got, &keep, &err), JG_ERROR);
    CHECK_TEXT(err.text, cases[i].message);
    CHECK(keep == NULL);
  }
}

TEST(options_bool_takes_one_and_zero) {
  struct sample got = {.redo = 1};
  struct jg_err err = {0};
  struct jg_json *keep = NULL;

  CHECK_INT(read_sample("{\"redo\":0}", &got, &keep, &err), JG_OK);
  CHECK_INT(got.redo, 0);
  jg_json_free(keep);
  CHECK_INT(read_sample("{\"redo\":2}", &got, &keep, &err), JG_ERROR);
}
