/*
** The pump over a transport in memory that answers in another thread's time:
** what is put comes back once, however it ends.
*/
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "llm/pump.h"
#include "unit.h"

#define ITEMS 500
#define SLOTS 8

struct item {
  struct jg_pump_item link; /* first */
  char body[8];
  int status; /* of the answer */
  char code[16];
  int back;
};

struct world {
  struct item items[ITEMS];
  uint64_t flying[SLOTS];
  struct item *of[SLOTS];
  size_t flying_count, peak;
  int status_of_all, fail_task_of, fail_landed_of, holds; /* answers nothing */
  int waits; /* how often the schedule waited in vain */
  pthread_mutex_t lock;
  pthread_cond_t woken;
  int wakes, awake;
  struct jg_rng rng;
  struct jg_endpoint endpoint;
  struct jg_budget budget;
  struct jg_clock clock;
  struct jg_transport transport;
  struct jg_schedule schedule;
  struct jg_pump_work work;
};

static int world_start(void *ctx, const struct jg_http_request *request,
                       struct jg_err *err) {
  struct world *w = ctx;
  (void)err;
  w->flying[w->flying_count] = request->id;
  w->of[w->flying_count++] = &w->items[atoi(request->body)];
  w->peak = w->flying_count > w->peak ? w->flying_count : w->peak;
  return JG_OK;
}

static int world_wait(void *ctx, int timeout_ms, struct jg_http_response *out,
                      struct jg_err *err) {
  struct world *w = ctx;
  if (w->flying_count == 0 || w->holds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += timeout_ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&w->lock);
    w->waits++;
    while (!w->awake &&
           pthread_cond_timedwait(&w->woken, &w->lock, &until) == 0) {
    }
    w->awake = 0;
    pthread_mutex_unlock(&w->lock);
    return 0;
  }
  out->id = w->flying[--w->flying_count];
  out->status = w->of[w->flying_count]->status;
  out->retry_after_ms = -1;
  out->rate = jg_http_rate_unknown();
  out->body = jg_mem_text("{}", err);
  out->body_bytes = 2;
  return 1;
}

static void world_wake(void *ctx) {
  struct world *w = ctx;
  pthread_mutex_lock(&w->lock);
  w->wakes++;
  w->awake = 1;
  pthread_cond_signal(&w->woken);
  pthread_mutex_unlock(&w->lock);
}

static void world_cancel(void *ctx) {
  ((struct world *)ctx)->flying_count = 0;
}

static int make_task(void *ctx, struct jg_pump_item *link, struct jg_task *task,
                     struct jg_err *err) {
  struct world *w = ctx;
  struct item *item = (struct item *)link;
  if (item - w->items == w->fail_task_of) {
    return jg_err_set(err, JG_ERROR, "cannot be asked");
  }
  task->endpoint = &w->endpoint;
  task->body = item->body;
  task->body_bytes = strlen(item->body);
  return JG_OK;
}

static int landed(void *ctx, struct jg_pump_item *link,
                  const struct jg_outcome *outcome, int64_t *tokens,
                  double *cost, struct jg_err *err) {
  struct world *w = ctx;
  struct item *item = (struct item *)link;
  (void)tokens, (void)cost;
  snprintf(item->code, sizeof(item->code), "%s",
           outcome->error_code == NULL ? "" : outcome->error_code);
  return item - w->items == w->fail_landed_of
             ? jg_err_set(err, JG_ERROR, "cannot be read")
             : JG_OK;
}

static struct world *world_new(void) {
  struct jg_err err = {0};
  struct world *w = jg_mem_new(1, sizeof(*w), &err);
  for (int i = 0; i < ITEMS; i++) {
    snprintf(w->items[i].body, sizeof(w->items[i].body), "%d", i);
    w->items[i].status = 200;
  }
  w->fail_task_of = w->fail_landed_of = -1;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->woken, NULL);
  jg_rng_init(&w->rng, 3);
  jg_budget_init(&w->budget);
  w->clock = jg_clock_system();
  w->transport = (struct jg_transport){
      w, world_start, world_wait, world_wake, world_cancel, NULL, 0};
  w->schedule = (struct jg_schedule){.transport = &w->transport,
                                     .clock = &w->clock,
                                     .rng = &w->rng,
                                     .budget = &w->budget,
                                     .concurrency = SLOTS};
  w->work =
      (struct jg_pump_work){.ctx = w, .task = make_task, .landed = landed};
  return w;
}

static void world_free(struct world *w) {
  pthread_cond_destroy(&w->woken);
  pthread_mutex_destroy(&w->lock);
  jg_mem_free(w);
}

static struct jg_pump *open_pump(struct world *w, struct jg_err *err) {
  struct jg_pump *pump = NULL;
  memset(err, 0, sizeof(*err));
  CHECK_INT(jg_pump_open(&pump, &w->schedule, &w->work, err), JG_OK);
  return pump;
}

static int take_all(struct jg_pump *pump) {
  struct item *item;
  int count = 0;
  while ((item = (struct item *)jg_pump_take(pump, 0)) != NULL) {
    item->back++;
    count++;
  }
  return count;
}

static size_t room_of(struct jg_pump *pump) {
  int soon;
  return jg_pump_room(pump, &soon);
}

/* Puts all items as the pump wants them and takes them back until it ends. */
static int pass_all(struct world *w, struct jg_pump *pump) {
  int put = 0, taken = 0;
  while (!jg_pump_ended(pump)) {
    for (; put < ITEMS && room_of(pump) > 0; put++) {
      jg_pump_put(pump, &w->items[put].link);
    }
    if (put == ITEMS) {
      jg_pump_close(pump);
    }
    struct item *item = (struct item *)jg_pump_take(pump, 20);
    if (item != NULL) {
      item->back++;
      taken++;
    }
  }
  return taken + take_all(pump);
}

TEST(pump_gives_back_each_item_once) {
  struct world *w = world_new();
  struct jg_err err;
  struct jg_pump *pump = open_pump(w, &err);
  CHECK_INT(pass_all(w, pump), ITEMS);
  CHECK_INT(jg_pump_join(pump, &err)->sent, ITEMS);
  CHECK_INT(err.code, JG_OK);
  for (int i = 0; i < ITEMS; i++) {
    CHECK_INT(w->items[i].back, 1);
    CHECK_TEXT(w->items[i].code, "");
  }
  CHECK(w->peak <= SLOTS);
  jg_pump_free(pump);
  world_free(w);
}

TEST(pump_is_woken_by_what_is_put) {
  struct world *w = world_new();
  struct jg_err err;
  struct jg_pump *pump = open_pump(w, &err);
  for (int i = 0; i < 50; i++) {
    int wakes;
    do { /* until it sleeps for want of work */
      pthread_mutex_lock(&w->lock);
      wakes = w->wakes;
      int waits = w->waits;
      pthread_mutex_unlock(&w->lock);
      if (waits > i) {
        break;
      }
    } while (1);
    jg_pump_put(pump, &w->items[i].link);
    while (jg_pump_take(pump, 1000) == NULL) {
    }
    CHECK(w->wakes > wakes);
  }
  jg_pump_close(pump);
  CHECK_INT(jg_pump_join(pump, &err)->sent, 50);
  jg_pump_free(pump);
  world_free(w);
}

TEST(pump_asks_for_batches) {
  struct world *w = world_new();
  struct jg_err err;
  w->holds = 1;
  struct jg_pump *pump = open_pump(w, &err);
  while (room_of(pump) == 0) {
  }
  CHECK(room_of(pump) >= 2 * SLOTS);
  int put = 0;
  for (; put < ITEMS && room_of(pump) > 0; put++) {
    jg_pump_put(pump, &w->items[put].link);
  }
  CHECK(put < ITEMS);
  int soon = 1;
  CHECK_INT(jg_pump_room(pump, &soon), 0);
  CHECK(!soon);
  jg_pump_stop(pump);
  jg_pump_join(pump, &err);
  jg_pump_free(pump);
  world_free(w);
}

TEST(pump_stops_with_calls_in_flight) {
  struct world *w = world_new();
  struct jg_err err;
  w->holds = 1;
  struct jg_pump *pump = open_pump(w, &err);
  for (int i = 0; i < 2 * SLOTS; i++) {
    jg_pump_put(pump, &w->items[i].link);
  }
  CHECK(jg_pump_take(pump, 50) == NULL);
  CHECK_INT(room_of(pump), 0); /* what fills every slot waits */
  jg_pump_stop(pump);
  CHECK_INT(jg_pump_join(pump, &err)->dropped, SLOTS);
  CHECK(jg_pump_ended(pump));
  CHECK_INT(w->budget.reserved_calls, 0);
  jg_pump_free(pump);
  world_free(w);
}

TEST(pump_that_is_freed_stops) {
  struct world *w = world_new();
  struct jg_err err;
  w->holds = 1;
  struct jg_pump *pump = open_pump(w, &err);
  jg_pump_put(pump, &w->items[0].link);
  jg_pump_free(pump);
  jg_pump_free(NULL);
  world_free(w);
}

TEST(pump_passes_on_errors) {
  for (int kind = 0; kind < 2; kind++) {
    struct world *w = world_new();
    struct jg_err err;
    *(kind == 0 ? &w->fail_task_of : &w->fail_landed_of) = 20;
    struct jg_pump *pump = open_pump(w, &err);
    int taken = pass_all(w, pump);
    jg_pump_join(pump, &err);
    CHECK_INT(err.code, JG_ERROR);
    CHECK_TEXT(err.text, kind == 0 ? "cannot be asked" : "cannot be read");
    /* An answer that came is handed over, whatever else went wrong. */
    CHECK_INT(w->items[20].back, kind);
    CHECK(taken < ITEMS);
    jg_pump_free(pump);
    world_free(w);
  }
}

TEST(pump_ends_after_a_failure_that_all_would_share) {
  struct world *w = world_new();
  struct jg_err err;
  w->items[30].status = 401;
  struct jg_pump *pump = open_pump(w, &err);
  int taken = pass_all(w, pump);
  CHECK(taken >= 30 && taken < 31 + 2 * SLOTS);
  CHECK_TEXT(w->items[30].code, "HTTP_401");
  CHECK_INT(jg_pump_join(pump, &err)->sent, taken);
  jg_pump_free(pump);
  world_free(w);
}

TEST(pump_finishes_what_is_in_flight) {
  struct world *w = world_new();
  struct jg_err err;
  struct jg_pump *pump = open_pump(w, &err);
  for (int i = 0; i < ITEMS / 2; i++) {
    jg_pump_put(pump, &w->items[i].link);
  }
  jg_pump_finish(pump);
  const struct jg_schedule *s = jg_pump_join(pump, &err);
  CHECK_INT(take_all(pump), s->sent);
  CHECK_INT(s->dropped, 0);
  jg_pump_free(pump);
  world_free(w);
}
