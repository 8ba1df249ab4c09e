/*
** The guard at the door of every command that may send.
*/
#include "run/guard.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/sqltext.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define LOCK_PATIENCE_MS 15000 /* more than the 10 s that others may need */
#define LOCK_STEP_MS 20
#define NESTING_MOST 8 /* deeper than anybody builds on purpose */

/* How many statements are in the middle of a run. Virtual tables have some of
** their own. */
static int busy_statements(sqlite3 *db) {
  int busy = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    busy += sqlite3_stmt_busy(s) != 0;
  }
  return busy;
}

/* Does the program of this statement open a transaction? */
static int opens_transaction(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  int opens = 0;
  char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
  if (explain &&
      sqlite3_prepare_v2(db, explain, -1, &stmt, NULL) == SQLITE_OK) {
    while (!opens && sqlite3_step(stmt) == SQLITE_ROW) {
      const char *opcode = (const char *)sqlite3_column_text(stmt, 1);
      opens = opcode && strcmp(opcode, "Transaction") == 0;
    }
  }
  sqlite3_finalize(stmt);
  sqlite3_free(explain);
  return opens;
}

/* The statement that calls the command, when it is what opened a transaction;
** else NULL. */
static sqlite3_stmt *opening_caller(sqlite3 *db, const char *command) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    const char *sql = sqlite3_stmt_busy(s) ? sqlite3_sql(s) : NULL;
    if (sql && jg_sqltext_calls(sql, command) && opens_transaction(db, sql)) {
      return s;
    }
  }
  return NULL;
}

/* Does a statement that writes run? Of a command in a trigger it is the caller,
** and does not name it. */
static int is_writing(sqlite3 *db) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) {
      return 1;
    }
  }
  return 0;
}

int jg_guard_network(sqlite3 *db, const char *command, struct jg_err *err) {
  if (!sqlite3_get_autocommit(db)) {
    return jg_err_set(err, JG_ERROR,
                      "%s: a transaction is open on this connection, and none "
                      "may stay open while a model is asked and answers are "
                      "stored, local:/lexical included: COMMIT first (in "
                      "Python: conn.commit())",
                      command);
  }
  if (sqlite3_txn_state(db, NULL) == SQLITE_TXN_NONE) {
    return JG_OK;
  }
  sqlite3_stmt *caller = opening_caller(db, command);
  if (busy_statements(db) > 1 && !caller) {
    return jg_err_set(err, JG_ERROR,
                      "%s: a SELECT on this connection is not finished and "
                      "holds a read transaction: read it to its end or close "
                      "its cursor first",
                      command);
  }
  if (caller ? !sqlite3_stmt_readonly(caller) : is_writing(db)) {
    return jg_err_set(err, JG_ERROR,
                      "%s: called inside a statement that writes (INSERT, "
                      "CREATE TABLE AS), which is one transaction: call it "
                      "alone; judge_report_item has its report",
                      command);
  }
  return jg_err_set(err, JG_ERROR,
                    "%s: the same statement reads a table (by FROM, a "
                    "sub-select beside it, json_each), which holds a "
                    "transaction for the whole run: call it alone; "
                    "judge_report_item has its report",
                    command);
}

int jg_guard_direct(sqlite3 *db, const char *function, struct jg_err *err) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    const char *sql = sqlite3_sql(s);
    if (sqlite3_stmt_busy(s) && sql && jg_sqltext_calls(sql, function)) {
      return JG_OK;
    }
  }
  return jg_err_set(err, JG_ERROR,
                    "%s: called by a CHECK constraint of the database and not "
                    "by the statement that runs: read the schema before you "
                    "trust this file",
                    function);
}

int jg_guard_not_writing(sqlite3 *db, const char *function,
                         struct jg_err *err) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) {
      return jg_err_set(err, JG_ERROR,
                        "%s: a statement that writes is running, and the "
                        "tables that it writes may call functions: change "
                        "settings by a SELECT of its own",
                        function);
    }
  }
  return JG_OK;
}

int jg_nesting_enter(struct jg_nesting *nesting, const char *name,
                     struct jg_err *err) {
  if (nesting->depth >= NESTING_MOST) {
    return jg_err_set(err, JG_ERROR,
                      "%s: more than %d calls of judge within one another: a "
                      "view or trigger of this database leads back to itself",
                      name, NESTING_MOST);
  }
  nesting->depth++;
  return JG_OK;
}

void jg_nesting_leave(struct jg_nesting *nesting) {
  assert(nesting->depth > 0);
  nesting->depth--;
}

int jg_nesting_may_act(const struct jg_nesting *nesting,
                       const struct jg_checked_env *checked, const char *name,
                       struct jg_err *err) {
  if (checked->running > 0) {
    return jg_err_set(err, JG_ERROR,
                      "%s: called while SQL text of an option runs, which may "
                      "only read",
                      name);
  }
  if (nesting->actor) {
    return jg_err_set(err, JG_ERROR,
                      "%s: called by what %s does: a trigger or constraint of "
                      "this database, or a function of the host, calls it",
                      name, nesting->actor);
  }
  return JG_OK;
}

/* A pragma's number; 0 when it cannot be read. */
static int pragma_int(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  int value = 0;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    value = sqlite3_column_int(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return value;
}

int jg_guard_is_wal(sqlite3 *db) {
  sqlite3_stmt *stmt = NULL;
  int wal = 0;
  if (sqlite3_prepare_v2(db, "PRAGMA main.journal_mode", -1, &stmt, NULL) ==
          SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    const char *mode = (const char *)sqlite3_column_text(stmt, 0);
    wal = mode && sqlite3_stricmp(mode, "wal") == 0;
  }
  sqlite3_finalize(stmt);
  return wal;
}

int jg_guard_writable(sqlite3 *db, const char *command, struct jg_err *err) {
  if (sqlite3_db_readonly(db, "main") == 1) {
    return jg_err_set(err, JG_ERROR,
                      "%s: the database is read-only, and what it makes must "
                      "be stored: open a file that can be written",
                      command);
  }
  if (pragma_int(db, "PRAGMA query_only")) {
    return jg_err_set(err, JG_ERROR,
                      "%s: this connection is query_only, and what it makes "
                      "must be stored: PRAGMA query_only = 0 first",
                      command);
  }
  return JG_OK;
}

static int wait_step(void *ctx, int count) {
  struct jg_patience *p = ctx;
  if (p->none || count >= p->host_ms / LOCK_STEP_MS ||
      jg_interrupt_heard(p->interrupt)) {
    return 0;
  }
  sqlite3_sleep(LOCK_STEP_MS);
  return 1;
}

int jg_guard_wait_begin(struct jg_patience *p, sqlite3 *db,
                        struct jg_interrupt *interrupt, struct jg_err *err) {
  /* Above 0 it is SQLite's own handler: one of the host's reads as 0. */
  int ms = p->depth++ > 0 ? 0 : pragma_int(db, "PRAGMA busy_timeout");
  if (ms <= 0) {
    return err->code;
  }
  p->interrupt = interrupt;
  p->db = db;
  p->host_ms = ms;
  p->none = 0;
  sqlite3_busy_handler(db, wait_step, p);
  return err->code;
}

void jg_guard_wait_end(struct jg_patience *p) {
  assert(p->depth > 0);
  if (--p->depth > 0) {
    return;
  }
  if (p->db) {
    sqlite3_busy_timeout(p->db, p->host_ms);
  }
  memset(p, 0, sizeof(*p));
}

int jg_guard_impatient(struct jg_patience *p) {
  p->none = 1;
  return p->host_ms;
}

void jg_guard_patient(struct jg_patience *p) {
  p->none = 0;
}

int64_t jg_guard_patience_ms(int host_ms) {
  return host_ms > LOCK_PATIENCE_MS ? host_ms : LOCK_PATIENCE_MS;
}

int jg_guard_is_locked(const struct jg_err *err) {
  int primary = err->sqlite_code & 0xff;
  return err->code == JG_SQLITE &&
         (primary == SQLITE_BUSY || primary == SQLITE_LOCKED);
}
