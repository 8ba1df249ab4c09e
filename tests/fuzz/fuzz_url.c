/* URLs of model servers: the input is the text. What is taken has a host, a port
** and a path of the characters that url.h promises, and means the same when it
** is put together again. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "llm/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const struct jg_url *url, const char *text) {
  size_t host = strlen(url->host);
  assert(host > 0 && host < JG_URL_HOST_BYTES);
  for (size_t i = 0; i < host; i++) {
    unsigned char c = (unsigned char)url->host[i];
    assert(c > ' ' && c < 127 && !(c >= 'A' && c <= 'Z'));
    assert(strchr("/@?#%\\", c) == NULL);
  }
  assert((url->host[0] == '[') == (url->host[host - 1] == ']'));
  assert(url->port >= 1 && url->port <= 65535);
  assert(url->path >= text &&
         url->path + url->path_bytes <= strchr(text, '\0'));
  assert(url->path_bytes == 0 || url->path[0] == '/');
  assert(url->path_bytes == 0 || url->path[url->path_bytes - 1] != '/');
  for (size_t i = 0; i < url->path_bytes; i++) {
    unsigned char c = (unsigned char)url->path[i];
    assert(c > ' ' && c < 127 && strchr("?#\\", c) == NULL);
  }
  if (jg_url_is_loopback(url)) {
    assert(strcmp(url->host, "localhost") == 0 ||
           strcmp(url->host, "[::1]") == 0 ||
           (strncmp(url->host, "127.", 4) == 0 && host <= 15));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_url url, again;
  struct jg_err err = {0};
  char *text = malloc(size + 1), *whole = malloc(size + 400);
  if (text != NULL && whole != NULL) {
    memcpy(text, data, size);
    text[size] = '\0';
    if (jg_url_parse("base_url", text, &url, &err) == JG_OK) {
      check_parts(&url, text);
      snprintf(whole, size + 400, "http%s://%s:%d%.*s", url.https ? "s" : "",
               url.host, url.port, (int)url.path_bytes, url.path);
      int code = jg_url_parse("base_url", whole, &again, &err);
      assert(code == JG_OK);
      assert(again.https == url.https && again.port == url.port);
      assert(strcmp(again.host, url.host) == 0);
      assert(again.path_bytes == url.path_bytes);
      assert(memcmp(again.path, url.path, url.path_bytes) == 0);
    } else {
      assert(strncmp(err.text, "base_url ", 9) == 0);
    }
  }
  free(text);
  free(whole);
  return 0;
}
