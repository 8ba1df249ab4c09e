/*
** The JSON writer. Whatever it is given, what it writes is JSON that our own
** reader takes: bytes that are not UTF-8, and byte 0, become U+FFFD.
*/
#include <assert.h>
#include <string.h>
#include "core/json.h"
#include "core/text.h"
#include "core/value.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Before a value or key: the comma that separates it from the one before. */
static void separate(struct jg_jsonw *w) {
  if (w->comma) {
    jg_buf_putc(w->to, ',');
  }
  w->comma = 1;
}

static void open_with(struct jg_jsonw *w, char bracket) {
  separate(w);
  jg_buf_putc(w->to, bracket);
  w->comma = 0;
}

static void close_with(struct jg_jsonw *w, char bracket) {
  jg_buf_putc(w->to, bracket);
  w->comma = 1;
}

void jg_jsonw_object(struct jg_jsonw *w) {
  open_with(w, '{');
}

void jg_jsonw_array(struct jg_jsonw *w) {
  open_with(w, '[');
}

void jg_jsonw_end_object(struct jg_jsonw *w) {
  close_with(w, '}');
}

void jg_jsonw_end_array(struct jg_jsonw *w) {
  close_with(w, ']');
}

/* A byte that cannot stand in a text as it is. */
static void add_special(struct jg_buf *to, char c) {
  static const char meant[] = "\"\\\b\f\n\r\t";
  static const char names[] = "\"\\bfnrt";
  const char *found = c == '\0' ? NULL : strchr(meant, c);

  if (found != NULL) {
    jg_buf_putc(to, '\\');
    jg_buf_putc(to, names[found - meant]);
  } else if (c == '\0' || (unsigned char)c >= 0x80) {
    jg_buf_puts(to, REPLACEMENT);
  } else {
    jg_buf_printf(to, "\\u%04x", (unsigned)c);
  }
}

static void add_quoted(struct jg_buf *to, const char *text, size_t bytes) {
  size_t good = jg_text_utf8_bytes(text, bytes);
  size_t start = 0;
  size_t at = 0;

  jg_buf_putc(to, '"');
  while (at < bytes) {
    unsigned char c = (unsigned char)text[at];
    if (at < good && c >= 0x20 && c != '"' && c != '\\') {
      at++;
      continue;
    }
    jg_buf_add(to, text + start, at - start);
    add_special(to, text[at]);
    start = ++at;
    if (at > good) { /* past a bad byte: how far is it good again? */
      good = at + jg_text_utf8_bytes(text + at, bytes - at);
    }
  }
  jg_buf_add(to, text + start, at - start);
  jg_buf_putc(to, '"');
}

void jg_jsonw_key(struct jg_jsonw *w, const char *key) {
  assert(key != NULL);
  separate(w);
  add_quoted(w->to, key, strlen(key));
  jg_buf_putc(w->to, ':');
  w->comma = 0;
}

void jg_jsonw_textn(struct jg_jsonw *w, const char *text, size_t bytes) {
  if (text == NULL) {
    jg_jsonw_null(w);
    return;
  }
  separate(w);
  add_quoted(w->to, text, bytes);
}

void jg_jsonw_text(struct jg_jsonw *w, const char *text) {
  jg_jsonw_textn(w, text, text == NULL ? 0 : strlen(text));
}

void jg_jsonw_int(struct jg_jsonw *w, int64_t x) {
  separate(w);
  jg_buf_printf(w->to, "%lld", (long long)x);
}

void jg_jsonw_real(struct jg_jsonw *w, double x) {
  separate(w);
  jg_buf_real(w->to, x);
}

void jg_jsonw_bool(struct jg_jsonw *w, int x) {
  jg_jsonw_raw(w, x ? "true" : "false");
}

void jg_jsonw_null(struct jg_jsonw *w) {
  jg_jsonw_raw(w, "null");
}

void jg_jsonw_raw(struct jg_jsonw *w, const char *json) {
  separate(w);
  jg_buf_puts(w->to, json == NULL ? "null" : json);
}

void jg_jsonw_key_text(struct jg_jsonw *w, const char *key, const char *text) {
  jg_jsonw_key(w, key);
  jg_jsonw_text(w, text);
}

void jg_jsonw_key_int(struct jg_jsonw *w, const char *key, int64_t x) {
  jg_jsonw_key(w, key);
  jg_jsonw_int(w, x);
}

void jg_jsonw_key_real(struct jg_jsonw *w, const char *key, double x) {
  jg_jsonw_key(w, key);
  jg_jsonw_real(w, x);
}

void jg_jsonw_key_bool(struct jg_jsonw *w, const char *key, int x) {
  jg_jsonw_key(w, key);
  jg_jsonw_bool(w, x);
}

void jg_jsonw_key_raw(struct jg_jsonw *w, const char *key, const char *json) {
  jg_jsonw_key(w, key);
  jg_jsonw_raw(w, json);
}

void jg_jsonw_value(struct jg_jsonw *w, const struct jg_value *value) {
  switch (value->type) {
  case JG_NULL:
    jg_jsonw_null(w);
    break;
  case JG_INT:
    jg_jsonw_int(w, value->integer);
    break;
  case JG_REAL:
    jg_jsonw_real(w, value->real);
    break;
  case JG_TEXT:
    jg_jsonw_textn(w, value->text, value->len);
    break;
  }
}
