/* What all transports share. See transport.h. */
#include "llm/transport.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/text.h"

#define DAY_S 86400.0

void jg_http_response_dispose(struct jg_http_response *response) {
  jg_mem_free(response->body);
  memset(response, 0, sizeof(*response));
}

int64_t jg_http_retry_after(const char *value, int64_t wall_ms) {
  double seconds;
  int64_t date_ms;
  if (jg_text_number(value, strlen(value), &seconds)) {
    if (!(seconds >= 0)) {
      return -1;
    }
    return (int64_t)((seconds > DAY_S ? DAY_S : seconds) * 1000.0);
  }
  if (jg_clock_parse_http(value, &date_ms)) {
    return date_ms > wall_ms ? date_ms - wall_ms : 0;
  }
  return -1;
}

/* --- rate limit headers -------------------------------------------------- */

/* "6m0s", "1h2m3.5s", "20ms", "1s": a duration as Go writes it; or -1. */
static int64_t read_duration(const char *text) {
  double total = 0;
  if (*text == '\0') {
    return -1;
  }
  while (*text != '\0') {
    size_t digits = strspn(text, "0123456789.");
    double x;
    if (digits == 0 || !jg_text_number(text, digits, &x)) {
      return -1;
    }
    text += digits;
    if (strncmp(text, "ms", 2) == 0) {
      total += x;
      text += 2;
    } else if (*text == 's' || *text == 'm' || *text == 'h') {
      total += x * (*text == 's' ? 1e3 : *text == 'm' ? 6e4 : 36e5);
      text++;
    } else {
      return -1;
    }
  }
  return (int64_t)(total > DAY_S * 1e3 ? DAY_S * 1e3 : total);
}

/* "2026-11-24T05:56:49Z", perhaps with a fraction, in UTC; or -1. Its parts are
** put in the order of an HTTP date. */
static int64_t read_rfc3339(const char *text, int64_t wall_ms) {
  static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  static const char FORM[] = "dddd-dd-ddTdd:dd:dd";
  char date[40];
  int64_t at = 0;
  for (size_t i = 0; i < sizeof(FORM) - 1; i++) {
    if (FORM[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != FORM[i]) {
      return -1;
    }
  }
  int month = (text[5] - '0') * 10 + text[6] - '0';
  if (month < 1 || month > 12) {
    return -1;
  }
  snprintf(date, sizeof(date), "Mon, %.2s %.3s %.4s %.8s GMT", text + 8,
           MONTHS + 3 * (month - 1), text, text + 11);
  if (!jg_clock_parse_http(date, &at)) {
    return -1;
  }
  return at > wall_ms ? at - wall_ms : 0;
}

/* Milliseconds from now until a reset: a duration, seconds, a unix time in
** seconds or milliseconds, or a date. */
static int64_t read_reset(const char *text, int64_t wall_ms) {
  double x;
  if (jg_text_number(text, strlen(text), &x)) {
    double ms = x < 1e9 ? x * 1e3 : (x < 1e11 ? x * 1e3 : x) - (double)wall_ms;
    return ms < 0 ? 0 : (int64_t)(ms > DAY_S * 1e3 ? DAY_S * 1e3 : ms);
  }
  int64_t ms = read_duration(text);
  return ms >= 0 ? ms : read_rfc3339(text, wall_ms);
}

static int64_t read_left(const char *text) {
  double x;
  if (!jg_text_number(text, strlen(text), &x) || !(x >= 0)) {
    return -1;
  }
  return (int64_t)(x > 1e15 ? 1e15 : x);
}

struct jg_http_rate jg_http_rate_unknown(void) {
  struct jg_http_rate rate = {-1, -1, -1, -1};
  return rate;
}

static const struct {
  const char *name;
  int tokens, reset;
} RATE_HEADERS[] = {
    {"x-ratelimit-remaining-requests", 0, 0},
    {"x-ratelimit-reset-requests", 0, 1},
    {"x-ratelimit-remaining-tokens", 1, 0},
    {"x-ratelimit-reset-tokens", 1, 1},
    {"x-ratelimit-remaining", 0, 0},
    {"x-ratelimit-reset", 0, 1},
    {"anthropic-ratelimit-requests-remaining", 0, 0},
    {"anthropic-ratelimit-requests-reset", 0, 1},
    {"anthropic-ratelimit-tokens-remaining", 1, 0},
    {"anthropic-ratelimit-tokens-reset", 1, 1},
    {"anthropic-ratelimit-input-tokens-remaining", 1, 0},
    {"anthropic-ratelimit-input-tokens-reset", 1, 1},
    {"anthropic-ratelimit-output-tokens-remaining", 1, 0},
    {"anthropic-ratelimit-output-tokens-reset", 1, 1},
};

void jg_http_rate_header(struct jg_http_rate *rate, const char *name,
                         size_t name_bytes, const char *value,
                         int64_t wall_ms) {
  for (size_t i = 0; i < sizeof(RATE_HEADERS) / sizeof(RATE_HEADERS[0]); i++) {
    const char *known = RATE_HEADERS[i].name;
    if (!jg_text_samen(known, strlen(known), name, name_bytes)) {
      continue;
    }
    if (RATE_HEADERS[i].reset) {
      int64_t *ms = RATE_HEADERS[i].tokens ? &rate->tokens_reset_ms
                                           : &rate->requests_reset_ms;
      int64_t told = read_reset(value, wall_ms);
      *ms = told > *ms ? told : *ms;
    } else {
      int64_t *left = RATE_HEADERS[i].tokens ? &rate->tokens : &rate->requests;
      int64_t told = read_left(value);
      *left = told >= 0 && (*left < 0 || told < *left) ? told : *left;
    }
    return;
  }
}
