/*
** Which rows a version may be scored on (law 6). From 200 input groups on, a
** stable 70/30 split by hash of the group; below, 5-fold cross-fitting by
** group. No group is ever on both sides.
*/
#ifndef JG_ALIGN_SPLIT_H
#define JG_ALIGN_SPLIT_H

#include "align/labels.h"

#define JG_SPLIT_GROUPS 200
#define JG_SPLIT_FOLDS 5

struct jg_split {
  int cross_fitted; /* 1: fold[i] is 0..folds-1; 0: fold[i] is 0 (training) or
                    ** 1 (held out) */
  int folds;        /* cross-fitted: 5, or fewer with fewer groups; else 2 */
  int *fold;        /* one per row */
  size_t groups;
};

/* held_out: share held out by a split (0.3). Same rows and seed, same plan; the
** split of a group does not depend on the other rows, and seed 0 is the stable
** one that all alignments share. Contested rows get a fold
** too (they are scored, not trained on). Fewer than 2 groups: an error. */
int jg_split_plan(const struct jg_row *rows, size_t count, uint64_t seed,
                  double held_out, struct jg_split *out, struct jg_err *err);
void jg_split_dispose(struct jg_split *split);

#endif
