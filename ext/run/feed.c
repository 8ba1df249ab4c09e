/*
** What feeds the pump: calls of the source are answered from the store, joined
** to a twin, or claimed and sent. See calls.h and engine.h.
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

#define LOCK_STEP_MS 10    /* between two tries at a locked file */
#define CONNECT_MS 10000   /* for a connection */
#define FIRST_BATCH 64     /* the first requests go out soon */
#define CALLS_WAITING 1024 /* for others, before no more are taken */

static struct jg_call *twin_of(struct jg_engine *e,
                               const struct jg_call *call) {
  for (size_t i = 0; i < e->flying_count; i++) {
    if (strcmp(e->flying[i]->digest, call->digest) == 0) {
      return e->flying[i];
    }
  }
  return jg_claims_find(&e->claims, call->digest);
}

/* Where an answer may not be written at once, there must be room to keep it
** before it is paid for. 0: not now, or err says that there will be none. */
static int has_room(struct jg_engine *e) {
  struct jg_session *session = e->calls->session;
  size_t unanswered = e->flying_count + e->claims.count;
  if (!e->calls->keep_only || jg_pending_has_room(session, unanswered)) {
    return 1;
  }
  if (unanswered == 0) {
    jg_inside_full(session, e->calls->command, e->err);
  }
  return 0;
}

/* A lock is waited for without sleeping in it: 1 clears err, and the loop comes
** again; 0 leaves err as it is. */
static int wait_for_lock(struct jg_engine *e) {
  int64_t now = jg_engine_now_ms(e);
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
    sqlite3_sleep(LOCK_STEP_MS); /* nothing else to wait for */
  }
  return 1;
}

/* The stored body of one that our limit cut off, whose key call->key becomes;
** NULL: there is none. */
static char *find_cut(struct jg_engine *e, struct jg_call *call, int raised,
                      size_t *bytes) {
  int64_t limit = jg_exchange_limit(e->calls, call, raised);
  if (limit == 0) {
    return NULL;
  }
  jg_chat_cut_digest(call->endpoint, call->body, call->repetition, limit,
                     call->key);
  return jg_pending_stored(e->calls->session, call->key, bytes, e->err);
}

/* Finds a stored answer, owned, and its key: that of the request, or one cut off
** twice. One cut off once makes the call ask for more. */
static char *find_answer(struct jg_engine *e, struct jg_call *call,
                         size_t *bytes) {
  memcpy(call->key, call->digest, sizeof(call->key));
  char *body = jg_pending_stored(e->calls->session, call->key, bytes, e->err);
  if (body || e->err->code != JG_OK) {
    return body;
  }
  body = find_cut(e, call, 0, bytes);
  call->raised = body != NULL;
  jg_mem_free(body);
  return call->raised ? find_cut(e, call, 1, bytes) : NULL;
}

/* Goes on to the first repetition whose answer is not of an earlier command. */
static int go_on_anew(struct jg_engine *e, struct jg_call *call) {
  struct jg_calls *calls = e->calls;
  int older = 1;
  while (older) {
    older = jg_pending_is_older(calls->session, call->digest, calls->run_id,
                                e->err);
    int64_t limit = jg_exchange_limit(calls, call, 1);
    if (!older && limit > 0 && e->err->code == JG_OK) {
      jg_chat_cut_digest(call->endpoint, call->body, call->repetition, limit,
                         call->key);
      older =
          jg_pending_is_older(calls->session, call->key, calls->run_id, e->err);
    }
    if (e->err->code != JG_OK) {
      return e->err->code;
    }
    if (older) {
      call->repetition++;
      jg_chat_digest(call->endpoint, call->body, call->repetition,
                     call->digest);
    }
  }
  return JG_OK;
}

static int answer_stored(struct jg_engine *e, struct jg_call *call,
                         int *found) {
  size_t bytes = 0;
  char *body = find_answer(e, call, &bytes);
  *found = body != NULL;
  if (!body) {
    return e->err->code;
  }
  if (jg_exchange_read(e->calls, call, body, bytes, e->err) == JG_OK) {
    call->back.cost = 0;
    jg_engine_deliver(e, call, 1);
  } else {
    e->calls->drop(e->calls->ctx, call);
  }
  jg_mem_free(body);
  return e->err->code;
}

/* Under replay nothing is sent. */
static int replay_miss(struct jg_engine *e, const struct jg_call *call) {
  return jg_err_set(
      e->err, JG_ERROR,
      "%s: judge_config('replay') is 'only', and this request%s%s to "
      "'%s' is not among the stored calls (digest %.16s...): record it "
      "with replay 'off', or import the calls",
      e->calls->command, call->trace_id ? " for trace " : "",
      call->trace_id ? call->trace_id : "", call->endpoint->model_uri,
      call->digest);
}

/* A command may be called from the SQL of another one, but the transport and
** what is learned of servers are for one pump at a time. */
static int claim(struct jg_calls *calls, struct jg_state **out,
                 struct jg_err *err) {
  struct jg_state *state = jg_state_of(calls->session, err);
  *out = state;
  if (state && state->sending) {
    jg_err_set(err, JG_ERROR,
               "%s: called while another command of this connection is "
               "sending, from its \"where\" for instance: run it before, and "
               "select by the verdicts that it stored",
               calls->command);
  }
  return err->code;
}

/* How a session sends. */
static struct jg_schedule schedule_of(const struct jg_calls *calls,
                                      struct jg_state *state) {
  struct jg_session *session = calls->session;
  int64_t total_ms = session->config.timeout_s * 1000;
  return (struct jg_schedule){
      .clock = &session->clock,
      .rng = &session->rng,
      .budget = calls->budget,
      .concurrency = calls->concurrency,
      .requests_per_minute = session->config.requests_per_minute,
      .tokens_per_minute = session->config.tokens_per_minute,
      .limiters = &state->limiters,
      .retries = (int)session->config.retries,
      .connect_timeout_ms = total_ms < CONNECT_MS ? total_ms : CONNECT_MS,
      .total_timeout_ms = total_ms,
      .max_body_bytes = JG_ANSWER_MOST_BYTES,
  };
}

static int open_pump(struct jg_engine *e) {
  struct jg_calls *calls = e->calls;
  struct jg_state *state;
  if (claim(calls, &state, e->err) != JG_OK) {
    return e->err->code;
  }
  struct jg_schedule schedule = schedule_of(calls, state);
  struct jg_pump_work work = jg_exchange_work(calls);
  if (jg_session_transport(calls->session, &schedule.transport, e->err) ==
      JG_OK) {
    int most = schedule.transport->most;
    if (most > 0 && schedule.concurrency > most) {
      schedule.concurrency = most; /* few files may be open */
    }
    jg_pump_open(&e->pump, &schedule, &work, e->err);
  }
  state->sending = e->pump != NULL;
  return e->err->code;
}

/* Gives the pump a call; in any case it is the engine's then, or gone. */
static int send(struct jg_engine *e, struct jg_call *call) {
  if (!e->pump) {
    open_pump(e);
  }
  if (e->err->code != JG_OK || jg_engine_fly(e, call) != JG_OK) {
    jg_engine_give_back(e, call);
    return e->err->code;
  }
  jg_pump_put(e->pump, &call->item);
  return JG_OK;
}

/* Joins a call on its way with the same digest: 1. */
static int join_twin(struct jg_engine *e, struct jg_call *call) {
  struct jg_call *first = twin_of(e, call);
  if (first) {
    call->twin = first->twin;
    first->twin = call;
  }
  return first != NULL;
}

/* The call that could not be looked up before, or a new one; NULL: none now. */
static struct jg_call *take_call(struct jg_engine *e) {
  struct jg_call *call = e->parked;
  e->parked = NULL;
  if (call) {
    return call;
  }
  if (e->calls->finish) {
    e->ended = 1;
    return NULL;
  }
  enum jg_next n = e->calls->next(e->calls->ctx, &call, e->err);
  if (n == JG_NEXT_TASK && e->err->code == JG_OK) {
    jg_chat_digest(call->endpoint, call->body, call->repetition, call->digest);
    return call;
  }
  e->ended = n == JG_NEXT_END && e->err->code == JG_OK;
  wait_for_lock(e);
  return NULL;
}

/* Answers a call from what is stored, or has it claimed. */
static int place(struct jg_engine *e, struct jg_call *call) {
  int found = 0;
  if (call->anew && go_on_anew(e, call) != JG_OK) {
    e->parked = call;
    wait_for_lock(e);
    return e->err->code;
  }
  if (join_twin(e, call)) {
    return JG_OK;
  }
  assert(e->parked == NULL);
  if (answer_stored(e, call, &found) != JG_OK) {
    if (!found) {
      e->parked = call;
    }
    wait_for_lock(e);
    return e->err->code;
  }
  e->locked_ms = 0;
  if (found) {
    return JG_OK;
  }
  if (!has_room(e)) {
    e->parked = call;
  } else if (e->calls->session->config.replay_only) {
    replay_miss(e, call);
    jg_engine_give_back(e, call);
  } else if (jg_claims_add(&e->claims, call, e->err) != JG_OK) {
    jg_engine_give_back(e, call);
  }
  return e->err->code;
}

/* A call that waited for another command may be answered now, also when that one
** gave it back: what was cut off has another key. 1: it is dealt with. When the
** file cannot be read now, it waits on. */
static int answer_waited(struct jg_engine *e, struct jg_call *call) {
  struct jg_err why = {.code = JG_OK};
  int found = 0;
  answer_stored(e, call, &found);
  if (found || (e->err->code == JG_OK && call->claim == JG_CLAIM_OURS)) {
    return found;
  }
  jg_claims_answered(&e->claims, call);
  call->claim = JG_CLAIM_OTHERS;
  if (jg_claims_add(&e->claims, call, &why) != JG_OK) {
    jg_engine_give_back(e, call);
    *e->err = why;
  }
  return 1;
}

/* Claims what is to be sent, and sends what is ours. */
static int send_claimed(struct jg_engine *e) {
  struct jg_call *call;
  if (!e->calls->keep_only && e->claims.fresh > 0) {
    jg_pending_try(e->calls->session, e->calls->command, e->err);
  }
  if (e->err->code == JG_OK && jg_claims_ask(&e->claims, e->err) == JG_OK) {
    e->locked_ms = 0;
  }
  while (e->err->code == JG_OK && (call = jg_claims_take(&e->claims)) != NULL) {
    if (!call->waited || !answer_waited(e, call)) {
      send(e, call);
    }
  }
  wait_for_lock(e);
  return e->err->code;
}

/* The others' answers are all that is waited for. */
static void wait_for_others(struct jg_engine *e) {
  const struct jg_budget *b = e->calls->budget;
  if (e->flying_count > 0 || e->claims.count == 0) {
    return;
  }
  e->late = b->deadline_ms >= 0 && jg_engine_now_ms(e) >= b->deadline_ms;
  if (!e->pump && e->claims.fresh == 0) {
    sqlite3_sleep(LOCK_STEP_MS);
  }
}

/* How many calls the pump has use for. Before there is one, a first batch goes
** out as soon as it fills the slots. */
static size_t room_of(const struct jg_engine *e, int *soon) {
  size_t first = 2 * (size_t)e->calls->concurrency;
  *soon = 0;
  return e->pump               ? jg_pump_room(e->pump, soon)
         : first > FIRST_BATCH ? FIRST_BATCH
                               : first;
}

int jg_engine_feed(struct jg_engine *e) {
  int soon = 0, taken = 0, stuck = 0;
  size_t room = room_of(e, &soon);
  while (!e->ended && !jg_engine_is_full(e) && !stuck &&
         e->claims.fresh < room && e->claims.count < CALLS_WAITING &&
         !jg_engine_turn_is_over(e, taken)) {
    struct jg_call *call = take_call(e);
    stuck = !call || place(e, call) != JG_OK || e->parked;
    taken += !stuck;
  }
  if (e->err->code == JG_OK && e->claims.count > 0 &&
      (soon || stuck || taken == 0 || e->claims.fresh >= room)) {
    send_claimed(e);
  }
  wait_for_others(e);
  return stuck ? e->flying_count == 0 && !e->ended : taken > 0;
}
