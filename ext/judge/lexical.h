/*
** local:/lexical, the embedded default: no network, no key, no model. See
** docs/models.md for what it can and cannot do.
*/
#ifndef JG_JUDGE_LEXICAL_H
#define JG_JUDGE_LEXICAL_H

#include "judge/verdict.h"

#define JG_LEXICAL_URI "local:/lexical"

/* A labelled example near the item, nearest first. */
struct jg_lexical_neighbour {
  const char *trace_id;
  const struct jg_value *label;
  double score; /* higher is nearer */
};

/* Is the model URI local:/lexical? An unknown local:/ model is an error. */
int jg_lexical_is(const char *model);
/* Checks at definition or run time that the judge can be served: an unaligned
** judge needs declared values (bool and lists). */
int jg_lexical_check(const struct jg_judge *judge, struct jg_err *err);
/* Unaligned: word overlap cut into equal bins. Aligned (memory.local_model):
** the fitted model, citing the neighbours. Neighbours are looked at only by a
** model that votes; the caller finds them with the recall. */
int jg_lexical_judge(const struct jg_judge *judge, const struct jg_item *item,
                     const struct jg_lexical_neighbour *neighbours,
                     size_t neighbour_count, struct jg_verdict *out,
                     struct jg_err *err);
/* How many neighbours jg_lexical_judge wants (0: none). */
size_t jg_lexical_neighbours(const struct jg_judge *judge);

/* The documented overlap features of an item, for fitting. */
#define JG_LEXICAL_FEATURES 8
int jg_lexical_features(const struct jg_judge *judge,
                        const struct jg_item *item,
                        double features[JG_LEXICAL_FEATURES],
                        struct jg_err *err);

#endif
