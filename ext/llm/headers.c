/* See headers.h. */
#include "llm/headers.h"

#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"

#define HEADER_LIMIT_BYTES 16384

static int is_header_name(const char *name) {
  for (const char *c = name; *c != '\0'; c++) {
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
          (*c >= '0' && *c <= '9') || strchr("!#$%&'*+-.^_`|~", *c) != NULL)) {
      return 0;
    }
  }
  return name[0] != '\0';
}

/* Headers that frame the request are curl's alone. */
static int is_framing(const char *name) {
  static const char *const NAMES[] = {"Host", "Content-Length", "Connection",
                                      "Transfer-Encoding", "Expect"};
  for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
    if (jg_text_same(name, NAMES[i])) {
      return 1;
    }
  }
  return 0;
}

int jg_headers_is_line(const char *text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    unsigned char c = (unsigned char)text[i];
    if ((c < ' ' && c != '\t') || c == 127) {
      return 0;
    }
  }
  return 1;
}

int jg_headers_set(struct jg_endpoint *out, const char *name,
                   const char *prefix, const char *value, size_t bytes,
                   struct jg_err *err) {
  size_t name_bytes = strlen(name), at = 0;
  for (; at < out->header_count; at++) {
    const char *line = out->headers[at];
    if (line[strcspn(line, ":")] != '\0' &&
        jg_text_samen(line, strcspn(line, ":"), name, name_bytes)) {
      break;
    }
  }
  if (at == JG_HEADERS_MAX) {
    return jg_err_set(err, JG_ERROR, "too many headers (at most %d)",
                      JG_HEADERS_MAX);
  }
  struct jg_buf line;
  jg_buf_init(&line, HEADER_LIMIT_BYTES);
  jg_buf_printf(&line, "%s: %s", name, prefix);
  jg_buf_add(&line, value, bytes);
  char *text = jg_buf_take(&line, err);
  jg_buf_dispose(&line);
  if (text == NULL) {
    return err->code;
  }
  if (at < out->header_count) {
    jg_mem_free(out->headers[at]);
  } else {
    out->header_count++;
  }
  out->headers[at] = text;
  return JG_OK;
}

int jg_headers_add_json(struct jg_endpoint *out, const char *json,
                        struct jg_err *err) {
  struct jg_json *root = NULL;
  if (jg_json_parse(json, strlen(json), &root, err) != JG_OK) {
    return err->code;
  }
  if (jg_json_type(root) != JG_JSON_OBJECT) {
    jg_err_set(err, JG_ERROR, "extra_headers must be a JSON object of texts");
  }
  const struct jg_json *item = jg_json_first(root);
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    const char *name = jg_json_key(item), *value = jg_json_text(item);
    if (value == NULL || !is_header_name(name) || is_framing(name) ||
        !jg_headers_is_line(value, strlen(value))) {
      jg_err_set(err, JG_ERROR,
                 "extra_headers: '%s' is not a header that can be set to a "
                 "text of one line",
                 name);
    } else {
      jg_headers_set(out, name, "", value, strlen(value), err);
    }
  }
  jg_json_free(root);
  return err->code;
}
