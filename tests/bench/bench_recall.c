/*
** How fast the nearest labelled examples are found, and how many of them FTS5
** finds too with all distinct words of the query ORed and ranked by bm25()
** (wanted: below a millisecond at 10,000 examples, 80 % or more). Texts are
** drawn from a vocabulary with Zipf's frequencies; queries are texts of the
** same kind that are not among the documents. BENCH_EXAMPLES sets their number.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/buf.h"
#include "core/mem.h"
#include "core/rng.h"
#include "sqlite3.h"
#include "align/recall.h"

#define VOCABULARY 30000
#define QUERIES 60
#define K 5
#define DIM 384
#define ROUNDS 40 /* of which the best counts */

static double cumulated[VOCABULARY];

static double now_ms(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void make_vocabulary(void) {
  double sum = 0;
  int i;

  for (i = 0; i < VOCABULARY; i++) {
    sum += 1.0 / (i + 1);
    cumulated[i] = sum;
  }
  for (i = 0; i < VOCABULARY; i++) {
    cumulated[i] /= sum;
  }
}

static int draw_word(struct jg_rng *rng) {
  double at = jg_rng_real(rng);
  int low = 0;
  int high = VOCABULARY - 1;

  while (low < high) {
    int middle = (low + high) / 2;
    if (cumulated[middle] < at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* Letters that both tokenizers take for one word, without a plural ending. */
static void put_word(struct jg_buf *text, int word, int is_later) {
  jg_buf_puts(text, is_later ? " x" : "x");
  for (unsigned n = (unsigned)word * 2654435 + 7; n > 0; n /= 26) {
    jg_buf_putc(text, (char)('a' + n % 26));
  }
  jg_buf_putc(text, 'q');
}

static char *make_text(struct jg_rng *rng, int words, struct jg_err *err) {
  struct jg_buf text;
  int i;

  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  for (i = 0; i < words; i++) {
    put_word(&text, draw_word(rng), i > 0);
  }
  return jg_buf_take(&text, err);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;

  return (x > y) - (x < y);
}

static void check(const struct jg_err *err) {
  if (err->code != JG_OK) {
    fprintf(stderr, "bench_recall: %s\n", err->text);
    exit(1);
  }
}

/* Runs all queries; times[i] is the time of one, hits its result. */
static void ask(struct jg_recall *recall, char **queries, double *times,
                struct jg_recall_hit (*hits)[K], size_t *counts,
                struct jg_err *err) {
  int i;

  for (i = 0; i < QUERIES; i++) {
    struct jg_recall_query query = {queries[i], NULL};
    double start = now_ms();
    recall->nearest(recall->ctx, &query, K, hits[i], &counts[i], err);
    check(err);
    times[i] = now_ms() - start;
  }
  qsort(times, QUERIES, sizeof *times, by_size);
}

/* ---- the same with FTS5 alone ---- */

static void must(sqlite3 *db, int rc) {
  if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE) {
    fprintf(stderr, "bench_recall: %s\n", sqlite3_errmsg(db));
    exit(1);
  }
}

static sqlite3 *open_fts5(const struct jg_recall_doc *docs, size_t count) {
  sqlite3 *db;
  sqlite3_stmt *stmt;
  size_t i;

  must(NULL, sqlite3_open(":memory:", &db));
  must(db, sqlite3_exec(db,
                        "CREATE VIRTUAL TABLE d USING fts5(t, content = '',"
                        " tokenize = 'unicode61 remove_diacritics 2'); BEGIN",
                        NULL, NULL, NULL));
  must(db, sqlite3_prepare_v2(db, "INSERT INTO d(rowid, t) VALUES(?, ?)", -1,
                              &stmt, NULL));
  for (i = 0; i < count; i++) {
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)i);
    sqlite3_bind_text(stmt, 2, docs[i].text, -1, SQLITE_STATIC);
    must(db, sqlite3_step(stmt));
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  must(db, sqlite3_exec(db, "COMMIT; INSERT INTO d(d) VALUES('optimize')", NULL,
                        NULL, NULL));
  return db;
}

/* Does the word stand earlier in the text? */
static int is_repeated(const char *text, const char *word, size_t bytes) {
  size_t at;

  for (at = 0; text + at < word; at += strcspn(text + at, " ") + 1) {
    if (strcspn(text + at, " ") == bytes &&
        memcmp(text + at, word, bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

static void ask_fts5(sqlite3 *db, char **queries, double *times,
                     struct jg_recall_hit (*hits)[K], size_t *counts,
                     struct jg_err *err) {
  sqlite3_stmt *stmt;
  int i;

  must(db, sqlite3_prepare_v2(db,
                              "SELECT rowid, rank FROM d WHERE d MATCH ? "
                              "ORDER BY rank, rowid LIMIT 5",
                              -1, &stmt, NULL));
  for (i = 0; i < QUERIES; i++) {
    struct jg_buf match;
    const char *at;
    size_t bytes;
    double start = now_ms();
    jg_buf_init(&match, JG_BUF_LIMIT_BYTES);
    for (at = queries[i]; *at != '\0'; at += bytes + (at[bytes] == ' ')) {
      bytes = strcspn(at, " ");
      if (!is_repeated(queries[i], at, bytes)) {
        jg_buf_puts(&match, match.len > 0 ? " OR " : "");
        jg_buf_add(&match, at, bytes);
      }
    }
    jg_buf_check(&match, err);
    check(err);
    sqlite3_bind_text(stmt, 1, jg_buf_text(&match), -1, SQLITE_TRANSIENT);
    counts[i] = 0;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
      hits[i][counts[i]].doc = (size_t)sqlite3_column_int64(stmt, 0);
      hits[i][counts[i]++].score = -sqlite3_column_double(stmt, 1);
    }
    must(db, sqlite3_reset(stmt));
    jg_buf_dispose(&match);
    times[i] = now_ms() - start;
  }
  sqlite3_finalize(stmt);
  qsort(times, QUERIES, sizeof *times, by_size);
}

static double overlap(struct jg_recall_hit (*a)[K], const size_t *a_counts,
                      struct jg_recall_hit (*b)[K], const size_t *b_counts) {
  size_t shared = 0;
  size_t total = 0;
  size_t i, x, y;

  for (i = 0; i < QUERIES; i++) {
    total += b_counts[i];
    for (x = 0; x < a_counts[i]; x++) {
      for (y = 0; y < b_counts[i]; y++) {
        shared += a[i][x].doc == b[i][y].doc;
      }
    }
  }
  return total == 0 ? 0 : (double)shared / (double)total;
}

static void measure_words(size_t count, int words) {
  static struct jg_recall_hit ours[QUERIES][K], theirs[QUERIES][K];
  static size_t our_counts[QUERIES], their_counts[QUERIES];
  static double our_times[QUERIES], their_times[QUERIES];
  struct jg_err err = {0};
  struct jg_rng rng;
  struct jg_recall recall;
  struct jg_recall_doc *docs = jg_mem_new(count, sizeof *docs, &err);
  char *queries[QUERIES];
  sqlite3 *db;
  double opened;
  size_t i;

  check(&err);
  jg_rng_init(&rng, 1);
  for (i = 0; i < count; i++) {
    docs[i].text = make_text(&rng, words, &err);
  }
  for (i = 0; i < QUERIES; i++) {
    queries[i] = make_text(&rng, words, &err);
  }
  check(&err);
  opened = now_ms();
  jg_recall_words(docs, count, NULL, &recall, &err);
  opened = now_ms() - opened;
  check(&err);
  ask(&recall, queries, our_times, ours, our_counts, &err);
  recall.free(recall.ctx);
  db = open_fts5(docs, count);
  ask_fts5(db, queries, their_times, theirs, their_counts, &err);
  sqlite3_close(db);
  printf("recall words n=%zu key=%d: median %.3f ms, p95 %.3f ms, overlap "
         "%.1f %%, open %.0f ms; FTS5 alone: median %.3f ms\n",
         count, words, our_times[QUERIES / 2], our_times[QUERIES * 95 / 100],
         100 * overlap(ours, our_counts, theirs, their_counts), opened,
         their_times[QUERIES / 2]);
  for (i = 0; i < count; i++) {
    free((char *)docs[i].text);
  }
  for (i = 0; i < QUERIES; i++) {
    free(queries[i]);
  }
  free(docs);
}

/* ---- vectors ---- */

/* A plain scan, eight sums at once, of vectors that have length 1. */
static size_t scan(const float *data, size_t count, const float *query) {
  float most = -2;
  size_t best = 0;
  size_t i, j, lane;

  for (i = 0; i < count; i++) {
    float sums[8] = {0};
    float total = 0;
    for (j = 0; j < DIM; j += 8) {
      for (lane = 0; lane < 8; lane++) {
        sums[lane] += data[i * DIM + j + lane] * query[j + lane];
      }
    }
    for (lane = 0; lane < 8; lane++) {
      total += sums[lane];
    }
    if (total > most) {
      most = total;
      best = i;
    }
  }
  return best;
}

/* Unit vectors; with clusters > 0 each is near one of so many centres. */
static void make_vectors(float *data, size_t count, size_t clusters) {
  struct jg_rng rng;
  size_t i, j;

  jg_rng_init(&rng, 1);
  for (i = 0; i < count; i++) {
    const float *centre = data + (clusters > 0 ? i % clusters : 0) * DIM;
    float *row = data + i * DIM;
    double squares = 0;
    for (j = 0; j < DIM; j++) {
      row[j] = (float)jg_rng_real(&rng) - 0.5f;
      if (clusters > 0 && i >= clusters) {
        row[j] = row[j] / 20 + centre[j];
      }
      squares += (double)row[j] * row[j];
    }
    for (j = 0; j < DIM; j++) {
      row[j] = (float)(row[j] / sqrt(squares));
    }
  }
}

static double best_scan(const float *data, size_t count) {
  double best = 1e9;
  size_t i;

  for (i = 0; i < ROUNDS; i++) {
    double start = now_ms();
    size_t at = scan(data, count, data + i * 17 * DIM);
    double took = now_ms() - start;
    best = took < best ? took : best;
    if (at != i * 17) {
      fprintf(stderr, "bench_recall: the scan finds another vector\n");
      exit(1);
    }
  }
  return best;
}

static double best_nearest(struct jg_recall *recall, const float *data,
                           struct jg_err *err) {
  struct jg_recall_hit hits[K];
  double best = 1e9;
  size_t found, i;

  for (i = 0; i < ROUNDS; i++) {
    struct jg_recall_query query = {NULL, data + i * 17 * DIM};
    double start = now_ms();
    recall->nearest(recall->ctx, &query, K, hits, &found, err);
    double took = now_ms() - start;
    best = took < best ? took : best;
    check(err);
    if (found != K || hits[0].doc != i * 17) {
      fprintf(stderr, "bench_recall: a vector is not nearest to itself\n");
      exit(1);
    }
  }
  return best;
}

static void measure_vectors(size_t count, size_t clusters) {
  struct jg_err err = {0};
  struct jg_recall recall;
  struct jg_recall_doc *docs = jg_mem_new(count, sizeof *docs, &err);
  float *data = jg_mem_new(count * DIM, sizeof *data, &err);
  double opened, plain, ours;
  size_t i;

  check(&err);
  make_vectors(data, count, clusters);
  for (i = 0; i < count; i++) {
    docs[i].vector = data + i * DIM;
  }
  opened = now_ms();
  jg_recall_vectors(docs, count, DIM, NULL, &recall, &err);
  opened = now_ms() - opened;
  check(&err);
  plain = best_scan(data, count);
  ours = best_nearest(&recall, data, &err);
  recall.free(recall.ctx);
  printf("recall vectors n=%zu dim=%d %s: best %.2f ms, plain scan %.2f ms "
         "(%.1f times that), open %.0f ms\n",
         count, DIM, clusters > 0 ? "clustered" : "random", ours, plain,
         plain / ours, opened);
  free(data);
  free(docs);
}

int main(void) {
  size_t counts[] = {10000, 100000};
  const char *most = getenv("BENCH_EXAMPLES");
  size_t i, rounds = most == NULL ? 2 : 1;

  counts[0] = most == NULL ? counts[0] : strtoul(most, NULL, 10);

  make_vocabulary();
  for (i = 0; i < rounds; i++) {
    measure_words(counts[i], 12);
    measure_words(counts[i], 60);
    measure_vectors(counts[i], 0);
    measure_vectors(counts[i], counts[i] / 50);
  }
  return 0;
}
