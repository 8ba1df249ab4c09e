/* See mask.h. A form is compared with a text in one walk that reads each
** character of the text as it is, or behind an escape. */
#include "llm/mask.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

#define SECRET_MIN_BYTES 16
#define PREFIX_BYTES 12
#define PASSWORD_MIN_BYTES 8
#define SECRET_MAX_BYTES 4096
#define FORM_MAX_BYTES ((size_t)8 << 10)
#define NESTED_MAX 4 /* escapes of escapes */

/* --- reading a text behind its escapes ----------------------------------- */

static int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The number that count hexadecimal digits at text are, or -1. */
static int hex_number(const char *at, const char *end, int count) {
  int value = 0;
  for (int i = 0; i < count; i++) {
    int digit = at + i < end ? hex(at[i]) : -1;
    if (digit < 0) {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

/* \/ \" \\ \u003d \x3d, behind one backslash or several. */
static size_t read_backslash(const char *at, const char *end, int *value) {
  const char *p = at;
  while (p < end && *p == '\\' && p - at < 1 << NESTED_MAX) {
    p++;
  }
  if (p < end && (*p == 'u' || *p == 'x')) {
    int digits = *p == 'u' ? 4 : 2;
    *value = hex_number(p + 1, end, digits);
    return *value < 0 ? 0 : (size_t)(p - at) + 1 + (size_t)digits;
  }
  if (p < end && (*p == '/' || *p == '"' || *p == '\'')) {
    *value = *p;
    return (size_t)(p - at) + 1;
  }
  *value = '\\';
  return (size_t)(p - at);
}

/* %3D, %253D, %25253D. */
static size_t read_percent(const char *at, const char *end, int *value) {
  const char *p = at + 1;
  for (int i = 0; i < NESTED_MAX && end - p > 2 && memcmp(p, "25", 2) == 0 &&
                  hex_number(p + 2, end, 2) >= 0;
       i++) {
    p += 2;
  }
  *value = hex_number(p, end, 2);
  return *value < 0 ? 0 : (size_t)(p - at) + 2;
}

static size_t read_entity(const char *at, const char *end, int *value) {
  static const struct {
    const char *name;
    char is;
  } NAMED[] = {{"quot;", '"'},
               {"apos;", '\''},
               {"lt;", '<'},
               {"gt;", '>'},
               {"amp;", '&'}};
  const char *p = at + 1;
  for (int i = 0; i < NESTED_MAX && end - p > 4 && memcmp(p, "amp;", 4) == 0 &&
                  p[4] != ';';
       i++) {
    p += 4;
  }
  for (size_t i = 0; i < sizeof(NAMED) / sizeof(NAMED[0]); i++) {
    size_t n = strlen(NAMED[i].name);
    if ((size_t)(end - p) >= n && memcmp(p, NAMED[i].name, n) == 0) {
      *value = NAMED[i].is;
      return (size_t)(p - at) + n;
    }
  }
  if (p < end && *p == '#') {
    int base = p + 1 < end && lower(p[1]) == 'x' ? 16 : 10;
    const char *digit = p + (base == 16 ? 2 : 1), *first = digit;
    *value = 0;
    while (digit < end && digit - first < 6 && hex(*digit) >= 0 &&
           hex(*digit) < base) {
      *value = *value * base + hex(*digit++);
    }
    if (digit > first) {
      return (size_t)(digit - at) + (digit < end && *digit == ';');
    }
  }
  *value = '&';
  return (size_t)(p - at);
}

/* How many bytes of text say c behind an escape; 0: none. */
static size_t read_escape(const char *at, const char *end, char c) {
  int value = -1;
  size_t n = *at == '\\'  ? read_backslash(at, end, &value)
             : *at == '%' ? read_percent(at, end, &value)
             : *at == '&' ? read_entity(at, end, &value)
                          : 0;
  return n > 0 && value == (unsigned char)c ? n : 0;
}

static int is_same(char text, char form, int base64) {
  if (base64 && (text == '-' || text == '_')) {
    text = text == '-' ? '+' : '/';
  }
  return lower(text) == lower(form);
}

/* How many bytes of the form stand at this place of the text, *taken of its. */
static size_t match(const char *at, const char *end, const struct jg_secret *s,
                    int escapes, size_t *taken) {
  const char *from = at;
  size_t i = 0;
  while (at < end && s->text[i] != '\0') {
    size_t n = escapes ? read_escape(at, end, s->text[i]) : 0;
    if (n == 0 && !is_same(*at, s->text[i], s->base64)) {
      break;
    }
    at += n == 0 ? 1 : n;
    i++;
  }
  *taken = (size_t)(at - from);
  return i;
}

/* As it is, or else behind escapes: the longer. */
static size_t match_best(const char *at, const char *end,
                         const struct jg_secret *s, size_t *taken) {
  size_t escaped_bytes;
  size_t plain = match(at, end, s, 0, taken);
  size_t escaped = match(at, end, s, 1, &escaped_bytes);
  if (escaped > plain) {
    *taken = escaped_bytes;
  }
  return escaped > plain ? escaped : plain;
}

/* Can the form begin with that byte of a text? */
static int may_begin(char c, const struct jg_secret *s) {
  return c == '\\' || c == '%' || c == '&' || is_same(c, s->text[0], s->base64);
}

void jg_mask_error(const struct jg_endpoint *endpoint, char *text,
                   size_t bytes) {
  char *end = text + bytes;
  for (size_t i = 0; i < endpoint->secret_count; i++) {
    const struct jg_secret *s = &endpoint->secrets[i];
    for (char *at = text; at < end; at++) {
      size_t taken;
      if (may_begin(*at, s) && match_best(at, end, s, &taken) >= s->least) {
        memset(at, '*', taken);
      }
    }
  }
}

int jg_mask_is_in(const struct jg_endpoint *endpoint, const char *text,
                  size_t bytes) {
  const char *end = text + bytes;
  for (size_t i = 0; i < endpoint->secret_count; i++) {
    const struct jg_secret *s = &endpoint->secrets[i];
    size_t whole = strlen(s->text);
    for (const char *at = text; s->whole && at < end; at++) {
      size_t taken;
      if (may_begin(*at, s) && match_best(at, end, s, &taken) == whole) {
        return 1;
      }
    }
  }
  return 0;
}

/* --- forms --------------------------------------------------------------- */

/* Takes what the buffer holds as a form. */
static int add_form(struct jg_endpoint *e, struct jg_buf *text, size_t least,
                    int base64, int whole, struct jg_err *err) {
  if (jg_buf_check(text, err) != JG_OK || text->len == 0 ||
      jg_mem_grow(&e->secrets, &e->secret_cap, e->secret_count + 1,
                  sizeof(*e->secrets), err) != JG_OK) {
    return err->code;
  }
  char *own = jg_buf_take(text, err);
  if (own != NULL) {
    e->secrets[e->secret_count++] =
        (struct jg_secret){own, least, base64, whole};
  }
  return err->code;
}

/* Base64 with or without '=' at its end. */
static void add_base64(struct jg_buf *to, const char *data, size_t bytes,
                       int padded) {
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *in = (const unsigned char *)data;
  for (size_t i = 0; i < bytes; i += 3) {
    size_t left = bytes - i;
    unsigned x = (unsigned)in[i] << 16 |
                 (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                 (left > 2 ? (unsigned)in[i + 2] : 0);
    jg_buf_putc(to, DIGITS[x >> 18]);
    if (left > 1 || padded) {
      jg_buf_putc(to, DIGITS[x >> 12 & 63]);
    }
    if (left > 2 || padded) {
      jg_buf_putc(to, left > 1 ? DIGITS[x >> 6 & 63] : '=');
    }
    if (left > 2 || padded) {
      jg_buf_putc(to, left > 2 ? DIGITS[x & 63] : '=');
    }
  }
}

/* The digits of base64 that the secret alone decides when it stands shift bytes
** behind the start of a group of three. */
static int add_shifted(struct jg_endpoint *e, const char *secret, size_t bytes,
                       size_t shift, struct jg_err *err) {
  size_t skip = shift == 0 ? 0 : 3 - shift; /* bytes that share a group */
  struct jg_buf text;
  jg_buf_init(&text, FORM_MAX_BYTES);
  add_base64(&text, secret + skip, bytes - skip, 0);
  add_form(e, &text, (PREFIX_BYTES - skip) / 3 * 4, 1, 1, err);
  jg_buf_dispose(&text);
  return err->code;
}

static int add_hex(struct jg_endpoint *e, const char *secret, size_t bytes,
                   struct jg_err *err) {
  struct jg_buf text;
  jg_buf_init(&text, FORM_MAX_BYTES);
  for (size_t i = 0; i < bytes; i++) {
    jg_buf_printf(&text, "%02x", (unsigned)(unsigned char)secret[i]);
  }
  add_form(e, &text, (size_t)2 * PREFIX_BYTES, 0, 1, err);
  jg_buf_dispose(&text);
  return err->code;
}

/* All forms of a key (promises 1 and 4). */
static int add_key(struct jg_endpoint *e, const char *secret, size_t bytes,
                   struct jg_err *err) {
  struct jg_buf text;
  if (err->code != JG_OK || bytes < SECRET_MIN_BYTES ||
      bytes > SECRET_MAX_BYTES) {
    return err->code;
  }
  jg_buf_init(&text, FORM_MAX_BYTES);
  jg_buf_add(&text, secret, bytes);
  add_form(e, &text, PREFIX_BYTES, 0, 1, err);
  jg_buf_dispose(&text);
  for (size_t shift = 0; shift < 3 && err->code == JG_OK; shift++) {
    add_shifted(e, secret, bytes, shift, err);
  }
  return err->code != JG_OK ? (int)err->code : add_hex(e, secret, bytes, err);
}

/* --- headers ------------------------------------------------------------- */

static int ends_with(const char *name, size_t bytes, const char *end) {
  size_t n = strlen(end);
  return bytes >= n && jg_text_samen(name + bytes - n, n, end, n);
}

static int is_secret_name(const char *name, size_t bytes) {
  return ends_with(name, bytes, "authorization") ||
         ends_with(name, bytes, "-key") || ends_with(name, bytes, "-token");
}

/* The last word of the value: what stands before it is a scheme. */
static int add_header(struct jg_endpoint *e, const char *line,
                      struct jg_err *err) {
  size_t name = strcspn(line, ":");
  const char *value = line[name] == ':' ? line + name + 1 : line + name;
  const char *space = strrchr(value, ' ');
  if (!is_secret_name(line, name)) {
    return err->code;
  }
  value = space == NULL ? value : space + 1;
  return add_key(e, value, strlen(value), err);
}

/* --- proxies ------------------------------------------------------------- */

/* Adds text with its %XX read. */
static void add_decoded(struct jg_buf *to, const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    int value = text[i] == '%' ? hex_number(text + i + 1, text + bytes, 2) : -1;
    jg_buf_putc(to, value < 0 ? text[i] : (char)value);
    i += value < 0 ? 0 : 2;
  }
}

static int add_password(struct jg_endpoint *e, struct jg_buf *text, int base64,
                        struct jg_err *err) {
  size_t bytes = text->len;
  if (bytes >= PASSWORD_MIN_BYTES) {
    add_form(e, text, bytes, base64, bytes >= SECRET_MIN_BYTES, err);
  }
  return err->code;
}

/* The three forms of one variable's password. What is before the last '@' is
** the user's, however odd the rest: libcurl shows what it cannot read. */
static int add_proxy(struct jg_endpoint *e, const char *proxy,
                     struct jg_err *err) {
  const char *user = strstr(proxy, "://"), *at = strrchr(proxy, '@');
  user = user == NULL ? proxy : user + 3;
  const char *colon =
      at == NULL || at < user ? NULL : memchr(user, ':', (size_t)(at - user));
  struct jg_buf raw, plain, pair, basic;
  if (colon == NULL) {
    return err->code;
  }
  jg_buf_init(&raw, FORM_MAX_BYTES);
  jg_buf_init(&plain, FORM_MAX_BYTES);
  jg_buf_init(&pair, FORM_MAX_BYTES);
  jg_buf_init(&basic, FORM_MAX_BYTES);
  jg_buf_add(&raw, colon + 1, (size_t)(at - colon) - 1);
  add_decoded(&plain, colon + 1, (size_t)(at - colon) - 1);
  add_decoded(&pair, user, (size_t)(at - user));
  add_base64(&basic, jg_buf_text(&pair), pair.len, 1);
  if (add_password(e, &raw, 0, err) == JG_OK &&
      add_password(e, &plain, 0, err) == JG_OK) {
    add_password(e, &basic, 1, err);
  }
  jg_buf_dispose(&raw);
  jg_buf_dispose(&plain);
  jg_buf_dispose(&pair);
  jg_buf_dispose(&basic);
  return err->code;
}

/* --- all ----------------------------------------------------------------- */

int jg_mask_add_path(struct jg_endpoint *endpoint, const char *path,
                     size_t bytes, struct jg_err *err) {
  const char *end = path + bytes;
  while (path < end && err->code == JG_OK) {
    const char *slash = memchr(path, '/', (size_t)(end - path));
    size_t n = (size_t)((slash == NULL ? end : slash) - path);
    struct jg_buf text;
    jg_buf_init(&text, FORM_MAX_BYTES);
    jg_buf_add(&text, path, n);
    if (n >= SECRET_MIN_BYTES) {
      add_form(endpoint, &text, n, 0, 0, err);
    }
    jg_buf_dispose(&text);
    path += n + 1;
  }
  return err->code;
}

int jg_mask_collect(struct jg_endpoint *e,
                    const struct jg_environment *environment,
                    struct jg_err *err) {
  static const char *const PROXIES[] = {
      "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  const char *const own[] = {e->aws_secret, e->aws_token};
  for (size_t i = 0; i < 2; i++) {
    add_key(e, own[i], own[i] == NULL ? 0 : strlen(own[i]), err);
  }
  for (size_t i = 0; i < e->header_count && err->code == JG_OK; i++) {
    add_header(e, e->headers[i], err);
  }
  for (size_t i = 0; i < sizeof(PROXIES) / sizeof(PROXIES[0]); i++) {
    const char *proxy = environment->get(environment->ctx, PROXIES[i]);
    if (err->code == JG_OK && proxy != NULL &&
        strlen(proxy) <= SECRET_MAX_BYTES) {
      add_proxy(e, proxy, err);
    }
  }
  return err->code;
}
