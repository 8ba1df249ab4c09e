/*
** Finding the labelled examples nearest to an item. align owns the interface
** and the recall by vectors; store has the one by words (FTS5's tokenizer).
*/
#ifndef JG_ALIGN_RECALL_H
#define JG_ALIGN_RECALL_H

#include <stddef.h>
#include "core/err.h"

struct jg_recall_doc {
  const char *text;    /* the key; lent for the call that opens */
  const float *vector; /* dim numbers, or NULL for recall by words */
};

struct jg_recall_query {
  const char *text;
  const float *vector;
};

struct jg_recall_hit {
  size_t doc;   /* position in the documents given */
  double score; /* higher is nearer; equal scores come in document order */
};

struct jg_recall {
  void *ctx;
  /* Fills up to k hits, nearest first; *count is how many. */
  int (*nearest)(void *ctx, const struct jg_recall_query *query, size_t k,
                 struct jg_recall_hit *hits, size_t *count, struct jg_err *err);
  void (*free)(void *ctx); /* takes NULL ctx */
};

/* Opens a recall over documents; dim 0 = by words. */
typedef int jg_recall_open(void *ctx, const struct jg_recall_doc *docs,
                           size_t count, size_t dim, struct jg_recall *out,
                           struct jg_err *err);

/* By cosine; the result is that of comparing with all. A document without a
** vector is never found. */
int jg_recall_vectors(const struct jg_recall_doc *docs, size_t count,
                      size_t dim, struct jg_recall *out, struct jg_err *err);

/* Puts a document in its place among the k best so far. Documents are offered
** in order, so that a later one of equal score stands behind. */
void jg_recall_offer(struct jg_recall_hit *hits, size_t *count, size_t k,
                     size_t doc, double nearness);

#endif
