/* An extension that tells that it was loaded: by a file where the process is. */
#include <stdio.h>
#include "sqlite3ext.h"

SQLITE_EXTENSION_INIT1

int sqlite3_canary_init(sqlite3 *db, char **message,
                        const sqlite3_api_routines *api) {
  FILE *file = fopen("canary_was_loaded", "w");
  (void)db;
  (void)message;
  (void)api;
  if (file) {
    fclose(file);
  }
  return SQLITE_OK;
}
