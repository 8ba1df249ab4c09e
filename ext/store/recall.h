/*
** The recall of align/recall.h by words, with FTS5's tokenizer and ranking.
** Nothing of it stands in the user's file.
*/
#ifndef JG_STORE_RECALL_H
#define JG_STORE_RECALL_H

#include "align/recall.h"

/* By words, ranked by BM25 over all words of the query; documents that share no
** word with it are not found. Needs FTS5: says so without it. */
int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    struct jg_recall *out, struct jg_err *err);
/* By words or by vectors, by dim; ctx is not used. */
jg_recall_open jg_store_recall;

#endif
