/*
** See obedience.h. A text is read as folded words; each Chinese, Japanese or
** Korean character is one. Patterns are read the same way, line by line, and
** tried at each word. Both are short: a guideline has 2,000 bytes at most.
*/
#include "align/obedience.h"

#include <stdint.h>
#include <string.h>
#include "core/buf.h"
#include "core/embed.h"
#include "core/mem.h"

#define FILE_NAME "obedience.txt"
#define ELEMENTS_MAX 24
#define SKIP_WORDS 4
#define SKIP_CHARACTERS 8

struct word {
  size_t at, bytes;
  int begins; /* a clause */
  int wide;   /* a character of a language without blanks */
};

struct words {
  struct jg_buf text;
  struct word *items;
  size_t count, cap;
};

/* One element of a pattern, as it stands in the file. */
struct element {
  const char *text;
  size_t bytes;
};

struct checker {
  struct words words;
  struct words *values; /* of the scale, one each */
  size_t value_count;
  unsigned char *dead; /* by word: a condition there is none */
  struct words scratch;
  struct jg_err *err;
};

/* ---- characters ---------------------------------------------------------- */

/* U+00C0 to U+00FF without their accents; a blank parts words. */
static const char LATIN[] =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";

/* Letters of other scripts that pass for Latin ones. */
static const struct {
  uint32_t from;
  char to;
} ALIKE[] = {{0x0391, 'a'}, {0x0395, 'e'}, {0x0399, 'i'}, {0x039F, 'o'},
             {0x03B1, 'a'}, {0x03B9, 'i'}, {0x03BF, 'o'}, {0x0410, 'a'},
             {0x0412, 'b'}, {0x0415, 'e'}, {0x041A, 'k'}, {0x041C, 'm'},
             {0x041D, 'h'}, {0x041E, 'o'}, {0x0420, 'p'}, {0x0421, 'c'},
             {0x0422, 't'}, {0x0425, 'x'}, {0x0430, 'a'}, {0x0435, 'e'},
             {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0443, 'y'},
             {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0131, 'i'}};

/* Bytes of the character at text, 1 for a byte that begins none (c is then a
** blank). */
static size_t decode(const unsigned char *p, size_t left, uint32_t *c) {
  size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  *c = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
  if ((n > 1 && p[0] < 0xC2) || n > left) {
    *c = ' ';
    return 1;
  }
  for (size_t i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) {
      *c = ' ';
      return 1;
    }
    *c = *c << 6 | (p[i] & 0x3Fu);
  }
  return n;
}

/* Marks on letters, joiners, marks of direction, soft hyphens: nobody sees
** them. */
static int is_invisible(uint32_t c) {
  return c == 0xAD || (c >= 0x300 && c <= 0x36F) ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || c == '\'' || c == 0x2019;
}

static int is_wide(uint32_t c) {
  return (c >= 0x3041 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/* The character without its case, accents and disguise. */
static uint32_t fold(uint32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) {
    c -= 0xFEE0; /* of full width */
  }
  if (c >= 0xC0 && c <= 0xFF) {
    return (unsigned char)LATIN[c - 0xC0];
  }
  for (size_t i = 0; i < sizeof ALIKE / sizeof *ALIKE; i++) {
    if (ALIKE[i].from == c) {
      return (unsigned char)ALIKE[i].to;
    }
  }
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static int is_letter(uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 0x100 && c < 0x2000) || is_wide(c);
}

/* Does the next word begin a clause after it? */
static int is_mark(uint32_t c) {
  return (c < 0x80 && strchr(".!?;:,()[]{}\"\n", (int)c) != NULL) ||
         (c >= 0x2010 && c <= 0x201F) || (c >= 0x3001 && c <= 0x3011) ||
         c == 0xAB || c == 0xBB;
}

/* ---- words --------------------------------------------------------------- */

static int add_word(struct words *to, int begins, int wide,
                    struct jg_err *err) {
  if (jg_mem_grow(&to->items, &to->cap, to->count + 1, sizeof *to->items,
                  err) == JG_OK) {
    to->items[to->count++] = (struct word){to->text.len, 0, begins, wide};
  }
  return err->code;
}

static void add_character(struct words *to, const unsigned char *text, size_t n,
                          uint32_t folded) {
  struct word *word = &to->items[to->count - 1];
  if (folded < 0x80) {
    jg_buf_putc(&to->text, (char)folded);
  } else {
    jg_buf_add(&to->text, (const char *)text, n);
  }
  word->bytes = to->text.len - word->at;
}

/* Reads a text, in the place of what was there. */
static int words_read(struct words *to, const char *text, size_t bytes,
                      struct jg_err *err) {
  const unsigned char *p = (const unsigned char *)text, *end = p + bytes;
  int within = 0, begins = 1;
  if (to->text.limit == 0) {
    jg_buf_init(&to->text, JG_BUF_LIMIT_BYTES);
  }
  jg_buf_clear(&to->text);
  to->count = 0;
  while (p < end && err->code == JG_OK) {
    uint32_t c;
    size_t n = decode(p, (size_t)(end - p), &c);
    uint32_t folded = fold(c);
    if (is_letter(folded)) {
      if (!within || is_wide(folded)) {
        add_word(to, begins, is_wide(folded), err);
      }
      if (err->code == JG_OK) {
        add_character(to, p, n, folded);
      }
      begins = 0;
      within = !is_wide(folded);
    } else if (!is_invisible(c)) {
      within = 0;
      begins = begins || is_mark(folded);
    }
    p += n;
  }
  return err->code != JG_OK ? (int)err->code : jg_buf_check(&to->text, err);
}

static void words_dispose(struct words *words) {
  jg_buf_dispose(&words->text);
  jg_mem_free(words->items);
}

static int same_word(const struct words *a, size_t i, const struct words *b,
                     size_t j, int prefix) {
  const struct word *x = &a->items[i], *y = &b->items[j];
  return (prefix ? y->bytes >= x->bytes : y->bytes == x->bytes) &&
         memcmp(jg_buf_text(&a->text) + x->at, jg_buf_text(&b->text) + y->at,
                x->bytes) == 0;
}

/* Words of the text that some words are, from a place on; 0: none. */
static size_t match_words(const struct checker *c, const struct words *of,
                          size_t at, int prefix) {
  size_t i = 0;
  while (i < of->count && at + i < c->words.count &&
         same_word(of, i, &c->words, at + i, prefix && i + 1 == of->count)) {
    i++;
  }
  return of->count > 0 && i == of->count ? i : 0;
}

static int is_number(const struct words *words, size_t at) {
  const char *text = jg_buf_text(&words->text) + words->items[at].at;
  return strspn(text, "0123456789") >= words->items[at].bytes;
}

/* Words that are a value at this place. */
static size_t match_value(const struct checker *c, size_t at, int numbers) {
  for (size_t i = 0; i < c->value_count; i++) {
    size_t n = match_words(c, &c->values[i], at, 0);
    if (n > 0) {
      return n;
    }
  }
  return numbers && at < c->words.count && is_number(&c->words, at);
}

/* ---- patterns ------------------------------------------------------------ */

/* Words of the text that one of the alternatives is. */
static size_t match_any(struct checker *c, const struct element *e, size_t at) {
  const char *from = e->text, *end = e->text + e->bytes;
  while (from < end) {
    const char *bar = memchr(from, '|', (size_t)(end - from));
    const char *stop = bar == NULL ? end : bar;
    int prefix = stop > from && stop[-1] == '*';
    if (stop - from == 7 && memcmp(from, "<value>", 7) == 0) {
      size_t n = match_value(c, at, 1);
      if (n > 0) {
        return n;
      }
    } else if (words_read(&c->scratch, from, (size_t)(stop - from), c->err) ==
               JG_OK) {
      size_t n = match_words(c, &c->scratch, at, prefix);
      if (n > 0) {
        return n;
      }
    }
    from = stop + 1;
  }
  return 0;
}

static int is_text(const struct element *e, const char *text) {
  return e->bytes == strlen(text) && memcmp(e->text, text, e->bytes) == 0;
}

static int begins_clause(const struct checker *c, size_t at) {
  static const char *const LINKS[] = {"please", "and",  "then", "bitte",
                                      "und",    "dann", "just", "simply"};
  if (at == 0 || c->words.items[at].begins) {
    return 1;
  }
  const struct word *before = &c->words.items[at - 1];
  const char *text = jg_buf_text(&c->words.text) + before->at;
  for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++) {
    if (strlen(LINKS[i]) == before->bytes &&
        memcmp(LINKS[i], text, before->bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

static int match(struct checker *c, const struct element *e, size_t count,
                 size_t at) {
  if (count == 0) {
    return 1;
  }
  if (at >= c->words.count || c->err->code != JG_OK) {
    return 0;
  }
  if (is_text(e, "^")) {
    return begins_clause(c, at) && match(c, e + 1, count - 1, at);
  }
  if (is_text(e, "...")) {
    for (size_t i = 0; at + i < c->words.count; i++) {
      if (match(c, e + 1, count - 1, at + i)) {
        return 1;
      }
      if (i == (c->words.items[at + i].wide ? SKIP_CHARACTERS : SKIP_WORDS)) {
        return 0;
      }
    }
    return 0;
  }
  size_t n = match_any(c, e, at);
  return n > 0 && match(c, e + 1, count - 1, at + n);
}

static size_t split(const char *line, size_t bytes, struct element *out) {
  size_t count = 0;
  const char *end = line + bytes;
  while (line < end && count < ELEMENTS_MAX) {
    const char *blank = memchr(line, ' ', (size_t)(end - line));
    size_t n = (size_t)((blank == NULL ? end : blank) - line);
    if (n > 0) {
      out[count++] = (struct element){line, n};
    }
    line += n + 1;
  }
  return count;
}

/* The first line of a section, or NULL. */
static const char *section(const char *name) {
  const char *text = jg_embed_get(FILE_NAME);
  size_t n = strlen(name);
  while (text != NULL && *text != '\0') {
    const char *line = text;
    text = strchr(text, '\n');
    text = text == NULL ? NULL : text + 1;
    if (line[0] == '[' && strncmp(line + 1, name, n) == 0 &&
        line[n + 1] == ']') {
      return text;
    }
  }
  return NULL;
}

/* Takes the next pattern of a section; 0 at its end. */
static size_t next_pattern(const char **text, struct element *out) {
  while (*text != NULL && **text != '\0' && **text != '[') {
    const char *line = *text;
    size_t bytes = strcspn(line, "\n");
    *text = line + bytes + (line[bytes] == '\n');
    if (bytes > 0 && line[0] != '#') {
      return split(line, bytes, out);
    }
  }
  return 0;
}

/* Does a pattern of the section stand at this place? */
static int section_at(struct checker *c, const char *name, size_t at) {
  const char *text = section(name);
  struct element elements[ELEMENTS_MAX];
  size_t count;
  while ((count = next_pattern(&text, elements)) > 0) {
    if (match(c, elements, count, at)) {
      return 1;
    }
  }
  return 0;
}

static int section_anywhere(struct checker *c, const char *name) {
  for (size_t at = 0; at < c->words.count && c->err->code == JG_OK; at++) {
    if (section_at(c, name, at)) {
      return 1;
    }
  }
  return 0;
}

/* ---- conditions ---------------------------------------------------------- */

/* Marks the rest of each clause after "regardless of" and its like. */
static void mark_dead(struct checker *c) {
  int dead = 0;
  for (size_t at = 0; at < c->words.count; at++) {
    dead =
        (dead && !c->words.items[at].begins) || section_at(c, "regardless", at);
    c->dead[at] = (unsigned char)dead;
  }
}

/* Says the rest of the clause something about an item? */
static int says_something(struct checker *c, size_t at) {
  for (; at < c->words.count && !c->words.items[at].begins; at++) {
    size_t value = match_value(c, at, 0);
    if (value > 0) {
      at += value - 1;
    } else if (!c->dead[at] && !section_at(c, "empty", at)) {
      return 1;
    }
  }
  return 0;
}

static int has_condition(struct checker *c) {
  mark_dead(c);
  for (size_t at = 0; at < c->words.count && c->err->code == JG_OK; at++) {
    if (!c->dead[at] && section_at(c, "condition", at) &&
        says_something(c, at + 1)) {
      return 1;
    }
  }
  return 0;
}

/* ---- the whole ----------------------------------------------------------- */

static int read_value(struct words *to, const struct jg_value *value,
                      struct jg_err *err) {
  return value->type == JG_TEXT ? words_read(to, value->text, value->len, err)
                                : (int)err->code;
}

static int read_values(struct checker *c, const struct jg_scale *scale) {
  static const char *const YES_NO[] = {"yes", "no", "true", "false"};
  int is_bool = scale->type == JG_SCALE_BOOL;
  c->value_count = is_bool ? 4 : scale->count;
  c->values = jg_mem_new(c->value_count + 1, sizeof *c->values, c->err);
  for (size_t i = 0; c->values != NULL && i < c->value_count; i++) {
    if (is_bool) {
      words_read(&c->values[i], YES_NO[i], strlen(YES_NO[i]), c->err);
    } else {
      read_value(&c->values[i], &scale->values[i], c->err);
    }
  }
  return c->err->code;
}

int jg_obedience_check(const char *text, size_t bytes,
                       const struct jg_scale *scale, const char **why,
                       struct jg_err *err) {
  struct checker c = {.err = err};
  *why = NULL;
  if (words_read(&c.words, text, bytes, err) == JG_OK) {
    c.dead = jg_mem_new(c.words.count + 1, 1, err);
  }
  if (c.dead != NULL && read_values(&c, scale) == JG_OK) {
    if (section_anywhere(&c, "obedience")) {
      *why = "it addresses the judge, not the items";
    } else if (section_anywhere(&c, "output")) {
      *why = "it prescribes the judge's output";
    } else if (section_anywhere(&c, "whatever") && !has_condition(&c)) {
      *why = "it names a verdict whatever the item says";
    }
  }
  for (size_t i = 0; c.values != NULL && i < c.value_count; i++) {
    words_dispose(&c.values[i]);
  }
  jg_mem_free(c.values);
  jg_mem_free(c.dead);
  words_dispose(&c.scratch);
  words_dispose(&c.words);
  return err->code;
}
