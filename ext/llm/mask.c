/*
** Secrets in what comes back (law 9). A server may repeat a key in an error, a
** gateway the headers that it was sent, libcurl the text of a proxy variable
** that it cannot read. Each place where such text enters goes through
** jg_endpoint_mask(), before the text is cut anywhere: see provider.h.
**
**   http_proxy=http://me:pass%21word@proxy:3128   hides "pass%21word",
**   "pass!word", and "bWU6cGFzcyF3b3Jk", which is what the proxy is sent
*/
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "llm/provider.h"

#define SECRET_MIN_BYTES 8
#define SECRET_MAX_BYTES 4096

/* --- overwriting -------------------------------------------------------- */

static int is_secret(const char *line, size_t name_bytes) {
  static const char *const PUBLIC[] = {"Content-Type", "Accept", "User-Agent",
                                       "anthropic-version"};
  for (size_t i = 0; i < sizeof(PUBLIC) / sizeof(PUBLIC[0]); i++) {
    if (jg_text_samen(line, name_bytes, PUBLIC[i], strlen(PUBLIC[i]))) {
      return 0;
    }
  }
  return 1;
}

/* How long the secret is at this place, 0 when it does not stand there. Some
** JSON writers put a backslash before each slash. */
static size_t stands_at(const char *at, const char *end, const char *secret,
                        size_t n) {
  const char *from = at;
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && secret[i] == '/' && end - at > 1 && at[0] == '\\' &&
        at[1] == '/') {
      at++;
    }
    if (at >= end || *at++ != secret[i]) {
      return 0;
    }
  }
  return (size_t)(at - from);
}

static void mask(char *text, size_t bytes, const char *secret, size_t n) {
  char *end = text + bytes;
  if (secret == NULL || n < SECRET_MIN_BYTES) {
    return;
  }
  for (char *at = text; n <= (size_t)(end - at); at++) {
    at = memchr(at, secret[0], (size_t)(end - at) - n + 1);
    if (at == NULL) {
      return;
    }
    memset(at, '*', stands_at(at, end, secret, n));
  }
}

void jg_endpoint_mask(const struct jg_endpoint *endpoint, char *text,
                      size_t bytes) {
  const char *const own[] = {endpoint->aws_secret, endpoint->aws_token};
  for (size_t i = 0; i < 2; i++) {
    mask(text, bytes, own[i], own[i] == NULL ? 0 : strlen(own[i]));
  }
  for (size_t i = 0; i < endpoint->proxy_secret_count; i++) {
    const char *secret = endpoint->proxy_secrets[i];
    mask(text, bytes, secret, strlen(secret));
  }
  for (size_t i = 0; i < endpoint->header_count; i++) {
    const char *line = endpoint->headers[i];
    size_t name = strcspn(line, ":");
    const char *value = line[name] == ':' ? line + name + 1 : line + name;
    value += strspn(value, " \t");
    const char *space = strrchr(value, ' ');
    const char *secret = space == NULL ? value : space + 1;
    if (is_secret(line, name)) {
      mask(text, bytes, secret, strlen(secret));
    }
  }
}

/* --- proxies ------------------------------------------------------------ */

static int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* Adds text with its %XX read. */
static void add_decoded(struct jg_buf *to, const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    if (text[i] == '%' && i + 2 < bytes && hex(text[i + 1]) >= 0 &&
        hex(text[i + 2]) >= 0) {
      jg_buf_putc(to, (char)(hex(text[i + 1]) << 4 | hex(text[i + 2])));
      i += 2;
    } else {
      jg_buf_putc(to, text[i]);
    }
  }
}

static void add_base64(struct jg_buf *to, const char *data, size_t bytes) {
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *in = (const unsigned char *)data;
  for (size_t i = 0; i < bytes; i += 3) {
    size_t left = bytes - i;
    unsigned x = (unsigned)in[i] << 16 |
                 (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                 (left > 2 ? (unsigned)in[i + 2] : 0);
    jg_buf_putc(to, DIGITS[x >> 18]);
    jg_buf_putc(to, DIGITS[x >> 12 & 63]);
    jg_buf_putc(to, left > 1 ? DIGITS[x >> 6 & 63] : '=');
    jg_buf_putc(to, left > 2 ? DIGITS[x & 63] : '=');
  }
}

/* Takes what the buffer holds into the list. */
static int note(struct jg_endpoint *e, struct jg_buf *secret,
                struct jg_err *err) {
  char *text = jg_buf_take(secret, err);
  if (text != NULL) {
    e->proxy_secrets[e->proxy_secret_count++] = text;
  }
  return err->code;
}

/* The three forms of one variable's password. What is before the last '@' is
** the user's, however odd the rest: libcurl shows what it cannot read. */
static int note_proxy(struct jg_endpoint *e, const char *proxy,
                      struct jg_err *err) {
  const char *user = strstr(proxy, "://"), *at = strrchr(proxy, '@');
  user = user == NULL ? proxy : user + 3;
  const char *colon =
      at == NULL ? NULL : memchr(user, ':', (size_t)(at - user));
  struct jg_buf raw, plain, pair, basic;
  if (at == NULL || at < user || colon == NULL) {
    return err->code;
  }
  jg_buf_init(&raw, SECRET_MAX_BYTES);
  jg_buf_init(&plain, SECRET_MAX_BYTES);
  jg_buf_init(&pair, SECRET_MAX_BYTES);
  jg_buf_init(&basic, 2 * SECRET_MAX_BYTES);
  jg_buf_add(&raw, colon + 1, (size_t)(at - colon) - 1);
  add_decoded(&plain, colon + 1, (size_t)(at - colon) - 1);
  add_decoded(&pair, user, (size_t)(at - user));
  add_base64(&basic, jg_buf_text(&pair), pair.len);
  if (note(e, &raw, err) == JG_OK && note(e, &plain, err) == JG_OK) {
    note(e, &basic, err);
  }
  jg_buf_dispose(&raw);
  jg_buf_dispose(&plain);
  jg_buf_dispose(&pair);
  jg_buf_dispose(&basic);
  return err->code;
}

int jg_endpoint_proxies(struct jg_endpoint *endpoint,
                        const struct jg_environment *environment,
                        struct jg_err *err) {
  static const char *const NAMES[] = {"http_proxy", "https_proxy",
                                      "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  const size_t count = sizeof(NAMES) / sizeof(NAMES[0]);
  if (err->code != JG_OK) {
    return err->code;
  }
  endpoint->proxy_secrets = jg_mem_new(3 * count, sizeof(char *), err);
  for (size_t i = 0; i < count && err->code == JG_OK; i++) {
    const char *proxy = environment->get(environment->ctx, NAMES[i]);
    if (proxy != NULL && strlen(proxy) <= SECRET_MAX_BYTES) {
      note_proxy(endpoint, proxy, err);
    }
  }
  return err->code;
}
