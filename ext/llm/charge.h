/*
** What an attempt counts for in a budget of tokens or cost, beside the call that
** it always is. One table, charge.c; docs/models.md has the same, "What counts
** in a budget", and changes with it.
**
** The rule behind it: what the server may have billed counts at the most that it
** can have been, which is what was reserved before the request went out.
*/
#ifndef JG_LLM_CHARGE_H
#define JG_LLM_CHARGE_H

#include <stdint.h>

enum jg_charge {
  JG_CHARGE_NOTHING, /* nobody can have answered it */
  JG_CHARGE_TOLD,    /* what the answer says; what it does not say, at most */
  JG_CHARGE_MOST     /* as much as was reserved */
};

/* How an attempt ended. */
struct jg_attempt {
  int status;             /* HTTP, 0: none came */
  const char *error_code; /* as in jg_http_response; NULL: a whole response */
  int unsent;             /* not all of the request went out */
};

enum jg_charge jg_charge_of(const struct jg_attempt *attempt);

/* What a server tells of its usage, if that can be true, else -1 (not known).
** most is what was reserved for it, the request's bytes or the limit of output;
** 0 when there is no limit. Ten times that is believed, since the text of a
** request is not all that a model is shown, and 100,000 in any case. */
int64_t jg_charge_believe(int64_t told, int64_t most);

#endif
