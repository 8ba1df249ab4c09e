/* The one virtual table behind all table-valued functions. */
#include "api/rows.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"

SQLITE_EXTENSION_INIT3

#define ARGUMENTS_MOST 4

struct jg_rows {
  struct jg_value *cells; /* columns * count */
  size_t count, cap;      /* rows; cells */
  int columns;
};

/* What a module points to. */
struct module {
  struct jg_session *session;
  const struct jg_rows_function *function;
};

struct table {
  sqlite3_vtab base; /* first: SQLite's */
  struct module *module;
  struct jg_checked_table checked;
};

struct cursor {
  sqlite3_vtab_cursor base; /* first: SQLite's */
  struct jg_rows rows;
  size_t at;
};

/* ---- rows --------------------------------------------------------------- */

static void rows_dispose(struct jg_rows *rows) {
  for (size_t i = 0; i < rows->count * (size_t)rows->columns; i++) {
    jg_value_dispose(&rows->cells[i]);
  }
  jg_mem_free(rows->cells);
  rows->cells = NULL;
  rows->count = rows->cap = 0;
}

int jg_rows_add(struct jg_rows *rows, struct jg_err *err) {
  size_t need = (rows->count + 1) * (size_t)rows->columns;
  if (jg_mem_grow(&rows->cells, &rows->cap, need, sizeof(*rows->cells), err) ==
      JG_OK) {
    rows->count++;
  }
  return err->code;
}

void jg_rows_value(struct jg_rows *rows, int column, struct jg_value *value) {
  assert(rows->count > 0 && column >= 0 && column < rows->columns);
  struct jg_value *cell =
      &rows->cells[(rows->count - 1) * (size_t)rows->columns + (size_t)column];
  jg_value_dispose(cell);
  *cell = *value;
  memset(value, 0, sizeof(*value));
}

void jg_rows_text(struct jg_rows *rows, int column, const char *text,
                  struct jg_err *err) {
  struct jg_value value = {.type = JG_NULL};
  if (text && err->code == JG_OK) {
    struct jg_value lent = jg_value_lend(text);
    if (jg_value_copy(&value, &lent, err) == JG_OK) {
      jg_rows_value(rows, column, &value);
    }
  }
}

void jg_rows_int(struct jg_rows *rows, int column, int64_t x) {
  struct jg_value value = jg_value_int(x);
  jg_rows_value(rows, column, &value);
}

void jg_rows_real(struct jg_rows *rows, int column, double x) {
  if (!isnan(x)) {
    struct jg_value value = jg_value_real(x);
    jg_rows_value(rows, column, &value);
  }
}

/* ---- the virtual table -------------------------------------------------- */

static int connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **why) {
  struct module *module = aux;
  (void)argc;
  (void)argv;
  (void)why;
  int rc = sqlite3_declare_vtab(db, module->function->declaration);
  if (rc == SQLITE_OK && module->function->takes_sql) {
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  }
  if (rc != SQLITE_OK) {
    return rc;
  }
  struct table *table = sqlite3_malloc64(sizeof(*table));
  if (!table) {
    return SQLITE_NOMEM;
  }
  memset(table, 0, sizeof(*table));
  table->module = module;
  jg_checked_add_table(&module->session->checked, &table->checked,
                       &table->base);
  *out = &table->base;
  return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base) {
  struct table *table = (struct table *)base;
  jg_checked_drop_table(&table->module->session->checked, &table->checked);
  sqlite3_free(table);
  return SQLITE_OK;
}

static int refuse(sqlite3_vtab *base, const struct jg_err *err) {
  sqlite3_free(base->zErrMsg);
  base->zErrMsg = sqlite3_mprintf("%s", err->text);
  return err->code == JG_NOMEM         ? SQLITE_NOMEM
         : err->code == JG_INTERRUPTED ? SQLITE_INTERRUPT
         : err->code == JG_SQLITE      ? err->sqlite_code
                                       : SQLITE_ERROR;
}

/* idxNum is the mask of arguments given, in order. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info) {
  const struct jg_rows_function *f = ((struct table *)base)->module->function;
  int where[ARGUMENTS_MOST] = {-1, -1, -1, -1};
  int given = 0, usable = 0, next = 1;
  for (int i = 0; i < info->nConstraint; i++) {
    int argument = info->aConstraint[i].iColumn - f->columns;
    if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) {
      continue;
    }
    given |= 1 << argument;
    if (info->aConstraint[i].usable) {
      usable |= 1 << argument;
      where[argument] = i;
    }
  }
  if (usable != given) {
    return SQLITE_CONSTRAINT;
  }
  for (int i = 0; i < f->most; i++) {
    if (where[i] >= 0) {
      info->aConstraintUsage[where[i]].argvIndex = next++;
      info->aConstraintUsage[where[i]].omit = 1;
    }
  }
  info->idxNum = usable;
  info->estimatedCost = 1000;
  info->estimatedRows = 100;
  return SQLITE_OK;
}

static int open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
  struct cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
  if (!cursor) {
    return SQLITE_NOMEM;
  }
  memset(cursor, 0, sizeof(*cursor));
  cursor->rows.columns = ((struct table *)base)->module->function->columns;
  *out = &cursor->base;
  return SQLITE_OK;
}

static int close(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  rows_dispose(&cursor->rows);
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int mask, const char *text,
                  int argc, sqlite3_value **argv) {
  struct cursor *cursor = (struct cursor *)base;
  struct module *module = ((struct table *)base->pVtab)->module;
  const struct jg_rows_function *f = module->function;
  const char *arguments[ARGUMENTS_MOST] = {NULL, NULL, NULL, NULL};
  struct jg_err err = {.code = JG_OK};
  int at = 0;
  (void)text;
  assert(f->need <= f->most && f->most <= ARGUMENTS_MOST);
  for (int i = 0; i < f->most && at < argc; i++) {
    if (mask & (1 << i)) {
      arguments[i] = (const char *)sqlite3_value_text(argv[at++]);
    }
  }
  for (int i = 0; i < f->need; i++) {
    if (!arguments[i]) {
      jg_err_set(&err, JG_ERROR, "%s: argument %d is missing", f->name, i + 1);
    }
  }
  rows_dispose(&cursor->rows);
  cursor->at = 0;
  if (err.code == JG_OK &&
      jg_nesting_enter(&module->session->nesting, f->name, &err) == JG_OK) {
    f->fill(module->session, arguments, &cursor->rows, &err);
    jg_nesting_leave(&module->session->nesting);
  }
  return err.code == JG_OK ? SQLITE_OK : refuse(base->pVtab, &err);
}

static int next(sqlite3_vtab_cursor *base) {
  ((struct cursor *)base)->at++;
  return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base) {
  const struct cursor *cursor = (const struct cursor *)base;
  return cursor->at >= cursor->rows.count;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int at) {
  const struct cursor *cursor = (const struct cursor *)base;
  const struct jg_rows *rows = &cursor->rows;
  if (at >= rows->columns) {
    return SQLITE_OK; /* an argument: SQLite checked it */
  }
  const struct jg_value *v =
      &rows->cells[cursor->at * (size_t)rows->columns + (size_t)at];
  switch (v->type) {
  case JG_INT:
    sqlite3_result_int64(context, v->integer);
    break;
  case JG_REAL:
    sqlite3_result_double(context, v->real);
    break;
  case JG_TEXT:
    sqlite3_result_text64(context, v->text, v->len, SQLITE_TRANSIENT,
                          SQLITE_UTF8);
    break;
  default:
    sqlite3_result_null(context);
  }
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
  *out = (sqlite3_int64)((struct cursor *)base)->at;
  return SQLITE_OK;
}

static const sqlite3_module MODULE = {
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = open,
    .xClose = close,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = rowid,
};

static void module_free(void *memory) {
  struct module *module = memory;
  jg_session_unref(module->session);
  jg_mem_free(module);
}

int jg_rows_register(struct jg_session *session,
                     const struct jg_rows_function *function) {
  struct jg_err err = {.code = JG_OK};
  struct module *module = jg_mem_new(1, sizeof(*module), &err);
  if (!module) {
    return SQLITE_NOMEM;
  }
  module->session = jg_session_ref(session);
  module->function = function;
  return sqlite3_create_module_v2(session->db, function->name, &MODULE, module,
                                  module_free);
}
