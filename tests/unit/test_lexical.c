/* The embedded judge: words, shares, bins, errors, stored models. */
#include "unit.h"
#include <string.h>
#include "core/mem.h"
#include "judge/lexical.h"
#include "judge/lexical_model.h"

/* ---- words ---- */

/* The words of a text with blanks between, function words in brackets. */
static void shown_words(const char *text, size_t bytes, struct jg_buf *to) {
  struct jg_words words;
  struct jg_err err = {0};
  size_t i;

  jg_words_init(&words);
  CHECK_INT(jg_words_add(&words, text, bytes, &err), JG_OK);
  jg_buf_clear(to);
  for (i = 0; i < words.count; i++) {
    const struct jg_word *word = &words.items[i];
    jg_buf_puts(to, i > 0 ? " " : "");
    jg_buf_puts(to, word->stop ? "[" : "");
    jg_buf_add(to, words.text.data + word->at, word->bytes);
    jg_buf_puts(to, word->stop ? "]" : "");
  }
  jg_words_dispose(&words);
}

TEST(lexical_words) {
  static const struct {
    const char *text, *words;
  } CASES[] = {
      {"", ""},
      {" \t\n.,;!", ""},
      {"The Capital of France", "[the] capital [of] france"},
      {"Beyonc\xc3\xa9 beyonce BEYONC\xc3\x89", "beyonce beyonce beyonce"},
      {"e\xcc\x81t\xc3\xa9 \xc5\x81\xc3\xb3"
       "d\xc5\xba",
       "ete lodz"},
      {"Stra\xc3\x9f"
       "e \xc3\x86on \xc5\x93uvre \xc3\x9eor",
       "strasse aeon oeuvre thor"},
      {"\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
       "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0"},
      {"\xe6\x9d\xb1\xe4\xba\xac is", "\xe6\x9d\xb1 \xe4\xba\xac [is]"},
      {"D\xc3\x83\xc2\xa1in", "dain"}, /* encoded twice */
      {"John's dogs' don't", "john dog dont"},
      {"John\xe2\x80\x99s", "john"},
      {"cities glass bus Paris gas", "city glass bus paris gas"},
      {"twelve 3rd 21st seventh", "12 3 21 7"},
      {"1,234,567 and 1,23", "1234567 [and] 1 23"},
      {"3.99 5. 007 0", "3.99 5 7 0"},
      {"1990s 100\xc2\xb0"
       "C COVID-19 COVID19",
       "1990 100 c covid 19 covid 19"},
      {"left-sided a/b $20%", "left sided [a] b 20"},
      {"a\xff"
       "bc\xc3",
       "[a] bc"}, /* bad UTF-8 parts words */
      {"snow\xe2\x80\x94white", "snow white"},
      {"\xef\xbc\xa1\xef\xbc\x91", "[a] 1"}, /* full width */
  };
  struct jg_buf got;
  size_t i;

  jg_buf_init(&got, JG_BUF_LIMIT_BYTES);
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    shown_words(CASES[i].text, strlen(CASES[i].text), &got);
    CHECK_TEXT(jg_buf_text(&got), CASES[i].words);
  }
  jg_buf_dispose(&got);
}

TEST(lexical_sentences) {
  static const struct {
    const char *text;
    size_t sentences;
  } CASES[] = {{"", 0},
               {"...", 0},
               {"One", 1},
               {"One. Two", 2},
               {"3.5 is one.", 1},
               {"Mr.X said: no! ", 2},
               {"a\nb\n\nc", 3},
               {"\xe5\xa5\xbd\xe3\x80\x82\xe5\xa5\xbd", 2}};
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_words words;
    struct jg_err err = {0};
    jg_words_init(&words);
    jg_words_add(&words, CASES[i].text, strlen(CASES[i].text), &err);
    CHECK_INT(words.sentences, CASES[i].sentences);
    jg_words_dispose(&words);
  }
}

TEST(lexical_words_of_huge_texts_are_capped) {
  size_t bytes = (size_t)3 << 20, i;
  struct jg_err err = {0};
  struct jg_words words;
  char *text = jg_mem_new(bytes, 1, &err);

  for (i = 0; text != NULL && i < bytes; i++) {
    text[i] = i % 3 == 2 ? ' ' : (char)('b' + i % 23);
  }
  jg_words_init(&words);
  CHECK_INT(jg_words_add(&words, text, bytes, &err), JG_OK);
  CHECK_INT(words.count, JG_WORDS_MAX);
  CHECK_INT(jg_words_index(&words, &err), JG_OK);
  jg_words_dispose(&words);
  memset(text, 'x', bytes); /* one word of megabytes */
  jg_words_init(&words);
  CHECK_INT(jg_words_add(&words, text, bytes, &err), JG_OK);
  CHECK_INT(words.count, 1);
  CHECK(words.items[0].bytes <= JG_WORD_MAX_BYTES);
  jg_words_dispose(&words);
  jg_mem_free(text);
}

/* ---- overlap ---- */

static struct jg_share overlap(const char *inputs, const char *outputs,
                               const char *expectations, int *reference) {
  struct jg_item item = {"t", inputs, outputs, expectations};
  struct jg_lexical_item words;
  struct jg_share share = {0, 0};
  struct jg_err err = {0};

  CHECK_INT(jg_lexical_item_read(&item, &words, &err), JG_OK);
  share = jg_lexical_overlap(&words, reference);
  jg_lexical_item_dispose(&words);
  return share;
}

TEST(lexical_overlap) {
  static const struct {
    const char *inputs, *outputs, *expectations;
    size_t hits, total;
    int reference;
  } CASES[] = {
      {"where is the Louvre", "In Paris.", NULL, 0, 1, 0},
      {"where is the Louvre", "The Louvre is in Paris.", NULL, 1, 1, 0},
      {"what is it", "it is", NULL, 2, 3, 0}, /* function words only */
      {"q", "Paris, France", "{\"expected_response\":\"Paris\"}", 1, 1, 1},
      {"q", "Paris", "{\"expected_response\":\"Paris France\"}", 1, 2, 1},
      {"q", "Lyon", "{\"expected_response\":[\"Paris\",\"Lyon\"]}", 1, 1, 1},
      {"q", "Lyon", "{\"expected_response\":\"[\\\"Paris\\\",\\\"Lyon\\\"]\"}",
       1, 1, 1},
      {"q", "It is 42.", "{\"expected_response\":42}", 1, 1, 1},
      {"q", "forty two", "{\"expected_response\":{\"a\":\"forty\"}}", 1, 1, 1},
      {"q", "red", "{\"expected_facts\":[\"red\",\"green\",\"blue\"]}", 1, 3,
       1},
      {"q", "q", "{\"expected_response\":\"\"}", 1, 1, 0}, /* no words in it */
      {"q", "q", "{\"guidelines\":[\"be kind\"]}", 1, 1, 0},
      {"{\"question\":\"cats and dogs\",\"n\":7}", "{\"a\":[\"Dogs\",7]}", NULL,
       2, 3, 0},
      {"environment", "environmental harm", NULL, 1, 1, 0}, /* begin alike */
      {"international", "internal", NULL, 0, 1, 0},
      {"1000001", "1000002", NULL, 0, 1, 0}, /* numbers must be the same */
      {NULL, "x", NULL, 0, 0, 0},
      {"cats", NULL, NULL, 0, 1, 0},
      {"[1, 2", "1", NULL, 1, 2, 0}, /* not JSON: plain text */
  };
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    int reference = -1;
    struct jg_share share = overlap(CASES[i].inputs, CASES[i].outputs,
                                    CASES[i].expectations, &reference);
    CHECK_INT(share.hits, CASES[i].hits);
    CHECK_INT(share.total, CASES[i].total);
    CHECK_INT(reference, CASES[i].reference);
  }
}

TEST(lexical_bins_are_equal_and_cuts_go_up) {
  static const struct {
    size_t hits, total, bins, bin;
  } CASES[] = {{0, 3, 2, 0},    {1, 2, 2, 1}, {1, 3, 2, 0}, {3, 3, 2, 1},
               {0, 4, 4, 0},    {1, 4, 4, 1}, {2, 4, 4, 2}, {3, 4, 4, 3},
               {4, 4, 4, 3},    {1, 3, 3, 1}, {2, 3, 3, 2}, {7, 10, 10, 7},
               {49, 100, 2, 0}, {0, 0, 4, 0}, {5, 5, 1, 0}};
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_share share = {CASES[i].hits, CASES[i].total};
    CHECK_INT(jg_lexical_bin(share, CASES[i].bins), CASES[i].bin);
  }
}

TEST(lexical_rare_words_weigh_more) {
  char common[] = "covid", usual[] = "mask";
  char *words[] = {common, usual};
  size_t counts[] = {90, 10};
  struct jg_rarity rarity = {100, words, counts, 2};

  CHECK_NEAR(jg_rarity_weight(&rarity, "covid", 5), 0.109771, 1e-6);
  CHECK_NEAR(jg_rarity_weight(&rarity, "mask", 4), 2.263745, 1e-6);
  CHECK_NEAR(jg_rarity_weight(&rarity, "zebra", 5), 4.209655, 1e-6);
}

/* ---- judging ---- */

static void make(struct jg_judge *judge, const char *type, const char *model) {
  static char name[] = "quality", uri[] = JG_LEXICAL_URI;
  struct jg_err err = {0};

  memset(judge, 0, sizeof *judge);
  judge->name = name;
  judge->model = uri;
  judge->memory.local_model = (char *)model;
  CHECK_INT(jg_scale_parse(type, &judge->scale, &err), JG_OK);
}

static int judge_one(struct jg_judge *judge, const char *inputs,
                     const char *outputs, struct jg_verdict *out,
                     struct jg_err *err) {
  struct jg_item item = {"t", inputs, outputs, NULL};
  return jg_lexical_judge(judge, &item, NULL, 0, out, err);
}

TEST(lexical_judges_unaligned) {
  static const struct {
    const char *type, *outputs, *text;
    int number;
  } CASES[] = {{"[\"no\",\"yes\"]", "cats", "yes", 0},
               {"[\"no\",\"yes\"]", "birds", "no", 0},
               {"[\"a\",\"b\",\"c\",\"d\"]", "dogs", "c", 0},
               {"[1,2,3]", "cats dogs", NULL, 3},
               {"bool", "cats", NULL, 1},
               {"bool", "", NULL, 0}};
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_judge judge;
    struct jg_verdict verdict;
    struct jg_err err = {0};
    make(&judge, CASES[i].type, NULL);
    CHECK_INT(jg_lexical_neighbours(&judge), 0);
    CHECK_INT(judge_one(&judge, "cats dogs", CASES[i].outputs, &verdict, &err),
              JG_OK);
    if (CASES[i].text != NULL) {
      CHECK_TEXT(verdict.value.text, CASES[i].text);
    } else {
      CHECK_INT(verdict.value.type, JG_INT);
      CHECK_INT(verdict.value.integer, CASES[i].number);
    }
    CHECK(strstr(verdict.rationale, "no language model") != NULL);
    jg_verdict_dispose(&verdict);
    jg_scale_dispose(&judge.scale);
  }
}

TEST(lexical_rationale_counts_words) {
  struct jg_judge judge;
  struct jg_verdict verdict;
  struct jg_err err = {0};

  make(&judge, "[\"Bad\",\"Fair\",\"Good\"]", NULL);
  CHECK_INT(judge_one(&judge, "cats dogs", "dogs", &verdict, &err), JG_OK);
  CHECK_TEXT(verdict.rationale,
             "Word overlap (no language model): 1 of 2 words of the input are "
             "in the output (50 %); of 3 equal bins that is number 2.");
  jg_verdict_dispose(&verdict);
  jg_scale_dispose(&judge.scale);
}

TEST(lexical_nothing_to_compare_is_a_failed_verdict) {
  struct jg_judge judge;
  struct jg_verdict verdict;
  struct jg_err err = {0};

  make(&judge, "bool", NULL);
  CHECK_INT(judge_one(&judge, "...", "dogs", &verdict, &err), JG_OK);
  CHECK_TEXT(verdict.error_code, "MISSING_FIELD");
  CHECK_INT(verdict.value.type, JG_NULL);
  jg_verdict_dispose(&verdict);
}

TEST(lexical_check_errors) {
  static const struct {
    const char *type, *said;
  } CASES[] = {{"str", "has the value type str"},
               {"int", "has the value type int"},
               {"float", "has the value type float"}};
  static char other[] = "local:/lexcial";
  struct jg_judge judge;
  struct jg_err err = {0};
  size_t i;

  CHECK(jg_lexical_is("local:/lexical"));
  CHECK(!jg_lexical_is("local:/lexical2"));
  CHECK(!jg_lexical_is(NULL));
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    jg_err_clear(&err);
    make(&judge, CASES[i].type, NULL);
    CHECK_INT(jg_lexical_check(&judge, &err), JG_ERROR);
    CHECK(strstr(err.text, CASES[i].said) != NULL);
    CHECK(strstr(err.text, "align") != NULL);
  }
  jg_err_clear(&err);
  judge.model = other;
  CHECK_INT(jg_lexical_check(&judge, &err), JG_ERROR);
  CHECK(strstr(err.text, "'local:/lexcial'") != NULL);
}

/* ---- stored models ---- */

#define RIDGE_NUMBERS                                                          \
  "\"mean\":[0.5,0,0,0,0],\"scale\":[0.25,0,0,0,0],"                           \
  "\"weights\":[2,0,0,0,0],\"intercept\":1,\"documents\":10,"                  \
  "\"words\":{\"cat\":5,\"dog\":5}"

TEST(lexical_ridge_judges) {
  static const struct {
    const char *outputs, *text;
  } CASES[] = {{"birds", "Bad"}, {"cats", "Fair"}, {"cats and dogs", "Good"}};
  char model[] = "{\"kind\":\"ridge\",\"version\":1,\"rows\":9," RIDGE_NUMBERS
                 ",\"low\":0,\"high\":2,\"levels\":[0,1,2],"
                 "\"cuts\":[1,2]}";
  struct jg_judge judge;
  size_t i;

  make(&judge, "[\"Bad\",\"Fair\",\"Good\"]", model);
  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_verdict verdict;
    struct jg_err err = {0};
    /* half of the weight is a score of 1: on the cut, the upper value */
    CHECK_INT(judge_one(&judge, "cats dogs", CASES[i].outputs, &verdict, &err),
              JG_OK);
    CHECK_TEXT(verdict.value.text, CASES[i].text);
    CHECK(strstr(verdict.rationale, "weighed_question_words") != NULL);
    jg_verdict_dispose(&verdict);
  }
  jg_scale_dispose(&judge.scale);
}

TEST(lexical_ridge_without_levels_is_rounded_and_clipped) {
  static const struct {
    const char *type, *outputs;
    double value;
  } CASES[] = {{"float", "birds", -2},
               {"float", "cats", 1},
               {"float", "cats dogs", 4.25},
               {"int", "cats dogs", 4}};
  char model[] = "{\"kind\":\"ridge\",\"version\":1,\"rows\":9," RIDGE_NUMBERS
                 ",\"low\":-2,\"high\":4.25,\"levels\":[],\"cuts\":[]}";
  size_t i;

  for (i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct jg_judge judge;
    struct jg_verdict verdict;
    struct jg_err err = {0};
    make(&judge, CASES[i].type, model);
    CHECK_INT(judge_one(&judge, "cats dogs", CASES[i].outputs, &verdict, &err),
              JG_OK);
    CHECK_NEAR(verdict.value.real, CASES[i].value, 1e-12);
    CHECK_INT(verdict.value.type,
              judge.scale.type == JG_SCALE_INT ? JG_INT : JG_REAL);
    jg_verdict_dispose(&verdict);
  }
}

TEST(lexical_vote_judges) {
  char model[] = "{\"kind\":\"vote\",\"version\":1,\"rows\":9,\"k\":3,"
                 "\"fallback\":\"Red\"}";
  struct jg_value blue = jg_value_lend("Blue"), green = jg_value_lend("Green");
  struct jg_lexical_neighbour near[] = {{"tr-1", &blue, 3},
                                        {"tr-2", &green, 2},
                                        {"tr-3", &green, 1.5},
                                        {"tr-4", &blue, 1}};
  struct jg_item item = {"t", "q", "a", NULL};
  struct jg_judge judge;
  struct jg_verdict verdict;
  struct jg_err err = {0};

  make(&judge, "str", model);
  CHECK_INT(jg_lexical_neighbours(&judge), 3);
  CHECK_INT(jg_lexical_judge(&judge, &item, near, 4, &verdict, &err), JG_OK);
  CHECK_TEXT(verdict.value.text,
             "Green"); /* 3.5 to 3; the fourth is too many */
  CHECK(strstr(verdict.rationale, "tr-1 said 'Blue'") != NULL);
  jg_verdict_dispose(&verdict);
  CHECK_INT(jg_lexical_judge(&judge, &item, near, 0, &verdict, &err), JG_OK);
  CHECK_TEXT(verdict.value.text, "Red");
  jg_verdict_dispose(&verdict);
}

TEST(lexical_vote_of_numbers_is_a_weighted_mean) {
  struct jg_value two = jg_value_int(2), five = jg_value_int(5);
  struct jg_lexical_neighbour near[] = {{"a", &two, 3}, {"b", &five, 1}};
  struct jg_scale whole = {.type = JG_SCALE_INT};
  struct jg_scale real = {.type = JG_SCALE_FLOAT};
  double weight;

  CHECK_NEAR(jg_lexical_vote(&real, near, 2, &weight).real, 2.75, 1e-12);
  CHECK_INT(jg_lexical_vote(&whole, near, 2, &weight).integer, 3);
  CHECK_INT(jg_lexical_vote(&whole, near, 0, &weight).type, JG_NULL);
}

TEST(lexical_model_reads_what_it_writes) {
  static const char *const TEXTS[] = {
      "{\"kind\":\"overlap\",\"version\":1,\"rows\":12}",
      "{\"kind\":\"vote\",\"version\":1,\"rows\":12,\"k\":5,\"fallback\":2}",
      "{\"kind\":\"ridge\",\"version\":1,\"rows\":12,\"features\":["
      "\"weighed_question_words\",\"sentences\",\"words\",\"reference_words\","
      "\"answer_words_in_reference\"],\"mean\":[0.1,0.0,0.0,0.0,0.0],"
      "\"scale\":[0.3333333333333333,0.0,0.0,0.0,0.0],"
      "\"weights\":[2.0,0.0,0.0,0.0,0.0],\"intercept\":1.5,\"low\":0.0,"
      "\"high\":2.0,\"levels\":[0.0,2.0],\"cuts\":[1.25],\"documents\":7,"
      "\"words\":{\"cat\":5,\"dog\":2}}"};
  size_t i;

  for (i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
    struct jg_lexical_model model;
    struct jg_err err = {0};
    char *again;
    CHECK_INT(jg_lexical_model_parse(TEXTS[i], &model, &err), JG_OK);
    again = jg_lexical_model_write(&model, &err);
    CHECK_TEXT(again, TEXTS[i]);
    jg_mem_free(again);
    jg_lexical_model_dispose(&model);
  }
}

TEST(lexical_damaged_models_are_errors) {
  static const char *const TEXTS[] = {
      "",
      "[]",
      "{}",
      "{\"kind\":\"magic\",\"version\":1}",
      "{\"kind\":\"vote\",\"version\":2}",
      "{\"kind\":\"vote\",\"version\":1,\"k\":0,\"fallback\":1}",
      "{\"kind\":\"vote\",\"version\":1,\"k\":1}",
      "{\"kind\":\"ridge\",\"version\":1,\"mean\":[1]}",
      "{\"kind\":\"ridge\",\"version\":1,\"levels\":[0,1],\"cuts\":[]"
      "," RIDGE_NUMBERS "}"};
  size_t i;

  for (i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
    struct jg_lexical_model model;
    struct jg_err err = {0};
    CHECK_INT(jg_lexical_model_parse(TEXTS[i], &model, &err), JG_ERROR);
    CHECK(strstr(err.text, "align the judge again") != NULL);
  }
}

/* Found by fuzzing: what no int can be was cast to one. */
TEST(lexical_numbers_beyond_int_are_errors) {
  char model[] = "{\"kind\":\"ridge\",\"version\":1,\"rows\":9," RIDGE_NUMBERS
                 ",\"low\":1e300,\"high\":1e301,\"levels\":[],\"cuts\":[]}";
  struct jg_value large = jg_value_real(1e300);
  struct jg_lexical_neighbour near[] = {{"a", &large, 1}};
  struct jg_judge judge;
  struct jg_verdict verdict;
  struct jg_err err = {0};
  double weight;

  make(&judge, "int", model);
  CHECK_INT(judge_one(&judge, "cats", "cats", &verdict, &err), JG_ERROR);
  CHECK(strstr(err.text, "1e+300") != NULL);
  CHECK_INT(jg_lexical_vote(&judge.scale, near, 1, &weight).type, JG_REAL);
}

TEST(lexical_out_of_memory) {
  char model[] = "{\"kind\":\"ridge\",\"version\":1,\"rows\":9," RIDGE_NUMBERS
                 ",\"low\":0,\"high\":2,\"levels\":[0,1,2],\"cuts\":[1,2]}";
  struct jg_item item = {"t", "{\"q\":\"cats and dogs\"}", "cats",
                         "{\"expected_response\":[\"cats\",\"dogs\"]}"};
  struct jg_judge judge;
  int aligned;
  long n;

  make(&judge, "[\"Bad\",\"Fair\",\"Good\"]", NULL);
  unit_hook_cjson(1);
  for (aligned = 0; aligned < 2; aligned++) {
    judge.memory.local_model = aligned ? model : NULL;
    for (n = 1; n == 1 || unit_allocation_failed(); n++) {
      struct jg_verdict verdict;
      struct jg_err err = {0};
      int rc;
      unit_fail_allocation(n);
      rc = jg_lexical_judge(&judge, &item, NULL, 0, &verdict, &err);
      CHECK(rc == JG_OK ? verdict.value.type == JG_TEXT
                        : rc == JG_NOMEM && verdict.value.type == JG_NULL);
      jg_verdict_dispose(&verdict);
    }
  }
  unit_hook_cjson(0);
  jg_scale_dispose(&judge.scale);
}
