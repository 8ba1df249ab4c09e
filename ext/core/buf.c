/*
** The growable text buffer, and numbers as text in every locale.
*/
#include "core/buf.h"
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"

#define TWO_TO_53 9007199254740992.0

void jg_buf_init(struct jg_buf *buf, size_t limit_bytes) {
  memset(buf, 0, sizeof *buf);
  buf->limit = limit_bytes;
}

void jg_buf_dispose(struct jg_buf *buf) {
  jg_mem_free(buf->data);
  jg_buf_init(buf, buf->limit);
}

void jg_buf_clear(struct jg_buf *buf) {
  buf->len = 0;
  buf->failed = JG_OK;
  if (buf->data != NULL) {
    buf->data[0] = '\0';
  }
}

/* Makes room for bytes more and the terminator; 1 on success. */
static int make_room(struct jg_buf *buf, size_t bytes) {
  size_t need, room;
  char *data;

  if (buf->failed != JG_OK) {
    return 0;
  }
  if (buf->len > buf->limit || bytes > buf->limit - buf->len ||
      bytes >= SIZE_MAX - buf->len) {
    buf->failed = JG_ERROR;
    return 0;
  }
  need = buf->len + bytes + 1;
  if (need <= buf->cap) {
    return 1;
  }
  room = buf->cap < 64 ? 64 : buf->cap;
  while (room < need) {
    room = room > SIZE_MAX / 2 ? need : room * 2;
  }
  data = jg_mem_resize(buf->data, room);
  if (data == NULL) {
    buf->failed = JG_NOMEM;
    return 0;
  }
  buf->data = data;
  buf->cap = room;
  return 1;
}

void jg_buf_add(struct jg_buf *buf, const void *data, size_t bytes) {
  assert(data != NULL || bytes == 0);
  if (!make_room(buf, bytes)) {
    return;
  }
  if (bytes > 0) {
    memcpy(buf->data + buf->len, data, bytes);
  }
  buf->len += bytes;
  buf->data[buf->len] = '\0';
}

void jg_buf_puts(struct jg_buf *buf, const char *text) {
  if (text != NULL) {
    jg_buf_add(buf, text, strlen(text));
  }
}

void jg_buf_putc(struct jg_buf *buf, char c) {
  jg_buf_add(buf, &c, 1);
}

void jg_buf_printf(struct jg_buf *buf, const char *format, ...) {
  va_list args, again;
  int bytes;

  va_start(args, format);
  va_copy(again, args);
  bytes = vsnprintf(NULL, 0, format, args);
  if (bytes < 0) {
    buf->failed = buf->failed == JG_OK ? JG_ERROR : buf->failed;
  } else if (make_room(buf, (size_t)bytes)) {
    vsnprintf(buf->data + buf->len, (size_t)bytes + 1, format, again);
    buf->len += (size_t)bytes;
  }
  va_end(again);
  va_end(args);
}

/* The C locale for this thread only, so that the host's own stays as it is.
** Asking for "C" allocates nothing and cannot fail. */
static locale_t enter_c_locale(void) {
  return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static int reads_back(const char *text, double x) {
  double y;
  return jg_text_number(text, strlen(text), &y) && y == x;
}

/* 15 digits are the shortest form whenever they suffice, except for
** subnormals, which hold fewer: there the search starts at one. */
static void shortest(double x, char *text, size_t bytes) {
  int digits = fabs(x) < 2.2250738585072014e-308 ? 1 : 15;
  locale_t old = enter_c_locale();

  for (; digits <= 17; digits++) {
    snprintf(text, bytes, "%.*g", digits, x);
    if (reads_back(text, x)) {
      break;
    }
  }
  uselocale(old);
}

void jg_buf_real(struct jg_buf *buf, double x) {
  char text[40];

  if (!isfinite(x)) {
    jg_buf_puts(buf, "null");
    return;
  }
  if (x == floor(x) && fabs(x) < TWO_TO_53) {
    jg_buf_printf(buf, "%s%lld.0", signbit(x) ? "-" : "", (long long)fabs(x));
    return;
  }
  shortest(x, text, sizeof text);
  jg_buf_puts(buf, text);
  if (strpbrk(text, ".e") == NULL) {
    jg_buf_puts(buf, ".0");
  }
}

void jg_buf_fixed(struct jg_buf *buf, double x, int digits) {
  char text[400]; /* DBL_MAX has 309 digits before the point */
  locale_t old;

  assert(digits >= 0 && digits <= 60);
  if (!isfinite(x)) {
    jg_buf_puts(buf, "null");
    return;
  }
  old = enter_c_locale();
  snprintf(text, sizeof text, "%.*f", digits, x);
  uselocale(old);
  jg_buf_puts(buf, text);
}

int jg_buf_check(const struct jg_buf *buf, struct jg_err *err) {
  assert(buf->failed == JG_OK || buf->failed == JG_NOMEM ||
         buf->failed == JG_ERROR);
  assert(buf->len <= buf->limit || buf->failed != JG_OK);
  assert(buf->data == NULL ? buf->len == 0 : buf->len < buf->cap);
  if (buf->failed == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  if (buf->failed != JG_OK) {
    return jg_err_set(err, buf->failed, "a text is longer than %zu bytes",
                      buf->limit);
  }
  return JG_OK;
}

char *jg_buf_take(struct jg_buf *buf, struct jg_err *err) {
  char *text;

  jg_buf_add(buf, "", 0); /* an empty text is "", not NULL */
  if (jg_buf_check(buf, err) != JG_OK) {
    jg_mem_free(buf->data);
    buf->data = NULL;
    buf->len = buf->cap = 0;
    return NULL;
  }
  text = buf->data;
  jg_buf_init(buf, buf->limit);
  return text;
}

const char *jg_buf_text(const struct jg_buf *buf) {
  return buf->data == NULL ? "" : buf->data;
}
