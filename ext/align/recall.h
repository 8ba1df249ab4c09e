/*
** Finding the labelled examples nearest to an item. align owns the interface,
** store implements it: by words (FTS5 in a private :memory: database) or by
** vectors.
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

#endif
