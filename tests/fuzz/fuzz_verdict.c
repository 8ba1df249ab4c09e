/* Answers: the first byte picks the type, the rest is the model's text. A
** verdict has a value of the type, or an error and the raw text: never both. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "core/text.h"
#include "judge/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const TYPES[] = {"str",   "bool",  "int",
                                      "float", "[1,2]", "[\"no\",\"yes\"]"};
  struct jg_err err = {0};
  struct jg_judge judge = {0};
  struct jg_verdict v;
  if (size == 0) {
    return 0;
  }
  judge.name = (char *)"fuzz";
  if (jg_scale_parse(TYPES[data[0] % 6], &judge.scale, &err) != JG_OK) {
    return 0;
  }
  if (jg_verdict_parse(&judge, (const char *)data + 1, size - 1, &v, &err) ==
      JG_OK) {
    if (v.error_code == NULL) {
      assert(v.value.type != JG_NULL && v.rationale != NULL && v.raw == NULL);
      assert(judge.scale.type != JG_SCALE_LIST ||
             jg_scale_position(&judge.scale, &v.value) >= 0);
    } else {
      assert(v.value.type == JG_NULL && v.rationale == NULL);
      assert(v.error_message != NULL && v.raw != NULL);
      assert(jg_text_is_utf8(v.raw, strlen(v.raw)));
      assert(jg_text_is_utf8(v.error_message, strlen(v.error_message)));
    }
    jg_verdict_dispose(&v);
  }
  jg_scale_dispose(&judge.scale);
  return 0;
}
