/* The nearest by cosine are those of looking at all. */
#include "align/recall.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "core/rng.h"
#include "unit.h"

#define DOCS 400
#define DIM_MOST 400

struct set {
  float *data;
  struct jg_recall_doc docs[DOCS];
  size_t dim;
};

static void set_init(struct set *s, size_t dim) {
  size_t i;
  memset(s, 0, sizeof *s);
  s->dim = dim;
  s->data = calloc(DOCS * dim, sizeof *s->data);
  for (i = 0; s->data != NULL && i < DOCS; i++) {
    s->docs[i].vector = s->data + i * dim;
  }
}

static float *row(struct set *s, size_t i) {
  return s->data + i * s->dim;
}

static double cosine(const float *a, const float *b, size_t dim) {
  double ab = 0, aa = 0, bb = 0;
  size_t i;
  for (i = 0; i < dim; i++) {
    ab += (double)a[i] * b[i];
    aa += (double)a[i] * a[i];
    bb += (double)b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? ab / sqrt(aa) / sqrt(bb) : 0;
}

/* The k-th greatest cosine of all documents with a vector. */
static double kth(struct set *s, const float *query, size_t k) {
  static double all[DOCS];
  size_t n = 0, i, j;
  for (i = 0; i < DOCS; i++) {
    double c;
    if (s->docs[i].vector == NULL) {
      continue;
    }
    c = cosine(s->docs[i].vector, query, s->dim);
    for (j = n++; j > 0 && all[j - 1] < c; j--) {
      all[j] = all[j - 1];
    }
    all[j] = c;
  }
  return n == 0 ? 0 : all[k < n ? k - 1 : n - 1];
}

/* What a recall finds when k is the number of documents: it then looks at all,
** so this is the order that a small k must agree with to the last bit. */
static void check_query(struct set *s, const struct jg_recall *recall,
                        const float *query, size_t k) {
  static struct jg_recall_hit all[DOCS], hits[DOCS];
  struct jg_recall_query q = {NULL, query};
  struct jg_err err = {0};
  size_t all_count, count, i;
  double least = kth(s, query, k);
  CHECK_INT(recall->nearest(recall->ctx, &q, DOCS, all, &all_count, &err), 0);
  CHECK_INT(recall->nearest(recall->ctx, &q, k, hits, &count, &err), 0);
  CHECK_INT(count, k < all_count ? k : all_count);
  for (i = 0; i < count; i++) {
    CHECK_INT(hits[i].doc, all[i].doc);
    CHECK(hits[i].score == all[i].score);
    CHECK_NEAR(hits[i].score,
               cosine(s->docs[hits[i].doc].vector, query, s->dim), 1e-5);
    CHECK(hits[i].score >= least - 1e-5);
  }
}

static void check_set(struct set *s, const float *query) {
  static const size_t KS[] = {1, 2, 5, 50, DOCS - 1};
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t i, k;
  CHECK_INT(jg_recall_vectors(s->docs, DOCS, s->dim, NULL, &recall, &err), 0);
  for (k = 0; k < sizeof KS / sizeof *KS; k++) {
    for (i = 0; i < DOCS; i += 97) {
      if (s->docs[i].vector != NULL) {
        check_query(s, &recall, s->docs[i].vector, KS[k]);
      }
    }
    if (query != NULL) {
      check_query(s, &recall, query, KS[k]);
    }
  }
  recall.free(recall.ctx);
}

static void fill_random(struct set *s, struct jg_rng *rng) {
  size_t i;
  for (i = 0; i < DOCS * s->dim; i++) {
    s->data[i] = (float)jg_rng_real(rng) - 0.5f;
  }
}

TEST(recall_vectors_random) {
  static const size_t DIMS[] = {1, 2, 7, 31, 32, 33, 64, 384, DIM_MOST};
  struct jg_rng rng;
  struct set s;
  size_t i;
  jg_rng_init(&rng, 7);
  for (i = 0; i < sizeof DIMS / sizeof *DIMS; i++) {
    set_init(&s, DIMS[i]);
    fill_random(&s, &rng);
    s.docs[3].vector = NULL; /* one without a vector is never found */
    check_set(&s, NULL);
    free(s.data);
  }
}

/* Nearer to each other than whole numbers can tell, in every order. */
TEST(recall_vectors_nearly_equal) {
  struct jg_rng rng;
  struct set s;
  size_t i, j;
  jg_rng_init(&rng, 8);
  set_init(&s, 384);
  fill_random(&s, &rng);
  for (i = 1; i < DOCS; i++) {
    for (j = 0; j < s.dim; j++) {
      row(&s, i)[j] = row(&s, 0)[j] + 1e-4f * (float)jg_rng_real(&rng);
    }
  }
  check_set(&s, NULL);
  free(s.data);
}

TEST(recall_vectors_ties_come_in_document_order) {
  struct jg_rng rng;
  struct jg_recall recall;
  struct jg_recall_hit hits[5];
  struct jg_recall_query query = {NULL, NULL};
  struct jg_err err = {0};
  struct set s;
  size_t i, j, count;
  jg_rng_init(&rng, 9);
  set_init(&s, 40);
  fill_random(&s, &rng);
  for (i = 0; i < DOCS; i++) { /* four vectors, at powers of two in length */
    for (j = 0; j < s.dim; j++) {
      row(&s, i)[j] = ldexpf(row(&s, i % 4)[j], (int)(i % 9));
    }
  }
  check_set(&s, NULL);
  query.vector = row(&s, 2);
  CHECK_INT(jg_recall_vectors(s.docs, DOCS, s.dim, NULL, &recall, &err), 0);
  recall.nearest(recall.ctx, &query, 5, hits, &count, &err);
  for (i = 0; i < 5; i++) {
    CHECK_INT(hits[i].doc, 2 + 4 * i);
  }
  recall.free(recall.ctx);
  free(s.data);
}

/* Length 0, a query of length 0, one number that drowns the others, lengths
** whose squares are no floats, and numbers that are none. */
TEST(recall_vectors_extremes) {
  static const float SIZES[] = {0, 1e-45f, 1e-38f, 1e-20f, 1, 1e20f, FLT_MAX};
  float zero[64] = {0}, infinite[64] = {INFINITY, 1}, not [64] = {NAN, 1};
  struct jg_rng rng;
  struct set s;
  size_t i, j;
  jg_rng_init(&rng, 10);
  set_init(&s, 64);
  fill_random(&s, &rng);
  for (i = 0; i < DOCS; i++) {
    for (j = 0; j < s.dim; j++) {
      row(&s, i)[j] *= SIZES[i % 7];
    }
    if (i % 5 == 0) {
      row(&s, i)[i % 64] = SIZES[(i / 5) % 7];
    }
  }
  check_set(&s, zero);
  s.docs[8].vector = infinite; /* both count as length 0 */
  s.docs[9].vector = not ;
  struct jg_recall recall;
  struct jg_err err = {0};
  struct jg_recall_hit hits[DOCS];
  struct jg_recall_query query = {NULL, row(&s, 4)};
  CHECK_INT(jg_recall_vectors(s.docs, DOCS, s.dim, NULL, &recall, &err), 0);
  recall.nearest(recall.ctx, &query, DOCS, hits, &i, &err);
  CHECK_INT(i, DOCS);
  for (i = 0; i < DOCS; i++) {
    CHECK(isfinite(hits[i].score));
    CHECK(hits[i].doc > 9 || hits[i].doc < 8 || hits[i].score == 0);
  }
  recall.free(recall.ctx);
  free(s.data);
}

TEST(recall_vectors_none_to_find) {
  struct jg_recall_doc doc = {"a", NULL};
  struct jg_recall recall;
  struct jg_recall_hit hits[3];
  float one[2] = {1, 0};
  struct jg_recall_query query = {NULL, one};
  struct jg_err err = {0};
  size_t count = 9;
  CHECK_INT(jg_recall_vectors(&doc, 1, 2, NULL, &recall, &err), 0);
  CHECK_INT(recall.nearest(recall.ctx, &query, 3, hits, &count, &err), 0);
  CHECK_INT(count, 0);
  CHECK_INT(recall.nearest(recall.ctx, &query, 0, hits, &count, &err), 0);
  query.vector = NULL;
  CHECK_INT(recall.nearest(recall.ctx, &query, 3, hits, &count, &err),
            JG_ERROR);
  recall.free(recall.ctx);
}

TEST(recall_vectors_allocations_that_fail) {
  struct jg_recall_doc docs[3];
  float data[6] = {1, 0, 0, 1, 1, 1};
  long nth;
  int failed;
  docs[0].vector = data;
  docs[1].vector = data + 2;
  docs[2].vector = data + 4;
  nth = 1;
  do {
    struct jg_recall recall;
    struct jg_err err = {0};
    unit_fail_allocation(nth++);
    jg_recall_vectors(docs, 3, 2, NULL, &recall, &err);
    failed = unit_allocation_failed();
    CHECK_INT(err.code, failed ? JG_NOMEM : JG_OK);
    if (failed) {
      CHECK(recall.free == NULL);
    } else {
      recall.free(recall.ctx);
    }
  } while (failed);
  CHECK(nth > 9);
}

#define DIM 11 /* not a multiple of what is added up at once */

TEST(recall_vectors_by_cosine) {
  float data[4][DIM] = {{1, 0}, {0, 0, 2}, {0.6f, 0, 0.8f}, {0}};
  float wanted[DIM] = {0, 0, 5};
  float none[DIM] = {0};
  struct jg_recall_doc docs[5];
  struct jg_recall_query query = {NULL, wanted};
  struct jg_recall_hit hits[5];
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t count, i;

  memset(docs, 0, sizeof docs);
  for (i = 0; i < 4; i++) {
    docs[i].vector = data[i];
  }
  data[2][DIM - 1] = 0;
  CHECK_INT(jg_recall_open(docs, 5, DIM, NULL, &recall, &err), JG_OK);
  recall.nearest(recall.ctx, &query, 5, hits, &count, &err);
  CHECK_INT(count, 4); /* the one without a vector is never found */
  CHECK_INT(hits[0].doc, 1);
  CHECK_NEAR(hits[0].score, 1, 1e-6);
  CHECK_INT(hits[1].doc, 2);
  CHECK_NEAR(hits[1].score, 0.8, 1e-6);
  CHECK_INT(hits[2].doc, 0); /* 0, like the zero vector behind it */
  CHECK_INT(hits[3].doc, 3);
  query.vector = none;
  recall.nearest(recall.ctx, &query, 2, hits, &count, &err);
  CHECK_INT(count, 2);
  CHECK_INT(hits[0].doc, 0);
  CHECK_INT(err.code, JG_OK);
  query.vector = NULL;
  CHECK_INT(recall.nearest(recall.ctx, &query, 2, hits, &count, &err),
            JG_ERROR);
  CHECK_INT(count, 0);
  recall.free(recall.ctx);
}

TEST(recall_vectors_the_last_number_counts) {
  float data[2][DIM] = {{1, 1}, {1, 1}};
  float wanted[DIM] = {1, 1};
  struct jg_recall_doc docs[2] = {{NULL, data[0]}, {NULL, data[1]}};
  struct jg_recall_query query = {NULL, wanted};
  struct jg_recall_hit hits[1];
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t count;

  data[1][DIM - 1] = wanted[DIM - 1] = 1;
  jg_recall_vectors(docs, 2, DIM, NULL, &recall, &err);
  recall.nearest(recall.ctx, &query, 1, hits, &count, &err);
  CHECK_INT(hits[0].doc, 1);
  CHECK_NEAR(hits[0].score, 1, 1e-6);
  recall.free(recall.ctx);
}
