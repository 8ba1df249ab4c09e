/* What judge.c asks of the built-ins besides judge.h. */
#ifndef JG_JUDGE_BUILTIN_H
#define JG_JUDGE_BUILTIN_H

#include "judge/judge.h"

/* Sets the error for a name that is no built-in, with the nearest one. */
int jg_builtin_unknown(const char *name, struct jg_err *err);
/* Does it take the option guidelines? Sets err when memory runs out. */
int jg_builtin_needs_guidelines(const char *name, struct jg_err *err);
/* Has the item what the built-in asks of its expectations? who ("trace 'tr-1'")
** and judge stand in the message. */
int jg_builtin_check_expectations(const char *name,
                                  const struct jg_json *expectations,
                                  const char *who, const char *judge,
                                  struct jg_err *err);

#endif
