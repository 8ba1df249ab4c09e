/* See grounds.h. */
#include "align/grounds.h"

#include <string.h>
#include "core/mem.h"
#include "core/text.h"
#include "judge/lexical_words.h"

#define SAID_WORDS 3
#define PIECE_BYTES 12 /* four letters of three bytes */

/* Folded as jg_words has them: without a plural's ending. */
static const char *const GENERIC[] = {
    "answer", "response", "reply",   "output",    "input", "question",
    "item",   "text",     "rate",    "rating",    "mark",  "score",
    "grade",  "label",    "verdict", "value",     "judge", "give",
    "always", "never",    "when",    "guideline", "rule",  "example"};

/* The folded word at i of a text. */
static const char *word_at(const struct jg_words *words, size_t i,
                           size_t *bytes) {
  *bytes = words->items[i].bytes;
  return jg_buf_text(&words->text) + words->items[i].at;
}

/* Are they one word with other endings? They begin alike: four letters, and six
** tenths of the longer ("check" and "checked"). */
static int is_near(const char *a, size_t a_bytes, const char *b,
                   size_t b_bytes) {
  size_t longer = a_bytes > b_bytes ? a_bytes : b_bytes, same = 0;
  while (same < a_bytes && same < b_bytes && a[same] == b[same]) {
    same++;
  }
  return (same == longer) || (same >= 4 && 10 * same >= 6 * longer);
}

/* Does one of the words stand there, or a near one? */
static int has_near(const struct jg_words *in, const char *word, size_t bytes) {
  for (size_t i = 0; i < in->count; i++) {
    size_t n;
    const char *other = word_at(in, i, &n);
    if (is_near(word, bytes, other, n)) {
      return 1;
    }
  }
  return 0;
}

static int is_generic(const char *word, size_t bytes) {
  for (size_t i = 0; i < sizeof GENERIC / sizeof *GENERIC; i++) {
    if (strlen(GENERIC[i]) == bytes && memcmp(GENERIC[i], word, bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

/* One character of three bytes or more is one of a language without blanks: as
** such jg_words makes a word of it. */
static int is_wide(const char *word, size_t bytes) {
  return bytes >= 3 && jg_text_utf8_bytes(word, bytes) == bytes &&
         (unsigned char)word[0] >= 0xE0;
}

/* Does the pair of characters at i of one text stand in the other? */
static int has_pair(const struct jg_words *in, const struct jg_words *of,
                    size_t i) {
  size_t a, b, x, y;
  const char *first = word_at(of, i, &a), *second = word_at(of, i + 1, &b);
  if (!is_wide(second, b)) {
    return 0;
  }
  for (size_t j = 0; j + 1 < in->count; j++) {
    const char *p = word_at(in, j, &x), *q = word_at(in, j + 1, &y);
    if (x == a && y == b && memcmp(p, first, a) == 0 &&
        memcmp(q, second, b) == 0) {
      return 1;
    }
  }
  return 0;
}

/* A run of letters of three bytes may be several words (Thai, Khmer): do four of
** them stand in the other text? */
static int has_piece(const struct jg_words *in, const char *word,
                     size_t bytes) {
  const char *text = jg_buf_text(&in->text);
  for (size_t i = 0; i + PIECE_BYTES <= bytes; i += 3) {
    for (size_t j = 0; j + PIECE_BYTES <= in->text.len; j++) {
      if (memcmp(word + i, text + j, PIECE_BYTES) == 0) {
        return 1;
      }
    }
  }
  return 0;
}

/* Words of a guideline that say something, and those that the other text has. */
struct tally {
  size_t all, found;
};

static struct tally count_shared(const struct jg_words *of,
                                 const struct jg_words *in,
                                 const struct jg_words *values) {
  struct tally t = {0, 0};
  for (size_t i = 0; i < of->count; i++) {
    size_t bytes;
    const char *word = word_at(of, i, &bytes);
    if (is_wide(word, bytes)) {
      int last = i + 1 == of->count;
      t.all++;
      t.found += (size_t)(bytes > 3 ? has_piece(in, word, bytes)
                                    : !last && has_pair(in, of, i));
    } else if (!of->items[i].stop && !is_generic(word, bytes) &&
               !has_near(values, word, bytes)) {
      t.all++;
      t.found += (size_t)has_near(in, word, bytes);
    }
  }
  return t;
}

/* The reasons of the labels that count; their number is added to *reasons. */
static int add_reasons(const struct jg_row *row, struct jg_words *to,
                       size_t *reasons, struct jg_err *err) {
  for (size_t i = 0; i < row->label_count && err->code == JG_OK; i++) {
    const char *reason = row->labels[i].rationale;
    if (jg_label_counts(row, i) && reason != NULL && reason[0] != '\0') {
      jg_words_add(to, reason, strlen(reason), err);
      ++*reasons;
    }
  }
  return err->code;
}

/* The item as the judge sees it. */
static int add_item(const struct jg_judge *judge, const struct jg_row *row,
                    struct jg_words *to, struct jg_err *err) {
  if (judge->variables & JG_VAR_INPUTS) {
    jg_words_add_field(to, row->inputs, err);
  }
  if (judge->variables & JG_VAR_OUTPUTS) {
    jg_words_add_field(to, row->outputs, err);
  }
  if (judge->variables & JG_VAR_EXPECTATIONS) {
    jg_words_add_field(to, row->expectations, err);
  }
  return err->code;
}

static int add_values(const struct jg_scale *scale, struct jg_words *to,
                      struct jg_err *err) {
  for (size_t i = 0; i < scale->count && err->code == JG_OK; i++) {
    if (scale->values[i].type == JG_TEXT) {
      jg_words_add(to, scale->values[i].text, scale->values[i].len, err);
    }
  }
  return err->code;
}

/* What a guideline shares with the reasons of a row, and with its item. */
static int compare(const struct jg_judge *judge, const char *guideline,
                   size_t bytes, const struct jg_row *row, int with_item,
                   size_t *reasons, struct tally *tally, struct jg_err *err) {
  struct jg_words of, in, values;
  *reasons = 0;
  jg_words_init(&of);
  jg_words_init(&in);
  jg_words_init(&values);
  if (add_reasons(row, &in, reasons, err) == JG_OK && *reasons > 0) {
    if (with_item) {
      add_item(judge, row, &in, err);
    }
    if (err->code == JG_OK &&
        jg_words_add(&of, guideline, bytes, err) == JG_OK &&
        add_values(&judge->scale, &values, err) == JG_OK) {
      *tally = count_shared(&of, &in, &values);
    }
  }
  jg_words_dispose(&values);
  jg_words_dispose(&in);
  jg_words_dispose(&of);
  return err->code;
}

int jg_grounds_check(const struct jg_judge *judge, const char *guideline,
                     size_t bytes, const struct jg_row *row, int *shared,
                     struct jg_err *err) {
  struct tally tally = {0, 0};
  size_t reasons;
  compare(judge, guideline, bytes, row, 1, &reasons, &tally, err);
  *shared = reasons == 0 || tally.found > 0;
  return err->code;
}

int jg_grounds_says(const struct jg_judge *judge, const char *guideline,
                    size_t bytes, const struct jg_row *row, int *says,
                    struct jg_err *err) {
  struct tally tally = {0, 0};
  size_t reasons;
  compare(judge, guideline, bytes, row, 0, &reasons, &tally, err);
  *says = tally.found >= SAID_WORDS && 10 * tally.found >= 7 * tally.all;
  return err->code;
}
