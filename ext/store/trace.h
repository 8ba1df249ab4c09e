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
#include "store/checked.h"
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
  struct jg_sql where;    /* one SQL expression over the columns of traces */
  const char *trace_ids;  /* JSON list of ids */
  const char *unrated_by; /* name@version: only traces without a valid,
                          ** error-free verdict of it */
  const char *failed_by;  /* name@version: only traces that it has a valid
                          ** error row of */
};

void jg_trace_dispose(struct jg_trace *trace);
/* Lent by the trace. */
struct jg_item jg_trace_item(const struct jg_trace *trace);

/* An unknown id is no error: out->trace_id is NULL. */
int jg_trace_get(sqlite3 *db, const char *trace_id, struct jg_trace *out,
                 struct jg_err *err);
/* The traces of a filter, page by page in the order of their rowids. Its
** statement is prepared once; between pages it holds no lock. */
struct jg_trace_pages {
  const struct jg_trace_filter *filter; /* lent */
  struct jg_checked checked;
  struct jg_buf sql;
  int opened;
  int64_t after; /* the rowid of the last trace read; may be set back */
  size_t max;    /* of the page that is being read */
};

void jg_trace_pages_init(struct jg_trace_pages *pages,
                         struct jg_checked_env *env,
                         const struct jg_trace_filter *filter);
/* Up to max traces. *count 0: the end. After an error nothing was read. */
int jg_trace_pages_next(struct jg_trace_pages *pages, struct jg_trace *rows,
                        size_t max, size_t *count, struct jg_err *err);
void jg_trace_pages_dispose(struct jg_trace_pages *pages);

int jg_trace_count(struct jg_checked_env *env,
                   const struct jg_trace_filter *filter, int64_t *count,
                   struct jg_err *err);

/* For the store: "FROM (...) AS traces WHERE ..." of a filter, whose
** parameters jg_trace_filter_bind() binds. Columns: those of traces, and
** judge_rowid. */
int jg_trace_filter_sql(const struct jg_trace_filter *filter,
                        struct jg_buf *sql, struct jg_err *err);
void jg_trace_filter_bind(const struct jg_trace_filter *filter,
                          sqlite3_stmt *stmt, struct jg_err *err);
/* What runs SQL that holds the filter's text. */
struct jg_checked jg_trace_filter_checked(struct jg_checked_env *env,
                                          const struct jg_trace_filter *filter);

#endif
