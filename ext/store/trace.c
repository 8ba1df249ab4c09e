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

/* ---- filters ------------------------------------------------------------ */

/* The columns of the virtual table traces, over judge_trace. */
static void add_source(struct jg_buf *sql) {
  jg_buf_puts(sql, jg_embed_get("queries/trace_source.sql"));
  jg_buf_puts(sql, jg_embed_get("queries/trace_expectations.sql"));
  jg_buf_puts(sql, " AS expectations FROM main.judge_trace t) AS traces");
}

int jg_trace_filter_sql(const struct jg_trace_filter *filter,
                        struct jg_buf *sql, struct jg_err *err) {
  jg_buf_puts(sql, "FROM ");
  if (jg_checked_given(filter->where)) {
    jg_buf_puts(sql, "(SELECT * FROM ");
    add_source(sql);
    jg_buf_puts(sql, " WHERE ");
    if (jg_checked_put(sql, "where", filter->where, err) != JG_OK) {
      return err->code;
    }
    jg_buf_puts(sql, ") AS traces");
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
  if (filter->failed_by) {
    jg_buf_puts(sql, " AND traces.trace_id IN (SELECT f.trace_id FROM"
                     " main.judge_assessment f WHERE f.judge = @failed_by"
                     " AND f.valid = 1 AND f.error_code IS NOT NULL)");
  }
  return jg_buf_check(sql, err);
}

void jg_trace_filter_bind(const struct jg_trace_filter *filter,
                          sqlite3_stmt *stmt, struct jg_err *err) {
  jg_db_bind_text(stmt, "@experiment", filter->experiment, err);
  jg_db_bind_text(stmt, "@trace_ids", filter->trace_ids, err);
  jg_db_bind_text(stmt, "@judge", filter->unrated_by, err);
  jg_db_bind_text(stmt, "@failed_by", filter->failed_by, err);
}

struct jg_checked
jg_trace_filter_checked(struct jg_checked_env *env,
                        const struct jg_trace_filter *filter) {
  struct jg_checked c = {.env = env, .title = "where", .text = filter->where};
  return c;
}

/* head FROM ... tail */
static int write_query(const struct jg_trace_filter *filter, const char *head,
                       const char *tail, struct jg_buf *sql,
                       struct jg_err *err) {
  jg_buf_puts(sql, head);
  if (jg_trace_filter_sql(filter, sql, err) == JG_OK) {
    jg_buf_puts(sql, tail);
    jg_buf_check(sql, err);
  }
  return err->code;
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
  static const struct jg_trace_filter ANY = {NULL, {NULL}, NULL, NULL, NULL};
  sqlite3_stmt *stmt = NULL;
  struct jg_buf sql;
  memset(out, 0, sizeof(*out));
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  if (write_query(&ANY, HEAD, " AND traces.trace_id = @trace_id", &sql, err) ==
      JG_OK) {
    stmt = jg_db_prepare(db, jg_buf_text(&sql), err);
  }
  jg_buf_dispose(&sql);
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

/* ---- pages -------------------------------------------------------------- */

static void bind_page(void *ctx, sqlite3_stmt *stmt, struct jg_err *err) {
  const struct jg_trace_pages *pages = ctx;
  jg_trace_filter_bind(pages->filter, stmt, err);
  jg_db_bind_int(stmt, "@after", pages->after, err);
  jg_db_bind_int(stmt, "@max", (int64_t)pages->max, err);
}

void jg_trace_pages_init(struct jg_trace_pages *pages,
                         struct jg_checked_env *env,
                         const struct jg_trace_filter *filter) {
  memset(pages, 0, sizeof(*pages));
  jg_buf_init(&pages->sql, JG_BUF_LIMIT_BYTES);
  pages->filter = filter;
  pages->checked = jg_trace_filter_checked(env, filter);
  pages->checked.bind = bind_page;
  pages->checked.ctx = pages;
}

static int ready(struct jg_trace_pages *pages, struct jg_err *err) {
  if (pages->opened) {
    jg_checked_rewind(&pages->checked, err);
    return err->code;
  }
  jg_buf_clear(&pages->sql);
  if (write_query(pages->filter, HEAD,
                  " AND judge_rowid > @after ORDER BY judge_rowid LIMIT @max",
                  &pages->sql, err) == JG_OK) {
    pages->checked.sql = jg_buf_text(&pages->sql);
    pages->opened = jg_checked_open(&pages->checked, err) == JG_OK;
  }
  return err->code;
}

int jg_trace_pages_next(struct jg_trace_pages *pages, struct jg_trace *rows,
                        size_t max, size_t *count, struct jg_err *err) {
  struct jg_checked *c = &pages->checked;
  int64_t before = pages->after;
  *count = 0;
  pages->max = max;
  if (ready(pages, err) != JG_OK) {
    return err->code;
  }
  while (*count < max && jg_checked_step(c, err) == 1) {
    memset(&rows[*count], 0, sizeof(*rows));
    read_row(c->stmt, &rows[*count], err);
    pages->after = sqlite3_column_int64(c->stmt, 0);
    ++*count;
  }
  jg_checked_pause(c);
  if (err->code != JG_OK) {
    pages->after = before;
    while (*count > 0) {
      jg_trace_dispose(&rows[--*count]);
    }
  }
  return err->code;
}

void jg_trace_pages_dispose(struct jg_trace_pages *pages) {
  jg_checked_close(&pages->checked);
  jg_buf_dispose(&pages->sql);
  pages->opened = 0;
}

static void bind_filter(void *ctx, sqlite3_stmt *stmt, struct jg_err *err) {
  jg_trace_filter_bind(ctx, stmt, err);
}

int jg_trace_count(struct jg_checked_env *env,
                   const struct jg_trace_filter *filter, int64_t *count,
                   struct jg_err *err) {
  struct jg_trace_filter own = *filter;
  struct jg_checked c = jg_trace_filter_checked(env, filter);
  struct jg_buf sql;
  *count = 0;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  if (write_query(filter, "SELECT count(*) ", "", &sql, err) == JG_OK) {
    c.sql = jg_buf_text(&sql);
    c.bind = bind_filter;
    c.ctx = &own;
    jg_checked_open(&c, err);
  }
  if (jg_checked_step(&c, err) == 1) {
    *count = sqlite3_column_int64(c.stmt, 0);
  }
  jg_checked_close(&c);
  jg_buf_dispose(&sql);
  return err->code;
}
