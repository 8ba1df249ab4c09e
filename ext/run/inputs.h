/*
** The inputs of judge_generate: the rows of a query, read to their end before
** anything is sent, or a JSON list. Each is a set of named values.
*/
#ifndef JG_RUN_INPUTS_H
#define JG_RUN_INPUTS_H

#include "core/json.h"
#include "core/value.h"
#include "store/checked.h"
#include "sqlite3ext.h"

struct jg_inputs {
  struct jg_json *tree; /* a list of objects; owned */
  size_t count;
};

/* Rows of one read-only SELECT. */
int jg_inputs_query(struct jg_checked_env *env, struct jg_sql from,
                    struct jg_inputs *out, struct jg_err *err);
/* A list of texts (named "inputs") or of objects. */
int jg_inputs_list(const struct jg_json *list, struct jg_inputs *out,
                   struct jg_err *err);
void jg_inputs_dispose(struct jg_inputs *inputs);

/* The template with each {{ name }} replaced by that value as text. An unknown
** name is an error that lists what there is. */
int jg_inputs_fill(const char *template, const struct jg_json *input,
                   struct jg_buf *to, struct jg_err *err);

#endif
