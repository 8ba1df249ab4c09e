/*
** store/recall.c and align/recall_vectors.c against SQLite's own FTS5. Built
** and run by test_recall.py, since the unit tests link no SQLite.
*/
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/mem.h"
#include "core/rng.h"
#include "sqlite3.h"
#include "store/recall.h"

#define K 5
#define DOCS 300

static struct jg_recall open_words(const char *const *texts, size_t count) {
  struct jg_recall_doc docs[DOCS];
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t i;

  memset(docs, 0, sizeof docs);
  for (i = 0; i < count; i++) {
    docs[i].text = texts[i];
  }
  CHECK_INT(jg_recall_words(docs, count, &recall, &err), JG_OK);
  CHECK_TEXT(err.text, "");
  return recall;
}

/* "2 0 1": the documents found, nearest first. */
static const char *found(struct jg_recall *recall, const char *text, size_t k) {
  static char shown[256];
  struct jg_recall_query query = {text, NULL};
  struct jg_recall_hit hits[DOCS];
  struct jg_err err = {0};
  size_t count, i;
  size_t len = 0;

  CHECK_INT(recall->nearest(recall->ctx, &query, k, hits, &count, &err), JG_OK);
  CHECK_TEXT(err.text, "");
  shown[0] = '\0';
  for (i = 0; i < count && len < sizeof shown - 8; i++) {
    CHECK(i == 0 || hits[i].score <= hits[i - 1].score);
    len += (size_t)snprintf(shown + len, sizeof shown - len, "%s%zu",
                            i > 0 ? " " : "", hits[i].doc);
  }
  return shown;
}

TEST(recall_words_finds_the_nearest_first) {
  static const char *const texts[] = {"how to wash hands", "when to wear masks",
                                      "wash masks and hands with soap",
                                      "travel by train"};
  struct jg_recall recall = open_words(texts, 4);

  CHECK_TEXT(found(&recall, "wash masks with soap", K), "2 0 1");
  CHECK_TEXT(found(&recall, "a train?", K), "3");
  CHECK_TEXT(found(&recall, "nothing alike", K), "");
  CHECK_TEXT(found(&recall, "wash masks with soap", 1), "2");
  CHECK_TEXT(found(&recall, "wash masks with soap", 0), "");
  recall.free(recall.ctx);
}

TEST(recall_words_equal_scores_come_in_document_order) {
  static const char *const texts[] = {"b a", "a b", "x y", "a b", "b a"};
  struct jg_recall recall = open_words(texts, 5);

  CHECK_TEXT(found(&recall, "a", K), "0 1 3 4");
  CHECK_TEXT(found(&recall, "b a", 3), "0 1 3");
  recall.free(recall.ctx);
}

TEST(recall_words_case_and_accents_aside) {
  static const char *const texts[] = {"caf\xc3\xa9 cr\xc3\xa8me",
                                      "Stra\xc3\x9f"
                                      "e",
                                      "\xe8\xb4\xa8\xe9\x87\x8f \xe5\xb7\xae",
                                      "plain"};
  struct jg_recall recall = open_words(texts, 4);

  CHECK_TEXT(found(&recall, "CAFE", K), "0");
  CHECK_TEXT(found(&recall, "CR\xc3\x88ME", K), "0");
  CHECK_TEXT(found(&recall, "cafe\xcc\x81", K), "0"); /* a combining accent */
  CHECK_TEXT(found(&recall,
                   "STRA\xc3\x9f"
                   "E",
                   K),
             "1");
  CHECK_TEXT(found(&recall, "\xe8\xb4\xa8\xe9\x87\x8f", K), "2");
  recall.free(recall.ctx);
}

TEST(recall_words_any_text_is_a_query) {
  static const char *const texts[] = {"near or not and \"quoted\" words",
                                      "other"};
  static const char *const queries[] = {"\"",
                                        "\"\"\"",
                                        "NEAR(",
                                        "a AND",
                                        "NOT",
                                        "quoted*",
                                        "t:quoted",
                                        "{t}:x",
                                        "- ^ + ( ) ' ;",
                                        "'; DROP TABLE d; --",
                                        "\xff\xfe quoted \xc3",
                                        "\x01",
                                        "",
                                        " ",
                                        "%s%n",
                                        "\xf0"};
  struct jg_recall recall = open_words(texts, 2);
  size_t i;

  for (i = 0; i < sizeof queries / sizeof *queries; i++) {
    found(&recall, queries[i], K);
  }
  CHECK_TEXT(found(&recall, "t:\"QUOTED\"*", K), "0");
  CHECK_TEXT(found(&recall, "OR", K), "0");
  recall.free(recall.ctx);
}

TEST(recall_words_of_nothing) {
  static const char *const texts[] = {NULL, "", "word", " .,;"};
  struct jg_recall recall = open_words(texts, 4);
  struct jg_recall none = open_words(texts, 0);

  CHECK_TEXT(found(&recall, "word", K), "2");
  CHECK_TEXT(found(&recall, NULL, K), "");
  CHECK_TEXT(found(&none, "word", K), "");
  recall.free(recall.ctx);
  none.free(none.ctx);
  none.free(NULL);
}

static char *random_text(struct jg_rng *rng, size_t words) {
  struct jg_err err = {0};
  struct jg_buf text;
  size_t i;

  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  for (i = 0; i < words; i++) {
    /* Squared, so that some words are common and most are rare. */
    unsigned word = (unsigned)jg_rng_below(rng, 30);
    jg_buf_printf(&text, "%sw%u", i > 0 ? " " : "",
                  word * (unsigned)jg_rng_below(rng, 30));
  }
  return jg_buf_take(&text, &err);
}

/* FTS5's own ranking of the distinct words of a query, all ORed. */
static size_t rank_by_fts5(sqlite3 *db, const char *query,
                           struct jg_recall_hit *hits) {
  sqlite3_stmt *stmt = NULL;
  size_t count = 0;

  CHECK_INT(sqlite3_prepare_v2(
                db,
                "WITH w(x) AS (SELECT DISTINCT value FROM json_each('[\"' || "
                "replace(?1, ' ', '\",\"') || '\"]')) SELECT rowid, rank FROM "
                "d WHERE d MATCH (SELECT replace(group_concat(x), ',', ' OR ') "
                "FROM w) ORDER BY rank, rowid",
                -1, &stmt, NULL),
            SQLITE_OK);
  sqlite3_bind_text(stmt, 1, query, -1, SQLITE_STATIC);
  while (sqlite3_step(stmt) == SQLITE_ROW && count < DOCS) {
    hits[count].doc = (size_t)sqlite3_column_int64(stmt, 0);
    hits[count++].score = -sqlite3_column_double(stmt, 1);
  }
  CHECK_INT(sqlite3_finalize(stmt), SQLITE_OK);
  return count;
}

static sqlite3 *open_fts5(const char *const *texts, size_t count) {
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;
  size_t i;

  CHECK_INT(sqlite3_open(":memory:", &db), SQLITE_OK);
  CHECK_INT(sqlite3_exec(db,
                         "CREATE VIRTUAL TABLE d USING fts5(t, tokenize = "
                         "'unicode61 remove_diacritics 2')",
                         NULL, NULL, NULL),
            SQLITE_OK);
  sqlite3_prepare_v2(db, "INSERT INTO d(rowid, t) VALUES(?, ?)", -1, &stmt,
                     NULL);
  for (i = 0; i < count; i++) {
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)i);
    sqlite3_bind_text(stmt, 2, texts[i], -1, SQLITE_STATIC);
    CHECK_INT(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  return db;
}

/* Every document's score is FTS5's, and so is the number of those found. */
TEST(recall_words_scores_are_those_of_bm25) {
  static struct jg_recall_hit ours[DOCS], theirs[DOCS];
  static double scores[DOCS];
  char *texts[DOCS];
  struct jg_rng rng;
  struct jg_recall recall;
  struct jg_err err = {0};
  sqlite3 *db;
  size_t i, j, count, expected, compared = 0;

  jg_rng_init(&rng, 3);
  for (i = 0; i < DOCS; i++) {
    texts[i] = random_text(&rng, 1 + (size_t)jg_rng_below(&rng, 40));
  }
  recall = open_words((const char *const *)texts, DOCS);
  db = open_fts5((const char *const *)texts, DOCS);
  for (i = 0; i < 40; i++) {
    char *text = random_text(&rng, 1 + i % 20);
    struct jg_recall_query query = {text, NULL};
    recall.nearest(recall.ctx, &query, DOCS, ours, &count, &err);
    expected = rank_by_fts5(db, text, theirs);
    CHECK_INT(count, expected);
    for (j = 0; j < expected; j++) {
      scores[theirs[j].doc] = theirs[j].score;
    }
    for (j = 0; j < count; j++) {
      CHECK_NEAR(ours[j].score, scores[ours[j].doc], 1e-5);
      compared++;
    }
    jg_mem_free(text);
  }
  CHECK(compared > 1000);
  sqlite3_close(db);
  recall.free(recall.ctx);
  for (i = 0; i < DOCS; i++) {
    jg_mem_free(texts[i]);
  }
}

TEST(recall_words_without_memory) {
  struct jg_recall_doc docs[2] = {{"one word", NULL}, {"two words", NULL}};
  long n;

  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_recall recall;
    struct jg_err err = {0};
    unit_fail_allocation(n);
    jg_recall_words(docs, 2, &recall, &err);
    CHECK(err.code == JG_OK ? recall.ctx != NULL
                            : err.code == JG_NOMEM && recall.ctx == NULL);
    if (err.code == JG_OK) {
      recall.free(recall.ctx);
    }
  }
  CHECK(n > 8);
}

#define DIM 11 /* not a multiple of what is added up at once */

TEST(recall_vectors_by_cosine) {
  float data[4][DIM] = {{1, 0}, {0, 0, 2}, {0.6f, 0, 0.8f}, {0}};
  float wanted[DIM] = {0, 0, 5};
  float none[DIM] = {0};
  struct jg_recall_doc docs[5];
  struct jg_recall_query query = {NULL, wanted};
  struct jg_recall_hit hits[5];
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t count, i;

  memset(docs, 0, sizeof docs);
  for (i = 0; i < 4; i++) {
    docs[i].vector = data[i];
  }
  data[2][DIM - 1] = 0;
  CHECK_INT(jg_store_recall(NULL, docs, 5, DIM, &recall, &err), JG_OK);
  recall.nearest(recall.ctx, &query, 5, hits, &count, &err);
  CHECK_INT(count, 4); /* the one without a vector is never found */
  CHECK_INT(hits[0].doc, 1);
  CHECK_NEAR(hits[0].score, 1, 1e-6);
  CHECK_INT(hits[1].doc, 2);
  CHECK_NEAR(hits[1].score, 0.8, 1e-6);
  CHECK_INT(hits[2].doc, 0); /* 0, like the zero vector behind it */
  CHECK_INT(hits[3].doc, 3);
  query.vector = none;
  recall.nearest(recall.ctx, &query, 2, hits, &count, &err);
  CHECK_INT(count, 2);
  CHECK_INT(hits[0].doc, 0);
  CHECK_INT(err.code, JG_OK);
  query.vector = NULL;
  CHECK_INT(recall.nearest(recall.ctx, &query, 2, hits, &count, &err),
            JG_ERROR);
  CHECK_INT(count, 0);
  recall.free(recall.ctx);
}

TEST(recall_vectors_the_last_number_counts) {
  float data[2][DIM] = {{1, 1}, {1, 1}};
  float wanted[DIM] = {1, 1};
  struct jg_recall_doc docs[2] = {{NULL, data[0]}, {NULL, data[1]}};
  struct jg_recall_query query = {NULL, wanted};
  struct jg_recall_hit hits[1];
  struct jg_recall recall;
  struct jg_err err = {0};
  size_t count;

  data[1][DIM - 1] = wanted[DIM - 1] = 1;
  jg_recall_vectors(docs, 2, DIM, &recall, &err);
  recall.nearest(recall.ctx, &query, 1, hits, &count, &err);
  CHECK_INT(hits[0].doc, 1);
  CHECK_NEAR(hits[0].score, 1, 1e-6);
  recall.free(recall.ctx);
}

TEST(recall_vectors_without_memory) {
  float data[DIM] = {1};
  struct jg_recall_doc doc = {NULL, data};
  long n;

  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_recall recall;
    struct jg_err err = {0};
    unit_fail_allocation(n);
    jg_recall_vectors(&doc, 1, DIM, &recall, &err);
    CHECK(err.code == JG_OK ? recall.ctx != NULL
                            : err.code == JG_NOMEM && recall.ctx == NULL);
    if (err.code == JG_OK) {
      recall.free(recall.ctx);
    }
  }
  CHECK(n > 4);
}
