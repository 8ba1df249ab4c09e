/*
** The error value: set once, kept, shown as one line of text.
*/
#include "core/err.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"

/* An error is one line of UTF-8, whatever the values quoted in it hold. */
static void one_line(char *text) {
  size_t bytes = strlen(text), at = 0;
  while ((at += jg_text_utf8_bytes(text + at, bytes - at)) < bytes) {
    text[at] = '?';
  }
  for (; *text != '\0'; text++) {
    if (*text == '\n' || *text == '\r' || *text == '\t') {
      *text = ' ';
    }
  }
}

/* A value may be no UTF-8, or be cut inside a character, and hosts such as
** Python cannot show such a text at all. */
static void keep_utf8(char *text) {
  size_t left = strlen(text);

  while (left > 0) {
    size_t good = jg_text_utf8_bytes(text, left);
    text += good;
    left -= good;
    if (left > 0) {
      *text++ = '?';
      left--;
    }
  }
}

int jg_err_setv(struct jg_err *err, enum jg_code code, const char *format,
                va_list args) {
  int wanted;

  assert(code != JG_OK); /* there is something to tell */
  if (err == NULL) {
    return code;
  }
  if (err->code != JG_OK) {
    return err->code;
  }
  err->code = code;
  wanted = vsnprintf(err->text, sizeof err->text, format, args);
  if (wanted < 0) {
    err->text[0] = '\0';
  }
  if (wanted >= (int)sizeof err->text) {
    size_t held = strlen(err->text);
    err->text[jg_text_cut(err->text, held, held)] = '\0';
  }
  one_line(err->text);
  keep_utf8(err->text);
  return code;
}

int jg_err_set(struct jg_err *err, enum jg_code code, const char *format, ...) {
  va_list args;
  int rc;

  va_start(args, format);
  rc = jg_err_setv(err, code, format, args);
  va_end(args);
  return rc;
}

int jg_err_nomem(struct jg_err *err) {
  return jg_err_set(err, JG_NOMEM, "out of memory");
}

void jg_err_clear(struct jg_err *err) {
  err->code = JG_OK;
  err->sqlite_code = 0;
  err->text[0] = '\0';
}
