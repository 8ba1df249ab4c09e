/*
** The refill loop: see scheduler.h.
**
** A job is a task with what its attempts have led to so far. It is in one of
** four places: in a slot (in flight), in the heap of retries (ordered by when
** they are due; no slot is held meanwhile), or held (it waits for the host's
** limiter, or for budget that calls in flight have reserved and may give back),
** or landed with a good answer that was not handed on yet. Jobs are pooled.
**
** 1. A slot that comes free is refilled before its answer is looked at: what
**    answers cost us never keeps the server waiting.
** 2. Budget is reserved for each attempt before it is sent.
** 3. Memory and work a response depend on what is in flight, never on how many
**    tasks there are: when too many retries wait, no new task is taken.
** 4. All waiting is done by the transport, at most TICK_MS at once.
*/
#include "llm/scheduler.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "llm/advice.h"
#include "llm/charge.h"
#include "llm/chat.h"
#include "llm/mask.h"
#include "llm/sigv4.h"

#define TICK_MS 100 /* the longest wait between two ticks */
#define ERROR_BYTES 800
#define PUSH_EVERY 16     /* requests made before they go out together */
#define ANSWER_TOKENS 100 /* a guess for tokens a minute, before it is known */
#define WAITING_PER_SLOT 4
#define WAITING_MIN 64

struct job {
  struct jg_task task;
  struct jg_limiter *limiter; /* lent */
  char **headers;             /* of this attempt, when it is signed; owned */
  size_t header_count, signed_count; /* the last of them are owned too */
  int attempts;
  int revised; /* attempts that were sent in another form */
  int64_t sent_ms;
  int64_t tokens;         /* as told to the limiter */
  int status;             /* of the last attempt */
  char code[24];          /* error code of the last attempt, or "" */
  char text[ERROR_BYTES]; /* its error text */
  int64_t latency_ms;
  int64_t due_ms; /* when in the heap */
  uint64_t order; /* equal times: first come, first served */
  struct job *free_next;
};

/* A good answer that waits to be handed on. */
struct landed {
  struct job *job;
  struct jg_http_response got;
};

struct run {
  struct jg_schedule *s;
  struct jg_err *err;
  struct job **slots; /* by slot number; NULL is free */
  size_t *free_slots; /* stack */
  size_t free_count, slot_count;
  struct job **heap; /* retries by due_ms */
  size_t heap_count, heap_cap;
  struct landed *landed; /* room for two more than there are slots */
  size_t landed_count;
  struct job *held;
  int64_t held_until_ms; /* when the limiter lets it go; INT64_MAX: not known */
  struct job *pool;
  struct jg_limiters own; /* when the caller keeps none */
  uint64_t order;
  int ended; /* next() has said END, or a budget has ended it */
};

static int64_t now_ms(const struct run *r) {
  return r->s->clock->mono_ms(r->s->clock->ctx);
}

static size_t in_flight(const struct run *r) {
  return r->slot_count - r->free_count;
}

/* --- jobs --------------------------------------------------------------- */

static struct job *job_new(struct run *r) {
  struct job *job = r->pool;
  if (job == NULL) {
    return jg_mem_new(1, sizeof(*job), r->err);
  }
  r->pool = job->free_next;
  memset(job, 0, sizeof(*job));
  return job;
}

static void unsign(struct job *job) {
  for (size_t i = job->header_count - job->signed_count; i < job->header_count;
       i++) {
    jg_mem_free(job->headers[i]);
  }
  jg_mem_free(job->headers);
  job->headers = NULL;
  job->header_count = job->signed_count = 0;
}

static void job_free(struct job *job) {
  if (job != NULL) {
    unsign(job);
    jg_mem_free(job);
  }
}

static void job_release(struct run *r, struct job *job) {
  unsign(job);
  job->free_next = r->pool;
  r->pool = job;
}

static void set_text(char *to, size_t size, const char *text) {
  size_t n = strlen(text);
  if (n >= size) {
    n = size - 1;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
      n--; /* not within a character */
    }
  }
  memcpy(to, text, n);
  to[n] = '\0';
}

/* --- heap of retries ---------------------------------------------------- */

static int before(const struct job *a, const struct job *b) {
  return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static int heap_push(struct run *r, struct job *job) {
  if (jg_mem_grow(&r->heap, &r->heap_cap, r->heap_count + 1,
                  sizeof(struct job *), r->err) != JG_OK) {
    return r->err->code;
  }
  size_t at = r->heap_count++;
  while (at > 0 && before(job, r->heap[(at - 1) / 2])) {
    r->heap[at] = r->heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  r->heap[at] = job;
  return JG_OK;
}

static struct job *heap_pop(struct run *r) {
  assert(r->heap_count > 0);
  struct job *top = r->heap[0], *last = r->heap[--r->heap_count];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= r->heap_count) {
      break;
    }
    if (child + 1 < r->heap_count &&
        before(r->heap[child + 1], r->heap[child])) {
      child++;
    }
    if (!before(r->heap[child], last)) {
      break;
    }
    r->heap[at] = r->heap[child];
    at = child;
  }
  if (r->heap_count > 0) {
    r->heap[at] = last;
  }
  return top;
}

/* --- ends --------------------------------------------------------------- */

/* Gives the outcome to the caller; what it says was used settles the budget
** when the task has a reservation that still stands. */
static int deliver(struct run *r, struct job *job, const char *body,
                   size_t bytes, int64_t *tokens, double *cost) {
  struct jg_outcome outcome = {
      .status = job->status,
      .error_code = job->code[0] == '\0' ? NULL : job->code,
      .error_text = job->code[0] == '\0' ? NULL : job->text,
      .body = body,
      .body_bytes = bytes,
      .attempts = job->attempts,
      .latency_ms = job->latency_ms};
  int code = r->s->done(r->s->ctx, &job->task, &outcome, tokens, cost, r->err);
  job_release(r, job);
  if (code != JG_OK && r->err->code == JG_OK) {
    jg_err_set(r->err, (enum jg_code)code, "a result could not be taken");
  }
  return r->err->code;
}

/* Ends a job that will not be sent again, with its last error. */
static int give_up(struct run *r, struct job *job) {
  int64_t tokens = 0;
  double cost = 0;
  return deliver(r, job, NULL, 0, &tokens, &cost);
}

/* Nothing new is sent. A task never sent is not delivered; retries end with
** their last error. */
static int end_sending(struct run *r) {
  r->ended = 1;
  if (r->held != NULL) {
    struct job *job = r->held;
    r->held = NULL;
    if (job->attempts == 0) {
      job_release(r, job);
    } else if (give_up(r, job) != JG_OK) {
      return r->err->code;
    }
  }
  while (r->heap_count > 0) {
    if (give_up(r, heap_pop(r)) != JG_OK) {
      return r->err->code;
    }
  }
  return JG_OK;
}

/* A budget is used up for good. */
static int exhaust(struct run *r, const char *why) {
  r->s->exhausted = why;
  return end_sending(r);
}

/* --- sending ------------------------------------------------------------ */

/* A request that could not even be started is final: it would fail again. */
static int start_failed(struct run *r, struct job *job, size_t slot,
                        struct jg_err *why) {
  r->slots[slot] = NULL;
  r->free_slots[r->free_count++] = slot;
  jg_budget_cancel(r->s->budget, &job->task.most);
  if (why->code != JG_ERROR) {
    job_release(r, job);
    return jg_err_set(r->err, why->code, "%s", why->text);
  }
  job->status = 0;
  set_text(job->code, sizeof(job->code), "NETWORK");
  set_text(job->text, sizeof(job->text), why->text);
  jg_mask_error(job->task.endpoint, job->text, strlen(job->text));
  return give_up(r, job);
}

/* Headers of this attempt: the endpoint's and a signature of now. */
static int sign(struct run *r, struct job *job) {
  const struct jg_endpoint *e = job->task.endpoint;
  const struct jg_clock *c = r->s->clock;
  struct jg_sigv4 q = {.id = e->aws_id,
                       .secret = e->aws_secret,
                       .token = e->aws_token,
                       .region = e->aws_region,
                       .service = "bedrock",
                       .url = e->url,
                       .body = job->task.body,
                       .body_bytes = job->task.body_bytes};
  char *lines[JG_SIGV4_LINES];
  unsign(job);
  q.wall_ms = c->wall_ms(c->ctx);
  job->headers =
      jg_mem_new(e->header_count + JG_SIGV4_LINES, sizeof(char *), r->err);
  if (job->headers == NULL ||
      jg_sigv4_sign(&q, lines, &job->signed_count, r->err) != JG_OK) {
    return r->err->code;
  }
  for (size_t i = 0; i < e->header_count; i++) {
    job->headers[i] = e->headers[i];
  }
  for (size_t i = 0; i < job->signed_count; i++) {
    job->headers[e->header_count + i] = lines[i];
  }
  job->header_count = e->header_count + job->signed_count;
  return JG_OK;
}

/* Sends a job whose budget is reserved. */
static int send_job(struct run *r, struct job *job) {
  const struct jg_schedule *s = r->s;
  const struct jg_endpoint *e = job->task.endpoint;
  if (e->aws_region != NULL && sign(r, job) != JG_OK) {
    jg_budget_cancel(s->budget, &job->task.most);
    job_release(r, job);
    return r->err->code;
  }
  assert(r->free_count > 0);
  size_t slot = r->free_slots[--r->free_count];
  struct jg_http_request request = {
      .id = slot,
      .url = e->url,
      .headers = (const char *const *)(job->headers == NULL ? e->headers
                                                            : job->headers),
      .header_count =
          job->headers == NULL ? e->header_count : job->header_count,
      .body = job->task.body,
      .body_bytes = job->task.body_bytes,
      .direct = e->loopback,
      .connect_timeout_ms = s->connect_timeout_ms,
      .total_timeout_ms = s->total_timeout_ms,
      .max_body_bytes = s->max_body_bytes};
  struct jg_err why = {0};
  assert(r->slots[slot] == NULL);
  r->slots[slot] = job;
  job->sent_ms = now_ms(r);
  if (s->transport->start(s->transport->ctx, &request, &why) != JG_OK) {
    return start_failed(r, job, slot, &why);
  }
  jg_limiter_sent(job->limiter, job->tokens, job->sent_ms);
  r->s->sent++;
  if (job->attempts++ > 0) {
    r->s->retried++;
  }
  return JG_OK;
}

/* Asks the limiter of the job's host: 1 when it may go now, else it is held. */
static int may_go(struct run *r, struct job *job, int64_t now) {
  const struct jg_schedule *s = r->s;
  struct jg_limiter_setting setting = {
      s->concurrency, s->requests_per_minute > 0 ? s->requests_per_minute : -1,
      s->tokens_per_minute > 0 ? s->tokens_per_minute : -1};
  if (job->limiter == NULL) {
    job->limiter = jg_limiters_host(s->limiters == NULL ? &r->own : s->limiters,
                                    job->task.endpoint->host, r->err);
    if (job->limiter == NULL) {
      job_release(r, job);
      return 0;
    }
    jg_limiter_set(job->limiter, &setting, now);
  }
  job->tokens = (int64_t)(job->task.body_bytes / 4) + ANSWER_TOKENS;
  int64_t wait = jg_limiter_wait_ms(job->limiter, job->tokens, now);
  assert(r->held == NULL); /* one job waits at most */
  if (wait != 0) {
    r->held = job;
    r->held_until_ms = wait < 0 ? INT64_MAX : now + wait;
  }
  return wait == 0;
}

/* Reserves and sends. When the budget is only reserved, not spent, the job is
** held until a call in flight gives something back. */
static int try_send(struct run *r, struct job *job, int64_t now) {
  const char *why = NULL;
  if (!may_go(r, job, now)) {
    return r->err->code;
  }
  if (jg_budget_reserve(r->s->budget, &job->task.most, now, &why)) {
    return send_job(r, job);
  }
  r->held = job;
  r->held_until_ms = INT64_MAX;
  int for_good = strcmp(why, "max_seconds") == 0 ||
                 strcmp(why, "max_calls") == 0 ||
                 in_flight(r) + r->landed_count == 0;
  return for_good ? exhaust(r, why) : JG_OK;
}

/* Takes a new task; NULL without an error when there is none now. */
static struct job *take_task(struct run *r) {
  size_t most = WAITING_PER_SLOT * r->slot_count;
  if (r->ended || r->heap_count >= (most < WAITING_MIN ? WAITING_MIN : most)) {
    return NULL;
  }
  struct job *job = job_new(r);
  if (job == NULL) {
    return NULL;
  }
  enum jg_next got = r->s->next(r->s->ctx, &job->task, r->err);
  if (got == JG_NEXT_TASK && r->err->code == JG_OK) {
    return job;
  }
  r->ended = got == JG_NEXT_END;
  job_release(r, job);
  return NULL;
}

/* The next job to send: held, a retry that is due, a new task. */
static struct job *pick(struct run *r, int64_t now) {
  struct job *job = r->held;
  if (job != NULL) {
    r->held = NULL;
    return job;
  }
  if (r->heap_count > 0 && r->heap[0]->due_ms <= now) {
    return heap_pop(r);
  }
  return take_task(r);
}

static int step(struct run *r, int wait_ms);

/* Puts what was started on the wire; may land something. */
static int push(struct run *r) {
  if (r->landed_count <= r->slot_count) {
    step(r, 0);
  }
  return r->err->code;
}

/* Fills the free slots (promise 1). */
static int refill(struct run *r) {
  int64_t now = now_ms(r), sent = r->s->sent;
  int64_t deadline = r->s->budget->deadline_ms;
  if (deadline >= 0 && now >= deadline &&
      (r->held != NULL || r->heap_count > 0)) {
    return exhaust(r, "max_seconds");
  }
  while (r->free_count > 0) {
    struct job *job = pick(r, now);
    if (job == NULL || try_send(r, job, now) != JG_OK || r->held != NULL) {
      break;
    }
    if (r->s->sent - sent >= PUSH_EVERY) {
      sent = r->s->sent;
      if (push(r) != JG_OK || r->s->finish) {
        break;
      }
    }
  }
  return r->err->code;
}

/* --- landing ------------------------------------------------------------ */

/* Writes what went wrong into the job. The body is masked before it is cut to
** an error text: the cut may go through a key. */
static void note_error(struct job *job, const struct jg_http_response *got) {
  struct jg_buf text;
  if (got->error_code != NULL && (got->status == 0 || got->status == 200)) {
    set_text(job->code, sizeof(job->code), got->error_code);
    set_text(job->text, sizeof(job->text), got->error_text);
  } else {
    snprintf(job->code, sizeof(job->code), "HTTP_%d", got->status);
    if (got->body != NULL) {
      jg_mask_error(job->task.endpoint, got->body, got->body_bytes);
    }
    jg_buf_init(&text, (size_t)8 << 10);
    jg_chat_error_text(got->status, got->body, got->body_bytes, &text);
    set_text(job->text, sizeof(job->text), jg_buf_text(&text));
    jg_buf_dispose(&text);
  }
  jg_buf_init(&text, (size_t)8 << 10);
  jg_buf_puts(&text, job->text);
  jg_retry_hopeless(got->status, got->retry_after_ms, &text);
  jg_advice_add(job->task.endpoint, got->status, job->code,
                job->task.body_bytes, job->task.trace_bytes, &text);
  if (text.len > 0) {
    jg_mask_error(job->task.endpoint, text.data, text.len);
  }
  set_text(job->text, sizeof(job->text), jg_buf_text(&text));
  jg_buf_dispose(&text);
}

/* Queues another attempt, or ends the job: no retries left, or the deadline
** comes before the retry is due. */
static int retry_or_end(struct run *r, struct job *job, int64_t after_ms) {
  const struct jg_budget *b = r->s->budget;
  if (r->s->finish) {
    return give_up(r, job);
  }
  int again =
      r->s->revise != NULL &&
      r->s->revise(r->s->ctx, &job->task, job->status, job->text, r->err);
  if (r->err->code != JG_OK) {
    return give_up(r, job);
  }
  job->revised += again;
  if (!again && (job->attempts - job->revised > r->s->retries ||
                 jg_failure_is_general(job->status, job->text) ||
                 !jg_retry_wanted(job->status, job->code))) {
    return give_up(r, job);
  }
  if (b->max_calls >= 0 && b->calls + b->reserved_calls >= b->max_calls) {
    r->s->exhausted = "max_calls";
    return give_up(r, job);
  }
  job->due_ms = now_ms(r);
  if (!again) {
    job->due_ms +=
        jg_retry_delay_ms(job->attempts - job->revised, after_ms, r->s->rng);
  }
  job->order = r->order++;
  if (b->deadline_ms >= 0 && job->due_ms >= b->deadline_ms) {
    return give_up(r, job);
  }
  if (heap_push(r, job) != JG_OK) {
    job_release(r, job);
  }
  return r->err->code;
}

/* A break that ends the run is not waited for by the next one: its first request
** asks again. */
static void tell_limiter(struct run *r, const struct job *job,
                         const struct jg_http_response *got) {
  int hopeless = jg_retry_hopeless(got->status, got->retry_after_ms, NULL);
  struct jg_landing landing = {.sent_ms = job->sent_ms,
                               .status = got->status,
                               .error_code = got->error_code,
                               .retry_after_ms =
                                   hopeless ? -1 : got->retry_after_ms,
                               .rate = &got->rate};
  jg_limiter_landed(job->limiter, &landing, now_ms(r));
}

/* A failed attempt. What it took nobody tells: what may have been billed counts
** as the most it can have been (law 8), the rest as nothing but the call. */
static int land_failure(struct run *r, struct job *job,
                        const struct jg_http_response *got) {
  struct jg_attempt attempt = {got->status, got->error_code, got->unsent};
  int64_t took = jg_charge_of(&attempt) == JG_CHARGE_NOTHING ? 0 : -1;
  note_error(job, got);
  jg_budget_settle(r->s->budget, &job->task.most, took, (double)took);
  return retry_or_end(r, job, got->retry_after_ms);
}

/* Hands a good answer on. */
static int hand_on(struct run *r, struct job *job,
                   struct jg_http_response *got) {
  struct jg_reservation most = job->task.most;
  struct jg_limiter *limiter = job->limiter;
  int64_t sent_as = job->tokens, tokens = -1;
  double cost = -1;
  job->code[0] = '\0';
  deliver(r, job, got->body == NULL ? "" : got->body, got->body_bytes, &tokens,
          &cost);
  jg_budget_settle(r->s->budget, &most, tokens, cost);
  if (tokens > 0) {
    jg_limiter_used(limiter, sent_as, tokens);
  }
  return r->err->code;
}

/* Frees the slot. A failure is dealt with at once, it may end the run; a good
** answer waits until the slot is filled again. */
static int land(struct run *r, struct jg_http_response *got) {
  if (got->id >= r->slot_count || r->slots[got->id] == NULL) {
    return jg_err_set(r->err, JG_ERROR,
                      "the transport delivered a response that was not asked "
                      "for");
  }
  struct job *job = r->slots[got->id];
  r->slots[got->id] = NULL;
  assert(r->free_count < r->slot_count);
  r->free_slots[r->free_count++] = (size_t)got->id;
  job->status = got->status;
  job->latency_ms = got->latency_ms;
  tell_limiter(r, job, got);
  if (got->status != 200 || got->error_code != NULL) {
    return land_failure(r, job, got);
  }
  assert(r->landed_count < r->slot_count + 2);
  r->landed[r->landed_count++] = (struct landed){job, *got};
  memset(got, 0, sizeof(*got)); /* its body is the list's now */
  return JG_OK;
}

/* --- the loop ----------------------------------------------------------- */

static int wait_time(const struct run *r) {
  int64_t now = now_ms(r), deadline = r->s->budget->deadline_ms;
  int64_t wait = TICK_MS;
  if (deadline >= 0 && deadline - now < wait) {
    wait = deadline - now;
  }
  if (r->held != NULL) {
    if (r->held_until_ms - now < wait) {
      wait = r->held_until_ms - now;
    }
  } else if (r->heap_count > 0 && r->free_count > 0 &&
             r->heap[0]->due_ms - now < wait) {
    wait = r->heap[0]->due_ms - now;
  }
  return wait < 0 ? 0 : (int)wait;
}

/* Waits for one response and takes it: 1, 0 when none came, -1. */
static int step(struct run *r, int wait_ms) {
  struct jg_http_response got;
  const struct jg_transport *t = r->s->transport;
  memset(&got, 0, sizeof(got));
  int n = t->wait(t->ctx, wait_ms, &got, r->err);
  if (n > 0) {
    land(r, &got);
    jg_http_response_dispose(&got);
  } else if (n < 0 && r->err->code == JG_OK) {
    jg_err_set(r->err, JG_ERROR, "the transport failed without a reason");
  }
  return r->err->code == JG_OK ? n : -1;
}

/* 1 when it is time to stop. */
static int tick(struct run *r) {
  if (r->s->tick != NULL && r->s->tick(r->s->ctx) != 0) {
    r->s->stopped = 1;
  }
  return r->s->stopped;
}

/* Hands on all that has landed: these answers are paid for, so an error that
** came meanwhile (an interrupt) waits until they are kept. */
static int hand_on_all(struct run *r) {
  if (r->landed_count == 0) {
    return r->err->code;
  }
  struct jg_err before = *r->err;
  jg_err_clear(r->err);
  for (size_t i = 0; i < r->landed_count; i++) {
    struct landed *l = &r->landed[i];
    if (r->err->code == JG_OK) {
      hand_on(r, l->job, &l->got);
    } else {
      jg_budget_settle(r->s->budget, &l->job->task.most, -1, -1);
      job_release(r, l->job);
    }
    jg_http_response_dispose(&l->got);
  }
  r->landed_count = 0;
  if (before.code != JG_OK) {
    *r->err = before;
  }
  return r->err->code;
}

/* Takes what has landed, fills the slots again, and only then looks at the
** answers. While any are taken no wait is longer than nothing. */
static int turn(struct run *r) {
  int64_t before = now_ms(r);
  int idle = in_flight(r) == 0 && (r->held != NULL || r->heap_count > 0);
  int n = step(r, r->landed_count > 0 ? 0 : wait_time(r));
  r->s->waited_ms += idle ? now_ms(r) - before : 0;
  while (n > 0 && r->landed_count < r->slot_count) {
    n = step(r, 0);
  }
  if (r->landed_count > 0 && n >= 0 && !r->s->finish && refill(r) == JG_OK) {
    push(r);
  }
  return hand_on_all(r);
}

/* Ends the jobs in flight; *count goes up by each. What they took nobody will
** tell. */
static void cut_off(struct run *r, int64_t *count) {
  if (in_flight(r) > 0) {
    r->s->transport->cancel(r->s->transport->ctx);
  }
  for (size_t i = 0; i < r->slot_count; i++) {
    struct job *job = r->slots[i];
    if (job != NULL) {
      ++*count;
      jg_budget_settle(r->s->budget, &job->task.most, -1, -1);
      jg_limiter_dropped(job->limiter);
      r->slots[i] = NULL;
      r->free_slots[r->free_count++] = i;
      job_release(r, job);
    }
  }
}

/* When the time is up nothing is waited for any more. What has landed by then
** was handed on. */
static int check_time(struct run *r) {
  int64_t deadline = r->s->budget->deadline_ms;
  if (deadline < 0 || now_ms(r) < deadline ||
      (in_flight(r) == 0 && r->held == NULL && r->heap_count == 0)) {
    return r->err->code;
  }
  cut_off(r, &r->s->cut);
  return exhaust(r, "max_seconds");
}

static int finished(const struct run *r) {
  return r->ended && in_flight(r) == 0 && r->landed_count == 0 &&
         r->heap_count == 0 && r->held == NULL;
}

static void loop(struct run *r) {
  while (refill(r) == JG_OK && !finished(r)) {
    if (turn(r) != JG_OK || tick(r) || check_time(r) != JG_OK) {
      break;
    }
    if (r->s->finish && (!r->ended || r->heap_count > 0 || r->held != NULL) &&
        end_sending(r) != JG_OK) {
      break;
    }
  }
}

/* Drops what is left: only after a stop or a failure. */
static void drop(struct run *r) {
  hand_on_all(r);
  assert(r->landed_count == 0);
  cut_off(r, &r->s->dropped);
  while (r->heap_count > 0) {
    job_free(r->heap[--r->heap_count]);
  }
  job_free(r->held);
  while (r->pool != NULL) {
    struct job *job = r->pool;
    r->pool = job->free_next;
    job_free(job);
  }
}

int jg_schedule_run(struct jg_schedule *schedule, struct jg_err *err) {
  struct run r = {.s = schedule, .err = err};
  schedule->sent = schedule->retried = 0;
  schedule->dropped = schedule->cut = schedule->waited_ms = 0;
  schedule->stopped = schedule->finish = 0;
  schedule->exhausted = NULL;
  r.slot_count = schedule->concurrency < 1 ? 1 : (size_t)schedule->concurrency;
  r.slots = jg_mem_new(r.slot_count, sizeof(struct job *), err);
  r.free_slots = jg_mem_new(r.slot_count, sizeof(size_t), err);
  r.landed = jg_mem_new(r.slot_count + 2, sizeof(struct landed), err);
  if (err->code == JG_OK) {
    for (size_t i = 0; i < r.slot_count; i++) {
      r.free_slots[i] = r.slot_count - 1 - i;
    }
    r.free_count = r.slot_count;
    loop(&r);
    drop(&r);
  }
  jg_limiters_dispose(&r.own);
  jg_mem_free(r.heap);
  jg_mem_free(r.free_slots);
  jg_mem_free(r.landed);
  jg_mem_free(r.slots);
  return err->code;
}
