/* The way of an item through a judge. */
#include "run/ratings.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"

#define LOCAL_A_TURN 64 /* items rated on the spot between ticks */

struct flow {
  struct jg_ratings *ratings;
  struct jg_calls *calls;
};

/* Gives back an item that no verdict was made for. */
static void drop(struct jg_ratings *ratings, const struct jg_rating *rating) {
  if (ratings->drop) {
    ratings->drop(ratings->ctx, rating);
  }
}

/* "CODE: message" as the verdict of an item. */
static int fail_lack(const char *lack, struct jg_verdict *verdict,
                     struct jg_err *err) {
  const char *colon = strstr(lack, ": ");
  assert(colon != NULL); /* "CODE: message" */
  char *code = jg_mem_textn(lack, (size_t)(colon - lack), err);
  if (code) {
    jg_verdict_fail(verdict, code, colon + 2, NULL, err);
  }
  jg_mem_free(code);
  return err->code;
}

/* An item that needs no call, or a reason why none is made. *rated is set when
** the verdict was handed over. After an error the item is given back. */
static int rate_here(struct jg_ratings *ratings, const struct jg_rating *rating,
                     int *rated, struct jg_err *err) {
  struct jg_verdict verdict;
  struct jg_err lack = {.code = JG_OK};
  memset(&verdict, 0, sizeof(verdict));
  *rated = 1;
  if (jg_judge_check_item(rating->ready->judge, &rating->item, &lack) !=
      JG_OK) {
    if (lack.code == JG_NOMEM) {
      jg_err_nomem(err);
    }
    jg_verdict_fail(&verdict, "MISSING_FIELD", lack.text, NULL, err);
  } else if (rating->lack) {
    fail_lack(rating->lack, &verdict, err);
  } else if (rating->ready->local) {
    jg_ready_local(rating->ready, &rating->item, &verdict, err);
  } else {
    *rated = 0;
  }
  if (err->code != JG_OK) {
    drop(ratings, rating);
  } else if (*rated) {
    ratings->done(ratings->ctx, rating, &verdict, NULL, err);
  }
  jg_verdict_dispose(&verdict);
  return err->code;
}

static size_t bytes_of(const struct jg_item *item) {
  const char *texts[] = {item->inputs, item->outputs, item->expectations};
  size_t bytes = 0;
  for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
    bytes += texts[i] ? strlen(texts[i]) : 0;
  }
  return bytes;
}

static struct jg_call *call_for(const struct jg_rating *rating,
                                struct jg_err *err) {
  struct jg_call *call = jg_mem_new(1, sizeof(*call), err);
  struct jg_rating *kept = jg_mem_new(1, sizeof(*kept), err);
  if (call && kept) {
    *kept = *rating;
    call->purpose = "judge";
    call->judge = rating->ready->ref;
    call->trace_id = rating->item.trace_id;
    call->trace_bytes = bytes_of(&rating->item);
    call->endpoint = &rating->ready->endpoint;
    call->repetition = rating->repetition;
    call->anew = rating->anew;
    call->inference_params = rating->ready->judge->inference_params;
    call->body =
        jg_ready_body(rating->ready, &rating->item, rating->key_vector, err);
    call->tag = kept;
    if (call->body) {
      return call;
    }
  }
  jg_mem_free(kept);
  jg_call_dispose(call);
  return NULL;
}

static enum jg_next next_call(void *ctx, struct jg_call **out,
                              struct jg_err *err) {
  struct flow *f = ctx;
  struct jg_ratings *ratings = f->ratings;
  for (int turn = 0; turn < LOCAL_A_TURN; turn++) {
    struct jg_rating rating;
    int rated = 0;
    memset(&rating, 0, sizeof(rating));
    if (ratings->finish) {
      return JG_NEXT_END;
    }
    enum jg_next n = ratings->next(ratings->ctx, &rating, err);
    if (n != JG_NEXT_TASK || err->code != JG_OK) {
      return n;
    }
    if (rate_here(ratings, &rating, &rated, err) != JG_OK) {
      return JG_NEXT_END;
    }
    if (!rated) {
      *out = call_for(&rating, err);
      if (!*out) {
        drop(ratings, &rating);
      }
      return *out ? JG_NEXT_TASK : JG_NEXT_END;
    }
  }
  return JG_NEXT_NONE_YET;
}

static int call_done(void *ctx, struct jg_call *call,
                     const struct jg_answer *answer, struct jg_err *err) {
  struct flow *f = ctx;
  struct jg_rating *rating = call->tag;
  struct jg_verdict verdict;
  memset(&verdict, 0, sizeof(verdict));
  assert((answer->error_code != NULL) != (answer->text != NULL));
  if (answer->error_code) {
    jg_verdict_fail(&verdict, answer->error_code, answer->error_message, NULL,
                    err);
  } else {
    jg_verdict_parse(rating->ready->judge, answer->text, strlen(answer->text),
                     &verdict, err);
  }
  if (err->code == JG_OK) {
    f->ratings->done(f->ratings->ctx, rating, &verdict, answer, err);
    f->calls->finish |= f->ratings->finish;
  } else {
    drop(f->ratings, rating);
  }
  jg_verdict_dispose(&verdict);
  jg_mem_free(rating);
  jg_call_dispose(call);
  return err->code;
}

static void call_drop(void *ctx, struct jg_call *call) {
  struct flow *f = ctx;
  drop(f->ratings, call->tag);
  jg_mem_free(call->tag);
  jg_call_dispose(call);
}

static int flush(void *ctx, struct jg_err *err) {
  struct flow *f = ctx;
  if (f->ratings->flush) {
    f->ratings->flush(f->ratings->ctx, err);
  }
  return err->code;
}

int jg_ratings_run(struct jg_ratings *ratings, struct jg_err *err) {
  struct flow f = {.ratings = ratings};
  struct jg_calls calls = jg_job_calls(ratings->job);
  f.calls = &calls;
  calls.ctx = &f;
  calls.chat = 1;
  calls.next = next_call;
  calls.done = call_done;
  calls.drop = call_drop;
  calls.flush = flush;
  jg_calls_run(&calls, err);
  jg_job_count(ratings->job, &calls);
  return err->code;
}
