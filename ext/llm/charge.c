/* What attempts count for: see charge.h. */
#include "llm/charge.h"

#include <string.h>

#define BELIEVED_ANYWAY 100000
#define BELIEVED_TIMES 10
#define NO_LIMIT_MOST 1000000 /* tokens of an answer without a limit */

/* The first row that fits counts. */
static const struct {
  int from, to;     /* statuses; 0: no response */
  const char *code; /* error code; NULL: any or none; "": none */
  enum jg_charge charge;
} CHARGES[] = {
    {200, 200, "", JG_CHARGE_TOLD},
    {200, 299, NULL, JG_CHARGE_MOST}, /* cut, too large, or no answer in it */
    {408, 408, NULL, JG_CHARGE_MOST}, /* it may have worked on it meanwhile */
    {500, 599, NULL, JG_CHARGE_MOST}, /* likewise, or a proxy before it has */
    {1, 999, NULL, JG_CHARGE_NOTHING},
    {0, 0, "CONNECT", JG_CHARGE_NOTHING},
    {0, 0, "DNS", JG_CHARGE_NOTHING},
    {0, 0, "TLS", JG_CHARGE_NOTHING},
    {0, 0, NULL, JG_CHARGE_MOST}, /* TIMEOUT, CLOSED, HEADERS, NETWORK, ... */
};

enum jg_charge jg_charge_of(const struct jg_attempt *attempt) {
  const char *code = attempt->error_code == NULL ? "" : attempt->error_code;
  if (attempt->status == 0 && attempt->unsent) {
    return JG_CHARGE_NOTHING;
  }
  for (size_t i = 0; i < sizeof(CHARGES) / sizeof(CHARGES[0]); i++) {
    if (attempt->status >= CHARGES[i].from &&
        attempt->status <= CHARGES[i].to &&
        (CHARGES[i].code == NULL || strcmp(CHARGES[i].code, code) == 0)) {
      return CHARGES[i].charge;
    }
  }
  return JG_CHARGE_MOST;
}

int64_t jg_charge_believe(int64_t told, int64_t most) {
  int64_t limit = most > 0 ? most : NO_LIMIT_MOST;
  limit = limit < INT64_MAX / BELIEVED_TIMES ? limit * BELIEVED_TIMES : limit;
  if (told < 0 || (told > limit && told > BELIEVED_ANYWAY)) {
    return -1;
  }
  return told;
}
