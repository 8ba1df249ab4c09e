/*
** Budgets (law 8): what a call may take at most is reserved before it is sent
** and settled when it ends, so that a limit is never exceeded; what it took and
** nobody tells counts as what was reserved (charge.h). A limit of -1 is none. Cost
** is in the currency of judge_price (USD).
*/
#ifndef JG_LLM_BUDGET_H
#define JG_LLM_BUDGET_H

#include <stdint.h>

struct jg_price { /* per million tokens; negative = unknown */
  double input, output, cached;
};

struct jg_budget {
  int64_t max_calls, max_tokens;
  double max_cost;
  int64_t deadline_ms;   /* monotonic; -1 = none */
  int64_t calls, tokens; /* spent */
  double cost;
  int64_t reserved_calls, reserved_tokens;
  double reserved_cost;
  /* of what is spent, by calls that nobody told the usage of */
  int64_t unknown_calls, unknown_tokens;
};

struct jg_reservation {
  int64_t tokens; /* input bound + output bound */
  double cost;
};

void jg_budget_init(struct jg_budget *budget);
/* 1 and reserved, or 0: it would pass a limit or the time is up. why (static
** text: "max_calls", ...) is set on 0. */
int jg_budget_reserve(struct jg_budget *budget,
                      const struct jg_reservation *most, int64_t now_ms,
                      const char **why);
/* A reserved call ended: it took this much (0 when it cannot have been answered,
** but the call itself counts). Negative: not known, so what was reserved is
** spent. */
void jg_budget_settle(struct jg_budget *budget,
                      const struct jg_reservation *most, int64_t tokens,
                      double cost);
/* A reserved call was not sent after all. */
void jg_budget_cancel(struct jg_budget *budget,
                      const struct jg_reservation *most);

#endif
