/* Small text tools: UTF-8, words, nearest names, number reading. */
#ifndef JG_CORE_TEXT_H
#define JG_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

int jg_text_is_utf8(const char *text, size_t bytes);
/* Length of the longest beginning that is UTF-8. */
size_t jg_text_utf8_bytes(const char *text, size_t bytes);
/* The largest length <= max_bytes that does not cut a character. */
size_t jg_text_cut(const char *text, size_t bytes, size_t max_bytes);
/* ASCII case aside. */
int jg_text_same(const char *a, const char *b);
int jg_text_samen(const char *a, size_t a_bytes, const char *b, size_t b_bytes);
/* The part without white space at both ends, lent. */
const char *jg_text_trim(const char *text, size_t bytes, size_t *trimmed_bytes);
/* Damerau-Levenshtein distance, ASCII case aside, capped at limit + 1. */
int jg_text_distance(const char *a, const char *b, int limit);
/* The nearest of count names within a third of its length, or NULL. */
const char *jg_text_nearest(const char *name, const char *const *names,
                            size_t count);
/* Reads a whole number text ("12", " 3.5e2 ", "-1") in any locale; 1 if so. */
int jg_text_number(const char *text, size_t bytes, double *out);

#endif
