/*
** The request as text. The system message is: role, instructions as they were
** written, rules, guidelines, form of the answer, how to read the examples. The
** last user message is one JSON object with the variables that the judge uses.
**
** An example is an exchange before that: such a user message, and the answer in
** the form that is asked for. The nearest comes last. Models are trained to go
** on as a conversation went, and small ones hang on it: on a rule that only
** labels tell (house_rule, the 5 nearest by MiniLM of 80 examples), a model of
** 135 million parameters was right on .95 this way, on .93 with the same lines
** in the system message, where it leaned to the longer examples. By words, in
** the system message: on .50 without answers of their own, on .67 with the
** nearest first.
**
** What is in a trace gets into a message as a JSON value only: an object or a
** list as it is, anything else as a JSON string, so that no text can end its own
** string or pass for a heading.
*/
#include "judge/prompt.h"

#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "judge/clean.h"
#include "judge/sections.h"

/* Adds JSON without the white space between its tokens, for one line. */
static void add_compact(struct jg_buf *to, const char *json) {
  int in_text = 0;
  for (; *json != 0; json++) {
    if (in_text && *json == '\\' && json[1] != 0) {
      jg_buf_add(to, json++, 2);
      continue;
    }
    if (*json == '"') {
      in_text = !in_text;
    }
    if (in_text || strchr(" \t\r\n", *json) == NULL) {
      jg_buf_putc(to, *json);
    }
  }
}

/* One field of a trace under its key; nothing when it is missing. */
static void write_field(struct jg_jsonw *w, const char *key, const char *text,
                        int compact) {
  struct jg_buf made;
  if (text == NULL) {
    return;
  }
  jg_jsonw_key(w, key);
  jg_buf_init(&made, JG_BUF_LIMIT_BYTES);
  if (!jg_json_is_container(text, strlen(text))) {
    jg_clean_add(&made, text, strlen(text));
    jg_jsonw_textn(w, jg_buf_text(&made), made.len);
  } else if (compact) {
    add_compact(&made, text);
    jg_jsonw_raw(w, jg_buf_text(&made));
  } else {
    jg_jsonw_raw(w, text);
  }
  /* A value that could not be made must fail the whole, not go out empty. */
  if (made.failed != JG_OK && w->to->failed == JG_OK) {
    w->to->failed = made.failed;
  }
  jg_buf_dispose(&made);
}

static void write_item(struct jg_jsonw *w, const struct jg_judge *judge,
                       const struct jg_item *item, int compact) {
  if (judge->variables & JG_VAR_INPUTS) {
    write_field(w, "inputs", item->inputs, compact);
  }
  if (judge->variables & JG_VAR_OUTPUTS) {
    write_field(w, "outputs", item->outputs, compact);
  }
  if (judge->variables & JG_VAR_EXPECTATIONS) {
    write_field(w, "expectations", item->expectations, compact);
  }
}

/* ---- examples ---- */

/* A text of a label under its key, made valid first. */
static void write_label_text(struct jg_jsonw *w, const char *key,
                             const char *text) {
  struct jg_buf clean;
  if (text == NULL) {
    return;
  }
  jg_jsonw_key(w, key);
  jg_buf_init(&clean, JG_BUF_LIMIT_BYTES);
  jg_clean_add(&clean, text, strlen(text));
  jg_jsonw_textn(w, jg_buf_text(&clean), clean.len);
  if (clean.failed != JG_OK && w->to->failed == JG_OK) {
    w->to->failed = clean.failed;
  }
  jg_buf_dispose(&clean);
}

/* A value of the scale under a key. */
static void write_scaled(struct jg_jsonw *w, const char *key,
                         const struct jg_scale *scale,
                         const struct jg_value *value) {
  if (value != NULL && value->type == JG_TEXT) {
    write_label_text(w, key, value->text);
    return;
  }
  jg_jsonw_key(w, key);
  if (value == NULL) {
    jg_jsonw_null(w);
  } else if (scale->type == JG_SCALE_BOOL && value->type == JG_INT) {
    jg_jsonw_bool(w, value->integer != 0);
  } else {
    jg_jsonw_value(w, value);
  }
}

static void write_label(struct jg_jsonw *w, const struct jg_scale *scale,
                        const struct jg_prompt_label *label) {
  jg_jsonw_object(w);
  write_scaled(w, "value", scale, label->value);
  write_label_text(w, "rationale", label->rationale);
  write_label_text(w, "reviewer", label->source_id);
  jg_jsonw_end_object(w);
}

/* Do the labels say more than the answer does? */
static int tells_more(const struct jg_prompt_example *example) {
  return example->label_count > 1 ||
         (example->label_count == 1 &&
          (example->labels[0].rationale != NULL ||
           !jg_value_equal(example->labels[0].value, example->answer)));
}

static char *example_user(const struct jg_judge *judge,
                          const struct jg_prompt_example *example,
                          struct jg_err *err) {
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  size_t i;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  write_item(&w, judge, &example->item, 1);
  if (tells_more(example)) {
    jg_jsonw_key(&w, "labels");
    jg_jsonw_array(&w);
    for (i = 0; i < example->label_count; i++) {
      write_label(&w, &judge->scale, &example->labels[i]);
    }
    jg_jsonw_end_array(&w);
  }
  jg_jsonw_end_object(&w);
  return jg_buf_take(&text, err);
}

static char *example_answer(const struct jg_judge *judge,
                            const struct jg_prompt_example *example,
                            struct jg_err *err) {
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  write_scaled(&w, "result", &judge->scale, example->answer);
  jg_jsonw_end_object(&w);
  return jg_buf_take(&text, err);
}

static int has_answer(const struct jg_prompt_example *example) {
  return example->answer != NULL && example->answer->type != JG_NULL;
}

static int make_turns(const struct jg_judge *judge,
                      const struct jg_prompt_example *examples, size_t count,
                      struct jg_prompt *out, struct jg_err *err) {
  size_t i;
  out->turns = jg_mem_new(count > 0 ? count : 1, sizeof *out->turns, err);
  for (i = count; out->turns != NULL && i > 0 && err->code == JG_OK; i--) {
    if (has_answer(&examples[i - 1])) {
      struct jg_prompt_turn *turn = &out->turns[out->turn_count++];
      turn->user = example_user(judge, &examples[i - 1], err);
      turn->assistant = example_answer(judge, &examples[i - 1], err);
    }
  }
  return err->code;
}

/* ---- form of the answer ---- */

/* Words that describe the two fields. */
struct field_texts {
  struct jg_buf result, rationale; /* descriptions */
  struct jg_buf type;              /* of the result, in words */
  struct jg_buf result_line, rationale_line;
};

static void init_texts(struct field_texts *t) {
  jg_buf_init(&t->result, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&t->rationale, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&t->type, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&t->result_line, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&t->rationale_line, JG_BUF_LIMIT_BYTES);
}

static void dispose_texts(struct field_texts *t) {
  jg_buf_dispose(&t->result);
  jg_buf_dispose(&t->rationale);
  jg_buf_dispose(&t->type);
  jg_buf_dispose(&t->result_line);
  jg_buf_dispose(&t->rationale_line);
}

/* The type in words; declared values as JSON, worst to best. */
static int add_type(const struct jg_scale *scale, struct jg_buf *to,
                    struct jg_err *err) {
  static const char *const FILES[] = {
      "judge_type_str.txt", "judge_type_bool.txt", "judge_type_int.txt",
      "judge_type_float.txt", "judge_type_list.txt"};
  struct jg_section_value values = {"values", ""};
  struct jg_buf list;
  size_t i;
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  for (i = 0; i < scale->count; i++) {
    struct jg_jsonw w = {.to = &list};
    jg_buf_puts(&list, i > 0 ? ", " : "");
    jg_jsonw_value(&w, &scale->values[i]);
  }
  values.text = jg_buf_text(&list);
  if (jg_buf_check(&list, err) == JG_OK) {
    jg_section_file(FILES[scale->type], &values, 1, to, err);
  }
  jg_buf_dispose(&list);
  return err->code;
}

static int make_texts(const struct jg_judge *judge, struct field_texts *t,
                      struct jg_err *err) {
  struct jg_section_value result[2] = {{"type", NULL}, {"description", NULL}};
  struct jg_section_value rationale = {"description", NULL};
  if (jg_section_file("judge_result.txt", NULL, 0, &t->result, err) != JG_OK ||
      jg_section_file("judge_rationale.txt", NULL, 0, &t->rationale, err) !=
          JG_OK ||
      add_type(&judge->scale, &t->type, err) != JG_OK) {
    return err->code;
  }
  result[0].text = jg_buf_text(&t->type);
  result[1].text = jg_buf_text(&t->result);
  rationale.text = jg_buf_text(&t->rationale);
  if (jg_section_file("judge_field_result.txt", result, 2, &t->result_line,
                      err) != JG_OK) {
    return err->code;
  }
  return jg_section_file("judge_field_rationale.txt", &rationale, 1,
                         &t->rationale_line, err);
}

static int add_output(const struct jg_judge *judge, const struct field_texts *t,
                      struct jg_buf *to, struct jg_err *err) {
  const char *result = jg_buf_text(&t->result_line);
  const char *rationale = jg_buf_text(&t->rationale_line);
  struct jg_section_value lines[2] = {{"first", NULL}, {"second", NULL}};
  lines[0].text = judge->rationale_first ? rationale : result;
  lines[1].text = judge->rationale_first ? result : rationale;
  jg_buf_puts(to, "\n\n");
  return jg_section_file("judge_output.txt", lines, 2, to, err);
}

static void write_rationale(struct jg_jsonw *w, const struct field_texts *t) {
  jg_jsonw_key(w, "rationale");
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "type", "string");
  jg_jsonw_key_text(w, "description", jg_buf_text(&t->rationale));
  jg_jsonw_end_object(w);
}

static char *make_schema(const struct jg_judge *judge,
                         const struct field_texts *t, struct jg_err *err) {
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  int first = judge->rationale_first;
  char *out;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "type", "object");
  jg_jsonw_key(&w, "properties");
  jg_jsonw_object(&w);
  if (first) {
    write_rationale(&w, t);
  }
  jg_jsonw_key(&w, "result");
  jg_scale_schema(&judge->scale, jg_buf_text(&t->result), &w);
  if (!first) {
    write_rationale(&w, t);
  }
  jg_jsonw_end_object(&w);
  jg_jsonw_key(&w, "required");
  jg_jsonw_array(&w);
  jg_jsonw_text(&w, first ? "rationale" : "result");
  jg_jsonw_text(&w, first ? "result" : "rationale");
  jg_jsonw_end_array(&w);
  jg_jsonw_key_bool(&w, "additionalProperties", 0);
  jg_jsonw_end_object(&w);
  out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return out;
}

/* ---- the whole ---- */

static int add_examples(size_t count, struct jg_buf *to, struct jg_err *err) {
  if (count > 0) {
    jg_buf_puts(to, "\n\n");
    jg_section_file("judge_examples.txt", NULL, 0, to, err);
  }
  return err->code;
}

static char *make_system(const struct jg_judge *judge, size_t turn_count,
                         const struct field_texts *t, struct jg_err *err) {
  struct jg_buf text;
  char *out = NULL;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  if (jg_section_file("judge_role.txt", NULL, 0, &text, err) == JG_OK) {
    jg_buf_puts(&text, "\n\n");
    jg_buf_puts(&text, judge->instructions);
    if (jg_section_rules(judge, &text, err) == JG_OK &&
        jg_section_guidelines(judge, &text, err) == JG_OK &&
        add_output(judge, t, &text, err) == JG_OK &&
        add_examples(turn_count, &text, err) == JG_OK) {
      out = jg_buf_take(&text, err);
    }
  }
  jg_buf_dispose(&text);
  return out;
}

static char *make_user(const struct jg_judge *judge, const struct jg_item *item,
                       struct jg_err *err) {
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  char *out;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  write_item(&w, judge, item, 0);
  jg_jsonw_end_object(&w);
  out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return out;
}

int jg_prompt_build(const struct jg_judge *judge, const struct jg_item *item,
                    const struct jg_prompt_example *examples,
                    size_t example_count, struct jg_prompt *out,
                    struct jg_err *err) {
  struct field_texts texts;
  memset(out, 0, sizeof *out);
  out->schema_name = "verdict";
  init_texts(&texts);
  if (make_texts(judge, &texts, err) == JG_OK &&
      make_turns(judge, examples, example_count, out, err) == JG_OK) {
    out->system = make_system(judge, out->turn_count, &texts, err);
    out->user = err->code == JG_OK ? make_user(judge, item, err) : NULL;
    out->schema = err->code == JG_OK ? make_schema(judge, &texts, err) : NULL;
  }
  dispose_texts(&texts);
  if (err->code != JG_OK) {
    jg_prompt_dispose(out);
  }
  return err->code;
}

void jg_prompt_dispose(struct jg_prompt *prompt) {
  size_t i;
  if (prompt == NULL) {
    return;
  }
  for (i = 0; i < prompt->turn_count; i++) {
    jg_mem_free(prompt->turns[i].user);
    jg_mem_free(prompt->turns[i].assistant);
  }
  jg_mem_free(prompt->turns);
  jg_mem_free(prompt->system);
  jg_mem_free(prompt->user);
  jg_mem_free(prompt->schema);
  memset(prompt, 0, sizeof *prompt);
}

const char *jg_prompt_key(const struct jg_judge *judge,
                          const struct jg_item *item) {
  if (judge->variables & JG_VAR_INPUTS) {
    return item->inputs;
  }
  if (judge->variables & JG_VAR_OUTPUTS) {
    return item->outputs;
  }
  return judge->variables & JG_VAR_EXPECTATIONS ? item->expectations : NULL;
}
