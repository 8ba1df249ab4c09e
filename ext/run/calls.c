/*
** The engine behind calls.h: the source's calls go through the store and the
** session's memory before they reach the scheduler.
*/
#include "run/calls.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "run/guard.h"
#include "run/pending.h"
#include "run/price.h"

SQLITE_EXTENSION_INIT3

#define KEEP_EVERY_MS 75           /* an answer is in the file within 100 ms */
#define KEEP_IDLE_MS 25            /* sooner when no slot waits meanwhile */
#define FLUSH_EVERY_MS 250         /* rows made of stored answers may wait */
#define LOCK_STEP_MS 10            /* between two tries at a locked file */
#define CACHED_A_TURN 16           /* stored answers handed out between ticks */
#define DEFAULT_OUTPUT_TOKENS 4096 /* bound under a token or cost budget */

struct engine {
  struct jg_calls *calls;
  struct jg_err *err;
  struct jg_call **flying; /* sent, or waiting to be sent again */
  size_t flying_count, flying_cap;
  struct jg_call *parked; /* the file was locked when it was looked up */
  int64_t locked_ms;      /* monotonic, since when; 0: not locked */
  int64_t patience_ms;    /* how long a lock is waited for */
  int64_t kept_ms;        /* monotonic: answers were written */
  int64_t flushed_ms;     /* the command's rows were */
  struct jg_schedule *schedule;
  struct jg_err halt; /* why no other call can do better */
};

void jg_call_dispose(struct jg_call *call) {
  if (call) {
    jg_mem_free(call->body);
    jg_mem_free(call->sent_body);
    jg_mem_free(call);
  }
}

static int64_t now_ms(const struct jg_session *session) {
  return session->clock.mono_ms(session->clock.ctx);
}

/* ---- answers ------------------------------------------------------------ */

static void count_answer(struct jg_calls *calls, const struct jg_answer *a) {
  calls->failed += a->error_code != NULL;
  if (a->cached) {
    calls->cached++;
    return;
  }
  calls->input_tokens += a->input_tokens > 0 ? a->input_tokens : 0;
  calls->output_tokens += a->output_tokens > 0 ? a->output_tokens : 0;
  if (a->cost >= 0) {
    calls->cost += a->cost;
  } else {
    calls->cost_known = 0;
  }
}

/* What a 200 body said: answer points into it. */
struct reading {
  struct jg_reply reply;
  float *vector;
  size_t dim;
};

static void reading_dispose(struct reading *r) {
  jg_reply_dispose(&r->reply);
  jg_mem_free(r->vector);
  memset(r, 0, sizeof(*r));
}

static int read_vector(const struct jg_call *call, const char *body,
                       size_t bytes, struct reading *r, struct jg_err *err) {
  struct jg_err bad = {.code = JG_OK};
  r->reply.output_tokens = 0;
  if (jg_embed_reply(call->endpoint, body, bytes, 1, &r->vector, &r->dim,
                     &r->reply.input_tokens, &bad) == JG_OK) {
    return JG_OK;
  }
  if (bad.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  r->reply.error_code = jg_mem_text("INVALID_REPLY", err);
  r->reply.error_message = jg_mem_text(bad.text, err);
  return err->code;
}

static int read_answer(struct jg_calls *calls, const struct jg_call *call,
                       const char *body, size_t bytes, struct reading *r,
                       struct jg_answer *answer, struct jg_err *err) {
  r->reply.input_tokens = r->reply.output_tokens = -1;
  r->reply.cached_tokens = -1;
  answer->response = body;
  answer->response_bytes = bytes;
  if (calls->chat) {
    jg_chat_reply(call->endpoint, body, bytes, &r->reply, err);
  } else {
    read_vector(call, body, bytes, r, err);
  }
  answer->text = r->reply.text;
  answer->vector = r->vector;
  answer->dim = r->dim;
  answer->model = r->reply.model;
  answer->error_code = r->reply.error_code;
  answer->error_message = r->reply.error_message;
  answer->input_tokens = r->reply.input_tokens;
  answer->output_tokens = r->reply.output_tokens;
  answer->cached_tokens = r->reply.cached_tokens;
  answer->cost = jg_price_cost(calls->session, call->endpoint->model_uri,
                               answer->input_tokens, answer->output_tokens,
                               answer->cached_tokens);
  return err->code;
}

/* An answer worth keeping: the model answered, whatever we think of it. An
** error object in a 200 or a body that is no reply at all is not one. */
static int is_answer(const struct jg_call *call,
                     const struct jg_answer *answer) {
  const char *code = answer->error_code;
  if (!code) {
    return 1;
  }
  if (strcmp(code, "LENGTH") == 0 && call->limited) {
    return 0; /* cut by our own limit, not by the model's */
  }
  if (strcmp(code, "INVALID_JSON") == 0) {
    /* A page of some proxy: no model wrote it. */
    size_t at = 0;
    while (at < answer->response_bytes &&
           strchr(" \t\r\n\xef\xbb\xbf", answer->response[at])) {
      at++;
    }
    return at < answer->response_bytes && answer->response[at] == '{';
  }
  return strcmp(code, "PROVIDER_ERROR") != 0 &&
         strcmp(code, "INVALID_REPLY") != 0;
}

static int keep(struct jg_calls *calls, const struct jg_call *call,
                const struct jg_answer *a, int http_status,
                struct jg_err *err) {
  int stored = !a->cached && a->response && is_answer(call, a);
  struct jg_landed landed = {
      .digest = call->digest,
      .purpose = call->purpose,
      .judge = call->judge,
      .trace_id = call->trace_id,
      .run_id = calls->run_id,
      .model = call->endpoint->model_uri,
      .model_returned = a->model,
      .host = call->endpoint->host,
      .status = a->cached ? "cached"
                : stored  ? "ok"
                          : "error",
      .http_status = http_status,
      .error_code = a->error_code,
      .error_message = a->error_message,
      .attempts = a->attempts,
      .latency_ms = a->cached ? -1 : a->latency_ms,
      .input_tokens = a->cached ? 0 : a->input_tokens,
      .output_tokens = a->cached ? 0 : a->output_tokens,
      .cached_tokens = a->cached ? 0 : a->cached_tokens,
      .cost = a->cached ? 0 : a->cost,
      .response = stored ? a->response : NULL,
      .response_bytes = stored ? a->response_bytes : 0,
  };
  return jg_pending_add(calls->session, &landed, err);
}

/* ---- calls in flight ---------------------------------------------------- */

static int fly(struct engine *e, struct jg_call *call) {
  if (jg_mem_grow(&e->flying, &e->flying_cap, e->flying_count + 1,
                  sizeof(*e->flying), e->err) != JG_OK) {
    return e->err->code;
  }
  e->flying[e->flying_count++] = call;
  return JG_OK;
}

static void land(struct engine *e, const struct jg_call *call) {
  for (size_t i = 0; i < e->flying_count; i++) {
    if (e->flying[i] == call) {
      e->flying[i] = e->flying[--e->flying_count];
      return;
    }
  }
}

static struct jg_call *twin_of(struct engine *e, const struct jg_call *call) {
  for (size_t i = 0; i < e->flying_count; i++) {
    if (strcmp(e->flying[i]->digest, call->digest) == 0) {
      return e->flying[i];
    }
  }
  return NULL;
}

/* Drops a call and all that waited for it. */
static void drop_all(struct jg_calls *calls, struct jg_call *call) {
  while (call) {
    struct jg_call *twin = call->twin;
    calls->drop(calls->ctx, call);
    call = twin;
  }
}

/* Hands an answer to the call and to all that waited for the same one. */
static int deliver(struct engine *e, struct jg_call *call,
                   struct jg_answer *answer, int http_status) {
  struct jg_calls *calls = e->calls;
  while (call && e->err->code == JG_OK) {
    struct jg_call *twin = call->twin;
    call->twin = NULL;
    answer->digest = call->digest;
    keep(calls, call, answer, http_status, e->err);
    count_answer(calls, answer);
    calls->done(calls->ctx, call, answer, e->err);
    if (!answer->error_code || answer->response) {
      answer->cached = 1; /* the twins were not sent */
    }
    call = twin;
  }
  drop_all(calls, call);
  return e->err->code;
}

/* ---- the scheduler's callbacks ------------------------------------------ */

/* A lock is waited for without sleeping in it: 1 clears err, and the scheduler
** comes again; 0 leaves err as it is. */
static int wait_for_lock(struct engine *e) {
  int64_t now = now_ms(e->calls->session);
  if (!jg_guard_is_locked(e->err)) {
    return 0;
  }
  if (e->locked_ms == 0) {
    e->locked_ms = now;
  }
  if (now - e->locked_ms > e->patience_ms) {
    return 0;
  }
  jg_err_clear(e->err);
  if (e->flying_count == 0) {
    sqlite3_sleep(LOCK_STEP_MS); /* the scheduler would ask again at once */
  }
  return 1;
}

static int answer_stored(struct engine *e, struct jg_call *call, int *found) {
  size_t bytes = 0;
  char *body =
      jg_pending_stored(e->calls->session, call->digest, &bytes, e->err);
  *found = body != NULL;
  if (!body) {
    return e->err->code;
  }
  struct reading r = {.vector = NULL};
  struct jg_answer answer = {.cached = 1};
  if (read_answer(e->calls, call, body, bytes, &r, &answer, e->err) == JG_OK) {
    answer.cost = 0;
    deliver(e, call, &answer, 200);
  } else {
    e->calls->drop(e->calls->ctx, call);
  }
  reading_dispose(&r);
  jg_mem_free(body);
  return e->err->code;
}

/* Puts what is sent in place of the body; text is given to the call. */
static int set_sent(struct engine *e, struct jg_call *call,
                    struct jg_buf *text) {
  char *taken = jg_buf_take(text, e->err);
  if (taken) {
    jg_mem_free(call->sent_body);
    call->sent_body = taken;
  }
  jg_buf_dispose(text);
  return e->err->code;
}

/* Asks for JSON in the call's form, and under a token or cost budget names the
** output it may have. */
static int write_sent(struct engine *e, struct jg_call *call) {
  const struct jg_budget *b = e->calls->budget;
  struct jg_buf buf;
  jg_mem_free(call->sent_body);
  call->sent_body = NULL;
  if (!e->calls->chat) {
    return JG_OK;
  }
  if (call->form != JG_FORM_SCHEMA) {
    jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
    jg_chat_form(call->endpoint, call->body, call->form, &buf, e->err);
    set_sent(e, call, &buf);
  }
  if (e->err->code != JG_OK || (b->max_tokens < 0 && b->max_cost < 0)) {
    return e->err->code;
  }
  const char *body = call->sent_body ? call->sent_body : call->body;
  int64_t named = jg_chat_output_limit(body);
  call->output_bound = named >= 0 ? named : DEFAULT_OUTPUT_TOKENS;
  call->limited = named < 0;
  if (named >= 0) {
    return JG_OK;
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_chat_limit(call->endpoint, body, call->output_bound, &buf, e->err);
  return set_sent(e, call, &buf);
}

static void fill_task(struct engine *e, struct jg_call *call,
                      struct jg_task *task) {
  memset(task, 0, sizeof(*task));
  task->tag = call;
  task->endpoint = call->endpoint;
  task->body = call->sent_body ? call->sent_body : call->body;
  task->body_bytes = strlen(task->body);
  /* A token is a byte at least, so the bytes bound the input. */
  call->input_bound = (int64_t)task->body_bytes;
  task->most.tokens = call->input_bound + call->output_bound;
  task->most.cost = jg_price_most(e->calls->session, call->endpoint->model_uri,
                                  call->input_bound, call->output_bound);
}

static int to_task(struct engine *e, struct jg_call *call,
                   struct jg_task *task) {
  struct jg_state *state = jg_state_of(e->calls->session, e->err);
  call->form = state ? jg_forms_get(&state->forms, call->endpoint) : 0;
  if (write_sent(e, call) != JG_OK || fly(e, call) != JG_OK) {
    e->calls->drop(e->calls->ctx, call);
    return e->err->code;
  }
  fill_task(e, call, task);
  return JG_OK;
}

/* A server that does not take this way of asking for JSON gets another. */
static int revise(void *ctx, struct jg_task *task, int status,
                  const char *error_text, struct jg_err *err) {
  struct engine *e = ctx;
  struct jg_call *call = task->tag;
  struct jg_state *state = jg_state_of(e->calls->session, err);
  if (!e->calls->chat || !state || !jg_forms_refused(status, error_text)) {
    return 0;
  }
  int form = jg_forms_next(&state->forms, call->endpoint, call->form, err);
  if (form < 0) {
    return 0;
  }
  call->form = form;
  if (write_sent(e, call) == JG_OK) {
    fill_task(e, call, task);
  }
  return err->code == JG_OK;
}

/* Under replay nothing is sent. */
static int replay_miss(struct engine *e, struct jg_call *call) {
  jg_err_set(e->err, JG_ERROR,
             "%s: judge_config('replay') is 'only', and this request%s%s to "
             "'%s' is not among the stored calls (digest %.16s...): record it "
             "with replay 'off', or import the calls",
             e->calls->command, call->trace_id ? " for trace " : "",
             call->trace_id ? call->trace_id : "", call->endpoint->model_uri,
             call->digest);
  e->calls->drop(e->calls->ctx, call);
  return e->err->code;
}

static enum jg_next next_task(void *ctx, struct jg_task *task,
                              struct jg_err *err) {
  struct engine *e = ctx;
  (void)err; /* the same as e->err */
  for (int turn = 0; turn < CACHED_A_TURN; turn++) {
    struct jg_call *call = e->parked;
    e->parked = NULL;
    if (!call && e->calls->finish) {
      return JG_NEXT_END;
    }
    if (!call) {
      enum jg_next n = e->calls->next(e->calls->ctx, &call, e->err);
      if (n != JG_NEXT_TASK || e->err->code != JG_OK) {
        return wait_for_lock(e) ? JG_NEXT_NONE_YET : n;
      }
      jg_chat_digest(call->endpoint, call->body, call->repetition,
                     call->digest);
    }
    struct jg_call *first = twin_of(e, call);
    if (first) {
      call->twin = first->twin;
      first->twin = call;
      continue;
    }
    int found = 0;
    if (answer_stored(e, call, &found) != JG_OK) {
      if (!found) {
        e->parked = call;
      }
      return wait_for_lock(e) ? JG_NEXT_NONE_YET : JG_NEXT_END;
    }
    e->locked_ms = 0;
    if (!found && e->calls->session->config.replay_only) {
      replay_miss(e, call);
      return JG_NEXT_END;
    }
    if (!found) {
      return to_task(e, call, task) == JG_OK ? JG_NEXT_TASK : JG_NEXT_END;
    }
  }
  return JG_NEXT_NONE_YET;
}

static int task_done(void *ctx, const struct jg_task *task,
                     const struct jg_outcome *outcome, int64_t *tokens,
                     double *cost, struct jg_err *err) {
  struct engine *e = ctx;
  struct jg_call *call = task->tag;
  struct reading r = {.vector = NULL};
  struct jg_answer answer = {.attempts = outcome->attempts,
                             .latency_ms = outcome->latency_ms,
                             .error_code = outcome->error_code,
                             .error_message = outcome->error_text,
                             .input_tokens = -1,
                             .output_tokens = -1,
                             .cached_tokens = -1};
  land(e, call);
  if (outcome->error_code &&
      jg_failure_is_general(outcome->status, outcome->error_text)) {
    jg_err_set(&e->halt, JG_ERROR,
               "%s: stopped, since every other request to '%s' would fail as "
               "this one did: %s. What was answered is stored: put it right "
               "and run it again",
               e->calls->command, call->endpoint->model_uri,
               outcome->error_text);
    e->schedule->finish = 1;
  }
  if (!outcome->error_code) {
    read_answer(e->calls, call, outcome->body, outcome->body_bytes, &r, &answer,
                e->err);
  }
  *tokens = (answer.input_tokens > 0 ? answer.input_tokens : 0) +
            (answer.output_tokens > 0 ? answer.output_tokens : 0);
  *cost = answer.cost > 0 ? answer.cost : 0;
  deliver(e, call, &answer, outcome->status);
  reading_dispose(&r);
  e->schedule->finish |= e->calls->finish;
  (void)err;
  return e->err->code;
}

/* last: the command's own rows are written too, whatever the time. */
static int write_landed(struct engine *e, int last) {
  struct jg_calls *calls = e->calls;
  int written = 0;
  e->kept_ms = now_ms(calls->session);
  if (jg_pending_write(calls->session, &written, e->err) != JG_OK) {
    return e->err->code;
  }
  if (written && calls->flush &&
      (last || e->kept_ms - e->flushed_ms >= FLUSH_EVERY_MS)) {
    e->flushed_ms = e->kept_ms;
    calls->flush(calls->ctx, e->err);
  }
  return e->err->code;
}

static int tick(void *ctx, int idle) {
  struct engine *e = ctx;
  if (jg_guard_interrupted(e->calls->session->db)) {
    jg_err_set(e->err, JG_INTERRUPTED, "interrupted");
    return 1;
  }
  if (!e->calls->keep_only && now_ms(e->calls->session) - e->kept_ms >=
                                  (idle ? KEEP_IDLE_MS : KEEP_EVERY_MS)) {
    write_landed(e, 0);
  }
  return e->err->code != JG_OK;
}

/* ---- a run -------------------------------------------------------------- */

static int schedule_run(struct engine *e) {
  struct jg_calls *calls = e->calls;
  struct jg_session *session = calls->session;
  struct jg_schedule schedule = {
      .clock = &session->clock,
      .rng = &session->rng,
      .budget = calls->budget,
      .concurrency = calls->concurrency,
      .requests_per_minute = session->config.requests_per_minute,
      .tokens_per_minute = session->config.tokens_per_minute,
      .retries = (int)session->config.retries,
      .connect_timeout_ms = 10000,
      .total_timeout_ms = session->config.timeout_s * 1000,
      .max_body_bytes = (size_t)16 << 20,
      .ctx = e,
      .next = next_task,
      .done = task_done,
      .revise = revise,
      .tick = tick,
  };
  struct jg_state *state = jg_state_of(session, e->err);
  schedule.limiters = state ? &state->limiters : NULL;
  e->schedule = &schedule;
  if (schedule.total_timeout_ms < schedule.connect_timeout_ms) {
    schedule.connect_timeout_ms = schedule.total_timeout_ms;
  }
  if (jg_session_transport(session, &schedule.transport, e->err) == JG_OK) {
    jg_schedule_run(&schedule, e->err);
  }
  calls->sent += schedule.sent;
  calls->retries += schedule.retried;
  calls->exhausted = schedule.exhausted;
  if (state) {
    state->dropped += schedule.dropped;
  }
  return e->err->code;
}

static void drop_flying(struct engine *e) {
  for (size_t i = 0; i < e->flying_count; i++) {
    drop_all(e->calls, e->flying[i]);
  }
  drop_all(e->calls, e->parked);
  jg_mem_free(e->flying);
}

/* The file may be locked for a while: an answer waits for it, but not for
** ever, and never through an interrupt. */
static int write_rest(struct engine *e) {
  struct jg_session *session = e->calls->session;
  int64_t until = now_ms(session) + e->patience_ms;
  while (write_landed(e, 1) == JG_OK && jg_pending_count(session) > 0) {
    if (jg_guard_interrupted(session->db)) {
      return jg_err_set(e->err, JG_INTERRUPTED, "interrupted");
    }
    if (now_ms(session) > until) {
      return jg_err_set(e->err, JG_ERROR,
                        "%s: the database is locked by another process: %zu "
                        "answers are kept in this connection and will be "
                        "written by the next command: run it again",
                        e->calls->command, jg_pending_count(session));
    }
    sqlite3_sleep(20);
  }
  return e->err->code;
}

int jg_calls_run(struct jg_calls *calls, struct jg_err *err) {
  struct engine e = {.calls = calls, .err = err};
  int host_ms = jg_guard_impatient(calls->session->db);
  calls->cost_known = 1;
  e.patience_ms = jg_guard_patience_ms(host_ms);
  e.kept_ms = e.flushed_ms = now_ms(calls->session);
  if (err->code == JG_OK) {
    schedule_run(&e);
  }
  drop_flying(&e);
  if (err->code == JG_OK && !calls->keep_only) {
    write_rest(&e);
  }
  jg_guard_patient(calls->session->db, host_ms);
  if (e.halt.code != JG_OK) {
    jg_err_set(err, e.halt.code, "%s", e.halt.text);
  }
  return err->code;
}

int jg_calls_recover(struct jg_session *session, int64_t *dropped,
                     struct jg_err *err) {
  int written = 0;
  struct jg_state *state = jg_state_of(session, err);
  if (!state) {
    return err->code;
  }
  *dropped = state->dropped;
  return jg_pending_write(session, &written, err);
}
