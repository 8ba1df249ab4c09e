/*
** Words for local:/lexical: what counts as a word, when two words are the same,
** and how many words of one text stand in another. No locale, no tables but its
** own; linear in the length of the text.
**
** A word is a run of letters or of digits, folded: case and the accents of
** Latin letters aside ("Beyonce" is "Beyoncé"), possessive 's and plural
** endings cut, number words as digits ("twelve" is 12, "3rd" is 3), 1,000 as
** 1000. Each CJK character is a word. Bytes that are not UTF-8 part words.
*/
#ifndef JG_JUDGE_LEXICAL_WORDS_H
#define JG_JUDGE_LEXICAL_WORDS_H

#include "core/buf.h"
#include "core/json.h"

#define JG_WORDS_MAX 20000   /* words looked at in one text */
#define JG_WORD_MAX_BYTES 64 /* of a folded word; the rest is dropped */

struct jg_word {
  size_t at; /* in text.data */
  unsigned short bytes;
  unsigned char stop; /* a function word such as "the" */
};

struct jg_words {
  struct jg_buf text;    /* the folded words, one after the other */
  struct jg_word *items; /* as they stand in the text */
  size_t count, cap;
  size_t sentences;       /* pieces that end in .!?;: or a line break */
  struct jg_word *unique; /* sorted by bytes, each once; see jg_words_index */
  size_t unique_count;
};

/* A share as a fraction, so that cuts are exact. total 0: there is none. */
struct jg_share {
  size_t hits, total;
};

/* How often words occur among the texts learned from: rare ones weigh more. */
struct jg_rarity {
  size_t documents;
  char **words;   /* sorted by bytes; owned */
  size_t *counts; /* documents that hold the word, at least 2 */
  size_t count;
};

void jg_words_init(struct jg_words *words);
void jg_words_dispose(struct jg_words *words);
/* Forgets the words and keeps the memory. */
void jg_words_clear(struct jg_words *words);
/* Adds the words of a plain text. */
int jg_words_add(struct jg_words *words, const char *text, size_t bytes,
                 struct jg_err *err);
/* Adds the words of all texts and numbers inside a JSON value. */
int jg_words_add_json(struct jg_words *words, const struct jg_json *item,
                      struct jg_err *err);
/* Adds a field of a trace: a JSON object, list or text by its leaves, all else
** as plain text; NULL adds nothing. */
int jg_words_add_field(struct jg_words *words, const char *text,
                       struct jg_err *err);
/* Makes the sorted index; no words may be added afterwards. */
int jg_words_index(struct jg_words *words, struct jg_err *err);
/* Does the indexed text hold the word? near: or one that begins alike (6
** letters and two thirds of the longer in common). */
int jg_words_has(const struct jg_words *words, const char *word, size_t bytes,
                 int near);

/* The share of the distinct words of `of` that stand in `in`. content: function
** words do not count, unless there are no others. Both must be indexed. */
struct jg_share jg_words_share(const struct jg_words *of,
                               const struct jg_words *in, int content);
/* The share over all words, each weighed by its rarity; 0 when there are none.
** Words must be the same: a long answer holds a near one of anything. */
double jg_words_weighed(const struct jg_words *of, const struct jg_words *in,
                        const struct jg_rarity *rarity);
/* log(1 + (n - c + 0.5) / (c + 0.5)), c = 1 for a word that is not listed. */
double jg_rarity_weight(const struct jg_rarity *rarity, const char *word,
                        size_t bytes);
void jg_rarity_dispose(struct jg_rarity *rarity);

#endif
