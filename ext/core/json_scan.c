/*
** The scan before the parse: RFC 8259 to the letter, and what json.h refuses
** beyond it.
**
** It builds nothing. It notes where the keys of open objects stand, and sorts
** an object's keys when it closes, so that a duplicate is found in n log n even
** when one of the two is written with escapes. Recursion is bounded by
** JG_JSON_DEPTH.
*/
#include "core/json_scan.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"

#define NUMBER_BYTES 63 /* cJSON cuts longer numbers silently */

struct key {
  const char *text; /* after the opening quote; ended by the closing one */
};

struct scan {
  const char *text; /* all of it */
  size_t bytes;
  size_t at; /* the next byte */
  int depth; /* open arrays and objects */
  struct key *keys;
  size_t key_count, key_cap;
  struct jg_err *err;
};

static int refuse(struct scan *s, size_t at, const char *what) {
  return jg_err_set(s->err, JG_ERROR, "invalid JSON at byte %zu: %s", at, what);
}

static int peek(const struct scan *s) {
  return s->at < s->bytes ? (unsigned char)s->text[s->at] : -1;
}

static void skip_space(struct scan *s) {
  int c = peek(s);

  while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
    s->at++;
    c = peek(s);
  }
}

static int hex_digit(int c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* The four hex digits at text as a number, or -1. */
static long hex4(const char *text, size_t bytes) {
  long x = 0;
  int i;

  if (bytes < 4) {
    return -1;
  }
  for (i = 0; i < 4; i++) {
    int digit = hex_digit((unsigned char)text[i]);
    if (digit < 0) {
      return -1;
    }
    x = x * 16 + digit;
  }
  return x;
}

/* At the u of an escape; leaves the place after it, and after the second half
** of a pair. */
static int scan_unicode(struct scan *s) {
  size_t start = s->at - 1;
  long unit = hex4(s->text + s->at + 1, s->bytes - s->at - 1);

  assert(s->text[s->at] == 'u');
  if (unit < 0) {
    return refuse(s, start, "\\u needs four hex digits");
  }
  if (unit == 0) {
    return refuse(s, start, "\\u0000 is not allowed in a text");
  }
  s->at += 5;
  if (unit < 0xd800 || unit > 0xdfff) {
    return JG_OK;
  }
  if (unit <= 0xdbff && s->bytes - s->at >= 6 && s->text[s->at] == '\\' &&
      s->text[s->at + 1] == 'u') {
    long low = hex4(s->text + s->at + 2, s->bytes - s->at - 2);
    if (low >= 0xdc00 && low <= 0xdfff) {
      s->at += 6;
      return JG_OK;
    }
  }
  return refuse(s, start, "half of a surrogate pair is alone");
}

/* At the opening quote; UTF-8 was checked before. */
static int scan_text(struct scan *s) {
  size_t start = s->at++;

  assert(s->text[start] == '"');
  for (;;) {
    int c = peek(s);
    if (c < 0) {
      return refuse(s, start, "the text that begins here does not end");
    }
    if (c == '"') {
      s->at++;
      return JG_OK;
    }
    if (c < 0x20) {
      return refuse(s, s->at, "a raw control character in a text");
    }
    s->at++;
    if (c != '\\') {
      continue;
    }
    c = peek(s);
    if (c == 'u') {
      if (scan_unicode(s) != JG_OK) {
        return s->err->code;
      }
    } else if (c > 0 && strchr("\"\\/bfnrt", c) != NULL) {
      s->at++;
    } else {
      return refuse(s, s->at - 1, "unknown escape in a text");
    }
  }
}

static size_t scan_digits(struct scan *s) {
  size_t start = s->at;

  while (peek(s) >= '0' && peek(s) <= '9') {
    s->at++;
  }
  return s->at - start;
}

static int scan_number(struct scan *s) {
  size_t start = s->at;
  size_t whole;
  double x;

  s->at += peek(s) == '-';
  whole = s->at;
  if (scan_digits(s) == 0) {
    return refuse(s, start, "a number needs a digit after its sign");
  }
  if (s->at - whole > 1 && s->text[whole] == '0') {
    return refuse(s, start, "a number must not begin with 0");
  }
  if (peek(s) == '.') {
    s->at++;
    if (scan_digits(s) == 0) {
      return refuse(s, start, "a number needs a digit after its point");
    }
  }
  if (peek(s) == 'e' || peek(s) == 'E') {
    s->at++;
    s->at += peek(s) == '-' || peek(s) == '+';
    if (scan_digits(s) == 0) {
      return refuse(s, start, "a number needs a digit in its exponent");
    }
  }
  if (s->at - start > NUMBER_BYTES) {
    return refuse(s, start, "a number has more than 63 characters");
  }
  if (!jg_text_number(s->text + start, s->at - start, &x)) {
    return refuse(s, start, "a number is too large");
  }
  return JG_OK;
}

static int scan_word(struct scan *s) {
  static const char *const words[] = {"true", "false", "null"};
  size_t i;

  for (i = 0; i < 3; i++) {
    size_t bytes = strlen(words[i]);
    if (s->bytes - s->at >= bytes &&
        memcmp(s->text + s->at, words[i], bytes) == 0) {
      s->at += bytes;
      return JG_OK;
    }
  }
  return refuse(s, s->at,
                s->at == s->bytes ? "the text ends too early"
                                  : "a value was expected");
}

/* The next character of a scanned text, escapes resolved; 0 at its end. UTF-8
** goes byte by byte, made from escapes too, so that keys compare as bytes. */
struct letters {
  const char *at;
  unsigned char more[4]; /* bytes of a character still to be given */
  int count;
};

static void expand(struct letters *l, unsigned long c) {
  /* Last byte first: letters are taken from the end. */
  l->count = 0;
  if (c < 0x80) {
    l->more[l->count++] = (unsigned char)c;
    return;
  }
  l->more[l->count++] = (unsigned char)(0x80 | (c & 0x3f));
  if (c >= 0x800) {
    l->more[l->count++] = (unsigned char)(0x80 | ((c >> 6) & 0x3f));
  }
  if (c >= 0x10000) {
    l->more[l->count++] = (unsigned char)(0x80 | ((c >> 12) & 0x3f));
    l->more[l->count++] = (unsigned char)(0xf0 | (c >> 18));
  } else if (c >= 0x800) {
    l->more[l->count++] = (unsigned char)(0xe0 | (c >> 12));
  } else {
    l->more[l->count++] = (unsigned char)(0xc0 | (c >> 6));
  }
}

static void resolve_unicode(struct letters *l) {
  unsigned long c = (unsigned long)hex4(l->at, 4);

  assert(c <= 0xffff); /* scan_unicode() let it pass */
  l->at += 4;
  if (c >= 0xd800 && c <= 0xdbff) {
    c = 0x10000 + ((c - 0xd800) << 10) +
        ((unsigned long)hex4(l->at + 2, 4) - 0xdc00);
    l->at += 6;
  }
  expand(l, c);
}

static int next_letter(struct letters *l) {
  static const char names[] = "bfnrt";
  static const char meant[] = "\b\f\n\r\t";
  const char *found;
  char c;

  if (l->count > 0) {
    return l->more[--l->count];
  }
  if (*l->at == '"') {
    return 0;
  }
  c = *l->at++;
  if (c != '\\') {
    return (unsigned char)c;
  }
  c = *l->at++;
  if (c == 'u') {
    resolve_unicode(l);
    return l->more[--l->count];
  }
  found = strchr(names, c);
  return found != NULL ? meant[found - names] : c;
}

static int compare_keys(const void *left, const void *right) {
  struct letters a = {.at = ((const struct key *)left)->text};
  struct letters b = {.at = ((const struct key *)right)->text};
  int x, y;

  do {
    x = next_letter(&a);
    y = next_letter(&b);
  } while (x == y && x != 0);
  return x - y;
}

/* The keys from first on are those of the object that just closed. */
static int check_keys(struct scan *s, size_t first) {
  size_t i;

  assert(first <= s->key_count);
  if (s->key_count - first > 1) {
    qsort(s->keys + first, s->key_count - first, sizeof *s->keys, compare_keys);
  }
  for (i = first + 1; i < s->key_count; i++) {
    const char *a = s->keys[i - 1].text;
    const char *b = s->keys[i].text;
    if (compare_keys(&s->keys[i - 1], &s->keys[i]) == 0) {
      return refuse(s, (size_t)((a > b ? a : b) - s->text) - 1,
                    "a key appears twice in its object");
    }
  }
  s->key_count = first;
  return JG_OK;
}

static int scan_key(struct scan *s) {
  if (peek(s) != '"') {
    return refuse(s, s->at, "a key in double quotes was expected");
  }
  if (jg_mem_grow(&s->keys, &s->key_cap, s->key_count + 1, sizeof *s->keys,
                  s->err) != JG_OK) {
    return s->err->code;
  }
  s->keys[s->key_count++].text = s->text + s->at + 1;
  if (scan_text(s) != JG_OK) {
    return s->err->code;
  }
  skip_space(s);
  if (peek(s) != ':') {
    return refuse(s, s->at, "a colon was expected after a key");
  }
  s->at++;
  skip_space(s);
  return JG_OK;
}

static int scan_value(struct scan *s);

/* At the bracket; recursion is bounded by JG_JSON_DEPTH. */
static int scan_container(struct scan *s) {
  int is_object = peek(s) == '{';
  int close = is_object ? '}' : ']';
  size_t first_key = s->key_count;

  assert(s->depth >= 0 && s->depth <= JG_JSON_DEPTH);
  if (s->depth == JG_JSON_DEPTH) {
    return refuse(s, s->at, "nested deeper than 64 levels");
  }
  s->depth++;
  s->at++;
  skip_space(s);
  if (peek(s) == close) {
    s->at++;
    s->depth--;
    return JG_OK;
  }
  for (;;) {
    if ((is_object && scan_key(s) != JG_OK) || scan_value(s) != JG_OK) {
      return s->err->code;
    }
    skip_space(s);
    if (peek(s) == close) {
      break;
    }
    if (peek(s) != ',') {
      return refuse(s, s->at,
                    is_object ? "a comma or } was expected"
                              : "a comma or ] was expected");
    }
    s->at++;
    skip_space(s);
  }
  s->at++;
  s->depth--;
  return check_keys(s, first_key);
}

static int scan_value(struct scan *s) {
  int c = peek(s);

  if (c == '{' || c == '[') {
    return scan_container(s);
  }
  if (c == '"') {
    return scan_text(s);
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    return scan_number(s);
  }
  return scan_word(s);
}

static int scan_all(struct scan *s) {
  size_t good = jg_text_utf8_bytes(s->text, s->bytes);

  if (good < s->bytes) {
    return refuse(s, good, "invalid UTF-8");
  }
  skip_space(s);
  if (scan_value(s) != JG_OK) {
    return s->err->code;
  }
  skip_space(s);
  if (s->at < s->bytes) {
    return refuse(s, s->at, "something follows after the value");
  }
  assert(s->depth == 0 && s->key_count == 0); /* all that opened is closed */
  return JG_OK;
}

int jg_json_scan(const char *text, size_t bytes, struct jg_err *err) {
  struct scan s = {.text = text, .bytes = bytes, .err = err};
  int rc = scan_all(&s);

  jg_mem_free(s.keys);
  return rc;
}
