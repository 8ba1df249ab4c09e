/* See claims.h. */
#include "run/claims.h"

#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "run/calls.h"
#include "run/guard.h"
#include "run/inside.h"
#include "run/state.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define LOOK_EVERY_MS 100   /* at claims of others */
#define RENEW_EVERY_MS 8000 /* our own */
#define SILENT_MS 30000     /* an owner that does not renew is given up */
#define FREE_LOOKS 3        /* then a trigger of the file drops our claims */
#define END_WAIT_MS 50      /* for a lock, after an interrupt */
#define WAL_LOCK_MS 2000    /* inside a query */
#define LOCK_MS 100
#define LOCK_STEP_MS 10

/* ---- who we are, who others are ----------------------------------------- */

/* The name of this connection among the owners. A fork is another one. */
static const char *our_name(struct jg_claims *c) {
  struct jg_state *state = jg_state_of(c->session, NULL);
  if (state->claim_pid != c->self.pid) {
    state->claim_pid = c->self.pid;
    jg_rng_id(&c->session->rng, "c-", state->claim_name);
  }
  return state->claim_name;
}

static int64_t now_ms(const struct jg_claims *c) {
  return c->session->clock.mono_ms(c->session->clock.ctx);
}

/* What was last seen of an owner, in the order of names, for a file may name
** very many; NULL without memory. */
static struct jg_claim_owner *owner_of(struct jg_state *state, const char *name,
                                       struct jg_err *err) {
  size_t at = 0, end = state->owner_count;
  while (at < end) {
    size_t mid = at + (end - at) / 2;
    if (strcmp(state->owners[mid].name, name) < 0) {
      at = mid + 1;
    } else {
      end = mid;
    }
  }
  if (at < state->owner_count && strcmp(state->owners[at].name, name) == 0) {
    return &state->owners[at];
  }
  struct jg_claim_owner owner = {.name = jg_mem_text(name, err)};
  if (!owner.name ||
      jg_mem_grow(&state->owners, &state->owner_cap, state->owner_count + 1,
                  sizeof(*state->owners), err) != JG_OK) {
    jg_mem_free(owner.name);
    return NULL;
  }
  memmove(&state->owners[at + 1], &state->owners[at],
          (state->owner_count++ - at) * sizeof(*state->owners));
  state->owners[at] = owner;
  return &state->owners[at];
}

/* The process in three columns from at on. */
static void read_process(sqlite3_stmt *stmt, int at, struct jg_process *out) {
  const char *machine = (const char *)sqlite3_column_text(stmt, at);
  memset(out, 0, sizeof(*out));
  if (machine && strlen(machine) < sizeof(out->machine)) {
    memcpy(out->machine, machine, strlen(machine));
  }
  out->pid = sqlite3_column_int64(stmt, at + 1);
  out->started = sqlite3_column_int64(stmt, at + 2);
}

/* A row of claim_owners.sql: has this owner ended? */
static int has_ended(struct jg_claims *c, sqlite3_stmt *stmt,
                     struct jg_err *err) {
  const char *name = (const char *)sqlite3_column_text(stmt, 0);
  int64_t renewed = sqlite3_column_int64(stmt, 4);
  int64_t count = sqlite3_column_int64(stmt, 5);
  struct jg_process process;
  read_process(stmt, 1, &process);
  if (!name || strcmp(name, our_name(c)) == 0 ||
      jg_process_is_gone(&process, &c->self)) {
    return 1;
  }
  struct jg_claim_owner *owner =
      owner_of(jg_state_of(c->session, NULL), name, err);
  if (!owner) {
    return 0;
  }
  if (owner->renewed != renewed || owner->count != count) { /* it lives */
    owner->renewed = renewed;
    owner->count = count;
    owner->seen_ms = now_ms(c);
  }
  return now_ms(c) - owner->seen_ms >= SILENT_MS;
}

/* Looks at all that have claims: the sessions of those that have ended, as a
** JSON list; *count is how many. */
static char *ended_owners(struct jg_claims *c, sqlite3 *db, size_t *count,
                          struct jg_err *err) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  sqlite3_stmt *stmt = jg_db_query(db, "claim_owners", err);
  *count = 0;
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_jsonw_array(&w);
  while (jg_db_step(stmt, err) == 1) {
    if (has_ended(c, stmt, err)) {
      jg_jsonw_text(&w, (const char *)sqlite3_column_text(stmt, 0));
      ++*count;
    }
  }
  sqlite3_finalize(stmt);
  jg_jsonw_end_array(&w);
  return jg_buf_take(&buf, err);
}

/* ---- statements --------------------------------------------------------- */

/* The connection that may write now. NULL: none, or err is set. */
static sqlite3 *writer(const struct jg_claims *c, struct jg_err *err) {
  if (c->no_file) {
    return NULL;
  }
  return c->inside ? jg_inside_db(c->session, err) : c->session->db;
}

static char *digests_of(const struct jg_claims *c, enum jg_claim which,
                        struct jg_err *err) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_jsonw_array(&w);
  for (size_t i = 0; i < c->count; i++) {
    if (c->calls[i]->claim == which) {
      jg_jsonw_text(&w, c->calls[i]->digest);
    }
  }
  jg_jsonw_end_array(&w);
  return jg_buf_take(&buf, err);
}

static void bind_us(struct jg_claims *c, sqlite3_stmt *stmt,
                    struct jg_err *err) {
  jg_db_bind_text(stmt, "@session", our_name(c), err);
  jg_db_bind_text(stmt, "@machine", c->self.machine, err);
  jg_db_bind_int(stmt, "@pid", c->self.pid, err);
  jg_db_bind_int(stmt, "@started", c->self.started, err);
  jg_db_bind_int(stmt, "@now", jg_session_now_ms(c->session), err);
}

/* A call of the list by its digest; NULL: none. */
struct jg_call *jg_claims_find(const struct jg_claims *c, const char *digest) {
  for (size_t i = 0; i < c->count; i++) {
    if (strcmp(c->calls[i]->digest, digest) == 0) {
      return c->calls[i];
    }
  }
  return NULL;
}

static void count_claim(struct jg_claims *c, const struct jg_call *call,
                        int by) {
  c->fresh += (size_t)(call->claim == JG_CLAIM_FRESH ? by : 0);
  c->others += (size_t)(call->claim == JG_CLAIM_OTHERS ? by : 0);
}

static void set_claim(struct jg_claims *c, struct jg_call *call,
                      enum jg_claim claim, int in_file) {
  count_claim(c, call, -1);
  call->claim = claim;
  call->waited |= claim == JG_CLAIM_OTHERS;
  count_claim(c, call, 1);
  call->claimed = in_file;
  c->held += (size_t)in_file;
}

static void set_all(struct jg_claims *c, enum jg_claim from, enum jg_claim to) {
  for (size_t i = 0; i < c->count; i++) {
    if (c->calls[i]->claim == from) {
      set_claim(c, c->calls[i], to, 0);
    }
  }
}

/* Nothing is ours before the statement has committed. */
static int take_by(struct jg_claims *c, sqlite3 *db, const char *digests,
                   const char *ended, struct jg_err *err) {
  struct jg_buf got;
  sqlite3_int64 last = sqlite3_last_insert_rowid(db);
  sqlite3_stmt *stmt = jg_db_query(db, "claim_take", err);
  jg_buf_init(&got, JG_BUF_LIMIT_BYTES);
  bind_us(c, stmt, err);
  jg_db_bind_text(stmt, "@digests", digests, err);
  jg_db_bind_text(stmt, "@void", ended, err);
  while (jg_db_step(stmt, err) == 1) {
    const char *digest = (const char *)sqlite3_column_text(stmt, 0);
    jg_buf_puts(&got, digest ? digest : "");
  }
  sqlite3_finalize(stmt);
  sqlite3_set_last_insert_rowid(db, last); /* the host's */
  jg_buf_check(&got, err);
  for (size_t at = 0; err->code == JG_OK && at < got.len;
       at += JG_DIGEST_HEX_BYTES - 1) {
    char digest[JG_DIGEST_HEX_BYTES];
    memcpy(digest, jg_buf_text(&got) + at, sizeof(digest) - 1);
    digest[sizeof(digest) - 1] = '\0';
    struct jg_call *call = jg_claims_find(c, digest);
    if (call) {
      set_claim(c, call, JG_CLAIM_OURS, 1);
    }
  }
  jg_buf_dispose(&got);
  return err->code;
}

/* Inside a query: the query's snapshot may be behind, and a lock is waited for
** here, since nothing is in flight meanwhile: with a rollback journal for a moment
** only, for readers may hold it for long. */
static int take_inside(struct jg_claims *c, const char *digests,
                       const char *ended, struct jg_err *err) {
  int64_t until =
      now_ms(c) + (jg_guard_is_wal(c->session->db) ? WAL_LOCK_MS : LOCK_MS);
  for (;;) {
    struct jg_err ignored = {.code = JG_OK};
    sqlite3 *db = writer(c, &ignored);
    if (!db || take_by(c, db, digests, ended, err) == JG_OK) {
      return err->code;
    }
    if (jg_inside_is_behind(c->session, err)) {
      continue;
    }
    if (!jg_guard_is_locked(err) || now_ms(c) >= until) {
      return err->code;
    }
    jg_err_clear(err);
    sqlite3_sleep(LOCK_STEP_MS);
  }
}

/* Claims the calls that are so. Inside a query they are made without a claim
** where none can be written. */
static int take(struct jg_claims *c, enum jg_claim which, const char *ended,
                struct jg_err *err) {
  char *digests = digests_of(c, which, err);
  sqlite3 *db = writer(c, err);
  struct jg_err now = {.code = JG_OK};
  if (digests && db && c->inside) {
    take_inside(c, digests, ended, &now);
  } else if (digests && db) {
    take_by(c, db, digests, ended, &now);
  }
  jg_mem_free(digests);
  if (!db || (c->inside && jg_guard_is_locked(&now))) {
    set_all(c, which, JG_CLAIM_OURS);
  } else if (now.code != JG_OK && err->code == JG_OK) {
    *err = now;
  }
  return err->code;
}

/* ---- what others have --------------------------------------------------- */

/* A query holds its file: with a rollback journal the owner cannot even write
** the answer that is waited for. */
static int may_wait(const struct jg_claims *c) {
  struct jg_state *state = jg_state_of(c->session, NULL);
  if (!c->inside) {
    return 1;
  }
  if (jg_guard_is_wal(c->session->db)) {
    state->inside_behind = 1; /* its snapshot will not show the answer */
    return 1;
  }
  return 0;
}

/* A row of claim_look.sql. 1: nobody has the call, nor its answer. */
static int read_look(struct jg_claims *c, sqlite3_stmt *stmt) {
  const char *digest = (const char *)sqlite3_column_text(stmt, 0);
  struct jg_call *call = digest ? jg_claims_find(c, digest) : NULL;
  if (!call || call->claim != JG_CLAIM_OTHERS) {
    return 0;
  }
  if (sqlite3_column_int(stmt, 1)) {
    set_claim(c, call, JG_CLAIM_ANSWERED, 0);
    return 0;
  }
  int is_free = sqlite3_column_int(stmt, 2);
  call->free_looks = is_free ? call->free_looks + 1 : 0;
  return is_free;
}

/* What cannot be claimed although nobody has it is called without a claim. */
static void give_up_claiming(struct jg_claims *c) {
  for (size_t i = 0; i < c->count; i++) {
    if (c->calls[i]->claim == JG_CLAIM_OTHERS &&
        c->calls[i]->free_looks >= FREE_LOOKS) {
      set_claim(c, c->calls[i], JG_CLAIM_OURS, 0);
    }
  }
}

/* What is answered is marked so. *free: how many nobody has any more. */
static int look_by(struct jg_claims *c, sqlite3 *db, const char *ended,
                   size_t *free, struct jg_err *err) {
  char *digests = digests_of(c, JG_CLAIM_OTHERS, err);
  sqlite3_stmt *stmt = jg_db_query(db, "claim_look", err);
  jg_db_bind_text(stmt, "@digests", digests, err);
  jg_db_bind_text(stmt, "@void", ended, err);
  *free = 0;
  while (jg_db_step(stmt, err) == 1) {
    *free += (size_t)read_look(c, stmt);
  }
  sqlite3_finalize(stmt);
  jg_mem_free(digests);
  return err->code;
}

/* Looks at what others have, and claims what they have no more. */
static int look(struct jg_claims *c, struct jg_err *err) {
  size_t count = 0, free = 0;
  sqlite3 *db = writer(c, err);
  if (!db) { /* a transaction of the host's has begun meanwhile */
    set_all(c, JG_CLAIM_OTHERS, JG_CLAIM_OURS);
    return err->code;
  }
  char *ended = ended_owners(c, db, &count, err);
  if (ended && look_by(c, db, ended, &free, err) == JG_OK && free > 0 &&
      take(c, JG_CLAIM_OTHERS, ended, err) == JG_OK) {
    give_up_claiming(c);
  }
  jg_mem_free(ended);
  return err->code;
}

/* ---- the list ----------------------------------------------------------- */

int jg_claims_begin(struct jg_claims *c, struct jg_session *session, int inside,
                    struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, err);
  memset(c, 0, sizeof(*c));
  c->session = session;
  c->inside = inside;
  jg_process_self(&c->self);
  jg_buf_init(&c->given_back, JG_BUF_LIMIT_BYTES);
  if (state && jg_side_note(&state->side, session->db, err) == JG_OK) {
    c->no_file = state->side.uri == NULL;
  }
  c->renewed_ms = now_ms(c);
  return err->code;
}

int jg_claims_add(struct jg_claims *c, struct jg_call *call,
                  struct jg_err *err) {
  if (jg_mem_grow(&c->calls, &c->cap, c->count + 1, sizeof(*c->calls), err) ==
      JG_OK) {
    c->calls[c->count++] = call;
    count_claim(c, call, 1);
  }
  return err->code;
}

int jg_claims_ask(struct jg_claims *c, struct jg_err *err) {
  if (c->fresh > 0 && take(c, JG_CLAIM_FRESH, "[]", err) == JG_OK &&
      c->fresh > 0) {
    set_all(c, JG_CLAIM_FRESH, may_wait(c) ? JG_CLAIM_OTHERS : JG_CLAIM_OURS);
    c->looked_ms = 0;
  }
  if (err->code == JG_OK && c->others > 0 &&
      now_ms(c) - c->looked_ms >= LOOK_EVERY_MS) {
    c->looked_ms = now_ms(c);
    look(c, err);
  }
  return err->code;
}

static struct jg_call *remove_at(struct jg_claims *c, size_t i) {
  struct jg_call *call = c->calls[i];
  count_claim(c, call, -1);
  memmove(&c->calls[i], &c->calls[i + 1], (--c->count - i) * sizeof(*c->calls));
  return call;
}

struct jg_call *jg_claims_take(struct jg_claims *c) {
  for (size_t i = 0; i < c->count; i++) {
    if (c->calls[i]->claim == JG_CLAIM_OURS ||
        c->calls[i]->claim == JG_CLAIM_ANSWERED) {
      return remove_at(c, i);
    }
  }
  return NULL;
}

struct jg_call *jg_claims_leave(struct jg_claims *c) {
  return c->count > 0 ? remove_at(c, c->count - 1) : NULL;
}

/* ---- ends --------------------------------------------------------------- */

void jg_claims_answered(struct jg_claims *c, struct jg_call *call) {
  c->held -= (size_t)call->claimed;
  call->claimed = 0;
}

void jg_claims_give_back(struct jg_claims *c, struct jg_call *call) {
  if (call->claimed) {
    struct jg_jsonw w = {.to = &c->given_back, .comma = c->given_back.len > 0};
    jg_jsonw_text(&w, call->digest);
    jg_claims_answered(c, call);
  }
}

static int renew_by(struct jg_claims *c, sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(
      db, "UPDATE main.judge_claim SET renewed = @now WHERE session = @session",
      err);
  bind_us(c, stmt, err);
  return jg_db_run(stmt, err);
}

int jg_claims_renew(struct jg_claims *c, struct jg_err *err) {
  struct jg_err now = {.code = JG_OK};
  if (c->held == 0 || now_ms(c) - c->renewed_ms < RENEW_EVERY_MS) {
    return err->code;
  }
  sqlite3 *db = writer(c, &now);
  if (db && renew_by(c, db, &now) != JG_OK && c->inside &&
      jg_inside_is_behind(c->session, &now)) {
    db = writer(c, &now);
    if (db) {
      renew_by(c, db, &now);
    }
  }
  if (!jg_guard_is_locked(&now)) { /* else at the next look */
    c->renewed_ms = now_ms(c);
    if (now.code != JG_OK && err->code == JG_OK) {
      *err = now;
    }
  }
  return err->code;
}

static int drop_by(sqlite3 *db, const char *name, const char *digests,
                   struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_query(db, "claim_drop", err);
  jg_db_bind_text(stmt, "@session", name, err);
  jg_db_bind_text(stmt, "@digests", digests, err);
  return jg_db_run(stmt, err);
}

/* By the host's connection, or, if that cannot, by one of ours. */
static int drop(struct jg_claims *c, const char *digests) {
  struct jg_state *state = jg_state_of(c->session, NULL);
  struct jg_err why = {.code = JG_OK};
  sqlite3 *db = writer(c, &why);
  if (db && drop_by(db, our_name(c), digests, &why) == JG_OK) {
    return 1;
  }
  jg_err_clear(&why);
  db = jg_side_open(&state->side, END_WAIT_MS, &why);
  if (db) {
    drop_by(db, our_name(c), digests, &why);
  }
  if (!c->inside) {
    jg_side_close(&state->side);
  }
  return db && why.code == JG_OK;
}

void jg_claims_end(struct jg_claims *c) {
  struct jg_state *state = jg_state_of(c->session, NULL);
  struct jg_err why = {.code = JG_OK};
  struct jg_buf list;
  if (c->given_back.len > 0) {
    jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
    jg_buf_putc(&list, '[');
    jg_buf_add(&list, c->given_back.data, c->given_back.len);
    jg_buf_putc(&list, ']');
    state->claims_left |=
        jg_buf_check(&list, &why) != JG_OK || !drop(c, jg_buf_text(&list));
    jg_buf_dispose(&list);
  }
  jg_buf_dispose(&c->given_back);
  jg_mem_free(c->calls);
  c->calls = NULL;
  c->count = c->cap = 0;
}

/* ---- what was left behind ----------------------------------------------- */

int jg_claims_sweep(struct jg_session *session, struct jg_err *err) {
  struct jg_claims c;
  char *ended = NULL;
  size_t count = 0;
  if (jg_claims_begin(&c, session, 0, err) == JG_OK && !c.no_file) {
    ended = ended_owners(&c, session->db, &count, err);
  }
  if (ended && count > 0) {
    sqlite3_stmt *stmt =
        jg_db_prepare(session->db,
                      "DELETE FROM main.judge_claim WHERE session IN "
                      "(SELECT value FROM json_each(@ended))",
                      err);
    jg_db_bind_text(stmt, "@ended", ended, err);
    if (jg_db_run(stmt, err) == JG_OK) {
      jg_state_of(session, NULL)->claims_left = 0;
    }
  }
  if (jg_guard_is_locked(err)) {
    jg_err_clear(err);
  }
  jg_mem_free(ended);
  jg_claims_end(&c);
  return err->code;
}

void jg_claims_close(struct jg_state *state) {
  struct jg_err why = {.code = JG_OK};
  sqlite3 *db =
      state->claims_left ? jg_side_open(&state->side, END_WAIT_MS, &why) : NULL;
  if (db) {
    sqlite3_stmt *stmt = jg_db_prepare(
        db, "DELETE FROM main.judge_claim WHERE session = @session", &why);
    jg_db_bind_text(stmt, "@session", state->claim_name, &why);
    jg_db_run(stmt, &why);
  }
  for (size_t i = 0; i < state->owner_count; i++) {
    jg_mem_free(state->owners[i].name);
  }
  jg_mem_free(state->owners);
  state->owners = NULL;
  state->owner_count = state->owner_cap = 0;
}
