/*
** Writing to the plain tables on behalf of the virtual ones. Their triggers and
** constraints decide; checks only put the reason into words.
*/
#include "api/table_write.h"

#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

static int is_empty(sqlite3_value *value) {
  return sqlite3_value_type(value) == SQLITE_TEXT &&
         sqlite3_value_bytes(value) == 0;
}

void jg_table_bind(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                   sqlite3_value **values, int empties, struct jg_err *err) {
  int i, rc = SQLITE_OK, most;
  if (!stmt || err->code != JG_OK) {
    return;
  }
  most = sqlite3_bind_parameter_count(stmt);
  for (i = 0; i < vtab->table->column_count && i < most; i++) {
    if (!((empties >> i) & 1) || !is_empty(values[i])) {
      rc = sqlite3_bind_value(stmt, i + 1, values[i]);
    }
    if (rc != SQLITE_OK) {
      jg_db_fail(vtab->db, rc, err);
      return;
    }
  }
}

int jg_table_run(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                 struct jg_err *err) {
  while (jg_db_step(stmt, err) == 1) {
  }
  jg_table_release(vtab, stmt);
  return err->code;
}

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
