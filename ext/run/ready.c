/* Making a judge ready: its endpoint, and the recall over its examples. */
#include "run/ready.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "judge/lexical.h"
#include "llm/tokens.h"
#include "run/vectors.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

struct jg_item jg_row_item(const struct jg_row *row) {
  struct jg_item item = {row->trace_id, row->inputs, row->outputs,
                         row->expectations};
  return item;
}

const struct jg_row **jg_row_pointers(const struct jg_row *rows, size_t count,
                                      struct jg_err *err) {
  const struct jg_row **all = jg_mem_new(count + 1, sizeof(*all), err);
  for (size_t i = 0; all && i < count; i++) {
    all[i] = &rows[i];
  }
  return all;
}

/* ---- opening ------------------------------------------------------------ */

static int open_endpoints(struct jg_job *job, struct jg_ready *r,
                          struct jg_err *err) {
  const struct jg_judge *judge = r->judge;
  const struct jg_session *s = job->session;
  if (!r->local &&
      jg_endpoint_resolve(judge->model, JG_ENDPOINT_CHAT, judge->base_url,
                          s->config.extra_headers, &s->environment,
                          &r->endpoint, err) != JG_OK) {
    return err->code;
  }
  if (r->by_vectors) {
    jg_endpoint_resolve(judge->memory.embedding_model, JG_ENDPOINT_EMBEDDINGS,
                        NULL, s->config.extra_headers, &s->environment,
                        &r->embedding, err);
  }
  return err->code;
}

/* Keeps the examples that have a key to be found by. */
static int keep_examples(struct jg_ready *r,
                         const struct jg_row *const *examples, size_t count,
                         struct jg_err *err) {
  r->examples = jg_mem_new(count, sizeof(*r->examples), err);
  for (size_t i = 0; r->examples && i < count; i++) {
    struct jg_item item = jg_row_item(examples[i]);
    const char *key = jg_prompt_key(r->judge, &item);
    if (key && key[0]) {
      r->examples[r->example_count++] = examples[i];
    }
  }
  return err->code;
}

/* A place on a circle, which stands for an embedding that nobody has yet: items
** find examples all around it. */
static void stand_on_circle(double turn, float to[2]) {
  static const double TURN = 6.283185307179586;
  to[0] = (float)cos(turn * TURN);
  to[1] = (float)sin(turn * TURN);
}

static int stand_in(size_t count, struct jg_vectors *out, struct jg_err *err) {
  out->dim = 2;
  for (size_t i = 0; i < count; i++) {
    jg_mem_free(out->items[i]);
    out->items[i] = jg_mem_new(2, sizeof(float), err);
    if (!out->items[i]) {
      break;
    }
    stand_on_circle((double)i / (double)count, out->items[i]);
  }
  return err->code;
}

/* What is stored beside an example must be of the judge's model, and of one
** length. */
static int check_stored(struct jg_ready *r, const struct jg_row *row,
                        struct jg_err *err) {
  const char *model = r->judge->memory.embedding_model;
  const char *made = row->vector_model ? row->vector_model : "";
  if (strcmp(made, model) != 0) {
    return jg_err_set(err, JG_ERROR,
                      "the embedding of example '%s' is by '%s', the judge "
                      "searches by '%s': set judge_example.embedding to "
                      "NULL there, and it is made again",
                      row->trace_id, made, model);
  }
  if (r->dim != 0 && row->dim != r->dim) {
    return jg_err_set(err, JG_ERROR,
                      "the embedding of example '%s' has %zu numbers, others "
                      "have %zu: set judge_example.embedding to NULL there, "
                      "and it is made again",
                      row->trace_id, row->dim, r->dim);
  }
  r->dim = row->dim;
  return JG_OK;
}

/* The texts of examples that have no vector beside them. */
static const char **missing_keys(struct jg_ready *r, struct jg_err *err) {
  const char **keys = jg_mem_new(r->example_count, sizeof(*keys), err);
  for (size_t i = 0; keys && i < r->example_count; i++) {
    struct jg_item item = jg_row_item(r->examples[i]);
    if (!r->examples[i]->vector) {
      keys[i] = jg_prompt_key(r->judge, &item);
    } else if (check_stored(r, r->examples[i], err) != JG_OK) {
      break;
    }
  }
  return keys;
}

/* Fills what is not stored beside the examples. */
static int example_vectors(struct jg_job *job, struct jg_ready *r, int send,
                           struct jg_vectors *out, struct jg_err *err) {
  size_t missing = 0;
  const char **keys = missing_keys(r, err);
  struct jg_vectors_ask ask = {.endpoint = &r->embedding,
                               .judge = r->ref,
                               .texts = keys,
                               .count = r->example_count,
                               .dim = r->dim};
  if (err->code != JG_OK) {
    jg_mem_free(keys);
    return err->code;
  }
  if (send) {
    if (jg_vectors_fetch(job, &ask, out, err) == JG_OK && out->cut) {
      r->stand_in = 1;
      stand_in(r->example_count, out, err);
    }
  } else if (jg_vectors_stored(job->session, &ask, out, &missing, err) ==
                 JG_OK &&
             missing > 0) {
    r->stand_in = 1;
    stand_in(r->example_count, out, err);
  }
  r->dim = r->stand_in || out->dim != 0 ? out->dim : r->dim;
  jg_mem_free(keys);
  return err->code;
}

static int open_recall(struct jg_job *job, struct jg_ready *r, int send,
                       struct jg_err *err) {
  size_t n = r->example_count;
  struct jg_vectors made = {.count = 0};
  struct jg_recall_doc *docs = jg_mem_new(n, sizeof(*docs), err);
  if (docs && r->by_vectors) {
    example_vectors(job, r, send, &made, err);
  }
  for (size_t i = 0; docs && err->code == JG_OK && i < n; i++) {
    const struct jg_row *row = r->examples[i];
    struct jg_item item = jg_row_item(row);
    docs[i].text = jg_prompt_key(r->judge, &item);
    if (r->by_vectors) {
      docs[i].vector =
          row->vector && !r->stand_in ? row->vector : made.items[i];
    }
  }
  if (err->code == JG_OK) {
    struct jg_stop stop = jg_interrupt_stop(&job->session->interrupt);
    jg_recall_open(docs, n, r->dim, &stop, &r->recall, err);
  }
  jg_vectors_dispose(&made);
  jg_mem_free(docs);
  return err->code;
}

static int set_up(const struct jg_job *job, struct jg_ready *r,
                  const struct jg_judge *judge, const char *ref,
                  const struct jg_row *const *examples, size_t count,
                  struct jg_err *err) {
  memset(r, 0, sizeof(*r));
  r->judge = judge;
  r->ref = ref;
  r->allow_params = job->session->config.allow_params;
  r->local = jg_lexical_is(judge->model);
  r->k = r->local ? jg_lexical_neighbours(judge)
                  : (size_t)judge->memory.retrieval_k;
  if (r->local && jg_lexical_check(judge, err) != JG_OK) {
    return err->code;
  }
  if (r->k > 0 && count > 0) {
    keep_examples(r, examples, count, err);
  }
  r->by_vectors = r->example_count > 0 && !r->local &&
                  judge->memory.embedding_model != NULL;
  return err->code;
}

int jg_ready_open(struct jg_job *job, const struct jg_judge *judge,
                  const char *ref, const struct jg_row *const *examples,
                  size_t count, struct jg_ready *out, struct jg_err *err) {
  if (set_up(job, out, judge, ref, examples, count, err) == JG_OK &&
      open_endpoints(job, out, err) == JG_OK && out->example_count > 0) {
    open_recall(job, out, 1, err);
  }
  return err->code;
}

/* Where none can be resolved (no key) no embedding is found either. */
static int show_embeddings(struct jg_session *session, struct jg_ready *r,
                           struct jg_err *err) {
  const char *model = r->judge->memory.embedding_model;
  struct jg_err why = {.code = JG_OK};
  if (!r->by_vectors ||
      jg_endpoint_resolve(model, JG_ENDPOINT_EMBEDDINGS, NULL,
                          session->config.extra_headers, &session->environment,
                          &r->embedding, &why) == JG_OK) {
    return JG_OK;
  }
  return jg_endpoint_sketch(model, &r->embedding, err);
}

int jg_ready_open_unsent(struct jg_job *job, const struct jg_judge *judge,
                         const struct jg_row *const *examples, size_t count,
                         struct jg_ready *out, struct jg_err *err) {
  if (set_up(job, out, judge, NULL, examples, count, err) == JG_OK &&
      show_embeddings(job->session, out, err) == JG_OK &&
      out->example_count > 0) {
    open_recall(job, out, 0, err);
  }
  return err->code;
}

int jg_ready_show_endpoint(struct jg_session *session, struct jg_ready *r,
                           struct jg_err *note, struct jg_err *err) {
  const struct jg_judge *judge = r->judge;
  struct jg_err why = {.code = JG_OK};
  if (r->local ||
      jg_endpoint_resolve(judge->model, JG_ENDPOINT_CHAT, judge->base_url,
                          session->config.extra_headers, &session->environment,
                          &r->endpoint, &why) == JG_OK) {
    return JG_OK;
  }
  if (note) {
    jg_err_set(note, why.code, "%s", why.text);
  }
  return jg_endpoint_sketch(judge->model, &r->endpoint, err);
}

void jg_ready_dispose(struct jg_ready *r) {
  if (r->recall.free) {
    r->recall.free(r->recall.ctx);
  }
  jg_mem_free(r->examples);
  jg_endpoint_dispose(&r->endpoint);
  jg_endpoint_dispose(&r->embedding);
  memset(r, 0, sizeof(*r));
}

/* ---- rating one item ---------------------------------------------------- */

/* Finds up to k nearest examples; *hits is owned. */
static int nearest(const struct jg_ready *r, const struct jg_item *item,
                   const float *key_vector, struct jg_recall_hit **hits,
                   size_t *count, struct jg_err *err) {
  struct jg_recall_query query = {jg_prompt_key(r->judge, item), key_vector};
  *hits = NULL;
  *count = 0;
  if (r->example_count == 0 || !query.text || (r->by_vectors && !key_vector)) {
    return JG_OK;
  }
  *hits = jg_mem_new(r->k, sizeof(**hits), err);
  if (*hits) {
    r->recall.nearest(r->recall.ctx, &query, r->k, *hits, count, err);
  }
  return err->code;
}

/* An example as the prompt shows it; its labels are one block in *labels. */
static void show(const struct jg_row *row, struct jg_prompt_label *labels,
                 struct jg_prompt_example *example) {
  example->item = jg_row_item(row);
  example->labels = labels;
  example->label_count = row->label_count;
  example->answer = &row->target;
  for (size_t i = 0; i < row->label_count; i++) {
    labels[i].source_id = row->labels[i].source_id;
    labels[i].value = &row->labels[i].value;
    labels[i].rationale = row->labels[i].rationale;
  }
}

int jg_ready_prompt(const struct jg_ready *r, const struct jg_item *item,
                    const float *key_vector, struct jg_prompt *out,
                    struct jg_err *err) {
  struct jg_recall_hit *hits = NULL;
  size_t count = 0, total = 0, at = 0;
  struct jg_prompt_example *shown = NULL;
  struct jg_prompt_label *labels = NULL;
  if (nearest(r, item, key_vector, &hits, &count, err) == JG_OK) {
    for (size_t i = 0; i < count; i++) {
      total += r->examples[hits[i].doc]->label_count;
    }
    shown = jg_mem_new(count ? count : 1, sizeof(*shown), err);
    labels = jg_mem_new(total ? total : 1, sizeof(*labels), err);
  }
  for (size_t i = 0; shown && labels && i < count; i++) {
    const struct jg_row *row = r->examples[hits[i].doc];
    show(row, labels + at, &shown[i]);
    at += row->label_count;
  }
  if (err->code == JG_OK) {
    jg_prompt_build(r->judge, item, shown, count, out, err);
  }
  jg_mem_free(labels);
  jg_mem_free(shown);
  jg_mem_free(hits);
  return err->code;
}

/* The examples as the request has them; the texts are lent by the prompt. */
static struct jg_turn *turns_of(const struct jg_prompt *prompt,
                                struct jg_err *err) {
  struct jg_turn *turns =
      jg_mem_new(prompt->turn_count + 1, sizeof(*turns), err);
  for (size_t i = 0; turns && i < prompt->turn_count; i++) {
    turns[i].user = prompt->turns[i].user;
    turns[i].assistant = prompt->turns[i].assistant;
  }
  return turns;
}

/* tokens may be NULL. */
static char *write_body(const struct jg_ready *r, const struct jg_item *item,
                        const float *key_vector, int64_t *tokens,
                        struct jg_err *err) {
  struct jg_prompt prompt;
  struct jg_turn *turns = NULL;
  struct jg_buf body;
  memset(&prompt, 0, sizeof(prompt));
  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_ready_prompt(r, item, key_vector, &prompt, err) == JG_OK) {
    turns = turns_of(&prompt, err);
  }
  if (turns) {
    struct jg_chat chat = {.system = prompt.system,
                           .user = prompt.user,
                           .schema = prompt.schema,
                           .schema_name = prompt.schema_name,
                           .inference_params = r->judge->inference_params,
                           .turns = turns,
                           .turn_count = prompt.turn_count,
                           .allow_params = r->allow_params};
    jg_chat_body(&r->endpoint, &chat, &body, err);
    if (tokens) {
      *tokens = jg_tokens_chat(&r->endpoint, &chat);
    }
  }
  jg_mem_free(turns);
  jg_prompt_dispose(&prompt);
  if (err->code != JG_OK) {
    jg_buf_dispose(&body);
    return NULL;
  }
  return jg_buf_take(&body, err);
}

char *jg_ready_body(const struct jg_ready *r, const struct jg_item *item,
                    const float *key_vector, struct jg_err *err) {
  return write_body(r, item, key_vector, NULL, err);
}

int jg_ready_embed(struct jg_job *job, const struct jg_ready *r,
                   const char *const *keys, size_t count,
                   struct jg_vectors *out, struct jg_err *err) {
  struct jg_vectors_ask ask = {.endpoint = &r->embedding,
                               .judge = r->ref,
                               .texts = keys,
                               .count = count,
                               .dim = r->dim,
                               .keep_lacks = 1};
  return jg_vectors_fetch(job, &ask, out, err);
}

/* An item's embedding when it is stored, else an example's: *vector is lent by
** out or by the example. */
static int stored_key(const struct jg_ready *r, struct jg_session *session,
                      const char *key, struct jg_vectors *out,
                      const float **vector, struct jg_err *err) {
  struct jg_vectors_ask ask = {
      .endpoint = &r->embedding, .texts = &key, .count = 1, .dim = r->dim};
  size_t missing = 0;
  if (jg_vectors_stored(session, &ask, out, &missing, err) != JG_OK) {
    return err->code;
  }
  if (missing > 0) {
    size_t at = (size_t)(jg_digest_u64(key, strlen(key)) % r->example_count);
    struct jg_item item = jg_row_item(r->examples[at]);
    key = jg_prompt_key(r->judge, &item);
    *vector = r->examples[at]->vector;
    if (*vector) {
      return JG_OK;
    }
    jg_vectors_dispose(out);
    jg_vectors_stored(session, &ask, out, &missing, err);
  }
  *vector = err->code == JG_OK ? out->items[0] : NULL;
  return err->code;
}

char *jg_ready_request(const struct jg_ready *r, struct jg_session *session,
                       const struct jg_item *item, int64_t *tokens,
                       struct jg_err *err) {
  struct jg_vectors key = {.count = 0};
  const char *text = jg_prompt_key(r->judge, item);
  const float *vector = NULL;
  float place[2];
  if (r->by_vectors && text && text[0] && r->stand_in) {
    uint64_t x = jg_digest_u64(text, strlen(text));
    stand_on_circle((double)x / 18446744073709551616.0, place);
    vector = place;
  } else if (r->by_vectors && text && text[0]) {
    stored_key(r, session, text, &key, &vector, err);
  }
  char *body =
      err->code == JG_OK ? write_body(r, item, vector, tokens, err) : NULL;
  jg_vectors_dispose(&key);
  return body;
}

int jg_ready_local(const struct jg_ready *r, const struct jg_item *item,
                   struct jg_verdict *out, struct jg_err *err) {
  struct jg_recall_hit *hits = NULL;
  struct jg_lexical_neighbour *near = NULL;
  size_t count = 0;
  if (nearest(r, item, NULL, &hits, &count, err) == JG_OK && count > 0) {
    near = jg_mem_new(count, sizeof(*near), err);
  }
  for (size_t i = 0; near && i < count; i++) {
    const struct jg_row *row = r->examples[hits[i].doc];
    near[i].trace_id = row->trace_id;
    near[i].label = &row->target;
    near[i].score = hits[i].score;
  }
  if (err->code == JG_OK) {
    jg_lexical_judge(r->judge, item, near, count, out, err);
  }
  jg_mem_free(near);
  jg_mem_free(hits);
  return err->code;
}

/* ---- stored examples ---------------------------------------------------- */

struct rows {
  struct jg_row *items;
  size_t count, cap;
  struct jg_err *err;
};

static void value_from_json(const struct jg_json *j, struct jg_value *out,
                            struct jg_err *err) {
  int64_t whole = 0;
  struct jg_value v = {.type = JG_NULL};
  if (jg_json_type(j) == JG_JSON_TEXT) {
    v = jg_value_lend(jg_json_text(j));
  } else if (jg_json_type(j) == JG_JSON_NUMBER) {
    v = jg_json_int(j, &whole) ? jg_value_int(whole)
                               : jg_value_real(jg_json_number(j));
  }
  jg_value_copy(out, &v, err);
}

static int read_labels(const char *json, struct jg_row *row,
                       struct jg_err *err) {
  struct jg_json *list = NULL;
  if (!json || jg_json_parse(json, strlen(json), &list, err) != JG_OK) {
    return err->code;
  }
  row->labels = jg_mem_new(jg_json_count(list) + 1, sizeof(*row->labels), err);
  for (const struct jg_json *j = jg_json_first(list); row->labels && j;
       j = jg_json_next(j)) {
    struct jg_label *l = &row->labels[row->label_count++];
    l->assessment_id =
        jg_mem_text(jg_json_text(jg_json_get(j, "assessment_id")), err);
    l->source_id = jg_mem_text(jg_json_text(jg_json_get(j, "source_id")), err);
    l->rationale = jg_mem_text(jg_json_text(jg_json_get(j, "rationale")), err);
    value_from_json(jg_json_get(j, "value"), &l->value, err);
    jg_json_int(jg_json_get(j, "created"), &l->created_ms);
  }
  jg_json_free(list);
  return err->code;
}

static int read_vector(sqlite3_stmt *stmt, struct jg_row *row,
                       struct jg_err *err) {
  if (sqlite3_column_type(stmt, 11) == SQLITE_NULL || err->code != JG_OK) {
    return err->code;
  }
  row->vector_model = jg_db_text(stmt, 9, err);
  const void *blob = sqlite3_column_blob(stmt, 11);
  return jg_vector_read(row, blob, (size_t)sqlite3_column_bytes(stmt, 11),
                        sqlite3_column_int64(stmt, 10), err);
}

static int each_example(void *ctx, sqlite3_stmt *stmt) {
  struct rows *rows = ctx;
  struct jg_err *err = rows->err;
  if (jg_mem_grow(&rows->items, &rows->cap, rows->count + 1,
                  sizeof(*rows->items), err) != JG_OK) {
    return 1;
  }
  struct jg_row *row = &rows->items[rows->count++];
  row->trace_id = jg_db_text(stmt, 0, err);
  if (!row->trace_id) { /* a file of foreign making */
    jg_err_set(err, JG_ERROR, "a row of judge_example has no trace_id");
  }
  row->inputs = jg_db_text(stmt, 2, err);
  row->outputs = jg_db_text(stmt, 3, err);
  row->expectations = jg_db_text(stmt, 4, err);
  if (row->inputs) {
    row->group = jg_digest_u64(row->inputs, strlen(row->inputs));
  }
  jg_db_value(stmt, 5, &row->target, err);
  char *labels = jg_db_text(stmt, 6, err);
  read_labels(labels, row, err);
  jg_mem_free(labels);
  read_vector(stmt, row, err);
  return err->code != JG_OK;
}

int jg_ready_examples(struct jg_session *session, int64_t memory_id,
                      struct jg_row **rows, size_t *count, struct jg_err *err) {
  struct rows all = {NULL, 0, 0, err};
  jg_definition_examples(session->db, memory_id, each_example, &all, err);
  if (err->code != JG_OK) {
    jg_rows_free(all.items, all.count);
    all.items = NULL;
    all.count = 0;
  }
  *rows = all.items;
  *count = all.count;
  return err->code;
}
