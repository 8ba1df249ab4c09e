/* See clean.h. */
#include "judge/clean.h"

#include <string.h>
#include "core/text.h"

#define BRIEF_BYTES 80

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Bytes of the valid character at the front of text, or 0. */
static size_t character_bytes(const char *text, size_t bytes) {
  unsigned char lead = (unsigned char)text[0];
  size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead == 0 || n > bytes || !jg_text_is_utf8(text, n)) {
    return 0;
  }
  return n;
}

void jg_clean_add(struct jg_buf *to, const char *text, size_t bytes) {
  size_t i, n;
  size_t from = 0; /* start of the valid run not added yet */
  if (bytes == 0) {
    return;
  }
  if (memchr(text, 0, bytes) == NULL && jg_text_is_utf8(text, bytes)) {
    jg_buf_add(to, text, bytes);
    return;
  }
  for (i = 0; i < bytes; i += n) {
    n = character_bytes(text + i, bytes - i);
    if (n == 0) {
      jg_buf_add(to, text + from, i - from);
      jg_buf_puts(to, REPLACEMENT);
      n = 1;
      from = i + 1;
    }
  }
  jg_buf_add(to, text + from, bytes - from);
}

void jg_clean_line(struct jg_buf *to, const char *text, size_t bytes) {
  size_t i, run;
  for (i = 0; i < bytes; i += run) {
    run = 0;
    while (i + run < bytes && (unsigned char)text[i + run] >= 0x20 &&
           text[i + run] != 0x7F) {
      run++;
    }
    jg_clean_add(to, text + i, run);
    if (i + run >= bytes) {
      return;
    }
    jg_buf_putc(to, ' ');
    while (i + run < bytes &&
           ((unsigned char)text[i + run] < 0x20 || text[i + run] == 0x7F)) {
      run++;
    }
  }
}

void jg_clean_brief(struct jg_buf *to, const char *text, size_t bytes) {
  size_t cut =
      bytes > BRIEF_BYTES ? jg_text_cut(text, bytes, BRIEF_BYTES) : bytes;
  jg_clean_line(to, text, cut);
  if (cut < bytes) {
    jg_buf_puts(to, "...");
  }
}

void jg_clean_value(struct jg_buf *to, const struct jg_value *value) {
  switch (value->type) {
  case JG_NULL:
    jg_buf_puts(to, "NULL");
    break;
  case JG_INT:
    jg_buf_printf(to, "%lld", (long long)value->integer);
    break;
  case JG_REAL:
    jg_buf_real(to, value->real);
    break;
  case JG_TEXT:
    jg_buf_putc(to, '\'');
    jg_clean_brief(to, value->text, value->len);
    jg_buf_putc(to, '\'');
    break;
  }
}
