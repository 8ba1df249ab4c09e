/*
** Writing to the plain tables on behalf of the virtual ones. Their triggers and
** constraints decide; checks only put the reason into words.
*/
#include "api/table_write.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

int jg_table_write_begin(struct jg_table_vtab *vtab, const char **before,
                         struct jg_err *err) {
  struct jg_session *session = vtab->env->session;
  const char *name = vtab->table->name;
  if (session->checked.running > 0) {
    return jg_err_set(err, JG_ERROR,
                      "%s: written while SQL text of an option runs, which may "
                      "only read",
                      name);
  }
  if (jg_nesting_enter(&session->nesting, name, err) == JG_OK) {
    *before = session->nesting.actor;
    session->nesting.actor = name;
    vtab->env->writing++;
  }
  return err->code;
}

void jg_table_write_end(struct jg_table_vtab *vtab, const char *before) {
  struct jg_session *session = vtab->env->session;
  session->nesting.actor = before;
  jg_nesting_leave(&session->nesting);
  vtab->env->writing--;
}

/* sqlite3_value_dup() of an SQL NULL is spared: see keep.h. */
static int is_empty(sqlite3_value *value) {
  return sqlite3_value_type(value) == SQLITE_TEXT &&
         sqlite3_value_bytes(value) == 0;
}

void jg_table_bind(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                   sqlite3_value **values, int empties, struct jg_err *err) {
  jg_table_bind_at(vtab, stmt, 0, values, empties, err);
}

void jg_table_bind_at(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                      int before, sqlite3_value **values, int empties,
                      struct jg_err *err) {
  int i, rc = SQLITE_OK, most;
  if (!stmt || err->code != JG_OK) {
    return;
  }
  most = sqlite3_bind_parameter_count(stmt) - before;
  for (i = 0; i < vtab->table->column_count && i < most; i++) {
    if (!values[i] || (((empties >> i) & 1) && is_empty(values[i]))) {
      rc = sqlite3_bind_null(stmt, before + i + 1);
    } else {
      rc = sqlite3_bind_value(stmt, before + i + 1, values[i]);
    }
    if (rc != SQLITE_OK) {
      jg_db_fail(vtab->db, rc, err);
      return;
    }
  }
}

int jg_table_refused(const struct jg_err *err) {
  int code = err->sqlite_code & 0xff;
  return code == SQLITE_CONSTRAINT || code == SQLITE_ERROR;
}

int jg_table_run(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                 struct jg_err *err) {
  while (jg_db_step(stmt, err) == 1) {
  }
  jg_table_release(vtab, stmt);
  return err->code;
}

/* ---- many rows ---------------------------------------------------------- */

static sqlite3_stmt *acquire_many(struct jg_table_vtab *vtab, const char *query,
                                  size_t rows, struct jg_err *err) {
  size_t columns = (size_t)vtab->table->column_count, i;
  sqlite3_stmt *stmt = NULL;
  struct jg_buf sql;
  char path[128];
  snprintf(path, sizeof(path), "queries/%s.sql", query);
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&sql, jg_embed_get(path));
  for (i = 0; i < rows * columns; i++) {
    jg_buf_puts(&sql, i % columns ? ",?" : i ? "),(?" : "(?");
  }
  jg_buf_puts(&sql, ")) v");
  if (jg_buf_check(&sql, err) == JG_OK) {
    stmt = jg_table_acquire(vtab, jg_buf_text(&sql), err);
  }
  jg_buf_dispose(&sql);
  return stmt;
}

/* The largest load that fits count and the connection's limits; 0: none. */
static size_t load_for(const struct jg_table_vtab *vtab, size_t count) {
  static const size_t LOADS[] = {1024, 128, 16};
  size_t columns = (size_t)vtab->table->column_count, i;
  size_t most =
      (size_t)sqlite3_limit(vtab->db, SQLITE_LIMIT_VARIABLE_NUMBER, -1);
  size_t longest = (size_t)sqlite3_limit(vtab->db, SQLITE_LIMIT_SQL_LENGTH, -1);
  for (i = 0; i < sizeof(LOADS) / sizeof(*LOADS); i++) {
    if (LOADS[i] <= count && LOADS[i] * columns < most &&
        LOADS[i] * columns * 3 + 8192 < longest) {
      return LOADS[i];
    }
  }
  return 0;
}

size_t jg_table_put_many(struct jg_table_vtab *vtab, const char *query,
                         const char *first, const struct jg_kept_row *rows,
                         size_t count, int empties, struct jg_err *err) {
  size_t done = 0, load, i;
  while (err->code == JG_OK && (load = load_for(vtab, count - done)) > 0) {
    sqlite3_stmt *stmt = acquire_many(vtab, query, load, err);
    int before = first != NULL;
    if (stmt && first) {
      sqlite3_bind_text(stmt, 1, first, -1, SQLITE_TRANSIENT);
    }
    for (i = 0; i < load; i++) {
      jg_table_bind_at(vtab, stmt, before, rows[done + i].values, empties, err);
      before += vtab->table->column_count;
    }
    jg_table_run(vtab, stmt, err);
    done += load;
  }
  return done;
}

/* ---- single rows -------------------------------------------------------- */

/* The name of a column without its type. */
static void add_name(const struct jg_table_column *column, struct jg_buf *sql) {
  jg_buf_add(sql, column->name, strcspn(column->name, " "));
}

int jg_table_update(struct jg_table_vtab *vtab, const char *plain,
                    sqlite3_int64 rowid, sqlite3_value **values, int skip,
                    struct jg_err *err) {
  struct jg_buf sql;
  sqlite3_stmt *stmt = NULL;
  int i, changed = 0, place = 0;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&sql, "UPDATE main.%s SET ", plain);
  for (i = 0; i < vtab->table->column_count; i++) {
    if (!((skip >> i) & 1) && !sqlite3_value_nochange(values[i])) {
      jg_buf_puts(&sql, changed++ ? ", " : "");
      add_name(&vtab->table->columns[i], &sql);
      jg_buf_puts(&sql, " = ?");
    }
  }
  jg_buf_puts(&sql, " WHERE rowid = ?");
  if (changed > 0 && jg_buf_check(&sql, err) == JG_OK) {
    stmt = jg_table_acquire(vtab, jg_buf_text(&sql), err);
  }
  for (i = 0; stmt && i < vtab->table->column_count; i++) {
    if (!((skip >> i) & 1) && !sqlite3_value_nochange(values[i])) {
      sqlite3_bind_value(stmt, ++place, values[i]);
    }
  }
  if (stmt) {
    sqlite3_bind_int64(stmt, place + 1, rowid);
    jg_table_run(vtab, stmt, err);
  }
  jg_buf_dispose(&sql);
  return err->code;
}

int jg_table_delete(struct jg_table_vtab *vtab, const char *plain,
                    sqlite3_int64 rowid, struct jg_err *err) {
  struct jg_buf sql;
  sqlite3_stmt *stmt = NULL;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&sql, "DELETE FROM main.%s WHERE rowid = ?", plain);
  if (jg_buf_check(&sql, err) == JG_OK) {
    stmt = jg_table_acquire(vtab, jg_buf_text(&sql), err);
  }
  if (stmt) {
    sqlite3_bind_int64(stmt, 1, rowid);
    jg_table_run(vtab, stmt, err);
  }
  jg_buf_dispose(&sql);
  return err->code;
}

int jg_table_check(struct jg_table_vtab *vtab, const char *query,
                   sqlite3_value **values, int empties, int *duplicate,
                   struct jg_err *err) {
  sqlite3_stmt *stmt = jg_table_query(vtab, query, err);
  char *message = NULL;
  *duplicate = 0;
  jg_table_bind(vtab, stmt, values, empties, err);
  if (jg_db_step(stmt, err) == 1) {
    message = jg_db_text(stmt, 0, err);
    *duplicate = sqlite3_column_int(stmt, 1);
  }
  jg_table_release(vtab, stmt);
  if (message) {
    jg_err_set(err, JG_ERROR, "%s", message);
  }
  jg_mem_free(message);
  return err->code;
}
