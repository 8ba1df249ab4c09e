/* Reading a URL: see url.h. Rebuilding it from the parts is the caller's, so
** that curl never sees a text that was not understood here. */
#include "llm/url.h"

#include <assert.h>
#include <string.h>

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

static int is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

static int is_host_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
         c == '_';
}

/* Length of the scheme with "://", or 0. */
static size_t read_scheme(const char *text, int *https) {
  static const char NAME[] = "https";
  size_t i = 0;
  while (i < 5 && lower(text[i]) == NAME[i]) {
    i++;
  }
  if (i < 4 || strncmp(text + i, "://", 3) != 0) {
    return 0;
  }
  *https = i == 5;
  return i + 3;
}

/* Bytes of the host at text, or 0 when it is not one. */
static size_t read_host(const char *text, char host[JG_URL_HOST_BYTES]) {
  size_t n = 0;
  int bracket = text[0] == '[';
  for (;; n++) {
    char c = lower(text[n]);
    int fits = bracket ? is_hex(c) || c == ':' || c == '.' : is_host_char(c);
    if (n == 0 && bracket) {
      fits = 1;
    }
    if (!fits || n + 2 >= JG_URL_HOST_BYTES) {
      break;
    }
    host[n] = c;
  }
  if (bracket) {
    if (text[n] != ']' || n < 3) {
      return 0;
    }
    host[n++] = ']';
  }
  host[n] = '\0';
  return n;
}

/* Reads ":port"; bytes read, or -1. */
static int read_port(const char *text, int *port) {
  int n = 1, value = 0;
  while (is_digit(text[n]) && n <= 5) {
    value = value * 10 + (text[n] - '0');
    n++;
  }
  if (n == 1 || value < 1 || value > 65535) {
    return -1;
  }
  *port = value;
  return n;
}

/* Path characters: RFC 3986 pchar and "/", less what stands for a query, a
** fragment or a second reading. */
static int is_path(const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c <= ' ' || c >= 127 || strchr("\\?#\"<>^`{}|", c) != NULL) {
      return 0;
    }
  }
  return 1;
}

int jg_url_parse(const char *what, const char *text, struct jg_url *out,
                 struct jg_err *err) {
  memset(out, 0, sizeof(*out));
  size_t at = read_scheme(text, &out->https);
  if (at == 0) {
    return jg_err_set(err, JG_ERROR, "%s must begin with http:// or https://",
                      what);
  }
  size_t authority = strcspn(text + at, "/\\?#");
  if (memchr(text + at, '@', authority) != NULL) {
    return jg_err_set(err, JG_ERROR,
                      "%s must not hold a user name or password (an @ before "
                      "the path)",
                      what);
  }
  size_t host = read_host(text + at, out->host);
  if (host == 0) {
    return jg_err_set(err, JG_ERROR, "%s names no valid host", what);
  }
  at += host;
  out->port = out->https ? 443 : 80;
  if (text[at] == ':') {
    int bytes = read_port(text + at, &out->port);
    if (bytes < 0) {
      return jg_err_set(err, JG_ERROR, "%s has no valid port (1 to 65535)",
                        what);
    }
    at += (size_t)bytes;
  }
  out->path = text + at;
  out->path_bytes = strlen(out->path);
  if ((out->path_bytes > 0 && out->path[0] != '/') ||
      !is_path(out->path, out->path_bytes)) {
    return jg_err_set(err, JG_ERROR,
                      "%s must be of the form http(s)://host[:port][/path], "
                      "without query, fragment, spaces or other signs",
                      what);
  }
  assert(out->host[0] != '\0' && out->port >= 1 && out->port <= 65535);
  while (out->path_bytes > 0 && out->path[out->path_bytes - 1] == '/') {
    out->path_bytes--;
  }
  return JG_OK;
}

int jg_url_default_port(const struct jg_url *url) {
  return url->port == (url->https ? 443 : 80);
}

/* Four decimal numbers up to 255 and nothing else: what reads otherwise may be
** a name that leads anywhere. */
int jg_url_is_loopback(const struct jg_url *url) {
  const char *at = url->host;
  if (strcmp(at, "localhost") == 0 || strcmp(at, "[::1]") == 0) {
    return 1;
  }
  if (strncmp(at, "127.", 4) != 0) {
    return 0;
  }
  int parts = 0;
  for (;; at++) {
    int value = 0, digits = 0;
    for (; is_digit(*at) && digits < 4; at++, digits++) {
      value = value * 10 + (*at - '0');
    }
    if (digits == 0 || digits > 3 || value > 255) {
      return 0;
    }
    parts++;
    if (*at != '.') {
      return *at == '\0' && parts == 4;
    }
  }
}
