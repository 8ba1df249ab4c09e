/*
** The unit test runner: build/unit [PART]... runs the tests whose name or file
** contains one of the parts, all by default. Failures go to stdout, then one
** last line "N passed, N failed[, N skipped]". Exits 1 after a failure.
*/
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct unit_test *first_test;
static const struct unit_test *now; /* the test that runs */
static int failures;                /* failed checks of it */
static int skipped;                 /* whether it was skipped */

void unit_register(struct unit_test *test) {
  struct unit_test **at = &first_test;

  while (*at != NULL && (strcmp((*at)->file, test->file) < 0 ||
                         (strcmp((*at)->file, test->file) == 0 &&
                          strcmp((*at)->name, test->name) < 0))) {
    at = &(*at)->next;
  }
  test->next = *at;
  *at = test;
}

static void fail(const char *file, int line, const char *text) {
  failures++;
  printf("%s:%d: %s: %s", file, line, now->name, text);
}

void unit_check(int good, const char *file, int line, const char *text) {
  if (!good) {
    fail(file, line, text);
    printf("\n");
  }
}

void unit_check_int(long long got, long long expected, const char *file,
                    int line, const char *text) {
  if (got != expected) {
    fail(file, line, text);
    printf("\n  is       %lld\n  expected %lld\n", got, expected);
  }
}

void unit_check_text(const char *got, const char *expected, const char *file,
                     int line, const char *text) {
  int same = got == NULL || expected == NULL ? got == expected
                                             : strcmp(got, expected) == 0;
  if (!same) {
    fail(file, line, text);
    printf("\n  is       %s\n  expected %s\n", got == NULL ? "(null)" : got,
           expected == NULL ? "(null)" : expected);
  }
}

void unit_check_near(double got, double expected, double tolerance,
                     const char *file, int line, const char *text) {
  int near = isnan(expected) ? isnan(got) : fabs(got - expected) <= tolerance;

  if (!near && got != expected) {
    fail(file, line, text);
    printf("\n  is       %.17g\n  expected %.17g\n", got, expected);
  }
}

void unit_skip(const char *reason) {
  skipped = 1;
  printf("skipped %s: %s\n", now->name, reason);
}

static int is_wanted(const struct unit_test *test, int argc, char **argv) {
  int i;

  for (i = 1; i < argc; i++) {
    if (strstr(test->name, argv[i]) != NULL ||
        strstr(test->file, argv[i]) != NULL) {
      return 1;
    }
  }
  return argc < 2;
}

int main(int argc, char **argv) {
  int passed = 0;
  int failed = 0;
  int skips = 0;

  setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not eat what came before */
  for (now = first_test; now != NULL; now = now->next) {
    if (!is_wanted(now, argc, argv)) {
      continue;
    }
    failures = skipped = 0;
    now->run();
    if (failures > 0) {
      failed++;
    } else if (skipped) {
      skips++;
    } else {
      passed++;
    }
  }
  printf("%d passed, %d failed", passed, failed);
  if (skips > 0) {
    printf(", %d skipped", skips);
  }
  printf("\n");
  return failed > 0;
}
