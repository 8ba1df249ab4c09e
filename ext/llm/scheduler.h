/*
** Keeps as many requests in flight as the host's limiter allows, to the end:
** refills as each one lands, retries with backoff, jitter and Retry-After
** without holding a slot, reserves budgets before sending. When the budget's time
** is up nothing new is sent and what is in flight is cut off. Knows neither judges
** nor SQLite.
*/
#ifndef JG_LLM_SCHEDULER_H
#define JG_LLM_SCHEDULER_H

#include "core/buf.h"
#include "core/clock.h"
#include "core/rng.h"
#include "llm/budget.h"
#include "llm/limiter.h"
#include "llm/provider.h"
#include "llm/transport.h"

/* One call to make. Everything is lent until done() was called for it. */
struct jg_task {
  void *tag; /* the caller's, given back */
  const struct jg_endpoint *endpoint;
  const char *body;
  size_t body_bytes;
  size_t trace_bytes;         /* of these, for advice; 0: no trace */
  struct jg_reservation most; /* what one attempt may take */
};

/* How a task ended, after retries. */
struct jg_outcome {
  int status;             /* last HTTP status, 0: none */
  const char *error_code; /* NULL when the status is 200: else HTTP_429,
                            ** TIMEOUT, CONNECT, ... */
  const char *error_text;
  const char *body; /* of a 200; lent for the call of done() */
  size_t body_bytes;
  int attempts;
  int64_t latency_ms; /* of the last attempt */
};

enum jg_next { JG_NEXT_TASK, JG_NEXT_NONE_YET, JG_NEXT_END };

struct jg_schedule {
  const struct jg_transport *transport;
  const struct jg_clock *clock;
  struct jg_rng *rng; /* jitter */
  struct jg_budget *budget;
  int concurrency;
  int64_t requests_per_minute, tokens_per_minute; /* 0 or -1: none */
  struct jg_limiters *limiters; /* what was learned; NULL: for this run only */
  int retries;                  /* after the first attempt */
  int64_t connect_timeout_ms, total_timeout_ms;
  size_t max_body_bytes;
  void *ctx;
  /* Gives the next task. Called again after NONE_YET: when something lands, the
  ** transport is woken, or at the next tick. */
  enum jg_next (*next)(void *ctx, struct jg_task *task, struct jg_err *err);
  /* Takes the outcome, and says for the budget what an answer took; -1 is not
  ** known. */
  int (*done)(void *ctx, const struct jg_task *task,
              const struct jg_outcome *outcome, int64_t *tokens, double *cost,
              struct jg_err *err);
  /* May change the body and reservation of a task that failed, for instance to
  ** ask in a form that this server takes. 1: send it again at once, which is
  ** no retry. May be NULL. */
  int (*revise)(void *ctx, struct jg_task *task, int status,
                const char *error_text, struct jg_err *err);
  /* Called at least every 100 ms. Nonzero stops at once: what is in flight is
  ** dropped (law 11). */
  int (*tick)(void *ctx);
  /* The callbacks may set it: nothing new is sent, what is in flight lands, and
  ** what waits for a retry ends with its last error. */
  int finish;

  /* results */
  int64_t sent; /* requests sent, retries included */
  int64_t retried;
  int64_t dropped;       /* in flight when stopped */
  int64_t cut;           /* in flight when the time was up */
  int64_t waited_ms;     /* with nothing in flight, for retries and limits */
  int stopped;           /* tick() asked for it */
  const char *exhausted; /* the budget that ended it ("max_calls"), or
                             ** NULL; tasks not sent were not delivered */
};

int jg_schedule_run(struct jg_schedule *schedule, struct jg_err *err);

/* Retry policy, pure: 1 when this status or transport error is worth another
** attempt (408, 409, 429, 5xx, transport errors but TOO_LARGE and HEADERS). */
int jg_retry_wanted(int status, const char *error_code);
/* 1 when every other request would fail in the same way: the key (401, 403),
** the account (402, a 429 for want of money), the address (404), or a server
** that asks to be left alone for too long. */
int jg_failure_is_general(int status, const char *error_text);
/* A 429 or 503 whose Retry-After is longer than all retries together may wait:
** adds that to its error text (may be NULL), which makes it general. 1: it is
** one. */
int jg_retry_hopeless(int status, int64_t retry_after_ms, struct jg_buf *text);
/* Delay before attempt number attempt (1 = first retry): exponential from
** 500 ms, capped at 30 s, with full jitter in its upper half, at least
** Retry-After when given (itself capped at 120 s). */
int64_t jg_retry_delay_ms(int attempt, int64_t retry_after_ms,
                          struct jg_rng *rng);

#endif
