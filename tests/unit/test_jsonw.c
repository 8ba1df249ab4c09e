/* The writer: whatever goes in, strict JSON comes out. */
#include "unit.h"
#include <math.h>
#include <string.h>
#include "core/json.h"
#include "core/json_scan.h"
#include "core/rng.h"
#include "core/value.h"

TEST(jsonw_places_commas_and_colons) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};

  jg_buf_init(&buf, 1000);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "t", "a\"b");
  jg_jsonw_key_text(&w, "none", NULL);
  jg_jsonw_key_int(&w, "i", -5);
  jg_jsonw_key_real(&w, "r", 1);
  jg_jsonw_key_real(&w, "nan", (double)NAN);
  jg_jsonw_key_bool(&w, "b", 2);
  jg_jsonw_key_raw(&w, "raw", "[1]");
  jg_jsonw_key(&w, "l");
  jg_jsonw_array(&w);
  jg_jsonw_null(&w);
  jg_jsonw_object(&w);
  jg_jsonw_end_object(&w);
  jg_jsonw_array(&w);
  jg_jsonw_end_array(&w);
  jg_jsonw_end_array(&w);
  jg_jsonw_end_object(&w);
  CHECK_TEXT(jg_buf_text(&buf),
             "{\"t\":\"a\\\"b\",\"none\":null,\"i\":-5,\"r\":1.0,"
             "\"nan\":null,\"b\":true,\"raw\":[1],\"l\":[null,{},[]]}");
  jg_buf_dispose(&buf);
}

static void check_text(const char *text, size_t bytes, const char *written) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};

  jg_buf_init(&buf, 1000);
  jg_jsonw_textn(&w, text, bytes);
  CHECK_TEXT(jg_buf_text(&buf), written);
  jg_buf_dispose(&buf);
}

TEST(jsonw_escapes_texts) {
  check_text("\\ \" \b\f\n\r\t\x01 /", 12,
             "\"\\\\ \\\" \\b\\f\\n\\r\\t\\u0001 /\"");
  check_text("\xc3\xa4", 2, "\"\xc3\xa4\"");
  check_text("a\0b", 3,
             "\"a\xef\xbf\xbd"
             "b\"");
  check_text("\xff\xc3\xa4\xc3", 4, "\"\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\"");
}

TEST(jsonw_any_bytes_give_json) {
  struct jg_rng rng;
  int round, i;

  jg_rng_init(&rng, 5);
  for (round = 0; round < 2000; round++) {
    char bytes[40];
    struct jg_err err = {0};
    struct jg_buf buf;
    struct jg_jsonw w = {.to = &buf};
    for (i = 0; i < 40; i++) {
      bytes[i] = (char)jg_rng_next(&rng);
    }
    jg_buf_init(&buf, 1000);
    jg_jsonw_textn(&w, bytes, sizeof bytes);
    CHECK_INT(jg_json_scan(jg_buf_text(&buf), buf.len, &err), JG_OK);
    CHECK_TEXT(err.text, "");
    jg_buf_dispose(&buf);
  }
}

TEST(jsonw_writes_values) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  struct jg_value none = {.type = JG_NULL};
  struct jg_value whole = jg_value_int(INT64_MIN);
  struct jg_value real = jg_value_real(0.25);
  struct jg_value text = jg_value_lend("x");

  jg_buf_init(&buf, 1000);
  jg_jsonw_array(&w);
  jg_jsonw_value(&w, &none);
  jg_jsonw_value(&w, &whole);
  jg_jsonw_value(&w, &real);
  jg_jsonw_value(&w, &text);
  jg_jsonw_end_array(&w);
  CHECK_TEXT(jg_buf_text(&buf), "[null,-9223372036854775808,0.25,\"x\"]");
  jg_buf_dispose(&buf);
}
