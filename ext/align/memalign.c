/*
** MemAlign: a judge with a memory. The semantic part, guidelines, is distilled
** here from the labelled rows; the episodic part, the rows themselves, is the
** caller's, who shows the nearest of them with each item.
**
** What it promises:
** 1. The guidelines there are already stay as they are, up to max_guidelines;
**    those written by hand stay in any case.
** 2. A new guideline has a text that is new (case and white space aside) and
**    names at least one example that was shown; what has not is dropped and
**    counted. Equal texts are one, with the sources of all. It is a rule about
**    items (obedience.h), and shares words with the examples that it names
**    (grounds.h): what is not is set aside, and shown in the notes.
** 3. Where there is not room for all, those with the most sources stay, ties by
**    order.
** 4. A failed call costs its batch only; it is counted and told.
** 5. All prompts of all lessons go out together, and nothing is random: the
**    same rows and answers give the same memory.
*/
#include <stdlib.h>
#include <string.h>
#include "align/align.h"
#include "align/distill.h"
#include "align/grounds.h"
#include "align/obedience.h"
#include "core/mem.h"
#include "core/text.h"

#define GUIDELINE_BYTES 2000 /* longer ones are no rule but a copy of data */
#define NOTES_BYTES ((size_t)1 << 20)
#define ASIDE_MAX 20    /* guidelines set aside that are shown */
#define SHOWN_BYTES 200 /* of each */

/* A new guideline while the answers come in. */
struct candidate {
  char *text;
  char *folded;    /* for comparing: see fold() */
  size_t *sources; /* positions in the lesson's rows */
  size_t count, cap;
  size_t order; /* of coming in */
};

/* One lesson at work. */
struct study {
  struct jg_lesson *lesson;
  size_t *rows; /* what is distilled: positions in the lesson's rows */
  size_t row_count;
  size_t room; /* guidelines that may be added */
  struct candidate *pool;
  size_t pool_count, pool_cap;
  char **known; /* folded texts of the guidelines kept */
  size_t calls;
  size_t empty, repeated, sourceless, too_long; /* dropped */
  const struct jg_batch *batch;                 /* whose answer is read; lent */
  struct jg_buf aside;            /* a line each: why, and the text */
  size_t aside_count, ungrounded; /* guidelines, sources taken from others */
  char first_failure[JG_ERR_BYTES];
};

/* ---- texts ---- */

/* Lower case, each run of white space one blank, none at the ends. */
static char *fold(const char *text, size_t bytes, struct jg_err *err) {
  char *folded = jg_mem_new(bytes + 1, 1, err);
  size_t len = 0;
  size_t i;

  text = jg_text_trim(text, bytes, &bytes);
  for (i = 0; folded != NULL && i < bytes; i++) {
    char c = text[i];
    int blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (blank && folded[len - 1] == ' ') {
      continue; /* the text begins with no blank, so len is not 0 here */
    }
    folded[len++] = (char)(blank                  ? ' '
                           : c >= 'A' && c <= 'Z' ? c + ('a' - 'A')
                                                  : c);
  }
  return folded;
}

/* One line of the report and of the log; empties text. */
static int note(struct study *study, const struct jg_log *log,
                struct jg_buf *text, struct jg_err *err) {
  if (jg_buf_check(text, err) != JG_OK) {
    return err->code;
  }
  jg_log_line(log, "distill", NULL, "%s", jg_buf_text(text));
  jg_buf_puts(&study->lesson->notes, jg_buf_text(text));
  jg_buf_putc(&study->lesson->notes, '\n');
  jg_buf_clear(text);
  return jg_buf_check(&study->lesson->notes, err);
}

/* ---- what was known before ---- */

static int copy_guideline(struct jg_guideline *to,
                          const struct jg_guideline *from, struct jg_err *err) {
  size_t i;

  to->id = from->id;
  to->text = jg_mem_text(from->text, err);
  to->trace_ids = jg_mem_new(from->trace_count, sizeof *to->trace_ids, err);
  for (i = 0; to->trace_ids != NULL && i < from->trace_count; i++) {
    to->trace_ids[i] = jg_mem_text(from->trace_ids[i], err);
    to->trace_count++;
  }
  return err->code;
}

/* Promise 1. Sets how many new ones there is room for. */
static int keep_known(struct study *study,
                      const struct jg_align_options *options,
                      struct jg_err *err) {
  const struct jg_memory *old = &study->lesson->judge->memory;
  struct jg_memory *memory = &study->lesson->memory;
  size_t max =
      options->max_guidelines > 0 ? (size_t)options->max_guidelines : 0;
  size_t i;

  memory->guidelines =
      jg_mem_new(old->guideline_count, sizeof *memory->guidelines, err);
  study->known = jg_mem_new(old->guideline_count, sizeof *study->known, err);
  for (i = 0; err->code == JG_OK && i < old->guideline_count; i++) {
    const struct jg_guideline *from = &old->guidelines[i];
    size_t n = memory->guideline_count;
    if (from->trace_count > 0 && n >= max) {
      continue;
    }
    memory->guideline_count++;
    study->known[n] = fold(from->text, strlen(from->text), err);
    copy_guideline(&memory->guidelines[n], from, err);
  }
  study->room =
      memory->guideline_count < max ? max - memory->guideline_count : 0;
  return err->code;
}

/* The rows that are new since the parent learned. */
static int choose_rows(struct study *study, struct jg_err *err) {
  const struct jg_lesson *lesson = study->lesson;
  size_t i;

  study->rows = jg_mem_new(lesson->train_count, sizeof *study->rows, err);
  for (i = 0; study->rows != NULL && i < lesson->train_count; i++) {
    if (lesson->fresh == NULL || lesson->fresh[i]) {
      study->rows[study->row_count++] = lesson->train[i];
    }
  }
  return err->code;
}

/* The memory before anything is learned, and the prompts to send. */
static int begin(struct study *study, const struct jg_align_options *options,
                 size_t number, struct jg_batches *batches,
                 struct jg_err *err) {
  struct jg_memory *memory = &study->lesson->memory;

  if (study->lesson->notes.limit == 0) {
    jg_buf_init(&study->lesson->notes, NOTES_BYTES);
  }
  memset(memory, 0, sizeof *memory);
  study->lesson->failed_batches = 0;
  memory->retrieval_k = options->retrieval_k;
  memory->embedding_model = jg_mem_text(options->embedding_model, err);
  if (keep_known(study, options, err) != JG_OK ||
      choose_rows(study, err) != JG_OK || study->room == 0) {
    return err->code;
  }
  return jg_distill_pack(options, study->lesson, number, memory, study->rows,
                         study->row_count, batches, err);
}

/* ---- answers ---- */

static int add_sources(struct candidate *to, const struct jg_found *found,
                       struct jg_err *err) {
  size_t i, j;

  for (i = 0; i < found->source_count; i++) {
    for (j = 0; j < to->count && to->sources[j] != found->sources[i]; j++) {
    }
    if (j < to->count) {
      continue;
    }
    if (jg_mem_grow(&to->sources, &to->cap, to->count + 1, sizeof *to->sources,
                    err) != JG_OK) {
      return err->code;
    }
    to->sources[to->count++] = found->sources[i];
  }
  return JG_OK;
}

static int is_known(const struct study *study, const char *folded) {
  size_t i;

  for (i = 0; i < study->lesson->memory.guideline_count; i++) {
    if (strcmp(study->known[i], folded) == 0) {
      return 1;
    }
  }
  return 0;
}

static struct candidate *find_candidate(const struct study *study,
                                        const char *folded) {
  size_t i;

  for (i = 0; i < study->pool_count; i++) {
    if (strcmp(study->pool[i].folded, folded) == 0) {
      return &study->pool[i];
    }
  }
  return NULL;
}

/* Takes over folded. */
static int add_candidate(struct study *study, const struct jg_found *found,
                         char *folded, struct jg_err *err) {
  struct candidate *candidate;

  if (jg_mem_grow(&study->pool, &study->pool_cap, study->pool_count + 1,
                  sizeof *study->pool, err) != JG_OK) {
    jg_mem_free(folded);
    return err->code;
  }
  candidate = &study->pool[study->pool_count];
  memset(candidate, 0, sizeof *candidate);
  candidate->order = study->pool_count++;
  candidate->folded = folded;
  candidate->text = jg_mem_textn(found->text, found->bytes, err);
  return add_sources(candidate, found, err);
}

/* For the report: what a reviewer, or a model, tried. */
static int set_aside(struct study *study, const struct jg_found *found,
                     const char *why, struct jg_err *err) {
  struct jg_buf *to = &study->aside;
  size_t bytes = jg_text_cut(found->text, found->bytes, SHOWN_BYTES);
  if (study->aside_count++ >= ASIDE_MAX) {
    return JG_OK;
  }
  if (to->limit == 0) {
    jg_buf_init(to, NOTES_BYTES);
  }
  jg_buf_printf(to, "set aside: %s: \"%.*s%s\" (from", why, (int)bytes,
                found->text, bytes < found->bytes ? "..." : "");
  for (size_t i = 0; i < found->source_count && i < 3; i++) {
    jg_buf_printf(to, " %s", study->lesson->rows[found->sources[i]].trace_id);
  }
  jg_buf_puts(to, found->source_count > 3 ? " ...)\n" : ")\n");
  return jg_buf_check(to, err);
}

/* Keeps the sources that share words with it; *kept has room for all. */
static int check_sources(struct study *study, const struct jg_found *found,
                         size_t *kept, size_t *count, struct jg_err *err) {
  const struct jg_lesson *lesson = study->lesson;
  *count = 0;
  for (size_t i = 0; i < found->source_count && err->code == JG_OK; i++) {
    int shared = 0;
    jg_grounds_check(lesson->judge, found->text, found->bytes,
                     &lesson->rows[found->sources[i]], &shared, err);
    if (shared) {
      kept[(*count)++] = found->sources[i];
    }
  }
  return err->code;
}

static int is_among(const size_t *items, size_t count, size_t item) {
  for (size_t i = 0; i < count; i++) {
    if (items[i] == item) {
      return 1;
    }
  }
  return 0;
}

/* Adds the examples of the batch whose reviewers said it: the model may name
** others. */
static int add_sayers(struct study *study, const struct jg_found *found,
                      size_t *kept, size_t *count, struct jg_err *err) {
  const struct jg_lesson *lesson = study->lesson;
  for (size_t i = 0; i < study->batch->count && err->code == JG_OK; i++) {
    size_t row = study->batch->rows[i];
    int says = 0;
    if (!is_among(kept, *count, row)) {
      jg_grounds_says(lesson->judge, found->text, found->bytes,
                      &lesson->rows[row], &says, err);
    }
    if (says) {
      kept[(*count)++] = row;
    }
  }
  return err->code;
}

static int take_checked(struct study *study, const struct jg_found *found,
                        struct jg_err *err);

/* Promise 2: is it a rule, and shown by what it cites? */
static int take_found(struct study *study, const struct jg_found *found,
                      struct jg_err *err) {
  struct jg_found checked = *found;
  const char *why = NULL;
  size_t count = 0, named = 0;
  size_t *kept;
  if (jg_obedience_check(found->text, found->bytes,
                         &study->lesson->judge->scale, &why, err) != JG_OK) {
    return err->code;
  }
  if (why != NULL) {
    return set_aside(study, found, why, err);
  }
  kept =
      jg_mem_new(found->source_count + study->batch->count, sizeof *kept, err);
  if (kept != NULL && check_sources(study, found, kept, &count, err) == JG_OK) {
    named = count;
    add_sayers(study, found, kept, &count, err);
  }
  checked.sources = kept;
  checked.source_count = count;
  if (err->code == JG_OK && count == 0) {
    set_aside(study, found, "no example that it names shares a word with it",
              err);
  } else if (err->code == JG_OK) {
    study->ungrounded += found->source_count - named;
    take_checked(study, &checked, err);
  }
  jg_mem_free(kept);
  return err->code;
}

/* Promise 2. */
static int take(void *ctx, const struct jg_found *found, struct jg_err *err) {
  struct study *study = ctx;

  if (found->bytes == 0) {
    study->empty++;
    return JG_OK;
  }
  if (found->bytes > GUIDELINE_BYTES) {
    study->too_long++;
    return JG_OK;
  }
  if (found->source_count == 0) {
    study->sourceless++;
    return JG_OK;
  }
  return take_found(study, found, err);
}

static int take_checked(struct study *study, const struct jg_found *found,
                        struct jg_err *err) {
  struct candidate *same;
  char *folded;

  folded = fold(found->text, found->bytes, err);
  if (folded == NULL) {
    return err->code;
  }
  same = find_candidate(study, folded);
  if (is_known(study, folded) || same != NULL) {
    jg_mem_free(folded);
    if (same != NULL) {
      return add_sources(same, found, err);
    }
    study->repeated++;
    return JG_OK;
  }
  return add_candidate(study, found, folded, err);
}

/* Promise 4. */
static void fail_batch(struct study *study, const struct jg_log *log,
                       const struct jg_batch *batch, const char *why) {
  if (study->lesson->failed_batches++ == 0) {
    size_t bytes =
        jg_text_cut(why, strlen(why), sizeof study->first_failure - 1);
    memcpy(study->first_failure, why, bytes);
  }
  jg_log_line(log, "distill", NULL, "a call over %zu examples failed: %s",
              batch->count, why);
}

static int read_answer(struct study *study, const struct jg_log *log,
                       const struct jg_batch *batch,
                       const struct jg_completion *answer, struct jg_err *err) {
  struct jg_err inner = {0};

  study->calls++;
  study->batch = batch;
  if (answer->text == NULL) {
    fail_batch(study, log, batch,
               answer->error != NULL ? answer->error : "no answer");
    return JG_OK;
  }
  if (jg_distill_read(answer->text, batch, study->lesson->rows, take, study,
                      &inner) != JG_OK) {
    if (inner.code != JG_ERROR) {
      return jg_err_set(err, inner.code, "%s", inner.text);
    }
    fail_batch(study, log, batch, inner.text);
  }
  return JG_OK;
}

/* ---- the result ---- */

static int by_support(const void *a, const void *b) {
  const struct candidate *x = a;
  const struct candidate *y = b;

  if (x->count != y->count) {
    return x->count > y->count ? -1 : 1;
  }
  return x->order < y->order ? -1 : x->order > y->order;
}

static int publish(struct study *study, const struct candidate *from,
                   struct jg_err *err) {
  struct jg_memory *memory = &study->lesson->memory;
  struct jg_guideline *to = &memory->guidelines[memory->guideline_count++];
  size_t i;

  to->text = jg_mem_text(from->text, err);
  to->trace_ids = jg_mem_new(from->count, sizeof *to->trace_ids, err);
  for (i = 0; to->trace_ids != NULL && i < from->count; i++) {
    const struct jg_row *row = &study->lesson->rows[from->sources[i]];
    to->trace_ids[i] = jg_mem_text(row->trace_id, err);
    to->trace_count++;
  }
  return err->code;
}

/* Promise 3. */
static int publish_all(struct study *study, struct jg_err *err) {
  struct jg_memory *memory = &study->lesson->memory;
  size_t count =
      study->pool_count < study->room ? study->pool_count : study->room;
  size_t room = memory->guideline_count;
  size_t i;

  if (count == 0) {
    return JG_OK;
  }
  if (jg_mem_grow(&memory->guidelines, &room, room + count,
                  sizeof *memory->guidelines, err) != JG_OK) {
    return err->code;
  }
  qsort(study->pool, study->pool_count, sizeof *study->pool, by_support);
  for (i = 0; i < count && err->code == JG_OK; i++) {
    publish(study, &study->pool[i], err);
  }
  return err->code;
}

static void note_dropped(struct study *study, const struct jg_log *log,
                         struct jg_buf *text, struct jg_err *err) {
  const struct {
    size_t count;
    const char *why;
  } reasons[] = {{study->empty, "without a text"},
                 {study->repeated, "known already"},
                 {study->sourceless, "without a valid source"},
                 {study->too_long, "too long to be a rule"}};
  size_t total = 0;
  const char *comma = ": ";
  size_t i;

  for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    total += reasons[i].count;
  }
  if (total == 0) {
    return;
  }
  jg_buf_printf(text, "dropped %zu proposed guideline%s", total,
                total == 1 ? "" : "s");
  for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (reasons[i].count > 0) {
      jg_buf_printf(text, "%s%zu %s", comma, reasons[i].count, reasons[i].why);
      comma = ", ";
    }
  }
  note(study, log, text, err);
}

/* Line by line, as the report has notes. */
static void note_aside(struct study *study, const struct jg_log *log,
                       struct jg_buf *text, struct jg_err *err) {
  const char *line = jg_buf_text(&study->aside);
  while (*line != '\0' && err->code == JG_OK) {
    size_t bytes = strcspn(line, "\n");
    jg_buf_add(text, line, bytes);
    note(study, log, text, err);
    line += bytes + (line[bytes] == '\n');
  }
  if (study->aside_count > ASIDE_MAX) {
    jg_buf_printf(text, "set aside %zu more", study->aside_count - ASIDE_MAX);
    note(study, log, text, err);
  }
  if (study->ungrounded > 0) {
    jg_buf_printf(text,
                  "dropped %zu source%s of guidelines that share no word with "
                  "them",
                  study->ungrounded, study->ungrounded == 1 ? "" : "s");
    note(study, log, text, err);
  }
}

static void note_learned(struct study *study, const struct jg_log *log,
                         struct jg_buf *text, struct jg_err *err) {
  const struct jg_lesson *lesson = study->lesson;
  size_t old = lesson->judge->memory.guideline_count;
  size_t total = lesson->memory.guideline_count;
  size_t added =
      study->pool_count < study->room ? study->pool_count : study->room;

  if (study->calls > 0) {
    jg_buf_printf(text,
                  "learned %zu guideline%s from %zu example%s in %zu call%s",
                  added, added == 1 ? "" : "s", study->row_count,
                  study->row_count == 1 ? "" : "s", study->calls,
                  study->calls == 1 ? "" : "s");
  } else if (study->room == 0 && study->row_count > 0) {
    jg_buf_puts(text, total > 0 ? "no guideline was distilled: max_guidelines "
                                  "is reached"
                                : "no guideline was distilled: max_guidelines "
                                  "is 0, examples only");
  } else {
    jg_buf_puts(text, "no guideline was distilled: no label is new");
  }
  if (total > added) {
    jg_buf_printf(text, "; %zu kept from before", total - added);
  }
  note(study, log, text, err);
  if (old + study->pool_count > total) {
    jg_buf_printf(text, "left out %zu guideline%s over max_guidelines",
                  old + study->pool_count - total,
                  old + study->pool_count - total == 1 ? "" : "s");
    note(study, log, text, err);
  }
}

static int finish(struct study *study, const struct jg_log *log,
                  struct jg_err *err) {
  struct jg_buf text;
  int64_t failed = study->lesson->failed_batches;

  if (publish_all(study, err) != JG_OK) {
    return err->code;
  }
  jg_buf_init(&text, NOTES_BYTES);
  note_learned(study, log, &text, err);
  note_dropped(study, log, &text, err);
  note_aside(study, log, &text, err);
  if (failed > 0) {
    if ((size_t)failed == study->calls) {
      jg_buf_puts(&text, "all distillation calls failed, so no guideline is "
                         "new; the first: ");
    } else {
      jg_buf_printf(&text, "%lld of %zu distillation calls failed; the first: ",
                    (long long)failed, study->calls);
    }
    jg_buf_puts(&text, study->first_failure);
    note(study, log, &text, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

static void dispose_study(struct study *study) {
  size_t i;

  for (i = 0; i < study->pool_count; i++) {
    jg_mem_free(study->pool[i].text);
    jg_mem_free(study->pool[i].folded);
    jg_mem_free(study->pool[i].sources);
  }
  jg_mem_free(study->pool);
  jg_buf_dispose(&study->aside);
  /* known was made for all the parent's guidelines; unused places are NULL. */
  for (i = 0; study->known != NULL && study->lesson != NULL &&
              i < study->lesson->judge->memory.guideline_count;
       i++) {
    jg_mem_free(study->known[i]);
  }
  jg_mem_free(study->known);
  jg_mem_free(study->rows);
}

/* ---- the whole ---- */

/* Sends all batches at once and hands each answer to its lesson. */
static int ask(const struct jg_align_env *env, struct study *studies,
               const struct jg_batches *batches, struct jg_err *err) {
  struct jg_prompt *prompts = jg_mem_new(batches->count, sizeof *prompts, err);
  struct jg_completion *answers =
      jg_mem_new(batches->count, sizeof *answers, err);
  size_t i;

  if (prompts != NULL && answers != NULL) {
    for (i = 0; i < batches->count; i++) {
      prompts[i] = batches->items[i].prompt; /* lent */
    }
    env->complete(env->ctx, prompts, batches->count, answers, err);
    for (i = 0; i < batches->count && err->code == JG_OK; i++) {
      const struct jg_batch *batch = &batches->items[i];
      read_answer(&studies[batch->lesson], env->log, batch, &answers[i], err);
    }
  }
  for (i = 0; answers != NULL && i < batches->count; i++) {
    jg_completion_dispose(&answers[i]);
  }
  jg_mem_free(answers);
  jg_mem_free(prompts);
  return err->code;
}

static int learn(const struct jg_align_env *env,
                 const struct jg_align_options *options,
                 struct jg_lesson *lessons, size_t count, struct jg_err *err) {
  struct study *studies = jg_mem_new(count, sizeof *studies, err);
  struct jg_batches batches = {0};
  size_t i;

  for (i = 0; studies != NULL && i < count && err->code == JG_OK; i++) {
    studies[i].lesson = &lessons[i];
    begin(&studies[i], options, i, &batches, err);
  }
  if (err->code == JG_OK && batches.count > 0) {
    jg_log_line(env->log, "distill", NULL,
                "%zu distillation call%s for %zu version%s", batches.count,
                batches.count == 1 ? "" : "s", count, count == 1 ? "" : "s");
    ask(env, studies, &batches, err);
  }
  for (i = 0; i < count && err->code == JG_OK; i++) {
    finish(&studies[i], env->log, err);
  }
  for (i = 0; studies != NULL && i < count; i++) {
    dispose_study(&studies[i]);
    if (err->code != JG_OK) {
      jg_memory_dispose(&lessons[i].memory);
    }
  }
  jg_batches_dispose(&batches);
  jg_mem_free(studies);
  return err->code;
}

const struct jg_optimizer jg_memalign = {"memalign", learn};
