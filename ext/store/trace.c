/*
** Reading traces. A filter becomes one SELECT over judge_trace with the columns
** of the virtual table traces; the user's expression stands in a subquery of
** its own, so that it cannot loosen the other conditions.
*/
#include "store/trace.h"

#include <string.h>

#include "core/embed.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

void jg_trace_dispose(struct jg_trace *trace) {
  jg_mem_free(trace->trace_id);
  jg_mem_free(trace->inputs);
  jg_mem_free(trace->outputs);
  jg_mem_free(trace->expectations);
  memset(trace, 0, sizeof(*trace));
}

struct jg_item jg_trace_item(const struct jg_trace *trace) {
  struct jg_item item = {.trace_id = trace->trace_id,
                         .inputs = trace->inputs,
                         .outputs = trace->outputs,
                         .expectations = trace->expectations};
  return item;
}

/* ---- the user's expression ---------------------------------------------- */

/* The end of a quoted text, name or comment that begins at at; at itself when
** nothing begins there; NULL when it does not end. */
static const char *skip_quoted(const char *at) {
  char close = *at == '[' ? ']' : *at;
  const char *end;
  if (at[0] == '-' && at[1] == '-') {
    end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
  }
  if (at[0] == '/' && at[1] == '*') {
    end = strstr(at + 2, "*/");
    return end ? end + 2 : NULL;
  }
  if (*at == '\0' || !strchr("'\"`[", *at)) {
    return at;
  }
  end = strchr(at + 1, close);
  return end ? end + 1 : NULL; /* a doubled quote begins the next text */
}

/* What keeps the text from being one expression, or NULL. */
static const char *fault_of(const char *where) {
  int depth = 0;
  while (*where) {
    const char *next = skip_quoted(where);
    if (!next) {
      return "a quote or comment does not end";
    }
    if (next != where) {
      where = next;
      continue;
    }
    depth += (*where == '(') - (*where == ')');
    if (depth < 0) {
      return "a closing parenthesis has no opening one";
    }
    if (*where == ';') {
      return "a semicolon cannot stand in an expression";
    }
    where++;
  }
  return depth > 0 ? "a parenthesis is not closed" : NULL;
}

/* ---- filters ------------------------------------------------------------ */

/* The columns of the virtual table traces, over judge_trace. */
static void add_source(struct jg_buf *sql) {
  jg_buf_puts(sql, jg_embed_get("queries/trace_source.sql"));
  jg_buf_puts(sql, jg_embed_get("queries/trace_expectations.sql"));
  jg_buf_puts(sql, " AS expectations FROM main.judge_trace t) AS traces");
}

int jg_trace_filter_sql(const struct jg_trace_filter *filter,
                        struct jg_buf *sql, struct jg_err *err) {
  const char *fault = filter->where ? fault_of(filter->where) : NULL;
  if (fault) {
    return jg_err_set(err, JG_ERROR, "where \"%.200s\": %s", filter->where,
                      fault);
  }
  jg_buf_puts(sql, "FROM ");
  if (filter->where) {
    jg_buf_puts(sql, "(SELECT * FROM ");
    add_source(sql);
    /* The line break ends a comment at the end of the expression. */
    jg_buf_puts(sql, " WHERE (");
    jg_buf_puts(sql, filter->where);
    jg_buf_puts(sql, "\n)) AS traces");
  } else {
    add_source(sql);
  }
  jg_buf_puts(sql, " WHERE 1");
  if (filter->experiment) {
    jg_buf_puts(sql, " AND traces.experiment = @experiment");
  }
  if (filter->trace_ids) {
    jg_buf_puts(sql, " AND traces.trace_id IN"
                     " (SELECT value FROM json_each(@trace_ids))");
  }
  if (filter->unrated_by) {
    jg_buf_puts(sql, " AND NOT EXISTS (SELECT 1 FROM main.judge_assessment r"
                     " WHERE r.judge = @judge AND r.trace_id = traces.trace_id"
                     " AND r.valid = 1 AND r.error_code IS NULL)");
  }
  return jg_buf_check(sql, err);
}

/* Is nothing but white space left? */
static int is_blank(const char *tail) {
  return tail[strspn(tail, " \t\r\n")] == '\0';
}

sqlite3_stmt *jg_trace_filter_prepare(sqlite3 *db,
                                      const struct jg_trace_filter *filter,
                                      const char *sql, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  const char *tail = "";
  int rc;
  if (err->code != JG_OK) {
    return NULL;
  }
  rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &tail);
  if (rc != SQLITE_OK && filter->where && rc != SQLITE_NOMEM &&
      rc != SQLITE_INTERRUPT) {
    char why[300]; /* the next statement takes SQLite's message away */
    sqlite3_snprintf((int)sizeof(why), why, "%s", sqlite3_errmsg(db));
    if (jg_schema_require(db, err) == JG_OK) {
      jg_err_set(err, JG_ERROR, "where \"%.200s\": %s", filter->where, why);
    }
    return NULL;
  }
  if (rc != SQLITE_OK) {
    jg_db_fail(db, rc, err);
    return NULL;
  }
  if (!is_blank(tail) || !sqlite3_stmt_readonly(stmt)) {
    jg_err_set(err, JG_ERROR,
               "where \"%.200s\": it must be one expression "
               "that only reads",
               filter->where ? filter->where : "");
    sqlite3_finalize(stmt);
    return NULL;
  }
  jg_db_bind_text(stmt, "@experiment", filter->experiment, err);
  jg_db_bind_text(stmt, "@trace_ids", filter->trace_ids, err);
  jg_db_bind_text(stmt, "@judge", filter->unrated_by, err);
  return stmt;
}

/* head FROM ... tail, prepared. */
static sqlite3_stmt *filtered(sqlite3 *db, const struct jg_trace_filter *filter,
                              const char *head, const char *tail,
                              struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  struct jg_buf sql;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&sql, head);
  if (jg_trace_filter_sql(filter, &sql, err) == JG_OK) {
    jg_buf_puts(&sql, tail);
    if (jg_buf_check(&sql, err) == JG_OK) {
      stmt = jg_trace_filter_prepare(db, filter, jg_buf_text(&sql), err);
    }
  }
  jg_buf_dispose(&sql);
  return stmt;
}

/* ---- reading ------------------------------------------------------------ */

#define HEAD                                                                   \
  "SELECT judge_rowid, traces.trace_id, traces.inputs, traces.outputs,"        \
  " traces.expectations "

static void read_row(sqlite3_stmt *stmt, struct jg_trace *out,
                     struct jg_err *err) {
  out->trace_id = jg_db_text(stmt, 1, err);
  out->inputs = jg_db_text(stmt, 2, err);
  out->outputs = jg_db_text(stmt, 3, err);
  out->expectations = jg_db_text(stmt, 4, err);
}

int jg_trace_get(sqlite3 *db, const char *trace_id, struct jg_trace *out,
                 struct jg_err *err) {
  static const struct jg_trace_filter ANY = {NULL, NULL, NULL, NULL};
  sqlite3_stmt *stmt =
      filtered(db, &ANY, HEAD, " AND traces.trace_id = @trace_id", err);
  memset(out, 0, sizeof(*out));
  jg_db_bind_text(stmt, "@trace_id", trace_id, err);
  if (jg_db_step(stmt, err) == 1) {
    read_row(stmt, out, err);
  }
  sqlite3_finalize(stmt);
  if (err->code != JG_OK) {
    jg_trace_dispose(out);
  }
  return err->code;
}

int jg_trace_page(sqlite3 *db, const struct jg_trace_filter *filter,
                  int64_t *after_rowid, struct jg_trace *rows, size_t max,
                  size_t *count, struct jg_err *err) {
  sqlite3_stmt *stmt = filtered(
      db, filter, HEAD,
      " AND judge_rowid > @after ORDER BY judge_rowid LIMIT @max", err);
  *count = 0;
  jg_db_bind_int(stmt, "@after", *after_rowid, err);
  jg_db_bind_int(stmt, "@max", (int64_t)max, err);
  while (*count < max && jg_db_step(stmt, err) == 1) {
    memset(&rows[*count], 0, sizeof(*rows));
    read_row(stmt, &rows[*count], err);
    *after_rowid = sqlite3_column_int64(stmt, 0);
    ++*count;
  }
  sqlite3_finalize(stmt);
  if (err->code != JG_OK) {
    while (*count > 0) {
      jg_trace_dispose(&rows[--*count]);
    }
  }
  return err->code;
}

int jg_trace_count(sqlite3 *db, const struct jg_trace_filter *filter,
                   int64_t *count, struct jg_err *err) {
  sqlite3_stmt *stmt = filtered(db, filter, "SELECT count(*) ", "", err);
  *count = 0;
  if (jg_db_step(stmt, err) == 1) {
    *count = sqlite3_column_int64(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return err->code;
}
