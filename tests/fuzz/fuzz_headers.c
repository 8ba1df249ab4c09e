/* What a server says of its limits: lines of "name: value", as header lines
** come. Each is read as a date, as Retry-After and as a rate header; then a
** request that landed with all of it is told to a limiter. No number is below
** what it may be, and no wait is longer than its cap. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/clock.h"
#include "llm/limiter.h"
#include "llm/scheduler.h"

#define NOW_MS INT64_C(1795932000000) /* 2026-11-29 */
#define DAY_MS INT64_C(86400000)
#define RETRY_CAP_MS 120000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A date is one of the years 0 to 9999, and its own text is read as the same
** second. */
static void check_date(const char *value) {
  char text[JG_CLOCK_TEXT_BYTES];
  struct jg_http_rate rate = jg_http_rate_unknown();
  int64_t at = 0;
  if (!jg_clock_parse_http(value, &at)) {
    return;
  }
  assert(at % 1000 == 0);
  jg_clock_format(at, text);
  assert(strlen(text) == 24 && text[23] == 'Z');
  jg_http_rate_header(&rate, "x-ratelimit-reset", 17, text, NOW_MS);
  assert(rate.requests_reset_ms == (at > NOW_MS ? at - NOW_MS : 0));
}

static int64_t check_retry_after(const char *value) {
  struct jg_rng rng;
  int64_t ms = jg_http_retry_after(value, NOW_MS);
  assert(ms >= -1);
  jg_rng_init(&rng, 1);
  for (int attempt = 1; attempt < 40; attempt += 13) {
    int64_t delay = jg_retry_delay_ms(attempt, ms, &rng);
    assert(delay >= 250 && delay <= RETRY_CAP_MS);
    assert(delay >= ms || ms > RETRY_CAP_MS);
  }
  return ms;
}

static void check_line(char *line, struct jg_http_rate *rate,
                       int64_t *retry_after_ms) {
  char *value = strchr(line, ':');
  size_t name = value == NULL ? 0 : (size_t)(value - line);
  value = value == NULL ? line : value + 1 + strspn(value + 1, " ");
  check_date(value);
  int64_t told = check_retry_after(value);
  *retry_after_ms = told >= 0 ? told : *retry_after_ms;
  jg_http_rate_header(rate, line, name, value, NOW_MS);
  assert(rate->requests >= -1 && rate->requests_reset_ms >= -1);
  assert(rate->tokens >= -1 && rate->tokens_reset_ms >= -1);
}

static void check_limiter(const struct jg_http_rate *rate,
                          int64_t retry_after_ms, int status) {
  static const struct jg_limiter_setting setting = {4, 600, 60000};
  struct jg_limiters all = {0};
  struct jg_err err = {0};
  struct jg_limiter *l = jg_limiters_host(&all, "h", &err);
  if (l == NULL) {
    return;
  }
  jg_limiter_set(l, &setting, NOW_MS);
  for (int i = 0; i < 3; i++) {
    struct jg_landing landing = {NOW_MS + i, status, NULL, retry_after_ms,
                                 rate};
    jg_limiter_sent(l, 300, NOW_MS + i);
    jg_limiter_landed(l, &landing, NOW_MS + i);
    int64_t wait = jg_limiter_wait_ms(l, 300, NOW_MS + i);
    assert(wait >= 0 && wait <= JG_LIMITER_PAUSE_CAP_MS);
    assert(jg_limiter_wait_ms(l, 300, NOW_MS + DAY_MS) == 0);
    assert(l->window >= 1 && l->window <= 4 && l->in_flight == 0);
  }
  jg_limiters_dispose(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_http_rate rate = jg_http_rate_unknown();
  int64_t retry_after_ms = -1;
  char *text = malloc(size + 1);
  if (text == NULL) {
    return 0;
  }
  memcpy(text, data, size);
  text[size] = '\0';
  for (char *line = text, *next; line != NULL; line = next) {
    next = strchr(line, '\n');
    if (next != NULL) {
      *next++ = '\0';
    }
    check_line(line, &rate, &retry_after_ms);
  }
  check_limiter(&rate, retry_after_ms, 429);
  check_limiter(&rate, retry_after_ms, 200);
  free(text);
  return 0;
}
