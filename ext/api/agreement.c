/*
** agreement(judge, human [, metric [, options]])
**
** This file reads arguments and hands results over; all arithmetic is in
** stats/.
**
** 1. The first argument is the prediction, the second the reference.
** 2. metric and options are read from the first row of a group and must be the
**    same in all others.
** 3. A pair with a NULL on either side is left out before anything else.
** 4. What is undefined is NULL; misuse is an error.
** 5. As a window function it takes rows back exactly (xInverse).
**
** Over no rows at all SQLite shows no arguments, so every metric, n too, is
** NULL there.
*/
#include "api/agreement.h"

#include <string.h>
#include "core/buf.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "stats/accumulator.h"
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT3

#define NAME "agreement()"
#define DEFAULT_METRIC "accuracy"
#define COUNT_BYTES 20                        /* digits of the largest count */
#define TABLE_LIMIT_BYTES ((size_t)900 << 20) /* SQLite's own is 10^9 */

/* What one group holds; SQLite's context is a pointer to it. */
struct group {
  struct jg_accumulator acc;
  char *metric; /* as given, to tell a different one */
  size_t metric_bytes;
  char *options; /* the same */
  size_t options_bytes;
  struct jg_value *order; /* declared labels, their texts owned by json */
  double *matrix;         /* weights */
  struct jg_value human;  /* the cell asked for, lent by json */
  struct jg_value judge;
  struct jg_json *json; /* the options */
  struct jg_buf names;  /* the labels as JSON, see write_labels */
  uint64_t names_sort;  /* the sort of the labels that they show */
  struct jg_err err;    /* of the call under way */
};

static void free_group(struct group *group) {
  if (group == NULL) {
    return;
  }
  jg_accumulator_dispose(&group->acc);
  jg_mem_free(group->metric);
  jg_mem_free(group->options);
  jg_mem_free(group->order);
  jg_mem_free(group->matrix);
  jg_buf_dispose(&group->names);
  jg_json_free(group->json);
  jg_mem_free(group);
}

static void give_error(sqlite3_context *context, const struct jg_err *err) {
  if (err->code == JG_NOMEM) {
    sqlite3_result_error_nomem(context);
    return;
  }
  char *text = strncmp(err->text, NAME, strlen(NAME)) == 0
                   ? sqlite3_mprintf("%s", err->text)
                   : sqlite3_mprintf(NAME ": %s", err->text);
  if (text == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  sqlite3_result_error(context, text, -1);
  sqlite3_free(text);
}

/* -- options -------------------------------------------------------------- */

/* The fields as the option table reads them. */
struct read {
  const char *weights;
  const char *scores;
  const struct jg_json *order;
  const struct jg_json *categories;
  const struct jg_json *agreement;
  const struct jg_json *disagreement;
  const struct jg_json *human;
  const struct jg_json *judge;
};

static const struct jg_option OPTIONS[] = {
    {"weights", JG_OPTION_TEXT, offsetof(struct read, weights), 0, 0,
     "unweighted|linear|quadratic"},
    {"scores", JG_OPTION_TEXT, offsetof(struct read, scores), 0, 0,
     "position|value"},
    {"order", JG_OPTION_JSON, offsetof(struct read, order), 0, 0, NULL},
    {"categories", JG_OPTION_JSON, offsetof(struct read, categories), 0, 0,
     NULL},
    {"agreement", JG_OPTION_JSON, offsetof(struct read, agreement), 0, 0, NULL},
    {"disagreement", JG_OPTION_JSON, offsetof(struct read, disagreement), 0, 0,
     NULL},
    {"human", JG_OPTION_JSON, offsetof(struct read, human), 0, 0, NULL},
    {"judge", JG_OPTION_JSON, offsetof(struct read, judge), 0, 0, NULL},
};

/* A label written in JSON; its text is lent. true and false are what SQLite
** makes of them: 1 and 0. */
static int read_label(const char *key, const struct jg_json *item,
                      struct jg_value *out, struct jg_err *err) {
  int64_t whole = 0;
  switch (jg_json_type(item)) {
  case JG_JSON_TEXT:
    *out = jg_value_lend(jg_json_text(item));
    return JG_OK;
  case JG_JSON_NUMBER:
    *out = jg_json_int(item, &whole) ? jg_value_int(whole)
                                     : jg_value_real(jg_json_number(item));
    return JG_OK;
  case JG_JSON_BOOL:
    *out = jg_value_int(jg_json_true(item));
    return JG_OK;
  default:
    return jg_err_set(err, JG_ERROR,
                      "option %s: a label is a text, a number or a boolean",
                      key);
  }
}

static int read_labels(struct group *group, const char *key,
                       const struct jg_json *list,
                       struct jg_metric_options *to) {
  struct jg_err *err = &group->err;
  size_t count = jg_json_count(list);
  if (jg_json_type(list) != JG_JSON_ARRAY || count == 0) {
    return jg_err_set(err, JG_ERROR,
                      "option %s must be a list of labels, as in "
                      "[\"bad\",\"good\"]",
                      key);
  }
  jg_mem_free(group->order);
  group->order = jg_mem_new(count, sizeof *group->order, err);
  const struct jg_json *item = jg_json_first(list);
  for (size_t i = 0; group->order != NULL && i < count; i++) {
    read_label(key, item, &group->order[i], err);
    item = jg_json_next(item);
  }
  to->order = group->order;
  to->order_count = count;
  return err->code;
}

/* A square of numbers, as disagreement: agreement w is 1 - w. */
static int read_matrix(struct group *group, const char *key,
                       const struct jg_json *rows, int is_agreement,
                       struct jg_metric_options *to) {
  struct jg_err *err = &group->err;
  size_t q = to->order_count;
  to->weights = JG_WEIGHTS_MATRIX;
  to->given |= JG_TAKES_MATRIX;
  if (q == 0) {
    return err->code; /* jg_metric_check() tells that order is missing */
  }
  const struct jg_json *row = jg_json_first(rows);
  int square = jg_json_type(rows) == JG_JSON_ARRAY && jg_json_count(rows) == q;
  jg_mem_free(group->matrix);
  group->matrix = jg_mem_new(q * q, sizeof *group->matrix, err);
  for (size_t i = 0; group->matrix != NULL && square && i < q; i++) {
    const struct jg_json *cell = jg_json_first(row);
    square = jg_json_type(row) == JG_JSON_ARRAY && jg_json_count(row) == q;
    for (size_t j = 0; square && j < q; j++) {
      square = jg_json_type(cell) == JG_JSON_NUMBER;
      double weight = jg_json_number(cell);
      group->matrix[i * q + j] = is_agreement ? 1 - weight : weight;
      cell = jg_json_next(cell);
    }
    row = jg_json_next(row);
  }
  if (!square) {
    return jg_err_set(err, JG_ERROR,
                      "option %s must be %zu lists of %zu numbers, one for "
                      "each label of order",
                      key, q, q);
  }
  to->matrix = group->matrix;
  return err->code;
}

static int read_weights(struct group *group, const struct read *read,
                        struct jg_metric_options *to) {
  struct jg_err *err = &group->err;
  if ((read->weights != NULL) + (read->agreement != NULL) +
          (read->disagreement != NULL) >
      1) {
    return jg_err_set(err, JG_ERROR,
                      "weights, agreement and disagreement each give the "
                      "weights: pass one");
  }
  if (read->weights != NULL) {
    to->given |= JG_TAKES_WEIGHTS;
    to->weights = strcmp(read->weights, "linear") == 0 ? JG_WEIGHTS_LINEAR
                  : strcmp(read->weights, "quadratic") == 0
                      ? JG_WEIGHTS_QUADRATIC
                      : JG_WEIGHTS_NONE;
  }
  if (read->scores != NULL && strcmp(read->scores, "value") == 0) {
    to->given |= JG_TAKES_SCORES;
    to->scores_are_values = 1;
  }
  if (read->agreement != NULL) {
    return read_matrix(group, "agreement", read->agreement, 1, to);
  }
  if (read->disagreement != NULL) {
    return read_matrix(group, "disagreement", read->disagreement, 0, to);
  }
  return err->code;
}

static int read_cell(struct group *group, const struct read *read,
                     struct jg_metric_options *to) {
  struct jg_err *err = &group->err;
  if (read->human == NULL && read->judge == NULL) {
    return err->code;
  }
  if (read->human == NULL || read->judge == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "human and judge name one cell together: pass both");
  }
  read_label("human", read->human, &group->human, err);
  read_label("judge", read->judge, &group->judge, err);
  to->human = &group->human;
  to->judge = &group->judge;
  to->given |= JG_TAKES_CELL;
  return err->code;
}

static int read_options(struct group *group, struct jg_metric_options *to) {
  struct read read = {0};
  struct jg_err *err = &group->err;
  if (jg_options_read(NAME, group->options, group->options_bytes, OPTIONS,
                      sizeof OPTIONS / sizeof OPTIONS[0], &read, &group->json,
                      err) != JG_OK) {
    return err->code;
  }
  if (read.order != NULL) {
    to->given |= JG_TAKES_ORDER;
    read_labels(group, "order", read.order, to);
  }
  if (read.categories != NULL && err->code == JG_OK) {
    to->given |= JG_TAKES_CATEGORIES;
    if (read.order == NULL) {
      read_labels(group, "categories", read.categories, to);
    }
  }
  if (err->code == JG_OK) {
    read_weights(group, &read, to);
  }
  if (err->code == JG_OK) {
    read_cell(group, &read, to);
  }
  return err->code;
}

/* -- groups --------------------------------------------------------------- */

/* A copy of a text argument; NULL for SQL NULL. */
static char *copy_text(sqlite3_value *value, size_t *bytes,
                       struct jg_err *err) {
  *bytes = 0;
  if (sqlite3_value_type(value) == SQLITE_NULL) {
    return NULL;
  }
  const char *text = (const char *)sqlite3_value_text(value);
  if (text == NULL) {
    jg_err_nomem(err);
    return NULL;
  }
  *bytes = (size_t)sqlite3_value_bytes(value);
  return jg_mem_textn(text, *bytes, err);
}

static int init_group(struct group *group, int argc, sqlite3_value **argv) {
  struct jg_err *err = &group->err;
  struct jg_metric_options options = {0};
  jg_buf_init(&group->names, TABLE_LIMIT_BYTES);
  if (argc > 2) {
    group->metric = copy_text(argv[2], &group->metric_bytes, err);
  }
  if (argc > 3) {
    group->options = copy_text(argv[3], &group->options_bytes, err);
  }
  if (err->code != JG_OK) {
    return err->code;
  }
  const struct jg_metric *metric =
      jg_metric_find(group->metric ? group->metric : DEFAULT_METRIC, err);
  if (metric == NULL || read_options(group, &options) != JG_OK) {
    return err->code;
  }
  return jg_accumulator_init(&group->acc, metric, &options, err);
}

/* The group of this call, made at its first row; NULL after an error. */
static struct group *get_group(sqlite3_context *context, int argc,
                               sqlite3_value **argv) {
  struct group **held = sqlite3_aggregate_context(context, sizeof *held);
  if (held == NULL) {
    sqlite3_result_error_nomem(context);
    return NULL;
  }
  if (*held != NULL) {
    return *held;
  }
  struct jg_err err = {0};
  struct group *group = jg_mem_new(1, sizeof *group, &err);
  if (group == NULL) {
    give_error(context, &err);
    return NULL;
  }
  if (init_group(group, argc, argv) != JG_OK) {
    give_error(context, &group->err);
    free_group(group);
    return NULL;
  }
  *held = group;
  return group;
}

/* Promise 2: the same text as in the first row. */
static int check_constant(struct group *group, const char *what,
                          sqlite3_value *value, const char *first,
                          size_t bytes) {
  const char *text = (const char *)sqlite3_value_text(value);
  if (text == NULL && sqlite3_value_type(value) != SQLITE_NULL) {
    return jg_err_nomem(&group->err);
  }
  size_t now = text == NULL ? 0 : (size_t)sqlite3_value_bytes(value);
  if ((text == NULL) == (first == NULL) && now == bytes &&
      (bytes == 0 || memcmp(text, first, bytes) == 0)) {
    return JG_OK;
  }
  return jg_err_set(&group->err, JG_ERROR,
                    "%s must be the same in all rows of a group: it was %.80s "
                    "and is now %.80s",
                    what, first == NULL ? "NULL" : first,
                    text == NULL ? "NULL" : text);
}

/* Lends one side of a pair. */
static int read_side(sqlite3_value *value, const char *side,
                     struct jg_value *out, struct jg_err *err) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_TEXT:
    out->type = JG_TEXT;
    out->text = (char *)(uintptr_t)sqlite3_value_text(value);
    out->len = (size_t)sqlite3_value_bytes(value);
    return out->text == NULL ? jg_err_nomem(err) : JG_OK;
  case SQLITE_INTEGER:
    *out = jg_value_int(sqlite3_value_int64(value));
    return JG_OK;
  case SQLITE_FLOAT:
    *out = jg_value_real(sqlite3_value_double(value));
    return JG_OK;
  case SQLITE_BLOB:
    return jg_err_set(err, JG_ERROR,
                      "the %s label is a blob; labels are text or numbers: "
                      "CAST(... AS TEXT)",
                      side);
  default:
    out->type = JG_NULL;
    return JG_OK;
  }
}

typedef int (*move_pair)(struct jg_accumulator *acc,
                         const struct jg_value *judge,
                         const struct jg_value *human, struct jg_err *err);

static void move_row(sqlite3_context *context, int argc, sqlite3_value **argv,
                     move_pair move) {
  struct group *group = get_group(context, argc, argv);
  if (group == NULL) {
    return;
  }
  struct jg_value judge;
  struct jg_value human;
  struct jg_err *err = &group->err;
  jg_err_clear(err);
  if (read_side(argv[0], "judge", &judge, err) == JG_OK &&
      read_side(argv[1], "human", &human, err) == JG_OK &&
      (argc < 3 || check_constant(group, "metric", argv[2], group->metric,
                                  group->metric_bytes) == JG_OK) &&
      (argc < 4 || check_constant(group, "options", argv[3], group->options,
                                  group->options_bytes) == JG_OK)) {
    move(&group->acc, &judge, &human, err);
  }
  if (err->code != JG_OK) {
    give_error(context, err);
  }
}

static void step_row(sqlite3_context *context, int argc, sqlite3_value **argv) {
  move_row(context, argc, argv, jg_accumulator_step);
}

static void inverse_row(sqlite3_context *context, int argc,
                        sqlite3_value **argv) {
  move_row(context, argc, argv, jg_accumulator_inverse);
}

/* -- results -------------------------------------------------------------- */

/* Digits by hand: a table has many numbers, and printf is slow. */
static size_t put_count(char *at, uint64_t count) {
  char digits[COUNT_BYTES];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + count % 10);
    count /= 10;
  } while (count != 0);
  memcpy(at, digits + first, sizeof digits - first);
  return sizeof digits - first;
}

/* One row of the table, by way of a piece that is filled first. */
static void write_row(const struct jg_labels *labels, uint32_t human,
                      const uint32_t *ids, size_t count, struct jg_buf *to) {
  char piece[512];
  size_t len = 0;
  piece[len++] = '[';
  for (size_t i = 0; i < count; i++) {
    if (len > sizeof piece - COUNT_BYTES - 2) {
      jg_buf_add(to, piece, len);
      len = 0;
    }
    if (i > 0) {
      piece[len++] = ',';
    }
    len += put_count(piece + len, jg_labels_pair(labels, human, ids[i]));
  }
  piece[len++] = ']';
  jg_buf_add(to, piece, len);
}

/* The list of labels is written once for as long as they stay the same: a
** sliding window asks for the table at each row. */
static const struct jg_buf *write_labels(struct group *group,
                                         const uint32_t *ids, size_t count) {
  const struct jg_labels *labels = &group->acc.labels;
  struct jg_buf *names = &group->names;
  if (group->names_sort != labels->sorts) {
    struct jg_jsonw w = {.to = names};
    jg_buf_clear(names);
    for (size_t i = 0; i < count; i++) {
      jg_jsonw_value(&w, &labels->label[ids[i]]->value);
    }
    group->names_sort = labels->sorts;
  }
  return names;
}

/* {"labels":[..],"counts":[[..],..],"n":..}; rows human, columns judge. */
static void write_table(struct group *group, const uint32_t *ids, size_t count,
                        struct jg_buf *to) {
  char n[COUNT_BYTES];
  const struct jg_buf *names = write_labels(group, ids, count);
  if (names->failed != JG_OK) {
    to->failed = names->failed;
    return;
  }
  jg_buf_puts(to, "{\"labels\":[");
  jg_buf_add(to, jg_buf_text(names), names->len);
  jg_buf_puts(to, "],\"counts\":[");
  for (size_t i = 0; i < count && to->failed == JG_OK; i++) {
    if (i > 0) {
      jg_buf_putc(to, ',');
    }
    write_row(&group->acc.labels, ids[i], ids, count, to);
  }
  jg_buf_puts(to, "],\"n\":");
  jg_buf_add(to, n, put_count(n, group->acc.n));
  jg_buf_putc(to, '}');
}

static void give_table(sqlite3_context *context, struct group *group) {
  const uint32_t *ids = NULL;
  size_t count = 0;
  struct jg_buf buf;
  char *text = NULL;
  struct jg_err *err = &group->err;
  jg_buf_init(&buf, TABLE_LIMIT_BYTES);
  if (jg_labels_sorted(&group->acc.labels, &ids, &count, err) == JG_OK) {
    write_table(group, ids, count, &buf);
    if (buf.failed == JG_ERROR) {
      jg_err_set(err, JG_ERROR,
                 "a table of %zu labels is too long for a text: GROUP BY both "
                 "columns instead",
                 count);
    }
    sqlite3_uint64 bytes = buf.len;
    text = err->code == JG_OK ? jg_buf_take(&buf, err) : NULL;
    if (text != NULL) {
      sqlite3_result_text64(context, text, bytes, jg_mem_free, SQLITE_UTF8);
    }
  }
  jg_buf_dispose(&buf);
  if (err->code != JG_OK) {
    give_error(context, err);
  }
}

static void give_value(sqlite3_context *context, struct group *group) {
  struct jg_metric_result result;
  jg_err_clear(&group->err);
  if (jg_accumulator_value(&group->acc, &result, &group->err) != JG_OK) {
    give_error(context, &group->err);
    return;
  }
  switch (result.kind) {
  case JG_RESULT_REAL:
    sqlite3_result_double(context, result.real);
    break;
  case JG_RESULT_INT:
    sqlite3_result_int64(context, result.integer);
    break;
  case JG_RESULT_TABLE:
    give_table(context, group);
    break;
  case JG_RESULT_NULL:
    sqlite3_result_null(context);
    break;
  }
}

static void value_now(sqlite3_context *context) {
  struct group **held = sqlite3_aggregate_context(context, 0);
  if (held != NULL && *held != NULL) {
    give_value(context, *held);
  }
}

static void finish(sqlite3_context *context) {
  struct group **held = sqlite3_aggregate_context(context, 0);
  if (held != NULL && *held != NULL) {
    give_value(context, *held);
    free_group(*held);
    *held = NULL;
  }
}

int jg_agreement_register(struct sqlite3 *db) {
  int rc = SQLITE_OK;
  for (int argc = 2; argc <= 4 && rc == SQLITE_OK; argc++) {
    rc = sqlite3_create_window_function(
        db, "agreement", argc,
        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, step_row,
        finish, value_now, inverse_row, NULL);
  }
  return rc;
}
