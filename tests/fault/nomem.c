/*
** See nomem.h. Children report in memory shared with them.
*/
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "nomem.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../driver/driver.h"
#include "failing.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#define FILES 16
#define ORIGINS (1u << 26) /* slots; a power of two */
#define POINTS 1000000
#define TEXT_BYTES 65536
#define SHORT 1000       /* allocations of a short statement */
#define LONG 5000        /* of one that takes its time */
#define COMPLAINTS_MAX 3 /* of one statement */
#define CHILD_SECONDS 60

/* What a child finds. */
struct outcome {
  int done;                   /* the child came to its end */
  int rc;                     /* of the statement */
  int failed;                 /* an allocation did fail */
  int autocommit;             /* after it; none before */
  long seen;                  /* its allocations */
  long live;                  /* blocks left after everything was closed */
  char complaint[1000];       /* "": none */
  char judges[2][TEXT_BYTES]; /* versions, before and after, a line each */
  char counts[2][TEXT_BYTES]; /* rows of the tables */
};

static struct {
  long every;     /* one origin in so many fails */
  long all_up_to; /* of so short statements each allocation fails */
  int both_ways;  /* each alone, and together with all after it */
  struct outcome *trial, *good;
  unsigned char *known;        /* origins that were met, a bit each */
  long *points;                /* numbers whose origins were not met before */
  unsigned long long *origins; /* theirs */
  long *point_count;
  struct {
    char path[PATH_BYTES];
    char *data;
    size_t bytes;
  } files[FILES];
  size_t file_count;
  long statements, allocations, trials;
} n;

static void *shared(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(2);
  }
  return memory;
}

/* ---- the files, kept and put back ---------------------------------------- */

static char *read_all(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  struct stat about;
  char *data = NULL;

  *bytes = 0;
  if (file != NULL && fstat(fileno(file), &about) == 0 &&
      (data = malloc((size_t)about.st_size + 1)) != NULL) {
    *bytes = fread(data, 1, (size_t)about.st_size, file);
  }
  if (file != NULL) {
    fclose(file);
  }
  return data;
}

/* Calls each with the path of every database file and journal of $TMP. */
static void each_file(void (*each)(const char *path)) {
  const char *folder = getenv("TMP");
  DIR *list = folder == NULL ? NULL : opendir(folder);
  struct dirent *entry;
  char path[PATH_BYTES];

  while (list != NULL && (entry = readdir(list)) != NULL) {
    if (strstr(entry->d_name, ".db") != NULL) {
      snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      each(path);
    }
  }
  if (list != NULL) {
    closedir(list);
  }
}

static void keep_file(const char *path) {
  if (n.file_count < FILES) {
    snprintf(n.files[n.file_count].path, PATH_BYTES, "%s", path);
    n.files[n.file_count].data = read_all(path, &n.files[n.file_count].bytes);
    n.file_count++;
  }
}

static void remove_new(const char *path) {
  for (size_t i = 0; i < n.file_count; i++) {
    if (strcmp(n.files[i].path, path) == 0) {
      return;
    }
  }
  unlink(path);
}

/* In place, since connections have the file open. */
static void put_back(void) {
  each_file(remove_new);
  for (size_t i = 0; i < n.file_count; i++) {
    size_t bytes = 0;
    char *now = read_all(n.files[i].path, &bytes);
    if (now == NULL || bytes != n.files[i].bytes ||
        memcmp(now, n.files[i].data, bytes) != 0) {
      FILE *file = fopen(n.files[i].path, now == NULL ? "wb" : "r+b");
      if (file == NULL ||
          fwrite(n.files[i].data, 1, n.files[i].bytes, file) !=
              n.files[i].bytes ||
          fflush(file) != 0 ||
          ftruncate(fileno(file), (off_t)n.files[i].bytes) != 0) {
        printf("nomem: cannot put back %s\n", n.files[i].path);
        exit(2);
      }
      fclose(file);
    }
    free(now);
  }
}

static void drop_files(void) {
  while (n.file_count > 0) {
    free(n.files[--n.file_count].data);
  }
}

/* ---- in the child: looking ---------------------------------------------- */

static void complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void complain(const char *format, ...) {
  va_list args;

  if (n.trial->complaint[0] == '\0') { /* the first one tells */
    va_start(args, format);
    vsnprintf(n.trial->complaint, sizeof n.trial->complaint, format, args);
    va_end(args);
  }
}

/* The first column of all rows, a line each. */
static void ask(sqlite3 *db, const char *sql, char out[TEXT_BYTES]) {
  sqlite3_stmt *stmt = NULL;
  size_t used = 0;

  out[0] = '\0';
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK) {
    while (sqlite3_step(stmt) == SQLITE_ROW && used + 1 < TEXT_BYTES) {
      const char *text = (const char *)sqlite3_column_text(stmt, 0);
      used += (size_t)snprintf(out + used, TEXT_BYTES - used, "%s\n",
                               text == NULL ? "" : text);
    }
  }
  sqlite3_finalize(stmt);
}

static void look(sqlite3 *db, int after) {
  char tables[TEXT_BYTES];
  char *at = tables;
  size_t used = 0;

  ask(db,
      "SELECT judge || ' ' || state || ' ' || digest || ' ' ||"
      " (SELECT count(*) FROM main.judge_example e"
      "  WHERE e.definition_id = d.memory_id) || ' ' ||"
      " (SELECT count(*) FROM main.judge_guideline g"
      "  WHERE g.definition_id = d.memory_id)"
      " FROM main.judge_definition d WHERE state <> 'draft' UNION ALL"
      " SELECT judge || ' registered ' || ifnull(tags, '')"
      " FROM main.judge_definition WHERE registered",
      n.trial->judges[after]);
  n.trial->counts[after][0] = '\0';
  ask(db,
      "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
      " AND sql NOT LIKE '%VIRTUAL%' ORDER BY name",
      tables);
  while (*at != '\0' && used + 200 < TEXT_BYTES) {
    char *sql, count[TEXT_BYTES];
    size_t bytes = strcspn(at, "\n");
    at[bytes] = '\0';
    sql = sqlite3_mprintf("SELECT count(*) FROM main.\"%w\"", at);
    ask(db, sql, count);
    sqlite3_free(sql);
    used += (size_t)snprintf(n.trial->counts[after] + used, TEXT_BYTES - used,
                             "%.100s %.50s", at, count);
    at += bytes + 1;
  }
}

/* Is this line one of text's? */
static int has_line(const char *text, const char *line, size_t bytes) {
  while (*text != '\0') {
    size_t here = strcspn(text, "\n");
    if (here == bytes && memcmp(text, line, bytes) == 0) {
      return 1;
    }
    text += here + (text[here] == '\n');
  }
  return 0;
}

/* What stands now is as before or as the statement makes it; nothing that both
** have is gone. */
static void check_judges(void) {
  const char *before = n.trial->judges[0], *now = n.trial->judges[1];
  const char *made = n.good->judges[1];
  const char *at;
  size_t bytes;

  for (at = now; *at != '\0'; at += bytes + 1) {
    bytes = strcspn(at, "\n");
    if (!has_line(before, at, bytes) && !has_line(made, at, bytes)) {
      complain("a judge is half written: %.*s", (int)bytes, at);
    }
  }
  for (at = before; *at != '\0'; at += bytes + 1) {
    bytes = strcspn(at, "\n");
    if (has_line(made, at, bytes) && !has_line(now, at, bytes)) {
      complain("a judge is gone: %.*s", (int)bytes, at);
    }
  }
}

/* SELECT and WITH may hold commands, whose batches are kept one by one. */
static int is_atomic(const char *sql) {
  while (isspace((unsigned char)*sql)) {
    sql++;
  }
  return strncasecmp(sql, "INSERT", 6) == 0 ||
         strncasecmp(sql, "UPDATE", 6) == 0 ||
         strncasecmp(sql, "DELETE", 6) == 0 ||
         strncasecmp(sql, "CREATE", 6) == 0 ||
         strncasecmp(sql, "DROP", 4) == 0 || strncasecmp(sql, "ALTER", 5) == 0;
}

static void check_free(sqlite3 *db, int autocommit) {
  /* BEGIN itself leaves one open. */
  if (autocommit && n.good->autocommit && !sqlite3_get_autocommit(db)) {
    complain("a transaction is left open");
  }
  for (sqlite3_stmt *stmt = sqlite3_next_stmt(db, NULL); stmt != NULL;
       stmt = sqlite3_next_stmt(db, stmt)) {
    if (sqlite3_stmt_busy(stmt)) {
      complain("a statement is left running: %s", sqlite3_sql(stmt));
    }
  }
}

static void check_file(sqlite3 *db) {
  char said[TEXT_BYTES];

  ask(db, "PRAGMA integrity_check", said);
  if (strcmp(said, "ok\n") != 0) {
    complain("integrity_check: %s", said);
  }
}

/* ---- in the child: trying ------------------------------------------------ */

static int run(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

  if (rc == SQLITE_OK && stmt != NULL) {
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        sqlite3_column_text(stmt, i);
      }
    }
  }
  sqlite3_finalize(stmt);
  return rc;
}

static int is_nomem(int rc) {
  return (rc & 0xff) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM;
}

/* SQLite's JSON functions call any text malformed when memory runs out, and a
** CHECK that has one then fails: they may end the statement. */
static int may_end_with(int rc, const char *message) {
  return is_nomem(rc) || rc == n.good->rc ||
         ((rc == SQLITE_ERROR || (rc & 0xff) == SQLITE_CONSTRAINT) &&
          strstr(message, "JSON") != NULL);
}

/* SQLite's lists of locks per process are complete; the kernel's, which belong
** to the parent, would stand in the way of a child. */
static int no_locks(int fd, int command, ...) {
  va_list args;
  void *pointer;

  va_start(args, command);
  pointer = va_arg(args, void *);
  va_end(args);
  if (command == F_GETLK) {
    ((struct flock *)pointer)->l_type = F_UNLCK;
  }
  if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) {
    return 0;
  }
  return fcntl(fd, command, pointer);
}

static void note(long number, unsigned long long origin) {
  unsigned slot = (unsigned)(origin >> 8) & (ORIGINS - 1);

  if (!(n.known[slot / 8] >> (slot % 8) & 1)) {
    n.known[slot / 8] |= (unsigned char)(1u << (slot % 8));
    if (*n.point_count < POINTS) {
      n.points[*n.point_count] = number;
      n.origins[(*n.point_count)++] = origin;
    }
  }
}

static void arm(long at, int on) {
  if (at == 0) {
    failing_note(note, n.every == 1 ? LONG_MAX : LONG);
  } else {
    failing_arm(at, on);
  }
}

static void disarm(void) {
  n.trial->failed = failing_failed();
  n.trial->seen = failing_seen();
  failing_arm(0, 0);
}

/* Runs the statement once more: what failed without a trace may not fail
** again. A long one is not worth it each time. */
static void check_again(sqlite3 *db, const char *sql, long at,
                        long long changes, int autocommit) {
  if (is_nomem(n.trial->rc) && (n.good->seen <= SHORT || at % 4 == 0) &&
      sqlite3_total_changes64(db) == changes &&
      sqlite3_get_autocommit(db) == autocommit &&
      strcmp(n.trial->counts[0], n.trial->counts[1]) == 0) {
    int rc = run(db, sql);
    if (rc != n.good->rc) {
      complain("afterwards it ends with %d, not %d: %s", rc, n.good->rc,
               sqlite3_errmsg(db));
    }
    check_free(db, autocommit);
  }
}

static void try_sql(struct driver *d, const char *sql, long at, int on) {
  sqlite3 *db = d->db[d->current];
  long long changes = sqlite3_total_changes64(db);
  int autocommit = sqlite3_get_autocommit(db);

  look(db, 0);
  arm(at, on);
  n.trial->rc = run(db, sql);
  disarm();
  n.trial->autocommit = sqlite3_get_autocommit(db);
  if (n.trial->failed && !may_end_with(n.trial->rc, sqlite3_errmsg(db))) {
    complain("it ends with %d: %s", n.trial->rc, sqlite3_errmsg(db));
  }
  check_free(db, autocommit);
  look(db, 1);
  if (at > 0 && autocommit) {
    check_file(db);
    check_judges();
    if (is_atomic(sql) && strcmp(n.trial->counts[1], n.trial->counts[0]) != 0 &&
        strcmp(n.trial->counts[1], n.good->counts[1]) != 0) {
      complain("half of it is done: %s", n.trial->counts[1]);
    }
  }
  if (at > 0) {
    check_again(db, sql, at, changes, autocommit);
  }
}

/* Opening: a connection with the extension, or none. */
static void try_open(struct driver *d, long at, int on) {
  sqlite3 *db = NULL;
  char *message = NULL;
  int rc;

  driver_will_open(d);
  arm(at, on);
  rc = sqlite3_open_v2(d->path, &db, d->flags, NULL);
  if (rc == SQLITE_OK && d->load) {
    rc = driver_load(d, db, &message);
  }
  disarm();
  n.trial->rc = rc;
  if (n.trial->failed && rc != n.good->rc && !is_nomem(rc)) {
    complain("it ends with %d: %s", rc,
             message == NULL ? sqlite3_errmsg(db) : message);
  }
  sqlite3_free(message);
  if (rc == SQLITE_OK && d->load &&
      run(db, "SELECT judge_version()") != SQLITE_DONE) {
    complain("opened without the functions: %s", sqlite3_errmsg(db));
  }
  if (sqlite3_close(db) != SQLITE_OK) {
    complain("it does not close");
  }
}

/* ASan knows where they come from. */
static void show_leaks(void) {
#if defined(__SANITIZE_ADDRESS__)
  __lsan_do_recoverable_leak_check();
#endif
}

static void child(struct driver *d, const char *sql, long at, int on) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

  alarm(CHILD_SECONDS);
  vfs->xSetSystemCall(vfs, "fcntl", (sqlite3_syscall_ptr)no_locks);
  if (sql == NULL) {
    try_open(d, at, on);
  } else {
    try_sql(d, sql, at, on);
  }
  for (int i = 0; i < CONNECTIONS; i++) {
    if (d->db[i] != NULL && sqlite3_close(d->db[i]) != SQLITE_OK) {
      complain("connection %d does not close: %s", i, sqlite3_errmsg(d->db[i]));
    }
  }
  n.trial->live = failing_live();
  if (at > 0 && n.trial->live != n.good->live) {
    complain("%ld blocks leak", n.trial->live - n.good->live);
    show_leaks();
  }
  n.trial->done = 1;
  _exit(0);
}

/* ---- in the parent ------------------------------------------------------- */

/* One child; returns whether it had nothing to complain of. */
static int spawn(struct driver *d, const char *sql, long at, int on) {
  int status = 0;
  pid_t pid;

  fflush(stdout);
  memset(n.trial, 0, offsetof(struct outcome, judges));
  pid = fork();
  if (pid == 0) {
    child(d, sql, at, on);
  }
  waitpid(pid, &status, 0);
  put_back();
  if (!n.trial->done) {
    snprintf(n.trial->complaint, sizeof n.trial->complaint,
             WIFSIGNALED(status) ? "killed by signal %d" : "it exits with %d",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  }
  n.trials += at > 0;
  if (n.trial->complaint[0] != '\0') {
    printf("nomem: allocation %ld%s: %s: %.*s\n", at,
           on ? " and all after it" : "", n.trial->complaint,
           sql == NULL ? 10 : (int)strcspn(sql, "\n"),
           sql == NULL ? "(opening)" : sql);
    return 0;
  }
  return 1;
}

static void try_points(struct driver *d, const char *sql) {
  int all = n.good->seen <= n.all_up_to;
  int both_ways = all || n.good->seen <= LONG;
  long count = all ? n.good->seen : *n.point_count;
  /* What a child costs grows with the statement. */
  long every = n.every == 1 ? 1 : n.every * (1 + n.good->seen / LONG);
  int left = COMPLAINTS_MAX;

  for (long i = 0; i < count && left > 0; i++) {
    long at = all ? i + 1 : n.points[i];
    if (!all && n.origins[i] % (unsigned long)every != 0) {
      continue;
    }
    if (n.both_ways && both_ways) {
      left -= !spawn(d, sql, at, 0);
      left -= !spawn(d, sql, at, 1);
    } else {
      left -= !spawn(d, sql, at, (int)(n.trials & 1));
    }
  }
}

/* The statement as it is, for what the others are measured by. */
static void try(struct driver *d, const char *sql) {
  void (*before)(struct driver *, const char *) = d->before;

  if (d->interrupt_ms >= 0) {
    return; /* what another thread does is not by number */
  }
  d->before = NULL;
  n.statements++;
  each_file(keep_file);
  *n.point_count = 0;
  memset(n.good, 0, sizeof *n.good);
  if (spawn(d, sql, 0, 0)) {
    memcpy(n.good, n.trial, sizeof *n.good);
    n.allocations += n.good->seen;
    try_points(d, sql);
  }
  drop_files();
  d->before = before;
}

static pid_t parent;

static void report(void) {
  if (getpid() == parent) {
    printf("nomem: %ld statements, %ld allocations, %ld failures\n",
           n.statements, n.allocations, n.trials);
  }
}

/* Origins met in other scripts count as met when they share a file. */
static unsigned char *known_origins(void) {
  const char *path = getenv("NOMEM_KNOWN");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT, 0600);
  void *memory = MAP_FAILED;

  if (fd < 0) {
    return shared(ORIGINS / 8);
  }
  if (ftruncate(fd, ORIGINS / 8) == 0) {
    memory = mmap(NULL, ORIGINS / 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  close(fd);
  if (memory == MAP_FAILED) {
    perror(path);
    exit(2);
  }
  return memory;
}

void nomem_begin(struct driver *d) {
  const char *what = getenv("NOMEM");
  int stacks = strcmp(what, "stacks") == 0;
  int all = strcmp(what, "all") == 0;

  n.every = stacks || all ? 1 : strtol(what, NULL, 10);
  n.all_up_to = all ? LONG_MAX : stacks ? SHORT : 0;
  n.both_ways = stacks || all;
  if (n.every < 1) {
    fprintf(stderr, "NOMEM is all, stacks or a number\n");
    exit(2);
  }
  n.trial = shared(sizeof *n.trial);
  n.good = shared(sizeof *n.good);
  n.known = known_origins();
  n.points = shared(POINTS * sizeof *n.points);
  n.origins = shared(POINTS * sizeof *n.origins);
  n.point_count = shared(sizeof *n.point_count);
  failing_hook();
  d->before = try;
  parent = getpid();
  atexit(report);
}
