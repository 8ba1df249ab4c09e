/*
** The directives of the SQL test driver: one table row each.
*/
#include "driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 8192

/* Replaces $NAME by the environment's value; an unknown name gives nothing. */
static void expand(const char *line, char out[LINE_BYTES]) {
  size_t used = 0;

  while (*line != '\0' && used + 1 < LINE_BYTES) {
    char name[64] = "";
    const char *value;
    size_t bytes = strspn(line + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (*line != '$' || bytes == 0 || bytes >= sizeof name) {
      out[used++] = *line++;
      continue;
    }
    memcpy(name, line + 1, bytes);
    value = getenv(name);
    if (value != NULL && strlen(value) < LINE_BYTES - used) {
      memcpy(out + used, value, strlen(value));
      used += strlen(value);
    }
    line += 1 + bytes;
  }
  out[used] = '\0';
}

static void close_all(struct driver *d) {
  int i;

  for (i = 0; i < CONNECTIONS; i++) {
    driver_close(d, i);
  }
}

static void open_path(struct driver *d, char *arg) {
  close_all(d);
  d->current = 0;
  d->flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  d->load = 1;
  d->entry[0] = '\0';
  snprintf(d->path, sizeof d->path, "%s", arg);
  setenv("DB", d->path, 1);
  driver_db(d);
}

/* Opens the connection in use again, with or without the extension. */
static void reopen(struct driver *d, int load, int flags, const char *entry) {
  driver_close(d, d->current);
  d->load = load;
  d->flags = flags;
  snprintf(d->entry, sizeof d->entry, "%s", entry);
  driver_db(d);
}

static void reopen_plain(struct driver *d, char *arg) {
  (void)arg;
  reopen(d, 1, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
}

static void reopen_unloaded(struct driver *d, char *arg) {
  (void)arg;
  reopen(d, 0, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
}

static void reopen_read_only(struct driver *d, char *arg) {
  (void)arg;
  reopen(d, 1, SQLITE_OPEN_READONLY, "");
}

static void reopen_entry(struct driver *d, char *arg) {
  reopen(d, 1, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, arg);
}

static void use_connection(struct driver *d, char *arg) {
  int n = (int)strtol(arg, NULL, 10);

  if (n < 0 || n >= CONNECTIONS) {
    driver_say(d, "error: .conn takes 0 to %d\n", CONNECTIONS - 1);
    return;
  }
  d->current = n;
  driver_db(d);
}

static void close_connection(struct driver *d, char *arg) {
  (void)arg;
  driver_close(d, d->current);
}

static void interrupt_after(struct driver *d, char *arg) {
  d->interrupt_ms = (int)strtol(arg, NULL, 10);
}

static void run_shell(struct driver *d, char *arg) {
  char line[LINE_BYTES];
  FILE *pipe;
  int rc;

  fflush(stdout);
  pipe = popen(arg, "r");
  if (pipe == NULL) {
    driver_say(d, "error: cannot run %s\n", arg);
    return;
  }
  while (fgets(line, sizeof line, pipe) != NULL) {
    driver_say(d, "%s", line);
  }
  rc = pclose(pipe);
  if (rc != 0) {
    driver_say(d, "error: the command failed\n");
  }
}

static void print_text(struct driver *d, char *arg) {
  driver_say(d, "%s\n", arg);
}

static void show_state(struct driver *d, char *arg) {
  sqlite3 *db = driver_db(d);
  int state = db == NULL ? 0 : sqlite3_txn_state(db, NULL);

  (void)arg;
  if (db != NULL) {
    driver_say(d, "autocommit %d, transaction %s\n", sqlite3_get_autocommit(db),
               state == SQLITE_TXN_NONE   ? "none"
               : state == SQLITE_TXN_READ ? "read"
                                          : "write");
  }
}

static void set_env(struct driver *d, char *arg) {
  char *equals = strchr(arg, '=');

  if (equals == NULL) {
    driver_say(d, "error: .env takes NAME=VALUE\n");
    return;
  }
  *equals = '\0';
  if (equals[1] == '\0') {
    unsetenv(arg);
  } else {
    setenv(arg, equals + 1, 1);
  }
}

static void set_timeout(struct driver *d, char *arg) {
  d->busy_ms = (int)strtol(arg, NULL, 10);
  if (driver_db(d) != NULL) {
    sqlite3_busy_timeout(driver_db(d), d->busy_ms);
  }
}

/* The word at *at, which moves behind it. */
static char *next_word(char **at) {
  char *word = *at + strspn(*at, " \t");

  *at = word + strcspn(word, " \t");
  if (**at != '\0') {
    *(*at)++ = '\0';
  }
  return word;
}

static void import_csv(struct driver *d, char *arg) {
  char *file = next_word(&arg);
  char *table = next_word(&arg);

  driver_import(d, file, table, (int)strtol(next_word(&arg), NULL, 10));
}

static void read_file(struct driver *d, char *arg) {
  if (d->depth >= 8) {
    driver_say(d, "error: .read is nested too deep\n");
    return;
  }
  d->depth++;
  driver_run_file(d, arg);
  d->depth--;
}

static void be_quiet(struct driver *d, char *arg) {
  (void)arg;
  d->loud = 0;
}

static void be_loud(struct driver *d, char *arg) {
  (void)arg;
  d->loud = 1;
}

/* Runs a query and tells how it went through its tables. */
static void show_status(struct driver *d, char *arg) {
  sqlite3_stmt *stmt = NULL;

  if (driver_db(d) == NULL ||
      sqlite3_prepare_v2(driver_db(d), arg, -1, &stmt, NULL) != SQLITE_OK) {
    driver_say(d, "error: %s\n", sqlite3_errmsg(d->db[d->current]));
    return;
  }
  while (sqlite3_step(stmt) == SQLITE_ROW) {
  }
  driver_say(d, "full scan steps %d, sorts %d\n",
             sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0),
             sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_SORT, 0));
  sqlite3_finalize(stmt);
}

static void nothing(struct driver *d, char *arg) {
  (void)d;
  (void)arg;
}

static const struct {
  const char *name;
  void (*run)(struct driver *d, char *arg);
} directives[] = {
    {".open", open_path},         {".reopen", reopen_plain},
    {".noload", reopen_unloaded}, {".readonly", reopen_read_only},
    {".entry", reopen_entry},     {".conn", use_connection},
    {".close", close_connection}, {".interrupt_after", interrupt_after},
    {".shell", run_shell},        {".print", print_text},
    {".autocommit", show_state},  {".env", set_env},
    {".timeout", set_timeout},    {".import", import_csv},
    {".read", read_file},         {".quiet", be_quiet},
    {".loud", be_loud},           {".status", show_status},
    {".require", nothing}, /* the runner reads these two */
    {".stub", nothing},
};

static int is_shell_setting(const char *name) {
  static const char *const names[] = {
      ".load", ".mode", ".headers", ".header", ".width", ".nullvalue", ".bail"};
  size_t i;

  for (i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(names[i], name) == 0) {
      return 1;
    }
  }
  return 0;
}

void driver_directive(struct driver *d, const char *line) {
  char text[LINE_BYTES];
  char *arg = text;
  const char *name;
  size_t bytes, i;

  expand(line, text);
  name = next_word(&arg);
  arg += strspn(arg, " \t");
  bytes = strlen(arg);
  while (bytes > 0 && (arg[bytes - 1] == ' ' || arg[bytes - 1] == '\t')) {
    arg[--bytes] = '\0';
  }
  if (d->documents && is_shell_setting(name)) {
    return;
  }
  for (i = 0; i < sizeof directives / sizeof directives[0]; i++) {
    if (strcmp(directives[i].name, name) == 0) {
      if (d->echo && strcmp(name, ".print") != 0) {
        driver_say(d, "%s\n", line);
      }
      directives[i].run(d, arg);
      return;
    }
  }
  driver_say(d, "error: unknown directive %s\n", name);
}
