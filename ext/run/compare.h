/*
** judge_compare: two versions on the human labels that neither was tuned on.
** Only reads. A verdict counts when the version did not learn from the trace,
** or when it is the cross-fitted one of a fold that did not see it.
*/
#ifndef JG_RUN_COMPARE_H
#define JG_RUN_COMPARE_H

#include "run/gain.h"
#include "run/session.h"

struct jg_comparison {
  struct jg_judge a, b;
  struct jg_definition_info a_info, b_info;
  struct jg_gain gain;
  int64_t missing; /* labelled traces that lack a verdict of a or b */
  int64_t missing_a, missing_b;
  int64_t seen;   /* left out: a version learned from them */
  int64_t failed; /* answers that could not be used: count as wrong */
  struct jg_buf note;
};

/* options: where, trace_ids. */
int jg_compare(struct jg_session *session, const char *a, const char *b,
               const char *options, struct jg_comparison *out,
               struct jg_err *err);
void jg_comparison_dispose(struct jg_comparison *comparison);

#endif
