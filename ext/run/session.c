/*
** Life and death of a session, its transport, and the judge that a name means
** to it. The settings are in settings.c.
*/
#include "run/session.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/mem.h"
#include "core/text.h"
#include "judge/lexical.h"
#include "llm/params.h"
#include "run/settings.h"

SQLITE_EXTENSION_INIT3

static const char *environment_get(void *ctx, const char *name) {
  (void)ctx;
  return getenv(name);
}

static int environment_offline(void *ctx) {
  const struct jg_session *session = ctx;
  return session->config.replay_only;
}

int jg_session_new(sqlite3 *db, jg_transport_open open_transport,
                   struct jg_session **out, struct jg_err *err) {
  struct jg_session *session = jg_mem_new(1, sizeof(*session), err);

  *out = NULL;
  if (!session) {
    return (int)err->code;
  }
  session->db = db;
  session->checked.db = db;
  session->references = 1;
  session->open_transport = open_transport;
  session->clock = jg_clock_system();
  session->environment.get = environment_get;
  session->environment.hosts = &session->config.hosts;
  session->environment.offline = environment_offline;
  session->environment.ctx = session;
  jg_rng_init(&session->rng, jg_rng_system());
  if (jg_settings_init(&session->config, err) != JG_OK) {
    jg_session_unref(session);
    return (int)err->code;
  }
  *out = session;
  return JG_OK;
}

struct jg_session *jg_session_ref(struct jg_session *session) {
  assert(session->references > 0);
  session->references++;
  return session;
}

void jg_session_unref(void *given) {
  struct jg_session *session = given;

  if (!session || --session->references > 0) {
    return;
  }
  if (session->pending && session->pending_free) {
    session->pending_free(session->pending);
  }
  if (session->modules && session->modules_free) {
    session->modules_free(session->modules);
  }
  if (session->transport_opened && session->transport.free) {
    session->transport.free(session->transport.ctx);
  }
  jg_settings_dispose(&session->config);
  jg_mem_free(session);
}

int jg_session_transport(struct jg_session *session,
                         const struct jg_transport **out, struct jg_err *err) {
  *out = NULL;
  if (!session->transport_opened) {
    if (!session->open_transport) {
      return jg_err_set(err, JG_ERROR,
                        "this connection cannot send: judge was loaded by its "
                        "no_network entry point");
    }
    if (session->open_transport(&session->transport, err) != JG_OK) {
      return (int)err->code;
    }
    session->transport_opened = 1;
  }
  *out = &session->transport;
  return JG_OK;
}

int64_t jg_session_now_ms(const struct jg_session *session) {
  return session->clock.wall_ms(session->clock.ctx);
}

const char *jg_session_model(const struct jg_session *session) {
  const char *model = session->config.model;
  if (!model) {
    model = session->environment.get(session->environment.ctx,
                                     "MLFLOW_GENAI_JUDGE_DEFAULT_MODEL");
  }
  return model && *model ? model : JG_SESSION_DEFAULT_MODEL;
}

int jg_session_check_model(const char *uri, struct jg_err *err) {
  if (jg_model_uri_check(uri, err) == JG_OK &&
      sqlite3_strnicmp(uri, "local:", 6) == 0 && !jg_lexical_is(uri)) {
    jg_err_set(err, JG_ERROR,
               "no local model '%.200s': the one there is is " JG_LEXICAL_URI,
               uri);
  }
  return (int)err->code;
}

int jg_session_check_judge(const struct jg_session *session,
                           const struct jg_judge *judge, struct jg_err *err) {
  return jg_session_check_model(judge->model, err) != JG_OK
             ? (int)err->code
             : jg_params_check(judge->model, judge->inference_params,
                               session->config.allow_params, err);
}

/* The built-in name under its own name, with the session's model. */
static int builtin_make(const struct jg_session *session, const char *name,
                        struct jg_judge *out, struct jg_err *err) {
  struct jg_judge_spec spec = {0};
  struct jg_buf options;
  struct jg_jsonw w = {.to = &options};

  jg_buf_init(&options, 1024);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "builtin", name);
  jg_jsonw_end_object(&w);
  spec.name = name;
  spec.model = jg_session_model(session);
  spec.options = jg_buf_text(&options);
  spec.default_model = spec.model;
  if (jg_buf_check(&options, err) == JG_OK &&
      jg_session_check_model(spec.model, err) == JG_OK) {
    jg_judge_make(&spec, out, err);
  }
  jg_buf_dispose(&options);
  return (int)err->code;
}

/* Stores a built-in on its first use. */
static int builtin_store(struct jg_session *session,
                         const struct jg_judge *judge, struct jg_err *err) {
  struct jg_definition_new more = {0};
  int64_t definition_id = 0;
  int64_t version = 0;
  int existed = 0;

  more.experiment = session->config.experiment;
  more.now_ms = jg_session_now_ms(session);
  return jg_definition_insert(session->db, judge, &more, &definition_id,
                              &version, &existed, err);
}

/* What a stored row would say of a built-in that has none. */
static int builtin_info(const struct jg_session *session,
                        struct jg_judge *judge, struct jg_definition_info *info,
                        struct jg_err *err) {
  struct jg_buf name;

  judge->version = 1;
  jg_buf_init(&name, JG_BUF_LIMIT_BYTES);
  jg_buf_printf(&name, "%s@1", judge->name);
  info->judge = jg_buf_take(&name, err);
  info->kind = jg_mem_text("builtin", err);
  info->state = jg_mem_text("active", err);
  info->experiment = jg_mem_text(session->config.experiment, err);
  return (int)err->code;
}

static int builtin_use(struct jg_session *session, const char *name, int store,
                       struct jg_judge *out, struct jg_definition_info *info,
                       struct jg_err *err) {
  if (builtin_make(session, name, out, err) != JG_OK) {
    return (int)err->code;
  }
  if (!store) {
    return builtin_info(session, out, info, err);
  }
  builtin_store(session, out, err);
  jg_judge_dispose(out);
  if (err->code == JG_OK) {
    jg_definition_find(session->db, name, out, info, err);
  }
  return (int)err->code;
}

int jg_session_judge(struct jg_session *session, const char *ref, int store,
                     struct jg_judge *out, struct jg_definition_info *info,
                     struct jg_err *err) {
  char *name = NULL;
  int64_t version = 0;
  int fresh = 0;

  memset(out, 0, sizeof(*out));
  memset(info, 0, sizeof(*info));
  if (jg_definition_split(ref, &name, &version, err) == JG_OK && version <= 1 &&
      jg_builtin_exists(name)) {
    fresh = jg_definition_exists(session->db, name, err) == 0;
  }
  if (err->code == JG_OK && fresh) {
    builtin_use(session, name, store, out, info, err);
  } else if (err->code == JG_OK) {
    jg_definition_find(session->db, ref, out, info, err);
  }
  jg_mem_free(name);
  if (err->code != JG_OK) {
    jg_judge_dispose(out);
    jg_definition_info_dispose(info);
  }
  return (int)err->code;
}
