/*
** How many tokens a text takes, without any model's vocabulary: for forecasts
** only, budgets reserve bytes. tokens.c tells how, and how far off it is.
*/
#ifndef JG_LLM_TOKENS_H
#define JG_LLM_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "llm/chat.h"

/* Tokens of a text that need not be valid UTF-8; 0 for NULL. */
int64_t jg_tokens(const char *text);
int64_t jg_tokens_within(const char *text, size_t bytes);

/* Tokens of a chat request: its messages, the schema of the answer, and what
** the provider puts around them. */
int64_t jg_tokens_chat(const struct jg_endpoint *endpoint,
                       const struct jg_chat *chat);

/* What a model takes beside what is estimated, from answered requests: adds of
** one each, in any order. */
struct jg_token_fit {
  int64_t pairs;
  double estimated, measured; /* sums, as the next two */
  double squares, products;
};

void jg_token_fit_add(struct jg_token_fit *fit, int64_t estimated,
                      int64_t measured);
/* measured = fixed + each * estimated: a least-squares line, held near 0 and 1
** as far as the pairs do not say otherwise, so that one pair is of use and a
** line far from the pairs stays sensible. Without a pair 0 and 1. */
void jg_token_fit_line(const struct jg_token_fit *fit, double *fixed,
                       double *each);

#endif
