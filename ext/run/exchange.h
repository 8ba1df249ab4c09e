/*
** The way of a call over the network: what is sent for it, and what came back.
** Nothing here touches SQLite, for it runs in the pump's thread; what it shares
** with the connection (prices, forms) is not changed there meanwhile.
*/
#ifndef JG_RUN_EXCHANGE_H
#define JG_RUN_EXCHANGE_H

#include "llm/pump.h"
#include "run/calls.h"

/* The work of a pump; its ctx is the struct jg_calls. */
struct jg_pump_work jg_exchange_work(struct jg_calls *calls);
/* Reads the body of a 200 into call->back. */
int jg_exchange_read(struct jg_calls *calls, struct jg_call *call,
                     const char *body, size_t bytes, struct jg_err *err);
/* The limit of output tokens that a call gets from us, 0 when the user names one
** or it needs none. raised: the second time. */
int64_t jg_exchange_limit(const struct jg_calls *calls,
                          const struct jg_call *call, int raised);
/* What back holds, lent. */
struct jg_answer jg_exchange_answer(const struct jg_back *back);
void jg_exchange_dispose(struct jg_back *back);

#endif
