/* Budgets: reserved and spent together never pass a limit. */
#include <string.h>

#include "core/rng.h"
#include "llm/budget.h"
#include "unit.h"

static const struct jg_reservation NOTHING = {0, 0};

TEST(budget_without_limits) {
  struct jg_budget b;
  const char *why = NULL;
  jg_budget_init(&b);
  for (int i = 0; i < 1000; i++) {
    struct jg_reservation most = {1000000, 10.0};
    CHECK_INT(jg_budget_reserve(&b, &most, 1000, &why), 1);
    jg_budget_settle(&b, &most, 5, 0.5);
  }
  CHECK_INT(b.calls, 1000);
  CHECK_INT(b.tokens, 5000);
  CHECK_NEAR(b.cost, 500.0, 1e-9);
  CHECK_INT(b.reserved_calls + b.reserved_tokens, 0);
  CHECK_NEAR(b.reserved_cost, 0.0, 0.0);
}

TEST(budget_of_calls_counts_those_in_flight) {
  struct jg_budget b;
  const char *why = NULL;
  jg_budget_init(&b);
  b.max_calls = 2;
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 0, &why), 1);
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 0, &why), 1);
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 0, &why), 0);
  CHECK_TEXT(why, "max_calls");
  jg_budget_settle(&b, &NOTHING, 0, 0);
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 0, &why), 0);
}

TEST(budget_of_none_allows_none) {
  struct jg_budget b;
  const char *why = NULL;
  jg_budget_init(&b);
  b.max_tokens = 0;
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 0, &why), 0);
  CHECK_TEXT(why, "max_tokens");
}

TEST(budget_gives_back_what_was_not_used) {
  struct jg_budget b;
  const char *why = NULL;
  struct jg_reservation most = {60, 0.6};
  jg_budget_init(&b);
  b.max_tokens = 100;
  b.max_cost = 1.0;
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 0);
  CHECK_TEXT(why, "max_tokens");
  jg_budget_settle(&b, &most, 10, 0.1);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
  jg_budget_settle(&b, &most, 30, 0.6);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 0);
  CHECK_TEXT(why, "max_cost");
}

TEST(budget_keeps_what_nobody_tells) {
  struct jg_budget b;
  const char *why = NULL;
  struct jg_reservation most = {60, 0.6};
  jg_budget_init(&b);
  b.max_tokens = 119;
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
  jg_budget_settle(&b, &most, -1, -1);
  CHECK_INT(b.tokens, 60);
  CHECK_NEAR(b.cost, 0.6, 1e-12);
  CHECK_INT(b.unknown_calls, 1);
  CHECK_INT(b.unknown_tokens, 60);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 0);
  CHECK_TEXT(why, "max_tokens");
}

/* Tokens are told, but there is no price: what was reserved is at the price. */
TEST(budget_of_a_cost_that_is_not_known) {
  struct jg_budget b;
  const char *why = NULL;
  struct jg_reservation most = {60, 0.6};
  jg_budget_init(&b);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
  jg_budget_settle(&b, &most, 10, -1);
  CHECK_INT(b.tokens, 10);
  CHECK_NEAR(b.cost, 0.6, 1e-12);
  CHECK_INT(b.unknown_calls, 0);
}

TEST(budget_cancel_costs_nothing) {
  struct jg_budget b;
  const char *why = NULL;
  struct jg_reservation most = {60, 0.6};
  jg_budget_init(&b);
  b.max_calls = 1;
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
  jg_budget_cancel(&b, &most);
  CHECK_INT(b.calls, 0);
  CHECK_INT(jg_budget_reserve(&b, &most, 0, &why), 1);
}

TEST(budget_of_time) {
  struct jg_budget b;
  const char *why = NULL;
  jg_budget_init(&b);
  b.deadline_ms = 500;
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 499, &why), 1);
  CHECK_INT(jg_budget_reserve(&b, &NOTHING, 500, &why), 0);
  CHECK_TEXT(why, "max_seconds");
}

/* Any order of sending and landing: spent + reserved stays within. */
TEST(budget_holds_in_random_runs) {
  struct jg_rng rng;
  jg_rng_init(&rng, 11);
  for (int run = 0; run < 300; run++) {
    struct jg_budget b;
    struct jg_reservation flying[16];
    size_t count = 0;
    const char *why = NULL;
    jg_budget_init(&b);
    b.max_calls = (int64_t)jg_rng_below(&rng, 60);
    b.max_tokens = (int64_t)jg_rng_below(&rng, 20000);
    b.max_cost = jg_rng_real(&rng);
    for (int i = 0; i < 300; i++) {
      struct jg_reservation most = {(int64_t)jg_rng_below(&rng, 2000),
                                    jg_rng_real(&rng) / 20};
      if (count < 16 && jg_budget_reserve(&b, &most, 0, &why)) {
        flying[count++] = most;
      } else if (count > 0) {
        size_t at = (size_t)jg_rng_below(&rng, count);
        double share = jg_rng_real(&rng);
        jg_budget_settle(&b, &flying[at],
                         (int64_t)(share * (double)flying[at].tokens),
                         share * flying[at].cost);
        flying[at] = flying[--count];
      }
      CHECK(b.calls + b.reserved_calls <= b.max_calls);
      CHECK(b.tokens + b.reserved_tokens <= b.max_tokens);
      CHECK(b.cost + b.reserved_cost <= b.max_cost + 1e-9);
    }
  }
}
