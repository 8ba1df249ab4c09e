/* What there is to learn from, and the advice. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "align/readiness.h"
#include "core/json.h"
#include "core/mem.h"

#define ROWS_MAX 60

struct fixture {
  struct jg_judge judge;
  struct jg_row rows[ROWS_MAX];
  size_t count;
  struct jg_readiness readiness;
  struct jg_buf text;
};

static void begin(struct fixture *f) {
  struct jg_judge_spec spec = {
      "answer_quality", "Rate {{ outputs }}.", "openai:/m",
      "{\"feedback_value_type\":[\"Bad\",\"Fair\",\"Good\",\"Best\"]}", NULL};
  struct jg_err err = {0};

  memset(f, 0, sizeof *f);
  jg_buf_init(&f->text, JG_BUF_LIMIT_BYTES);
  CHECK_INT(jg_judge_make(&spec, &f->judge, &err), JG_OK);
}

static void add_label(struct jg_row *row, const char *reviewer,
                      const char *label, const char *reason) {
  struct jg_err err = {0};
  struct jg_label *to = &row->labels[row->label_count++];
  struct jg_value value = jg_value_lend(label);

  to->source_id = jg_mem_text(reviewer, &err);
  to->rationale = jg_mem_text(reason, &err);
  to->sequence = (int64_t)row->label_count;
  jg_value_copy(&to->value, &value, &err);
}

/* second: another reviewer's label, or NULL. */
static void add_row(struct fixture *f, const char *first, const char *second,
                    const char *reason) {
  struct jg_err err = {0};
  struct jg_row *row = &f->rows[f->count];
  char id[32];

  snprintf(id, sizeof id, "tr-%zu", f->count);
  row->trace_id = jg_mem_text(id, &err);
  row->outputs = jg_mem_text("an answer", &err);
  row->group = f->count++ / 2;
  row->labels = jg_mem_new(2, sizeof *row->labels, &err);
  add_label(row, "ann", first, reason);
  if (second != NULL) {
    add_label(row, "bob", second, NULL);
  }
}

static const char *report(struct fixture *f, enum jg_label_policy policy,
                          const char *near_names) {
  struct jg_err err = {0};
  struct jg_jsonw w = {.to = &f->text};
  struct jg_json *root = NULL;

  CHECK_INT(jg_labels_resolve(policy, &f->judge.scale, f->rows, f->count, &err),
            JG_OK);
  CHECK_INT(jg_readiness_report(&f->judge, f->rows, f->count, 10, near_names,
                                &f->readiness, &w, &err),
            JG_OK);
  CHECK_TEXT(err.text, "");
  CHECK_INT(jg_json_parse(jg_buf_text(&f->text), f->text.len, &root, &err),
            JG_OK);
  CHECK_INT(jg_json_type(jg_json_get(root, "advice")), JG_JSON_ARRAY);
  jg_json_free(root);
  return jg_buf_text(&f->text);
}

static void end(struct fixture *f) {
  size_t i;

  for (i = 0; i < f->count; i++) {
    jg_row_dispose(&f->rows[i]);
  }
  jg_buf_dispose(&f->text);
  jg_judge_dispose(&f->judge);
}

TEST(readiness_counts) {
  struct fixture f;
  const char *text;

  begin(&f);
  add_row(&f, "Bad", "Bad", "wrong");
  add_row(&f, "Good", "Bad", NULL);
  add_row(&f, "Good", NULL, "right");
  text = report(&f, JG_LABELS_MAJORITY, NULL);
  CHECK_INT(f.readiness.traces, 3);
  CHECK_INT(f.readiness.labels, 5);
  CHECK_INT(f.readiness.groups, 2);
  CHECK_INT(f.readiness.reviewers, 2);
  CHECK_INT(f.readiness.contested, 1);
  CHECK_INT(f.readiness.with_reason, 2);
  CHECK_INT(f.readiness.negative, 1);
  CHECK_INT(f.readiness.classes, 2);
  CHECK_INT(f.readiness.missing_fields, 0);
  CHECK(strstr(text, "\"ready\":false") != NULL);
  CHECK(strstr(text, "\"negative_share\":0.5") != NULL);
  CHECK(strstr(text, "\"reason_share\":0.4") != NULL);
  CHECK(strstr(text, "\"per_class\":[{\"value\":\"Bad\",\"traces\":1},"
                     "{\"value\":\"Good\",\"traces\":1}]") != NULL);
  CHECK(strstr(text, "\"per_reviewer\":[{\"reviewer\":\"ann\",\"labels\":3},"
                     "{\"reviewer\":\"bob\",\"labels\":2}]") != NULL);
  CHECK(strstr(text, "label 8 more under the name 'answer_quality'") != NULL);
  CHECK(strstr(text, "tied") != NULL);
  end(&f);
}

TEST(readiness_advice_on_balance_reviewers_and_reasons) {
  struct fixture f;
  const char *text;
  int i;

  begin(&f);
  for (i = 0; i < 12; i++) {
    add_row(&f, i < 2 ? "Fair" : "Best", NULL, NULL);
  }
  text = report(&f, JG_LABELS_AUTO, NULL);
  CHECK_INT(f.readiness.negative, 2);
  CHECK(strstr(text, "\"ready\":true") != NULL);
  CHECK(strstr(text, "12 labelled traces are few") != NULL);
  CHECK(strstr(text, "17 % of the labels are negative") != NULL);
  CHECK(strstr(text, "one reviewer only") != NULL);
  CHECK(strstr(text, "0 % of the labels carry a reason") != NULL);
  end(&f);
}

TEST(readiness_one_class) {
  struct fixture f;
  int i;

  begin(&f);
  for (i = 0; i < 12; i++) {
    add_row(&f, "Best", NULL, "fine");
  }
  CHECK(strstr(report(&f, JG_LABELS_AUTO, NULL), "all labels are the same") !=
        NULL);
  end(&f);
}

TEST(readiness_nothing_to_say_when_all_is_well) {
  struct fixture f;
  int i;

  begin(&f);
  for (i = 0; i < 60; i++) {
    add_row(&f, i % 2 ? "Bad" : "Best", i % 2 ? "Bad" : "Best", "so");
  }
  CHECK(strstr(report(&f, JG_LABELS_AUTO, NULL), "\"advice\":[]") != NULL);
  end(&f);
}

TEST(readiness_missing_fields_do_not_count_as_usable) {
  struct fixture f;
  const char *text;
  int i;

  begin(&f);
  for (i = 0; i < 10; i++) {
    add_row(&f, "Bad", NULL, "so");
  }
  jg_mem_free(f.rows[0].outputs);
  f.rows[0].outputs = NULL;
  text = report(&f, JG_LABELS_AUTO, NULL);
  CHECK_INT(f.readiness.missing_fields, 1);
  CHECK(strstr(text, "\"usable\":9") != NULL);
  CHECK(strstr(text, "1 labelled traces lack a field") != NULL);
  end(&f);
}

TEST(readiness_names_what_nearly_matches) {
  struct fixture f;
  const char *text;

  begin(&f);
  text = report(&f, JG_LABELS_AUTO, "{\"Answer Quality\":12}");
  CHECK(strstr(text,
               "HUMAN feedback 'Answer Quality' (12 rows) nearly matches "
               "judge 'answer_quality': the names must be equal") != NULL);
  CHECK(strstr(text, "\"negative_share\":null") != NULL);
  end(&f);
}

TEST(readiness_without_memory) {
  struct fixture f;
  struct jg_err good = {0};
  long n;

  begin(&f);
  add_row(&f, "Bad", "Best", "so");
  add_row(&f, "Bad", NULL, NULL);
  jg_labels_resolve(JG_LABELS_AUTO, &f.judge.scale, f.rows, f.count, &good);
  unit_hook_cjson(1);
  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_err err = {0};
    struct jg_buf to;
    struct jg_jsonw w = {.to = &to};
    jg_buf_init(&to, JG_BUF_LIMIT_BYTES);
    unit_fail_allocation(n);
    jg_readiness_report(&f.judge, f.rows, f.count, 10, "{\"A\":1}",
                        &f.readiness, &w, &err);
    CHECK(err.code == JG_OK || err.code == JG_NOMEM);
    jg_buf_dispose(&to);
  }
  unit_hook_cjson(0);
  CHECK(n > 5);
  end(&f);
}
