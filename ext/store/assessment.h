/* Verdicts into judge_assessment, labels out of it. */
#ifndef JG_STORE_ASSESSMENT_H
#define JG_STORE_ASSESSMENT_H

#include "core/err.h"
#include "store/trace.h"
#include "sqlite3ext.h"

/* One statement writes all rows of a JSON list: {trace_id, name, value,
** value_type, rationale, source_type, source_id, judge, error_code,
** error_message, metadata, run_id, created}. A newer verdict of the same judge
** version on a trace replaces the older one; an equal one changes nothing. A
** row whose trace is gone is left out. *written: how many rows it made.
** kept: see jg_db_kept(). */
int jg_assessment_write_verdicts(sqlite3 *db, const char *json_list,
                                 sqlite3_stmt **kept, size_t *written,
                                 struct jg_err *err);

/* What a file did with rows that it was given. */
struct jg_assessment_missing {
  int64_t dropped;                    /* by a trigger of the file */
  int64_t gone_verdicts, gone_errors; /* with their traces */
};
/* Looks whether verdicts that were just written are there. */
int jg_assessment_missing(sqlite3 *db, const char *json_list,
                          struct jg_assessment_missing *out,
                          struct jg_err *err);

/* Calls row() for each valid HUMAN feedback without error under a name, on
** traces that the filter selects, in the order of the traces, then created,
** then insertion, until it returns nonzero (then returns err's code). Columns:
** 0 trace_id, 1 inputs, 2 outputs, 3 expectations, 4 assessment_id,
** 5 source_id, 6 value, 7 rationale, 8 created, 9 order of insertion. */
int jg_label_each(struct jg_checked_env *env, const char *feedback_name,
                  const struct jg_trace_filter *filter,
                  int (*row)(void *ctx, sqlite3_stmt *stmt), void *ctx,
                  struct jg_err *err);

/* JSON object {name: labels} of HUMAN feedback whose name nearly is
** feedback_name (case, spaces, '_' and '-' aside, or one slip of the keyboard)
** but not exactly; "{}" when there is none. Owned; NULL and err on failure. */
char *jg_label_near_names(sqlite3 *db, const char *feedback_name,
                          struct jg_err *err);

#endif
