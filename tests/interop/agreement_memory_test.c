/*
** The agreement functions through SQLite with every allocation failing in turn,
** ours and SQLite's own: each statement gives its result or "out of memory",
** and nothing is left behind. Built and run by test_agreement_memory.py.
*/
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include "api/agreement.h"
#include "sqlite3.h"

#define ROWS 40

static const char *const STATEMENTS[] = {
    "SELECT agreement(a, b) FROM t",
    "SELECT agreement(a, b, 'all', '{\"B\":3}') FROM t",
    "SELECT agreement(a, b, 'confusion') FROM t GROUP BY id % 3",
    "SELECT agreement(a, b, 'cohen_kappa_ci_low', '{\"order\":[\"x\",\"y\","
    "\"z\"],\"disagreement\":[[0,1,4],[1,0,1],[4,1,0]]}') FROM t",
    "SELECT agreement(a, b, 'cohen_kappa') OVER (ORDER BY id ROWS 5 PRECEDING) "
    "FROM t",
    "SELECT agreement(n, m, 'spearman_p') OVER (ORDER BY id ROWS 9 PRECEDING) "
    "FROM t",
    "SELECT agreement(n, m, 'kendall_tau_b_ci_low'), agreement(n, m, 'ccc_se') "
    "FROM t",
    "SELECT agreement(n / 9.0, m > 4, 'ece', '{\"binning\":\"mass\"}') FROM t",
    "SELECT agreement_raters(id / 4, id % 4, a, 'all') FROM t",
    "SELECT agreement_raters(id / 4, id % 4, n, 'krippendorff_alpha', "
    "'{\"metric\":\"ordinal\"}') FROM t",
    "SELECT agreement_difference(a, b, c, 'all', '{\"B\":3}') FROM t",
    "SELECT agreement_rate(n > 3, CASE WHEN id % 2 THEN m > 3 END, 'all') "
    "FROM t",
    "SELECT agreement_merge(s, 'all') FROM (SELECT agreement_state(a, b) AS s "
    "FROM t GROUP BY id % 3)",
    "SELECT agreement(a, b, 'nope') FROM t",
    "SELECT agreement(a, b, 'mae', '{\"orders\":1}') FROM t",
};
#define STATEMENT_COUNT (sizeof STATEMENTS / sizeof STATEMENTS[0])

/* SQLite's allocations go through calloc and realloc, which the linker sends
** to tests/unit/alloc.c; the size stands before the block. */
static void *take(int bytes) {
  size_t *block = calloc(1, (size_t)bytes + 16);
  if (block == NULL) {
    return NULL;
  }
  block[0] = (size_t)bytes;
  return (char *)block + 16;
}

static void give(void *memory) {
  free(memory == NULL ? NULL : (char *)memory - 16);
}

static int size_of(void *memory) {
  return memory == NULL ? 0 : (int)*(size_t *)((char *)memory - 16);
}

static void *again(void *memory, int bytes) {
  size_t *block = realloc((char *)memory - 16, (size_t)bytes + 16);
  if (block == NULL) {
    return NULL;
  }
  block[0] = (size_t)bytes;
  return (char *)block + 16;
}

static int round_up(int bytes) {
  return (bytes + 7) & ~7;
}

static int start(void *unused) {
  (void)unused;
  return SQLITE_OK;
}

static void stop(void *unused) {
  (void)unused;
}

static sqlite3 *open_table(void) {
  static const sqlite3_mem_methods methods = {take,     give,  again, size_of,
                                              round_up, start, stop,  NULL};
  static int configured;
  sqlite3 *db = NULL;
  if (!configured) {
    CHECK_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
    CHECK_INT(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
    configured = 1;
  }
  CHECK_INT(sqlite3_open(":memory:", &db), SQLITE_OK);
  CHECK_INT(jg_agreement_register(db), SQLITE_OK);
  CHECK_INT(
      sqlite3_exec(
          db,
          "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c, n, m);"
          "WITH RECURSIVE i(x) AS (VALUES (0) UNION ALL SELECT x + 1 FROM i "
          "WHERE x < 39) INSERT INTO t SELECT x, substr('xyz', x % 3 + 1, 1), "
          "substr('xyz', x * x % 3 + 1, 1), substr('xyz', x * 5 % 7 % 3 + 1, "
          "1), "
          "x * 7 % 9, x * 5 % 8 FROM i",
          NULL, NULL, NULL),
      SQLITE_OK);
  return db;
}

/* The rows as one text, or NULL after "out of memory". */
static int run(sqlite3 *db, const char *sql, char **rows) {
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
  while (rc == SQLITE_OK || rc == SQLITE_ROW) {
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW && rows != NULL) {
      char *more =
          sqlite3_mprintf("%z%s|", *rows, sqlite3_column_text(stmt, 0));
      *rows = more;
    }
  }
  sqlite3_finalize(stmt);
  return rc;
}

TEST(agreement_statements_survive_any_failing_allocation) {
  sqlite3 *db = open_table();
  unit_hook_cjson(1);
  for (size_t i = 0; i < STATEMENT_COUNT; i++) {
    char *expected = NULL;
    int normal = run(db, STATEMENTS[i], &expected);
    long failures = 0;
    CHECK(normal == SQLITE_DONE || normal == SQLITE_ERROR);
    for (long n = 1; n == 1 || unit_allocation_failed(); n++, failures++) {
      unit_fail_allocation(n);
      int rc = run(db, STATEMENTS[i], NULL);
      CHECK(rc == normal || rc == SQLITE_NOMEM);
    }
    CHECK(failures > 10);
    char *after = NULL;
    CHECK_INT(run(db, STATEMENTS[i], &after), normal);
    CHECK_TEXT(after, expected);
    sqlite3_free(after);
    sqlite3_free(expected);
  }
  unit_hook_cjson(0);
  CHECK_INT(sqlite3_close(db), SQLITE_OK);
  CHECK_INT(sqlite3_memory_used(), 0);
}
