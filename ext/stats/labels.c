/* Interned labels and counts of pairs; see labels.h. */
#include "stats/labels.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

#define FIRST_SLOTS 16
#define MOST_LABELS ((size_t)1 << 31)
#define TWO_TO_63 9223372036854775808.0

/* -- hashing and equality ------------------------------------------------ */

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static uint64_t word_at(const char *text) {
  uint64_t word;
  memcpy(&word, text, sizeof word);
  return word;
}

/* Eight bytes a turn; the last word overlaps the one before it, so a text of 8
** to 16 bytes takes two words and a shorter one is padded. */
static uint64_t hash_text(const char *text, size_t len) {
  uint64_t hash = (uint64_t)len * 0x9e3779b97f4a7c15u;
  uint64_t last = 0;
  if (len >= sizeof last) {
    size_t at = 0;
    for (; at + sizeof last < len; at += sizeof last) {
      hash = (hash ^ word_at(text + at)) * 0x9fb21c651e98df25u;
      hash ^= hash >> 32;
    }
    last = word_at(text + len - sizeof last);
  } else {
    for (size_t i = 0; i < len; i++) {
      last = last << 8 | (unsigned char)text[i];
    }
  }
  return mix(hash ^ last);
}

/* A real that equals an integer: it is kept as that, so that a table shows 1
** whichever of 1 and 1.0 came first. */
static int is_whole(const struct jg_value *value) {
  double x = value->real;
  return value->type == JG_REAL && x >= -TWO_TO_63 && x < TWO_TO_63 &&
         (double)(int64_t)x == x;
}

/* A real that is a whole number hashes as that integer, as they are equal. */
static uint64_t hash_value(const struct jg_value *value) {
  if (value->type == JG_TEXT) {
    return hash_text(value->text, value->len);
  }
  if (value->type == JG_REAL && !is_whole(value)) {
    uint64_t bits;
    memcpy(&bits, &value->real, sizeof bits);
    return mix(bits ^ 0x5851f42d4c957f2du);
  }
  int64_t whole =
      value->type == JG_REAL ? (int64_t)value->real : value->integer;
  return mix((uint64_t)whole + 0x9e3779b97f4a7c15u);
}

static int same(const struct jg_value *a, const struct jg_value *b) {
  if (a->type == JG_TEXT && b->type == JG_TEXT) {
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
  }
  return jg_value_equal(a, b);
}

char *jg_label_show(const struct jg_value *value,
                    char shown[JG_LABEL_SHOWN_BYTES]) {
  if (value->type == JG_TEXT) {
    size_t room = JG_LABEL_SHOWN_BYTES - sizeof "\"...\"";
    size_t len = jg_text_cut(value->text, value->len, room);
    const char *end = len < value->len ? "...\"" : "\"";
    snprintf(shown, JG_LABEL_SHOWN_BYTES, "\"%.*s%s", (int)len, value->text,
             end);
  } else if (value->type == JG_INT) {
    snprintf(shown, JG_LABEL_SHOWN_BYTES, "%lld", (long long)value->integer);
  } else if (value->type == JG_REAL) {
    struct jg_buf buf;
    jg_buf_init(&buf, JG_LABEL_SHOWN_BYTES - 1);
    jg_buf_real(&buf, value->real);
    snprintf(shown, JG_LABEL_SHOWN_BYTES, "%s", jg_buf_text(&buf));
    jg_buf_dispose(&buf);
  } else {
    snprintf(shown, JG_LABEL_SHOWN_BYTES, "NULL");
  }
  return shown;
}

/* -- the table of labels ------------------------------------------------- */

void jg_labels_init(struct jg_labels *labels, int keep_pairs) {
  memset(labels, 0, sizeof *labels);
  labels->keep_pairs = keep_pairs;
}

static void free_label(struct jg_label *label) {
  if (label != NULL && label->value.text != label->brief) {
    jg_value_dispose(&label->value);
  }
  jg_mem_free(label);
}

void jg_labels_dispose(struct jg_labels *labels) {
  for (size_t i = 0; i < labels->count; i++) {
    free_label(labels->label[i]);
  }
  jg_mem_free(labels->label);
  jg_mem_free(labels->slot);
  jg_mem_free(labels->pair);
  jg_mem_free(labels->sorted);
  memset(labels, 0, sizeof *labels);
}

int jg_labels_is_live(const struct jg_labels *labels, size_t id) {
  const struct jg_label *label = labels->label[id];
  return id < labels->declared ||
         (label != NULL && (label->human != 0 || label->judge != 0));
}

/* The slot that holds the value, or the empty one where it belongs. */
static size_t seek(const struct jg_labels *labels, const struct jg_value *value,
                   uint64_t hash) {
  size_t mask = labels->slot_cap - 1;
  size_t at = (size_t)hash & mask;
  while (labels->slot[at] != 0) {
    const struct jg_label *label = labels->label[labels->slot[at] - 1];
    if (label->hash == hash && same(&label->value, value)) {
      break;
    }
    at = (at + 1) & mask;
  }
  return at;
}

/* Enters all labels into the empty hash table. */
static void fill_slots(struct jg_labels *labels) {
  size_t cap = labels->slot_cap;
  assert(cap > 0 && (cap & (cap - 1)) == 0);
  labels->slots_used = 0;
  for (size_t id = 0; id < labels->count; id++) {
    if (labels->label[id] == NULL) {
      continue;
    }
    size_t at = (size_t)labels->label[id]->hash & (cap - 1);
    while (labels->slot[at] != 0) {
      at = (at + 1) & (cap - 1);
    }
    labels->slot[at] = (uint32_t)id + 1;
    labels->slots_used++;
  }
  assert(labels->slots_used <= cap / 2); /* so that a search ends */
}

static int grow_slots(struct jg_labels *labels, size_t cap,
                      struct jg_err *err) {
  uint32_t *slot = jg_mem_new(cap, sizeof *slot, err);
  if (slot == NULL) {
    return JG_NOMEM;
  }
  jg_mem_free(labels->slot);
  labels->slot = slot;
  labels->slot_cap = cap;
  fill_slots(labels);
  return JG_OK;
}

static size_t pair_place(const struct jg_pair *pair, size_t cap, uint32_t human,
                         uint32_t judge) {
  uint64_t key = (uint64_t)human << 32 | judge;
  size_t at = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (cap - 1);
  while (pair[at].used &&
         (pair[at].human != human || pair[at].judge != judge)) {
    at = (at + 1) & (cap - 1);
  }
  return at;
}

/* Builds the table of pairs anew with cap places, without those gone. */
static int rebuild_pairs(struct jg_labels *labels, size_t cap,
                         struct jg_err *err) {
  assert((cap & (cap - 1)) == 0 && labels->pairs_live < cap);
  struct jg_pair *pair = jg_mem_new(cap, sizeof *pair, err);
  if (pair == NULL) {
    return JG_NOMEM;
  }
  for (size_t i = 0; i < labels->pair_cap; i++) {
    const struct jg_pair *old = &labels->pair[i];
    if (old->count != 0) {
      pair[pair_place(pair, cap, old->human, old->judge)] = *old;
    }
  }
  jg_mem_free(labels->pair);
  labels->pair = pair;
  labels->pair_cap = cap;
  labels->pairs_used = labels->pairs_live;
  return JG_OK;
}

/* Frees the labels that are gone, all but the one with the id spared. */
static int sweep_labels(struct jg_labels *labels, size_t spared,
                        struct jg_err *err) {
  /* Pairs that are gone may name a label that is: they go first. */
  if (labels->pair_cap != 0 &&
      rebuild_pairs(labels, labels->pair_cap, err) != JG_OK) {
    return err->code;
  }
  for (size_t id = labels->declared; id < labels->count; id++) {
    if (id != spared && !jg_labels_is_live(labels, id)) {
      free_label(labels->label[id]);
      labels->label[id] = NULL;
    }
  }
  labels->free_at = labels->declared;
  memset(labels->slot, 0, labels->slot_cap * sizeof *labels->slot);
  fill_slots(labels);
  return JG_OK;
}

/* Makes room for one more label: at most half of the slots are in use. */
static int make_room(struct jg_labels *labels, size_t spared,
                     struct jg_err *err) {
  if (labels->slots_used + 1 <= labels->slot_cap / 2) {
    return JG_OK;
  }
  size_t live = labels->declared;
  for (size_t id = live; id < labels->count; id++) {
    live += jg_labels_is_live(labels, id) ? 1u : 0u;
  }
  if (live < labels->slots_used / 2) {
    return sweep_labels(labels, spared, err);
  }
  size_t cap = labels->slot_cap == 0 ? FIRST_SLOTS : labels->slot_cap * 2;
  if (cap > MOST_LABELS) {
    return jg_err_set(err, JG_ERROR, "more than a billion distinct labels");
  }
  return grow_slots(labels, cap, err);
}

static struct jg_label *new_label(const struct jg_value *value, uint64_t hash,
                                  struct jg_err *err) {
  struct jg_label *label = jg_mem_new(1, sizeof *label, err);
  if (label == NULL) {
    return NULL;
  }
  label->hash = hash;
  if (is_whole(value)) {
    label->value = jg_value_int((int64_t)value->real);
  } else if (value->type == JG_TEXT && value->len < JG_LABEL_INLINE_BYTES) {
    label->value = *value;
    label->value.text = label->brief;
    memcpy(label->brief, value->text, value->len);
  } else if (jg_value_copy(&label->value, value, err) != JG_OK) {
    jg_mem_free(label);
    return NULL;
  }
  return label;
}

/* A place in label: the first free id after a sweep, else a new one. */
static int new_id(struct jg_labels *labels, size_t *id, struct jg_err *err) {
  if (labels->slots_used < labels->count) {
    while (labels->label[labels->free_at] != NULL) {
      labels->free_at++;
    }
    assert(labels->free_at < labels->count);
    *id = labels->free_at;
    return JG_OK;
  }
  if (jg_mem_grow(&labels->label, &labels->label_cap, labels->count + 1,
                  sizeof *labels->label, err) != JG_OK) {
    return err->code;
  }
  *id = labels->count;
  return JG_OK;
}

static int add_label(struct jg_labels *labels, const struct jg_value *value,
                     uint64_t hash, size_t spared, uint32_t *out,
                     struct jg_err *err) {
  size_t id = 0;
  if (make_room(labels, spared, err) != JG_OK ||
      new_id(labels, &id, err) != JG_OK) {
    return err->code;
  }
  struct jg_label *label = new_label(value, hash, err);
  if (label == NULL) {
    return JG_NOMEM;
  }
  labels->label[id] = label;
  labels->count = id == labels->count ? id + 1 : labels->count;
  labels->slot[seek(labels, value, hash)] = (uint32_t)id + 1;
  labels->slots_used++;
  *out = (uint32_t)id;
  return JG_OK;
}

static int refuse_label(const struct jg_labels *labels,
                        const struct jg_value *value, struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  struct jg_buf list;
  jg_buf_init(&list, JG_ERR_BYTES);
  size_t most = labels->declared < 10 ? labels->declared : 10;
  for (size_t i = 0; i < most; i++) {
    const struct jg_value *known = &labels->label[i]->value;
    jg_buf_puts(&list, i == 0 ? "" : ", ");
    jg_buf_puts(&list, jg_label_show(known, shown));
  }
  jg_buf_puts(&list, most < labels->declared ? ", ..." : "");
  int number = value->type != JG_TEXT;
  int numbers = labels->label[0]->value.type != JG_TEXT;
  jg_err_set(err, JG_ERROR, "label %s is not among those declared: %s%s",
             jg_label_show(value, shown), jg_buf_text(&list),
             number == numbers ? "" : " (a number never equals a text)");
  jg_buf_dispose(&list);
  return err->code;
}

/* The id of the value, interned when new; spared is kept by any sweep. */
static int intern(struct jg_labels *labels, const struct jg_value *value,
                  size_t spared, uint32_t *id, struct jg_err *err) {
  uint64_t hash = hash_value(value);
  if (labels->slot_cap != 0) {
    uint32_t found = labels->slot[seek(labels, value, hash)];
    if (found != 0) {
      *id = found - 1;
      return JG_OK;
    }
  }
  if (labels->declared != 0) {
    return refuse_label(labels, value, err);
  }
  return add_label(labels, value, hash, spared, id, err);
}

int jg_labels_declare(struct jg_labels *labels, const struct jg_value *value,
                      struct jg_err *err) {
  char shown[JG_LABEL_SHOWN_BYTES];
  uint32_t id = 0;
  assert(labels->n == 0 && labels->declared == labels->count);
  if (jg_labels_find(labels, value) >= 0) {
    return jg_err_set(err, JG_ERROR, "label %s is declared twice",
                      jg_label_show(value, shown));
  }
  if (add_label(labels, value, hash_value(value), SIZE_MAX, &id, err) !=
      JG_OK) {
    return err->code;
  }
  labels->declared++;
  labels->sorted_fresh = 0;
  return JG_OK;
}

int64_t jg_labels_find(const struct jg_labels *labels,
                       const struct jg_value *value) {
  if (labels->slot_cap == 0) {
    return -1;
  }
  uint32_t found = labels->slot[seek(labels, value, hash_value(value))];
  return found != 0 && jg_labels_is_live(labels, found - 1) ? (int64_t)found - 1
                                                            : -1;
}

/* -- counting ------------------------------------------------------------ */

/* The place of a pair, made when new. */
static int intern_pair(struct jg_labels *labels, uint32_t human, uint32_t judge,
                       struct jg_pair **out, struct jg_err *err) {
  size_t at = 0;
  if (labels->pair_cap != 0) {
    at = pair_place(labels->pair, labels->pair_cap, human, judge);
  }
  if (labels->pair_cap == 0 || !labels->pair[at].used) {
    if (labels->pairs_used + 1 > labels->pair_cap / 2) {
      int sweep = labels->pairs_live < labels->pairs_used / 2;
      size_t cap = labels->pair_cap == 0 ? FIRST_SLOTS
                   : sweep               ? labels->pair_cap
                                         : labels->pair_cap * 2;
      if (rebuild_pairs(labels, cap, err) != JG_OK) {
        return err->code;
      }
      at = pair_place(labels->pair, labels->pair_cap, human, judge);
    }
    labels->pair[at] =
        (struct jg_pair){.human = human, .judge = judge, .used = 1};
    labels->pairs_used++;
  }
  *out = &labels->pair[at];
  return JG_OK;
}

/* Adds times pairs of these two labels. */
static void count_up(struct jg_labels *labels, uint32_t human, uint32_t judge,
                     struct jg_pair *pair, uint64_t times) {
  struct jg_label *h = labels->label[human];
  struct jg_label *j = labels->label[judge];
  jg_wide t = times;
  if ((h->human | h->judge) == 0 || (j->human | j->judge) == 0) {
    labels->sorted_fresh = 0;
  }
  labels->cross += t * (jg_wide)h->judge;
  labels->human_squares += t * (2 * (jg_wide)h->human + t);
  h->human += times;
  labels->cross += t * (jg_wide)j->human;
  labels->judge_squares += t * (2 * (jg_wide)j->judge + t);
  j->judge += times;
  if (human == judge) {
    h->both += times;
    labels->agree += times;
  }
  labels->n += times;
  if (pair != NULL) {
    labels->pairs_live += pair->count == 0;
    pair->count += times;
  }
}

static void count_down(struct jg_labels *labels, uint32_t human, uint32_t judge,
                       struct jg_pair *pair) {
  struct jg_label *h = labels->label[human];
  struct jg_label *j = labels->label[judge];
  h->human--;
  labels->cross -= (jg_wide)h->judge;
  labels->human_squares -= 2 * (jg_wide)h->human + 1;
  j->judge--;
  labels->cross -= (jg_wide)j->human;
  labels->judge_squares -= 2 * (jg_wide)j->judge + 1;
  if (human == judge) {
    h->both--;
    labels->agree--;
  }
  labels->n--;
  if (pair != NULL) {
    pair->count--;
    labels->pairs_live -= pair->count == 0;
  }
  if ((h->human | h->judge) == 0 || (j->human | j->judge) == 0) {
    labels->sorted_fresh = 0;
  }
}

int jg_labels_step_times(struct jg_labels *labels, const struct jg_value *human,
                         const struct jg_value *judge, uint64_t times,
                         struct jg_err *err) {
  uint32_t h = 0;
  uint32_t j = 0;
  struct jg_pair *pair = NULL;
  assert(human->type != JG_NULL && judge->type != JG_NULL && times > 0);
  if (times > JG_MOST_PAIRS || labels->n + times > JG_MOST_PAIRS) {
    return jg_err_set(err, JG_ERROR, "more than 2^48 pairs");
  }
  if (intern(labels, human, SIZE_MAX, &h, err) != JG_OK ||
      intern(labels, judge, h, &j, err) != JG_OK) {
    return err->code;
  }
  if (labels->keep_pairs && intern_pair(labels, h, j, &pair, err) != JG_OK) {
    return err->code;
  }
  count_up(labels, h, j, pair, times);
  return JG_OK;
}

int jg_labels_step(struct jg_labels *labels, const struct jg_value *human,
                   const struct jg_value *judge, struct jg_err *err) {
  return jg_labels_step_times(labels, human, judge, 1, err);
}

int jg_labels_inverse(struct jg_labels *labels, const struct jg_value *human,
                      const struct jg_value *judge, struct jg_err *err) {
  int64_t h = jg_labels_find(labels, human);
  int64_t j = jg_labels_find(labels, judge);
  struct jg_pair *pair = NULL;
  int known = h >= 0 && j >= 0 && labels->label[h]->human > 0 &&
              labels->label[j]->judge > 0;
  if (known && labels->keep_pairs) {
    pair = &labels->pair[pair_place(labels->pair, labels->pair_cap, (uint32_t)h,
                                    (uint32_t)j)];
    known = pair->count > 0;
  }
  if (!known) {
    return jg_err_set(err, JG_ERROR, "a pair is taken back that was not in");
  }
  count_down(labels, (uint32_t)h, (uint32_t)j, pair);
  return JG_OK;
}

/* Margins alone cannot be stepped pair by pair: add them label by label. */
static int merge_margins(struct jg_labels *to, const struct jg_labels *from,
                         struct jg_err *err) {
  for (size_t i = 0; i < from->count; i++) {
    if (from->label[i] == NULL || !jg_labels_is_live(from, i)) {
      continue;
    }
    const struct jg_label *other = from->label[i];
    uint32_t id = 0;
    if (intern(to, &other->value, SIZE_MAX, &id, err) != JG_OK) {
      return err->code;
    }
    struct jg_label *mine = to->label[id];
    jg_wide human = mine->human;
    jg_wide judge = mine->judge;
    mine->human += other->human;
    mine->judge += other->judge;
    mine->both += other->both;
    to->cross += (jg_wide)mine->human * (jg_wide)mine->judge - human * judge;
    to->human_squares +=
        (jg_wide)mine->human * (jg_wide)mine->human - human * human;
    to->judge_squares +=
        (jg_wide)mine->judge * (jg_wide)mine->judge - judge * judge;
  }
  to->n += from->n;
  to->agree += from->agree;
  to->sorted_fresh = 0;
  return JG_OK;
}

int jg_labels_merge(struct jg_labels *to, const struct jg_labels *from,
                    struct jg_err *err) {
  assert(to->keep_pairs == from->keep_pairs);
  assert(to->declared == from->declared);
  if (!from->keep_pairs) {
    return merge_margins(to, from, err);
  }
  for (size_t i = 0; i < from->pair_cap; i++) {
    const struct jg_pair *pair = &from->pair[i];
    if (pair->count != 0 &&
        jg_labels_step_times(to, &from->label[pair->human]->value,
                             &from->label[pair->judge]->value, pair->count,
                             err) != JG_OK) {
      return err->code;
    }
  }
  return JG_OK;
}

uint64_t jg_labels_pair(const struct jg_labels *labels, uint32_t human,
                        uint32_t judge) {
  if (labels->pair_cap == 0) {
    return 0;
  }
  return labels->pair[pair_place(labels->pair, labels->pair_cap, human, judge)]
      .count;
}

/* -- order --------------------------------------------------------------- */

struct ordered {
  const struct jg_value *value; /* to sort by */
  uint32_t id;                  /* whose value it is */
};

static int by_value(const void *a, const void *b) {
  const struct ordered *x = a;
  const struct ordered *y = b;
  return jg_value_compare(x->value, y->value);
}

static int sort_labels(struct jg_labels *labels, struct jg_err *err) {
  struct ordered *list = jg_mem_new(labels->count, sizeof *list, err);
  if (list == NULL) {
    return JG_NOMEM;
  }
  size_t count = 0;
  for (size_t id = 0; id < labels->count; id++) {
    if (labels->label[id] != NULL && jg_labels_is_live(labels, id)) {
      list[count].value = &labels->label[id]->value;
      list[count++].id = (uint32_t)id;
    }
  }
  if (labels->declared == 0) {
    qsort(list, count, sizeof *list, by_value);
  }
  if (jg_mem_grow(&labels->sorted, &labels->sorted_cap, count,
                  sizeof *labels->sorted, err) == JG_OK) {
    for (size_t i = 0; i < count; i++) {
      labels->sorted[i] = list[i].id;
    }
    labels->sorted_count = count;
    labels->sorted_fresh = 1;
    labels->sorts++;
  }
  jg_mem_free(list);
  return err->code;
}

int jg_labels_sorted(struct jg_labels *labels, const uint32_t **ids,
                     size_t *count, struct jg_err *err) {
  if (!labels->sorted_fresh) {
    if (labels->count == 0) {
      *ids = NULL;
      *count = 0;
      return JG_OK;
    }
    if (sort_labels(labels, err) != JG_OK) {
      return err->code;
    }
  }
  *ids = labels->sorted;
  *count = labels->sorted_count;
  return JG_OK;
}
