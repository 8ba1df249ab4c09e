/*
** The virtual tables and table-valued functions: one table row each. They share
** one jg_vtab_env, which hangs on the session; functions hold the session, and
** SQLite disconnects virtual tables before it lets go of functions.
*/
#include "api/modules.h"
#include <assert.h>
#include "api/functions_of_rows.h"
#include "api/table.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

struct module {
  const char *name;
  int (*add)(struct jg_session *session); /* an SQLite result code */
};

static int add_traces(struct jg_session *session) {
  return jg_traces_register(session->db, session->modules);
}

static int add_assessments(struct jg_session *session) {
  return jg_assessments_register(session->db, session->modules);
}

static int add_judges(struct jg_session *session) {
  return jg_judges_register(session->db, session->modules);
}

static int add_compare(struct jg_session *session) {
  return jg_rows_register(session, &jg_api_judge_compare);
}

static int add_disagreements(struct jg_session *session) {
  return jg_rows_register(session, &jg_api_judge_disagreements);
}

static int add_agreement_report(struct jg_session *session) {
  return jg_rows_register(session, &jg_api_agreement_report);
}

static int add_agreement_drift(struct jg_session *session) {
  return jg_rows_register(session, &jg_api_agreement_drift);
}

static int add_agreement_metrics(struct jg_session *session) {
  return jg_rows_register(session, &jg_api_agreement_metrics);
}

static const struct module MODULES[] = {
    {"traces", add_traces},
    {"assessments", add_assessments},
    {"judges", add_judges},
    {"judge_compare", add_compare},
    {"judge_disagreements", add_disagreements},
    {"agreement_report", add_agreement_report},
    {"agreement_drift", add_agreement_drift},
    {"agreement_metrics", add_agreement_metrics},
};
#define MODULE_COUNT (sizeof(MODULES) / sizeof(MODULES[0]))

static const char *experiment_of(void *ctx) {
  const struct jg_session *session = ctx;
  return session->config.experiment;
}

int jg_table_register(sqlite3 *db, const char *name,
                      const sqlite3_module *module, struct jg_vtab_env *env) {
  if (env->read_only) {
    sqlite3_module *reader = &env->readers[env->reader_count++];
    assert(env->reader_count <=
           (int)(sizeof(env->readers) / sizeof(env->readers[0])));
    *reader = *module;
    reader->xUpdate = NULL; /* SQLite: "table traces may not be modified" */
    module = reader;
  }
  return sqlite3_create_module_v2(db, name, module, env, NULL);
}

int jg_modules_add(struct jg_session *session, struct jg_err *err) {
  struct jg_vtab_env *env = jg_mem_new(1, sizeof(*env), err);

  if (!env) {
    return (int)err->code;
  }
  env->db = session->db;
  env->ctx = session;
  env->session = session;
  env->experiment = experiment_of;
  env->read_only = session->no_network;
  session->modules = env;
  session->modules_free = jg_mem_free;
  for (size_t i = 0; i < MODULE_COUNT; i++) {
    int rc = MODULES[i].add(session);
    if (rc != SQLITE_OK) {
      return jg_db_fail(session->db, rc, err);
    }
  }
  return JG_OK;
}

void jg_modules_remove(sqlite3 *db) {
  for (size_t i = 0; i < MODULE_COUNT; i++) {
    (void)sqlite3_create_module_v2(db, MODULES[i].name, NULL, NULL, NULL);
  }
}
