/*
** local:/lexical, the embedded default: no network, no key, no model. See
** docs/local_model.md for what it can and cannot do.
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

/* Is the model URI local:/lexical? Other local:/ models are unknown:
** jg_lexical_check() says so. */
int jg_lexical_is(const char *model);
/* Checks before a run that the judge can be served: the model is known, and an
** unaligned judge has declared values (bool and lists). Not for make_judge(): a
** judge without declared values may be made, and aligned. */
int jg_lexical_check(const struct jg_judge *judge, struct jg_err *err);
/* Unaligned: word overlap cut into equal bins. Aligned (memory.local_model):
** the fitted model, citing the neighbours. Neighbours are looked at only by a
** model that votes; the caller finds them with the recall. An item without
** words to compare gets a verdict with error_code MISSING_FIELD. */
int jg_lexical_judge(const struct jg_judge *judge, const struct jg_item *item,
                     const struct jg_lexical_neighbour *neighbours,
                     size_t neighbour_count, struct jg_verdict *out,
                     struct jg_err *err);
/* How many neighbours jg_lexical_judge wants (0: none). */
size_t jg_lexical_neighbours(const struct jg_judge *judge);

#endif
