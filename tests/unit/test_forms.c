/* Asking for JSON less firmly, and remembering it. */
#include <string.h>

#include "core/mem.h"
#include "llm/forms.h"
#include "unit.h"

static struct jg_endpoint A = {.url = "https://h/1", .model = "a"};
static struct jg_endpoint B = {.url = "https://h/1", .model = "b"};

TEST(forms_go_down_and_are_remembered) {
  struct jg_forms forms = {0};
  struct jg_err err = {0};
  CHECK_INT(jg_forms_get(&forms, &A), JG_FORM_SCHEMA);
  CHECK_INT(jg_forms_next(&forms, &A, JG_FORM_SCHEMA, &err), JG_FORM_OBJECT);
  /* The others that were in flight learn it; they do not go further. */
  CHECK_INT(jg_forms_next(&forms, &A, JG_FORM_SCHEMA, &err), JG_FORM_OBJECT);
  CHECK_INT(jg_forms_get(&forms, &A), JG_FORM_OBJECT);
  CHECK_INT(jg_forms_get(&forms, &B), JG_FORM_SCHEMA);
  CHECK_INT(jg_forms_next(&forms, &A, JG_FORM_OBJECT, &err), JG_FORM_PROMPT);
  CHECK_INT(jg_forms_next(&forms, &A, JG_FORM_PROMPT, &err), -1);
  CHECK_INT(jg_forms_get(&forms, &A), JG_FORM_PROMPT);
  jg_forms_dispose(&forms);
}

TEST(forms_without_an_object_form) {
  struct jg_forms forms = {0};
  struct jg_err err = {0};
  struct jg_endpoint e = {.url = "u", .model = "m", .wire = &jg_wire_anthropic};
  CHECK_INT(jg_forms_next(&forms, &e, JG_FORM_SCHEMA, &err), JG_FORM_PROMPT);
  jg_forms_dispose(&forms);
}

TEST(forms_refusals) {
  static const struct {
    int status;
    const char *text;
    int refused;
  } CASES[] = {
      {400,
       "HTTP 400: Invalid parameter: 'response_format' of type 'json_schema' "
       "is not supported with this model.",
       1},
      {400, "HTTP 400: Structured Outputs are not supported", 1},
      {422, "HTTP 422: body.response_format: extra fields", 1},
      {400, "HTTP 400: JSON Schema is not valid here", 1},
      {400, "HTTP 400: tool_choice forces tool use is not compatible", 1},
      {400, "HTTP 400: maximum context length exceeded", 0},
      {500, "HTTP 500: response_format", 0},
      {401, "HTTP 401: response_format", 0},
      {400, "", 0},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    CHECK_INT(jg_forms_refused(CASES[i].status, CASES[i].text),
              CASES[i].refused);
  }
}

TEST(forms_of_bodies) {
  static const struct {
    const struct jg_wire *wire;
    int form;
    const char *body, *expected;
  } CASES[] = {
      {&jg_wire_openai, JG_FORM_SCHEMA, "{\"response_format\":{\"a\":1}}",
       "{\"response_format\":{\"a\":1}}"},
      {&jg_wire_openai, JG_FORM_OBJECT,
       "{\"model\":\"m\",\"response_format\":{\"a\":1},\"seed\":4}",
       "{\"model\":\"m\",\"response_format\":{\"type\":\"json_object\"},"
       "\"seed\":4}"},
      {&jg_wire_openai, JG_FORM_PROMPT,
       "{\"model\":\"m\",\"response_format\":{\"a\":1},\"seed\":4}",
       "{\"model\":\"m\",\"seed\":4}"},
      {&jg_wire_openai, JG_FORM_OBJECT, "{\"model\":\"m\"}",
       "{\"model\":\"m\"}"},
      {&jg_wire_anthropic, JG_FORM_PROMPT,
       "{\"model\":\"m\",\"tools\":[1],\"tool_choice\":{}}",
       "{\"model\":\"m\"}"},
      {&jg_wire_bedrock, JG_FORM_PROMPT, "{\"toolConfig\":{},\"a\":1}",
       "{\"a\":1}"},
      {&jg_wire_ollama, JG_FORM_OBJECT, "{\"format\":{\"a\":1}}",
       "{\"format\":\"json\"}"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_endpoint e = {.wire = CASES[i].wire};
    struct jg_err err = {0};
    struct jg_buf to;
    jg_buf_init(&to, 1 << 16);
    CHECK_INT(jg_chat_form(&e, CASES[i].body, CASES[i].form, &to, &err), JG_OK);
    CHECK_TEXT(jg_buf_text(&to), CASES[i].expected);
    jg_buf_dispose(&to);
  }
}
