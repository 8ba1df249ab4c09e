/* Embedding requests and replies. See chat.h. */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "llm/chat.h"
#include "llm/wire.h"

int jg_embed_body(const struct jg_endpoint *endpoint, const char *const *texts,
                  size_t count, struct jg_buf *to, struct jg_err *err) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_jsonw w = {.to = to};
  if (wire->embed == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "'%s' makes no embeddings: its provider "
                      "has none; take another embedding_model",
                      endpoint->model_uri);
  }
  jg_jsonw_object(&w);
  wire->embed(endpoint, texts, count, &w);
  jg_jsonw_end_object(&w);
  return jg_buf_check(to, err);
}

/* Copies one vector; its length must be dim. */
static int read_vector(const struct jg_json *numbers, size_t dim, float *to,
                       struct jg_err *err) {
  size_t i = 0;
  const struct jg_json *x = jg_json_first(numbers);
  for (; x != NULL; x = jg_json_next(x), i++) {
    if (i == dim || jg_json_type(x) != JG_JSON_NUMBER) {
      break;
    }
    to[i] = (float)jg_json_number(x);
    if (!isfinite(to[i])) {
      break;
    }
  }
  if (x != NULL || i != dim) {
    return jg_err_set(err, JG_ERROR,
                      "an embedding of the reply is not a list of %zu numbers",
                      dim);
  }
  return JG_OK;
}

/* The numbers of one embedding: an object's member, or a plain list. */
static const struct jg_json *numbers_of(const struct jg_json *item) {
  return jg_json_type(item) == JG_JSON_ARRAY ? item
                                             : jg_json_get(item, "embedding");
}

/* Fills all vectors by their index; seen marks those that came. */
static int read_data(const struct jg_json *data, size_t count, size_t dim,
                     float *vectors, unsigned char *seen, struct jg_err *err) {
  size_t position = 0;
  int single = jg_json_type(data) == JG_JSON_OBJECT;
  const struct jg_json *item = single ? data : jg_json_first(data);
  for (; item != NULL; item = jg_json_next(item), position++) {
    int64_t index;
    if (!jg_json_int(jg_json_get(item, "index"), &index)) {
      index = (int64_t)position;
    }
    if (index < 0 || (uint64_t)index >= count || seen[index]) {
      return jg_err_set(err, JG_ERROR,
                        "the reply has an embedding with a wrong index");
    }
    seen[index] = 1;
    if (read_vector(numbers_of(item), dim, vectors + (size_t)index * dim,
                    err) != JG_OK ||
        single) {
      return err->code;
    }
  }
  return JG_OK;
}

static int read_vectors(const struct jg_json *data, size_t count, float **out,
                        size_t *dim, struct jg_err *err) {
  int single = jg_json_type(data) == JG_JSON_OBJECT;
  size_t got = single                                ? 1
               : jg_json_type(data) == JG_JSON_ARRAY ? jg_json_count(data)
                                                     : 0;
  if (got != count || count == 0) {
    return jg_err_set(err, JG_ERROR,
                      "%zu embeddings were asked for, the reply has %zu", count,
                      got);
  }
  size_t size = jg_json_count(numbers_of(single ? data : jg_json_first(data)));
  if (size == 0 || size > SIZE_MAX / count / sizeof(float)) {
    return jg_err_set(err, JG_ERROR, "the reply holds an empty embedding");
  }
  float *vectors = jg_mem_new(count * size, sizeof(float), err);
  unsigned char *seen = jg_mem_new(count, 1, err);
  if (vectors != NULL && seen != NULL) {
    read_data(data, count, size, vectors, seen, err);
  }
  jg_mem_free(seen);
  if (err->code != JG_OK) {
    jg_mem_free(vectors);
    return err->code;
  }
  *out = vectors;
  *dim = size;
  return JG_OK;
}

int jg_embed_reply(const struct jg_endpoint *endpoint, const char *body,
                   size_t bytes, size_t count, float **out, size_t *dim,
                   int64_t *input_tokens, struct jg_err *err) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  struct jg_json *root = NULL;
  *out = NULL;
  *dim = 0;
  *input_tokens = -1;
  if (jg_json_parse(bytes == 0 ? "" : body, bytes, &root, err) != JG_OK) {
    return err->code;
  }
  jg_json_int(wire->embed_tokens == NULL ? NULL : wire->embed_tokens(root),
              input_tokens);
  const char *words =
      jg_json_text(jg_json_get(jg_json_get(root, "error"), "message"));
  if (words != NULL) {
    jg_err_set(err, JG_ERROR, "the server answered with an error: %.300s",
               words);
  } else {
    read_vectors(wire->vectors == NULL ? NULL : wire->vectors(root), count, out,
                 dim, err);
  }
  jg_json_free(root);
  return err->code;
}
