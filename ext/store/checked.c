/*
** Preparing, checking and running SQL text from elsewhere. The statement is
** prepared by sqlite3_prepare(), which when the schema has changed says so
** instead of compiling the text anew behind our back (4).
*/
#include "store/checked.h"

#include <string.h>

#include "core/mem.h"
#include "core/sqltext.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define SCHEMA_TRIES 50 /* as many as SQLite makes */
#define VTAB_BYTES 40   /* "vtab:7F0123456789" */

/* What EXPLAIN shows of a program. */
struct program {
  struct jg_checked *of;
  struct jg_checked_function *functions; /* each name once */
  size_t count, cap;
  int has_json; /* the next two are filled in */
  char json_each[VTAB_BYTES], json_tree[VTAB_BYTES]; /* "": not SQLite's */
};

/* ---- the tables of ours ------------------------------------------------- */

void jg_checked_add_table(struct jg_checked_env *env,
                          struct jg_checked_table *table,
                          const sqlite3_vtab *vtab) {
  table->vtab = vtab;
  table->next = env->tables;
  env->tables = table;
}

void jg_checked_drop_table(struct jg_checked_env *env,
                           struct jg_checked_table *table) {
  struct jg_checked_table **at = &env->tables;
  while (*at && *at != table) {
    at = &(*at)->next;
  }
  if (*at) {
    *at = table->next;
  }
}

int jg_checked_is_ours(const struct jg_checked_env *env, const char *shown) {
  char own[VTAB_BYTES];
  for (const struct jg_checked_table *t = env->tables; t; t = t->next) {
    /* As SQLite prints the address in EXPLAIN: %p of its own printf. */
    sqlite3_snprintf(VTAB_BYTES, own, "vtab:%p", t->vtab);
    if (strcmp(own, shown) == 0) {
      return 1;
    }
  }
  return 0;
}

/* ---- the text ----------------------------------------------------------- */

int jg_checked_given(struct jg_sql text) {
  return text.unchecked != NULL;
}

static int fault(const struct jg_checked *c, const char *why,
                 struct jg_err *err) {
  return jg_err_set(err, JG_ERROR, "%s \"%.200s\": %s", c->title,
                    c->text.unchecked, why);
}

static int check_form(const char *title, struct jg_sql text, const char *why,
                      struct jg_err *err) {
  struct jg_checked c = {.title = title, .text = text};
  return why ? fault(&c, why, err) : (int)err->code;
}

int jg_checked_put(struct jg_buf *sql, const char *title, struct jg_sql text,
                   struct jg_err *err) {
  if (check_form(title, text, jg_sqltext_expression_fault(text.unchecked),
                 err) == JG_OK) {
    jg_buf_puts(sql, "(");
    jg_buf_puts(sql, text.unchecked);
    jg_buf_puts(sql, "\n)"); /* the line ends a comment */
    jg_buf_check(sql, err);
  }
  return err->code;
}

int jg_checked_put_select(struct jg_buf *sql, const char *title,
                          struct jg_sql text, struct jg_err *err) {
  if (check_form(title, text, jg_sqltext_select_fault(text.unchecked), err) ==
      JG_OK) {
    jg_buf_puts(sql, text.unchecked);
    jg_buf_check(sql, err);
  }
  return err->code;
}

/* ---- its program -------------------------------------------------------- */

/* A statement "EXPLAIN sql"; its opcodes stand in column 1, P4 in 5. */
static sqlite3_stmt *explain(sqlite3 *db, const char *what, const char *sql,
                             struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  struct jg_buf text;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&text, what);
  jg_buf_puts(&text, sql);
  if (jg_buf_check(&text, err) == JG_OK) {
    stmt = jg_db_prepare(db, jg_buf_text(&text), err);
  }
  jg_buf_dispose(&text);
  return stmt;
}

static int is_vtab(const char *p4) {
  return strncmp(p4, "vtab:", 5) == 0;
}

/* How EXPLAIN shows the table that a call of json_each or json_tree opens; ""
** when a virtual table of the file has taken the name, or there is none. */
static void find_json(sqlite3 *db, const char *name, char shown[VTAB_BYTES],
                      struct jg_err *err) {
  struct jg_err none = {.code = JG_OK};
  struct jg_buf call;
  shown[0] = '\0';
  if (sqlite3_table_column_metadata(db, NULL, name, NULL, NULL, NULL, NULL,
                                    NULL, NULL) == SQLITE_OK) {
    return;
  }
  jg_buf_init(&call, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&call, "SELECT 1 FROM %s('[]')", name);
  sqlite3_stmt *stmt = explain(db, "EXPLAIN ", jg_buf_text(&call), &none);
  while (!shown[0] && jg_db_step(stmt, &none) == 1) {
    const char *p4 = (const char *)sqlite3_column_text(stmt, 5);
    if (p4 && is_vtab(p4)) {
      sqlite3_snprintf(VTAB_BYTES, shown, "%s", p4);
    }
  }
  sqlite3_finalize(stmt);
  jg_buf_dispose(&call);
  if (none.code == JG_NOMEM || none.code == JG_INTERRUPTED) {
    jg_err_set(err, none.code, "%s", none.text);
  }
}

static int is_json(struct program *p, const char *shown, struct jg_err *err) {
  sqlite3 *db = p->of->env->db;
  if (!p->has_json) {
    find_json(db, "json_each", p->json_each, err);
    find_json(db, "json_tree", p->json_tree, err);
    p->has_json = 1;
  }
  return strcmp(shown, p->json_each) == 0 || strcmp(shown, p->json_tree) == 0;
}

/* The query plan's words on the first virtual table that is not allowed, to
** name it: "SCAN pragma_table_info VIRTUAL TABLE INDEX 0:". */
static void refuse_table(struct program *p, struct jg_err *err) {
  static const char *const KNOWN[] = {"json_each", "json_tree", "traces",
                                      "assessments", "judges"};
  struct jg_err none = {.code = JG_OK};
  char name[80] = "a virtual table";
  sqlite3_stmt *stmt =
      explain(p->of->env->db, "EXPLAIN QUERY PLAN ", p->of->sql, &none);
  for (int found = 0; !found && jg_db_step(stmt, &none) == 1;) {
    const char *line = (const char *)sqlite3_column_text(stmt, 3);
    const char *end = line ? strstr(line, " VIRTUAL TABLE") : NULL;
    const char *start = end ? strchr(line, ' ') + 1 : NULL;
    /* Newer versions put "EXISTS" and the like between. */
    end = start ? start + strcspn(start, " ") : end;
    found = start && start < end;
    for (size_t i = 0; found && i < sizeof(KNOWN) / sizeof(*KNOWN); i++) {
      size_t bytes = strlen(KNOWN[i]);
      found = !((size_t)(end - start) == bytes &&
                sqlite3_strnicmp(start, KNOWN[i], (int)bytes) == 0);
    }
    if (found) {
      sqlite3_snprintf((int)sizeof(name), name, "%.*s", (int)(end - start),
                       start);
    }
  }
  sqlite3_finalize(stmt);
  jg_err_set(err, JG_ERROR,
             "it reads %s, and of virtual tables SQL text in an option may "
             "read json_each, json_tree and judge's own: copy what is needed "
             "into a TEMP table first",
             name);
}

static void add_function(struct program *p, const char *name, size_t bytes,
                         struct jg_err *err) {
  for (size_t i = 0; i < p->count; i++) {
    if (strlen(p->functions[i].name) == bytes &&
        sqlite3_strnicmp(p->functions[i].name, name, (int)bytes) == 0) {
      return;
    }
  }
  if (jg_mem_grow(&p->functions, &p->cap, p->count + 1, sizeof(*p->functions),
                  err) == JG_OK) {
    char *copy = jg_mem_textn(name, bytes, err);
    if (copy) {
      p->functions[p->count++].name = copy;
    }
  }
}

/* An opcode that calls something, and whose P4 does not say what, would be one
** of a version of SQLite that this module does not know. */
static void check_opcode(struct program *p, const char *opcode, const char *p4,
                         struct jg_err *err) {
  size_t bytes = jg_checked_called(opcode, p4);
  if (bytes > 0) {
    add_function(p, p4, bytes, err);
  } else if (is_vtab(p4)) {
    if (!jg_checked_is_ours(p->of->env, p4) && !is_json(p, p4, err)) {
      refuse_table(p, err);
    }
  } else if (strstr(opcode, "Func") || strncmp(opcode, "AggStep", 7) == 0 ||
             strcmp(opcode, "VOpen") == 0) {
    jg_err_set(err, JG_ERROR,
               "this SQLite (%s) does not show what the text would call",
               sqlite3_libversion());
  }
}

static int check_program(struct jg_checked *c, struct jg_err *err) {
  struct program p = {.of = c};
  int lines = 0;
  sqlite3_stmt *stmt = explain(c->env->db, "EXPLAIN ", c->sql, err);
  while (jg_db_step(stmt, err) == 1) {
    int has_p4 = sqlite3_column_type(stmt, 5) != SQLITE_NULL;
    const char *opcode = (const char *)sqlite3_column_text(stmt, 1);
    const char *p4 = has_p4 ? (const char *)sqlite3_column_text(stmt, 5) : "";
    if (opcode && p4) {
      check_opcode(&p, opcode, p4, err);
    } else {
      jg_err_nomem(err); /* what cannot be seen is not passed over */
    }
    lines++;
  }
  sqlite3_finalize(stmt);
  if (err->code == JG_OK && lines == 0) {
    jg_err_set(err, JG_ERROR, "this SQLite shows no program to check");
  }
  if (err->code == JG_OK) {
    jg_checked_functions(c->env, p.functions, p.count, err);
  }
  for (size_t i = 0; i < p.count; i++) {
    jg_mem_free(p.functions[i].name);
  }
  jg_mem_free(p.functions);
  return err->code;
}

/* ---- preparing ---------------------------------------------------------- */

/* An error of SQLite's as one of the text's, unless the tables are missing. */
static int fail_prepare(struct jg_checked *c, int rc, struct jg_err *err) {
  char why[300]; /* the next statement takes SQLite's message away */
  if (!jg_checked_given(c->text) || rc == SQLITE_NOMEM ||
      rc == SQLITE_INTERRUPT || rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
    return jg_db_fail(c->env->db, rc, err);
  }
  sqlite3_snprintf((int)sizeof(why), why, "%s", sqlite3_errmsg(c->env->db));
  return jg_schema_require(c->env->db, err) == JG_OK ? fault(c, why, err)
                                                     : (int)err->code;
}

static int is_blank(const char *tail) {
  struct jg_sqltext piece;
  while ((tail = jg_sqltext_first(tail, &piece)) != NULL) {
    if (piece.kind != JG_SQLTEXT_SEMICOLON) {
      return 0;
    }
  }
  return 1;
}

static int prepare_checked(struct jg_checked *c, struct jg_err *err) {
  struct jg_err why = {.code = JG_OK};
  const char *tail = "";
  int rc = sqlite3_prepare(c->env->db, c->sql, -1, &c->stmt, &tail);
  if (rc != SQLITE_OK) {
    return fail_prepare(c, rc & 0xff, err);
  }
  if (!c->stmt || !is_blank(tail) || !sqlite3_stmt_readonly(c->stmt) ||
      sqlite3_column_count(c->stmt) == 0) {
    return fault(c, "it must be one statement that only reads", err);
  }
  if (check_program(c, &why) == JG_ERROR) {
    return fault(c, why.text, err);
  }
  if (why.code != JG_OK) {
    *err = why;
  }
  return err->code;
}

/* Nothing of the text has run when this fails. */
static int prepare(struct jg_checked *c, struct jg_err *err) {
  if (!jg_checked_given(c->text)) {
    c->stmt = jg_db_prepare(c->env->db, c->sql, err);
  } else if (c->env->running > 0) {
    fault(c,
          "this is inside SQL text of another option, where no second one "
          "runs: leave one of the two out",
          err);
  } else {
    c->env->running++;
    prepare_checked(c, err);
    c->env->running--;
  }
  if (err->code == JG_OK && c->bind) {
    c->bind(c->ctx, c->stmt, err);
  }
  if (err->code != JG_OK) {
    sqlite3_finalize(c->stmt);
    c->stmt = NULL;
  }
  return err->code;
}

int jg_checked_open(struct jg_checked *c, struct jg_err *err) {
  c->stmt = NULL;
  c->under_way = 0;
  return err->code == JG_OK ? prepare(c, err) : (int)err->code;
}

/* ---- running ------------------------------------------------------------ */

/* One step; SQLite's code. An old statement tells its own at the reset only. */
static int step_counted(struct jg_checked *c) {
  c->env->running++;
  int rc = sqlite3_step(c->stmt);
  c->env->running--;
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    int why = sqlite3_reset(c->stmt);
    rc = why != SQLITE_OK ? why : rc;
  }
  return rc;
}

static int step_checked(struct jg_checked *c, struct jg_err *err) {
  int rc = step_counted(c);
  for (int i = 0; i < SCHEMA_TRIES && (rc & 0xff) == SQLITE_SCHEMA &&
                  !c->under_way && err->code == JG_OK;
       i++) {
    jg_checked_close(c);
    if (prepare(c, err) == JG_OK) {
      rc = step_counted(c);
    }
  }
  if (err->code != JG_OK) {
    return -1;
  }
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    jg_db_fail(c->env->db, rc, err);
    return -1;
  }
  return rc == SQLITE_ROW;
}

int jg_checked_step(struct jg_checked *c, struct jg_err *err) {
  int row = -1;
  if (err->code == JG_OK && c->stmt) {
    row = jg_checked_given(c->text) ? step_checked(c, err)
                                    : jg_db_step(c->stmt, err);
    c->under_way |= row == 1;
  }
  return row;
}

void jg_checked_pause(struct jg_checked *c) {
  sqlite3_reset(c->stmt);
}

/* A statement that was lost to a changed schema is prepared again. */
void jg_checked_rewind(struct jg_checked *c, struct jg_err *err) {
  c->under_way = 0;
  if (!c->stmt) {
    jg_checked_open(c, err);
    return;
  }
  sqlite3_reset(c->stmt);
  if (c->bind && err->code == JG_OK) {
    c->bind(c->ctx, c->stmt, err);
  }
}

void jg_checked_close(struct jg_checked *c) {
  sqlite3_finalize(c->stmt);
  c->stmt = NULL;
}
