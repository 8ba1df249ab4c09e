/*
** agreement_drift(name [, options]): a metric of judge against people over a
** sliding window of pairs, in the order of the verdicts, with limits and a flag
** where it left them.
**
** Limits are those of a control chart (Shewhart 1931): the metric over all rows,
** or over the first baseline ones, and sigma standard errors of a window of
** that size around it. Only a full window is flagged.
*/
#include <string.h>
#include "api/functions_of_rows.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "stats/metric.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define NAME "agreement_drift()"
#define COLUMNS 8

struct read {
  const char *metric;
  int64_t window;
  int64_t baseline; /* 0: all rows */
  double sigma;
};

static const struct jg_option OPTIONS[] = {
    {"metric", JG_OPTION_TEXT, offsetof(struct read, metric), 0, 0, NULL},
    {"window", JG_OPTION_INT, offsetof(struct read, window), 2, INT64_MAX,
     NULL},
    {"baseline", JG_OPTION_INT, offsetof(struct read, baseline), 2, INT64_MAX,
     NULL},
    {"sigma", JG_OPTION_REAL, offsetof(struct read, sigma), 0, INT64_MAX, NULL},
};

/* The metric's own standard error; accuracy's is that of percent_agreement. */
static int error_name(const char *metric, char name[JG_METRIC_NAME_BYTES],
                      struct jg_err *err) {
  struct jg_query query;
  int is_accuracy = strcmp(metric, "accuracy") == 0;
  if (jg_query_init(&query, &jg_pair_metrics,
                    is_accuracy ? "percent_agreement" : metric, NULL,
                    err) != JG_OK) {
    return err->code;
  }
  if (query.all || query.parts != JG_VALUE ||
      (query.metric->parts & JG_BIT(JG_PART_SE)) == 0) {
    return jg_err_set(err, JG_ERROR,
                      NAME ": metric %s has no standard error, which the "
                           "limits need; accuracy, cohen_kappa, gwet_ac and "
                           "bias have",
                      metric);
  }
  jg_metric_name(query.metric, JG_PART_SE, name);
  return JG_OK;
}

/* A declared order where the metric takes one: numbers need it for labels. */
static char *options_of(sqlite3 *db, const char *name, const char *metric,
                        struct jg_err *err) {
  struct jg_query query;
  struct jg_buf buf;
  char *text = NULL;
  sqlite3_stmt *stmt = jg_db_query(db, "agreement_judge", err);
  jg_db_bind_text(stmt, "@name", name, err);
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  if (jg_db_step(stmt, err) == 1 &&
      jg_query_init(&query, &jg_pair_metrics, metric, NULL, err) == JG_OK) {
    char *scale = jg_db_text(stmt, 1, err);
    struct jg_jsonw w = {.to = &buf};
    jg_jsonw_object(&w);
    if (scale != NULL && (query.metric->takes & JG_TAKES_ORDER)) {
      jg_jsonw_key_raw(&w, "order", scale);
    }
    jg_jsonw_end_object(&w);
    jg_mem_free(scale);
    text = jg_buf_take(&buf, err);
  }
  sqlite3_finalize(stmt);
  jg_buf_dispose(&buf);
  return text;
}

/* A metric that has a standard error is at most 1, but for bias; a share is at
** least 0. What is not bound is NULL. */
static void bind_range(sqlite3_stmt *stmt, const char *metric,
                       struct jg_err *err) {
  if (strcmp(metric, "bias") != 0) {
    jg_db_bind_real(stmt, "@most", 1, err);
  }
  if (strcmp(metric, "accuracy") == 0 ||
      strcmp(metric, "percent_agreement") == 0) {
    jg_db_bind_real(stmt, "@least", 0, err);
  }
}

static int run(sqlite3 *db, const char *name, const struct read *read,
               struct jg_rows *rows, struct jg_err *err) {
  char error[JG_METRIC_NAME_BYTES];
  if (error_name(read->metric, error, err) != JG_OK) {
    return err->code;
  }
  char *options = options_of(db, name, read->metric, err);
  int is_accuracy = strcmp(read->metric, "accuracy") == 0;
  sqlite3_stmt *stmt = jg_db_query(db, "agreement_drift", err);
  jg_db_bind_text(stmt, "@name", name, err);
  jg_db_bind_text(stmt, "@metric", read->metric, err);
  jg_db_bind_text(stmt, "@error", error, err);
  jg_db_bind_text(stmt, "@options", is_accuracy ? NULL : options, err);
  jg_db_bind_int(stmt, "@window", read->window, err);
  jg_db_bind_int(stmt, "@baseline", read->baseline, err);
  jg_db_bind_real(stmt, "@sigma", read->sigma, err);
  bind_range(stmt, read->metric, err);
  while (jg_db_step(stmt, err) == 1 && jg_rows_add(rows, err) == JG_OK) {
    for (int i = 0; i < COLUMNS; i++) {
      struct jg_value value = {.type = JG_NULL};
      jg_db_value(stmt, i, &value, err);
      jg_rows_value(rows, i, &value);
    }
  }
  sqlite3_finalize(stmt);
  jg_mem_free(options);
  return err->code;
}

static int fill(struct jg_session *session, const char *const *arguments,
                struct jg_rows *rows, struct jg_err *err) {
  struct read read = {.metric = "accuracy", .window = 100, .sigma = 3};
  struct jg_json *json = NULL;
  const char *options = arguments[1];
  if (jg_schema_require(session->db, err) == JG_OK &&
      jg_options_read(NAME, options, options ? strlen(options) : 0, OPTIONS,
                      sizeof OPTIONS / sizeof OPTIONS[0], &read, &json,
                      err) == JG_OK) {
    run(session->db, arguments[0], &read, rows, err);
  }
  jg_json_free(json);
  return err->code;
}

const struct jg_rows_function jg_api_agreement_drift = {
    .name = "agreement_drift",
    .declaration =
        "CREATE TABLE x(time INTEGER, trace_id TEXT, n INTEGER, value REAL, "
        "centre REAL, low REAL, high REAL, outside INTEGER, name HIDDEN, "
        "options HIDDEN)",
    .columns = COLUMNS,
    .need = 1,
    .most = 2,
    .fill = fill};
