/* Rows and lists as named values for a template. */
#include "run/inputs.h"

#include <string.h>

#include "core/mem.h"
#include "judge/template.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

void jg_inputs_dispose(struct jg_inputs *inputs) {
  jg_json_free(inputs->tree);
  inputs->tree = NULL;
  inputs->count = 0;
}

static int parse(struct jg_buf *text, struct jg_inputs *out,
                 struct jg_err *err) {
  if (jg_buf_check(text, err) == JG_OK &&
      jg_json_parse(jg_buf_text(text), text->len, &out->tree, err) == JG_OK) {
    out->count = jg_json_count(out->tree);
  }
  return err->code;
}

/* ---- a query ------------------------------------------------------------ */

static int write_row(sqlite3_stmt *stmt, struct jg_jsonw *w,
                     struct jg_err *err) {
  jg_jsonw_object(w);
  for (int i = 0; i < sqlite3_column_count(stmt); i++) {
    struct jg_value value = {.type = JG_NULL};
    jg_db_value(stmt, i, &value, err);
    jg_jsonw_key(w, sqlite3_column_name(stmt, i));
    jg_jsonw_value(w, &value);
    jg_value_dispose(&value);
  }
  jg_jsonw_end_object(w);
  return err->code;
}

int jg_inputs_query(struct jg_checked_env *env, struct jg_sql from,
                    struct jg_inputs *out, struct jg_err *err) {
  struct jg_buf sql, text;
  struct jg_checked c = {
      .env = env, .title = "judge_generate: from", .text = from};
  jg_buf_init(&sql, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &text};
  if (jg_checked_put_select(&sql, c.title, from, err) == JG_OK) {
    c.sql = jg_buf_text(&sql);
    jg_checked_open(&c, err);
  }
  jg_jsonw_array(&w);
  while (jg_checked_step(&c, err) == 1 && write_row(c.stmt, &w, err) == JG_OK) {
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
