/* agreement_metrics: the metrics of the agreement functions with their parts
** and options, from the tables that compute them; the manual's tables are made
** from it. */
#include <string.h>
#include "api/functions_of_rows.h"
#include "core/buf.h"
#include "stats/metric.h"

#define MOST_BYTES 4096

static const struct jg_metric_table *const TABLES[] = {
    &jg_pair_metrics, &jg_rater_metrics, &jg_difference_metrics,
    &jg_rate_metrics};

enum { FUNCTION, METRIC, PARTS, CHOICES, ABOUT, COLUMNS };

/* "value, _se, _ci_low" */
static void write_parts(const struct jg_metric *metric, struct jg_buf *to) {
  for (int part = 0; part < JG_PART_COUNT; part++) {
    if (metric->parts & JG_BIT(part)) {
      jg_buf_puts(to, to->len > 0 ? ", " : "");
      jg_buf_puts(to, part == JG_PART_VALUE
                          ? "value"
                          : jg_part_suffix((enum jg_part)part));
    }
  }
}

/* "weights, order; method wilson, clopper-pearson" */
static void write_choice(const char *name, const char *choices,
                         struct jg_buf *to) {
  if (choices == NULL) {
    return;
  }
  jg_buf_puts(to, to->len > 0 ? "; " : "");
  jg_buf_puts(to, name);
  for (const char *at = choices; *at != '\0'; at++) {
    if (at == choices || *at == '|') {
      jg_buf_puts(to, at == choices ? " " : ", ");
    }
    if (*at != '|') {
      jg_buf_putc(to, *at);
    }
  }
}

static void write_options(const struct jg_metric *metric, struct jg_buf *to) {
  for (unsigned bit = 1; bit <= JG_TAKES_RATES; bit <<= 1) {
    if ((metric->takes & bit) && bit != JG_TAKES_METHOD &&
        bit != JG_TAKES_VARIANT) {
      jg_buf_puts(to, to->len > 0 ? ", " : "");
      jg_buf_puts(to, jg_option_name(bit));
    }
  }
  write_choice("method", metric->methods, to);
  write_choice("variant",
               metric->takes & JG_TAKES_VARIANT ? metric->variants : NULL, to);
}

static int add(const struct jg_metric_table *table,
               const struct jg_metric *metric, struct jg_rows *rows,
               struct jg_err *err) {
  struct jg_buf parts;
  struct jg_buf options;
  jg_buf_init(&parts, MOST_BYTES);
  jg_buf_init(&options, MOST_BYTES);
  write_parts(metric, &parts);
  write_options(metric, &options);
  if (jg_buf_check(&parts, err) == JG_OK &&
      jg_buf_check(&options, err) == JG_OK && jg_rows_add(rows, err) == JG_OK) {
    jg_rows_text(rows, FUNCTION, table->function, err);
    jg_rows_text(rows, METRIC, metric->name, err);
    jg_rows_text(rows, PARTS, jg_buf_text(&parts), err);
    jg_rows_text(rows, CHOICES, jg_buf_text(&options), err);
    jg_rows_text(rows, ABOUT, metric->about, err);
  }
  jg_buf_dispose(&parts);
  jg_buf_dispose(&options);
  return err->code;
}

static int fill(struct jg_session *session, const char *const *arguments,
                struct jg_rows *rows, struct jg_err *err) {
  (void)session;
  (void)arguments;
  for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++) {
    for (size_t m = 0; m < TABLES[t]->count && err->code == JG_OK; m++) {
      add(TABLES[t], &TABLES[t]->row[m], rows, err);
    }
  }
  return err->code;
}

const struct jg_rows_function jg_api_agreement_metrics = {
    .name = "agreement_metrics",
    .declaration = "CREATE TABLE x(function TEXT, metric TEXT, parts TEXT, "
                   "options TEXT, about TEXT)",
    .columns = COLUMNS,
    .need = 0,
    .most = 0,
    .fill = fill};
