/* Fetches embeddings through the store of paid calls. See vectors.h. */
#include "run/vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "llm/advice.h"
#include "llm/tokens.h"
#include "run/pending.h"

/* Keys are cut to what embedding models take: 8192 tokens at 4 characters. */
#define KEY_MOST_BYTES 32768
/* One that no model can find too long. */
#define KEY_LEAST_BYTES 256

struct fetch {
  struct jg_session *session;
  const struct jg_vectors_ask *ask;
  struct jg_vectors *out;
  size_t *sizes; /* per text: to how many bytes it was cut */
  size_t next;
  size_t *again; /* texts that were too long */
  size_t again_count;
  size_t in_flight;
};

static char *body_of(const struct jg_endpoint *endpoint, const char *text,
                     size_t most, struct jg_err *err) {
  struct jg_buf buf;
  size_t bytes = jg_text_cut(text, strlen(text), most);
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

/* The stored reply for a text cut to so many bytes, owned, or NULL. */
static char *stored_reply(struct jg_session *session,
                          const struct jg_endpoint *endpoint, const char *text,
                          size_t most, size_t *bytes, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  char *reply = NULL, *body = body_of(endpoint, text, most, err);
  if (body) {
    jg_chat_digest(endpoint, body, 0, digest);
    reply = jg_pending_stored(session, digest, bytes, err);
  }
  jg_mem_free(body);
  return reply;
}

static size_t size_of(const char *text) {
  size_t bytes = strlen(text);
  return bytes < KEY_MOST_BYTES ? bytes : KEY_MOST_BYTES;
}

/* A text that was too long has an answer for a part of it: it is taken, owned.
** *most is how long that part is, or as long as can be when there is none. */
static char *find_reply(struct jg_session *session,
                        const struct jg_endpoint *endpoint, const char *text,
                        size_t *most, size_t *bytes, struct jg_err *err) {
  char *reply = NULL;
  *most = size_of(text);
  for (size_t part = *most; !reply && err->code == JG_OK; part /= 2) {
    reply = stored_reply(session, endpoint, text, part, bytes, err);
    if (reply) {
      *most = part;
    }
    if (part / 2 < KEY_LEAST_BYTES) {
      break;
    }
  }
  return reply;
}

/* ---- fetching ----------------------------------------------------------- */

/* The next text to embed; 0 when there is none now. */
static int take_text(struct fetch *f, size_t *at, struct jg_err *err) {
  size_t bytes = 0;
  if (f->again_count > 0) {
    *at = f->again[--f->again_count];
    return 1;
  }
  while (f->next < f->out->count &&
         (!f->ask->texts[f->next] || !f->ask->texts[f->next][0])) {
    f->next++;
  }
  if (f->next == f->out->count) {
    return 0;
  }
  *at = f->next++;
  f->sizes[*at] = size_of(f->ask->texts[*at]);
  if (f->sizes[*at] >= 2 * KEY_LEAST_BYTES) {
    jg_mem_free(find_reply(f->session, f->ask->endpoint, f->ask->texts[*at],
                           &f->sizes[*at], &bytes, err));
  }
  return err->code == JG_OK;
}

static enum jg_next next_call(void *ctx, struct jg_call **out,
                              struct jg_err *err) {
  struct fetch *f = ctx;
  size_t at = 0;
  if (!take_text(f, &at, err)) {
    return f->in_flight > 0 && err->code == JG_OK ? JG_NEXT_NONE_YET
                                                  : JG_NEXT_END;
  }
  struct jg_call *call = jg_mem_new(1, sizeof(*call), err);
  if (!call) {
    return JG_NEXT_END;
  }
  call->purpose = "embed";
  call->judge = f->ask->judge;
  call->endpoint = f->ask->endpoint;
  call->tag = &f->sizes[at];
  call->body = body_of(f->ask->endpoint, f->ask->texts[at], f->sizes[at], err);
  if (!call->body) {
    jg_call_dispose(call);
    return JG_NEXT_END;
  }
  f->in_flight++;
  *out = call;
  return JG_NEXT_TASK;
}

/* Was it too long, and can it be shorter? */
static int is_too_long(const struct jg_answer *answer, size_t size) {
  const char *text = answer->error_message ? answer->error_message : "";
  return size / 2 >= KEY_LEAST_BYTES &&
         strncmp(answer->error_code, "HTTP_", 5) == 0 &&
         jg_advice_is_overflow((int)strtol(answer->error_code + 5, NULL, 10),
                               text);
}

static int fail(struct fetch *f, size_t at, const struct jg_answer *answer,
                struct jg_err *err) {
  const char *text = answer->error_message ? answer->error_message : "";
  struct jg_buf lack;
  if (is_too_long(answer, f->sizes[at])) {
    f->sizes[at] /= 2;
    f->again[f->again_count++] = at;
    return JG_OK;
  }
  if (!f->ask->keep_lacks) {
    return jg_err_set(err, JG_ERROR, "no embedding from '%s': %s: %s",
                      f->ask->endpoint->model_uri, answer->error_code, text);
  }
  jg_buf_init(&lack, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&lack, "%s: no embedding from '%s': %s", answer->error_code,
                f->ask->endpoint->model_uri, text);
  f->out->lacks[at] = jg_buf_take(&lack, err);
  return err->code;
}

static int check_dim(const struct fetch *f, size_t dim, struct jg_err *err) {
  const char *model = f->ask->endpoint->model_uri;
  if (f->ask->dim != 0 && f->ask->dim != dim) {
    return jg_err_set(
        err, JG_ERROR,
        "an embedding of '%s' has %zu numbers, those of the labelled examples "
        "have %zu: another model answers under this name; docs/alignment.md "
        "tells how to embed them again",
        model, dim, f->ask->dim);
  }
  if (f->out->dim != 0 && f->out->dim != dim) {
    return jg_err_set(err, JG_ERROR,
                      "embeddings of '%s' have %zu and %zu numbers", model,
                      f->out->dim, dim);
  }
  return JG_OK;
}

static int call_done(void *ctx, struct jg_call *call,
                     const struct jg_answer *answer, struct jg_err *err) {
  struct fetch *f = ctx;
  size_t at = (size_t)((size_t *)call->tag - f->sizes);
  jg_call_dispose(call);
  f->in_flight--;
  if (answer->error_code) {
    return fail(f, at, answer, err);
  }
  if (check_dim(f, answer->dim, err) == JG_OK) {
    f->out->dim = answer->dim;
    f->out->items[at] = jg_mem_new(answer->dim, sizeof(float), err);
  }
  if (f->out->items[at]) {
    memcpy(f->out->items[at], answer->vector, answer->dim * sizeof(float));
  }
  return err->code;
}

static void call_drop(void *ctx, struct jg_call *call) {
  struct fetch *f = ctx;
  f->in_flight--;
  jg_call_dispose(call);
}

static int open_out(size_t count, struct jg_vectors *out, struct jg_err *err) {
  memset(out, 0, sizeof(*out));
  out->items = jg_mem_new(count ? count : 1, sizeof(*out->items), err);
  out->lacks = jg_mem_new(count ? count : 1, sizeof(*out->lacks), err);
  out->count = out->items && out->lacks ? count : 0;
  return err->code;
}

static int run_fetch(struct fetch *f, struct jg_job *job, struct jg_err *err) {
  struct jg_calls calls = jg_job_calls(job);
  calls.ctx = f;
  calls.next = next_call;
  calls.done = call_done;
  calls.drop = call_drop;
  jg_calls_run(&calls, err);
  jg_job_count(job, &calls);
  f->out->cut = calls.exhausted != NULL;
  return err->code;
}

int jg_vectors_fetch(struct jg_job *job, const struct jg_vectors_ask *ask,
                     struct jg_vectors *out, struct jg_err *err) {
  struct fetch f = {.session = job->session, .ask = ask, .out = out};
  f.sizes = jg_mem_new(ask->count + 1, sizeof(*f.sizes), err);
  f.again = jg_mem_new(ask->count + 1, sizeof(*f.again), err);
  if (open_out(ask->count, out, err) == JG_OK) {
    run_fetch(&f, job, err);
  }
  jg_mem_free(f.sizes);
  jg_mem_free(f.again);
  if (err->code != JG_OK) {
    jg_vectors_dispose(out);
  }
  return err->code;
}

/* ---- what is stored ----------------------------------------------------- */

/* NULL when it is not stored, or has not dim numbers (0: whatever it has). */
static float *stored_vector(struct jg_session *session,
                            const struct jg_endpoint *endpoint,
                            const char *text, size_t *dim, struct jg_err *err) {
  struct jg_err bad = {.code = JG_OK};
  float *vector = NULL;
  size_t most = 0, bytes = 0, found = 0;
  int64_t tokens = 0;
  char *reply = find_reply(session, endpoint, text, &most, &bytes, err);
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
  return vector;
}

int jg_vectors_stored(struct jg_session *session,
                      const struct jg_vectors_ask *ask, struct jg_vectors *out,
                      size_t *missing, struct jg_err *err) {
  *missing = 0;
  if (open_out(ask->count, out, err) == JG_OK) {
    out->dim = ask->dim;
  }
  for (size_t i = 0; i < out->count && err->code == JG_OK; i++) {
    if (ask->texts[i] && ask->texts[i][0]) {
      out->items[i] =
          stored_vector(session, ask->endpoint, ask->texts[i], &out->dim, err);
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
  size_t bytes = jg_text_cut(text, strlen(text), KEY_MOST_BYTES);
  *tokens = jg_tokens_within(text, bytes);
  return body_of(endpoint, text, KEY_MOST_BYTES, err);
}

void jg_vectors_dispose(struct jg_vectors *vectors) {
  for (size_t i = 0; i < vectors->count; i++) {
    jg_mem_free(vectors->items[i]);
    jg_mem_free(vectors->lacks[i]);
  }
  jg_mem_free(vectors->items);
  jg_mem_free(vectors->lacks);
  memset(vectors, 0, sizeof(*vectors));
}

/* ---- beside the examples ------------------------------------------------ */

void jg_vector_write(const float *vector, size_t dim, struct jg_buf *to) {
  for (size_t i = 0; i < dim; i++) {
    uint32_t bits;
    memcpy(&bits, &vector[i], sizeof(bits));
    char bytes[4] = {(char)bits, (char)(bits >> 8), (char)(bits >> 16),
                     (char)(bits >> 24)};
    jg_buf_add(to, bytes, sizeof(bytes));
  }
}

static float read_float(const unsigned char *from) {
  float number;
  uint32_t bits = (uint32_t)from[0] | (uint32_t)from[1] << 8 |
                  (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
  memcpy(&number, &bits, sizeof(number));
  return number;
}

int jg_vector_read(struct jg_row *row, const void *blob, size_t bytes,
                   int64_t dim, struct jg_err *err) {
  const char *wrong = NULL;
  if (!blob || dim < 1 || (uint64_t)dim != bytes / 4 || bytes % 4 != 0) {
    wrong = "its length";
  } else if ((row->vector = jg_mem_new(bytes / 4, sizeof(float), err)) !=
             NULL) {
    row->dim = bytes / 4;
  }
  for (size_t i = 0; i < row->dim; i++) {
    row->vector[i] = read_float((const unsigned char *)blob + 4 * i);
    wrong = isfinite(row->vector[i]) ? wrong : "a number in it";
  }
  if (wrong) {
    jg_err_set(err, JG_ERROR,
               "the embedding of example '%s' is damaged (%s): set "
               "judge_example.embedding to NULL there, and it is made again",
               row->trace_id, wrong);
  }
  return err->code;
}
