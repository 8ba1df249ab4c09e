/* Placeholders: any text is scanned to its end, and filling it with nothing
** unknown leaves a text without those placeholders. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "judge/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int give(void *ctx, const char *name, size_t bytes, struct jg_buf *to) {
  (void)ctx;
  (void)name;
  jg_buf_puts(to, "{{ x }}");
  return bytes < 20;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_err err = {0};
  struct jg_placeholder hole;
  struct jg_buf out;
  size_t at = 0, last = 0;
  char *text = malloc(size + 1);
  if (text == NULL) {
    return 0;
  }
  memcpy(text, data, size);
  text[size] = 0;
  while (jg_template_next(text, &at, &hole)) {
    assert(hole.start >= last && hole.end == at && hole.name_bytes > 0);
    last = at;
  }
  assert(at == strlen(text));
  jg_buf_init(&out, (size_t)1 << 20);
  jg_template_fill(text, give, NULL, &out, &err);
  jg_buf_dispose(&out);
  free(text);
  return 0;
}
