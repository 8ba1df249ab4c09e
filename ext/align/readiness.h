/* Is there enough to learn from? Looked at before any money is spent. */
#ifndef JG_ALIGN_READINESS_H
#define JG_ALIGN_READINESS_H

#include "align/labels.h"

struct jg_readiness {
  int64_t traces; /* labelled */
  int64_t labels;
  int64_t groups;
  int64_t reviewers;
  int64_t contested;
  int64_t with_reason;    /* labels that carry a rationale */
  int64_t negative;       /* traces whose target is negative */
  int64_t missing_fields; /* traces that lack a field the judge needs */
  int64_t classes;        /* distinct targets */
};

/* Counts, and writes the report as one JSON object: the counts, shares,
** per_class and per_reviewer counts, ready (1 when min_traces can be trained
** on), and under advice a list of texts: fewer than min_traces (says how many
** are missing), fewer than 50, under 30 % negatives, one class only, one
** reviewer, few reasons, contested rows, missing fields. near_names: HUMAN
** feedback names that nearly match the judge's, with their counts, as a JSON
** object text or NULL. */
int jg_readiness_report(const struct jg_judge *judge, const struct jg_row *rows,
                        size_t count, int64_t min_traces,
                        const char *near_names, struct jg_readiness *out,
                        struct jg_jsonw *report, struct jg_err *err);

#endif
