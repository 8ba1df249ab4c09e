/*
** Does the host want the command to end? (law 11)
**
** Hosts say so in several ways, and a command that waits for the network hears
** none of them by itself, since no statement of the host's makes a step:
**
**   sqlite3_interrupt()          the shell, a thread of the host's
**   a progress handler           Python: set_progress_handler(lambda: 0, 1000);
**                                its signals are looked at when it is called
**   a flag of the host's own     R, Ruby: set by the handler of SIGINT, and
**                                looked at when a function of theirs returns
**
** So all of them are asked, in one table. Whichever says yes, the connection is
** interrupted as by sqlite3_interrupt(): SQLite keeps that in mind until the
** outermost statement has ended, where a progress handler or a flag may say so
** only once.
*/
#ifndef JG_RUN_INTERRUPT_H
#define JG_RUN_INTERRUPT_H

#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"
#include "core/stop.h"
#include "sqlite3ext.h"

struct jg_interrupt {
  int depth; /* commands that run: one within another's SQL, too */
  sqlite3 *db;
  const struct jg_clock *clock;
  sqlite3_stmt *one;   /* a step tells what sqlite3_interrupt() said */
  sqlite3_stmt *steps; /* as many steps as call a progress handler; NULL: the
                       ** host does not allow it */
  int64_t stepped_ms;  /* monotonic, when they were made last */
  /* The host's own; NULL where there is none. */
  const volatile int *r_pending;
  int (*ruby_has_lock)(void);
  uintptr_t (*ruby_thread)(void);
  int (*ruby_interrupted)(uintptr_t thread);
};

/* From the begin of a command to its end. Each begin, failed or not, has its
** end: no statement may outlive the command. */
int jg_interrupt_begin(struct jg_interrupt *interrupt, sqlite3 *db,
                       const struct jg_clock *clock, struct jg_err *err);
void jg_interrupt_end(struct jg_interrupt *interrupt);
/* 1 when the host wants an end: from then on every statement on this connection
** fails until the command returns. Cheap but for .25 ms every 100 ms; to be
** asked on the thread that the command was called on, every 50 ms or oftener. */
int jg_interrupt_heard(struct jg_interrupt *interrupt);
/* The same as an error: JG_INTERRUPTED. For work in pieces. */
int jg_interrupt_check(struct jg_interrupt *interrupt, struct jg_err *err);
/* The same for work that knows no SQLite; lends interrupt. */
struct jg_stop jg_interrupt_stop(struct jg_interrupt *interrupt);
/* 1 when sqlite3_interrupt() was called, by us or the host; at any time. */
int jg_interrupt_is_set(sqlite3 *db);

#endif
