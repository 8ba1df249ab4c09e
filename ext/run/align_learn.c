/*
** What is learned from what: the plan of folds, and the lessons.
**
** Cross-fitted, each fold's lesson starts from the parent without anything that
** labels taught it, or a guideline of the parent could carry a held-out label
** into the fold that is scored with it (law 6). The last lesson, which is
** published, builds on what the parent learned.
*/
#include <string.h>

#include "core/mem.h"
#include "run/alignment.h"
#include "run/split_store.h"

struct jg_lesson *jg_alignment_last(const struct jg_alignment *a) {
  return &a->lessons[a->lesson_count - 1];
}

int jg_alignment_is_scored(const struct jg_alignment *a, size_t row) {
  return a->split.cross_fitted || a->split.fold[row] == 1;
}

/* ---- the judges to start from ------------------------------------------- */

static int is_current_source(const struct jg_alignment *a,
                             const char *trace_id) {
  const struct jg_row *row = jg_alignment_row(a, trace_id);
  return row && !a->fresh[row - a->rows];
}

static void guideline_dispose(struct jg_guideline *g) {
  jg_mem_free(g->text);
  for (size_t i = 0; i < g->trace_count; i++) {
    jg_mem_free(g->trace_ids[i]);
  }
  jg_mem_free(g->trace_ids);
  memset(g, 0, sizeof(*g));
}

/* Forgets sources whose labels have changed or gone; 1 when none is left of a
** guideline that had some. */
static int forget_sources(const struct jg_alignment *a,
                          struct jg_guideline *g) {
  size_t kept = 0, had = g->trace_count;
  for (size_t i = 0; i < g->trace_count; i++) {
    if (is_current_source(a, g->trace_ids[i])) {
      g->trace_ids[kept++] = g->trace_ids[i];
    } else {
      jg_mem_free(g->trace_ids[i]);
    }
  }
  g->trace_count = kept;
  return had > 0 && kept == 0;
}

/* all: forget every guideline that labels taught. */
static void prune(const struct jg_alignment *a, struct jg_judge *judge,
                  int all) {
  struct jg_memory *m = &judge->memory;
  size_t kept = 0;
  for (size_t i = 0; i < m->guideline_count; i++) {
    struct jg_guideline *g = &m->guidelines[i];
    if (all ? g->trace_count > 0 : forget_sources(a, g)) {
      guideline_dispose(g);
    } else {
      m->guidelines[kept++] = *g;
    }
  }
  for (size_t i = kept; i < m->guideline_count; i++) {
    memset(&m->guidelines[i], 0, sizeof(*m->guidelines));
  }
  m->guideline_count = kept;
  jg_mem_free(m->local_model);
  m->local_model = NULL;
}

static int start_judges(struct jg_alignment *a, struct jg_err *err) {
  if (jg_judge_copy(&a->base, &a->parent, err) == JG_OK &&
      jg_judge_copy(&a->stem, &a->parent, err) == JG_OK) {
    size_t before = a->stem.memory.guideline_count;
    prune(a, &a->base, 1);
    prune(a, &a->stem, 0);
    if (before > a->stem.memory.guideline_count) {
      jg_alignment_note(a,
                        "%zu guidelines were dropped, since the labels that "
                        "taught them have changed or gone",
                        before - a->stem.memory.guideline_count);
    }
  }
  return err->code;
}

/* ---- the plan ----------------------------------------------------------- */

/* fold < 0: the last lesson of a cross-fitted alignment learns from all. */
static int may_learn(const struct jg_alignment *a, size_t row, int fold) {
  if (a->rows[row].contested) {
    return 0;
  }
  return fold < 0 || a->split.fold[row] != fold;
}

static int fill_lesson(struct jg_alignment *a, size_t at, int fold,
                       struct jg_err *err) {
  struct jg_lesson *lesson = &a->lessons[at];
  size_t *train = jg_mem_new(a->row_count + 1, sizeof(*train), err);
  if (!train) {
    return err->code;
  }
  a->train[at] = train;
  for (size_t i = 0; i < a->row_count; i++) {
    if (may_learn(a, i, fold)) {
      train[lesson->train_count++] = i;
    }
  }
  lesson->judge = at + 1 == a->lesson_count ? &a->stem : &a->base;
  lesson->rows = a->rows;
  lesson->train = train;
  jg_buf_init(&lesson->notes, JG_BUF_LIMIT_BYTES);
  return JG_OK;
}

static int mark_fresh(struct jg_alignment *a, struct jg_err *err) {
  struct jg_lesson *last = jg_alignment_last(a);
  a->last_fresh = jg_mem_new(last->train_count + 1, 1, err);
  for (size_t i = 0; a->last_fresh && i < last->train_count; i++) {
    a->last_fresh[i] = a->fresh[last->train[i]];
  }
  last->fresh = a->last_fresh;
  return err->code;
}

int jg_alignment_plan(struct jg_alignment *a, struct jg_err *err) {
  if (jg_split_plan(a->rows, a->row_count, (uint64_t)a->options.seed,
                    a->options.held_out, &a->split, err) != JG_OK ||
      (!a->split.cross_fitted &&
       jg_split_recall(a->session->db, a->parent.feedback_name, a->rows,
                       a->row_count, &a->split, err) != JG_OK) ||
      start_judges(a, err) != JG_OK) {
    return err->code;
  }
  size_t folds = a->split.cross_fitted ? (size_t)a->split.folds : 0;
  a->lesson_count = folds + 1;
  a->lessons = jg_mem_new(a->lesson_count, sizeof(*a->lessons), err);
  a->train = jg_mem_new(a->lesson_count, sizeof(*a->train), err);
  for (size_t i = 0; err->code == JG_OK && i < folds; i++) {
    fill_lesson(a, i, (int)i, err);
  }
  if (err->code == JG_OK &&
      fill_lesson(a, folds, a->split.cross_fitted ? -1 : 1, err) == JG_OK) {
    mark_fresh(a, err);
  }
  return err->code;
}

/* ---- model calls of the optimizer --------------------------------------- */

struct completing {
  struct jg_alignment *a;
  struct jg_endpoint endpoint;
  const struct jg_prompt *prompts;
  struct jg_completion *out;
  size_t count, next;
};

int jg_alignment_endpoint(const struct jg_alignment *a,
                          struct jg_endpoint *endpoint, struct jg_err *err) {
  const char *own = a->options.model;
  return jg_endpoint_resolve(own ? own : a->parent.model, JG_ENDPOINT_CHAT,
                             own ? NULL : a->parent.base_url,
                             a->session->config.extra_headers,
                             &a->session->environment, endpoint, err);
}

struct jg_chat jg_alignment_chat(const struct jg_prompt *prompt) {
  return (struct jg_chat){.system = prompt->system,
                          .user = prompt->user,
                          .schema = prompt->schema,
                          .schema_name = prompt->schema_name};
}

static char *completion_body(struct completing *c, struct jg_err *err) {
  struct jg_chat chat = jg_alignment_chat(&c->prompts[c->next]);
  struct jg_buf body;
  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_chat_body(&c->endpoint, &chat, &body, err) != JG_OK) {
    jg_buf_dispose(&body);
    return NULL;
  }
  return jg_buf_take(&body, err);
}

static enum jg_next next_completion(void *ctx, struct jg_call **out,
                                    struct jg_err *err) {
  struct completing *c = ctx;
  if (c->next == c->count) {
    return JG_NEXT_END;
  }
  struct jg_call *call = jg_mem_new(1, sizeof(*call), err);
  if (!call) {
    return JG_NEXT_END;
  }
  call->purpose = "distill";
  call->judge = c->a->info.judge;
  call->endpoint = &c->endpoint;
  call->body = completion_body(c, err);
  call->tag = &c->out[c->next];
  c->next++;
  if (!call->body) {
    jg_call_dispose(call);
    return JG_NEXT_END;
  }
  *out = call;
  return JG_NEXT_TASK;
}

static int completion_done(void *ctx, struct jg_call *call,
                           const struct jg_answer *answer, struct jg_err *err) {
  struct jg_completion *out = call->tag;
  (void)ctx;
  jg_call_dispose(call);
  if (!answer->error_code) {
    out->text = jg_mem_text(answer->text, err);
    return err->code;
  }
  struct jg_buf why;
  jg_buf_init(&why, 4096);
  jg_buf_printf(&why, "%s: %.2000s", answer->error_code,
                answer->error_message ? answer->error_message : "");
  out->error = jg_buf_take(&why, err);
  return err->code;
}

static void completion_drop(void *ctx, struct jg_call *call) {
  (void)ctx;
  jg_call_dispose(call);
}

static int complete(void *ctx, const struct jg_prompt *prompts, size_t n,
                    struct jg_completion *out, struct jg_err *err) {
  struct jg_alignment *a = ctx;
  struct completing c = {.a = a, .prompts = prompts, .out = out, .count = n};
  struct jg_calls calls = jg_job_calls(&a->job);
  memset(out, 0, n * sizeof(*out));
  if (jg_alignment_endpoint(a, &c.endpoint, err) == JG_OK) {
    calls.ctx = &c;
    calls.chat = 1;
    calls.next = next_completion;
    calls.done = completion_done;
    calls.drop = completion_drop;
    jg_calls_run(&calls, err);
    jg_job_count(&a->job, &calls);
  }
  jg_endpoint_dispose(&c.endpoint);
  for (size_t i = 0; err->code == JG_OK && i < n; i++) {
    if (!out[i].text && !out[i].error) {
      out[i].error = jg_mem_text("not sent: the budget ended", err);
    }
  }
  return err->code;
}

/* ---- learning ----------------------------------------------------------- */

static void take_notes(struct jg_alignment *a) {
  struct jg_lesson *last = jg_alignment_last(a);
  int64_t failed = 0;
  if (last->notes.len > 0) {
    jg_alignment_note(a, "%s", jg_buf_text(&last->notes));
  }
  for (size_t i = 0; i < a->lesson_count; i++) {
    failed += a->lessons[i].failed_batches;
  }
  if (failed > 0) {
    jg_alignment_note(a, "%lld distillation call%s failed", (long long)failed,
                      failed == 1 ? "" : "s");
  }
}

static int make_judges(struct jg_alignment *a, struct jg_err *err) {
  a->judges = jg_mem_new(a->lesson_count, sizeof(*a->judges), err);
  for (size_t i = 0; err->code == JG_OK && i < a->lesson_count; i++) {
    if (jg_judge_copy(&a->judges[i], &a->parent, err) == JG_OK) {
      jg_memory_dispose(&a->judges[i].memory);
      jg_memory_copy(&a->judges[i].memory, &a->lessons[i].memory, err);
    }
  }
  return err->code;
}

int jg_alignment_learn_by(struct jg_alignment *a,
                          jg_alignment_completer *completer, void *ctx,
                          const struct jg_log *log, struct jg_err *err) {
  struct jg_align_options options = {
      .retrieval_k = a->options.retrieval_k,
      .max_guidelines = a->options.max_guidelines,
      .seed = (uint64_t)a->options.seed,
      .embedding_model = a->options.embedding_model,
      .batch_examples = 50,
      .batch_tokens = 123000};
  struct jg_stop stop = jg_interrupt_stop(&a->session->interrupt);
  struct jg_align_env env = {
      .ctx = ctx, .complete = completer, .stop = &stop, .log = log};
  if (a->optimizer->learn(&env, &options, a->lessons, a->lesson_count, err) ==
      JG_OK) {
    take_notes(a);
    make_judges(a, err);
  }
  return err->code;
}

int jg_alignment_learn(struct jg_alignment *a, struct jg_err *err) {
  return jg_alignment_learn_by(a, complete, a, &a->job.log, err);
}
