/* Concurrency, pauses, quotas and rates of one host, on a clock of our own. */
#include <string.h>

#include "core/mem.h"
#include "llm/limiter.h"
#include "unit.h"

static struct jg_limiters ALL; /* emptied by each test */

static struct jg_limiter *make(int concurrency, int64_t requests,
                               int64_t tokens) {
  struct jg_err err = {0};
  struct jg_limiter_setting s = {concurrency, requests, tokens};
  struct jg_limiter *l = jg_limiters_host(&ALL, "h", &err);
  jg_limiter_set(l, &s, 0);
  return l;
}

/* Lands one request that was sent at sent_ms. */
static void land(struct jg_limiter *l, int status, const char *code,
                 int64_t sent_ms, int64_t now_ms) {
  struct jg_landing g = {.sent_ms = sent_ms,
                         .status = status,
                         .error_code = code,
                         .retry_after_ms = -1};
  jg_limiter_landed(l, &g, now_ms);
}

static int fill(struct jg_limiter *l, int64_t now_ms) {
  int n = 0;
  while (jg_limiter_wait_ms(l, 1, now_ms) == 0) {
    jg_limiter_sent(l, 1, now_ms);
    n++;
  }
  return n;
}

TEST(limiter_keeps_to_the_setting) {
  struct jg_limiter *l = make(16, -1, -1);
  CHECK_INT(fill(l, 0), 16);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 0), -1);
  land(l, 200, NULL, 0, 5);
  CHECK_INT(fill(l, 5), 1);
  jg_limiter_dropped(l);
  CHECK_INT(fill(l, 5), 1);
  for (int i = 0; i < 1000; i++) {
    land(l, 200, NULL, 0, 10);
    jg_limiter_sent(l, 1, 10);
  }
  CHECK_INT(l->window, 16);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_halves_once_a_round) {
  static const struct {
    int status;
    const char *code;
    int halves;
  } CASES[] = {{429, NULL, 1},    {503, NULL, 1},      {529, NULL, 1},
               {0, "TIMEOUT", 1}, {200, "TIMEOUT", 1}, {500, NULL, 0},
               {400, NULL, 0},    {0, "CLOSED", 0},    {401, NULL, 0}};
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_limiter *l = make(16, -1, -1);
    fill(l, 0);
    for (int k = 0; k < 8; k++) { /* all sent before the first came back */
      land(l, CASES[i].status, CASES[i].code, 0, 100 + k);
    }
    CHECK_INT(l->window, CASES[i].halves ? 8 : 16);
    jg_limiters_dispose(&ALL);
  }
}

TEST(limiter_falls_to_one_and_climbs_back) {
  struct jg_limiter *l = make(8, -1, -1);
  for (int64_t t = 1; t <= 10; t++) {
    jg_limiter_sent(l, 1, t * 100);
    land(l, 503, NULL, t * 100, t * 100 + 50);
  }
  CHECK_INT(l->window, 1);
  CHECK_INT(fill(l, 2000), 1);
  land(l, 200, NULL, 2000, 2010);
  CHECK_INT(fill(l, 2010), 2); /* one more a round */
  for (int k = 0; k < 2; k++) {
    land(l, 200, NULL, 2010, 2020);
  }
  CHECK(l->window >= 2.9 && l->window <= 3.1);
  for (int k = 0; k < 100; k++) {
    jg_limiter_sent(l, 1, 3000);
    land(l, 200, NULL, 3000, 3010);
  }
  CHECK_INT(l->window, 8);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_pauses_the_host_for_retry_after) {
  struct jg_limiter *l = make(4, -1, -1);
  struct jg_landing g = {.status = 429, .retry_after_ms = 2000, .sent_ms = 0};
  jg_limiter_sent(l, 1, 0);
  jg_limiter_landed(l, &g, 100);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 100), 2000);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 2099), 1);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 2100), 0);
  g.retry_after_ms = 86400000; /* no one waits for a day */
  jg_limiter_sent(l, 1, 3000);
  jg_limiter_landed(l, &g, 3000);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 3000), JG_LIMITER_PAUSE_CAP_MS);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_ends_a_pause_no_earlier_for_a_shorter_one) {
  struct jg_limiter *l = make(4, -1, -1);
  struct jg_landing g = {.status = 503, .retry_after_ms = 5000};
  jg_limiter_sent(l, 1, 0);
  jg_limiter_sent(l, 1, 0);
  jg_limiter_landed(l, &g, 0);
  g.retry_after_ms = 1000;
  jg_limiter_landed(l, &g, 100);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 100), 4900);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_lets_one_go_at_least) {
  struct jg_limiter *l = make(0, -1, -1);
  CHECK_INT(fill(l, 0), 1);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_obeys_what_is_left) {
  struct jg_limiter *l = make(16, -1, -1);
  struct jg_http_rate rate = jg_http_rate_unknown();
  struct jg_landing g = {.status = 200, .retry_after_ms = -1, .rate = &rate};
  rate.requests = 3;
  rate.requests_reset_ms = 5000;
  jg_limiter_sent(l, 1, 0);
  jg_limiter_landed(l, &g, 1000);
  CHECK_INT(fill(l, 1000), 3);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 1000), 5000);
  rate.requests = 9; /* an answer that was overtaken */
  jg_limiter_landed(l, &g, 1500);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 1500), 4500);
  CHECK_INT(jg_limiter_wait_ms(l, 1, 6000), 0);
  jg_limiters_dispose(&ALL);

  l = make(16, -1, -1);
  rate = jg_http_rate_unknown();
  rate.tokens = 500;
  rate.tokens_reset_ms = 800;
  jg_limiter_sent(l, 1, 0);
  jg_limiter_landed(l, &g, 0);
  CHECK_INT(jg_limiter_wait_ms(l, 500, 0), 0);
  CHECK_INT(jg_limiter_wait_ms(l, 501, 0), 800);
  jg_limiter_sent(l, 300, 0);
  CHECK_INT(jg_limiter_wait_ms(l, 300, 10), 790);
  CHECK_INT(jg_limiter_wait_ms(l, 300, 800), 0);
  jg_limiters_dispose(&ALL);
}

/* Sends as fast as it may for some minutes; returns the most in any 60 s. */
static int64_t busiest_minute(struct jg_limiter *l, int64_t tokens,
                              int64_t *total) {
  static int64_t times[100000];
  int64_t n = 0, most = 0, first = 0;
  for (int64_t now = 0; now < 300000;) {
    int64_t wait = jg_limiter_wait_ms(l, tokens, now);
    if (wait > 0) {
      now += wait;
      continue;
    }
    jg_limiter_sent(l, tokens, now);
    land(l, 200, NULL, now, now);
    times[n++] = now;
    while (times[first] <= now - 60000) {
      first++;
    }
    most = n - first > most ? n - first : most;
  }
  *total = n;
  return most;
}

TEST(limiter_requests_a_minute) {
  static const int64_t RATES[] = {1, 7, 60, 500, 6000};
  for (size_t i = 0; i < 5; i++) {
    int64_t total;
    struct jg_limiter *l = make(16, RATES[i], -1);
    int64_t most = busiest_minute(l, 1, &total);
    CHECK(most <= RATES[i]);
    /* Five minutes of it, less what evenness costs. */
    CHECK((double)total >= 5 * 0.8 * (double)RATES[i]);
    jg_limiters_dispose(&ALL);
  }
}

TEST(limiter_tokens_a_minute) {
  int64_t total;
  struct jg_limiter *l = make(16, -1, 6000);
  CHECK(busiest_minute(l, 100, &total) <= 60);
  CHECK(total >= 240);
  jg_limiters_dispose(&ALL);
  l = make(16, -1, 600); /* one request is more than the bucket holds */
  CHECK(busiest_minute(l, 1000, &total) <= 2);
  CHECK(total >= 2);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_learns_what_was_used) {
  struct jg_limiter *l = make(16, -1, 600);
  CHECK_INT(jg_limiter_wait_ms(l, 100, 0), 0);
  jg_limiter_sent(l, 100, 0);
  CHECK(jg_limiter_wait_ms(l, 50, 0) > 0);
  land(l, 200, NULL, 0, 0);
  jg_limiter_used(l, 100, 10); /* 90 come back */
  CHECK_INT(jg_limiter_wait_ms(l, 90, 0), 0);
  CHECK(jg_limiter_wait_ms(l, 100, 0) > 0);
  jg_limiters_dispose(&ALL);
}

TEST(limiter_remembers_between_commands) {
  struct jg_limiter *l = make(16, -1, -1);
  jg_limiter_sent(l, 1, 0);
  land(l, 429, NULL, 0, 10);
  CHECK_INT(l->window, 8);
  CHECK(make(16, -1, -1) == l);
  CHECK_INT(l->window, 8);
  make(4, -1, -1);
  CHECK_INT(l->window, 4);
  make(32, -1, -1); /* nothing learned holds it below 4 */
  CHECK_INT(l->window, 32);
  struct jg_err err = {0};
  CHECK(jg_limiters_host(&ALL, "other", &err) != l);
  jg_limiters_dispose(&ALL);
}
