/* The learner of the embedded judge: ridge, cuts, kappa, picking. */
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "align/align.h"
#include "align/lexical_rarity.h"
#include "align/lexical_ridge.h"
#include "core/digest.h"
#include "core/mem.h"
#include "judge/lexical.h"

#define N JG_LEXICAL_FEATURES

/* ---- numbers ---- */

/* One feature 0, 1, 2, 3: mean 1.5, variance 1.25. y = 0, 1, 1, 2: mean 1.
** z'z = 4, z'(y - 1) = (1.5 + 1.5) / sqrt(1.25) = 2.683282; with the penalty
** 0.25 * 4 = 1 the weight is 2.683282 / 5 = 0.536656. */
TEST(lexical_ridge_by_hand) {
  double x[4 * N] = {0}, y[4] = {0, 1, 1, 2}, features[N] = {0};
  size_t rows[4] = {0, 1, 2, 3}, i;
  struct jg_ridge ridge;

  for (i = 0; i < 4; i++) {
    x[i * N + 1] = (double)i;
    x[i * N + 2] = 7; /* constant: unused */
  }
  jg_ridge_fit(x, y, rows, 4, 0.25, &ridge);
  CHECK_NEAR(ridge.intercept, 1, 1e-12);
  CHECK_NEAR(ridge.mean[1], 1.5, 1e-12);
  CHECK_NEAR(ridge.weight[1], 0.536656, 1e-6);
  CHECK_NEAR(ridge.scale[2], 0, 0);
  CHECK_NEAR(ridge.weight[2], 0, 0);
  features[1] = 3;
  features[2] = 100;
  CHECK_NEAR(jg_ridge_value(&ridge, features), 1.72, 1e-12);
}

/* Without penalty two features that explain y get exactly its coefficients. */
TEST(lexical_ridge_of_two_features) {
  double x[6 * N] = {0}, y[6], features[N] = {0};
  size_t rows[6] = {5, 3, 1, 0, 2, 4}, i;
  struct jg_ridge ridge;

  for (i = 0; i < 6; i++) {
    x[i * N] = (double)(i * i % 5);
    x[i * N + 3] = (double)(i % 4) * 0.5;
    y[i] = 2 + 3 * x[i * N] - 4 * x[i * N + 3];
  }
  jg_ridge_fit(x, y, rows, 6, 0, &ridge);
  features[0] = 10;
  features[3] = -2;
  CHECK_NEAR(jg_ridge_value(&ridge, features), 40, 1e-9);
}

TEST(lexical_cuts_give_the_labels_shares) {
  double scores[6] = {5, 1, 4, 2, 6, 3}, labels[6] = {0, 0, 1, 3, 3, 3};
  double levels[4] = {0, 1, 2, 3}, cuts[3];
  struct jg_lexical_model model = {
      .levels = levels, .cuts = cuts, .level_count = 4};

  jg_ridge_cuts(scores, labels, 6, levels, 4, cuts);
  CHECK_NEAR(cuts[0], 2.5, 0);
  CHECK_NEAR(cuts[1], 3.5, 0);
  CHECK_NEAR(cuts[2], 3.5, 0); /* nobody said 2 */
  CHECK_NEAR(jg_lexical_level(&model, 2.4), 0, 0);
  CHECK_NEAR(jg_lexical_level(&model, 2.5), 1, 0); /* on a cut: up */
  CHECK_NEAR(jg_lexical_level(&model, 3.4), 1, 0);
  CHECK_NEAR(jg_lexical_level(&model, 3.5), 3, 0);
}

TEST(lexical_cuts_of_labels_that_are_all_the_same) {
  double scores[2] = {1, 2}, labels[2] = {1, 1};
  double levels[3] = {0, 1, 2}, cuts[2];
  struct jg_lexical_model model = {
      .levels = levels, .cuts = cuts, .level_count = 3};

  jg_ridge_cuts(scores, labels, 2, levels, 3, cuts);
  CHECK_NEAR(jg_lexical_level(&model, -1e9), 1, 0);
  CHECK_NEAR(jg_lexical_level(&model, 1e9), 1, 0);
}

/* a 0 0 1 2, b 0 1 1 2: observed 1/4; expected 5/4 + 6/4 - 2 * 3/4 * 1 = 5/4.
*/
TEST(lexical_quadratic_kappa) {
  double a[4] = {0, 0, 1, 2}, b[4] = {0, 1, 1, 2}, same[2] = {1, 1};

  CHECK_NEAR(jg_ridge_kappa(a, b, 4), 0.8, 1e-12);
  CHECK_NEAR(jg_ridge_kappa(a, a, 4), 1, 1e-12);
  CHECK_NEAR(jg_ridge_kappa(same, same, 2), 0, 0);
  CHECK_NEAR(jg_ridge_kappa(a, b, 0), 0, 0);
}

TEST(lexical_counter_keeps_the_words_seen_twice) {
  static const char *const TEXTS[] = {"cat dog cat", "dog bird", "Dogs fish"};
  struct jg_counter counter = {0};
  struct jg_rarity rarity;
  struct jg_err err = {0};
  size_t i;

  for (i = 0; i < 3; i++) {
    struct jg_words words;
    jg_words_init(&words);
    CHECK_INT(jg_words_add(&words, TEXTS[i], strlen(TEXTS[i]), &err), JG_OK);
    CHECK_INT(jg_words_index(&words, &err), JG_OK);
    CHECK_INT(jg_counter_add(&counter, &words, &err), JG_OK);
    jg_words_dispose(&words);
  }
  CHECK_INT(jg_counter_rarity(&counter, &rarity, &err), JG_OK);
  CHECK_INT(rarity.documents, 3);
  CHECK_INT(rarity.count, 1);
  CHECK_TEXT(rarity.words[0], "dog");
  CHECK_INT(rarity.counts[0], 3);
  jg_rarity_dispose(&rarity);
  jg_counter_dispose(&counter);
}

/* ---- lessons ---- */

#define ROWS 40

struct lesson {
  struct jg_judge judge;
  struct jg_row rows[ROWS];
  size_t train[ROWS];
  char inputs[ROWS][64], outputs[ROWS][256], ids[ROWS][16];
};

/* topics: the label hangs on a word of the input. Otherwise on the length of
** the output, which no topic tells. */
static struct lesson *new_lesson(const char *type, int topics) {
  static char name[] = "rule", uri[] = JG_LEXICAL_URI;
  struct lesson *lesson = calloc(1, sizeof *lesson);
  struct jg_err err = {0};
  size_t i, j;

  lesson->judge.name = name;
  lesson->judge.model = uri;
  lesson->judge.variables = JG_VAR_INPUTS | JG_VAR_OUTPUTS;
  CHECK_INT(jg_scale_parse(type, &lesson->judge.scale, &err), JG_OK);
  for (i = 0; i < ROWS; i++) {
    struct jg_row *row = &lesson->rows[i];
    size_t level = topics ? i / 2 % 2 : i * 7 % 3;
    snprintf(lesson->ids[i], 16, "tr-%d", (int)i);
    snprintf(lesson->inputs[i], 64, "tell of %s case%d",
             i / 2 % 2 ? "planet" : "animal", (int)(i / 2));
    for (j = 0; j < 2 + (topics ? i % 3 : 12 * level + i % 5); j++) {
      strcat(lesson->outputs[i], "word ");
    }
    row->trace_id = lesson->ids[i];
    row->inputs = lesson->inputs[i];
    row->outputs = lesson->outputs[i];
    row->group = jg_digest_u64(row->inputs, strlen(row->inputs));
    row->target = lesson->judge.scale.type == JG_SCALE_LIST
                      ? lesson->judge.scale.values[level]
                  : lesson->judge.scale.type == JG_SCALE_STR
                      ? jg_value_lend(level ? "Green" : "Blue")
                      : jg_value_int((int64_t)level);
    lesson->train[i] = i;
  }
  return lesson;
}

static void free_lesson(struct lesson *lesson) {
  jg_scale_dispose(&lesson->judge.scale);
  free(lesson);
}

static int teach_until(struct lesson *lesson, size_t count, int64_t k,
                       const struct jg_stop *stop, struct jg_lesson *out,
                       struct jg_err *err) {
  struct jg_align_options options = {.retrieval_k = k, .seed = 1};
  struct jg_align_env env = {.stop = stop};

  memset(out, 0, sizeof *out);
  out->judge = &lesson->judge;
  out->rows = lesson->rows;
  out->train = lesson->train;
  out->train_count = count;
  return jg_lexical_align.learn(&env, &options, out, 1, err);
}

static int teach(struct lesson *lesson, size_t count, int64_t k,
                 struct jg_lesson *out, struct jg_err *err) {
  return teach_until(lesson, count, k, NULL, out, err);
}

TEST(lexical_learner_picks) {
  static const struct {
    const char *type;
    int topics;
    const char *kind, *note;
  } CASES[] = {
      {"[\"Blue\",\"Green\"]", 1, "vote", "picked vote"},
      {"str", 1, "vote", "nothing else suits"},
      {"bool", 1, "vote", "accuracy: word overlap as unaligned 0.500, vote of"},
      {"[\"Bad\",\"Fair\",\"Good\"]", 0, "ridge", "quadratic kappa: word"},
      {"int", 0, "ridge", "picked learned overlap features"},
      {"float", 0, "ridge", "learned overlap features 1.000"},
  };
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct lesson *lesson = new_lesson(CASES[i].type, CASES[i].topics);
    struct jg_lesson taught;
    struct jg_err err = {0};
    char start[32];
    CHECK_INT(teach(lesson, ROWS, 5, &taught, &err), JG_OK);
    snprintf(start, sizeof start, "{\"kind\":\"%s\"", CASES[i].kind);
    CHECK_INT(strncmp(taught.memory.local_model, start, strlen(start)), 0);
    CHECK(strstr(jg_buf_text(&taught.notes), CASES[i].note) != NULL);
    CHECK_INT(taught.memory.guideline_count, 0);
    jg_lesson_dispose(&taught);
    free_lesson(lesson);
  }
}

/* The judge that was taught gives the labels' values on its own rows. */
TEST(lexical_taught_judge_judges) {
  static const char *const TYPES[] = {"[\"Bad\",\"Fair\",\"Good\"]", "int"};
  size_t t, i, same;

  for (t = 0; t < 2; t++) {
    struct lesson *lesson = new_lesson(TYPES[t], 0);
    struct jg_lesson taught;
    struct jg_judge judge = lesson->judge;
    struct jg_err err = {0};
    CHECK_INT(teach(lesson, ROWS, 5, &taught, &err), JG_OK);
    judge.memory = taught.memory;
    for (i = same = 0; i < ROWS; i++) {
      struct jg_row *row = &lesson->rows[i];
      struct jg_item item = {row->trace_id, row->inputs, row->outputs, NULL};
      struct jg_verdict verdict;
      CHECK_INT(jg_lexical_judge(&judge, &item, NULL, 0, &verdict, &err),
                JG_OK);
      same += (size_t)jg_value_equal(&verdict.value, &row->target);
      jg_verdict_dispose(&verdict);
    }
    CHECK_INT(same, ROWS);
    jg_lesson_dispose(&taught);
    free_lesson(lesson);
  }
}

TEST(lexical_learner_is_deterministic) {
  struct lesson *lesson = new_lesson("[\"Bad\",\"Fair\",\"Good\"]", 0);
  struct jg_lesson one, two;
  struct jg_err err = {0};

  CHECK_INT(teach(lesson, ROWS, 5, &one, &err), JG_OK);
  CHECK_INT(teach(lesson, ROWS, 5, &two, &err), JG_OK);
  CHECK_TEXT(one.memory.local_model, two.memory.local_model);
  CHECK_TEXT(jg_buf_text(&one.notes), jg_buf_text(&two.notes));
  jg_lesson_dispose(&one);
  jg_lesson_dispose(&two);
  free_lesson(lesson);
}

TEST(lexical_learner_keeps_the_rule_when_nothing_helps) {
  struct lesson *lesson = new_lesson("[\"no\",\"yes\"]", 1);
  struct jg_lesson taught;
  struct jg_err err = {0};
  size_t i;

  for (i = 0; i < ROWS; i++) { /* right is what repeats the input */
    size_t level = i / 2 % 2 ^ i % 2;
    snprintf(lesson->outputs[i], 256, "%s",
             level ? lesson->inputs[i] : "no idea");
    lesson->rows[i].target = lesson->judge.scale.values[level];
  }
  CHECK_INT(teach(lesson, ROWS, 5, &taught, &err), JG_OK);
  CHECK_TEXT(taught.memory.local_model,
             "{\"kind\":\"overlap\",\"version\":1,\"rows\":40}");
  CHECK(strstr(jg_buf_text(&taught.notes), "nothing learned predicts better") !=
        NULL);
  jg_lesson_dispose(&taught);
  free_lesson(lesson);
}

TEST(lexical_learner_errors_and_edges) {
  struct lesson *lesson = new_lesson("str", 1);
  struct jg_lesson taught;
  struct jg_err err = {0};

  CHECK_INT(teach(lesson, 0, 5, &taught, &err), JG_ERROR);
  CHECK(strstr(err.text, "no labelled row") != NULL);
  jg_lesson_dispose(&taught);
  jg_err_clear(&err);
  CHECK_INT(teach(lesson, ROWS, 0, &taught, &err), JG_ERROR);
  CHECK(strstr(err.text, "retrieval_k must be 1 or more") != NULL);
  jg_lesson_dispose(&taught);
  jg_err_clear(&err);
  CHECK_INT(teach(lesson, 2, 5, &taught, &err), JG_OK); /* one input */
  CHECK(strstr(jg_buf_text(&taught.notes), "taken unmeasured") != NULL);
  jg_lesson_dispose(&taught);
  free_lesson(lesson);
}

TEST(lexical_learner_out_of_memory) {
  struct lesson *lesson = new_lesson("[\"Bad\",\"Fair\",\"Good\"]", 0);
  long n;

  for (n = 1; n == 1 || unit_allocation_failed(); n += 1 + n / 40) {
    struct jg_lesson taught;
    struct jg_err err = {0};
    int rc;
    unit_fail_allocation(n);
    rc = teach(lesson, 12, 3, &taught, &err);
    CHECK(rc == JG_OK ? taught.memory.local_model != NULL : rc == JG_NOMEM);
    jg_lesson_dispose(&taught);
  }
  free_lesson(lesson);
}

/* Ends the work when it is asked for the last of so many times. */
static int count_down(void *ctx, struct jg_err *err) {
  int *left = ctx;
  return --*left > 0 ? (int)err->code
                     : jg_err_set(err, JG_INTERRUPTED, "interrupted");
}

TEST(lexical_learner_ends_whenever_it_is_asked) {
  struct lesson *lesson = new_lesson("[\"Bad\",\"Fair\",\"Good\"]", 0);
  int rc = JG_INTERRUPTED, n;

  for (n = 1; rc == JG_INTERRUPTED; n++) {
    struct jg_lesson taught;
    struct jg_err err = {0};
    int left = n;
    struct jg_stop stop = {count_down, &left};
    rc = teach_until(lesson, ROWS, 5, &stop, &taught, &err);
    CHECK(rc == JG_OK || taught.memory.local_model == NULL);
    jg_lesson_dispose(&taught);
  }
  CHECK_INT(rc, JG_OK);
  CHECK(n > 50); /* folds, votes, rows */
  free_lesson(lesson);
}
