/*
** A schedule in a thread of its own: the network side of a command. What the
** caller does with answers meanwhile - storing them, waiting for a slow disk or
** a locked file - never keeps a slot empty, since the requests to come are
** queued here before a slot is free.
**
**   the caller's thread                 the pump's thread
**   jg_pump_put(item)    -> queue ->    work.task()   makes the request
**                                       jg_schedule_run sends, retries, waits
**   jg_pump_take(item)   <- landed <-   work.landed() reads the answer
**
** A failure that every other request would share (jg_failure_is_general) ends
** the sending. An item is the caller's; from put to take it belongs to the pump's thread.
** That thread is gone when jg_pump_join returns; it takes no signals.
*/
#ifndef JG_LLM_PUMP_H
#define JG_LLM_PUMP_H

#include "llm/scheduler.h"

/* Stands in the caller's own struct. */
struct jg_pump_item {
  struct jg_pump_item *next; /* in one queue at a time */
};

/* What the pump's thread does with an item. */
struct jg_pump_work {
  void *ctx;
  /* Fills the task (but its tag). */
  int (*task)(void *ctx, struct jg_pump_item *item, struct jg_task *task,
              struct jg_err *err);
  /* As jg_schedule.revise. */
  int (*revise)(void *ctx, struct jg_pump_item *item, struct jg_task *task,
                int status, const char *error_text, struct jg_err *err);
  /* As jg_schedule.done. After an error the item is handed over all the same. */
  int (*landed)(void *ctx, struct jg_pump_item *item,
                const struct jg_outcome *outcome, int64_t *tokens, double *cost,
                struct jg_err *err);
};

struct jg_pump;

/* Starts the thread. Of schedule everything counts but its callbacks; what it
** points to is the thread's own until join. */
int jg_pump_open(struct jg_pump **out, const struct jg_schedule *schedule,
                 const struct jg_pump_work *work, struct jg_err *err);
/* How many more items would be of use. None while as many wait as fill every
** slot at once (a few times that, when the queue has run empty before); then
** about as many again, so that they can be put in batches. *soon: so few wait
** that a small batch is better than a late one. */
size_t jg_pump_room(struct jg_pump *pump, int *soon);
void jg_pump_put(struct jg_pump *pump, struct jg_pump_item *item);
/* There will be no more. */
void jg_pump_close(struct jg_pump *pump);
/* The next item that has landed; waits up to timeout_ms for one. NULL: none,
** or the schedule has ended and all were taken. */
struct jg_pump_item *jg_pump_take(struct jg_pump *pump, int timeout_ms);
int jg_pump_ended(struct jg_pump *pump);
/* As jg_schedule.finish: what is in flight lands, no more. */
void jg_pump_finish(struct jg_pump *pump);
/* What is in flight is dropped. */
void jg_pump_stop(struct jg_pump *pump);
/* Waits for the thread's end, which close, finish or stop has asked for, and
** gives the results of the schedule; an error of the thread is err's when err
** holds none. Items that landed can still be taken. */
const struct jg_schedule *jg_pump_join(struct jg_pump *pump,
                                       struct jg_err *err);
/* Stops and joins when that was not done. Takes NULL. Items that were not taken
** are the caller's to dispose of. */
void jg_pump_free(struct jg_pump *pump);

#endif
