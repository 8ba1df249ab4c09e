/*
** sqlite-judge: the entry points, and what they wire together.
**
**   sqlite3_judge_init             everything
**   sqlite3_judge_no_network_init  nothing that sends, spends or writes
**
** The others are the same under the names that SQLite makes of renamed files
** (it keeps letters only). Loading writes nothing and sends nothing.
*/
#include <string.h>
#include "sqlite3ext.h"
#include "api/api.h"
#include "http/http.h"
#include "run/session.h"

SQLITE_EXTENSION_INIT1

#define OLDEST_SQLITE 3040000

#if defined(_WIN32)
#define JG_EXPORT __declspec(dllexport)
#else
#define JG_EXPORT __attribute__((visibility("default")))
#endif

/* curl's global state stays, so the library must stay in memory; a library
** linked in must say plain OK. */
#ifdef SQLITE_CORE
#define LOADED SQLITE_OK
#else
#define LOADED SQLITE_OK_LOAD_PERMANENTLY
#endif

enum loaded { LOADED_NOT, LOADED_SAME, LOADED_OTHER };

/* sqlite3_open() takes an error that an auto-extension leaves on the connection
** for its own: the last statement must be one that can be prepared. */
static void clear_error(sqlite3 *db) {
  sqlite3_stmt *stmt = NULL;

  sqlite3_prepare_v2(db, "SELECT 1", -1, &stmt, NULL);
  sqlite3_finalize(stmt);
}

/* Is there no judge_debug(), for sure? Hosts show the errors of statements that
** cannot be prepared. The pragma reads no schema, so nothing of the file; a host
** that denies it, or a SQLite without it, shows no function at all. */
static int has_no_debug(sqlite3 *db) {
  sqlite3_stmt *stmt = NULL;
  int functions = 0, found = 0;

  sqlite3_prepare_v2(db, "PRAGMA function_list", -1, &stmt, NULL);
  while (stmt && !found && sqlite3_step(stmt) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    found = name && strcmp(name, "judge_debug") == 0;
    functions++;
  }
  sqlite3_finalize(stmt);
  return functions > 0 && !found;
}

/* Is it here already? Asked of judge_debug(), the only thing that knows. */
static enum loaded loaded_before(sqlite3 *db, int no_network) {
  sqlite3_stmt *stmt = NULL;
  enum loaded found = LOADED_NOT;

  if (!has_no_debug(db) &&
      sqlite3_prepare_v2(db, "SELECT judge_debug() ->> 'entry'", -1, &stmt,
                         NULL) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    const char *entry = (const char *)sqlite3_column_text(stmt, 0);
    int other = entry && sqlite3_stricmp(entry, "no_network") == 0;
    found = other == no_network ? LOADED_SAME : LOADED_OTHER;
  }
  sqlite3_finalize(stmt);
  clear_error(db);
  return found;
}

static int wire(sqlite3 *db, int no_network, struct jg_err *err) {
  struct jg_session *session = NULL;

  if (jg_session_new(db, no_network ? NULL : jg_http_new, &session, err) !=
      JG_OK) {
    return (int)err->code;
  }
  session->no_network = no_network;
  session->checked.closed = no_network; /* it has no judge_config() */
  session->transport_version = jg_http_version();
  jg_api_register(session, err);
  jg_session_unref(session);
  return (int)err->code;
}

static int load(sqlite3 *db, char **message, int no_network) {
  struct jg_err err = {0};
  enum loaded before;

  if (sqlite3_libversion_number() < OLDEST_SQLITE) {
    *message = sqlite3_mprintf("sqlite-judge needs SQLite 3.40.0 or newer; "
                               "this is %s",
                               sqlite3_libversion());
    return SQLITE_ERROR;
  }
  before = loaded_before(db, no_network);
  if (before == LOADED_SAME) {
    return LOADED;
  }
  if (before == LOADED_OTHER) {
    *message = sqlite3_mprintf("sqlite-judge is loaded on this connection "
                               "already, by its other entry point");
    return SQLITE_ERROR;
  }
  if (wire(db, no_network, &err) != JG_OK) {
    *message = sqlite3_mprintf("sqlite-judge: %s", err.text);
    return err.code == JG_NOMEM ? SQLITE_NOMEM : SQLITE_ERROR;
  }
  return LOADED;
}

#define ENTRY(name, no_network)                                                \
  JG_EXPORT int name(sqlite3 *, char **, const sqlite3_api_routines *);        \
  JG_EXPORT int name(sqlite3 *db, char **message,                              \
                     const sqlite3_api_routines *api) {                        \
    SQLITE_EXTENSION_INIT2(api);                                               \
    (void)api;                                                                 \
    return load(db, message, no_network);                                      \
  }

ENTRY(sqlite3_judge_init, 0)
ENTRY(sqlite3_judge_no_network_init, 1)
ENTRY(sqlite3_judgenonetwork_init, 1)
ENTRY(sqlite3_judgenonet_init, 1)
ENTRY(sqlite3_sqlitejudge_init, 0)
ENTRY(sqlite3_modjudge_init, 0)
