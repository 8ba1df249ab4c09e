/*
** The refill loop over a transport in memory, with a clock that only moves
** when the transport waits: thousands of seconds of traffic in microseconds.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "llm/charge.h"
#include "llm/mask.h"
#include "llm/scheduler.h"
#include "unit.h"

#define SECRET "sk-secret-key-0001" /* long enough to be one */
#define FLYING_MAX 64
#define TASKS_MAX 4096

/* How one attempt of a task ends. */
struct answer {
  int status;
  const char *code;
  int64_t latency_ms, retry_after_ms;
};

struct flight {
  uint64_t id;
  int64_t lands_ms;
  struct answer answer;
};

struct fake {
  /* the script */
  int tasks;
  struct answer (*answer)(struct fake *f, int task, int attempt);
  struct answer always; /* of always_so() */
  int none_yet;         /* every second call of next() says NONE_YET */
  int64_t stop_at_ms;   /* tick() asks to stop; -1 never */
  int fail_done_at;     /* done() fails for the n-th outcome; -1 never */
  int fail_start_of;    /* start() refuses this task; -1 none */
  int64_t tokens_used;  /* what done() reports */
  struct jg_reservation most;
  int billing; /* each attempt takes up to most_of its task */
  struct jg_reservation most_of[TASKS_MAX], used_of[TASKS_MAX];
  struct jg_reservation billed; /* what the provider would charge */
  int64_t late_ms;              /* nothing may be sent from then on; -1 never */
  /* the world */
  int64_t now_ms, last_tick_ms, longest_tick_ms;
  struct jg_rng rng;
  struct flight flying[FLYING_MAX];
  size_t flying_count;
  int attempts[TASKS_MAX];
  /* what was seen */
  int next, asked, done, sent, cancelled;
  size_t peak;
  double area;           /* in flight x milliseconds */
  int64_t sent_until_ms; /* when the last request went out */
  struct jg_outcome last;
  char last_code[32];
  int outcomes[TASKS_MAX]; /* how often each task was delivered */
  int order[TASKS_MAX];
  struct jg_endpoint endpoint;
  struct jg_schedule schedule;
  struct jg_budget budget;
  struct jg_clock clock;
  struct jg_transport transport;
};

static int64_t fake_mono(void *ctx) {
  return ((struct fake *)ctx)->now_ms;
}

/* A whole answer is charged for, and what the table of charge.c says may be. */
static void bill(struct fake *f, int task, const struct answer *a) {
  struct jg_reservation *most = &f->most_of[task], *used = &f->used_of[task];
  CHECK(f->late_ms < 0 || f->now_ms < f->late_ms);
  if (!f->billing) {
    return;
  }
  double share = jg_rng_below(&f->rng, 4) == 0 ? 1 : jg_rng_real(&f->rng);
  struct jg_attempt attempt = {a->status, a->code, 0};
  int maybe = jg_charge_of(&attempt) == JG_CHARGE_MOST;
  used->tokens = (int64_t)((double)most->tokens * share);
  used->cost = most->cost * share;
  if ((a->status == 200 && a->code == NULL) ||
      (maybe && jg_rng_below(&f->rng, 2) == 0)) {
    f->billed.tokens += used->tokens;
    f->billed.cost += used->cost;
  }
}

static int fake_start(void *ctx, const struct jg_http_request *request,
                      struct jg_err *err) {
  struct fake *f = ctx;
  int task = atoi(request->body);
  if (task == f->fail_start_of) {
    return jg_err_set(err, JG_ERROR, "cannot start " SECRET);
  }
  CHECK(f->flying_count < FLYING_MAX);
  struct answer a = f->answer(f, task, ++f->attempts[task]);
  bill(f, task, &a);
  f->flying[f->flying_count++] =
      (struct flight){request->id, f->now_ms + a.latency_ms, a};
  f->sent++;
  f->sent_until_ms = f->now_ms;
  f->peak = f->flying_count > f->peak ? f->flying_count : f->peak;
  return JG_OK;
}

static void advance(struct fake *f, int64_t to_ms) {
  f->area += (double)f->flying_count * (double)(to_ms - f->now_ms);
  f->now_ms = to_ms;
}

static int fake_wait(void *ctx, int timeout_ms, struct jg_http_response *out,
                     struct jg_err *err) {
  struct fake *f = ctx;
  size_t first = 0;
  for (size_t i = 1; i < f->flying_count; i++) {
    if (f->flying[i].lands_ms < f->flying[first].lands_ms) {
      first = i;
    }
  }
  if (f->flying_count == 0 ||
      f->flying[first].lands_ms > f->now_ms + timeout_ms) {
    /* Time must pass, or the loop would be a busy one. */
    advance(f, f->now_ms + (timeout_ms > 0 ? timeout_ms : 0));
    return 0;
  }
  struct flight landed = f->flying[first];
  advance(f, landed.lands_ms > f->now_ms ? landed.lands_ms : f->now_ms);
  f->flying[first] = f->flying[--f->flying_count];
  out->id = landed.id;
  out->status = landed.answer.status;
  out->error_code = landed.answer.code;
  out->retry_after_ms = landed.answer.retry_after_ms;
  out->rate = jg_http_rate_unknown();
  out->latency_ms = landed.answer.latency_ms;
  out->body = jg_mem_text(
      landed.answer.status == 200 ? "{\"k\":\"v\"}" : "{\"k\":\"" SECRET "\"}",
      err);
  out->body_bytes = out->body == NULL ? 0 : strlen(out->body);
  return 1;
}

static void fake_cancel(void *ctx) {
  struct fake *f = ctx;
  f->flying_count = 0;
  f->cancelled++;
}

static char BODIES[TASKS_MAX][8];

static enum jg_next fake_next(void *ctx, struct jg_task *task,
                              struct jg_err *err) {
  struct fake *f = ctx;
  (void)err;
  if (f->next == f->tasks) {
    return JG_NEXT_END;
  }
  if (f->none_yet && f->asked++ % 2 == 0) {
    return JG_NEXT_NONE_YET;
  }
  snprintf(BODIES[f->next], sizeof(BODIES[0]), "%d", f->next);
  task->tag = &f->outcomes[f->next];
  task->endpoint = &f->endpoint;
  task->body = BODIES[f->next++];
  task->body_bytes = strlen(task->body);
  task->most = f->billing ? f->most_of[f->next - 1] : f->most;
  return JG_NEXT_TASK;
}

static int fake_done(void *ctx, const struct jg_task *task,
                     const struct jg_outcome *outcome, int64_t *tokens,
                     double *cost, struct jg_err *err) {
  struct fake *f = ctx;
  int *count = task->tag;
  (*count)++;
  f->order[f->done++] = (int)(count - f->outcomes);
  *tokens = f->tokens_used;
  if (f->billing && outcome->body != NULL) {
    *tokens = f->used_of[count - f->outcomes].tokens;
    *cost = f->used_of[count - f->outcomes].cost;
  }
  f->last = *outcome;
  snprintf(f->last_code, sizeof(f->last_code), "%s",
           outcome->error_code == NULL ? "" : outcome->error_code);
  if (outcome->error_text != NULL) {
    CHECK(strstr(outcome->error_text, "sk-secret") == NULL);
  }
  if (outcome->body != NULL) {
    /* What a server says is handed on as it said it. */
    CHECK_TEXT(outcome->body, "{\"k\":\"v\"}");
  }
  CHECK((outcome->status == 200 && outcome->error_code == NULL) ==
        (outcome->body != NULL));
  return f->done - 1 == f->fail_done_at
             ? jg_err_set(err, JG_ERROR, "no room left")
             : JG_OK;
}

static int fake_tick(void *ctx) {
  struct fake *f = ctx;
  int64_t gap = f->now_ms - f->last_tick_ms;
  f->longest_tick_ms = gap > f->longest_tick_ms ? gap : f->longest_tick_ms;
  f->last_tick_ms = f->now_ms;
  return f->stop_at_ms >= 0 && f->now_ms >= f->stop_at_ms;
}

static struct answer all_fine(struct fake *f, int task, int attempt) {
  (void)task, (void)attempt;
  return (struct answer){200, NULL, 50 + (int64_t)jg_rng_below(&f->rng, 451),
                         -1};
}

static struct answer always_so(struct fake *f, int task, int attempt) {
  (void)task, (void)attempt;
  return f->always;
}

static char *HEADERS[] = {"Authorization: Bearer " SECRET};
static char KEY[] = SECRET;
static struct jg_secret SECRETS[] = {{KEY, sizeof(KEY) - 1, 0, 1}};

/* A world of 100 tasks, 8 in flight, 2 retries, all fine. */
static struct fake *fake_new(int concurrency) {
  struct jg_err err = {0};
  struct fake *f = jg_mem_new(1, sizeof(*f), &err);
  f->tasks = 100;
  f->answer = all_fine;
  f->stop_at_ms = f->fail_done_at = f->fail_start_of = f->late_ms = -1;
  f->endpoint.headers = HEADERS;
  f->endpoint.header_count = 1;
  f->endpoint.secrets = SECRETS;
  f->endpoint.secret_count = 1;
  jg_rng_init(&f->rng, 5);
  jg_budget_init(&f->budget);
  f->clock = (struct jg_clock){fake_mono, fake_mono, f};
  f->transport = (struct jg_transport){f,           fake_start, fake_wait, NULL,
                                       fake_cancel, NULL,       0};
  f->schedule = (struct jg_schedule){.transport = &f->transport,
                                     .clock = &f->clock,
                                     .rng = &f->rng,
                                     .budget = &f->budget,
                                     .concurrency = concurrency,
                                     .retries = 2,
                                     .ctx = f,
                                     .next = fake_next,
                                     .done = fake_done,
                                     .tick = fake_tick};
  return f;
}

static int run(struct fake *f, struct jg_err *err) {
  memset(err, 0, sizeof(*err));
  return jg_schedule_run(&f->schedule, err);
}

static void check_each_once(const struct fake *f, int count) {
  int once = 0;
  for (int i = 0; i < f->tasks; i++) {
    once += f->outcomes[i] == 1;
    CHECK(f->outcomes[i] <= 1);
  }
  CHECK_INT(once, count);
}

TEST(scheduler_keeps_the_number_in_flight) {
  static const int SETTINGS[] = {1, 2, 16, 64};
  for (size_t i = 0; i < 4; i++) {
    struct fake *f = fake_new(SETTINGS[i]);
    struct jg_err err;
    f->tasks = 4000;
    CHECK_INT(run(f, &err), JG_OK);
    check_each_once(f, 4000);
    CHECK_INT(f->peak, SETTINGS[i]);
    CHECK_INT(f->schedule.sent, 4000);
    CHECK_INT(f->schedule.retried, 0);
    CHECK_INT(f->budget.calls, 4000);
    CHECK(f->area / (double)f->now_ms >= 0.97 * SETTINGS[i]);
    CHECK(f->longest_tick_ms <= 100);
    jg_mem_free(f);
  }
}

TEST(scheduler_of_no_tasks) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->tasks = 0;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_INT(f->sent + f->done, 0);
  jg_mem_free(f);
}

TEST(scheduler_asks_again_after_none_yet) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->none_yet = 1;
  CHECK_INT(run(f, &err), JG_OK);
  check_each_once(f, 100);
  CHECK(f->longest_tick_ms <= 100);
  jg_mem_free(f);
}

/* Task 0 fails twice and has to wait long; the others do not: a 500 is about
** one request, where a 429 or 503 pauses the host. */
static struct answer first_waits(struct fake *f, int task, int attempt) {
  (void)f;
  if (task == 0 && attempt <= 2) {
    return (struct answer){500, NULL, 10, 60000};
  }
  return (struct answer){200, NULL, 10, -1};
}

TEST(scheduler_retries_hold_no_slot) {
  struct fake *f = fake_new(1);
  struct jg_err err;
  f->answer = first_waits;
  CHECK_INT(run(f, &err), JG_OK);
  check_each_once(f, 100);
  CHECK_INT(f->order[99], 0);
  CHECK_INT(f->last.attempts, 3);
  CHECK_INT(f->last.status, 200);
  CHECK(f->now_ms >= 120000 && f->now_ms < 121000);
  CHECK_INT(f->schedule.retried, 2);
  jg_mem_free(f);
}

static struct answer all_500(struct fake *f, int task, int attempt) {
  (void)f, (void)task, (void)attempt;
  return (struct answer){500, NULL, 5, -1};
}

static struct answer all_400(struct fake *f, int task, int attempt) {
  (void)f, (void)task, (void)attempt;
  return (struct answer){400, NULL, 5, -1};
}

static struct answer all_lost(struct fake *f, int task, int attempt) {
  (void)f, (void)task, (void)attempt;
  return (struct answer){0, "CLOSED", 5, -1};
}

TEST(scheduler_gives_up_after_the_retries) {
  static const struct {
    struct answer (*answer)(struct fake *f, int task, int attempt);
    int attempts;
    const char *code;
  } CASES[] = {{all_500, 3, "HTTP_500"},
               {all_400, 1, "HTTP_400"},
               {all_lost, 3, "CLOSED"}};
  for (size_t i = 0; i < 3; i++) {
    struct fake *f = fake_new(8);
    struct jg_err err;
    f->answer = CASES[i].answer;
    f->tasks = 1000;
    CHECK_INT(run(f, &err), JG_OK);
    check_each_once(f, 1000);
    CHECK_INT(f->last.attempts, CASES[i].attempts);
    CHECK_TEXT(f->last_code, CASES[i].code);
    CHECK_INT(f->sent, 1000 * CASES[i].attempts);
    CHECK_INT(f->budget.calls, f->sent);
    CHECK(f->peak <= 8);
    jg_mem_free(f);
  }
}

static struct answer often_429(struct fake *f, int task, int attempt) {
  (void)task, (void)attempt;
  int64_t latency = (int64_t)jg_rng_below(&f->rng, 300);
  return jg_rng_below(&f->rng, 3) == 0
             ? (struct answer){429, NULL, latency, -1}
             : (struct answer){200, NULL, latency, -1};
}

TEST(scheduler_never_passes_max_calls) {
  for (int i = 0; i < 200; i++) {
    struct fake *f = fake_new(16);
    struct jg_err err;
    f->answer = often_429;
    jg_rng_init(&f->rng, (uint64_t)i);
    f->budget.max_calls = i % 10;
    CHECK_INT(run(f, &err), JG_OK);
    CHECK_INT(f->sent, i % 10);
    CHECK_TEXT(f->schedule.exhausted, "max_calls");
    /* Each task that was sent ended, with its answer or its last error. */
    for (int k = 0; k < f->tasks; k++) {
      CHECK_INT(f->outcomes[k], f->attempts[k] > 0);
    }
    jg_mem_free(f);
  }
}

TEST(scheduler_waits_for_tokens_that_are_only_reserved) {
  struct fake *f = fake_new(16);
  struct jg_err err;
  f->most.tokens = 400;
  f->tokens_used = 10;
  f->budget.max_tokens = 1400;
  CHECK_INT(run(f, &err), JG_OK);
  /* 3 at first; one at a time at the end; all 100 use 1000. */
  check_each_once(f, 100);
  CHECK_INT(f->peak, 3);
  CHECK_INT(f->budget.tokens, 1000);
  CHECK(f->schedule.exhausted == NULL);
  jg_mem_free(f);
}

TEST(scheduler_ends_when_tokens_are_spent) {
  struct fake *f = fake_new(16);
  struct jg_err err;
  f->most.tokens = 100;
  f->tokens_used = 100;
  f->budget.max_tokens = 1050;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_INT(f->sent, 10);
  check_each_once(f, 10);
  CHECK_TEXT(f->schedule.exhausted, "max_tokens");
  jg_mem_free(f);
}

TEST(scheduler_neither_sends_nor_waits_after_the_deadline) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->tasks = 4000;
  f->most = (struct jg_reservation){100, 0.01};
  f->tokens_used = 1;
  f->budget.deadline_ms = 10000;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_TEXT(f->schedule.exhausted, "max_seconds");
  CHECK_INT(f->schedule.cut, 4);
  CHECK_INT(f->schedule.dropped, 0);
  CHECK_INT(f->done, f->sent - 4);
  CHECK_INT(f->cancelled, 1);
  CHECK(f->sent_until_ms < 10000);
  CHECK_INT(f->now_ms, 10000);
  CHECK_INT(f->budget.tokens, f->done + 4 * 100);
  CHECK_INT(f->budget.unknown_calls, 4);
  CHECK_INT(f->budget.unknown_tokens, 4 * 100);
  jg_mem_free(f);
}

static struct answer never(struct fake *f, int task, int attempt) {
  (void)f, (void)attempt;
  return (struct answer){200, NULL, task == 0 ? 100000 : 10, -1};
}

TEST(scheduler_cuts_off_the_last_call_at_the_deadline) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->answer = never;
  f->budget.deadline_ms = 1234;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_TEXT(f->schedule.exhausted, "max_seconds");
  CHECK_INT(f->schedule.cut, 1);
  CHECK_INT(f->done, 99);
  CHECK_INT(f->now_ms, 1234);
  jg_mem_free(f);
}

TEST(scheduler_counts_what_may_be_billed_at_its_most) {
  static const struct {
    struct answer answer;
    int64_t tokens;
  } CASES[] = {
      {{200, NULL, 10, -1}, 7},          {{200, "CLOSED", 10, -1}, 300},
      {{500, NULL, 10, -1}, 300},        {{408, NULL, 10, -1}, 300},
      {{429, NULL, 10, -1}, 0},          {{0, "TIMEOUT", 10, -1}, 300},
      {{0, "CLOSED", 10, -1}, 300},      {{0, "CONNECT", 10, -1}, 0},
      {{200, "TOO_LARGE", 10, -1}, 100}, {{200, "HEADERS", 10, -1}, 100},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct fake *f = fake_new(1);
    struct jg_err err;
    f->tasks = 1;
    f->always = CASES[i].answer;
    f->answer = always_so;
    f->most = (struct jg_reservation){100, 0.01};
    f->tokens_used = 7;
    CHECK_INT(run(f, &err), JG_OK);
    CHECK_INT(f->budget.tokens, CASES[i].tokens);
    CHECK_INT(f->budget.unknown_tokens,
              CASES[i].tokens == 7 ? 0 : CASES[i].tokens);
    jg_mem_free(f);
  }
}

TEST(scheduler_keeps_the_reservation_of_an_unknown_usage) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->most = (struct jg_reservation){100, 0.01};
  f->tokens_used = -1;
  f->budget.max_tokens = 1000;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_TEXT(f->schedule.exhausted, "max_tokens");
  CHECK_INT(f->sent, 10);
  CHECK_INT(f->budget.tokens, 1000);
  CHECK_INT(f->budget.unknown_calls, 10);
  CHECK_NEAR(f->budget.cost, 0.1, 1e-9);
  jg_mem_free(f);
}

TEST(scheduler_does_not_wait_for_retries_past_the_deadline) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->answer = first_waits;
  f->budget.deadline_ms = 5000;
  CHECK_INT(run(f, &err), JG_OK);
  check_each_once(f, 100);
  CHECK(f->now_ms < 1000);
  jg_mem_free(f);
}

TEST(scheduler_stops_when_asked) {
  struct fake *f = fake_new(8);
  struct jg_err err;
  f->stop_at_ms = 1000;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_INT(f->schedule.stopped, 1);
  CHECK_INT(f->schedule.dropped, 8);
  CHECK_INT(f->cancelled, 1);
  CHECK(f->now_ms <= 1100);
  CHECK_INT(f->budget.calls, f->sent);
  CHECK_INT(f->budget.reserved_calls, 0);
  jg_mem_free(f);
}

TEST(scheduler_stops_during_a_retry_wait) {
  struct fake *f = fake_new(8);
  struct jg_err err;
  f->tasks = 1;
  f->answer = first_waits;
  f->stop_at_ms = 1000;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK_INT(f->schedule.stopped, 1);
  CHECK_INT(f->schedule.dropped, 0);
  CHECK(f->now_ms <= 1100);
  jg_mem_free(f);
}

TEST(scheduler_passes_on_errors_of_done) {
  struct fake *f = fake_new(8);
  struct jg_err err;
  f->fail_done_at = 20;
  CHECK_INT(run(f, &err), JG_ERROR);
  CHECK_TEXT(err.text, "no room left");
  CHECK_INT(f->done, 21);
  CHECK_INT(f->cancelled, 1);
  jg_mem_free(f);
}

TEST(scheduler_ends_tasks_that_cannot_be_started) {
  struct fake *f = fake_new(8);
  struct jg_err err;
  f->fail_start_of = 17;
  CHECK_INT(run(f, &err), JG_OK);
  check_each_once(f, 100);
  CHECK_INT(f->sent, 99);
  CHECK_INT(f->budget.calls, 99);
  jg_mem_free(f);
}

static struct answer all_wait(struct fake *f, int task, int attempt) {
  (void)f, (void)task;
  return attempt == 1 ? (struct answer){503, NULL, 1, 100000}
                      : (struct answer){200, NULL, 1, -1};
}

TEST(scheduler_takes_no_more_while_too_many_wait) {
  struct fake *f = fake_new(4);
  struct jg_err err;
  f->answer = all_wait;
  f->tasks = 4000;
  f->stop_at_ms = 50000;
  CHECK_INT(run(f, &err), JG_OK);
  CHECK(f->next <= 64 + 4);
  jg_mem_free(f);
}

static struct answer anything(struct fake *f, int task, int attempt) {
  static const struct answer KINDS[] = {
      {200, NULL, 0, -1},    {200, NULL, 0, -1},    {200, NULL, 0, -1},
      {429, NULL, 0, 1500},  {429, NULL, 0, -1},    {500, NULL, 0, -1},
      {400, NULL, 0, -1},    {0, "TIMEOUT", 0, -1}, {200, "CLOSED", 0, -1},
      {0, "CONNECT", 0, -1}, {503, NULL, 0, 20},    {200, "TIMEOUT", 0, -1}};
  (void)task, (void)attempt;
  struct answer a = KINDS[jg_rng_below(&f->rng, 12)];
  a.latency_ms = (int64_t)jg_rng_below(&f->rng, 400);
  return a;
}

/* A limit that may be none, nothing, or in the way. */
static int64_t some_limit(struct jg_rng *rng, int64_t whole) {
  uint64_t kind = jg_rng_below(rng, 8);
  return kind == 0   ? -1
         : kind == 1 ? 0
                     : (int64_t)jg_rng_below(rng, (uint64_t)whole);
}

TEST(scheduler_never_passes_a_budget_in_a_thousand_runs) {
  struct jg_rng rng;
  jg_rng_init(&rng, 2026);
  int ended_by_budget = 0;
  for (int i = 0; i < 1000; i++) {
    struct fake *f = fake_new(1 + (int)jg_rng_below(&rng, 32));
    struct jg_err err;
    jg_rng_init(&f->rng, (uint64_t)i);
    f->billing = 1;
    f->answer = anything;
    f->tasks = 1 + (int)jg_rng_below(&rng, 120);
    f->none_yet = (int)jg_rng_below(&rng, 2);
    for (int k = 0; k < f->tasks; k++) {
      f->most_of[k].tokens = (int64_t)jg_rng_below(&rng, 2000);
      f->most_of[k].cost = 0.001 * (double)f->most_of[k].tokens;
    }
    int64_t cents = some_limit(&rng, f->tasks * 100);
    f->budget.max_calls = some_limit(&rng, f->tasks * 2);
    f->budget.max_tokens = some_limit(&rng, f->tasks * 1000);
    f->budget.max_cost = cents < 0 ? -1 : (double)cents / 100;
    f->budget.deadline_ms = f->late_ms = some_limit(&rng, 20000);
    CHECK_INT(run(f, &err), JG_OK);
    CHECK(f->budget.max_calls < 0 || f->sent <= f->budget.max_calls);
    CHECK(f->budget.max_tokens < 0 || f->billed.tokens <= f->budget.max_tokens);
    CHECK(f->budget.max_cost < 0 || f->billed.cost <= f->budget.max_cost);
    CHECK_INT(f->budget.calls, f->sent);
    CHECK(f->budget.tokens >= f->billed.tokens);
    CHECK_INT(f->budget.reserved_calls, 0);
    CHECK_INT(f->budget.reserved_tokens, 0);
    CHECK_INT(f->flying_count, 0);
    int delivered = 0;
    for (int k = 0; k < f->tasks; k++) {
      CHECK(f->outcomes[k] <= 1);
      CHECK(f->outcomes[k] == 1 || f->attempts[k] == 0 || f->schedule.cut > 0);
      delivered += f->outcomes[k];
    }
    CHECK(f->schedule.exhausted != NULL || delivered == f->tasks);
    ended_by_budget += f->schedule.exhausted != NULL;
    jg_mem_free(f);
  }
  CHECK(ended_by_budget > 300 && ended_by_budget < 1000);
}
