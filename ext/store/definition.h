/*
** Judges in the file: versions, their guidelines and examples, drafts and
** publishing. Versions never change once they are seen; names are unique in
** the file. Nothing here opens a transaction: all is single statements, inside
** whatever the caller has.
*/
#ifndef JG_STORE_DEFINITION_H
#define JG_STORE_DEFINITION_H

#include <stdint.h>
#include "core/err.h"
#include "core/json.h"
#include "judge/judge.h"
#include "sqlite3ext.h"

/* What a row says beside the judge itself. Owned. */
struct jg_definition_info {
  int64_t definition_id;
  int64_t memory_id; /* definition whose guidelines and examples it uses: its
                     ** own id when it shares none */
  char *judge;       /* name@version */
  char *kind;        /* instructions, builtin, memory_augmented */
  char *state;       /* active, candidate */
  char *optimizer;   /* or NULL */
  char *parent;      /* name@version or NULL */
  int registered;
  char *tags; /* JSON object or NULL */
  char *experiment;
  char *note; /* why it is a candidate, or NULL */
};
void jg_definition_info_dispose(struct jg_definition_info *info);

/* What to store beside the judge. Texts are lent; NULL where there is none. */
struct jg_definition_new {
  const char *state; /* NULL: active */
  const char *kind;  /* NULL: builtin or instructions, by the judge */
  const char *optimizer;
  const char *parent;
  int64_t memory_id; /* 0: its own */
  const char *experiment;
  const char *note;
  const char *tags;
  int registered;
  int64_t now_ms; /* created */
};

/* ref is "name@2", or a bare name: its newest version that is neither a draft
** nor a candidate. Guidelines come with the traces that taught them. Not found:
** an error with the nearest name and all names. */
int jg_definition_find(sqlite3 *db, const char *ref, struct jg_judge *out,
                       struct jg_definition_info *info, struct jg_err *err);
/* Has any version of this name been stored (drafts aside)? 1, 0, -1: err. */
int jg_definition_exists(sqlite3 *db, const char *name, struct jg_err *err);
/* "name@2" into its parts; version 0 when none is given. name is owned. */
int jg_definition_split(const char *ref, char **name, int64_t *version,
                        struct jg_err *err);

/* Stores the next version of judge->name, or finds the version with the same
** content (*existed = 1). The guidelines of judge->memory are stored too unless
** more->memory_id says where they are. */
int jg_definition_insert(sqlite3 *db, const struct jg_judge *judge,
                         const struct jg_definition_new *more,
                         int64_t *definition_id, int64_t *version, int *existed,
                         struct jg_err *err);
/* Marks a version registered and sets its tags (NULL keeps them) and experiment
** (NULL keeps it). */
int jg_definition_register(sqlite3 *db, int64_t definition_id, const char *tags,
                           const char *experiment, int64_t now_ms,
                           struct jg_err *err);

/* Clears the mark of a version, or of all (version 0); adds each that had it
** ("name@1") to the list. */
int jg_definition_unregister(sqlite3 *db, const char *name, int64_t version,
                             struct jg_jsonw *list, struct jg_err *err);

/* Alignment (laws 7, 11): each call is one statement, guidelines are two;
** nobody sees a draft until it is published.
**
** The digest of a draft is that of judge, so judge->memory must hold what the
** lists below will hold. */
int jg_definition_draft(sqlite3 *db, const struct jg_judge *judge,
                        const struct jg_definition_new *more,
                        int64_t *definition_id, struct jg_err *err);
/* [{"text", "origin"?, "sources":[{"trace_id", "assessment_id"?}]}] in order;
** a source may also be a bare trace id. */
int jg_definition_draft_guidelines(sqlite3 *db, int64_t definition_id,
                                   const char *list, int64_t now_ms,
                                   struct jg_err *err);
/* [{"trace_id", "input_group", "inputs", "outputs", "expectations", "label",
** "labels":[{"assessment_id","source_id","value","rationale","created"}]}];
** inputs, outputs and expectations are JSON texts that hold the field byte for
** byte, or null. */
int jg_definition_draft_examples(sqlite3 *db, int64_t definition_id,
                                 const char *list, int64_t now_ms,
                                 struct jg_err *err);
/* The embeddings of the draft's examples: a JSON list of trace ids, and as many
** times dim floats of four bytes, lowest first. */
int jg_definition_draft_vectors(sqlite3 *db, int64_t definition_id,
                                const char *model, size_t dim,
                                const char *trace_ids, const void *vectors,
                                size_t bytes, struct jg_err *err);
/* [{"trace_id", "fold", "value", "value_type", "rationale", "error_code",
** "error_message"}] */
int jg_definition_draft_crossfit(sqlite3 *db, int64_t definition_id,
                                 const char *list, int64_t now_ms,
                                 struct jg_err *err);
/* One UPDATE gives the draft its version (the name's highest + 1) and state
** ("active" or "candidate"). A draft swept meanwhile is an error. */
int jg_definition_publish(sqlite3 *db, int64_t definition_id, const char *state,
                          const char *note, int64_t *version,
                          struct jg_err *err);
/* Deletes drafts and what belongs to them; writes nothing when there are none.
** The drafts go last, so that a sweep cut short is finished by the next. */
int jg_definition_sweep(sqlite3 *db, struct jg_err *err);

/* Calls each() for every example of a memory, in order of example_id, until it
** returns nonzero (then returns err's code). Columns of the statement:
** 0 trace_id, 1 input_group, 2 inputs, 3 outputs, 4 expectations, 5 label,
** 6 labels (JSON list as above), 7 created, 8 example_id, 9 embedding_model,
** 10 embedding_dim, 11 embedding. */
int jg_definition_examples(sqlite3 *db, int64_t memory_id,
                           int (*each)(void *ctx, sqlite3_stmt *row), void *ctx,
                           struct jg_err *err);

#endif
