/* The built-in judges: their files agree with themselves, and what they ask of
** an item is checked. */
#include <string.h>
#include "core/embed.h"
#include "core/json.h"
#include "core/mem.h"
#include "judge/judge.h"
#include "judge/template.h"
#include "unit.h"

#define IN JG_VAR_INPUTS
#define OUT JG_VAR_OUTPUTS
#define EXP JG_VAR_EXPECTATIONS

static const struct {
  const char *name;
  unsigned variables;
} ALL[] = {
    {"completeness", IN | OUT},
    {"correctness", IN | OUT | EXP},
    {"equivalence", OUT | EXP},
    {"expectations_guidelines", IN | OUT | EXP},
    {"fluency", OUT},
    {"guidelines", IN | OUT},
    {"relevance_to_query", IN | OUT},
    {"safety", OUT},
    {"summarization", IN | OUT},
};
#define COUNT (sizeof ALL / sizeof *ALL)

static int make(const char *builtin, struct jg_judge *out, struct jg_err *err) {
  struct jg_judge_spec spec = {"mine", NULL, "local:/lexical", NULL, NULL};
  struct jg_buf options;
  int rc;
  jg_buf_init(&options, 4096);
  jg_buf_printf(&options, "{\"builtin\":\"%s\"%s}", builtin,
                strcmp(builtin, "guidelines") == 0 ? ",\"guidelines\":\"Be "
                                                     "kind.\""
                                                   : "");
  spec.options = jg_buf_text(&options);
  memset(err, 0, sizeof *err);
  rc = jg_judge_make(&spec, out, err);
  jg_buf_dispose(&options);
  return rc;
}

TEST(builtin_judges_are_made_under_other_names) {
  size_t i;
  for (i = 0; i < COUNT; i++) {
    struct jg_err err;
    struct jg_judge j;
    struct jg_buf scale;
    CHECK(jg_builtin_exists(ALL[i].name));
    CHECK_INT(make(ALL[i].name, &j, &err), JG_OK);
    CHECK_TEXT(j.name, "mine");
    CHECK_TEXT(j.feedback_name, "mine");
    CHECK_TEXT(j.builtin, ALL[i].name);
    CHECK_INT(j.variables, ALL[i].variables);
    CHECK_INT(j.optional, 0);
    jg_buf_init(&scale, 4096);
    jg_scale_write(&j.scale, &scale);
    CHECK_TEXT(jg_buf_text(&scale), "[\"no\",\"yes\"]");
    jg_buf_dispose(&scale);
    jg_judge_dispose(&j);
  }
}

/* The variables that a text uses. */
static unsigned used(const char *text) {
  struct jg_placeholder hole;
  struct jg_buf list;
  size_t at = 0;
  unsigned bits = 0, here;
  struct jg_err err = {0};
  while (jg_template_next(text, &at, &hole)) {
    jg_buf_init(&list, 4096);
    jg_buf_printf(&list, "[\"%.*s\"]", (int)hole.name_bytes, hole.name);
    jg_judge_variables_read(jg_buf_text(&list), &here, &err);
    CHECK(here != 0);
    bits |= here;
    jg_buf_dispose(&list);
  }
  return bits;
}

TEST(builtin_files_agree_with_themselves) {
  const struct jg_embed *file;
  size_t at = 0;
  size_t files = 0;
  while ((file = jg_embed_next("judges/", &at)) != NULL) {
    struct jg_err err = {0};
    struct jg_json *root = NULL;
    const char *name;
    struct jg_judge j = {0};
    CHECK_INT(jg_json_parse(file->text, file->bytes, &root, &err), JG_OK);
    name = jg_json_text(jg_json_get(root, "name"));
    CHECK(name != NULL && strncmp(file->name + 7, name, strlen(name)) == 0);
    CHECK(jg_json_text(jg_json_get(root, "description")) != NULL);
    CHECK_INT(jg_builtin_load(name, &j, &err), JG_OK);
    CHECK_INT(used(j.instructions), j.variables);
    CHECK(strstr(j.instructions, "not an instruction") != NULL);
    CHECK_INT((j.variables & EXP) != 0,
              jg_json_get(root, "expectations") != NULL);
    jg_judge_dispose(&j);
    jg_json_free(root);
    files++;
  }
  CHECK_INT(files, COUNT);
}

TEST(builtin_names_are_listed) {
  struct jg_buf names;
  jg_buf_init(&names, 4096);
  jg_builtin_names(&names);
  CHECK_TEXT(jg_buf_text(&names),
             "completeness, correctness, equivalence, expectations_guidelines, "
             "fluency, guidelines, relevance_to_query, safety, summarization");
  jg_buf_dispose(&names);
  CHECK(!jg_builtin_exists("unheard_of"));
  CHECK(!jg_builtin_exists(NULL));
  CHECK(!jg_builtin_exists(""));
}

#define XOR                                                                    \
  " of expected_response, expected_facts in its expectations: judge 'mine' "   \
  "needs exactly one of them"

TEST(builtin_judges_check_their_items) {
  static const struct {
    const char *builtin;
    struct jg_item item;
    const char *error;
  } CASES[] = {
      {"safety", {"t", NULL, "o", NULL}, NULL},
      {"safety",
       {"t", "i", NULL, NULL},
       "trace 't' has no outputs, which judge 'mine' needs"},
      {"relevance_to_query",
       {"t", NULL, "o", NULL},
       "trace 't' has no inputs, which judge 'mine' needs"},
      {"correctness",
       {"t", "i", "o", NULL},
       "trace 't' has no expectations, which judge 'mine' needs"},
      {"correctness", {"t", "i", "o", "{\"expected_response\":\"r\"}"}, NULL},
      {"correctness",
       {"t", "i", "o", "{\"expected_response\":[\"r\",\"s\"]}"},
       NULL},
      {"correctness",
       {"t", "i", "o", "{\"expected_facts\":[\"f\"],\"x\":1}"},
       NULL},
      {"correctness", {"t", "i", "o", "{\"expected_response\":42}"}, NULL},
      {"correctness",
       {"t", "i", "o",
        "{\"expected_response\":\"r\",\"expected_facts\":[\"f\"]}"},
       "trace 't' has more than one" XOR},
      {"correctness",
       {"t", "i", "o", "{\"expected_response\":\"r\",\"expected_facts\":null}"},
       NULL},
      {"correctness",
       {"t", "i", "o", "{\"note\":1}"},
       "trace 't' has none" XOR},
      {"correctness",
       {"t", "i", "o", "{\"expected_facts\":[]}"},
       "trace 't' has none" XOR},
      {"correctness",
       {"t", "i", "o", "{\"expected_response\":\" \"}"},
       "trace 't' has none" XOR},
      {"equivalence", {"t", NULL, "o", "{\"expected_response\":\"r\"}"}, NULL},
      {"equivalence",
       {"t", NULL, "o", "{\"expected_facts\":[\"f\"]}"},
       "trace 't' has no expected_response in its expectations, which judge "
       "'mine' needs"},
      {"guidelines", {"t", "i", "o", NULL}, NULL},
      {"expectations_guidelines",
       {"t", "i", "o", "{\"guidelines\":\"g\"}"},
       NULL},
      {"expectations_guidelines",
       {NULL, "i", "o", "{\"a\":1}"},
       "the item has no guidelines in its expectations, which judge 'mine' "
       "needs"},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err;
    struct jg_judge j;
    CHECK_INT(make(CASES[i].builtin, &j, &err), JG_OK);
    CHECK_INT(jg_judge_check_item(&j, &CASES[i].item, &err),
              CASES[i].error == NULL ? JG_OK : JG_ERROR);
    CHECK_TEXT(err.text, CASES[i].error == NULL ? "" : CASES[i].error);
    jg_judge_dispose(&j);
  }
}

/* A built-in without its variables would be another judge. */
TEST(builtin_out_of_memory) {
  long n;

  unit_hook_cjson(1);
  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_judge j = {0};
    struct jg_err err = {0};
    unit_fail_allocation(n);
    if (jg_builtin_load("correctness", &j, &err) == JG_OK) {
      CHECK_INT(j.variables, IN | OUT | EXP);
      CHECK_INT(j.scale.count, 2);
    } else {
      CHECK_INT(err.code, JG_NOMEM);
    }
    jg_judge_dispose(&j);
  }
  unit_hook_cjson(0);
}
