/*
** Chat replies: what a server answered, or why it cannot be used. Whatever
** arrives, the outcome is a text or an error code, never a crash.
*/
#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "llm/chat.h"
#include "llm/wire.h"

#define EXCERPT_BYTES 300
#define TEXT_LIMIT_BYTES ((size_t)16 << 20)

/* Sets the error of a reply; the text goes through excerpts only. */
static int fail(struct jg_reply *out, const char *code, const char *message,
                struct jg_err *err) {
  jg_mem_free(out->text);
  jg_mem_free(out->error_code);
  jg_mem_free(out->error_message);
  out->text = NULL;
  out->error_code = jg_mem_text(code, err);
  out->error_message = jg_mem_text(message, err);
  return err->code;
}

/* Adds at most EXCERPT_BYTES of a text as one clean line. */
static void add_excerpt(struct jg_buf *to, const char *text, size_t bytes) {
  size_t shown = bytes > EXCERPT_BYTES ? EXCERPT_BYTES : bytes;
  if (jg_text_is_utf8(text, bytes)) {
    shown = jg_text_cut(text, bytes, EXCERPT_BYTES);
  }
  int utf8 = jg_text_is_utf8(text, shown);
  for (size_t i = 0; i < shown; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < ' ' || c == 127) {
      jg_buf_putc(to, ' ');
    } else {
      jg_buf_putc(to, c >= 128 && !utf8 ? '?' : (char)c);
    }
  }
  if (shown < bytes) {
    jg_buf_puts(to, "...");
  }
}

int64_t jg_reply_tokens(const struct jg_json *usage, const char *name) {
  int64_t count;
  if (jg_json_int(jg_json_get(usage, name), &count) && count >= 0) {
    return count;
  }
  return -1;
}

/* The words of an error object, in the shapes that servers use. */
static const char *error_words(const struct jg_json *root) {
  const struct jg_json *error = jg_json_get(root, "error");
  const char *words = jg_json_text(error);
  static const char *const KEYS[] = {"message", "detail", "error_message"};
  for (size_t i = 0; words == NULL && i < 3; i++) {
    words = jg_json_text(jg_json_get(error, KEYS[i]));
  }
  for (size_t i = 0; words == NULL && i < 3; i++) {
    words = jg_json_text(jg_json_get(root, KEYS[i]));
  }
  return words;
}

/* The text after a leading <think> block; NULL when the block does not end. */
static const char *after_thinking(const char *text) {
  const char *start = text + strspn(text, " \t\r\n");
  if (strncmp(start, "<think>", 7) != 0) {
    return text;
  }
  const char *end = strstr(start, "</think>");
  return end == NULL ? NULL : end + 8 + strspn(end + 8, " \t\r\n");
}

int jg_reply_fail(struct jg_reply *out, const char *code, const char *what,
                  const char *text, struct jg_err *err) {
  struct jg_buf message;
  jg_buf_init(&message, TEXT_LIMIT_BYTES);
  jg_buf_puts(&message, what);
  if (text != NULL && text[0] != '\0') {
    jg_buf_puts(&message, ": ");
    add_excerpt(&message, text, strlen(text));
  }
  if (jg_buf_check(&message, err) == JG_OK) {
    fail(out, code, jg_buf_text(&message), err);
  }
  jg_buf_dispose(&message);
  return err->code;
}

int jg_reply_take(const struct jg_finding *f, struct jg_reply *out,
                  struct jg_err *err) {
  const char *answer = after_thinking(f->text);
  if (f->refusal != NULL && f->refusal[0] != '\0') {
    return jg_reply_fail(out, "REFUSAL", "the model refused to answer",
                         f->refusal, err);
  }
  if (f->filtered) {
    return jg_reply_fail(out, "REFUSAL",
                         "the provider's content filter held the answer back",
                         NULL, err);
  }
  if (answer == NULL || f->cut) {
    return jg_reply_fail(out, "LENGTH",
                         "the answer was cut off by the limit of output tokens",
                         f->text, err);
  }
  if (answer[strspn(answer, " \t\r\n")] == '\0' && f->tool) {
    return jg_reply_fail(out, "TOOL_CALL",
                         "the model called a tool instead of answering", NULL,
                         err);
  }
  if (answer[strspn(answer, " \t\r\n")] == '\0') {
    return jg_reply_fail(out, "EMPTY", "the model's answer is empty", NULL,
                         err);
  }
  out->text = jg_mem_text(answer, err);
  return err->code;
}

static int read_root(const struct jg_endpoint *endpoint,
                     const struct jg_json *root, struct jg_reply *out,
                     struct jg_err *err) {
  const char *words = error_words(root);
  out->model = jg_mem_text(jg_json_text(jg_json_get(root, "model")), err);
  if (err->code != JG_OK ||
      jg_wire_of(endpoint)->reply(root, out, err) != JG_OK) {
    return err->code;
  }
  if (jg_json_type(jg_json_get(root, "error")) != JG_JSON_NULL) {
    return jg_reply_fail(out, "PROVIDER_ERROR",
                         "the server answered 200 with an error", words, err);
  }
  if (out->error_code != NULL && words != NULL &&
      strcmp(out->error_code, "EMPTY") == 0) {
    return jg_reply_fail(out, "EMPTY", "the reply holds no answer", words, err);
  }
  return err->code;
}

int jg_chat_reply(const struct jg_endpoint *endpoint, const char *body,
                  size_t bytes, struct jg_reply *out, struct jg_err *err) {
  struct jg_err bad = {0};
  struct jg_json *root = NULL;
  memset(out, 0, sizeof(*out));
  out->input_tokens = out->output_tokens = out->cached_tokens = -1;
  if (bytes >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0) {
    body += 3; /* a byte order mark, which some proxies add */
    bytes -= 3;
  }
  int code = jg_json_parse(bytes == 0 ? "" : body, bytes, &root, &bad);
  if (code == JG_NOMEM) {
    jg_err_nomem(err);
  } else if (code != JG_OK) {
    jg_reply_fail(out, "INVALID_JSON", "the reply is not valid JSON", bad.text,
                  err);
  } else if (jg_json_type(root) != JG_JSON_OBJECT) {
    jg_reply_fail(out, "INVALID_JSON", "the reply is not a JSON object", NULL,
                  err);
  } else {
    read_root(endpoint, root, out, err);
  }
  jg_json_free(root);
  if (err->code != JG_OK) {
    jg_reply_dispose(out);
  }
  return err->code;
}

void jg_chat_error_text(int status, const char *body, size_t bytes,
                        struct jg_buf *to) {
  struct jg_err bad = {0};
  struct jg_json *root = NULL;
  const char *words = NULL;
  jg_buf_printf(to, "HTTP %d", status);
  if (bytes > 0 && jg_json_parse(body, bytes, &root, &bad) == JG_OK) {
    words = error_words(root);
  }
  if (words != NULL) {
    jg_buf_puts(to, ": ");
    add_excerpt(to, words, strlen(words));
  } else if (bytes > 0) {
    jg_buf_puts(to, ": ");
    add_excerpt(to, body, bytes);
  }
  jg_json_free(root);
}

void jg_reply_dispose(struct jg_reply *reply) {
  jg_mem_free(reply->text);
  jg_mem_free(reply->model);
  jg_mem_free(reply->error_code);
  jg_mem_free(reply->error_message);
  memset(reply, 0, sizeof(*reply));
}
