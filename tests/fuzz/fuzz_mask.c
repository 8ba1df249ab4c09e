/* What a server sends back, searched for secrets: masking changes no length,
** leaves no whole secret, and does nothing the second time. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "llm/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get_env(void *ctx, const char *name) {
  (void)ctx;
  return strcmp(name, "OPENAI_API_KEY") == 0    ? "sk-abc/DEF+ghi=&\"%\\67"
         : strcmp(name, "OPENAI_BASE_URL") == 0 ? "https://a/0123456789abcdef"
         : strcmp(name, "http_proxy") == 0      ? "http://me:pass%21word@p"
                                                : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_environment environment = {get_env, NULL, NULL, NULL};
  struct jg_endpoint e;
  struct jg_err err = {0};
  char *text = jg_mem_textn((const char *)data, size, &err);
  char *again = jg_mem_textn((const char *)data, size, &err);
  int code = jg_endpoint_resolve("openai:/m", JG_ENDPOINT_CHAT, NULL, NULL,
                                 &environment, &e, &err);
  assert(code == JG_OK);
  jg_mask_is_in(&e, text, size);
  jg_mask_error(&e, text, size);
  assert(!jg_mask_is_in(&e, text, size));
  memcpy(again, text, size);
  jg_mask_error(&e, again, size);
  assert(memcmp(text, again, size) == 0);
  for (size_t i = 0; i < size; i++) {
    assert(text[i] == '*' || text[i] == (char)data[i]);
  }
  jg_endpoint_dispose(&e);
  jg_mem_free(again);
  jg_mem_free(text);
  return 0;
}
