/*
** The guard at the door of every command that may send.
*/
#include "run/guard.h"

#include <stddef.h>

SQLITE_EXTENSION_INIT3

/* How many statements besides the calling one are in the middle of a run. */
static int busy_statements(sqlite3 *db) {
  int busy = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s;
       s = sqlite3_next_stmt(db, s)) {
    busy += sqlite3_stmt_busy(s) != 0;
  }
  return busy;
}

int jg_guard_network(sqlite3 *db, const char *command, struct jg_err *err) {
  if (!sqlite3_get_autocommit(db)) {
    return jg_err_set(err, JG_ERROR,
                      "%s: a transaction is open on this connection, and none "
                      "may stay open while the network answers: COMMIT first "
                      "(in Python: conn.commit())",
                      command);
  }
  if (sqlite3_txn_state(db, NULL) == SQLITE_TXN_NONE) {
    return JG_OK;
  }
  if (busy_statements(db) > 1) {
    return jg_err_set(err, JG_ERROR,
                      "%s: a SELECT on this connection is not finished and "
                      "holds a read transaction: read it to its end or close "
                      "its cursor first",
                      command);
  }
  return jg_err_set(err, JG_ERROR,
                    "%s: called over a table, which holds a transaction for "
                    "the whole run: call it alone, without a FROM clause "
                    "(SELECT %s(...))",
                    command, command);
}

int jg_guard_interrupted(sqlite3 *db) {
  sqlite3_stmt *probe = NULL;
  int rc = sqlite3_prepare_v2(db, "SELECT 1", -1, &probe, NULL);
  if (rc == SQLITE_OK) {
    rc = sqlite3_step(probe);
  }
  sqlite3_finalize(probe);
  return rc == SQLITE_INTERRUPT;
}
