/*
** The inputs of judge_generate: the rows of a query, read to their end before
** anything is sent, or a JSON list. Each is a set of named values. The value
** named trace_id is the trace's id, and an input only where the template names
** it: equal questions are to have equal inputs, whatever their ids.
*/
#ifndef JG_RUN_INPUTS_H
#define JG_RUN_INPUTS_H

#include "core/json.h"
#include "core/rng.h"
#include "store/checked.h"
#include "sqlite3ext.h"

struct jg_input {
  const struct jg_json *values; /* an object, lent by the tree */
  const char *trace_id;         /* given or made; NULL: not named yet */
  char made_id[JG_ID_BYTES];
  int repeated; /* the same request as one before it: no trace of its own */
};

struct jg_inputs {
  struct jg_json *tree;  /* a list of objects; owned */
  struct jg_input *list; /* owned */
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
/* What a trace keeps as its inputs: the values as JSON, or the text alone when
** there is one. Owned by the caller; NULL on failure. */
char *jg_inputs_text(const char *template, const struct jg_json *input,
                     struct jg_err *err);
/* 1 when inputs that a trace keeps (or NULL) make this prompt, however their
** JSON is written and whatever else they hold. */
int jg_inputs_make(const char *template, const char *kept, const char *prompt,
                   struct jg_err *err);

/* Takes the id that an input gives, if it does. Not a text, empty or too long is
** an error. */
int jg_inputs_given_id(struct jg_inputs *inputs, size_t at, struct jg_err *err);
/* Of the first count inputs, which are named: two with one id are an
** error, unless both have theirs from their request: the later is repeated. */
int jg_inputs_check_ids(struct jg_inputs *inputs, size_t count,
                        struct jg_err *err);

#endif
