/* Time comes in as an argument, so that tests own it. */
#ifndef JG_CORE_CLOCK_H
#define JG_CORE_CLOCK_H

#include <stdint.h>

struct jg_clock {
  int64_t (*wall_ms)(void *ctx); /* unix milliseconds */
  int64_t (*mono_ms)(void *ctx); /* never goes back */
  void *ctx;
};

struct jg_clock jg_clock_system(void);
#define JG_CLOCK_TEXT_BYTES 32
/* "2026-11-24T05:56:49.123Z"; returns text. */
char *jg_clock_format(int64_t unix_ms, char text[JG_CLOCK_TEXT_BYTES]);
/* RFC 7231 date of a Retry-After header; 1 and *unix_ms when it is one. */
int jg_clock_parse_http(const char *text, int64_t *unix_ms);

#endif
