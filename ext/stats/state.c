/* The counts of pairs as bytes; see state.h. */
#include "stats/state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"

#define MAGIC "JGA1"
#define MAGIC_BYTES 4

enum kind { KIND_INT = 1, KIND_REAL, KIND_TEXT };

/* -- writing -------------------------------------------------------------- */

static void put(struct jg_buf *to, uint64_t x) {
  while (x >= 0x80) {
    jg_buf_putc(to, (char)(x | 0x80));
    x >>= 7;
  }
  jg_buf_putc(to, (char)x);
}

static void put_label(struct jg_buf *to, const struct jg_value *label) {
  uint64_t bits;
  switch (label->type) {
  case JG_INT:
    put(to, KIND_INT);
    put(to,
        (uint64_t)label->integer << 1 ^ (label->integer < 0 ? UINT64_MAX : 0));
    break;
  case JG_TEXT:
    put(to, KIND_TEXT);
    put(to, label->len);
    jg_buf_add(to, label->text, label->len);
    break;
  default:
    put(to, KIND_REAL);
    memcpy(&bits, &label->real, sizeof bits);
    for (unsigned i = 0; i < 64; i += 8) {
      jg_buf_putc(to, (char)(bits >> i));
    }
  }
}

static int by_place(const void *a, const void *b) {
  const struct jg_pair *x = a;
  const struct jg_pair *y = b;
  if (x->human != y->human) {
    return x->human < y->human ? -1 : 1;
  }
  return x->judge < y->judge ? -1 : x->judge > y->judge;
}

/* The live pairs with places for ids, sorted; freed by the caller. */
static struct jg_pair *sort_pairs(const struct jg_labels *labels,
                                  const uint32_t *ids, size_t count,
                                  struct jg_err *err) {
  uint32_t *place = jg_mem_new(labels->count, sizeof *place, err);
  struct jg_pair *list = jg_mem_new(labels->pairs_live, sizeof *list, err);
  size_t used = 0;
  for (size_t i = 0; place != NULL && i < count; i++) {
    place[ids[i]] = (uint32_t)i;
  }
  for (size_t i = 0; err->code == JG_OK && i < labels->pair_cap; i++) {
    if (labels->pair[i].count > 0) {
      list[used] = labels->pair[i];
      list[used].human = place[list[used].human];
      list[used].judge = place[list[used].judge];
      used++;
    }
  }
  if (err->code == JG_OK) {
    qsort(list, used, sizeof *list, by_place);
    assert(used == labels->pairs_live);
  } else {
    jg_mem_free(list);
    list = NULL;
  }
  jg_mem_free(place);
  return list;
}

int jg_state_write(struct jg_labels *labels, struct jg_buf *to,
                   struct jg_err *err) {
  assert(labels->keep_pairs);
  const uint32_t *ids = NULL;
  size_t count = 0;
  if (jg_labels_sorted(labels, &ids, &count, err) != JG_OK) {
    return err->code;
  }
  struct jg_pair *pair = sort_pairs(labels, ids, count, err);
  if (pair == NULL) {
    return err->code;
  }
  jg_buf_add(to, MAGIC, MAGIC_BYTES);
  put(to, count);
  for (size_t i = 0; i < count; i++) {
    put_label(to, &labels->label[ids[i]]->value);
  }
  put(to, labels->pairs_live);
  for (size_t i = 0; i < labels->pairs_live; i++) {
    put(to, pair[i].human);
    put(to, pair[i].judge);
    put(to, pair[i].count);
  }
  jg_mem_free(pair);
  return jg_buf_check(to, err);
}

/* -- reading -------------------------------------------------------------- */

struct reader {
  const unsigned char *at;
  size_t left;
  int bad;
};

static uint64_t take(struct reader *r) {
  uint64_t x = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (r->left == 0) {
      break;
    }
    uint64_t byte = *r->at++;
    r->left--;
    x |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      return x;
    }
  }
  r->bad = 1;
  return 0;
}

static void take_real(struct reader *r, struct jg_value *to) {
  uint64_t bits = 0;
  double x;
  if (r->left < 8) {
    r->bad = 1;
    return;
  }
  for (unsigned i = 0; i < 8; i++) {
    bits |= (uint64_t)r->at[i] << (8 * i);
  }
  r->at += 8;
  r->left -= 8;
  memcpy(&x, &bits, sizeof x);
  r->bad |= isnan(x);
  *to = jg_value_real(x);
}

/* Texts are copied, since they want a terminator. */
static void take_text(struct reader *r, struct jg_value *to,
                      struct jg_err *err) {
  uint64_t len = take(r);
  if (r->bad || len > r->left ||
      !jg_text_is_utf8((const char *)r->at, (size_t)len)) {
    r->bad = 1;
    return;
  }
  to->text = jg_mem_textn((const char *)r->at, (size_t)len, err);
  if (to->text != NULL) {
    to->type = JG_TEXT;
    to->len = (size_t)len;
  }
  r->at += len;
  r->left -= (size_t)len;
}

static void take_label(struct reader *r, struct jg_value *to,
                       struct jg_err *err) {
  uint64_t x = 0;
  switch (take(r)) {
  case KIND_INT:
    x = take(r);
    *to = jg_value_int((int64_t)(x >> 1 ^ (x & 1 ? UINT64_MAX : 0)));
    break;
  case KIND_REAL:
    take_real(r, to);
    break;
  case KIND_TEXT:
    take_text(r, to, err);
    break;
  default:
    r->bad = 1;
  }
}

struct counted {
  uint64_t human, judge; /* places of labels */
  uint64_t count;
};

static struct counted take_pair(struct reader *r, uint64_t labels) {
  struct counted pair;
  pair.human = take(r);
  pair.judge = take(r);
  pair.count = take(r);
  r->bad |= pair.human >= labels || pair.judge >= labels || pair.count == 0;
  return pair;
}

/* All pairs are looked at before one is added: a metric that ranks them keeps
** each, and a damaged count would fill the memory first. */
static void check_pairs(struct reader r, uint64_t labels, int *bad) {
  uint64_t pairs = take(&r);
  uint64_t n = 0;
  for (uint64_t i = 0; !r.bad && i < pairs; i++) {
    uint64_t count = take_pair(&r, labels).count;
    r.bad |= count > JG_MOST_PAIRS - n;
    n += r.bad ? 0 : count;
  }
  *bad |= r.bad || r.left > 0;
}

static int add_pairs(struct reader *r, const struct jg_value *label,
                     uint64_t labels, struct jg_accumulator *acc,
                     struct jg_err *err) {
  uint64_t pairs = take(r);
  for (uint64_t i = 0; i < pairs && err->code == JG_OK; i++) {
    struct counted pair = take_pair(r, labels);
    assert(!r->bad); /* check_pairs() saw to it */
    jg_accumulator_step_times(acc, &label[pair.judge], &label[pair.human],
                              pair.count, err);
  }
  return err->code;
}

int jg_state_add(const void *bytes, size_t count, struct jg_accumulator *acc,
                 struct jg_err *err) {
  struct reader r = {bytes, count, 0};
  struct jg_value *label = NULL;
  uint64_t labels = 0;
  if (count < MAGIC_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0) {
    return jg_err_set(err, JG_ERROR, "not a state that agreement_state() made");
  }
  r.at += MAGIC_BYTES;
  r.left -= MAGIC_BYTES;
  labels = take(&r);
  r.bad |= labels > r.left; /* each takes a byte or more */
  if (!r.bad) {
    label = jg_mem_new((size_t)labels, sizeof *label, err);
  }
  for (uint64_t i = 0; label != NULL && !r.bad && i < labels; i++) {
    take_label(&r, &label[i], err);
  }
  if (label != NULL && !r.bad && err->code == JG_OK) {
    check_pairs(r, labels, &r.bad);
  }
  if (label != NULL && !r.bad && err->code == JG_OK) {
    add_pairs(&r, label, labels, acc, err);
  }
  for (uint64_t i = 0; label != NULL && i < labels; i++) {
    jg_value_dispose(&label[i]);
  }
  jg_mem_free(label);
  if (err->code == JG_OK && r.bad) {
    jg_err_set(err, JG_ERROR, "the state is damaged");
  }
  return err->code;
}
