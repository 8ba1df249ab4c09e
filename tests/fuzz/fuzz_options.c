/* Options by a table with every type, as all commands read them: what is taken
** lies within its bounds and choices, what is not has one line that says why. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "core/json.h"
#include "core/options.h"
#include "core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct options {
  const char *labels, *where;
  const struct jg_json *trace_ids;
  int64_t limit, seed;
  double share, cost;
  int explain;
};

static const struct jg_option TABLE[] = {
    {"labels", JG_OPTION_TEXT, offsetof(struct options, labels), 0, 0,
     "auto|latest|majority|mean"},
    {"where", JG_OPTION_TEXT, offsetof(struct options, where), 0, 0, NULL},
    {"trace_ids", JG_OPTION_JSON, offsetof(struct options, trace_ids), 0, 0,
     NULL},
    {"limit", JG_OPTION_INT, offsetof(struct options, limit), 1, 1000, NULL},
    {"seed", JG_OPTION_INT, offsetof(struct options, seed), 0, 0, NULL},
    {"max_error_share", JG_OPTION_REAL, offsetof(struct options, share), 0, 1,
     NULL},
    {"max_cost", JG_OPTION_REAL, offsetof(struct options, cost), 0, 0, NULL},
    {"explain", JG_OPTION_BOOL, offsetof(struct options, explain), 0, 0, NULL},
};

static void check_taken(const struct options *o) {
  assert(o->limit >= 1 && o->limit <= 1000);
  assert(o->share >= 0 && o->share <= 1 && isfinite(o->cost));
  assert(o->explain == 0 || o->explain == 1);
  assert(strstr(" auto latest majority mean ", o->labels) != NULL);
  assert(o->where == NULL || jg_text_is_utf8(o->where, strlen(o->where)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct options options = {.labels = "auto", .limit = 10, .share = 0.5};
  struct jg_err err = {0};
  struct jg_json *keep = NULL;

  if (jg_options_read("judge_fuzz", (const char *)data, size, TABLE,
                      sizeof TABLE / sizeof *TABLE, &options, &keep,
                      &err) == JG_OK) {
    check_taken(&options);
  } else {
    assert(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
    assert(jg_text_is_utf8(err.text, strlen(err.text)));
  }
  jg_json_free(keep);
  return 0;
}
