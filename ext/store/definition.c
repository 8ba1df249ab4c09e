/*
** Reading and storing versions of judges. What a draft is and how it becomes a
** version stands in draft.c; what is said when a name finds nothing in
** missing.c.
*/
#include "store/definition.h"
#include <string.h>
#include "core/clock.h"
#include "core/mem.h"
#include "core/text.h"
#include "store/db.h"
#include "store/draft.h"
#include "store/missing.h"

SQLITE_EXTENSION_INIT3

void jg_definition_info_dispose(struct jg_definition_info *info) {
  jg_mem_free(info->judge);
  jg_mem_free(info->kind);
  jg_mem_free(info->state);
  jg_mem_free(info->optimizer);
  jg_mem_free(info->parent);
  jg_mem_free(info->tags);
  jg_mem_free(info->experiment);
  jg_mem_free(info->note);
  memset(info, 0, sizeof(*info));
}

int jg_definition_split(const char *ref, char **name, int64_t *version,
                        struct jg_err *err) {
  const char *at = strrchr(ref, '@');
  double number = 0;

  *name = NULL;
  *version = 0;
  if (!at) {
    *name = jg_mem_text(ref, err);
    return (int)err->code;
  }
  if (at == ref || strspn(at + 1, "0123456789") != strlen(at + 1) ||
      !jg_text_number(at + 1, strlen(at + 1), &number) || number < 1 ||
      number > 1e9) {
    return jg_err_set(err, JG_ERROR,
                      "'%.200s' names no judge: write name or name@version, "
                      "like answer_quality@2",
                      ref);
  }
  *version = (int64_t)number;
  *name = jg_mem_textn(ref, (size_t)(at - ref), err);
  return (int)err->code;
}

int jg_definition_exists(sqlite3 *db, const char *name, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  int found = -1;

  if (jg_schema_require(db, err) == JG_OK) {
    stmt = jg_db_prepare(db,
                         "SELECT 1 FROM main.judge_definition "
                         "WHERE name = @name AND version IS NOT NULL LIMIT 1",
                         err);
    jg_db_bind_text(stmt, "@name", name, err);
    found = jg_db_step(stmt, err);
  }
  sqlite3_finalize(stmt);
  return found;
}

/* Columns of definition_find.sql. */
enum {
  C_DEFINITION_ID,
  C_MEMORY_ID,
  C_NAME,
  C_VERSION,
  C_JUDGE,
  C_FEEDBACK_NAME,
  C_KIND,
  C_STATE,
  C_INSTRUCTIONS,
  C_MODEL,
  C_VALUE_TYPE,
  C_VARIABLES,
  C_DESCRIPTION,
  C_INFERENCE_PARAMS,
  C_BASE_URL,
  C_BUILTIN,
  C_GUIDELINES_PARAM,
  C_RATIONALE_FIRST,
  C_RETRIEVAL_K,
  C_EMBEDDING_MODEL,
  C_LOCAL_MODEL,
  C_OPTIMIZER,
  C_PARENT,
  C_REGISTERED,
  C_TAGS,
  C_EXPERIMENT,
  C_NOTE
};

/* Which variables a built-in can do without is told by its data file. */
static int read_optional(struct jg_judge *out, struct jg_err *err) {
  struct jg_judge builtin = {0};

  if (out->builtin && jg_builtin_exists(out->builtin)) {
    jg_builtin_load(out->builtin, &builtin, err);
    out->optional = builtin.optional & out->variables;
    jg_judge_dispose(&builtin);
  }
  return (int)err->code;
}

/* A file of foreign making may lack what our schema demands. */
static int need(const char *column, int present, struct jg_err *err) {
  return present ? (int)err->code
                 : jg_err_set(err, JG_ERROR,
                              "a row of judge_definition has no %s: the table "
                              "is not as judge_init() made it",
                              column);
}

static int read_judge(sqlite3_stmt *row, struct jg_judge *out,
                      struct jg_err *err) {
  char *type = jg_db_text(row, C_VALUE_TYPE, err);
  char *variables = jg_db_text(row, C_VARIABLES, err);

  out->name = jg_db_text(row, C_NAME, err);
  out->version = sqlite3_column_int64(row, C_VERSION);
  out->feedback_name = jg_db_text(row, C_FEEDBACK_NAME, err);
  out->instructions = jg_db_text(row, C_INSTRUCTIONS, err);
  out->model = jg_db_text(row, C_MODEL, err);
  out->description = jg_db_text(row, C_DESCRIPTION, err);
  out->inference_params = jg_db_text(row, C_INFERENCE_PARAMS, err);
  out->base_url = jg_db_text(row, C_BASE_URL, err);
  out->builtin = jg_db_text(row, C_BUILTIN, err);
  out->guidelines = jg_db_text(row, C_GUIDELINES_PARAM, err);
  out->rationale_first = sqlite3_column_int(row, C_RATIONALE_FIRST);
  out->memory.retrieval_k = sqlite3_column_int64(row, C_RETRIEVAL_K);
  out->memory.embedding_model = jg_db_text(row, C_EMBEDDING_MODEL, err);
  out->memory.local_model = jg_db_text(row, C_LOCAL_MODEL, err);
  need("name", out->name != NULL, err);
  need("feedback_name", out->feedback_name != NULL, err);
  need("instructions", out->instructions != NULL, err);
  need("model", out->model != NULL, err);
  need("value_type", type != NULL, err);
  if (err->code == JG_OK && jg_scale_parse(type, &out->scale, err) == JG_OK) {
    jg_judge_variables_read(variables, &out->variables, err);
    read_optional(out, err);
  }
  jg_mem_free(type);
  jg_mem_free(variables);
  return (int)err->code;
}

static int read_info(sqlite3_stmt *row, struct jg_definition_info *info,
                     struct jg_err *err) {
  info->definition_id = sqlite3_column_int64(row, C_DEFINITION_ID);
  info->memory_id = sqlite3_column_int64(row, C_MEMORY_ID);
  info->judge = jg_db_text(row, C_JUDGE, err);
  info->kind = jg_db_text(row, C_KIND, err);
  info->state = jg_db_text(row, C_STATE, err);
  info->optimizer = jg_db_text(row, C_OPTIMIZER, err);
  info->parent = jg_db_text(row, C_PARENT, err);
  info->registered = sqlite3_column_int(row, C_REGISTERED);
  info->tags = jg_db_text(row, C_TAGS, err);
  info->experiment = jg_db_text(row, C_EXPERIMENT, err);
  info->note = jg_db_text(row, C_NOTE, err);
  need("judge", info->judge != NULL, err);
  need("kind", info->kind != NULL, err);
  return need("state", info->state != NULL, err);
}

/* Adds a trace to the guideline's teachers. */
static int add_source(struct jg_guideline *guideline, size_t *cap,
                      sqlite3_stmt *row, struct jg_err *err) {
  char *trace_id = jg_db_text(row, 2, err);

  if (!trace_id) {
    return (int)err->code;
  }
  if (jg_mem_grow(&guideline->trace_ids, cap, guideline->trace_count + 1,
                  sizeof(*guideline->trace_ids), err) != JG_OK) {
    jg_mem_free(trace_id);
    return (int)err->code;
  }
  guideline->trace_ids[guideline->trace_count++] = trace_id;
  return JG_OK;
}

static int read_guidelines(sqlite3 *db, int64_t memory_id,
                           struct jg_memory *out, struct jg_err *err) {
  sqlite3_stmt *row = jg_db_query(db, "definition_guidelines", err);
  size_t cap = 0;
  size_t source_cap = 0;

  jg_db_bind_int(row, "@memory_id", memory_id, err);
  while (jg_db_step(row, err) == 1) {
    struct jg_guideline *last = out->guideline_count > 0
                                    ? &out->guidelines[out->guideline_count - 1]
                                    : NULL;
    int64_t id = sqlite3_column_int64(row, 0);
    if (!last || last->id != id) {
      if (jg_mem_grow(&out->guidelines, &cap, out->guideline_count + 1,
                      sizeof(*out->guidelines), err) != JG_OK) {
        break;
      }
      last = &out->guidelines[out->guideline_count++];
      last->id = id;
      last->text = jg_db_text(row, 1, err);
      source_cap = 0;
    }
    if (add_source(last, &source_cap, row, err) != JG_OK) {
      break;
    }
  }
  sqlite3_finalize(row);
  return (int)err->code;
}

static int find_version(sqlite3 *db, const char *name, int64_t version,
                        struct jg_judge *out, struct jg_definition_info *info,
                        struct jg_err *err) {
  sqlite3_stmt *row = jg_db_query(db, "definition_find", err);
  int found;

  jg_db_bind_text(row, "@name", name, err);
  jg_db_bind_int(row, "@version", version, err);
  found = jg_db_step(row, err);
  if (found == 1 && read_judge(row, out, err) == JG_OK) {
    read_info(row, info, err);
  }
  sqlite3_finalize(row);
  if (err->code == JG_OK && found == 1) {
    return read_guidelines(db, info->memory_id, &out->memory, err);
  }
  return err->code == JG_OK ? jg_missing_judge(db, name, version, err)
                            : (int)err->code;
}

int jg_definition_find(sqlite3 *db, const char *ref, struct jg_judge *out,
                       struct jg_definition_info *info, struct jg_err *err) {
  char *name = NULL;
  int64_t version = 0;

  memset(out, 0, sizeof(*out));
  memset(info, 0, sizeof(*info));
  if (jg_schema_require(db, err) == JG_OK &&
      jg_definition_split(ref, &name, &version, err) == JG_OK) {
    find_version(db, name, version, out, info, err);
  }
  jg_mem_free(name);
  if (err->code != JG_OK) {
    jg_judge_dispose(out);
    jg_definition_info_dispose(info);
  }
  return (int)err->code;
}

/* Texts made of a judge for its row. */
struct derived {
  struct jg_buf type, variables;
  char *effective;
  char digest[JG_DIGEST_HEX_BYTES];
  char now[JG_CLOCK_TEXT_BYTES];
};

static int derived_init(struct derived *d, const struct jg_judge *judge,
                        int64_t now_ms, struct jg_err *err) {
  memset(d, 0, sizeof(*d));
  jg_buf_init(&d->type, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&d->variables, JG_BUF_LIMIT_BYTES);
  jg_scale_write(&judge->scale, &d->type);
  jg_judge_variables_write(judge->variables, &d->variables);
  jg_judge_digest(judge, d->digest);
  jg_clock_format(now_ms, d->now);
  if (jg_buf_check(&d->type, err) == JG_OK &&
      jg_buf_check(&d->variables, err) == JG_OK) {
    jg_judge_effective_instructions(judge, &d->effective, err);
  }
  return (int)err->code;
}

static void derived_dispose(struct derived *d) {
  jg_buf_dispose(&d->type);
  jg_buf_dispose(&d->variables);
  jg_mem_free(d->effective);
}

static void bind_judge(sqlite3_stmt *stmt, const struct jg_judge *judge,
                       const struct derived *d, struct jg_err *err) {
  jg_db_bind_text(stmt, "@name", judge->name, err);
  jg_db_bind_text(stmt, "@feedback_name",
                  judge->feedback_name ? judge->feedback_name : judge->name,
                  err);
  jg_db_bind_text(stmt, "@instructions", judge->instructions, err);
  jg_db_bind_text(stmt, "@effective_instructions", d->effective, err);
  jg_db_bind_text(stmt, "@model", judge->model, err);
  jg_db_bind_text(stmt, "@value_type", jg_buf_text(&d->type), err);
  jg_db_bind_text(stmt, "@variables", jg_buf_text(&d->variables), err);
  jg_db_bind_text(stmt, "@description", judge->description, err);
  jg_db_bind_text(stmt, "@inference_params", judge->inference_params, err);
  jg_db_bind_text(stmt, "@base_url", judge->base_url, err);
  jg_db_bind_text(stmt, "@builtin", judge->builtin, err);
  jg_db_bind_text(stmt, "@guidelines_param", judge->guidelines, err);
  jg_db_bind_int(stmt, "@rationale_first", judge->rationale_first, err);
  jg_db_bind_int(stmt, "@retrieval_k", judge->memory.retrieval_k, err);
  jg_db_bind_text(stmt, "@embedding_model", judge->memory.embedding_model, err);
  jg_db_bind_text(stmt, "@local_model", judge->memory.local_model, err);
  jg_db_bind_text(stmt, "@digest", d->digest, err);
  jg_db_bind_text(stmt, "@now_text", d->now, err);
}

static void bind_more(sqlite3_stmt *stmt, const struct jg_judge *judge,
                      const struct jg_definition_new *more,
                      struct jg_err *err) {
  const char *kind = judge->builtin ? "builtin" : "instructions";

  jg_db_bind_text(stmt, "@kind", more->kind ? more->kind : kind, err);
  jg_db_bind_text(stmt, "@state", more->state ? more->state : "active", err);
  jg_db_bind_text(stmt, "@optimizer", more->optimizer, err);
  jg_db_bind_text(stmt, "@parent", more->parent, err);
  if (more->memory_id > 0) {
    jg_db_bind_int(stmt, "@memory_id", more->memory_id, err);
  }
  jg_db_bind_int(stmt, "@registered", more->registered != 0, err);
  jg_db_bind_text(stmt, "@tags", more->tags, err);
  jg_db_bind_text(stmt, "@experiment", more->experiment, err);
  jg_db_bind_text(stmt, "@note", more->note, err);
  jg_db_bind_int(stmt, "@now", more->now_ms, err);
}

/* 1: a row went in; 0: a version with this content exists; -1: err. */
static int insert_row(sqlite3 *db, const struct jg_judge *judge,
                      const struct jg_definition_new *more, int draft,
                      int64_t *definition_id, int64_t *version,
                      struct jg_err *err) {
  struct derived d;
  sqlite3_stmt *stmt = NULL;
  int inserted = -1;

  if (derived_init(&d, judge, more->now_ms, err) == JG_OK) {
    stmt = jg_db_query(db, "definition_insert", err);
    bind_judge(stmt, judge, &d, err);
    bind_more(stmt, judge, more, err);
    jg_db_bind_int(stmt, "@draft", draft, err);
    inserted = jg_db_step(stmt, err);
  }
  if (inserted == 1) {
    *definition_id = sqlite3_column_int64(stmt, 0);
    *version = sqlite3_column_int64(stmt, 1);
    /* To its end: only then is the statement committed. */
    if (jg_db_step(stmt, err) != 0) {
      inserted = -1;
    }
  }
  sqlite3_finalize(stmt);
  derived_dispose(&d);
  return err->code == JG_OK ? inserted : -1;
}

/* 1 when a version of this content exists. */
static int find_same(sqlite3 *db, const struct jg_judge *judge,
                     int64_t memory_id, int64_t *definition_id,
                     int64_t *version, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  sqlite3_stmt *stmt = jg_db_query(db, "definition_same", err);
  int found;

  jg_db_bind_text(stmt, "@name", judge->name, err);
  jg_db_bind_text(stmt, "@digest", jg_judge_digest(judge, digest), err);
  if (memory_id > 0) {
    jg_db_bind_int(stmt, "@memory_id", memory_id, err);
  }
  found = jg_db_step(stmt, err);
  if (found == 1) {
    *definition_id = sqlite3_column_int64(stmt, 0);
    *version = sqlite3_column_int64(stmt, 1);
  }
  sqlite3_finalize(stmt);
  return found;
}

/* With guidelines of its own: by way of a draft, without a transaction. */
static int insert_taught(sqlite3 *db, const struct jg_judge *judge,
                         const struct jg_definition_new *more,
                         int64_t *definition_id, int64_t *version,
                         struct jg_err *err) {
  struct jg_buf list;

  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_draft_guidelines_write(&judge->memory, &list);
  if (jg_buf_check(&list, err) == JG_OK &&
      jg_definition_draft(db, judge, more, definition_id, err) == JG_OK &&
      jg_definition_draft_guidelines(db, *definition_id, jg_buf_text(&list),
                                     more->now_ms, err) == JG_OK) {
    jg_definition_publish(db, *definition_id,
                          more->state ? more->state : "active", more->note,
                          version, err);
  }
  jg_buf_dispose(&list);
  return (int)err->code;
}

/* An experiment that a judge names is one, as for traces. */
static int know_experiment(sqlite3 *db, const char *name, struct jg_err *err) {
  sqlite3_stmt *stmt;

  if (!name || err->code != JG_OK) {
    return (int)err->code;
  }
  stmt = jg_db_query(db, "definition_experiment", err);
  jg_db_bind_text(stmt, "@name", name, err);
  return jg_db_run(stmt, err);
}

int jg_definition_insert(sqlite3 *db, const struct jg_judge *judge,
                         const struct jg_definition_new *more,
                         int64_t *definition_id, int64_t *version, int *existed,
                         struct jg_err *err) {
  *existed = 0;
  if (jg_schema_require(db, err) != JG_OK) {
    return (int)err->code;
  }
  if (judge->memory.guideline_count > 0 && more->memory_id == 0) {
    *existed =
        find_same(db, judge, more->memory_id, definition_id, version, err) == 1;
    return *existed || err->code != JG_OK
               ? (int)err->code
               : insert_taught(db, judge, more, definition_id, version, err);
  }
  if (insert_row(db, judge, more, 0, definition_id, version, err) == 0) {
    *existed =
        find_same(db, judge, more->memory_id, definition_id, version, err) == 1;
  }
  return know_experiment(db, more->experiment, err);
}

int jg_definition_draft(sqlite3 *db, const struct jg_judge *judge,
                        const struct jg_definition_new *more,
                        int64_t *definition_id, struct jg_err *err) {
  struct jg_definition_new draft = *more;
  int64_t version = 0;

  draft.state = "draft";
  insert_row(db, judge, &draft, 1, definition_id, &version, err);
  return (int)err->code;
}

int jg_definition_register(sqlite3 *db, int64_t definition_id, const char *tags,
                           const char *experiment, int64_t now_ms,
                           struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "definition_register", err);

  jg_db_bind_int(stmt, "@definition_id", definition_id, err);
  jg_db_bind_text(stmt, "@tags", tags, err);
  jg_db_bind_text(stmt, "@experiment", experiment, err);
  jg_db_bind_int(stmt, "@now", now_ms, err);
  jg_db_run(stmt, err);
  return know_experiment(db, experiment, err);
}

int jg_definition_unregister(sqlite3 *db, const char *name, int64_t version,
                             struct jg_jsonw *list, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "definition_unregister", err);

  jg_db_bind_text(stmt, "@name", name, err);
  jg_db_bind_int(stmt, "@version", version, err);
  while (jg_db_step(stmt, err) == 1) {
    jg_jsonw_text(list, (const char *)sqlite3_column_text(stmt, 0));
  }
  sqlite3_finalize(stmt);
  return (int)err->code;
}

int jg_definition_examples(sqlite3 *db, int64_t memory_id,
                           int (*each)(void *ctx, sqlite3_stmt *row), void *ctx,
                           struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "definition_examples", err);

  jg_db_bind_int(stmt, "@memory_id", memory_id, err);
  while (jg_db_step(stmt, err) == 1) {
    if (each(ctx, stmt) != 0) {
      break;
    }
  }
  sqlite3_finalize(stmt);
  return (int)err->code;
}
