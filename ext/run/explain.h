/* The forecast of judge_run: what it would send, without sending. */
#ifndef JG_RUN_EXPLAIN_H
#define JG_RUN_EXPLAIN_H

#include "run/ready.h"
#include "run/selection.h"

int jg_run_explain(struct jg_job *job, const struct jg_judge *judge,
                   const struct jg_definition_info *info,
                   const struct jg_row *examples, size_t example_count,
                   struct jg_selection *selection, struct jg_buf *report,
                   struct jg_err *err);

#endif
