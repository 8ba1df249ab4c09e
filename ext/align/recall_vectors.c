/*
** Recall by vectors: the k greatest cosines, exactly, without an index.
**
** Reading all numbers of all vectors is what takes the time. So each vector is
** also kept in whole numbers of one byte, x = step * X + r, with the length of
** the rest r. For a query q = step' * Q + r' of length 1
**
**   |x.q - step * step' * X.Q| <= |r| + (|x| + |r|) * |r'|     (Cauchy-Schwarz)
**
** A first pass over the bytes gives each document an interval that its cosine
** lies in. Documents whose upper end lies below the k-th best lower end cannot
** be among the k best; for the others, some dozens among 10,000, the cosine is
** worked out from the numbers themselves. The slack covers the rounding of that
** too, so the result is that of looking at all, ties included.
**
** The vectors of the compiler (gcc, clang) stand for whatever the processor
** has: it may not reorder a plain sum of floats by itself.
*/
#include "align/recall.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/mem.h"

#define LANES 4  /* floats of a vector of 16 bytes: wider ones than the */
#define SUMS 4   /* processor's are kept in memory; sums side by side */
#define BLOCK 32 /* numbers of one step; vectors are filled up to that */
/* Greatest whole number: four products still fit 16 bits. */
#define LEVELS 90
#define DIM_MAX 200000   /* of the first pass: its sums fit 32 bits */
#define DOCS_A_PIECE 256 /* between two questions whether to go on */

typedef float floats __attribute__((vector_size(16), aligned(4)));
typedef int16_t shorts __attribute__((vector_size(16), aligned(2)));
typedef uint16_t unsigneds __attribute__((vector_size(16), aligned(2)));
typedef int32_t ints __attribute__((vector_size(16), aligned(4)));
typedef uint32_t words __attribute__((vector_size(16), aligned(4)));

struct vectors {
  float *data;         /* count rows of width numbers, of length 1 */
  unsigned char *have; /* per document: it has a vector */
  size_t count;
  size_t dim;
  size_t width;   /* dim, filled up to whole blocks with zeros */
  int16_t *whole; /* the rows in whole numbers, two a word: see put() */
  float *step;    /* of a row's whole numbers */
  float *rest;    /* length of what they leave out of it */
  /* Of a query; reused. */
  float *query;
  int16_t *whole_query;
  float *upper; /* per document: upper end of its interval */
};

/* Copies from as a vector of length 1; one of length 0, or not finite, stays
** zero, and is as near to everything as to nothing. */
static void normalise(float *to, const float *from, size_t dim) {
  double squares = 0;
  double scale;
  size_t i;

  for (i = 0; i < dim; i++) {
    squares += (double)from[i] * from[i];
  }
  scale = squares > 0 && isfinite(squares) ? 1 / sqrt(squares) : 0;
  for (i = 0; i < dim; i++) {
    to[i] = scale > 0 ? (float)(from[i] * scale) : 0;
  }
}

/* The step of a vector's whole numbers. */
static float step_of(const float *x, size_t dim) {
  float most = 0;
  size_t i;

  for (i = 0; i < dim; i++) {
    most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
  }
  return most / LEVELS;
}

/* A number in steps (per_step is 1 / step, or 0), rounded without a branch;
** *squares takes the square of what is left. */
static int to_whole(float x, float step, float per_step, double *squares) {
  int whole = (int)(x * per_step + (LEVELS + 1.5f)) - (LEVELS + 1);
  double rest = x - (double)step * whole;

  *squares += rest * rest;
  return whole;
}

static floats load(const float *x) {
  return *(const floats *)x;
}

static float dot(const float *a, const float *b, size_t width) {
  floats s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  size_t i;

  for (i = 0; i < width; i += SUMS * LANES) {
    s0 += load(a + i) * load(b + i);
    s1 += load(a + i + LANES) * load(b + i + LANES);
    s2 += load(a + i + 2 * LANES) * load(b + i + 2 * LANES);
    s3 += load(a + i + 3 * LANES) * load(b + i + 3 * LANES);
  }
  s0 = (s0 + s1) + (s2 + s3);
  return (s0[0] + s0[1]) + (s0[2] + s0[3]);
}

static shorts load_words(const int16_t *x) {
  return *(const shorts *)x;
}

/* 16 numbers of a row by those of a query, summed two by two. */
static shorts products(const int16_t *row, const int16_t *query) {
  shorts both = load_words(row);
  shorts low = (shorts)((unsigneds)both << 8) >> 8;

  return low * load_words(query) + (both >> 8) * load_words(query + 8);
}

/* The shorts of a vector, summed two by two. */
static ints pairs(shorts x) {
  return ((ints)x >> 16) + ((ints)((words)x << 16) >> 16);
}

static int32_t whole_dot(const int16_t *row, const int16_t *query,
                         size_t width) {
  ints sum = {0};
  size_t i;

  for (i = 0; i < width; i += BLOCK) {
    sum += pairs(products(row + i / 2, query + i) +
                 products(row + i / 2 + 8, query + i + 16));
  }
  return sum[0] + sum[1] + sum[2] + sum[3];
}

/* First pass: fills upper. Returns what the k-th best is at least, or
** -DBL_MAX. hits is used, and left empty. */
static double bound_all(struct vectors *v, size_t k,
                        struct jg_recall_hit *hits) {
  /* Rounding of dot(), which adds at most that many numbers to each other, of
  ** vectors whose lengths are rounded too, and of what is a float here. */
  double slack =
      1e-6 + ((double)v->width / (SUMS * LANES) + SUMS + LANES) * FLT_EPSILON;
  double rests = 0;
  float step = step_of(v->query, v->dim);
  float per_step = step > 0 ? 1 / step : 0;
  size_t count = 0, i;

  for (i = 0; i < v->dim; i++) {
    v->whole_query[i] = (int16_t)to_whole(v->query[i], step, per_step, &rests);
  }
  rests = sqrt(rests);
  for (i = 0; i < v->count; i++) {
    double about, error;
    if (!v->have[i]) {
      continue;
    }
    about = (double)v->step[i] * step *
            whole_dot(v->whole + i * v->width / 2, v->whole_query, v->width);
    error = v->rest[i] + (1 + v->rest[i]) * rests + slack;
    v->upper[i] = (float)(about + error);
    if (count < k || about - error > hits[k - 1].score) {
      jg_recall_offer(hits, &count, k, i, about - error);
    }
  }
  assert(count <= k);
  return count == k ? hits[k - 1].score : -DBL_MAX;
}

static int nearest(void *ctx, const struct jg_recall_query *query, size_t k,
                   struct jg_recall_hit *hits, size_t *count,
                   struct jg_err *err) {
  struct vectors *v = ctx;
  int all = v->dim > DIM_MAX || k >= v->count;
  double least;
  size_t i;

  *count = 0;
  if (err->code != JG_OK || k == 0) {
    return err->code;
  }
  if (query->vector == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "an item without an embedding cannot be compared with "
                      "the labelled examples");
  }
  normalise(v->query, query->vector, v->dim);
  least = all ? 0 : bound_all(v, k, hits);
  for (i = 0; i < v->count; i++) {
    if (v->have[i] && (all || v->upper[i] >= least)) {
      jg_recall_offer(hits, count, k, i,
                      dot(v->data + i * v->width, v->query, v->width));
    }
  }
  return JG_OK;
}

static void free_vectors(void *ctx) {
  struct vectors *v = ctx;

  if (v != NULL) {
    jg_mem_free(v->data);
    jg_mem_free(v->have);
    jg_mem_free(v->whole);
    jg_mem_free(v->step);
    jg_mem_free(v->rest);
    jg_mem_free(v->query);
    jg_mem_free(v->whole_query);
    jg_mem_free(v->upper);
    jg_mem_free(v);
  }
}

static int allocate(struct vectors *v, struct jg_err *err) {
  size_t width = v->width;

  v->have = jg_mem_new(v->count, 1, err);
  v->data = jg_mem_new(v->count, width * sizeof *v->data, err);
  v->whole = jg_mem_new(v->count, width / 2 * sizeof *v->whole, err);
  v->step = jg_mem_new(v->count, sizeof *v->step, err);
  v->rest = jg_mem_new(v->count, sizeof *v->rest, err);
  v->query = jg_mem_new(width, sizeof *v->query, err);
  v->whole_query = jg_mem_new(width, sizeof *v->whole_query, err);
  v->upper = jg_mem_new(v->count, sizeof *v->upper, err);
  return err->code;
}

/* Of each 16 whole numbers the first eight are the low bytes of eight words,
** the others the high bytes: so the processor takes them apart by shifting. */
static void put(struct vectors *v, size_t at, const float *vector) {
  float *row = v->data + at * v->width;
  int16_t *whole = v->whole + at * v->width / 2;
  float step, per_step;
  double rests = 0;
  size_t i;

  normalise(row, vector, v->dim);
  step = step_of(row, v->dim);
  per_step = step > 0 ? 1 / step : 0;
  for (i = 0; i < v->width; i++) {
    int number = to_whole(row[i], step, per_step, &rests);
    int16_t *word = &whole[i / 16 * 8 + i % 8];
    *word = (int16_t)(i % 16 < 8 ? number & 0xff : *word + number * 256);
  }
  v->have[at] = 1;
  v->step[at] = step;
  v->rest[at] = (float)sqrt(rests);
}

int jg_recall_vectors(const struct jg_recall_doc *docs, size_t count,
                      size_t dim, const struct jg_stop *stop,
                      struct jg_recall *out, struct jg_err *err) {
  struct vectors *v = jg_mem_new(1, sizeof *v, err);
  size_t i;

  memset(out, 0, sizeof *out);
  if (v == NULL) {
    return err->code;
  }
  v->count = count;
  v->dim = dim;
  v->width = (dim + BLOCK - 1) / BLOCK * BLOCK;
  if (allocate(v, err) != JG_OK) {
    free_vectors(v);
    return err->code;
  }
  for (i = 0; err->code == JG_OK && i < count; i++) {
    if (docs[i].vector != NULL) {
      put(v, i, docs[i].vector);
    }
    if (i % DOCS_A_PIECE == 0) {
      jg_stop_check(stop, err);
    }
  }
  if (err->code != JG_OK) {
    free_vectors(v);
    return err->code;
  }
  out->ctx = v;
  out->nearest = nearest;
  out->free = free_vectors;
  return JG_OK;
}
