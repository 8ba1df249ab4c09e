/*
** The system's clocks, and dates as text. The calendar is computed here:
** gmtime and strptime follow the host's time zone and locale.
*/
#include "core/clock.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

static int64_t read_ms(clockid_t id) {
  struct timespec now = {0, 0};

  clock_gettime(id, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_ms(void *ctx) {
  (void)ctx;
  return read_ms(CLOCK_REALTIME);
}

static int64_t mono_ms(void *ctx) {
  (void)ctx;
  return read_ms(CLOCK_MONOTONIC);
}

struct jg_clock jg_clock_system(void) {
  struct jg_clock clock = {wall_ms, mono_ms, NULL};
  return clock;
}

/* Days from 1970-01-01 in the Gregorian calendar. Years are counted from
** March, so that the leap day is the last one. */
static int64_t days_of(int64_t year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t of_era = y - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

  assert(month >= 1 && month <= 12);
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
         719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day) {
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t of_era = z - era * 146097;
  int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
  int64_t m = (5 * of_year + 2) / 153;

  *day = (int)(of_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = y + era * 400 + (*month <= 2);
  assert(*month >= 1 && *month <= 12 && *day >= 1 && *day <= 31);
}

char *jg_clock_format(int64_t unix_ms, char text[JG_CLOCK_TEXT_BYTES]) {
  static const int64_t first = INT64_C(-62167219200000); /* year 0000 */
  static const int64_t last = INT64_C(253402300799999);  /* year 9999 */
  int64_t days, year;
  unsigned ms; /* of the day */
  int month, day;

  unix_ms = unix_ms < first ? first : unix_ms > last ? last : unix_ms;
  days = (unix_ms >= 0 ? unix_ms : unix_ms - (DAY_MS - 1)) / DAY_MS;
  ms = (unsigned)(unix_ms - days * DAY_MS);
  assert(ms < DAY_MS);
  date_of(days, &year, &month, &day);
  /* The remainders change nothing; they show the compiler that it fits. */
  snprintf(text, JG_CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
           (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
           ms / 3600000 % 24, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
  return text;
}

struct date {
  int year, month, day, hour, minute, second;
};

/* Reads text by a pattern: D a digit of day, Y year, h m s time, N the month's
** three letters, anything else itself. 1 when all of it fits. */
static int fits(const char *text, const char *pattern, struct date *date) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

  memset(date, 0, sizeof *date);
  for (; *pattern != '\0'; pattern++, text++) {
    int *field = *pattern == 'D'   ? &date->day
                 : *pattern == 'Y' ? &date->year
                 : *pattern == 'h' ? &date->hour
                 : *pattern == 'm' ? &date->minute
                 : *pattern == 's' ? &date->second
                                   : NULL;
    if (*pattern == 'N') {
      while (date->month < 12 &&
             strncmp(text, months + 3 * date->month, 3) != 0) {
        date->month++;
      }
      if (date->month++ == 12) {
        return 0;
      }
      text += 2;
    } else if (field != NULL && *text >= '0' && *text <= '9') {
      *field = *field * 10 + (*text - '0');
    } else if (!(field == &date->day && *text == ' ') && *text != *pattern) {
      return 0;
    }
  }
  return *text == '\0';
}

static int in_range(const struct date *date) {
  return date->day >= 1 && date->day <= 31 && date->hour <= 23 &&
         date->minute <= 59 && date->second <= 60;
}

int jg_clock_parse_http(const char *text, int64_t *unix_ms) {
  static const char *const week[] = {"Mon", "Tue", "Wed", "Thu",
                                     "Fri", "Sat", "Sun"};
  const char *comma;
  struct date date;
  size_t i = 0;

  if (text == NULL) {
    return 0;
  }
  while (i < 7 && strncmp(text, week[i], 3) != 0) {
    i++;
  }
  comma = strchr(text, ',');
  if (i == 7) {
    return 0;
  }
  if (comma != NULL && fits(comma, ", DD-N-YY hh:mm:ss GMT", &date)) {
    date.year += date.year < 70 ? 2000 : 1900; /* RFC 850 */
  } else if (!(comma == text + 3 &&
               fits(comma, ", DD N YYYY hh:mm:ss GMT", &date)) &&
             !fits(text + 3, " N DD hh:mm:ss YYYY", &date)) { /* asctime */
    return 0;
  }
  if (!in_range(&date)) {
    return 0;
  }
  *unix_ms =
      days_of(date.year, date.month, date.day) * DAY_MS +
      (date.hour * 3600 + date.minute * 60 + date.second) * INT64_C(1000);
  return 1;
}
