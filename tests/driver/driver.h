/*
** The SQL test driver: runs a script and prints plain, stable text.
** tests/README.md tells the directives.
*/
#ifndef JG_TESTS_DRIVER_H
#define JG_TESTS_DRIVER_H

#include <sqlite3.h>

#define CONNECTIONS 8
#define PATH_BYTES 4096

struct driver {
  sqlite3 *db[CONNECTIONS]; /* opened on first use */
  int current;              /* index of the one in use */
  char path[PATH_BYTES];    /* the database file */
  const char *library;      /* judge.so without what follows the dot */
  char entry[128];          /* entry point; "" for the default one */
  const char *null_text;    /* how NULL is shown */
  int load;                 /* load the extension into what is opened */
  int flags;                /* of sqlite3_open_v2 */
  int busy_ms;              /* busy timeout of what is opened */
  int echo;                 /* show statements */
  int loud;                 /* show anything at all */
  int documents;            /* skip the sqlite3 shell's own settings */
  int interrupt_ms;         /* for the next statement; -1: none */
  int depth;                /* of .read */
  /* Called before a statement runs and, with NULL, before the connection in use
  ** is opened; or NULL. */
  void (*before)(struct driver *d, const char *sql);
};

/* Once, before the script. */
void driver_begin(struct driver *d);
/* Before a connection is opened with d->flags. */
void driver_will_open(struct driver *d);
/* Brings the extension into a connection by d->entry; on failure *message may
** say why, to be freed with sqlite3_free(). load.c or linked.c. */
int driver_load(struct driver *d, sqlite3 *db, char **message);

/* The connection in use, opened when it was not; NULL after a message. */
sqlite3 *driver_db(struct driver *d);
void driver_close(struct driver *d, int connection);
/* Runs the script; 0 when it could be read. */
int driver_run_file(struct driver *d, const char *path);
/* Runs each statement of text and shows rows and errors. */
void driver_run_sql(struct driver *d, const char *text);
/* A line that begins with a point. */
void driver_directive(struct driver *d, const char *line);
/* Prints when the driver is loud. */
void driver_say(const struct driver *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The CSV file's rows into the table, fields by position. */
void driver_import(struct driver *d, const char *file, const char *table,
                   int skip);

#endif
