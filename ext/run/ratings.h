/*
** Rating many items, by models or on the spot: what a judge lacks is found
** before a call is paid for, every item ends with a verdict or a reason.
*/
#ifndef JG_RUN_RATINGS_H
#define JG_RUN_RATINGS_H

#include "run/ready.h"

/* One item to rate. Lent by the source until done() or drop(). */
struct jg_rating {
  const struct jg_ready *ready;
  struct jg_item item;
  const float *key_vector; /* when ready->by_vectors */
  const char *lack;        /* "CODE: message": why it has none; or NULL */
  int64_t repetition;
  int anew;  /* as in jg_call */
  void *tag; /* the source's */
};

struct jg_ratings {
  struct jg_job *job;
  void *ctx;
  /* Fills *rating. As the scheduler's next(). */
  enum jg_next (*next)(void *ctx, struct jg_rating *rating, struct jg_err *err);
  /* Takes the verdict's content over by copying or moving; the rest is
  ** disposed of. answer is NULL when no call was needed. */
  int (*done)(void *ctx, const struct jg_rating *rating,
              struct jg_verdict *verdict, const struct jg_answer *answer,
              struct jg_err *err);
  /* Not rated: a budget or an interrupt. May be NULL. */
  void (*drop)(void *ctx, const struct jg_rating *rating);
  /* As in jg_calls; also called between items that need no call. */
  int (*flush)(void *ctx, struct jg_err *err);
  int finish; /* done() may set it: nothing new is sent or rated */
};

int jg_ratings_run(struct jg_ratings *ratings, struct jg_err *err);

#endif
