/*
** explain of judge_align: the alignment is gone through as far as stored answers
** reach. Distillations that were answered give their guidelines; one that was
** not is counted, and what it would add to the judge's prompt is taken from the
** length of such answers.
*/
#include <string.h>

#include "core/mem.h"
#include "judge/lexical.h"
#include "run/alignment.h"
#include "run/pending.h"

#define ANSWER_TOKENS 80     /* where there is no earlier answer */
#define DISTILLED_TOKENS 400 /* likewise: some eight guidelines */
#define GUIDELINE_SHARE 0.7  /* of such an answer; the rest is JSON and ids */
#define GUIDELINE_TOKENS 30  /* one of max_guidelines */

struct learning {
  struct jg_alignment *a;
  struct jg_forecast *forecast;
  struct jg_forecast_group group;
  struct jg_endpoint endpoint;
};

/* The endpoint, or where none can be resolved (no key) one to show. */
static int open_endpoint(struct learning *l, struct jg_err *err) {
  const struct jg_alignment *a = l->a;
  const char *own = a->options.model;
  struct jg_err why = {.code = JG_OK};
  if (jg_alignment_endpoint(a, &l->endpoint, &why) == JG_OK) {
    return JG_OK;
  }
  return jg_endpoint_sketch(own ? own : a->parent.model, &l->endpoint, err);
}

static int read_stored(struct learning *l, const char *body,
                       struct jg_completion *out, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  size_t bytes = 0;
  struct jg_reply reply;
  jg_chat_digest(&l->endpoint, body, 0, digest);
  char *stored = jg_pending_stored(l->a->session, digest, &bytes, err);
  if (!stored) {
    out->error = jg_mem_text("not sent yet", err);
    return err->code;
  }
  if (jg_chat_reply(&l->endpoint, stored, bytes, &reply, err) == JG_OK) {
    out->text = jg_mem_text(reply.text, err);
    out->error = jg_mem_text(reply.error_code, err);
    jg_reply_dispose(&reply);
  }
  jg_mem_free(stored);
  return err->code;
}

static int complete_one(struct learning *l, const struct jg_prompt *p,
                        struct jg_completion *out, struct jg_err *err) {
  struct jg_chat chat = jg_alignment_chat(p);
  struct jg_buf body;
  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_chat_body(&l->endpoint, &chat, &body, err) == JG_OK &&
      jg_forecast_call(l->forecast, &l->group, &l->endpoint, jg_buf_text(&body),
                       0, jg_tokens_chat(&l->endpoint, &chat), err) == JG_OK) {
    read_stored(l, jg_buf_text(&body), out, err);
  }
  jg_buf_dispose(&body);
  return err->code;
}

static int complete(void *ctx, const struct jg_prompt *prompts, size_t n,
                    struct jg_completion *out, struct jg_err *err) {
  memset(out, 0, n * sizeof(*out));
  for (size_t i = 0; i < n && err->code == JG_OK; i++) {
    complete_one(ctx, &prompts[i], &out[i], err);
  }
  return err->code;
}

/* Tokens that unanswered distillations will add to each lesson's prompts. */
static double *guideline_tokens(const struct learning *l, struct jg_err *err) {
  const struct jg_alignment *a = l->a;
  double *extra = jg_mem_new(a->lesson_count, sizeof(*extra), err);
  for (size_t i = 0; extra && i < a->lesson_count; i++) {
    const struct jg_lesson *lesson = &a->lessons[i];
    double room = (double)a->options.max_guidelines -
                  (double)lesson->memory.guideline_count;
    double most = room > 0 ? room * GUIDELINE_TOKENS : 0;
    extra[i] =
        (double)lesson->failed_batches * l->group.output * GUIDELINE_SHARE;
    extra[i] = extra[i] < most ? extra[i] : most;
  }
  return extra;
}

/* The model's own history; that of the judge where they share the model. */
static int open_groups(struct learning *l, struct jg_forecast_group *ratings,
                       struct jg_forecast_group *embeddings,
                       struct jg_err *err) {
  struct jg_alignment *a = l->a;
  const char *embedding = a->options.embedding_model
                              ? a->options.embedding_model
                              : a->parent.memory.embedding_model;
  if (jg_forecast_group(l->forecast, ratings, "judge", a->parent.model,
                        a->info.judge, ANSWER_TOKENS, err) != JG_OK ||
      jg_forecast_learn(l->forecast, ratings, a->info.judge, err) != JG_OK ||
      jg_forecast_group(l->forecast, &l->group, "distill",
                        a->options.model ? a->options.model : a->parent.model,
                        NULL, DISTILLED_TOKENS, err) != JG_OK) {
    return err->code;
  }
  if (strcmp(l->group.model, a->parent.model) == 0) {
    l->group.fit = ratings->fit;
    l->group.lent_fit = 1;
  } else {
    jg_forecast_learn(l->forecast, &l->group, NULL, err);
  }
  if (embedding) {
    jg_forecast_group(l->forecast, embeddings, "embed", embedding, NULL, 0,
                      err);
  }
  return err->code;
}

int jg_alignment_forecast(struct jg_alignment *a, struct jg_forecast *f,
                          struct jg_err *err) {
  struct learning l = {.a = a, .forecast = f};
  struct jg_forecast_group ratings, embeddings;
  double *extra = NULL;
  memset(&ratings, 0, sizeof(ratings));
  memset(&embeddings, 0, sizeof(embeddings));
  if (jg_forecast_open(f, &a->job, err) != JG_OK || a->lesson_count == 0 ||
      a->done_before || jg_lexical_is(a->parent.model)) {
    return err->code;
  }
  if (open_endpoint(&l, err) == JG_OK &&
      open_groups(&l, &ratings, &embeddings, err) == JG_OK &&
      jg_alignment_learn_by(a, complete, &l, NULL, err) == JG_OK) {
    extra = guideline_tokens(&l, err);
  }
  if (extra && jg_alignment_score_forecast(a, f, &ratings, &embeddings, extra,
                                           err) == JG_OK) {
    jg_forecast_close_group(f, &l.group, 1);
    jg_forecast_close_group(f, &ratings, 1);
    jg_forecast_close_group(f, &embeddings, 1);
  }
  jg_mem_free(extra);
  jg_endpoint_dispose(&l.endpoint);
  return err->code;
}
