/*
** Long work in pieces: between two of them it asks whether to go on.
*/
#ifndef JG_CORE_STOP_H
#define JG_CORE_STOP_H

#include <stddef.h>
#include "core/err.h"

struct jg_stop {
  /* Sets err when the work shall end. To be asked every few milliseconds. */
  int (*check)(void *ctx, struct jg_err *err);
  void *ctx;
};

/* stop may be NULL: nobody asks for an end. */
static inline int jg_stop_check(const struct jg_stop *stop,
                                struct jg_err *err) {
  return stop != NULL && err->code == JG_OK ? stop->check(stop->ctx, err)
                                            : (int)err->code;
}

#endif
