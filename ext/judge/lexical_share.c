/*
** Words of traces, their index, and shares. See lexical_words.h.
*/
#include "judge/lexical_words.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"

#define NEAR_BYTES 6 /* of a common beginning */
#define NEAR_LOOK 8  /* neighbours in the index looked at, each way */

void jg_words_init(struct jg_words *words) {
  memset(words, 0, sizeof *words);
  jg_buf_init(&words->text, (size_t)JG_WORDS_MAX * JG_WORD_MAX_BYTES * 2);
}

void jg_words_clear(struct jg_words *words) {
  jg_buf_clear(&words->text);
  jg_mem_free(words->unique);
  words->unique = NULL;
  words->count = words->sentences = words->unique_count = 0;
}

void jg_words_dispose(struct jg_words *words) {
  if (words == NULL) {
    return;
  }
  jg_buf_dispose(&words->text);
  jg_mem_free(words->items);
  jg_mem_free(words->unique);
  memset(words, 0, sizeof *words);
}

/* ---- fields of traces ---- */

int jg_words_add_json(struct jg_words *words, const struct jg_json *item,
                      struct jg_err *err) {
  struct jg_buf number;
  const struct jg_json *child;
  const char *text;

  switch (jg_json_type(item)) {
  case JG_JSON_TEXT:
    text = jg_json_text(item);
    return jg_words_add(words, text, strlen(text), err);
  case JG_JSON_NUMBER:
    jg_buf_init(&number, 64);
    jg_json_write(item, &number);
    if (jg_buf_check(&number, err) == JG_OK) {
      jg_words_add(words, jg_buf_text(&number), number.len, err);
    }
    jg_buf_dispose(&number);
    return err->code;
  case JG_JSON_ARRAY:
  case JG_JSON_OBJECT:
    /* The parser allows 64 levels: no deeper than that. */
    for (child = jg_json_first(item); child != NULL;
         child = jg_json_next(child)) {
      if (jg_words_add_json(words, child, err) != JG_OK) {
        return err->code;
      }
    }
    return JG_OK;
  default:
    return JG_OK;
  }
}

int jg_words_add_field(struct jg_words *words, const char *text,
                       struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  const char *start = text;

  if (text == NULL) {
    return JG_OK;
  }
  start += strspn(text, " \t\r\n");
  if (*start == '{' || *start == '[' || *start == '"') {
    if (jg_json_parse(text, strlen(text), &root, &why) == JG_OK) {
      jg_words_add_json(words, root, err);
      jg_json_free(root);
      return err->code;
    }
    if (why.code == JG_NOMEM) {
      return jg_err_nomem(err);
    }
  }
  return jg_words_add(words, text, strlen(text), err);
}

/* ---- the index ---- */

static int compare(const char *a, size_t a_bytes, const char *b,
                   size_t b_bytes) {
  int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
  return order != 0 ? order : a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
}

static const char *text_of(const struct jg_words *words,
                           const struct jg_word *word) {
  return words->text.data + word->at;
}

/* Merge sort of items into from, with into as room: no qsort, whose callback
** could not see the text the words stand in. */
static void sort_words(const struct jg_words *words, struct jg_word *from,
                       struct jg_word *room, size_t count) {
  size_t half = count / 2, i = 0, j = half, n = 0;

  if (count < 2) {
    return;
  }
  sort_words(words, from, room, half);
  sort_words(words, from + half, room, count - half);
  while (i < half && j < count) {
    int order = compare(text_of(words, &from[i]), from[i].bytes,
                        text_of(words, &from[j]), from[j].bytes);
    room[n++] = order <= 0 ? from[i++] : from[j++];
  }
  while (i < half) {
    room[n++] = from[i++];
  }
  memcpy(from, room, n * sizeof *from);
}

int jg_words_index(struct jg_words *words, struct jg_err *err) {
  struct jg_word *room = NULL, *sorted;
  size_t i, n = 0;

  assert(words->unique == NULL);
  words->unique = jg_mem_new(words->count, sizeof *words->unique, err);
  room = jg_mem_new(words->count, sizeof *room, err);
  if (words->unique == NULL || room == NULL) {
    jg_mem_free(room);
    return err->code;
  }
  sorted = words->unique;
  if (words->count > 0) {
    memcpy(sorted, words->items, words->count * sizeof *sorted);
  }
  sort_words(words, sorted, room, words->count);
  for (i = 0; i < words->count; i++) {
    if (n == 0 || compare(text_of(words, &sorted[n - 1]), sorted[n - 1].bytes,
                          text_of(words, &sorted[i]), sorted[i].bytes) != 0) {
      sorted[n++] = sorted[i];
    }
  }
  words->unique_count = n;
  jg_mem_free(room);
  return JG_OK;
}

static size_t common_bytes(const char *a, size_t a_bytes, const char *b,
                           size_t b_bytes) {
  size_t n = 0;
  while (n < a_bytes && n < b_bytes && a[n] == b[n]) {
    n++;
  }
  return n;
}

/* Do words in the order beside place `at` begin like this one? */
static int has_near(const struct jg_words *words, size_t at, int step,
                    const char *word, size_t bytes) {
  size_t common, longer, looked;
  const struct jg_word *other;

  for (looked = 0; looked < NEAR_LOOK && at < words->unique_count; looked++) {
    other = &words->unique[at];
    common = common_bytes(word, bytes, text_of(words, other), other->bytes);
    longer = bytes > other->bytes ? bytes : other->bytes;
    if (common < NEAR_BYTES) {
      return 0;
    }
    if (common * 3 >= longer * 2) {
      return 1;
    }
    at = step > 0 ? at + 1 : at - 1; /* below 0 wraps over the count */
  }
  return 0;
}

int jg_words_has(const struct jg_words *words, const char *word, size_t bytes,
                 int near) {
  size_t low = 0, high = words->unique_count, middle;
  const struct jg_word *at;
  int order;

  assert(words->unique != NULL || words->count == 0); /* indexed */
  while (low < high) {
    middle = (low + high) / 2;
    at = &words->unique[middle];
    order = compare(word, bytes, text_of(words, at), at->bytes);
    if (order == 0) {
      return 1;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (!near || bytes < NEAR_BYTES || (word[0] >= '0' && word[0] <= '9')) {
    return 0;
  }
  return has_near(words, low, 1, word, bytes) ||
         has_near(words, low - 1, -1, word, bytes);
}

/* ---- shares ---- */

struct jg_share jg_words_share(const struct jg_words *of,
                               const struct jg_words *in, int content) {
  struct jg_share share = {0, 0};
  size_t i;

  for (i = 0; i < of->unique_count; i++) {
    if (!content || !of->unique[i].stop) {
      share.total++;
      share.hits += (size_t)jg_words_has(in, text_of(of, &of->unique[i]),
                                         of->unique[i].bytes, 1);
    }
  }
  return share.total == 0 && content ? jg_words_share(of, in, 0) : share;
}

double jg_rarity_weight(const struct jg_rarity *rarity, const char *word,
                        size_t bytes) {
  size_t low = 0, high = rarity->count, middle, count = 1;
  double n = (double)rarity->documents;
  int order;

  while (low < high) {
    middle = (low + high) / 2;
    order = compare(word, bytes, rarity->words[middle],
                    strlen(rarity->words[middle]));
    if (order == 0) {
      count = rarity->counts[middle];
      break;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (n < (double)count) {
    n = (double)count;
  }
  return log(1 + (n - (double)count + 0.5) / ((double)count + 0.5));
}

double jg_words_weighed(const struct jg_words *of, const struct jg_words *in,
                        const struct jg_rarity *rarity) {
  double hits = 0, total = 0, weight;
  size_t i;

  for (i = 0; i < of->unique_count; i++) {
    const char *word = text_of(of, &of->unique[i]);
    weight = jg_rarity_weight(rarity, word, of->unique[i].bytes);
    total += weight;
    if (jg_words_has(in, word, of->unique[i].bytes, 0)) {
      hits += weight;
    }
  }
  return total > 0 ? hits / total : 0;
}

void jg_rarity_dispose(struct jg_rarity *rarity) {
  size_t i;

  if (rarity == NULL) {
    return;
  }
  for (i = 0; i < rarity->count; i++) {
    jg_mem_free(rarity->words[i]);
  }
  jg_mem_free(rarity->words);
  jg_mem_free(rarity->counts);
  memset(rarity, 0, sizeof *rarity);
}
