/*
** From any earlier shape of the tables to a given one.
**
** The shape wanted, the model, is made by its SQL in a private :memory:
** connection. What the file has is then compared with it object by object, and
** an object's text in sqlite_schema is replaced where it differs. That is the
** procedure of sqlite.org/lang_altertable.html, section 7, for changes that do
** not touch what is stored: other types of the same affinity, other constraints,
** columns that are added at the end. Nothing is dropped, so that rows keep their
** rowids, and columns, indexes, triggers and views of the user's stay without
** being looked for, however large the tables are.
**
** 1. The order of the columns is what is stored: a table's new text has the
**    file's columns in the file's order, ours as the model defines them, the
**    user's as they are, then the model's that are new.
** 2. A text that is put together here has been read by SQLite, as part of the
**    model, before the file gets it.
** 3. A table WITHOUT ROWID where the model has rowids is stored in another way:
**    its rows are copied. No table can be dropped while a statement of the
**    caller's runs, so its empty tree becomes that of the primary key.
** 4. writable_schema and the defensive flag are as they were when it returns.
** 5. A table whose keys are not the model's, which somebody made anew, is an
**    error: the indexes of its keys are not there.
*/
#include "store/reshape.h"

#include <string.h>
#include "core/buf.h"
#include "core/ddl.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

struct reshape {
  sqlite3 *db;
  sqlite3 *model;
  struct jg_buf after; /* SQL to run once SQLite has read the new texts */
};

/* An object of the model, lent by the statement that walks through it. */
struct model_object {
  const char *type, *name, *table, *sql;
};

typedef void reshape_step(struct reshape *r, const struct model_object *object,
                          struct jg_err *err);

/* Runs the step for each object of the model that the condition chooses. */
static void reshape_walk(struct reshape *r, const char *condition,
                         reshape_step *step, struct jg_err *err) {
  static const char SELECT[] =
      "SELECT type, name, tbl_name, sql FROM sqlite_schema"
      " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
      " AND name <> 'judge_meta' AND ";
  sqlite3_stmt *stmt;
  struct jg_buf sql;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&sql, SELECT);
  jg_buf_puts(&sql, condition);
  jg_buf_check(&sql, err);
  stmt = jg_db_prepare(r->model, jg_buf_text(&sql), err);
  while (jg_db_step(stmt, err) == 1) {
    struct model_object object = {
        .type = (const char *)sqlite3_column_text(stmt, 0),
        .name = (const char *)sqlite3_column_text(stmt, 1),
        .table = (const char *)sqlite3_column_text(stmt, 2),
        .sql = (const char *)sqlite3_column_text(stmt, 3)};
    if (!object.type || !object.name || !object.table || !object.sql) {
      jg_err_nomem(err);
    } else {
      step(r, &object, err);
    }
  }
  sqlite3_finalize(stmt);
  jg_buf_dispose(&sql);
}

/* The text of the file's object of that kind and name, or NULL; the caller's to
** free. */
static char *file_sql(struct reshape *r, const struct model_object *object,
                      struct jg_err *err) {
  char *sql = NULL;
  sqlite3_stmt *stmt =
      jg_db_prepare(r->db,
                    "SELECT sql FROM main.sqlite_schema"
                    " WHERE type = @type AND name = @name COLLATE nocase",
                    err);
  jg_db_bind_text(stmt, "@type", object->type, err);
  jg_db_bind_text(stmt, "@name", object->name, err);
  if (jg_db_step(stmt, err) == 1) {
    sql = jg_db_text(stmt, 0, err);
  }
  sqlite3_finalize(stmt);
  return sql;
}

/* ---- the text of a table ---- */

static void add_part(struct jg_buf *to, const struct jg_ddl_part *part) {
  if (to->data[to->len - 1] != '(') {
    jg_buf_putc(to, ',');
  }
  jg_buf_puts(to, "\n  ");
  jg_buf_add(to, part->text, part->bytes);
}

/* Promise 1. */
static char *merge(const char *name, const struct jg_ddl *have,
                   const struct jg_ddl *want, struct jg_err *err) {
  struct jg_buf to;
  size_t i;
  jg_buf_init(&to, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&to, "CREATE TABLE ");
  jg_buf_puts(&to, name);
  jg_buf_putc(&to, '(');
  for (i = 0; i < have->count && jg_buf_check(&to, err) == JG_OK; i++) {
    const char *column = have->parts[i].name;
    int at = column != NULL ? jg_ddl_find(want, column) : -1;
    if (column != NULL) {
      add_part(&to, at >= 0 ? &want->parts[at] : &have->parts[i]);
    }
  }
  for (i = 0; i < want->count && jg_buf_check(&to, err) == JG_OK; i++) {
    const char *column = want->parts[i].name;
    if (column == NULL || jg_ddl_find(have, column) < 0) {
      add_part(&to, &want->parts[i]);
    }
  }
  jg_buf_puts(&to, "\n) ");
  jg_buf_add(&to, want->tail, want->tail_bytes);
  return jg_buf_take(&to, err);
}

/* Do the columns begin as the wanted ones, with none of the user's? */
static int is_beginning(const struct jg_ddl *have, const struct jg_ddl *want) {
  size_t i;
  for (i = 0; i < have->count && have->parts[i].name != NULL; i++) {
    if (jg_ddl_find(want, have->parts[i].name) != (int)i) {
      return 0;
    }
  }
  return 1;
}

/* What the table's text shall be; *copied: its rows must be. Promise 3. */
static char *table_sql(const struct model_object *object, const char *old,
                       int *copied, struct jg_err *err) {
  struct jg_ddl have = {0}, want = {0};
  char *sql = NULL;
  if (jg_ddl_read(old, &have, err) == JG_OK &&
      jg_ddl_read(object->sql, &want, err) == JG_OK) {
    *copied = (have.tail_bytes > 0) != (want.tail_bytes > 0);
    sql = is_beginning(&have, &want) ? jg_mem_text(object->sql, err)
                                     : merge(object->name, &have, &want, err);
  }
  jg_ddl_dispose(&have);
  jg_ddl_dispose(&want);
  return sql;
}

/* ---- what is done ---- */

/* Replaces a text of sqlite_schema, which must be writable. */
static void rewrite(sqlite3 *db, const struct model_object *object,
                    const char *sql, struct jg_err *err) {
  sqlite3_stmt *stmt =
      jg_db_prepare(db,
                    "UPDATE main.sqlite_schema SET sql = @sql"
                    " WHERE type = @type AND name = @name COLLATE nocase",
                    err);
  jg_db_bind_text(stmt, "@sql", sql, err);
  jg_db_bind_text(stmt, "@type", object->type, err);
  jg_db_bind_text(stmt, "@name", object->name, err);
  jg_db_run(stmt, err);
}

static char *keys_of(sqlite3 *db, const char *name, struct jg_err *err) {
  char *keys = NULL;
  sqlite3_stmt *stmt = jg_db_query(db, "reshape_keys", err);
  jg_db_bind_text(stmt, "@name", name, err);
  if (jg_db_step(stmt, err) == 1) {
    keys = jg_db_text(stmt, 0, err);
  }
  sqlite3_finalize(stmt);
  return keys;
}

/* Promise 5. */
static void check_keys(struct reshape *r, const struct model_object *object,
                       const char *old, struct jg_err *err) {
  char *have = keys_of(r->db, object->name, err);
  char *want = keys_of(r->model, object->name, err);
  if (err->code == JG_OK &&
      (strncmp(old, "CREATE TABLE ", 13) != 0 || strcmp(have, want) != 0)) {
    jg_err_set(err, JG_ERROR,
               "judge_init: the table %s has other keys than the one that"
               " judge_init() makes: rename it, run judge_init() again, and"
               " insert its rows",
               object->name);
  }
  jg_mem_free(have);
  jg_mem_free(want);
}

/* Runs a statement that names the object's table. */
static void exec_named(struct reshape *r, const char *format, const char *name,
                       struct jg_err *err) {
  char *sql = sqlite3_mprintf(format, name, name);
  if (sql == NULL) {
    jg_err_nomem(err);
  }
  jg_db_exec(r->db, sql, err);
  sqlite3_free(sql);
}

/* Makes a table that the file lacks; takes the rows out of one that is stored
** in another way. */
static void make_table(struct reshape *r, const struct model_object *object,
                       struct jg_err *err) {
  char *old = file_sql(r, object, err);
  char *sql = NULL;
  int copied = 0;
  if (err->code == JG_OK && old == NULL) {
    jg_db_exec(r->db, object->sql, err);
  } else if (err->code == JG_OK) {
    check_keys(r, object, old, err);
    sql = table_sql(object, old, &copied, err);
    if (err->code == JG_OK && copied) {
      exec_named(r,
                 "CREATE TABLE main.judge_rows AS SELECT * FROM main.\"%w\";"
                 "DELETE FROM main.\"%w\"",
                 object->name, err);
    }
  }
  jg_mem_free(old);
  jg_mem_free(sql);
}

static int64_t root_of(struct reshape *r, const char *name,
                       struct jg_err *err) {
  int64_t root = 0;
  sqlite3_stmt *stmt = jg_db_prepare(
      r->db, "SELECT rootpage FROM main.sqlite_schema WHERE name = @name", err);
  jg_db_bind_text(stmt, "@name", name, err);
  if (jg_db_step(stmt, err) == 1) {
    root = sqlite3_column_int64(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return root;
}

/* The index, or all of the table, holds other rows than its new text says. */
static void redo_index(struct reshape *r, const char *name) {
  jg_buf_puts(&r->after, "REINDEX main.");
  jg_buf_puts(&r->after, name);
  jg_buf_putc(&r->after, ';');
}

/* Puts the rows that were taken out into the table: its tree and that of
** judge_rows change places, and judge_rows becomes its index. */
static void put_rows(struct reshape *r, const char *name, struct jg_err *err) {
  int64_t empty = root_of(r, name, err), rows = root_of(r, "judge_rows", err);
  sqlite3_stmt *stmt = jg_db_prepare(
      r->db,
      "UPDATE main.sqlite_schema SET rootpage = @rows WHERE name = @name", err);
  jg_db_bind_int(stmt, "@rows", rows, err);
  jg_db_bind_text(stmt, "@name", name, err);
  jg_db_run(stmt, err);
  stmt = jg_db_query(r->db, "reshape_index", err);
  jg_db_bind_int(stmt, "@empty", empty, err);
  jg_db_bind_text(stmt, "@name", name, err);
  jg_db_run(stmt, err);
  redo_index(r, name);
}

static void check_text(struct reshape *r, const struct model_object *object,
                       const char *sql, struct jg_err *err) {
  if (strcmp(sql, object->sql) != 0) {
    rewrite(r->model, object, sql, err);
    jg_db_exec(r->model,
               "PRAGMA writable_schema = RESET;"
               "SELECT count(*) FROM judge_trace;"
               "PRAGMA writable_schema = ON",
               err);
  }
}

static void rewrite_table(struct reshape *r, const struct model_object *object,
                          struct jg_err *err) {
  char *old = file_sql(r, object, err);
  int copied = 0;
  char *sql = old != NULL ? table_sql(object, old, &copied, err) : NULL;
  if (sql != NULL && strcmp(sql, old) != 0) {
    check_text(r, object, sql, err);
    rewrite(r->db, object, sql, err);
  }
  if (copied) {
    put_rows(r, object->name, err);
  }
  jg_mem_free(old);
  jg_mem_free(sql);
}

/* A view's name may be that of a table of the user's. */
static void check_name(struct reshape *r, const struct model_object *object,
                       struct jg_err *err) {
  sqlite3_stmt *stmt =
      jg_db_prepare(r->db,
                    "SELECT type FROM main.sqlite_schema"
                    " WHERE name = @name COLLATE nocase"
                    " AND (type = 'trigger') = (@type = 'trigger')",
                    err);
  jg_db_bind_text(stmt, "@name", object->name, err);
  jg_db_bind_text(stmt, "@type", object->type, err);
  if (jg_db_step(stmt, err) == 1) {
    jg_err_set(err, JG_SQLITE, "%s %s already exists",
               (const char *)sqlite3_column_text(stmt, 0), object->name);
    err->sqlite_code = SQLITE_ERROR;
  }
  sqlite3_finalize(stmt);
}

/* Triggers and views, whose text is all there is of them. */
static void rewrite_other(struct reshape *r, const struct model_object *object,
                          struct jg_err *err) {
  char *old = file_sql(r, object, err);
  sqlite3_stmt *stmt;
  if (err->code == JG_OK && old != NULL) {
    rewrite(r->db, object, object->sql, err);
  } else if (err->code == JG_OK) {
    check_name(r, object, err);
    stmt = jg_db_prepare(r->db,
                         "INSERT INTO main.sqlite_schema"
                         " VALUES(@type, @name, @table, 0, @sql)",
                         err);
    jg_db_bind_text(stmt, "@type", object->type, err);
    jg_db_bind_text(stmt, "@name", object->name, err);
    jg_db_bind_text(stmt, "@table", object->table, err);
    jg_db_bind_text(stmt, "@sql", object->sql, err);
    jg_db_run(stmt, err);
  }
  jg_mem_free(old);
}

static void rewrite_index(struct reshape *r, const struct model_object *object,
                          struct jg_err *err) {
  char *old = file_sql(r, object, err);
  if (old != NULL && strcmp(old, object->sql) != 0) {
    rewrite(r->db, object, object->sql, err);
    redo_index(r, object->name);
  }
  jg_mem_free(old);
}

static void make_index(struct reshape *r, const struct model_object *object,
                       struct jg_err *err) {
  char *old = file_sql(r, object, err);
  if (old == NULL) {
    jg_db_exec(r->db, object->sql, err);
  }
  jg_mem_free(old);
}

/* The number that tells other connections to read the schema anew, and this one
** after a rollback. */
static void bump_schema_version(sqlite3 *db, struct jg_err *err) {
  char *sql = NULL;
  sqlite3_stmt *stmt = jg_db_prepare(db, "PRAGMA main.schema_version", err);
  if (jg_db_step(stmt, err) == 1) {
    sql = sqlite3_mprintf("PRAGMA main.schema_version = %d",
                          (sqlite3_column_int(stmt, 0) + 1) & 0x7fffffff);
    if (sql == NULL) {
      jg_err_nomem(err);
    }
  }
  sqlite3_finalize(stmt);
  jg_db_exec(db, sql, err);
  sqlite3_free(sql);
}

/* Rewrites what is text only, and has SQLite read it. Promise 4. */
static void rewrite_all(struct reshape *r, struct jg_err *err) {
  struct jg_err failed = {0};
  int defensive = 0, writable = 0;
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &writable);
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
  bump_schema_version(r->db, err);
  reshape_walk(r, "type = 'table'", rewrite_table, err);
  reshape_walk(r, "type IN ('trigger', 'view')", rewrite_other, err);
  reshape_walk(r, "type = 'index'", rewrite_index, err);
  jg_db_exec(r->db, "PRAGMA writable_schema = RESET", &failed);
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, writable, NULL);
  sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, defensive, NULL);
  jg_db_exec(r->db, "SELECT count(*) FROM main.judge_trace", err);
  if (err->code == JG_OK) {
    *err = failed;
  }
}

int jg_reshape(sqlite3 *db, const char *sql, struct jg_err *err) {
  struct reshape r = {.db = db};
  int rc = sqlite3_open_v2(":memory:", &r.model,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
  jg_buf_init(&r.after, JG_BUF_LIMIT_BYTES);
  if (rc != SQLITE_OK && err->code == JG_OK) {
    jg_db_fail(r.model, rc, err);
  }
  jg_db_exec(r.model, sql, err);
  jg_db_exec(r.model, "PRAGMA writable_schema = ON", err);
  reshape_walk(&r, "type = 'table'", make_table, err);
  if (err->code == JG_OK) {
    rewrite_all(&r, err);
  }
  jg_buf_check(&r.after, err);
  jg_db_exec(r.db, jg_buf_text(&r.after), err);
  reshape_walk(&r, "type = 'index'", make_index, err);
  jg_buf_dispose(&r.after);
  sqlite3_close(r.model);
  return (int)err->code;
}
