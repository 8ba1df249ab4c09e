/*
** Finding the nearest documents.
**
** By words: the documents stand in a contentless FTS5 table of a private
** :memory: database. Ranking all documents that share any word with a query
** takes milliseconds to a tenth of a second, because common words have long
** posting lists and say little. So a query looks its words' document counts up
** in a sorted list of all terms and searches for the rarest only, as many as
** fit the budget; tests/bench/bench_recall.c measures how much of the
** exhaustive result that finds. FTS5's own bm25() would walk each posting list
** a second time to count it and read each document's length from a table; both
** are known here, so that the same formula is computed by an auxiliary
** function of our own.
**
** Equal scores come in document order, so that a result is a pure function of
** documents and query.
*/
#include "store/recall.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/mem.h"
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#define BUDGET 2000  /* posting list entries a query may read */
#define WORDS_MAX 48 /* searched for at once within a budget */
#define K1 1.2       /* of BM25, as FTS5 has them */
#define B 0.75
#define IDF_LEAST 1e-6
#define CACHE_BYTES "268435456" /* of FTS5: one segment, written once */
#define INSERT_AT_ONCE_BYTES 2147483000

/* ---- the k best ---- */

void jg_recall_offer(struct jg_recall_hit *hits, size_t *count, size_t k,
                     size_t doc, double nearness) {
  size_t at = *count;

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

/* ---- by words ---- */

struct term {
  size_t start; /* in the arena */
  size_t bytes;
  size_t docs; /* documents that hold it */
};

/* A word of a query, where the documents have it. */
struct word {
  size_t term;
  size_t docs;
  const char *text; /* as the query has it, lent */
  size_t bytes;
};

struct words {
  sqlite3 *db;
  sqlite3_stmt *find;
  fts5_tokenizer tokenizer;
  Fts5Tokenizer *tokens;
  char *arena; /* all terms, end to end */
  size_t arena_bytes, arena_cap;
  struct term *terms; /* sorted by bytes */
  size_t term_count, term_cap;
  uint32_t *lengths; /* of each document, in words */
  double mean_length;
  size_t docs;
  size_t budget;
  struct word *query; /* reused */
  size_t query_count, query_cap;
  double *idf; /* of the words searched for, for score() */
  size_t idf_cap;
  struct jg_err *err; /* of the query under way */
  const char *text;   /* likewise */
};

static int fail(sqlite3 *db, int rc, struct jg_err *err) {
  const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

  if (rc == SQLITE_NOMEM) {
    return jg_err_nomem(err);
  }
  if (strstr(text, "no such module: fts5") != NULL ||
      strstr(text, "no such function: fts5") != NULL) {
    return jg_err_set(err, JG_ERROR,
                      "finding labelled examples by words needs FTS5, which "
                      "this SQLite was built without: use another SQLite, or "
                      "an embedding_model, or retrieval_k 0");
  }
  err->sqlite_code = err->code == JG_OK ? rc : err->sqlite_code;
  return jg_err_set(err, JG_SQLITE, "the index of labelled examples: %s", text);
}

static int run(sqlite3 *db, const char *sql, struct jg_err *err) {
  int rc =
      err->code != JG_OK ? SQLITE_OK : sqlite3_exec(db, sql, NULL, NULL, NULL);

  return rc == SQLITE_OK ? (int)err->code : fail(db, rc, err);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  int rc = err->code != JG_OK ? SQLITE_OK
                              : sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

  if (rc != SQLITE_OK) {
    fail(db, rc, err);
  }
  return stmt;
}

/* 1: a row; 0: done or err is set. */
static int step(sqlite3 *db, sqlite3_stmt *stmt, struct jg_err *err) {
  int rc = err->code != JG_OK ? SQLITE_DONE : sqlite3_step(stmt);

  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    fail(db, rc, err);
  }
  return rc == SQLITE_ROW;
}

/* BM25 of the current document over the words searched for. */
static void score(const Fts5ExtensionApi *api, Fts5Context *fts,
                  sqlite3_context *context, int argc, sqlite3_value **argv) {
  const struct words *words = api->xUserData(fts);
  sqlite3_int64 rowid = api->xRowid(fts);
  int phrases = api->xPhraseCount(fts);
  double length, sum = 0;
  int i;

  (void)argc;
  (void)argv;
  if (rowid < 1 || (uint64_t)rowid > words->docs) {
    return;
  }
  length = words->lengths[rowid - 1];
  for (i = 0; i < phrases && (size_t)i < words->idf_cap; i++) {
    Fts5PhraseIter at;
    int column, offset;
    double hits = 0;
    int rc = api->xPhraseFirst(fts, i, &at, &column, &offset);
    if (rc != SQLITE_OK) {
      sqlite3_result_error_code(context, rc);
      return;
    }
    for (; column >= 0; api->xPhraseNext(fts, &at, &column, &offset)) {
      hits++;
    }
    sum += words->idf[i] * hits * (K1 + 1) /
           (hits + K1 * (1 - B + B * length / words->mean_length));
  }
  sqlite3_result_double(context, sum);
}

/* The interface of FTS5 itself, handed out through a pointer value. */
static fts5_api *fts5_interface(sqlite3 *db, struct jg_err *err) {
  fts5_api *api = NULL;
  sqlite3_stmt *stmt = prepare(db, "SELECT fts5(?1)", err);

  if (stmt != NULL) {
    sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
    step(db, stmt, err);
    sqlite3_finalize(stmt);
  }
  if (api == NULL) {
    jg_err_set(err, JG_ERROR, "FTS5 does not hand out its interface");
  }
  return api;
}

static int open_tokenizer(struct words *words, fts5_api *api,
                          struct jg_err *err) {
  const char *options[] = {"remove_diacritics", "2"};
  void *context = NULL;
  int rc = api->xFindTokenizer(api, "unicode61", &context, &words->tokenizer);

  if (rc == SQLITE_OK) {
    rc = words->tokenizer.xCreate(context, options, 2, &words->tokens);
  }
  return rc == SQLITE_OK ? JG_OK : fail(words->db, rc, err);
}

static int open_database(struct words *words, struct jg_err *err) {
  fts5_api *api;
  int rc = sqlite3_open_v2(":memory:", &words->db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                               SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
                           NULL);

  if (rc != SQLITE_OK) {
    return fail(words->db, rc, err);
  }
  run(words->db,
      "PRAGMA journal_mode = OFF;"
      "CREATE VIRTUAL TABLE d USING fts5(t, content = '',"
      " tokenize = 'unicode61 remove_diacritics 2');"
      "CREATE VIRTUAL TABLE v USING fts5vocab(d, row);",
      err);
  run(words->db, "INSERT INTO d(d, rank) VALUES('hashsize', " CACHE_BYTES ")",
      err);
  if (err->code != JG_OK) {
    return err->code;
  }
  api = fts5_interface(words->db, err);
  if (api == NULL || open_tokenizer(words, api, err) != JG_OK) {
    return err->code;
  }
  rc = api->xCreateFunction(api, "nearness", words, score, NULL);
  return rc == SQLITE_OK ? JG_OK : fail(words->db, rc, err);
}

static int insert_docs(struct words *words, const struct jg_recall_doc *docs,
                       size_t count, struct jg_err *err) {
  sqlite3_stmt *stmt;
  size_t i;

  run(words->db, "BEGIN", err);
  stmt = prepare(words->db, "INSERT INTO d(rowid, t) VALUES(?1, ?2)", err);
  for (i = 0; stmt != NULL && err->code == JG_OK && i < count; i++) {
    const char *text = docs[i].text == NULL ? "" : docs[i].text;
    size_t bytes = strlen(text);
    int used = bytes > INSERT_AT_ONCE_BYTES ? INSERT_AT_ONCE_BYTES : (int)bytes;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)i + 1);
    sqlite3_bind_text(stmt, 2, text, used, SQLITE_STATIC);
    step(words->db, stmt, err);
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  run(words->db, "COMMIT", err);
  /* One segment: a query then opens one list a word. */
  return run(words->db, "INSERT INTO d(d) VALUES('optimize')", err);
}

static int add_term(struct words *words, const char *text, size_t bytes,
                    size_t docs, struct jg_err *err) {
  struct term *term;

  if (jg_mem_grow(&words->terms, &words->term_cap, words->term_count + 1,
                  sizeof *words->terms, err) != JG_OK ||
      jg_mem_grow(&words->arena, &words->arena_cap, words->arena_bytes + bytes,
                  1, err) != JG_OK) {
    return err->code;
  }
  term = &words->terms[words->term_count++];
  term->start = words->arena_bytes;
  term->bytes = bytes;
  term->docs = docs;
  memcpy(words->arena + words->arena_bytes, text, bytes);
  words->arena_bytes += bytes;
  return JG_OK;
}

static int compare_bytes(const char *a, size_t a_bytes, const char *b,
                         size_t b_bytes) {
  size_t least = a_bytes < b_bytes ? a_bytes : b_bytes;
  int order = least == 0 ? 0 : memcmp(a, b, least);

  return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

/* All terms with their document counts. */
static int read_terms(struct words *words, struct jg_err *err) {
  sqlite3_stmt *stmt =
      prepare(words->db, "SELECT term, doc FROM v ORDER BY term", err);

  while (stmt != NULL && step(words->db, stmt, err)) {
    const char *text = (const char *)sqlite3_column_text(stmt, 0);
    size_t bytes = (size_t)sqlite3_column_bytes(stmt, 0);
    if (text == NULL) {
      jg_err_nomem(err);
      break;
    }
    add_term(words, text, bytes, (size_t)sqlite3_column_int64(stmt, 1), err);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* The lengths as FTS5 keeps them: for one column, one variable-length number
** of seven bits a byte, high bits first. */
static int read_lengths(struct words *words, struct jg_err *err) {
  sqlite3_stmt *stmt =
      prepare(words->db, "SELECT id, sz FROM d_docsize ORDER BY id", err);
  double total = 0;
  int i;

  words->lengths = jg_mem_new(words->docs, sizeof *words->lengths, err);
  while (stmt != NULL && step(words->db, stmt, err)) {
    sqlite3_int64 id = sqlite3_column_int64(stmt, 0);
    const unsigned char *blob = sqlite3_column_blob(stmt, 1);
    int bytes = sqlite3_column_bytes(stmt, 1);
    uint32_t length = 0;
    for (i = 0; blob != NULL && i < bytes; i++) {
      length = length << 7 | (blob[i] & 0x7f);
      if (!(blob[i] & 0x80)) {
        break;
      }
    }
    if (id >= 1 && (uint64_t)id <= words->docs) {
      words->lengths[id - 1] = length;
      total += length;
    }
  }
  sqlite3_finalize(stmt);
  words->mean_length = total > 0 ? total / (double)words->docs : 1;
  return err->code;
}

/* ---- a query by words ---- */

static size_t find_term(const struct words *words, const char *text,
                        size_t bytes) {
  size_t low = 0;
  size_t high = words->term_count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct term *term = &words->terms[middle];
    int order =
        compare_bytes(words->arena + term->start, term->bytes, text, bytes);
    if (order == 0) {
      return middle;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return words->term_count;
}

/* FTS5 gives each token of the query's text. */
static int take_token(void *ctx, int flags, const char *token, int bytes,
                      int start, int end) {
  struct words *words = ctx;
  size_t term = find_term(words, token, (size_t)bytes);
  struct word *word;

  (void)flags;
  if (term == words->term_count) {
    return SQLITE_OK; /* no document has it */
  }
  if (jg_mem_grow(&words->query, &words->query_cap, words->query_count + 1,
                  sizeof *words->query, words->err) != JG_OK) {
    return SQLITE_NOMEM;
  }
  word = &words->query[words->query_count++];
  word->term = term;
  word->docs = words->terms[term].docs;
  word->text = words->text + start;
  word->bytes = (size_t)(end - start);
  return SQLITE_OK;
}

static int by_rarity(const void *a, const void *b) {
  const struct word *x = a;
  const struct word *y = b;

  if (x->docs != y->docs) {
    return x->docs < y->docs ? -1 : 1;
  }
  return x->term < y->term ? -1 : x->term > y->term;
}

/* The distinct words of the text that some document has, the rarest first. */
static int read_query(struct words *words, const char *text,
                      struct jg_err *err) {
  size_t bytes = strlen(text);
  size_t kept = 0;
  size_t i;
  int rc;

  words->query_count = 0;
  words->err = err;
  words->text = text;
  rc = words->tokenizer.xTokenize(
      words->tokens, words, FTS5_TOKENIZE_AUX, text,
      bytes > INSERT_AT_ONCE_BYTES ? INSERT_AT_ONCE_BYTES : (int)bytes,
      take_token);
  if (rc != SQLITE_OK) {
    return fail(NULL, rc, err);
  }
  if (words->query_count > 1) {
    qsort(words->query, words->query_count, sizeof *words->query, by_rarity);
  }
  for (i = 0; i < words->query_count; i++) {
    if (kept == 0 || words->query[kept - 1].term != words->query[i].term) {
      words->query[kept++] = words->query[i];
    }
  }
  words->query_count = kept;
  return JG_OK;
}

/* How many of the rarest words fit the budget; at least one. */
static size_t count_affordable(const struct words *words) {
  size_t entries = 0;
  size_t i;

  if (words->budget == SIZE_MAX) {
    return words->query_count;
  }
  for (i = 0; i < words->query_count && i < WORDS_MAX; i++) {
    entries += words->query[i].docs;
    if (i > 0 && entries > words->budget) {
      break;
    }
  }
  return i;
}

/* A word is quoted as the query has it. It consists of what the tokenizer takes
** for parts of words, so no quote and no operator can be in it. */
static int write_match(struct words *words, size_t used, struct jg_buf *to,
                       struct jg_err *err) {
  size_t i;

  if (jg_mem_grow(&words->idf, &words->idf_cap, used, sizeof *words->idf,
                  err) != JG_OK) {
    return err->code;
  }
  for (i = 0; i < used; i++) {
    const struct word *word = &words->query[i];
    double docs = (double)word->docs;
    double idf = log(((double)words->docs - docs + 0.5) / (docs + 0.5));
    words->idf[i] = idf > IDF_LEAST ? idf : IDF_LEAST;
    jg_buf_puts(to, i == 0 ? "\"" : " OR \"");
    jg_buf_add(to, word->text, word->bytes);
    jg_buf_putc(to, '"');
  }
  return jg_buf_check(to, err);
}

/* Searches for the first used words of the query. */
static int search(struct words *words, size_t used, size_t k,
                  struct jg_recall_hit *hits, size_t *count,
                  struct jg_err *err) {
  struct jg_buf match;

  *count = 0;
  jg_buf_init(&match, JG_BUF_LIMIT_BYTES);
  if (write_match(words, used, &match, err) == JG_OK) {
    sqlite3_bind_text(words->find, 1, jg_buf_text(&match), (int)match.len,
                      SQLITE_STATIC);
    while (step(words->db, words->find, err)) {
      jg_recall_offer(hits, count, k,
                      (size_t)(sqlite3_column_int64(words->find, 0) - 1),
                      sqlite3_column_double(words->find, 1));
    }
    sqlite3_reset(words->find);
    sqlite3_clear_bindings(words->find);
  }
  jg_buf_dispose(&match);
  return err->code;
}

static int nearest_words(void *ctx, const struct jg_recall_query *query,
                         size_t k, struct jg_recall_hit *hits, size_t *count,
                         struct jg_err *err) {
  struct words *words = ctx;
  size_t used;

  *count = 0;
  if (err->code != JG_OK || k == 0 || query->text == NULL || words->docs == 0 ||
      read_query(words, query->text, err) != JG_OK || words->query_count == 0) {
    return err->code;
  }
  used = count_affordable(words);
  /* Rare words alone may find too little: then more of them, common or not. */
  while (search(words, used, k, hits, count, err) == JG_OK && *count < k &&
         *count < words->docs && used < words->query_count) {
    used = used * 2 < words->query_count ? used * 2 : words->query_count;
  }
  return err->code;
}

static void free_words(void *ctx) {
  struct words *words = ctx;

  if (words == NULL) {
    return;
  }
  if (words->tokens != NULL) {
    words->tokenizer.xDelete(words->tokens);
  }
  sqlite3_finalize(words->find);
  sqlite3_close(words->db);
  jg_mem_free(words->arena);
  jg_mem_free(words->terms);
  jg_mem_free(words->lengths);
  jg_mem_free(words->query);
  jg_mem_free(words->idf);
  jg_mem_free(words);
}

int jg_recall_words_budget(const struct jg_recall_doc *docs, size_t count,
                           size_t budget, struct jg_recall *out,
                           struct jg_err *err) {
  struct words *words = jg_mem_new(1, sizeof *words, err);

  memset(out, 0, sizeof *out);
  if (words == NULL) {
    return err->code;
  }
  words->docs = count;
  words->budget = budget;
  if (open_database(words, err) == JG_OK &&
      insert_docs(words, docs, count, err) == JG_OK &&
      read_terms(words, err) == JG_OK && read_lengths(words, err) == JG_OK) {
    words->find = prepare(
        words->db, "SELECT rowid, nearness(d) FROM d WHERE d MATCH ?1", err);
  }
  if (err->code != JG_OK) {
    free_words(words);
    return err->code;
  }
  out->ctx = words;
  out->nearest = nearest_words;
  out->free = free_words;
  return JG_OK;
}

int jg_recall_words(const struct jg_recall_doc *docs, size_t count,
                    struct jg_recall *out, struct jg_err *err) {
  return jg_recall_words_budget(docs, count, BUDGET, out, err);
}

int jg_store_recall(void *ctx, const struct jg_recall_doc *docs, size_t count,
                    size_t dim, struct jg_recall *out, struct jg_err *err) {
  (void)ctx;
  return dim == 0 ? jg_recall_words(docs, count, out, err)
                  : jg_recall_vectors(docs, count, dim, out, err);
}
