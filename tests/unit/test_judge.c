/* make_judge's rules, digest, copies, and what items must have. */
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "judge/judge.h"
#include "unit.h"

static int make(const char *name, const char *instructions, const char *model,
                const char *options, struct jg_judge *out, struct jg_err *err) {
  struct jg_judge_spec spec = {name, instructions, model, options,
                               "openai:/default"};
  memset(err, 0, sizeof *err);
  return jg_judge_make(&spec, out, err);
}

#define IO "Is {{ outputs }} good for {{ inputs }}?"

TEST(judge_make_takes_all_arguments) {
  struct jg_err err;
  struct jg_judge j;
  struct jg_buf buf;
  unsigned bits;
  CHECK_INT(make("quality", IO, "openai:/gpt",
                 "{\"feedback_value_type\":[\"Bad\",\"Good\"],"
                 "\"description\":\"d\",\"inference_params\":{\"temperature\": "
                 "0},\"base_url\":\"https://h.example:8080/v1\","
                 "\"generate_rationale_first\":true}",
                 &j, &err),
            JG_OK);
  CHECK_TEXT(j.name, "quality");
  CHECK_TEXT(j.feedback_name, "quality");
  CHECK_INT(j.version, 0);
  CHECK_TEXT(j.instructions, IO);
  CHECK_TEXT(j.model, "openai:/gpt");
  CHECK_INT(j.scale.count, 2);
  CHECK_INT(j.variables, JG_VAR_INPUTS | JG_VAR_OUTPUTS);
  CHECK_INT(j.optional, 0);
  CHECK_TEXT(j.description, "d");
  CHECK_TEXT(j.inference_params, "{\"temperature\":0}");
  CHECK_TEXT(j.base_url, "https://h.example:8080/v1");
  CHECK(j.builtin == NULL && j.guidelines == NULL);
  CHECK_INT(j.rationale_first, 1);
  jg_buf_init(&buf, 4096);
  jg_judge_variables_write(j.variables, &buf);
  CHECK_TEXT(jg_buf_text(&buf), "[\"inputs\",\"outputs\"]");
  CHECK_INT(jg_judge_variables_read(jg_buf_text(&buf), &bits, &err), JG_OK);
  CHECK_INT(bits, j.variables);
  CHECK_INT(jg_judge_variables_read("[\"trace\",\"x\",1]", &bits, &err), JG_OK);
  CHECK_INT(bits, JG_VAR_TRACE);
  CHECK_INT(jg_judge_variables_read(NULL, &bits, &err), JG_OK);
  CHECK_INT(bits, 0);
  jg_buf_dispose(&buf);
  jg_judge_dispose(&j);
}

TEST(judge_make_has_defaults) {
  struct jg_err err;
  struct jg_judge j;
  CHECK_INT(make("q", IO, NULL, NULL, &j, &err), JG_OK);
  CHECK_TEXT(j.model, "openai:/default");
  CHECK_INT(j.scale.type, JG_SCALE_STR);
  CHECK(j.description == NULL && j.inference_params == NULL);
  jg_judge_dispose(&j);
  CHECK_INT(make("q", "{{ expectations }}", NULL,
                 "{\"feedback_value_type\":null,\"base_url\":null}", &j, &err),
            JG_OK);
  CHECK_INT(j.variables, JG_VAR_EXPECTATIONS);
  jg_judge_dispose(&j);
}

TEST(judge_make_names_each_fault) {
  static const struct {
    const char *name, *instructions, *model, *options, *part;
  } CASES[] = {
      {NULL, IO, NULL, NULL, "the judge's name is empty"},
      {"", IO, NULL, NULL, "the judge's name is empty"},
      {"  ", IO, NULL, NULL, "the judge's name is empty"},
      {"a@2", IO, NULL, NULL, "judge name 'a@2' holds '@'"},
      {"a\nb", IO, NULL, NULL, "holds a control character"},
      {" a", IO, NULL, NULL, "judge name ' a' begins or ends with white space"},
      {"\xff", IO, NULL, NULL, "is not valid UTF-8"},
      {"q", NULL, NULL, NULL, "the instructions are empty"},
      {"q", "", NULL, NULL, "the instructions are empty"},
      {"q", " \n", NULL, NULL, "the instructions are empty"},
      {"q", "{{ inputs }}\xff", NULL, NULL, "instructions are not valid UTF-8"},
      {"q", "Be good.", NULL, NULL, "the instructions hold no placeholder"},
      {"q", "{inputs}", NULL, NULL, "the instructions hold no placeholder"},
      {"q", "{{ question }} {{ inputs }} {{ Outputs }} {{question}}", NULL,
       NULL,
       "unknown placeholders: {{ question }}, {{ Outputs }}; allowed are "
       "{{ inputs }}, {{ outputs }}, {{ expectations }}"},
      {"q", "{{ inputs.question }}", NULL, NULL,
       "unknown placeholders: {{ inputs.question }}; allowed"},
      {"q", "{{ trace }}", NULL, NULL,
       "placeholder {{ trace }} is not supported yet"},
      {"q", "{{ conversation }}", NULL, NULL,
       "placeholder {{ conversation }} is not supported yet"},
      {"q", "{{ conversation }} {{ expectations }}", NULL, NULL,
       "placeholder {{ conversation }} is not supported yet"},
      {"q", "{{ conversation }} {{ inputs }}", NULL, NULL,
       "{{ conversation }} together with {{ inputs }}"},
      {"q", "{{ conversation }} {{ trace }}", NULL, NULL,
       "{{ conversation }} together with {{ trace }}"},
      {"q", IO, "", NULL, "the model is empty"},
      {"q", IO, NULL, "[]", "make_judge"},
      {"q", IO, NULL, "{\"feedback_value_typ\":\"bool\"}",
       "feedback_value_type"},
      {"q", IO, NULL, "{\"feedback_value_type\":\"booly\"}",
       "feedback_value_type 'booly' is unknown"},
      {"q", IO, NULL, "{\"feedback_value_type\":true}",
       "feedback_value_type 'true' is unknown"},
      {"q", IO, NULL, "{\"feedback_value_type\":[\"a\",\"A\"]}", "twice"},
      {"q", IO, NULL, "{\"feedback_value_type\":{}}", "not supported yet"},
      {"q", IO, NULL, "{\"inference_params\":[1]}",
       "inference_params is [1]: it must be a JSON object"},
      {"q", IO, NULL, "{\"inference_params\":\"x\"}",
       "inference_params is \"x\": it must be a JSON object"},
      {"q", IO, NULL, "{\"inference_params\":{\"API_KEY\":\"sk-1\"}}",
       "inference_params holds 'API_KEY'"},
      {"q", IO, NULL, "{\"base_url\":\"ftp://x\"}",
       "base_url 'ftp://x' is no web address"},
      {"q", IO, NULL, "{\"base_url\":\"https://\"}", "is no web address"},
      {"q", IO, NULL, "{\"base_url\":\"https:///v1\"}", "is malformed"},
      {"q", IO, NULL, "{\"base_url\":\"http://a b\"}", "is malformed"},
      {"q", IO, NULL, "{\"base_url\":\"http://u:secret@h/v1\"}",
       "base_url holds a user name or password"},
      {"q", IO, NULL, "{\"description\":1}", "description"},
      {"q", NULL, NULL, "{\"builtin\":\"safty\"}",
       "built-in judge 'safty' is unknown (did you mean 'safety'?): use one of "
       "completeness, correctness, equivalence, expectations_guidelines, "
       "fluency, guidelines, relevance_to_query, safety, summarization"},
      {"q", NULL, NULL, "{\"builtin\":\"\"}", "built-in judge '' is unknown"},
      {"q", NULL, NULL, "{\"builtin\":\"../schema\"}", "is unknown"},
      {"q", IO, NULL, "{\"builtin\":\"safety\"}",
       "instructions and the built-in judge 'safety' are given"},
      {"q", NULL, NULL,
       "{\"builtin\":\"safety\",\"feedback_value_type\":\"bool\"}",
       "is always [\"no\",\"yes\"]"},
      {"q", NULL, NULL, "{\"builtin\":\"guidelines\"}",
       "built-in judge 'guidelines' needs the option guidelines"},
      {"q", NULL, NULL, "{\"builtin\":\"guidelines\",\"guidelines\":[]}",
       "this one is empty"},
      {"q", NULL, NULL, "{\"builtin\":\"guidelines\",\"guidelines\":\" \"}",
       "this one is empty"},
      {"q", NULL, NULL, "{\"builtin\":\"guidelines\",\"guidelines\":3}",
       "this is neither"},
      {"q", NULL, NULL, "{\"builtin\":\"guidelines\",\"guidelines\":[\"a\",1]}",
       "a member of the list is not a text"},
      {"q", NULL, NULL,
       "{\"builtin\":\"guidelines\",\"guidelines\":[\"a\",\"\"]}",
       "a member of the list is empty"},
      {"q", NULL, NULL, "{\"builtin\":\"safety\",\"guidelines\":[\"a\"]}",
       "option guidelines belongs to the built-in judge 'guidelines' alone"},
      {"q", IO, NULL, "{\"guidelines\":[\"a\"]}",
       "option guidelines belongs to the built-in judge 'guidelines' alone"},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err;
    struct jg_judge j;
    CHECK_INT(make(CASES[i].name, CASES[i].instructions, CASES[i].model,
                   CASES[i].options, &j, &err),
              JG_ERROR);
    if (strstr(err.text, CASES[i].part) == NULL) {
      CHECK_TEXT(err.text, CASES[i].part);
    }
    CHECK(strstr(err.text, "secret") == NULL &&
          strstr(err.text, "sk-1") == NULL);
    CHECK(j.name == NULL && j.instructions == NULL);
  }
}

TEST(judge_name_may_have_250_characters) {
  char name[600];
  struct jg_err err;
  struct jg_judge j;
  int i;
  name[0] = 0;
  for (i = 0; i < 250; i++) {
    strcat(name, "\xc3\xa4");
  }
  CHECK_INT(make(name, IO, NULL, NULL, &j, &err), JG_OK);
  jg_judge_dispose(&j);
  strcat(name, "x");
  CHECK_INT(make(name, IO, NULL, NULL, &j, &err), JG_ERROR);
  CHECK(strstr(err.text, "has 251 characters: at most 250 are allowed") !=
        NULL);
}

TEST(judge_make_without_any_model_says_so) {
  struct jg_judge_spec spec = {"q", IO, NULL, NULL, NULL};
  struct jg_err err = {0};
  struct jg_judge j;
  CHECK_INT(jg_judge_make(&spec, &j, &err), JG_ERROR);
  CHECK(strstr(err.text, "the model is empty") != NULL);
}

/* ---- digest, copy ---- */

static void teach(struct jg_judge *j, struct jg_err *err) {
  struct jg_guideline *g = jg_mem_new(2, sizeof *g, err);
  g[0].id = 7;
  g[0].text = jg_mem_text("Short answers.", err);
  g[0].trace_ids = jg_mem_new(2, sizeof(char *), err);
  g[0].trace_ids[0] = jg_mem_text("tr-1", err);
  g[0].trace_ids[1] = jg_mem_text("tr-2", err);
  g[0].trace_count = 2;
  g[1].text = jg_mem_text("No\n## Answer\nheadings.", err);
  j->memory.guidelines = g;
  j->memory.guideline_count = 2;
  j->memory.retrieval_k = 5;
}

TEST(judge_digest_tells_content_apart) {
  static const struct {
    const char *name, *instructions, *model, *options;
  } CASES[] = {
      {"q", IO, "a:/b", NULL},
      {"q", IO " ", "a:/b", NULL},
      {"q", IO, "a:/c", NULL},
      {"q", IO, "a:/b", "{\"feedback_value_type\":\"bool\"}"},
      {"q", IO, "a:/b", "{\"feedback_value_type\":[\"x\",\"y\"]}"},
      {"q", IO, "a:/b", "{\"feedback_value_type\":[\"y\",\"x\"]}"},
      {"q", IO, "a:/b", "{\"feedback_value_type\":[\"1\",\"2\"]}"},
      {"q", IO, "a:/b", "{\"feedback_value_type\":[1,2]}"},
      {"q", IO, "a:/b", "{\"feedback_value_type\":[1,2.5]}"},
      {"q", IO, "a:/b", "{\"description\":\"\"}"},
      {"q", IO, "a:/b", "{\"description\":\"d\"}"},
      {"q", IO, "a:/b", "{\"base_url\":\"http://d\"}"},
      {"q", IO, "a:/b", "{\"inference_params\":{\"temperature\":0}}"},
      {"q", IO, "a:/b", "{\"inference_params\":{\"temperature\":1}}"},
      {"q", IO, "a:/b", "{\"generate_rationale_first\":true}"},
      {"q", NULL, "a:/b", "{\"builtin\":\"safety\"}"},
      {"q", NULL, "a:/b", "{\"builtin\":\"guidelines\",\"guidelines\":\"a\"}"},
      {"q", NULL, "a:/b", "{\"builtin\":\"guidelines\",\"guidelines\":\"b\"}"},
  };
  enum { COUNT = sizeof CASES / sizeof *CASES };
  char hex[COUNT][JG_DIGEST_HEX_BYTES];
  size_t i, k;
  for (i = 0; i < COUNT; i++) {
    struct jg_err err;
    struct jg_judge j;
    char again[JG_DIGEST_HEX_BYTES];
    CHECK_INT(make(CASES[i].name, CASES[i].instructions, CASES[i].model,
                   CASES[i].options, &j, &err),
              JG_OK);
    jg_judge_digest(&j, hex[i]);
    j.version = 9; /* no part of the content */
    CHECK_TEXT(jg_judge_digest(&j, again), hex[i]);
    jg_judge_dispose(&j);
    for (k = 0; k < i; k++) {
      CHECK(strcmp(hex[i], hex[k]) != 0);
    }
  }
}

TEST(judge_digest_is_blind_to_json_layout) {
  struct jg_err err;
  struct jg_judge a, b;
  char one[JG_DIGEST_HEX_BYTES], two[JG_DIGEST_HEX_BYTES];
  CHECK_INT(make("q", IO, NULL,
                 "{\"feedback_value_type\":[\"x\",\"y\"],"
                 "\"inference_params\":{\"top_p\":0.1}}",
                 &a, &err),
            JG_OK);
  CHECK_INT(make("q", IO, NULL,
                 " { \"inference_params\" : { \"top_p\" : 0.1 },"
                 "\"feedback_value_type\" : [ \"x\" , \" y\" ] } ",
                 &b, &err),
            JG_OK);
  CHECK_TEXT(jg_judge_digest(&a, one), jg_judge_digest(&b, two));
  jg_judge_dispose(&a);
  jg_judge_dispose(&b);
}

TEST(judge_copy_is_whole) {
  struct jg_err err;
  struct jg_judge a, b;
  char one[JG_DIGEST_HEX_BYTES], two[JG_DIGEST_HEX_BYTES];
  CHECK_INT(make("q", NULL, "a:/b",
                 "{\"builtin\":\"guidelines\",\"guidelines\":[\"a\"],"
                 "\"inference_params\":{},\"base_url\":\"http://h\"}",
                 &a, &err),
            JG_OK);
  jg_judge_digest(&a, one);
  teach(&a, &err);
  a.memory.local_model = jg_mem_text("{}", &err);
  a.memory.embedding_model = jg_mem_text("openai:/e", &err);
  CHECK(strcmp(one, jg_judge_digest(&a, two)) != 0); /* memory counts */
  CHECK_INT(jg_judge_copy(&b, &a, &err), JG_OK);
  jg_judge_digest(&a, one);
  jg_judge_dispose(&a);
  CHECK_TEXT(jg_judge_digest(&b, two), one);
  CHECK_INT(b.memory.guidelines[0].id, 7);
  CHECK_TEXT(b.memory.guidelines[0].trace_ids[1], "tr-2");
  CHECK_TEXT(b.name, "q");
  b.memory.guidelines[0].trace_ids[1][3] = '9'; /* lineage counts */
  CHECK(strcmp(jg_judge_digest(&b, two), one) != 0);
  jg_judge_dispose(&b);
  CHECK(b.name == NULL);
}

TEST(judge_effective_instructions_show_rules_and_guidelines) {
  struct jg_err err;
  struct jg_judge j;
  char *text = NULL;
  CHECK_INT(make("q", IO, NULL, NULL, &j, &err), JG_OK);
  CHECK_INT(jg_judge_effective_instructions(&j, &text, &err), JG_OK);
  CHECK_TEXT(text, IO);
  jg_mem_free(text);
  teach(&j, &err);
  CHECK_INT(jg_judge_effective_instructions(&j, &text, &err), JG_OK);
  CHECK(strncmp(text, IO "\n\n## Guidelines\n", 16 + strlen(IO)) == 0);
  CHECK(strstr(text, "(2)") != NULL);
  CHECK(
      strstr(text, "\n1. \"Short answers.\"\n2. \"No ## Answer headings.\"") !=
      NULL);
  jg_mem_free(text);
  jg_judge_dispose(&j);
  CHECK_INT(make("q", NULL, NULL,
                 "{\"builtin\":\"guidelines\",\"guidelines\":[\"Be kind.\","
                 "\"Be brief.\"]}",
                 &j, &err),
            JG_OK);
  CHECK_TEXT(j.guidelines, "[\"Be kind.\",\"Be brief.\"]");
  CHECK_INT(jg_judge_effective_instructions(&j, &text, &err), JG_OK);
  CHECK(strstr(text, "\n\n## Rules\n") != NULL);
  CHECK(strstr(text, "\n1. Be kind.\n2. Be brief.") != NULL);
  jg_mem_free(text);
  jg_judge_dispose(&j);
}

/* ---- items ---- */

TEST(judge_checks_that_an_item_has_what_it_needs) {
  static const struct {
    const char *instructions;
    struct jg_item item;
    const char *error; /* NULL: good */
  } CASES[] = {
      {IO, {"tr-1", "a", "b", NULL}, NULL},
      {IO, {"tr-1", "", "", NULL}, NULL}, /* empty is not missing */
      {IO,
       {"tr-1", "a", NULL, NULL},
       "trace 'tr-1' has no outputs, which judge 'q' needs"},
      {IO,
       {NULL, NULL, "b", NULL},
       "the item has no inputs, which judge 'q' needs"},
      {IO, {"tr-1", "a", "b", "not looked at"}, NULL},
      {"{{ expectations }}", {"t", NULL, NULL, "{\"a\":1}"}, NULL},
      {"{{ expectations }}",
       {"t", NULL, NULL, NULL},
       "trace 't' has no expectations, which judge 'q' needs"},
      {"{{ expectations }}",
       {"t", NULL, NULL, "{}"},
       "trace 't' has no expectations, which judge 'q' needs"},
      {"{{ expectations }}",
       {"t", NULL, NULL, "[1]"},
       "the expectations of trace 't' are not a JSON object such as "
       "{\"expected_response\":\"...\"}"},
  };
  size_t i;
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_err err;
    struct jg_judge j;
    CHECK_INT(make("q", CASES[i].instructions, NULL, NULL, &j, &err), JG_OK);
    CHECK_INT(jg_judge_check_item(&j, &CASES[i].item, &err),
              CASES[i].error == NULL ? JG_OK : JG_ERROR);
    CHECK_TEXT(err.text, CASES[i].error == NULL ? "" : CASES[i].error);
    jg_judge_dispose(&j);
  }
}

TEST(judge_leaves_optional_fields_optional) {
  struct jg_err err;
  struct jg_judge j;
  struct jg_item item = {"t", "in", NULL, NULL};
  CHECK_INT(make("q", IO "{{ expectations }}", NULL, NULL, &j, &err), JG_OK);
  j.optional = JG_VAR_OUTPUTS | JG_VAR_EXPECTATIONS;
  CHECK_INT(jg_judge_check_item(&j, &item, &err), JG_OK);
  jg_judge_dispose(&j);
}
