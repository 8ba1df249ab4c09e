/* Dates as text. */
#include "unit.h"
#include <stddef.h>
#include "core/clock.h"

TEST(clock_formats_utc) {
  static const struct {
    int64_t ms;
    const char *text;
  } cases[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {INT64_C(951827696789), "2000-02-29T12:34:56.789Z"},
      {INT64_C(1795499809123), "2026-11-24T05:56:49.123Z"},
      {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
      {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
      {INT64_MAX, "9999-12-31T23:59:59.999Z"},
      {INT64_MIN, "0000-01-01T00:00:00.000Z"},
  };
  char text[JG_CLOCK_TEXT_BYTES];
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_TEXT(jg_clock_format(cases[i].ms, text), cases[i].text);
  }
}

TEST(clock_reads_the_three_forms_of_rfc_7231) {
  static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                      "Sunday, 06-Nov-94 08:49:37 GMT",
                                      "Sun Nov  6 08:49:37 1994"};
  size_t i;

  for (i = 0; i < 3; i++) {
    int64_t ms = 0;
    CHECK(jg_clock_parse_http(forms[i], &ms));
    CHECK_INT(ms, INT64_C(784111777000));
  }
}

TEST(clock_refuses_what_is_no_date) {
  static const char *const texts[] = {"",
                                      "120",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 06 Nov 1994 08:49:37 CET",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 24:49:37 GMT",
                                      "Sun, 06 Nox 1994 08:49:37 GMT",
                                      "So, 06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:37 GMT junk"};
  size_t i;
  int64_t ms = 0;

  for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CHECK_INT(jg_clock_parse_http(texts[i], &ms), 0);
  }
  CHECK_INT(jg_clock_parse_http(0, &ms), 0);
}

TEST(clock_system_runs) {
  struct jg_clock clock = jg_clock_system();
  int64_t first = clock.mono_ms(clock.ctx);

  CHECK(clock.mono_ms(clock.ctx) >= first);
  CHECK(clock.wall_ms(clock.ctx) > INT64_C(1700000000000));
}
