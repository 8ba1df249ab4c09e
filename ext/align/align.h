/*
** The optimizers, behind one interface. An optimizer learns from labelled rows
** and gives back a memory; which rows it may see, scoring, and accepting or
** refusing the result stay outside (run/align.c).
*/
#ifndef JG_ALIGN_ALIGN_H
#define JG_ALIGN_ALIGN_H

#include "align/labels.h"
#include "align/recall.h"
#include "core/log.h"
#include "judge/prompt.h"

struct jg_align_options {
  int64_t retrieval_k;    /* 5 */
  int64_t max_guidelines; /* guidelines kept in all; 0 = examples only */
  uint64_t seed;
  const char *embedding_model; /* NULL: recall by words */
  int64_t batch_examples;      /* 50 */
  int64_t batch_tokens;        /* 123000: input limit less 5000 */
};

/* One thing to learn: a judge, the rows it may see, and what came of it. */
struct jg_lesson {
  const struct jg_judge *judge; /* the parent, with its memory (re-align keeps
                                ** it: existing guidelines are passed on and
                                ** stay) */
  const struct jg_row *rows;
  const size_t *train; /* positions in rows, none contested */
  size_t train_count;
  const unsigned char *fresh; /* per train entry: 1 = new since the parent
                                ** learned (only those are distilled); NULL:
                                ** all are new */
  /* filled by learn() */
  struct jg_memory memory; /* owned */
  struct jg_buf notes;     /* one line a note, for the report */
  int64_t failed_batches;
};

struct jg_completion {
  char *text;  /* owned; NULL when it failed */
  char *error; /* owned: why */
};

struct jg_align_env {
  void *ctx;
  /* Completes n prompts with the optimizer's model, many at once. A failed one
  ** has text NULL; fails only for interrupts, budgets and memory. */
  int (*complete)(void *ctx, const struct jg_prompt *prompts, size_t n,
                  struct jg_completion *out, struct jg_err *err);
  const struct jg_stop *stop; /* asked by long work; may be NULL */
  const struct jg_log *log;
};

struct jg_optimizer {
  const char *name;
  /* Learns all lessons; their model calls may go out together. */
  int (*learn)(const struct jg_align_env *env,
               const struct jg_align_options *options,
               struct jg_lesson *lessons, size_t count, struct jg_err *err);
};

extern const struct jg_optimizer jg_memalign;      /* align/memalign.c */
extern const struct jg_optimizer jg_lexical_align; /* align/lexical_fit.c: what
                                                   ** any optimizer does for a
                                                   ** judge on local:/lexical */

/* By name; NULL and an error with the names there are. A judge on
** local:/lexical always gets jg_lexical_align. */
const struct jg_optimizer *jg_optimizer_find(const char *name,
                                             const struct jg_judge *judge,
                                             struct jg_err *err);
void jg_lesson_dispose(struct jg_lesson *lesson);
void jg_completion_dispose(struct jg_completion *completion);

#endif
