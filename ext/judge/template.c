/*
** Placeholders. A name is an identifier or several joined by dots: a dotted
** name is no variable of ours, but is found, so that {{ inputs.question }} is
** refused rather than sent as plain text.
*/
#include "judge/template.h"

#include <assert.h>
#include <string.h>

static int is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Bytes of the name at text, 0 when there is none. */
static size_t name_bytes(const char *text) {
  size_t n = 0;
  for (;;) {
    if (!is_letter(text[n])) {
      return 0;
    }
    while (is_letter(text[n]) || is_digit(text[n])) {
      n++;
    }
    if (text[n] != '.') {
      return n;
    }
    n++;
  }
}

/* Reads the placeholder that starts at text + start; 1 when it is one. */
static int read_at(const char *text, size_t start, struct jg_placeholder *out) {
  size_t i = start + 2;
  while (is_blank(text[i])) {
    i++;
  }
  out->name = text + i;
  out->name_bytes = name_bytes(text + i);
  i += out->name_bytes;
  while (is_blank(text[i])) {
    i++;
  }
  if (out->name_bytes == 0 || text[i] != '}' || text[i + 1] != '}') {
    return 0;
  }
  out->start = start;
  out->end = i + 2;
  return 1;
}

int jg_template_next(const char *text, size_t *at, struct jg_placeholder *out) {
  const char *open = strstr(text + *at, "{{");
  while (open != NULL) {
    if (read_at(text, (size_t)(open - text), out)) {
      *at = out->end;
      return 1;
    }
    /* One byte on, not two: in "{{{ a }}" the placeholder starts later. */
    open = strstr(open + 1, "{{");
  }
  *at += strlen(text + *at);
  return 0;
}

int jg_template_fill(const char *text,
                     int (*value)(void *ctx, const char *name, size_t bytes,
                                  struct jg_buf *to),
                     void *ctx, struct jg_buf *to, struct jg_err *err) {
  struct jg_placeholder hole;
  size_t at = 0;
  size_t from = 0;
  while (jg_template_next(text, &at, &hole)) {
    assert(hole.start >= from && hole.end > hole.start);
    jg_buf_add(to, text + from, hole.start - from);
    if (!value(ctx, hole.name, hole.name_bytes, to)) {
      return jg_err_set(err, JG_ERROR,
                        "placeholder {{ %.*s }} has no value: nothing of that "
                        "name is given",
                        (int)(hole.name_bytes > 80 ? 80 : hole.name_bytes),
                        hole.name);
    }
    from = hole.end;
  }
  jg_buf_puts(to, text + from);
  return jg_buf_check(to, err);
}
