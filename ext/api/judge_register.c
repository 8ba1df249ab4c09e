/*
** judge_register(judge [, name [, tags [, options]]]) and
** judge_unregister(name [, version]): which versions are in use. Under a new
** name a copy is made that shares the memory and keeps the feedback name; the
** version itself never changes.
*/
#include "api/api.h"
#include <string.h>
#include "api/result.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "store/db.h"
#include "store/report.h"

SQLITE_EXTENSION_INIT3

#define REGISTER "judge_register"
#define UNREGISTER "judge_unregister"

struct options {
  const char *experiment;
};
static const struct jg_option OPTIONS[] = {
    {"experiment", JG_OPTION_TEXT, offsetof(struct options, experiment), 0, 0,
     NULL},
};

/* One call of judge_register. */
struct registration {
  struct jg_session *session;
  const char *ref, *name, *tags, *options; /* arguments, lent */
  struct options given;
  struct jg_judge judge;
  struct jg_definition_info info; /* of the source */
  int64_t definition_id;          /* of the registered version */
  int64_t version;
  int created;
  int64_t now_ms;
  struct jg_buf ref_out; /* name@version of it */
};

/* Tags are an object of texts. */
static int tags_check(const char *tags, struct jg_err *err) {
  struct jg_json *object = NULL;
  struct jg_err why = {0};
  const struct jg_json *tag;

  if (jg_json_parse(tags, strlen(tags), &object, &why) != JG_OK) {
    return why.code == JG_NOMEM
               ? jg_err_nomem(err)
               : jg_err_set(err, JG_ERROR, REGISTER ": tags: %s", why.text);
  }
  if (jg_json_type(object) != JG_JSON_OBJECT) {
    jg_err_set(err, JG_ERROR,
               REGISTER ": tags must be a JSON object, like "
                        "{\"alignment_date\":\"2026-11-23\"}");
  }
  for (tag = jg_json_first(object); tag; tag = jg_json_next(tag)) {
    if (!jg_json_text(tag)) {
      jg_err_set(err, JG_ERROR, REGISTER ": tag '%.100s' must be a text",
                 jg_json_key(tag));
    }
  }
  jg_json_free(object);
  return (int)err->code;
}

/* The name for a copy follows the rules of make_judge. */
static int name_check(const char *name, struct jg_err *err) {
  struct jg_judge_spec spec = {0};
  struct jg_judge probe = {0};

  spec.name = name;
  spec.instructions = "{{ outputs }}";
  spec.model = JG_SESSION_DEFAULT_MODEL;
  spec.default_model = spec.model;
  jg_judge_make(&spec, &probe, err);
  jg_judge_dispose(&probe);
  return (int)err->code;
}

/* A name belongs to one feedback: under two of them the bare name would mean
** another question than the day before. */
static int name_free(const struct registration *r, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      r->session->db,
      "SELECT feedback_name FROM main.judge_definition WHERE name = @name"
      " AND version IS NOT NULL AND feedback_name <> @feedback LIMIT 1",
      err);
  jg_db_bind_text(stmt, "@name", r->name, err);
  jg_db_bind_text(stmt, "@feedback", r->judge.feedback_name, err);
  if (jg_db_step(stmt, err) == 1) {
    jg_err_set(err, JG_ERROR,
               REGISTER ": '%.200s' is a judge that is measured against "
                        "feedback '%.200s', and '%.200s' against '%.200s': "
                        "give another name",
               r->name, (const char *)sqlite3_column_text(stmt, 0),
               r->info.judge, r->judge.feedback_name);
  }
  sqlite3_finalize(stmt);
  return (int)err->code;
}

/* Has this version learned anything that a copy must share? */
static int has_memory(const struct registration *r) {
  return strcmp(r->info.kind, "memory_augmented") == 0 ||
         r->info.memory_id != r->info.definition_id ||
         r->judge.memory.guideline_count > 0;
}

/* A copy of the source under the new name, or the equal one that exists. A
** candidate that is registered by hand is in use under its new name. */
static int copy(struct registration *r, struct jg_err *err) {
  struct jg_definition_new more = {0};
  int existed = 0;

  jg_mem_free(r->judge.name);
  r->judge.name = jg_mem_text(r->name, err);
  if (!r->judge.name || name_check(r->name, err) != JG_OK ||
      name_free(r, err) != JG_OK) {
    return (int)err->code;
  }
  more.kind = r->info.kind;
  more.optimizer = r->info.optimizer;
  more.parent = r->info.parent;
  more.memory_id = has_memory(r) ? r->info.memory_id : 0;
  more.experiment =
      r->given.experiment ? r->given.experiment : r->session->config.experiment;
  more.note = r->info.note;
  more.tags = r->tags;
  more.registered = 1;
  more.now_ms = r->now_ms;
  jg_definition_insert(r->session->db, &r->judge, &more, &r->definition_id,
                       &r->version, &existed, err);
  r->created = !existed;
  return (int)err->code;
}

/* Finds or makes the version and marks it. */
static int settle(struct registration *r, struct jg_err *err) {
  if (r->name && strcmp(r->name, r->judge.name) != 0) {
    copy(r, err);
  } else {
    r->definition_id = r->info.definition_id;
    r->version = r->judge.version;
  }
  if (err->code == JG_OK && !r->created) {
    jg_definition_register(r->session->db, r->definition_id, r->tags,
                           r->given.experiment, r->now_ms, err);
  }
  return (int)err->code;
}

static void write_report(struct registration *r, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};

  jg_buf_printf(&r->ref_out, "%s@%lld", r->judge.name, (long long)r->version);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "judge", jg_buf_text(&r->ref_out));
  jg_jsonw_key_text(&w, "name", r->judge.name);
  jg_jsonw_key_int(&w, "version", r->version);
  jg_jsonw_key_text(&w, "source", r->info.judge);
  jg_jsonw_key_text(&w, "source_state", r->info.state);
  jg_jsonw_key_text(&w, "feedback_name", r->judge.feedback_name);
  jg_jsonw_key_bool(&w, "created", r->created);
  jg_jsonw_key_bool(&w, "registered", 1);
  if (r->tags) {
    jg_jsonw_key_raw(&w, "tags", r->tags);
  }
  if (r->given.experiment) {
    jg_jsonw_key_text(&w, "experiment", r->given.experiment);
  }
  jg_jsonw_end_object(&w);
}

static void read_arguments(struct registration *r, int count,
                           sqlite3_value **values, struct jg_json **keep,
                           struct jg_err *err) {
  size_t bytes = 0;

  r->ref = jg_arg_need(values, count, 0, REGISTER, "judge", NULL, err);
  r->name = jg_arg_text(values, count, 1, REGISTER, "name", NULL, err);
  r->tags = jg_arg_text(values, count, 2, REGISTER, "tags", NULL, err);
  r->options = jg_arg_text(values, count, 3, REGISTER, "options", &bytes, err);
  if (err->code == JG_OK && r->tags) {
    tags_check(r->tags, err);
  }
  if (err->code == JG_OK) {
    jg_options_read(REGISTER, r->options, bytes, OPTIONS,
                    sizeof(OPTIONS) / sizeof(OPTIONS[0]), &r->given, keep, err);
  }
}

void jg_api_judge_register(sqlite3_context *context, int count,
                           sqlite3_value **values) {
  struct registration r = {0};
  struct jg_err err = {0};
  struct jg_json *keep = NULL;
  struct jg_buf report;

  r.session = jg_result_session(context);
  r.now_ms = jg_session_now_ms(r.session);
  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&r.ref_out, JG_BUF_LIMIT_BYTES);
  read_arguments(&r, count, values, &keep, &err);
  if (err.code == JG_OK &&
      jg_session_judge(r.session, r.ref, 1, &r.judge, &r.info, &err) == JG_OK &&
      settle(&r, &err) == JG_OK) {
    write_report(&r, &report);
  }
  if (err.code == JG_OK && jg_buf_check(&report, &err) == JG_OK) {
    struct jg_report row = {.command = REGISTER,
                            .judge = jg_buf_text(&r.ref_out),
                            .json = jg_buf_text(&report)};
    jg_report_write(r.session->db, &row, r.now_ms, &err);
  }
  if (err.code == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
  jg_buf_dispose(&r.ref_out);
  jg_json_free(keep);
  jg_judge_dispose(&r.judge);
  jg_definition_info_dispose(&r.info);
}

/* What judge_unregister is asked for: "name", "name@2", or name and 2. */
static void read_version(int count, sqlite3_value **values, char **name,
                         int64_t *version, struct jg_err *err) {
  const char *ref =
      jg_arg_need(values, count, 0, UNREGISTER, "name", NULL, err);

  if (!ref || jg_definition_split(ref, name, version, err) != JG_OK ||
      count < 2 || sqlite3_value_type(values[1]) == SQLITE_NULL) {
    return;
  }
  if (sqlite3_value_numeric_type(values[1]) != SQLITE_INTEGER ||
      sqlite3_value_int64(values[1]) < 1) {
    jg_err_set(err, JG_ERROR,
               UNREGISTER ": second argument (version) must be a whole "
                          "number from 1");
    return;
  }
  *version = sqlite3_value_int64(values[1]);
}

/* An error unless the name, or the version asked for, is there. */
static int check_there(sqlite3 *db, const char *name, int64_t version,
                       struct jg_err *err) {
  struct jg_judge judge = {0};
  struct jg_definition_info info = {0};
  struct jg_buf ref;

  if (version == 0 && jg_definition_exists(db, name, err) != 0) {
    return (int)err->code;
  }
  jg_buf_init(&ref, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&ref, name);
  if (version > 0) {
    jg_buf_printf(&ref, "@%lld", (long long)version);
  }
  if (jg_buf_check(&ref, err) == JG_OK) {
    jg_definition_find(db, jg_buf_text(&ref), &judge, &info, err);
  }
  jg_buf_dispose(&ref);
  jg_judge_dispose(&judge);
  jg_definition_info_dispose(&info);
  return (int)err->code;
}

static int unregister(struct jg_session *session, const char *name,
                      int64_t version, struct jg_buf *report,
                      struct jg_err *err) {
  struct jg_jsonw w = {.to = report};

  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "name", name);
  jg_jsonw_key(&w, "unregistered");
  jg_jsonw_array(&w);
  jg_definition_unregister(session->db, name, version, &w, err);
  jg_jsonw_end_array(&w);
  jg_jsonw_end_object(&w);
  if (err->code == JG_OK && jg_buf_check(report, err) == JG_OK) {
    struct jg_report row = {
        .command = UNREGISTER, .judge = name, .json = jg_buf_text(report)};
    jg_report_write(session->db, &row, jg_session_now_ms(session), err);
  }
  return (int)err->code;
}

void jg_api_judge_unregister(sqlite3_context *context, int count,
                             sqlite3_value **values) {
  struct jg_session *session = jg_result_session(context);
  struct jg_err err = {0};
  struct jg_buf report;
  char *name = NULL;
  int64_t version = 0;

  jg_buf_init(&report, JG_BUF_LIMIT_BYTES);
  read_version(count, values, &name, &version, &err);
  if (err.code == JG_OK && jg_schema_require(session->db, &err) == JG_OK &&
      check_there(session->db, name, version, &err) == JG_OK) {
    unregister(session, name, version, &report, &err);
  }
  if (err.code == JG_OK) {
    jg_result_json(context, &report);
  } else {
    jg_result_error(context, &err);
  }
  jg_buf_dispose(&report);
  jg_mem_free(name);
}
