/*
** Traces as the commands read them: one by its id, or page by page under a
** filter. No statement stays open between calls, so nothing of ours is held
** while the network answers.
*/
#ifndef JG_STORE_TRACE_H
#define JG_STORE_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/err.h"
#include "judge/judge.h"
#include "sqlite3ext.h"

struct jg_trace {
  char *trace_id; /* owned, as all of them; NULL: not found */
  char *inputs;   /* NULL where missing */
  char *outputs;
  char *expectations; /* one JSON object */
};

/* Which traces; a NULL member does not narrow. Lent. */
struct jg_trace_filter {
  const char *experiment;
  const char *where;      /* one SQL expression over the columns of traces */
  const char *trace_ids;  /* JSON list of ids */
  const char *unrated_by; /* name@version: only traces without a valid,
                          ** error-free verdict of it */
};

void jg_trace_dispose(struct jg_trace *trace);
/* Lent by the trace. */
struct jg_item jg_trace_item(const struct jg_trace *trace);

/* An unknown id is no error: out->trace_id is NULL. */
int jg_trace_get(sqlite3 *db, const char *trace_id, struct jg_trace *out,
                 struct jg_err *err);
/* Up to max traces in the order of their rowids, after *after_rowid (start with
** INT64_MIN or 0), which moves on. *count 0: the end. */
int jg_trace_page(sqlite3 *db, const struct jg_trace_filter *filter,
                  int64_t *after_rowid, struct jg_trace *rows, size_t max,
                  size_t *count, struct jg_err *err);
int jg_trace_count(sqlite3 *db, const struct jg_trace_filter *filter,
                   int64_t *count, struct jg_err *err);

/* For the store: "FROM (...) AS traces WHERE ..." of a filter, whose
** parameters jg_trace_filter_bind() binds. Columns: those of traces, and
** judge_rowid. The expression is checked: balanced, one statement. */
int jg_trace_filter_sql(const struct jg_trace_filter *filter,
                        struct jg_buf *sql, struct jg_err *err);
/* Prepares SQL that holds a filter and binds it; an error in the expression
** quotes it. */
sqlite3_stmt *jg_trace_filter_prepare(sqlite3 *db,
                                      const struct jg_trace_filter *filter,
                                      const char *sql, struct jg_err *err);

#endif
