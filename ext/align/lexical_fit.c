/*
** The learner of local:/lexical: fits what it can to the human labels and keeps
** what predicts best. Candidates, simplest first:
**
** - overlap: the unaligned rule, for declared values;
** - ridge: overlap features weighed by ridge regression, with cut points that
**   give the labels' own shares, for declared orders and numbers;
** - vote: the nearest labelled examples by topic, for any values.
**
** They are measured inside the training rows only, on rows of inputs that the
** measured fit did not see: the ridge by folds of inputs, several times; the
** vote by leaving the row's own input out. Quadratic kappa decides for ordered
** values, else accuracy; equal numbers leave the simpler one. The texts of all
** rows (not the labels) count for how rare a word is.
**
** Promises: no model call, no guidelines; the same rows, options and seed give
** the same model, byte for byte.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "align/align.h"
#include "align/lexical_rarity.h"
#include "align/lexical_ridge.h"
#include "core/mem.h"
#include "core/rng.h"

#define FOLDS 5
#define REPEATS 10      /* of the folds, for up to REPEAT_ROWS rows */
#define REPEATS_LARGE 2 /* beyond */
#define REPEAT_ROWS 1000
#define ROWS_A_PIECE 64     /* between two questions whether to go on */
#define MEASURED_VOTES 2000 /* rows the vote is measured on at most */
#define LEVELS_MAX 20       /* distinct numbers that get cut points */
#define NEIGHBOURS_MAX 1000

static const char *const CANDIDATES[] = {"word overlap as unaligned",
                                         "learned overlap features",
                                         "vote of the nearest examples"};
#define CANDIDATE_COUNT 3

/* One lesson while it is learned. Rows are numbered by their place here. */
struct fit {
  const struct jg_align_env *env;
  const struct jg_align_options *options;
  struct jg_lesson *lesson;
  const struct jg_row **rows;
  size_t count;
  size_t *group; /* number of the row's input, 0..groups-1 */
  size_t groups;
  size_t largest_group;          /* rows of one input at most */
  int declared;                  /* bool or list */
  int ordered;                   /* quadratic kappa decides */
  double *y;                     /* position or number; not for free text */
  double *x;                     /* JG_LEXICAL_FEATURES a row */
  double *overlap;               /* position by the unaligned rule */
  struct jg_lexical_model model; /* rarity and levels; the fit at the end */
  size_t *fallback_of; /* rows sorted by label; [0] is of the most frequent */
  double score[CANDIDATE_COUNT]; /* cross-fitted */
  int open[CANDIDATE_COUNT];     /* measured */
};

static void dispose_fit(struct fit *fit) {
  jg_mem_free(fit->rows);
  jg_mem_free(fit->group);
  jg_mem_free(fit->y);
  jg_mem_free(fit->x);
  jg_mem_free(fit->overlap);
  jg_mem_free(fit->fallback_of);
  jg_lexical_model_dispose(&fit->model);
}

static struct jg_item item_of(const struct jg_row *row) {
  struct jg_item item = {.trace_id = row->trace_id,
                         .inputs = row->inputs,
                         .outputs = row->outputs,
                         .expectations = row->expectations};
  return item;
}

/* A label as a number to learn; 0 when it is none. */
static int number_of(const struct jg_scale *scale, const struct jg_value *label,
                     double *out) {
  int position;

  if (scale->type == JG_SCALE_INT || scale->type == JG_SCALE_FLOAT) {
    *out = label->real;
    return label->type == JG_INT || label->type == JG_REAL;
  }
  if (scale->type == JG_SCALE_STR) {
    *out = 0;
    return label->type != JG_NULL;
  }
  position = jg_scale_position(scale, label);
  *out = position;
  return position >= 0;
}

static int take_rows(struct fit *fit, struct jg_err *err) {
  const struct jg_lesson *lesson = fit->lesson;
  size_t n = lesson->train_count, i;

  fit->rows = jg_mem_new(n, sizeof *fit->rows, err);
  fit->group = jg_mem_new(n, sizeof *fit->group, err);
  fit->y = jg_mem_new(n, sizeof *fit->y, err);
  fit->x = jg_mem_new(n, sizeof *fit->x * JG_LEXICAL_FEATURES, err);
  fit->overlap = jg_mem_new(n, sizeof *fit->overlap, err);
  fit->fallback_of = jg_mem_new(n, sizeof *fit->fallback_of, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  for (i = 0; i < n; i++) {
    const struct jg_row *row = &lesson->rows[lesson->train[i]];
    if (number_of(&lesson->judge->scale, &row->target, &fit->y[fit->count])) {
      fit->rows[fit->count++] = row;
    }
  }
  if (fit->count == 0) {
    return jg_err_set(err, JG_ERROR,
                      "judge '%.200s' has no labelled row to learn from",
                      lesson->judge->name);
  }
  return JG_OK;
}

/* ---- groups of equal inputs ---- */

static int by_number(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* Numbers the groups by their digests, so that the order of rows plays no
** part in the folds. */
static int number_groups(struct fit *fit, struct jg_err *err) {
  uint64_t *known = jg_mem_new(fit->count, sizeof *known, err), *at;
  size_t *sizes = jg_mem_new(fit->count, sizeof *sizes, err);
  size_t i;

  if (known != NULL && sizes != NULL) {
    for (i = 0; i < fit->count; i++) {
      known[i] = fit->rows[i]->group;
    }
    qsort(known, fit->count, sizeof *known, by_number);
    for (i = 0; i < fit->count; i++) {
      if (fit->groups == 0 || known[fit->groups - 1] != known[i]) {
        known[fit->groups++] = known[i];
      }
    }
    for (i = 0; i < fit->count; i++) {
      at = bsearch(&fit->rows[i]->group, known, fit->groups, sizeof *known,
                   by_number);
      fit->group[i] = (size_t)(at - known);
      sizes[fit->group[i]]++;
      if (sizes[fit->group[i]] > fit->largest_group) {
        fit->largest_group = sizes[fit->group[i]];
      }
    }
  }
  jg_mem_free(known);
  jg_mem_free(sizes);
  return err->code;
}

/* ---- words ---- */

/* Asks after some rows whether to go on. */
static int check_piece(const struct fit *fit, size_t i, struct jg_err *err) {
  return i % ROWS_A_PIECE == 0 ? jg_stop_check(fit->env->stop, err)
                               : (int)err->code;
}

static int count_row(struct fit *fit, size_t i, unsigned char *seen,
                     struct jg_counter *counter, struct jg_err *err) {
  struct jg_item item = item_of(fit->rows[i]);
  struct jg_lexical_item words;
  int reference;

  if (jg_lexical_item_read(&item, &words, err) != JG_OK) {
    return err->code;
  }
  jg_counter_add(counter, &words.answer, err);
  if (err->code == JG_OK && !seen[fit->group[i]]) {
    seen[fit->group[i]] = 1; /* an input counts once */
    jg_counter_add(counter, &words.question, err);
  }
  if (fit->declared) {
    size_t bins = fit->lesson->judge->scale.type == JG_SCALE_BOOL
                      ? 2
                      : fit->lesson->judge->scale.count;
    fit->overlap[i] =
        (double)jg_lexical_bin(jg_lexical_overlap(&words, &reference), bins);
  }
  jg_lexical_item_dispose(&words);
  return err->code;
}

static int count_words(struct fit *fit, struct jg_err *err) {
  struct jg_counter counter = {0};
  unsigned char *seen = jg_mem_new(fit->groups, sizeof *seen, err);
  size_t i;

  for (i = 0; i < fit->count && err->code == JG_OK; i++) {
    count_row(fit, i, seen, &counter, err);
    check_piece(fit, i, err);
  }
  if (err->code == JG_OK) {
    jg_counter_rarity(&counter, &fit->model.rarity, err);
  }
  jg_counter_dispose(&counter);
  jg_mem_free(seen);
  return err->code;
}

static int read_features(struct fit *fit, struct jg_err *err) {
  struct jg_lexical_item words;
  struct jg_item item;
  size_t i;

  for (i = 0; i < fit->count; i++) {
    item = item_of(fit->rows[i]);
    if (check_piece(fit, i, err) != JG_OK ||
        jg_lexical_item_read(&item, &words, err) != JG_OK) {
      return err->code;
    }
    jg_lexical_features(&words, &fit->model.rarity,
                        fit->x + i * JG_LEXICAL_FEATURES);
    jg_lexical_item_dispose(&words);
  }
  return JG_OK;
}

/* ---- levels and labels ---- */

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* The values that the ridge may give; numbers of many kinds get none. */
static int set_levels(struct fit *fit, struct jg_err *err) {
  struct jg_lexical_model *model = &fit->model;
  size_t n = fit->count, i;

  if (fit->declared) {
    n = fit->lesson->judge->scale.type == JG_SCALE_BOOL
            ? 2
            : fit->lesson->judge->scale.count;
  }
  model->levels = jg_mem_new(n, sizeof *model->levels, err);
  model->cuts = jg_mem_new(n, sizeof *model->cuts, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  for (i = 0; i < n; i++) {
    model->levels[i] = fit->declared ? (double)i : fit->y[i];
  }
  qsort(model->levels, n, sizeof *model->levels, by_size);
  model->low = model->levels[0];
  model->high = model->levels[n - 1];
  for (i = 0; i < n; i++) {
    if (model->level_count == 0 ||
        model->levels[model->level_count - 1] != model->levels[i]) {
      model->levels[model->level_count++] = model->levels[i];
    }
  }
  if (!fit->declared && model->level_count > LEVELS_MAX) {
    model->level_count = 0;
  }
  return JG_OK;
}

/* Heap sort of row numbers by label, then by number: qsort could not see the
** rows. */
static int label_before(const struct fit *fit, size_t a, size_t b) {
  int order = jg_value_compare(&fit->rows[a]->target, &fit->rows[b]->target);
  return order != 0 ? order < 0 : a < b;
}

static void sift(const struct fit *fit, size_t *heap, size_t at, size_t count) {
  size_t child, moved = heap[at];

  while ((child = 2 * at + 1) < count) {
    if (child + 1 < count && label_before(fit, heap[child], heap[child + 1])) {
      child++;
    }
    if (!label_before(fit, moved, heap[child])) {
      break;
    }
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

/* The row whose label is the most frequent (equal counts: the first in order);
** for numbers the vote falls back on the middle one. */
static size_t usual_row(const struct fit *fit) {
  size_t *heap = fit->fallback_of, i, swap, run = 0, most = 0, best = 0;

  for (i = 0; i < fit->count; i++) {
    heap[i] = i;
  }
  for (i = fit->count / 2; i-- > 0;) {
    sift(fit, heap, i, fit->count);
  }
  for (i = fit->count; i-- > 1;) {
    swap = heap[0];
    heap[0] = heap[i];
    heap[i] = swap;
    sift(fit, heap, 0, i);
  }
  if (!fit->declared && fit->lesson->judge->scale.type != JG_SCALE_STR) {
    return heap[(fit->count - 1) / 2];
  }
  for (i = 0; i < fit->count; i++) {
    run = i > 0 && jg_value_equal(&fit->rows[heap[i]]->target,
                                  &fit->rows[heap[i - 1]]->target)
              ? run + 1
              : 1;
    if (run > most) {
      most = run;
      best = heap[i];
    }
  }
  return best;
}

/* ---- measuring ---- */

static double measure(const struct fit *fit, const double *predicted,
                      const double *labels, size_t count) {
  size_t i, same = 0;

  if (fit->ordered) {
    return jg_ridge_kappa(predicted, labels, count);
  }
  for (i = 0; i < count; i++) {
    same += predicted[i] == labels[i];
  }
  return (double)same / (double)count;
}

/* Fits on the given rows: weights, then cuts from their own scores. room holds
** 2 * count numbers. */
static void fit_ridge(struct fit *fit, const size_t *rows, size_t count,
                      double *room) {
  size_t i;

  jg_ridge_fit(fit->x, fit->y, rows, count, JG_RIDGE_PENALTY,
               &fit->model.ridge);
  for (i = 0; i < count; i++) {
    room[i] = jg_ridge_value(&fit->model.ridge,
                             fit->x + rows[i] * JG_LEXICAL_FEATURES);
    room[count + i] = fit->y[rows[i]];
  }
  jg_ridge_cuts(room, room + count, count, fit->model.levels,
                fit->model.level_count, fit->model.cuts);
}

/* One round of folds: predicts every row by a fit that did not see its
** group. */
static int predict_folds(struct fit *fit, const size_t *place, size_t folds,
                         size_t *rows, double *room, double *predicted,
                         struct jg_err *err) {
  size_t fold, i, n;

  for (fold = 0; fold < folds && jg_stop_check(fit->env->stop, err) == JG_OK;
       fold++) {
    n = 0;
    for (i = 0; i < fit->count; i++) {
      if (place[fit->group[i]] % folds != fold) {
        rows[n++] = i;
      }
    }
    fit_ridge(fit, rows, n, room);
    for (i = 0; i < fit->count; i++) {
      if (place[fit->group[i]] % folds == fold) {
        predicted[i] = jg_lexical_level(
            &fit->model, jg_ridge_value(&fit->model.ridge,
                                        fit->x + i * JG_LEXICAL_FEATURES));
      }
    }
  }
  return err->code;
}

static int measure_ridge(struct fit *fit, struct jg_err *err) {
  size_t repeats = fit->count <= REPEAT_ROWS ? REPEATS : REPEATS_LARGE, r, i;
  size_t folds = fit->groups < FOLDS ? fit->groups : FOLDS;
  size_t *place = jg_mem_new(fit->groups, sizeof *place, err);
  size_t *rows = jg_mem_new(fit->count, sizeof *rows, err);
  double *room = jg_mem_new(fit->count, 3 * sizeof *room, err);
  struct jg_rng rng;
  double sum = 0;

  if (err->code == JG_OK) {
    jg_rng_init(&rng, fit->options->seed);
    for (r = 0; r < repeats && err->code == JG_OK; r++) {
      for (i = 0; i < fit->groups; i++) {
        place[i] = i;
      }
      jg_rng_shuffle(&rng, place, fit->groups);
      if (predict_folds(fit, place, folds, rows, room, room + 2 * fit->count,
                        err) != JG_OK) {
        break;
      }
      sum += measure(fit, room + 2 * fit->count, fit->y, fit->count);
    }
    fit->score[JG_LEXICAL_RIDGE] = sum / (double)repeats;
    fit->open[JG_LEXICAL_RIDGE] = 1;
  }
  jg_mem_free(place);
  jg_mem_free(rows);
  jg_mem_free(room);
  return err->code;
}

/* ---- the vote ---- */

static size_t vote_size(const struct fit *fit) {
  int64_t k = fit->options->retrieval_k;
  return k < 0 ? 0 : k > NEIGHBOURS_MAX ? NEIGHBOURS_MAX : (size_t)k;
}

static const char *key_of(const struct fit *fit, size_t i) {
  struct jg_item item = item_of(fit->rows[i]);
  const char *key = jg_prompt_key(fit->lesson->judge, &item);
  return key == NULL ? "" : key;
}

/* Room for the votes of one row. */
struct ballot {
  struct jg_recall recall;
  struct jg_recall_doc *docs;
  struct jg_recall_hit *hits;
  size_t room; /* hits */
  struct jg_lexical_neighbour *neighbours;
};

static void dispose_ballot(struct ballot *ballot) {
  if (ballot->recall.free != NULL) {
    ballot->recall.free(ballot->recall.ctx);
  }
  jg_mem_free(ballot->docs);
  jg_mem_free(ballot->hits);
  jg_mem_free(ballot->neighbours);
}

static int open_ballot(const struct fit *fit, struct ballot *ballot,
                       struct jg_err *err) {
  size_t i;

  /* The rows of the same input come first: ask for that many more. */
  ballot->room = vote_size(fit) + fit->largest_group;
  ballot->docs = jg_mem_new(fit->count, sizeof *ballot->docs, err);
  ballot->hits = jg_mem_new(ballot->room, sizeof *ballot->hits, err);
  ballot->neighbours =
      jg_mem_new(ballot->room, sizeof *ballot->neighbours, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  for (i = 0; i < fit->count; i++) {
    ballot->docs[i].text = key_of(fit, i);
  }
  return jg_recall_words(ballot->docs, fit->count, fit->env->stop,
                         &ballot->recall, err);
}

/* What the nearest rows of other inputs say of row i; NULL type: none near. */
static int vote_on(const struct fit *fit, struct ballot *ballot, size_t i,
                   struct jg_value *out, struct jg_err *err) {
  struct jg_recall_query query = {.text = ballot->docs[i].text};
  size_t count = 0, n = 0, h;
  double weight;

  if (ballot->recall.nearest(ballot->recall.ctx, &query, ballot->room,
                             ballot->hits, &count, err) != JG_OK) {
    return err->code;
  }
  for (h = 0; h < count && n < vote_size(fit); h++) {
    const struct jg_row *row = fit->rows[ballot->hits[h].doc];
    if (row->group != fit->rows[i]->group) {
      ballot->neighbours[n].trace_id = row->trace_id;
      ballot->neighbours[n].label = &row->target;
      ballot->neighbours[n].score = ballot->hits[h].score;
      n++;
    }
  }
  *out = jg_lexical_vote(&fit->lesson->judge->scale, ballot->neighbours, n,
                         &weight);
  return JG_OK;
}

/* Free text has no numbers: a right vote counts as 1 against a label of 1. */
static void note_vote(const struct fit *fit, size_t i,
                      const struct jg_value *vote, double *predicted,
                      double *label) {
  const struct jg_scale *scale = &fit->lesson->judge->scale;

  if (scale->type == JG_SCALE_STR) {
    *label = 1;
    *predicted = jg_value_equal(vote, &fit->rows[i]->target);
  } else {
    *label = fit->y[i];
    number_of(scale, vote, predicted);
  }
}

static int measure_vote(struct fit *fit, struct jg_err *err) {
  struct ballot ballot = {{0}, NULL, NULL, 0, NULL};
  double *room = jg_mem_new(fit->count, 2 * sizeof *room, err);
  size_t step = (fit->count + MEASURED_VOTES - 1) / MEASURED_VOTES;
  size_t i, n = 0;
  struct jg_value vote;

  if (err->code == JG_OK && open_ballot(fit, &ballot, err) == JG_OK) {
    for (i = 0; i < fit->count; i += step) {
      if (jg_stop_check(fit->env->stop, err) != JG_OK ||
          vote_on(fit, &ballot, i, &vote, err) != JG_OK) {
        break;
      }
      note_vote(fit, i, vote.type == JG_NULL ? &fit->model.fallback : &vote,
                &room[n], &room[fit->count + n]);
      n++;
    }
    fit->score[JG_LEXICAL_VOTE] = measure(fit, room, room + fit->count, n);
    fit->open[JG_LEXICAL_VOTE] = 1;
  }
  dispose_ballot(&ballot);
  jg_mem_free(room);
  return err->code;
}

/* ---- picking ---- */

static int can_ridge(const struct fit *fit) {
  return fit->ordered;
}

static int can_vote(const struct fit *fit) {
  return vote_size(fit) > 0;
}

/* Without other inputs nothing can be measured: the first that can be fitted.
*/
static int pick_blind(struct fit *fit, struct jg_err *err) {
  fit->model.kind = fit->declared    ? JG_LEXICAL_OVERLAP
                    : can_ridge(fit) ? JG_LEXICAL_RIDGE
                                     : JG_LEXICAL_VOTE;
  if (fit->model.kind == JG_LEXICAL_VOTE && !can_vote(fit)) {
    return jg_err_set(err, JG_ERROR,
                      "judge '%.200s' gives free text: local:/lexical learns "
                      "that by votes of labelled examples only, so "
                      "retrieval_k must be 1 or more",
                      fit->lesson->judge->name);
  }
  return JG_OK;
}

static int pick(struct fit *fit, struct jg_err *err) {
  int i, best = -1;

  if (fit->groups > 1) {
    if (fit->declared) {
      fit->score[JG_LEXICAL_OVERLAP] =
          measure(fit, fit->overlap, fit->y, fit->count);
      fit->open[JG_LEXICAL_OVERLAP] = 1;
    }
    if ((can_ridge(fit) && measure_ridge(fit, err) != JG_OK) ||
        (can_vote(fit) && measure_vote(fit, err) != JG_OK)) {
      return err->code;
    }
  }
  for (i = 0; i < CANDIDATE_COUNT; i++) {
    if (fit->open[i] && (best < 0 || fit->score[i] > fit->score[best])) {
      best = i;
    }
  }
  if (best < 0) {
    return pick_blind(fit, err);
  }
  fit->model.kind = (enum jg_lexical_kind)best;
  return JG_OK;
}

static void write_notes(struct fit *fit) {
  struct jg_buf *to = &fit->lesson->notes;
  int i, said = 0;

  jg_buf_printf(to,
                "local:/lexical fitted to %zu labelled rows of %zu inputs: no "
                "language model, no guidelines\n",
                fit->count, fit->groups);
  if (fit->groups < 2) {
    jg_buf_printf(to, "%s taken unmeasured: all rows have the same input\n",
                  CANDIDATES[fit->model.kind]);
    return;
  }
  jg_buf_printf(to, "cross-fitted by input inside the training rows, %s: ",
                fit->ordered ? "quadratic kappa" : "accuracy");
  for (i = 0; i < CANDIDATE_COUNT; i++) {
    if (fit->open[i]) {
      jg_buf_puts(to, said++ > 0 ? ", " : "");
      jg_buf_printf(to, "%s ", CANDIDATES[i]);
      jg_buf_fixed(to, fit->score[i], 3);
    }
  }
  jg_buf_printf(to, "\npicked %s: %s\n", CANDIDATES[fit->model.kind],
                said == 1 ? "nothing else suits the value type and options"
                : fit->model.kind == JG_LEXICAL_OVERLAP
                    ? "nothing learned predicts better"
                    : "it predicts the labels best");
}

/* Notes start empty or belong to the caller's list already. */
static void begin_notes(struct jg_lesson *lesson) {
  if (lesson->notes.limit == 0) {
    jg_buf_init(&lesson->notes, JG_BUF_LIMIT_BYTES);
  }
}

/* What is picked is fitted to all rows and stored. */
static int finish(struct fit *fit, struct jg_err *err) {
  struct jg_lesson *lesson = fit->lesson;
  size_t *rows = NULL, i;
  double *room = NULL;

  if (fit->model.kind == JG_LEXICAL_RIDGE) {
    rows = jg_mem_new(fit->count, sizeof *rows, err);
    room = jg_mem_new(fit->count, 2 * sizeof *room, err);
    for (i = 0; i < fit->count && rows != NULL; i++) {
      rows[i] = i;
    }
    if (err->code == JG_OK) {
      fit_ridge(fit, rows, fit->count, room);
    }
    jg_mem_free(rows);
    jg_mem_free(room);
  }
  fit->model.rows = (int64_t)fit->count;
  fit->model.k = (int64_t)vote_size(fit);
  if (err->code != JG_OK ||
      jg_memory_copy(&lesson->memory, &lesson->judge->memory, err) != JG_OK) {
    return err->code;
  }
  lesson->memory.retrieval_k = fit->model.k;
  jg_mem_free(lesson->memory.embedding_model); /* it recalls by words */
  lesson->memory.embedding_model = NULL;
  jg_mem_free(lesson->memory.local_model);
  lesson->memory.local_model = jg_lexical_model_write(&fit->model, err);
  return err->code;
}

static int learn_one(struct fit *fit, struct jg_err *err) {
  const struct jg_scale *scale = &fit->lesson->judge->scale;

  fit->declared = scale->type == JG_SCALE_BOOL || scale->type == JG_SCALE_LIST;
  fit->ordered = jg_scale_is_ordered(scale);
  begin_notes(fit->lesson);
  if (take_rows(fit, err) != JG_OK || number_groups(fit, err) != JG_OK ||
      count_words(fit, err) != JG_OK || read_features(fit, err) != JG_OK ||
      set_levels(fit, err) != JG_OK ||
      jg_value_copy(&fit->model.fallback, &fit->rows[usual_row(fit)]->target,
                    err) != JG_OK ||
      pick(fit, err) != JG_OK || finish(fit, err) != JG_OK) {
    return err->code;
  }
  write_notes(fit);
  jg_log_line(fit->env->log, "fit", NULL, "local:/lexical: %s",
              CANDIDATES[fit->model.kind]);
  return jg_buf_check(&fit->lesson->notes, err);
}

static int learn(const struct jg_align_env *env,
                 const struct jg_align_options *options,
                 struct jg_lesson *lessons, size_t count, struct jg_err *err) {
  size_t i;

  for (i = 0; i < count && err->code == JG_OK; i++) {
    struct fit fit = {.env = env, .options = options, .lesson = &lessons[i]};
    learn_one(&fit, err);
    dispose_fit(&fit);
  }
  return err->code;
}

const struct jg_optimizer jg_lexical_align = {.name = "lexical",
                                              .learn = learn};
