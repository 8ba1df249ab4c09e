/* What a user can do about a failed call. */
#ifndef JG_LLM_ADVICE_H
#define JG_LLM_ADVICE_H

#include <stddef.h>
#include "core/buf.h"
#include "llm/provider.h"

/* Appends to the error text in to, which is looked at for what it says, one
** parenthesis with what to do; nothing when there is nothing to say. code is
** the error code of the attempt, body_bytes the size of its request and
** trace_bytes that of the trace in it (0: there is none). */
void jg_advice_add(const struct jg_endpoint *endpoint, int status,
                   const char *code, size_t body_bytes, size_t trace_bytes,
                   struct jg_buf *to);
/* 1 when an error text says that the request was too long for the model. */
int jg_advice_is_overflow(int status, const char *text);

#endif
