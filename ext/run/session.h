/*
** What hangs on one connection: settings, clock, randomness, the transport,
** answers not stored yet. Every function and module of ours holds a reference;
** the last destructor frees it. Nothing here is written to the file.
*/
#ifndef JG_RUN_SESSION_H
#define JG_RUN_SESSION_H

#include <stdint.h>
#include "core/buf.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/rng.h"
#include "core/value.h"
#include "judge/judge.h"
#include "llm/hosts.h"
#include "llm/provider.h"
#include "llm/transport.h"
#include "run/guard.h"
#include "store/checked.h"
#include "store/definition.h"
#include "sqlite3ext.h"

#define JG_SESSION_DEFAULT_MODEL "openai:/gpt-4.1-mini"

enum jg_progress { JG_PROGRESS_AUTO, JG_PROGRESS_ON, JG_PROGRESS_OFF };

/* The settings of judge_config(). */
struct jg_config {
  char *experiment;       /* of new traces; "Default" */
  char *model;            /* NULL: see jg_session_model() */
  char *embedding_model;  /* NULL: recall by words */
  int64_t concurrency;    /* requests in flight, 1..256 */
  int64_t timeout_s;      /* of one request, 1..3600 */
  int64_t retries;        /* after the first attempt, 0..20 */
  struct jg_hosts hosts;  /* of allow_host */
  char **allow_functions; /* that SQL text in options may call */
  size_t allow_function_count;
  char *allow_params;  /* JSON list or NULL: see llm/params.h */
  char *extra_headers; /* JSON object of texts or NULL; secret */
  enum jg_progress progress;
  int64_t requests_per_minute, tokens_per_minute; /* a host; 0: no limit */
  int replay_only;         /* answers come from stored calls, nothing is sent */
  int64_t keep_mib;        /* of answers that cannot be stored, 32..65536 */
  int eval_in_transaction; /* judge_eval while a write transaction is open */
};

/* Opens the transport of a session; main.c gives jg_http_new. */
typedef int (*jg_transport_open)(struct jg_transport *out, struct jg_err *err);

struct jg_session {
  sqlite3 *db;
  int references;
  int no_network; /* loaded by the no_network entry point */
  struct jg_config config;
  struct jg_environment environment; /* getenv and allow_host */
  struct jg_clock clock;
  struct jg_rng rng;                /* ids and jitter, seeded by the system */
  jg_transport_open open_transport; /* NULL: nothing can be sent */
  struct jg_transport transport;    /* see jg_session_transport() */
  int transport_opened;
  const char *transport_version; /* what it runs on, for judge_debug() */
  void *pending;                 /* of run/calls: answers not stored yet */
  void (*pending_free)(void *pending);
  struct jg_checked_env checked; /* SQL text in options */
  struct jg_nesting nesting;     /* what of ours is at work */
  struct jg_interrupt interrupt; /* of a command, while one runs */
  struct jg_patience patience;   /* with locks, likewise */
  void *modules;                 /* of api: what the modules point to */
  void (*modules_free)(void *modules);
};

/* A session with one reference. open_transport may be NULL. */
int jg_session_new(sqlite3 *db, jg_transport_open open_transport,
                   struct jg_session **out, struct jg_err *err);
struct jg_session *jg_session_ref(struct jg_session *session);
/* A destructor for SQLite; takes NULL. */
void jg_session_unref(void *session);

/* The transport, opened by the first call; lent. */
int jg_session_transport(struct jg_session *session,
                         const struct jg_transport **out, struct jg_err *err);
int64_t jg_session_now_ms(const struct jg_session *session); /* unix time */
/* The model used where none is named: judge_config('model'), else the
** environment's MLFLOW_GENAI_JUDGE_DEFAULT_MODEL, else the constant. Lent. */
const char *jg_session_model(const struct jg_session *session);
/* Is the form of a model URI right? */
int jg_session_check_model(const char *uri, struct jg_err *err);
/* May this connection make that judge: its model, and what it asks of it? */
int jg_session_check_judge(const struct jg_session *session,
                           const struct jg_judge *judge, struct jg_err *err);

/* Sets a key; NULL sets its default. An unknown key names the nearest one, a
** bad value what is allowed. */
int jg_session_set(struct jg_session *session, const char *key,
                   const struct jg_value *value, struct jg_err *err);
/* The value shown for a key, owned; secrets read "set" or "not set". */
int jg_session_get(const struct jg_session *session, const char *key,
                   struct jg_value *out, struct jg_err *err);
/* All keys as one JSON object. */
int jg_session_list(const struct jg_session *session, struct jg_buf *to,
                    struct jg_err *err);

/* The judge that ref names, "name" or "name@2". A built-in's own name that no
** row has yet stands for version 1 of that built-in with the default model:
** stored first when store is set (a write), else in memory only, then
** info->definition_id is 0. Both outputs are the caller's to dispose of. */
int jg_session_judge(struct jg_session *session, const char *ref, int store,
                     struct jg_judge *out, struct jg_definition_info *info,
                     struct jg_err *err);

#endif
