/*
** Reading a function's options object by its table.
*/
#include "core/options.h"
#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"

#define NAMES_MAX 64 /* options of one function */
#define SHOWN_BYTES 120

/* What a message about one option needs. */
struct place {
  const char *command;            /* whose options they are */
  const struct jg_option *option; /* the one at fault */
  const struct jg_json *value;    /* as given */
};

/* "judge_run: option \"limit\" is 1.5; it must be ..." */
static int refuse(const struct place *at, const char *allowed,
                  struct jg_err *err) {
  struct jg_buf shown;
  size_t bytes;
  const char *more = "";

  jg_buf_init(&shown, JG_BUF_LIMIT_BYTES);
  jg_json_write(at->value, &shown);
  if (jg_buf_check(&shown, err) == JG_OK) {
    bytes = jg_text_cut(jg_buf_text(&shown), shown.len, SHOWN_BYTES);
    more = bytes < shown.len ? "..." : "";
    jg_err_set(err, JG_ERROR, "%s: option \"%s\" is %.*s%s; it must be %s",
               at->command, at->option->key, (int)bytes, jg_buf_text(&shown),
               more, allowed);
  }
  jg_buf_dispose(&shown);
  return err->code;
}

static int refuse_number(const struct place *at, const char *kind,
                         struct jg_err *err) {
  const struct jg_option *option = at->option;
  struct jg_buf allowed;

  jg_buf_init(&allowed, JG_ERR_BYTES);
  jg_buf_puts(&allowed, kind);
  if (option->max == INT64_MAX) {
    jg_buf_printf(&allowed, " from %lld up", (long long)option->min);
  } else if (option->min != 0 || option->max != 0) {
    jg_buf_printf(&allowed, " from %lld to %lld", (long long)option->min,
                  (long long)option->max);
  }
  if (jg_buf_check(&allowed, err) == JG_OK) {
    refuse(at, jg_buf_text(&allowed), err);
  }
  jg_buf_dispose(&allowed);
  return err->code;
}

static int read_bool(const struct place *at, int *to, struct jg_err *err) {
  int64_t x;

  if (jg_json_type(at->value) == JG_JSON_BOOL) {
    *to = jg_json_true(at->value);
    return JG_OK;
  }
  if (jg_json_int(at->value, &x) && (x == 0 || x == 1)) {
    *to = (int)x;
    return JG_OK;
  }
  return refuse(at, "true or false", err);
}

static int read_int(const struct place *at, int64_t *to, struct jg_err *err) {
  const struct jg_option *option = at->option;
  int bounded = option->min != 0 || option->max != 0;
  int64_t x;

  if (!jg_json_int(at->value, &x) ||
      (bounded && (x < option->min || x > option->max))) {
    return refuse_number(at, "a whole number", err);
  }
  *to = x;
  return JG_OK;
}

static int read_real(const struct place *at, double *to, struct jg_err *err) {
  const struct jg_option *option = at->option;
  int bounded = option->min != 0 || option->max != 0;
  double x = jg_json_number(at->value);

  if (jg_json_type(at->value) != JG_JSON_NUMBER ||
      (bounded && (x < (double)option->min || x > (double)option->max))) {
    return refuse_number(at, "a number", err);
  }
  *to = x;
  return JG_OK;
}

/* True when text is one of "a|b|c". */
static int is_choice(const char *choices, const char *text) {
  size_t bytes = strlen(text);

  for (;;) {
    size_t part = strcspn(choices, "|");
    if (part == bytes && memcmp(choices, text, bytes) == 0) {
      return 1;
    }
    if (choices[part] == '\0') {
      return 0;
    }
    choices += part + 1;
  }
}

static int read_text(const struct place *at, const char **to,
                     struct jg_err *err) {
  const char *choices = at->option->choices;
  const char *text = jg_json_text(at->value);
  struct jg_buf allowed;

  if (text != NULL && (choices == NULL || is_choice(choices, text))) {
    *to = text;
    return JG_OK;
  }
  if (choices == NULL) {
    return refuse(at, "a text", err);
  }
  jg_buf_init(&allowed, JG_ERR_BYTES);
  jg_buf_puts(&allowed, "one of ");
  for (; *choices != '\0'; choices++) {
    if (*choices == '|') {
      jg_buf_puts(&allowed, ", ");
    } else {
      jg_buf_putc(&allowed, *choices);
    }
  }
  if (jg_buf_check(&allowed, err) == JG_OK) {
    refuse(at, jg_buf_text(&allowed), err);
  }
  jg_buf_dispose(&allowed);
  return err->code;
}

static int read_option(const struct place *at, void *into, struct jg_err *err) {
  void *field = (char *)into + at->option->offset;

  assert(at->option->choices == NULL || at->option->type == JG_OPTION_TEXT);
  assert(at->option->min <= at->option->max);
  if (jg_json_type(at->value) == JG_JSON_NULL) {
    return JG_OK;
  }
  switch (at->option->type) {
  case JG_OPTION_BOOL:
    return read_bool(at, field, err);
  case JG_OPTION_INT:
    return read_int(at, field, err);
  case JG_OPTION_REAL:
    return read_real(at, field, err);
  case JG_OPTION_TEXT:
    return read_text(at, field, err);
  case JG_OPTION_SQL:
    return read_text(at, &((struct jg_sql *)field)->unchecked, err);
  case JG_OPTION_JSON:
    break;
  }
  *(const struct jg_json **)field = at->value;
  return JG_OK;
}

static int refuse_key(const char *command, const char *key,
                      const struct jg_option *table, size_t count,
                      struct jg_err *err) {
  const char *names[NAMES_MAX];
  const char *nearest;
  struct jg_buf known;
  size_t i;

  jg_buf_init(&known, JG_ERR_BYTES);
  for (i = 0; i < count; i++) {
    names[i] = table[i].key;
    jg_buf_printf(&known, "%s%s", i == 0 ? "" : ", ", names[i]);
  }
  nearest = jg_text_nearest(key, names, count);
  if (nearest != NULL) {
    jg_err_set(err, JG_ERROR,
               "%s: unknown option \"%.120s\"; did you mean \"%s\"?", command,
               key, nearest);
  } else if (count == 0) {
    jg_err_set(err, JG_ERROR, "%s: unknown option \"%.120s\"; it takes none",
               command, key);
  } else {
    jg_err_set(err, JG_ERROR, "%s: unknown option \"%.120s\"; it takes %s",
               command, key, jg_buf_text(&known));
  }
  jg_buf_dispose(&known);
  return err->code;
}

static int read_member(const char *command, const struct jg_json *member,
                       const struct jg_option *table, size_t count, void *into,
                       struct jg_err *err) {
  const char *key = jg_json_key(member);
  size_t i;

  assert(key != NULL); /* of an object */
  for (i = 0; i < count; i++) {
    if (strcmp(table[i].key, key) == 0) {
      struct place at = {command, &table[i], member};
      return read_option(&at, into, err);
    }
  }
  return refuse_key(command, key, table, count, err);
}

int jg_options_read(const char *command, const char *text, size_t bytes,
                    const struct jg_option *table, size_t count, void *into,
                    struct jg_json **keep, struct jg_err *err) {
  const struct jg_json *member;
  struct jg_json *root = NULL;
  struct jg_err syntax = {0};
  int rc = JG_OK;

  assert(count <= NAMES_MAX);
  *keep = NULL;
  if (text == NULL || bytes == 0) {
    return JG_OK;
  }
  if (jg_json_parse(text, bytes, &root, &syntax) != JG_OK) {
    return syntax.code == JG_NOMEM
               ? jg_err_nomem(err)
               : jg_err_set(err, syntax.code, "%s: options are not JSON: %s",
                            command, syntax.text);
  }
  if (jg_json_type(root) != JG_JSON_OBJECT) {
    rc = jg_err_set(err, JG_ERROR,
                    "%s: options must be one JSON object such as "
                    "{\"name\":value}",
                    command);
  }
  for (member = jg_json_first(root); member != NULL && rc == JG_OK;
       member = jg_json_next(member)) {
    rc = read_member(command, member, table, count, into, err);
  }
  if (rc != JG_OK) {
    jg_json_free(root);
    return rc;
  }
  *keep = root;
  return JG_OK;
}
