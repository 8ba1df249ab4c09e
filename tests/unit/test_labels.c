/* Interned labels and counts of pairs. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "core/rng.h"
#include "stats/labels.h"

static struct jg_value text(const char *t) {
  return jg_value_lend(t);
}

static int step(struct jg_labels *labels, struct jg_value human,
                struct jg_value judge) {
  struct jg_err err = {0};
  return jg_labels_step(labels, &human, &judge, &err);
}

static int inverse(struct jg_labels *labels, struct jg_value human,
                   struct jg_value judge) {
  struct jg_err err = {0};
  return jg_labels_inverse(labels, &human, &judge, &err);
}

static uint64_t pair(const struct jg_labels *labels, struct jg_value human,
                     struct jg_value judge) {
  int64_t h = jg_labels_find(labels, &human);
  int64_t j = jg_labels_find(labels, &judge);
  return h < 0 || j < 0 ? 0 : jg_labels_pair(labels, (uint32_t)h, (uint32_t)j);
}

static size_t live(struct jg_labels *labels) {
  struct jg_err err = {0};
  const uint32_t *ids = NULL;
  size_t count = 0;
  CHECK_INT(jg_labels_sorted(labels, &ids, &count, &err), JG_OK);
  return count;
}

TEST(labels_are_equal_as_sql_has_it) {
  static const struct {
    struct jg_value a, b;
    int equal;
  } cases[] = {
      {{JG_INT, 1, 1, NULL, 0}, {JG_REAL, 0, 1.0, NULL, 0}, 1},
      {{JG_INT, 0, 0, NULL, 0}, {JG_REAL, 0, -0.0, NULL, 0}, 1},
      {{JG_INT, 1, 1, NULL, 0}, {JG_TEXT, 0, 0, "1", 1}, 0},
      {{JG_INT, 9007199254740993, 9007199254740992.0, NULL, 0},
       {JG_REAL, 0, 9007199254740992.0, NULL, 0},
       0},
      {{JG_TEXT, 0, 0, "a", 1}, {JG_TEXT, 0, 0, "A", 1}, 0},
      {{JG_TEXT, 0, 0, "a", 1}, {JG_TEXT, 0, 0, "a ", 2}, 0},
      {{JG_TEXT, 0, 0, "a\0b", 3}, {JG_TEXT, 0, 0, "a\0c", 3}, 0},
      {{JG_TEXT, 0, 0, "", 0}, {JG_TEXT, 0, 0, "", 0}, 1},
      {{JG_TEXT, 0, 0, "a text longer than sixteen", 26},
       {JG_TEXT, 0, 0, "a text longer than sixteen", 26},
       1},
      {{JG_REAL, 0, 0.5, NULL, 0}, {JG_REAL, 0, 0.5, NULL, 0}, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct jg_labels labels;
    jg_labels_init(&labels, 1);
    CHECK_INT(step(&labels, cases[i].a, cases[i].b), JG_OK);
    CHECK_INT(labels.agree, cases[i].equal);
    CHECK_INT(live(&labels), cases[i].equal ? 1 : 2);
    jg_labels_dispose(&labels);
  }
}

TEST(labels_show_a_whole_number_as_one) {
  struct jg_labels labels;
  struct jg_err err = {0};
  const uint32_t *ids = NULL;
  size_t count = 0;
  jg_labels_init(&labels, 1);
  step(&labels, jg_value_real(1), jg_value_int(1));
  CHECK_INT(jg_labels_sorted(&labels, &ids, &count, &err), JG_OK);
  CHECK_INT(labels.label[ids[0]]->value.type, JG_INT);
  jg_labels_dispose(&labels);
}

TEST(labels_sort_numbers_then_text_by_bytes) {
  struct jg_labels labels;
  struct jg_err err = {0};
  const uint32_t *ids = NULL;
  size_t count = 0;
  char shown[JG_LABEL_SHOWN_BYTES];
  static const char *const expected[] = {"2", "10", "\"B\"", "\"a\""};
  jg_labels_init(&labels, 0);
  step(&labels, text("a"), jg_value_int(10));
  step(&labels, text("B"), jg_value_real(2));
  CHECK_INT(jg_labels_sorted(&labels, &ids, &count, &err), JG_OK);
  CHECK_INT(count, 4);
  for (size_t i = 0; i < count && i < 4; i++) {
    CHECK_TEXT(jg_label_show(&labels.label[ids[i]]->value, shown), expected[i]);
  }
  jg_labels_dispose(&labels);
}

TEST(labels_refuse_what_is_not_declared) {
  struct jg_labels labels;
  struct jg_err err = {0};
  struct jg_value low = text("low"), high = text("high"), mid = text("mid");
  jg_labels_init(&labels, 1);
  CHECK_INT(jg_labels_declare(&labels, &low, &err), JG_OK);
  CHECK_INT(jg_labels_declare(&labels, &high, &err), JG_OK);
  CHECK_INT(live(&labels), 2);
  CHECK_INT(jg_labels_step(&labels, &low, &mid, &err), JG_ERROR);
  CHECK_TEXT(err.text,
             "label \"mid\" is not among those declared: \"low\", \"high\"");
  jg_err_clear(&err);
  CHECK_INT(jg_labels_declare(&labels, &low, &err), JG_ERROR);
  CHECK_TEXT(err.text, "label \"low\" is declared twice");
  CHECK_INT(labels.n, 0);
  jg_labels_dispose(&labels);
}

TEST(labels_take_back_only_what_was_in) {
  struct jg_labels labels;
  jg_labels_init(&labels, 1);
  step(&labels, text("a"), text("b"));
  step(&labels, text("b"), text("a"));
  CHECK_INT(inverse(&labels, text("a"), text("a")), JG_ERROR);
  CHECK_INT(inverse(&labels, text("x"), text("a")), JG_ERROR);
  CHECK_INT(inverse(&labels, text("a"), text("b")), JG_OK);
  CHECK_INT(inverse(&labels, text("a"), text("b")), JG_ERROR);
  CHECK_INT(pair(&labels, text("b"), text("a")), 1);
  CHECK_INT(labels.n, 1);
  jg_labels_dispose(&labels);
}

/* The sums kept up with each step, from scratch. */
static void check_sums(const struct jg_labels *labels) {
  jg_wide cross = 0, human = 0, judge = 0;
  uint64_t n = 0, agree = 0;
  for (size_t i = 0; i < labels->count; i++) {
    const struct jg_label *label = labels->label[i];
    if (label != NULL) {
      cross += (jg_wide)label->human * (jg_wide)label->judge;
      human += (jg_wide)label->human * (jg_wide)label->human;
      judge += (jg_wide)label->judge * (jg_wide)label->judge;
      n += label->human;
      agree += label->both;
    }
  }
  CHECK(cross == labels->cross);
  CHECK(human == labels->human_squares);
  CHECK(judge == labels->judge_squares);
  CHECK_INT(labels->n, n);
  CHECK_INT(labels->agree, agree);
}

TEST(labels_merge_equals_step) {
  for (int keep = 0; keep <= 1; keep++) {
    struct jg_labels whole, left, right;
    struct jg_rng rng;
    struct jg_err err = {0};
    jg_rng_init(&rng, 3);
    jg_labels_init(&whole, keep);
    jg_labels_init(&left, keep);
    jg_labels_init(&right, keep);
    for (int i = 0; i < 2000; i++) {
      struct jg_value h = jg_value_int((int64_t)jg_rng_below(&rng, 40));
      struct jg_value j = jg_value_int((int64_t)jg_rng_below(&rng, 40));
      step(&whole, h, j);
      step(i % 3 ? &left : &right, h, j);
    }
    CHECK_INT(jg_labels_merge(&left, &right, &err), JG_OK);
    check_sums(&left);
    CHECK_INT(left.n, whole.n);
    CHECK_INT(left.agree, whole.agree);
    CHECK(left.cross == whole.cross);
    CHECK(left.human_squares == whole.human_squares);
    for (int64_t h = 0; keep && h < 40; h++) {
      CHECK_INT(pair(&left, jg_value_int(h), jg_value_int(39 - h)),
                pair(&whole, jg_value_int(h), jg_value_int(39 - h)));
    }
    jg_labels_dispose(&whole);
    jg_labels_dispose(&left);
    jg_labels_dispose(&right);
  }
}

/* A window over ever new labels: memory follows what is alive. */
TEST(labels_sweep_what_is_gone) {
  enum { ROWS = 20000, FRAME = 100 };
  struct jg_labels labels;
  char human[48], judge[48];
  jg_labels_init(&labels, 1);
  for (int i = 0; i < ROWS; i++) {
    snprintf(human, sizeof human, "a label of the human %d", i);
    snprintf(judge, sizeof judge, "judge %d", i / 3);
    CHECK_INT(step(&labels, text(human), text(judge)), JG_OK);
    if (i >= FRAME) {
      snprintf(human, sizeof human, "a label of the human %d", i - FRAME);
      snprintf(judge, sizeof judge, "judge %d", (i - FRAME) / 3);
      CHECK_INT(inverse(&labels, text(human), text(judge)), JG_OK);
    }
  }
  CHECK_INT(labels.n, FRAME);
  CHECK(live(&labels) >= FRAME && live(&labels) <= 2 * FRAME);
  CHECK(labels.slot_cap <= 2048);
  CHECK(labels.pair_cap <= 1024);
  CHECK(labels.count <= 1024);
  check_sums(&labels);
  jg_labels_dispose(&labels);
}

TEST(labels_ten_thousand_of_them) {
  struct jg_labels labels;
  char name[32];
  jg_labels_init(&labels, 1);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 10000; i++) {
      snprintf(name, sizeof name, "label number %d", i);
      CHECK_INT(step(&labels, text(name), text(name)), JG_OK);
    }
  }
  CHECK_INT(live(&labels), 10000);
  CHECK_INT(pair(&labels, text("label number 9999"), text("label number 9999")),
            2);
  check_sums(&labels);
  jg_labels_dispose(&labels);
}
