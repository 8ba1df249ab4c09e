/* See forecast.h. */
#include "run/forecast.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "run/exchange.h"
#include "run/pending.h"
#include "run/price.h"
#include "run/vectors.h"
#include "store/db.h"
#include "store/trace.h"

SQLITE_EXTENSION_INIT3

/* Judges whose requests are built again, and how many of each. Prompts of other
** lengths than the judge's own tell apart what a request and what a token of it
** takes. */
#define LEARNED_JUDGES 3
#define LEARNED_CALLS 64

int jg_forecast_open(struct jg_forecast *f, struct jg_job *job,
                     struct jg_err *err) {
  memset(f, 0, sizeof(*f));
  f->job = job;
  f->cost_known = 1;
  f->find = jg_db_query(job->session->db, "forecast_stored", err);
  return err->code;
}

void jg_forecast_dispose(struct jg_forecast *f) {
  sqlite3_finalize(f->find);
  jg_mem_free(f->seen);
  memset(f, 0, sizeof(*f));
}

/* ---- digests ------------------------------------------------------------ */

static uint64_t beginning(const char *digest) {
  uint64_t x = 0;
  for (size_t i = 0; i < 16; i++) {
    char c = digest[i];
    assert((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    x = x << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return x ? x : 1;
}

/* The place of x, or the free one where it belongs. */
static uint64_t *place(uint64_t *table, size_t room, uint64_t x) {
  assert(x != 0 && room > 0 && (room & (room - 1)) == 0);
  size_t at = (size_t)x & (room - 1);
  while (table[at] && table[at] != x) {
    at = (at + 1) & (room - 1);
  }
  return &table[at];
}

static int grow(struct jg_forecast *f, struct jg_err *err) {
  size_t room = f->seen_room ? f->seen_room * 2 : 1024;
  uint64_t *table = jg_mem_new(room, sizeof(*table), err);
  if (!table) {
    return err->code;
  }
  for (size_t i = 0; i < f->seen_room; i++) {
    if (f->seen[i]) {
      *place(table, room, f->seen[i]) = f->seen[i];
    }
  }
  jg_mem_free(f->seen);
  f->seen = table;
  f->seen_room = room;
  return JG_OK;
}

/* 1 when it is new. */
static int note_digest(struct jg_forecast *f, const char *digest,
                       struct jg_err *err) {
  if (2 * (f->seen_count + 1) > f->seen_room && grow(f, err) != JG_OK) {
    return 0;
  }
  uint64_t *at = place(f->seen, f->seen_room, beginning(digest));
  if (*at) {
    return 0;
  }
  *at = beginning(digest);
  f->seen_count++;
  return 1;
}

/* *input_tokens: of the stored call, or -1. */
static int is_stored(struct jg_forecast *f, const char *digest,
                     int64_t *input_tokens, struct jg_err *err) {
  size_t bytes = 0;
  int found = jg_pending_find(f->job->session, digest, &bytes) != NULL;
  *input_tokens = -1;
  if (found) {
    return 1;
  }
  jg_db_bind_text(f->find, "@digest", digest, err);
  if (jg_db_step(f->find, err) == 1) {
    found = 1;
    *input_tokens = sqlite3_column_int64(f->find, 0);
  }
  sqlite3_reset(f->find);
  return found;
}

/* ---- what is learned ---------------------------------------------------- */

int jg_forecast_group(struct jg_forecast *f, struct jg_forecast_group *g,
                      const char *purpose, const char *model, const char *judge,
                      int64_t output_tokens, struct jg_err *err) {
  memset(g, 0, sizeof(*g));
  g->model = model;
  g->output = (double)output_tokens;
  sqlite3_stmt *stmt =
      jg_db_query(f->job->session->db, "forecast_answers", err);
  jg_db_bind_text(stmt, "@purpose", purpose, err);
  jg_db_bind_text(stmt, "@model", model, err);
  jg_db_bind_text(stmt, "@judge", judge, err);
  if (jg_db_step(stmt, err) == 1) {
    if (sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
      g->output = sqlite3_column_double(stmt, 0);
    }
    g->warm = sqlite3_column_double(stmt, 1);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* A judge whose stored calls are looked at. */
struct past {
  struct jg_forecast *f;
  struct jg_forecast_group *g;
  struct jg_judge judge;
  struct jg_definition_info info;
  struct jg_row *examples;
  size_t example_count;
  struct jg_ready ready;
};

/* Builds the request of a stored call again; when it is the same to the byte,
** its tokens tell something. */
static int compare(struct past *p, const char *trace_id, const char *digest,
                   int64_t measured, struct jg_err *err) {
  struct jg_session *session = p->f->job->session;
  struct jg_trace trace = {NULL, NULL, NULL, NULL};
  struct jg_err lack = {.code = JG_OK};
  char own[JG_DIGEST_HEX_BYTES];
  int64_t tokens = 0;
  char *body = NULL;
  if (jg_trace_get(session->db, trace_id, &trace, err) == JG_OK &&
      trace.trace_id) {
    struct jg_item item = jg_trace_item(&trace);
    if (jg_judge_check_item(&p->judge, &item, &lack) == JG_OK) {
      body = jg_ready_request(&p->ready, session, &item, &tokens, err);
    }
  }
  if (body) {
    jg_chat_digest(&p->ready.endpoint, body, 0, own);
    if (strcmp(own, digest) == 0) {
      jg_token_fit_add(&p->g->fit, tokens, measured);
    }
  }
  jg_mem_free(body);
  jg_trace_dispose(&trace);
  return err->code;
}

static int compare_calls(struct past *p, struct jg_err *err) {
  sqlite3_stmt *stmt =
      jg_db_query(p->f->job->session->db, "forecast_calls", err);
  jg_db_bind_text(stmt, "@judge", p->info.judge, err);
  jg_db_bind_text(stmt, "@model", p->g->model, err);
  jg_db_bind_int(stmt, "@count", LEARNED_CALLS, err);
  while (jg_db_step(stmt, err) == 1) {
    char *trace_id = jg_db_text(stmt, 0, err);
    char *digest = jg_db_text(stmt, 1, err);
    if (trace_id && digest) {
      compare(p, trace_id, digest, sqlite3_column_int64(stmt, 2), err);
    }
    jg_mem_free(trace_id);
    jg_mem_free(digest);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* A judge that is gone, or cannot be made ready here, teaches nothing. */
static int learn_from(struct jg_forecast *f, struct jg_forecast_group *g,
                      const char *judge, struct jg_err *err) {
  struct past p = {.f = f, .g = g};
  struct jg_session *session = f->job->session;
  struct jg_err cannot = {.code = JG_OK};
  const struct jg_row **rows = NULL;
  if (jg_session_judge(session, judge, 0, &p.judge, &p.info, &cannot) ==
          JG_OK &&
      strcmp(p.judge.model, g->model) == 0 &&
      jg_ready_examples(session, p.info.memory_id, &p.examples,
                        &p.example_count, &cannot) == JG_OK) {
    rows = jg_row_pointers(p.examples, p.example_count, &cannot);
  }
  if (rows &&
      jg_ready_open_unsent(f->job, &p.judge, rows, p.example_count, &p.ready,
                           &cannot) == JG_OK &&
      jg_ready_show_endpoint(session, &p.ready, NULL, &cannot) == JG_OK) {
    compare_calls(&p, &cannot);
  }
  if (cannot.code == JG_NOMEM || cannot.code == JG_INTERRUPTED) {
    jg_err_set(err, cannot.code, "%s", cannot.text);
  }
  jg_ready_dispose(&p.ready);
  jg_mem_free(rows);
  jg_rows_free(p.examples, p.example_count);
  jg_definition_info_dispose(&p.info);
  jg_judge_dispose(&p.judge);
  return err->code;
}

int jg_forecast_learn(struct jg_forecast *f, struct jg_forecast_group *g,
                      const char *judge, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(f->job->session->db, "forecast_judges", err);
  jg_db_bind_text(stmt, "@model", g->model, err);
  jg_db_bind_text(stmt, "@judge", judge, err);
  jg_db_bind_int(stmt, "@count", LEARNED_JUDGES, err);
  while (jg_db_step(stmt, err) == 1) {
    char *other = jg_db_text(stmt, 0, err);
    if (other) {
      learn_from(f, g, other, err);
    }
    jg_mem_free(other);
  }
  sqlite3_finalize(stmt);
  return err->code;
}

/* ---- counting ----------------------------------------------------------- */

/* A request as it would be sent. */
struct request {
  const struct jg_endpoint *endpoint;
  const char *body;
  int64_t repetition, tokens;
  int64_t raised_limit; /* of output, if ours cut the answer off; 0: none */
};

/* An answer that was cut off twice stays an error. */
static int is_cut_off(struct jg_forecast *f, const struct request *q,
                      struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  int64_t measured = -1;
  if (q->raised_limit == 0) {
    return 0;
  }
  jg_chat_cut_digest(q->endpoint, q->body, q->repetition, q->raised_limit,
                     digest);
  return is_stored(f, digest, &measured, err);
}

static int count_request(struct jg_forecast *f, struct jg_forecast_group *g,
                         const struct request *q, struct jg_err *err) {
  char digest[JG_DIGEST_HEX_BYTES];
  int64_t measured = -1, tokens = q->tokens;
  int anew = q->repetition == JG_FORECAST_ANEW;
  jg_chat_digest(q->endpoint, q->body, anew ? 0 : q->repetition, digest);
  if (!note_digest(f, digest, err)) {
    f->cached += err->code == JG_OK;
  } else if (!anew && is_stored(f, digest, &measured, err)) {
    f->cached++;
    if (measured > 0) {
      jg_token_fit_add(&g->fit, tokens, measured);
    }
  } else if (!anew && is_cut_off(f, q, err)) {
    f->cached++;
  } else {
    g->calls++;
    g->estimated += (double)tokens;
  }
  return err->code;
}

int jg_forecast_call(struct jg_forecast *f, struct jg_forecast_group *g,
                     const struct jg_endpoint *endpoint, const char *body,
                     int64_t repetition, int64_t tokens, struct jg_err *err) {
  struct request request = {endpoint, body, repetition, tokens, 0};
  return count_request(f, g, &request, err);
}

int jg_forecast_item(struct jg_forecast *f, struct jg_forecast_group *g,
                     const struct jg_ready *ready, const struct jg_item *item,
                     int64_t repetition, struct jg_err *err) {
  struct jg_calls calls = jg_job_calls(f->job);
  struct jg_call call = {.endpoint = &ready->endpoint,
                         .inference_params = ready->judge->inference_params};
  struct request request = {&ready->endpoint, NULL, repetition, 0, 0};
  char *body =
      jg_ready_request(ready, f->job->session, item, &request.tokens, err);
  calls.chat = 1;
  request.body = body;
  call.body = body;
  if (body) {
    request.raised_limit = jg_exchange_limit(&calls, &call, 1);
    count_request(f, g, &request, err);
  }
  jg_mem_free(body);
  return err->code;
}

int jg_forecast_embedding(struct jg_forecast *f, struct jg_forecast_group *g,
                          const struct jg_endpoint *endpoint, const char *text,
                          struct jg_err *err) {
  int64_t tokens = 0;
  if (!text || !text[0]) {
    return JG_OK;
  }
  char *body = jg_vectors_request(endpoint, text, &tokens, err);
  if (body) {
    jg_forecast_call(f, g, endpoint, body, 0, tokens, err);
  }
  jg_mem_free(body);
  return err->code;
}

void jg_forecast_close_group(struct jg_forecast *f,
                             const struct jg_forecast_group *g, double scale) {
  double fixed = 0, each = 1, calls = (double)g->calls * scale;
  if (!g->model) {
    return; /* never opened */
  }
  jg_token_fit_line(&g->fit, &fixed, &each);
  double input = calls * fixed + (g->estimated + g->extra) * scale * each;
  input = input > 0 ? input : 0;
  double output = calls * g->output;
  double cost =
      jg_price_cost(f->job->session, g->model, (int64_t)(input + 0.5),
                    (int64_t)(output + 0.5), (int64_t)(input * g->warm));
  f->calls += (int64_t)(calls + 0.5);
  f->input += input;
  f->output += output;
  f->learned_from += g->lent_fit ? 0 : g->fit.pairs;
  f->cost += cost > 0 ? cost : 0;
  f->cost_known &= cost >= 0 || calls <= 0;
}

void jg_forecast_write(const struct jg_forecast *f, struct jg_jsonw *w) {
  jg_jsonw_key_int(w, "calls", f->calls);
  jg_jsonw_key_int(w, "input_tokens", (int64_t)(f->input + 0.5));
  jg_jsonw_key_int(w, "output_tokens", (int64_t)(f->output + 0.5));
  jg_jsonw_key(w, "cost");
  jg_jsonw_real(w, f->cost_known ? f->cost : (double)NAN);
  jg_jsonw_key_int(w, "learned_from", f->learned_from);
}
