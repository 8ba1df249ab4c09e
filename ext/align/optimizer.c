/*
** Finding an optimizer by name, and what all of them share.
*/
#include <string.h>
#include "align/align.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"
#include "judge/lexical.h"

/* Every name there is or will be. */
static const struct {
  const char *name;
  const struct jg_optimizer *optimizer; /* NULL: not in this version */
} TABLE[] = {{"memalign", &jg_memalign}, {"simba", NULL}, {"gepa", NULL}};

#define COUNT (sizeof TABLE / sizeof *TABLE)

static void refuse_unknown(const char *name, struct jg_err *err) {
  const char *names[COUNT];
  struct jg_buf shown;
  const char *near;
  size_t i;

  for (i = 0; i < COUNT; i++) {
    names[i] = TABLE[i].name;
  }
  near = jg_text_nearest(name, names, COUNT);
  jg_buf_init(&shown, JG_ERR_BYTES);
  jg_clean_brief(&shown, name, strlen(name));
  jg_err_set(err, JG_ERROR, "there is no optimizer '%s'%s%s%s: use memalign",
             jg_buf_text(&shown), near != NULL ? " (did you mean '" : "",
             near != NULL ? near : "", near != NULL ? "'?)" : "");
  jg_buf_dispose(&shown);
}

const struct jg_optimizer *jg_optimizer_find(const char *name,
                                             const struct jg_judge *judge,
                                             struct jg_err *err) {
  const char *wanted = name == NULL || *name == '\0' ? TABLE[0].name : name;
  size_t i;

  for (i = 0; i < COUNT; i++) {
    if (!jg_text_same(wanted, TABLE[i].name)) {
      continue;
    }
    if (TABLE[i].optimizer == NULL) {
      jg_err_set(err, JG_ERROR,
                 "optimizer '%s' is not available yet in this version: use "
                 "memalign",
                 TABLE[i].name);
      return NULL;
    }
    return judge != NULL && jg_lexical_is(judge->model) ? &jg_lexical_align
                                                        : TABLE[i].optimizer;
  }
  refuse_unknown(wanted, err);
  return NULL;
}

void jg_lesson_dispose(struct jg_lesson *lesson) {
  if (lesson != NULL) {
    jg_memory_dispose(&lesson->memory);
    jg_buf_dispose(&lesson->notes);
  }
}

void jg_completion_dispose(struct jg_completion *completion) {
  if (completion != NULL) {
    jg_mem_free(completion->text);
    jg_mem_free(completion->error);
    memset(completion, 0, sizeof *completion);
  }
}
