/*
** How many requests may go to a host, and when: one limiter a host, shared by
** all commands of a connection. Pure: the time comes in.
**
** 1. In flight: begins at the setting, halves when the host is overloaded
**    (429, 503, 529, a timeout), grows by one for each round of good answers,
**    never above the setting, never below one. Failures of one round count
**    once: those that were sent before the last halving say nothing new.
** 2. Retry-After of a 429, 503 or 529 pauses the host, not one request only.
** 3. What the host says is left (x-ratelimit-*, anthropic-ratelimit-*) is not
**    passed until the time it gives.
** 4. Requests and tokens a minute, when set, hold for any 60 seconds; tokens
**    are estimates until the answer tells (4 bytes a token).
**
**   l = jg_limiters_host(&all, "api.openai.com", &err);
**   jg_limiter_set(l, &(struct jg_limiter_setting){16, 500, -1}, now);
**   wait = jg_limiter_wait_ms(l, 300, now);   0: send; -1: one must land first
**   jg_limiter_sent(l, 300, now);  ...  jg_limiter_landed(l, &landing, later);
*/
#ifndef JG_LLM_LIMITER_H
#define JG_LLM_LIMITER_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "llm/transport.h"

#define JG_LIMITER_PAUSE_CAP_MS 120000

/* What a user set. */
struct jg_limiter_setting {
  int concurrency;
  int64_t requests_per_minute, tokens_per_minute; /* -1: none */
};

/* A bucket that fills steadily. */
struct jg_bucket {
  int64_t per_minute; /* -1: none */
  double level, cap;
  int64_t filled_ms;
};

/* What the host said is left of a quota until it is renewed. */
struct jg_quota {
  int64_t left; /* -1: not told */
  int64_t until_ms;
};

struct jg_limiter {
  char *host;
  int setting;
  double window; /* how many may be in flight; 1..setting */
  int in_flight;
  int64_t halved_ms;       /* requests sent before say nothing new */
  int64_t paused_until_ms; /* Retry-After */
  struct jg_bucket requests, tokens;
  struct jg_quota quota_requests, quota_tokens;
};

struct jg_limiters {
  struct jg_limiter **items;
  size_t count, cap;
};

/* How a request ended. */
struct jg_landing {
  int64_t sent_ms;
  int status;             /* 0: none */
  const char *error_code; /* as in jg_http_response */
  int64_t retry_after_ms; /* -1: none */
  const struct jg_http_rate *rate;
};

/* The limiter of a host, made by the first call; lent until dispose. */
struct jg_limiter *jg_limiters_host(struct jg_limiters *all, const char *host,
                                    struct jg_err *err);
void jg_limiters_dispose(struct jg_limiters *all);

/* Takes the settings of a command; what was learned stays. */
void jg_limiter_set(struct jg_limiter *l,
                    const struct jg_limiter_setting *setting, int64_t now_ms);
/* 0: a request of so many tokens may go now; > 0: ask again after so many
** milliseconds; -1: one in flight must land first. */
int64_t jg_limiter_wait_ms(struct jg_limiter *l, int64_t tokens,
                           int64_t now_ms);
void jg_limiter_sent(struct jg_limiter *l, int64_t tokens, int64_t now_ms);
void jg_limiter_landed(struct jg_limiter *l, const struct jg_landing *landing,
                       int64_t now_ms);
/* A request that was sent as tokens has used so many. */
void jg_limiter_used(struct jg_limiter *l, int64_t tokens, int64_t used);
/* A request in flight was dropped. */
void jg_limiter_dropped(struct jg_limiter *l);

#endif
