/*
** Picking the label to train on (law 6). One pass a row: each reviewer's
** latest label that lies on the scale is counted, then the policy decides.
*/
#include "align/labels.h"

#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond, doubles skip numbers */
#define NEAR 1e-9 /* means this near to the middle are in the middle */

/* One policy at work on one row. */
struct ballot {
  const struct jg_scale *scale;
  const struct jg_row *row;
  const unsigned char *votes; /* per label: does it count? */
};

static int same_reviewer(const struct jg_label *a, const struct jg_label *b) {
  if (a->source_id == NULL || b->source_id == NULL) {
    return a->source_id == b->source_id;
  }
  return strcmp(a->source_id, b->source_id) == 0;
}

/* Is a older than b? At equal times the one inserted last is the newer. */
static int is_older(const struct jg_label *a, const struct jg_label *b) {
  if (a->created_ms != b->created_ms) {
    return a->created_ms < b->created_ms;
  }
  return a->sequence < b->sequence;
}

int jg_label_counts(const struct jg_row *row, size_t i) {
  size_t j;

  for (j = 0; j < row->label_count; j++) {
    if (j != i && same_reviewer(&row->labels[i], &row->labels[j]) &&
        (is_older(&row->labels[i], &row->labels[j]) ||
         (j > i && !is_older(&row->labels[j], &row->labels[i])))) {
      return 0;
    }
  }
  return row->label_count > i;
}

/* Labels typed in by hand may lie outside the scale; they decide nothing. */
static int is_on_scale(const struct jg_scale *scale,
                       const struct jg_value *value) {
  switch (scale->type) {
  case JG_SCALE_STR:
    return value->type != JG_NULL;
  case JG_SCALE_BOOL:
  case JG_SCALE_LIST:
    return jg_scale_position(scale, value) >= 0;
  case JG_SCALE_INT:
    return value->type == JG_INT ||
           (value->type == JG_REAL && value->real == floor(value->real) &&
            fabs(value->real) <= WHOLE_MAX);
  case JG_SCALE_FLOAT:
    return value->type == JG_INT ||
           (value->type == JG_REAL && isfinite(value->real));
  }
  return 0;
}

/* The newest vote, or NULL without any. */
static const struct jg_value *newest(const struct ballot *ballot) {
  const struct jg_label *best = NULL;
  size_t i;

  for (i = 0; i < ballot->row->label_count; i++) {
    const struct jg_label *label = &ballot->row->labels[i];
    if (ballot->votes[i] && (best == NULL || !is_older(label, best))) {
      best = label;
    }
  }
  return best == NULL ? NULL : &best->value;
}

static size_t support(const struct ballot *ballot,
                      const struct jg_value *value) {
  size_t count = 0;
  size_t i;

  for (i = 0; i < ballot->row->label_count; i++) {
    if (ballot->votes[i] &&
        jg_value_equal(&ballot->row->labels[i].value, value)) {
      count++;
    }
  }
  return count;
}

/* The value with most votes; NULL at a tie or without any vote. */
static const struct jg_value *most_frequent(const struct ballot *ballot) {
  const struct jg_value *best = NULL;
  size_t most = 0;
  int tied = 0;
  size_t i;

  for (i = 0; i < ballot->row->label_count; i++) {
    const struct jg_value *value = &ballot->row->labels[i].value;
    size_t count = ballot->votes[i] ? support(ballot, value) : 0;
    if (count > most) {
      most = count;
      best = value;
      tied = 0;
    } else if (count > 0 && count == most && !jg_value_equal(value, best)) {
      tied = 1;
    }
  }
  return tied ? NULL : best;
}

static int is_numeric(const struct jg_scale *scale) {
  return scale->type != JG_SCALE_LIST || scale->values[0].type != JG_TEXT;
}

/* What the mean is taken of: numbers as they are, declared texts by their
** place in the order. */
static double weight(const struct jg_scale *scale,
                     const struct jg_value *value) {
  return is_numeric(scale) ? value->real
                           : (double)jg_scale_position(scale, value);
}

/* The declared value nearest to the mean; of two as near the lower one. */
static const struct jg_value *nearest_declared(const struct jg_scale *scale,
                                               double mean) {
  const struct jg_value *best = NULL;
  double distance = 0;
  size_t i;

  for (i = 0; i < scale->count; i++) {
    double here = fabs(weight(scale, &scale->values[i]) - mean);
    if (best == NULL || here < distance - NEAR * (1 + distance)) {
      best = &scale->values[i];
      distance = here;
    }
  }
  return best;
}

/* JG_NULL without any vote. */
static struct jg_value mean(const struct ballot *ballot) {
  const struct jg_scale *scale = ballot->scale;
  struct jg_value none = {0};
  double sum = 0;
  size_t count = 0;
  size_t i;

  for (i = 0; i < ballot->row->label_count; i++) {
    if (ballot->votes[i]) {
      sum += weight(scale, &ballot->row->labels[i].value);
      count++;
    }
  }
  if (count == 0) {
    return none;
  }
  sum /= (double)count;
  if (scale->type == JG_SCALE_LIST) {
    return *nearest_declared(scale, sum);
  }
  if (scale->type == JG_SCALE_INT) {
    /* Rounded, halves down. scale.c keeps whole numbers within 2^53. */
    return jg_value_int((int64_t)ceil(sum - 0.5));
  }
  return jg_value_real(sum);
}

static enum jg_label_policy settle(enum jg_label_policy policy,
                                   const struct jg_scale *scale) {
  if (policy != JG_LABELS_AUTO) {
    return policy;
  }
  return jg_scale_is_ordered(scale) ? JG_LABELS_MEAN : JG_LABELS_MAJORITY;
}

/* The label of a row as the policy picks it, owned; JG_NULL when none. */
static int pick(enum jg_label_policy policy, const struct ballot *ballot,
                struct jg_value *out, struct jg_err *err) {
  struct jg_value picked = {0};
  const struct jg_value *lent = NULL;

  if (policy == JG_LABELS_MEAN) {
    picked = mean(ballot);
    lent = &picked;
  } else if (policy == JG_LABELS_LATEST) {
    lent = newest(ballot);
  } else {
    lent = most_frequent(ballot);
  }
  return lent == NULL ? JG_OK : jg_value_copy(out, lent, err);
}

static int resolve_row(enum jg_label_policy policy,
                       const struct jg_scale *scale, struct jg_row *row,
                       struct jg_err *err) {
  unsigned char *votes = jg_mem_new(row->label_count, 1, err);
  struct ballot ballot = {scale, row, votes};
  struct jg_value target = {0};
  size_t i;

  if (votes == NULL) {
    return err->code;
  }
  for (i = 0; i < row->label_count; i++) {
    votes[i] =
        is_on_scale(scale, &row->labels[i].value) && jg_label_counts(row, i);
  }
  if (pick(policy, &ballot, &target, err) == JG_OK) {
    jg_value_dispose(&row->target);
    row->target = target;
    row->contested = target.type == JG_NULL;
  }
  jg_mem_free(votes);
  return err->code;
}

int jg_labels_resolve(enum jg_label_policy policy, const struct jg_scale *scale,
                      struct jg_row *rows, size_t count, struct jg_err *err) {
  enum jg_label_policy settled = settle(policy, scale);
  struct jg_buf type;
  size_t i;

  if (err->code != JG_OK) {
    return err->code;
  }
  if (settled == JG_LABELS_MEAN && !jg_scale_is_ordered(scale)) {
    jg_buf_init(&type, JG_ERR_BYTES);
    jg_scale_write(scale, &type);
    jg_err_set(err, JG_ERROR,
               "labels 'mean' needs numbers or a declared order of three and "
               "more values, and the judge's value type is %s: use 'auto', "
               "'majority' or 'latest'",
               jg_buf_text(&type));
    jg_buf_dispose(&type);
    return err->code;
  }
  for (i = 0; i < count; i++) {
    if (resolve_row(settled, scale, &rows[i], err) != JG_OK) {
      return err->code;
    }
  }
  return JG_OK;
}

int jg_labels_policy(const char *word, enum jg_label_policy *out) {
  static const char *const WORDS[] = {"auto", "latest", "majority", "mean"};
  size_t i;

  if (word == NULL) {
    *out = JG_LABELS_AUTO;
    return 1;
  }
  for (i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
    if (jg_text_same(word, WORDS[i])) {
      *out = (enum jg_label_policy)i;
      return 1;
    }
  }
  return 0;
}

void jg_row_dispose(struct jg_row *row) {
  size_t i;

  if (row == NULL) {
    return;
  }
  for (i = 0; i < row->label_count; i++) {
    jg_mem_free(row->labels[i].assessment_id);
    jg_mem_free(row->labels[i].source_id);
    jg_value_dispose(&row->labels[i].value);
    jg_mem_free(row->labels[i].rationale);
  }
  jg_mem_free(row->labels);
  jg_mem_free(row->trace_id);
  jg_mem_free(row->inputs);
  jg_mem_free(row->outputs);
  jg_mem_free(row->expectations);
  jg_value_dispose(&row->target);
  jg_mem_free(row->vector);
  jg_mem_free(row->vector_model);
  memset(row, 0, sizeof *row);
}

void jg_rows_free(struct jg_row *rows, size_t count) {
  size_t i;

  for (i = 0; rows != NULL && i < count; i++) {
    jg_row_dispose(&rows[i]);
  }
  jg_mem_free(rows);
}
