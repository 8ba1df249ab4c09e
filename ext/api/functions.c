/*
** What loading adds to a connection. A new function is one row of FUNCTIONS and
** a body in a file of its name; a new module or aggregate one row of PARTS.
**
** When a registration fails, SQLite unloads the library: so whatever went in
** must come out again, or the connection would call code that is gone.
*/
#include "api/api.h"
#include "api/agreement.h"
#include "api/modules.h"
#include "api/result.h"
#include "core/mem.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

/* Since SQLite 3.45, for functions that return a subtype. */
#define RESULT_SUBTYPE 0x1000000

static const struct jg_function FUNCTIONS[] = {
    {"judge_version", 0, 0, JG_FUNCTION_PURE, jg_api_judge_version},
    {"judge_debug", 0, 0, JG_FUNCTION_FACT, jg_api_judge_debug},
    {"judge_instructions", 1, 1, JG_FUNCTION_READ, jg_api_judge_instructions},
    {"judge_prompt", 2, 4, JG_FUNCTION_READ, jg_api_judge_prompt},
    {"judge_init", 0, 1, JG_FUNCTION_ACT, jg_api_judge_init},
    {"judge_config", 0, 2, JG_FUNCTION_ACT, jg_api_judge_config},
    {"make_judge", 2, 4, JG_FUNCTION_ACT, jg_api_make_judge},
    {"judge_register", 1, 4, JG_FUNCTION_ACT, jg_api_judge_register},
    {"judge_unregister", 1, 2, JG_FUNCTION_ACT, jg_api_judge_unregister},
    {"judge_run", 1, 2, JG_FUNCTION_ACT, jg_api_judge_run},
    {"judge_eval", 2, 4, JG_FUNCTION_ACT, jg_api_judge_eval},
    {"judge_align", 1, 2, JG_FUNCTION_ACT, jg_api_judge_align},
    {"judge_generate", 2, 3, JG_FUNCTION_ACT, jg_api_judge_generate},
};
#define FUNCTION_COUNT (sizeof(FUNCTIONS) / sizeof(FUNCTIONS[0]))

static int flags_of(enum jg_function_group group) {
  int flags = SQLITE_UTF8;
  if (group == JG_FUNCTION_PURE) {
    flags |= SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC;
  } else if (group == JG_FUNCTION_FACT) {
    flags |= SQLITE_INNOCUOUS;
  } else if (group == JG_FUNCTION_ACT) {
    flags |= SQLITE_DIRECTONLY;
  }
  if (sqlite3_libversion_number() >= 3045000) {
    flags |= RESULT_SUBTYPE;
  }
  return flags;
}

/* Every call of ours begins here. */
static void call_function(sqlite3_context *context, int count,
                          sqlite3_value **values) {
  const struct jg_function_binding *b = sqlite3_user_data(context);
  const struct jg_function *f = b->function;
  struct jg_nesting *nesting = &b->session->nesting;
  const char *actor = nesting->actor;
  struct jg_err err = {.code = JG_OK};
  if (f->group == JG_FUNCTION_ACT) {
    jg_nesting_may_act(nesting, &b->session->checked, f->name, &err);
  }
  if (err.code != JG_OK || jg_nesting_enter(nesting, f->name, &err) != JG_OK) {
    jg_result_error(context, &err);
    return;
  }
  nesting->actor = f->group == JG_FUNCTION_ACT ? f->name : actor;
  f->call(context, count, values);
  nesting->actor = actor;
  jg_nesting_leave(nesting);
}

static void binding_free(void *memory) {
  struct jg_function_binding *binding = memory;
  jg_session_unref(binding->session);
  jg_mem_free(binding);
}

static int add_one(struct jg_session *session, const struct jg_function *f,
                   int count) {
  struct jg_err err = {.code = JG_OK};
  struct jg_function_binding *binding = jg_mem_new(1, sizeof(*binding), &err);
  if (!binding) {
    return SQLITE_NOMEM;
  }
  binding->session = jg_session_ref(session);
  binding->function = f;
  return sqlite3_create_function_v2(session->db, f->name, count,
                                    flags_of(f->group), binding, call_function,
                                    NULL, NULL, binding_free);
}

/* One registration for each count, so that SQLite itself refuses others. A
** failing registration calls the destructor too: the reference comes first. */
static int add_function(struct jg_session *session,
                        const struct jg_function *f) {
  int rc = SQLITE_OK;
  for (int n = f->min_args; n <= f->max_args && rc == SQLITE_OK; n++) {
    rc = add_one(session, f, n);
  }
  return rc;
}

static void drop_function(sqlite3 *db, const char *name, int min, int max) {
  for (int n = min; n <= max; n++) {
    (void)sqlite3_create_function_v2(db, name, n, SQLITE_UTF8, NULL, NULL, NULL,
                                     NULL, NULL);
  }
}

static int add_functions(struct jg_session *session, struct jg_err *err) {
  for (size_t i = 0; i < FUNCTION_COUNT; i++) {
    const struct jg_function *f = &FUNCTIONS[i];
    int rc = SQLITE_OK;
    if (!session->no_network || f->group != JG_FUNCTION_ACT) {
      rc = add_function(session, f);
    }
    if (rc != SQLITE_OK) {
      return jg_db_fail(session->db, rc, err);
    }
  }
  return JG_OK;
}

static int add_aggregates(struct jg_session *session, struct jg_err *err) {
  int rc = jg_agreement_register(session->db);
  return rc == SQLITE_OK ? JG_OK : jg_db_fail(session->db, rc, err);
}

/* Takes everything out again; harmless for what never went in. */
static void remove_all(sqlite3 *db) {
  jg_modules_remove(db);
  jg_agreement_remove(db);
  for (size_t i = 0; i < FUNCTION_COUNT; i++) {
    drop_function(db, FUNCTIONS[i].name, FUNCTIONS[i].min_args,
                  FUNCTIONS[i].max_args);
  }
}

int jg_api_register(struct jg_session *session, struct jg_err *err) {
  if (add_functions(session, err) != JG_OK ||
      add_aggregates(session, err) != JG_OK ||
      jg_modules_add(session, err) != JG_OK) {
    remove_all(session->db);
  }
  return (int)err->code;
}
