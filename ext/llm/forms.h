/*
** How firmly each model may be asked for JSON: json_schema first; where that is
** refused json_object, where that is refused too by the prompt alone. Learned
** from the refusals (they cost nothing) and kept for the connection.
*/
#ifndef JG_LLM_FORMS_H
#define JG_LLM_FORMS_H

#include "llm/wire.h"

struct jg_form_row {
  char *url, *model;
  int form; /* enum jg_form */
};

struct jg_forms {
  struct jg_form_row *items;
  size_t count, cap;
};

/* The form that the endpoint's model takes, as far as is known. */
int jg_forms_get(const struct jg_forms *forms,
                 const struct jg_endpoint *endpoint);
/* A request in form was refused: remembers and returns the next one to try, or
** -1 when there is none (or err is set). */
int jg_forms_next(struct jg_forms *forms, const struct jg_endpoint *endpoint,
                  int form, struct jg_err *err);
/* Does a failure say that the way of asking for JSON was not understood? */
int jg_forms_refused(int status, const char *error_text);
void jg_forms_dispose(struct jg_forms *forms);

#endif
