/*
** What the commands of one connection leave for the next one: answers not yet
** in the file, calls that an interrupt cut off, prices, what was learned about
** servers. Hangs on session->pending.
*/
#ifndef JG_RUN_STATE_H
#define JG_RUN_STATE_H

#include <stddef.h>
#include "llm/budget.h"
#include "llm/forms.h"
#include "llm/limiter.h"
#include "run/session.h"
#include "store/side.h"

struct jg_pending_entry;

struct jg_price_row {
  char *model;
  struct jg_price price;
};

/* Another connection, as its claims were last seen (claims.c). */
struct jg_claim_owner {
  char *name;
  int64_t renewed, count;
  int64_t seen_ms; /* monotonic, when these changed */
};

struct jg_state {
  struct jg_pending_entry *entries; /* of pending.c */
  size_t count, cap;
  size_t bytes; /* of rows and responses */
  /* of pending.c, kept while a command runs */
  sqlite3_stmt *write, *find, *older;
  struct jg_side side; /* the file, where the host's own cannot write */
  int inside_behind;   /* the query that runs reads an old snapshot */
  int inside_late;     /* what it brought could not be written at once */
  int tried;           /* the shape of the file that took a trial write, + 1 */
  int writable;        /* the host's connection, when it was last asked */
  int64_t dropped;     /* calls in flight when a command was interrupted */
  char claim_name[JG_ID_BYTES]; /* ours among the owners of claims */
  int64_t claim_pid;            /* in this process */
  int claims_left;              /* some could not be removed */
  struct jg_claim_owner *owners;
  size_t owner_count, owner_cap;
  struct jg_price_row *prices; /* of price.c, read once a command */
  size_t price_count;
  int sending;                 /* a command's pump has the transport */
  struct jg_limiters limiters; /* by host */
  struct jg_forms forms;       /* by model */
};

/* The state of a session, made by the first call; NULL and err without memory.
** err may be NULL: then only an existing state is returned. */
struct jg_state *jg_state_of(struct jg_session *session, struct jg_err *err);

#endif
