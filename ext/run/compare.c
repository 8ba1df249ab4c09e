/* Gathers what two versions said of the labelled traces. */
#include "run/compare.h"

#include <string.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/options.h"
#include "run/split_store.h"
#include "store/assessment.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

struct options {
  struct jg_sql where;
  const struct jg_json *trace_ids;
};

static const struct jg_option TABLE[] = {
    {"where", JG_OPTION_SQL, offsetof(struct options, where), 0, 0, NULL},
    {"trace_ids", JG_OPTION_JSON, offsetof(struct options, trace_ids), 0, 0,
     NULL},
};

/* A labelled trace. */
struct trace {
  char *trace_id;
  uint64_t group;
  struct jg_value a, b; /* verdicts */
  struct jg_value *labels;
  size_t label_count, label_cap;
  int counts; /* both verdicts are there */
};

struct work {
  struct jg_session *session;
  struct jg_comparison *out;
  struct jg_json *keep;
  struct options options;
  struct trace *traces;
  size_t count, cap;
  struct jg_err *err;
};

/* ---- labels ------------------------------------------------------------- */

static struct trace *trace_for(struct work *w, sqlite3_stmt *stmt) {
  const char *id = (const char *)sqlite3_column_text(stmt, 0);
  struct trace *last = w->count ? &w->traces[w->count - 1] : NULL;
  if (last && id && strcmp(last->trace_id, id) == 0) {
    return last;
  }
  if (!id || jg_mem_grow(&w->traces, &w->cap, w->count + 1, sizeof(*w->traces),
                         w->err) != JG_OK) {
    return NULL;
  }
  struct trace *t = &w->traces[w->count++];
  t->trace_id = jg_mem_text(id, w->err);
  const char *inputs = (const char *)sqlite3_column_text(stmt, 1);
  const char *key = inputs ? inputs : t->trace_id;
  t->group = key ? jg_digest_u64(key, strlen(key)) : 0;
  return t;
}

static int each_label(void *ctx, sqlite3_stmt *stmt) {
  struct work *w = ctx;
  struct trace *t = trace_for(w, stmt);
  if (!t || jg_mem_grow(&t->labels, &t->label_cap, t->label_count + 1,
                        sizeof(*t->labels), w->err) != JG_OK) {
    return w->err->code != JG_OK;
  }
  struct jg_value given = {.type = JG_NULL};
  struct jg_err misfit = {.code = JG_OK};
  jg_db_value(stmt, 6, &given, w->err);
  if (jg_scale_fit(&w->out->b.scale, w->out->b.name, &given,
                   &t->labels[t->label_count], &misfit) == JG_OK) {
    t->label_count++;
  }
  jg_value_dispose(&given);
  if (misfit.code == JG_NOMEM) {
    jg_err_nomem(w->err);
  }
  return w->err->code != JG_OK;
}

static int load_labels(struct work *w, struct jg_err *err) {
  struct jg_buf ids;
  struct jg_trace_filter filter = {.where = w->options.where};
  jg_buf_init(&ids, JG_BUF_LIMIT_BYTES);
  if (w->options.trace_ids) {
    jg_json_write(w->options.trace_ids, &ids);
    filter.trace_ids = jg_buf_text(&ids);
  }
  if (jg_buf_check(&ids, err) == JG_OK) {
    jg_label_each(&w->session->checked, w->out->b.feedback_name, &filter,
                  each_label, w, err);
  }
  jg_buf_dispose(&ids);
  return err->code;
}

/* ---- verdicts ----------------------------------------------------------- */

enum verdict_state { VERDICT_THERE, VERDICT_MISSING, VERDICT_SEEN };

static enum verdict_state read_verdict(struct work *w, sqlite3_stmt *stmt,
                                       const struct trace *trace,
                                       struct jg_value *out) {
  enum verdict_state state = VERDICT_MISSING;
  char group[17];
  jg_group_text(trace->group, group);
  jg_db_bind_text(stmt, "@trace_id", trace->trace_id, w->err);
  jg_db_bind_text(stmt, "@group", group, w->err);
  if (jg_db_step(stmt, w->err) == 1) {
    int seen = sqlite3_column_int(stmt, 0);
    int found = sqlite3_column_int(stmt, 1);
    const char *code = (const char *)sqlite3_column_text(stmt, 3);
    if (found && jg_gain_counts(code)) {
      state = VERDICT_THERE;
      w->out->failed += code != NULL;
      jg_db_value(stmt, 2, out, w->err);
    } else if (seen) {
      state = VERDICT_SEEN;
    }
  }
  sqlite3_reset(stmt);
  return state;
}

static sqlite3_stmt *verdicts_of(struct work *w,
                                 const struct jg_definition_info *info) {
  sqlite3_stmt *stmt = jg_db_query(w->session->db, "compare_verdict", w->err);
  jg_db_bind_text(stmt, "@judge", info->judge, w->err);
  jg_db_bind_text(stmt, "@feedback", w->out->b.feedback_name, w->err);
  jg_db_bind_int(stmt, "@definition", info->definition_id, w->err);
  jg_db_bind_int(stmt, "@memory", info->memory_id, w->err);
  return stmt;
}

static void count_states(struct jg_comparison *out, struct trace *t,
                         enum verdict_state a, enum verdict_state b) {
  if (a == VERDICT_SEEN || b == VERDICT_SEEN) {
    out->seen++;
    return;
  }
  out->missing_a += a == VERDICT_MISSING;
  out->missing_b += b == VERDICT_MISSING;
  out->missing += a == VERDICT_MISSING || b == VERDICT_MISSING;
  t->counts = a == VERDICT_THERE && b == VERDICT_THERE;
}

static int load_verdicts(struct work *w, struct jg_err *err) {
  sqlite3_stmt *of_a = verdicts_of(w, &w->out->a_info);
  sqlite3_stmt *of_b = verdicts_of(w, &w->out->b_info);
  for (size_t i = 0; i < w->count && err->code == JG_OK; i++) {
    struct trace *t = &w->traces[i];
    enum verdict_state a = read_verdict(w, of_a, t, &t->a);
    enum verdict_state b = read_verdict(w, of_b, t, &t->b);
    count_states(w->out, t, a, b);
  }
  sqlite3_finalize(of_a);
  sqlite3_finalize(of_b);
  return err->code;
}

/* ---- numbers ------------------------------------------------------------ */

static int measure(struct work *w, struct jg_err *err) {
  size_t labels = 0, at = 0, n = 0;
  for (size_t i = 0; i < w->count; i++) {
    labels += w->traces[i].label_count;
  }
  struct jg_gain_item *items = jg_mem_new(w->count + 1, sizeof(*items), err);
  const struct jg_value **all = jg_mem_new(labels + 1, sizeof(*all), err);
  for (size_t i = 0; items && all && i < w->count; i++) {
    struct trace *t = &w->traces[i];
    if (!t->counts || t->label_count == 0) {
      continue;
    }
    struct jg_gain_item *item = &items[n++];
    item->trace = i;
    item->group = t->group;
    item->original = &t->a;
    item->aligned = &t->b;
    item->labels = all + at;
    item->label_count = t->label_count;
    for (size_t j = 0; j < t->label_count; j++) {
      all[at++] = &t->labels[j];
    }
  }
  if (items && all) {
    jg_gain_measure(&w->out->b.scale, items, n, &w->out->gain, err);
  }
  jg_mem_free(items);
  jg_mem_free(all);
  return err->code;
}

static void add_note(struct jg_buf *note, const char *format, ...)
    JG_PRINTF(2, 3);
static void add_note(struct jg_buf *note, const char *format, ...) {
  struct jg_err line = {.code = JG_OK};
  va_list args;
  va_start(args, format);
  jg_err_setv(&line, JG_ERROR, format, args);
  va_end(args);
  jg_buf_puts(note, note->len ? "; " : "");
  jg_buf_puts(note, line.text);
}

static void write_note(struct jg_comparison *out) {
  if (out->missing_a > 0) {
    add_note(&out->note, "%lld verdicts are missing: SELECT judge_run('%s')",
             (long long)out->missing_a, out->a_info.judge);
  }
  if (out->missing_b > 0) {
    add_note(&out->note, "%lld verdicts are missing: SELECT judge_run('%s')",
             (long long)out->missing_b, out->b_info.judge);
  }
  if (out->seen > 0) {
    add_note(&out->note,
             "%lld labelled traces are left out: a version "
             "learned from them or from others with the same inputs",
             (long long)out->seen);
  }
  if (out->failed > 0) {
    add_note(&out->note, "%lld answers could not be used and count as wrong",
             (long long)out->failed);
  }
}

static int open_judges(struct work *w, const char *a, const char *b,
                       struct jg_err *err) {
  struct jg_comparison *out = w->out;
  if (jg_session_judge(w->session, a, 0, &out->a, &out->a_info, err) != JG_OK ||
      jg_session_judge(w->session, b, 0, &out->b, &out->b_info, err) != JG_OK) {
    return err->code;
  }
  if (strcmp(out->a.feedback_name, out->b.feedback_name) != 0) {
    return jg_err_set(err, JG_ERROR,
                      "judge_compare: '%s' is measured against feedback '%s' "
                      "and '%s' against '%s': they have no labels in common",
                      out->a_info.judge, out->a.feedback_name,
                      out->b_info.judge, out->b.feedback_name);
  }
  return JG_OK;
}

int jg_compare(struct jg_session *session, const char *a, const char *b,
               const char *options, struct jg_comparison *out,
               struct jg_err *err) {
  struct work w = {.session = session, .out = out, .err = err};
  memset(out, 0, sizeof(*out));
  jg_buf_init(&out->note, 65536);
  if (jg_schema_require(session->db, err) == JG_OK &&
      jg_options_read("judge_compare", options, options ? strlen(options) : 0,
                      TABLE, sizeof(TABLE) / sizeof(*TABLE), &w.options,
                      &w.keep, err) == JG_OK &&
      open_judges(&w, a, b, err) == JG_OK && load_labels(&w, err) == JG_OK &&
      load_verdicts(&w, err) == JG_OK && measure(&w, err) == JG_OK) {
    write_note(out);
  }
  for (size_t i = 0; i < w.count; i++) {
    struct trace *t = &w.traces[i];
    for (size_t j = 0; j < t->label_count; j++) {
      jg_value_dispose(&t->labels[j]);
    }
    jg_mem_free(t->labels);
    jg_value_dispose(&t->a);
    jg_value_dispose(&t->b);
    jg_mem_free(t->trace_id);
  }
  jg_mem_free(w.traces);
  jg_json_free(w.keep);
  return err->code;
}

void jg_comparison_dispose(struct jg_comparison *c) {
  jg_judge_dispose(&c->a);
  jg_judge_dispose(&c->b);
  jg_definition_info_dispose(&c->a_info);
  jg_definition_info_dispose(&c->b_info);
  jg_buf_dispose(&c->note);
}
