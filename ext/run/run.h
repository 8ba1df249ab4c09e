/*
** The commands, without SQL around them: each takes its arguments as text and
** writes its report, one JSON object, into *report.
*/
#ifndef JG_RUN_RUN_H
#define JG_RUN_RUN_H

#include "run/session.h"

int jg_run_judge_run(struct jg_session *session, const char *judge,
                     const char *options, struct jg_buf *report,
                     struct jg_err *err);

/* judge_eval(judge, trace_id) when trace_id is set, else of the item. The
** report is {value, rationale, ...}. */
struct jg_eval {
  const char *judge;
  const char *trace_id;
  struct jg_item item;
};
int jg_run_judge_eval(struct jg_session *session, const struct jg_eval *eval,
                      struct jg_buf *report, struct jg_err *err);

int jg_run_judge_align(struct jg_session *session, const char *judge,
                       const char *options, struct jg_buf *report,
                       struct jg_err *err);

int jg_run_judge_generate(struct jg_session *session, const char *model,
                          const char *template, const char *options,
                          struct jg_buf *report, struct jg_err *err);

/* The exact request for an item, without sending it and without keys:
** {"model", "url", "body"}; for a local judge {"model", "note"}. Examples that
** need an embedding are left out, and "note" says so. */
int jg_run_prompt(struct jg_session *session, const struct jg_judge *judge,
                  const struct jg_definition_info *info,
                  const struct jg_item *item, struct jg_buf *out,
                  struct jg_err *err);

#endif
