/* What a user is told to do about a failure. */
#include <string.h>

#include "llm/advice.h"
#include "llm/scheduler.h"
#include "unit.h"

TEST(advice_by_failure) {
  static const struct {
    int status;
    const char *code, *text, *said; /* NULL: nothing is added */
  } CASES[] = {
      {401, "HTTP_401", "HTTP 401: bad key", "variable OPENAI_API_KEY"},
      {403, "HTTP_403", "HTTP 403: no", "variable OPENAI_API_KEY"},
      {404, "HTTP_404", "HTTP 404: no",
       "is there a model 'gpt' at https://h/v1"},
      {400, "HTTP_400",
       "HTTP 400: This model's maximum context length is 8192 tokens",
       "the request has 40000 characters, about 10000 tokens; the trace has "
       "30000 of them"},
      {400, "HTTP_400", "HTTP 400: prompt is too long: 300000 tokens > 200000",
       "shorten the trace"},
      {413, "HTTP_413", "HTTP 413", "40000 characters"},
      {400, "HTTP_400", "HTTP 400: temperature out of range", NULL},
      {429, "HTTP_429", "HTTP 429: slow down", NULL},
      {500, "HTTP_500", "HTTP 500", NULL},
      {302, "HTTP_302", "HTTP 302", "redirects are not followed"},
      {0, "TIMEOUT", "too slow", "judge_config('timeout_s', ...)"},
      {0, "CONNECT", "refused", "server at h up"},
      {0, "DNS", "no such host", "server at h up"},
      {0, "TLS", "self-signed", "SSL_CERT_FILE"},
      {200, "TOO_LARGE", "large", "is it one?"},
      {0, "CLOSED", "closed", NULL},
  };
  struct jg_endpoint e = {.model = "gpt",
                          .url = "https://h/v1",
                          .host = "h",
                          .key_env = "OPENAI_API_KEY"};
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_buf to;
    jg_buf_init(&to, 1 << 16);
    jg_buf_puts(&to, CASES[i].text);
    jg_advice_add(&e, CASES[i].status, CASES[i].code, 40000, 30000, &to);
    if (CASES[i].said == NULL) {
      CHECK_TEXT(jg_buf_text(&to), CASES[i].text);
    } else {
      CHECK(strstr(jg_buf_text(&to), CASES[i].said) != NULL);
    }
    jg_buf_dispose(&to);
  }
}

TEST(failures_that_are_general) {
  static const struct {
    int status;
    const char *text;
    int general;
  } CASES[] = {
      {401, "", 1},
      {402, "", 1},
      {403, "", 1},
      {404, "", 1},
      {400, "", 0},
      {429, "HTTP 429: slow down", 0},
      {429, "HTTP 429: You exceeded your current quota, please check", 1},
      {429, "HTTP 429: insufficient_quota", 1},
      {500, "insufficient_quota", 0},
      {0, NULL, 0},
      {200, NULL, 0},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    CHECK_INT(jg_failure_is_general(CASES[i].status, CASES[i].text),
              CASES[i].general);
  }
}
