/*
** From draft to version (laws 7 and 11): rows go in under a definition without
** a version, which no reader sees; one UPDATE publishes it. No statement here
** opens a transaction, so a command that is cut short leaves at most a draft,
** and the next command sweeps it.
**
** Rows are added only while their draft is there: another connection may have
** swept it, and rows of a definition that is gone would stay for good.
*/
#include "store/draft.h"
#include "core/json.h"
#include "store/db.h"
#include "store/definition.h"

SQLITE_EXTENSION_INIT3

void jg_draft_guidelines_write(const struct jg_memory *memory,
                               struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};

  jg_jsonw_array(&w);
  for (size_t i = 0; i < memory->guideline_count; i++) {
    const struct jg_guideline *g = &memory->guidelines[i];
    jg_jsonw_object(&w);
    jg_jsonw_key_text(&w, "text", g->text);
    jg_jsonw_key_text(&w, "origin", g->trace_count ? "distilled" : "human");
    jg_jsonw_key(&w, "sources");
    jg_jsonw_array(&w);
    for (size_t k = 0; k < g->trace_count; k++) {
      jg_jsonw_text(&w, g->trace_ids[k]);
    }
    jg_jsonw_end_array(&w);
    jg_jsonw_end_object(&w);
  }
  jg_jsonw_end_array(&w);
}

static int add_rows(sqlite3 *db, const char *query, int64_t definition_id,
                    const char *list, int64_t now_ms, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, query, err);

  jg_db_bind_int(stmt, "@definition_id", definition_id, err);
  jg_db_bind_text(stmt, "@list", list, err);
  jg_db_bind_int(stmt, "@now", now_ms, err);
  return jg_db_run(stmt, err);
}

int jg_definition_draft_guidelines(sqlite3 *db, int64_t definition_id,
                                   const char *list, int64_t now_ms,
                                   struct jg_err *err) {
  add_rows(db, "definition_draft_guidelines", definition_id, list, now_ms, err);
  return add_rows(db, "definition_draft_sources", definition_id, list, now_ms,
                  err);
}

int jg_definition_draft_examples(sqlite3 *db, int64_t definition_id,
                                 const char *list, int64_t now_ms,
                                 struct jg_err *err) {
  return add_rows(db, "definition_draft_examples", definition_id, list, now_ms,
                  err);
}

int jg_definition_draft_vectors(sqlite3 *db, int64_t definition_id,
                                const char *model, size_t dim,
                                const char *trace_ids, const void *vectors,
                                size_t bytes, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "definition_draft_vectors", err);

  jg_db_bind_int(stmt, "@definition_id", definition_id, err);
  jg_db_bind_text(stmt, "@model", model, err);
  jg_db_bind_int(stmt, "@dim", (int64_t)dim, err);
  jg_db_bind_text(stmt, "@trace_ids", trace_ids, err);
  jg_db_bind_blob(stmt, "@vectors", vectors, bytes, err);
  return jg_db_run(stmt, err);
}

int jg_definition_draft_crossfit(sqlite3 *db, int64_t definition_id,
                                 const char *list, int64_t now_ms,
                                 struct jg_err *err) {
  return add_rows(db, "definition_draft_crossfit", definition_id, list, now_ms,
                  err);
}

int jg_definition_publish(sqlite3 *db, int64_t definition_id, const char *state,
                          const char *note, int64_t *version,
                          struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "definition_publish", err);
  int row;

  jg_db_bind_int(stmt, "@definition_id", definition_id, err);
  jg_db_bind_text(stmt, "@state", state, err);
  jg_db_bind_text(stmt, "@note", note, err);
  row = jg_db_step(stmt, err);
  if (row == 1) {
    *version = sqlite3_column_int64(stmt, 0);
    /* To its end: only then is the statement committed. */
    jg_db_step(stmt, err);
  }
  sqlite3_finalize(stmt);
  if (row == 0) {
    jg_err_set(err, JG_ERROR,
               "the new version was swept before it was finished: another "
               "command ran on this database meanwhile; run this one again "
               "(answers are kept)");
  }
  return (int)err->code;
}

/* 1, 0, or -1 with err. */
static int any_draft(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      db, "SELECT 1 FROM main.judge_definition WHERE state = 'draft' LIMIT 1",
      err);
  int any = jg_db_step(stmt, err);
  sqlite3_finalize(stmt);
  return any;
}

/* One statement: a trigger deletes what belongs to the draft. Between two of
** them another connection could publish it without its examples. */
int jg_definition_sweep(sqlite3 *db, struct jg_err *err) {
  if (any_draft(db, err) == 1) {
    jg_db_run(
        jg_db_prepare(
            db, "DELETE FROM main.judge_definition WHERE state = 'draft'", err),
        err);
  }
  return (int)err->code;
}
