/*
** Built-in judges: one file of sql/judges each, so that adding a judge is
** adding a file. Keys: name, description, value_type, needs, optional (lists of
** variables), needs_guidelines, expectations ({"all_of": [...]} or
** {"exactly_one_of": [...]}: keys that the expectations must have), and
** instructions (a list of lines).
*/
#include "judge/builtin.h"

#include <stdio.h>
#include <string.h>
#include "core/embed.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"

#define PREFIX "judges/"
#define SUFFIX ".json"
#define NAME_BYTES 128
#define NAMES_MAX 128

/* The embedded text of a built-in, or NULL. */
static const char *file_text(const char *name) {
  char path[NAME_BYTES];
  int n = snprintf(path, sizeof path, PREFIX "%s" SUFFIX, name);
  return n > 0 && (size_t)n < sizeof path ? jg_embed_get(path) : NULL;
}

int jg_builtin_exists(const char *name) {
  return name != NULL && file_text(name) != NULL;
}

/* Bytes of the judge's name in a file's name; 0 when it is no judge. */
static size_t stem_bytes(const char *file) {
  size_t n = strlen(file);
  size_t around = sizeof PREFIX - 1 + sizeof SUFFIX - 1;
  if (n <= around || strcmp(file + n - (sizeof SUFFIX - 1), SUFFIX) != 0) {
    return 0;
  }
  return n - around;
}

void jg_builtin_names(struct jg_buf *to) {
  const struct jg_embed *file;
  const char *comma = "";
  size_t at = 0;
  while ((file = jg_embed_next(PREFIX, &at)) != NULL) {
    size_t n = stem_bytes(file->name);
    if (n > 0) {
      jg_buf_puts(to, comma);
      jg_buf_add(to, file->name + sizeof PREFIX - 1, n);
      comma = ", ";
    }
  }
}

int jg_builtin_unknown(const char *name, struct jg_err *err) {
  struct jg_buf names, shown;
  const char *list[NAMES_MAX];
  const char *near;
  char *part;
  char *rest;
  size_t count = 0;
  jg_buf_init(&names, JG_ERR_BYTES);
  jg_buf_init(&shown, JG_ERR_BYTES);
  jg_builtin_names(&names);
  jg_clean_brief(&shown, name, strlen(name));
  rest = jg_mem_text(jg_buf_text(&names), err);
  /* Cut the copy at ", " to have the names one by one. */
  for (part = rest; part != NULL && count < NAMES_MAX;) {
    char *comma = strstr(part, ", ");
    list[count++] = part;
    if (comma != NULL) {
      *comma = 0;
      comma += 2;
    }
    part = comma;
  }
  near = jg_text_nearest(jg_buf_text(&shown), list, count);
  jg_err_set(
      err, JG_ERROR, "built-in judge '%s' is unknown%s%s%s: use one of %s",
      jg_buf_text(&shown), near != NULL ? " (did you mean '" : "",
      near != NULL ? near : "", near != NULL ? "'?)" : "", jg_buf_text(&names));
  jg_mem_free(rest);
  jg_buf_dispose(&shown);
  jg_buf_dispose(&names);
  return err->code;
}

static int read_variables(const struct jg_json *list, unsigned *bits,
                          struct jg_err *err) {
  struct jg_buf text;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(list, &text);
  if (jg_buf_check(&text, err) == JG_OK) {
    jg_judge_variables_read(jg_buf_text(&text), bits, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

static int read_instructions(const struct jg_json *lines, char **out,
                             struct jg_err *err) {
  const struct jg_json *line;
  struct jg_buf text;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  for (line = jg_json_first(lines); line != NULL; line = jg_json_next(line)) {
    jg_buf_puts(&text, jg_json_text(line));
    if (jg_json_next(line) != NULL) {
      jg_buf_putc(&text, '\n');
    }
  }
  *out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return err->code;
}

static int read_scale(const struct jg_json *type, struct jg_scale *out,
                      struct jg_err *err) {
  struct jg_buf text;
  int rc;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(type, &text);
  rc = jg_buf_check(&text, err);
  if (rc == JG_OK) {
    rc = jg_scale_parse(jg_buf_text(&text), out, err);
  }
  jg_buf_dispose(&text);
  return rc;
}

/* Parses the file of a built-in. */
static int open_file(const char *name, struct jg_json **out,
                     struct jg_err *err) {
  const char *text = file_text(name);
  *out = NULL;
  if (text == NULL) {
    return jg_builtin_unknown(name, err);
  }
  return jg_json_parse(text, strlen(text), out, err);
}

int jg_builtin_load(const char *name, struct jg_judge *out,
                    struct jg_err *err) {
  struct jg_json *file = NULL;
  unsigned needs = 0;
  if (open_file(name, &file, err) != JG_OK) {
    return err->code;
  }
  out->optional = 0;
  read_variables(jg_json_get(file, "needs"), &needs, err);
  read_variables(jg_json_get(file, "optional"), &out->optional, err);
  out->variables = needs | out->optional;
  jg_mem_free(out->instructions);
  out->instructions = NULL;
  jg_scale_dispose(&out->scale);
  if (err->code == JG_OK &&
      read_instructions(jg_json_get(file, "instructions"), &out->instructions,
                        err) == JG_OK) {
    read_scale(jg_json_get(file, "value_type"), &out->scale, err);
  }
  jg_json_free(file);
  return err->code;
}

int jg_builtin_needs_guidelines(const char *name, struct jg_err *err) {
  struct jg_json *file = NULL;
  int needs = 0;
  if (jg_builtin_exists(name) && open_file(name, &file, err) == JG_OK) {
    needs = jg_json_true(jg_json_get(file, "needs_guidelines"));
  }
  jg_json_free(file);
  return needs;
}

/* ---- what a built-in asks of the expectations ---- */

/* Is there something under this key? Null, "" and empty lists are nothing. */
static int has_key(const struct jg_json *expectations, const char *key) {
  const struct jg_json *value = jg_json_get(expectations, key);
  size_t bytes = 0;
  switch (jg_json_type(value)) {
  case JG_JSON_NULL:
    return 0;
  case JG_JSON_TEXT:
    jg_text_trim(jg_json_text(value), strlen(jg_json_text(value)), &bytes);
    return bytes > 0;
  case JG_JSON_ARRAY:
  case JG_JSON_OBJECT:
    return jg_json_count(value) > 0;
  default:
    return 1;
  }
}

/* "expected_response, expected_facts" */
static void add_keys(const struct jg_json *keys, struct jg_buf *to) {
  const struct jg_json *key;
  for (key = jg_json_first(keys); key != NULL; key = jg_json_next(key)) {
    jg_buf_puts(to, jg_json_text(key));
    jg_buf_puts(to, jg_json_next(key) != NULL ? ", " : "");
  }
}

static int check_all(const struct jg_json *keys,
                     const struct jg_json *expectations, const char *who,
                     const char *judge, struct jg_err *err) {
  const struct jg_json *key;
  for (key = jg_json_first(keys); key != NULL; key = jg_json_next(key)) {
    if (!has_key(expectations, jg_json_text(key))) {
      return jg_err_set(err, JG_ERROR,
                        "%s has no %s in its expectations, which judge '%s' "
                        "needs",
                        who, jg_json_text(key), judge);
    }
  }
  return JG_OK;
}

static int check_one(const struct jg_json *keys,
                     const struct jg_json *expectations, const char *who,
                     const char *judge, struct jg_err *err) {
  const struct jg_json *key;
  struct jg_buf names;
  size_t found = 0;
  if (jg_json_count(keys) == 0) {
    return JG_OK;
  }
  for (key = jg_json_first(keys); key != NULL; key = jg_json_next(key)) {
    found += (size_t)has_key(expectations, jg_json_text(key));
  }
  if (found == 1) {
    return JG_OK;
  }
  jg_buf_init(&names, JG_ERR_BYTES);
  add_keys(keys, &names);
  jg_err_set(err, JG_ERROR,
             "%s has %s of %s in its expectations: judge '%s' needs exactly "
             "one of them",
             who, found == 0 ? "none" : "more than one", jg_buf_text(&names),
             judge);
  jg_buf_dispose(&names);
  return err->code;
}

int jg_builtin_check_expectations(const char *name,
                                  const struct jg_json *expectations,
                                  const char *who, const char *judge,
                                  struct jg_err *err) {
  struct jg_json *file = NULL;
  const struct jg_json *rules;
  if (!jg_builtin_exists(name)) {
    return JG_OK; /* made by a version that had it: its text is stored */
  }
  if (open_file(name, &file, err) != JG_OK) {
    return err->code;
  }
  rules = jg_json_get(file, "expectations");
  if (check_all(jg_json_get(rules, "all_of"), expectations, who, judge, err) ==
      JG_OK) {
    check_one(jg_json_get(rules, "exactly_one_of"), expectations, who, judge,
              err);
  }
  jg_json_free(file);
  return err->code;
}
