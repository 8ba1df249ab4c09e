/*
** For lexical_fit.c: counts in how many texts each word stands, in a hash
** table, and keeps the most frequent words.
*/
#ifndef JG_ALIGN_LEXICAL_RARITY_H
#define JG_ALIGN_LEXICAL_RARITY_H

#include "judge/lexical_words.h"

#define JG_RARITY_WORDS 1000 /* kept; the rest count as seen once */

struct jg_counter_slot {
  char *word; /* owned; NULL: free */
  size_t count;
};

struct jg_counter {
  struct jg_counter_slot *slots;
  size_t room; /* a power of two, at most half full */
  size_t used;
  size_t documents;
};

/* Counts one indexed text; starts from a counter of zeros. */
int jg_counter_add(struct jg_counter *counter, const struct jg_words *words,
                   struct jg_err *err);
/* The words seen twice and more, the JG_RARITY_WORDS most frequent of them. */
int jg_counter_rarity(const struct jg_counter *counter, struct jg_rarity *out,
                      struct jg_err *err);
void jg_counter_dispose(struct jg_counter *counter);

#endif
