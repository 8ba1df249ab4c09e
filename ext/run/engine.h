/*
** The engine behind calls.h, shared by its two halves: feed.c takes calls from
** the source and sends them, calls.c takes what lands and writes it.
*/
#ifndef JG_RUN_ENGINE_H
#define JG_RUN_ENGINE_H

#include "run/calls.h"

#define JG_ENGINE_CALLS_A_TURN 512 /* taken, or handed on, between two ticks */

struct jg_engine {
  struct jg_calls *calls;
  struct jg_err *err;
  struct jg_pump *pump;    /* opened for the first call that is sent */
  struct jg_call **flying; /* given to the pump and not taken back */
  size_t flying_count, flying_cap;
  struct jg_call *parked;  /* the file was locked when it was looked up */
  struct jg_claims claims; /* to be sent, or waiting for another command */
  int late;                /* the time was up while it waited for them */
  int ended;               /* the source has no more */
  int64_t locked_ms;       /* monotonic, since when; 0: not locked */
  int64_t patience_ms;     /* how long a lock is waited for */
  int64_t unkept_ms;       /* monotonic: since when an answer is not written;
                          ** 0: all are */
  int64_t full_ms;         /* monotonic: since when no room can be made; 0 */
  int64_t flushed_ms;      /* the command's rows were written */
  int64_t turn_ms;         /* monotonic: since when the turn goes on */
  int64_t heard_ms;        /* no interrupt then */
  struct jg_err halt;      /* why no other call can do better */
};

int64_t jg_engine_now_ms(const struct jg_engine *e);

/* Takes calls from the source while the pump has use for them, as many as can be
** had in short; they are claimed when there are enough, a commit each time. 1:
** there may be more at once. */
int jg_engine_feed(struct jg_engine *e);

/* A turn is over after so many calls, or after so long, which large answers may
** take: an interrupt is to be heard. */
int jg_engine_turn_is_over(const struct jg_engine *e, int calls);

/* A call is in flight: it is the engine's. */
int jg_engine_fly(struct jg_engine *e, struct jg_call *call);
/* Hands what is back to the call and to all that waited for the same one. */
int jg_engine_deliver(struct jg_engine *e, struct jg_call *call, int cached);
/* Drops a call that will not be answered, and all that waited for it; its claim
** is given back. Takes NULL. */
void jg_engine_give_back(struct jg_engine *e, struct jg_call *call);
/* Nothing more is taken, from the source or of what lands, until what has landed
** is written. */
int jg_engine_is_full(const struct jg_engine *e);

#endif
