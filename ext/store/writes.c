/* Looks at the programs of our own writes. See writes.h. */
#include "store/writes.h"

#include "core/buf.h"
#include "core/sqltext.h"
#include "store/checked.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* Rows of a table, rather than the schema or a setting? */
static int writes_rows(sqlite3_stmt *stmt) {
  static const char *const VERBS[] = {"INSERT", "UPDATE", "DELETE", "REPLACE",
                                      "WITH"};
  struct jg_sqltext first;
  const char *sql = sqlite3_sql(stmt);
  if (sqlite3_stmt_readonly(stmt) || sqlite3_stmt_isexplain(stmt) || !sql ||
      !jg_sqltext_first(sql, &first)) {
    return 0;
  }
  for (size_t i = 0; i < sizeof(VERBS) / sizeof(*VERBS); i++) {
    if (jg_sqltext_is(&first, VERBS[i])) {
      return 1;
    }
  }
  return 0;
}

static int refuse(const char *name, size_t bytes, struct jg_err *err) {
  return jg_err_set(err, JG_ERROR,
                    "%.*s() is called by a CHECK constraint of the database, "
                    "on what would be written now: read the schema before you "
                    "trust this file",
                    (int)bytes, name);
}

static sqlite3_stmt *program_of(sqlite3 *db, sqlite3_stmt *stmt,
                                struct jg_err *err) {
  struct jg_buf text;
  sqlite3_stmt *program;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&text, "EXPLAIN %s", sqlite3_sql(stmt));
  jg_buf_check(&text, err);
  program = jg_db_prepare(db, jg_buf_text(&text), err);
  jg_buf_dispose(&text);
  return program;
}

/* Opcode and P4 of the next line; 0 at the end. What cannot be seen is not
** passed over. */
static int next_line(sqlite3_stmt *program, const char **opcode,
                     const char **p4, struct jg_err *err) {
  if (jg_db_step(program, err) != 1) {
    return 0;
  }
  *opcode = (const char *)sqlite3_column_text(program, 1);
  *p4 = (const char *)sqlite3_column_text(program, 5);
  if (!*opcode || (!*p4 && sqlite3_column_type(program, 5) != SQLITE_NULL)) {
    jg_err_nomem(err);
    return 0;
  }
  *p4 = *p4 ? *p4 : "";
  return 1;
}

int jg_writes_check(sqlite3 *db, sqlite3_stmt *stmt, struct jg_err *err) {
  const char *opcode, *p4;
  sqlite3_stmt *program;
  if (err->code != JG_OK || !writes_rows(stmt)) {
    return err->code;
  }
  program = program_of(db, stmt, err);
  while (next_line(program, &opcode, &p4, err)) {
    size_t bytes = jg_checked_called(opcode, p4);
    if (bytes > 0 && jg_checked_is_direct(db, p4, bytes, err)) {
      refuse(p4, bytes, err);
    }
  }
  sqlite3_finalize(program);
  return err->code;
}

int jg_writes_hold_us(const struct jg_checked_env *env, sqlite3_stmt *stmt,
                      struct jg_err *err) {
  const char *opcode, *p4;
  int holds = 0;
  sqlite3_stmt *program = program_of(env->db, stmt, err);
  while (!holds && next_line(program, &opcode, &p4, err)) {
    holds = jg_checked_is_ours(env, p4);
  }
  sqlite3_finalize(program);
  return holds;
}
