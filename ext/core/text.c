/*
** Small text tools. Everything here works on bytes and is the same in every
** locale.
*/
#include "core/text.h"
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 512   /* a longer text is not a number */
#define DISTANCE_BYTES 128 /* longer names are compared for equality only */

/* Bytes of the UTF-8 character at text, 0 when it is none. The bounds of the
** second byte are those of Unicode's table 3-7: no overlong forms, no
** surrogates, nothing above U+10FFFF. */
static size_t character(const unsigned char *text, size_t bytes) {
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  size_t length, i;

  if (text[0] < 0x80) {
    return 1;
  }
  if (text[0] < 0xc2 || text[0] > 0xf4) {
    return 0;
  }
  length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
  low = text[0] == 0xe0 ? 0xa0 : text[0] == 0xf0 ? 0x90 : low;
  high = text[0] == 0xed ? 0x9f : text[0] == 0xf4 ? 0x8f : high;
  if (length > bytes || text[1] < low || text[1] > high) {
    return 0;
  }
  for (i = 2; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}

size_t jg_text_utf8_bytes(const char *text, size_t bytes) {
  const unsigned char *start = (const unsigned char *)text;
  size_t at = 0;

  while (at < bytes) {
    size_t length = character(start + at, bytes - at);
    if (length == 0) {
      break;
    }
    at += length;
  }
  return at;
}

int jg_text_is_utf8(const char *text, size_t bytes) {
  return jg_text_utf8_bytes(text, bytes) == bytes;
}

size_t jg_text_cut(const char *text, size_t bytes, size_t max_bytes) {
  size_t keep = bytes < max_bytes ? bytes : max_bytes;
  size_t start = keep;

  /* Step back over at most three continuation bytes to the lead byte, and
  ** drop that character when it does not end within keep. */
  while (start > 0 && keep - start < 3 &&
         ((unsigned char)text[start - 1] & 0xc0) == 0x80) {
    start--;
  }
  if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
    unsigned char lead = (unsigned char)text[start - 1];
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (start - 1 + length > keep) {
      return start - 1;
    }
  }
  assert(keep <= max_bytes && keep <= bytes);
  return keep;
}

static unsigned char lower(char c) {
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

int jg_text_samen(const char *a, size_t a_bytes, const char *b,
                  size_t b_bytes) {
  size_t i;

  if (a_bytes != b_bytes) {
    return 0;
  }
  for (i = 0; i < a_bytes; i++) {
    if (lower(a[i]) != lower(b[i])) {
      return 0;
    }
  }
  return 1;
}

int jg_text_same(const char *a, const char *b) {
  if (a == NULL || b == NULL) {
    return a == b;
  }
  return jg_text_samen(a, strlen(a), b, strlen(b));
}

static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *jg_text_trim(const char *text, size_t bytes,
                         size_t *trimmed_bytes) {
  while (bytes > 0 && is_space(*text)) {
    text++;
    bytes--;
  }
  while (bytes > 0 && is_space(text[bytes - 1])) {
    bytes--;
  }
  *trimmed_bytes = bytes;
  return text;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* Three rows of the usual table are enough: swaps look two rows back. */
static int distance(const char *a, size_t a_bytes, const char *b,
                    size_t b_bytes) {
  int rows[3][DISTANCE_BYTES + 1];
  size_t i, j;

  assert(a_bytes <= DISTANCE_BYTES && b_bytes <= DISTANCE_BYTES);
  for (j = 0; j <= b_bytes; j++) {
    rows[0][j] = (int)j;
  }
  for (i = 1; i <= a_bytes; i++) {
    int *row = rows[i % 3];
    const int *above = rows[(i + 2) % 3];
    const int *two_above = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (j = 1; j <= b_bytes; j++) {
      int differ = lower(a[i - 1]) != lower(b[j - 1]);
      row[j] =
          smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + differ);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = smaller(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return rows[a_bytes % 3][b_bytes];
}

int jg_text_distance(const char *a, const char *b, int limit) {
  size_t a_bytes = strlen(a);
  size_t b_bytes = strlen(b);

  assert(limit >= 0);
  if (a_bytes > DISTANCE_BYTES || b_bytes > DISTANCE_BYTES) {
    return jg_text_same(a, b) ? 0 : limit + 1;
  }
  return smaller(distance(a, a_bytes, b, b_bytes), limit + 1);
}

const char *jg_text_nearest(const char *name, const char *const *names,
                            size_t count) {
  size_t bytes = strlen(name);
  int best = bytes > DISTANCE_BYTES ? 1 : (int)(bytes / 3) + 1;
  const char *nearest = NULL;
  size_t i;

  if (best < 2 && bytes > 1) {
    best = 2; /* one slip is allowed in short names too */
  }
  for (i = 0; i < count; i++) {
    int here = jg_text_distance(name, names[i], best);
    if (here < best) {
      best = here;
      nearest = names[i];
    }
  }
  return nearest;
}

static size_t digits_at(const char *text, size_t bytes, size_t at) {
  size_t start = at;

  while (at < bytes && text[at] >= '0' && text[at] <= '9') {
    at++;
  }
  return at - start;
}

/* The form is checked here, since strtod also takes hex, inf and nan. */
static int looks_like_number(const char *text, size_t bytes) {
  size_t at = 0;
  size_t digits;

  if (at < bytes && (text[at] == '-' || text[at] == '+')) {
    at++;
  }
  digits = digits_at(text, bytes, at);
  at += digits;
  if (at < bytes && text[at] == '.') {
    size_t decimals = digits_at(text, bytes, at + 1);
    at += 1 + decimals;
    digits += decimals;
  }
  if (digits == 0) {
    return 0;
  }
  if (at < bytes && (text[at] == 'e' || text[at] == 'E')) {
    at++;
    if (at < bytes && (text[at] == '-' || text[at] == '+')) {
      at++;
    }
    digits = digits_at(text, bytes, at);
    if (digits == 0) {
      return 0;
    }
    at += digits;
  }
  return at == bytes;
}

int jg_text_number(const char *text, size_t bytes, double *out) {
  char copy[NUMBER_BYTES];
  locale_t old;
  double x;

  if (text == NULL) {
    return 0;
  }
  text = jg_text_trim(text, bytes, &bytes);
  if (bytes >= sizeof copy || !looks_like_number(text, bytes)) {
    return 0;
  }
  memcpy(copy, text, bytes);
  copy[bytes] = '\0';
  /* This thread's locale only; asking for "C" allocates nothing. */
  old = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
  x = strtod(copy, NULL);
  uselocale(old);
  if (!isfinite(x)) {
    return 0;
  }
  *out = x;
  return 1;
}
