/* Rate limit headers in the forms that providers write. */
#include <string.h>

#include "llm/transport.h"
#include "unit.h"

#define NOW INT64_C(1764000000000) /* 2025-11-24T16:00:00Z */

struct header {
  const char *name, *value;
};

static struct jg_http_rate read(const struct header *headers) {
  struct jg_http_rate rate = jg_http_rate_unknown();
  for (; headers->name != NULL; headers++) {
    jg_http_rate_header(&rate, headers->name, strlen(headers->name),
                        headers->value, NOW);
  }
  return rate;
}

TEST(rate_headers_of_openai) {
  static const struct header H[] = {{"X-RateLimit-Remaining-Requests", "59"},
                                    {"x-ratelimit-reset-requests", "1s"},
                                    {"x-ratelimit-remaining-tokens", "149984"},
                                    {"x-ratelimit-reset-tokens", "6m0s"},
                                    {"x-ratelimit-limit-requests", "60"},
                                    {"content-type", "7"},
                                    {NULL, NULL}};
  struct jg_http_rate r = read(H);
  CHECK_INT(r.requests, 59);
  CHECK_INT(r.requests_reset_ms, 1000);
  CHECK_INT(r.tokens, 149984);
  CHECK_INT(r.tokens_reset_ms, 360000);
}

TEST(rate_headers_of_anthropic) {
  static const struct header H[] = {
      {"anthropic-ratelimit-requests-remaining", "0"},
      {"anthropic-ratelimit-requests-reset", "2025-11-24T16:00:07Z"},
      {"anthropic-ratelimit-input-tokens-remaining", "2000"},
      {"anthropic-ratelimit-input-tokens-reset", "2025-11-24T16:01:00Z"},
      {"anthropic-ratelimit-output-tokens-remaining", "900"},
      {"anthropic-ratelimit-output-tokens-reset", "2025-11-24T16:00:30.5Z"},
      {NULL, NULL}};
  struct jg_http_rate r = read(H);
  CHECK_INT(r.requests, 0);
  CHECK_INT(r.requests_reset_ms, 7000);
  CHECK_INT(r.tokens, 900);
  CHECK_INT(r.tokens_reset_ms, 60000);
}

TEST(rate_resets_in_all_forms) {
  static const struct {
    const char *text;
    int64_t ms;
  } CASES[] = {
      {"20ms", 20},
      {"1h2m3.5s", 3723500},
      {"0s", 0},
      {"30", 30000},
      {"0.25", 250},
      {"1764000010", 10000},
      {"1764000010000", 10000},
      {"1700000000", 0},
      {"2025-11-24T15:00:00Z", 0},
      {"soon", -1},
      {"", -1},
      {"5x", -1},
      {"2025-13-24T15:00:00Z", -1},
      {"2025-11-24", -1},
      {"-4", 0},
      {"1e300", 86400000},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct header h[] = {{"x-ratelimit-reset", CASES[i].text}, {NULL, NULL}};
    CHECK_INT(read(h).requests_reset_ms, CASES[i].ms);
  }
}

TEST(rate_remaining_that_is_no_number) {
  static const struct header H[] = {{"x-ratelimit-remaining-requests", "many"},
                                    {"x-ratelimit-remaining-tokens", "-1"},
                                    {NULL, NULL}};
  struct jg_http_rate r = read(H);
  CHECK_INT(r.requests, -1);
  CHECK_INT(r.tokens, -1);
}
