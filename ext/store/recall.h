/*
** The recalls of align/recall.h: by words, with FTS5's tokenizer and ranking,
** and by vectors. Nothing of them stands in the user's file.
*/
#ifndef JG_STORE_RECALL_H
#define JG_STORE_RECALL_H

#include "align/recall.h"

/* By words, ranked by BM25 over all words of the query; documents that share no
** word with it are not found. Needs FTS5: says so without it. */
int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    struct jg_recall *out, struct jg_err *err);
/* By cosine, exhaustively. A document without a vector is never found. */
int jg_recall_vectors(const struct jg_recall_doc *docs, size_t count,
                      size_t dim, struct jg_recall *out, struct jg_err *err);
/* Either, by dim; ctx is not used. */
jg_recall_open jg_store_recall;

/* Puts a document in its place among the k best so far. Documents are offered
** in order, so that a later one of equal score stands behind. */
void jg_recall_offer(struct jg_recall_hit *hits, size_t *count, size_t k,
                     size_t doc, double nearness);

#endif
