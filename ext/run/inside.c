/* See inside.h. */
#include "run/inside.h"

#include <string.h>

#include "run/pending.h"
#include "run/state.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define LOCK_WAIT_MS 100 /* for other readers and writers */
#define LOCK_STEP_MS 10
#define ROOTS_MOST 16 /* tables and indexes of stored calls */

/* ---- what the query does ------------------------------------------------ */

/* The pages at which the stored calls and their indexes begin. */
static size_t roots_of_calls(sqlite3 *db, int roots[ROOTS_MOST]) {
  struct jg_err ignored = {.code = JG_OK};
  size_t count = 0;
  sqlite3_stmt *stmt = jg_db_prepare(
      db,
      "SELECT rootpage FROM main.sqlite_schema WHERE rootpage > 0 AND "
      "lower(tbl_name) IN ('judge_call', 'judge_call_body')",
      &ignored);
  while (count < ROOTS_MOST && jg_db_step(stmt, &ignored) == 1) {
    roots[count++] = sqlite3_column_int(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return count;
}

/* Does this step of a program open one of them? */
static int opens_one(sqlite3_stmt *program, const int *roots, size_t count) {
  const char *opcode = (const char *)sqlite3_column_text(program, 1);
  if (!opcode ||
      (strcmp(opcode, "OpenRead") != 0 && strcmp(opcode, "ReopenIdx") != 0) ||
      sqlite3_column_int(program, 4) != 0 /* main */) {
    return 0;
  }
  for (size_t i = 0; i < count; i++) {
    if (roots[i] == sqlite3_column_int(program, 3)) {
      return 1;
    }
  }
  return 0;
}

static int reads_calls(sqlite3 *db, const char *sql, const int *roots,
                       size_t count) {
  sqlite3_stmt *program = NULL;
  int reads = 0;
  char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
  if (explain &&
      sqlite3_prepare_v2(db, explain, -1, &program, NULL) == SQLITE_OK) {
    while (!reads && sqlite3_step(program) == SQLITE_ROW) {
      reads = opens_one(program, roots, count);
    }
  }
  sqlite3_finalize(program);
  sqlite3_free(explain);
  return reads;
}

/* Would a query that runs come upon the rows that are written now? Those of ours
** (the kept statements, tables' cursors) do not read them. */
static int would_meet_itself(sqlite3 *db) {
  int roots[ROOTS_MOST];
  size_t count = roots_of_calls(db, roots);
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    const char *sql = sqlite3_stmt_busy(s) ? sqlite3_sql(s) : NULL;
    if (sql && reads_calls(db, sql, roots, count)) {
      return 1;
    }
  }
  return 0;
}

/* A statement that writes would commit, or undo, ours with its own rows. */
static int is_writing(sqlite3 *db) {
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    if (sqlite3_stmt_busy(s) && !sqlite3_stmt_readonly(s)) {
      return 1;
    }
  }
  return 0;
}

static int can_write(struct jg_session *session, struct jg_state *state) {
  struct jg_err why = {.code = JG_OK};
  state->writable = jg_guard_writable(session->db, "judge_eval", &why) == JG_OK;
  return state->writable && sqlite3_get_autocommit(session->db) &&
         !is_writing(session->db);
}

/* ---- writing ------------------------------------------------------------ */

sqlite3 *jg_inside_db(struct jg_session *session, struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, err);
  struct jg_err why = {.code = JG_OK};
  if (!state || !can_write(session, state)) {
    return NULL;
  }
  if (!state->inside_behind) {
    return session->db;
  }
  sqlite3 *db = jg_side_open(&state->side, LOCK_WAIT_MS, &why);
  if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  return db;
}

int jg_inside_is_behind(struct jg_session *session, struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, NULL);
  if (state->inside_behind || err->sqlite_code != SQLITE_BUSY_SNAPSHOT) {
    return 0;
  }
  state->inside_behind = 1;
  jg_err_clear(err);
  return 1;
}

static int write_once(struct jg_session *session, struct jg_state *state,
                      struct jg_err *err) {
  do {
    sqlite3 *db = jg_inside_db(session, err);
    if (db) {
      jg_pending_write_by(
          state, db, db == session->db ? &state->write : &state->side.write,
          err);
    }
  } while (jg_inside_is_behind(session, err));
  return err->code;
}

/* Other readers of a file with a rollback journal keep a commit waiting. When
** they did so before, they are not waited for again at each row. */
static int write_soon(struct jg_session *session, struct jg_state *state,
                      int patient, struct jg_err *err) {
  for (int ms = 0; write_once(session, state, err) != JG_OK &&
                   jg_guard_is_locked(err) && patient && ms < LOCK_WAIT_MS;
       ms += LOCK_STEP_MS) {
    jg_err_clear(err);
    sqlite3_sleep(LOCK_STEP_MS);
  }
  return err->code;
}

int jg_inside_write(struct jg_session *session, int *written,
                    struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, NULL);
  struct jg_err why = {.code = JG_OK};
  *written = 1;
  if (!state || state->count == 0) {
    return err->code;
  }
  if (!would_meet_itself(session->db)) {
    write_soon(session, state, !state->inside_late, &why);
  }
  *written = state->count == 0;
  state->inside_late = !*written;
  if (why.code != JG_OK && why.code != JG_INTERRUPTED &&
      !jg_guard_is_locked(&why) && err->code == JG_OK) {
    *err = why; /* the file takes nothing: nothing more is paid for */
  }
  return err->code;
}

/* As at the end of a command, but there is none: the host's timeout must not be
** slept through here either. */
static void write_last(struct jg_session *session, struct jg_state *state) {
  struct jg_err why = {.code = JG_OK};
  struct jg_interrupt *interrupt = &session->interrupt;
  struct jg_patience *patience = &session->patience;
  jg_interrupt_begin(interrupt, session->db, &session->clock, &why);
  if (jg_guard_wait_begin(patience, session->db, interrupt, &why) == JG_OK) {
    jg_guard_impatient(patience);
    write_soon(session, state, !state->inside_late, &why);
    jg_guard_patient(patience);
  }
  jg_guard_wait_end(patience);
  jg_interrupt_end(interrupt);
}

void jg_inside_end(struct jg_session *session) {
  struct jg_state *state = jg_state_of(session, NULL);
  if (!state) {
    return;
  }
  if (state->count > 0) {
    write_last(session, state);
  }
  jg_pending_rest(session);
  jg_side_close(&state->side);
  state->inside_behind = state->inside_late = 0;
}

/* ---- no more room ------------------------------------------------------- */

static const char *remedy(struct jg_session *session,
                          const struct jg_state *state) {
  if (!sqlite3_get_autocommit(session->db)) {
    return "end the transaction (COMMIT), then run a command, which stores "
           "them";
  }
  if (state && !state->writable) {
    return "this connection cannot write: open the file so that it can";
  }
  if (is_writing(session->db)) {
    return "write the results of a SELECT afterwards instead";
  }
  return "run a command, such as judge_run, which stores them";
}

int jg_inside_full(struct jg_session *session, const char *command,
                   struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, NULL);
  return jg_err_set(
      err, JG_ERROR,
      "%s: %zu answers (%zu MiB) could not be stored yet and wait in this "
      "connection; another may have %zu MiB, which is more than "
      "judge_config('keep_mib') = %lld allows, so nothing is sent: %s, or "
      "raise keep_mib",
      command, jg_pending_count(session), state ? state->bytes >> 20 : 0,
      JG_ANSWER_MOST_BYTES >> 20, (long long)session->config.keep_mib,
      remedy(session, state));
}
