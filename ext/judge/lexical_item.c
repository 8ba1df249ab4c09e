/*
** The words of an item, its overlap and its features. See lexical_model.h.
*/
#include "judge/lexical_model.h"

#include <math.h>
#include <string.h>
#include "core/mem.h"

#define ALTERNATIVES_MAX 1000 /* of one expected response */

const char *const jg_lexical_feature_names[JG_LEXICAL_FEATURES] = {
    "weighed_question_words", "sentences", "words", "reference_words",
    "answer_words_in_reference"};

/* ---- references ---- */

/* Room for one more reference, initialised. */
static struct jg_words *new_reference(struct jg_lexical_item *out, size_t *cap,
                                      struct jg_err *err) {
  struct jg_words *words;

  if (jg_mem_grow(&out->references, cap, out->reference_count + 1,
                  sizeof *out->references, err) != JG_OK) {
    return NULL;
  }
  words = &out->references[out->reference_count++];
  jg_words_init(words);
  return words;
}

static int add_alternatives(struct jg_lexical_item *out,
                            const struct jg_json *list, struct jg_err *err) {
  const struct jg_json *child;
  struct jg_words *words;
  size_t cap = 0;

  for (child = jg_json_first(list);
       child != NULL && out->reference_count < ALTERNATIVES_MAX;
       child = jg_json_next(child)) {
    words = new_reference(out, &cap, err);
    if (words == NULL || jg_words_add_json(words, child, err) != JG_OK) {
      return err->code;
    }
  }
  return JG_OK;
}

static int add_reference(struct jg_lexical_item *out,
                         const struct jg_json *item, struct jg_err *err) {
  size_t cap = 0;
  struct jg_words *words = new_reference(out, &cap, err);

  return words == NULL ? (int)err->code : jg_words_add_json(words, item, err);
}

/* A text that is itself a JSON list holds alternatives too. */
static int add_text(struct jg_lexical_item *out, const struct jg_json *item,
                    struct jg_err *err) {
  const char *text = jg_json_text(item);
  struct jg_err why = {0};
  struct jg_json *list = NULL;

  if (text[strspn(text, " \t\r\n")] == '[') {
    jg_json_parse(text, strlen(text), &list, &why);
    if (why.code == JG_NOMEM) {
      return jg_err_nomem(err);
    }
  }
  if (list == NULL) {
    return add_reference(out, item, err);
  }
  add_alternatives(out, list, err);
  jg_json_free(list);
  return err->code;
}

/* expected_response: a text or a list of alternatives; expected_facts: the
** words of all facts together. */
static int read_references(struct jg_lexical_item *out,
                           const char *expectations, struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  const struct jg_json *response, *facts;

  if (expectations == NULL) {
    return JG_OK;
  }
  if (jg_json_parse(expectations, strlen(expectations), &root, &why) != JG_OK) {
    return why.code == JG_NOMEM ? jg_err_nomem(err) : JG_OK;
  }
  response = jg_json_get(root, "expected_response");
  facts = jg_json_get(root, "expected_facts");
  if (jg_json_type(response) == JG_JSON_ARRAY) {
    add_alternatives(out, response, err);
  } else if (jg_json_type(response) == JG_JSON_TEXT) {
    add_text(out, response, err);
  } else if (jg_json_type(response) != JG_JSON_NULL) {
    add_reference(out, response, err);
  } else if (jg_json_type(facts) != JG_JSON_NULL) {
    add_reference(out, facts, err);
  }
  jg_json_free(root);
  return err->code;
}

/* ---- the item ---- */

int jg_lexical_item_read(const struct jg_item *item,
                         struct jg_lexical_item *out, struct jg_err *err) {
  size_t i;

  memset(out, 0, sizeof *out);
  jg_words_init(&out->question);
  jg_words_init(&out->answer);
  if (jg_words_add_field(&out->question, item->inputs, err) != JG_OK ||
      jg_words_add_field(&out->answer, item->outputs, err) != JG_OK ||
      read_references(out, item->expectations, err) != JG_OK ||
      jg_words_index(&out->question, err) != JG_OK ||
      jg_words_index(&out->answer, err) != JG_OK) {
    jg_lexical_item_dispose(out);
    return err->code;
  }
  for (i = 0; i < out->reference_count; i++) {
    if (jg_words_index(&out->references[i], err) != JG_OK) {
      jg_lexical_item_dispose(out);
      return err->code;
    }
  }
  return JG_OK;
}

void jg_lexical_item_dispose(struct jg_lexical_item *item) {
  size_t i;

  if (item == NULL) {
    return;
  }
  jg_words_dispose(&item->question);
  jg_words_dispose(&item->answer);
  for (i = 0; i < item->reference_count; i++) {
    jg_words_dispose(&item->references[i]);
  }
  jg_mem_free(item->references);
  memset(item, 0, sizeof *item);
}

/* Is a the greater share? A share of nothing is below every other. */
static int is_greater(struct jg_share a, struct jg_share b) {
  if (a.total == 0 || b.total == 0) {
    return a.total > b.total;
  }
  return a.hits * b.total > b.hits * a.total;
}

/* The reference found best, and the share of its words; total 0: none. */
static struct jg_share best_reference(const struct jg_lexical_item *item,
                                      const struct jg_words **best) {
  struct jg_share share = {0, 0}, other;
  size_t i;

  *best = NULL;
  for (i = 0; i < item->reference_count; i++) {
    other = jg_words_share(&item->references[i], &item->answer, 1);
    if (is_greater(other, share)) {
      share = other;
      *best = &item->references[i];
    }
  }
  return share;
}

struct jg_share jg_lexical_overlap(const struct jg_lexical_item *item,
                                   int *reference) {
  const struct jg_words *best;
  struct jg_share share = best_reference(item, &best);

  *reference = share.total > 0;
  return *reference ? share : jg_words_share(&item->question, &item->answer, 1);
}

size_t jg_lexical_bin(struct jg_share share, size_t count) {
  size_t bin = share.total == 0 ? 0 : share.hits * count / share.total;
  return bin < count ? bin : count - 1;
}

static double ratio(struct jg_share share) {
  return share.total == 0 ? 0 : (double)share.hits / (double)share.total;
}

void jg_lexical_features(const struct jg_lexical_item *item,
                         const struct jg_rarity *rarity,
                         double features[JG_LEXICAL_FEATURES]) {
  const struct jg_words *best;
  struct jg_share reference = best_reference(item, &best);

  features[JG_FEATURE_WEIGHED] =
      jg_words_weighed(&item->question, &item->answer, rarity);
  features[JG_FEATURE_SENTENCES] = log(1 + (double)item->answer.sentences);
  features[JG_FEATURE_WORDS] = log(1 + (double)item->answer.count);
  features[JG_FEATURE_REFERENCE] = ratio(reference);
  features[JG_FEATURE_PRECISION] =
      best == NULL ? 0 : ratio(jg_words_share(&item->answer, best, 1));
}
