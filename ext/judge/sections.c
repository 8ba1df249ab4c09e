/* See sections.h. Each entry of a list is put on one line, so that no text can
** pass for a heading or for the end of its list. */
#include "judge/sections.h"

#include <stdio.h>
#include <string.h>
#include "core/embed.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"
#include "judge/template.h"

#define NAME_BYTES 128

struct values {
  const struct jg_section_value *list;
  size_t count;
};

static int fill_value(void *ctx, const char *name, size_t bytes,
                      struct jg_buf *to) {
  const struct values *values = ctx;
  size_t i;
  for (i = 0; i < values->count; i++) {
    if (strlen(values->list[i].name) == bytes &&
        memcmp(values->list[i].name, name, bytes) == 0) {
      jg_buf_puts(to, values->list[i].text);
      return 1;
    }
  }
  return 0;
}

int jg_section_file(const char *file, const struct jg_section_value *values,
                    size_t count, struct jg_buf *to, struct jg_err *err) {
  char name[NAME_BYTES];
  struct values given = {values, count};
  const char *text;
  char *body;
  size_t bytes;
  int rc;
  snprintf(name, sizeof name, "prompts/%s", file);
  text = jg_embed_get(name);
  if (text == NULL) {
    return jg_err_set(err, JG_ERROR, "the build lacks the file sql/%s", name);
  }
  text = jg_text_trim(text, strlen(text), &bytes);
  body = jg_mem_textn(text, bytes, err);
  if (body == NULL) {
    return err->code;
  }
  rc = jg_template_fill(body, fill_value, &given, to, err);
  jg_mem_free(body);
  return rc;
}

static int add_heading(const char *file, size_t count, struct jg_buf *to,
                       struct jg_err *err) {
  char number[24];
  struct jg_section_value value = {"count", number};
  snprintf(number, sizeof number, "%zu", count);
  jg_buf_puts(to, "\n\n");
  if (jg_section_file(file, &value, 1, to, err) != JG_OK) {
    return err->code;
  }
  jg_buf_putc(to, '\n');
  return jg_buf_check(to, err);
}

static void add_entry(size_t number, const char *text, struct jg_buf *to) {
  size_t bytes;
  text = jg_text_trim(text, strlen(text), &bytes);
  jg_buf_printf(to, "\n%zu. ", number);
  jg_clean_line(to, text, bytes);
}

/* The same as a quoted text: it is data of reviewers and of models. */
static int add_quoted(size_t number, const char *text, struct jg_buf *to,
                      struct jg_err *err) {
  struct jg_jsonw w = {.to = to};
  struct jg_buf line;
  size_t bytes;
  text = jg_text_trim(text, strlen(text), &bytes);
  jg_buf_init(&line, JG_BUF_LIMIT_BYTES);
  jg_clean_line(&line, text, bytes);
  jg_buf_printf(to, "\n%zu. ", number);
  jg_jsonw_textn(&w, jg_buf_text(&line), line.len);
  jg_buf_check(&line, err);
  jg_buf_dispose(&line);
  return err->code;
}

int jg_section_rules(const struct jg_judge *judge, struct jg_buf *to,
                     struct jg_err *err) {
  struct jg_json *list = NULL;
  const struct jg_json *item;
  size_t number = 0;
  if (judge->guidelines == NULL) {
    return JG_OK;
  }
  if (jg_json_parse(judge->guidelines, strlen(judge->guidelines), &list, err) !=
      JG_OK) {
    return err->code;
  }
  if (jg_json_count(list) > 0) {
    add_heading("judge_rules.txt", jg_json_count(list), to, err);
  }
  for (item = jg_json_first(list); item != NULL; item = jg_json_next(item)) {
    const char *text = jg_json_text(item);
    add_entry(++number, text != NULL ? text : "", to);
  }
  jg_json_free(list);
  jg_buf_check(to, err);
  return err->code;
}

int jg_section_guidelines(const struct jg_judge *judge, struct jg_buf *to,
                          struct jg_err *err) {
  const struct jg_memory *memory = &judge->memory;
  size_t i;
  if (memory->guideline_count == 0) {
    return JG_OK;
  }
  add_heading("judge_guidelines.txt", memory->guideline_count, to, err);
  for (i = 0; i < memory->guideline_count; i++) {
    add_quoted(i + 1, memory->guidelines[i].text, to, err);
  }
  jg_buf_check(to, err);
  return err->code;
}
