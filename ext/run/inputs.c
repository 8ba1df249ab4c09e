/* Rows and lists as named values for a template, and the ids among them. */
#include "run/inputs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"
#include "judge/template.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define ID_NAME "trace_id"
#define ID_MOST_BYTES 255

void jg_inputs_dispose(struct jg_inputs *inputs) {
  jg_json_free(inputs->tree);
  jg_mem_free(inputs->list);
  memset(inputs, 0, sizeof(*inputs));
}

static int parse(struct jg_buf *text, struct jg_inputs *out,
                 struct jg_err *err) {
  size_t n = 0;
  if (jg_buf_check(text, err) != JG_OK ||
      jg_json_parse(jg_buf_text(text), text->len, &out->tree, err) != JG_OK) {
    return err->code;
  }
  out->count = jg_json_count(out->tree);
  out->list = jg_mem_new(out->count, sizeof(*out->list), err);
  for (const struct jg_json *j = jg_json_first(out->tree); out->list && j;
       j = jg_json_next(j)) {
    out->list[n++].values = j;
  }
  return err->code;
}

static int is_id(const struct jg_json *member) {
  return strcmp(jg_json_key(member), ID_NAME) == 0;
}

/* ---- a query ------------------------------------------------------------ */

/* Names are case-sensitive in a template, but SQL's are not: a column TRACE_ID
** holds ids, too. */
static const char *column_name(sqlite3_stmt *stmt, int i) {
  const char *name = sqlite3_column_name(stmt, i);
  return name && jg_text_same(name, ID_NAME) ? ID_NAME : name;
}

static int check_columns(sqlite3_stmt *stmt, struct jg_err *err) {
  for (int i = 0; i < sqlite3_column_count(stmt); i++) {
    const char *name = column_name(stmt, i);
    for (int j = 0; name && j < i; j++) {
      const char *other = column_name(stmt, j);
      if (other && strcmp(name, other) == 0) {
        return jg_err_set(err, JG_ERROR,
                          "judge_generate: from gives two columns named "
                          "'%.80s': rename one with AS",
                          name);
      }
    }
  }
  return err->code;
}

/* What JSON would change: ids that differ must not become the same. */
static int check_id_column(sqlite3_stmt *stmt, int i, size_t row,
                           struct jg_err *err) {
  int type = sqlite3_column_type(stmt, i);
  const char *why = NULL;
  if (type == SQLITE_BLOB) {
    why = "is a blob: CAST(... AS TEXT), if it is a text";
  } else if (type == SQLITE_TEXT) {
    const char *text = (const char *)sqlite3_column_text(stmt, i);
    size_t bytes = (size_t)sqlite3_column_bytes(stmt, i);
    if (text && memchr(text, '\0', bytes)) {
      why = "holds a NUL character, which no trace_id may";
    } else if (text && !jg_text_is_utf8(text, bytes)) {
      why = "is not UTF-8";
    }
  }
  if (why) {
    struct jg_value value = {.type = JG_NULL};
    struct jg_buf shown;
    jg_db_value(stmt, i, &value, err);
    jg_buf_init(&shown, JG_BUF_LIMIT_BYTES);
    jg_clean_value(&shown, &value);
    jg_err_set(err, JG_ERROR, "judge_generate: input %zu: trace_id %s %s", row,
               jg_buf_text(&shown), why);
    jg_buf_dispose(&shown);
    jg_value_dispose(&value);
  }
  return err->code;
}

static int write_row(sqlite3_stmt *stmt, size_t row, struct jg_jsonw *w,
                     struct jg_err *err) {
  jg_jsonw_object(w);
  for (int i = 0; i < sqlite3_column_count(stmt); i++) {
    struct jg_value value = {.type = JG_NULL};
    const char *name = column_name(stmt, i);
    if (name && strcmp(name, ID_NAME) == 0 &&
        check_id_column(stmt, i, row, err) != JG_OK) {
      break;
    }
    jg_db_value(stmt, i, &value, err);
    jg_jsonw_key(w, name);
    jg_jsonw_value(w, &value);
    jg_value_dispose(&value);
  }
  jg_jsonw_end_object(w);
  return err->code;
}

int jg_inputs_query(struct jg_checked_env *env, struct jg_sql from,
                    struct jg_inputs *out, struct jg_err *err) {
  struct jg_buf sql, text;
  size_t row = 0;
  struct jg_checked c = {
      .env = env, .title = "judge_generate: from", .text = from};
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &text};
  if (jg_checked_put_select(&sql, c.title, from, err) == JG_OK) {
    c.sql = jg_buf_text(&sql);
    if (jg_checked_open(&c, err) == JG_OK) {
      check_columns(c.stmt, err);
    }
  }
  jg_jsonw_array(&w);
  while (jg_checked_step(&c, err) == 1 &&
         write_row(c.stmt, ++row, &w, err) == JG_OK) {
  }
  jg_jsonw_end_array(&w);
  jg_checked_close(&c);
  if (err->code == JG_OK) {
    parse(&text, out, err);
  }
  jg_buf_dispose(&sql);
  jg_buf_dispose(&text);
  return err->code;
}

/* ---- a list ------------------------------------------------------------- */

int jg_inputs_list(const struct jg_json *list, struct jg_inputs *out,
                   struct jg_err *err) {
  struct jg_buf text;
  if (jg_json_type(list) != JG_JSON_ARRAY) {
    return jg_err_set(err, JG_ERROR,
                      "judge_generate: inputs must be a JSON list of texts or "
                      "objects");
  }
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &text};
  jg_jsonw_array(&w);
  for (const struct jg_json *j = jg_json_first(list); j; j = jg_json_next(j)) {
    if (jg_json_type(j) == JG_JSON_OBJECT) {
      w.comma ? jg_buf_putc(&text, ',') : (void)0;
      jg_json_write(j, &text);
      w.comma = 1;
    } else if (jg_json_type(j) == JG_JSON_TEXT) {
      jg_jsonw_object(&w);
      jg_jsonw_key_text(&w, "inputs", jg_json_text(j));
      jg_jsonw_end_object(&w);
    } else {
      jg_err_set(err, JG_ERROR,
                 "judge_generate: inputs must hold texts or objects");
      break;
    }
  }
  jg_jsonw_end_array(&w);
  if (err->code == JG_OK) {
    parse(&text, out, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

/* ---- the template ------------------------------------------------------- */

static int put_value(void *ctx, const char *name, size_t bytes,
                     struct jg_buf *to) {
  const struct jg_json *input = ctx;
  for (const struct jg_json *j = jg_json_first(input); j; j = jg_json_next(j)) {
    const char *key = jg_json_key(j);
    if (strlen(key) == bytes && memcmp(key, name, bytes) == 0) {
      if (jg_json_type(j) == JG_JSON_TEXT) {
        jg_buf_puts(to, jg_json_text(j));
      } else if (jg_json_type(j) != JG_JSON_NULL) {
        jg_json_write(j, to);
      }
      return 1;
    }
  }
  return 0;
}

/* The names that an input has, for an error text. */
static void list_names(const struct jg_json *input, struct jg_buf *to) {
  for (const struct jg_json *j = jg_json_first(input); j; j = jg_json_next(j)) {
    jg_buf_puts(to, to->len > 0 ? ", " : "");
    jg_buf_puts(to, jg_json_key(j));
  }
}

static int check_names(const char *template, const struct jg_json *input,
                       struct jg_err *err) {
  struct jg_placeholder hole;
  struct jg_buf value, names;
  size_t at = 0;
  jg_buf_init(&value, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&names, JG_BUF_LIMIT_BYTES);
  while (err->code == JG_OK && jg_template_next(template, &at, &hole)) {
    jg_buf_clear(&value);
    if (!put_value((void *)input, hole.name, hole.name_bytes, &value)) {
      list_names(input, &names);
      jg_err_set(err, JG_ERROR,
                 "judge_generate: {{ %.*s }} in the template has no value: the "
                 "input gives %.500s",
                 (int)(hole.name_bytes > 80 ? 80 : hole.name_bytes), hole.name,
                 names.len > 0 ? jg_buf_text(&names) : "nothing");
    }
  }
  jg_buf_dispose(&value);
  jg_buf_dispose(&names);
  return err->code;
}

int jg_inputs_fill(const char *template, const struct jg_json *input,
                   struct jg_buf *to, struct jg_err *err) {
  if (check_names(template, input, err) != JG_OK) {
    return err->code;
  }
  return jg_template_fill(template, put_value, (void *)input, to, err);
}

/* ---- what a trace keeps ------------------------------------------------- */

static int names_id(const char *template) {
  struct jg_placeholder hole;
  size_t at = 0;
  while (jg_template_next(template, &at, &hole)) {
    if (hole.name_bytes == strlen(ID_NAME) &&
        memcmp(hole.name, ID_NAME, hole.name_bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

char *jg_inputs_text(const char *template, const struct jg_json *input,
                     struct jg_err *err) {
  int with_id = names_id(template);
  size_t kept = 0;
  const struct jg_json *only = NULL;
  struct jg_buf text;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &text};
  jg_jsonw_object(&w);
  for (const struct jg_json *j = jg_json_first(input); j; j = jg_json_next(j)) {
    if (with_id || !is_id(j)) {
      jg_jsonw_key(&w, jg_json_key(j));
      jg_json_write(j, &text);
      w.comma = 1;
      only = j;
      kept++;
    }
  }
  jg_jsonw_end_object(&w);
  if (kept == 1 && jg_json_text(only)) {
    jg_buf_clear(&text);
    jg_buf_puts(&text, jg_json_text(only));
  }
  return jg_buf_take(&text, err);
}

static int put_text(void *ctx, const char *name, size_t bytes,
                    struct jg_buf *to) {
  (void)name;
  (void)bytes;
  jg_buf_puts(to, ctx);
  return 1;
}

/* Does this way of filling the template make the prompt? */
static int makes(const char *template,
                 int (*value)(void *ctx, const char *name, size_t bytes,
                              struct jg_buf *to),
                 const void *ctx, const char *prompt, struct jg_err *err) {
  struct jg_err lack = {.code = JG_OK}; /* a name without a value */
  struct jg_buf made;
  int same;
  jg_buf_init(&made, JG_BUF_LIMIT_BYTES);
  jg_template_fill(template, value, (void *)ctx, &made, &lack);
  jg_buf_check(&made, &lack);
  same = lack.code == JG_OK && strcmp(jg_buf_text(&made), prompt) == 0;
  jg_buf_dispose(&made);
  if (lack.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  return same;
}

int jg_inputs_make(const char *template, const char *kept, const char *prompt,
                   struct jg_err *err) {
  struct jg_err bad = {.code = JG_OK}; /* not JSON: a text */
  struct jg_json *tree = NULL;
  int same = 0;
  if (!kept) {
    kept = "";
  }
  jg_json_parse(kept, strlen(kept), &tree, &bad);
  if (bad.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  if (jg_json_type(tree) == JG_JSON_OBJECT) {
    same = makes(template, put_value, tree, prompt, err);
  }
  jg_json_free(tree);
  return same || makes(template, put_text, kept, prompt, err);
}

/* ---- ids ---------------------------------------------------------------- */

static int refuse_id(const struct jg_json *id, size_t at, const char *why,
                     struct jg_err *err) {
  struct jg_buf value, shown;
  jg_buf_init(&value, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&shown, JG_BUF_LIMIT_BYTES);
  jg_json_write(id, &value);
  jg_clean_brief(&shown, jg_buf_text(&value), value.len);
  jg_err_set(err, JG_ERROR, "judge_generate: input %zu: trace_id %s %s", at + 1,
             jg_buf_text(&shown), why);
  jg_buf_dispose(&value);
  jg_buf_dispose(&shown);
  return err->code;
}

int jg_inputs_given_id(struct jg_inputs *inputs, size_t at,
                       struct jg_err *err) {
  struct jg_input *input = &inputs->list[at];
  const struct jg_json *id = jg_json_get(input->values, ID_NAME);
  const char *text = jg_json_text(id);
  size_t bytes = text ? strlen(text) : 0;
  char why[80];
  assert(at < inputs->count);
  if (jg_json_type(id) == JG_JSON_NULL) {
    return err->code;
  }
  if (!text) {
    return refuse_id(id, at,
                     "is not a text: CAST(... AS TEXT), or leave it out, and "
                     "one is made",
                     err);
  }
  if (bytes == 0) {
    return refuse_id(id, at, "is empty: NULL, and one is made", err);
  }
  if (bytes > ID_MOST_BYTES) {
    snprintf(why, sizeof(why), "has %zu bytes; %d are the most", bytes,
             ID_MOST_BYTES);
    return refuse_id(id, at, why, err);
  }
  input->trace_id = text;
  return err->code;
}

/* By id, those with the same one in the order they came. */
static int by_id(const void *a, const void *b) {
  const struct jg_input *x = *(struct jg_input *const *)a;
  const struct jg_input *y = *(struct jg_input *const *)b;
  int order = strcmp(x->trace_id, y->trace_id);
  return order ? order : (x > y) - (x < y);
}

static int is_made(const struct jg_input *input) {
  return input->trace_id == input->made_id;
}

static void refuse_twice(const struct jg_inputs *inputs,
                         const struct jg_input *first,
                         const struct jg_input *second, struct jg_err *err) {
  struct jg_buf shown;
  jg_buf_init(&shown, JG_BUF_LIMIT_BYTES);
  jg_clean_brief(&shown, first->trace_id, strlen(first->trace_id));
  jg_err_set(err, JG_ERROR,
             "judge_generate: inputs %zu and %zu have the same trace_id '%s': "
             "give each one of its own, or NULL, and one is made",
             (size_t)(first - inputs->list) + 1,
             (size_t)(second - inputs->list) + 1, jg_buf_text(&shown));
  jg_buf_dispose(&shown);
}

int jg_inputs_check_ids(struct jg_inputs *inputs, size_t count,
                        struct jg_err *err) {
  struct jg_input **sorted = jg_mem_new(count, sizeof(*sorted), err);
  assert(count <= inputs->count);
  if (!sorted) {
    return err->code;
  }
  for (size_t i = 0; i < count; i++) {
    assert(inputs->list[i].trace_id);
    sorted[i] = &inputs->list[i];
  }
  qsort(sorted, count, sizeof(*sorted), by_id);
  for (size_t i = 1; i < count; i++) {
    struct jg_input *input = sorted[i];
    if (strcmp(sorted[i - 1]->trace_id, input->trace_id) != 0) {
      continue;
    }
    if (!is_made(sorted[i - 1]) || !is_made(input)) {
      refuse_twice(inputs, sorted[i - 1], input, err);
      break;
    }
    input->repeated = 1;
  }
  jg_mem_free(sorted);
  return err->code;
}
