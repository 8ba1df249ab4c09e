/* The stored form of local:/lexical's fitted model: the first byte picks the
** judge's type and how many neighbours vote, the rest is the text. A model that
** is taken is written back as text that means the same, and gives a verdict
** that fits the scale or an error that says what is wrong. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "judge/lexical_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const SCALES[] = {"bool", "int", "float",
                                     "[\"poor\",\"fair\",\"good\"]", "str"};
#define SCALE_COUNT (sizeof SCALES / sizeof *SCALES)

/* The same text again from what was read of it. */
static void check_form(const char *text) {
  struct jg_lexical_model once, twice;
  struct jg_err err = {0};
  char *a, *b;
  if (jg_lexical_model_parse(text, &once, &err) != JG_OK) {
    assert(err.text[0] != '\0');
    return;
  }
  a = jg_lexical_model_write(&once, &err);
  assert(a != NULL);
  assert(jg_lexical_model_parse(a, &twice, &err) == JG_OK);
  b = jg_lexical_model_write(&twice, &err);
  assert(b != NULL && strcmp(a, b) == 0);
  assert(once.kind == twice.kind && once.level_count == twice.level_count);
  jg_mem_free(a);
  jg_mem_free(b);
  jg_lexical_model_dispose(&once);
  jg_lexical_model_dispose(&twice);
}

/* A verdict of one item, with labelled examples that fit the scale. */
static void check_verdict(char *text, size_t type, size_t count) {
  static char name[] = "quality", uri[] = JG_LEXICAL_URI;
  struct jg_item item = {"t", "Which cats and dogs are 12?",
                         "Cats. The twelfth dog, too!",
                         "{\"expected_response\":\"cats\"}"};
  struct jg_value labels[SCALE_COUNT] = {
      jg_value_int(1), jg_value_int(7), jg_value_real(.5),
      jg_value_lend("fair"), jg_value_lend("any")};
  struct jg_lexical_neighbour near[] = {{"t1", &labels[type], 2},
                                        {"t2", &labels[type], 1},
                                        {"t3", &labels[type], 0}};
  struct jg_judge judge = {
      .name = name, .model = uri, .memory = {.local_model = text}};
  struct jg_err err = {0};
  struct jg_verdict verdict;
  int code = jg_scale_parse(SCALES[type], &judge.scale, &err);
  assert(code == JG_OK);
  if (jg_lexical_judge(&judge, &item, near, count, &verdict, &err) == JG_OK) {
    assert((verdict.value.type == JG_NULL) == (verdict.error_code != NULL));
    assert(verdict.error_code != NULL || verdict.rationale != NULL);
    jg_verdict_dispose(&verdict);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_scale_dispose(&judge.scale);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  char *text = malloc(size);
  if (text == NULL) {
    return 0;
  }
  memcpy(text, data + 1, size - 1);
  text[size - 1] = '\0';
  check_form(text);
  check_verdict(text, data[0] % SCALE_COUNT, data[0] / SCALE_COUNT % 4);
  free(text);
  return 0;
}
