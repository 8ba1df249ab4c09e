/*
** Fuzz target: the strict JSON reader and writer. What it takes must be
** written as JSON that it takes again, and that is written the same way.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  struct jg_json *again = NULL;
  struct jg_buf first, second;

  jg_buf_init(&first, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&second, JG_BUF_LIMIT_BYTES);
  if (jg_json_parse((const char *)data, bytes, &root, &err) == JG_OK) {
    jg_json_write(root, &first);
    if (jg_json_parse(jg_buf_text(&first), first.len, &again, &err) != JG_OK) {
      abort();
    }
    jg_json_write(again, &second);
    if (strcmp(jg_buf_text(&first), jg_buf_text(&second)) != 0) {
      abort();
    }
  }
  jg_json_free(root);
  jg_json_free(again);
  jg_buf_dispose(&first);
  jg_buf_dispose(&second);
  return 0;
}
