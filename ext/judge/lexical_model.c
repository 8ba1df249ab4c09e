/*
** The fitted model: what it says of an item, and its stored form, one JSON
** object with the keys in a fixed order. See lexical_model.h.
*/
#include "judge/lexical_model.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"

#define MODEL_VERSION 1
#define MODEL_LIMIT_BYTES ((size_t)4 << 20)
#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond, doubles skip numbers */

static const char *const KINDS[] = {"overlap", "ridge", "vote"};

/* ---- what it says ---- */

double jg_ridge_value(const struct jg_ridge *ridge,
                      const double features[JG_LEXICAL_FEATURES]) {
  double sum = ridge->intercept;
  size_t i;

  for (i = 0; i < JG_LEXICAL_FEATURES; i++) {
    if (ridge->scale[i] > 0) {
      sum +=
          ridge->weight[i] * (features[i] - ridge->mean[i]) / ridge->scale[i];
    }
  }
  return sum;
}

double jg_lexical_level(const struct jg_lexical_model *model, double value) {
  size_t i = 0;

  assert(model->level_count == 0 || model->levels != NULL);
  if (model->level_count == 0) {
    return value < model->low    ? model->low
           : value > model->high ? model->high
                                 : value;
  }
  while (i + 1 < model->level_count && value >= model->cuts[i]) {
    i++;
  }
  return model->levels[i];
}

/* Sum of the scores of the neighbours that say the same as this one. */
static double votes_of(const struct jg_lexical_neighbour *neighbours,
                       size_t count, const struct jg_value *label) {
  double sum = 0;
  size_t i;

  for (i = 0; i < count; i++) {
    if (jg_value_equal(neighbours[i].label, label)) {
      sum += neighbours[i].score > 0 ? neighbours[i].score : 0;
    }
  }
  return sum;
}

struct jg_value jg_lexical_number(const struct jg_scale *scale, double x) {
  if (scale->type == JG_SCALE_INT && fabs(x) <= WHOLE_MAX) {
    return jg_value_int((int64_t)ceil(x - 0.5));
  }
  return jg_value_real(x);
}

static struct jg_value mean_vote(const struct jg_scale *scale,
                                 const struct jg_lexical_neighbour *neighbours,
                                 size_t count) {
  double sum = 0, weights = 0, weight, mean;
  size_t i;

  for (i = 0; i < count; i++) {
    weight = neighbours[i].score > 0 ? neighbours[i].score : 0;
    sum += weight * neighbours[i].label->real;
    weights += weight;
  }
  mean = weights > 0 ? sum / weights : neighbours[0].label->real;
  return jg_lexical_number(scale, mean);
}

struct jg_value jg_lexical_vote(const struct jg_scale *scale,
                                const struct jg_lexical_neighbour *neighbours,
                                size_t count, double *weight) {
  struct jg_value best = {.type = JG_NULL};
  double all = 0, votes, most = -1;
  size_t i;

  *weight = 0;
  if (count == 0) {
    return best;
  }
  if (scale->type == JG_SCALE_INT || scale->type == JG_SCALE_FLOAT) {
    *weight = 1;
    return mean_vote(scale, neighbours, count);
  }
  for (i = 0; i < count; i++) {
    all += neighbours[i].score > 0 ? neighbours[i].score : 0;
    votes = votes_of(neighbours, count, neighbours[i].label);
    if (votes > most) {
      most = votes;
      best = *neighbours[i].label;
    }
  }
  *weight = all > 0 ? most / all : 0;
  return best;
}

/* ---- writing ---- */

static void write_reals(struct jg_jsonw *w, const char *key,
                        const double *values, size_t count) {
  size_t i;

  jg_jsonw_key(w, key);
  jg_jsonw_array(w);
  for (i = 0; i < count; i++) {
    jg_jsonw_real(w, values[i]);
  }
  jg_jsonw_end_array(w);
}

static void write_ridge(const struct jg_lexical_model *model,
                        struct jg_jsonw *w) {
  const struct jg_ridge *ridge = &model->ridge;
  size_t i;

  jg_jsonw_key(w, "features");
  jg_jsonw_array(w);
  for (i = 0; i < JG_LEXICAL_FEATURES; i++) {
    jg_jsonw_text(w, jg_lexical_feature_names[i]);
  }
  jg_jsonw_end_array(w);
  write_reals(w, "mean", ridge->mean, JG_LEXICAL_FEATURES);
  write_reals(w, "scale", ridge->scale, JG_LEXICAL_FEATURES);
  write_reals(w, "weights", ridge->weight, JG_LEXICAL_FEATURES);
  jg_jsonw_key_real(w, "intercept", ridge->intercept);
  jg_jsonw_key_real(w, "low", model->low);
  jg_jsonw_key_real(w, "high", model->high);
  write_reals(w, "levels", model->levels, model->level_count);
  write_reals(w, "cuts", model->cuts,
              model->level_count > 0 ? model->level_count - 1 : 0);
  jg_jsonw_key_int(w, "documents", (int64_t)model->rarity.documents);
  jg_jsonw_key(w, "words");
  jg_jsonw_object(w);
  for (i = 0; i < model->rarity.count; i++) {
    jg_jsonw_key_int(w, model->rarity.words[i],
                     (int64_t)model->rarity.counts[i]);
  }
  jg_jsonw_end_object(w);
}

char *jg_lexical_model_write(const struct jg_lexical_model *model,
                             struct jg_err *err) {
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  char *out;

  jg_buf_init(&text, MODEL_LIMIT_BYTES);
  assert(model->kind <= JG_LEXICAL_VOTE);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "kind", KINDS[model->kind]);
  jg_jsonw_key_int(&w, "version", MODEL_VERSION);
  jg_jsonw_key_int(&w, "rows", model->rows);
  if (model->kind == JG_LEXICAL_RIDGE) {
    write_ridge(model, &w);
  } else if (model->kind == JG_LEXICAL_VOTE) {
    jg_jsonw_key_int(&w, "k", model->k);
    jg_jsonw_key(&w, "fallback");
    jg_jsonw_value(&w, &model->fallback);
  }
  jg_jsonw_end_object(&w);
  out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return out;
}

/* ---- reading ---- */

static int bad(struct jg_err *err, const char *what) {
  return jg_err_set(err, JG_ERROR,
                    "the fitted local:/lexical model is damaged (%s): align "
                    "the judge again",
                    what);
}

static int read_reals(const struct jg_json *root, const char *key, double *out,
                      size_t count, struct jg_err *err) {
  const struct jg_json *list = jg_json_get(root, key), *item;
  size_t i = 0;

  if (jg_json_type(list) != JG_JSON_ARRAY || jg_json_count(list) != count) {
    return bad(err, key);
  }
  for (item = jg_json_first(list); item != NULL; item = jg_json_next(item)) {
    if (jg_json_type(item) != JG_JSON_NUMBER) {
      return bad(err, key);
    }
    out[i++] = jg_json_number(item);
  }
  return JG_OK;
}

static int read_levels(const struct jg_json *root, struct jg_lexical_model *out,
                       struct jg_err *err) {
  size_t count = jg_json_count(jg_json_get(root, "levels"));

  if (count == 0) {
    return JG_OK;
  }
  out->levels = jg_mem_new(count, sizeof *out->levels, err);
  out->cuts = jg_mem_new(count, sizeof *out->cuts, err);
  if (out->levels == NULL || out->cuts == NULL ||
      read_reals(root, "levels", out->levels, count, err) != JG_OK ||
      read_reals(root, "cuts", out->cuts, count - 1, err) != JG_OK) {
    return err->code;
  }
  out->level_count = count;
  return JG_OK;
}

static int read_rarity(const struct jg_json *root, struct jg_rarity *out,
                       struct jg_err *err) {
  const struct jg_json *words = jg_json_get(root, "words"), *item;
  size_t count = jg_json_count(words);
  int64_t n = 0;

  if (!jg_json_int(jg_json_get(root, "documents"), &n) || n < 0) {
    return bad(err, "documents");
  }
  out->documents = (size_t)n;
  out->words = jg_mem_new(count, sizeof *out->words, err);
  out->counts = jg_mem_new(count, sizeof *out->counts, err);
  if (out->words == NULL || out->counts == NULL) {
    return err->code;
  }
  for (item = jg_json_first(words); item != NULL; item = jg_json_next(item)) {
    /* The search needs the order that write_ridge() left. */
    if (jg_json_key(item) == NULL || !jg_json_int(item, &n) || n < 0 ||
        (out->count > 0 &&
         strcmp(out->words[out->count - 1], jg_json_key(item)) >= 0)) {
      return bad(err, "words");
    }
    out->words[out->count] = jg_mem_text(jg_json_key(item), err);
    if (out->words[out->count] == NULL) {
      return err->code;
    }
    out->counts[out->count++] = (size_t)n;
  }
  return JG_OK;
}

static int read_ridge(const struct jg_json *root, struct jg_lexical_model *out,
                      struct jg_err *err) {
  struct jg_ridge *ridge = &out->ridge;

  if (read_reals(root, "mean", ridge->mean, JG_LEXICAL_FEATURES, err) ||
      read_reals(root, "scale", ridge->scale, JG_LEXICAL_FEATURES, err) ||
      read_reals(root, "weights", ridge->weight, JG_LEXICAL_FEATURES, err) ||
      read_levels(root, out, err) || read_rarity(root, &out->rarity, err)) {
    return err->code;
  }
  ridge->intercept = jg_json_number(jg_json_get(root, "intercept"));
  out->low = jg_json_number(jg_json_get(root, "low"));
  out->high = jg_json_number(jg_json_get(root, "high"));
  return JG_OK;
}

static int read_vote(const struct jg_json *root, struct jg_lexical_model *out,
                     struct jg_err *err) {
  const struct jg_json *fallback = jg_json_get(root, "fallback");
  struct jg_value value = {.type = JG_NULL};

  if (!jg_json_int(jg_json_get(root, "k"), &out->k) || out->k < 1) {
    return bad(err, "k");
  }
  if (jg_json_type(fallback) == JG_JSON_TEXT) {
    value = jg_value_lend(jg_json_text(fallback));
  } else if (jg_json_type(fallback) == JG_JSON_NUMBER) {
    value = jg_json_int(fallback, &value.integer)
                ? jg_value_int(value.integer)
                : jg_value_real(jg_json_number(fallback));
  } else {
    return bad(err, "fallback");
  }
  return jg_value_copy(&out->fallback, &value, err);
}

static int read_model(const struct jg_json *root, struct jg_lexical_model *out,
                      struct jg_err *err) {
  const char *kind = jg_json_text(jg_json_get(root, "kind"));
  int64_t version = 0;

  if (kind == NULL || !jg_json_int(jg_json_get(root, "version"), &version)) {
    return bad(err, "kind");
  }
  if (version != MODEL_VERSION) {
    return jg_err_set(err, JG_ERROR,
                      "the fitted local:/lexical model is of version %lld, "
                      "which this build does not know: align the judge again",
                      (long long)version);
  }
  jg_json_int(jg_json_get(root, "rows"), &out->rows);
  if (strcmp(kind, KINDS[JG_LEXICAL_RIDGE]) == 0) {
    out->kind = JG_LEXICAL_RIDGE;
    return read_ridge(root, out, err);
  }
  if (strcmp(kind, KINDS[JG_LEXICAL_VOTE]) == 0) {
    out->kind = JG_LEXICAL_VOTE;
    return read_vote(root, out, err);
  }
  out->kind = JG_LEXICAL_OVERLAP;
  return strcmp(kind, KINDS[JG_LEXICAL_OVERLAP]) == 0 ? JG_OK
                                                      : bad(err, "kind");
}

int jg_lexical_model_parse(const char *json, struct jg_lexical_model *out,
                           struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  int rc;

  memset(out, 0, sizeof *out);
  if (jg_json_parse(json, strlen(json), &root, &why) != JG_OK) {
    return why.code == JG_NOMEM ? jg_err_nomem(err) : bad(err, "JSON");
  }
  rc = read_model(root, out, err);
  jg_json_free(root);
  if (rc != JG_OK) {
    jg_lexical_model_dispose(out);
  }
  assert((rc == JG_OK) == (err->code == JG_OK));
  return rc;
}

void jg_lexical_model_dispose(struct jg_lexical_model *model) {
  if (model == NULL) {
    return;
  }
  jg_rarity_dispose(&model->rarity);
  jg_mem_free(model->levels);
  jg_mem_free(model->cuts);
  jg_value_dispose(&model->fallback);
  memset(model, 0, sizeof *model);
}
