/* Which failures are worth another attempt, and when. See scheduler.h. */
#include <assert.h>
#include <string.h>

#include "llm/scheduler.h"

#define BASE_MS 500
#define CAP_MS 30000
#define RETRY_AFTER_CAP_MS 120000
#define HOPELESS_MS 600000
#define HOPELESS_WORDS "the server asks for a break of "

int jg_retry_wanted(int status, const char *error_code) {
  if (status != 0 && status != 200) {
    return status == 408 || status == 409 || status == 429 ||
           (status >= 500 && status <= 599);
  }
  /* No response, or a 200 whose body is not whole. */
  return error_code != NULL && strcmp(error_code, "TOO_LARGE") != 0 &&
         strcmp(error_code, "HEADERS") != 0;
}

int jg_retry_hopeless(int status, int64_t retry_after_ms, struct jg_buf *text) {
  if ((status != 429 && status != 503) || retry_after_ms <= HOPELESS_MS) {
    return 0;
  }
  if (text == NULL) {
    return 1;
  }
  jg_buf_printf(text, " (" HOPELESS_WORDS "%lld minutes)",
                (long long)(retry_after_ms / 60000));
  return 1;
}

int jg_failure_is_general(int status, const char *error_text) {
  if ((status == 429 || status == 503) && error_text != NULL &&
      strstr(error_text, HOPELESS_WORDS) != NULL) {
    return 1;
  }
  if (status == 429 && error_text != NULL) {
    return strstr(error_text, "insufficient_quota") != NULL ||
           strstr(error_text, "exceeded your current quota") != NULL;
  }
  return status == 401 || status == 402 || status == 403 || status == 404;
}

int64_t jg_retry_delay_ms(int attempt, int64_t retry_after_ms,
                          struct jg_rng *rng) {
  assert(attempt >= 1);
  int64_t full = BASE_MS;
  for (int i = 1; i < attempt && full < CAP_MS; i++) {
    full *= 2;
  }
  if (full > CAP_MS) {
    full = CAP_MS;
  }
  /* Half is certain, so that no retry comes at once; the other half spreads
  ** those that failed together. */
  int64_t delay =
      full / 2 + (int64_t)jg_rng_below(rng, (uint64_t)(full / 2) + 1);
  if (retry_after_ms > RETRY_AFTER_CAP_MS) {
    retry_after_ms = RETRY_AFTER_CAP_MS;
  }
  return delay > retry_after_ms ? delay : retry_after_ms;
}
