/*
** agreement_state(judge, human [, options]): the counts of a group's pairs as
** a blob (stats/state.h), also over a window.
** agreement_merge(state [, metric [, options]]): any metric of agreement() over
** all pairs of the states of a group; NULL states are left out.
**
** agreement_merge over states of parts gives, to the last digit, what
** agreement() gives over the whole.
*/
#include "api/agreement.h"

#include <string.h>
#include "api/agreement_options.h"
#include "api/agreement_result.h"
#include "core/mem.h"
#include "stats/state.h"
SQLITE_EXTENSION_INIT3

#define STATE "agreement_state"
#define MERGE "agreement_merge"
#define STATE_LIMIT_BYTES ((size_t)900 << 20)

struct group {
  struct jg_query query;
  struct jg_accumulator acc;
  struct jg_agreement_options read;
  struct jg_agreement_names names;
  int started; /* acc is initialised */
  struct jg_err err;
};

/* Errors name the function at hand, not the table's. */
static struct jg_metric_table titled(const char *title) {
  struct jg_metric_table table = jg_pair_metrics;
  table.title = title;
  return table;
}

static void give_error(sqlite3_context *context, const char *title,
                       const struct jg_err *err) {
  struct jg_metric_table table = titled(title);
  jg_agreement_give_error(context, &table, err);
}

static void free_group(struct group *group) {
  if (group != NULL) {
    if (group->started) {
      jg_accumulator_dispose(&group->acc);
    }
    jg_agreement_options_dispose(&group->read);
    jg_buf_dispose(&group->names.text);
    jg_mem_free(group);
  }
}

/* name NULL: the counts alone. */
static int init_group(struct group *group, const char *title, const char *name,
                      sqlite3_value *options) {
  struct jg_err *err = &group->err;
  struct jg_metric_table table = titled(title);
  const char *text = NULL;
  size_t bytes = 0;
  if (options != NULL && sqlite3_value_type(options) != SQLITE_NULL) {
    text = (const char *)sqlite3_value_text(options);
    bytes = text == NULL ? 0 : (size_t)sqlite3_value_bytes(options);
    if (text == NULL) {
      return jg_err_nomem(err);
    }
  }
  if (jg_agreement_options_read(&group->read, &table, text, bytes, err) !=
          JG_OK ||
      jg_query_init(&group->query, &jg_pair_metrics,
                    name != NULL ? name : "confusion", &group->read.options,
                    err) != JG_OK ||
      jg_accumulator_init(&group->acc, &group->query, err) != JG_OK) {
    return err->code;
  }
  group->started = 1;
  return JG_OK;
}

static struct group *get_group(sqlite3_context *context, const char *title,
                               const char *name, sqlite3_value *options) {
  struct group **held = sqlite3_aggregate_context(context, sizeof *held);
  struct jg_err err = {0};
  if (held == NULL) {
    sqlite3_result_error_nomem(context);
    return NULL;
  }
  if (*held != NULL) {
    return *held;
  }
  struct group *group = jg_mem_new(1, sizeof *group, &err);
  if (group == NULL) {
    give_error(context, title, &err);
    return NULL;
  }
  if (init_group(group, title, name, options) != JG_OK) {
    give_error(context, title, &group->err);
    free_group(group);
    return NULL;
  }
  *held = group;
  return group;
}

/* -- agreement_state ------------------------------------------------------ */

static void move_pair(sqlite3_context *context, int argc, sqlite3_value **argv,
                      int sign) {
  struct group *group =
      get_group(context, STATE "()", NULL, argc > 2 ? argv[2] : NULL);
  struct jg_value judge;
  struct jg_value human;
  if (group == NULL) {
    return;
  }
  struct jg_err *err = &group->err;
  jg_err_clear(err);
  if (jg_agreement_read_value(argv[0], "judge label", &judge, err) == JG_OK &&
      jg_agreement_read_value(argv[1], "human label", &human, err) == JG_OK) {
    (sign > 0 ? jg_accumulator_step
              : jg_accumulator_inverse)(&group->acc, &judge, &human, err);
  }
  if (err->code != JG_OK) {
    give_error(context, STATE "()", err);
  }
}

static void step_pair(sqlite3_context *context, int argc,
                      sqlite3_value **argv) {
  move_pair(context, argc, argv, 1);
}

static void inverse_pair(sqlite3_context *context, int argc,
                         sqlite3_value **argv) {
  move_pair(context, argc, argv, -1);
}

static void give_state(sqlite3_context *context) {
  struct group **held = sqlite3_aggregate_context(context, 0);
  struct jg_buf buf;
  if (held == NULL || *held == NULL) {
    return;
  }
  struct jg_err *err = &(*held)->err;
  jg_err_clear(err);
  jg_buf_init(&buf, STATE_LIMIT_BYTES);
  if (jg_state_write(&(*held)->acc.labels, &buf, err) == JG_OK) {
    sqlite3_result_blob64(context, jg_buf_text(&buf), buf.len,
                          SQLITE_TRANSIENT);
  } else {
    give_error(context, STATE "()", err);
  }
  jg_buf_dispose(&buf);
}

static void drop_group(sqlite3_context *context) {
  struct group **held = sqlite3_aggregate_context(context, 0);
  if (held != NULL && *held != NULL) {
    free_group(*held);
    *held = NULL;
  }
}

static void finish_state(sqlite3_context *context) {
  give_state(context);
  drop_group(context);
}

/* -- agreement_merge ------------------------------------------------------ */

static void step_state(sqlite3_context *context, int argc,
                       sqlite3_value **argv) {
  const char *name = jg_pair_metrics.usual;
  if (argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL) {
    name = (const char *)sqlite3_value_text(argv[1]);
    if (name == NULL) {
      sqlite3_result_error_nomem(context);
      return;
    }
  }
  struct group *group =
      get_group(context, MERGE "()", name, argc > 2 ? argv[2] : NULL);
  if (group == NULL || sqlite3_value_type(argv[0]) == SQLITE_NULL) {
    return;
  }
  struct jg_err *err = &group->err;
  jg_err_clear(err);
  if (sqlite3_value_type(argv[0]) != SQLITE_BLOB) {
    jg_err_set(err, JG_ERROR, "a state is a blob that agreement_state() made");
  } else {
    const void *bytes = sqlite3_value_blob(argv[0]);
    size_t count = (size_t)sqlite3_value_bytes(argv[0]);
    jg_state_add(bytes == NULL ? "" : bytes, bytes == NULL ? 0 : count,
                 &group->acc, err);
  }
  if (err->code != JG_OK) {
    give_error(context, MERGE "()", err);
  }
}

static void finish_merge(sqlite3_context *context) {
  struct group **held = sqlite3_aggregate_context(context, 0);
  if (held != NULL && *held != NULL) {
    jg_err_clear(&(*held)->err);
    jg_agreement_give(context, &jg_aggregate_pairs, &(*held)->acc,
                      &(*held)->query, &(*held)->names, &(*held)->err);
  }
  drop_group(context);
}

/* -- registering ---------------------------------------------------------- */

int jg_agreement_state_register(sqlite3 *db) {
  int rc = SQLITE_OK;
  for (int n = 2; n <= 3 && rc == SQLITE_OK; n++) {
    rc = sqlite3_create_window_function(db, STATE, n, JG_AGREEMENT_FLAGS, NULL,
                                        step_pair, finish_state, give_state,
                                        inverse_pair, NULL);
  }
  for (int n = 1; n <= 3 && rc == SQLITE_OK; n++) {
    rc = sqlite3_create_function_v2(db, MERGE, n, JG_AGREEMENT_FLAGS, NULL,
                                    NULL, step_state, finish_merge, NULL);
  }
  return rc;
}

void jg_agreement_state_remove(sqlite3 *db) {
  for (int n = 2; n <= 3; n++) {
    (void)sqlite3_create_window_function(db, STATE, n, SQLITE_UTF8, NULL, NULL,
                                         NULL, NULL, NULL, NULL);
  }
  for (int n = 1; n <= 3; n++) {
    (void)sqlite3_create_function_v2(db, MERGE, n, SQLITE_UTF8, NULL, NULL,
                                     NULL, NULL, NULL);
  }
}
