/* The nearest by words. Scores against FTS5's: tests/interop/recall_test.c. */
#include "align/recall.h"

#include <stdio.h>
#include <string.h>
#include "unit.h"

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
  CHECK_INT(jg_recall_words(docs, count, NULL, &recall, &err), JG_OK);
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
  static const char *const texts[] = {
      "caf\xc3\xa9 cr\xc3\xa8me", "Stra\303\237e",
      "\xe8\xb4\xa8\xe9\x87\x8f \xe5\xb7\xae", "plain"};
  struct jg_recall recall = open_words(texts, 4);

  CHECK_TEXT(found(&recall, "CAFE", K), "0");
  CHECK_TEXT(found(&recall, "CR\xc3\x88ME", K), "0");
  CHECK_TEXT(found(&recall, "cafe\xcc\x81", K), "0"); /* a combining accent */
  CHECK_TEXT(found(&recall, "STRA\303\237E", K), "1");
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

TEST(recall_words_without_memory) {
  struct jg_recall_doc docs[2] = {{"one word", NULL}, {"two words", NULL}};
  long n;

  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_recall recall;
    struct jg_err err = {0};
    unit_fail_allocation(n);
    jg_recall_words(docs, 2, NULL, &recall, &err);
    CHECK(err.code == JG_OK ? recall.ctx != NULL
                            : err.code == JG_NOMEM && recall.ctx == NULL);
    if (err.code == JG_OK) {
      recall.free(recall.ctx);
    }
  }
  CHECK(n > 8);
}

/* local:/lexical's words: plurals, number words, each character of Chinese. */
TEST(recall_words_are_those_of_the_embedded_judge) {
  static const char *const texts[] = {
      "Two refunds", "the museum's hours",
      "\xe6\x88\x91\xe4\xbb\xac\xe9\x80\x80\xe6\xac\xbe", "plain"};
  struct jg_recall recall = open_words(texts, 4);

  CHECK_TEXT(found(&recall, "refund", K), "0");
  CHECK_TEXT(found(&recall, "2", K), "0");
  CHECK_TEXT(found(&recall, "which hour?", K), "1");
  CHECK_TEXT(found(&recall, "\xe9\x80\x80\xe6\xac\xbe", K), "2");
  recall.free(recall.ctx);
}

TEST(recall_words_of_other_alphabets) {
  static const char *const texts[] = {
      "\xce\x94\xcf\x81\xcf\x8c\xce\xbc\xce\xbf\xcf\x82", /* Greek */
      "\xc8\x98tiri",                                     /* Romanian */
      "\xd2\x90\xd0\xb0\xd0\xb2\xd0\xb0",                 /* Ukrainian */
      "\xd4\xb2\xd5\xa1",                                 /* Armenian */
      "plain"};
  struct jg_recall recall = open_words(texts, 5);

  CHECK_TEXT(
      found(&recall, "\xce\x94\xce\xa1\xce\x9f\xce\x9c\xce\x9f\xce\xa3", K),
      "0");
  CHECK_TEXT(found(&recall, "stiri", K), "1");
  CHECK_TEXT(found(&recall, "\xd2\x91\xd0\xb0\xd0\xb2\xd0\xb0", K), "2");
  CHECK_TEXT(found(&recall, "\xd5\xa2\xd5\xa1", K), "3");
  recall.free(recall.ctx);
}

/* The names of a JSON object's members are no words, nor are its escapes. */
TEST(recall_words_of_json_are_its_leaves) {
  static const char *const texts[] = {"{\"question\":\"first\\nsecond\"}",
                                      "question",
                                      "[{\"a\":\"first\"},{\"a\":\"third\"}]"};
  struct jg_recall recall = open_words(texts, 3);

  CHECK_TEXT(found(&recall, "{\"question\":\"second\"}", K), "0");
  CHECK_TEXT(found(&recall, "question", K), "1");
  CHECK_TEXT(found(&recall, "third", K), "2");
  recall.free(recall.ctx);
}

static int stop_at_once(void *ctx, struct jg_err *err) {
  ++*(int *)ctx;
  return jg_err_set(err, JG_INTERRUPTED, "interrupted");
}

static int go_on(void *ctx, struct jg_err *err) {
  ++*(int *)ctx;
  return err->code;
}

TEST(recall_asks_whether_to_go_on) {
  static struct jg_recall_doc docs[3000];
  float vector[2] = {1, 1};
  size_t dim;

  for (dim = 0; dim < sizeof docs / sizeof *docs; dim++) {
    docs[dim].text = "some words";
    docs[dim].vector = vector;
  }
  for (dim = 0; dim <= 2; dim += 2) {
    int asked = 0;
    struct jg_stop stop = {stop_at_once, &asked};
    struct jg_recall recall;
    struct jg_err err = {0};
    CHECK_INT(jg_recall_open(docs, 3000, dim, &stop, &recall, &err),
              JG_INTERRUPTED);
    CHECK_INT(asked, 1);
    CHECK(recall.ctx == NULL);
    stop.check = go_on;
    jg_err_clear(&err);
    CHECK_INT(jg_recall_open(docs, 3000, dim, &stop, &recall, &err), JG_OK);
    CHECK(asked > 10);
    recall.free(recall.ctx);
  }
}
