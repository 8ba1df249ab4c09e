/*
** The rows of an alignment: labelled traces that the judge can be run on, with
** the label each is trained on.
*/
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/mem.h"
#include "run/alignment.h"
#include "store/assessment.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

struct loading {
  struct jg_alignment *a;
  size_t cap;
  size_t label_cap; /* of the last row */
  int64_t misfits;  /* labels outside the judge's value type */
  struct jg_err *err;
};

/* ---- reading ------------------------------------------------------------ */

static struct jg_row *row_for(struct loading *l, const char *trace_id,
                              sqlite3_stmt *stmt) {
  struct jg_alignment *a = l->a;
  struct jg_row *row = a->row_count ? &a->rows[a->row_count - 1] : NULL;
  if (row && strcmp(row->trace_id, trace_id) == 0) {
    return row; /* the labels of a trace come together */
  }
  if (jg_mem_grow(&a->rows, &l->cap, a->row_count + 1, sizeof(*a->rows),
                  l->err) != JG_OK) {
    return NULL;
  }
  row = &a->rows[a->row_count++];
  l->label_cap = 0;
  row->trace_id = jg_mem_text(trace_id, l->err);
  row->inputs = jg_db_text(stmt, 1, l->err);
  row->outputs = jg_db_text(stmt, 2, l->err);
  row->expectations = jg_db_text(stmt, 3, l->err);
  const char *key = row->inputs ? row->inputs : row->trace_id;
  if (key) {
    row->group = jg_digest_u64(key, strlen(key));
  }
  return row;
}

/* A label that does not fit the judge's type (written under an older version,
** or before the judge) is left out. */
static int fit_label(struct loading *l, sqlite3_stmt *stmt,
                     struct jg_value *out) {
  struct jg_value given = {.type = JG_NULL};
  struct jg_err misfit = {.code = JG_OK};
  jg_db_value(stmt, 6, &given, l->err);
  int fits = l->err->code == JG_OK && given.type != JG_NULL &&
             jg_scale_fit(&l->a->parent.scale, l->a->parent.name, &given, out,
                          &misfit) == JG_OK;
  jg_value_dispose(&given);
  if (misfit.code == JG_NOMEM) {
    jg_err_nomem(l->err);
  }
  l->misfits += !fits;
  return fits;
}

static int each_label(void *ctx, sqlite3_stmt *stmt) {
  struct loading *l = ctx;
  struct jg_value value = {.type = JG_NULL};
  char *trace_id = jg_db_text(stmt, 0, l->err);
  struct jg_row *row = trace_id && fit_label(l, stmt, &value)
                           ? row_for(l, trace_id, stmt)
                           : NULL;
  jg_mem_free(trace_id);
  if (!row || jg_mem_grow(&row->labels, &l->label_cap, row->label_count + 1,
                          sizeof(*row->labels), l->err) != JG_OK) {
    jg_value_dispose(&value);
    return l->err->code != JG_OK;
  }
  struct jg_label *label = &row->labels[row->label_count++];
  assert(value.type != JG_NULL);
  label->assessment_id = jg_db_text(stmt, 4, l->err);
  label->source_id = jg_db_text(stmt, 5, l->err);
  label->value = value;
  label->rationale = jg_db_text(stmt, 7, l->err);
  label->created_ms = sqlite3_column_int64(stmt, 8);
  label->sequence = sqlite3_column_int64(stmt, 9);
  return l->err->code != JG_OK;
}

/* ---- choosing ----------------------------------------------------------- */

/* Drops rows that lack a field the judge needs. */
static void drop_incomplete(struct jg_alignment *a, struct jg_err *err) {
  size_t kept = 0;
  for (size_t i = 0; i < a->row_count; i++) {
    struct jg_item item = jg_row_item(&a->rows[i]);
    struct jg_err lack = {.code = JG_OK};
    if (jg_judge_check_item(&a->parent, &item, &lack) == JG_OK) {
      a->rows[kept++] = a->rows[i];
      continue;
    }
    if (lack.code == JG_NOMEM) {
      jg_err_nomem(err);
    }
    if (a->skipped++ == 0) {
      jg_alignment_note(a, "skipped: %.300s", lack.text);
    }
    jg_row_dispose(&a->rows[i]);
  }
  for (size_t i = kept; i < a->row_count; i++) {
    memset(&a->rows[i], 0, sizeof(*a->rows));
  }
  a->row_count = kept;
}

static void cut_to_limit(struct jg_alignment *a) {
  while (a->options.limit >= 0 && a->row_count > (size_t)a->options.limit) {
    jg_row_dispose(&a->rows[--a->row_count]);
  }
}

static const struct jg_row *find_row(const struct jg_row *rows, size_t count,
                                     const char *trace_id) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(rows[i].trace_id, trace_id) == 0) {
      return &rows[i];
    }
  }
  return NULL;
}

/* What the parent learned from stays in, wherever this selection looks, as long
** as its labels are there. */
static char *missing_ids(struct jg_alignment *a, size_t *count,
                         struct jg_err *err) {
  struct jg_buf buf;
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &buf};
  *count = 0;
  jg_jsonw_array(&w);
  for (size_t i = 0; i < a->parent_example_count; i++) {
    const char *id = a->parent_examples[i].trace_id;
    if (!find_row(a->rows, a->row_count, id)) {
      jg_jsonw_text(&w, id);
      ++*count;
    }
  }
  jg_jsonw_end_array(&w);
  return jg_buf_take(&buf, err);
}

static int load_parents(struct jg_alignment *a, struct loading *l,
                        struct jg_err *err) {
  size_t wanted = 0, before = a->row_count;
  char *ids = missing_ids(a, &wanted, err);
  if (ids && wanted > 0) {
    struct jg_trace_filter filter = {.trace_ids = ids};
    jg_label_each(&a->session->checked, a->parent.feedback_name, &filter,
                  each_label, l, err);
    if (wanted > a->row_count - before) {
      jg_alignment_note(a,
                        "%zu examples of %s were forgotten, since their "
                        "labels are gone",
                        wanted - (a->row_count - before), a->info.judge);
    }
  }
  jg_mem_free(ids);
  return err->code;
}

static int compare_with_parent(struct jg_alignment *a, struct jg_err *err) {
  a->fresh = jg_mem_new(a->row_count + 1, 1, err);
  a->seen = jg_mem_new(a->row_count + 1, 1, err);
  for (size_t i = 0; a->fresh && a->seen && i < a->row_count; i++) {
    const struct jg_row *old = find_row(
        a->parent_examples, a->parent_example_count, a->rows[i].trace_id);
    a->seen[i] = old != NULL;
    a->fresh[i] = !old || !jg_rows_same_labels(old, &a->rows[i]);
  }
  return err->code;
}

static int resolve(struct jg_alignment *a, struct jg_err *err) {
  enum jg_label_policy policy = JG_LABELS_AUTO;
  if (a->options.labels) {
    jg_labels_policy(a->options.labels, &policy);
  }
  if (jg_labels_resolve(policy, &a->parent.scale, a->rows, a->row_count, err) ==
      JG_OK) {
    for (size_t i = 0; i < a->row_count; i++) {
      a->contested += a->rows[i].contested;
    }
  }
  return err->code;
}

static int report_readiness(struct jg_alignment *a, struct jg_err *err) {
  struct jg_jsonw w = {.to = &a->readiness_json};
  a->near_names =
      jg_label_near_names(a->session->db, a->parent.feedback_name, err);
  jg_readiness_report(&a->parent, a->rows, a->row_count, a->options.min_traces,
                      a->near_names, &a->readiness, &w, err);
  jg_buf_check(&a->readiness_json, err);
  if (err->code == JG_OK) {
    jg_log_line(&a->job.log, "readiness", jg_buf_text(&a->readiness_json),
                "%zu labelled traces of %s", a->row_count, a->info.judge);
  }
  return err->code;
}

static char *ids_text(const struct jg_json *list, struct jg_err *err) {
  struct jg_buf buf;
  if (!list) {
    return NULL;
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_json_write(list, &buf);
  return jg_buf_take(&buf, err);
}

static int by_trace_id(const void *a, const void *b) {
  return strcmp(((const struct jg_row *)a)->trace_id,
                ((const struct jg_row *)b)->trace_id);
}

const struct jg_row *jg_alignment_row(const struct jg_alignment *a,
                                      const char *trace_id) {
  const struct jg_row key = {.trace_id = (char *)trace_id};
  return a->row_count == 0 ? NULL
                           : bsearch(&key, a->rows, a->row_count,
                                     sizeof(*a->rows), by_trace_id);
}

/* The order of insertion must not show in the judge (law 13). */
static void sort_rows(struct jg_alignment *a) {
  if (a->row_count > 1) {
    qsort(a->rows, a->row_count, sizeof(*a->rows), by_trace_id);
  }
  for (size_t i = 1; i < a->row_count; i++) {
    assert(by_trace_id(&a->rows[i - 1], &a->rows[i]) < 0); /* each once */
  }
}

int jg_alignment_load(struct jg_alignment *a, struct jg_err *err) {
  struct loading l = {.a = a, .err = err};
  char *ids = ids_text(a->options.trace_ids, err);
  struct jg_trace_filter filter = {.experiment = a->options.experiment,
                                   .where = a->options.where,
                                   .trace_ids = ids};
  if (err->code == JG_OK &&
      jg_label_each(&a->session->checked, a->parent.feedback_name, &filter,
                    each_label, &l, err) == JG_OK) {
    cut_to_limit(a);
    load_parents(a, &l, err);
  }
  jg_mem_free(ids);
  if (err->code != JG_OK) {
    return err->code;
  }
  sort_rows(a);
  drop_incomplete(a, err);
  if (l.misfits > 0) {
    jg_alignment_note(a,
                      "%lld labels do not fit the judge's value type and "
                      "were left out",
                      (long long)l.misfits);
  }
  if (err->code == JG_OK && resolve(a, err) == JG_OK &&
      compare_with_parent(a, err) == JG_OK) {
    report_readiness(a, err);
  }
  return err->code;
}
