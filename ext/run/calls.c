/*
** The engine behind calls.h, on the host's thread: the source's calls go through
** the store and the session's memory before they reach the pump, and what lands
** there is kept, handed on and written. A turn of the loop does a bounded amount
** of each, so that an interrupt is heard in time.
*/
#include "run/engine.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "run/exchange.h"
#include "run/guard.h"
#include "run/inside.h"
#include "run/pending.h"

SQLITE_EXTENSION_INIT3

#define KEEP_WITHIN_MS 40  /* an answer is in the file within 100 ms */
#define FLUSH_EVERY_MS 250 /* rows made of stored answers may wait */
#define WAIT_MS 50         /* for something to land */
#define LOCK_STEP_MS 10    /* between two tries at a locked file */
#define HEAR_EVERY_MS 20   /* an interrupt is asked for */

void jg_call_dispose(struct jg_call *call) {
  if (call) {
    jg_mem_free(call->body);
    jg_mem_free(call->sent_body);
    jg_exchange_dispose(&call->back);
    jg_mem_free(call);
  }
}

int64_t jg_engine_now_ms(const struct jg_engine *e) {
  return e->calls->session->clock.mono_ms(e->calls->session->clock.ctx);
}

static int64_t now_ms(const struct jg_session *session) {
  return session->clock.mono_ms(session->clock.ctx);
}

/* ---- answers ------------------------------------------------------------ */

/* is_answer: the model answered, so that what it took is on the bill. */
static void count_answer(struct jg_calls *calls, const struct jg_answer *a,
                         int is_answer) {
  calls->failed += a->error_code != NULL;
  if (a->cached) {
    calls->cached++;
    return;
  }
  calls->input_tokens += a->input_tokens > 0 ? a->input_tokens : 0;
  calls->output_tokens += a->output_tokens > 0 ? a->output_tokens : 0;
  if (is_answer && (a->input_tokens < 0 || a->output_tokens < 0)) {
    calls->usage_known = 0;
  }
  if (a->cost >= 0) {
    calls->cost += a->cost;
    calls->priced++;
  } else if (is_answer || a->input_tokens >= 0) {
    calls->cost_known = 0; /* there is no price for it */
  }
}

/* stored: 1 when the response goes into the file too. */
static int keep(struct jg_calls *calls, const struct jg_call *call,
                const struct jg_answer *a, int http_status, int stored,
                struct jg_err *err) {
  if (calls->keep_only && a->cached) {
    return err->code; /* SQLite calls a function as often as it likes */
  }
  struct jg_landed landed = {
      .digest = call->key,
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
  jg_pending_add(calls->session, &landed, err);
  return err->code;
}

/* ---- calls in flight ---------------------------------------------------- */

int jg_engine_fly(struct jg_engine *e, struct jg_call *call) {
  if (jg_mem_grow(&e->flying, &e->flying_cap, e->flying_count + 1,
                  sizeof(*e->flying), e->err) != JG_OK) {
    return e->err->code;
  }
  e->flying[e->flying_count++] = call;
  return JG_OK;
}

static void land(struct jg_engine *e, const struct jg_call *call) {
  for (size_t i = 0; i < e->flying_count; i++) {
    if (e->flying[i] == call) {
      e->flying[i] = e->flying[--e->flying_count];
      return;
    }
  }
  assert(!"what lands was in flight");
}

int jg_engine_turn_is_over(const struct jg_engine *e, int calls) {
  return calls >= JG_ENGINE_CALLS_A_TURN ||
         jg_engine_now_ms(e) - e->turn_ms >= HEAR_EVERY_MS;
}

/* Drops a call and all that waited for it. */
static void drop_all(struct jg_calls *calls, struct jg_call *call) {
  while (call) {
    struct jg_call *twin = call->twin;
    calls->drop(calls->ctx, call);
    call = twin;
  }
}

/* A call that will not be answered, and all that waited for it. */
void jg_engine_give_back(struct jg_engine *e, struct jg_call *call) {
  if (call) {
    jg_claims_give_back(&e->claims, call);
    drop_all(e->calls, call);
  }
}

/* What its answer is stored under: for one that our own limit cut off that is
** not what any request is looked up by first. */
static void set_key(struct jg_call *call) {
  if (call->back.is_cut) {
    jg_chat_cut_digest(call->endpoint, call->body, call->repetition,
                       call->limited_to, call->key);
  } else {
    memcpy(call->key, call->digest, sizeof(call->key));
  }
}

/* The claim of a call that has its answer goes when that is written, under its
** digest; else we remove it. */
static void end_claim(struct jg_engine *e, struct jg_call *call, int cached) {
  if (cached || strcmp(call->key, call->digest) != 0) {
    jg_claims_give_back(&e->claims, call);
  } else {
    jg_claims_answered(&e->claims, call);
  }
}

/* Hands what is back to the call and to all that waited for the same one. */
int jg_engine_deliver(struct jg_engine *e, struct jg_call *call, int cached) {
  struct jg_calls *calls = e->calls;
  struct jg_back back = call->back;
  struct jg_answer answer = jg_exchange_answer(&back);
  char key[JG_DIGEST_HEX_BYTES];
  memcpy(key, call->key, sizeof(key));
  memset(&call->back, 0, sizeof(call->back));
  answer.cached = answer.stored = cached;
  if (e->unkept_ms == 0) {
    e->unkept_ms = now_ms(calls->session);
  }
  while (call && e->err->code == JG_OK) {
    struct jg_call *twin = call->twin;
    call->twin = NULL;
    memcpy(call->key, key, sizeof(key));
    answer.digest = call->key;
    keep(calls, call, &answer, back.http_status,
         back.is_answer && !answer.cached, e->err);
    end_claim(e, call, answer.cached);
    count_answer(calls, &answer, back.is_answer);
    calls->done(calls->ctx, call, &answer, e->err);
    if (!answer.error_code || answer.response) {
      answer.cached = 1; /* the twins were not sent */
    }
    call = twin;
  }
  drop_all(calls, call);
  jg_exchange_dispose(&back);
  return e->err->code;
}

/* Nothing more is taken, from the source or of what lands, until what has landed
** is written. */
int jg_engine_is_full(const struct jg_engine *e) {
  return !e->calls->keep_only && jg_pending_is_full(e->calls->session);
}

/* ---- what lands --------------------------------------------------------- */

static void check_general(struct jg_engine *e, const struct jg_call *call) {
  const struct jg_back *back = &call->back;
  if (back->failure &&
      jg_failure_is_general(back->http_status, back->failed_with)) {
    jg_err_set(&e->halt, JG_ERROR,
               "%s: stopped, since every other request to '%s' would fail as "
               "this one did: %s. What was answered is stored: put it right "
               "and run it again",
               e->calls->command, call->endpoint->model_uri, back->failed_with);
    e->calls->finish = 1;
  }
}

/* No longer than until what has landed must be written. */
static int wait_time(const struct jg_engine *e) {
  int64_t wait = WAIT_MS;
  if (e->unkept_ms != 0) {
    int64_t left = e->unkept_ms + KEEP_WITHIN_MS - now_ms(e->calls->session);
    wait = left < wait ? left : wait;
  }
  return wait < 0 ? 0 : (int)wait;
}

static int fits_another(const struct jg_engine *e) {
  return !e->calls->keep_only ||
         jg_pending_has_room(e->calls->session, e->flying_count);
}

/* Keeps an answer that our own limit cut off, and sends the call once more with
** a higher one, if there is still room for another answer. */
static int ask_for_more(struct jg_engine *e, struct jg_call *call) {
  struct jg_calls *calls = e->calls;
  struct jg_answer answer = jg_exchange_answer(&call->back);
  keep(calls, call, &answer, call->back.http_status, 1, e->err);
  answer.error_code = NULL; /* the call has not failed yet */
  count_answer(calls, &answer, 1);
  if (e->unkept_ms == 0) {
    e->unkept_ms = now_ms(calls->session);
  }
  jg_exchange_dispose(&call->back);
  call->raised = 1;
  if (e->err->code != JG_OK || jg_engine_fly(e, call) != JG_OK) {
    jg_engine_give_back(e, call);
    return e->err->code;
  }
  jg_pump_put(e->pump, &call->item);
  return JG_OK;
}

/* A server that refuses the higher limit leaves us with the answer that was cut
** off. It is taken as what the refused request, which took nothing, brought, so
** that it stays. */
static int take_first_for_refused(struct jg_engine *e, struct jg_call *call) {
  struct jg_calls *calls = e->calls;
  struct jg_back *back = &call->back;
  struct jg_err why = {.code = JG_OK};
  size_t bytes = 0;
  int attempts = back->attempts;
  if (!call->raised || (back->http_status != 400 && back->http_status != 422)) {
    return e->err->code;
  }
  jg_chat_cut_digest(call->endpoint, call->body, call->repetition,
                     jg_exchange_limit(calls, call, 0), call->key);
  char *body = jg_pending_stored(calls->session, call->key, &bytes, &why);
  if (body) {
    jg_exchange_dispose(back);
    jg_exchange_read(calls, call, body, bytes, e->err);
    back->attempts = attempts;
    back->reply.input_tokens = back->reply.output_tokens = 0;
    back->reply.cached_tokens = -1;
    back->cost = 0;
  }
  jg_mem_free(body);
  return e->err->code;
}

/* Hands on what has landed; waits for it when there is nothing else to do. */
static int take_landed(struct jg_engine *e, int wait) {
  int wait_ms = wait ? wait_time(e) : 0;
  for (int i = 0; e->pump && e->err->code == JG_OK && !jg_engine_is_full(e) &&
                  (i == 0 || !jg_engine_turn_is_over(e, i));
       i++) {
    struct jg_call *call = (struct jg_call *)jg_pump_take(e->pump, wait_ms);
    if (!call) {
      break;
    }
    land(e, call);
    check_general(e, call);
    take_first_for_refused(e, call);
    set_key(call);
    if (call->back.is_cut && !call->raised && fits_another(e)) {
      ask_for_more(e, call);
    } else {
      jg_engine_deliver(e, call, 0);
    }
    wait_ms = 0;
  }
  if (e->pump && e->calls->finish) {
    jg_pump_finish(e->pump);
  }
  return e->err->code;
}

/* What landed before the end is paid for: kept, though nobody looks at it. */
static void keep_landed(struct jg_engine *e, int wait_ms) {
  struct jg_err why = {.code = JG_OK};
  struct jg_call *call;
  /* After an interrupt no statement of ours runs. */
  int written = e->err->code != JG_INTERRUPTED;
  while ((call = (struct jg_call *)jg_pump_take(e->pump, wait_ms)) != NULL) {
    struct jg_answer answer = jg_exchange_answer(&call->back);
    set_key(call);
    keep(e->calls, call, &answer, call->back.http_status, call->back.is_answer,
         &why);
    end_claim(e, call, 0);
    count_answer(e->calls, &answer, call->back.is_answer);
    if (jg_engine_is_full(e) && written) {
      jg_pending_write(e->calls->session, &written, &why);
    }
    wait_ms = 0;
  }
  if (e->err->code == JG_OK) {
    *e->err = why;
  }
}

/* The file takes no more (full, read-only, gone): nothing new is sent, but what
** is in flight is paid for, so it lands and is kept - unless the host calls an
** end to that, too. */
static void let_land(struct jg_engine *e) {
  struct jg_interrupt *interrupt = &e->calls->session->interrupt;
  jg_pump_finish(e->pump);
  while (!jg_pump_ended(e->pump) && !jg_interrupt_heard(interrupt)) {
    keep_landed(e, WAIT_MS);
  }
}

/* last: the command's own rows are written too, whatever the time. */
static int write_landed(struct jg_engine *e, int last) {
  struct jg_calls *calls = e->calls;
  int written = 0;
  int64_t now = now_ms(calls->session);
  if (calls->keep_only) {
    jg_inside_write(calls->session, &written, e->err);
  } else {
    jg_pending_write(calls->session, &written, e->err);
  }
  if (e->err->code != JG_OK) {
    return e->err->code;
  }
  e->unkept_ms = written ? 0 : now; /* a locked file: later */
  if (written && calls->flush &&
      (last || now - e->flushed_ms >= FLUSH_EVERY_MS)) {
    e->flushed_ms = now;
    calls->flush(calls->ctx, e->err);
  }
  return e->err->code;
}

static int locked_too_long(struct jg_engine *e) {
  return jg_err_set(e->err, JG_ERROR,
                    "%s: the database is locked by another process: %zu "
                    "answers are kept in this connection and will be "
                    "written by the next command: run it again",
                    e->calls->command, jg_pending_count(e->calls->session));
}

/* A locked file is waited for, since the memory is full. */
static int make_room(struct jg_engine *e) {
  int64_t now = now_ms(e->calls->session);
  if (write_landed(e, 0) != JG_OK || !jg_engine_is_full(e)) {
    e->full_ms = 0;
    return e->err->code;
  }
  e->full_ms = e->full_ms == 0 ? now : e->full_ms;
  if (now - e->full_ms > e->patience_ms) {
    return locked_too_long(e);
  }
  sqlite3_sleep(LOCK_STEP_MS);
  return JG_OK;
}

static int tick(struct jg_engine *e) {
  struct jg_session *session = e->calls->session;
  int64_t now = now_ms(session);
  if (now - e->heard_ms >= HEAR_EVERY_MS) {
    e->heard_ms = now;
    if (jg_interrupt_check(&session->interrupt, e->err) != JG_OK) {
      return e->err->code;
    }
  }
  if (jg_engine_is_full(e)) {
    make_room(e);
  } else if (e->unkept_ms != 0 && now - e->unkept_ms >= KEEP_WITHIN_MS) {
    write_landed(e, 0);
  }
  return jg_claims_renew(&e->claims, e->err);
}

/* ---- a run -------------------------------------------------------------- */

/* 1 when nothing more will come of it. */
static int finished(const struct jg_engine *e) {
  int all = e->ended && (e->claims.count == 0 || e->calls->finish);
  return (e->flying_count == 0 && (all || e->late)) ||
         (e->pump && jg_pump_ended(e->pump));
}

static void loop(struct jg_engine *e) {
  while (!finished(e)) {
    e->turn_ms = jg_engine_now_ms(e);
    int more = jg_engine_feed(e);
    if (e->err->code != JG_OK || take_landed(e, !more) != JG_OK ||
        tick(e) != JG_OK) {
      break;
    }
  }
}

/* Ends the pump and takes its results. */
static void end_pump(struct jg_engine *e) {
  struct jg_calls *calls = e->calls;
  struct jg_state *state = jg_state_of(calls->session, NULL);
  if (e->err->code == JG_OK) {
    jg_pump_close(e->pump);
  } else {
    if (e->err->code == JG_SQLITE) {
      let_land(e);
    }
    jg_pump_stop(e->pump);
  }
  assert(state != NULL && state->sending);
  const struct jg_schedule *schedule = jg_pump_join(e->pump, e->err);
  keep_landed(e, 0);
  calls->sent += schedule->sent;
  calls->retries += schedule->retried;
  calls->exhausted = schedule->exhausted;
  calls->cut += schedule->cut;
  calls->waited_ms += schedule->waited_ms;
  state->dropped += schedule->dropped;
  state->sending = 0;
  jg_pump_free(e->pump);
}

static void drop_flying(struct jg_engine *e) {
  for (size_t i = 0; i < e->flying_count; i++) {
    jg_engine_give_back(e, e->flying[i]);
  }
  for (struct jg_call *c; (c = jg_claims_leave(&e->claims)) != NULL;) {
    jg_engine_give_back(e, c);
  }
  drop_all(e->calls, e->parked);
  jg_mem_free(e->flying);
}

/* The file may be locked for a while: an answer waits for it, but not for
** ever, and never through an interrupt. */
static int write_rest(struct jg_engine *e) {
  struct jg_session *session = e->calls->session;
  int64_t until = now_ms(session) + e->patience_ms;
  while (write_landed(e, 1) == JG_OK && jg_pending_count(session) > 0) {
    if (jg_interrupt_check(&session->interrupt, e->err) != JG_OK) {
      return e->err->code;
    }
    if (now_ms(session) > until) {
      return locked_too_long(e);
    }
    sqlite3_sleep(20);
  }
  return e->err->code;
}

int jg_calls_run(struct jg_calls *calls, struct jg_err *err) {
  struct jg_engine e = {.calls = calls, .err = err};
  calls->cost_known = calls->usage_known = 1;
  e.patience_ms =
      jg_guard_patience_ms(jg_guard_impatient(&calls->session->patience));
  e.flushed_ms = now_ms(calls->session);
  if (err->code == JG_OK && jg_claims_begin(&e.claims, calls->session,
                                            calls->keep_only, err) == JG_OK) {
    loop(&e);
  }
  if (e.pump) {
    end_pump(&e);
  }
  if (e.late && !calls->exhausted) {
    calls->exhausted = "max_seconds";
  }
  drop_flying(&e);
  if (err->code == JG_OK && calls->keep_only) {
    write_landed(&e, 1); /* a lock is not waited for: the host's query runs */
  } else if (err->code == JG_OK) {
    write_rest(&e);
  }
  jg_claims_end(&e.claims);
  jg_guard_patient(&calls->session->patience);
  jg_pending_tell(calls->session, calls->command, err);
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
  state->writable = 1; /* each command looked */
  if (jg_pending_write(session, &written, err) == JG_OK) {
    jg_claims_sweep(session, err);
  }
  return err->code;
}
