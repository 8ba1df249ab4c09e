/*
** How the extension comes into a connection of build/driver: loaded from
** judge.so. linked.c is its counterpart in build/driver_static.
*/
#include "driver.h"
#include <stddef.h>

void driver_begin(struct driver *d) {
  (void)d;
}

void driver_will_open(struct driver *d) {
  (void)d;
}

int driver_load(struct driver *d, sqlite3 *db, char **message) {
  const char *entry = d->entry[0] == '\0' ? NULL : d->entry;
  int rc;

  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  rc = sqlite3_load_extension(db, d->library, entry, message);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  return rc;
}
