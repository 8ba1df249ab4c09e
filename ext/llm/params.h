/*
** The inference parameters of a request: which may stand in it, and how the
** limit of output tokens is named.
**
** A judge is stored, and a file may come from anybody: its parameters pass when
** sql/params.json lists them for the wire format, or when the connection allows
** them by judge_config('allow_params', ...). A row of that table is a name and
** 1 (a scalar, or a list of scalars), 0 (anything), or an object of such rows.
** What makes a request another one (the model, the messages), or lets the
** provider call out, never passes, whoever asks.
**
** The limit of output tokens has one name here, max_tokens, and that of the
** format is as good; both go out under the name that the server knows. A name
** of another format would limit nothing, so it is refused.
*/
#ifndef JG_LLM_PARAMS_H
#define JG_LLM_PARAMS_H

#include "core/err.h"
#include "core/json.h"
#include "llm/wire.h"

/* Who asks: what a judge brings is checked against the list. */
struct jg_params_from {
  int by_hand;         /* given with a command of this connection */
  const char *allowed; /* JSON list of names, of this connection; NULL: none */
};

/* Reads a JSON object, NULL and "" being none; *out is owned. */
int jg_params_read(const struct jg_wire *wire, const char *text,
                   const struct jg_params_from *from, struct jg_json **out,
                   struct jg_err *err);
/* The same for a judge of that model, only to see whether it would pass; one on
** local:/ has no request. */
int jg_params_check(const char *model_uri, const char *text,
                    const char *allowed, struct jg_err *err);
/* Reads what allow_params is set to, a JSON list of names or names with commas
** between, into such a list: owned. */
char *jg_params_allow(const char *text, size_t bytes, struct jg_err *err);
/* The limit of output tokens among the parameters, or NULL. */
const struct jg_json *jg_params_limit(const struct jg_wire *wire,
                                      const struct jg_json *params);

#endif
