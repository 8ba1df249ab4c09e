/*
** Short names for SQLite statements. Every helper does nothing once err is
** set, so a run of calls is checked at its end.
*/
#include "store/db.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/embed.h"
#include "core/mem.h"
#include "store/writes.h"

SQLITE_EXTENSION_INIT3

int jg_db_fail(sqlite3 *db, int rc, struct jg_err *err) {
  int first = err->code == JG_OK;
  assert(rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE);
  int extended = sqlite3_extended_errcode(db);
  switch (rc & 0xff) {
  case SQLITE_NOMEM:
    return jg_err_nomem(err);
  case SQLITE_INTERRUPT:
    /* A progress handler of the host's may have said so, which SQLite forgets
    ** with the statement. */
    sqlite3_interrupt(db);
    return jg_err_set(err, JG_INTERRUPTED, "interrupted");
  default:
    jg_err_set(err, JG_SQLITE, "%s",
               (sqlite3_errcode(db) & 0xff) == (rc & 0xff)
                   ? sqlite3_errmsg(db)
                   : sqlite3_errstr(rc));
    if (first) {
      /* Why it is busy, too, though the host wants the plain code only. */
      err->sqlite_code = (extended & 0xff) == (rc & 0xff) ? extended : rc;
    }
    return err->code;
  }
}

sqlite3_stmt *jg_db_prepare(sqlite3 *db, const char *sql, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  int rc;
  if (err->code != JG_OK) {
    return NULL;
  }
  rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
  if (rc != SQLITE_OK) {
    jg_db_fail(db, rc, err);
  } else if (jg_writes_check(db, stmt, err) != JG_OK) {
    sqlite3_finalize(stmt);
    stmt = NULL;
  }
  assert((stmt != NULL) == (err->code == JG_OK)); /* sql holds a statement */
  return stmt;
}

sqlite3_stmt *jg_db_query(sqlite3 *db, const char *name, struct jg_err *err) {
  char path[128];
  const char *sql;
  snprintf(path, sizeof(path), "queries/%s.sql", name);
  sql = jg_embed_get(path);
  if (!sql) {
    jg_err_set(err, JG_ERROR, "this build lacks the query '%s'", name);
    return NULL;
  }
  return jg_db_prepare(db, sql, err);
}

sqlite3_stmt *jg_db_kept(sqlite3 *db, const char *name, sqlite3_stmt **kept,
                         struct jg_err *err) {
  if (!*kept) {
    *kept = jg_db_query(db, name, err);
  }
  return err->code == JG_OK ? *kept : NULL;
}

void jg_db_reset(sqlite3_stmt *stmt) {
  if (stmt) {
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
  }
}

/* The parameter's number, 0 when there is nothing to bind. */
static int place_of(sqlite3_stmt *stmt, const char *name,
                    const struct jg_err *err) {
  return stmt && err->code == JG_OK ? sqlite3_bind_parameter_index(stmt, name)
                                    : 0;
}

static void bound(sqlite3_stmt *stmt, int rc, struct jg_err *err) {
  if (rc != SQLITE_OK) {
    jg_db_fail(sqlite3_db_handle(stmt), rc, err);
  }
}

void jg_db_bind_text(sqlite3_stmt *stmt, const char *name, const char *text,
                     struct jg_err *err) {
  int at = place_of(stmt, name, err);
  if (at) {
    bound(stmt, sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT), err);
  }
}

void jg_db_bind_blob(sqlite3_stmt *stmt, const char *name, const void *blob,
                     size_t bytes, struct jg_err *err) {
  int at = place_of(stmt, name, err);
  if (at) {
    bound(stmt, sqlite3_bind_blob64(stmt, at, blob, bytes, SQLITE_STATIC), err);
  }
}

void jg_db_bind_int(sqlite3_stmt *stmt, const char *name, int64_t x,
                    struct jg_err *err) {
  int at = place_of(stmt, name, err);
  if (at) {
    bound(stmt, sqlite3_bind_int64(stmt, at, x), err);
  }
}

void jg_db_bind_real(sqlite3_stmt *stmt, const char *name, double x,
                     struct jg_err *err) {
  int at = place_of(stmt, name, err);
  if (at) {
    bound(stmt, sqlite3_bind_double(stmt, at, x), err);
  }
}

void jg_db_bind_value(sqlite3_stmt *stmt, const char *name,
                      const struct jg_value *value, struct jg_err *err) {
  int at = place_of(stmt, name, err);
  int rc = SQLITE_OK;
  if (!at) {
    return;
  }
  switch (value->type) {
  case JG_NULL:
    rc = sqlite3_bind_null(stmt, at);
    break;
  case JG_INT:
    rc = sqlite3_bind_int64(stmt, at, value->integer);
    break;
  case JG_REAL:
    rc = sqlite3_bind_double(stmt, at, value->real);
    break;
  case JG_TEXT:
    rc = sqlite3_bind_text64(stmt, at, value->text, value->len,
                             SQLITE_TRANSIENT, SQLITE_UTF8);
    break;
  }
  bound(stmt, rc, err);
}

int jg_db_step(sqlite3_stmt *stmt, struct jg_err *err) {
  int rc;
  if (err->code != JG_OK || !stmt) {
    return -1;
  }
  rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW) {
    return 1;
  }
  if (rc == SQLITE_DONE) {
    return 0;
  }
  jg_db_fail(sqlite3_db_handle(stmt), rc, err);
  return -1;
}

void jg_db_exec(sqlite3 *db, const char *sql, struct jg_err *err) {
  int rc;
  if (err->code == JG_OK) {
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
      jg_db_fail(db, rc, err);
    }
  }
}

int jg_db_run(sqlite3_stmt *stmt, struct jg_err *err) {
  while (jg_db_step(stmt, err) == 1) {
  }
  sqlite3_finalize(stmt);
  return err->code;
}

void jg_value_from_sqlite(sqlite3_value *from, struct jg_value *out,
                          struct jg_err *err) {
  const char *text;
  memset(out, 0, sizeof(*out));
  if (err->code != JG_OK) {
    return;
  }
  switch (sqlite3_value_type(from)) {
  case SQLITE_INTEGER:
    *out = jg_value_int(sqlite3_value_int64(from));
    return;
  case SQLITE_FLOAT:
    *out = jg_value_real(sqlite3_value_double(from));
    return;
  case SQLITE_NULL:
    return;
  default: /* a blob is read as the text it holds */
    text = (const char *)sqlite3_value_text(from);
    out->len = (size_t)sqlite3_value_bytes(from);
    if (!text && out->len > 0) {
      jg_err_nomem(err);
      return;
    }
    out->text = jg_mem_textn(text ? text : "", out->len, err);
    out->type = out->text ? JG_TEXT : JG_NULL;
  }
}

void jg_db_value(sqlite3_stmt *stmt, int column, struct jg_value *out,
                 struct jg_err *err) {
  jg_value_from_sqlite(sqlite3_column_value(stmt, column), out, err);
}

char *jg_db_text(sqlite3_stmt *stmt, int column, struct jg_err *err) {
  const char *text;
  if (err->code != JG_OK || sqlite3_column_type(stmt, column) == SQLITE_NULL) {
    return NULL;
  }
  text = (const char *)sqlite3_column_text(stmt, column);
  if (!text) {
    jg_err_nomem(err);
    return NULL;
  }
  return jg_mem_textn(text, (size_t)sqlite3_column_bytes(stmt, column), err);
}
