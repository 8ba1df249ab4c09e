/* Which failures are tried again, and when. */
#include "core/clock.h"
#include "llm/scheduler.h"
#include "unit.h"

TEST(retry_of_a_server_that_asks_for_a_long_break) {
  static const struct {
    int status;
    int64_t after_ms;
    int hopeless;
  } CASES[] = {{429, -1, 0},      {429, 120000, 0},   {429, 600000, 0},
               {429, 600001, 1},  {503, 86400000, 1}, {500, 86400000, 0},
               {200, 86400000, 0}};
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_buf text;
    jg_buf_init(&text, 1024);
    jg_buf_puts(&text, "HTTP 429: slow down");
    CHECK_INT(jg_retry_hopeless(CASES[i].status, CASES[i].after_ms, &text),
              CASES[i].hopeless);
    CHECK_INT(jg_failure_is_general(CASES[i].status, jg_buf_text(&text)),
              CASES[i].hopeless);
    jg_buf_dispose(&text);
  }
}

TEST(retry_wanted_for_passing_failures) {
  static const struct {
    int status;
    const char *code;
    int wanted;
  } CASES[] = {
      {200, 0, 0},           {201, 0, 0},           {302, 0, 0},
      {400, 0, 0},           {401, 0, 0},           {403, 0, 0},
      {404, 0, 0},           {408, 0, 1},           {409, 0, 1},
      {413, 0, 0},           {422, 0, 0},           {429, 0, 1},
      {500, 0, 1},           {502, 0, 1},           {503, 0, 1},
      {504, 0, 1},           {529, 0, 1},           {599, 0, 1},
      {600, 0, 0},           {0, "TIMEOUT", 1},     {0, "CONNECT", 1},
      {0, "DNS", 1},         {0, "TLS", 1},         {0, "CLOSED", 1},
      {0, "NETWORK", 1},     {0, "TOO_LARGE", 0},   {200, "CLOSED", 1},
      {200, "TIMEOUT", 1},   {200, "TOO_LARGE", 0}, {400, "CLOSED", 0},
      {500, "TOO_LARGE", 1},
  };
  for (unsigned i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    CHECK_INT(jg_retry_wanted(CASES[i].status, CASES[i].code), CASES[i].wanted);
  }
}

TEST(retry_delay_doubles_up_to_a_cap) {
  static const int FULL[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
  struct jg_rng rng;
  jg_rng_init(&rng, 1);
  for (int i = 0; i < 8; i++) {
    for (int k = 0; k < 200; k++) {
      int64_t delay = jg_retry_delay_ms(i + 1, -1, &rng);
      CHECK(delay >= FULL[i] / 2 && delay <= FULL[i]);
    }
  }
  CHECK(jg_retry_delay_ms(2000000000, -1, &rng) <= 30000);
}

TEST(retry_delay_is_spread) {
  struct jg_rng rng;
  int64_t low = 1000000, high = 0;
  jg_rng_init(&rng, 2);
  for (int k = 0; k < 500; k++) {
    int64_t delay = jg_retry_delay_ms(3, -1, &rng);
    low = delay < low ? delay : low;
    high = delay > high ? delay : high;
  }
  CHECK(low < 1050 && high > 1950);
}

TEST(retry_delay_obeys_retry_after) {
  struct jg_rng rng;
  jg_rng_init(&rng, 3);
  CHECK_INT(jg_retry_delay_ms(1, 5000, &rng), 5000);
  CHECK_INT(jg_retry_delay_ms(1, 3600000, &rng), 120000);
  CHECK(jg_retry_delay_ms(1, 10, &rng) >= 250);
}

TEST(retry_after_in_both_forms) {
  CHECK_INT(jg_http_retry_after("0", 0), 0);
  CHECK_INT(jg_http_retry_after("7", 0), 7000);
  CHECK_INT(jg_http_retry_after("1.5", 0), 1500);
  CHECK_INT(jg_http_retry_after("-3", 0), -1);
  CHECK_INT(jg_http_retry_after("soon", 0), -1);
  CHECK_INT(jg_http_retry_after("", 0), -1);
  CHECK_INT(jg_http_retry_after("1e300", 0), 86400000);
  CHECK_INT(
      jg_http_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 - 2500),
      2500);
  CHECK_INT(
      jg_http_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 + 1),
      0);
}
