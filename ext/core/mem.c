/*
** Memory: the one place that calls malloc and its family.
*/
#include "core/mem.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *jg_mem_new(size_t count, size_t size, struct jg_err *err) {
  void *memory;

  if (count == 0 || size == 0) {
    count = size = 1;
  }
  memory = count > SIZE_MAX / size ? NULL : calloc(count, size);
  if (memory == NULL) {
    jg_err_nomem(err);
  }
  return memory;
}

int jg_mem_grow(void *items, size_t *cap, size_t need, size_t size,
                struct jg_err *err) {
  size_t room = *cap < 8 ? 8 : *cap;
  char *memory;

  assert(size > 0);
  if (need <= *cap) {
    return JG_OK;
  }
  while (room < need) {
    if (room > SIZE_MAX / 2) {
      return jg_err_nomem(err);
    }
    room *= 2;
  }
  if (size != 0 && room > SIZE_MAX / size) {
    return jg_err_nomem(err);
  }
  /* items is the address of a pointer of some type: copy its bytes, since
  ** reading it as a void pointer would break the aliasing rule. */
  memcpy(&memory, items, sizeof memory);
  assert(memory != NULL || *cap == 0);
  memory = jg_mem_resize(memory, room * size);
  if (memory == NULL) {
    return jg_err_nomem(err);
  }
  memset(memory + *cap * size, 0, (room - *cap) * size);
  memcpy(items, &memory, sizeof memory);
  *cap = room;
  return JG_OK;
}

char *jg_mem_textn(const char *text, size_t bytes, struct jg_err *err) {
  char *copy;

  if (text == NULL) {
    return NULL;
  }
  if (bytes == SIZE_MAX) {
    jg_err_nomem(err);
    return NULL;
  }
  copy = jg_mem_new(bytes + 1, 1, err);
  if (copy != NULL) {
    memcpy(copy, text, bytes);
  }
  return copy;
}

char *jg_mem_text(const char *text, struct jg_err *err) {
  return text == NULL ? NULL : jg_mem_textn(text, strlen(text), err);
}

void *jg_mem_resize(void *old, size_t bytes) {
  return realloc(old, bytes == 0 ? 1 : bytes);
}

void jg_mem_free(void *memory) {
  free(memory);
}
