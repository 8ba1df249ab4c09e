/*
** Scoring: each held-out row by the new version (cross-fitted: by the fold that
** did not see its group) and by the parent, whose stored verdicts are used
** where they are honest. Verdicts of the parent are stored as any others.
*/
#include <string.h>

#include "core/mem.h"
#include "judge/lexical.h"
#include "run/alignment.h"
#include "run/progress.h"
#include "run/verdicts.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* One rating to make: a row by one of the ready judges. */
struct task {
  size_t row;
  const struct jg_ready *ready;
  struct jg_scored *into;
  int is_original;
};

struct scoring {
  struct jg_alignment *a;
  struct jg_ready parent;
  int parent_rates;       /* 0: it cannot (local:/lexical without a scale) */
  struct jg_ready *ready; /* one a lesson */
  struct jg_vectors parent_keys; /* where the parent has another model */
  int parent_differs;
  int cut; /* a budget ended before all embeddings were there */
  struct task *tasks;
  size_t task_count, next;
  struct jg_verdict_batch batch;
  struct jg_progress_line progress;
  struct jg_forecast *forecast; /* not NULL: nothing is sent, but counted */
};

void jg_scored_dispose(struct jg_scored *scored) {
  jg_value_dispose(&scored->value);
  jg_mem_free(scored->rationale);
  jg_mem_free(scored->error_code);
  jg_mem_free(scored->error_message);
  jg_mem_free(scored->answer);
  memset(scored, 0, sizeof(*scored));
}

/* ---- what is known already ---------------------------------------------- */

static int read_original(struct jg_alignment *a, sqlite3_stmt *stmt, size_t row,
                         struct jg_err *err) {
  struct jg_scored *s = &a->original[row];
  jg_db_bind_text(stmt, "@trace_id", a->rows[row].trace_id, err);
  jg_db_bind_int(stmt, "@seen", a->seen[row], err);
  if (jg_db_step(stmt, err) == 1) {
    s->known = 1;
    jg_db_value(stmt, 0, &s->value, err);
    s->rationale = jg_db_text(stmt, 1, err);
    s->error_code = jg_db_text(stmt, 2, err);
    s->error_message = jg_db_text(stmt, 3, err);
  }
  sqlite3_reset(stmt);
  return err->code;
}

static int read_originals(struct jg_alignment *a, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(a->session->db, "align_original", err);
  jg_db_bind_text(stmt, "@judge", a->info.judge, err);
  jg_db_bind_int(stmt, "@definition", a->info.definition_id, err);
  jg_db_bind_int(stmt, "@memory", a->info.memory_id, err);
  for (size_t i = 0; i < a->row_count && err->code == JG_OK; i++) {
    if (jg_alignment_is_scored(a, i)) {
      read_original(a, stmt, i, err);
    }
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* A parent that cannot rate is measured as if it always said the commonest
** label. */
static const struct jg_value *commonest(const struct jg_alignment *a) {
  const struct jg_value *best = NULL;
  size_t most = 0;
  for (size_t i = 0; i < a->row_count; i++) {
    size_t n = 0;
    for (size_t j = 0; j < a->row_count; j++) {
      n += jg_value_equal(&a->rows[i].target, &a->rows[j].target) != 0;
    }
    if (n > most) {
      most = n;
      best = &a->rows[i].target;
    }
  }
  return best;
}

static int assume_originals(struct jg_alignment *a, struct jg_err *err) {
  const struct jg_value *value = commonest(a);
  jg_alignment_note(a,
                    "%s cannot rate before it is aligned: it is measured "
                    "as if it always said the commonest label",
                    a->info.judge);
  for (size_t i = 0; value && i < a->row_count && err->code == JG_OK; i++) {
    if (jg_alignment_is_scored(a, i) && !a->original[i].known) {
      a->original[i].known = 1;
      jg_value_copy(&a->original[i].value, value, err);
    }
  }
  return err->code;
}

/* ---- the judges --------------------------------------------------------- */

static int open_ready(struct scoring *s, const struct jg_judge *judge,
                      const struct jg_row *const *rows, size_t count,
                      struct jg_ready *out, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  if (!s->forecast) {
    jg_ready_open(&a->job, judge, a->info.judge, rows, count, out, err);
    s->cut |= out->stand_in;
    return err->code;
  }
  if (jg_ready_open_unsent(&a->job, judge, rows, count, out, err) == JG_OK) {
    jg_ready_show_endpoint(a->session, out, NULL, err);
  }
  return err->code;
}

static int open_lesson(struct scoring *s, size_t at, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  const struct jg_lesson *lesson = &a->lessons[at];
  const struct jg_row **rows =
      jg_mem_new(lesson->train_count + 1, sizeof(*rows), err);
  for (size_t i = 0; rows && i < lesson->train_count; i++) {
    rows[i] = &a->rows[lesson->train[i]];
  }
  if (rows) {
    open_ready(s, &a->judges[at], rows, lesson->train_count, &s->ready[at],
               err);
  }
  jg_mem_free(rows);
  return err->code;
}

static int open_parent(struct scoring *s, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  struct jg_err cannot = {.code = JG_OK};
  s->parent_rates = !jg_lexical_is(a->parent.model) ||
                    jg_lexical_check(&a->parent, &cannot) == JG_OK;
  if (!s->parent_rates) {
    return assume_originals(a, err);
  }
  const struct jg_row **rows =
      jg_row_pointers(a->parent_examples, a->parent_example_count, err);
  if (rows) {
    open_ready(s, &a->parent, rows, a->parent_example_count, &s->parent, err);
  }
  jg_mem_free(rows);
  return err->code;
}

static int fetch_keys(struct scoring *s, const struct jg_ready *ready,
                      struct jg_vectors *out, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  const char **keys = jg_mem_new(a->row_count + 1, sizeof(*keys), err);
  for (size_t i = 0; keys && i < a->row_count; i++) {
    struct jg_item item = jg_row_item(&a->rows[i]);
    keys[i] = jg_prompt_key(&a->parent, &item);
  }
  if (keys) {
    jg_ready_embed(&a->job, ready, keys, a->row_count, out, err);
  }
  jg_mem_free(keys);
  return err->code;
}

/* The parent's examples and the new version's may be found by different models,
** whose numbers do not compare. For a forecast keys are looked up one by one. */
static int open_keys(struct scoring *s, const struct jg_ready *learned,
                     struct jg_err *err) {
  s->parent_differs = s->parent.by_vectors &&
                      (!learned->by_vectors || s->parent.dim != learned->dim ||
                       strcmp(s->parent.embedding.model_uri,
                              learned->embedding.model_uri) != 0);
  if (s->forecast || s->cut) {
    return err->code;
  }
  if (learned->by_vectors) {
    fetch_keys(s, learned, &s->a->keys, err);
  }
  if (s->parent_differs && err->code == JG_OK) {
    fetch_keys(s, &s->parent, &s->parent_keys, err);
  }
  s->cut = s->a->keys.cut || s->parent_keys.cut;
  return err->code;
}

/* What has no embeddings yet rates nothing: it would be shown other examples.
** Those that were answered are stored, and cost nothing the next time. */
static void note_cut(struct scoring *s) {
  jg_vectors_dispose(&s->a->keys);
  jg_alignment_note(s->a,
                    "the budget (%s) ended before all embeddings were there, "
                    "so nothing was scored",
                    s->a->job.exhausted);
}

static int open_judges(struct scoring *s, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  s->ready = jg_mem_new(a->lesson_count, sizeof(*s->ready), err);
  if (!s->ready || open_parent(s, err) != JG_OK) {
    return err->code;
  }
  /* Cross-fitted, the last lesson's version rates nothing here. */
  size_t from = a->split.cross_fitted ? 0 : a->lesson_count - 1;
  size_t to = a->split.cross_fitted ? a->lesson_count - 1 : a->lesson_count;
  for (size_t i = from; i < to && err->code == JG_OK; i++) {
    open_lesson(s, i, err);
  }
  if (err->code == JG_OK) {
    open_keys(s, &s->ready[from], err);
  }
  return err->code;
}

/* ---- the run ------------------------------------------------------------ */

static void add_task(struct scoring *s, size_t row,
                     const struct jg_ready *ready, struct jg_scored *into,
                     int is_original) {
  struct task *t = &s->tasks[s->task_count++];
  t->row = row;
  t->ready = ready;
  t->into = into;
  t->is_original = is_original;
}

/* Row by row, so that a budget that ends leaves whole pairs. */
static int plan_tasks(struct scoring *s, struct jg_err *err) {
  struct jg_alignment *a = s->a;
  s->tasks = jg_mem_new(2 * a->row_count + 1, sizeof(*s->tasks), err);
  for (size_t i = 0; s->tasks && i < a->row_count; i++) {
    if (!jg_alignment_is_scored(a, i)) {
      continue;
    }
    size_t lesson =
        a->split.cross_fitted ? (size_t)a->split.fold[i] : a->lesson_count - 1;
    if (!a->original[i].known && !a->seen[i] && s->parent_rates) {
      add_task(s, i, &s->parent, &a->original[i], 1);
    }
    add_task(s, i, &s->ready[lesson], &a->aligned[i], 0);
  }
  return err->code;
}

static enum jg_next next_item(void *ctx, struct jg_rating *rating,
                              struct jg_err *err) {
  struct scoring *s = ctx;
  (void)err;
  if (s->next == s->task_count) {
    return JG_NEXT_END;
  }
  struct task *t = &s->tasks[s->next++];
  rating->ready = t->ready;
  rating->item = jg_row_item(&s->a->rows[t->row]);
  const struct jg_vectors *keys =
      t->is_original && s->parent_differs ? &s->parent_keys : &s->a->keys;
  if (t->ready->by_vectors && keys->count) {
    rating->key_vector = keys->items[t->row];
    rating->lack = keys->lacks[t->row];
  }
  rating->tag = t;
  return JG_NEXT_TASK;
}

static int keep_answer(struct jg_scored *into, const struct jg_answer *answer,
                       const struct jg_verdict *verdict, struct jg_err *err) {
  struct jg_buf buf;
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &buf};
  jg_answer_write(answer, verdict, &w);
  into->answer = jg_buf_take(&buf, err);
  return err->code;
}

static int item_done(void *ctx, const struct jg_rating *rating,
                     struct jg_verdict *verdict, const struct jg_answer *answer,
                     struct jg_err *err) {
  struct scoring *s = ctx;
  struct task *t = rating->tag;
  struct jg_scored *into = t->into;
  into->known = 1;
  jg_value_copy(&into->value, &verdict->value, err);
  into->rationale = jg_mem_text(verdict->rationale, err);
  into->error_code = jg_mem_text(verdict->error_code, err);
  into->error_message = jg_mem_text(verdict->error_message, err);
  keep_answer(into, answer, verdict, err);
  if (t->is_original) {
    jg_verdict_batch_add(&s->batch, s->a->info.judge, rating, verdict, answer,
                         err);
  }
  jg_progress_step(&s->progress, verdict->error_code != NULL);
  return err->code;
}

static int write_batch(void *ctx, struct jg_err *err) {
  struct scoring *s = ctx;
  return jg_verdict_batch_write(&s->batch, err);
}

static int rate(struct scoring *s, struct jg_err *err) {
  struct jg_ratings ratings = {.job = &s->a->job,
                               .ctx = s,
                               .next = next_item,
                               .done = item_done,
                               .flush = write_batch};
  jg_progress_begin(&s->progress, &s->a->job, (int64_t)s->task_count);
  jg_ratings_run(&ratings, err);
  jg_progress_end(&s->progress);
  if (err->code == JG_OK) {
    jg_verdict_batch_finish(&s->batch, err);
  }
  return err->code;
}

static void close_scoring(struct scoring *s) {
  jg_ready_dispose(&s->parent);
  for (size_t i = 0; s->ready && i < s->a->lesson_count; i++) {
    jg_ready_dispose(&s->ready[i]);
  }
  jg_mem_free(s->ready);
  jg_mem_free(s->tasks);
  jg_vectors_dispose(&s->parent_keys);
  jg_verdict_batch_dispose(&s->batch);
}

/* Up to the list of what is to be rated. */
static int open_scoring(struct scoring *s, struct jg_alignment *a,
                        struct jg_forecast *forecast, struct jg_err *err) {
  memset(s, 0, sizeof(*s));
  s->a = a;
  s->forecast = forecast;
  jg_verdict_batch_init(&s->batch, &a->job);
  a->original = jg_mem_new(a->row_count, sizeof(*a->original), err);
  a->aligned = jg_mem_new(a->row_count, sizeof(*a->aligned), err);
  if (a->original && a->aligned && read_originals(a, err) == JG_OK &&
      open_judges(s, err) == JG_OK && !s->cut) {
    plan_tasks(s, err);
  }
  if (s->cut && err->code == JG_OK) {
    note_cut(s);
  }
  return err->code;
}

int jg_alignment_score(struct jg_alignment *a, struct jg_err *err) {
  struct scoring s;
  if (open_scoring(&s, a, NULL, err) == JG_OK) {
    rate(&s, err);
  }
  close_scoring(&s);
  return err->code;
}

/* ---- forecast ----------------------------------------------------------- */

static int count_keys(struct scoring *s, struct jg_forecast_group *g,
                      const struct jg_ready *ready, const struct jg_row *rows,
                      size_t count, struct jg_err *err) {
  for (size_t i = 0; ready->by_vectors && i < count; i++) {
    struct jg_item item = jg_row_item(&rows[i]);
    if (!rows[i].vector &&
        jg_forecast_embedding(s->forecast, g, &ready->embedding,
                              jg_prompt_key(&s->a->parent, &item),
                              err) != JG_OK) {
      break;
    }
  }
  return err->code;
}

static int count_embeddings(struct scoring *s, struct jg_forecast_group *g,
                            struct jg_err *err) {
  struct jg_alignment *a = s->a;
  const struct jg_ready *learned =
      &s->ready[a->split.cross_fitted ? 0 : a->lesson_count - 1];
  if (count_keys(s, g, &s->parent, a->parent_examples, a->parent_example_count,
                 err) == JG_OK &&
      count_keys(s, g, learned, a->rows, a->row_count, err) == JG_OK &&
      s->parent_differs) {
    count_keys(s, g, &s->parent, a->rows, a->row_count, err);
  }
  return err->code;
}

static int count_task(struct scoring *s, const struct task *t,
                      struct jg_forecast_group *g, const double *extra,
                      struct jg_err *err) {
  struct jg_item item = jg_row_item(&s->a->rows[t->row]);
  struct jg_err lack = {.code = JG_OK};
  int64_t before = g->calls;
  if (jg_judge_check_item(t->ready->judge, &item, &lack) != JG_OK) {
    return lack.code == JG_NOMEM ? jg_err_nomem(err) : JG_OK;
  }
  jg_forecast_item(s->forecast, g, t->ready, &item, 0, err);
  if (!t->is_original && g->calls > before) {
    g->extra += extra[t->ready - s->ready];
  }
  return err->code;
}

int jg_alignment_score_forecast(struct jg_alignment *a, struct jg_forecast *f,
                                struct jg_forecast_group *ratings,
                                struct jg_forecast_group *embeddings,
                                const double *extra, struct jg_err *err) {
  struct scoring s;
  if (open_scoring(&s, a, f, err) == JG_OK) {
    count_embeddings(&s, embeddings, err);
  }
  for (size_t i = 0; i < s.task_count && err->code == JG_OK; i++) {
    count_task(&s, &s.tasks[i], ratings, extra, err);
  }
  close_scoring(&s);
  return err->code;
}
