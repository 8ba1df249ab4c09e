/*
** Judging with local:/lexical: picks the unaligned rule or the fitted model,
** and says in plain words how the value came about. See lexical.h.
*/
#include "judge/lexical.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "judge/clean.h"
#include "judge/lexical_model.h"

#define LOCAL_PREFIX "local:/"
#define RATIONALE_LIMIT_BYTES ((size_t)64 << 10)
#define CITED 5 /* neighbours named in a rationale */

int jg_lexical_is(const char *model) {
  return model != NULL && strcmp(model, JG_LEXICAL_URI) == 0;
}

/* Values that equal bins can be cut for; 0: none declared. */
static size_t declared_values(const struct jg_scale *scale) {
  return scale->type == JG_SCALE_BOOL   ? 2
         : scale->type == JG_SCALE_LIST ? scale->count
                                        : 0;
}

static struct jg_value declared_value(const struct jg_scale *scale,
                                      size_t position) {
  return scale->type == JG_SCALE_BOOL ? jg_value_int((int64_t)position)
                                      : scale->values[position];
}

int jg_lexical_check(const struct jg_judge *judge, struct jg_err *err) {
  const char *model = judge->model == NULL ? "" : judge->model;

  if (!jg_lexical_is(model) &&
      strncmp(model, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0) {
    return jg_err_set(err, JG_ERROR,
                      "model '%.200s' of judge '%.200s' is unknown: the only "
                      "embedded model is " JG_LEXICAL_URI,
                      model, judge->name);
  }
  if (judge->memory.local_model == NULL &&
      declared_values(&judge->scale) == 0) {
    return jg_err_set(
        err, JG_ERROR,
        "judge '%.200s' has the value type %s, which has no declared values: "
        "unaligned, " JG_LEXICAL_URI " can only give one of the values that "
        "feedback_value_type lists (or bool); align the judge with human "
        "labels first, or declare the values worst to best",
        judge->name, jg_scale_word(&judge->scale, &(struct jg_value){0}));
  }
  return JG_OK;
}

size_t jg_lexical_neighbours(const struct jg_judge *judge) {
  struct jg_lexical_model model;
  struct jg_err ignored = {0}; /* jg_lexical_judge() tells */
  size_t k = 0;

  if (judge->memory.local_model != NULL &&
      jg_lexical_model_parse(judge->memory.local_model, &model, &ignored) ==
          JG_OK) {
    k = model.kind == JG_LEXICAL_VOTE ? (size_t)model.k : 0;
    jg_lexical_model_dispose(&model);
  }
  return k;
}

/* ---- rationales ---- */

static void add_percent(struct jg_buf *to, double share) {
  jg_buf_fixed(to, 100 * share, 0);
  jg_buf_puts(to, " %");
}

static void explain_overlap(struct jg_buf *to, struct jg_share share,
                            int reference, size_t bins, size_t bin) {
  jg_buf_printf(to,
                "Word overlap (no language model): %zu of %zu words of the %s "
                "are in the output (",
                share.hits, share.total,
                reference ? "expected response" : "input");
  add_percent(to, (double)share.hits / (double)share.total);
  jg_buf_printf(to, "); of %zu equal bins that is number %zu.", bins, bin + 1);
}

static void explain_ridge(struct jg_buf *to,
                          const struct jg_lexical_model *model,
                          const double features[JG_LEXICAL_FEATURES],
                          double value) {
  const struct jg_ridge *ridge = &model->ridge;
  size_t i;
  int said = 0;

  jg_buf_printf(to,
                "Overlap features weighed as %lld human labels taught (no "
                "language model): score ",
                (long long)model->rows);
  jg_buf_fixed(to, value, 2);
  jg_buf_puts(to, " = ");
  jg_buf_fixed(to, ridge->intercept, 2);
  for (i = 0; i < JG_LEXICAL_FEATURES; i++) {
    double part = ridge->scale[i] > 0
                      ? ridge->weight[i] * (features[i] - ridge->mean[i]) /
                            ridge->scale[i]
                      : 0;
    if (ridge->scale[i] > 0) {
      jg_buf_puts(to, part < 0 ? " - " : " + ");
      jg_buf_fixed(to, fabs(part), 2);
      jg_buf_printf(to, " (%s ", jg_lexical_feature_names[i]);
      jg_buf_fixed(to, features[i], 2);
      jg_buf_putc(to, ')');
      said++;
    }
  }
  jg_buf_puts(to, said == 0 ? " (no feature varied)." : ".");
  if (model->level_count > 1) {
    jg_buf_puts(to, " Cut points:");
    for (i = 0; i + 1 < model->level_count; i++) {
      jg_buf_puts(to, i == 0 ? " " : ", ");
      jg_buf_fixed(to, model->cuts[i], 2);
    }
    jg_buf_putc(to, '.');
  }
}

static void explain_vote(struct jg_buf *to,
                         const struct jg_lexical_neighbour *neighbours,
                         size_t count, double weight) {
  size_t i;

  if (count == 0) {
    jg_buf_puts(to, "No labelled example shares a word with this item: the "
                    "most frequent label (no language model).");
    return;
  }
  jg_buf_printf(to,
                "Vote of the %zu nearest labelled example%s (no language "
                "model), ",
                count, count == 1 ? "" : "s");
  add_percent(to, weight);
  jg_buf_puts(to, " of the weight:");
  for (i = 0; i < count && i < CITED; i++) {
    jg_buf_puts(to, i == 0 ? " " : ", ");
    jg_clean_brief(to, neighbours[i].trace_id, strlen(neighbours[i].trace_id));
    jg_buf_puts(to, " said ");
    jg_clean_value(to, neighbours[i].label);
  }
  jg_buf_puts(to, count > CITED ? ", ..." : ".");
}

/* ---- judging ---- */

static int judge_overlap(const struct jg_judge *judge,
                         const struct jg_lexical_item *words,
                         struct jg_verdict *out, struct jg_buf *rationale,
                         struct jg_err *err) {
  size_t bins = declared_values(&judge->scale), bin;
  struct jg_value value;
  struct jg_share share;
  int reference;

  if (bins == 0) {
    return jg_err_set(err, JG_ERROR,
                      "the fitted local:/lexical model of judge '%.200s' "
                      "needs declared values: align the judge again",
                      judge->name);
  }
  share = jg_lexical_overlap(words, &reference);
  if (share.total == 0) {
    return jg_verdict_fail(out, "MISSING_FIELD",
                           "neither an expected response nor the inputs hold "
                           "a word to look for in the outputs",
                           NULL, err);
  }
  bin = jg_lexical_bin(share, bins);
  assert(bin < bins);
  explain_overlap(rationale, share, reference, bins, bin);
  value = declared_value(&judge->scale, bin);
  return jg_value_copy(&out->value, &value, err);
}

static int judge_ridge(const struct jg_judge *judge,
                       const struct jg_lexical_model *model,
                       const struct jg_lexical_item *words,
                       struct jg_verdict *out, struct jg_buf *rationale,
                       struct jg_err *err) {
  double features[JG_LEXICAL_FEATURES], score, level;
  size_t bins = declared_values(&judge->scale);
  struct jg_value value;

  jg_lexical_features(words, &model->rarity, features);
  score = jg_ridge_value(&model->ridge, features);
  level = jg_lexical_level(model, score);
  if (!isfinite(level) || (bins > 0 && !(level >= 0 && level < (double)bins))) {
    return jg_err_set(err, JG_ERROR,
                      "the fitted local:/lexical model of judge '%.200s' "
                      "does not fit its values: align the judge again",
                      judge->name);
  }
  value = bins > 0 ? declared_value(&judge->scale, (size_t)level)
                   : jg_lexical_number(&judge->scale, level);
  explain_ridge(rationale, model, features, score);
  return jg_scale_fit(&judge->scale, judge->name, &value, &out->value, err);
}

static int judge_vote(const struct jg_judge *judge,
                      const struct jg_lexical_model *model,
                      const struct jg_lexical_neighbour *neighbours,
                      size_t count, struct jg_verdict *out,
                      struct jg_buf *rationale, struct jg_err *err) {
  struct jg_value value;
  double weight = 0;

  if ((int64_t)count > model->k) {
    count = (size_t)model->k;
  }
  value = count == 0
              ? model->fallback
              : jg_lexical_vote(&judge->scale, neighbours, count, &weight);
  explain_vote(rationale, neighbours, count, weight);
  return jg_scale_fit(&judge->scale, judge->name, &value, &out->value, err);
}

static int judge_model(const struct jg_judge *judge,
                       const struct jg_lexical_model *model,
                       const struct jg_item *item,
                       const struct jg_lexical_neighbour *neighbours,
                       size_t count, struct jg_verdict *out,
                       struct jg_buf *rationale, struct jg_err *err) {
  struct jg_lexical_item words;

  if (model->kind == JG_LEXICAL_VOTE) {
    return judge_vote(judge, model, neighbours, count, out, rationale, err);
  }
  if (jg_lexical_item_read(item, &words, err) != JG_OK) {
    return err->code;
  }
  if (model->kind == JG_LEXICAL_RIDGE) {
    judge_ridge(judge, model, &words, out, rationale, err);
  } else {
    judge_overlap(judge, &words, out, rationale, err);
  }
  jg_lexical_item_dispose(&words);
  return err->code;
}

int jg_lexical_judge(const struct jg_judge *judge, const struct jg_item *item,
                     const struct jg_lexical_neighbour *neighbours,
                     size_t neighbour_count, struct jg_verdict *out,
                     struct jg_err *err) {
  struct jg_lexical_model model = {.kind = JG_LEXICAL_OVERLAP};
  struct jg_buf rationale;

  memset(out, 0, sizeof *out);
  if (jg_lexical_check(judge, err) != JG_OK ||
      (judge->memory.local_model != NULL &&
       jg_lexical_model_parse(judge->memory.local_model, &model, err) !=
           JG_OK)) {
    return err->code;
  }
  jg_buf_init(&rationale, RATIONALE_LIMIT_BYTES);
  judge_model(judge, &model, item, neighbours, neighbour_count, out, &rationale,
              err);
  if (err->code == JG_OK && out->error_code == NULL) {
    out->rationale = jg_buf_take(&rationale, err);
  }
  /* A value or an error, never both. */
  assert(err->code != JG_OK ||
         (out->value.type == JG_NULL) == (out->error_code != NULL));
  jg_buf_dispose(&rationale);
  jg_lexical_model_dispose(&model);
  if (err->code != JG_OK) {
    jg_verdict_dispose(out);
  }
  return err->code;
}
