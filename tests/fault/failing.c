/*
** See failing.h. The linker's --wrap puts these functions between this program
** and libc. A command may allocate in a thread of its own, hence the atomics.
*/
#include "failing.h"
#include <cjson/cJSON.h>
#include <execinfo.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define DEPTH 48 /* frames looked at */

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void __wrap_free(void *memory);
extern char __executable_start, etext;

static atomic_long seen, live;
static long fail_at; /* 0: none */
static int fail_on;  /* those after it too */
static atomic_int failed;
static void (*noting)(long number, unsigned long long origin);
static long note_all;

/* Where an allocation comes from: the frames of this program. Their distance
** from its start is the same in each run. */
static unsigned long long origin(void) {
  void *frames[DEPTH];
  int count = backtrace(frames, DEPTH);
  uint64_t hash = 1469598103934665603u;

  for (int i = 3; i < count; i++) {
    char *at = frames[i];
    if (at >= &__executable_start && at < &etext) {
      uint64_t distance = (uint64_t)(at - &__executable_start);
      hash = (hash ^ distance) * 1099511628211u;
    }
  }
  return hash;
}

static int is_the_one(void) {
  long number = atomic_fetch_add(&seen, 1) + 1;
  void (*note)(long, unsigned long long) = noting;

  if (note != NULL && (number <= note_all || number % 16 == 0)) {
    noting = NULL; /* backtrace() may allocate */
    note(number, origin());
    noting = note;
  }
  if (fail_at > 0 && (number == fail_at || (fail_on && number > fail_at))) {
    failed = 1;
    return 1;
  }
  return 0;
}

void *__wrap_malloc(size_t bytes) {
  void *memory = is_the_one() ? NULL : __real_malloc(bytes);
  live += memory != NULL;
  return memory;
}

void *__wrap_calloc(size_t count, size_t bytes) {
  void *memory = is_the_one() ? NULL : __real_calloc(count, bytes);
  live += memory != NULL;
  return memory;
}

void *__wrap_realloc(void *old, size_t bytes) {
  void *memory = is_the_one() ? NULL : __real_realloc(old, bytes);
  live += memory != NULL && old == NULL;
  return memory;
}

void __wrap_free(void *memory) {
  live -= memory != NULL;
  __real_free(memory);
}

void failing_hook(void) {
  /* cJSON may be a shared library, whose own calls the linker does not see. */
  cJSON_Hooks hooks = {__wrap_malloc, __wrap_free};

  cJSON_InitHooks(&hooks);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

void failing_arm(long at, int on) {
  noting = NULL;
  seen = 0;
  failed = 0;
  fail_at = at;
  fail_on = on;
}

void failing_note(void (*note)(long number, unsigned long long origin),
                  long all) {
  failing_arm(0, 0);
  note_all = all;
  noting = note;
}

long failing_seen(void) {
  return seen;
}

int failing_failed(void) {
  return failed;
}

long failing_live(void) {
  return live;
}
