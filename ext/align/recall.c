/* What recall by words and by vectors share. See recall.h. */
#include "align/recall.h"

#include <assert.h>

int jg_recall_open(const struct jg_recall_doc *docs, size_t count, size_t dim,
                   const struct jg_stop *stop, struct jg_recall *out,
                   struct jg_err *err) {
  return dim == 0 ? jg_recall_words(docs, count, stop, out, err)
                  : jg_recall_vectors(docs, count, dim, stop, out, err);
}

void jg_recall_offer(struct jg_recall_hit *hits, size_t *count, size_t k,
                     size_t doc, double nearness) {
  size_t at = *count;

  assert(*count <= k);
  if (at == k) {
    if (k == 0 || nearness <= hits[k - 1].score) {
      return;
    }
    at--;
  } else {
    ++*count;
  }
  for (; at > 0 && hits[at - 1].score < nearness; at--) {
    hits[at] = hits[at - 1];
  }
  hits[at].doc = doc;
  hits[at].score = nearness;
}
