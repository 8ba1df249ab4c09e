/*
** How the extension comes into a connection of build/driver_static: it is part
** of the program, compiled with SQLITE_CORE, and SQLite is linked statically. As
** in a host, SQLite itself calls the default entry point for each connection.
** With $NOMEM set, each statement is tried with failing allocations first, see
** tests/fault/nomem.h.
*/
#include "driver.h"
#include <stdlib.h>
#include <string.h>
#include "../fault/nomem.h"

typedef int entry_point(sqlite3 *db, char **message, const void *api);

entry_point sqlite3_judge_init, sqlite3_judge_no_network_init,
    sqlite3_judgenonetwork_init, sqlite3_judgenonet_init,
    sqlite3_sqlitejudge_init, sqlite3_modjudge_init;

static const struct {
  const char *name;
  entry_point *run;
} entries[] = {
    {"sqlite3_judge_init", sqlite3_judge_init},
    {"sqlite3_judge_no_network_init", sqlite3_judge_no_network_init},
    {"sqlite3_judgenonetwork_init", sqlite3_judgenonetwork_init},
    {"sqlite3_judgenonet_init", sqlite3_judgenonet_init},
    {"sqlite3_sqlitejudge_init", sqlite3_sqlitejudge_init},
    {"sqlite3_modjudge_init", sqlite3_modjudge_init},
};

void driver_begin(struct driver *d) {
  if (getenv("NOMEM") != NULL) {
    nomem_begin(d);
  }
}

void driver_will_open(struct driver *d) {
  sqlite3_reset_auto_extension();
  if (d->load && d->entry[0] == '\0') {
    sqlite3_auto_extension((void (*)(void))sqlite3_judge_init);
  }
}

int driver_load(struct driver *d, sqlite3 *db, char **message) {
  size_t i;

  if (d->entry[0] == '\0') {
    return SQLITE_OK; /* by driver_will_open() */
  }
  for (i = 0; i < sizeof entries / sizeof *entries; i++) {
    if (strcmp(entries[i].name, d->entry) == 0) {
      return entries[i].run(db, message, NULL);
    }
  }
  *message = sqlite3_mprintf("no entry point %s", d->entry);
  return SQLITE_ERROR;
}
