/* Batches of verdict rows. */
#include "run/verdicts.h"

#include <assert.h>
#include <string.h>

#include "core/text.h"
#include "judge/lexical.h"
#include "run/guard.h"
#include "store/assessment.h"

SQLITE_EXTENSION_INIT3

#define LOOKS 50 /* at a file that others write */
#define LOOK_STEP_MS 10
#define RAW_LIMIT_BYTES 20000 /* of a refused answer, in metadata */

void jg_verdict_batch_init(struct jg_verdict_batch *batch, struct jg_job *job) {
  memset(batch, 0, sizeof(*batch));
  batch->job = job;
  jg_buf_init(&batch->rows, JG_BUF_LIMIT_BYTES);
}

void jg_verdict_batch_dispose(struct jg_verdict_batch *batch) {
  jg_buf_dispose(&batch->rows);
  sqlite3_finalize(batch->write);
  batch->write = NULL;
}

static void write_known(struct jg_jsonw *w, const char *key, int64_t x) {
  if (x >= 0) {
    jg_jsonw_key_int(w, key, x);
  }
}

void jg_answer_write(const struct jg_answer *answer,
                     const struct jg_verdict *verdict, struct jg_jsonw *w) {
  jg_jsonw_object(w);
  if (answer) {
    jg_jsonw_key_text(w, "digest", answer->digest);
    if (answer->model) {
      jg_jsonw_key_text(w, "model", answer->model);
    }
    write_known(w, "input_tokens", answer->input_tokens);
    write_known(w, "output_tokens", answer->output_tokens);
    jg_jsonw_key_int(w, "latency_ms", answer->latency_ms);
    jg_jsonw_key_int(w, "attempts", answer->attempts);
    jg_jsonw_key_bool(w, "cached", answer->cached);
    if (answer->cost >= 0) {
      jg_jsonw_key_real(w, "cost", answer->cost);
    }
  }
  if (verdict->raw) {
    jg_jsonw_key(w, "raw");
    jg_jsonw_textn(
        w, verdict->raw,
        jg_text_cut(verdict->raw, strlen(verdict->raw), RAW_LIMIT_BYTES));
  }
  jg_jsonw_end_object(w);
}

int jg_verdict_batch_put(struct jg_verdict_batch *batch,
                         const struct jg_judge *judge, const char *judge_ref,
                         const char *trace_id, const struct jg_verdict *verdict,
                         const char *metadata, struct jg_err *err) {
  /* A value or an error, never both. */
  assert((verdict->value.type == JG_NULL) == (verdict->error_code != NULL));
  struct jg_jsonw w = {.to = &batch->rows, .comma = batch->count > 0};
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "trace_id", trace_id);
  jg_jsonw_key_text(&w, "name", judge->name);
  jg_jsonw_key(&w, "value");
  jg_jsonw_value(&w, &verdict->value);
  if (verdict->value.type != JG_NULL) {
    jg_jsonw_key_text(&w, "value_type",
                      jg_scale_word(&judge->scale, &verdict->value));
  }
  jg_jsonw_key_text(&w, "rationale", verdict->rationale);
  jg_jsonw_key_text(&w, "source_type",
                    jg_lexical_is(judge->model) ? "CODE" : "LLM_JUDGE");
  jg_jsonw_key_text(&w, "source_id", judge->model);
  jg_jsonw_key_text(&w, "judge", judge_ref);
  jg_jsonw_key_text(&w, "error_code", verdict->error_code);
  jg_jsonw_key_text(&w, "error_message", verdict->error_message);
  if (metadata) {
    jg_jsonw_key_raw(&w, "metadata", metadata);
  }
  jg_jsonw_key_text(&w, "run_id", batch->job->run_id);
  jg_jsonw_key_int(&w, "created", jg_session_now_ms(batch->job->session));
  jg_jsonw_end_object(&w);
  batch->count++;
  return jg_buf_check(&batch->rows, err);
}

int jg_verdict_batch_add(struct jg_verdict_batch *batch, const char *judge_ref,
                         const struct jg_rating *rating,
                         const struct jg_verdict *verdict,
                         const struct jg_answer *answer, struct jg_err *err) {
  struct jg_buf metadata;
  jg_buf_init(&metadata, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &metadata};
  jg_answer_write(answer, verdict, &w);
  if (jg_buf_check(&metadata, err) == JG_OK) {
    jg_verdict_batch_put(batch, rating->ready->judge, judge_ref,
                         rating->item.trace_id, verdict, jg_buf_text(&metadata),
                         err);
  }
  jg_buf_dispose(&metadata);
  return err->code;
}

/* Fewer rows came to be than were given. An equal one that is there already and a
** trace that was deleted meanwhile explain it; else the file drops them. */
static int look_for_missing(struct jg_verdict_batch *batch, const char *list,
                            struct jg_err *err) {
  struct jg_assessment_missing missing;
  struct jg_err why = {.code = JG_OK};
  for (int tries = 0; jg_assessment_missing(batch->job->session->db, list,
                                            &missing, &why) != JG_OK &&
                      jg_guard_is_locked(&why) && tries < LOOKS;
       tries++) {
    jg_err_clear(&why);
    sqlite3_sleep(LOOK_STEP_MS);
  }
  if (why.code != JG_OK) {
    if (!jg_guard_is_locked(&why)) {
      *err = why;
    }
    return err->code; /* else the next batch tells */
  }
  batch->gone_verdicts += missing.gone_verdicts;
  batch->gone_errors += missing.gone_errors;
  if (missing.dropped > 0) {
    jg_err_set(err, JG_ERROR,
               "%s: %lld verdicts were written and are not in "
               "judge_assessment: a trigger of this file drops them. Their "
               "answers are stored: drop that trigger, which sqlite_schema "
               "names, and run it again, it costs nothing",
               batch->job->command, (long long)missing.dropped);
  }
  return err->code;
}

int jg_verdict_batch_write(struct jg_verdict_batch *batch, struct jg_err *err) {
  struct jg_buf list;
  struct jg_err now = {.code = JG_OK};
  size_t written = 0;
  if (batch->count == 0) {
    return err->code;
  }
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_buf_putc(&list, '[');
  jg_buf_add(&list, batch->rows.data, batch->rows.len);
  jg_buf_putc(&list, ']');
  if (jg_buf_check(&list, err) == JG_OK &&
      jg_assessment_write_verdicts(batch->job->session->db, jg_buf_text(&list),
                                   &batch->write, &written, &now) == JG_OK) {
    if (written < batch->count) {
      look_for_missing(batch, jg_buf_text(&list), err);
    }
    jg_buf_clear(&batch->rows);
    batch->count = 0;
  }
  jg_buf_dispose(&list);
  if (jg_guard_is_locked(&now)) {
    return err->code; /* it passes: the next turn writes them */
  }
  return jg_job_unwritten(batch->count, "verdicts", &now, err);
}

static int write_left(void *ctx, size_t *left, struct jg_err *err) {
  struct jg_verdict_batch *batch = ctx;
  jg_verdict_batch_write(batch, err);
  *left = batch->count;
  return err->code;
}

int jg_verdict_batch_finish(struct jg_verdict_batch *batch,
                            struct jg_err *err) {
  return jg_job_write_rest(batch->job, write_left, batch, "verdicts", err);
}
