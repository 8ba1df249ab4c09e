/* Running out of memory anywhere in core is JG_NOMEM and leaves nothing. */
#include "unit.h"
#include <stddef.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/value.h"

static const char TEXT[] =
    "{\"a\":[1,2,{\"b\":\"\\u00e4\"}],\"c\":{\"d\":1,\"e\":2}}";

TEST(nomem_json_parse_is_never_a_syntax_error) {
  long n;
  int failures = 0;

  unit_hook_cjson(1);
  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_err err = {0};
    struct jg_json *root = NULL;
    int rc;
    unit_fail_allocation(n);
    rc = jg_json_parse(TEXT, strlen(TEXT), &root, &err);
    CHECK(rc == JG_OK ? root != NULL : rc == JG_NOMEM && root == NULL);
    CHECK_TEXT(err.text, rc == JG_OK ? "" : "out of memory");
    failures += rc != JG_OK;
    jg_json_free(root);
  }
  CHECK(failures > 10);
  unit_hook_cjson(0);
}

TEST(nomem_buffer_sticks) {
  long n;

  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_err err = {0};
    struct jg_buf buf;
    struct jg_jsonw w = {.to = &buf};
    char *text;
    int i;
    unit_fail_allocation(n);
    jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
    jg_jsonw_array(&w);
    for (i = 0; i < 100; i++) {
      jg_jsonw_text(&w, "twelve bytes");
      jg_jsonw_real(&w, 0.5);
    }
    jg_jsonw_end_array(&w);
    text = jg_buf_take(&buf, &err);
    CHECK_INT(err.code, text == NULL ? JG_NOMEM : JG_OK);
    jg_mem_free(text);
    jg_buf_dispose(&buf);
  }
}

struct sample {
  int64_t limit;
};

TEST(nomem_buffer_that_cannot_be_taken_is_empty) {
  struct jg_err err = {0};
  struct jg_buf buf;

  jg_buf_init(&buf, 4);
  jg_buf_puts(&buf, "abc");
  jg_buf_puts(&buf, "de");
  CHECK(jg_buf_take(&buf, &err) == NULL);
  CHECK(buf.data == NULL && buf.cap == 0);
}

TEST(nomem_options) {
  static const struct jg_option table[] = {
      {"limit", JG_OPTION_INT, offsetof(struct sample, limit), 0, 5, 0}};
  static const char *const texts[] = {"{\"limit\":3}", "{\"limit\":9}",
                                      "{\"nope\":1}"};
  size_t i;
  long n;

  unit_hook_cjson(1);
  for (i = 0; i < 3; i++) {
    for (n = 1; n == 1 || unit_allocation_failed(); n++) {
      struct sample got = {0};
      struct jg_err err = {0};
      struct jg_json *keep = NULL;
      int rc;
      unit_fail_allocation(n);
      rc = jg_options_read("f", texts[i], strlen(texts[i]), table, 1, &got,
                           &keep, &err);
      CHECK(rc == JG_NOMEM || rc == (i == 0 ? JG_OK : JG_ERROR));
      jg_json_free(keep);
    }
  }
  unit_hook_cjson(0);
}

TEST(nomem_growth_and_values) {
  struct jg_err err = {0};
  struct jg_value text = jg_value_lend("abc");
  struct jg_value copy;
  int *items = NULL;
  size_t cap = 0;

  unit_fail_allocation(1);
  CHECK_INT(jg_mem_grow(&items, &cap, 1, sizeof *items, &err), JG_NOMEM);
  CHECK(items == NULL && cap == 0);
  jg_err_clear(&err);
  unit_fail_allocation(1);
  CHECK_INT(jg_value_copy(&copy, &text, &err), JG_NOMEM);
  CHECK_INT(copy.type, JG_NULL);
  unit_fail_allocation(0);
}
