/* The frame around every command that may send. */
#include "run/job.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "run/guard.h"
#include "run/pending.h"
#include "run/price.h"
#include "run/state.h"
#include "store/db.h"
#include "store/report.h"

SQLITE_EXTENSION_INIT3

#define WAITED_TOLD_MS 1000
#define LOCK_STEP_MS 20 /* between two tries to write */

static int64_t mono_ms(const struct jg_session *session) {
  return session->clock.mono_ms(session->clock.ctx);
}

static void say(const char *text) {
  ssize_t n = write(STDERR_FILENO, text, strlen(text));
  (void)n; /* nobody to tell */
}

static void log_line(void *ctx, const char *step, const char *text,
                     const char *data) {
  struct jg_job *job = ctx;
  struct jg_jsonw w = {.to = &job->log_rows, .comma = job->log_rows.len > 0};
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "run_id", job->run_id);
  jg_jsonw_key_text(&w, "command", job->command);
  jg_jsonw_key_text(&w, "judge", job->judge);
  jg_jsonw_key_text(&w, "step", step);
  jg_jsonw_key_text(&w, "message", text);
  jg_jsonw_key(&w, "data");
  if (data) {
    jg_jsonw_raw(&w, data);
  } else {
    jg_jsonw_null(&w);
  }
  jg_jsonw_key_int(&w, "created", jg_session_now_ms(job->session));
  jg_jsonw_end_object(&w);
  if (job->verbose) {
    struct jg_buf line;
    jg_buf_init(&line, JG_BUF_LIMIT_BYTES);
    jg_buf_printf(&line, "%s: %s: %s\n", job->command, step, text);
    say(jg_buf_text(&line));
    jg_buf_dispose(&line);
  }
}

static void set_limits(struct jg_job *job, const struct jg_limits *limits) {
  struct jg_session *session = job->session;
  jg_budget_init(&job->budget);
  job->budget.max_calls = limits->max_calls;
  job->budget.max_tokens = limits->max_tokens;
  job->budget.max_cost = limits->max_cost;
  if (limits->max_seconds >= 0) {
    double ms = limits->max_seconds * 1000;
    job->budget.deadline_ms =
        job->started_ms + (ms < 1e15 ? (int64_t)ms : (int64_t)1e15);
  }
  job->concurrency =
      (int)(limits->concurrency > 0 ? limits->concurrency
                                    : session->config.concurrency);
}

static void init(struct jg_job *job, struct jg_session *session,
                 const char *command, const struct jg_limits *limits) {
  memset(job, 0, sizeof(*job));
  job->session = session;
  job->command = command;
  job->started_ms = mono_ms(session);
  job->cost_known = job->usage_known = 1;
  job->stored = 1;
  job->log.line = log_line;
  job->log.ctx = job;
  jg_buf_init(&job->log_rows, JG_BUF_LIMIT_BYTES);
  jg_rng_id(&session->rng, "run-", job->run_id);
  set_limits(job, limits);
}

/* Both have their end in jg_job_dispose(). */
static int begin_waits(struct jg_session *session, struct jg_err *err) {
  jg_interrupt_begin(&session->interrupt, session->db, &session->clock, err);
  return jg_guard_wait_begin(&session->patience, session->db,
                             &session->interrupt, err);
}

int jg_job_begin(struct jg_job *job, struct jg_session *session,
                 const char *command, const struct jg_limits *limits,
                 struct jg_err *err) {
  init(job, session, command, limits);
  if (begin_waits(session, err) != JG_OK ||
      jg_guard_network(session->db, command, err) != JG_OK ||
      jg_guard_writable(session->db, command, err) != JG_OK ||
      jg_schema_require(session->db, err) != JG_OK) {
    return err->code;
  }
  jg_calls_recover(session, &job->dropped_before, err);
  jg_pending_tell(session, command, err);
  if (err->code == JG_OK) {
    jg_definition_sweep(session->db, err);
  }
  if (err->code == JG_OK) {
    jg_price_load(session, err);
  }
  return err->code;
}

int jg_job_begin_inside(struct jg_job *job, struct jg_session *session,
                        const char *command, const struct jg_limits *limits,
                        struct jg_err *err) {
  init(job, session, command, limits);
  job->stored = 0;
  if (begin_waits(session, err) == JG_OK &&
      jg_schema_require(session->db, err) == JG_OK) {
    jg_price_load(session, err);
  }
  return err->code;
}

int jg_job_begin_forecast(struct jg_job *job, struct jg_session *session,
                          const char *command, const struct jg_limits *limits,
                          struct jg_err *err) {
  struct jg_err why = {.code = JG_OK};
  if (jg_guard_network(session->db, command, &why) == JG_OK &&
      jg_guard_writable(session->db, command, &why) == JG_OK) {
    jg_job_begin(job, session, command, limits, err);
  } else {
    jg_job_begin_inside(job, session, command, limits, err);
  }
  job->forecast = 1;
  return err->code;
}

void jg_job_dispose(struct jg_job *job) {
  if (job->session) {
    jg_pending_rest(job->session);
    jg_guard_wait_end(&job->session->patience);
    jg_interrupt_end(&job->session->interrupt);
  }
  jg_buf_dispose(&job->log_rows);
  jg_mem_free(job->judge);
  jg_mem_free(job->parent);
  job->judge = job->parent = NULL;
}

int jg_job_judge(struct jg_job *job, const char *judge, struct jg_err *err) {
  jg_mem_free(job->judge);
  job->judge = jg_mem_text(judge, err);
  return err->code;
}

int jg_job_made(struct jg_job *job, const char *judge, struct jg_err *err) {
  assert(!job->parent);
  job->parent = job->judge;
  job->judge = NULL;
  return jg_job_judge(job, judge, err);
}

struct jg_calls jg_job_calls(struct jg_job *job) {
  struct jg_calls calls = {.session = job->session,
                           .command = job->command,
                           .run_id = job->run_id,
                           .budget = &job->budget,
                           .concurrency = job->concurrency,
                           .keep_only = !job->stored};
  return calls;
}

void jg_job_count(struct jg_job *job, const struct jg_calls *calls) {
  job->calls += calls->sent;
  job->retries += calls->retries;
  job->cached += calls->cached;
  job->failed += calls->failed;
  job->input_tokens += calls->input_tokens;
  job->output_tokens += calls->output_tokens;
  job->cost += calls->cost;
  job->priced += calls->priced;
  job->cut += calls->cut;
  job->waited_ms += calls->waited_ms;
  job->usage_known &= calls->usage_known || calls->sent == 0;
  job->cost_known &= calls->cost_known || calls->sent == 0;
  if (calls->exhausted) {
    job->exhausted = calls->exhausted;
  }
}

int jg_job_write_rest(struct jg_job *job, jg_job_writer *write, void *ctx,
                      const char *what, struct jg_err *err) {
  struct jg_patience *patience = &job->session->patience;
  int64_t until = mono_ms(job->session) +
                  jg_guard_patience_ms(jg_guard_impatient(patience));
  size_t left = 0;
  while (write(ctx, &left, err) == JG_OK && left > 0) {
    if (jg_interrupt_check(&job->session->interrupt, err) != JG_OK) {
      break;
    } else if (mono_ms(job->session) > until) {
      jg_err_set(err, JG_ERROR,
                 "%s: the database is locked by another process: %zu %s could "
                 "not be written; their answers are stored: run it again, it "
                 "costs nothing",
                 job->command, left, what);
    } else {
      sqlite3_sleep(LOCK_STEP_MS);
    }
  }
  jg_guard_patient(patience);
  return err->code;
}

int jg_job_unwritten(size_t count, const char *what, const struct jg_err *why,
                     struct jg_err *err) {
  if (why->code == JG_OK || err->code != JG_OK) {
    return err->code;
  }
  if (why->code != JG_SQLITE) {
    return jg_err_set(err, why->code, "%s", why->text);
  }
  jg_err_set(err, JG_SQLITE,
             "%zu %s could not be written: %s. Their answers are stored: put "
             "it right and run it again, it costs nothing",
             count, what, why->text);
  err->sqlite_code = why->sqlite_code;
  return err->code;
}

int jg_job_write_log(struct jg_job *job, struct jg_err *err) {
  if (job->log_rows.len == 0 || jg_buf_check(&job->log_rows, err) != JG_OK) {
    return err->code;
  }
  struct jg_buf list;
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_buf_putc(&list, '[');
  jg_buf_puts(&list, jg_buf_text(&job->log_rows));
  jg_buf_putc(&list, ']');
  if (jg_buf_check(&list, err) == JG_OK &&
      jg_log_write(job->session->db, jg_buf_text(&list), err) == JG_OK) {
    jg_buf_clear(&job->log_rows);
  }
  jg_buf_dispose(&list);
  return err->code;
}

double jg_job_seconds(const struct jg_job *job) {
  return (double)(mono_ms(job->session) - job->started_ms) / 1000.0;
}

/* A sum of which a part is not known is not known. */
static void write_tokens(const struct jg_job *job, struct jg_jsonw *w) {
  static const char *const KEYS[] = {"input_tokens", "output_tokens"};
  int64_t sums[] = {job->input_tokens, job->output_tokens};
  for (size_t i = 0; i < 2; i++) {
    jg_jsonw_key(w, KEYS[i]);
    if (job->usage_known) {
      jg_jsonw_int(w, sums[i]);
    } else {
      jg_jsonw_null(w);
    }
  }
}

/* Attempts that may be on the bill though nobody said what they took, and what
** they count for, which only a budget of tokens or cost knows. */
static void write_unknown(const struct jg_job *job, struct jg_jsonw *w) {
  const struct jg_budget *b = &job->budget;
  if (b->unknown_calls > 0) {
    jg_jsonw_key_int(w, "unknown_calls", b->unknown_calls);
    if (b->max_tokens >= 0 || b->max_cost >= 0) {
      jg_jsonw_key_int(w, "unknown_tokens", b->unknown_tokens);
    }
  }
}

void jg_job_report(const struct jg_job *job, struct jg_jsonw *w) {
  jg_jsonw_key_int(w, "calls", job->calls);
  jg_jsonw_key_int(w, "retries", job->retries);
  write_tokens(job, w);
  jg_jsonw_key(w, "cost");
  if (job->cost_known && (job->calls == 0 || job->priced > 0)) {
    jg_jsonw_real(w, job->cost);
  } else {
    jg_jsonw_null(w);
  }
  jg_jsonw_key_real(w, "seconds", jg_job_seconds(job));
  if (job->waited_ms >= WAITED_TOLD_MS) {
    jg_jsonw_key_real(w, "waited_seconds", (double)job->waited_ms / 1000.0);
  }
  write_unknown(job, w);
  if (job->exhausted) {
    jg_jsonw_key_text(w, "exhausted", job->exhausted);
  }
  if (job->cut > 0) {
    jg_jsonw_key_int(w, "dropped", job->cut);
  }
  if (job->dropped_before > 0) {
    jg_jsonw_key_int(w, "dropped_before", job->dropped_before);
  }
}

/* A report on its way to its row. */
struct ending {
  struct jg_job *job;
  const char *report;
};

static int write_end(void *ctx, size_t *left, struct jg_err *err) {
  struct ending *end = ctx;
  struct jg_job *job = end->job;
  sqlite3 *db = job->session->db;
  if (job->forecast || jg_job_write_log(job, err) == JG_OK) {
    struct jg_report report = {.command = job->command,
                               .judge = job->judge,
                               .parent = job->parent,
                               .run_id = job->run_id,
                               .json = end->report,
                               .forecast = job->forecast};
    jg_report_write(db, &report, jg_session_now_ms(job->session), err);
  }
  *left = jg_guard_is_locked(err);
  if (*left) {
    jg_err_clear(err); /* it passes */
  }
  return err->code;
}

static int keep_forecast(struct ending *end, struct jg_err *err) {
  size_t left = 0;
  return end->job->stored ? write_end(end, &left, err) : (int)err->code;
}

int jg_job_end(struct jg_job *job, const char *report, struct jg_err *err) {
  struct jg_state *state = jg_state_of(job->session, NULL);
  struct ending end = {job, report};
  if (job->forecast) {
    return keep_forecast(&end, err);
  }
  if (jg_job_write_rest(job, write_end, &end, "report", err) == JG_OK &&
      state) {
    state->dropped -= job->dropped_before; /* told, and stored */
  }
  return err->code;
}
