/* What may send runs with no transaction open (law 3), and stops when the host
** says so (law 11). */
#ifndef JG_RUN_GUARD_H
#define JG_RUN_GUARD_H

#include <stdint.h>

#include "core/err.h"
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
/* While a command waits for the network it must not sleep in the host's busy
** timeout, where it would neither read answers nor hear an interrupt: sets it
** to 0 and returns what it was (0: none, or a handler of the host's own, which
** is left alone). */
int jg_guard_impatient(sqlite3 *db);
/* Sets it back; ms as returned. */
void jg_guard_patient(sqlite3 *db, int ms);
/* How long a lock is waited for instead: 10 s, or longer when the host would. */
int64_t jg_guard_patience_ms(int host_ms);
/* Does err only say that another connection holds a lock? */
int jg_guard_is_locked(const struct jg_err *err);
/* 1 when the host called sqlite3_interrupt(): from then on every statement on
** this connection fails until the command returns. */
int jg_guard_interrupted(sqlite3 *db);

#endif
