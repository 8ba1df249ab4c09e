/* The ways in which a host says that it wants an end, one function each. */
#include "run/interrupt.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>

SQLITE_EXTENSION_INIT3

#define STEPS_EVERY_MS 100

/* Some 16,000 steps of SQLite's machine in .25 ms (3.40.1), without a table, so
** that no transaction begins. A progress handler of up to 10,000 steps is called
** each time; one of more every few times, since SQLite goes on counting when a
** statement runs again. */
#define STEPS                                                                  \
  "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 1000)" \
  " SELECT count(*) FROM c /* judge: does the host want an end? */"

static int is_interrupted(sqlite3_stmt *stmt) {
  int rc = stmt ? sqlite3_step(stmt) : SQLITE_OK;
  sqlite3_reset(stmt);
  return rc == SQLITE_INTERRUPT;
}

/* ---- the ways ----------------------------------------------------------- */

static int asks_sqlite(struct jg_interrupt *in) {
  return is_interrupted(in->one);
}

/* The handler is the host's, and SQLite has no function that tells which: all
** that calls it is a statement with as many steps as the host has asked for. */
static int asks_progress_handler(struct jg_interrupt *in) {
  int64_t now = in->clock->mono_ms(in->clock->ctx);
  if (now - in->stepped_ms < STEPS_EVERY_MS) {
    return 0;
  }
  in->stepped_ms = now;
  return is_interrupted(in->steps);
}

/* R's handler of SIGINT sets a number, which R looks at between two calls of
** its own. R_CheckUserInterrupt() would leave by longjmp, across SQLite and
** us; reading the number changes nothing, and R finds it when we are back. */
static int asks_r(struct jg_interrupt *in) {
  return in->r_pending && *in->r_pending != 0;
}

/* Has a child of the process ended that nobody has taken notice of yet? It
** stays so. */
static int child_has_ended(void) {
  siginfo_t info = {0};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid != 0;
}

/* Ruby's handler marks the thread that SIGINT is for. rb_thread_check_ints()
** would raise, across SQLite and us; these three only read. Which thread runs
** is known to threads of Ruby's own alone, and settled only under its lock.
** The mark does not say which signal it was: until 3.3 the end of a child makes
** it, too, and that is no reason to end a command. */
static int asks_ruby(struct jg_interrupt *in) {
  return in->ruby_interrupted && in->ruby_has_lock() &&
         in->ruby_interrupted(in->ruby_thread()) && !child_has_ended();
}

static int (*const WAYS[])(struct jg_interrupt *in) = {
    asks_sqlite, asks_r, asks_ruby, asks_progress_handler};

/* ---- begin and end ------------------------------------------------------ */

/* What the host has is found among the names of the whole process. POSIX lets
** a function be told through a pointer to data. */
static void find_hosts(struct jg_interrupt *in) {
  void *process = dlopen(NULL, RTLD_LAZY);
  if (!process) {
    return;
  }
  in->r_pending = dlsym(process, "R_interrupts_pending");
  *(void **)&in->ruby_has_lock = dlsym(process, "ruby_thread_has_gvl_p");
  *(void **)&in->ruby_thread = dlsym(process, "rb_thread_current");
  *(void **)&in->ruby_interrupted = dlsym(process, "rb_thread_interrupted");
  if (!in->ruby_has_lock || !in->ruby_thread) {
    in->ruby_interrupted = NULL;
  }
  dlclose(process); /* the process itself stays */
}

/* An authorizer of the host's may refuse: then that way is not asked. */
static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, struct jg_err *err) {
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
  if (rc == SQLITE_NOMEM) {
    jg_err_nomem(err);
  } else if (rc == SQLITE_INTERRUPT) {
    jg_err_set(err, JG_INTERRUPTED, "interrupted");
  }
  return stmt;
}

int jg_interrupt_begin(struct jg_interrupt *in, sqlite3 *db,
                       const struct jg_clock *clock, struct jg_err *err) {
  if (in->depth++ > 0) {
    return err->code;
  }
  in->db = db;
  in->clock = clock;
  in->stepped_ms = clock->mono_ms(clock->ctx);
  in->one = prepare(db, "SELECT 1", err);
  in->steps = prepare(db, STEPS, err);
  find_hosts(in);
  return err->code;
}

void jg_interrupt_end(struct jg_interrupt *in) {
  if (--in->depth > 0) {
    return;
  }
  sqlite3_finalize(in->one);
  sqlite3_finalize(in->steps);
  memset(in, 0, sizeof(*in));
}

/* ---- asking ------------------------------------------------------------- */

int jg_interrupt_heard(struct jg_interrupt *in) {
  for (size_t i = 0; i < sizeof(WAYS) / sizeof(*WAYS); i++) {
    if (WAYS[i](in)) {
      sqlite3_interrupt(in->db);
      return 1;
    }
  }
  return 0;
}

int jg_interrupt_check(struct jg_interrupt *in, struct jg_err *err) {
  if (err->code == JG_OK && jg_interrupt_heard(in)) {
    jg_err_set(err, JG_INTERRUPTED, "interrupted");
  }
  return err->code;
}

static int check(void *interrupt, struct jg_err *err) {
  return jg_interrupt_check(interrupt, err);
}

struct jg_stop jg_interrupt_stop(struct jg_interrupt *in) {
  return (struct jg_stop){check, in};
}

int jg_interrupt_is_set(sqlite3 *db) {
  sqlite3_stmt *stmt = NULL;
  int rc = sqlite3_prepare_v2(db, "SELECT 1", -1, &stmt, NULL);
  int interrupted =
      rc == SQLITE_OK ? is_interrupted(stmt) : rc == SQLITE_INTERRUPT;
  sqlite3_finalize(stmt);
  return interrupted;
}
