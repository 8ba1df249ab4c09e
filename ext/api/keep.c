/*
** Whether a statement feeds itself is read off its byte code: EXPLAIN shows the
** root pages and virtual tables that it opens, through views and triggers too,
** and whether a loop encloses the insert. A single row never waits, since then
** SQLite need not call xRelease when the statement ends.
*/
#include "api/keep.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define UNKNOWN (-1)   /* of wanted: the statement has not been looked at */
#define LOAD_ROWS 1024 /* gathered before they are written */

struct jg_kept {
  jg_kept_write write;
  struct jg_kept_row *rows;
  size_t count, cap;
  size_t *slots;           /* hash of ids: number of the row + 1, 0 is free */
  size_t slot_count, used; /* a power of two; slots taken */
  int wanted;              /* for the running statement */
};

/* ---- ids ---------------------------------------------------------------- */

static size_t hash_of(const char *id) {
  size_t h = 1469598103u;
  while (*id) {
    h = (h ^ (unsigned char)*id++) * 16777619u;
  }
  return h;
}

static const char *id_of(const struct jg_kept_row *row) {
  return row->values[0] ? (const char *)sqlite3_value_text(row->values[0])
                        : NULL;
}

/* The slot that holds id, or the free one where it belongs. */
static size_t slot_of(const struct jg_kept *kept, const char *id) {
  size_t at = hash_of(id) & (kept->slot_count - 1);
  while (kept->slots[at]) {
    const char *other = id_of(&kept->rows[kept->slots[at] - 1]);
    if (other && strcmp(other, id) == 0) {
      break;
    }
    at = (at + 1) & (kept->slot_count - 1);
  }
  return at;
}

static int grow_slots(struct jg_kept *kept, struct jg_err *err) {
  size_t count = kept->slot_count ? kept->slot_count * 2 : 64;
  size_t *old = kept->slots, old_count = kept->slot_count, i;
  size_t *slots = jg_mem_new(count, sizeof(*slots), err);
  if (!slots) {
    return err->code;
  }
  kept->slots = slots;
  kept->slot_count = count;
  for (i = 0; i < old_count; i++) {
    if (old[i]) {
      slots[slot_of(kept, id_of(&kept->rows[old[i] - 1]))] = old[i];
    }
  }
  jg_mem_free(old);
  return JG_OK;
}

/* Enters the last row. */
static int enter_id(struct jg_kept *kept, struct jg_err *err) {
  const char *id = id_of(&kept->rows[kept->count - 1]);
  if (!id) {
    return JG_OK;
  }
  if (kept->used * 2 >= kept->slot_count && grow_slots(kept, err) != JG_OK) {
    return err->code;
  }
  kept->slots[slot_of(kept, id)] = kept->count;
  kept->used++;
  return JG_OK;
}

int jg_kept_has(const struct jg_table_vtab *vtab, const char *id) {
  const struct jg_kept *kept = vtab->kept;
  return id && kept->used && kept->slots[slot_of(kept, id)] != 0;
}

/* ---- rows --------------------------------------------------------------- */

static void free_row(struct jg_kept_row *row, int count) {
  int i;
  for (i = 0; row->values && i < count; i++) {
    sqlite3_value_free(row->values[i]);
  }
  jg_mem_free(row->values);
  row->values = NULL;
}

static void drop_rows(struct jg_table_vtab *vtab) {
  struct jg_kept *kept = vtab->kept;
  while (kept->count > 0) {
    free_row(&kept->rows[--kept->count], vtab->table->column_count);
  }
  jg_mem_free(kept->rows);
  jg_mem_free(kept->slots);
  kept->rows = NULL;
  kept->slots = NULL;
  kept->cap = kept->slot_count = kept->used = 0;
}

/* Writes the rows kept; they are gone afterwards. */
static int write_rows(struct jg_table_vtab *vtab, struct jg_err *err) {
  struct jg_kept *kept = vtab->kept;
  const char *before = NULL;
  if (kept->count > 0 && jg_table_write_begin(vtab, &before, err) == JG_OK) {
    kept->write(vtab, kept->rows, kept->count, err);
    jg_table_write_end(vtab, before);
  }
  drop_rows(vtab);
  return err->code;
}

int jg_kept_add(struct jg_table_vtab *vtab, sqlite3_value **values, int replace,
                struct jg_err *err) {
  struct jg_kept *kept = vtab->kept;
  struct jg_kept_row row = {NULL, replace};
  int i, count = vtab->table->column_count;
  if (jg_mem_grow(&kept->rows, &kept->cap, kept->count + 1, sizeof(row), err) !=
      JG_OK) {
    return err->code;
  }
  row.values = jg_mem_new((size_t)count, sizeof(*row.values), err);
  for (i = 0; row.values && i < count; i++) {
    if (sqlite3_value_type(values[i]) != SQLITE_NULL) {
      row.values[i] = sqlite3_value_dup(values[i]);
      if (!row.values[i]) {
        jg_err_nomem(err);
      }
    }
  }
  /* The id is read as text from here on. */
  if (err->code == JG_OK && row.values[0] && !id_of(&row)) {
    jg_err_nomem(err);
  }
  if (err->code != JG_OK) {
    free_row(&row, count);
    return err->code;
  }
  kept->rows[kept->count++] = row;
  if (enter_id(kept, err) == JG_OK && kept->wanted == JG_KEEP_GATHER &&
      kept->count >= LOAD_ROWS) {
    write_rows(vtab, err);
  }
  return err->code;
}

static int flush(struct jg_table_vtab *vtab) {
  struct jg_kept *kept = vtab->kept;
  struct jg_err err = {0};
  write_rows(vtab, &err);
  kept->wanted = UNKNOWN;
  return jg_table_fail(vtab, &err, SQLITE_CONSTRAINT_TRIGGER);
}

int jg_kept_any_replaces(const struct jg_kept_row *rows, size_t count) {
  while (count > 0) {
    if (rows[--count].replace) {
      return 1;
    }
  }
  return 0;
}

/* ---- does the running statement feed itself? ---------------------------- */

struct reading {
  struct jg_table_vtab *vtab;
  sqlite3_stmt *roots; /* is ?1 a root page of a table of ours? */
  int update_at;       /* address of the first VUpdate */
  int reads, loops;
};

static int is_root(struct reading *r, int page, struct jg_err *err) {
  int found;
  sqlite3_bind_int(r->roots, 1, page);
  found = jg_db_step(r->roots, err) == 1;
  sqlite3_reset(r->roots);
  return found;
}

static int is_ours(const struct reading *r, const char *shown) {
  struct jg_table_vtab *v;
  char name[64];
  if (!shown || strncmp(shown, "vtab:", 5) != 0) {
    return 1; /* an unknown way of showing it: the careful answer */
  }
  for (v = r->vtab->env->connected; v; v = v->next) {
    sqlite3_snprintf((int)sizeof(name), name, "vtab:%p", (void *)&v->base);
    if (strcmp(shown, name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Is it a jump that may close a loop? */
static int is_jump(const char *opcode) {
  static const char *const JUMPS[] = {"Goto",  "Next",       "Prev",
                                      "VNext", "SorterNext", "Yield"};
  size_t i;
  for (i = 0; i < sizeof(JUMPS) / sizeof(*JUMPS); i++) {
    if (strcmp(opcode, JUMPS[i]) == 0) {
      return 1;
    }
  }
  return 0;
}

/* One line of EXPLAIN. Target 1 is the start: the set-up at the end of a
** program always jumps there. */
static void read_line(struct reading *r, sqlite3_stmt *line,
                      struct jg_err *err) {
  const char *opcode = (const char *)sqlite3_column_text(line, 1);
  int addr = sqlite3_column_int(line, 0);
  int p2 = sqlite3_column_int(line, 3), p3 = sqlite3_column_int(line, 4);
  if (!opcode) {
    jg_err_nomem(err);
  } else if (strcmp(opcode, "OpenRead") == 0 ||
             strcmp(opcode, "ReopenIdx") == 0) {
    r->reads |= p3 == 0 && is_root(r, p2, err);
  } else if (strcmp(opcode, "VOpen") == 0) {
    r->reads |= is_ours(r, (const char *)sqlite3_column_text(line, 5));
  } else if (strcmp(opcode, "Program") == 0) {
    r->loops = 1;
  } else if (strcmp(opcode, "VUpdate") == 0) {
    r->update_at = r->update_at < 0 ? addr : r->update_at;
  } else if (r->update_at >= 0 && is_jump(opcode)) {
    r->loops |= p2 > 1 && p2 <= r->update_at && addr > r->update_at;
  }
}

static enum jg_keep look_at(struct jg_table_vtab *vtab, sqlite3_stmt *busy,
                            struct jg_err *err) {
  struct reading r = {vtab, NULL, -1, 0, 0};
  sqlite3_stmt *lines = NULL;
  const char *sql = sqlite3_sql(busy);
  char *text = sql ? sqlite3_mprintf("EXPLAIN %s", sql) : NULL;
  if (!sql) {
    return JG_KEEP_ALL; /* prepared in the old way, which keeps no text */
  }
  if (!text) {
    jg_err_nomem(err);
    return JG_KEEP_NOT;
  }
  r.roots = jg_table_query(vtab, "own_root", err);
  if (r.roots && sqlite3_prepare_v2(vtab->db, text, -1, &lines, NULL)) {
    r.reads = r.loops = 1; /* cannot tell: the careful answer */
  }
  while (lines && jg_db_step(lines, err) == 1) {
    read_line(&r, lines, err);
  }
  sqlite3_finalize(lines);
  sqlite3_free(text);
  jg_table_release(vtab, r.roots);
  return !r.loops ? JG_KEEP_NOT : r.reads ? JG_KEEP_ALL : JG_KEEP_GATHER;
}

enum jg_keep jg_kept_wanted(struct jg_table_vtab *vtab, struct jg_err *err) {
  struct jg_kept *kept = vtab->kept;
  sqlite3_stmt *stmt = NULL;
  enum jg_keep keep;
  if (kept->wanted != UNKNOWN) {
    return (enum jg_keep)kept->wanted;
  }
  kept->wanted = JG_KEEP_NOT;
  while (kept->wanted != JG_KEEP_ALL &&
         (stmt = sqlite3_next_stmt(vtab->db, stmt)) != NULL) {
    if (sqlite3_stmt_busy(stmt) && !sqlite3_stmt_readonly(stmt)) {
      keep = look_at(vtab, stmt, err);
      kept->wanted = (int)keep > kept->wanted ? (int)keep : kept->wanted;
    }
  }
  return (enum jg_keep)kept->wanted;
}

/* ---- the module's part -------------------------------------------------- */

static int kept_new(struct jg_table_vtab *vtab, jg_kept_write write) {
  struct jg_err err = {0};
  vtab->kept = jg_mem_new(1, sizeof(*vtab->kept), &err);
  if (!vtab->kept) {
    return SQLITE_NOMEM;
  }
  vtab->kept->write = write;
  vtab->kept->wanted = UNKNOWN;
  return SQLITE_OK;
}

static void kept_free(struct jg_table_vtab *vtab) {
  if (vtab->kept) {
    drop_rows(vtab);
    jg_mem_free(vtab->kept);
    vtab->kept = NULL;
  }
}

int jg_kept_disconnect(sqlite3_vtab *base) {
  kept_free((struct jg_table_vtab *)base);
  return jg_table_disconnect(base);
}

int jg_kept_connect(sqlite3 *db, struct jg_vtab_env *env,
                    const struct jg_table *table, jg_kept_write write, int argc,
                    const char *const *argv, sqlite3_vtab **out, char **why) {
  int rc = jg_table_connect(db, env, table, argc, argv, out, why);
  if (rc == SQLITE_OK) {
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
  }
  if (rc == SQLITE_OK) {
    rc = kept_new((struct jg_table_vtab *)*out, write);
  }
  if (rc != SQLITE_OK && *out) {
    jg_kept_disconnect(*out);
    *out = NULL;
  }
  return rc;
}

/* The statements that we run have savepoints too, which SQLite tells every
** table of the transaction. */
static int is_own(sqlite3_vtab *base) {
  return ((struct jg_table_vtab *)base)->env->writing > 0;
}

static int forget(sqlite3_vtab *base) {
  struct jg_table_vtab *vtab = (struct jg_table_vtab *)base;
  drop_rows(vtab);
  vtab->kept->wanted = UNKNOWN;
  return SQLITE_OK;
}

int jg_kept_begin(sqlite3_vtab *base) {
  return forget(base);
}

int jg_kept_sync(sqlite3_vtab *base) {
  return flush((struct jg_table_vtab *)base);
}

int jg_kept_commit(sqlite3_vtab *base) {
  return forget(base);
}

int jg_kept_rollback(sqlite3_vtab *base) {
  return forget(base);
}

int jg_kept_savepoint(sqlite3_vtab *base, int level) {
  (void)level;
  if (!is_own(base)) {
    ((struct jg_table_vtab *)base)->kept->wanted = UNKNOWN;
  }
  return SQLITE_OK;
}

int jg_kept_release(sqlite3_vtab *base, int level) {
  (void)level;
  return is_own(base) ? SQLITE_OK : flush((struct jg_table_vtab *)base);
}

int jg_kept_rollback_to(sqlite3_vtab *base, int level) {
  (void)level;
  return is_own(base) ? SQLITE_OK : forget(base);
}
