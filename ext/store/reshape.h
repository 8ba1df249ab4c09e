/* Brings a file's tables to a given shape, whichever shape they have. */
#ifndef JG_STORE_RESHAPE_H
#define JG_STORE_RESHAPE_H

#include "core/err.h"
#include "sqlite3ext.h"

/* The file gets every table, index, trigger and view that the SQL makes, as the
** SQL makes it, and keeps all rows and all else that is in it. Runs inside the
** caller's write transaction, which must be rolled back after an error. */
int jg_reshape(sqlite3 *db, const char *sql, struct jg_err *err);

#endif
