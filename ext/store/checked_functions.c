/*
** Which functions SQL text from elsewhere may call. A name alone says little: an
** extension or the host can have put another function in its place. PRAGMA
** function_list tells the two apart; as a statement, since a file may hold a
** table called pragma_function_list.
*/
#include "store/checked.h"

#include <string.h>

#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* SQLITE_DIRECTONLY and SQLITE_INNOCUOUS as function_list shows them. */
#define DIRECTONLY 0x80000
#define INNOCUOUS 0x200000

/* They compute from their arguments, the clock or randomness, and do nothing
** else. */
static const char PURE[] =
    "-> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling "
    "char coalesce concat concat_ws cos cosh count cume_dist current_date "
    "current_time current_timestamp date datetime degrees dense_rank exp "
    "first_value floor format glob group_concat hex if ifnull iif instr "
    "json json_array json_array_length json_error_position json_extract "
    "json_group_array json_group_object json_insert json_object json_patch "
    "json_pretty json_quote json_remove json_replace json_set json_type "
    "json_valid jsonb jsonb_array jsonb_extract jsonb_group_array "
    "jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove "
    "jsonb_replace jsonb_set julianday lag last_value lead length like "
    "likelihood likely ln log log10 log2 lower ltrim max median min mod "
    "nth_value ntile nullif octet_length percent_rank percentile "
    "percentile_cont percentile_disc pi pow power printf quote radians "
    "random randomblob rank replace round row_number rtrim sign sin sinh "
    "soundex sqlite_version sqrt strftime string_agg substr substring "
    "subtype sum tan tanh time timediff total trim trunc typeof unhex "
    "unicode unistr unistr_quote unixepoch unlikely upper zeroblob";

/* The same of ours. */
static const char OURS[] =
    "agreement agreement_difference agreement_merge agreement_raters "
    "agreement_rate agreement_state judge_version";

/* Not even when this connection allows them by name. */
static const char NEVER[] = "fts3_tokenizer load_extension";

/* What compares keys has a P4 like "k(1,B)". */
size_t jg_checked_called(const char *opcode, const char *p4) {
  const char *open = strrchr(p4, '(');
  const char *at = open ? open + 1 : "";
  int calls = strstr(opcode, "Func") || strncmp(opcode, "Agg", 3) == 0;
  at += *at == '-';
  size_t digits = strspn(at, "0123456789");
  if (!open || open == p4 || digits == 0 || strcmp(at + digits, ")") != 0 ||
      (!calls && strncmp(p4, "k(", 2) == 0)) {
    return 0;
  }
  return (size_t)(open - p4);
}

/* names: with a space between. */
static int is_one_of(const char *names, const char *name) {
  size_t wanted = strlen(name);
  while (*names) {
    size_t bytes = strcspn(names, " ");
    if (bytes == wanted && sqlite3_strnicmp(names, name, (int)bytes) == 0) {
      return 1;
    }
    names += bytes + (names[bytes] == ' ');
  }
  return 0;
}

static int is_allowed(const struct jg_checked_env *env, const char *name) {
  for (size_t i = 0; i < env->allowed_count; i++) {
    if (sqlite3_stricmp(env->allowed[i], name) == 0) {
      return 1;
    }
  }
  return 0;
}

static int look_up(sqlite3 *db, struct jg_checked_function *functions,
                   size_t count, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(db, "PRAGMA function_list", err);
  while (jg_db_step(stmt, err) == 1) {
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    if (!name) {
      jg_err_nomem(err);
    }
    for (size_t i = 0; name && i < count; i++) {
      if (sqlite3_stricmp(functions[i].name, name) == 0) {
        int is_builtin = sqlite3_column_int(stmt, 1);
        int flags = sqlite3_column_int(stmt, 5);
        functions[i].is_builtin |= is_builtin;
        functions[i].is_added |= !is_builtin;
        functions[i].is_direct |= (flags & DIRECTONLY) != 0;
        functions[i].is_harmful |= !is_builtin && (flags & INNOCUOUS) == 0;
      }
    }
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* Is it known to do nothing but compute? What replaced one of ours is not. */
static int is_pure(const struct jg_checked_function *f) {
  return f->is_added
             ? !f->is_builtin && !f->is_harmful && is_one_of(OURS, f->name)
             : f->is_builtin && is_one_of(PURE, f->name);
}

static int check_one(const struct jg_checked_env *env,
                     const struct jg_checked_function *f, struct jg_err *err) {
  struct jg_buf what = {0};
  if (f->is_direct || is_one_of(NEVER, f->name)) {
    return jg_err_set(err, JG_ERROR,
                      "%s() can do more than compute, and never runs from SQL "
                      "text in an option",
                      f->name);
  }
  if (is_pure(f) || is_allowed(env, f->name)) {
    return JG_OK;
  }
  jg_buf_init(&what, JG_ERR_BYTES);
  if (env->closed) {
    jg_buf_puts(&what, "the no_network entry point allows no others");
  } else {
    jg_buf_printf(
        &what,
        "SELECT judge_config('allow_function', '%s') if you know what "
        "it does",
        f->name);
  }
  jg_err_set(err, JG_ERROR, "%s() %s: %s", f->name,
             !f->is_added ? "is not on the list of functions that SQL text in "
                            "an option may call"
             : f->is_builtin
                 ? "is not SQLite's own on this connection, but one that "
                   "replaced it"
                 : "is a function that this connection added",
             jg_buf_text(&what));
  jg_buf_dispose(&what);
  return err->code;
}

int jg_checked_functions(const struct jg_checked_env *env,
                         struct jg_checked_function *functions, size_t count,
                         struct jg_err *err) {
  if (count == 0 || look_up(env->db, functions, count, err) != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < count && err->code == JG_OK; i++) {
    check_one(env, &functions[i], err);
  }
  return err->code;
}

int jg_checked_is_direct(sqlite3 *db, const char *name, size_t bytes,
                         struct jg_err *err) {
  char copy[300]; /* more than a name has */
  struct jg_checked_function f = {.name = copy};
  sqlite3_snprintf((int)sizeof(copy), copy, "%.*s", (int)bytes, name);
  return !is_one_of(PURE, copy) &&
         (is_one_of(NEVER, copy) ||
          (look_up(db, &f, 1, err) == JG_OK && f.is_direct));
}
