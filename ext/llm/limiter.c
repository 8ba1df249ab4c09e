/* Adaptive concurrency and quotas of one host: see limiter.h. */
#include "llm/limiter.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"

#define MINUTE_MS 60000.0

/* --- hosts -------------------------------------------------------------- */

static struct jg_limiter *limiter_new(const char *host, struct jg_err *err) {
  struct jg_limiter *l = jg_mem_new(1, sizeof(*l), err);
  if (l == NULL) {
    return NULL;
  }
  l->host = jg_mem_text(host == NULL ? "" : host, err);
  if (l->host == NULL) {
    jg_mem_free(l);
    return NULL;
  }
  l->requests.per_minute = l->tokens.per_minute = -1;
  l->quota_requests.left = l->quota_tokens.left = -1;
  l->halved_ms = INT64_MIN;
  return l;
}

struct jg_limiter *jg_limiters_host(struct jg_limiters *all, const char *host,
                                    struct jg_err *err) {
  for (size_t i = 0; i < all->count; i++) {
    if (strcmp(all->items[i]->host, host == NULL ? "" : host) == 0) {
      return all->items[i];
    }
  }
  if (jg_mem_grow(&all->items, &all->cap, all->count + 1, sizeof(*all->items),
                  err) != JG_OK) {
    return NULL;
  }
  struct jg_limiter *l = limiter_new(host, err);
  if (l != NULL) {
    all->items[all->count++] = l;
  }
  return l;
}

void jg_limiters_dispose(struct jg_limiters *all) {
  for (size_t i = 0; i < all->count; i++) {
    jg_mem_free(all->items[i]->host);
    jg_mem_free(all->items[i]);
  }
  jg_mem_free(all->items);
  memset(all, 0, sizeof(*all));
}

/* --- buckets ------------------------------------------------------------ */

/* A full bucket and what fills it within a minute are together the limit, so
** that no minute has more. */
static void bucket_set(struct jg_bucket *b, int64_t per_minute, double cap,
                       int64_t now_ms) {
  if (b->per_minute == per_minute) {
    return;
  }
  b->per_minute = per_minute;
  b->level = b->cap = cap;
  b->filled_ms = now_ms;
}

static double bucket_rate(const struct jg_bucket *b) {
  double rate = ((double)b->per_minute - b->cap) / MINUTE_MS;
  return rate > 0 ? rate : (double)b->per_minute / MINUTE_MS;
}

static void bucket_fill(struct jg_bucket *b, int64_t now_ms) {
  if (now_ms > b->filled_ms) {
    b->level += (double)(now_ms - b->filled_ms) * bucket_rate(b);
    b->level = b->level > b->cap ? b->cap : b->level;
  }
  b->filled_ms = now_ms;
}

/* What is larger than the bucket goes when it is full, and leaves a debt. */
static int64_t bucket_wait_ms(struct jg_bucket *b, double need,
                              int64_t now_ms) {
  if (b->per_minute < 0) {
    return 0;
  }
  bucket_fill(b, now_ms);
  double lack = (need > b->cap ? b->cap : need) - b->level;
  return lack <= 1e-9 ? 0 : (int64_t)ceil(lack / bucket_rate(b));
}

static void bucket_take(struct jg_bucket *b, double amount) {
  if (b->per_minute >= 0) {
    b->level -= amount;
    b->level = b->level > b->cap ? b->cap : b->level;
  }
}

/* --- quotas ------------------------------------------------------------- */

static int64_t quota_wait_ms(struct jg_quota *q, int64_t need, int64_t now_ms) {
  if (q->left >= 0 && now_ms >= q->until_ms) {
    q->left = -1;
  }
  return q->left < 0 || need <= q->left ? 0 : q->until_ms - now_ms;
}

static void quota_take(struct jg_quota *q, int64_t amount) {
  if (q->left >= 0) {
    q->left = q->left > amount ? q->left - amount : 0;
  }
}

/* Answers overtake each other: within one period the least that was told
** counts, since what we sent meanwhile is not in the later number. */
static void quota_told(struct jg_quota *q, int64_t left, int64_t reset_ms,
                       int64_t now_ms) {
  if (left < 0 || reset_ms < 0) {
    return;
  }
  if (reset_ms > JG_LIMITER_PAUSE_CAP_MS) {
    reset_ms = JG_LIMITER_PAUSE_CAP_MS;
  }
  if (q->left < 0 || now_ms >= q->until_ms || left <= q->left) {
    q->left = left;
    q->until_ms = now_ms + reset_ms;
  }
}

/* --- the limiter -------------------------------------------------------- */

void jg_limiter_set(struct jg_limiter *l,
                    const struct jg_limiter_setting *setting, int64_t now_ms) {
  int most = setting->concurrency < 1 ? 1 : setting->concurrency;
  if (l->setting == 0 || l->window >= l->setting || l->window > most) {
    l->window = most; /* nothing learned that would hold it below */
  }
  l->setting = most;
  int64_t rpm = setting->requests_per_minute;
  int64_t tpm = setting->tokens_per_minute;
  bucket_set(&l->requests, rpm, rpm < 60 ? 1 : (double)rpm / 60, now_ms);
  bucket_set(&l->tokens, tpm, tpm < 6 ? 1 : (double)tpm / 6, now_ms);
}

static int64_t later(int64_t a, int64_t b) {
  return a > b ? a : b;
}

int64_t jg_limiter_wait_ms(struct jg_limiter *l, int64_t tokens,
                           int64_t now_ms) {
  assert(l->window >= 1 && l->window <= l->setting); /* promise 1 */
  if (l->in_flight >= (int)l->window) {
    return -1;
  }
  int64_t wait = later(0, l->paused_until_ms - now_ms);
  wait = later(wait, bucket_wait_ms(&l->requests, 1, now_ms));
  wait = later(wait, bucket_wait_ms(&l->tokens, (double)tokens, now_ms));
  wait = later(wait, quota_wait_ms(&l->quota_requests, 1, now_ms));
  return later(wait, quota_wait_ms(&l->quota_tokens, tokens, now_ms));
}

void jg_limiter_sent(struct jg_limiter *l, int64_t tokens, int64_t now_ms) {
  (void)now_ms;
  l->in_flight++;
  bucket_take(&l->requests, 1);
  bucket_take(&l->tokens, (double)tokens);
  quota_take(&l->quota_requests, 1);
  quota_take(&l->quota_tokens, tokens);
}

static int is_overload(const struct jg_landing *g) {
  if (g->status == 429 || g->status == 503 || g->status == 529) {
    return 1;
  }
  return g->error_code != NULL && strcmp(g->error_code, "TIMEOUT") == 0;
}

static void slow_down(struct jg_limiter *l, const struct jg_landing *g,
                      int64_t now_ms) {
  if (g->sent_ms >= l->halved_ms) {
    l->window = l->window / 2 < 1 ? 1 : l->window / 2;
    l->halved_ms = now_ms;
  }
  int64_t pause = g->retry_after_ms;
  if (pause > JG_LIMITER_PAUSE_CAP_MS) {
    pause = JG_LIMITER_PAUSE_CAP_MS;
  }
  if (pause > 0 && now_ms + pause > l->paused_until_ms) {
    l->paused_until_ms = now_ms + pause;
  }
}

void jg_limiter_landed(struct jg_limiter *l, const struct jg_landing *g,
                       int64_t now_ms) {
  assert(l->in_flight > 0);
  l->in_flight--;
  if (g->rate != NULL) {
    quota_told(&l->quota_requests, g->rate->requests,
               g->rate->requests_reset_ms, now_ms);
    quota_told(&l->quota_tokens, g->rate->tokens, g->rate->tokens_reset_ms,
               now_ms);
  }
  if (is_overload(g)) {
    slow_down(l, g, now_ms);
  } else if (g->status == 200 && g->error_code == NULL &&
             l->window < l->setting) {
    l->window += 1 / l->window;
    if (l->window > l->setting) {
      l->window = l->setting;
    }
  }
}

void jg_limiter_used(struct jg_limiter *l, int64_t tokens, int64_t used) {
  bucket_take(&l->tokens, (double)(used - tokens));
}

void jg_limiter_dropped(struct jg_limiter *l) {
  assert(l->in_flight > 0);
  l->in_flight--;
}
