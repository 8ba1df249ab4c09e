/*
** Tokens without a vocabulary. A text is cut into pieces as byte-pair tokenizers
** cut it before they merge (the regular expressions of OpenAI's tiktoken:
** a word with the blank before it, up to three digits, a run of signs, white
** space), and each piece counts what such a piece takes on the average:
**
**   word in Latin letters   1, and more the longer it is; the steps differ for
**                           English and for other languages (English is told
**                           by its commonest words)
**   other letters           by script, so much a letter
**   digits                  1 for three
**   signs                   1 for up to three, then 1 for two
**   white space             the blank before a word or a sign is part of it,
**                           so is a line end after a sign; else 1 a run
**
** The numbers are means of o200k_base over the requests of judges on FeedbackQA
** and OpenQA-eval, this manual, and the Universal Declaration of Human Rights
** in 40 languages. On whole English requests the estimate is within 3 % of
** o200k_base, cl100k_base and Llama 3, and within 10 % of Gemma, SmolLM2,
** DeepSeek, Qwen and Claude 2; on other languages mostly within a quarter of
** o200k_base, while older and smaller vocabularies take up to seven times as
** many tokens there. tests/interop/test_tokens.py measures it. What a model
** really takes is learned from its first answers (run/forecast.c).
*/
#include "llm/tokens.h"

#include <string.h>

#include "llm/wire.h"

/* All counts are in thousandths of a token. */
#define TOKEN 1000

/* ---- characters --------------------------------------------------------- */

enum kind { BLANK, LINE, DIGIT, LATIN, LETTER, SIGN };

/* Letters outside Latin, by blocks of Unicode: thousandths of a token each. */
static const struct {
  uint32_t last; /* of the block, which begins after the one before */
  int each;      /* 0: signs */
} BLOCKS[] = {
    {0x36f, 0},     /* Latin beyond ASCII is told apart before */
    {0x3ff, 480},   /* Greek */
    {0x52f, 310},   /* Cyrillic */
    {0x58f, 420},   /* Armenian */
    {0x5ff, 480},   /* Hebrew */
    {0x7bf, 390},   /* Arabic, Syriac */
    {0x8ff, 600},   /* Thaana, N'Ko, more Arabic */
    {0x97f, 380},   /* Devanagari */
    {0x9ff, 410},   /* Bengali */
    {0xa7f, 450},   /* Gurmukhi */
    {0xaff, 420},   /* Gujarati */
    {0xb7f, 600},   /* Odia */
    {0xbff, 390},   /* Tamil */
    {0xc7f, 540},   /* Telugu */
    {0xcff, 450},   /* Kannada */
    {0xd7f, 390},   /* Malayalam */
    {0xdff, 600},   /* Sinhala */
    {0xe7f, 430},   /* Thai */
    {0xfff, 600},   /* Lao, Tibetan */
    {0x109f, 540},  /* Burmese */
    {0x10ff, 320},  /* Georgian */
    {0x11ff, 1000}, /* Hangul, single letters */
    {0x139f, 2300}, /* Ethiopic */
    {0x177f, 1500}, /* Cherokee and others */
    {0x17ff, 620},  /* Khmer */
    {0x1dff, 1500},
    {0x1fff, 700}, /* Latin with marks is told apart; Greek with marks */
    {0x2e7f, 0},   /* signs */
    {0x303f, 0},   /* signs of Chinese and Japanese */
    {0x30ff, 800}, /* Hiragana, Katakana */
    {0x33ff, 1500},
    {0x4dbf, 2500}, /* rare Chinese characters */
    {0x9fff, 880},  /* Chinese characters */
    {0xabff, 1500},
    {0xd7ff, 640}, /* Hangul */
    {0xfaff, 2000},
    {0xfeff, 700}, /* forms of Arabic */
    {0xffff, 0},   /* full width, specials */
};

struct character {
  enum kind kind;
  int each; /* of a LETTER or a SIGN beyond ASCII */
  int ascii;
  size_t bytes;
};

static int is_latin(uint32_t c) {
  return (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) ||
         (c >= 0x1e00 && c <= 0x1eff) ||
         (c >= 0x300 && c <= 0x36f); /* marks that follow a letter */
}

static struct character beyond_ascii(uint32_t c, size_t bytes) {
  struct character out = {SIGN, TOKEN, 0, bytes};
  if (is_latin(c)) {
    out.kind = LATIN;
    return out;
  }
  for (size_t i = 0; i < sizeof(BLOCKS) / sizeof(*BLOCKS); i++) {
    if (c <= BLOCKS[i].last) {
      if (BLOCKS[i].each > 0) {
        out.kind = LETTER;
        out.each = BLOCKS[i].each;
      }
      return out;
    }
  }
  out.each = 2 * TOKEN; /* emoji, old scripts */
  return out;
}

static struct character in_ascii(unsigned char c) {
  struct character out = {SIGN, TOKEN, 1, 1};
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
    out.kind = LATIN;
  } else if (c >= '0' && c <= '9') {
    out.kind = DIGIT;
  } else if (c == '\n' || c == '\r') {
    out.kind = LINE;
  } else if (c == ' ' || c == '\t') {
    out.kind = BLANK;
  }
  return out;
}

/* The character at a place; a byte that is no UTF-8 is a sign. */
static struct character read_at(const unsigned char *text, size_t bytes) {
  uint32_t c = text[0];
  size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
  if (c < 0x80 || more == 0 || more >= bytes) {
    return in_ascii(text[0]);
  }
  c &= 0x3fu >> more;
  for (size_t i = 1; i <= more; i++) {
    if ((text[i] & 0xc0) != 0x80) {
      return in_ascii(text[0]);
    }
    c = c << 6 | (text[i] & 0x3f);
  }
  return beyond_ascii(c, more + 1);
}

/* ---- pieces ------------------------------------------------------------- */

struct tally {
  int64_t all;              /* but Latin words */
  int64_t english, foreign; /* Latin words as either */
  int64_t words, common;    /* Latin words; the commonest of English */
  enum kind before;         /* the last piece */
  int blank;                /* it was a single blank, not yet counted */
};

struct word {
  const unsigned char *text;
  size_t bytes;
  int letters, marked, upper;
  int glued; /* no blank before it */
};

static int is_common(const struct word *w) {
  static const char *const COMMON[] = {"the", "of",   "and", "to",  "that",
                                       "for", "with", "is",  "are", "this"};
  for (size_t i = 0; i < sizeof(COMMON) / sizeof(*COMMON); i++) {
    if (strlen(COMMON[i]) == w->bytes &&
        memcmp(COMMON[i], w->text, w->bytes) == 0) {
      return 1;
    }
  }
  return 0;
}

static int64_t over(int letters, int from, int64_t each) {
  return letters > from ? (letters - from) * each : 0;
}

static int64_t english(const struct word *w) {
  if (w->upper > 1) { /* capitals, camelCase */
    return TOKEN + over(w->letters, 3, w->glued ? 220 : 120);
  }
  if (w->glued) {
    return TOKEN + over(w->letters, 7, 250);
  }
  return TOKEN + over(w->letters, 5, w->upper ? 50 : 20) +
         over(w->letters, 11, 80) + 300 * w->marked;
}

static int64_t foreign(const struct word *w) {
  return TOKEN + over(w->letters, 3, 185) + 400 * w->marked;
}

static size_t take_word(struct tally *t, const unsigned char *text,
                        size_t bytes) {
  struct word w = {.text = text, .glued = !t->blank};
  while (w.bytes < bytes) {
    struct character c = read_at(text + w.bytes, bytes - w.bytes);
    if (c.kind != LATIN) {
      break;
    }
    w.upper += text[w.bytes] >= 'A' && text[w.bytes] <= 'Z';
    w.marked += !c.ascii;
    w.letters++;
    w.bytes += c.bytes;
  }
  t->english += english(&w);
  t->foreign += foreign(&w);
  t->words++;
  t->common += is_common(&w);
  return w.bytes;
}

/* A run of one kind of letters: a token at least. */
static size_t take_letters(struct tally *t, const unsigned char *text,
                           size_t bytes) {
  size_t at = 0;
  int64_t sum = 0;
  while (at < bytes) {
    struct character c = read_at(text + at, bytes - at);
    if (c.kind != LETTER) {
      break;
    }
    sum += c.each;
    at += c.bytes;
  }
  t->all += sum > TOKEN ? sum : TOKEN;
  return at;
}

static size_t take_digits(struct tally *t, const unsigned char *text,
                          size_t bytes) {
  size_t n = 0;
  while (n < bytes && text[n] >= '0' && text[n] <= '9') {
    n++;
  }
  t->all += (int64_t)((n + 2) / 3) * TOKEN + (t->blank ? TOKEN : 0);
  return n;
}

static size_t take_signs(struct tally *t, const unsigned char *text,
                         size_t bytes) {
  size_t at = 0;
  int ascii = 0;
  int64_t sum = 0;
  while (at < bytes) {
    struct character c = read_at(text + at, bytes - at);
    if (c.kind != SIGN) {
      break;
    }
    ascii += c.ascii;
    sum += c.ascii ? 0 : c.each;
    at += c.bytes;
  }
  t->all += sum + (ascii == 0  ? 0
                   : ascii < 4 ? TOKEN
                               : TOKEN + (ascii - 3) * 450);
  return at;
}

/* One blank waits for what follows; a line end after a sign is part of it. */
static size_t take_white(struct tally *t, const unsigned char *text,
                         size_t bytes) {
  size_t n = 0, lines = 0;
  while (n < bytes && strchr(" \t\r\n", text[n]) && text[n]) {
    lines += text[n] == '\n' || text[n] == '\r';
    n++;
  }
  if (n == bytes) {
    t->all += t->before == SIGN && lines == n ? 0 : TOKEN;
  } else if (lines == n) {
    t->all += t->before == SIGN ? 0 : TOKEN;
  } else if (n > 1) {
    t->all += TOKEN;
  }
  t->blank = n < bytes && text[n - 1] == ' ';
  return n;
}

static size_t take(struct tally *t, const unsigned char *text, size_t bytes) {
  struct character c = read_at(text, bytes);
  size_t taken = 0;
  if (c.kind == BLANK || c.kind == LINE) {
    taken = take_white(t, text, bytes);
  } else {
    taken = c.kind == LATIN    ? take_word(t, text, bytes)
            : c.kind == LETTER ? take_letters(t, text, bytes)
            : c.kind == DIGIT  ? take_digits(t, text, bytes)
                               : take_signs(t, text, bytes);
    t->blank = 0;
  }
  t->before = c.kind;
  return taken;
}

/* ---- texts and requests ------------------------------------------------- */

int64_t jg_tokens_within(const char *text, size_t bytes) {
  struct tally t = {.before = LINE};
  size_t at = 0;
  while (at < bytes) {
    at += take(&t, (const unsigned char *)text + at, bytes - at);
  }
  /* Of English words more than one in 32 is among the ten. */
  int is_english = t.words < 40 || t.common * 32 >= t.words;
  t.all += is_english ? t.english : t.foreign;
  return (t.all + TOKEN / 2) / TOKEN;
}

int64_t jg_tokens(const char *text) {
  return text ? jg_tokens_within(text, strlen(text)) : 0;
}

/* Around each message: its role and where it begins and ends; and where the
** answer begins. OpenAI's cookbook has 4 and 3 ("How to count tokens with
** tiktoken"), the templates of Llama 3 and SmolLM2 5 and 3. */
#define MESSAGE_TOKENS 4
#define ANSWER_BEGINS_TOKENS 3
/* What Anthropic adds so that a tool must be called, by its documentation. */
#define TOOL_TOKENS 313

/* A schema is shown to the model by providers; by servers on this machine or
** its network (llama.cpp, vLLM, Ollama) it only constrains the answer. */
static int64_t schema_tokens(const struct jg_endpoint *endpoint,
                             const char *schema) {
  const struct jg_wire *wire = jg_wire_of(endpoint);
  int tool = wire == &jg_wire_anthropic || wire == &jg_wire_bedrock;
  if (!schema || wire == &jg_wire_ollama ||
      (endpoint->url && strncmp(endpoint->url, "http://", 7) == 0)) {
    return 0;
  }
  return jg_tokens(schema) + (tool ? TOOL_TOKENS : 0);
}

int64_t jg_tokens_chat(const struct jg_endpoint *endpoint,
                       const struct jg_chat *chat) {
  int64_t messages = (chat->system ? 2 : 1) + 2 * (int64_t)chat->turn_count;
  int64_t turns = 0;
  for (size_t i = 0; i < chat->turn_count; i++) {
    turns +=
        jg_tokens(chat->turns[i].user) + jg_tokens(chat->turns[i].assistant);
  }
  return jg_tokens(chat->system) + turns + jg_tokens(chat->user) +
         schema_tokens(endpoint, chat->schema) + messages * MESSAGE_TOKENS +
         ANSWER_BEGINS_TOKENS;
}

/* ---- learning from answers ---------------------------------------------- */

void jg_token_fit_add(struct jg_token_fit *fit, int64_t estimated,
                      int64_t measured) {
  double e = (double)estimated, m = (double)measured;
  fit->pairs++;
  fit->estimated += e;
  fit->measured += m;
  fit->squares += e * e;
  fit->products += e * m;
}

/* Ridge regression: how far fixed lies from 0 and each from 1 counts as much as
** the pairs' distances from the line, each in its own measure. */
#define FIXED_SPREAD 150.0 /* tokens: schemas, tools, templates */
#define EACH_SPREAD 0.3    /* tokenizers differ so much */
#define NOISE_SHARE 0.04   /* a request's distance from its model's line */

void jg_token_fit_line(const struct jg_token_fit *fit, double *fixed,
                       double *each) {
  double n = (double)fit->pairs;
  *fixed = 0;
  *each = 1;
  if (fit->pairs == 0) {
    return;
  }
  double noise = 2 + NOISE_SHARE * fit->estimated / n;
  double a = n / (noise * noise) + 1 / (FIXED_SPREAD * FIXED_SPREAD);
  double b = fit->estimated / (noise * noise);
  double c = fit->squares / (noise * noise) + 1 / (EACH_SPREAD * EACH_SPREAD);
  double x = fit->measured / (noise * noise);
  double y = fit->products / (noise * noise) + 1 / (EACH_SPREAD * EACH_SPREAD);
  double d = a * c - b * b; /* > 0: both spreads are finite */
  *fixed = (x * c - y * b) / d;
  *each = (a * y - b * x) / d;
}
