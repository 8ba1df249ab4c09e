/*
** Labelled rows: one per trace, carrying every reviewer's valid label, and the
** policy that picks the label to train on. Reviewers weigh the same: the latest
** valid label of each counts once.
*/
#ifndef JG_ALIGN_LABELS_H
#define JG_ALIGN_LABELS_H

#include "judge/judge.h"

struct jg_label {
  char *assessment_id;
  char *source_id;
  struct jg_value value;
  char *rationale; /* NULL: none */
  int64_t created_ms;
  int64_t sequence; /* order of insertion: breaks ties of created_ms */
};

struct jg_row {
  char *trace_id;
  char *inputs, *outputs, *expectations; /* NULL where missing */
  uint64_t group;          /* digest of the inputs: equal inputs, one group */
  struct jg_label *labels; /* by created_ms, sequence */
  size_t label_count;
  struct jg_value target; /* what the policy picked; JG_NULL when contested */
  int contested;          /* a tie: left out of training */
  float *vector;          /* the embedding stored with an example, or NULL */
  size_t dim;             /* numbers of it */
  char *vector_model;     /* URI of the model that made it */
};

enum jg_label_policy {
  JG_LABELS_AUTO, /* mean for numbers and declared orders, else majority */
  JG_LABELS_LATEST,
  JG_LABELS_MAJORITY,
  JG_LABELS_MEAN
};

/* Picks target and contested for each row (law 6: the mean goes to the nearest
** declared value, halves down; majority ties are contested). A label outside
** the scale decides nothing; a row without any other is contested too, so that
** it is never trained on. mean on a scale without order is an error that names
** the judge's value type. */
int jg_labels_resolve(enum jg_label_policy policy, const struct jg_scale *scale,
                      struct jg_row *rows, size_t count, struct jg_err *err);
/* 1 when label i is the latest of its reviewer on this row (equal times: the
** one inserted last), so that it counts; labels without a source share one. */
int jg_label_counts(const struct jg_row *row, size_t i);
/* 1 and *out when word names a policy (NULL: auto); else 0. */
int jg_labels_policy(const char *word, enum jg_label_policy *out);
void jg_row_dispose(struct jg_row *row);
void jg_rows_free(struct jg_row *rows, size_t count);

#endif
