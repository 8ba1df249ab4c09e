/*
** judge_align: the order of the steps in alignment.h, and what stops them.
*/
#include <string.h>

#include "core/mem.h"
#include "core/options.h"
#include "judge/lexical.h"
#include "run/alignment.h"
#include "run/price.h"
#include "run/run.h"
#include "store/db.h"
#include "store/hidden.h"

SQLITE_EXTENSION_INIT3

#define FIELD(name) offsetof(struct jg_alignment_options, name)

static const struct jg_option TABLE[] = {
    {"optimizer", JG_OPTION_TEXT, FIELD(optimizer), 0, 0, NULL},
    {"model", JG_OPTION_TEXT, FIELD(model), 0, 0, NULL},
    {"embedding_model", JG_OPTION_TEXT, FIELD(embedding_model), 0, 0, NULL},
    {"experiment", JG_OPTION_TEXT, FIELD(experiment), 0, 0, NULL},
    {"where", JG_OPTION_SQL, FIELD(where), 0, 0, NULL},
    {"trace_ids", JG_OPTION_JSON, FIELD(trace_ids), 0, 0, NULL},
    {"limit", JG_OPTION_INT, FIELD(limit), 0, INT64_MAX, NULL},
    {"min_traces", JG_OPTION_INT, FIELD(min_traces), 2, 1000000, NULL},
    {"labels", JG_OPTION_TEXT, FIELD(labels), 0, 0,
     "auto|latest|majority|mean"},
    {"retrieval_k", JG_OPTION_INT, FIELD(retrieval_k), 0, 100, NULL},
    {"max_guidelines", JG_OPTION_INT, FIELD(max_guidelines), 0, 1000, NULL},
    {"seed", JG_OPTION_INT, FIELD(seed), 0, INT64_MAX, NULL},
    {"held_out", JG_OPTION_REAL, FIELD(held_out), 0, 1, NULL},
    JG_LIMIT_OPTIONS(struct jg_alignment_options, limits),
    {"explain", JG_OPTION_BOOL, FIELD(explain), 0, 0, NULL},
    {"verbose", JG_OPTION_BOOL, FIELD(verbose), 0, 0, NULL},
};

static void set_defaults(struct jg_alignment_options *o) {
  static const struct jg_limits NONE = JG_LIMITS_NONE;
  memset(o, 0, sizeof(*o));
  o->optimizer = "memalign";
  o->limit = -1;
  o->min_traces = 10;
  o->retrieval_k = 5;
  o->max_guidelines = 50;
  o->held_out = 0.3;
  o->limits = NONE;
}

/* ---- opening ------------------------------------------------------------ */

static int read_options(struct jg_alignment *a, const char *options,
                        struct jg_err *err) {
  set_defaults(&a->options);
  if (jg_options_read("judge_align", options, options ? strlen(options) : 0,
                      TABLE, sizeof(TABLE) / sizeof(*TABLE), &a->options,
                      &a->keep, err) != JG_OK) {
    return err->code;
  }
  if (a->options.held_out <= 0 || a->options.held_out >= 1) {
    return jg_err_set(err, JG_ERROR,
                      "judge_align: held_out must lie between 0 and 1, for "
                      "example 0.3");
  }
  if (a->options.model &&
      jg_session_check_model(a->options.model, err) != JG_OK) {
    return err->code;
  }
  if (a->keep) {
    struct jg_buf buf;
    jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
    jg_json_write(a->keep, &buf);
    a->options_json = jg_buf_take(&buf, err);
  }
  if (!a->options.embedding_model) {
    a->options.embedding_model = a->session->config.embedding_model;
  }
  return err->code;
}

static int check_price(struct jg_alignment *a, struct jg_err *err) {
  if (a->options.limits.max_cost < 0 || jg_lexical_is(a->parent.model)) {
    return JG_OK;
  }
  if (a->options.model) {
    jg_price_require(a->session, "judge_align", a->options.model, err);
  }
  if (err->code == JG_OK && a->options.embedding_model) {
    jg_price_require(a->session, "judge_align", a->options.embedding_model,
                     err);
  }
  if (err->code == JG_OK && a->parent.memory.embedding_model) {
    jg_price_require(a->session, "judge_align",
                     a->parent.memory.embedding_model, err);
  }
  if (err->code == JG_OK) {
    jg_price_require(a->session, "judge_align", a->parent.model, err);
  }
  return err->code;
}

static int open_parent(struct jg_alignment *a, const char *judge,
                       struct jg_err *err) {
  if (jg_session_judge(a->session, judge, 1, &a->parent, &a->info, err) !=
          JG_OK ||
      jg_job_judge(&a->job, a->info.judge, err) != JG_OK ||
      check_price(a, err) != JG_OK) {
    return err->code;
  }
  if (jg_lexical_is(a->parent.model)) {
    a->options.embedding_model = NULL;
  }
  a->optimizer = jg_optimizer_find(a->options.optimizer, &a->parent, err);
  a->optimizer_name = a->options.optimizer;
  if (!a->optimizer) {
    return err->code;
  }
  return jg_ready_examples(a->session, a->info.memory_id, &a->parent_examples,
                           &a->parent_example_count, err);
}

/* ---- is there anything to do? ------------------------------------------- */

/* Enough labels, or an error that says what is missing; nothing was spent. */
static int require_labels(const struct jg_alignment *a, struct jg_err *err) {
  int64_t usable = (int64_t)a->row_count - a->contested;
  if (usable >= a->options.min_traces) {
    return JG_OK;
  }
  struct jg_buf hidden;
  jg_buf_init(&hidden, JG_BUF_LIMIT_BYTES);
  jg_hidden_note(a->session->db, &hidden, err);
  jg_err_set(
      err, JG_ERROR,
      "judge_align: %lld labelled traces for '%s' can be used and at least "
      "%lld are needed (50 to 100 are better)%s%s%s: insert HUMAN feedback "
      "named '%s' into assessments; see judge_align('%s', "
      "'{\"explain\":true}')%s%s",
      (long long)usable, a->parent.feedback_name,
      (long long)a->options.min_traces,
      a->near_names && strcmp(a->near_names, "{}") != 0
          ? "; feedback under a nearly equal name: "
          : "",
      a->near_names && strcmp(a->near_names, "{}") != 0 ? a->near_names : "",
      a->contested ? "; contested labels do not count" : "",
      a->parent.feedback_name, a->info.judge, hidden.len > 0 ? "; " : "",
      jg_buf_text(&hidden));
  jg_buf_dispose(&hidden);
  return err->code;
}

static int anything_new(const struct jg_alignment *a) {
  if (a->parent_example_count != a->row_count - (size_t)a->contested) {
    return 1;
  }
  for (size_t i = 0; i < a->row_count; i++) {
    if (a->fresh[i] && !a->rows[i].contested) {
      return 1;
    }
  }
  return 0;
}

/* The report of the alignment that made the parent, when this one would only
** repeat it. */
static char *earlier_report(struct jg_alignment *a, struct jg_err *err) {
  char *report = NULL;
  if (a->parent_example_count == 0 || anything_new(a)) {
    return NULL;
  }
  sqlite3_stmt *stmt = jg_db_prepare(
      a->session->db,
      "SELECT report FROM main.judge_report WHERE command = 'judge_align'"
      " AND report->>'$.judge' = @judge AND report->'$.options' IS @options"
      " ORDER BY report_id DESC LIMIT 1",
      err);
  jg_db_bind_text(stmt, "@judge", a->info.judge, err);
  jg_db_bind_text(stmt, "@options", a->options_json, err);
  if (jg_db_step(stmt, err) == 1) {
    report = jg_db_text(stmt, 0, err);
  }
  sqlite3_finalize(stmt);
  return report;
}

/* ---- the run ------------------------------------------------------------ */

static int run_steps(struct jg_alignment *a, struct jg_buf *report,
                     struct jg_err *err) {
  if (jg_alignment_plan(a, err) != JG_OK) {
    return err->code;
  }
  jg_log_line(&a->job.log, "plan", NULL, "%s of %zu traces in %zu groups",
              a->split.cross_fitted ? "cross-fitting" : "a 70/30 split",
              a->row_count, a->split.groups);
  if (jg_alignment_learn(a, err) != JG_OK ||
      jg_job_write_log(&a->job, err) != JG_OK ||
      jg_alignment_score(a, err) != JG_OK ||
      jg_alignment_gain(a, err) != JG_OK ||
      jg_alignment_publish(a, err) != JG_OK) {
    return err->code;
  }
  jg_hidden_note(a->session->db, &a->notes, err);
  jg_log_line(&a->job.log, "publish", NULL, "%s: %s (%s)", a->version,
              a->accepted ? "active" : "candidate", jg_buf_text(&a->notes));
  jg_alignment_report(a, report);
  if (jg_buf_check(report, err) == JG_OK &&
      jg_job_made(&a->job, a->version, err) == JG_OK) {
    jg_job_end(&a->job, jg_buf_text(report), err);
  }
  return err->code;
}

/* The forecast instead. */
static int explain_steps(struct jg_alignment *a, struct jg_buf *report,
                         struct jg_err *err) {
  char *made = earlier_report(a, err);
  a->done_before = made != NULL;
  jg_mem_free(made);
  if (a->row_count >= 2) {
    jg_alignment_plan(a, err);
  }
  if (err->code == JG_OK && jg_alignment_explain(a, report, err) == JG_OK) {
    jg_job_end(&a->job, jg_buf_text(report), err);
  }
  return err->code;
}

static int begin_alignment(struct jg_alignment *a, struct jg_err *err) {
  const struct jg_limits *limits = &a->options.limits;
  return a->options.explain
             ? jg_job_begin_forecast(&a->job, a->session, "judge_align", limits,
                                     err)
             : jg_job_begin(&a->job, a->session, "judge_align", limits, err);
}

static int align(struct jg_alignment *a, const char *judge, const char *options,
                 struct jg_buf *report, struct jg_err *err) {
  if (read_options(a, options, err) != JG_OK ||
      begin_alignment(a, err) != JG_OK) {
    return err->code;
  }
  a->job.verbose = a->options.verbose;
  if (open_parent(a, judge, err) != JG_OK ||
      jg_alignment_load(a, err) != JG_OK) {
    return err->code;
  }
  if (a->options.explain) {
    return explain_steps(a, report, err);
  }
  if (require_labels(a, err) != JG_OK) {
    return err->code;
  }
  char *earlier = earlier_report(a, err);
  if (earlier) {
    jg_buf_puts(report, earlier);
    jg_mem_free(earlier);
    return jg_buf_check(report, err);
  }
  return err->code == JG_OK ? run_steps(a, report, err) : (int)err->code;
}

static void close_lessons(struct jg_alignment *a) {
  for (size_t i = 0; i < a->lesson_count; i++) {
    if (a->lessons) {
      jg_lesson_dispose(&a->lessons[i]);
    }
    if (a->train) {
      jg_mem_free(a->train[i]);
    }
    if (a->judges) {
      jg_judge_dispose(&a->judges[i]);
    }
  }
  jg_mem_free(a->lessons);
  jg_mem_free(a->train);
  jg_mem_free(a->judges);
  jg_mem_free(a->last_fresh);
}

static void close_alignment(struct jg_alignment *a) {
  for (size_t i = 0; i < a->row_count; i++) {
    if (a->original) {
      jg_scored_dispose(&a->original[i]);
    }
    if (a->aligned) {
      jg_scored_dispose(&a->aligned[i]);
    }
  }
  jg_mem_free(a->original);
  jg_vectors_dispose(&a->keys);
  jg_mem_free(a->aligned);
  close_lessons(a);
  jg_judge_dispose(&a->base);
  jg_judge_dispose(&a->stem);
  jg_split_dispose(&a->split);
  jg_mem_free(a->fresh);
  jg_mem_free(a->seen);
  jg_mem_free(a->near_names);
  jg_mem_free(a->version);
  jg_mem_free(a->options_json);
  jg_rows_free(a->rows, a->row_count);
  jg_rows_free(a->parent_examples, a->parent_example_count);
  jg_definition_info_dispose(&a->info);
  jg_judge_dispose(&a->parent);
  jg_json_free(a->keep);
  jg_buf_dispose(&a->notes);
  jg_buf_dispose(&a->readiness_json);
  jg_job_dispose(&a->job);
}

int jg_run_judge_align(struct jg_session *session, const char *judge,
                       const char *options, struct jg_buf *report,
                       struct jg_err *err) {
  struct jg_alignment a;
  memset(&a, 0, sizeof(a));
  a.session = session;
  jg_buf_init(&a.notes, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&a.readiness_json, JG_BUF_LIMIT_BYTES);
  align(&a, judge, options, report, err);
  close_alignment(&a);
  return err->code;
}
