/*
** Allocations that fail on demand. core/mem.c calls calloc and realloc; the
** linker's --wrap sends those calls through here.
*/
#include "unit.h"
#include <cjson/cJSON.h>
#include <stdlib.h>

void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static long left; /* allocations until the one that fails; 0: none will */
static int failed;

void unit_fail_allocation(long nth) {
  left = nth;
  failed = 0;
}

int unit_allocation_failed(void) {
  int was = failed;

  left = 0;
  failed = 0;
  return was;
}

static int is_the_one(void) {
  if (left == 0 || --left > 0) {
    return 0;
  }
  failed = 1;
  return 1;
}

void *__wrap_calloc(size_t count, size_t bytes) {
  return is_the_one() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes) {
  return is_the_one() ? NULL : __real_realloc(old, bytes);
}

static void *allocate(size_t bytes) {
  return is_the_one() ? NULL : malloc(bytes);
}

void unit_hook_cjson(int on) {
  cJSON_Hooks hooks = {allocate, free};

  cJSON_InitHooks(on ? &hooks : NULL);
}
