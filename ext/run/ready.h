/*
** A judge made ready to rate: endpoint resolved, examples searchable.
*/
#ifndef JG_RUN_READY_H
#define JG_RUN_READY_H

#include "align/labels.h"
#include "align/recall.h"
#include "judge/prompt.h"
#include "judge/verdict.h"
#include "run/job.h"
#include "run/vectors.h"

struct jg_ready {
  const struct jg_judge *judge;   /* lent */
  const char *ref;                /* name@version in judge_call; may be NULL */
  int local;                      /* local:/lexical */
  const char *allow_params;       /* the connection's; lent */
  struct jg_endpoint endpoint;    /* not for a local judge */
  const struct jg_row **examples; /* the array is owned, the rows are lent */
  size_t example_count;
  struct jg_recall recall;
  size_t k;       /* examples shown, 0 = none */
  int by_vectors; /* items need a key vector */
  int stand_in;   /* by vectors that stand for embeddings nobody has yet */
  struct jg_endpoint embedding; /* when by_vectors */
  size_t dim;                   /* of the examples' vectors; 0: not known */
};

/* examples: rows of the judge's memory, lent until jg_ready_dispose(). Sends
** embedding requests when the judge has an embedding model, for those that have
** no vector beside them. */
int jg_ready_open(struct jg_job *job, const struct jg_judge *judge,
                  const char *ref, const struct jg_row *const *examples,
                  size_t count, struct jg_ready *out, struct jg_err *err);
/* The same without endpoint, and without sending: for showing a request, not
** for making one. Where embeddings are needed that are not stored, each item
** gets k examples all the same, but not those that will be the nearest. */
int jg_ready_open_unsent(struct jg_job *job, const struct jg_judge *judge,
                         const struct jg_row *const *examples, size_t count,
                         struct jg_ready *out, struct jg_err *err);
/* Gives such a judge an endpoint to show: where none can be resolved (no key),
** the model's name alone, and *note (may be NULL) says why. */
int jg_ready_show_endpoint(struct jg_session *session, struct jg_ready *ready,
                           struct jg_err *note, struct jg_err *err);
void jg_ready_dispose(struct jg_ready *ready);

/* Embeds the keys of items, as jg_ready_prompt() wants them: a text that cannot
** be embedded has its reason in lacks. */
int jg_ready_embed(struct jg_job *job, const struct jg_ready *ready,
                   const char *const *keys, size_t count,
                   struct jg_vectors *out, struct jg_err *err);
/* The prompt for an item, with its nearest examples. */
int jg_ready_prompt(const struct jg_ready *ready, const struct jg_item *item,
                    const float *key_vector, struct jg_prompt *out,
                    struct jg_err *err);
/* The body of the request for it, owned. */
char *jg_ready_body(const struct jg_ready *ready, const struct jg_item *item,
                    const float *key_vector, struct jg_err *err);
/* The same where nothing may be sent, the judge opened unsent; *tokens is what
** it takes, as estimated. */
char *jg_ready_request(const struct jg_ready *ready, struct jg_session *session,
                       const struct jg_item *item, int64_t *tokens,
                       struct jg_err *err);
/* The verdict of a judge on local:/lexical. */
int jg_ready_local(const struct jg_ready *ready, const struct jg_item *item,
                   struct jg_verdict *out, struct jg_err *err);

/* The examples of a stored memory as rows (jg_rows_free). */
int jg_ready_examples(struct jg_session *session, int64_t memory_id,
                      struct jg_row **rows, size_t *count, struct jg_err *err);
struct jg_item jg_row_item(const struct jg_row *row);
/* An array of pointers to rows, as jg_ready_open() takes them; owned (never NULL
** but on failure). */
const struct jg_row **jg_row_pointers(const struct jg_row *rows, size_t count,
                                      struct jg_err *err);

#endif
