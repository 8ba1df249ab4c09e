/* What the writing halves of traces and assessments share. */
#ifndef JG_API_TABLE_WRITE_H
#define JG_API_TABLE_WRITE_H

#include "api/keep.h"
#include "api/table.h"

/* Binds the values to ?1, ?2, ...; an empty text, which .import gives for an
** empty field, counts as NULL where the column's bit is set in empties. */
void jg_table_bind(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                   sqlite3_value **values, int empties, struct jg_err *err);
/* The same to the parameters after the first "before". A NULL pointer is an SQL
** NULL in both. */
void jg_table_bind_at(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                      int before, sqlite3_value **values, int empties,
                      struct jg_err *err);
/* Inserts rows many at a time, which spares the statement journal of each: the
** query's text, then lists of parameters and ") v". first, when not NULL, is
** bound to the one parameter that stands before them. Returns how many rows
** were written: the few that are left are the caller's. */
size_t jg_table_put_many(struct jg_table_vtab *vtab, const char *query,
                         const char *first, const struct jg_kept_row *rows,
                         size_t count, int empties, struct jg_err *err);
/* Did a constraint or trigger refuse the row? Malformed JSON is a plain error of
** json_each(). */
int jg_table_refused(const struct jg_err *err);
/* Runs an acquired statement and releases it. */
int jg_table_run(struct jg_table_vtab *vtab, sqlite3_stmt *stmt,
                 struct jg_err *err);
/* UPDATE plain SET the columns whose value changed WHERE rowid = ?, less the
** columns of the mask skip. */
int jg_table_update(struct jg_table_vtab *vtab, const char *plain,
                    sqlite3_int64 rowid, sqlite3_value **values, int skip,
                    struct jg_err *err);
int jg_table_delete(struct jg_table_vtab *vtab, const char *plain,
                    sqlite3_int64 rowid, struct jg_err *err);
/* Runs a check, one row of (message or NULL, 1 for a duplicate). JG_OK when
** there is nothing to say; *duplicate tells why not. */
int jg_table_check(struct jg_table_vtab *vtab, const char *query,
                   sqlite3_value **values, int empties, int *duplicate,
                   struct jg_err *err);

#endif
