/* CREATE TABLE statements taken apart. */
#include "unit.h"

#include "core/buf.h"
#include "core/ddl.h"
#include "core/mem.h"

/* The parts and the tail between bars, a column's name before its text; the
** caller's to free. */
static char *parts_of(const char *sql) {
  struct jg_ddl ddl = {0};
  struct jg_err err = {0}, ignored = {0};
  struct jg_buf to;
  size_t i;
  jg_buf_init(&to, 4096);
  jg_ddl_read(sql, &ddl, &err);
  for (i = 0; err.code == JG_OK && i < ddl.count; i++) {
    jg_buf_puts(&to, ddl.parts[i].name);
    jg_buf_putc(&to, '=');
    jg_buf_add(&to, ddl.parts[i].text, ddl.parts[i].bytes);
    jg_buf_putc(&to, '|');
  }
  jg_buf_add(&to, ddl.tail, ddl.tail_bytes);
  jg_buf_puts(&to, err.text);
  jg_ddl_dispose(&ddl);
  return jg_buf_take(&to, &ignored);
}

TEST(ddl_parts_of_a_statement) {
  static const struct {
    const char *sql, *parts;
  } cases[] = {
      {"CREATE TABLE t(a)", "a=a|"},
      {"CREATE TABLE t( a INT ,b )", "a=a INT|b=b|"},
      {"CREATE TABLE \"x(y\"(a) WITHOUT ROWID", "a=a|WITHOUT ROWID"},
      {"CREATE TABLE t(a, b TEXT CHECK(b IN ('x,)', 'it''s')), UNIQUE(a, b))",
       "a=a|b=b TEXT CHECK(b IN ('x,)', 'it''s'))|=UNIQUE(a, b)|"},
      {"CREATE TABLE t(a, -- first, (\n b /* , */ INT -- last\n) STRICT\n",
       "a=a|b=b /* , */ INT|STRICT"},
      {"CREATE TABLE t([a b] INT, `c``d`, \"e\"\"f\" TEXT, 'g')",
       "a b=[a b] INT|c`d=`c``d`|e\"f=\"e\"\"f\" TEXT|g='g'|"},
      {"CREATE TABLE t(a, constraint c CHECK(a), Primary Key(a), foreign key(a)"
       " REFERENCES u, check(1))",
       "a=a|=constraint c CHECK(a)|=Primary Key(a)|=foreign key(a)"
       " REFERENCES u|=check(1)|"},
      {"CREATE TABLE t(\"check\" INT)", "check=\"check\" INT|"},
      {"CREATE TABLE t(\xc3\xa4$1 INT)", "\xc3\xa4$1=\xc3\xa4$1 INT|"},
      {"CREATE TABLE t AS SELECT 1", "no list of columns in \"CREATE "
                                     "TABLE t AS SELECT 1\""},
      {"CREATE TABLE t(a, b", "no list of columns in \"CREATE TABLE "
                              "t(a, b\""},
      {"CREATE TABLE t(a 'b", "no list of columns in \"CREATE TABLE "
                              "t(a 'b\""},
      {"", "no list of columns in \"\""},
  };
  size_t i;
  for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    char *got = parts_of(cases[i].sql);
    CHECK_TEXT(got, cases[i].parts);
    jg_mem_free(got);
  }
}

TEST(ddl_columns_are_found_by_name) {
  struct jg_ddl ddl = {0};
  struct jg_err err = {0};
  CHECK_INT(jg_ddl_read("CREATE TABLE t(a, B INT, UNIQUE(c))", &ddl, &err),
            JG_OK);
  CHECK_INT(jg_ddl_find(&ddl, "A"), 0);
  CHECK_INT(jg_ddl_find(&ddl, "b"), 1);
  CHECK_INT(jg_ddl_find(&ddl, "c"), -1);
  jg_ddl_dispose(&ddl);
}

TEST(ddl_out_of_memory_is_said) {
  int n;
  for (n = 1; n < 20; n++) {
    struct jg_ddl ddl = {0};
    struct jg_err err = {0};
    unit_fail_allocation(n);
    jg_ddl_read("CREATE TABLE t(a, b, c, UNIQUE(a))", &ddl, &err);
    unit_fail_allocation(0);
    jg_ddl_dispose(&ddl);
    if (err.code == JG_OK) {
      break;
    }
    CHECK_INT(err.code, JG_NOMEM);
  }
  CHECK(n > 3 && n < 20);
}
