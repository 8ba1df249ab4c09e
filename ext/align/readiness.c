/*
** The readiness report: what there is to learn from, and what to do about it.
** It only looks; nothing here stops an alignment but the caller's minimum.
*/
#include "align/readiness.h"

#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "judge/clean.h"

#define ADVISED_TRACES 50
#define ADVISED_NEGATIVE 0.30
#define ADVISED_REASONS 0.50
#define SHOWN 20 /* classes and reviewers listed in the report */

/* Distinct values or reviewers, with how often each was seen. */
struct tally {
  struct jg_value value; /* lent */
  int64_t count;
};

struct tallies {
  struct tally *items;
  size_t count, cap;
};

static int add(struct tallies *to, const struct jg_value *value,
               struct jg_err *err) {
  struct tally *item;

  if (jg_mem_grow(&to->items, &to->cap, to->count + 1, sizeof *to->items,
                  err) == JG_OK) {
    item = &to->items[to->count++];
    item->value = *value;
    item->count = 1;
  }
  return err->code;
}

static int by_value(const void *a, const void *b) {
  const struct tally *x = a;
  const struct tally *y = b;

  return jg_value_compare(&x->value, &y->value);
}

static int by_count(const void *a, const void *b) {
  const struct tally *x = a;
  const struct tally *y = b;

  if (x->count != y->count) {
    return x->count > y->count ? -1 : 1;
  }
  return by_value(a, b);
}

/* One entry a distinct value, the most frequent first. */
static void sum_up(struct tallies *tallies) {
  size_t kept = 0;
  size_t i;

  if (tallies->count == 0) {
    return;
  }
  qsort(tallies->items, tallies->count, sizeof *tallies->items, by_value);
  for (i = 1; i < tallies->count; i++) {
    if (by_value(&tallies->items[kept], &tallies->items[i]) == 0) {
      tallies->items[kept].count++;
    } else {
      tallies->items[++kept] = tallies->items[i];
    }
  }
  tallies->count = kept + 1;
  qsort(tallies->items, tallies->count, sizeof *tallies->items, by_count);
}

static int by_number(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a;
  uint64_t y = *(const uint64_t *)b;

  return x < y ? -1 : x > y;
}

static int64_t count_groups(const struct jg_row *rows, size_t count,
                            struct jg_err *err) {
  uint64_t *groups = jg_mem_new(count, sizeof *groups, err);
  int64_t distinct = 0;
  size_t i;

  if (groups == NULL) {
    return 0;
  }
  for (i = 0; i < count; i++) {
    groups[i] = rows[i].group;
  }
  if (count > 0) {
    qsort(groups, count, sizeof *groups, by_number);
  }
  for (i = 0; i < count; i++) {
    distinct += i == 0 || groups[i] != groups[i - 1];
  }
  jg_mem_free(groups);
  return distinct;
}

static int lacks_fields(const struct jg_judge *judge,
                        const struct jg_row *row) {
  struct jg_item item = {row->trace_id, row->inputs, row->outputs,
                         row->expectations};
  struct jg_err ignored = {0};

  return jg_judge_check_item(judge, &item, &ignored) != JG_OK;
}

static int count_labels(const struct jg_row *row, struct tallies *reviewers,
                        struct jg_readiness *out, struct jg_err *err) {
  size_t i;

  for (i = 0; i < row->label_count && err->code == JG_OK; i++) {
    const struct jg_label *label = &row->labels[i];
    struct jg_value reviewer = jg_value_lend(label->source_id);
    if (!jg_label_counts(row, i)) {
      continue;
    }
    out->labels++;
    out->with_reason += label->rationale != NULL && *label->rationale != '\0';
    add(reviewers, &reviewer, err);
  }
  return err->code;
}

static int count_row(const struct jg_judge *judge, const struct jg_row *row,
                     struct tallies *classes, struct tallies *reviewers,
                     struct jg_readiness *out, struct jg_err *err) {
  out->traces++;
  out->contested += row->contested != 0;
  out->missing_fields += lacks_fields(judge, row);
  if (row->target.type != JG_NULL) {
    out->negative += jg_scale_is_negative(&judge->scale, &row->target);
    add(classes, &row->target, err);
  }
  return count_labels(row, reviewers, out, err);
}

/* ---- the report ---- */

static double share(int64_t part, int64_t whole) {
  return whole > 0 ? (double)part / (double)whole : 0;
}

static void write_share(struct jg_jsonw *w, const char *key, int64_t part,
                        int64_t whole) {
  jg_jsonw_key(w, key);
  if (whole > 0) {
    jg_jsonw_real(w, share(part, whole));
  } else {
    jg_jsonw_null(w);
  }
}

static void write_tallies(struct jg_jsonw *w, const char *key,
                          const char *value_key, const char *count_key,
                          const struct tallies *tallies) {
  size_t i;

  jg_jsonw_key(w, key);
  jg_jsonw_array(w);
  for (i = 0; i < tallies->count && i < SHOWN; i++) {
    jg_jsonw_object(w);
    jg_jsonw_key(w, value_key);
    jg_jsonw_value(w, &tallies->items[i].value);
    jg_jsonw_key_int(w, count_key, tallies->items[i].count);
    jg_jsonw_end_object(w);
  }
  jg_jsonw_end_array(w);
}

static void write_counts(struct jg_jsonw *w, const struct jg_readiness *r,
                         int64_t usable, int64_t min_traces) {
  jg_jsonw_key_bool(w, "ready", usable >= min_traces);
  jg_jsonw_key_int(w, "traces", r->traces);
  jg_jsonw_key_int(w, "usable", usable);
  jg_jsonw_key_int(w, "labels", r->labels);
  jg_jsonw_key_int(w, "groups", r->groups);
  jg_jsonw_key_int(w, "reviewers", r->reviewers);
  jg_jsonw_key_int(w, "classes", r->classes);
  jg_jsonw_key_int(w, "contested", r->contested);
  jg_jsonw_key_int(w, "missing_fields", r->missing_fields);
  jg_jsonw_key_int(w, "negative", r->negative);
  write_share(w, "negative_share", r->negative, r->traces - r->contested);
  jg_jsonw_key_int(w, "with_reason", r->with_reason);
  write_share(w, "reason_share", r->with_reason, r->labels);
}

/* ---- advice ---- */

/* One text of the advice list. */
static void advise(struct jg_jsonw *w, const char *format, ...) JG_PRINTF(2, 3);

static void advise(struct jg_jsonw *w, const char *format, ...) {
  struct jg_err line = {0}; /* as a place to print to */
  va_list args;

  va_start(args, format);
  jg_err_setv(&line, JG_ERROR, format, args);
  va_end(args);
  jg_jsonw_text(w, line.text);
}

static long long percent(int64_t part, int64_t whole) {
  return (long long)(share(part, whole) * 100 + 0.5);
}

/* A scale of free text has no worse half to ask for. */
static int has_negatives(const struct jg_scale *scale) {
  return scale->type == JG_SCALE_BOOL ||
         (scale->type == JG_SCALE_LIST && scale->count > 1);
}

static void advise_amount(struct jg_jsonw *w, const struct jg_judge *judge,
                          const struct jg_readiness *r, int64_t usable,
                          int64_t min_traces) {
  if (usable < min_traces) {
    advise(w,
           "%lld labelled traces can be trained on and %lld are needed: label "
           "%lld more under the name '%s' (source_type HUMAN)",
           (long long)usable, (long long)min_traces,
           (long long)(min_traces - usable), judge->feedback_name);
  } else if (usable < ADVISED_TRACES) {
    advise(w, "%lld labelled traces are few: 50 to 100 give better results",
           (long long)usable);
  }
  if (r->missing_fields > 0) {
    advise(w,
           "%lld labelled traces lack a field that the judge needs and are "
           "skipped",
           (long long)r->missing_fields);
  }
  if (r->contested > 0) {
    advise(w,
           "on %lld traces the reviewers are tied, so no label to train on can "
           "be picked: add a reviewer, or use labels 'latest'",
           (long long)r->contested);
  }
}

static void advise_balance(struct jg_jsonw *w, const struct jg_judge *judge,
                           const struct jg_readiness *r) {
  int64_t decided = r->traces - r->contested;

  if (r->traces == 0) {
    return;
  }
  if (r->classes == 1) {
    advise(w, "all labels are the same: there is nothing to tell apart");
  } else if (has_negatives(&judge->scale) && decided > 0 &&
             share(r->negative, decided) < ADVISED_NEGATIVE) {
    advise(w,
           "%lld %% of the labels are negative: at least 30 %% are advised, so "
           "label more poor answers",
           percent(r->negative, decided));
  }
  if (r->reviewers == 1) {
    advise(w, "one reviewer only: a second one shows how far people agree, "
              "which is the most that a judge can be held to");
  }
  if (share(r->with_reason, r->labels) < ADVISED_REASONS) {
    advise(w,
           "%lld %% of the labels carry a reason: guidelines are distilled "
           "from reasons first",
           percent(r->with_reason, r->labels));
  }
}

/* near_names is a JSON object of names and counts. */
static int advise_names(struct jg_jsonw *w, const struct jg_judge *judge,
                        const char *near_names, struct jg_err *err) {
  struct jg_json *names = NULL;
  const struct jg_json *name;
  struct jg_buf shown;
  int64_t rows;

  if (near_names == NULL || *near_names == '\0' ||
      jg_json_parse(near_names, strlen(near_names), &names, err) != JG_OK) {
    return err->code;
  }
  jg_buf_init(&shown, JG_ERR_BYTES);
  for (name = jg_json_first(names); name != NULL; name = jg_json_next(name)) {
    if (!jg_json_int(name, &rows)) {
      rows = 0;
    }
    jg_buf_clear(&shown);
    jg_clean_brief(&shown, jg_json_key(name), strlen(jg_json_key(name)));
    advise(w,
           "HUMAN feedback '%s' (%lld rows) nearly matches judge '%s': the "
           "names must be equal",
           jg_buf_text(&shown), (long long)rows, judge->feedback_name);
  }
  jg_buf_check(&shown, err);
  jg_buf_dispose(&shown);
  jg_json_free(names);
  return err->code;
}

/* Rows that can be trained on: a label was picked and no field is missing. */
static int64_t count_usable(const struct jg_judge *judge,
                            const struct jg_row *rows, size_t count) {
  int64_t usable = 0;
  size_t i;

  for (i = 0; i < count; i++) {
    usable += !rows[i].contested && !lacks_fields(judge, &rows[i]);
  }
  return usable;
}

int jg_readiness_report(const struct jg_judge *judge, const struct jg_row *rows,
                        size_t count, int64_t min_traces,
                        const char *near_names, struct jg_readiness *out,
                        struct jg_jsonw *report, struct jg_err *err) {
  struct tallies classes = {0};
  struct tallies reviewers = {0};
  int64_t usable = count_usable(judge, rows, count);
  size_t i;

  memset(out, 0, sizeof *out);
  for (i = 0; i < count && err->code == JG_OK; i++) {
    count_row(judge, &rows[i], &classes, &reviewers, out, err);
  }
  sum_up(&classes);
  sum_up(&reviewers);
  out->classes = (int64_t)classes.count;
  out->reviewers = (int64_t)reviewers.count;
  out->groups = count_groups(rows, count, err);
  if (err->code == JG_OK) {
    jg_jsonw_object(report);
    write_counts(report, out, usable, min_traces);
    write_tallies(report, "per_class", "value", "traces", &classes);
    write_tallies(report, "per_reviewer", "reviewer", "labels", &reviewers);
    jg_jsonw_key(report, "advice");
    jg_jsonw_array(report);
    advise_amount(report, judge, out, usable, min_traces);
    advise_balance(report, judge, out);
    advise_names(report, judge, near_names, err);
    jg_jsonw_end_array(report);
    jg_jsonw_end_object(report);
  }
  jg_mem_free(classes.items);
  jg_mem_free(reviewers.items);
  return err->code != JG_OK ? (int)err->code : jg_buf_check(report->to, err);
}
