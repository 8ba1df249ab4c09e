/*
** judge_align, in steps (run/align.c is the order of them):
**
**   rows     labelled traces, the label each is trained on, what is new
**   plan     who may be scored by whom: split or cross-fitting (law 6)
**   learn    one lesson a fold and one for all; their calls go out together
**   score    held-out rows by the new version and by its parent
**   gain     improvement with its interval; accept or keep as a candidate
**   publish  drafts, then one UPDATE (law 7)
**
** explain goes through learn and score without sending, on stored answers.
*/
#ifndef JG_RUN_ALIGNMENT_H
#define JG_RUN_ALIGNMENT_H

#include "align/align.h"
#include "align/readiness.h"
#include "align/split.h"
#include "judge/verdict.h"
#include "run/forecast.h"
#include "run/gain.h"
#include "run/ready.h"
#include "run/vectors.h"
#include "store/trace.h"

struct jg_alignment_options {
  const char *optimizer, *model, *embedding_model;
  const char *experiment;
  struct jg_sql where;
  const struct jg_json *trace_ids;
  int64_t limit, min_traces;
  const char *labels;
  int64_t retrieval_k, max_guidelines, seed;
  double held_out;
  struct jg_limits limits;
  int explain, verbose;
};

/* What became of one row's verdict by one version. */
struct jg_scored {
  int known;             /* value or error is there */
  struct jg_value value; /* JG_NULL: the judge failed */
  char *rationale;
  char *error_code, *error_message;
  char *answer; /* metadata of the call, JSON */
};

struct jg_alignment {
  struct jg_job job;
  struct jg_alignment_options options;
  struct jg_json *keep; /* owns the option texts */
  char *options_json;   /* the options as given, or NULL */
  struct jg_session *session;

  struct jg_judge parent;
  struct jg_definition_info info; /* of the parent */
  struct jg_row *parent_examples;
  size_t parent_example_count;
  const struct jg_optimizer *optimizer;
  const char *optimizer_name; /* as asked for: memalign */

  struct jg_row *rows; /* labelled traces that can be used */
  size_t row_count;
  unsigned char *fresh; /* per row: new to the parent */
  unsigned char *seen;  /* per row: the parent learned from it */
  int64_t skipped;      /* traces that could not be used */
  int64_t contested;
  char *near_names; /* JSON or NULL */
  struct jg_readiness readiness;
  struct jg_buf readiness_json;

  struct jg_split split;
  struct jg_judge base;      /* what a fold learns from: the parent
                                   ** without what labels taught it */
  struct jg_judge stem;      /* what the published version learns from:
                                   ** the parent with what still holds */
  struct jg_lesson *lessons; /* folds (when cross-fitted), then the last
                                   ** one: the version to publish */
  size_t **train;            /* positions, one list a lesson */
  unsigned char *last_fresh; /* of the last lesson's train */
  size_t lesson_count;

  struct jg_judge *judges;              /* one a lesson: the parent with the
                                   ** lesson's memory */
  struct jg_scored *original, *aligned; /* one a row */
  struct jg_vectors keys; /* of the rows, by the new version's model */
  struct jg_gain gain;
  int done_before;  /* explain: the same alignment was made */
  int64_t unscored; /* held-out traces that lack a verdict */
  int accepted;

  struct jg_buf notes; /* sentences */
  char *version;       /* name@version published or found */
  int existed;
  int64_t definition_id;
};

/* align_rows.c */
int jg_alignment_load(struct jg_alignment *a, struct jg_err *err);
/* align_learn.c */
int jg_alignment_plan(struct jg_alignment *a, struct jg_err *err);
/* The model that distills: the option's, else the parent's own. */
int jg_alignment_endpoint(const struct jg_alignment *a,
                          struct jg_endpoint *endpoint, struct jg_err *err);
/* Its request for a prompt, texts lent. */
struct jg_chat jg_alignment_chat(const struct jg_prompt *prompt);
int jg_alignment_learn(struct jg_alignment *a, struct jg_err *err);
/* The same with other answers, those of jg_align_env's complete(). */
typedef int jg_alignment_completer(void *ctx, const struct jg_prompt *prompts,
                                   size_t n, struct jg_completion *out,
                                   struct jg_err *err);
int jg_alignment_learn_by(struct jg_alignment *a,
                          jg_alignment_completer *completer, void *ctx,
                          const struct jg_log *log, struct jg_err *err);
/* align_score.c */
int jg_alignment_score(struct jg_alignment *a, struct jg_err *err);
/* Counts what that would send. extra: tokens of guidelines that are not there
** yet, one number a lesson. */
int jg_alignment_score_forecast(struct jg_alignment *a, struct jg_forecast *f,
                                struct jg_forecast_group *ratings,
                                struct jg_forecast_group *embeddings,
                                const double *extra, struct jg_err *err);
/* align_forecast.c: opens and fills f. */
int jg_alignment_forecast(struct jg_alignment *a, struct jg_forecast *f,
                          struct jg_err *err);
/* align_gain.c */
int jg_alignment_gain(struct jg_alignment *a, struct jg_err *err);
/* align_publish.c */
int jg_alignment_publish(struct jg_alignment *a, struct jg_err *err);
/* align_report.c */
void jg_alignment_report(struct jg_alignment *a, struct jg_buf *report);
int jg_alignment_explain(struct jg_alignment *a, struct jg_buf *report,
                         struct jg_err *err);

/* Adds a sentence to the notes. */
void jg_alignment_note(struct jg_alignment *a, const char *format, ...)
    JG_PRINTF(2, 3);
/* Is a row held out of the last lesson (split) or scored by a fold? */
int jg_alignment_is_scored(const struct jg_alignment *a, size_t row);
/* The row of a trace by its id, or NULL; rows are sorted by it. */
const struct jg_row *jg_alignment_row(const struct jg_alignment *a,
                                      const char *trace_id);
/* The last lesson: what gets published. */
struct jg_lesson *jg_alignment_last(const struct jg_alignment *a);
/* Do two rows carry the same labels and reasons of the same reviewers? */
int jg_rows_same_labels(const struct jg_row *a, const struct jg_row *b);
void jg_scored_dispose(struct jg_scored *scored);

#endif
