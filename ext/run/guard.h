/* What may send runs with no transaction open (law 3). */
#ifndef JG_RUN_GUARD_H
#define JG_RUN_GUARD_H

#include <stdint.h>

#include "core/err.h"
#include "run/interrupt.h"
#include "store/checked.h"
#include "sqlite3ext.h"

/* JG_OK when a command may start; else one text for each cause. */
int jg_guard_network(sqlite3 *db, const char *command, struct jg_err *err);
/* JG_OK when the file can be written: what is paid for must be stored. */
int jg_guard_writable(sqlite3 *db, const char *command, struct jg_err *err);
/* JG_OK when a statement that runs has the function's name in its text. On
** 3.40.1 a CHECK constraint, even by way of PRAGMA integrity_check, runs what is
** DIRECTONLY (law 10). */
int jg_guard_direct(sqlite3 *db, const char *function, struct jg_err *err);
/* JG_OK when no statement that writes is running: its tables' constraints may
** be what calls. */
int jg_guard_not_writing(sqlite3 *db, const char *function, struct jg_err *err);
/* What of ours is at work on the connection. A view or trigger of the file can
** make a table or function of ours call another one, or itself. */
struct jg_nesting {
  int depth;         /* calls of ours within calls of ours */
  const char *actor; /* the one at work that writes or sends, or NULL; lent */
};

/* JG_OK when one more may begin; then jg_nesting_leave() ends it. */
int jg_nesting_enter(struct jg_nesting *nesting, const char *name,
                     struct jg_err *err);
void jg_nesting_leave(struct jg_nesting *nesting);
/* JG_OK when what sends, spends, writes or sets may begin: nothing of the kind
** is at work, and no SQL text of an option is running. */
int jg_nesting_may_act(const struct jg_nesting *nesting,
                       const struct jg_checked_env *checked, const char *name,
                       struct jg_err *err);

/* Do others write this file while one reads it? */
int jg_guard_is_wal(sqlite3 *db);
/* How locks are waited for while a command runs. SQLite's own busy timeout
** sleeps through an interrupt, for as long as the host has set it; in its place
** stands a handler that waits as long in short steps, and hears one. */
struct jg_patience {
  int depth;   /* commands that run: one within another's SQL, too */
  sqlite3 *db; /* NULL: the host's is left alone */
  struct jg_interrupt *interrupt; /* lent */
  int host_ms;                    /* the host's busy timeout */
  int none;                       /* see jg_guard_impatient() */
};

/* From the begin of a command to its end. A handler of the host's own (and no
** timeout at all) stays as it is. Each begin, failed or not, has its end. */
int jg_guard_wait_begin(struct jg_patience *patience, sqlite3 *db,
                        struct jg_interrupt *interrupt, struct jg_err *err);
/* Sets the host's timeout back. */
void jg_guard_wait_end(struct jg_patience *patience);
/* While a command waits for the network it must not wait for a lock at all, it
** would read no answers meanwhile: BUSY comes at once until jg_guard_patient().
** Returns the host's timeout in ms. */
int jg_guard_impatient(struct jg_patience *patience);
void jg_guard_patient(struct jg_patience *patience);
/* How long a lock is waited for instead: 15 s, or longer when the host would. */
int64_t jg_guard_patience_ms(int host_ms);
/* Does err only say that another connection holds a lock? */
int jg_guard_is_locked(const struct jg_err *err);

#endif
