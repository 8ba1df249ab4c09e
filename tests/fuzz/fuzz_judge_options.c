/* make_judge: the input is the options; up to a first NUL it is the
** instructions instead of plain ones. What is made can be sent: the user
** message and the schema are valid JSON. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "judge/prompt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_prompt(const struct jg_judge *judge, const char *text) {
  struct jg_err err = {0};
  struct jg_item item = {NULL, text, text, text};
  struct jg_prompt prompt;
  if (jg_prompt_build(judge, &item, NULL, 0, &prompt, &err) == JG_OK) {
    assert(jg_json_is_container(prompt.schema, strlen(prompt.schema)));
    assert(prompt.user[0] == '{');
    jg_prompt_dispose(&prompt);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_judge_spec spec = {"fuzz", "{{ inputs }}", "local:/lexical", NULL,
                               NULL};
  struct jg_err err = {0};
  struct jg_judge judge;
  size_t first;
  char *text = malloc(size + 1);
  if (text == NULL) {
    return 0;
  }
  memcpy(text, data, size);
  text[size] = 0;
  first = strlen(text);
  spec.options = text;
  if (first < size) {
    spec.instructions = first > 0 ? text : NULL;
    spec.options = text + first + 1;
  }
  if (jg_judge_make(&spec, &judge, &err) == JG_OK) {
    try_prompt(&judge, text);
    jg_judge_dispose(&judge);
  } else {
    assert(err.text[0] != 0);
  }
  free(text);
  return 0;
}
