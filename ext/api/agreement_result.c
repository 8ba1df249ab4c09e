/* Results of the agreement functions; see agreement_result.h. */
#include "api/agreement_result.h"

#include <math.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
SQLITE_EXTENSION_INIT3

#define COUNT_BYTES 20                        /* digits of the largest count */
#define TABLE_LIMIT_BYTES ((size_t)900 << 20) /* SQLite's own is 10^9 */
#define MOST_SHOWN 50 /* labels in the table that 'all' shows */

void jg_agreement_give_error(sqlite3_context *context,
                             const struct jg_metric_table *table,
                             const struct jg_err *err) {
  if (err->code == JG_NOMEM) {
    sqlite3_result_error_nomem(context);
    return;
  }
  char *text = strncmp(err->text, table->title, strlen(table->title)) == 0
                   ? sqlite3_mprintf("%s", err->text)
                   : sqlite3_mprintf("%s: %s", table->title, err->text);
  if (text == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  sqlite3_result_error(context, text, -1);
  sqlite3_free(text);
}

/* -- the table of counts -------------------------------------------------- */

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

/* JSON has no infinity; a number too large for a double is read as one. */
static void write_label(struct jg_jsonw *w, const struct jg_value *label) {
  if (label->type == JG_REAL && isinf(label->real)) {
    jg_jsonw_raw(w, label->real > 0 ? "9e999" : "-9e999");
  } else {
    jg_jsonw_value(w, label);
  }
}

/* The list of labels is written once for as long as they stay the same. */
static void write_names(struct jg_agreement_names *names,
                        const struct jg_labels *labels, const uint32_t *ids,
                        size_t count) {
  if (names->sort != labels->sorts) {
    struct jg_jsonw w = {.to = &names->text};
    jg_buf_clear(&names->text);
    for (size_t i = 0; i < count; i++) {
      write_label(&w, &labels->label[ids[i]]->value);
    }
    names->sort = labels->sorts;
  }
}

/* {"labels":[..],"counts":[[..],..],"n":..}; rows human, columns judge. */
static int write_table(struct jg_labels *labels,
                       struct jg_agreement_names *names, struct jg_buf *to,
                       struct jg_err *err) {
  char n[COUNT_BYTES];
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (jg_labels_sorted(labels, &ids, &count, err) != JG_OK) {
    return err->code;
  }
  if (names->text.limit == 0) {
    jg_buf_init(&names->text, TABLE_LIMIT_BYTES);
  }
  write_names(names, labels, ids, count);
  to->failed = names->text.failed != JG_OK ? names->text.failed : to->failed;
  jg_buf_puts(to, "{\"labels\":[");
  jg_buf_add(to, jg_buf_text(&names->text), names->text.len);
  jg_buf_puts(to, "],\"counts\":[");
  for (size_t i = 0; i < count && to->failed == JG_OK; i++) {
    if (i > 0) {
      jg_buf_putc(to, ',');
    }
    write_row(labels, ids[i], ids, count, to);
  }
  jg_buf_puts(to, "],\"n\":");
  jg_buf_add(to, n, put_count(n, labels->n));
  jg_buf_putc(to, '}');
  if (to->failed == JG_ERROR) {
    return jg_err_set(err, JG_ERROR,
                      "a table of %zu labels is too long for a text: GROUP BY "
                      "both columns instead",
                      count);
  }
  return err->code;
}

/* -- all metrics ---------------------------------------------------------- */

/* No part has a value, all for one reason: told once. */
static int is_undefined(const struct jg_metric *metric,
                        const struct jg_metric_result *result) {
  for (int part = 0; part < JG_PART_COUNT; part++) {
    if ((metric->parts & JG_BIT(part)) &&
        (!isnan(result->part[part]) || result->why[part] != NULL)) {
      return 0;
    }
  }
  return 1;
}

static void write_parts(const struct jg_metric *metric,
                        const struct jg_metric_result *result,
                        struct jg_jsonw *values, struct jg_jsonw *undefined) {
  char name[JG_METRIC_NAME_BYTES];
  if (is_undefined(metric, result)) {
    jg_jsonw_key_text(undefined, metric->name, result->reason);
    return;
  }
  for (int part = 0; part < JG_PART_COUNT; part++) {
    double x = result->part[part];
    if ((metric->parts & JG_BIT(part)) == 0) {
      continue;
    }
    jg_metric_name(metric, (enum jg_part)part, name);
    if (isnan(x)) {
      const char *why = result->why[part];
      jg_jsonw_key_text(undefined, name, why != NULL ? why : result->reason);
    } else if (part == JG_PART_VALUE && result->kind == JG_RESULT_INT) {
      jg_jsonw_key_int(values, name, result->integer);
    } else {
      jg_jsonw_key_real(values, name, x);
    }
  }
}

static int write_categories(struct jg_labels *labels, struct jg_jsonw *w,
                            struct jg_err *err) {
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (jg_labels_sorted(labels, &ids, &count, err) != JG_OK) {
    return err->code;
  }
  jg_jsonw_key(w, "categories");
  jg_jsonw_array(w);
  for (size_t i = 0; i < count; i++) {
    write_label(w, &labels->label[ids[i]]->value);
  }
  jg_jsonw_end_array(w);
  return JG_OK;
}

/* The table of counts has a place in it when it is not large. */
static int write_counts(struct jg_labels *labels, struct jg_jsonw *w,
                        struct jg_err *err) {
  struct jg_agreement_names names = {.sort = 0};
  if (labels->count <= MOST_SHOWN) {
    jg_jsonw_key(w, "confusion");
    write_table(labels, &names, w->to, err);
    w->comma = 1;
    jg_buf_dispose(&names.text);
  }
  return err->code;
}

/* Resampling takes long: 'all' has it when B or seed is given. */
static int is_costly(const struct jg_metric *metric) {
  return strstr(metric->name, "_boot") != NULL;
}

int jg_agreement_write_all(const struct jg_aggregate *aggregate, void *state,
                           const struct jg_query *query, struct jg_buf *to,
                           struct jg_err *err) {
  const struct jg_metric_table *table = aggregate->table;
  struct jg_labels *labels =
      aggregate->labels ? aggregate->labels(state) : NULL;
  struct jg_buf undefined;
  struct jg_jsonw values = {.to = to};
  struct jg_jsonw reasons = {.to = &undefined};
  jg_buf_init(&undefined, TABLE_LIMIT_BYTES);
  jg_jsonw_object(&values);
  jg_jsonw_object(&reasons);
  for (size_t i = 0; i < table->count && err->code == JG_OK; i++) {
    struct jg_metric_result result;
    struct jg_query one;
    if (is_costly(&table->row[i]) && !(query->options.given & JG_TAKES_BOOT)) {
      continue;
    }
    jg_query_narrow(&one, query, &table->row[i]);
    if (aggregate->value(state, &one, &result, err) != JG_OK) {
      break;
    }
    if (result.kind == JG_RESULT_TABLE) {
      write_counts(labels, &values, err);
    } else {
      write_parts(&table->row[i], &result, &values, &reasons);
    }
  }
  if (err->code == JG_OK && labels != NULL) {
    write_categories(labels, &values, err);
  }
  jg_jsonw_end_object(&reasons);
  jg_jsonw_key_raw(&values, "undefined", jg_buf_text(&undefined));
  jg_jsonw_end_object(&values);
  if (err->code == JG_OK && undefined.failed != JG_OK) {
    jg_buf_check(&undefined, err);
  }
  jg_buf_dispose(&undefined);
  if (err->code == JG_OK) {
    jg_buf_check(to, err);
  }
  return err->code;
}

/* -- giving --------------------------------------------------------------- */

static void give_text(sqlite3_context *context,
                      const struct jg_metric_table *table, struct jg_buf *buf,
                      struct jg_err *err) {
  sqlite3_uint64 bytes = buf->len;
  char *text = err->code == JG_OK ? jg_buf_take(buf, err) : NULL;
  if (text != NULL) {
    sqlite3_result_text64(context, text, bytes, jg_mem_free, SQLITE_UTF8);
  } else {
    jg_agreement_give_error(context, table, err);
  }
}

static void give_part(sqlite3_context *context, const struct jg_query *query,
                      const struct jg_metric_result *result) {
  for (int part = 0; part < JG_PART_COUNT; part++) {
    if (query->parts != JG_BIT(part)) {
      continue;
    }
    if (isnan(result->part[part])) {
      sqlite3_result_null(context);
    } else if (part == JG_PART_VALUE && result->kind == JG_RESULT_INT) {
      sqlite3_result_int64(context, result->integer);
    } else {
      sqlite3_result_double(context, result->part[part]);
    }
  }
}

void jg_agreement_give(sqlite3_context *context,
                       const struct jg_aggregate *aggregate, void *state,
                       const struct jg_query *query,
                       struct jg_agreement_names *names, struct jg_err *err) {
  struct jg_metric_result result;
  struct jg_buf buf;
  jg_buf_init(&buf, TABLE_LIMIT_BYTES);
  if (query->all) {
    jg_agreement_write_all(aggregate, state, query, &buf, err);
    give_text(context, aggregate->table, &buf, err);
  } else if (aggregate->value(state, query, &result, err) != JG_OK) {
    jg_agreement_give_error(context, aggregate->table, err);
  } else if (result.kind == JG_RESULT_TABLE) {
    write_table(aggregate->labels(state), names, &buf, err);
    give_text(context, aggregate->table, &buf, err);
  } else {
    give_part(context, query, &result);
  }
  jg_buf_dispose(&buf);
}
