/*
** A judge as data: what make_judge() checks and what a request is made of.
** A judge here is one version; versions never change once stored.
*/
#ifndef JG_JUDGE_JUDGE_H
#define JG_JUDGE_JUDGE_H

#include <stdint.h>
#include "core/digest.h"
#include "judge/scale.h"

/* Template variables, as bits. */
enum jg_variable {
  JG_VAR_INPUTS = 1,
  JG_VAR_OUTPUTS = 2,
  JG_VAR_EXPECTATIONS = 4,
  JG_VAR_TRACE = 8,        /* known and refused until its issue comes */
  JG_VAR_CONVERSATION = 16 /* likewise */
};

struct jg_guideline {
  int64_t id; /* judge_guideline.guideline_id, 0 when new */
  char *text;
  char **trace_ids; /* the traces that taught it; none: written by hand */
  size_t trace_count;
};

/* What alignment taught a judge, less the examples, which the recall holds. */
struct jg_memory {
  struct jg_guideline *guidelines;
  size_t guideline_count;
  int64_t retrieval_k;   /* examples shown with each item; 0 = none */
  char *embedding_model; /* NULL: recall by words */
  char *local_model;     /* fitted local:/lexical model as JSON, or NULL */
};

struct jg_judge {
  char *name;
  int64_t version; /* 0 until stored */
  char *feedback_name;
  char *instructions; /* with {{ placeholders }}; the built-in's own text */
  char *model;        /* model URI */
  struct jg_scale scale;
  unsigned variables;     /* used by the instructions: enum jg_variable */
  unsigned optional;      /* of those, the ones that may be missing */
  char *description;      /* stored, never sent; or NULL */
  char *inference_params; /* JSON object merged into the request; or NULL */
  char *base_url;         /* or NULL; see law 9 */
  char *builtin;          /* name of the built-in it is made from; or NULL */
  char *guidelines;       /* JSON list: the argument of the built-in
                          ** "guidelines"; or NULL */
  int rationale_first;    /* generate_rationale_first */
  struct jg_memory memory;
};

/* One item to judge. Texts are lent; NULL where the trace lacks the field. */
struct jg_item {
  const char *trace_id;
  const char *inputs;
  const char *outputs;
  const char *expectations; /* one JSON object */
};

/* Everything make_judge() is given, texts lent. */
struct jg_judge_spec {
  const char *name;
  const char *instructions; /* NULL with options.builtin */
  const char *model;        /* NULL: default_model */
  const char *options;      /* JSON object or NULL */
  const char *default_model;
};

/* Checks every rule of make_judge, each with its own message, and fills *out
** (version 0, feedback_name = name). Options: feedback_value_type, description,
** inference_params, base_url, builtin, guidelines, generate_rationale_first. */
int jg_judge_make(const struct jg_judge_spec *spec, struct jg_judge *out,
                  struct jg_err *err);
void jg_judge_dispose(struct jg_judge *judge);
int jg_judge_copy(struct jg_judge *to, const struct jg_judge *from,
                  struct jg_err *err);
void jg_memory_dispose(struct jg_memory *memory);
int jg_memory_copy(struct jg_memory *to, const struct jg_memory *from,
                   struct jg_err *err);

/* Digest of all that defines the version (memory included, name and version
** not): the same content again is the version that exists. */
char *jg_judge_digest(const struct jg_judge *judge,
                      char hex[JG_DIGEST_HEX_BYTES]);
/* The instructions and, headed, the guidelines: what a reader should see. */
int jg_judge_effective_instructions(const struct jg_judge *judge, char **out,
                                    struct jg_err *err);
/* "inputs,outputs" as a JSON list: ["inputs","outputs"]. */
void jg_judge_variables_write(unsigned variables, struct jg_buf *to);
/* What is no such list holds no variables. Fails only without memory. */
int jg_judge_variables_read(const char *json, unsigned *bits,
                            struct jg_err *err);

/* JG_OK when the item has what the judge needs; else an error (never a call):
** "trace 'tr-1' has no outputs, which judge 'safety' needs". Checks also what a
** built-in asks of the expectations (expected_response, expected_facts,
** guidelines). */
int jg_judge_check_item(const struct jg_judge *judge,
                        const struct jg_item *item, struct jg_err *err);

/* Built-ins: the files sql/judges/<name>.json. */
int jg_builtin_exists(const char *name);
/* Names for error messages, "correctness, equivalence, ...". */
void jg_builtin_names(struct jg_buf *to);
/* Fills instructions, scale, variables and optional of a judge from the data
** file. */
int jg_builtin_load(const char *name, struct jg_judge *out, struct jg_err *err);

#endif
