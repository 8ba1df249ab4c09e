/* A proposed guideline and an example that it cites, the first line and the
** rest: whatever they hold, the checks end, and say one thing twice. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "align/grounds.h"
#include "align/obedience.h"
#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_both(const struct jg_judge *judge, const char *text,
                     char *reason) {
  struct jg_label label = {.rationale = reason};
  struct jg_row row = {.outputs = reason, .labels = &label, .label_count = 1};
  struct jg_err err = {0};
  const char *why = NULL, *again = NULL;
  int shared = 0;
  size_t bytes = strlen(text);
  int code = jg_obedience_check(text, bytes, &judge->scale, &why, &err);
  assert(code == JG_OK);
  code = jg_obedience_check(text, bytes, &judge->scale, &again, &err);
  assert(code == JG_OK && why == again);
  code = jg_grounds_check(judge, text, bytes, &row, &shared, &err);
  assert(code == JG_OK && (shared == 0 || shared == 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_judge_spec spec = {
      "q", "Rate {{ outputs }}.", "a:/b",
      "{\"feedback_value_type\":[\"Poor\",\"Very good\"]}", NULL};
  struct jg_judge judge;
  struct jg_err err = {0};
  char *text =
      size > 2000 ? NULL : jg_mem_textn((const char *)data, size, &err);
  char *reason = text == NULL ? NULL : strchr(text, '\n');
  if (reason != NULL && jg_judge_make(&spec, &judge, &err) == JG_OK) {
    *reason++ = '\0';
    try_both(&judge, text, reason);
    jg_judge_dispose(&judge);
  }
  jg_mem_free(text);
  return 0;
}
