/* What judge_config('allow_host') takes, and an address that it may allow: the
** first line of the input is the rules, the second the address. What allows an
** address by its own words allows nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "llm/hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rule made from an address covers it, and no other port of it. */
static void check_rule(struct jg_url url) {
  char rule[JG_HOSTS_RULE_BYTES];
  struct jg_hosts hosts;
  struct jg_err err = {0};
  jg_hosts_rule(&url, rule);
  if (jg_hosts_read(rule, strlen(rule), &hosts, &err) != JG_OK) {
    abort();
  }
  if (jg_hosts_find(&hosts, "openai", &url) != JG_ALLOWED_KEYLESS) {
    abort();
  }
  url.port = url.port == 1 ? 2 : url.port - 1;
  if (jg_hosts_find(&hosts, "openai", &url) != JG_ALLOWED_NOT) {
    abort();
  }
  jg_hosts_dispose(&hosts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_err err = {0};
  char *text = jg_mem_textn((const char *)data, size, &err);
  if (text == NULL) {
    return 0;
  }
  char *address = strchr(text, '\n');
  struct jg_hosts hosts;
  struct jg_url url;
  if (address != NULL) {
    *address++ = '\0';
  }
  int read = jg_hosts_read(text, strlen(text), &hosts, &err) == JG_OK;
  struct jg_err why = {0};
  if (address != NULL &&
      jg_url_parse("base_url", address, &url, &why) == JG_OK) {
    check_rule(url);
    if (read) {
      jg_hosts_find(&hosts, "openai", &url);
    }
  }
  jg_hosts_dispose(&hosts);
  jg_mem_free(text);
  return 0;
}
