/*
** Finding the nearest documents by words, ranked by BM25.
**
** Words are those of local:/lexical (judge/lexical_words.h): the same on every
** host, whatever its SQLite was built with. The index is our own. An FTS5 table
** that ranks all documents which share any word with a query takes 1 to 100 ms,
** since its posting lists are decoded row by row, and counted a second time for
** the ranking; searching for the rarest words only is fast and loses some of the
** nearest. Here a posting is a document and what the word adds to its score,
** worked out once; a query adds up the lists of all its words, which is exact
** and faster than either (tests/bench/bench_recall.c).
**
** What it promises:
** 1. The score is that of FTS5's bm25() over these words, each distinct word of
**    the query counting once, with its sign turned: higher is nearer.
** 2. Documents that share no word with the query are not found.
** 3. Equal scores come in document order: the result is a pure function of
**    documents and query.
** 4. Any text is a query; there is no syntax in it. Of JSON the leaves count.
** 5. Of a text the first JG_WORDS_MAX words count.
*/
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "align/recall.h"
#include "core/mem.h"
#include "core/rng.h"
#include "judge/lexical_words.h"

#define K1 1.2 /* of BM25, as FTS5 has them */
#define B 0.75
#define IDF_LEAST 1e-6
#define DOCS_MAX UINT32_MAX
#define DOCS_A_PIECE 256 /* between two questions whether to go on */

struct posting {
  uint32_t doc;
  float weight; /* times in the document; in the end, what it adds */
};

struct term {
  size_t start; /* of its bytes in the arena */
  size_t bytes;
  uint64_t hash;
  struct posting *postings; /* by document */
  size_t count, cap;
  uint64_t asked; /* number of the last query that had it */
};

struct index {
  struct jg_words words; /* of the text that is read */
  char *arena;           /* all terms, end to end */
  size_t arena_bytes, arena_cap;
  struct term *terms;
  size_t term_count, term_cap;
  size_t *slots;     /* hash table: position in terms + 1, 0 = free */
  size_t slot_count; /* a power of two, at least twice term_count */
  uint64_t salt;     /* so that no text can be made to collide */
  uint32_t *lengths; /* of each document, in words */
  double *scores;    /* of each document, for the query under way */
  size_t docs;
  uint64_t queries; /* asked so far */
};

/* ---- the terms ---- */

/* Reads a text's words into index->words. */
static int read_words(struct index *index, const char *text,
                      struct jg_err *err) {
  jg_words_clear(&index->words);
  return jg_words_add_field(&index->words, text, err);
}

static uint64_t hash_of(uint64_t salt, const char *text, size_t bytes) {
  uint64_t hash = salt;
  size_t i;

  for (i = 0; i < bytes; i++) {
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  }
  return hash ^ (hash >> 29);
}

/* The slot that holds the term, or the free one where it belongs. */
static size_t find_slot(const struct index *index, uint64_t hash,
                        const char *text, size_t bytes) {
  size_t mask = index->slot_count - 1;
  size_t slot = (size_t)hash & mask;

  assert(index->term_count < index->slot_count); /* the search ends */
  while (index->slots[slot] != 0) {
    const struct term *term = &index->terms[index->slots[slot] - 1];
    if (term->hash == hash && term->bytes == bytes &&
        memcmp(index->arena + term->start, text, bytes) == 0) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

static int grow_slots(struct index *index, struct jg_err *err) {
  size_t count = index->slot_count == 0 ? 1024 : 2 * index->slot_count;
  size_t *slots;
  size_t i;

  if (index->slot_count / 2 > index->term_count) {
    return JG_OK;
  }
  slots = jg_mem_new(count, sizeof *slots, err);
  if (slots == NULL) {
    return err->code;
  }
  for (i = 0; i < index->term_count; i++) {
    size_t slot = (size_t)index->terms[i].hash & (count - 1);
    while (slots[slot] != 0) {
      slot = (slot + 1) & (count - 1);
    }
    slots[slot] = i + 1;
  }
  jg_mem_free(index->slots);
  index->slots = slots;
  index->slot_count = count;
  return JG_OK;
}

/* The term, made when it is new; NULL without memory. */
static struct term *want_term(struct index *index, const char *text,
                              size_t bytes, struct jg_err *err) {
  uint64_t hash = hash_of(index->salt, text, bytes);
  struct term *term;
  size_t slot;

  if (grow_slots(index, err) != JG_OK) {
    return NULL;
  }
  slot = find_slot(index, hash, text, bytes);
  if (index->slots[slot] != 0) {
    return &index->terms[index->slots[slot] - 1];
  }
  if (jg_mem_grow(&index->terms, &index->term_cap, index->term_count + 1,
                  sizeof *index->terms, err) != JG_OK ||
      jg_mem_grow(&index->arena, &index->arena_cap, index->arena_bytes + bytes,
                  1, err) != JG_OK) {
    return NULL;
  }
  term = &index->terms[index->term_count++];
  assert(index->arena_bytes + bytes <= index->arena_cap);
  term->start = index->arena_bytes;
  term->bytes = bytes;
  term->hash = hash;
  memcpy(index->arena + index->arena_bytes, text, bytes);
  index->arena_bytes += bytes;
  index->slots[slot] = index->term_count;
  return term;
}

/* ---- documents in ---- */

static int index_word(struct index *index, uint32_t doc, const char *word,
                      size_t bytes, struct jg_err *err) {
  struct term *term = want_term(index, word, bytes, err);

  if (term == NULL) {
    return err->code;
  }
  assert(doc < index->docs);
  index->lengths[doc]++;
  if (term->count > 0 && term->postings[term->count - 1].doc == doc) {
    term->postings[term->count - 1].weight++;
    return JG_OK;
  }
  if (jg_mem_grow(&term->postings, &term->cap, term->count + 1,
                  sizeof *term->postings, err) != JG_OK) {
    return err->code;
  }
  assert(term->count == 0 || term->postings[term->count - 1].doc < doc);
  term->postings[term->count].doc = doc;
  term->postings[term->count].weight = 1;
  term->count++;
  return JG_OK;
}

static int index_doc(struct index *index, uint32_t doc, const char *text,
                     struct jg_err *err) {
  const struct jg_words *words = &index->words;
  size_t i;

  read_words(index, text, err);
  for (i = 0; err->code == JG_OK && i < words->count; i++) {
    index_word(index, doc, words->text.data + words->items[i].at,
               words->items[i].bytes, err);
  }
  return err->code;
}

/* Turns counts into what each word adds to a document's score (promise 1). */
static void weigh(struct index *index) {
  double total = 0;
  double mean;
  size_t i, j;

  for (i = 0; i < index->docs; i++) {
    total += index->lengths[i];
  }
  mean = total > 0 ? total / (double)index->docs : 1;
  for (i = 0; i < index->term_count; i++) {
    struct term *term = &index->terms[i];
    double docs = (double)term->count;
    double idf = log(((double)index->docs - docs + 0.5) / (docs + 0.5));
    idf = idf > IDF_LEAST ? idf : IDF_LEAST;
    for (j = 0; j < term->count; j++) {
      struct posting *posting = &term->postings[j];
      double times = posting->weight;
      double length = index->lengths[posting->doc] / mean;
      posting->weight =
          (float)(idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length)));
    }
  }
}

static int index_docs(struct index *index, const struct jg_recall_doc *docs,
                      size_t count, const struct jg_stop *stop,
                      struct jg_err *err) {
  size_t i;

  index->docs = count;
  index->salt = jg_rng_system();
  index->lengths = jg_mem_new(count, sizeof *index->lengths, err);
  index->scores = jg_mem_new(count, sizeof *index->scores, err);
  for (i = 0; err->code == JG_OK && i < count; i++) {
    if (docs[i].text != NULL) {
      index_doc(index, (uint32_t)i, docs[i].text, err);
    }
    if (i % DOCS_A_PIECE == 0) {
      jg_stop_check(stop, err);
    }
  }
  if (err->code == JG_OK) {
    weigh(index);
  }
  return err->code;
}

/* ---- queries ---- */

static void add_scores(struct index *index, const char *word, size_t bytes) {
  uint64_t hash = hash_of(index->salt, word, bytes);
  size_t at = index->slots[find_slot(index, hash, word, bytes)];
  struct term *term = at == 0 ? NULL : &index->terms[at - 1];
  size_t i;

  if (term == NULL || term->asked == index->queries) {
    return;
  }
  term->asked = index->queries;
  for (i = 0; i < term->count; i++) {
    index->scores[term->postings[i].doc] += term->postings[i].weight;
  }
}

static int nearest_by_words(void *ctx, const struct jg_recall_query *query,
                            size_t k, struct jg_recall_hit *hits, size_t *count,
                            struct jg_err *err) {
  struct index *index = ctx;
  const struct jg_words *words = &index->words;
  size_t i;

  *count = 0;
  if (err->code != JG_OK || k == 0 || query->text == NULL ||
      index->term_count == 0) {
    return err->code;
  }
  memset(index->scores, 0, index->docs * sizeof *index->scores);
  index->queries++;
  if (read_words(index, query->text, err) != JG_OK) {
    return err->code;
  }
  for (i = 0; i < words->count; i++) {
    add_scores(index, words->text.data + words->items[i].at,
               words->items[i].bytes);
  }
  for (i = 0; i < index->docs; i++) {
    if (index->scores[i] > 0) {
      jg_recall_offer(hits, count, k, i, index->scores[i]);
    }
  }
  return JG_OK;
}

static void free_index(void *ctx) {
  struct index *index = ctx;
  size_t i;

  if (index == NULL) {
    return;
  }
  jg_words_dispose(&index->words);
  for (i = 0; i < index->term_count; i++) {
    jg_mem_free(index->terms[i].postings);
  }
  jg_mem_free(index->terms);
  jg_mem_free(index->arena);
  jg_mem_free(index->slots);
  jg_mem_free(index->lengths);
  jg_mem_free(index->scores);
  jg_mem_free(index);
}

int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    const struct jg_stop *stop, struct jg_recall *out,
                    struct jg_err *err) {
  struct index *index;

  memset(out, 0, sizeof *out);
  if (count > DOCS_MAX) {
    return jg_err_set(err, JG_ERROR, "%zu labelled examples are too many",
                      count);
  }
  index = jg_mem_new(1, sizeof *index, err);
  if (index == NULL) {
    return err->code;
  }
  jg_words_init(&index->words);
  if (index_docs(index, docs, count, stop, err) != JG_OK) {
    free_index(index);
    return err->code;
  }
  out->ctx = index;
  out->nearest = nearest_by_words;
  out->free = free_index;
  return JG_OK;
}
