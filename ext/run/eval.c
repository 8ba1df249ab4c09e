/*
** judge_eval: one item, one verdict as JSON. It stores no assessment. Alone it
** commits the answer it paid for; inside a query it keeps it in memory for the
** next command (law 4).
*/
#include <string.h>

#include "core/mem.h"
#include "run/guard.h"
#include "run/job.h"
#include "run/run.h"
#include "run/vectors.h"
#include "run/verdicts.h"
#include "store/db.h"
#include "store/trace.h"

SQLITE_EXTENSION_INIT3

struct eval {
  struct jg_job job;
  struct jg_judge judge;
  struct jg_definition_info info;
  struct jg_row *examples;
  size_t example_count;
  struct jg_ready ready;
  struct jg_trace trace; /* of judge_eval(judge, trace_id) */
  struct jg_item item;
  struct jg_vectors key;
  int given; /* the one item was handed out */
  struct jg_buf *report;
};

/* A CHECK constraint of a foreign file can call this (law 10). */
static int may_run(struct jg_session *session, struct jg_err *err) {
  if (jg_guard_direct(session->db, "judge_eval", err) != JG_OK) {
    return err->code;
  }
  if (sqlite3_txn_state(session->db, NULL) != SQLITE_TXN_WRITE ||
      session->config.eval_in_transaction) {
    return JG_OK;
  }
  return jg_err_set(err, JG_ERROR,
                    "judge_eval: a write transaction is open, and it would "
                    "stay locked while the model answers: rate with "
                    "judge_run, or allow it for this connection: %s",
                    "SELECT judge_config('eval_in_transaction', 'on')");
}

/* Without a file to write to it still rates, from memory. */
static int can_store(const struct jg_session *session) {
  struct jg_err why = {.code = JG_OK};
  return jg_guard_writable(session->db, "judge_eval", &why) == JG_OK;
}

static int begin(struct eval *e, struct jg_session *session,
                 struct jg_err *err) {
  static const struct jg_limits NONE = JG_LIMITS_NONE;
  if (may_run(session, err) != JG_OK) {
    return err->code;
  }
  if (sqlite3_get_autocommit(session->db) &&
      sqlite3_txn_state(session->db, NULL) == SQLITE_TXN_NONE &&
      can_store(session)) {
    return jg_job_begin(&e->job, session, "judge_eval", &NONE, err);
  }
  jg_job_begin_inside(&e->job, session, "judge_eval", &NONE, err);
  return err->code;
}

static int find_item(struct eval *e, const struct jg_eval *what,
                     struct jg_err *err) {
  e->item = what->item;
  if (!what->trace_id) {
    return JG_OK;
  }
  if (jg_trace_get(e->job.session->db, what->trace_id, &e->trace, err) !=
      JG_OK) {
    return err->code;
  }
  if (!e->trace.trace_id) {
    return jg_err_set(err, JG_ERROR, "judge_eval: no such trace: '%s'",
                      what->trace_id);
  }
  e->item = jg_trace_item(&e->trace);
  return JG_OK;
}

static int make_ready(struct eval *e, struct jg_err *err) {
  const struct jg_row **rows =
      jg_row_pointers(e->examples, e->example_count, err);
  if (rows &&
      jg_ready_open(&e->job, &e->judge, e->info.judge, rows, e->example_count,
                    &e->ready, err) == JG_OK &&
      e->ready.by_vectors) {
    const char *key = jg_prompt_key(&e->judge, &e->item);
    jg_ready_embed(&e->job, &e->ready, &key, 1, &e->key, err);
  }
  jg_mem_free(rows);
  return err->code;
}

static enum jg_next next_item(void *ctx, struct jg_rating *rating,
                              struct jg_err *err) {
  struct eval *e = ctx;
  (void)err;
  if (e->given) {
    return JG_NEXT_END;
  }
  e->given = 1;
  rating->ready = &e->ready;
  rating->item = e->item;
  if (e->key.count) {
    rating->key_vector = e->key.items[0];
    rating->lack = e->key.lacks[0];
  }
  return JG_NEXT_TASK;
}

static int item_done(void *ctx, const struct jg_rating *rating,
                     struct jg_verdict *verdict, const struct jg_answer *answer,
                     struct jg_err *err) {
  struct eval *e = ctx;
  struct jg_jsonw w = {.to = e->report};
  (void)rating;
  jg_jsonw_object(&w);
  jg_jsonw_key(&w, "value");
  jg_jsonw_value(&w, &verdict->value);
  jg_jsonw_key_text(&w, "rationale", verdict->rationale);
  jg_jsonw_key_text(&w, "judge", e->info.judge);
  jg_jsonw_key_text(&w, "model", e->judge.model);
  jg_jsonw_key_text(&w, "error_code", verdict->error_code);
  jg_jsonw_key_text(&w, "error_message", verdict->error_message);
  jg_jsonw_key(&w, "metadata");
  jg_answer_write(answer, verdict, &w);
  jg_jsonw_end_object(&w);
  return jg_buf_check(e->report, err);
}

static void close_eval(struct eval *e) {
  jg_vectors_dispose(&e->key);
  jg_ready_dispose(&e->ready);
  jg_trace_dispose(&e->trace);
  jg_rows_free(e->examples, e->example_count);
  jg_definition_info_dispose(&e->info);
  jg_judge_dispose(&e->judge);
  jg_job_dispose(&e->job);
}

int jg_run_judge_eval(struct jg_session *session, const struct jg_eval *what,
                      struct jg_buf *report, struct jg_err *err) {
  struct eval e;
  memset(&e, 0, sizeof(e));
  e.report = report;
  if (begin(&e, session, err) == JG_OK &&
      jg_session_judge(session, what->judge, 0, &e.judge, &e.info, err) ==
          JG_OK &&
      find_item(&e, what, err) == JG_OK &&
      jg_ready_examples(session, e.info.memory_id, &e.examples,
                        &e.example_count, err) == JG_OK &&
      make_ready(&e, err) == JG_OK) {
    struct jg_ratings ratings = {
        .job = &e.job, .ctx = &e, .next = next_item, .done = item_done};
    jg_ratings_run(&ratings, err);
  }
  close_eval(&e);
  return err->code;
}
