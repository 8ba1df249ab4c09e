/* Categories in order and their weights; see weighting.h. */
#include "stats/weighting.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"

double jg_label_number(const struct jg_value *label) {
  double x = label->real;
  if (label->type == JG_TEXT && !jg_text_number(label->text, label->len, &x)) {
    return NAN;
  }
  return x;
}

/* -- categories ----------------------------------------------------------- */

struct scored {
  double score;
  uint32_t id;
  size_t place; /* before sorting: keeps equal scores in their order */
};

static int by_score(const void *a, const void *b) {
  const struct scored *x = a;
  const struct scored *y = b;
  if (x->score != y->score) {
    return x->score < y->score ? -1 : 1;
  }
  return x->place < y->place ? -1 : x->place > y->place;
}

/* Scores by value or, in an order of values, by position. */
static int score(struct jg_weighting *w, const struct jg_labels *labels,
                 int by_value, int by_number, struct jg_err *err) {
  struct scored *list = jg_mem_new(w->q, sizeof *list, err);
  if (list == NULL) {
    return JG_NOMEM;
  }
  for (size_t i = 0; i < w->q; i++) {
    uint32_t id = w->id[i];
    double x = by_number ? jg_label_number(&labels->label[id]->value) : NAN;
    list[i] = (struct scored){isnan(x) ? (double)i : x, id, i};
  }
  if (by_number) {
    qsort(list, w->q, sizeof *list, by_score);
  }
  for (size_t i = 0; i < w->q; i++) {
    w->id[i] = list[i].id;
    w->score[i] = by_value ? list[i].score : (double)i;
  }
  assert(w->q == 0 || !by_number || w->score[0] <= w->score[w->q - 1]);
  if (w->q > 0) {
    w->span = w->score[w->q - 1] - w->score[0];
  }
  jg_mem_free(list);
  return JG_OK;
}

static void take_matrix(struct jg_weighting *w,
                        const struct jg_metric_options *options) {
  double largest = 0;
  w->matrix = options->matrix;
  assert(options->matrix != NULL && options->order_count > 0);
  for (size_t i = 0; i < options->order_count * options->order_count; i++) {
    largest = fmax(largest, options->matrix[i]);
  }
  w->scale = options->matrix_is_agreement || largest == 0 ? 1 : largest;
}

int jg_weighting_init(struct jg_weighting *w, struct jg_labels *labels,
                      const struct jg_metric_options *options,
                      enum jg_weights kind, struct jg_err *err) {
  const uint32_t *ids = NULL;
  int ordered = (options->given & JG_TAKES_ORDER) != 0;
  int by_number = !ordered && (kind != JG_WEIGHTS_NONE ||
                               options->distance != JG_DISTANCE_NOMINAL);
  memset(w, 0, sizeof *w);
  w->kind = kind;
  if (kind == JG_WEIGHTS_MATRIX) {
    take_matrix(w, options);
  }
  if (jg_labels_sorted(labels, &ids, &w->q, err) != JG_OK) {
    return err->code;
  }
  w->id = jg_mem_new(w->q, sizeof *w->id, err);
  w->score = jg_mem_new(w->q, sizeof *w->score, err);
  if (err->code == JG_OK && w->q > 0) {
    memcpy(w->id, ids, w->q * sizeof *ids);
  }
  if (err->code != JG_OK ||
      score(w, labels, options->scores_are_values, by_number, err) != JG_OK) {
    jg_weighting_dispose(w);
  }
  return err->code;
}

void jg_weighting_dispose(struct jg_weighting *w) {
  jg_mem_free(w->id);
  jg_mem_free(w->score);
  memset(w, 0, sizeof *w);
}

/* -- weights -------------------------------------------------------------- */

double jg_weighting_at(const struct jg_weighting *w, size_t i, size_t j) {
  if (w->kind == JG_WEIGHTS_NONE) {
    return i == j;
  }
  if (w->kind == JG_WEIGHTS_MATRIX) {
    return 1 - w->matrix[i * w->q + j] / w->scale;
  }
  double q = (double)w->q;
  double d = fabs(w->score[i] - w->score[j]);
  if (d == 0) {
    return 1;
  }
  switch (w->kind) {
  case JG_WEIGHTS_LINEAR:
    return 1 - d / w->span;
  case JG_WEIGHTS_QUADRATIC:
    return 1 - d / w->span * (d / w->span);
  default: /* Gwet's ordinal weights, on positions */
    return 1 - (d + 1) * d / (q * (q - 1));
  }
}

double jg_weighting_total(const struct jg_weighting *w) {
  double sum = 0;
  if (w->kind == JG_WEIGHTS_NONE) {
    return (double)w->q;
  }
  for (size_t i = 0; i < w->q; i++) {
    for (size_t j = 0; j < w->q; j++) {
      sum += jg_weighting_at(w, i, j);
    }
  }
  return sum;
}

void jg_weighting_mean(const struct jg_weighting *w, const double *share,
                       int down, double *to) {
  for (size_t i = 0; i < w->q; i++) {
    to[i] = w->kind == JG_WEIGHTS_NONE ? share[i] : 0;
    for (size_t j = 0; w->kind != JG_WEIGHTS_NONE && j < w->q; j++) {
      to[i] += share[j] *
               (down ? jg_weighting_at(w, j, i) : jg_weighting_at(w, i, j));
    }
  }
}
