/*
** The reading half of the virtual tables. The plan of a read is its SQL: it
** travels from xBestIndex to xFilter as idxStr, the columns asked for as a bit
** mask in idxNum.
*/
#include "api/table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "core/mem.h"
#include "store/db.h"
#include "store/writes.h"

SQLITE_EXTENSION_INIT3

#define STATEMENTS_KEPT 48
#define ROWS_GUESSED 1e6
#define UNIQUE_BIT (1 << 30) /* of idxNum: one row at most */

struct jg_statement {
  struct jg_statement *next;
  sqlite3_stmt *stmt;
  int busy;     /* lent out */
  int holds_us; /* is not kept, or its table would never be disconnected */
};

struct cursor {
  sqlite3_vtab_cursor base;
  sqlite3_stmt *stmt; /* of the last xFilter; kept for the next one */
  const char *plan;   /* the idxStr it was made from; lives with the host's
                      ** statement */
  int eof;
  int unique;                         /* one row at most */
  int mask;                           /* columns read */
  unsigned char at[JG_TABLE_COLUMNS]; /* place of a column in the row */
  int rowid_at;
};

/* ---- statements --------------------------------------------------------- */

static void drop_oldest(struct jg_table_vtab *vtab) {
  struct jg_statement **at = &vtab->statements, **oldest = NULL;
  struct jg_statement *gone;
  for (; *at; at = &(*at)->next) {
    if (!(*at)->busy) {
      oldest = at;
    }
  }
  if (oldest) {
    assert(vtab->statement_count > 0);
    gone = *oldest;
    *oldest = gone->next;
    sqlite3_finalize(gone->stmt);
    jg_mem_free(gone);
    vtab->statement_count--;
  }
}

static void explain_missing(struct jg_table_vtab *vtab, struct jg_err *err) {
  struct jg_err missing = {0};
  if (err->code == JG_SQLITE && (err->sqlite_code & 0xff) == SQLITE_ERROR &&
      jg_schema_require(vtab->db, &missing) == JG_ERROR) {
    jg_err_clear(err);
    jg_err_set(err, JG_ERROR, "%s", missing.text);
  }
}

static sqlite3_stmt *add_statement(struct jg_table_vtab *vtab, const char *sql,
                                   struct jg_err *err) {
  struct jg_statement *kept;
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v3(vtab->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                              &stmt, NULL);
  if (rc != SQLITE_OK) {
    jg_db_fail(vtab->db, rc, err);
    explain_missing(vtab, err);
    return NULL;
  }
  jg_writes_check(vtab->db, stmt, err);
  int holds_us = jg_writes_hold_us(&vtab->env->session->checked, stmt, err);
  kept = jg_mem_new(1, sizeof(*kept), err);
  if (!kept || err->code != JG_OK) {
    jg_mem_free(kept);
    sqlite3_finalize(stmt);
    return NULL;
  }
  if (vtab->statement_count >= STATEMENTS_KEPT) {
    drop_oldest(vtab);
  }
  kept->stmt = stmt;
  kept->busy = 1;
  kept->holds_us = holds_us;
  kept->next = vtab->statements;
  vtab->statements = kept;
  vtab->statement_count++;
  return stmt;
}

sqlite3_stmt *jg_table_acquire(struct jg_table_vtab *vtab, const char *sql,
                               struct jg_err *err) {
  struct jg_statement **at, *found;
  if (err->code != JG_OK) {
    return NULL;
  }
  for (at = &vtab->statements; *at; at = &(*at)->next) {
    found = *at;
    if (!found->busy && strcmp(sqlite3_sql(found->stmt), sql) == 0) {
      *at = found->next;
      found->next = vtab->statements;
      vtab->statements = found;
      found->busy = 1;
      return found->stmt;
    }
  }
  return add_statement(vtab, sql, err);
}

void jg_table_release(struct jg_table_vtab *vtab, sqlite3_stmt *stmt) {
  struct jg_statement **at = &vtab->statements, *kept;
  if (!stmt) {
    return;
  }
  while (*at && (*at)->stmt != stmt) {
    at = &(*at)->next;
  }
  kept = *at;
  assert(kept && "what is given back was lent");
  if (kept->holds_us) {
    assert(vtab->statement_count > 0);
    *at = kept->next;
    vtab->statement_count--;
    sqlite3_finalize(stmt);
    jg_mem_free(kept);
    return;
  }
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  kept->busy = 0;
}

sqlite3_stmt *jg_table_query(struct jg_table_vtab *vtab, const char *name,
                             struct jg_err *err) {
  char path[128];
  const char *sql;
  snprintf(path, sizeof(path), "queries/%s.sql", name);
  sql = jg_embed_get(path);
  if (!sql) {
    jg_err_set(err, JG_ERROR, "this build lacks the query '%s'", name);
    return NULL;
  }
  return jg_table_acquire(vtab, sql, err);
}

/* For OR IGNORE SQLite passes over each row that is refused as a constraint
** would. That is for ids that exist: a row that is wrong in itself stays an
** error, since nobody would miss the label that is not there. */
static int refusal_code(const struct jg_table_vtab *vtab, int code) {
  if (!vtab->env->writing || (code & 0xff) != SQLITE_CONSTRAINT ||
      sqlite3_vtab_on_conflict(vtab->db) != SQLITE_IGNORE) {
    return code;
  }
  switch (code) {
  case SQLITE_CONSTRAINT:
  case SQLITE_CONSTRAINT_UNIQUE:
  case SQLITE_CONSTRAINT_PRIMARYKEY:
    return code;
  default:
    return SQLITE_ERROR;
  }
}

int jg_table_fail(struct jg_table_vtab *vtab, const struct jg_err *err,
                  int refusal) {
  if (err->code == JG_OK) {
    return SQLITE_OK;
  }
  if (err->code == JG_NOMEM) {
    return SQLITE_NOMEM;
  }
  if (err->code == JG_INTERRUPTED) {
    return SQLITE_INTERRUPT;
  }
  sqlite3_free(vtab->base.zErrMsg);
  vtab->base.zErrMsg = sqlite3_mprintf("%s", err->text);
  if (!vtab->base.zErrMsg) {
    return SQLITE_NOMEM;
  }
  return refusal_code(vtab,
                      err->code == JG_SQLITE ? err->sqlite_code : refusal);
}

/* ---- connecting --------------------------------------------------------- */

/* Is the table about to stand in the file? The eponymous one never does; when
** SQLite calls for a CREATE, the row of the schema is written already. */
static int in_file(sqlite3 *db, const char *name) {
  struct jg_err err = {0};
  sqlite3_stmt *stmt = jg_db_prepare(
      db,
      "SELECT 1 FROM main.sqlite_schema WHERE name = @n COLLATE nocase"
      " AND sql LIKE 'CREATE VIRTUAL%'",
      &err);
  int found;
  jg_db_bind_text(stmt, "@n", name, &err);
  found = jg_db_step(stmt, &err) == 1;
  sqlite3_finalize(stmt);
  return found;
}

static int refuse_place(sqlite3 *db, int argc, const char *const *argv,
                        char **why) {
  if (argc > 3) {
    *why = sqlite3_mprintf("%s takes no arguments", argv[0]);
    return SQLITE_ERROR;
  }
  if (sqlite3_stricmp(argv[1], "temp") == 0 ||
      (sqlite3_stricmp(argv[2], argv[0]) == 0 && !in_file(db, argv[2]))) {
    return SQLITE_OK;
  }
  *why = sqlite3_mprintf("%s cannot be part of a file, which must work without "
                         "the extension: CREATE VIRTUAL TABLE temp.\"%w\" "
                         "USING %s",
                         argv[0], argv[2], argv[0]);
  return SQLITE_ERROR;
}

static char *declaration(const struct jg_table *table, struct jg_err *err) {
  struct jg_buf sql;
  char *text;
  int i;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&sql, "CREATE TABLE x(");
  for (i = 0; i < table->column_count; i++) {
    jg_buf_puts(&sql, i ? ", " : "");
    jg_buf_puts(&sql, table->columns[i].name);
  }
  jg_buf_puts(&sql, ")");
  text = jg_buf_take(&sql, err);
  jg_buf_dispose(&sql);
  return text;
}

int jg_table_connect(sqlite3 *db, struct jg_vtab_env *env,
                     const struct jg_table *table, int argc,
                     const char *const *argv, sqlite3_vtab **out, char **why) {
  struct jg_table_vtab *vtab;
  struct jg_err err = {0};
  char *sql;
  int rc = refuse_place(db, argc, argv, why);
  if (rc != SQLITE_OK) {
    return rc;
  }
  sql = declaration(table, &err);
  vtab = jg_mem_new(1, sizeof(*vtab), &err);
  rc = err.code == JG_OK ? sqlite3_declare_vtab(db, sql) : SQLITE_NOMEM;
  jg_mem_free(sql);
  if (rc != SQLITE_OK) {
    jg_mem_free(vtab);
    return rc;
  }
  vtab->db = db;
  vtab->env = env;
  vtab->table = table;
  vtab->next = env->connected;
  env->connected = vtab;
  jg_checked_add_table(&env->session->checked, &vtab->checked, &vtab->base);
  *out = &vtab->base;
  return SQLITE_OK;
}

int jg_table_disconnect(sqlite3_vtab *base) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)base;
  struct jg_table_vtab **at = &vtab->env->connected;
  while (*at && *at != vtab) {
    at = &(*at)->next;
  }
  if (*at) {
    *at = vtab->next;
  }
  jg_checked_drop_table(&vtab->env->session->checked, &vtab->checked);
  while (vtab->statements) {
    struct jg_statement *gone = vtab->statements;
    vtab->statements = gone->next;
    sqlite3_finalize(gone->stmt);
    jg_mem_free(gone);
  }
  jg_mem_free(vtab);
  return SQLITE_OK;
}

int jg_table_rename(sqlite3_vtab *base, const char *name) {
  (void)base;
  (void)name;
  return SQLITE_OK;
}

/* ---- planning ----------------------------------------------------------- */

static const char *column_sql(const struct jg_table *table, int column) {
  const char *sql = column < 0 ? table->rowid : table->columns[column].sql;
  return sql ? sql : table->column_sql(column);
}

static enum jg_column_key key_of(const struct jg_table *table, int column) {
  return column < 0 ? JG_COLUMN_UNIQUE : table->columns[column].key;
}

/* The operator as SQL; NULL: SQLite compares by itself. */
static const char *operator_sql(unsigned char op) {
  switch (op) {
  case SQLITE_INDEX_CONSTRAINT_EQ:
    return " = ";
  case SQLITE_INDEX_CONSTRAINT_IS:
    return " IS ";
  case SQLITE_INDEX_CONSTRAINT_GT:
    return " > ";
  case SQLITE_INDEX_CONSTRAINT_GE:
    return " >= ";
  case SQLITE_INDEX_CONSTRAINT_LT:
    return " < ";
  case SQLITE_INDEX_CONSTRAINT_LE:
    return " <= ";
  case SQLITE_INDEX_CONSTRAINT_ISNULL:
    return " IS NULL";
  case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
    return " IS NOT NULL";
  default:
    return NULL;
  }
}

static int takes_value(unsigned char op) {
  return op != SQLITE_INDEX_CONSTRAINT_ISNULL &&
         op != SQLITE_INDEX_CONSTRAINT_ISNOTNULL;
}

struct estimate {
  double rows; /* returned */
  double cost; /* visited */
  int unique;
};

/* Narrows the guess: an index makes the visited rows few, any comparison the
** returned ones. */
static void narrow(struct estimate *e, enum jg_column_key key, int op) {
  int equal =
      op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS;
  static const double LEFT[] = {1, 0.25, 0.1, 1e-5, 0};
  double left = equal ? LEFT[key] : 0.5;
  if (equal && key == JG_COLUMN_UNIQUE) {
    e->unique = op == SQLITE_INDEX_CONSTRAINT_EQ;
  }
  e->rows *= left;
  if (key >= JG_COLUMN_RANGE && ROWS_GUESSED * left < e->cost) {
    e->cost = ROWS_GUESSED * left;
  }
}

static void add_columns(const struct jg_table *table, sqlite3_index_info *info,
                        struct jg_buf *sql) {
  int i;
  jg_buf_puts(sql, "SELECT ");
  for (i = 0; i < table->column_count; i++) {
    if (info->colUsed & ((sqlite3_uint64)1 << i)) {
      jg_buf_puts(sql, column_sql(table, i));
      jg_buf_puts(sql, ", ");
      info->idxNum |= 1 << i;
    }
  }
  jg_buf_puts(sql, table->rowid);
  jg_buf_puts(sql, " FROM ");
  jg_buf_puts(sql, table->from);
}

static void add_filters(const struct jg_table *table, sqlite3_index_info *info,
                        struct estimate *e, struct jg_buf *sql) {
  int i, values = 0, any = 0;
  for (i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    const char *op = operator_sql(c->op);
    if (!c->usable || !op || key_of(table, c->iColumn) == JG_COLUMN_READ ||
        sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") != 0) {
      continue;
    }
    jg_buf_puts(sql, any++ ? " AND " : " WHERE ");
    jg_buf_puts(sql, column_sql(table, c->iColumn));
    jg_buf_puts(sql, op);
    if (takes_value(c->op)) {
      jg_buf_printf(sql, "?%d", ++values);
      info->aConstraintUsage[i].argvIndex = values;
    }
    info->aConstraintUsage[i].omit = takes_value(c->op) ? 1 : 0;
    narrow(e, key_of(table, c->iColumn), c->op);
  }
}

static void add_order(const struct jg_table *table, sqlite3_index_info *info,
                      struct jg_buf *sql) {
  int i;
  for (i = 0; i < info->nOrderBy; i++) {
    if (key_of(table, info->aOrderBy[i].iColumn) == JG_COLUMN_READ) {
      return;
    }
  }
  for (i = 0; i < info->nOrderBy; i++) {
    jg_buf_puts(sql, i ? ", " : " ORDER BY ");
    jg_buf_puts(sql, column_sql(table, info->aOrderBy[i].iColumn));
    jg_buf_puts(sql, info->aOrderBy[i].desc ? " DESC" : "");
  }
  info->orderByConsumed = info->nOrderBy > 0;
}

int jg_table_best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)base;
  struct estimate e = {ROWS_GUESSED, ROWS_GUESSED, 0};
  struct jg_err err = {0};
  struct jg_buf sql;
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  info->idxNum = 0;
  add_columns(vtab->table, info, &sql);
  add_filters(vtab->table, info, &e, &sql);
  add_order(vtab->table, info, &sql);
  if (jg_buf_check(&sql, &err) == JG_OK) {
    info->idxStr = sqlite3_mprintf("%s", jg_buf_text(&sql));
    info->needToFreeIdxStr = 1;
  }
  jg_buf_dispose(&sql);
  if (!info->idxStr) {
    return SQLITE_NOMEM;
  }
  if (e.unique) {
    info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    info->idxNum |= UNIQUE_BIT;
  }
  info->estimatedRows = e.rows < 1 ? 1 : (sqlite3_int64)e.rows;
  info->estimatedCost = 5 + 2 * e.cost;
  return SQLITE_OK;
}

/* ---- reading ------------------------------------------------------------ */

int jg_table_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  struct jg_err err = {0};
  struct cursor *c = jg_mem_new(1, sizeof(*c), &err);
  (void)base;
  if (!c) {
    return SQLITE_NOMEM;
  }
  c->eof = 1;
  *out = &c->base;
  return SQLITE_OK;
}

int jg_table_close(sqlite3_vtab_cursor *base) {
  struct cursor *c = (struct cursor *)base;
  jg_table_release((struct jg_table_vtab *)base->pVtab, c->stmt);
  jg_mem_free(c);
  return SQLITE_OK;
}

/* Readies the cursor's statement for this SQL. */
static int prepare(struct cursor *c, int mask, const char *sql,
                   struct jg_err *err) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)c->base.pVtab;
  int i, at = 0;
  if (c->stmt && c->plan == sql) {
    sqlite3_reset(c->stmt);
    return JG_OK;
  }
  jg_table_release(vtab, c->stmt);
  c->stmt = jg_table_acquire(vtab, sql, err);
  if (!c->stmt) {
    return err->code;
  }
  c->plan = sql;
  c->unique = (mask & UNIQUE_BIT) != 0;
  c->mask = mask;
  for (i = 0; i < vtab->table->column_count; i++) {
    c->at[i] = (unsigned char)at;
    at += (mask >> i) & 1;
  }
  c->rowid_at = at;
  return JG_OK;
}

static int fail_step(struct cursor *c, int rc) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)c->base.pVtab;
  struct jg_err err = {0};
  jg_db_fail(vtab->db, rc, &err);
  return jg_table_fail(vtab, &err, SQLITE_ERROR);
}

static int step(struct cursor *c) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)c->base.pVtab;
  struct jg_nesting *nesting = &vtab->env->session->nesting;
  struct jg_err err = {0};
  int rc;
  if (jg_nesting_enter(nesting, vtab->table->name, &err) != JG_OK) {
    c->eof = 1;
    return jg_table_fail(vtab, &err, SQLITE_ERROR);
  }
  rc = sqlite3_step(c->stmt);
  jg_nesting_leave(nesting);
  if (rc == SQLITE_ROW) {
    vtab->env->rows_visited++;
    return SQLITE_OK;
  }
  c->eof = 1;
  return rc == SQLITE_DONE ? SQLITE_OK : fail_step(c, rc);
}

int jg_table_next(sqlite3_vtab_cursor *base) {
  struct cursor *c = (struct cursor *)base;
  if (c->unique) { /* xFilter or xClose resets the statement */
    c->eof = 1;
    return SQLITE_OK;
  }
  return step(c);
}

/* The values live until xFilter returns: enough when one step is all. */
static int bind(struct cursor *c, int place, sqlite3_value *value) {
  if (c->unique && sqlite3_value_type(value) == SQLITE_TEXT) {
    const char *text = (const char *)sqlite3_value_text(value);
    return sqlite3_bind_text(c->stmt, place, text, sqlite3_value_bytes(value),
                             SQLITE_STATIC);
  }
  return sqlite3_bind_value(c->stmt, place, value);
}

int jg_table_filter(sqlite3_vtab_cursor *base, int mask, const char *sql,
                    int argc, sqlite3_value **argv) {
  struct cursor *c = (struct cursor *)base;
  struct jg_err err = {0};
  int i, rc;
  c->eof = 0;
  if (prepare(c, mask, sql, &err) != JG_OK) {
    c->eof = 1;
    return jg_table_fail((struct jg_table_vtab *)base->pVtab, &err,
                         SQLITE_ERROR);
  }
  for (i = 0; i < argc; i++) {
    rc = bind(c, i + 1, argv[i]);
    if (rc != SQLITE_OK) {
      return rc;
    }
  }
  return step(c);
}

int jg_table_eof(sqlite3_vtab_cursor *base) {
  return ((struct cursor *)base)->eof;
}

int jg_table_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                    int column) {
  struct cursor *c = (struct cursor *)base;
  if (((c->mask >> column) & 1) && !sqlite3_vtab_nochange(context)) {
    sqlite3_result_value(context, sqlite3_column_value(c->stmt, c->at[column]));
  }
  return SQLITE_OK;
}

int jg_table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  struct cursor *c = (struct cursor *)base;
  *rowid = sqlite3_column_int64(c->stmt, c->rowid_at);
  return SQLITE_OK;
}
