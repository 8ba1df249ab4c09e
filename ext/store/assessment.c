/*
** Verdicts and labels. The triggers of judge_assessment do what must hold for
** any writer; here is what the commands ask.
*/
#include "store/assessment.h"

#include <string.h>

#include "core/embed.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define NAME_BYTES 128 /* of names that are compared for slips */

int jg_assessment_write_verdicts(sqlite3 *db, const char *json_list,
                                 sqlite3_stmt **kept, size_t *written,
                                 struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_kept(db, "assessment_write_verdicts", kept, err);
  jg_db_bind_text(stmt, "@list", json_list, err);
  *written = 0;
  while (jg_db_step(stmt, err) == 1) {
    ++*written;
  }
  jg_db_reset(stmt);
  return err->code;
}

int jg_assessment_missing(sqlite3 *db, const char *json_list,
                          struct jg_assessment_missing *out,
                          struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "assessment_missing", err);
  memset(out, 0, sizeof(*out));
  jg_db_bind_text(stmt, "@list", json_list, err);
  if (jg_db_step(stmt, err) == 1) {
    out->dropped = sqlite3_column_int64(stmt, 0);
    out->gone_verdicts = sqlite3_column_int64(stmt, 1);
    out->gone_errors = sqlite3_column_int64(stmt, 2);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* What jg_label_each() binds. */
struct labels {
  const char *feedback_name;
  const struct jg_trace_filter *filter;
};

static void bind_labels(void *ctx, sqlite3_stmt *stmt, struct jg_err *err) {
  const struct labels *labels = ctx;
  jg_trace_filter_bind(labels->filter, stmt, err);
  jg_db_bind_text(stmt, "@name", labels->feedback_name, err);
}

int jg_label_each(struct jg_checked_env *env, const char *feedback_name,
                  const struct jg_trace_filter *filter,
                  int (*row)(void *ctx, sqlite3_stmt *stmt), void *ctx,
                  struct jg_err *err) {
  struct labels labels = {feedback_name, filter};
  struct jg_checked c = jg_trace_filter_checked(env, filter);
  struct jg_buf sql;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&sql, "WITH judge_selected AS (SELECT * ");
  if (jg_trace_filter_sql(filter, &sql, err) == JG_OK) {
    jg_buf_puts(&sql, jg_embed_get("queries/assessment_labels.sql"));
  }
  if (jg_buf_check(&sql, err) == JG_OK) {
    c.sql = jg_buf_text(&sql);
    c.bind = bind_labels;
    c.ctx = &labels;
    jg_checked_open(&c, err);
  }
  while (jg_checked_step(&c, err) == 1) {
    if (row(ctx, c.stmt) != 0) {
      break;
    }
  }
  jg_checked_close(&c);
  jg_buf_dispose(&sql);
  return err->code;
}

/* Letters and digits of a name, lower case; cut at NAME_BYTES. */
static void plain(const char *name, char out[NAME_BYTES]) {
  size_t n = 0;
  for (; *name && n + 1 < NAME_BYTES; name++) {
    if (!strchr(" _-.", *name)) {
      out[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
    }
  }
  out[n] = '\0';
}

static int is_near(const char *name, const char *wanted) {
  char a[NAME_BYTES], b[NAME_BYTES];
  if (strcmp(name, wanted) == 0) {
    return 0;
  }
  plain(name, a);
  plain(wanted, b);
  return strcmp(a, b) == 0 || (strlen(b) > 4 && jg_text_distance(a, b, 1) <= 1);
}

char *jg_label_near_names(sqlite3 *db, const char *feedback_name,
                          struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "assessment_names", err);
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  char *result = NULL;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  while (jg_db_step(stmt, err) == 1) {
    char *name = jg_db_text(stmt, 0, err);
    if (name && is_near(name, feedback_name)) {
      jg_jsonw_key_int(&w, name, sqlite3_column_int64(stmt, 1));
    }
    jg_mem_free(name);
  }
  jg_jsonw_end_object(&w);
  sqlite3_finalize(stmt);
  if (err->code == JG_OK) {
    result = jg_buf_take(&text, err);
  }
  jg_buf_dispose(&text);
  return result;
}
