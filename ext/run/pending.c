/*
** Answers between landing and the file: a list on the session. Each entry holds
** the JSON object that call_write.sql reads, without its end, and the response,
** which goes into it when it is written. Responses that are not valid UTF-8 or
** hold a NUL are stored as "hex:..." so that the very bytes come back.
*/
#include "run/pending.h"

#include <assert.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "run/guard.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define CLOSE_PATIENCE_MS 15000 /* for a lock, when the host closes */

/* What one statement writes: it hears no interrupt while it reads JSON, and reads
** a row once for each column. A response larger than that is worth a statement of
** its own, to which it is bound as it is. */
#define STATEMENT_BYTES ((size_t)4 << 20)
#define LARGE_BYTES ((size_t)256 << 10)

struct jg_pending_entry {
  char digest[JG_DIGEST_HEX_BYTES];
  char *row;      /* JSON object but for "response" and its end */
  char *response; /* or NULL */
  size_t response_bytes;
};

static void entry_dispose(struct jg_pending_entry *e) {
  jg_mem_free(e->row);
  jg_mem_free(e->response);
  memset(e, 0, sizeof(*e));
}

void jg_pending_clear(struct jg_state *p) {
  for (size_t i = 0; i < p->count; i++) {
    entry_dispose(&p->entries[i]);
  }
  p->count = 0;
  p->bytes = 0;
}

static void hex_write(struct jg_buf *to, const char *data, size_t bytes) {
  static const char DIGITS[] = "0123456789abcdef";
  jg_buf_puts(to, "hex:");
  for (size_t i = 0; i < bytes; i++) {
    unsigned char c = (unsigned char)data[i];
    jg_buf_putc(to, DIGITS[c >> 4]);
    jg_buf_putc(to, DIGITS[c & 15]);
  }
}

static int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Turns "hex:..." back into bytes, in place. */
static size_t hex_read(char *text, size_t bytes) {
  if (bytes < 4 || memcmp(text, "hex:", 4) != 0) {
    return bytes;
  }
  size_t n = (bytes - 4) / 2;
  for (size_t i = 0; i < n; i++) {
    text[i] =
        (char)(hex_digit(text[4 + 2 * i]) << 4 | hex_digit(text[5 + 2 * i]));
  }
  text[n] = '\0';
  return n;
}

/* As it is, or as "hex:..."? */
static int is_storable(const char *response, size_t bytes) {
  return jg_text_is_utf8(response, bytes) && !memchr(response, '\0', bytes);
}

static void write_response(struct jg_jsonw *w, const char *response,
                           size_t bytes) {
  if (!response) {
    jg_jsonw_null(w);
  } else if (is_storable(response, bytes)) {
    jg_jsonw_textn(w, response, bytes);
  } else {
    jg_buf_putc(w->to, '"');
    hex_write(w->to, response, bytes);
    jg_buf_putc(w->to, '"');
  }
}

static void write_count(struct jg_jsonw *w, const char *key, int64_t x) {
  if (x >= 0) {
    jg_jsonw_key_int(w, key, x);
  }
}

static char *row_json(struct jg_session *session, const struct jg_landed *l,
                      struct jg_err *err) {
  struct jg_buf buf;
  char time_text[JG_CLOCK_TEXT_BYTES];
  int64_t now = session->clock.wall_ms(session->clock.ctx);
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &buf};
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "digest", l->digest);
  jg_jsonw_key_text(&w, "purpose", l->purpose);
  jg_jsonw_key_text(&w, "status", l->status);
  jg_jsonw_key_text(&w, "run_id", l->run_id);
  jg_jsonw_key_text(&w, "judge", l->judge);
  jg_jsonw_key_text(&w, "trace_id", l->trace_id);
  jg_jsonw_key_text(&w, "model", l->model);
  jg_jsonw_key_text(&w, "model_returned", l->model_returned);
  jg_jsonw_key_text(&w, "host", l->host);
  write_count(&w, "http_status", l->http_status ? l->http_status : -1);
  jg_jsonw_key_text(&w, "error_code", l->error_code);
  jg_jsonw_key_text(&w, "error_message", l->error_message);
  jg_jsonw_key_int(&w, "attempts", l->attempts);
  write_count(&w, "latency_ms", l->latency_ms);
  write_count(&w, "input_tokens", l->input_tokens);
  write_count(&w, "output_tokens", l->output_tokens);
  write_count(&w, "cached_tokens", l->cached_tokens);
  if (l->cost >= 0) {
    jg_jsonw_key_real(&w, "cost", l->cost);
  }
  jg_jsonw_key_int(&w, "created", now);
  jg_jsonw_key_text(&w, "created_text", jg_clock_format(now, time_text));
  return jg_buf_take(&buf, err);
}

/* Forgets the first n. */
static void forget(struct jg_state *p, size_t n) {
  assert(n <= p->count);
  for (size_t i = 0; i < n; i++) {
    p->bytes -= strlen(p->entries[i].row) + p->entries[i].response_bytes;
    entry_dispose(&p->entries[i]);
  }
  if (n > 0) {
    p->count -= n;
    memmove(p->entries, p->entries + n, p->count * sizeof(*p->entries));
  }
}

int jg_pending_has_room(struct jg_session *session, size_t in_flight) {
  struct jg_state *p = jg_state_of(session, NULL);
  size_t most = (size_t)session->config.keep_mib << 20;
  size_t wanted = (in_flight + 1) * JG_ANSWER_MOST_BYTES;
  return (p ? p->bytes : 0) + wanted <= most;
}

int jg_pending_is_full(struct jg_session *session) {
  struct jg_state *p = jg_state_of(session, NULL);
  return p && p->bytes > JG_PENDING_LIMIT_BYTES / 2;
}

int jg_pending_add(struct jg_session *session, const struct jg_landed *landed,
                   struct jg_err *err) {
  struct jg_state *p = jg_state_of(session, err);
  if (!p || jg_mem_grow(&p->entries, &p->cap, p->count + 1, sizeof(*p->entries),
                        err) != JG_OK) {
    return err->code;
  }
  struct jg_pending_entry e;
  memset(&e, 0, sizeof(e));
  memcpy(e.digest, landed->digest, sizeof(e.digest));
  e.row = row_json(session, landed, err);
  if (e.row && landed->response) {
    e.response = jg_mem_textn(landed->response, landed->response_bytes, err);
    e.response_bytes = landed->response_bytes;
  }
  if (err->code != JG_OK) {
    entry_dispose(&e);
    return err->code;
  }
  jg_side_note(&p->side, session->db, err);
  p->entries[p->count++] = e;
  p->bytes += strlen(e.row) + e.response_bytes;
  return JG_OK;
}

const char *jg_pending_find(struct jg_session *session, const char *digest,
                            size_t *bytes) {
  struct jg_state *p = jg_state_of(session, NULL);
  for (size_t i = p ? p->count : 0; i > 0; i--) {
    struct jg_pending_entry *e = &p->entries[i - 1];
    if (e->response && strcmp(e->digest, digest) == 0) {
      *bytes = e->response_bytes;
      return e->response;
    }
  }
  return NULL;
}

size_t jg_pending_count(struct jg_session *session) {
  struct jg_state *p = jg_state_of(session, NULL);
  return p ? p->count : 0;
}

static int is_large(const struct jg_pending_entry *e) {
  return e->response_bytes > LARGE_BYTES;
}

/* As many of the first as one statement should write; of a large one all but
** the response. */
static char *first_rows(struct jg_state *p, size_t *n, struct jg_err *err) {
  struct jg_buf buf;
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw w = {.to = &buf};
  jg_jsonw_array(&w);
  size_t bytes = 0;
  for (*n = 0; *n < p->count && bytes < STATEMENT_BYTES; (*n)++) {
    const struct jg_pending_entry *e = &p->entries[*n];
    if (is_large(e) && *n > 0) {
      break;
    }
    bytes += is_large(e) ? STATEMENT_BYTES : strlen(e->row) + e->response_bytes;
    jg_jsonw_raw(&w, e->row);
    jg_buf_puts(&buf, ",\"response\":");
    struct jg_jsonw value = {.to = &buf};
    write_response(&value, is_large(e) ? NULL : e->response, e->response_bytes);
    jg_buf_putc(&buf, '}');
  }
  jg_jsonw_end_array(&w);
  return jg_buf_take(&buf, err);
}

/* The response as the file has it, of a large one that is the first. */
static void bind_large(sqlite3_stmt *stmt, const struct jg_pending_entry *e,
                       struct jg_err *err) {
  struct jg_buf hex;
  if (!is_large(e)) {
    return;
  }
  if (is_storable(e->response, e->response_bytes)) {
    jg_db_bind_text(stmt, "@response", e->response, err);
    return;
  }
  jg_buf_init(&hex, JG_BUF_LIMIT_BYTES);
  hex_write(&hex, e->response, e->response_bytes);
  if (jg_buf_check(&hex, err) == JG_OK) {
    jg_db_bind_text(stmt, "@response", jg_buf_text(&hex), err);
  }
  jg_buf_dispose(&hex);
}

/* A state that passes by itself: keep the answers and go on. */
static int is_passing(const struct jg_err *err) {
  return err->code == JG_INTERRUPTED || jg_guard_is_locked(err);
}

/* Writes the first of them by a connection to the file, which keeps the
** statement in *kept. */
static int write_first(struct jg_state *p, sqlite3 *db, sqlite3_stmt **kept,
                       struct jg_err *err) {
  size_t n = 0;
  char *rows = first_rows(p, &n, err);
  if (!rows) {
    return err->code;
  }
  sqlite3_int64 last = sqlite3_last_insert_rowid(db);
  sqlite3_stmt *stmt = jg_db_kept(db, "call_write", kept, err);
  jg_db_bind_text(stmt, "@landed", rows, err);
  bind_large(stmt, &p->entries[0], err);
  jg_db_step(stmt, err);
  jg_db_reset(stmt);
  sqlite3_set_last_insert_rowid(db, last); /* the host's */
  jg_mem_free(rows);
  if (err->code == JG_OK) {
    forget(p, n);
  }
  return err->code;
}

int jg_pending_write_by(struct jg_state *state, sqlite3 *db,
                        sqlite3_stmt **kept, struct jg_err *err) {
  while (err->code == JG_OK && state->count > 0) {
    write_first(state, db, kept, err);
  }
  return err->code;
}

int jg_pending_write(struct jg_session *session, int *written,
                     struct jg_err *err) {
  struct jg_state *p = jg_state_of(session, NULL);
  struct jg_err now = {.code = JG_OK};
  *written =
      !p || jg_pending_write_by(p, session->db, &p->write, &now) == JG_OK;
  if (!*written && !is_passing(&now)) {
    jg_err_set(err, now.code, "%s", now.text);
    err->sqlite_code = now.sqlite_code;
  }
  return err->code;
}

/* A number that changes with the file's tables and triggers. */
static int shape_of(sqlite3 *db, struct jg_err *err) {
  sqlite3_stmt *stmt = jg_db_prepare(db, "PRAGMA main.schema_version", err);
  int shape = jg_db_step(stmt, err) == 1 ? sqlite3_column_int(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  return shape;
}

/* Where memory runs out SQLite keeps an error's code and loses its text, and
** each error that the trial write can meet has one. */
static int has_lost_its_text(const struct jg_err *why) {
  return why->code == JG_SQLITE &&
         strcmp(why->text, sqlite3_errstr(SQLITE_ERROR)) == 0;
}

int jg_pending_try(struct jg_session *session, const char *command,
                   struct jg_err *err) {
  struct jg_state *state = jg_state_of(session, err);
  struct jg_err why = {.code = JG_OK};
  int shape = state ? shape_of(session->db, err) + 1 : 0;
  if (err->code != JG_OK || state->tried == shape) {
    return err->code;
  }
  sqlite3_stmt *stmt = jg_db_query(session->db, "call_try", &why);
  jg_db_step(stmt, &why);
  sqlite3_finalize(stmt);
  if (why.code == JG_SQLITE && strstr(why.text, "integer overflow")) {
    state->tried = shape;
  } else if (why.code == JG_NOMEM || is_passing(&why)) {
    *err = why;
  } else if (has_lost_its_text(&why)) {
    jg_err_nomem(err);
  } else {
    int dropped = why.code == JG_OK || strstr(why.text, "malformed JSON");
    jg_err_set(err, JG_ERROR,
               "%s: nothing was sent, for this file keeps no answers: %s. Put "
               "its tables judge_call and judge_call_body and their triggers "
               "right, or use another file",
               command, dropped ? "a trigger drops them" : why.text);
  }
  return err->code;
}

void jg_pending_tell(struct jg_session *session, const char *command,
                     struct jg_err *err) {
  struct jg_err why = *err;
  size_t count = jg_pending_count(session);
  int locked = jg_guard_is_locked(err);
  if (err->code != JG_SQLITE || (count == 0 && !locked)) {
    return;
  }
  jg_err_clear(err);
  if (count == 0) {
    jg_err_set(err, JG_SQLITE,
               "%s: the database is locked by another process, and nothing is "
               "paid for that cannot be stored: run it again later",
               command);
    err->sqlite_code = why.sqlite_code;
    return;
  }
  jg_err_set(err, JG_SQLITE,
             "%s: %s: %zu answers are kept in this connection and will be "
             "written by the next command: %srun it again",
             command,
             locked ? "the database is locked by another process" : why.text,
             count, locked ? "" : "put it right and ");
  err->sqlite_code = why.sqlite_code;
}

static char *find_stored(sqlite3 *db, sqlite3_stmt **kept, const char *digest,
                         size_t *bytes, struct jg_err *err) {
  char *text = NULL;
  sqlite3_stmt *stmt = jg_db_kept(db, "call_find", kept, err);
  jg_db_bind_text(stmt, "@digest", digest, err);
  if (jg_db_step(stmt, err) == 1) {
    text = jg_db_text(stmt, 0, err);
    *bytes = text ? hex_read(text, strlen(text)) : 0;
  }
  jg_db_reset(stmt);
  return text;
}

char *jg_pending_stored(struct jg_session *session, const char *digest,
                        size_t *bytes, struct jg_err *err) {
  const char *kept = jg_pending_find(session, digest, bytes);
  struct jg_state *p = jg_state_of(session, err);
  if (kept || !p) {
    return kept ? jg_mem_textn(kept, *bytes, err) : NULL;
  }
  char *text = find_stored(session->db, &p->find, digest, bytes, err);
  if (!text && p->side.db) {
    /* The host's connection reads an older snapshot. */
    text = find_stored(p->side.db, &p->side.find, digest, bytes, err);
  }
  return text;
}

int jg_pending_is_older(struct jg_session *session, const char *digest,
                        const char *run_id, struct jg_err *err) {
  size_t bytes = 0;
  int older = 0;
  struct jg_state *p = jg_state_of(session, err);
  if (!p || jg_pending_find(session, digest, &bytes)) {
    return 0; /* it has only just come */
  }
  sqlite3_stmt *stmt = jg_db_kept(session->db, "call_older", &p->older, err);
  jg_db_bind_text(stmt, "@digest", digest, err);
  jg_db_bind_text(stmt, "@run_id", run_id, err);
  older = jg_db_step(stmt, err) == 1;
  jg_db_reset(stmt);
  return older;
}

void jg_pending_close(struct jg_state *state) {
  struct jg_err why = {.code = JG_OK};
  if (state->count == 0 || !state->side.uri || !state->writable) {
    return; /* nothing left, or no file to write to */
  }
  sqlite3 *db = jg_side_open(&state->side, CLOSE_PATIENCE_MS, &why);
  if (db && jg_schema_require(db, &why) == JG_OK) {
    jg_pending_write_by(state, db, &state->side.write, &why);
  }
  if (state->count > 0) {
    sqlite3_log(SQLITE_WARNING,
                "judge: %zu answers could not be stored when the connection "
                "closed, and will be asked for again: %s",
                state->count, why.text);
  }
}

void jg_pending_rest(struct jg_session *session) {
  struct jg_state *p = jg_state_of(session, NULL);
  if (p) {
    sqlite3_finalize(p->write);
    sqlite3_finalize(p->find);
    sqlite3_finalize(p->older);
    p->write = p->find = p->older = NULL;
  }
}
