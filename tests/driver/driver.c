/*
** The SQL test driver.
**
**   driver [--library PATH] [--no-echo] [--null TEXT] [--documents] SCRIPT
**
** Opens a database file of its own in the folder $TMP, with the extension
** loaded, and runs the script: SQL statements, and directives on lines of their
** own that begin with a point.
*/
#include "driver.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void driver_say(const struct driver *d, const char *format, ...) {
  va_list args;

  if (!d->loud) {
    return;
  }
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
}

void driver_close(struct driver *d, int connection) {
  int rc = sqlite3_close(d->db[connection]);

  if (rc != SQLITE_OK) { /* something was left running: a bug to show */
    driver_say(d, "error: close: %s\n", sqlite3_errmsg(d->db[connection]));
    sqlite3_close_v2(d->db[connection]);
  }
  d->db[connection] = NULL;
}

static void load_extension(struct driver *d, sqlite3 *db) {
  char *message = NULL;

  if (driver_load(d, db, &message) != SQLITE_OK) {
    driver_say(d, "error: load: %s\n", message == NULL ? "?" : message);
    sqlite3_free(message);
  }
}

sqlite3 *driver_db(struct driver *d) {
  sqlite3 **db = &d->db[d->current];

  if (*db != NULL) {
    return *db;
  }
  if (d->before != NULL) {
    d->before(d, NULL);
  }
  driver_will_open(d);
  if (sqlite3_open_v2(d->path, db, d->flags, NULL) != SQLITE_OK) {
    driver_say(d, "error: open: %s\n", sqlite3_errmsg(*db));
    sqlite3_close(*db);
    *db = NULL;
    return NULL;
  }
  sqlite3_extended_result_codes(*db, 1);
  sqlite3_busy_timeout(*db, d->busy_ms);
  sqlite3_db_config(*db, SQLITE_DBCONFIG_ENABLE_FKEY,
                    getenv("FOREIGN_KEYS") != NULL, NULL);
  if (d->load) {
    load_extension(d, *db);
  }
  return *db;
}

static void show_value(struct driver *d, sqlite3_stmt *stmt, int column) {
  const unsigned char *blob;
  int i, bytes;

  switch (sqlite3_column_type(stmt, column)) {
  case SQLITE_NULL:
    driver_say(d, "%s", d->null_text);
    return;
  case SQLITE_BLOB:
    blob = sqlite3_column_blob(stmt, column);
    bytes = sqlite3_column_bytes(stmt, column);
    driver_say(d, "x'");
    for (i = 0; i < bytes; i++) {
      driver_say(d, "%02x", blob[i]);
    }
    driver_say(d, "'");
    return;
  default:
    driver_say(d, "%s", (const char *)sqlite3_column_text(stmt, column));
  }
}

static void show_row(struct driver *d, sqlite3_stmt *stmt) {
  int count = sqlite3_column_count(stmt);
  int i;

  for (i = 0; i < count; i++) {
    driver_say(d, "%s", i == 0 ? "" : "|");
    show_value(d, stmt, i);
  }
  driver_say(d, "\n");
}

/* What the interrupting thread shares with the one that runs SQL. */
struct alarm {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  sqlite3 *db;
  int after_ms;
  int over; /* the statement ended */
};

static void *interrupt_later(void *arg) {
  struct alarm *alarm = arg;
  struct timespec until;
  int rc = 0;

  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += alarm->after_ms / 1000;
  until.tv_nsec += (long)(alarm->after_ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&alarm->lock);
  while (!alarm->over && rc == 0) {
    rc = pthread_cond_timedwait(&alarm->ended, &alarm->lock, &until);
  }
  if (!alarm->over) {
    sqlite3_interrupt(alarm->db);
  }
  pthread_mutex_unlock(&alarm->lock);
  return NULL;
}

static int step_all(struct driver *d, sqlite3_stmt *stmt) {
  int rc;

  while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    show_row(d, stmt);
  }
  return rc;
}

static int step_interrupted(struct driver *d, sqlite3 *db, sqlite3_stmt *stmt) {
  struct alarm alarm = {.db = db, .after_ms = d->interrupt_ms};
  pthread_t thread;
  int rc;

  d->interrupt_ms = -1;
  pthread_mutex_init(&alarm.lock, NULL);
  pthread_cond_init(&alarm.ended, NULL);
  if (pthread_create(&thread, NULL, interrupt_later, &alarm) != 0) {
    driver_say(d, "error: no thread\n");
    return SQLITE_ERROR;
  }
  rc = step_all(d, stmt);
  pthread_mutex_lock(&alarm.lock);
  alarm.over = 1;
  pthread_cond_signal(&alarm.ended);
  pthread_mutex_unlock(&alarm.lock);
  pthread_join(thread, NULL);
  pthread_cond_destroy(&alarm.ended);
  pthread_mutex_destroy(&alarm.lock);
  return rc;
}

void driver_run_sql(struct driver *d, const char *text) {
  sqlite3 *db = driver_db(d);
  const char *tail = text;

  while (db != NULL && *tail != '\0') {
    sqlite3_stmt *stmt = NULL;
    int rc;
    if (d->before != NULL) {
      d->before(d, tail);
    }
    rc = sqlite3_prepare_v2(db, tail, -1, &stmt, &tail);
    if (rc == SQLITE_OK && stmt != NULL) {
      rc = d->interrupt_ms < 0 ? step_all(d, stmt)
                               : step_interrupted(d, db, stmt);
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE) {
      driver_say(d, "error: %s\n", sqlite3_errmsg(db));
      tail = "";
    }
    sqlite3_finalize(stmt);
  }
}

static void echo(const struct driver *d, const char *line) {
  if (d->echo) {
    driver_say(d, "> %s\n", line);
  }
}

static int is_blank(const char *text) {
  return text[strspn(text, " \t")] == '\0';
}

/* Adds the line to the statement and runs it once it is whole. */
static void take_line(struct driver *d, char **sql, const char *line) {
  char *longer;

  if (*sql == NULL && line[0] == '.') {
    driver_directive(d, line);
    return;
  }
  if (*sql == NULL && (is_blank(line) || strncmp(line, "--", 2) == 0)) {
    if (d->echo) {
      driver_say(d, "%s\n", line);
    }
    return;
  }
  echo(d, line);
  longer = *sql == NULL ? sqlite3_mprintf("%s", line)
                        : sqlite3_mprintf("%s\n%s", *sql, line);
  sqlite3_free(*sql);
  *sql = longer;
  if (*sql != NULL && sqlite3_complete(*sql)) {
    driver_run_sql(d, *sql);
    sqlite3_free(*sql);
    *sql = NULL;
  }
  fflush(stdout);
}

int driver_run_file(struct driver *d, const char *path) {
  FILE *file = fopen(path, "r");
  char *line = NULL;
  char *sql = NULL;
  size_t cap = 0;
  ssize_t bytes;

  if (file == NULL) {
    driver_say(d, "error: cannot read %s\n", path);
    return 1;
  }
  while ((bytes = getline(&line, &cap, file)) >= 0) {
    while (bytes > 0 && (line[bytes - 1] == '\n' || line[bytes - 1] == '\r')) {
      line[--bytes] = '\0';
    }
    take_line(d, &sql, line);
  }
  if (sql != NULL) { /* the last one may lack its semicolon */
    driver_run_sql(d, sql);
  }
  sqlite3_free(sql);
  free(line);
  fclose(file);
  return 0;
}

static int usage(void) {
  fprintf(stderr, "usage: driver [--library PATH] [--no-echo] [--null TEXT]"
                  " [--documents] SCRIPT\n");
  return 2;
}

int main(int argc, char **argv) {
  struct driver d = {.library = "build/judge",
                     .null_text = "NULL",
                     .load = 1,
                     .echo = 1,
                     .loud = 1,
                     .busy_ms = 5000,
                     .interrupt_ms = -1,
                     .flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
  const char *folder = getenv("TMP");
  int i, rc;

  for (i = 1; i < argc - 1; i++) {
    if (strcmp(argv[i], "--no-echo") == 0) {
      d.echo = 0;
    } else if (strcmp(argv[i], "--documents") == 0) {
      d.documents = 1;
    } else if (strcmp(argv[i], "--library") == 0 && i + 1 < argc - 1) {
      d.library = argv[++i];
    } else if (strcmp(argv[i], "--null") == 0 && i + 1 < argc - 1) {
      d.null_text = argv[++i];
    } else {
      return usage();
    }
  }
  if (argc < 2) {
    return usage();
  }
  snprintf(d.path, sizeof d.path, "%s/test.db",
           folder == NULL ? "build" : folder);
  if (folder == NULL) {
    remove(d.path);
  }
  setenv("DB", d.path, 1);
  driver_begin(&d);
  rc = driver_run_file(&d, argv[argc - 1]);
  for (i = 0; i < CONNECTIONS; i++) {
    driver_close(&d, i);
  }
  fflush(stdout);
  return rc;
}
