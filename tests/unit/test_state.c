/* Counts as bytes: there and back, in any order, and bytes that are none. */
#include "unit.h"
#include <math.h>
#include <string.h>
#include "stats/state.h"

static const struct jg_value NONE = {.type = JG_NULL};

static void start(struct jg_accumulator *acc, const char *metric) {
  struct jg_query query;
  struct jg_err err = {0};
  CHECK_INT(jg_query_init(&query, &jg_pair_metrics, metric, NULL, &err), JG_OK);
  CHECK_INT(jg_accumulator_init(acc, &query, &err), JG_OK);
}

/* Labels of all kinds. */
static struct jg_value label(int i) {
  switch (i % 7) {
  case 0:
    return jg_value_int(-1);
  case 1:
    return jg_value_int(INT64_MAX);
  case 2:
    return jg_value_real(0.1);
  case 3:
    return jg_value_lend("");
  case 4:
    return jg_value_lend("a longer text, with an \xc3\xa4 in it");
  case 5:
    return NONE;
  default:
    return jg_value_lend("1");
  }
}

static void fill(struct jg_accumulator *acc, int from, int to, int step) {
  struct jg_err err = {0};
  for (int i = from; i != to; i += step) {
    struct jg_value judge = label(i * i % 11), human = label(i);
    jg_accumulator_step(acc, &judge, &human, &err);
  }
  CHECK_INT(err.code, JG_OK);
}

TEST(state_does_not_depend_on_the_order) {
  struct jg_accumulator up, down;
  struct jg_buf a, b;
  struct jg_err err = {0};
  jg_buf_init(&a, 1 << 20);
  jg_buf_init(&b, 1 << 20);
  start(&up, "confusion");
  start(&down, "confusion");
  fill(&up, 0, 200, 1);
  fill(&down, 199, -1, -1);
  CHECK_INT(jg_state_write(&up.labels, &a, &err), JG_OK);
  CHECK_INT(jg_state_write(&down.labels, &b, &err), JG_OK);
  CHECK_INT(a.len, b.len);
  CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
  jg_buf_dispose(&a);
  jg_buf_dispose(&b);
  jg_accumulator_dispose(&up);
  jg_accumulator_dispose(&down);
}

TEST(state_comes_back_whole) {
  struct jg_accumulator from, to, whole;
  struct jg_metric_result x, y;
  struct jg_buf buf;
  struct jg_err err = {0};
  start(&whole, "cohen_kappa_se");
  start(&to, "cohen_kappa_se");
  fill(&whole, 0, 300, 1);
  for (int part = 0; part < 3; part++) {
    start(&from, "confusion");
    fill(&from, part * 100, part * 100 + 100, 1);
    jg_buf_init(&buf, 1 << 20);
    CHECK_INT(jg_state_write(&from.labels, &buf, &err), JG_OK);
    CHECK_INT(jg_state_add(buf.data, buf.len, &to, &err), JG_OK);
    jg_buf_dispose(&buf);
    jg_accumulator_dispose(&from);
  }
  CHECK_INT(to.n, whole.n);
  CHECK_INT(jg_accumulator_value(&to, &to.query, &x, &err), JG_OK);
  CHECK_INT(jg_accumulator_value(&whole, &to.query, &y, &err), JG_OK);
  CHECK_NEAR(x.part[JG_PART_SE], y.part[JG_PART_SE], 0);
  jg_accumulator_dispose(&to);
  jg_accumulator_dispose(&whole);
}

/* Cut short, or with one byte changed: an error that says so, or other counts
** of the same labels; which of them, a checksum would be needed to tell. ASan
** watches over the rest. */
TEST(state_refuses_what_is_damaged) {
  struct jg_accumulator acc;
  struct jg_buf buf;
  struct jg_err err = {0};
  jg_buf_init(&buf, 1 << 20);
  start(&acc, "confusion");
  fill(&acc, 0, 40, 1);
  CHECK_INT(jg_state_write(&acc.labels, &buf, &err), JG_OK);
  jg_accumulator_dispose(&acc);
  for (size_t i = 0; i < buf.len; i++) {
    struct jg_err cut = {0}, changed = {0};
    start(&acc, "cohen_kappa");
    CHECK_INT(jg_state_add(buf.data, i, &acc, &cut), JG_ERROR);
    jg_accumulator_dispose(&acc);
    start(&acc, "cohen_kappa");
    buf.data[i] ^= 0x40;
    int code = jg_state_add(buf.data, buf.len, &acc, &changed);
    CHECK_INT(code, changed.code);
    if (code != JG_OK) {
      CHECK_TEXT(changed.text, i < 4 ? "not a state that agreement_state() made"
                                     : "the state is damaged");
    }
    buf.data[i] ^= 0x40;
    jg_accumulator_dispose(&acc);
  }
  jg_buf_dispose(&buf);
}

/* Two labels, 0 and 1, and one pair: each number of the pair at and past what
** is allowed. */
TEST(state_refuses_a_pair_of_labels_that_it_does_not_hold) {
  static const struct {
    unsigned char human, judge, count;
    int code;
  } cases[] = {{0, 0, 1, JG_OK},    {1, 1, 1, JG_OK},    {2, 0, 1, JG_ERROR},
               {0, 2, 1, JG_ERROR}, {9, 0, 1, JG_ERROR}, {0, 9, 1, JG_ERROR},
               {1, 1, 0, JG_ERROR}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const unsigned char bytes[] = {'J',
                                   'G',
                                   'A',
                                   '1',
                                   2,
                                   1,
                                   0,
                                   1,
                                   2,
                                   1,
                                   cases[i].human,
                                   cases[i].judge,
                                   cases[i].count};
    struct jg_accumulator acc;
    struct jg_err err = {0};
    start(&acc, "cohen_kappa");
    CHECK_INT(jg_state_add(bytes, sizeof bytes, &acc, &err), cases[i].code);
    CHECK_TEXT(err.text, cases[i].code == JG_OK ? "" : "the state is damaged");
    CHECK_INT(acc.n, cases[i].code == JG_OK);
    jg_accumulator_dispose(&acc);
  }
}

/* 2^48 pairs are the most that any state holds: all of them are too many with
** one more, in the same pair or in another. */
TEST(state_refuses_more_pairs_than_there_may_be) {
  static const unsigned char most[] = {0x80, 0x80, 0x80, 0x80,
                                       0x80, 0x80, 0x40};
  for (int more = 0; more < 2; more++) {
    unsigned char bytes[32] = {'J', 'G', 'A', '1',
                               1,   1,   2,   (unsigned char)(1 + more)};
    size_t count = 8;
    struct jg_accumulator acc;
    struct jg_err err = {0};
    count += 2; /* human 0, judge 0 */
    memcpy(bytes + count, most, sizeof most);
    count += sizeof most;
    bytes[count + 2] = (unsigned char)more;
    count += more ? 3 : 0;
    start(&acc, "cohen_kappa");
    CHECK_INT(jg_state_add(bytes, count, &acc, &err), more ? JG_ERROR : JG_OK);
    CHECK_INT(acc.n, more ? 0 : (long long)1 << 48);
    jg_accumulator_dispose(&acc);
  }
}

/* A state is taken whole or not at all: the pair before the damaged one, here
** a million equal ones, is not there afterwards. */
TEST(state_that_is_damaged_adds_nothing) {
  static const unsigned char bytes[] = {'J', 'G', 'A',  '1',  1,    1, 2, 2,
                                        0,   0,   0xc0, 0x84, 0x3d, 0, 7, 1};
  struct jg_accumulator acc;
  struct jg_err err = {0};
  start(&acc, "spearman");
  CHECK_INT(jg_state_add(bytes, sizeof bytes, &acc, &err), JG_ERROR);
  CHECK_TEXT(err.text, "the state is damaged");
  CHECK_INT(acc.n, 0);
  CHECK_INT(acc.series.cap, 0);
  jg_accumulator_dispose(&acc);
}

/* Whole numbers of both signs are as they were: the table shows each. */
TEST(state_keeps_the_sign_of_a_number) {
  static const int64_t numbers[] = {0,   1,   -1,        64,
                                    -64, -65, INT64_MIN, INT64_MAX};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    struct jg_value label = jg_value_int(numbers[i]);
    struct jg_accumulator from, to;
    struct jg_err err = {0};
    struct jg_buf buf;
    jg_buf_init(&buf, 1 << 10);
    start(&from, "confusion");
    start(&to, "confusion");
    jg_accumulator_step(&from, &label, &label, &err);
    CHECK_INT(jg_state_write(&from.labels, &buf, &err), JG_OK);
    CHECK_INT(jg_state_add(buf.data, buf.len, &to, &err), JG_OK);
    CHECK_INT(to.labels.label[0]->value.type, JG_INT);
    CHECK_INT(to.labels.label[0]->value.integer, numbers[i]);
    jg_buf_dispose(&buf);
    jg_accumulator_dispose(&from);
    jg_accumulator_dispose(&to);
  }
}

TEST(state_running_out_of_memory_leaves_nothing) {
  for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_accumulator acc, to;
    struct jg_buf buf;
    struct jg_err err = {0};
    start(&acc, "confusion");
    start(&to, "confusion");
    fill(&acc, 0, 40, 1);
    jg_buf_init(&buf, 1 << 20);
    unit_fail_allocation(n);
    if (jg_state_write(&acc.labels, &buf, &err) == JG_OK) {
      jg_state_add(buf.data, buf.len, &to, &err);
    }
    CHECK(err.code == JG_OK || err.code == JG_NOMEM);
    jg_buf_dispose(&buf);
    jg_accumulator_dispose(&acc);
    jg_accumulator_dispose(&to);
  }
}
