/* Names what hides the virtual tables. See hidden.h. */
#include "store/hidden.h"

#include <string.h>

#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* A table of ours: its columns that can be written, and which of them a table
** must have to hold rows that are meant for it. */
static const struct ours {
  const char *name, *plain;
  const char *columns; /* JSON */
  const char *needs[4];
} OURS[] = {
    {"traces",
     "judge_trace",
     "[\"trace_id\",\"experiment\",\"request_time\",\"duration_ms\",\"state\","
     "\"inputs\",\"outputs\",\"expectations\",\"session_id\",\"user_id\","
     "\"tags\",\"metadata\",\"spans\"]",
     {"inputs", "outputs"}},
    {"assessments",
     "judge_assessment",
     "[\"assessment_id\",\"trace_id\",\"name\",\"kind\",\"value\","
     "\"rationale\","
     "\"source_type\",\"source_id\",\"judge\",\"error_code\","
     "\"error_message\",\"metadata\",\"span_id\",\"run_id\",\"overrides\","
     "\"valid\",\"created\",\"updated\"]",
     {"trace_id", "name", "value"}},
};

/* Does "a, b, c" hold the name? */
static int lists(const char *list, const char *name) {
  size_t bytes = strlen(name);
  for (const char *at = list; (at = strstr(at, name)) != NULL; at += bytes) {
    if ((at == list || at[-1] == ' ') &&
        (at[bytes] == ',' || at[bytes] == '\0')) {
      return 1;
    }
  }
  return 0;
}

static int holds_our_rows(const struct ours *ours, const char *columns) {
  for (int i = 0; ours->needs[i] != NULL; i++) {
    if (!lists(columns, ours->needs[i])) {
      return 0;
    }
  }
  return 1;
}

/* How ours is reached although it is hidden. */
static void add_other_name(const struct ours *ours, struct jg_buf *to) {
  jg_buf_printf(to,
                "Reach ours as %s, or by CREATE VIRTUAL TABLE temp.a_name"
                " USING %s",
                ours->plain, ours->name);
}

/* The row of hidden_by.sql; owned. */
struct hider {
  char *schema; /* as it is written in SQL */
  char *type;
  char *columns; /* that both have; or NULL */
  char *free;    /* a name that nothing has; or NULL */
  char *behind;  /* the schema of another of that name; or NULL */
  int of_mlflow;
};

static char *quote_schema(char *name, struct jg_err *err) {
  struct jg_buf quoted;
  if (!name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == '\0') {
    return name;
  }
  jg_buf_init(&quoted, JG_BUF_LIMIT_BYTES);
  jg_buf_putc(&quoted, '"');
  for (const char *c = name; *c; c++) {
    jg_buf_puts(&quoted, *c == '"' ? "\"" : "");
    jg_buf_putc(&quoted, *c);
  }
  jg_buf_putc(&quoted, '"');
  jg_mem_free(name);
  return jg_buf_take(&quoted, err);
}

static void hider_read(sqlite3_stmt *row, struct hider *h, struct jg_err *err) {
  memset(h, 0, sizeof(*h));
  h->schema = quote_schema(jg_db_text(row, 0, err), err);
  h->type = jg_db_text(row, 2, err);
  h->columns = jg_db_text(row, 3, err);
  h->of_mlflow = sqlite3_column_int(row, 4);
  h->free = jg_db_text(row, 5, err);
  h->behind = quote_schema(jg_db_text(row, 6, err), err);
}

static void hider_dispose(struct hider *h) {
  jg_mem_free(h->schema);
  jg_mem_free(h->type);
  jg_mem_free(h->columns);
  jg_mem_free(h->free);
  jg_mem_free(h->behind);
}

/* A view cannot be renamed, and its rows belong to other tables. */
static void add_move(const struct ours *ours, const struct hider *h,
                     struct jg_buf *to) {
  const char *place = h->schema;
  jg_buf_puts(to, "To move them");
  if (h->behind) {
    jg_buf_printf(to, ", first rename %s.%s, which is behind it, then",
                  h->behind, ours->name);
  }
  if (strcmp(h->type, "view") == 0) {
    jg_buf_printf(to,
                  ": CREATE TEMP TABLE %s AS SELECT * FROM %s.%s; "
                  "DROP VIEW %s.%s; ",
                  h->free, place, ours->name, place, ours->name);
    place = "temp";
  } else {
    jg_buf_printf(to, ": ALTER TABLE %s.%s RENAME TO %s; ", place, ours->name,
                  h->free);
  }
  jg_buf_printf(to,
                "INSERT INTO %s(%s) SELECT %s FROM %s.%s; and let the program "
                "that made it write %s",
                ours->name, h->columns, h->columns, place, h->free,
                ours->plain);
}

static void add_note(const struct ours *ours, const struct hider *h,
                     struct jg_buf *to) {
  jg_buf_printf(to, "%s%s.%s, a %s of ", to->len > 0 ? "; " : "", h->schema,
                ours->name, h->type);
  if (h->of_mlflow) {
    jg_buf_puts(to, "MLflow's, hides ours and stays as it is. ");
    add_other_name(ours, to);
    return;
  }
  jg_buf_puts(to, "your own, hides ours, so that no judge sees its rows. ");
  if (h->columns && h->free && holds_our_rows(ours, h->columns)) {
    add_move(ours, h, to);
  } else {
    add_other_name(ours, to);
  }
}

/* A note less does no harm: only memory and an interrupt are errors. */
static void pass_on(const struct jg_err *why, struct jg_err *err) {
  if (why->code == JG_NOMEM || why->code == JG_INTERRUPTED) {
    jg_err_set(err, why->code, "%s", why->text);
  }
}

int jg_hidden_note(sqlite3 *db, struct jg_buf *to, struct jg_err *err) {
  for (size_t i = 0; i < sizeof(OURS) / sizeof(*OURS); i++) {
    struct jg_err why = {.code = JG_OK};
    sqlite3_stmt *stmt = jg_db_query(db, "hidden_by", &why);
    jg_db_bind_text(stmt, "@name", OURS[i].name, &why);
    jg_db_bind_text(stmt, "@columns", OURS[i].columns, &why);
    if (jg_db_step(stmt, &why) == 1) {
      struct hider hider;
      hider_read(stmt, &hider, &why);
      if (why.code == JG_OK) {
        add_note(&OURS[i], &hider, to);
      }
      hider_dispose(&hider);
    }
    sqlite3_finalize(stmt);
    pass_on(&why, err);
  }
  return err->code;
}
