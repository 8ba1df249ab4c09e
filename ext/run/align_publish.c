/*
** Drafts first, then one UPDATE: before it there is no new version, after it
** there is a whole one (law 7). The same content as a version that exists is
** that version.
*/
#include <string.h>

#include "core/mem.h"
#include "judge/lexical.h"
#include "run/alignment.h"
#include "run/split_store.h"
#include "run/verdicts.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* ---- is it there already? ----------------------------------------------- */

static int same_text(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

int jg_rows_same_labels(const struct jg_row *a, const struct jg_row *b) {
  if (a->label_count != b->label_count) {
    return 0;
  }
  for (size_t i = 0; i < a->label_count; i++) {
    const struct jg_label *x = &a->labels[i], *y = &b->labels[i];
    if (!same_text(x->source_id, y->source_id) ||
        !jg_value_equal(&x->value, &y->value) ||
        !same_text(x->rationale, y->rationale)) {
      return 0;
    }
  }
  return 1;
}

/* Were these the very rows that the last lesson learns from? */
static int same_examples(const struct jg_alignment *a,
                         const struct jg_row *stored, size_t count) {
  const struct jg_lesson *last = jg_alignment_last(a);
  if (count != last->train_count) {
    return 0;
  }
  for (size_t i = 0; i < count; i++) {
    const struct jg_row *row = &a->rows[last->train[i]];
    if (strcmp(row->trace_id, stored[i].trace_id) != 0 ||
        !jg_value_equal(&row->target, &stored[i].target) ||
        !jg_rows_same_labels(row, &stored[i])) {
      return 0;
    }
  }
  return 1;
}

static int check_existing(struct jg_alignment *a, int64_t definition_id,
                          int64_t memory_id, struct jg_err *err) {
  struct jg_row *rows = NULL;
  size_t count = 0;
  if (jg_ready_examples(a->session, memory_id, &rows, &count, err) == JG_OK &&
      same_examples(a, rows, count)) {
    a->existed = 1;
    a->definition_id = definition_id;
  }
  jg_rows_free(rows, count);
  return err->code;
}

/* A candidate does not stand in the way of what this run has shown: an earlier
** one may have ended by its budget. The same content is published once more,
** with the verdicts that carry it. */
static int find_existing(struct jg_alignment *a, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  jg_judge_digest(&a->judges[a->lesson_count - 1], digest);
  sqlite3_stmt *stmt = jg_db_query(a->session->db, "align_existing", err);
  jg_db_bind_text(stmt, "@name", a->parent.name, err);
  jg_db_bind_int(stmt, "@accepted", a->accepted, err);
  jg_db_bind_text(stmt, "@digest", digest, err);
  while (!a->existed && jg_db_step(stmt, err) == 1) {
    if (check_existing(a, sqlite3_column_int64(stmt, 0),
                       sqlite3_column_int64(stmt, 1), err) == JG_OK &&
        a->existed) {
      a->version = jg_db_text(stmt, 2, err);
      a->accepted =
          strcmp((const char *)sqlite3_column_text(stmt, 3), "active") == 0;
    }
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* ---- lists of a draft --------------------------------------------------- */

static void write_source(const struct jg_alignment *a, const char *trace_id,
                         struct jg_jsonw *w) {
  const struct jg_row *row = jg_alignment_row(a, trace_id);
  for (size_t i = 0; row && i < row->label_count; i++) {
    jg_jsonw_object(w);
    jg_jsonw_key_text(w, "trace_id", trace_id);
    jg_jsonw_key_text(w, "assessment_id", row->labels[i].assessment_id);
    jg_jsonw_end_object(w);
  }
  if (!row) {
    jg_jsonw_text(w, trace_id);
  }
}

static void write_guidelines(const struct jg_alignment *a, struct jg_jsonw *w) {
  const struct jg_memory *m = &a->judges[a->lesson_count - 1].memory;
  jg_jsonw_array(w);
  for (size_t i = 0; i < m->guideline_count; i++) {
    const struct jg_guideline *g = &m->guidelines[i];
    jg_jsonw_object(w);
    jg_jsonw_key_text(w, "text", g->text);
    jg_jsonw_key_text(w, "origin", g->trace_count ? "distilled" : "human");
    jg_jsonw_key(w, "sources");
    jg_jsonw_array(w);
    for (size_t j = 0; j < g->trace_count; j++) {
      write_source(a, g->trace_ids[j], w);
    }
    jg_jsonw_end_array(w);
    jg_jsonw_end_object(w);
  }
  jg_jsonw_end_array(w);
}

static void write_example(const struct jg_row *row, struct jg_jsonw *w) {
  char group[17];
  jg_group_text(row->group, group);
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "trace_id", row->trace_id);
  jg_jsonw_key_text(w, "input_group", group);
  jg_jsonw_key_text(w, "inputs", row->inputs);
  jg_jsonw_key_text(w, "outputs", row->outputs);
  jg_jsonw_key_text(w, "expectations", row->expectations);
  jg_jsonw_key(w, "label");
  jg_jsonw_value(w, &row->target);
  jg_jsonw_key(w, "labels");
  jg_jsonw_array(w);
  for (size_t i = 0; i < row->label_count; i++) {
    const struct jg_label *l = &row->labels[i];
    jg_jsonw_object(w);
    jg_jsonw_key_text(w, "assessment_id", l->assessment_id);
    jg_jsonw_key_text(w, "source_id", l->source_id);
    jg_jsonw_key(w, "value");
    jg_jsonw_value(w, &l->value);
    jg_jsonw_key_text(w, "rationale", l->rationale);
    jg_jsonw_key_int(w, "created", l->created_ms);
    jg_jsonw_end_object(w);
  }
  jg_jsonw_end_array(w);
  jg_jsonw_end_object(w);
}

static void write_examples(const struct jg_alignment *a, struct jg_jsonw *w) {
  const struct jg_lesson *last = jg_alignment_last(a);
  jg_jsonw_array(w);
  for (size_t i = 0; i < last->train_count; i++) {
    write_example(&a->rows[last->train[i]], w);
  }
  jg_jsonw_end_array(w);
}

static void write_crossfit(const struct jg_alignment *a, struct jg_jsonw *w) {
  jg_jsonw_array(w);
  for (size_t i = 0; i < a->row_count; i++) {
    const struct jg_scored *s = &a->aligned[i];
    if (!a->split.cross_fitted || !s->known) {
      continue;
    }
    jg_jsonw_object(w);
    jg_jsonw_key_text(w, "trace_id", a->rows[i].trace_id);
    jg_jsonw_key_int(w, "fold", a->split.fold[i]);
    jg_jsonw_key(w, "value");
    jg_jsonw_value(w, &s->value);
    jg_jsonw_key_text(w, "value_type",
                      s->value.type == JG_NULL
                          ? NULL
                          : jg_scale_word(&a->parent.scale, &s->value));
    jg_jsonw_key_text(w, "rationale", s->rationale);
    jg_jsonw_key_text(w, "error_code", s->error_code);
    jg_jsonw_key_text(w, "error_message", s->error_message);
    jg_jsonw_end_object(w);
  }
  jg_jsonw_end_array(w);
}

/* Embeddings so many bytes at once, each part in one statement. */
#define VECTORS_BYTES 8000000

/* Those of the examples from position at on; returns where it stopped. */
static size_t put_vectors_from(struct jg_alignment *a, size_t at,
                               struct jg_err *err) {
  const struct jg_lesson *last = jg_alignment_last(a);
  const char *model = a->judges[a->lesson_count - 1].memory.embedding_model;
  struct jg_buf ids, vectors;
  jg_buf_init(&ids, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&vectors, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &ids};
  jg_jsonw_array(&w);
  for (; at < last->train_count && vectors.len < VECTORS_BYTES; at++) {
    const float *vector = a->keys.items[last->train[at]];
    if (vector) {
      jg_jsonw_text(&w, a->rows[last->train[at]].trace_id);
      jg_vector_write(vector, a->keys.dim, &vectors);
    }
  }
  jg_jsonw_end_array(&w);
  if (jg_buf_check(&ids, err) == JG_OK &&
      jg_buf_check(&vectors, err) == JG_OK) {
    jg_definition_draft_vectors(a->session->db, a->definition_id, model,
                                a->keys.dim, jg_buf_text(&ids),
                                jg_buf_text(&vectors), vectors.len, err);
  }
  jg_buf_dispose(&ids);
  jg_buf_dispose(&vectors);
  return at;
}

static int put_vectors(struct jg_alignment *a, struct jg_err *err) {
  const struct jg_lesson *last = jg_alignment_last(a);
  size_t at = 0;
  while (a->keys.count && at < last->train_count && err->code == JG_OK) {
    at = put_vectors_from(a, at, err);
  }
  return err->code;
}

/* ---- publishing --------------------------------------------------------- */

typedef void write_list(const struct jg_alignment *a, struct jg_jsonw *w);
typedef int store_list(sqlite3 *db, int64_t id, const char *list,
                       int64_t now_ms, struct jg_err *err);

static int put_list(struct jg_alignment *a, write_list *write,
                    store_list *store, struct jg_err *err) {
  struct jg_buf list;
  if (err->code != JG_OK) {
    return err->code;
  }
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &list};
  write(a, &w);
  if (jg_buf_check(&list, err) == JG_OK) {
    store(a->session->db, a->definition_id, jg_buf_text(&list),
          jg_session_now_ms(a->session), err);
  }
  jg_buf_dispose(&list);
  return err->code;
}

static int put_draft(struct jg_alignment *a, struct jg_err *err) {
  const char *note = a->accepted ? NULL : jg_buf_text(&a->notes);
  struct jg_definition_new more = {.state = "draft",
                                   .kind = "memory_augmented",
                                   .optimizer = a->optimizer_name,
                                   .parent = a->info.judge,
                                   .experiment = a->info.experiment,
                                   .note = note,
                                   .now_ms = jg_session_now_ms(a->session)};
  jg_definition_draft(a->session->db, &a->judges[a->lesson_count - 1], &more,
                      &a->definition_id, err);
  put_list(a, write_guidelines, jg_definition_draft_guidelines, err);
  put_list(a, write_examples, jg_definition_draft_examples, err);
  put_vectors(a, err);
  put_list(a, write_crossfit, jg_definition_draft_crossfit, err);
  return err->code;
}

static int name_version(struct jg_alignment *a, int64_t version,
                        struct jg_err *err) {
  struct jg_buf name;
  jg_buf_init(&name, 4096);
  jg_buf_printf(&name, "%s@%lld", a->parent.name, (long long)version);
  a->version = jg_buf_take(&name, err);
  return err->code;
}

/* After a split the held-out verdicts are the new version's own. */
static int put_verdicts(struct jg_alignment *a, struct jg_err *err) {
  struct jg_verdict_batch batch;
  jg_verdict_batch_init(&batch, &a->job);
  for (size_t i = 0; i < a->row_count && err->code == JG_OK; i++) {
    struct jg_scored *s = &a->aligned[i];
    if (a->split.cross_fitted || !s->known) {
      continue;
    }
    struct jg_verdict verdict = {.value = s->value,
                                 .rationale = s->rationale,
                                 .error_code = s->error_code,
                                 .error_message = s->error_message};
    jg_verdict_batch_put(&batch, &a->judges[a->lesson_count - 1], a->version,
                         a->rows[i].trace_id, &verdict, s->answer, err);
  }
  jg_verdict_batch_finish(&batch, err);
  jg_verdict_batch_dispose(&batch);
  return err->code;
}

int jg_alignment_publish(struct jg_alignment *a, struct jg_err *err) {
  int64_t version = 0;
  if (find_existing(a, err) != JG_OK || a->existed) {
    return err->code;
  }
  if (put_draft(a, err) != JG_OK ||
      jg_definition_publish(a->session->db, a->definition_id,
                            a->accepted ? "active" : "candidate",
                            a->accepted ? NULL : jg_buf_text(&a->notes),
                            &version, err) != JG_OK ||
      name_version(a, version, err) != JG_OK) {
    return err->code;
  }
  if (!a->split.cross_fitted) {
    jg_split_remember(a->session->db, a->parent.feedback_name, a->rows,
                      a->row_count, &a->split, err);
  }
  return put_verdicts(a, err);
}
