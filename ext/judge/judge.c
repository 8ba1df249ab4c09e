/* A judge as data: life, digest, and whether an item has what it needs. How one
** is checked when it is made stands in define.c. */
#include "judge/judge.h"

#include <stdio.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "judge/builtin.h"
#include "judge/clean.h"
#include "judge/sections.h"

static const struct {
  enum jg_variable bit;
  const char *name;
} VARIABLES[] = {{JG_VAR_INPUTS, "inputs"},
                 {JG_VAR_OUTPUTS, "outputs"},
                 {JG_VAR_EXPECTATIONS, "expectations"},
                 {JG_VAR_TRACE, "trace"},
                 {JG_VAR_CONVERSATION, "conversation"}};
#define VARIABLE_COUNT (sizeof VARIABLES / sizeof *VARIABLES)

/* ---- life ---- */

void jg_memory_dispose(struct jg_memory *memory) {
  size_t i, j;
  if (memory == NULL) {
    return;
  }
  for (i = 0; i < memory->guideline_count; i++) {
    struct jg_guideline *g = &memory->guidelines[i];
    for (j = 0; j < g->trace_count; j++) {
      jg_mem_free(g->trace_ids[j]);
    }
    jg_mem_free(g->trace_ids);
    jg_mem_free(g->text);
  }
  jg_mem_free(memory->guidelines);
  jg_mem_free(memory->embedding_model);
  jg_mem_free(memory->local_model);
  memset(memory, 0, sizeof *memory);
}

static int copy_guideline(struct jg_guideline *to,
                          const struct jg_guideline *from, struct jg_err *err) {
  to->id = from->id;
  to->text = jg_mem_text(from->text, err);
  if (from->trace_count > 0) {
    to->trace_ids = jg_mem_new(from->trace_count, sizeof(char *), err);
  }
  while (to->trace_ids != NULL && to->trace_count < from->trace_count) {
    to->trace_ids[to->trace_count] =
        jg_mem_text(from->trace_ids[to->trace_count], err);
    to->trace_count++;
  }
  return err->code;
}

int jg_memory_copy(struct jg_memory *to, const struct jg_memory *from,
                   struct jg_err *err) {
  memset(to, 0, sizeof *to);
  to->retrieval_k = from->retrieval_k;
  to->embedding_model = jg_mem_text(from->embedding_model, err);
  to->local_model = jg_mem_text(from->local_model, err);
  if (from->guideline_count > 0) {
    to->guidelines =
        jg_mem_new(from->guideline_count, sizeof *to->guidelines, err);
  }
  while (to->guidelines != NULL && err->code == JG_OK &&
         to->guideline_count < from->guideline_count) {
    copy_guideline(&to->guidelines[to->guideline_count],
                   &from->guidelines[to->guideline_count], err);
    to->guideline_count++;
  }
  if (err->code != JG_OK) {
    jg_memory_dispose(to);
  }
  return err->code;
}

void jg_judge_dispose(struct jg_judge *judge) {
  if (judge == NULL) {
    return;
  }
  jg_mem_free(judge->name);
  jg_mem_free(judge->feedback_name);
  jg_mem_free(judge->instructions);
  jg_mem_free(judge->model);
  jg_scale_dispose(&judge->scale);
  jg_mem_free(judge->description);
  jg_mem_free(judge->inference_params);
  jg_mem_free(judge->base_url);
  jg_mem_free(judge->builtin);
  jg_mem_free(judge->guidelines);
  jg_memory_dispose(&judge->memory);
  memset(judge, 0, sizeof *judge);
}

int jg_judge_copy(struct jg_judge *to, const struct jg_judge *from,
                  struct jg_err *err) {
  memset(to, 0, sizeof *to);
  to->version = from->version;
  to->variables = from->variables;
  to->optional = from->optional;
  to->rationale_first = from->rationale_first;
  to->name = jg_mem_text(from->name, err);
  to->feedback_name = jg_mem_text(from->feedback_name, err);
  to->instructions = jg_mem_text(from->instructions, err);
  to->model = jg_mem_text(from->model, err);
  to->description = jg_mem_text(from->description, err);
  to->inference_params = jg_mem_text(from->inference_params, err);
  to->base_url = jg_mem_text(from->base_url, err);
  to->builtin = jg_mem_text(from->builtin, err);
  to->guidelines = jg_mem_text(from->guidelines, err);
  if (err->code == JG_OK) {
    jg_scale_copy(&to->scale, &from->scale, err);
  }
  if (err->code == JG_OK) {
    jg_memory_copy(&to->memory, &from->memory, err);
  }
  if (err->code != JG_OK) {
    jg_judge_dispose(to);
  }
  return err->code;
}

/* ---- digest ---- */

static void digest_number(struct jg_digest *d, int64_t x) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)x);
  jg_digest_field(d, text);
}

static void digest_memory(struct jg_digest *d, const struct jg_memory *memory) {
  size_t i, j;
  digest_number(d, (int64_t)memory->guideline_count);
  for (i = 0; i < memory->guideline_count; i++) {
    const struct jg_guideline *g = &memory->guidelines[i];
    jg_digest_field(d, g->text);
    digest_number(d, (int64_t)g->trace_count);
    for (j = 0; j < g->trace_count; j++) {
      jg_digest_field(d, g->trace_ids[j]);
    }
  }
  digest_number(d, memory->retrieval_k);
  jg_digest_field(d, memory->embedding_model);
  jg_digest_field(d, memory->local_model);
}

/* Fed value by value, not as the written text: nothing to allocate, so nothing
** that could fail and change the digest. */
static void digest_scale(struct jg_digest *d, const struct jg_scale *scale) {
  size_t i;
  digest_number(d, (int64_t)scale->type);
  digest_number(d, (int64_t)scale->count);
  for (i = 0; i < scale->count; i++) {
    const struct jg_value *v = &scale->values[i];
    digest_number(d, (int64_t)v->type);
    jg_digest_field(d, v->text);
    digest_number(d, v->integer);
    if (v->type == JG_REAL) {
      uint64_t bits;
      memcpy(&bits, &v->real, sizeof bits);
      digest_number(d, (int64_t)bits);
    }
  }
}

char *jg_judge_digest(const struct jg_judge *judge,
                      char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;
  jg_digest_init(&d);
  jg_digest_field(&d, "judge 1"); /* the layout of what follows */
  jg_digest_field(&d, judge->feedback_name);
  jg_digest_field(&d, judge->instructions);
  jg_digest_field(&d, judge->model);
  digest_scale(&d, &judge->scale);
  digest_number(&d, judge->variables);
  digest_number(&d, judge->optional);
  jg_digest_field(&d, judge->description);
  jg_digest_field(&d, judge->inference_params);
  jg_digest_field(&d, judge->base_url);
  jg_digest_field(&d, judge->builtin);
  jg_digest_field(&d, judge->guidelines);
  digest_number(&d, judge->rationale_first != 0);
  digest_memory(&d, &judge->memory);
  return jg_digest_hex(&d, hex);
}

/* ---- reading ---- */

int jg_judge_effective_instructions(const struct jg_judge *judge, char **out,
                                    struct jg_err *err) {
  struct jg_buf text;
  *out = NULL;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&text, judge->instructions);
  if (jg_section_rules(judge, &text, err) == JG_OK &&
      jg_section_guidelines(judge, &text, err) == JG_OK) {
    *out = jg_buf_take(&text, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

void jg_judge_variables_write(unsigned variables, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};
  size_t i;
  jg_jsonw_array(&w);
  for (i = 0; i < VARIABLE_COUNT; i++) {
    if (variables & VARIABLES[i].bit) {
      jg_jsonw_text(&w, VARIABLES[i].name);
    }
  }
  jg_jsonw_end_array(&w);
}

int jg_judge_variables_read(const char *json, unsigned *bits,
                            struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *list = NULL;
  const struct jg_json *item;
  size_t i;
  *bits = 0;
  if (json == NULL || jg_json_parse(json, strlen(json), &list, &why) != JG_OK) {
    return why.code == JG_NOMEM ? jg_err_nomem(err) : JG_OK;
  }
  for (item = jg_json_first(list); item != NULL; item = jg_json_next(item)) {
    const char *name = jg_json_text(item);
    for (i = 0; name != NULL && i < VARIABLE_COUNT; i++) {
      if (strcmp(name, VARIABLES[i].name) == 0) {
        *bits |= VARIABLES[i].bit;
      }
    }
  }
  jg_json_free(list);
  return JG_OK;
}

/* ---- items ---- */

static const char *item_field(const struct jg_item *item, unsigned bit) {
  switch (bit) {
  case JG_VAR_INPUTS:
    return item->inputs;
  case JG_VAR_OUTPUTS:
    return item->outputs;
  case JG_VAR_EXPECTATIONS:
    return item->expectations;
  default:
    return NULL;
  }
}

/* The expectations as an object; *out stays NULL where there are none. */
static int read_expectations(const struct jg_item *item, const char *who,
                             struct jg_json **out, struct jg_err *err) {
  struct jg_err why = {0};
  if (item->expectations == NULL) {
    return JG_OK;
  }
  jg_json_parse(item->expectations, strlen(item->expectations), out, &why);
  if (why.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  if (why.code != JG_OK || jg_json_type(*out) != JG_JSON_OBJECT) {
    jg_json_free(*out);
    *out = NULL;
    return jg_err_set(err, JG_ERROR,
                      "the expectations of %s are not a JSON object such as "
                      "{\"expected_response\":\"...\"}%s%.300s",
                      who, why.code != JG_OK ? ": " : "", why.text);
  }
  return JG_OK;
}

static int check_fields(const struct jg_judge *judge,
                        const struct jg_item *item,
                        const struct jg_json *expectations, const char *who,
                        struct jg_err *err) {
  size_t i;
  for (i = 0; i < VARIABLE_COUNT; i++) {
    unsigned bit = VARIABLES[i].bit;
    int there = item_field(item, bit) != NULL;
    if (bit == JG_VAR_EXPECTATIONS) {
      there = jg_json_count(expectations) > 0; /* {} holds nothing */
    }
    if ((judge->variables & ~judge->optional & bit) && !there) {
      return jg_err_set(err, JG_ERROR, "%s has no %s, which judge '%s' needs",
                        who, VARIABLES[i].name,
                        judge->name != NULL ? judge->name : "");
    }
  }
  return JG_OK;
}

int jg_judge_check_item(const struct jg_judge *judge,
                        const struct jg_item *item, struct jg_err *err) {
  struct jg_json *expectations = NULL;
  struct jg_buf who;
  jg_buf_init(&who, JG_ERR_BYTES);
  if (item->trace_id != NULL) {
    jg_buf_puts(&who, "trace '");
    jg_clean_brief(&who, item->trace_id, strlen(item->trace_id));
    jg_buf_puts(&who, "'");
  } else {
    jg_buf_puts(&who, "the item");
  }
  if (judge->variables & JG_VAR_EXPECTATIONS) {
    read_expectations(item, jg_buf_text(&who), &expectations, err);
  }
  if (err->code == JG_OK) {
    check_fields(judge, item, expectations, jg_buf_text(&who), err);
  }
  if (err->code == JG_OK && judge->builtin != NULL) {
    jg_builtin_check_expectations(judge->builtin, expectations,
                                  jg_buf_text(&who),
                                  judge->name != NULL ? judge->name : "", err);
  }
  jg_json_free(expectations);
  jg_buf_dispose(&who);
  return err->code;
}
