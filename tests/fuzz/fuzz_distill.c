/* An optimizer's answer: the input is the model's text. Whatever is taken from
** it names rows of the batch, none twice, and is one line of valid UTF-8. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "align/distill.h"
#include "core/text.h"

#define ROWS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *ctx, const struct jg_found *found, struct jg_err *err) {
  size_t i, j;

  (void)ctx;
  assert(found->source_count <= ROWS);
  for (i = 0; i < found->source_count; i++) {
    assert(found->sources[i] >= 1 && found->sources[i] <= ROWS);
    for (j = 0; j < i; j++) {
      assert(found->sources[i] != found->sources[j]);
    }
  }
  assert(jg_text_is_utf8(found->text, found->bytes));
  assert(memchr(found->text, '\n', found->bytes) == NULL);
  return err->code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char ids[ROWS + 1][8] = {"", "tr-1", "tr-2", "tr-3"};
  struct jg_row rows[ROWS + 1];
  size_t positions[ROWS] = {1, 2, 3};
  struct jg_batch batch = {.rows = positions, .count = ROWS};
  struct jg_err err = {0};
  char *text = malloc(size + 1);
  size_t i;

  if (text == NULL) {
    return 0;
  }
  memset(rows, 0, sizeof rows);
  for (i = 0; i <= ROWS; i++) {
    rows[i].trace_id = ids[i];
  }
  memcpy(text, data, size);
  text[size] = '\0';
  jg_distill_read(text, &batch, rows, take, NULL, &err);
  assert(err.code == JG_OK || err.text[0] != '\0');
  free(text);
  return 0;
}
