/*
** judge_run: rates traces with one version of a judge and stores each verdict
** as it lands.
*/
#include "run/run.h"

#include <string.h>

#include "core/mem.h"
#include "core/options.h"
#include "judge/lexical.h"
#include "run/explain.h"
#include "run/price.h"
#include "run/progress.h"
#include "run/selection.h"
#include "run/vectors.h"
#include "run/verdicts.h"
#include "store/hidden.h"

struct options {
  struct jg_selection_options select;
  struct jg_limits limits;
  int fail_on_error;
  double max_error_share;
  int explain;
};

#define FIELD(name) offsetof(struct options, name)

static const struct jg_option TABLE[] = {
    JG_SELECTION_OPTIONS(struct options, select),
    JG_LIMIT_OPTIONS(struct options, limits),
    {"fail_on_error", JG_OPTION_BOOL, FIELD(fail_on_error), 0, 0, NULL},
    {"max_error_share", JG_OPTION_REAL, FIELD(max_error_share), 0, 1, NULL},
    {"explain", JG_OPTION_BOOL, FIELD(explain), 0, 0, NULL},
};

/* So many traces must have ended before the share of errors says something. */
#define SHARE_FROM 50
#define DEFAULT_ERROR_SHARE 0.5
#define FAILURE_CODES 12 /* told apart in notes */

/* Errors by their codes. */
struct failures {
  struct {
    char code[24];
    int64_t count;
  } items[FAILURE_CODES];
  size_t count;
  int64_t total;
};

/* One judge_run. */
struct run {
  struct jg_job job;
  struct options options;
  struct jg_json *keep; /* owns the option texts */
  struct jg_judge judge;
  struct jg_definition_info info;
  struct jg_row *examples;
  size_t example_count;
  struct jg_ready ready;
  struct jg_selection selection;
  struct jg_vectors vectors; /* keys of the page, when by_vectors */
  size_t page_at;            /* next trace of the page */
  struct jg_verdict_batch batch;
  struct jg_progress_line progress;
  int64_t verdicts, errors;
  struct failures failures;   /* stored ones, which were not asked for again */
  struct jg_ratings *ratings; /* lent while they run */
  struct jg_err halt;         /* too many errors */
};

/* ---- the source of items ------------------------------------------------ */

static enum jg_next next_item(void *ctx, struct jg_rating *rating,
                              struct jg_err *err) {
  struct run *r = ctx;
  struct jg_selected *s = NULL;
  if (r->ready.by_vectors) {
    /* The keys of one page were fetched before: no second page here. */
    s = jg_selection_from_page(&r->selection, err);
  } else {
    s = jg_selection_next(&r->selection, err);
  }
  if (!s) {
    return JG_NEXT_END;
  }
  rating->ready = &r->ready;
  rating->item = s->item;
  rating->repetition = s->repetition;
  rating->anew = s->anew;
  if (r->ready.by_vectors) {
    rating->key_vector = r->vectors.items[s->position];
    rating->lack = r->vectors.lacks[s->position];
  }
  rating->tag = s;
  return JG_NEXT_TASK;
}

/* A run in which most fails is not worth its cost. */
static void check_share(struct run *r, const struct jg_verdict *last) {
  int64_t ended = r->verdicts + r->errors;
  if (ended < SHARE_FROM || r->halt.code != JG_OK ||
      (double)r->errors <= r->options.max_error_share * (double)ended) {
    return;
  }
  r->ratings->finish = 1;
  jg_err_set(&r->halt, JG_ERROR,
             "judge_run: stopped: %lld of %lld traces ended in an error, more "
             "than max_error_share allows, the last one with %s: %s. What was "
             "answered is stored (run_id '%s'): put it right and run it again; "
             "{\"max_error_share\":1} goes on in any case",
             (long long)r->errors, (long long)ended, last->error_code,
             last->error_message ? last->error_message : "", r->job.run_id);
}

static void count_failure(struct failures *f, const char *code) {
  size_t at = 0;
  f->total++;
  while (at < f->count && strcmp(f->items[at].code, code) != 0) {
    at++;
  }
  if (at == FAILURE_CODES || strlen(code) >= sizeof(f->items[0].code)) {
    return; /* in the total alone */
  }
  if (at == f->count) {
    memcpy(f->items[f->count++].code, code, strlen(code) + 1);
  }
  f->items[at].count++;
}

/* "notes": why this run has left errors as they were, and how to redo them. */
static void write_failures(const struct failures *f, const char *judge,
                           struct jg_jsonw *w) {
  struct jg_buf text;
  if (f->total == 0) {
    return;
  }
  jg_buf_init(&text, 4096);
  jg_buf_printf(&text, "skipped %lld stored failures", (long long)f->total);
  for (size_t i = 0; i < f->count; i++) {
    jg_buf_printf(&text, "%s%s %lld", i == 0 ? " (" : ", ", f->items[i].code,
                  (long long)f->items[i].count);
  }
  jg_buf_printf(&text,
                "%s, answers that cannot be used and are not paid for again: "
                "SELECT judge_run('%s', '{\"redo\":\"errors\"}') asks anew",
                f->count > 0 ? ")" : "", judge);
  jg_jsonw_key_text(w, "notes", jg_buf_text(&text));
  jg_buf_dispose(&text);
}

static int item_done(void *ctx, const struct jg_rating *rating,
                     struct jg_verdict *verdict, const struct jg_answer *answer,
                     struct jg_err *err) {
  struct run *r = ctx;
  int failed = verdict->error_code != NULL;
  r->verdicts += !failed;
  r->errors += failed;
  jg_verdict_batch_add(&r->batch, r->info.judge, rating, verdict, answer, err);
  jg_progress_step(&r->progress, failed);
  if (failed) {
    check_share(r, verdict);
  }
  if (failed && answer && answer->stored) {
    count_failure(&r->failures, verdict->error_code);
  }
  jg_selection_release(&r->selection, rating->tag);
  return err->code;
}

static void item_drop(void *ctx, const struct jg_rating *rating) {
  struct run *r = ctx;
  jg_selection_release(&r->selection, rating->tag);
}

static int write_batch(void *ctx, struct jg_err *err) {
  struct run *r = ctx;
  return jg_verdict_batch_write(&r->batch, err);
}

/* ---- the run ------------------------------------------------------------ */

static int fetch_keys(struct run *r, struct jg_err *err) {
  size_t count = 0;
  struct jg_selected **page = jg_selection_page(&r->selection, &count, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  const char **keys = jg_mem_new(count ? count : 1, sizeof(*keys), err);
  for (size_t i = 0; keys && i < count; i++) {
    page[i]->position = i;
    keys[i] = jg_prompt_key(&r->judge, &page[i]->item);
  }
  jg_vectors_dispose(&r->vectors);
  if (keys && count > 0) {
    jg_ready_embed(&r->job, &r->ready, keys, count, &r->vectors, err);
  }
  jg_mem_free(keys);
  return err->code;
}

/* 0 when a budget ended before the embeddings were there. */
static int find_keys(struct run *r, struct jg_err *err) {
  return !r->ready.stand_in && fetch_keys(r, err) == JG_OK && !r->vectors.cut;
}

static int rate_all(struct run *r, struct jg_err *err) {
  struct jg_ratings ratings = {.job = &r->job,
                               .ctx = r,
                               .next = next_item,
                               .done = item_done,
                               .drop = item_drop,
                               .flush = write_batch};
  r->ratings = &ratings;
  do {
    if (r->ready.by_vectors && !find_keys(r, err)) {
      break;
    }
    jg_ratings_run(&ratings, err);
  } while (err->code == JG_OK && r->ready.by_vectors && !r->job.exhausted &&
           !ratings.finish && !jg_selection_ended(&r->selection));
  return err->code;
}

/* What the user should know besides the numbers; owned, "" for nothing. */
static char *make_notes(const struct run *r, struct jg_err *err) {
  struct jg_buf notes;
  jg_buf_init(&notes, JG_BUF_LIMIT_BYTES);
  if (r->selection.total == 0) {
    jg_buf_puts(&notes, "no trace is selected: look at experiment, where and "
                        "trace_ids, and at what traces holds");
  }
  jg_hidden_note(r->job.session->db, &notes, err);
  return jg_buf_take(&notes, err);
}

static int write_report(struct run *r, struct jg_buf *report,
                        struct jg_err *err) {
  struct jg_jsonw w = {.to = report};
  int64_t traces = r->selection.total;
  int64_t verdicts = r->verdicts - r->batch.gone_verdicts;
  int64_t errors = r->errors - r->batch.gone_errors;
  char *notes = make_notes(r, err);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "run_id", r->job.run_id);
  jg_jsonw_key_text(&w, "judge", r->info.judge);
  jg_jsonw_key_text(&w, "model", r->judge.model);
  jg_jsonw_key_int(&w, "traces", traces);
  jg_jsonw_key_int(&w, "verdicts", verdicts);
  jg_jsonw_key_int(&w, "errors", errors);
  jg_jsonw_key_int(&w, "cached", r->job.cached);
  jg_jsonw_key_int(&w, "skipped", traces - verdicts - errors);
  jg_job_report(&r->job, &w);
  if (notes && notes[0]) {
    jg_jsonw_key_text(&w, "notes", notes);
  }
  write_failures(&r->failures, r->info.judge, &w);
  jg_jsonw_end_object(&w);
  jg_mem_free(notes);
  return err->code;
}

/* max_cost needs the price of all that is paid. */
static int require_prices(struct run *r, struct jg_err *err) {
  struct jg_session *session = r->job.session;
  const char *embedding = r->judge.memory.embedding_model;
  if (r->options.limits.max_cost < 0 || jg_lexical_is(r->judge.model)) {
    return JG_OK;
  }
  if (jg_price_require(session, "judge_run", r->judge.model, err) == JG_OK &&
      embedding) {
    jg_price_require(session, "judge_run", embedding, err);
  }
  return err->code;
}

static int begin_run(struct run *r, struct jg_session *session,
                     struct jg_err *err) {
  const struct jg_limits *limits = &r->options.limits;
  return r->options.explain
             ? jg_job_begin_forecast(&r->job, session, "judge_run", limits, err)
             : jg_job_begin(&r->job, session, "judge_run", limits, err);
}

static int open_run(struct run *r, struct jg_session *session,
                    const char *judge, const char *options,
                    struct jg_err *err) {
  static const struct jg_limits NONE = JG_LIMITS_NONE;
  r->options.limits = NONE;
  r->options.max_error_share = DEFAULT_ERROR_SHARE;
  jg_selection_defaults(&r->options.select);
  if (jg_options_read("judge_run", options, options ? strlen(options) : 0,
                      TABLE, sizeof(TABLE) / sizeof(*TABLE), &r->options,
                      &r->keep, err) != JG_OK ||
      begin_run(r, session, err) != JG_OK ||
      jg_session_judge(session, judge, 1, &r->judge, &r->info, err) != JG_OK ||
      jg_job_judge(&r->job, r->info.judge, err) != JG_OK) {
    return err->code;
  }
  if (require_prices(r, err) != JG_OK) {
    return err->code;
  }
  if (jg_selection_open(&r->selection, &session->checked, r->info.judge,
                        &r->options.select, err) != JG_OK ||
      jg_ready_examples(session, r->info.memory_id, &r->examples,
                        &r->example_count, err) != JG_OK) {
    return err->code;
  }
  return err->code;
}

static int make_ready(struct run *r, struct jg_err *err) {
  const struct jg_row **rows =
      jg_row_pointers(r->examples, r->example_count, err);
  if (rows) {
    jg_ready_open(&r->job, &r->judge, r->info.judge, rows, r->example_count,
                  &r->ready, err);
  }
  jg_mem_free(rows);
  return err->code;
}

static void close_run(struct run *r) {
  jg_progress_end(&r->progress);
  jg_verdict_batch_dispose(&r->batch);
  jg_vectors_dispose(&r->vectors);
  jg_selection_close(&r->selection);
  jg_ready_dispose(&r->ready);
  jg_rows_free(r->examples, r->example_count);
  jg_definition_info_dispose(&r->info);
  jg_judge_dispose(&r->judge);
  jg_json_free(r->keep);
  jg_job_dispose(&r->job);
}

int jg_run_judge_run(struct jg_session *session, const char *judge,
                     const char *options, struct jg_buf *report,
                     struct jg_err *err) {
  struct run r;
  memset(&r, 0, sizeof(r));
  if (open_run(&r, session, judge, options, err) == JG_OK) {
    jg_verdict_batch_init(&r.batch, &r.job);
    if (r.options.explain) {
      if (jg_run_explain(&r.job, &r.judge, &r.info, r.examples, r.example_count,
                         &r.selection, report, err) == JG_OK) {
        jg_job_end(&r.job, jg_buf_text(report), err);
      }
    } else if (make_ready(&r, err) == JG_OK) {
      jg_progress_begin(&r.progress, &r.job, r.selection.todo);
      if (rate_all(&r, err) == JG_OK &&
          jg_verdict_batch_finish(&r.batch, err) == JG_OK &&
          write_report(&r, report, err) == JG_OK) {
        jg_job_end(&r.job, jg_buf_text(report), err);
      }
      jg_progress_end(&r.progress);
    }
  }
  if (err->code == JG_OK && r.halt.code != JG_OK) {
    jg_err_set(err, r.halt.code, "%s", r.halt.text);
  }
  if (err->code == JG_OK && r.options.fail_on_error && r.errors > 0) {
    jg_err_set(
        err, JG_ERROR,
        "judge_run: %lld of %lld traces ended in an error (stored as "
        "rows of judge_assessment, run_id '%s'): see error_message there",
        (long long)r.errors, (long long)(r.errors + r.verdicts), r.job.run_id);
  }
  close_run(&r);
  return err->code;
}
