/* Inference parameters: the first byte picks the wire format, the first line is
** what the connection allows, the rest a judge's parameters. What passes makes a
** body that is JSON, with one limit at most. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "llm/chat.h"
#include "llm/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_params(const struct jg_wire *wire, const char *allowed,
                       const char *params) {
  struct jg_endpoint e = {.model = (char *)"m", .wire = wire};
  struct jg_chat chat = {
      .user = "u", .inference_params = params, .allow_params = allowed};
  struct jg_err err = {0};
  struct jg_json *root = NULL;
  struct jg_buf body;
  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_chat_body(&e, &chat, &body, &err) == JG_OK) {
    assert(jg_json_parse(jg_buf_text(&body), body.len, &root, &err) == JG_OK);
    assert(jg_json_get(root, "tools") == NULL);
    assert(jg_json_get(root, "n") == NULL || allowed != NULL);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_json_free(root);
  jg_buf_dispose(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const WIRES[] = {"openai", "anthropic", "bedrock",
                                      "ollama"};
  struct jg_err err = {0};
  if (size == 0) {
    return 0;
  }
  char *text = jg_mem_textn((const char *)data + 1, size - 1, &err);
  char *params = text == NULL ? NULL : strchr(text, '\n');
  if (params != NULL) {
    *params++ = '\0';
    char *allowed = jg_params_allow(text, strlen(text), &err);
    try_params(jg_wire_find(WIRES[data[0] % 4]), allowed, params);
    jg_mem_free(allowed);
  }
  jg_mem_free(text);
  return 0;
}
