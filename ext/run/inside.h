/*
** How what judge_eval pays for inside a query of the host gets into the file.
**
**   in autocommit            one statement nested in the query, which commits by
**                            itself: SQLite does so when the last statement that
**                            writes has ended, whoever still reads
**   the same, but another    by a connection of ours: in WAL mode a snapshot
**   process has committed    that is not the newest cannot write
**   in a transaction, in a   not now: with the next command, or when the
**   statement that writes    connection closes
**   over the stored calls    at the end of the query, which would not end if
**   themselves               each of its rows made another
**   read-only, query_only    never
**
** What is not written stays with the session (pending.h).
*/
#ifndef JG_RUN_INSIDE_H
#define JG_RUN_INSIDE_H

#include "run/session.h"

/* Writes what waits, where it can be. A lock is waited for a moment only.
** *written: nothing waits any more. */
int jg_inside_write(struct jg_session *session, int *written,
                    struct jg_err *err);
/* The query has ended, or is about to: the last try, and the connection of ours
** is closed. */
void jg_inside_end(struct jg_session *session);
/* The connection by which something can be written now, the host's or one of
** ours; NULL: none, or err is set for want of memory. Lent. */
sqlite3 *jg_inside_db(struct jg_session *session, struct jg_err *err);
/* 1 when that failed only since the query's snapshot is not the newest; err is
** cleared, and the next jg_inside_db() is one of ours. */
int jg_inside_is_behind(struct jg_session *session, struct jg_err *err);
/* Why nothing more can be kept, and what to do. */
int jg_inside_full(struct jg_session *session, const char *command,
                   struct jg_err *err);

#endif
