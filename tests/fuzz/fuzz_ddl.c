/* CREATE TABLE statements: the parts of any text lie in it one behind another,
** none is empty, a column is found by its name, and reading them again, joined
** by commas, gives the same ones. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/ddl.h"
#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const char *sql, const struct jg_ddl *ddl) {
  const char *end = sql;
  size_t i;
  for (i = 0; i < ddl->count; i++) {
    const struct jg_ddl_part *part = &ddl->parts[i];
    assert(part->text >= end && part->bytes > 0);
    end = part->text + part->bytes;
    assert(part->name == NULL || jg_ddl_find(ddl, part->name) <= (int)i);
  }
  assert(ddl->tail >= end && ddl->tail + ddl->tail_bytes <= sql + strlen(sql));
}

static void check_again(const struct jg_ddl *ddl) {
  struct jg_err err = {0};
  struct jg_ddl again = {0};
  struct jg_buf joined;
  char *sql;
  size_t i;
  jg_buf_init(&joined, (size_t)1 << 24);
  jg_buf_puts(&joined, "CREATE TABLE t(");
  for (i = 0; i < ddl->count; i++) {
    jg_buf_puts(&joined, i > 0 ? ",\n  " : "");
    jg_buf_add(&joined, ddl->parts[i].text, ddl->parts[i].bytes);
  }
  jg_buf_puts(&joined, "\n)");
  sql = jg_buf_take(&joined, &err);
  if (sql != NULL && jg_ddl_read(sql, &again, &err) == JG_OK) {
    assert(again.count == ddl->count);
    for (i = 0; i < ddl->count; i++) {
      assert(again.parts[i].bytes == ddl->parts[i].bytes);
    }
  }
  assert(err.code == JG_OK);
  jg_ddl_dispose(&again);
  jg_mem_free(sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_err err = {0};
  struct jg_ddl ddl = {0};
  char *sql = malloc(size + 1);
  if (sql == NULL) {
    return 0;
  }
  memcpy(sql, data, size);
  sql[size] = 0;
  if (jg_ddl_read(sql, &ddl, &err) == JG_OK) {
    check_parts(sql, &ddl);
    check_again(&ddl);
  }
  jg_ddl_dispose(&ddl);
  free(sql);
  return 0;
}
