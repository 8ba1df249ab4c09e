/* Memory: zeroed, checked sizes, growth that keeps what was there. */
#include "unit.h"
#include <stdint.h>
#include <string.h>
#include "core/mem.h"

TEST(mem_new_is_zeroed_and_checks_the_product) {
  struct jg_err err = {0};
  int *items = jg_mem_new(4, sizeof *items, &err);

  CHECK(items != NULL && items[0] == 0 && items[3] == 0);
  jg_mem_free(items);
  CHECK(jg_mem_new(SIZE_MAX / 2, 4, &err) == NULL);
  CHECK_INT(err.code, JG_NOMEM);
}

TEST(mem_new_of_nothing_is_something) {
  struct jg_err err = {0};
  void *nothing = jg_mem_new(0, 8, &err);

  CHECK(nothing != NULL);
  jg_mem_free(nothing);
}

TEST(mem_grow_keeps_and_zeroes) {
  struct jg_err err = {0};
  short *items = NULL;
  size_t cap = 0;

  CHECK_INT(jg_mem_grow(&items, &cap, 1, sizeof *items, &err), JG_OK);
  items[0] = 7;
  CHECK_INT(jg_mem_grow(&items, &cap, 1000, sizeof *items, &err), JG_OK);
  CHECK(cap >= 1000);
  CHECK_INT(items[0], 7);
  CHECK_INT(items[999], 0);
  CHECK_INT(jg_mem_grow(&items, &cap, SIZE_MAX, sizeof *items, &err), JG_NOMEM);
  CHECK_INT(items[0], 7);
  jg_mem_free(items);
}

TEST(mem_text_copies) {
  struct jg_err err = {0};
  char *whole = jg_mem_text("abc", &err);
  char *part = jg_mem_textn("abc", 2, &err);

  CHECK_TEXT(whole, "abc");
  CHECK_TEXT(part, "ab");
  CHECK(jg_mem_text(NULL, &err) == NULL);
  CHECK_INT(err.code, JG_OK);
  jg_mem_free(whole);
  jg_mem_free(part);
}
