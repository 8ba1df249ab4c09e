/* See lexical_rarity.h. */
#include "align/lexical_rarity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"

#define FIRST_ROOM 1024

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *word, size_t bytes) {
  uint64_t h = 14695981039346656037u;
  size_t i;

  for (i = 0; i < bytes; i++) {
    h = (h ^ (unsigned char)word[i]) * 1099511628211u;
  }
  return h;
}

/* Where the word is or may be put. */
static struct jg_counter_slot *find(struct jg_counter_slot *slots, size_t room,
                                    const char *word, size_t bytes) {
  size_t at = (size_t)hash(word, bytes) & (room - 1);

  assert(room > 0 && (room & (room - 1)) == 0);
  while (slots[at].word != NULL && (strlen(slots[at].word) != bytes ||
                                    memcmp(slots[at].word, word, bytes) != 0)) {
    at = (at + 1) & (room - 1);
  }
  return &slots[at];
}

static int grow(struct jg_counter *counter, struct jg_err *err) {
  size_t room = counter->room == 0 ? FIRST_ROOM : counter->room * 2, i;
  struct jg_counter_slot *slots, *old = counter->slots;

  slots = jg_mem_new(room, sizeof *slots, err);
  if (slots == NULL) {
    return err->code;
  }
  for (i = 0; i < counter->room; i++) {
    if (old[i].word != NULL) {
      *find(slots, room, old[i].word, strlen(old[i].word)) = old[i];
    }
  }
  jg_mem_free(old);
  counter->slots = slots;
  counter->room = room;
  return JG_OK;
}

int jg_counter_add(struct jg_counter *counter, const struct jg_words *words,
                   struct jg_err *err) {
  struct jg_counter_slot *slot;
  size_t i;

  counter->documents++;
  for (i = 0; i < words->unique_count; i++) {
    const char *word = words->text.data + words->unique[i].at;
    size_t bytes = words->unique[i].bytes;
    if (counter->used * 2 >= counter->room && grow(counter, err) != JG_OK) {
      return err->code;
    }
    slot = find(counter->slots, counter->room, word, bytes);
    if (slot->word == NULL) {
      slot->word = jg_mem_textn(word, bytes, err);
      if (slot->word == NULL) {
        return err->code;
      }
      counter->used++;
    }
    slot->count++;
  }
  assert(counter->used * 2 <= counter->room + 2); /* a search ends */
  return JG_OK;
}

static int by_count(const void *a, const void *b) {
  const struct jg_counter_slot *x = a, *y = b;
  return x->count != y->count ? (x->count > y->count ? -1 : 1)
                              : strcmp(x->word, y->word);
}

static int by_word(const void *a, const void *b) {
  const struct jg_counter_slot *x = a, *y = b;
  return strcmp(x->word, y->word);
}

static int copy_slots(const struct jg_counter_slot *slots, size_t count,
                      struct jg_rarity *out, struct jg_err *err) {
  out->words = jg_mem_new(count, sizeof *out->words, err);
  out->counts = jg_mem_new(count, sizeof *out->counts, err);
  while (err->code == JG_OK && out->count < count) {
    out->words[out->count] = jg_mem_text(slots[out->count].word, err);
    if (out->words[out->count] != NULL) {
      out->counts[out->count] = slots[out->count].count;
      out->count++;
    }
  }
  if (err->code != JG_OK) {
    jg_rarity_dispose(out);
  }
  return err->code;
}

int jg_counter_rarity(const struct jg_counter *counter, struct jg_rarity *out,
                      struct jg_err *err) {
  struct jg_counter_slot *kept;
  size_t i, n = 0;

  memset(out, 0, sizeof *out);
  out->documents = counter->documents;
  kept = jg_mem_new(counter->used, sizeof *kept, err);
  if (kept == NULL) {
    return err->code;
  }
  for (i = 0; i < counter->room; i++) {
    if (counter->slots[i].word != NULL && counter->slots[i].count >= 2) {
      kept[n++] = counter->slots[i];
    }
  }
  if (n > 0) {
    qsort(kept, n, sizeof *kept, by_count);
    n = n < JG_RARITY_WORDS ? n : JG_RARITY_WORDS;
    qsort(kept, n, sizeof *kept, by_word);
  }
  copy_slots(kept, n, out, err);
  jg_mem_free(kept);
  return err->code;
}

void jg_counter_dispose(struct jg_counter *counter) {
  size_t i;

  for (i = 0; i < counter->room; i++) {
    jg_mem_free(counter->slots[i].word);
  }
  jg_mem_free(counter->slots);
  memset(counter, 0, sizeof *counter);
}
