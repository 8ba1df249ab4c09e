/* Token estimates: pieces, languages, requests, and the line that is learned. */
#include "unit.h"
#include <string.h>
#include "llm/tokens.h"
#include "llm/wire.h"

TEST(tokens_of_pieces) {
  static const struct {
    const char *text;
    int64_t tokens; /* as o200k_base has them */
  } cases[] = {
      {NULL, 0},
      {"", 0},
      {"a", 1},
      {"Where is Lima?", 4},
      {"The answer is good.", 5},
      {"the boiling point of water is 100 degrees", 9},
      {"1234567", 3},
      {"{\"inputs\":\"yes\"}", 5},
      {"one\n\ntwo", 3},
      {"End.\n\nNext", 3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_INT(jg_tokens(cases[i].text), cases[i].tokens);
  }
}

/* The length of a word counts, and where it stands. */
TEST(tokens_of_words) {
  CHECK_INT(jg_tokens(" internationalization"), 2);
  CHECK_INT(jg_tokens(" a b c d e f g h"), 8);
  CHECK(jg_tokens("ABCDEFGHIJKLMNOP") > jg_tokens("abcdefgh"));
}

/* The beginning of the Universal Declaration of Human Rights, and what
** o200k_base makes of it: within a third. */
TEST(tokens_of_other_scripts) {
  static const struct {
    const char *text;
    int64_t tokens;
  } cases[] = {
      {"\xd0\x92\xd1\x81\xd0\xb5 \xd0\xbb\xd1\x8e\xd0\xb4\xd0\xb8 "
       "\xd1\x80\xd0\xbe\xd0\xb6\xd0\xb4\xd0\xb0\xd1\x8e\xd1\x82\xd1\x81"
       "\xd1\x8f \xd1\x81\xd0\xb2\xd0\xbe\xd0\xb1\xd0\xbe\xd0\xb4\xd0\xbd"
       "\xd1\x8b\xd0\xbc\xd0\xb8",
       6},
      {"\xe4\xba\xba\xe4\xba\xba\xe7\x94\x9f\xe8\x80\x8c\xe8\x87\xaa\xe7"
       "\x94\xb1",
       4},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t got = jg_tokens(cases[i].text);
    CHECK(got * 3 >= cases[i].tokens * 2 && got * 3 <= cases[i].tokens * 4);
  }
}

/* German words are longer in tokens than English ones of the same length. */
TEST(tokens_of_other_languages) {
  static const char *const WORDS[] = {" ordnung", " teilhabe", " bildung"};
  char text[4096] = "";
  for (size_t i = 0; i < 60; i++) {
    strcat(text, WORDS[i % 3]);
  }
  int64_t foreign = jg_tokens(text);
  strcat(text, " the of and to the of and to");
  CHECK(jg_tokens(text) < foreign);
}

/* What is no UTF-8 is counted, not read past. */
TEST(tokens_of_broken_text) {
  static const char *const CASES[] = {"\xff\xfe", "a\xe2\x82", "\xf0\x9f\x98",
                                      "\x80\x80\x80", "\xc3"};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    CHECK(jg_tokens(CASES[i]) >= 1);
    CHECK(jg_tokens(CASES[i]) <= 4);
  }
  CHECK_INT(jg_tokens_within("a\0b", 3), 3);
}

/* Templates, and the schema only where the model is shown it. */
TEST(tokens_of_requests) {
  struct jg_endpoint far = {.url = "https://api.openai.com/v1"};
  struct jg_endpoint near = {.url = "http://127.0.0.1:8000/v1"};
  struct jg_endpoint tool = {.url = "https://api.anthropic.com/v1",
                             .wire = &jg_wire_anthropic};
  struct jg_chat chat = {"Be kind.", "Hello", NULL, "verdict", NULL,
                         NULL,       0,       0,    NULL};
  int64_t schema = jg_tokens("{\"type\":\"object\"}");
  CHECK_INT(jg_tokens_chat(&far, &chat), 3 + 1 + 2 * 4 + 3);
  struct jg_turn turn = {"Hello", "Hello"};
  chat.turns = &turn;
  chat.turn_count = 1;
  CHECK_INT(jg_tokens_chat(&far, &chat), 3 + 3 * 1 + 4 * 4 + 3);
  chat.turn_count = 0;
  chat.schema = "{\"type\":\"object\"}";
  CHECK_INT(jg_tokens_chat(&far, &chat), 15 + schema);
  CHECK_INT(jg_tokens_chat(&near, &chat), 15);
  CHECK_INT(jg_tokens_chat(&tool, &chat), 15 + schema + 313);
  chat.system = NULL;
  CHECK_INT(jg_tokens_chat(&near, &chat), 1 + 4 + 3);
}

static double predicted(const struct jg_token_fit *fit, double estimated) {
  double fixed, each;
  jg_token_fit_line(fit, &fixed, &each);
  return fixed + each * estimated;
}

TEST(token_fit_without_pairs_is_the_estimate) {
  struct jg_token_fit fit = {0};
  CHECK_NEAR(predicted(&fit, 700), 700, 1e-9);
}

/* One pair moves the line most of the way to it. */
TEST(token_fit_of_one_pair) {
  struct jg_token_fit fit = {0};
  jg_token_fit_add(&fit, 1000, 1300);
  CHECK_NEAR(predicted(&fit, 1000), 1300, 10);
  CHECK(predicted(&fit, 3000) > 3100 && predicted(&fit, 3000) < 4000);
}

/* 20 requests of 500 to 880 tokens, on a model that takes 1.2 tokens for one and
** 90 beside: the line holds for requests of 3,000 too. */
TEST(token_fit_finds_the_line) {
  struct jg_token_fit fit = {0};
  for (int64_t i = 0; i < 20; i++) {
    int64_t e = 500 + 20 * i;
    jg_token_fit_add(&fit, e, 90 + e * 12 / 10 + (i % 3 - 1) * 10);
  }
  CHECK_NEAR(predicted(&fit, 690), 918, 5);
  CHECK_NEAR(predicted(&fit, 3000), 3690, 250);
}

/* Equal requests tell nothing about the slope, and divide by nothing. */
TEST(token_fit_of_equal_pairs) {
  struct jg_token_fit fit = {0};
  for (int i = 0; i < 1000; i++) {
    jg_token_fit_add(&fit, 400, 300);
  }
  CHECK_NEAR(predicted(&fit, 400), 300, 1);
}
