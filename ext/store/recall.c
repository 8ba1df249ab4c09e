/*
** Finding the nearest documents by words, ranked by BM25.
**
** Words are what FTS5 takes for words: its unicode61 tokenizer, borrowed from a
** private :memory: connection (sqlite.org/fts5.html, section 7), splits, folds
** case and drops diacritics. The index is our own. An FTS5 table that ranks all
** documents which share any word with a query takes 1 to 100 ms, since its
** posting lists are decoded row by row, and counted a second time for the
** ranking; searching for the rarest words only is fast and loses some of the
** nearest. Here a posting is a document and what the word adds to its score,
** worked out once; a query adds up the lists of all its words, which is exact
** and faster than either (tests/bench/bench_recall.c).
**
** What it promises:
** 1. The score is that of FTS5's bm25(), each distinct word of the query
**    counting once, with its sign turned: higher is nearer.
** 2. Documents that share no word with the query are not found.
** 3. Equal scores come in document order: the result is a pure function of
**    documents and query.
** 4. Any text is a query; there is no syntax in it.
*/
#include "store/recall.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/mem.h"
#include "core/rng.h"
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#define K1 1.2 /* of BM25, as FTS5 has them */
#define B 0.75
#define IDF_LEAST 1e-6
#define TEXT_BYTES_MAX 1000000000 /* of one text that is looked at */
#define DOCS_MAX UINT32_MAX

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

struct words {
  sqlite3 *db; /* whose FTS5 the tokenizer belongs to */
  fts5_tokenizer tokenizer;
  Fts5Tokenizer *tokens;
  char *arena; /* all terms, end to end */
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
  /* for the tokenizer's callback */
  size_t doc;
  struct jg_err *err;
};

/* ---- FTS5's tokenizer ---- */

static int fail(sqlite3 *db, int rc, struct jg_err *err) {
  const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

  if (rc == SQLITE_NOMEM) {
    return jg_err_nomem(err);
  }
  if (err->code == JG_OK) {
    err->sqlite_code = rc;
  }
  return jg_err_set(err, JG_SQLITE, "the index of labelled examples: %s", text);
}

static int lacks_fts5(struct jg_err *err) {
  return jg_err_set(err, JG_ERROR,
                    "finding labelled examples by words needs FTS5, which this "
                    "SQLite was built without: use another SQLite, or an "
                    "embedding_model, or retrieval_k 0");
}

/* The interface of FTS5 is handed out through a pointer value. */
static fts5_api *fts5_interface(sqlite3 *db, struct jg_err *err) {
  fts5_api *api = NULL;
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, NULL);

  if (rc == SQLITE_OK) {
    sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(stmt);
    rc = sqlite3_finalize(stmt);
  }
  if (rc == SQLITE_NOMEM) {
    jg_err_nomem(err);
  } else if (api == NULL) {
    lacks_fts5(err);
  }
  return api;
}

static int open_tokenizer(struct words *words, struct jg_err *err) {
  const char *options[] = {"remove_diacritics", "2"};
  void *context = NULL;
  fts5_api *api;
  int rc = sqlite3_open_v2(":memory:", &words->db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                               SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
                           NULL);

  if (rc != SQLITE_OK) {
    return fail(words->db, rc, err);
  }
  api = fts5_interface(words->db, err);
  if (api == NULL) {
    return err->code;
  }
  rc = api->xFindTokenizer(api, "unicode61", &context, &words->tokenizer);
  if (rc == SQLITE_OK) {
    rc = words->tokenizer.xCreate(context, options, 2, &words->tokens);
  }
  return rc == SQLITE_OK ? JG_OK : fail(NULL, rc, err);
}

typedef int take_token(void *ctx, int flags, const char *token, int bytes,
                       int start, int end);

static int tokenize(struct words *words, const char *text, take_token *take,
                    struct jg_err *err) {
  size_t bytes = strlen(text);
  int rc;

  words->err = err;
  rc = words->tokenizer.xTokenize(
      words->tokens, words, FTS5_TOKENIZE_DOCUMENT, text,
      (int)(bytes < TEXT_BYTES_MAX ? bytes : TEXT_BYTES_MAX), take);
  return rc == SQLITE_OK || err->code != JG_OK ? (int)err->code
                                               : fail(NULL, rc, err);
}

/* ---- the terms ---- */

static uint64_t hash_of(uint64_t salt, const char *text, size_t bytes) {
  uint64_t hash = salt;
  size_t i;

  for (i = 0; i < bytes; i++) {
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  }
  return hash ^ (hash >> 29);
}

/* The slot that holds the term, or the free one where it belongs. */
static size_t find_slot(const struct words *words, uint64_t hash,
                        const char *text, size_t bytes) {
  size_t mask = words->slot_count - 1;
  size_t slot = (size_t)hash & mask;

  while (words->slots[slot] != 0) {
    const struct term *term = &words->terms[words->slots[slot] - 1];
    if (term->hash == hash && term->bytes == bytes &&
        memcmp(words->arena + term->start, text, bytes) == 0) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

static int grow_slots(struct words *words, struct jg_err *err) {
  size_t count = words->slot_count == 0 ? 1024 : 2 * words->slot_count;
  size_t *slots;
  size_t i;

  if (words->slot_count / 2 > words->term_count) {
    return JG_OK;
  }
  slots = jg_mem_new(count, sizeof *slots, err);
  if (slots == NULL) {
    return err->code;
  }
  for (i = 0; i < words->term_count; i++) {
    size_t slot = (size_t)words->terms[i].hash & (count - 1);
    while (slots[slot] != 0) {
      slot = (slot + 1) & (count - 1);
    }
    slots[slot] = i + 1;
  }
  jg_mem_free(words->slots);
  words->slots = slots;
  words->slot_count = count;
  return JG_OK;
}

/* The term, made when it is new; NULL and words->err without memory. */
static struct term *want_term(struct words *words, const char *text,
                              size_t bytes) {
  uint64_t hash = hash_of(words->salt, text, bytes);
  struct term *term;
  size_t slot;

  if (grow_slots(words, words->err) != JG_OK) {
    return NULL;
  }
  slot = find_slot(words, hash, text, bytes);
  if (words->slots[slot] != 0) {
    return &words->terms[words->slots[slot] - 1];
  }
  if (jg_mem_grow(&words->terms, &words->term_cap, words->term_count + 1,
                  sizeof *words->terms, words->err) != JG_OK ||
      jg_mem_grow(&words->arena, &words->arena_cap, words->arena_bytes + bytes,
                  1, words->err) != JG_OK) {
    return NULL;
  }
  term = &words->terms[words->term_count++];
  term->start = words->arena_bytes;
  term->bytes = bytes;
  term->hash = hash;
  memcpy(words->arena + words->arena_bytes, text, bytes);
  words->arena_bytes += bytes;
  words->slots[slot] = words->term_count;
  return term;
}

/* ---- documents in ---- */

static int take_document_word(void *ctx, int flags, const char *token,
                              int bytes, int start, int end) {
  struct words *words = ctx;
  struct term *term = want_term(words, token, (size_t)bytes);

  (void)flags;
  (void)start;
  (void)end;
  if (term == NULL) {
    return SQLITE_NOMEM;
  }
  words->lengths[words->doc]++;
  if (term->count > 0 && term->postings[term->count - 1].doc == words->doc) {
    term->postings[term->count - 1].weight++;
    return SQLITE_OK;
  }
  if (jg_mem_grow(&term->postings, &term->cap, term->count + 1,
                  sizeof *term->postings, words->err) != JG_OK) {
    return SQLITE_NOMEM;
  }
  term->postings[term->count].doc = (uint32_t)words->doc;
  term->postings[term->count].weight = 1;
  term->count++;
  return SQLITE_OK;
}

/* Turns counts into what each word adds to a document's score (promise 1). */
static void weigh(struct words *words) {
  double total = 0;
  double mean;
  size_t i, j;

  for (i = 0; i < words->docs; i++) {
    total += words->lengths[i];
  }
  mean = total > 0 ? total / (double)words->docs : 1;
  for (i = 0; i < words->term_count; i++) {
    struct term *term = &words->terms[i];
    double docs = (double)term->count;
    double idf = log(((double)words->docs - docs + 0.5) / (docs + 0.5));
    idf = idf > IDF_LEAST ? idf : IDF_LEAST;
    for (j = 0; j < term->count; j++) {
      struct posting *posting = &term->postings[j];
      double times = posting->weight;
      double length = words->lengths[posting->doc] / mean;
      posting->weight =
          (float)(idf * times * (K1 + 1) / (times + K1 * (1 - B + B * length)));
    }
  }
}

static int index_docs(struct words *words, const struct jg_recall_doc *docs,
                      size_t count, struct jg_err *err) {
  words->docs = count;
  words->salt = jg_rng_system();
  words->lengths = jg_mem_new(count, sizeof *words->lengths, err);
  words->scores = jg_mem_new(count, sizeof *words->scores, err);
  for (; err->code == JG_OK && words->doc < count; words->doc++) {
    if (docs[words->doc].text != NULL) {
      tokenize(words, docs[words->doc].text, take_document_word, err);
    }
  }
  if (err->code == JG_OK) {
    weigh(words);
  }
  return err->code;
}

/* ---- queries ---- */

static int take_query_word(void *ctx, int flags, const char *token, int bytes,
                           int start, int end) {
  struct words *words = ctx;
  uint64_t hash = hash_of(words->salt, token, (size_t)bytes);
  struct term *term;
  size_t slot, i;

  (void)flags;
  (void)start;
  (void)end;
  if (words->slot_count == 0) {
    return SQLITE_OK;
  }
  slot = find_slot(words, hash, token, (size_t)bytes);
  term = words->slots[slot] == 0 ? NULL : &words->terms[words->slots[slot] - 1];
  if (term == NULL || term->asked == words->queries) {
    return SQLITE_OK;
  }
  term->asked = words->queries;
  for (i = 0; i < term->count; i++) {
    words->scores[term->postings[i].doc] += term->postings[i].weight;
  }
  return SQLITE_OK;
}

static int nearest_words(void *ctx, const struct jg_recall_query *query,
                         size_t k, struct jg_recall_hit *hits, size_t *count,
                         struct jg_err *err) {
  struct words *words = ctx;
  size_t i;

  *count = 0;
  if (err->code != JG_OK || k == 0 || query->text == NULL || words->docs == 0) {
    return err->code;
  }
  memset(words->scores, 0, words->docs * sizeof *words->scores);
  words->queries++;
  if (tokenize(words, query->text, take_query_word, err) != JG_OK) {
    return err->code;
  }
  for (i = 0; i < words->docs; i++) {
    if (words->scores[i] > 0) {
      jg_recall_offer(hits, count, k, i, words->scores[i]);
    }
  }
  return JG_OK;
}

static void free_words(void *ctx) {
  struct words *words = ctx;
  size_t i;

  if (words == NULL) {
    return;
  }
  if (words->tokens != NULL) {
    words->tokenizer.xDelete(words->tokens);
  }
  sqlite3_close(words->db);
  for (i = 0; i < words->term_count; i++) {
    jg_mem_free(words->terms[i].postings);
  }
  jg_mem_free(words->terms);
  jg_mem_free(words->arena);
  jg_mem_free(words->slots);
  jg_mem_free(words->lengths);
  jg_mem_free(words->scores);
  jg_mem_free(words);
}

int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    struct jg_recall *out, struct jg_err *err) {
  struct words *words;

  memset(out, 0, sizeof *out);
  if (count > DOCS_MAX) {
    return jg_err_set(err, JG_ERROR, "%zu labelled examples are too many",
                      count);
  }
  words = jg_mem_new(1, sizeof *words, err);
  if (words == NULL) {
    return err->code;
  }
  if (open_tokenizer(words, err) != JG_OK ||
      index_docs(words, docs, count, err) != JG_OK) {
    free_words(words);
    return err->code;
  }
  out->ctx = words;
  out->nearest = nearest_words;
  out->free = free_words;
  return JG_OK;
}

int jg_store_recall(void *ctx, const struct jg_recall_doc *docs, size_t count,
                    size_t dim, struct jg_recall *out, struct jg_err *err) {
  (void)ctx;
  return dim == 0 ? jg_recall_words(docs, count, out, err)
                  : jg_recall_vectors(docs, count, dim, out, err);
}
