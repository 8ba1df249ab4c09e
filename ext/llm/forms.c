/* What models say to structured output: see forms.h. */
#include "llm/forms.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

static struct jg_form_row *find(const struct jg_forms *forms,
                                const struct jg_endpoint *endpoint) {
  for (size_t i = 0; i < forms->count; i++) {
    struct jg_form_row *row = &forms->items[i];
    if (strcmp(row->url, endpoint->url) == 0 &&
        strcmp(row->model, endpoint->model) == 0) {
      return row;
    }
  }
  return NULL;
}

int jg_forms_get(const struct jg_forms *forms,
                 const struct jg_endpoint *endpoint) {
  const struct jg_form_row *row = find(forms, endpoint);
  return row == NULL ? JG_FORM_SCHEMA : row->form;
}

static struct jg_form_row *add(struct jg_forms *forms,
                               const struct jg_endpoint *endpoint,
                               struct jg_err *err) {
  if (jg_mem_grow(&forms->items, &forms->cap, forms->count + 1,
                  sizeof(*forms->items), err) != JG_OK) {
    return NULL;
  }
  struct jg_form_row *row = &forms->items[forms->count];
  row->url = jg_mem_text(endpoint->url, err);
  row->model = jg_mem_text(endpoint->model, err);
  row->form = JG_FORM_SCHEMA;
  if (err->code != JG_OK) {
    jg_mem_free(row->url);
    jg_mem_free(row->model);
    return NULL;
  }
  forms->count++;
  return row;
}

int jg_forms_next(struct jg_forms *forms, const struct jg_endpoint *endpoint,
                  int form, struct jg_err *err) {
  if (form >= JG_FORM_PROMPT) {
    return -1;
  }
  struct jg_form_row *row = find(forms, endpoint);
  if (row == NULL) {
    row = add(forms, endpoint, err);
  }
  if (row == NULL) {
    return -1;
  }
  /* Another request in flight may have learned it already. */
  if (row->form <= form) {
    row->form = form + 1;
    if (row->form == JG_FORM_OBJECT &&
        jg_wire_of(endpoint)->object_form == NULL) {
      row->form = JG_FORM_PROMPT;
    }
  }
  assert(row->form > form && row->form <= JG_FORM_PROMPT);
  return row->form;
}

int jg_forms_refused(int status, const char *error_text) {
  static const char *const WORDS[] = {
      "response_format", "response format", "json_schema",
      "json_object",     "json schema",     "structured output",
      "output_config",   "tool_choice",     "toolchoice",
      "toolconfig",      "tool use",        "guided decoding"};
  if (status != 400 && status != 422 && status != 501) {
    return 0;
  }
  for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
    size_t n = strlen(WORDS[i]);
    for (const char *at = error_text; strlen(at) >= n; at++) {
      if (jg_text_samen(at, n, WORDS[i], n)) {
        return 1;
      }
    }
  }
  return 0;
}

void jg_forms_dispose(struct jg_forms *forms) {
  for (size_t i = 0; i < forms->count; i++) {
    jg_mem_free(forms->items[i].url);
    jg_mem_free(forms->items[i].model);
  }
  jg_mem_free(forms->items);
  memset(forms, 0, sizeof(*forms));
}
