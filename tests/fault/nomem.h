/*
** Statements with failing allocations: what driver_static does with each
** statement of a script, and with each opening of a connection, when $NOMEM is
** set, before it runs as in any other driver.
**
** A child made by fork() runs it with allocation 1 failing, another one with
** allocation 2 failing, and so on, each as the only one and together with all
** after it. A child checks that
**
**   - the statement ends with SQLITE_NOMEM, or as if no allocation had failed,
**     or because SQLite's own JSON functions take a lack of memory for bad JSON;
**   - no statement and no transaction is left open;
**   - the file is whole (PRAGMA integrity_check);
**   - each version of a judge is whole or not there, and as it was before or as
**     the statement makes it;
**   - an INSERT, UPDATE, DELETE or definition did all or nothing;
**   - the statement works afterwards when it changed nothing (not looked at each
**     time);
**   - connections close and nothing leaks.
**
** The file is put back after each child, so that the script goes on, and prints
** what it always prints, as if there had been none. What a child finds is
** printed as a line that begins with "nomem:"; so does the last line, which
** counts.
**
** $NOMEM is
**
**   N       one in N of the origins (call stacks) that the script's allocations
**           have, each in one of the two ways
**   stacks  of statements with up to 1000 allocations each one, of longer ones
**           one of each origin; in both ways up to 5000. Origins are remembered
**           in the file $NOMEM_KNOWN, which scripts may share.
**   all     each one, in both ways: days, since the work grows with the square
**           of a statement's allocations
*/
#ifndef JG_TESTS_NOMEM_H
#define JG_TESTS_NOMEM_H

struct driver;

/* From now on, for this driver. */
void nomem_begin(struct driver *d);

#endif
