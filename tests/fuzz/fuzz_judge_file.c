/* Judges that come from a file. The first byte tells which:
**
**   f  a file of sql/judges, which stands for the built-in "fuzz"
**   r  a row of judge_definition: value_type, variables, guidelines,
**      inference_params and instructions, a line each
**   l  the fitted model of local:/lexical that such a row holds
**
** What is taken can be asked: the request is valid JSON, a verdict is whole. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/mem.h"
#include "judge/builtin.h"
#include "judge/lexical_model.h"
#include "judge/prompt.h"
#include "llm/chat.h"
#include "llm/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__real_jg_embed_get(const char *name);
const char *__wrap_jg_embed_get(const char *name);

static const char *judge_file; /* what judges/fuzz.json holds */
static const struct jg_item ITEM = {"tr-1", "what is it made of?",
                                    "It is made of wood. Or not.",
                                    "{\"expected_response\":\"wood\"}"};

/* The linker puts this in the place of jg_embed_get(). */
const char *__wrap_jg_embed_get(const char *name) {
  return strcmp(name, "judges/fuzz.json") == 0 ? judge_file
                                               : __real_jg_embed_get(name);
}

static void try_body(const struct jg_judge *judge,
                     const struct jg_prompt *prompt) {
  struct jg_endpoint endpoint = {.wire = &jg_wire_openai, .model = (char *)"m"};
  struct jg_chat chat = {prompt->system,
                         prompt->user,
                         prompt->schema,
                         prompt->schema_name,
                         judge->inference_params,
                         NULL,
                         0,
                         0,
                         NULL};
  struct jg_err err = {0};
  struct jg_buf body;

  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_chat_body(&endpoint, &chat, &body, &err) == JG_OK) {
    assert(jg_json_is_container(jg_buf_text(&body), body.len));
  } else {
    assert(err.text[0] != '\0');
  }
  jg_buf_dispose(&body);
}

static void try_judge(const struct jg_judge *judge) {
  struct jg_err err = {0};
  struct jg_prompt prompt;
  char *shown = NULL;
  char hex[JG_DIGEST_HEX_BYTES];

  jg_judge_digest(judge, hex);
  jg_judge_effective_instructions(judge, &shown, &err);
  jg_mem_free(shown);
  jg_judge_check_item(judge, &ITEM, &err);
  err = (struct jg_err){0};
  if (jg_prompt_build(judge, &ITEM, NULL, 0, &prompt, &err) == JG_OK) {
    assert(jg_json_is_container(prompt.user, strlen(prompt.user)));
    try_body(judge, &prompt);
    jg_prompt_dispose(&prompt);
  } else {
    assert(err.text[0] != '\0');
  }
}

static struct jg_judge plain(void) {
  struct jg_judge judge = {.version = 1};

  judge.name = jg_mem_text("fuzz", NULL);
  judge.feedback_name = jg_mem_text("fuzz", NULL);
  judge.model = jg_mem_text("openai:/m", NULL);
  return judge;
}

static void try_file(const char *text) {
  struct jg_judge judge = plain();
  struct jg_err err = {0};

  judge_file = text;
  judge.builtin = jg_mem_text("fuzz", NULL);
  jg_builtin_needs_guidelines("fuzz", &err);
  err = (struct jg_err){0};
  if (jg_builtin_load("fuzz", &judge, &err) == JG_OK) {
    try_judge(&judge);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_judge_dispose(&judge);
}

/* The next line, ended; NULL when there is none or it is empty. */
static char *next_line(char **at) {
  char *line = *at;
  size_t bytes = strcspn(line, "\n");

  *at += bytes + (line[bytes] == '\n');
  line[bytes] = '\0';
  return bytes > 0 ? jg_mem_text(line, NULL) : NULL;
}

static void try_row(char *text) {
  struct jg_judge judge = plain();
  struct jg_err err = {0};
  char *type = next_line(&text);
  char *variables = next_line(&text);

  judge.guidelines = next_line(&text);
  judge.inference_params = next_line(&text);
  judge.instructions = jg_mem_text(text, NULL);
  jg_judge_variables_read(variables, &judge.variables, &err);
  if (jg_scale_parse(type, &judge.scale, &err) == JG_OK) {
    try_judge(&judge);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_mem_free(type);
  jg_mem_free(variables);
  jg_judge_dispose(&judge);
}

/* A model that is read is written again as the same text. */
static void try_model(const char *text) {
  struct jg_lexical_model model, again;
  struct jg_err err = {0};
  char *first, *second;

  if (jg_lexical_model_parse(text, &model, &err) != JG_OK) {
    assert(err.text[0] != '\0');
    return;
  }
  first = jg_lexical_model_write(&model, &err);
  assert(first != NULL);
  if (jg_lexical_model_parse(first, &again, &err) != JG_OK) {
    abort();
  }
  second = jg_lexical_model_write(&again, &err);
  assert(second != NULL && strcmp(first, second) == 0);
  jg_mem_free(first);
  jg_mem_free(second);
  jg_lexical_model_dispose(&model);
  jg_lexical_model_dispose(&again);
}

static void try_fitted(const char *type, const char *text) {
  struct jg_judge judge = plain();
  struct jg_value labels[2] = {jg_value_int(1), jg_value_real(1e300)};
  struct jg_lexical_neighbour near[2] = {{"tr-2", &labels[0], 2},
                                         {"tr-3", &labels[1], 1}};
  struct jg_err err = {0};
  struct jg_verdict v;

  judge.memory.local_model = jg_mem_text(text, NULL);
  jg_scale_parse(type, &judge.scale, &err);
  if (jg_lexical_judge(&judge, &ITEM, near,
                       jg_lexical_neighbours(&judge) > 0 ? 2 : 0, &v,
                       &err) == JG_OK) {
    assert((v.error_code == NULL) == (v.value.type != JG_NULL));
    jg_verdict_dispose(&v);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_judge_dispose(&judge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = size > 0 ? malloc(size) : NULL;

  if (text == NULL) {
    return 0;
  }
  memcpy(text, data + 1, size - 1);
  text[size - 1] = '\0';
  if (data[0] == 'f') {
    try_file(text);
  } else if (data[0] == 'r') {
    try_row(text);
  } else if (data[0] == 'l') {
    try_model(text);
    try_fitted("int", text);
    try_fitted("float", text);
    try_fitted("str", text);
    try_fitted("[\"no\",\"yes\"]", text);
  }
  free(text);
  return 0;
}
