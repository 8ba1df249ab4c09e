/*
** agreement_report(name [, options]): a judge's agreement with each person and
** with their consensus, people's with each other, by class, by slice and by
** version of the judge. name is a judge's, or name@version.
**
** The numbers come from agreement(..., 'all') in sql/queries; here its options
** are read and the expression that slices traces is put in its place.
*/
#include <math.h>
#include <string.h>
#include "api/functions_of_rows.h"
#include "core/buf.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "stats/metric.h"
#include "store/checked.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define NAME "agreement_report()"
#define COLUMNS 10
#define BY_PLACE "@by"
#define BY_TITLE NAME ": by"
#define MOST_BYTES ((size_t)1 << 20)

struct read {
  const struct jg_json *metrics;
  struct jg_sql by;
  double level;
};

static const struct jg_option OPTIONS[] = {
    {"metrics", JG_OPTION_JSON, offsetof(struct read, metrics), 0, 0, NULL},
    {"by", JG_OPTION_SQL, offsetof(struct read, by), 0, 0, NULL},
    {"level", JG_OPTION_REAL, offsetof(struct read, level), 0, 1, NULL},
};

/* What the query is bound to. */
struct terms {
  char *feedback;        /* the name of people's labels */
  char *scale;           /* the declared order as JSON, or NULL */
  struct jg_buf metrics; /* JSON list */
  struct jg_buf options; /* of agreement() */
  struct jg_buf sql;
};

/* The newest version's feedback name and declared order. */
static int read_judge(sqlite3 *db, const char *name, struct terms *terms,
                      struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "agreement_judge", err);
  jg_db_bind_text(stmt, "@name", name, err);
  if (jg_db_step(stmt, err) == 1) {
    terms->feedback = jg_db_text(stmt, 0, err);
    terms->scale = jg_db_text(stmt, 1, err);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

static void write_metrics(const struct read *read, struct terms *terms,
                          struct jg_err *err) {
  const char *usual = terms->scale != NULL
                          ? "[\"accuracy\",\"cohen_kappa\",\"gwet_ac\",\"mcc\","
                            "\"quadratic_kappa\",\"mae\"]"
                          : "[\"accuracy\",\"cohen_kappa\",\"gwet_ac\","
                            "\"mcc\"]";
  if (read->metrics == NULL) {
    jg_buf_puts(&terms->metrics, usual);
    return;
  }
  if (jg_json_type(read->metrics) != JG_JSON_ARRAY) {
    jg_err_set(err, JG_ERROR,
               NAME ": option metrics must be a list of names, as in "
                    "[\"accuracy\",\"cohen_kappa\"]");
    return;
  }
  const struct jg_json *item = jg_json_first(read->metrics);
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    struct jg_query query;
    const char *name = jg_json_text(item);
    if (name != NULL && strcmp(name, "all") == 0) {
      jg_err_set(err, JG_ERROR,
                 NAME ": \"all\" is no metric of one row: name those wanted, "
                      "as in [\"accuracy\",\"cohen_kappa\"]");
      return;
    }
    jg_query_init(&query, &jg_pair_metrics, name != NULL ? name : "", NULL,
                  err);
  }
  jg_json_write(read->metrics, &terms->metrics);
}

static void write_options(const struct read *read, struct terms *terms) {
  struct jg_jsonw w = {.to = &terms->options};
  jg_jsonw_object(&w);
  if (terms->scale != NULL) {
    jg_jsonw_key_raw(&w, "order", terms->scale);
  }
  if (!isnan(read->level)) {
    jg_jsonw_key_real(&w, "level", read->level);
  }
  jg_jsonw_end_object(&w);
}

/* The query with the expression in its place. */
static int write_sql(const struct read *read, struct terms *terms,
                     struct jg_err *err) {
  const char *sql = jg_embed_get("queries/agreement_report.sql");
  const char *place = sql != NULL ? strstr(sql, "(" BY_PLACE ")") : NULL;
  if (place == NULL) {
    return jg_err_set(err, JG_ERROR, "this build lacks agreement_report");
  }
  jg_buf_add(&terms->sql, sql, (size_t)(place - sql));
  if (jg_checked_given(read->by)) {
    jg_checked_put(&terms->sql, BY_TITLE, read->by, err);
  } else {
    jg_buf_puts(&terms->sql, "(NULL)");
  }
  jg_buf_puts(&terms->sql, place + strlen("(" BY_PLACE ")"));
  return jg_buf_check(&terms->sql, err);
}

/* What the query's parameters are. */
struct bound {
  const char *name;
  const struct read *read;
  const struct terms *terms;
};

static void bind(void *ctx, sqlite3_stmt *stmt, struct jg_err *err) {
  const struct bound *b = ctx;
  jg_db_bind_text(stmt, "@name", b->name, err);
  jg_db_bind_text(stmt, "@feedback", b->terms->feedback, err);
  jg_db_bind_text(stmt, "@metrics", jg_buf_text(&b->terms->metrics), err);
  jg_db_bind_text(stmt, "@options", jg_buf_text(&b->terms->options), err);
  jg_db_bind_int(stmt, "@sliced", jg_checked_given(b->read->by), err);
}

static int run(struct jg_session *session, const char *name,
               const struct read *read, const struct terms *terms,
               struct jg_rows *rows, struct jg_err *err) {
  struct bound bound = {name, read, terms};
  struct jg_checked c = {.env = &session->checked,
                         .title = BY_TITLE,
                         .text = read->by,
                         .sql = jg_buf_text(&terms->sql),
                         .bind = bind,
                         .ctx = &bound};
  jg_checked_open(&c, err);
  while (jg_checked_step(&c, err) == 1 && jg_rows_add(rows, err) == JG_OK) {
    for (int i = 0; i < COLUMNS; i++) {
      struct jg_value value = {.type = JG_NULL};
      jg_db_value(c.stmt, i, &value, err);
      jg_rows_value(rows, i, &value);
    }
  }
  jg_checked_close(&c);
  return err->code;
}

static void dispose(struct terms *terms) {
  jg_mem_free(terms->feedback);
  jg_mem_free(terms->scale);
  jg_buf_dispose(&terms->metrics);
  jg_buf_dispose(&terms->options);
  jg_buf_dispose(&terms->sql);
}

static int fill(struct jg_session *session, const char *const *arguments,
                struct jg_rows *rows, struct jg_err *err) {
  struct read read = {.level = NAN};
  struct terms terms = {.feedback = NULL};
  struct jg_json *json = NULL;
  const char *options = arguments[1];
  jg_buf_init(&terms.metrics, MOST_BYTES);
  jg_buf_init(&terms.options, MOST_BYTES);
  jg_buf_init(&terms.sql, MOST_BYTES);
  if (jg_schema_require(session->db, err) == JG_OK &&
      jg_options_read(NAME, options, options ? strlen(options) : 0, OPTIONS,
                      sizeof OPTIONS / sizeof OPTIONS[0], &read, &json,
                      err) == JG_OK &&
      read_judge(session->db, arguments[0], &terms, err) == JG_OK) {
    write_metrics(&read, &terms, err);
    write_options(&read, &terms);
    if (err->code == JG_OK && write_sql(&read, &terms, err) == JG_OK &&
        jg_buf_check(&terms.metrics, err) == JG_OK &&
        jg_buf_check(&terms.options, err) == JG_OK) {
      run(session, arguments[0], &read, &terms, rows, err);
    }
  }
  dispose(&terms);
  jg_json_free(json);
  return err->code;
}

const struct jg_rows_function jg_api_agreement_report = {
    .name = "agreement_report",
    .declaration =
        "CREATE TABLE x(scope TEXT, judge TEXT, against TEXT, slice, "
        "metric TEXT, n INTEGER, value REAL, ci_low REAL, ci_high REAL, "
        "reason TEXT, name HIDDEN, options HIDDEN)",
    .columns = COLUMNS,
    .need = 1,
    .most = 2,
    .takes_sql = 1,
    .fill = fill};
