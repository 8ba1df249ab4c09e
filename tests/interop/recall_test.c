/*
** align/recall_words.c against SQLite's own FTS5: the same scores, over words
** that both take for the same. Built and run by test_recall.py, since the unit
** tests link no SQLite.
*/
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "align/recall.h"
#include "core/buf.h"
#include "core/mem.h"
#include "core/rng.h"
#include "sqlite3.h"

#define DOCS 300

static char *random_text(struct jg_rng *rng, size_t words) {
  struct jg_err err = {0};
  struct jg_buf text;
  size_t i;

  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  for (i = 0; i < words; i++) {
    /* Squared, so that some words are common and most are rare. */
    unsigned word = (unsigned)jg_rng_below(rng, 30);
    word *= (unsigned)jg_rng_below(rng, 30);
    /* Letters alone: no plural, no number, no function word. */
    jg_buf_printf(&text, "%sx%c%cq", i > 0 ? " " : "", 'a' + word / 26 % 26,
                  'a' + word % 26);
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
  struct jg_recall_doc docs[DOCS];
  struct jg_recall recall;
  struct jg_err err = {0};
  sqlite3 *db;
  size_t i, j, count, expected, compared = 0;

  jg_rng_init(&rng, 3);
  for (i = 0; i < DOCS; i++) {
    texts[i] = random_text(&rng, 1 + (size_t)jg_rng_below(&rng, 40));
  }
  memset(docs, 0, sizeof docs);
  for (i = 0; i < DOCS; i++) {
    docs[i].text = texts[i];
  }
  CHECK_INT(jg_recall_words(docs, DOCS, NULL, &recall, &err), JG_OK);
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
