/* Budgets: see budget.h. What is spent plus what is reserved never passes a
** limit, whatever the calls in flight turn out to take. */
#include "llm/budget.h"

#include <assert.h>
#include <string.h>

void jg_budget_init(struct jg_budget *budget) {
  memset(budget, 0, sizeof(*budget));
  budget->max_calls = -1;
  budget->max_tokens = -1;
  budget->max_cost = -1;
  budget->deadline_ms = -1;
}

static int64_t at_least_0(int64_t x) {
  return x > 0 ? x : 0;
}

/* The limit that one more call could pass, or NULL. */
static const char *limit_hit(const struct jg_budget *b,
                             const struct jg_reservation *most,
                             int64_t now_ms) {
  if (b->deadline_ms >= 0 && now_ms >= b->deadline_ms) {
    return "max_seconds";
  }
  if (b->max_calls >= 0 && b->calls + b->reserved_calls >= b->max_calls) {
    return "max_calls";
  }
  if (b->max_tokens >= 0) {
    int64_t left = b->max_tokens - b->tokens - b->reserved_tokens;
    if (left <= 0 || at_least_0(most->tokens) > left) {
      return "max_tokens";
    }
  }
  if (b->max_cost >= 0) {
    double most_cost = most->cost > 0 ? most->cost : 0;
    if (b->cost + b->reserved_cost + most_cost > b->max_cost) {
      return "max_cost";
    }
  }
  return NULL;
}

int jg_budget_reserve(struct jg_budget *budget,
                      const struct jg_reservation *most, int64_t now_ms,
                      const char **why) {
  const char *hit = limit_hit(budget, most, now_ms);
  if (hit != NULL) {
    *why = hit;
    return 0;
  }
  budget->reserved_calls++;
  budget->reserved_tokens += at_least_0(most->tokens);
  budget->reserved_cost += most->cost > 0 ? most->cost : 0;
  assert(budget->max_calls < 0 ||
         budget->calls + budget->reserved_calls <= budget->max_calls);
  assert(budget->max_tokens < 0 ||
         budget->tokens + budget->reserved_tokens <= budget->max_tokens);
  return 1;
}

void jg_budget_cancel(struct jg_budget *budget,
                      const struct jg_reservation *most) {
  assert(budget->reserved_calls > 0);
  budget->reserved_calls--;
  budget->reserved_tokens -= at_least_0(most->tokens);
  assert(budget->reserved_tokens >= 0);
  budget->reserved_cost -= most->cost > 0 ? most->cost : 0;
  if (budget->reserved_calls == 0) {
    budget->reserved_cost = 0; /* no rounding is carried along */
  }
}

void jg_budget_settle(struct jg_budget *budget,
                      const struct jg_reservation *most, int64_t tokens,
                      double cost) {
  jg_budget_cancel(budget, most);
  budget->calls++;
  if (tokens < 0) {
    tokens = at_least_0(most->tokens);
    budget->unknown_calls++;
    budget->unknown_tokens += tokens;
    cost = -1;
  }
  if (cost < 0) {
    cost = most->cost;
  }
  budget->tokens += tokens;
  budget->cost += cost > 0 ? cost : 0;
}
