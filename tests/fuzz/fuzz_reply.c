/* Replies of model servers: the first byte picks reader and format, the rest is the
** body. A reply has a text or an error, both valid UTF-8; error texts are one
** line; vectors are finite. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "llm/chat.h"
#include "llm/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_chat(const struct jg_wire *wire, const char *body,
                      size_t bytes) {
  struct jg_endpoint endpoint = {.wire = wire};
  struct jg_err err = {0};
  struct jg_reply reply;
  if (jg_chat_reply(&endpoint, body, bytes, &reply, &err) == JG_OK) {
    assert((reply.text == NULL) != (reply.error_code == NULL));
    assert((reply.error_code == NULL) == (reply.error_message == NULL));
    const char *words = reply.text ? reply.text : reply.error_message;
    assert(jg_text_is_utf8(words, strlen(words)));
    assert(reply.text == NULL || reply.text[0] != '\0');
    assert(reply.input_tokens >= -1 && reply.output_tokens >= -1);
    jg_reply_dispose(&reply);
  }
}

static void read_error(const char *body, size_t bytes) {
  struct jg_buf to;
  jg_buf_init(&to, 1 << 16);
  jg_chat_error_text(503, body, bytes, &to);
  const char *text = jg_buf_text(&to);
  assert(to.failed == JG_OK && to.len < 400);
  assert(jg_text_is_utf8(text, to.len) && strchr(text, '\n') == NULL);
  jg_buf_dispose(&to);
}

static void read_embeddings(const struct jg_wire *wire, const char *body,
                            size_t bytes, size_t count) {
  struct jg_endpoint endpoint = {.wire = wire};
  struct jg_err err = {0};
  float *vectors = NULL;
  size_t dim = 0;
  int64_t tokens;
  if (jg_embed_reply(&endpoint, body, bytes, count, &vectors, &dim, &tokens,
                     &err) == JG_OK) {
    assert(dim > 0);
    for (size_t i = 0; i < count * dim; i++) {
      assert(isfinite(vectors[i]));
    }
  } else {
    assert(vectors == NULL && err.text[0] != '\0');
  }
  jg_mem_free(vectors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  static const struct jg_wire *const WIRES[] = {
      &jg_wire_openai, &jg_wire_anthropic, &jg_wire_bedrock, &jg_wire_ollama};
  const struct jg_wire *wire = WIRES[data[0] / 16 % 4];
  const char *body = (const char *)data + 1;
  if (data[0] % 4 == 0) {
    read_error(body, size - 1);
  } else if (data[0] % 4 == 1) {
    read_embeddings(wire, body, size - 1, 1 + data[0] / 4 % 3);
  } else {
    read_chat(wire, body, size - 1);
  }
  return 0;
}
