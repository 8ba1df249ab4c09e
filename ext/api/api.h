/*
** The SQL functions: one table row each in functions.c, one body in the file of
** that name. They
** are called through functions.c, which refuses what must not run now.
*/
#ifndef JG_API_API_H
#define JG_API_API_H

#include "core/err.h"
#include "run/session.h"
#include "sqlite3ext.h"

/* What a function does decides its flags and whether the no_network entry
** point has it (law 10). */
enum jg_function_group {
  JG_FUNCTION_PURE, /* its arguments only: INNOCUOUS | DETERMINISTIC */
  JG_FUNCTION_FACT, /* about this build: INNOCUOUS */
  JG_FUNCTION_READ, /* reads the file: no flag */
  JG_FUNCTION_ACT   /* sends, spends, writes or sets: DIRECTONLY; absent
                     ** from no_network */
};

typedef void (*jg_function_call)(sqlite3_context *context, int count,
                                 sqlite3_value **values);

struct jg_function {
  const char *name;
  int min_args, max_args; /* registered for each count between */
  enum jg_function_group group;
  jg_function_call call;
};

/* The user data of a function. */
struct jg_function_binding {
  struct jg_session *session; /* a reference */
  const struct jg_function *function;
};

/* Registers everything the session may have: functions, aggregates, modules.
** After a failure what was registered stays until the connection closes; each
** holds its own reference. */
int jg_api_register(struct jg_session *session, struct jg_err *err);

/* The bodies, one file each. */
void jg_api_judge_init(sqlite3_context *, int, sqlite3_value **);
void jg_api_make_judge(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_register(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_unregister(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_config(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_instructions(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_prompt(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_version(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_debug(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_run(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_eval(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_align(sqlite3_context *, int, sqlite3_value **);
void jg_api_judge_generate(sqlite3_context *, int, sqlite3_value **);

#endif
