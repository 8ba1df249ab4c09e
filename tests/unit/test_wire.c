/*
** Requests and replies of each wire format, pinned to what the providers'
** public API documents show (named in ext/llm/wire_*.c).
*/
#include <string.h>

#include "core/mem.h"
#include "llm/wire.h"
#include "unit.h"

#define ALLOWED "[\"additionalModelRequestFields\",\"keep_alive\"]"
#define SCHEMA "{\"type\":\"object\"}"

static char *body_of(const struct jg_wire *wire, const char *system,
                     const char *schema, const char *params) {
  struct jg_endpoint e = {.model = "m1", .model_uri = "p:/m1", .wire = wire};
  struct jg_chat chat = {system, "hello", schema, "verdict", params,
                         NULL,   0,       0,      ALLOWED};
  struct jg_err err = {0};
  struct jg_buf to;
  jg_buf_init(&to, 1 << 20);
  char *text = NULL;
  if (jg_chat_body(&e, &chat, &to, &err) == JG_OK) {
    text = jg_buf_take(&to, &err);
  }
  jg_buf_dispose(&to);
  return text;
}

TEST(wire_bodies) {
  static const struct {
    const struct jg_wire *wire;
    const char *system, *schema, *params, *body; /* NULL: refused */
  } CASES[] = {
      {&jg_wire_anthropic, "be fair", SCHEMA, NULL,
       "{\"model\":\"m1\",\"max_tokens\":8192,\"system\":\"be fair\","
       "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"tools\":[{"
       "\"name\":\"verdict\",\"description\":\"Takes the answer.\","
       "\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":{\"type\":"
       "\"tool\",\"name\":\"verdict\"}}"},
      {&jg_wire_anthropic, NULL, NULL,
       "{\"max_tokens\":50,\"temperature\":0,\"stop_sequences\":[\"x\"]}",
       "{\"model\":\"m1\",\"messages\":[{\"role\":\"user\",\"content\":"
       "\"hello\"}],\"max_tokens\":50,\"temperature\":0,\"stop_sequences\":["
       "\"x\"]}"},
      {&jg_wire_anthropic, NULL, NULL, "{\"tool_choice\":{}}", NULL},
      {&jg_wire_bedrock, "be fair", SCHEMA, NULL,
       "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hello\"}]}],"
       "\"system\":[{\"text\":\"be fair\"}],\"toolConfig\":{\"tools\":[{"
       "\"toolSpec\":{\"name\":\"verdict\",\"description\":\"Takes the "
       "answer.\",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}}],"
       "\"toolChoice\":{\"tool\":{\"name\":\"verdict\"}}}}"},
      {&jg_wire_bedrock, NULL, NULL,
       "{\"temperature\":0,\"max_tokens\":9,\"inferenceConfig\":{\"topP\":1},"
       "\"additionalModelRequestFields\":{\"k\":5}}",
       "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hello\"}]}],"
       "\"inferenceConfig\":{\"maxTokens\":9,\"temperature\":0,\"topP\":1},"
       "\"additionalModelRequestFields\":{\"k\":5}}"},
      {&jg_wire_bedrock, NULL, NULL, "{\"toolConfig\":{}}", NULL},
      {&jg_wire_ollama, "be fair", SCHEMA, NULL,
       "{\"model\":\"m1\",\"messages\":[{\"role\":\"system\",\"content\":\"be "
       "fair\"},{\"role\":\"user\",\"content\":\"hello\"}],\"stream\":false,"
       "\"format\":{\"type\":\"object\"}}"},
      {&jg_wire_ollama, NULL, NULL,
       "{\"temperature\":0,\"max_tokens\":7,\"options\":{\"num_ctx\":4096},"
       "\"keep_alive\":\"5m\"}",
       "{\"model\":\"m1\",\"messages\":[{\"role\":\"user\",\"content\":"
       "\"hello\"}],\"stream\":false,\"options\":{\"temperature\":0,"
       "\"num_predict\":7,\"num_ctx\":4096},\"keep_alive\":\"5m\"}"},
      {&jg_wire_ollama, NULL, NULL, "{\"stream\":true}", NULL},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    char *body = body_of(CASES[i].wire, CASES[i].system, CASES[i].schema,
                         CASES[i].params);
    CHECK_TEXT(body, CASES[i].body);
    jg_mem_free(body);
  }
}

/* Earlier exchanges stand before the message, after the system message. */
TEST(wire_turns) {
  static const struct {
    const struct jg_wire *wire;
    const char *messages;
  } CASES[] = {
      {&jg_wire_openai,
       "[{\"role\":\"system\",\"content\":\"be fair\"},{\"role\":\"user\","
       "\"content\":\"q1\"},{\"role\":\"assistant\",\"content\":\"a1\"},{"
       "\"role\":\"user\",\"content\":\"q2\"},{\"role\":\"assistant\","
       "\"content\":\"a2\"},{\"role\":\"user\",\"content\":\"hello\"}]"},
      {&jg_wire_ollama,
       "[{\"role\":\"system\",\"content\":\"be fair\"},{\"role\":\"user\","
       "\"content\":\"q1\"},{\"role\":\"assistant\",\"content\":\"a1\"},{"
       "\"role\":\"user\",\"content\":\"q2\"},{\"role\":\"assistant\","
       "\"content\":\"a2\"},{\"role\":\"user\",\"content\":\"hello\"}]"},
      {&jg_wire_anthropic,
       "[{\"role\":\"user\",\"content\":\"q1\"},{\"role\":\"assistant\","
       "\"content\":\"a1\"},{\"role\":\"user\",\"content\":\"q2\"},{"
       "\"role\":\"assistant\",\"content\":\"a2\"},{\"role\":\"user\","
       "\"content\":\"hello\"}]"},
      {&jg_wire_bedrock,
       "[{\"role\":\"user\",\"content\":[{\"text\":\"q1\"}]},{\"role\":"
       "\"assistant\",\"content\":[{\"text\":\"a1\"}]},{\"role\":\"user\","
       "\"content\":[{\"text\":\"q2\"}]},{\"role\":\"assistant\","
       "\"content\":[{\"text\":\"a2\"}]},{\"role\":\"user\",\"content\":[{"
       "\"text\":\"hello\"}]}]"},
  };
  const struct jg_turn turns[] = {{"q1", "a1"}, {"q2", "a2"}};
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_endpoint e = {
        .model = "m1", .model_uri = "p:/m1", .wire = CASES[i].wire};
    struct jg_chat chat = {"be fair", "hello", NULL, NULL, NULL,
                           turns,     2,       0,    NULL};
    struct jg_err err = {0};
    struct jg_buf to;
    jg_buf_init(&to, 1 << 20);
    CHECK_INT(jg_chat_body(&e, &chat, &to, &err), JG_OK);
    CHECK(strstr(jg_buf_text(&to), CASES[i].messages) != NULL);
    jg_buf_dispose(&to);
  }
}

struct reply_case {
  const char *body, *text, *code;
  int input, output, cached;
};

static void check_replies(const struct jg_wire *wire,
                          const struct reply_case *cases, size_t count) {
  struct jg_endpoint e = {.wire = wire};
  for (size_t i = 0; i < count; i++) {
    struct jg_err err = {0};
    struct jg_reply r;
    CHECK_INT(jg_chat_reply(&e, cases[i].body, strlen(cases[i].body), &r, &err),
              JG_OK);
    CHECK_TEXT(r.text, cases[i].text);
    CHECK_TEXT(r.error_code, cases[i].code);
    CHECK_INT(r.input_tokens, cases[i].input);
    CHECK_INT(r.output_tokens, cases[i].output);
    CHECK_INT(r.cached_tokens, cases[i].cached);
    jg_reply_dispose(&r);
  }
}

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

TEST(wire_anthropic_replies) {
#define ANTHROPIC(content, stop)                                               \
  "{\"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"  \
  "\"claude\",\"content\":[" content "],\"stop_reason\":\"" stop               \
  "\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":20,"                  \
  "\"cache_creation_input_tokens\":3,\"cache_read_input_tokens\":7,"           \
  "\"output_tokens\":5}}"
  static const struct reply_case CASES[] = {
      {ANTHROPIC("{\"type\":\"text\",\"text\":\"Hi!\"}", "end_turn"), "Hi!",
       NULL, 30, 5, 7},
      {ANTHROPIC("{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":"
                 "\"s\"},{\"type\":\"tool_use\",\"id\":\"toolu_01\",\"name\":"
                 "\"verdict\",\"input\":{\"result\":\"Bad\",\"rationale\":\"x"
                 "\"}}",
                 "tool_use"),
       "{\"result\":\"Bad\",\"rationale\":\"x\"}", NULL, 30, 5, 7},
      {ANTHROPIC("{\"type\":\"text\",\"text\":\"Let me see.\"},{\"type\":"
                 "\"tool_use\",\"id\":\"t\",\"name\":\"verdict\",\"input\":{"
                 "\"result\":4}}",
                 "tool_use"),
       "{\"result\":4}", NULL, 30, 5, 7},
      {ANTHROPIC("{\"type\":\"text\",\"text\":\"Hi\"}", "max_tokens"), NULL,
       "LENGTH", 30, 5, 7},
      {ANTHROPIC("{\"type\":\"text\",\"text\":\"I can't\"}", "refusal"), NULL,
       "REFUSAL", 30, 5, 7},
      {ANTHROPIC("", "refusal"), NULL, "REFUSAL", 30, 5, 7},
      {ANTHROPIC("", "end_turn"), NULL, "EMPTY", 30, 5, 7},
      {"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
       "\"message\":\"Overloaded\"}}",
       NULL, "PROVIDER_ERROR", -1, -1, -1},
      {"{}", NULL, "EMPTY", -1, -1, -1},
      {"{", NULL, "INVALID_JSON", -1, -1, -1},
  };
  check_replies(&jg_wire_anthropic, CASES, COUNT(CASES));
}

TEST(wire_bedrock_replies) {
#define BEDROCK(content, stop)                                                 \
  "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[" content     \
  "]}},\"stopReason\":\"" stop "\",\"usage\":{\"inputTokens\":30,"             \
  "\"outputTokens\":8,\"totalTokens\":38},\"metrics\":{\"latencyMs\":900}}"
  static const struct reply_case CASES[] = {
      {BEDROCK("{\"text\":\"Hi!\"}", "end_turn"), "Hi!", NULL, 30, 8, -1},
      {BEDROCK("{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\"}}},{"
               "\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"verdict\","
               "\"input\":{\"result\":true}}}",
               "tool_use"),
       "{\"result\":true}", NULL, 30, 8, -1},
      {BEDROCK("{\"text\":\"H\"}", "max_tokens"), NULL, "LENGTH", 30, 8, -1},
      {BEDROCK("{\"text\":\"no\"}", "guardrail_intervened"), NULL, "REFUSAL",
       30, 8, -1},
      {BEDROCK("", "end_turn"), NULL, "EMPTY", 30, 8, -1},
      {"{\"message\":\"The security token is invalid\"}", NULL, "EMPTY", -1, -1,
       -1},
      /* inputTokens is what was neither read from a cache nor written to it */
      {"{\"output\":{\"message\":{\"content\":[{\"text\":\"x\"}]}},"
       "\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":30,"
       "\"outputTokens\":8,\"totalTokens\":90,\"cacheReadInputTokens\":40,"
       "\"cacheWriteInputTokens\":12}}",
       "x", NULL, 82, 8, 40},
  };
  check_replies(&jg_wire_bedrock, CASES, COUNT(CASES));
}

TEST(wire_ollama_replies) {
#define OLLAMA(message, reason)                                                \
  "{\"model\":\"llama3.2\",\"created_at\":\"2023-12-12T14:13:43.416799Z\","    \
  "\"message\":" message ",\"done\":true,\"done_reason\":\"" reason            \
  "\",\"total_duration\":5191566416,\"prompt_eval_count\":26,"                 \
  "\"eval_count\":298}"
  static const struct reply_case CASES[] = {
      {OLLAMA("{\"role\":\"assistant\",\"content\":\"Hi\"}", "stop"), "Hi",
       NULL, 26, 298, -1},
      {OLLAMA("{\"role\":\"assistant\",\"thinking\":\"hm\",\"content\":"
              "\"<think>x</think>Hi\"}",
              "stop"),
       "Hi", NULL, 26, 298, -1},
      {OLLAMA("{\"role\":\"assistant\",\"content\":\"H\"}", "length"), NULL,
       "LENGTH", 26, 298, -1},
      {OLLAMA("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{}]}",
              "stop"),
       NULL, "TOOL_CALL", 26, 298, -1},
      {"{\"error\":\"model 'x' not found\"}", NULL, "PROVIDER_ERROR", -1, -1,
       -1},
      {"{\"message\":{\"content\":\"Hi\"},\"done\":true,"
       "\"prompt_eval_count\":26,\"prompt_eval_cached_count\":20,"
       "\"eval_count\":2}",
       "Hi", NULL, 26, 2, 20},
  };
  check_replies(&jg_wire_ollama, CASES, COUNT(CASES));
}

TEST(wire_embeddings) {
  static const struct {
    const struct jg_wire *wire;
    const char *request, *reply;
  } CASES[] = {
      {&jg_wire_openai, "{\"model\":\"m1\",\"input\":[\"a\"]}",
       "{\"data\":[{\"index\":0,\"embedding\":[1,2]}],\"usage\":{"
       "\"prompt_tokens\":4}}"},
      {&jg_wire_bedrock, "{\"inputText\":\"a\"}",
       "{\"embedding\":[1,2],\"inputTextTokenCount\":4}"},
      {&jg_wire_ollama, "{\"model\":\"m1\",\"input\":[\"a\"]}",
       "{\"model\":\"m1\",\"embeddings\":[[1,2]],\"prompt_eval_count\":4}"},
  };
  static const char *const TEXTS[] = {"a"};
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {
        .model = "m1", .model_uri = "p:/m1", .wire = CASES[i].wire};
    struct jg_err err = {0};
    struct jg_buf to;
    float *v = NULL;
    size_t dim = 0;
    int64_t tokens = 0;
    jg_buf_init(&to, 1 << 16);
    CHECK_INT(jg_embed_body(&e, TEXTS, 1, &to, &err), JG_OK);
    CHECK_TEXT(jg_buf_text(&to), CASES[i].request);
    CHECK_INT(jg_embed_reply(&e, CASES[i].reply, strlen(CASES[i].reply), 1, &v,
                             &dim, &tokens, &err),
              JG_OK);
    CHECK_INT(dim, 2);
    CHECK_INT(tokens, 4);
    CHECK_NEAR(v == NULL ? 0 : v[1], 2, 0);
    jg_mem_free(v);
    jg_buf_dispose(&to);
  }
  struct jg_endpoint e = {
      .model = "m1", .model_uri = "anthropic:/m1", .wire = &jg_wire_anthropic};
  struct jg_err err = {0};
  struct jg_buf to;
  jg_buf_init(&to, 1 << 16);
  CHECK_INT(jg_embed_body(&e, TEXTS, 1, &to, &err), JG_ERROR);
  jg_buf_dispose(&to);
}

TEST(wire_limits) {
  static const struct {
    const struct jg_wire *wire;
    const char *body, *limited;
    int named;
  } CASES[] = {
      {&jg_wire_anthropic, "{\"max_tokens\":8192}", "{\"max_tokens\":8192}",
       8192},
      {&jg_wire_bedrock, "{\"messages\":[]}",
       "{\"messages\":[],\"inferenceConfig\":{\"maxTokens\":77}}", -1},
      {&jg_wire_bedrock, "{\"inferenceConfig\":{\"topP\":1},\"a\":2}",
       "{\"a\":2,\"inferenceConfig\":{\"topP\":1,\"maxTokens\":77}}", -1},
      {&jg_wire_bedrock, "{\"inferenceConfig\":{\"maxTokens\":5}}",
       "{\"inferenceConfig\":{\"maxTokens\":5}}", 5},
      {&jg_wire_ollama, "{\"model\":\"m\"}",
       "{\"model\":\"m\",\"options\":{\"num_predict\":77}}", -1},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {.wire = CASES[i].wire,
                            .max_tokens_key = "max_tokens"};
    struct jg_err err = {0};
    struct jg_buf to;
    jg_buf_init(&to, 1 << 16);
    CHECK_INT(jg_chat_output_limit(&e, CASES[i].body), CASES[i].named);
    CHECK_INT(jg_chat_limit(&e, CASES[i].body, 77, &to, &err), JG_OK);
    CHECK_TEXT(jg_buf_text(&to), CASES[i].limited);
    jg_buf_dispose(&to);
  }
}

TEST(wire_limit_of_the_user) {
  static const struct {
    const struct jg_wire *wire;
    const char *body, *params;
    int users;
  } CASES[] = {
      {&jg_wire_anthropic, "{\"max_tokens\":8192}", NULL, 0},
      {&jg_wire_anthropic, "{\"max_tokens\":8192}", "{\"top_p\":1}", 0},
      {&jg_wire_anthropic, "{\"max_tokens\":8192}", "{\"max_tokens\":null}", 0},
      {&jg_wire_anthropic, "{\"max_tokens\":8192}", "{\"max_tokens\":8192}", 1},
      {&jg_wire_anthropic, "{\"max_tokens\":300}", "{\"max_tokens\":300}", 1},
      {&jg_wire_openai, "{\"a\":1}", "{\"a\":1}", 0},
      {&jg_wire_openai, "{\"max_tokens\":5}", "{\"max_tokens\":5}", 1},
      {&jg_wire_bedrock, "{\"inferenceConfig\":{\"maxTokens\":5}}",
       "{\"max_tokens\":5}", 1},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {.wire = CASES[i].wire,
                            .max_tokens_key = "max_tokens"};
    CHECK_INT(jg_chat_limit_is_users(&e, CASES[i].body, CASES[i].params),
              CASES[i].users);
  }
}

/* Only the format's default gives way to a higher limit of ours. */
TEST(wire_limit_is_raised) {
  static const struct {
    const char *body, *limited;
  } CASES[] = {
      {"{\"max_tokens\":8192,\"a\":1}", "{\"a\":1,\"max_tokens\":32768}"},
      {"{\"max_tokens\":300,\"a\":1}", "{\"max_tokens\":300,\"a\":1}"},
      {"{\"a\":1}", "{\"a\":1,\"max_tokens\":32768}"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {.wire = &jg_wire_anthropic,
                            .max_tokens_key = "max_tokens"};
    struct jg_err err = {0};
    struct jg_buf to;
    jg_buf_init(&to, 1 << 16);
    CHECK_INT(jg_chat_limit(&e, CASES[i].body, 32768, &to, &err), JG_OK);
    CHECK_TEXT(jg_buf_text(&to), CASES[i].limited);
    jg_buf_dispose(&to);
  }
}

TEST(wire_names) {
  CHECK(jg_wire_find(NULL) == &jg_wire_openai);
  CHECK(jg_wire_find("bedrock") == &jg_wire_bedrock);
  CHECK(jg_wire_find("x") == NULL);
  CHECK(jg_wire_of(NULL) == &jg_wire_openai);
}
