/*
** What a write of ours would call. SQLite refuses direct-only functions in
** triggers and views, but not in a CHECK constraint, and a file can bring
** tables of ours that have one. So a statement that writes is looked at before
** its first step: its program, with those of all triggers, must call no function
** that is direct-only, such as load_extension(). Functions that the host offers
** to views and triggers are its own affair.
*/
#ifndef JG_STORE_WRITES_H
#define JG_STORE_WRITES_H

#include "core/err.h"
#include "sqlite3ext.h"

struct jg_checked_env;

/* An error names the function. What only reads is passed over. */
int jg_writes_check(sqlite3 *db, sqlite3_stmt *stmt, struct jg_err *err);
/* Does the statement use a virtual table of ours, by a trigger or a view of the
** file? It keeps that table connected for as long as it is prepared. */
int jg_writes_hold_us(const struct jg_checked_env *env, sqlite3_stmt *stmt,
                      struct jg_err *err);

#endif
