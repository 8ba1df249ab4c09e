/* Inference parameters: what passes, what does not, how the limit is named. */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "llm/chat.h"
#include "llm/params.h"
#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int read(const char *wire, const char *text, const char *allowed,
                int by_hand, struct jg_err *err) {
  struct jg_params_from from = {by_hand, allowed};
  struct jg_json *params;
  memset(err, 0, sizeof(*err));
  int code = jg_params_read(jg_wire_find(wire), text, &from, &params, err);
  CHECK((params != NULL) == (code == JG_OK && text[0] != '\0'));
  jg_json_free(params);
  return code;
}

TEST(params_that_pass) {
  static const struct {
    const char *wire, *text;
  } CASES[] = {
      {"openai", ""},
      {"openai", "{}"},
      {"openai", "{\"temperature\":0,\"top_p\":1,\"seed\":7,\"stop\":[\"x\"]}"},
      {"openai", "{\"max_tokens\":9,\"reasoning_effort\":\"low\"}"},
      {"openai", "{\"max_completion_tokens\":9,\"logprobs\":true}"},
      {"openai", "{\"reasoning\":{\"effort\":\"high\",\"max_tokens\":5}}"},
      {"openai", "{\"chat_template_kwargs\":{\"enable_thinking\":false}}"},
      {"openai", "{\"response_format\":{\"type\":\"text\",\"a\":{\"b\":1}}}"},
      {"openai", "{\"max_tokens\":null,\"max_completion_tokens\":9}"},
      {"anthropic",
       "{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":9}}"},
      {"anthropic",
       "{\"max_tokens\":50,\"top_k\":3,\"stop_sequences\":[\"a\"]}"},
      {"bedrock", "{\"max_tokens\":5,\"inferenceConfig\":{\"topP\":1}}"},
      {"bedrock", "{\"maxTokens\":5}"},
      {"bedrock", "{\"inferenceConfig\":{\"maxTokens\":5}}"},
      {"ollama", "{\"max_tokens\":5,\"num_ctx\":4096,\"think\":false}"},
      {"ollama", "{\"num_predict\":5,\"options\":{\"mirostat\":2}}"},
      {"ollama", "{\"options\":{\"num_predict\":5}}"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err;
    CHECK_INT(read(CASES[i].wire, CASES[i].text, NULL, 0, &err), JG_OK);
    CHECK_TEXT(err.text, "");
  }
}

/* What calls out, costs more, or leads elsewhere, as providers name it. */
TEST(params_that_a_file_must_not_set) {
  static const char *const NAMES[] = {"data_sources",
                                      "search_parameters",
                                      "extra_body",
                                      "fallbacks",
                                      "api_base",
                                      "base_url",
                                      "models",
                                      "route",
                                      "provider",
                                      "service_tier",
                                      "store",
                                      "web_search",
                                      "enable_search",
                                      "documents",
                                      "vector_store_ids",
                                      "logit_bias",
                                      "metadata",
                                      "user",
                                      "prediction",
                                      "modalities",
                                      "audio",
                                      "stream_options",
                                      "extra_headers",
                                      "api_key",
                                      "transforms",
                                      "guided_json",
                                      "guided_regex",
                                      "keep_alive",
                                      "system",
                                      "prompt",
                                      "input",
                                      "background",
                                      "include",
                                      "conversation",
                                      "callbacks",
                                      "mock_response",
                                      "best_of_n",
                                      "guardrailConfig",
                                      "promptVariables",
                                      "requestMetadata",
                                      "additionalModelRequestFields",
                                      "performanceConfig",
                                      "raw",
                                      "template",
                                      "context_management"};
  static const char *const WIRES[] = {"openai", "anthropic", "bedrock",
                                      "ollama"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    for (size_t j = 0; j < COUNT(WIRES); j++) {
      struct jg_err err;
      char text[120];
      snprintf(text, sizeof(text), "{\"temperature\":0,\"%s\":{\"a\":1}}",
               NAMES[i]);
      CHECK_INT(read(WIRES[j], text, NULL, 0, &err), JG_ERROR);
      CHECK(strstr(err.text, NAMES[i]) != NULL);
    }
  }
}

TEST(params_refused_with_what_to_do) {
  static const struct {
    const char *wire, *text, *error;
  } CASES[] = {
      {"openai", "{\"service_tier\":\"flex\"}",
       "inference_params must not set 'service_tier' by itself: SELECT "
       "judge_config('allow_params', '[\"service_tier\"]') lets it pass on "
       "this connection"},
      {"openai", "{\"temprature\":0}",
       "inference_params must not set 'temprature' by itself (did you mean "
       "'temperature'?): SELECT judge_config('allow_params', "
       "'[\"temprature\"]') lets it pass on this connection"},
      {"anthropic", "{\"thinking\":{\"x\":1}}",
       "inference_params must not set 'thinking.x' by itself: SELECT "
       "judge_config('allow_params', '[\"thinking\"]') lets it pass on this "
       "connection"},
      {"openai", "{\"x'); ATTACH 'y\":1}",
       "inference_params has a key that no server takes"},
      {"openai", "{\"\":1}", "inference_params has a key that no server takes"},
      {"openai", "{\"temperature\":{\"a\":1}}",
       "inference_params: 'temperature' must be a value or a list of values"},
      {"openai", "{\"stop\":[{\"a\":1}]}",
       "inference_params: 'stop' must be a value or a list of values"},
      {"openai", "{\"reasoning\":[1]}",
       "inference_params: 'reasoning' is a "
       "list"},
      {"openai", "{\"n\":4}", "inference_params must not set 'n'"},
      {"openai", "[1]", "inference_params must be a JSON object"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err;
    CHECK_INT(read(CASES[i].wire, CASES[i].text, NULL, 0, &err), JG_ERROR);
    CHECK_TEXT(err.text, CASES[i].error);
  }
}

TEST(params_allowed_on_the_connection) {
  static const struct {
    const char *wire, *text, *allowed;
    int code;
  } CASES[] = {
      {"openai", "{\"service_tier\":\"flex\"}", "[\"service_tier\"]", JG_OK},
      {"openai", "{\"service_tier\":\"flex\"}", "[\"store\"]", JG_ERROR},
      {"openai", "{\"temperature\":{\"a\":1}}", "[\"temperature\"]", JG_OK},
      {"anthropic", "{\"thinking\":{\"x\":1}}", "[\"thinking\"]", JG_OK},
      /* what never passes */
      {"openai", "{\"tools\":[]}", "[\"tools\"]", JG_ERROR},
      {"openai", "{\"model\":\"x\"}", "[\"model\"]", JG_ERROR},
      {"openai", "{\"messages\":[]}", "[\"messages\"]", JG_ERROR},
      {"openai", "{\"stream\":true}", "[\"stream\"]", JG_ERROR},
      {"openai", "{\"n\":2}", "[\"n\"]", JG_ERROR},
      {"openai", "{\"best_of\":2}", "[\"best_of\"]", JG_ERROR},
      {"openai", "{\"num_return_sequences\":2}", "[\"num_return_sequences\"]",
       JG_ERROR},
      {"openai", "{\"num_predict\":2}", "[\"num_predict\"]", JG_ERROR},
      /* nor in another case, which some servers take for the same */
      {"openai", "{\"Tools\":[]}", "[\"Tools\"]", JG_ERROR},
      {"openai", "{\"N\":2}", "[\"N\"]", JG_ERROR},
      {"openai", "{\"MODEL\":\"x\"}", "[\"MODEL\"]", JG_ERROR},
      {"openai", "{\"Max_Tokens\":9}", "[\"Max_Tokens\"]", JG_ERROR},
      {"ollama", "{\"Messages\":[]}", "[\"Messages\"]", JG_ERROR},
      {"bedrock", "{\"toolconfig\":1}", "[\"toolconfig\"]", JG_ERROR},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err;
    CHECK_INT(read(CASES[i].wire, CASES[i].text, CASES[i].allowed, 0, &err),
              CASES[i].code);
  }
}

TEST(params_by_hand_have_no_list) {
  struct jg_err err;
  CHECK_INT(read("openai", "{\"service_tier\":1,\"x\":{}}", NULL, 1, &err),
            JG_OK);
  CHECK_INT(read("openai", "{\"tools\":[]}", NULL, 1, &err), JG_ERROR);
  CHECK_INT(read("openai", "{\"maxTokens\":5}", NULL, 1, &err), JG_ERROR);
  CHECK_INT(read("openai", "{\"MAX_TOKENS\":5}", NULL, 1, &err), JG_ERROR);
  CHECK_INT(read("openai", "{\"Tools\":[]}", NULL, 1, &err), JG_ERROR);
  CHECK_INT(read("ollama", "{\"Options\":{\"num_predict\":5}}", NULL, 1, &err),
            JG_ERROR);
}

/* --- the limit ----------------------------------------------------------- */

TEST(params_foreign_limits) {
  static const struct {
    const char *wire, *text, *error;
  } CASES[] = {
      {"openai", "{\"num_predict\":10}",
       "inference_params: 'num_predict' limits nothing where the wire format "
       "is that of openai: the limit of output tokens is max_tokens"},
      {"openai", "{\"maxTokens\":10}", "'maxTokens' limits nothing"},
      {"openai", "{\"max_output_tokens\":10}", "limits nothing"},
      {"openai", "{\"options\":{\"num_predict\":10}}", "'options'"},
      {"openai", "{\"inferenceConfig\":{\"maxTokens\":1}}",
       "'inferenceConfig'"},
      {"anthropic", "{\"max_completion_tokens\":10}", "limits nothing"},
      {"anthropic", "{\"maxTokens\":10}", "limits nothing"},
      {"bedrock", "{\"max_completion_tokens\":10}", "limits nothing"},
      {"bedrock", "{\"num_predict\":10}", "limits nothing"},
      {"ollama", "{\"max_completion_tokens\":10}", "limits nothing"},
      {"ollama", "{\"maxTokens\":10}", "limits nothing"},
      {"openai", "{\"max_tokens\":10,\"max_completion_tokens\":20}", "twice"},
      {"bedrock", "{\"max_tokens\":1,\"inferenceConfig\":{\"maxTokens\":9}}",
       "twice"},
      {"ollama", "{\"max_tokens\":1,\"options\":{\"num_predict\":9}}", "twice"},
      {"openai", "{\"max_tokens\":0}", "a whole number from 1"},
      {"openai", "{\"max_tokens\":-1}", "a whole number from 1"},
      {"openai", "{\"max_tokens\":1.5}", "a whole number from 1"},
      {"openai", "{\"max_tokens\":\"9\"}", "a whole number from 1"},
      {"openai", "{\"max_tokens\":1e30}", "a whole number from 1"},
      {"ollama", "{\"options\":{\"num_predict\":-1}}", "a whole number from 1"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err;
    CHECK_INT(read(CASES[i].wire, CASES[i].text, NULL, 0, &err), JG_ERROR);
    CHECK(strstr(err.text, CASES[i].error) != NULL);
  }
}

/* One name here, each server's own on the wire; the reservation reads that. */
TEST(params_limit_on_the_wire) {
  static const struct {
    const char *wire, *key, *params, *sent;
  } CASES[] = {
      {"openai", "max_tokens", "{\"max_tokens\":10}", "\"max_tokens\":10}"},
      {"openai", "max_completion_tokens", "{\"max_tokens\":10}",
       "\"max_completion_tokens\":10}"},
      {"openai", "max_tokens", "{\"max_completion_tokens\":10}",
       "\"max_tokens\":10}"},
      {"anthropic", "max_tokens", "{\"max_tokens\":10}", "\"max_tokens\":10}"},
      {"bedrock", "maxTokens", "{\"max_tokens\":10}",
       "\"inferenceConfig\":{\"maxTokens\":10}}"},
      {"bedrock", "maxTokens", "{\"maxTokens\":10}",
       "\"inferenceConfig\":{\"maxTokens\":10}}"},
      {"bedrock", "maxTokens", "{\"inferenceConfig\":{\"maxTokens\":10}}",
       "\"inferenceConfig\":{\"maxTokens\":10}}"},
      {"bedrock", "maxTokens",
       "{\"top_p\":1,\"inferenceConfig\":{\"topP\":0,\"maxTokens\":10}}",
       "\"inferenceConfig\":{\"topP\":1,\"maxTokens\":10}}"},
      {"ollama", "num_predict", "{\"max_tokens\":10}",
       "\"options\":{\"num_predict\":10}}"},
      {"ollama", "num_predict", "{\"num_predict\":10}",
       "\"options\":{\"num_predict\":10}}"},
      {"ollama", "num_predict",
       "{\"seed\":1,\"options\":{\"seed\":2,\"num_predict\":10}}",
       "\"options\":{\"seed\":1,\"num_predict\":10}}"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {.model = (char *)"m",
                            .wire = jg_wire_find(CASES[i].wire)};
    struct jg_chat chat = {.user = "u", .inference_params = CASES[i].params};
    struct jg_err err = {0};
    struct jg_buf to;
    memcpy(e.max_tokens_key, CASES[i].key, strlen(CASES[i].key) + 1);
    jg_buf_init(&to, 1 << 16);
    CHECK_INT(jg_chat_body(&e, &chat, &to, &err), JG_OK);
    CHECK(strstr(jg_buf_text(&to), CASES[i].sent) != NULL);
    CHECK_INT(jg_chat_output_limit(&e, jg_buf_text(&to)), 10);
    jg_buf_dispose(&to);
  }
}

/* What stands elsewhere in a body limits nothing, so it does not count. */
TEST(params_limit_of_another_place) {
  static const struct {
    const char *wire, *body;
  } CASES[] = {
      {"openai", "{\"max_completion_tokens\":5}"},
      {"openai", "{\"num_predict\":5,\"options\":{\"max_tokens\":5}}"},
      {"anthropic", "{\"maxTokens\":5}"},
      {"bedrock", "{\"maxTokens\":5}"},
      {"ollama", "{\"num_predict\":5}"},
      {"openai", "{\"max_tokens\":-1}"},
      {"openai", "{\"max_tokens\":\"5\"}"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_endpoint e = {.max_tokens_key = "max_tokens",
                            .wire = jg_wire_find(CASES[i].wire)};
    CHECK_INT(jg_chat_output_limit(&e, CASES[i].body), -1);
  }
}

/* --- allow_params -------------------------------------------------------- */

TEST(params_allow_forms) {
  static const struct {
    const char *text, *list; /* NULL: refused */
  } CASES[] = {
      {"service_tier", "[\"service_tier\"]"},
      {" a , b ", "[\"a\",\"b\"]"},
      {"[\"a\", \"b\"]", "[\"a\",\"b\"]"},
      {"[]", "[]"},
      {"[1]", NULL},
      {"{\"a\":1}", NULL},
      {"a,", NULL},
      {"[\"\"]", NULL},
      {"\"a\"", NULL},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err = {0};
    char *list = jg_params_allow(CASES[i].text, strlen(CASES[i].text), &err);
    CHECK_TEXT(list, CASES[i].list);
    CHECK_INT(err.code, CASES[i].list == NULL ? JG_ERROR : JG_OK);
    jg_mem_free(list);
  }
}

TEST(params_check_before_a_judge_is_made) {
  static const struct {
    const char *model, *text, *allowed;
    int code;
  } CASES[] = {
      {"openai:/m", NULL, NULL, JG_OK},
      {"openai:/m", "{\"temperature\":0}", NULL, JG_OK},
      {"openai:/m", "{\"store\":true}", NULL, JG_ERROR},
      {"openai:/m", "{\"store\":true}", "[\"store\"]", JG_OK},
      {"anthropic:/m", "{\"num_predict\":5}", NULL, JG_ERROR},
      {"local:/lexical", "{\"store\":true}", NULL, JG_OK},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct jg_err err = {0};
    CHECK_INT(
        jg_params_check(CASES[i].model, CASES[i].text, CASES[i].allowed, &err),
        CASES[i].code);
  }
}
