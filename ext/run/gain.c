/* Lays out labels for stats/paired.h. */
#include "run/gain.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"

int jg_gain_counts(const char *error_code) {
  static const char *const ANSWERED[] = {"INVALID_JSON",   "INVALID_VALUE",
                                         "MISSING_RESULT", "EMPTY",
                                         "REFUSAL",        "LENGTH"};
  if (!error_code) {
    return 1;
  }
  for (size_t i = 0; i < sizeof(ANSWERED) / sizeof(*ANSWERED); i++) {
    if (strcmp(error_code, ANSWERED[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

struct table {
  struct jg_paired_row *rows;
  struct jg_human_label *labels;
  size_t count;
};

static int lay_out(const struct jg_gain_item *items, size_t count,
                   struct table *t, struct jg_err *err) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    n += items[i].label_count;
  }
  t->rows = jg_mem_new(n + 1, sizeof(*t->rows), err);
  t->labels = jg_mem_new(n + 1, sizeof(*t->labels), err);
  if (!t->rows || !t->labels) {
    return err->code;
  }
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < items[i].label_count; j++, t->count++) {
      struct jg_paired_row *row = &t->rows[t->count];
      row->group = items[i].group;
      row->original = items[i].original;
      row->aligned = items[i].aligned;
      row->human = items[i].labels[j];
      t->labels[t->count].trace = items[i].trace;
      t->labels[t->count].value = items[i].labels[j];
    }
  }
  assert(t->count == n);
  return JG_OK;
}

int jg_gain_measure(const struct jg_scale *scale,
                    const struct jg_gain_item *items, size_t count,
                    struct jg_gain *out, struct jg_err *err) {
  struct table t = {NULL, NULL, 0};
  uint64_t with_two = 0;
  const struct jg_value *order =
      scale->type == JG_SCALE_LIST ? scale->values : NULL;
  memset(out, 0, sizeof(*out));
  out->ordered = jg_scale_is_ordered(scale);
  out->traces = count;
  if (lay_out(items, count, &t, err) == JG_OK) {
    jg_paired_metric("accuracy", t.rows, t.count, NULL, 0, &out->accuracy, err);
    jg_paired_metric("cohen_kappa", t.rows, t.count, NULL, 0, &out->kappa, err);
    if (out->ordered) {
      jg_paired_metric("quadratic_kappa", t.rows, t.count, order,
                       order ? scale->count : 0, &out->quadratic, err);
      jg_paired_metric("mae", t.rows, t.count, order, order ? scale->count : 0,
                       &out->mae, err);
    }
    jg_human_agreement(t.labels, t.count, &out->human_agreement, &with_two,
                       err);
    jg_majority_baseline(t.labels, t.count, &out->majority_baseline, err);
  }
  jg_mem_free(t.rows);
  jg_mem_free(t.labels);
  return err->code;
}
