/* Where a long job tells what it does; the run layer decides what becomes of
** it (rows of judge_log, lines on stderr). */
#ifndef JG_CORE_LOG_H
#define JG_CORE_LOG_H

#include "core/err.h"

struct jg_log {
  /* step is a short word ("distill", "fold 2"); data is JSON or NULL. */
  void (*line)(void *ctx, const char *step, const char *text, const char *data);
  void *ctx;
};

/* Does nothing when log is NULL or has no function. */
void jg_log_line(const struct jg_log *log, const char *step, const char *data,
                 const char *format, ...) JG_PRINTF(4, 5);

#endif
