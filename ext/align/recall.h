/*
** Finding the labelled examples nearest to an item, by words or by vectors. All
** of it is in this process's memory; nothing stands in the user's file.
*/
#ifndef JG_ALIGN_RECALL_H
#define JG_ALIGN_RECALL_H

#include <stddef.h>
#include "core/err.h"
#include "core/stop.h"

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

/* Over documents by vectors of dim numbers, or by words when dim is 0. stop is
** asked while it is opened. */
int jg_recall_open(const struct jg_recall_doc *docs, size_t count, size_t dim,
                   const struct jg_stop *stop, struct jg_recall *out,
                   struct jg_err *err);
/* Ranked by BM25 over all words of the query; documents that share no word with
** it are not found. */
int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    const struct jg_stop *stop, struct jg_recall *out,
                    struct jg_err *err);
/* By cosine; the result is that of comparing with all. A document without a
** vector is never found. */
int jg_recall_vectors(const struct jg_recall_doc *docs, size_t count,
                      size_t dim, const struct jg_stop *stop,
                      struct jg_recall *out, struct jg_err *err);

/* Puts a document in its place among the k best so far. Documents are offered
** in order, so that a later one of equal score stands behind. */
void jg_recall_offer(struct jg_recall_hit *hits, size_t *count, size_t k,
                     size_t doc, double nearness);

#endif
