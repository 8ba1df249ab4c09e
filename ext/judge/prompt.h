/*
** The request of a judge, as text: instructions in the system message, the
** item's values as JSON in the user message, and the JSON Schema of the answer.
** The examples of an aligned judge are turns before that: an item as a user
** message, then the answer as the model would give it. Nothing from a trace ever
** gets into the system message.
*/
#ifndef JG_JUDGE_PROMPT_H
#define JG_JUDGE_PROMPT_H

#include "judge/judge.h"

/* An example as an earlier exchange. */
struct jg_prompt_turn {
  char *user, *assistant; /* both JSON objects */
};

struct jg_prompt {
  char *system; /* NULL: no system message */
  char *user;
  char *schema; /* JSON Schema of the answer, or NULL for free text */
  const char *schema_name;
  struct jg_prompt_turn *turns; /* in the order in which they are sent */
  size_t turn_count;
};

/* A reviewer's label on an example. */
struct jg_prompt_label {
  const char *source_id;
  const struct jg_value *value;
  const char *rationale; /* NULL: none given */
};

/* A labelled example shown to an aligned judge. */
struct jg_prompt_example {
  struct jg_item item;
  const struct jg_prompt_label *labels;
  size_t label_count;
  const struct jg_value *answer; /* what the labels amount to; may be NULL */
};

/* examples come nearest first; the request shows the nearest last, and leaves
** out those without an answer. */
int jg_prompt_build(const struct jg_judge *judge, const struct jg_item *item,
                    const struct jg_prompt_example *examples,
                    size_t example_count, struct jg_prompt *out,
                    struct jg_err *err);
void jg_prompt_dispose(struct jg_prompt *prompt);
/* Which field an aligned judge searches its examples by: the first of inputs,
** outputs, expectations that it uses; NULL when the item lacks it. */
const char *jg_prompt_key(const struct jg_judge *judge,
                          const struct jg_item *item);

#endif
