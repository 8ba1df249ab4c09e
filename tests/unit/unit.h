/*
** A small unit test harness. A test is a function that registers itself:
**
**   #include "unit.h"
**   TEST(text_cut_keeps_characters) {
**     CHECK_INT(jg_text_cut("a\xc3\xa4", 3, 2), 1);
**   }
**
** A failed check is printed with file and line, and the test goes on; a test
** counts as failed when one of its checks did.
*/
#ifndef JG_TESTS_UNIT_H
#define JG_TESTS_UNIT_H

struct unit_test {
  const char *name;       /* as given to TEST */
  const char *file;       /* where it stands */
  void (*run)(void);      /* its body */
  struct unit_test *next; /* set by unit_register */
};

void unit_register(struct unit_test *test);
void unit_check(int good, const char *file, int line, const char *text);
void unit_check_int(long long got, long long expected, const char *file,
                    int line, const char *text);
/* NULL equals only NULL. */
void unit_check_text(const char *got, const char *expected, const char *file,
                     int line, const char *text);
/* |got - expected| <= tolerance; NaN is near NaN only. */
void unit_check_near(double got, double expected, double tolerance,
                     const char *file, int line, const char *text);
void unit_skip(const char *reason);

/* Lets the nth allocation from now on fail, and no other; 0: none. A test of
** running out of memory goes through n = 1, 2, ... until nothing failed:
**
**   for (n = 1; n == 1 || unit_allocation_failed(); n++) {
**     unit_fail_allocation(n);
**     ... the call: it must succeed, or be JG_NOMEM and leave nothing behind
**   }
**
** cJSON's own allocations are counted only after unit_hook_cjson(1). */
void unit_fail_allocation(long nth);
/* Whether it failed; turns it off. */
int unit_allocation_failed(void);
void unit_hook_cjson(int on);

#define TEST(name)                                                             \
  static void test_##name(void);                                               \
  static struct unit_test unit_##name = {#name, __FILE__, test_##name, 0};     \
  __attribute__((constructor)) static void unit_add_##name(void) {             \
    unit_register(&unit_##name);                                               \
  }                                                                            \
  static void test_##name(void)

#define CHECK(cond) unit_check((cond) ? 1 : 0, __FILE__, __LINE__, #cond)
#define CHECK_INT(expr, expected)                                              \
  unit_check_int((long long)(expr), (long long)(expected), __FILE__, __LINE__, \
                 #expr)
#define CHECK_TEXT(expr, expected)                                             \
  unit_check_text((expr), (expected), __FILE__, __LINE__, #expr)
#define CHECK_NEAR(expr, expected, tolerance)                                  \
  unit_check_near((expr), (expected), (tolerance), __FILE__, __LINE__, #expr)
/* Ends the test: it counts as skipped. */
#define SKIP(reason)                                                           \
  do {                                                                         \
    unit_skip(reason);                                                         \
    return;                                                                    \
  } while (0)

#endif
