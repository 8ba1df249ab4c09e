/*
** Prices are rows of judge_price that the user edits; none is in code. They are
** read once a command.
*/
#ifndef JG_RUN_PRICE_H
#define JG_RUN_PRICE_H

#include "llm/budget.h"
#include "run/session.h"
#include "run/state.h"

int jg_price_load(struct jg_session *session, struct jg_err *err);
/* What tokens cost in USD; negative when the model has no price. */
double jg_price_cost(struct jg_session *session, const char *model_uri,
                     int64_t input, int64_t output, int64_t cached);
/* What a call may cost at most, its input cached or not. */
double jg_price_most(struct jg_session *session, const char *model_uri,
                     int64_t input, int64_t output);
/* max_cost needs a price: the error names the row to insert. */
int jg_price_require(struct jg_session *session, const char *command,
                     const char *model_uri, struct jg_err *err);
void jg_price_clear(struct jg_state *state);

#endif
