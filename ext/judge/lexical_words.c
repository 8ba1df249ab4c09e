/*
** Reading words. See lexical_words.h for what a word is.
**
** One pass: characters are decoded, repaired (UTF-8 that was read as Latin-1
** and encoded again, "Ã¡", is common in exported data), sorted into letters,
** digits and the rest, and folded into the buffer. A word that is complete is
** then trimmed: ordinal endings, possessive, plural, number words.
*/
#include "judge/lexical_words.h"

#include <assert.h>
#include <string.h>
#include "core/mem.h"

#define STOP_MAX_BYTES 6    /* of the longest function word */
#define NUMBERS_MAX_BYTES 9 /* and number word */

enum kind { REST, LETTER, DIGIT, SIGN, APOSTROPHE, MARK };

/* Where the reader is in a text. */
struct reader {
  const unsigned char *text;
  size_t bytes, at;
};

/* The word being read. */
struct draft {
  struct jg_words *words;
  size_t at;         /* its start in words->text */
  enum kind kind;    /* LETTER or DIGIT; REST: none */
  int after_digits;  /* the word follows a number without a gap */
  size_t apostrophe; /* bytes of the word before its last apostrophe; 0: none */
  size_t sentence;   /* words since the last end of a sentence */
};

static const char *const STOP[] = {
    "a",     "about", "am",     "an",    "and",  "are",  "as",    "at",
    "be",    "been",  "being",  "but",   "by",   "can",  "could", "did",
    "do",    "doe",   "does",   "for",   "from", "had",  "has",   "have",
    "he",    "her",   "him",    "his",   "how",  "i",    "if",    "in",
    "into",  "is",    "it",     "its",   "may",  "me",   "might", "must",
    "my",    "no",    "not",    "of",    "on",   "or",   "our",   "over",
    "shall", "she",   "should", "so",    "than", "that", "the",   "their",
    "them",  "then",  "there",  "these", "they", "this", "those", "to",
    "under", "us",    "was",    "we",    "were", "what", "when",  "where",
    "which", "who",   "whom",   "whose", "why",  "will", "with",  "would",
    "you",   "your"};

/* Sorted, for the search. */
static const struct {
  const char *word, *digits;
} NUMBERS[] = {{"eight", "8"},      {"eighteen", "18"}, {"eighth", "8"},
               {"eighty", "80"},    {"eleven", "11"},   {"fifteen", "15"},
               {"fifth", "5"},      {"fifty", "50"},    {"first", "1"},
               {"five", "5"},       {"forty", "40"},    {"four", "4"},
               {"fourteen", "14"},  {"fourth", "4"},    {"nine", "9"},
               {"nineteen", "19"},  {"ninety", "90"},   {"ninth", "9"},
               {"one", "1"},        {"second", "2"},    {"seven", "7"},
               {"seventeen", "17"}, {"seventh", "7"},   {"seventy", "70"},
               {"six", "6"},        {"sixteen", "16"},  {"sixth", "6"},
               {"sixty", "60"},     {"ten", "10"},      {"tenth", "10"},
               {"third", "3"},      {"thirteen", "13"}, {"thirty", "30"},
               {"three", "3"},      {"twelve", "12"},   {"twenty", "20"},
               {"two", "2"},        {"zero", "0"}};

/* Base letters of U+00C0..U+00DF (U+00E0..U+00FF are the same) and of
** U+0100..U+017F; '*' is no letter, capitals stand for two letters. */
static const char LATIN_1[] = "aaaaaaAceeeeiiiidnooooo*ouuuuyTS";
static const char LATIN_A[] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
    "nnnnnnnnnooooooOOrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Bytes of one decoded character; 0 when the next byte begins none. */
static size_t decode(const struct reader *in, size_t at, uint32_t *out) {
  const unsigned char *p = in->text + at;
  size_t left = in->bytes - at, n, i;
  uint32_t c;

  if (p[0] < 0x80) {
    *out = p[0];
    return 1;
  }
  n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || n > left) {
    return 0;
  }
  c = p[0] & (0x7Fu >> n);
  for (i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) {
      return 0;
    }
    c = c << 6 | (p[i] & 0x3Fu);
  }
  if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10FFFF) {
    return 0;
  }
  *out = c;
  return n;
}

/* The next character, repaired; 0 for a byte that is none. */
static uint32_t next_character(struct reader *in) {
  uint32_t c = 0, more = 0;
  size_t n = decode(in, in->at, &c), m;

  if (n == 0) {
    in->at++;
    return 0;
  }
  in->at += n;
  if ((c == 0xC2 || c == 0xC3) && in->at < in->bytes) {
    m = decode(in, in->at, &more);
    if (m != 0 && more >= 0x80 && more <= 0xBF) {
      in->at += m;
      c = (c & 3) << 6 | (more & 0x3F);
    }
  }
  return c;
}

static int is_cjk(uint32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

static enum kind kind_of(uint32_t c) {
  if (c < 0x80) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? LETTER
           : c >= '0' && c <= '9'                           ? DIGIT
           : c == '\''                                      ? APOSTROPHE
                                                            : REST;
  }
  if (c < 0xC0) {
    return c == 0xAA || c == 0xB5 || c == 0xBA ? LETTER : REST;
  }
  if (c == 0x2019 || c == 0x02BC) {
    return APOSTROPHE;
  }
  if (c >= 0x300 && c <= 0x36F) {
    return MARK;
  }
  if (c >= 0xFF10 && c <= 0xFF19) {
    return DIGIT;
  }
  if (is_cjk(c)) {
    return SIGN;
  }
  if (c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
      (c >= 0x3000 && c <= 0x303F) || (c >= 0xE000 && c <= 0xF8FF) ||
      (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF20) ||
      (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65) ||
      (c >= 0xFFF0 && c <= 0xFFFF) || (c >= 0x1F000 && c <= 0x1FAFF)) {
    return REST;
  }
  return LETTER;
}

/* The base letter of Vietnamese letters, U+1EA0..U+1EF9. */
static char vietnamese(uint32_t c) {
  return c < 0x1EB8   ? 'a'
         : c < 0x1EC8 ? 'e'
         : c < 0x1ECC ? 'i'
         : c < 0x1EE4 ? 'o'
         : c < 0x1EF2 ? 'u'
                      : 'y';
}

/* Greek letters with accents, and the final sigma, by their plain ones. */
static const struct {
  unsigned short accented, plain;
} GREEK[] = {{0x386, 0x3B1}, {0x388, 0x3B5}, {0x389, 0x3B7}, {0x38A, 0x3B9},
             {0x38C, 0x3BF}, {0x38E, 0x3C5}, {0x38F, 0x3C9}, {0x390, 0x3B9},
             {0x3AA, 0x3B9}, {0x3AB, 0x3C5}, {0x3AC, 0x3B1}, {0x3AD, 0x3B5},
             {0x3AE, 0x3B7}, {0x3AF, 0x3B9}, {0x3B0, 0x3C5}, {0x3C2, 0x3C3},
             {0x3CA, 0x3B9}, {0x3CB, 0x3C5}, {0x3CC, 0x3BF}, {0x3CD, 0x3C5},
             {0x3CE, 0x3C9}};

/* The small letter of another alphabet. */
static uint32_t small_letter(uint32_t x) {
  size_t i;

  if ((x >= 0x391 && x <= 0x3A9) || (x >= 0x410 && x <= 0x42F)) {
    return x + 32; /* Greek, Cyrillic */
  }
  if (x >= 0x400 && x <= 0x40F) {
    return x + 80;
  }
  if ((x >= 0x460 && x <= 0x481) || (x >= 0x48A && x <= 0x4BF) ||
      (x >= 0x4D0 && x <= 0x52F) || (x >= 0x1E00 && x <= 0x1E95)) {
    return x | 1; /* capital, small, capital, small */
  }
  if (x >= 0x531 && x <= 0x556) {
    return x + 48; /* Armenian */
  }
  for (i = 0; x >= 0x386 && x <= 0x3CE && i < sizeof GREEK / sizeof *GREEK;
       i++) {
    if (GREEK[i].accented == x) {
      return GREEK[i].plain;
    }
  }
  return x;
}

/* A letter or digit without case and accents; a capital stands for two
** letters; 0: keep the character, in *c in small letters. */
static char fold(uint32_t *c) {
  uint32_t x = *c;

  if (x < 0x80) {
    return (char)(x >= 'A' && x <= 'Z' ? x + 32 : x);
  }
  if (x >= 0xC0 && x <= 0xFF) {
    return x == 0xFF ? 'y' : LATIN_1[(x - 0xC0) & 31];
  }
  if (x >= 0x100 && x <= 0x17F) {
    return LATIN_A[x - 0x100];
  }
  if (x >= 0x1EA0 && x <= 0x1EF9) {
    return vietnamese(x);
  }
  if (x >= 0xFF10 && x <= 0xFF5A) { /* full width */
    *c = x - 0xFF10 + '0';
    return fold(c);
  }
  if (x >= 0x218 && x <= 0x21B) { /* Romanian */
    return x < 0x21A ? 's' : 't';
  }
  *c = small_letter(x);
  return 0;
}

static void put_encoded(struct jg_buf *to, uint32_t c) {
  if (c >= 0x10000) {
    jg_buf_putc(to, (char)(0xF0 | c >> 18));
    jg_buf_putc(to, (char)(0x80 | (c >> 12 & 0x3F)));
  } else if (c >= 0x800) {
    jg_buf_putc(to, (char)(0xE0 | c >> 12));
  }
  if (c >= 0x800) {
    jg_buf_putc(to, (char)(0x80 | (c >> 6 & 0x3F)));
  } else {
    jg_buf_putc(to, (char)(0xC0 | c >> 6));
  }
  jg_buf_putc(to, (char)(0x80 | (c & 0x3F)));
}

static void put_folded(struct draft *draft, uint32_t c) {
  struct jg_buf *to = &draft->words->text;
  char base;

  if (to->len - draft->at + 4 > JG_WORD_MAX_BYTES) {
    return;
  }
  base = fold(&c);
  switch (base) {
  case 0:
    put_encoded(to, c);
    return;
  case 'A':
    jg_buf_puts(to, "ae");
    return;
  case 'O':
    jg_buf_puts(to, "oe");
    return;
  case 'S':
    jg_buf_puts(to, "ss");
    return;
  case 'T':
    jg_buf_puts(to, "th");
    return;
  default:
    jg_buf_putc(to, base);
  }
}

/* ---- a complete word ---- */

static int same(const char *word, size_t bytes, const char *other) {
  return strlen(other) == bytes && memcmp(word, other, bytes) == 0;
}

static int compare(const char *a, size_t a_bytes, const char *b,
                   size_t b_bytes) {
  int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
  return order != 0 ? order : a_bytes < b_bytes ? -1 : a_bytes > b_bytes;
}

static int is_stop(const char *word, size_t bytes) {
  size_t low = 0, high = sizeof STOP / sizeof *STOP, middle;
  int order;

  if (bytes > STOP_MAX_BYTES) {
    return 0;
  }
  while (low < high) {
    middle = (low + high) / 2;
    order = compare(word, bytes, STOP[middle], strlen(STOP[middle]));
    if (order == 0) {
      return 1;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return 0;
}

static const char *number_word(const char *word, size_t bytes) {
  size_t low = 0, high = sizeof NUMBERS / sizeof *NUMBERS, middle;
  int order;

  if (bytes > NUMBERS_MAX_BYTES) {
    return NULL;
  }
  while (low < high) {
    middle = (low + high) / 2;
    order = compare(word, bytes, NUMBERS[middle].word,
                    strlen(NUMBERS[middle].word));
    if (order == 0) {
      return NUMBERS[middle].digits;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}

/* Bytes of the word without its plural ending; "ies" becomes "y". */
static size_t cut_plural(char *word, size_t bytes) {
  size_t i;
  char before;

  for (i = 0; i < bytes; i++) {
    if (word[i] < 'a' || word[i] > 'z') {
      return bytes;
    }
  }
  if (bytes <= 3 || word[bytes - 1] != 's') {
    return bytes;
  }
  if (bytes > 4 && memcmp(word + bytes - 3, "ies", 3) == 0) {
    word[bytes - 3] = 'y';
    return bytes - 2;
  }
  before = word[bytes - 2];
  return before == 's' || before == 'u' || before == 'i' ? bytes : bytes - 1;
}

/* "007" is 7; "3.50" stays. */
static size_t cut_zeros(char *word, size_t bytes) {
  size_t zeros = 0;

  if (memchr(word, '.', bytes) != NULL) {
    return bytes;
  }
  while (zeros + 1 < bytes && word[zeros] == '0') {
    zeros++;
  }
  memmove(word, word + zeros, bytes - zeros);
  return bytes - zeros;
}

static int is_number_ending(const char *word, size_t bytes) {
  return same(word, bytes, "s") || same(word, bytes, "st") ||
         same(word, bytes, "nd") || same(word, bytes, "rd") ||
         same(word, bytes, "th");
}

/* Ends the word being read and keeps it. */
static int end_word(struct draft *draft, struct jg_err *err) {
  struct jg_words *words = draft->words;
  struct jg_buf *text = &words->text;
  size_t bytes = text->len - draft->at;
  enum kind kind = draft->kind;
  const char *digits;
  char *word;

  draft->kind = REST;
  if (kind == REST || bytes == 0) {
    return jg_buf_check(text, err);
  }
  if (jg_buf_check(text, err) != JG_OK ||
      jg_mem_grow(&words->items, &words->cap, words->count + 1,
                  sizeof *words->items, err) != JG_OK) {
    return err->code;
  }
  word = text->data + draft->at;
  if (kind == DIGIT) {
    bytes = cut_zeros(word, bytes);
  } else {
    if (draft->apostrophe != 0 && draft->apostrophe + 1 == bytes &&
        word[bytes - 1] == 's') {
      bytes--;
    }
    if (draft->after_digits && is_number_ending(word, bytes)) {
      text->len = draft->at;
      return JG_OK;
    }
    digits = number_word(word, bytes);
    if (digits != NULL) {
      bytes = strlen(digits);
      memcpy(word, digits, bytes);
    }
    bytes = cut_plural(word, bytes);
  }
  assert(bytes <= JG_WORD_MAX_BYTES && draft->at + bytes <= text->len);
  text->len = draft->at + bytes;
  words->items[words->count].at = draft->at;
  words->items[words->count].bytes = (unsigned short)bytes;
  words->items[words->count].stop = (unsigned char)is_stop(word, bytes);
  words->count++;
  draft->sentence++;
  return JG_OK;
}

static int begin_word(struct draft *draft, enum kind kind, struct jg_err *err) {
  int follows = draft->kind == DIGIT && kind == LETTER;

  if (end_word(draft, err) != JG_OK) {
    return err->code;
  }
  draft->at = draft->words->text.len;
  draft->kind = kind;
  draft->after_digits = follows;
  draft->apostrophe = 0;
  return JG_OK;
}

static int is_digit_at(const struct reader *in, size_t at) {
  return at < in->bytes && in->text[at] >= '0' && in->text[at] <= '9';
}

/* A point or comma inside a number; *keep tells whether it stays. */
static int joins_digits(const struct reader *in, uint32_t c, int *keep) {
  *keep = c == '.';
  if (c == '.') {
    return is_digit_at(in, in->at);
  }
  return c == ',' && is_digit_at(in, in->at) && is_digit_at(in, in->at + 1) &&
         is_digit_at(in, in->at + 2);
}

/* An apostrophe between letters: the word goes on without it. */
static int joins_letters(const struct reader *in) {
  uint32_t c = 0;
  return in->at < in->bytes && decode(in, in->at, &c) != 0 &&
         kind_of(c) == LETTER;
}

static void end_sentence(struct draft *draft) {
  if (draft->sentence > 0) {
    draft->words->sentences++;
    draft->sentence = 0;
  }
}

/* What is neither letter nor digit: ends words and sentences. */
static int read_rest(struct draft *draft, const struct reader *in, uint32_t c,
                     struct jg_err *err) {
  int keep = 0;
  int gap = in->at >= in->bytes || in->text[in->at] <= ' ';

  if (draft->kind == DIGIT && joins_digits(in, c, &keep)) {
    if (keep && draft->words->text.len - draft->at + 4 <= JG_WORD_MAX_BYTES) {
      jg_buf_putc(&draft->words->text, '.');
    }
    return JG_OK;
  }
  if (end_word(draft, err) != JG_OK) {
    return err->code;
  }
  if (c == '\n' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F ||
      (gap && (c == '.' || c == '!' || c == '?' || c == ';' || c == ':'))) {
    end_sentence(draft);
  }
  return JG_OK;
}

/* The plain letters that follow, all at once: most of most texts. */
static void read_letters(struct draft *draft, struct reader *in) {
  size_t have = draft->words->text.len - draft->at, n = 0;
  char small[JG_WORD_MAX_BYTES];

  while (in->at < in->bytes) {
    unsigned char c = in->text[in->at] | 0x20; /* of letters: small */
    if (c < 'a' || c > 'z') {
      break;
    }
    if (have + n + 4 <= JG_WORD_MAX_BYTES) {
      small[n++] = (char)c;
    }
    in->at++;
  }
  jg_buf_add(&draft->words->text, small, n);
}

static int read_character(struct draft *draft, struct reader *in,
                          struct jg_err *err) {
  uint32_t c = next_character(in);
  enum kind kind = kind_of(c);

  switch (kind) {
  case MARK:
    return JG_OK;
  case APOSTROPHE:
    if (draft->kind == LETTER && joins_letters(in)) {
      draft->apostrophe = draft->words->text.len - draft->at;
      return JG_OK;
    }
    return end_word(draft, err);
  case REST:
    return read_rest(draft, in, c, err);
  case SIGN:
    if (begin_word(draft, LETTER, err) != JG_OK) {
      return err->code;
    }
    put_folded(draft, c);
    return end_word(draft, err);
  default:
    if (draft->kind != kind && begin_word(draft, kind, err) != JG_OK) {
      return err->code;
    }
    put_folded(draft, c);
    if (kind == LETTER) {
      read_letters(draft, in);
    }
    return JG_OK;
  }
}

int jg_words_add(struct jg_words *words, const char *text, size_t bytes,
                 struct jg_err *err) {
  struct reader in = {.text = (const unsigned char *)text, .bytes = bytes};
  struct draft draft = {.words = words, .kind = REST};

  assert(words->unique == NULL); /* not indexed yet */
  while (in.at < in.bytes && words->count < JG_WORDS_MAX) {
    if (read_character(&draft, &in, err) != JG_OK) {
      return err->code;
    }
  }
  if (words->count < JG_WORDS_MAX && end_word(&draft, err) != JG_OK) {
    return err->code;
  }
  end_sentence(&draft);
  return JG_OK;
}
