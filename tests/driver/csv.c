/*
** A minimal CSV import for tests: RFC 4180 quotes, fields by position; a short
** row is filled up with NULL, as the sqlite3 shell does.
*/
#include "driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 100

struct row {
  char *text; /* the fields one after the other, each terminated */
  size_t bytes, cap;
  size_t starts[FIELDS]; /* of each field in text */
  int count;
};

static void put(struct row *row, char c) {
  if (row->bytes == row->cap) {
    row->cap = row->cap == 0 ? 1024 : row->cap * 2;
    row->text = realloc(row->text, row->cap);
  }
  if (row->text != NULL) {
    row->text[row->bytes++] = c;
  }
}

/* Reads a field; returns what ended it: ',', '\n' or EOF. */
static int read_field(FILE *file, struct row *row) {
  int quoted = 0;
  int c = getc(file);

  if (c == '"') {
    quoted = 1;
    c = getc(file);
  }
  while (c != EOF) {
    if (quoted && c == '"') {
      c = getc(file);
      if (c != '"') {
        quoted = 0;
        continue;
      }
    } else if (!quoted && (c == ',' || c == '\n')) {
      break;
    }
    if (quoted || c != '\r') {
      put(row, (char)c);
    }
    c = getc(file);
  }
  put(row, '\0');
  return c;
}

static int read_row(FILE *file, struct row *row) {
  int end;

  row->bytes = 0;
  row->count = 0;
  do {
    row->starts[row->count++] = row->bytes;
    end = read_field(file, row);
  } while (end == ',' && row->count < FIELDS);
  return end != EOF || row->bytes > 1;
}

static sqlite3_stmt *prepare_insert(struct driver *d, sqlite3 *db,
                                    const char *table, int *columns) {
  sqlite3_stmt *stmt = NULL;
  char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
  int i;

  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
    driver_say(d, "error: %s\n", sqlite3_errmsg(db));
    sqlite3_free(sql);
    return NULL;
  }
  *columns = sqlite3_column_count(stmt);
  sqlite3_finalize(stmt);
  sqlite3_free(sql);
  sql = sqlite3_mprintf("INSERT INTO \"%w\" VALUES(?", table);
  for (i = 1; i < *columns; i++) {
    sql = sqlite3_mprintf("%z,?", sql);
  }
  sql = sqlite3_mprintf("%z)", sql);
  stmt = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
    driver_say(d, "error: %s\n", sqlite3_errmsg(db));
  }
  sqlite3_free(sql);
  return stmt;
}

void driver_import(struct driver *d, const char *file_name, const char *table,
                   int skip) {
  FILE *file = fopen(file_name, "r");
  sqlite3 *db = driver_db(d);
  sqlite3_stmt *stmt;
  struct row row = {0};
  int columns = 0;
  int i;

  if (file == NULL || db == NULL) {
    driver_say(d, "error: cannot read %s\n", file_name);
    if (file != NULL) {
      fclose(file);
    }
    return;
  }
  stmt = prepare_insert(d, db, table, &columns);
  while (stmt != NULL && read_row(file, &row)) {
    if (skip-- > 0) {
      continue;
    }
    sqlite3_clear_bindings(stmt);
    for (i = 0; i < row.count && i < columns; i++) {
      sqlite3_bind_text(stmt, i + 1, row.text + row.starts[i], -1,
                        SQLITE_STATIC);
    }
    if (sqlite3_step(stmt) != SQLITE_DONE) {
      driver_say(d, "error: %s\n", sqlite3_errmsg(db));
    }
    sqlite3_reset(stmt);
  }
  sqlite3_finalize(stmt);
  free(row.text);
  fclose(file);
}
