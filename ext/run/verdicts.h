/* Verdicts on their way to judge_assessment: many rows, one statement. */
#ifndef JG_RUN_VERDICTS_H
#define JG_RUN_VERDICTS_H

#include "run/ratings.h"

struct jg_verdict_batch {
  struct jg_job *job;
  struct jg_buf rows; /* JSON objects */
  size_t count;
  sqlite3_stmt *write;                /* kept while the batch lives */
  int64_t gone_verdicts, gone_errors; /* not stored: their traces are gone */
};

void jg_verdict_batch_init(struct jg_verdict_batch *batch, struct jg_job *job);
void jg_verdict_batch_dispose(struct jg_verdict_batch *batch);
/* judge_ref: name@version. answer may be NULL (no call). */
int jg_verdict_batch_add(struct jg_verdict_batch *batch, const char *judge_ref,
                         const struct jg_rating *rating,
                         const struct jg_verdict *verdict,
                         const struct jg_answer *answer, struct jg_err *err);
/* The same from its parts; metadata is a JSON object or NULL. */
int jg_verdict_batch_put(struct jg_verdict_batch *batch,
                         const struct jg_judge *judge, const char *judge_ref,
                         const char *trace_id, const struct jg_verdict *verdict,
                         const char *metadata, struct jg_err *err);
/* Writes them; an interrupt or a locked file leaves them for later. */
int jg_verdict_batch_write(struct jg_verdict_batch *batch, struct jg_err *err);
/* Writes all of them, waiting for a lock (jg_job_write_rest). */
int jg_verdict_batch_finish(struct jg_verdict_batch *batch, struct jg_err *err);
/* {"digest", "input_tokens", "latency_ms", ...} of a call as one object. */
void jg_answer_write(const struct jg_answer *answer,
                     const struct jg_verdict *verdict, struct jg_jsonw *w);

#endif
