/*
** One line on stderr while a long command runs: done, rate, errors, cost so
** far, time left. Only when stderr is a terminal, or when asked for.
*/
#ifndef JG_RUN_PROGRESS_H
#define JG_RUN_PROGRESS_H

#include "run/job.h"

struct jg_progress_line {
  const struct jg_job *job;
  int on;
  int64_t total; /* -1: not known */
  int64_t done, errors;
  int64_t shown_ms; /* monotonic */
  int shown;        /* something stands on the line */
};

void jg_progress_begin(struct jg_progress_line *line, const struct jg_job *job,
                       int64_t total);
/* Counts one item and shows the line at most five times a second. */
void jg_progress_step(struct jg_progress_line *line, int failed);
/* Clears the line. */
void jg_progress_end(struct jg_progress_line *line);

#endif
