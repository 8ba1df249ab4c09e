/*
** See pump.h. One lock guards the two queues and the flags; neither side holds
** it while it works or waits for the network. Each side wakes the other only
** when that one said that it has nothing to do.
*/
#include "llm/pump.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"

#define BATCH_LEAST 8
#define QUEUE_ROUNDS 8 /* how often the queue fills every slot at most */
#define NS_A_MS 1000000L
#define NS_A_SECOND 1000000000L

/* Whose thread this is: what a struct belongs to hangs on it. */
#define IS_CALLERS(p) pthread_equal(pthread_self(), (p)->caller)

struct queue {
  struct jg_pump_item *first, *last;
  size_t count;
};

struct jg_pump {
  struct jg_schedule schedule;
  struct jg_pump_work work;
  struct jg_rng rng; /* the thread's own */
  struct jg_err err; /* likewise */
  pthread_t thread;
  pthread_t caller; /* who opened it: the one thread that may call */
  int joined;
  pthread_mutex_t lock; /* of all below */
  pthread_cond_t told;  /* something landed, or the thread has ended */
  struct queue in, out;
  size_t wanted; /* how many should wait in the queue */
  int fed;       /* something was put */
  int hungry;    /* the schedule found nothing to send */
  int waiting;   /* the caller waits in take */
  int closed, finish, stop, ended;
};

/* --- queues ------------------------------------------------------------- */

static void queue_add(struct queue *q, struct jg_pump_item *item) {
  assert((q->first == NULL) == (q->count == 0)); /* both ends agree */
  assert((q->last == NULL) == (q->count == 0));
  item->next = NULL;
  if (q->last != NULL) {
    q->last->next = item;
  } else {
    q->first = item;
  }
  q->last = item;
  q->count++;
}

static struct jg_pump_item *queue_take(struct queue *q) {
  struct jg_pump_item *item = q->first;
  if (item != NULL) {
    q->first = item->next;
    q->last = q->first == NULL ? NULL : q->last;
    q->count--;
    item->next = NULL;
  }
  return item;
}

/* --- the pump's thread -------------------------------------------------- */

static size_t slots(const struct jg_pump *p) {
  return p->schedule.concurrency < 1 ? 1 : (size_t)p->schedule.concurrency;
}

/* A caller that is slow (a disk on which a commit takes longer than a request)
** is asked for more at a time, up to this. */
static size_t most_wanted(const struct jg_pump *p) {
  return QUEUE_ROUNDS * slots(p);
}

static enum jg_next next_task(void *ctx, struct jg_task *task,
                              struct jg_err *err) {
  struct jg_pump *p = ctx;
  assert(!IS_CALLERS(p));
  pthread_mutex_lock(&p->lock);
  struct jg_pump_item *item = queue_take(&p->in);
  int closed = p->closed;
  p->hungry = item == NULL && !closed;
  if (p->hungry && p->fed && p->wanted < most_wanted(p)) {
    p->wanted *= 2;
  }
  pthread_mutex_unlock(&p->lock);
  if (item == NULL) {
    return closed ? JG_NEXT_END : JG_NEXT_NONE_YET;
  }
  task->tag = item;
  return p->work.task(p->work.ctx, item, task, err) == JG_OK ? JG_NEXT_TASK
                                                             : JG_NEXT_END;
}

static int revise(void *ctx, struct jg_task *task, int status,
                  const char *error_text, struct jg_err *err) {
  struct jg_pump *p = ctx;
  return p->work.revise(p->work.ctx, task->tag, task, status, error_text, err);
}

static int task_done(void *ctx, const struct jg_task *task,
                     const struct jg_outcome *outcome, int64_t *tokens,
                     double *cost, struct jg_err *err) {
  struct jg_pump *p = ctx;
  struct jg_pump_item *item = task->tag;
  assert(!IS_CALLERS(p));
  p->work.landed(p->work.ctx, item, outcome, tokens, cost, err);
  p->schedule.finish |=
      outcome->error_code != NULL &&
      jg_failure_is_general(outcome->status, outcome->error_text);
  pthread_mutex_lock(&p->lock);
  queue_add(&p->out, item);
  if (p->waiting) {
    pthread_cond_signal(&p->told);
  }
  pthread_mutex_unlock(&p->lock);
  return err->code;
}

static int tick(void *ctx) {
  struct jg_pump *p = ctx;
  pthread_mutex_lock(&p->lock);
  int stop = p->stop;
  p->schedule.finish |= p->finish;
  pthread_mutex_unlock(&p->lock);
  return stop;
}

static void *run(void *ctx) {
  struct jg_pump *p = ctx;
  jg_schedule_run(&p->schedule, &p->err);
  pthread_mutex_lock(&p->lock);
  p->ended = 1;
  pthread_cond_signal(&p->told);
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

/* --- opening ------------------------------------------------------------ */

/* After a change of the flags or the queue that the schedule should see. */
static void wake(struct jg_pump *p) {
  const struct jg_transport *t = p->schedule.transport;
  if (t->wake != NULL) {
    t->wake(t->ctx);
  }
}

/* The host's signals are for the host's threads. */
static int start(struct jg_pump *p) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int code = pthread_create(&p->thread, NULL, run, p);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

static int open_lock(struct jg_pump *p) {
  pthread_condattr_t attr;
  if (pthread_mutex_init(&p->lock, NULL) != 0) {
    return 0;
  }
  if (pthread_condattr_init(&attr) == 0) {
    /* The wall clock may jump while it is waited for. */
    int ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
             pthread_cond_init(&p->told, &attr) == 0;
    pthread_condattr_destroy(&attr);
    if (ok) {
      return 1;
    }
  }
  pthread_mutex_destroy(&p->lock);
  return 0;
}

static void close_lock(struct jg_pump *p) {
  pthread_cond_destroy(&p->told);
  pthread_mutex_destroy(&p->lock);
}

int jg_pump_open(struct jg_pump **out, const struct jg_schedule *schedule,
                 const struct jg_pump_work *work, struct jg_err *err) {
  struct jg_pump *p = jg_mem_new(1, sizeof(*p), err);
  *out = NULL;
  if (p == NULL) {
    return err->code;
  }
  p->caller = pthread_self();
  p->work = *work;
  p->schedule = *schedule;
  jg_rng_init(&p->rng, jg_rng_next(schedule->rng));
  p->schedule.rng = &p->rng;
  p->schedule.ctx = p;
  p->wanted = slots(p);
  p->schedule.next = next_task;
  p->schedule.done = task_done;
  p->schedule.revise = work->revise == NULL ? NULL : revise;
  p->schedule.tick = tick;
  if (!open_lock(p)) {
    jg_mem_free(p);
    return jg_err_nomem(err);
  }
  wake(p); /* a transport that was forked starts afresh here, not there */
  if (start(p) != 0) {
    close_lock(p);
    jg_mem_free(p);
    return jg_err_set(err, JG_ERROR,
                      "the system lets no thread be started for the network: "
                      "end other programs, or raise the limit of processes");
  }
  *out = p;
  return JG_OK;
}

/* --- the caller's thread ------------------------------------------------ */

size_t jg_pump_room(struct jg_pump *pump, int *soon) {
  size_t room = 0;
  pthread_mutex_lock(&pump->lock);
  *soon = pump->hungry || pump->in.count < pump->wanted / 2;
  if (!pump->ended && (pump->hungry || pump->in.count < pump->wanted)) {
    room = 2 * pump->wanted > BATCH_LEAST ? 2 * pump->wanted : BATCH_LEAST;
    room = room > pump->in.count ? room - pump->in.count : 1;
  }
  pthread_mutex_unlock(&pump->lock);
  return room;
}

void jg_pump_put(struct jg_pump *pump, struct jg_pump_item *item) {
  assert(IS_CALLERS(pump));
  pthread_mutex_lock(&pump->lock);
  int hungry = pump->hungry;
  pump->hungry = 0;
  pump->fed = 1;
  queue_add(&pump->in, item);
  pthread_mutex_unlock(&pump->lock);
  if (hungry) {
    wake(pump);
  }
}

static void set_flag(struct jg_pump *pump, int *flag) {
  pthread_mutex_lock(&pump->lock);
  int before = *flag;
  *flag = 1;
  pthread_mutex_unlock(&pump->lock);
  if (!before) {
    wake(pump);
  }
}

void jg_pump_close(struct jg_pump *pump) {
  set_flag(pump, &pump->closed);
}

void jg_pump_finish(struct jg_pump *pump) {
  set_flag(pump, &pump->finish);
}

void jg_pump_stop(struct jg_pump *pump) {
  set_flag(pump, &pump->stop);
}

struct jg_pump_item *jg_pump_take(struct jg_pump *pump, int timeout_ms) {
  struct timespec until;
  assert(IS_CALLERS(pump) && timeout_ms >= 0);
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += timeout_ms / 1000;
  until.tv_nsec += (timeout_ms % 1000) * NS_A_MS;
  if (until.tv_nsec >= NS_A_SECOND) {
    until.tv_sec++;
    until.tv_nsec -= NS_A_SECOND;
  }
  pthread_mutex_lock(&pump->lock);
  pump->waiting = timeout_ms > 0;
  while (pump->waiting && pump->out.count == 0 && !pump->ended) {
    if (pthread_cond_timedwait(&pump->told, &pump->lock, &until) != 0) {
      break;
    }
  }
  pump->waiting = 0;
  struct jg_pump_item *item = queue_take(&pump->out);
  pthread_mutex_unlock(&pump->lock);
  return item;
}

int jg_pump_ended(struct jg_pump *pump) {
  pthread_mutex_lock(&pump->lock);
  int ended = pump->ended && pump->out.count == 0;
  pthread_mutex_unlock(&pump->lock);
  return ended;
}

const struct jg_schedule *jg_pump_join(struct jg_pump *pump,
                                       struct jg_err *err) {
  assert(IS_CALLERS(pump));
  if (!pump->joined) {
    pthread_join(pump->thread, NULL);
    pump->joined = 1;
  }
  if (err->code == JG_OK && pump->err.code != JG_OK) {
    *err = pump->err;
  }
  return &pump->schedule;
}

void jg_pump_free(struct jg_pump *pump) {
  struct jg_err err = {.code = JG_OK};
  if (pump != NULL) {
    jg_pump_stop(pump);
    jg_pump_join(pump, &err);
    close_lock(pump);
    jg_mem_free(pump);
  }
}
