/*
** Recall by vectors: all cosines, exhaustively. At the sizes of labelled data
** that is a few milliseconds, and exact; an index would have to be justified.
*/
#include "store/recall.h"

#include <math.h>
#include <string.h>
#include "core/mem.h"

/* Eight numbers at once, by whatever the processor has: a compiler may not
** reorder a plain sum of floats by itself. */
#define LANES 8
typedef float lanes
    __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

struct vectors {
  float *data;         /* count rows of width numbers, of length 1 */
  unsigned char *have; /* per document: it has a vector */
  size_t count;
  size_t dim;
  size_t width; /* dim, filled up to whole lanes with zeros */
  float *query; /* reused, width numbers */
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

static float dot(const float *a, const float *b, size_t width) {
  lanes sum = {0};
  float total = 0;
  size_t i;

  for (i = 0; i < width; i += LANES) {
    sum += *(const lanes *)(a + i) * *(const lanes *)(b + i);
  }
  for (i = 0; i < LANES; i++) {
    total += sum[i];
  }
  return total;
}

static int nearest_vectors(void *ctx, const struct jg_recall_query *query,
                           size_t k, struct jg_recall_hit *hits, size_t *count,
                           struct jg_err *err) {
  struct vectors *vectors = ctx;
  size_t i;

  *count = 0;
  if (err->code != JG_OK) {
    return err->code;
  }
  if (query->vector == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "an item without an embedding cannot be compared with "
                      "the labelled examples");
  }
  normalise(vectors->query, query->vector, vectors->dim);
  for (i = 0; i < vectors->count; i++) {
    if (vectors->have[i]) {
      jg_recall_offer(hits, count, k, i,
                      dot(vectors->data + i * vectors->width, vectors->query,
                          vectors->width));
    }
  }
  return JG_OK;
}

static void free_vectors(void *ctx) {
  struct vectors *vectors = ctx;

  if (vectors != NULL) {
    jg_mem_free(vectors->data);
    jg_mem_free(vectors->have);
    jg_mem_free(vectors->query);
    jg_mem_free(vectors);
  }
}

int jg_recall_vectors(const struct jg_recall_doc *docs, size_t count,
                      size_t dim, struct jg_recall *out, struct jg_err *err) {
  struct vectors *vectors = jg_mem_new(1, sizeof *vectors, err);
  size_t i;

  memset(out, 0, sizeof *out);
  if (vectors == NULL) {
    return err->code;
  }
  vectors->count = count;
  vectors->dim = dim;
  vectors->width = (dim + LANES - 1) / LANES * LANES;
  vectors->have = jg_mem_new(count, 1, err);
  vectors->query = jg_mem_new(vectors->width, sizeof(float), err);
  vectors->data =
      jg_mem_new(count, vectors->width * sizeof *vectors->data, err);
  if (err->code != JG_OK) {
    free_vectors(vectors);
    return err->code;
  }
  for (i = 0; i < count; i++) {
    if (docs[i].vector != NULL) {
      vectors->have[i] = 1;
      normalise(vectors->data + i * vectors->width, docs[i].vector, dim);
    }
  }
  out->ctx = vectors;
  out->nearest = nearest_vectors;
  out->free = free_vectors;
  return JG_OK;
}
