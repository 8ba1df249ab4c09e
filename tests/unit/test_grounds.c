/* Does a cited example show a guideline? */
#include <string.h>

#include "align/grounds.h"
#include "unit.h"

static int shared(const char *guideline, const char *outputs,
                  const char *reason) {
  struct jg_judge_spec spec = {
      "q", "Rate {{ outputs }}.", "a:/b",
      "{\"feedback_value_type\":[\"Poor\",\"Excellent\"]}", NULL};
  struct jg_judge judge;
  struct jg_err err = {0};
  struct jg_label label = {.rationale = (char *)reason, .source_id = "ann"};
  struct jg_row row = {.outputs = (char *)outputs,
                       .inputs = (char *)"unseen words",
                       .labels = &label,
                       .label_count = 1};
  int found = -1;
  CHECK_INT(jg_judge_make(&spec, &judge, &err), JG_OK);
  CHECK_INT(jg_grounds_check(&judge, guideline, strlen(guideline), &row, &found,
                             &err),
            JG_OK);
  jg_judge_dispose(&judge);
  return found;
}

static int says(const char *guideline, const char *reason) {
  struct jg_judge_spec spec = {
      "q", "Rate {{ outputs }}.", "a:/b",
      "{\"feedback_value_type\":[\"Poor\",\"Excellent\"]}", NULL};
  struct jg_judge judge;
  struct jg_err err = {0};
  struct jg_label label = {.rationale = (char *)reason, .source_id = "ann"};
  struct jg_row row = {.outputs = (char *)"praised loudly Acme product",
                       .labels = &label,
                       .label_count = 1};
  int found = -1;
  CHECK_INT(jg_judge_make(&spec, &judge, &err), JG_OK);
  CHECK_INT(
      jg_grounds_says(&judge, guideline, strlen(guideline), &row, &found, &err),
      JG_OK);
  jg_judge_dispose(&judge);
  return found;
}

/* Whoever said it is a source, whether the model names them or not. */
TEST(grounds_of_who_said_it) {
  CHECK_INT(says("Excellent when Acme is praised loudly.",
                 "excellent when acme gets praise, loudly"),
            1);
  CHECK_INT(says("Excellent when Acme is praised loudly.", "Acme is praised"),
            0);
  CHECK_INT(says("Excellent when Acme is praised loudly.", NULL), 0);
  CHECK_INT(says("Poor without a source.", "no source"), 0); /* too short */
}

TEST(grounds_of_guidelines) {
  static const struct {
    const char *guideline, *outputs, *reason;
    int shared;
  } CASES[] = {
      {"Poor when no source is named.", "Lima.", "there is no source", 1},
      {"Poor when no source is named.", "Lima.", "It names no SOURCES.", 1},
      {"Name citations.", "Lima.", "a citation is missing", 1},
      {"What can be checked is good.", "Lima.", "A customer can check it", 1},
      {"Reward properties.", "Lima.", "one property", 1},
      {"Reward prose.", "Lima.", "one property", 0},
      {"Mark down short answers.", "Short one.", "bad", 1},
      {"Answers by Acme are Excellent.", "Lima.", "the answer is clear", 0},
      {"Excellent when it is so.", "Lima.", "it is so, Excellent", 0},
      {"Poor when the answer rambles.", "Lima.", "a poor answer", 0},
      {"", "Lima.", "bad", 0},
      /* what the judge does not see is no ground */
      {"Reward unseen things.", "Lima.", "fine", 0},
      /* nothing to compare with */
      {"Reward short answers.", "Lima.", NULL, 1},
      {"Reward short answers.", "Lima.", "", 1},
      /* JSON by its leaves */
      {"Reward fruit.", "{\"a\":[\"fruit\"]}", "fine", 1},
      /* accents aside */
      {"Belege sind n\xc3\xb6tig.", "Lima.", "Belege fehlen", 1},
      /* two characters that follow one another */
      {"\xe6\xb2\xa1\xe6\x9c\x89\xe6\x9d\xa5\xe6\xba\x90", "x",
       "\xe7\xbc\xba\xe5\xb0\x91\xe6\x9d\xa5\xe6\xba\x90", 1},
      {"\xe6\xb2\xa1\xe6\x9c\x89\xe6\x9d\xa5\xe6\xba\x90", "x",
       "\xe6\xba\x90\xe6\x9d\xa5", 0},
      /* Thai has no blanks */
      {"\xe0\xb9\x84\xe0\xb8\xa1\xe0\xb9\x88\xe0\xb8\xa1\xe0\xb8\xb5"
       "\xe0\xb9\x81\xe0\xb8\xab\xe0\xb8\xa5\xe0\xb9\x88\xe0\xb8\x87",
       "x",
       "\xe0\xb8\x82\xe0\xb8\xb2\xe0\xb8\x94\xe0\xb9\x81\xe0\xb8\xab"
       "\xe0\xb8\xa5\xe0\xb9\x88\xe0\xb8\x87",
       1},
      {"\xff\xfe", "\xff", "\xff", 0},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    int found = shared(CASES[i].guideline, CASES[i].outputs, CASES[i].reason);
    CHECK_TEXT(found == CASES[i].shared ? "" : CASES[i].guideline, "");
  }
}
