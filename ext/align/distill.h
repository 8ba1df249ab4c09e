/*
** Distillation: labelled examples out to a model as prompts, guidelines back
** from its answers. The prompt's words are data (sql/prompts/distill*).
**
** An example is one line of JSON:
**   {"id":0,"inputs":"…","outputs":"…","labels":[{"value":"Bad",
**    "rationale":"…","reviewer":"ann"}]}
** with the fields that the judge uses; ids count from 0 in each batch.
*/
#ifndef JG_ALIGN_DISTILL_H
#define JG_ALIGN_DISTILL_H

#include "align/align.h"

/* One prompt and the rows that stand in it. */
struct jg_batch {
  struct jg_prompt prompt; /* owned */
  size_t lesson;           /* position of the lesson it is for */
  const size_t *rows;      /* lent: positions in the lesson's rows */
  size_t count;
};

struct jg_batches {
  struct jg_batch *items;
  size_t count, cap;
};

/* Packs rows greedily, in order, into prompts of at most batch_examples
** examples and batch_tokens tokens (4 bytes a token; an example that is larger
** stands alone), and adds those to out. known: the guidelines that exist. */
int jg_distill_pack(const struct jg_align_options *options,
                    const struct jg_lesson *lesson, size_t lesson_number,
                    const struct jg_memory *known, const size_t *rows,
                    size_t count, struct jg_batches *out, struct jg_err *err);
void jg_batches_dispose(struct jg_batches *batches);

/* A guideline as a model gave it. */
struct jg_found {
  const char *text; /* trimmed, one line; lent for the call */
  size_t bytes;
  const size_t *sources; /* positions in the lesson's rows, none twice */
  size_t source_count;   /* 0: no valid source id */
};

/* Reads an answer, in a code fence or not, and gives each entry of its list to
** take(), in order. Source ids may be numbers, numbers as texts, or trace ids.
** An answer without a list is an error (JG_ERROR) that says why. */
int jg_distill_read(const char *answer, const struct jg_batch *batch,
                    const struct jg_row *rows,
                    int (*take)(void *ctx, const struct jg_found *found,
                                struct jg_err *err),
                    void *ctx, struct jg_err *err);

#endif
