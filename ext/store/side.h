/*
** A connection of ours to the file of the host's, for what must be written while
** the host's own cannot: it reads a snapshot that is not the newest any more
** (WAL), it was interrupted, or it is being closed. Same file, VFS and URI
** parameters. It makes no file, waits no longer than it is told, trusts nothing
** of the file, and is open for as long as it is needed, no longer.
*/
#ifndef JG_STORE_SIDE_H
#define JG_STORE_SIDE_H

#include "core/err.h"
#include "sqlite3ext.h"

/* Zeroed to begin with. */
struct jg_side {
  char *uri;   /* how to open the file; NULL: there is none (memory, temp) */
  char *vfs;   /* its VFS by name */
  int noted;   /* the two were looked up */
  sqlite3 *db; /* when open */
  sqlite3_stmt *write, *find; /* of the caller; finalized by close */
};

/* Notes how to open the host's file, once. */
int jg_side_note(struct jg_side *side, sqlite3 *host, struct jg_err *err);
/* Opens it, unless it is open, to wait up to busy_ms for a lock. NULL and err:
** there is no file, or it cannot be opened. Lent. */
sqlite3 *jg_side_open(struct jg_side *side, int busy_ms, struct jg_err *err);
void jg_side_close(struct jg_side *side);
void jg_side_dispose(struct jg_side *side); /* closes and forgets */

#endif
