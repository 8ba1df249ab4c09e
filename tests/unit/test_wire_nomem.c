/* Each allocation of the client failing in turn: out of memory is said, and
** nothing is kept (the sanitized build finds what leaks). */
#include <string.h>

#include "core/mem.h"
#include "llm/forms.h"
#include "llm/hosts.h"
#include "llm/limiter.h"
#include "llm/sigv4.h"
#include "unit.h"

static const struct jg_wire *const WIRES[] = {
    &jg_wire_openai, &jg_wire_anthropic, &jg_wire_bedrock, &jg_wire_ollama};
static const char *const REPLIES[] = {
    "{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":[{\"text\":\"a\"}]"
    "}}]}",
    "{\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"input\":{\"a\":1}}]"
    "}",
    "{\"output\":{\"message\":{\"content\":[{\"text\":\"hi\"}]}}}",
    "{\"message\":{\"content\":\"\"}}"};

TEST(wire_nomem_bodies_and_replies) {
  unit_hook_cjson(1);
  for (size_t i = 0; i < 4; i++) {
    struct jg_endpoint e = {.model = "m",
                            .model_uri = "p:/m",
                            .wire = WIRES[i],
                            .max_tokens_key = "max_tokens"};
    struct jg_turn turn = {"u1", "a1"};
    struct jg_chat chat = {.system = "s",
                           .user = "u",
                           .schema = "{\"type\":\"object\"}",
                           .schema_name = "verdict",
                           .inference_params = "{\"temperature\":0,\"a\":1}",
                           .turns = &turn,
                           .turn_count = 1,
                           .allow_params = "[\"a\"]"};
    for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
      struct jg_err err = {0};
      struct jg_buf body, form, limited;
      struct jg_reply reply = {0};
      jg_buf_init(&body, 1 << 20);
      jg_buf_init(&form, 1 << 20);
      jg_buf_init(&limited, 1 << 20);
      unit_fail_allocation(n);
      if (jg_chat_body(&e, &chat, &body, &err) == JG_OK &&
          jg_chat_form(&e, jg_buf_text(&body), JG_FORM_OBJECT, &form, &err) ==
              JG_OK &&
          jg_chat_limit(&e, jg_buf_text(&form), 9, &limited, &err) == JG_OK) {
        jg_chat_reply(&e, REPLIES[i], strlen(REPLIES[i]), &reply, &err);
      }
      CHECK(err.code == JG_NOMEM || err.code == JG_OK);
      CHECK(err.code == JG_OK || reply.text == NULL);
      jg_reply_dispose(&reply);
      jg_buf_dispose(&limited);
      jg_buf_dispose(&form);
      jg_buf_dispose(&body);
    }
  }
  unit_hook_cjson(0);
  unit_fail_allocation(0);
}

static const char *get_env(void *ctx, const char *name) {
  (void)ctx;
  return strstr(name, "OPENAI_API_BASE") != NULL ||
                 strstr(name, "ENDPOINT") != NULL
             ? "http://127.0.0.1/v1"
         : strstr(name, "BASE") != NULL ? NULL
                                        : "a-text";
}

TEST(wire_nomem_endpoints) {
  static const struct {
    const char *uri, *base_url;
  } CASES[] = {{"openai:/m", NULL},
               {"bedrock:/m:0", NULL},
               {"azure:/m", NULL},
               {"groq:/m", "https://a.example/v1"},
               {"groq:/m", "http://b.example:8/v1"}};
  static const char ALLOWED[] = "[\"a.example\", \"groq=http://b.example:8\"]";
  unit_hook_cjson(1);
  for (size_t i = 0; i < 5; i++) {
    for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
      struct jg_err err = {0};
      struct jg_endpoint e = {0};
      struct jg_hosts hosts = {0};
      struct jg_environment environment = {get_env, NULL, NULL, &hosts};
      unit_fail_allocation(n);
      int code = jg_hosts_read(ALLOWED, strlen(ALLOWED), &hosts, &err);
      if (code == JG_OK) {
        code = jg_endpoint_resolve(CASES[i].uri, JG_ENDPOINT_CHAT,
                                   CASES[i].base_url, "{\"X-A\":\"b\"}",
                                   &environment, &e, &err);
      }
      CHECK_TEXT(err.text, code == JG_OK ? "" : "out of memory");
      CHECK(code == JG_OK || e.url == NULL);
      jg_endpoint_dispose(&e);
      jg_hosts_dispose(&hosts);
    }
  }
  unit_hook_cjson(0);
  unit_fail_allocation(0);
}

TEST(wire_nomem_what_is_learned) {
  struct jg_endpoint a = {.url = "u", .model = "m", .host = "h"};
  for (long n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_forms forms = {0};
    struct jg_limiters limiters = {0};
    struct jg_err err = {0};
    char *lines[JG_SIGV4_LINES] = {NULL};
    size_t count = 0;
    struct jg_sigv4 q = {"id",          "secret", "token", "r", "s",
                         "https://h/p", "{}",     2,       0};
    unit_fail_allocation(n);
    int form = jg_forms_next(&forms, &a, JG_FORM_SCHEMA, &err);
    CHECK(form == JG_FORM_OBJECT || (form == -1 && err.code == JG_NOMEM));
    if (err.code == JG_OK) {
      jg_limiters_host(&limiters, "h", &err);
    }
    if (err.code == JG_OK) {
      jg_sigv4_sign(&q, lines, &count, &err);
    }
    CHECK(err.code == JG_OK || err.code == JG_NOMEM);
    for (size_t i = 0; i < count; i++) {
      jg_mem_free(lines[i]);
    }
    jg_limiters_dispose(&limiters);
    jg_forms_dispose(&forms);
  }
  unit_fail_allocation(0);
}
