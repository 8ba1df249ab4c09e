/* The tree over cJSON. */
#include "unit.h"
#include <locale.h>
#include <string.h>
#include "core/json.h"

static struct jg_json *parse(const char *text) {
  struct jg_err err = {0};
  struct jg_json *root = NULL;

  CHECK_INT(jg_json_parse(text, strlen(text), &root, &err), JG_OK);
  CHECK_TEXT(err.text, "");
  return root;
}

TEST(json_reads_a_tree) {
  struct jg_json *root = parse("{\"n\":1.5,\"i\":-7,\"t\":\"x\\u00e4\","
                               "\"b\":true,\"z\":null,\"l\":[1,2,3]}");
  int64_t whole = 0;

  CHECK_INT(jg_json_type(root), JG_JSON_OBJECT);
  CHECK_INT(jg_json_count(root), 6);
  CHECK_NEAR(jg_json_number(jg_json_get(root, "n")), 1.5, 0);
  CHECK(!jg_json_int(jg_json_get(root, "n"), &whole));
  CHECK(jg_json_int(jg_json_get(root, "i"), &whole));
  CHECK_INT(whole, -7);
  CHECK_TEXT(jg_json_text(jg_json_get(root, "t")), "x\xc3\xa4");
  CHECK(jg_json_true(jg_json_get(root, "b")));
  CHECK_INT(jg_json_type(jg_json_get(root, "b")), JG_JSON_BOOL);
  CHECK_INT(jg_json_type(jg_json_get(root, "z")), JG_JSON_NULL);
  CHECK(jg_json_get(root, "z") != NULL);
  CHECK_INT(jg_json_count(jg_json_get(root, "l")), 3);
  CHECK_TEXT(jg_json_key(jg_json_first(root)), "n");
  jg_json_free(root);
}

TEST(json_keys_keep_their_case) {
  struct jg_json *root = parse("{\"A\":1}");

  CHECK(jg_json_get(root, "a") == NULL);
  CHECK(jg_json_get(root, "A") != NULL);
  jg_json_free(root);
}

TEST(json_readers_take_null_and_other_types) {
  struct jg_json *root = parse("[\"a\",1]");
  int64_t whole;

  CHECK_INT(jg_json_type(NULL), JG_JSON_NULL);
  CHECK(jg_json_get(NULL, "a") == NULL);
  CHECK(jg_json_get(root, "a") == NULL);
  CHECK(jg_json_first(NULL) == NULL);
  CHECK(jg_json_next(NULL) == NULL);
  CHECK_INT(jg_json_count(NULL), 0);
  CHECK_TEXT(jg_json_text(NULL), NULL);
  CHECK_TEXT(jg_json_text(root), NULL);
  CHECK_NEAR(jg_json_number(jg_json_first(root)), 0, 0);
  CHECK(!jg_json_int(NULL, &whole));
  CHECK(!jg_json_true(NULL));
  jg_json_free(root);
  jg_json_free(NULL);
}

TEST(json_int_is_exact_or_none) {
  struct jg_json *root =
      parse("[9007199254740992,9007199254740993000,1e3,0.5]");
  const struct jg_json *item = jg_json_first(root);
  int64_t whole = 0;

  CHECK(jg_json_int(item, &whole));
  CHECK_INT(whole, INT64_C(9007199254740992));
  item = jg_json_next(item);
  CHECK(!jg_json_int(item, &whole));
  item = jg_json_next(item);
  CHECK(jg_json_int(item, &whole));
  CHECK_INT(whole, 1000);
  CHECK(!jg_json_int(jg_json_next(item), &whole));
  jg_json_free(root);
}

TEST(json_reads_a_part_of_a_longer_text) {
  struct jg_err err = {0};
  struct jg_json *root = NULL;

  CHECK_INT(jg_json_parse("[1]rest", 3, &root, &err), JG_OK);
  CHECK_INT(jg_json_count(root), 1);
  jg_json_free(root);
}

TEST(json_failure_leaves_null) {
  struct jg_err err = {0};
  struct jg_json *root = NULL;

  CHECK_INT(jg_json_parse("{", 1, &root, &err), JG_ERROR);
  CHECK(root == NULL);
  CHECK_TEXT(err.text,
             "invalid JSON at byte 1: a key in double quotes was expected");
}

TEST(json_is_container_tells_objects_and_arrays) {
  CHECK(jg_json_is_container(" {\"a\":1}", 8));
  CHECK(jg_json_is_container("[]", 2));
  CHECK(!jg_json_is_container("[", 1));
  CHECK(!jg_json_is_container("\"[]\"", 4));
  CHECK(!jg_json_is_container("1", 1));
  CHECK(!jg_json_is_container("", 0));
  CHECK(!jg_json_is_container(NULL, 0));
}

static void check_round_trip(const char *text, const char *written) {
  struct jg_json *root = parse(text);
  struct jg_buf buf;

  jg_buf_init(&buf, 10000);
  jg_json_write(root, &buf);
  CHECK_TEXT(jg_buf_text(&buf), written);
  jg_buf_dispose(&buf);
  jg_json_free(root);
}

TEST(json_write_is_compact_and_exact) {
  check_round_trip(" { \"a\" : [ 1 , 2.50, true, null ], \"b\":{} } ",
                   "{\"a\":[1,2.5,true,null],\"b\":{}}");
  check_round_trip("\"\\u00e4\\n\\/\\u0001\"", "\"\xc3\xa4\\n/\\u0001\"");
  check_round_trip("9007199254740991", "9007199254740991");
  check_round_trip("1e300", "1e+300");
  check_round_trip("0.1", "0.1");
}

TEST(json_numbers_ignore_the_locale) {
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
    SKIP("there is no locale de_DE.UTF-8");
  }
  check_round_trip("[1.5,2e-3]", "[1.5,0.002]");
  setlocale(LC_ALL, "C");
}
