/* Failures in the user's terms: see advice.h. */
#include "llm/advice.h"

#include <string.h>

#include "core/text.h"

/* Does text hold one of the words, ASCII case aside? */
static int says(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    size_t n = strlen(words[i]);
    for (const char *at = text; strlen(at) >= n; at++) {
      if (jg_text_samen(at, n, words[i], n)) {
        return 1;
      }
    }
  }
  return 0;
}

int jg_advice_is_overflow(int status, const char *text) {
  static const char *const WORDS[] = {"context length",
                                      "context_length",
                                      "maximum context",
                                      "context window",
                                      "prompt is too long",
                                      "input is too long",
                                      "too many tokens",
                                      "token limit",
                                      "exceeds the maximum number of",
                                      "request too large",
                                      "too many input tokens"};
  return status == 413 || ((status == 400 || status == 422) &&
                           says(text, WORDS, sizeof(WORDS) / sizeof(WORDS[0])));
}

static void add_overflow(size_t bytes, size_t trace_bytes, struct jg_buf *to) {
  jg_buf_printf(to, " (the request has %zu characters, about %zu tokens", bytes,
                bytes / 4);
  if (trace_bytes > 0) {
    jg_buf_printf(to, "; the trace has %zu of them", trace_bytes);
  }
  jg_buf_puts(to, ": shorten the trace, show fewer examples, or take a model "
                  "with a larger context)");
}

static void add_status(const struct jg_endpoint *e, int status, size_t bytes,
                       size_t trace_bytes, struct jg_buf *to) {
  const char *key = e->key_env[0] == '\0' ? NULL : e->key_env;
  if (jg_advice_is_overflow(status, jg_buf_text(to))) {
    add_overflow(bytes, trace_bytes, to);
  } else if ((status == 401 || status == 403) && e->key_rule != NULL) {
    jg_buf_printf(to,
                  " (no key was sent: SELECT judge_config('allow_host', '%s') "
                  "lets it go there)",
                  e->key_rule);
  } else if ((status == 401 || status == 403) && key != NULL) {
    jg_buf_printf(to,
                  " (is the key right? it comes from the environment variable "
                  "%s)",
                  key);
  } else if (status == 404) {
    jg_buf_printf(to, " (is there a model '%s' at %s?)",
                  e->model == NULL ? "" : e->model,
                  e->url == NULL ? "" : e->url);
  } else if (status >= 300 && status < 400) {
    jg_buf_puts(to, " (redirects are not followed)");
  }
}

static void add_code(const struct jg_endpoint *e, const char *code,
                     struct jg_buf *to) {
  if (strcmp(code, "TIMEOUT") == 0) {
    jg_buf_puts(to, " (SELECT judge_config('timeout_s', ...) sets how long a "
                    "request may take)");
  } else if (strcmp(code, "CONNECT") == 0 || strcmp(code, "DNS") == 0) {
    jg_buf_printf(to, " (is the server at %s up, and the name right?)",
                  e->host == NULL ? "" : e->host);
  } else if (strcmp(code, "TLS") == 0) {
    jg_buf_puts(to, " (a certificate of one's own: set SSL_CERT_FILE)");
  } else if (strcmp(code, "TOO_LARGE") == 0) {
    jg_buf_puts(to, " (a model's answer is never that long: is it one?)");
  }
}

void jg_advice_add(const struct jg_endpoint *endpoint, int status,
                   const char *code, size_t body_bytes, size_t trace_bytes,
                   struct jg_buf *to) {
  if (strncmp(code, "HTTP_", 5) == 0) {
    add_status(endpoint, status, body_bytes, trace_bytes, to);
  } else {
    add_code(endpoint, code, to);
  }
}
