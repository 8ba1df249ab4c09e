/* What an attempt counts for, row by row as docs/models.md has it. */
#include <stddef.h>

#include "llm/charge.h"
#include "unit.h"

TEST(charge_of_each_end) {
  static const struct {
    int status;
    const char *code;
    int unsent;
    enum jg_charge charge;
  } CASES[] = {
      {200, NULL, 0, JG_CHARGE_TOLD},
      {200, "CLOSED", 0, JG_CHARGE_MOST},
      {200, "TIMEOUT", 0, JG_CHARGE_MOST},
      {200, "TOO_LARGE", 0, JG_CHARGE_MOST},
      {200, "HEADERS", 0, JG_CHARGE_MOST},
      {201, NULL, 0, JG_CHARGE_MOST},
      {204, NULL, 0, JG_CHARGE_MOST},
      {302, NULL, 0, JG_CHARGE_NOTHING},
      {400, NULL, 0, JG_CHARGE_NOTHING},
      {401, NULL, 0, JG_CHARGE_NOTHING},
      {403, NULL, 0, JG_CHARGE_NOTHING},
      {404, NULL, 0, JG_CHARGE_NOTHING},
      {408, NULL, 0, JG_CHARGE_MOST},
      {413, NULL, 1, JG_CHARGE_NOTHING},
      {422, NULL, 0, JG_CHARGE_NOTHING},
      {429, NULL, 0, JG_CHARGE_NOTHING},
      {429, "CLOSED", 0, JG_CHARGE_NOTHING},
      {500, NULL, 0, JG_CHARGE_MOST},
      {502, "CLOSED", 0, JG_CHARGE_MOST},
      {503, NULL, 0, JG_CHARGE_MOST},
      {504, NULL, 0, JG_CHARGE_MOST},
      {529, NULL, 0, JG_CHARGE_MOST},
      {0, "CONNECT", 1, JG_CHARGE_NOTHING},
      {0, "CONNECT", 0, JG_CHARGE_NOTHING},
      {0, "DNS", 1, JG_CHARGE_NOTHING},
      {0, "TLS", 1, JG_CHARGE_NOTHING},
      {0, "TIMEOUT", 0, JG_CHARGE_MOST},
      {0, "TIMEOUT", 1, JG_CHARGE_NOTHING},
      {0, "CLOSED", 0, JG_CHARGE_MOST},
      {0, "CLOSED", 1, JG_CHARGE_NOTHING},
      {0, "HEADERS", 0, JG_CHARGE_MOST},
      {0, "NETWORK", 0, JG_CHARGE_MOST},
      {0, "NETWORK", 1, JG_CHARGE_NOTHING},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_attempt attempt = {CASES[i].status, CASES[i].code,
                                 CASES[i].unsent};
    CHECK_INT(jg_charge_of(&attempt), CASES[i].charge);
  }
}

TEST(charge_believes_what_can_be) {
  CHECK_INT(jg_charge_believe(0, 1000), 0);
  CHECK_INT(jg_charge_believe(1200, 1000), 1200);
  CHECK_INT(jg_charge_believe(100000, 10), 100000);
  CHECK_INT(jg_charge_believe(100001, 10), -1);
  CHECK_INT(jg_charge_believe(500000, 50000), 500000);
  CHECK_INT(jg_charge_believe(500001, 50000), -1);
  CHECK_INT(jg_charge_believe(-1, 1000), -1);
  CHECK_INT(jg_charge_believe(INT64_MIN, 1000), -1);
  CHECK_INT(jg_charge_believe(INT64_MAX, 1000), -1);
  CHECK_INT(jg_charge_believe(5000000, 0), 5000000);
  CHECK_INT(jg_charge_believe((int64_t)1 << 53, 0), -1);
  CHECK_INT(jg_charge_believe(INT64_MAX, INT64_MAX), INT64_MAX);
}
