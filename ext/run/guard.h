/* What may send runs with no transaction open (law 3), and stops when the host
** says so (law 11). */
#ifndef JG_RUN_GUARD_H
#define JG_RUN_GUARD_H

#include "core/err.h"
#include "sqlite3ext.h"

/* JG_OK when a command may start; else one text for each cause. */
int jg_guard_network(sqlite3 *db, const char *command, struct jg_err *err);
/* 1 when the host called sqlite3_interrupt(): from then on every statement on
** this connection fails until the command returns. */
int jg_guard_interrupted(sqlite3 *db);

#endif
