/*
** What two versions are worth on the same human labels: the numbers of
** judge_align and judge_compare. Every label is a row, so the agreement among
** people is the yardstick.
*/
#ifndef JG_RUN_GAIN_H
#define JG_RUN_GAIN_H

#include "judge/scale.h"
#include "stats/paired.h"

/* One trace that both versions rated, with its labels. Lent. */
struct jg_gain_item {
  uint64_t trace; /* key of the trace */
  uint64_t group;
  const struct jg_value *original, *aligned;
  const struct jg_value **labels;
  size_t label_count;
};

struct jg_gain {
  struct jg_paired accuracy, kappa;
  struct jg_paired quadratic, mae; /* when ordered */
  int ordered;
  double human_agreement, majority_baseline; /* NaN: undefined */
  uint64_t traces;
};

/* Does a verdict with this error count as a wrong one? An answer that could not
** be used was given; a call that failed was not, and is missing. NULL: 1. */
int jg_gain_counts(const char *error_code);
int jg_gain_measure(const struct jg_scale *scale,
                    const struct jg_gain_item *items, size_t count,
                    struct jg_gain *out, struct jg_err *err);

#endif
