/*
** Tables of the user's own that hide ours. SQLite looks for a virtual table
** without an entry in the schema last of all, so a table or view called traces
** or assessments takes its place; pandas' to_sql and sqlite-utils make one
** without being asked. Nothing fails then: rows go in, SELECT shows them, and
** no judge sees them.
*/
#ifndef JG_STORE_HIDDEN_H
#define JG_STORE_HIDDEN_H

#include "core/buf.h"
#include "core/err.h"
#include "sqlite3ext.h"

/* Adds to a list of notes (parted by "; ") one for each such table: its name,
** and the statements that move its rows to ours. */
int jg_hidden_note(sqlite3 *db, struct jg_buf *to, struct jg_err *err);

#endif
