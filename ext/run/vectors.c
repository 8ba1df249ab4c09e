/* Fetches embeddings through the store of paid calls. */
#include "run/vectors.h"

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "llm/tokens.h"
#include "run/pending.h"

/* Keys are cut to what embedding models take: 8192 tokens at 4 characters. */
#define KEY_LIMIT_BYTES 32768

struct fetch {
  const struct jg_endpoint *endpoint;
  const char *judge;
  const char *const *texts;
  size_t next;
  struct jg_vectors *out;
};

static char *body_of(const struct jg_endpoint *endpoint, const char *text,
                     struct jg_err *err) {
  struct jg_buf buf;
  size_t bytes = jg_text_cut(text, strlen(text), KEY_LIMIT_BYTES);
  char *cut = jg_mem_textn(text, bytes, err);
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  if (cut) {
    const char *one[1] = {cut};
    jg_embed_body(endpoint, one, 1, &buf, err);
  }
  jg_mem_free(cut);
  if (err->code != JG_OK) {
    jg_buf_dispose(&buf);
    return NULL;
  }
  return jg_buf_take(&buf, err);
}

static enum jg_next next_call(void *ctx, struct jg_call **out,
                              struct jg_err *err) {
  struct fetch *f = ctx;
  while (f->next < f->out->count &&
         (!f->texts[f->next] || !f->texts[f->next][0])) {
    f->next++;
  }
  if (f->next == f->out->count) {
    return JG_NEXT_END;
  }
  struct jg_call *call = jg_mem_new(1, sizeof(*call), err);
  if (!call) {
    return JG_NEXT_END;
  }
  call->purpose = "embed";
  call->judge = f->judge;
  call->endpoint = f->endpoint;
  call->tag = &f->out->items[f->next];
  call->body = body_of(f->endpoint, f->texts[f->next], err);
  f->next++;
  if (!call->body) {
    jg_call_dispose(call);
    return JG_NEXT_END;
  }
  *out = call;
  return JG_NEXT_TASK;
}

static int call_done(void *ctx, struct jg_call *call,
                     const struct jg_answer *answer, struct jg_err *err) {
  struct fetch *f = ctx;
  float **slot = call->tag;
  jg_call_dispose(call);
  if (answer->error_code) {
    return jg_err_set(err, JG_ERROR, "no embedding from '%s': %s: %s",
                      f->endpoint->model_uri, answer->error_code,
                      answer->error_message ? answer->error_message : "");
  }
  if (f->out->dim != 0 && f->out->dim != answer->dim) {
    return jg_err_set(err, JG_ERROR,
                      "embeddings of '%s' have %zu and %zu numbers",
                      f->endpoint->model_uri, f->out->dim, answer->dim);
  }
  f->out->dim = answer->dim;
  *slot = jg_mem_new(answer->dim, sizeof(float), err);
  if (*slot) {
    memcpy(*slot, answer->vector, answer->dim * sizeof(float));
  }
  return err->code;
}

static void call_drop(void *ctx, struct jg_call *call) {
  (void)ctx;
  jg_call_dispose(call);
}

int jg_vectors_fetch(struct jg_job *job, const struct jg_endpoint *endpoint,
                     const char *judge, const char *const *texts, size_t count,
                     struct jg_vectors *out, struct jg_err *err) {
  memset(out, 0, sizeof(*out));
  out->items = jg_mem_new(count ? count : 1, sizeof(float *), err);
  if (!out->items) {
    return err->code;
  }
  out->count = count;
  struct fetch f = {
      .endpoint = endpoint, .judge = judge, .texts = texts, .out = out};
  struct jg_calls calls = jg_job_calls(job);
  calls.ctx = &f;
  calls.next = next_call;
  calls.done = call_done;
  calls.drop = call_drop;
  jg_calls_run(&calls, err);
  jg_job_count(job, &calls);
  if (err->code == JG_OK && calls.exhausted) {
    jg_err_set(err, JG_ERROR,
               "%s: the budget (%s) ended before all embeddings were there: "
               "raise it and run again; what was answered is kept",
               job->command, calls.exhausted);
  }
  if (err->code != JG_OK) {
    jg_vectors_dispose(out);
  }
  return err->code;
}

/* NULL when it is not stored, or has not dim numbers (0: whatever it has). */
static float *stored_vector(struct jg_session *session,
                            const struct jg_endpoint *endpoint,
                            const char *text, size_t *dim, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  struct jg_err bad = {.code = JG_OK};
  float *vector = NULL;
  size_t bytes = 0, found = 0;
  int64_t tokens = 0;
  char *reply = NULL, *body = body_of(endpoint, text, err);
  if (body) {
    jg_chat_digest(endpoint, body, 0, digest);
    reply = jg_pending_stored(session, digest, &bytes, err);
  }
  if (reply &&
      jg_embed_reply(endpoint, reply, bytes, 1, &vector, &found, &tokens,
                     &bad) == JG_OK &&
      *dim == 0) {
    *dim = found;
  }
  if (bad.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  if (vector && found != *dim) {
    jg_mem_free(vector);
    vector = NULL;
  }
  jg_mem_free(reply);
  jg_mem_free(body);
  return vector;
}

int jg_vectors_stored(struct jg_session *session,
                      const struct jg_endpoint *endpoint,
                      const char *const *texts, size_t count,
                      struct jg_vectors *out, size_t *missing,
                      struct jg_err *err) {
  memset(out, 0, sizeof(*out));
  *missing = 0;
  out->items = jg_mem_new(count ? count : 1, sizeof(float *), err);
  for (size_t i = 0; out->items && i < count && err->code == JG_OK; i++) {
    out->count = i + 1;
    if (texts[i] && texts[i][0]) {
      out->items[i] =
          stored_vector(session, endpoint, texts[i], &out->dim, err);
      *missing += out->items[i] == NULL;
    }
  }
  if (err->code != JG_OK) {
    jg_vectors_dispose(out);
  }
  return err->code;
}

char *jg_vectors_request(const struct jg_endpoint *endpoint, const char *text,
                         int64_t *tokens, struct jg_err *err) {
  size_t bytes = jg_text_cut(text, strlen(text), KEY_LIMIT_BYTES);
  *tokens = jg_tokens_within(text, bytes);
  return body_of(endpoint, text, err);
}

void jg_vectors_dispose(struct jg_vectors *vectors) {
  for (size_t i = 0; i < vectors->count; i++) {
    jg_mem_free(vectors->items[i]);
  }
  jg_mem_free(vectors->items);
  memset(vectors, 0, sizeof(*vectors));
}
