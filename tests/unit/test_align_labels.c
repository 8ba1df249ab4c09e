/* Which label a row is trained on. */
#include "unit.h"
#include <string.h>
#include "align/labels.h"
#include "core/mem.h"
#include "core/text.h"

#define LABELS_MAX 6

/* Labels as "reviewer=value" in order of insertion, all at one time unless the
** text begins with a digit: "5:ann=Good" was created at 5. */
struct labels_case {
  const char *scale;
  enum jg_label_policy policy;
  const char *labels[LABELS_MAX];
  const char *expected; /* as JSON; "null" is contested */
};

static void read_label(const char *text, const struct jg_scale *scale,
                       int64_t sequence, struct jg_label *out) {
  struct jg_err err = {0};
  struct jg_err misfit = {0};
  struct jg_value given;
  const char *value;

  if (text[1] == ':') {
    out->created_ms = text[0] - '0';
    text += 2;
  }
  value = strchr(text, '=');
  out->source_id = jg_mem_textn(text, (size_t)(value - text), &err);
  out->sequence = sequence;
  given = jg_value_lend(value + 1);
  if (jg_scale_fit(scale, NULL, &given, &out->value, &misfit) != JG_OK) {
    jg_value_copy(&out->value, &given, &err); /* typed in by hand */
  }
  CHECK_INT(err.code, JG_OK);
}

static void read_row(const char *const *labels, const struct jg_scale *scale,
                     struct jg_row *row) {
  struct jg_err err = {0};

  memset(row, 0, sizeof *row);
  row->labels = jg_mem_new(LABELS_MAX, sizeof *row->labels, &err);
  while (row->label_count < LABELS_MAX && labels[row->label_count] != NULL) {
    read_label(labels[row->label_count], scale, (int64_t)row->label_count,
               &row->labels[row->label_count]);
    row->label_count++;
  }
}

static void check_case(const struct labels_case *c) {
  struct jg_err err = {0};
  struct jg_scale scale = {0};
  struct jg_row row;
  struct jg_buf got;
  struct jg_jsonw w = {.to = &got};

  jg_buf_init(&got, 1000);
  CHECK_INT(jg_scale_parse(c->scale, &scale, &err), JG_OK);
  read_row(c->labels, &scale, &row);
  CHECK_INT(jg_labels_resolve(c->policy, &scale, &row, 1, &err), JG_OK);
  jg_jsonw_value(&w, &row.target);
  CHECK_TEXT(jg_buf_text(&got), c->expected);
  CHECK_INT(row.contested, strcmp(c->expected, "null") == 0);
  jg_buf_dispose(&got);
  jg_row_dispose(&row);
  jg_scale_dispose(&scale);
}

static void check_cases(const struct labels_case *cases, size_t count) {
  size_t i;

  for (i = 0; i < count; i++) {
    check_case(&cases[i]);
  }
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof *(cases))
#define ORDER "[\"Bad\",\"Fair\",\"Good\",\"Best\"]"
#define TWO "[\"no\",\"yes\"]"

TEST(labels_mean_goes_to_the_nearest_declared_value_halves_down) {
  static const struct labels_case cases[] = {
      {ORDER, JG_LABELS_AUTO, {"a=Bad", "b=Good"}, "\"Fair\""},
      {ORDER, JG_LABELS_AUTO, {"a=Bad", "b=Fair"}, "\"Bad\""},
      {ORDER, JG_LABELS_MEAN, {"a=Bad", "b=Best"}, "\"Fair\""},
      {ORDER, JG_LABELS_MEAN, {"a=Good", "b=Best", "c=Best"}, "\"Best\""},
      {ORDER, JG_LABELS_AUTO, {"a=Best"}, "\"Best\""},
      {"[1,2,10]", JG_LABELS_AUTO, {"a=2", "b=10"}, "2"},
      {"[1,2,10]", JG_LABELS_AUTO, {"a=1", "b=10", "c=10"}, "10"},
      {"[0.1,0.2,0.3]", JG_LABELS_AUTO, {"a=0.1", "b=0.2"}, "0.1"},
      {"int", JG_LABELS_AUTO, {"a=1", "b=2"}, "1"},
      {"int", JG_LABELS_AUTO, {"a=-1", "b=-2"}, "-2"},
      {"int", JG_LABELS_AUTO, {"a=1", "b=2", "c=2"}, "2"},
      {"int", JG_LABELS_MEAN, {"a=4"}, "4"},
      {"float", JG_LABELS_AUTO, {"a=0.5", "b=1"}, "0.75"},
  };
  CHECK_CASES(cases);
}

TEST(labels_majority_leaves_ties_out) {
  static const struct labels_case cases[] = {
      {"bool", JG_LABELS_AUTO, {"a=yes", "b=no", "c=yes"}, "1"},
      {"bool", JG_LABELS_AUTO, {"a=yes", "b=no"}, "null"},
      {TWO, JG_LABELS_AUTO, {"a=yes", "b=no"}, "null"},
      {TWO, JG_LABELS_AUTO, {"a=yes", "b=yes", "c=no"}, "\"yes\""},
      {"str", JG_LABELS_AUTO, {"a=poor", "b=fair", "c=poor"}, "\"poor\""},
      {"str", JG_LABELS_AUTO, {"a=poor", "b=fair", "c=good"}, "null"},
      {"str", JG_LABELS_AUTO, {"a=p", "b=f", "c=g", "d=g"}, "\"g\""},
      {ORDER, JG_LABELS_MAJORITY, {"a=Bad", "b=Good"}, "null"},
      {ORDER, JG_LABELS_MAJORITY, {"a=Bad", "b=Best", "c=Best"}, "\"Best\""},
  };
  CHECK_CASES(cases);
}

TEST(labels_latest_is_the_newest_then_the_one_inserted_last) {
  static const struct labels_case cases[] = {
      {"str", JG_LABELS_LATEST, {"5:a=old", "3:b=older"}, "\"old\""},
      {"str", JG_LABELS_LATEST, {"5:a=first", "5:b=second"}, "\"second\""},
      {ORDER, JG_LABELS_LATEST, {"1:a=Bad", "2:b=Best"}, "\"Best\""},
  };
  CHECK_CASES(cases);
}

TEST(labels_a_reviewer_counts_once) {
  static const struct labels_case cases[] = {
      {"str", JG_LABELS_AUTO, {"1:a=x", "2:a=x", "3:a=y", "4:b=y"}, "\"y\""},
      {"str", JG_LABELS_AUTO, {"2:a=y", "1:a=x", "1:a=x", "1:b=y"}, "\"y\""},
      {"str", JG_LABELS_AUTO, {"1:a=x", "1:a=y", "1:b=y"}, "\"y\""},
      {"int", JG_LABELS_AUTO, {"1:a=0", "2:a=4", "1:b=2"}, "3"},
  };
  CHECK_CASES(cases);
}

TEST(labels_outside_the_scale_decide_nothing) {
  static const struct labels_case cases[] = {
      {ORDER, JG_LABELS_AUTO, {"a=Great", "b=Bad"}, "\"Bad\""},
      {ORDER, JG_LABELS_AUTO, {"a=Great"}, "null"},
      {"int", JG_LABELS_LATEST, {"1:a=3", "2:b=many"}, "3"},
      {"bool", JG_LABELS_AUTO, {"a=perhaps", "b=true"}, "1"},
      {"str", JG_LABELS_AUTO, {NULL}, "null"},
  };
  CHECK_CASES(cases);
}

TEST(labels_mean_without_order_names_the_type) {
  static const char *const scales[] = {"bool", "str", TWO};
  size_t i;

  for (i = 0; i < 3; i++) {
    struct jg_err err = {0};
    struct jg_scale scale = {0};
    CHECK_INT(jg_scale_parse(scales[i], &scale, &err), JG_OK);
    CHECK_INT(jg_labels_resolve(JG_LABELS_MEAN, &scale, NULL, 0, &err),
              JG_ERROR);
    CHECK(strstr(err.text, scales[i]) != NULL);
    jg_scale_dispose(&scale);
  }
}

TEST(labels_policy_words) {
  enum jg_label_policy policy = JG_LABELS_MEAN;

  CHECK(jg_labels_policy(NULL, &policy));
  CHECK_INT(policy, JG_LABELS_AUTO);
  CHECK(jg_labels_policy("latest", &policy));
  CHECK_INT(policy, JG_LABELS_LATEST);
  CHECK(jg_labels_policy("Majority", &policy));
  CHECK_INT(policy, JG_LABELS_MAJORITY);
  CHECK(!jg_labels_policy("newest", &policy));
}

TEST(labels_without_memory) {
  static const char *const labels[LABELS_MAX] = {"a=x", "b=x"};
  struct jg_scale scale = {0};
  struct jg_row row;
  long n;

  read_row(labels, &scale, &row);
  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_err err = {0};
    unit_fail_allocation(n);
    jg_labels_resolve(JG_LABELS_AUTO, &scale, &row, 1, &err);
    CHECK(err.code == JG_OK || err.code == JG_NOMEM);
  }
  CHECK_TEXT(row.target.text, "x");
  CHECK(n > 2);
  jg_row_dispose(&row);
}
