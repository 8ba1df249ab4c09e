/*
** A judge's name is the feedback's name, and a mismatch is the most repeated
** user error: so the message tells what names there are.
*/
#include "store/missing.h"
#include <string.h>
#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"
#include "judge/judge.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define SHOWN 20 /* names in a message */

struct names {
  char **items;
  size_t count, cap;
  size_t stored; /* of them, judges of this file; the rest are built-ins */
};

static void names_dispose(struct names *names) {
  for (size_t i = 0; i < names->count; i++) {
    jg_mem_free(names->items[i]);
  }
  jg_mem_free(names->items);
}

/* Takes name, which may be NULL. */
static int names_add(struct names *names, char *name, struct jg_err *err) {
  if (!name || jg_mem_grow(&names->items, &names->cap, names->count + 1,
                           sizeof(*names->items), err) != JG_OK) {
    jg_mem_free(name);
    return (int)err->code;
  }
  names->items[names->count++] = name;
  return JG_OK;
}

static int names_stored(sqlite3 *db, struct names *names, struct jg_err *err) {
  sqlite3_stmt *row = jg_db_query(db, "definition_names", err);

  while (jg_db_step(row, err) == 1) {
    names_add(names, jg_db_text(row, 0, err), err);
  }
  sqlite3_finalize(row);
  names->stored = names->count;
  return (int)err->code;
}

/* Cuts "correctness, equivalence, ..." into names. */
static int names_builtin(struct names *names, const char *list,
                         struct jg_err *err) {
  while (*list && err->code == JG_OK) {
    size_t bytes = strcspn(list, ",");
    names_add(names, jg_mem_textn(list, bytes, err), err);
    list += bytes;
    list += strspn(list, ", ");
  }
  return (int)err->code;
}

static void list_stored(const struct names *names, struct jg_buf *to) {
  for (size_t i = 0; i < names->stored && i < SHOWN; i++) {
    jg_buf_puts(to, i > 0 ? ", " : "");
    jg_clean_brief(to, names->items[i], strlen(names->items[i]));
  }
  if (names->stored > SHOWN) {
    jg_buf_puts(to, ", ...");
  }
  if (names->stored == 0) {
    jg_buf_puts(to, "none yet");
  }
}

static int unknown_name(sqlite3 *db, const char *name, struct jg_err *err) {
  struct names names = {0};
  struct jg_buf text, builtin;
  const char *nearest = NULL;

  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&builtin, JG_BUF_LIMIT_BYTES);
  jg_builtin_names(&builtin);
  names_stored(db, &names, err);
  names_builtin(&names, jg_buf_text(&builtin), err);
  jg_buf_puts(&text, "no judge '");
  jg_clean_brief(&text, name, strlen(name));
  if (err->code == JG_OK) {
    nearest =
        jg_text_nearest(name, (const char *const *)names.items, names.count);
  }
  if (nearest) {
    jg_buf_puts(&text, "': did you mean '");
    jg_clean_brief(&text, nearest, strlen(nearest));
    jg_buf_puts(&text, "'? Judges: ");
  } else {
    jg_buf_puts(&text, "'. Judges: ");
  }
  list_stored(&names, &text);
  jg_buf_printf(&text, "; built-in: %s", jg_buf_text(&builtin));
  jg_err_set(err, JG_ERROR, "%s", jg_buf_text(&text));
  jg_buf_dispose(&text);
  jg_buf_dispose(&builtin);
  names_dispose(&names);
  return (int)err->code;
}

int jg_missing_judge(sqlite3 *db, const char *name, int64_t version,
                     struct jg_err *err) {
  sqlite3_stmt *row = jg_db_query(db, "definition_versions", err);
  char *versions = NULL;

  jg_db_bind_text(row, "@name", name, err);
  if (jg_db_step(row, err) == 1) {
    versions = jg_db_text(row, 0, err);
  }
  sqlite3_finalize(row);
  if (err->code == JG_OK && !versions) {
    unknown_name(db, name, err);
  } else if (version > 0) {
    jg_err_set(err, JG_ERROR, "judge '%.200s' has no version %lld: it has %s",
               name, (long long)version, versions ? versions : "");
  } else {
    jg_err_set(err, JG_ERROR,
               "judge '%.200s' has only candidates, which are used as "
               "name@version alone; versions: %s",
               name, versions ? versions : "");
  }
  jg_mem_free(versions);
  return (int)err->code;
}
