/*
** agreement(), agreement_raters(), agreement_difference(), agreement_rate()
**
** This file reads arguments and hands results over; all arithmetic is in
** stats/.
**
** 1. Of agreement() the first argument is the prediction, the second the
**    reference.
** 2. metric and options are read from the first row of a group and must be the
**    same in all others.
** 3. A row that lacks what its metric compares is left out before anything
**    else.
** 4. What is undefined is NULL; misuse is an error.
** 5. As window functions they take rows back exactly (xInverse).
**
** Over no rows at all SQLite shows no arguments, so every metric, n too, is
** NULL there.
*/
#include "api/agreement.h"

#include <string.h>
#include "api/agreement_options.h"
#include "api/agreement_result.h"
#include "core/mem.h"
SQLITE_EXTENSION_INIT3

#define MOST_VALUES 3

/* What one group holds; SQLite's context is a pointer to it. */
struct group {
  const struct jg_aggregate *aggregate;
  void *state;
  struct jg_query query;
  char *metric; /* as given, to tell a different one */
  size_t metric_bytes;
  char *options; /* the same */
  size_t options_bytes;
  struct jg_agreement_options read;
  struct jg_agreement_names names;
  struct jg_err err; /* of the call under way */
};

static void free_group(struct group *group) {
  if (group == NULL) {
    return;
  }
  if (group->state != NULL) {
    group->aggregate->dispose(group->state);
  }
  jg_mem_free(group->state);
  jg_mem_free(group->metric);
  jg_mem_free(group->options);
  jg_agreement_options_dispose(&group->read);
  jg_buf_dispose(&group->names.text);
  jg_mem_free(group);
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
  const struct jg_metric_table *table = group->aggregate->table;
  struct jg_err *err = &group->err;
  int values = table->values;
  if (argc > values) {
    group->metric = copy_text(argv[values], &group->metric_bytes, err);
  }
  if (argc > values + 1) {
    group->options = copy_text(argv[values + 1], &group->options_bytes, err);
  }
  const char *name = group->metric != NULL ? group->metric : table->usual;
  if (err->code != JG_OK ||
      jg_query_init(&group->query, table, name, NULL, err) != JG_OK ||
      jg_agreement_options_read(&group->read, table, group->options,
                                group->options_bytes, err) != JG_OK ||
      jg_query_init(&group->query, table, name, &group->read.options, err) !=
          JG_OK) {
    return err->code;
  }
  void *state = jg_mem_new(1, group->aggregate->bytes, err);
  if (state != NULL &&
      group->aggregate->init(state, &group->query, err) != JG_OK) {
    jg_mem_free(state);
    state = NULL;
  }
  group->state = state;
  return err->code;
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
  const struct jg_aggregate *aggregate = sqlite3_user_data(context);
  struct jg_err err = {0};
  struct group *group = jg_mem_new(1, sizeof *group, &err);
  if (group == NULL) {
    jg_agreement_give_error(context, aggregate->table, &err);
    return NULL;
  }
  group->aggregate = aggregate;
  if (init_group(group, argc, argv) != JG_OK) {
    jg_agreement_give_error(context, aggregate->table, &group->err);
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

/* -- rows ----------------------------------------------------------------- */

int jg_agreement_read_value(sqlite3_value *value, const char *side,
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
                      "the %s is a blob; labels are text or numbers: CAST(... "
                      "AS TEXT)",
                      side);
  default:
    out->type = JG_NULL;
    return JG_OK;
  }
}

/* What an error calls the arguments, in their order. */
static const char *side_of(const struct jg_metric_table *table, int at) {
  static const char *const PAIR[] = {"judge label", "human label"};
  static const char *const RATERS[] = {"item", "rater", "value"};
  static const char *const DIFFERENCE[] = {"label of judge_a",
                                           "label of judge_b", "human label"};
  return table == &jg_rater_metrics        ? RATERS[at]
         : table == &jg_difference_metrics ? DIFFERENCE[at]
                                           : PAIR[at];
}

static void move_row(sqlite3_context *context, int argc, sqlite3_value **argv,
                     int sign) {
  struct group *group = get_group(context, argc, argv);
  if (group == NULL) {
    return;
  }
  const struct jg_metric_table *table = group->aggregate->table;
  int values = table->values;
  struct jg_value value[MOST_VALUES];
  struct jg_err *err = &group->err;
  jg_err_clear(err);
  for (int i = 0; i < values && err->code == JG_OK; i++) {
    jg_agreement_read_value(argv[i], side_of(table, i), &value[i], err);
  }
  if (err->code == JG_OK &&
      (argc <= values ||
       check_constant(group, "metric", argv[values], group->metric,
                      group->metric_bytes) == JG_OK) &&
      (argc <= values + 1 ||
       check_constant(group, "options", argv[values + 1], group->options,
                      group->options_bytes) == JG_OK)) {
    group->aggregate->move(group->state, value, sign, err);
  }
  if (err->code != JG_OK) {
    jg_agreement_give_error(context, table, err);
  }
}

static void step_row(sqlite3_context *context, int argc, sqlite3_value **argv) {
  move_row(context, argc, argv, 1);
}

static void inverse_row(sqlite3_context *context, int argc,
                        sqlite3_value **argv) {
  move_row(context, argc, argv, -1);
}

static void give_value(sqlite3_context *context, struct group *group) {
  jg_err_clear(&group->err);
  jg_agreement_give(context, group->aggregate, group->state, &group->query,
                    &group->names, &group->err);
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

/* -- registering ---------------------------------------------------------- */

static const struct jg_aggregate *const AGGREGATES[] = {
    &jg_aggregate_pairs, &jg_aggregate_raters, &jg_aggregate_difference,
    &jg_aggregate_rate};
#define AGGREGATE_COUNT (sizeof AGGREGATES / sizeof AGGREGATES[0])

int jg_agreement_register(sqlite3 *db) {
  for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
    const struct jg_metric_table *table = AGGREGATES[i]->table;
    for (int more = 0; more <= 2; more++) {
      int rc = sqlite3_create_window_function(
          db, table->function, table->values + more, JG_AGREEMENT_FLAGS,
          (void *)(uintptr_t)AGGREGATES[i], step_row, finish, value_now,
          inverse_row, NULL);
      if (rc != SQLITE_OK) {
        return rc;
      }
    }
  }
  return jg_agreement_state_register(db);
}

void jg_agreement_remove(sqlite3 *db) {
  for (size_t i = 0; i < AGGREGATE_COUNT; i++) {
    const struct jg_metric_table *table = AGGREGATES[i]->table;
    for (int more = 0; more <= 2; more++) {
      (void)sqlite3_create_window_function(db, table->function,
                                           table->values + more, SQLITE_UTF8,
                                           NULL, NULL, NULL, NULL, NULL, NULL);
    }
  }
  jg_agreement_state_remove(db);
}
