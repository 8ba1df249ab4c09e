/*
** Two commands that want the same answer at once pay for it once. Before a call
** is sent it is claimed in the file, a batch by one statement; whoever finds it
** claimed waits for the answer, which counts as cached.
**
**   add() -> fresh -> ask() -> ours      send it; the claim goes when its answer
**                          |             is written (trigger judge_claim_done)
**                          -> others'    looked at again, until it is
**                                        answered or given back
**                          -> answered   meanwhile
**
** What it promises:
** 1. A claim is taken by one statement that also looks for the answer, so no call
**    is sent by two, nor after it was answered.
** 2. A claim of a command that has ended is waited for by nobody: it is void at
**    once when it is of this connection or its process is gone, else when its
**    owner has not renewed it for SILENT_MS by our own monotonic clock. No wall
**    clock is believed.
** 3. Nothing is held while it waits: no lock, no transaction.
** 4. Where no claim can be written (the host's transaction, a file that is locked
**    while a query of the host's runs, no file, a trigger that drops it) the call
**    is made without one, and two may pay.
*/
#ifndef JG_RUN_CLAIMS_H
#define JG_RUN_CLAIMS_H

#include <stddef.h>

#include "core/buf.h"
#include "core/process.h"
#include "run/session.h"

struct jg_call;
struct jg_state;

enum jg_claim {
  JG_CLAIM_FRESH, /* not asked for yet */
  JG_CLAIM_OTHERS,
  JG_CLAIM_OURS,
  JG_CLAIM_ANSWERED
};

/* The calls of one run of the engine that are not sent yet. */
struct jg_claims {
  struct jg_session *session;
  int inside;  /* judge_eval inside a query */
  int no_file; /* nobody else can see this database */
  struct jg_process self;
  struct jg_call **calls;
  size_t count, cap;
  size_t fresh, others;          /* how many of them are so */
  size_t held;                   /* claims of ours that are in the file */
  int64_t looked_ms, renewed_ms; /* monotonic */
  struct jg_buf given_back;      /* digests, JSON texts with commas between */
};

int jg_claims_begin(struct jg_claims *claims, struct jg_session *session,
                    int inside, struct jg_err *err);
/* Takes the call over until take() gives it. */
int jg_claims_add(struct jg_claims *claims, struct jg_call *call,
                  struct jg_err *err);
/* The call that waits here with this digest, or NULL; lent. */
struct jg_call *jg_claims_find(const struct jg_claims *claims,
                               const char *digest);
/* Claims what is fresh, and looks at what is others' when it is time. A locked
** file is an error, and all stays as it is. */
int jg_claims_ask(struct jg_claims *claims, struct jg_err *err);
/* The next call that is ours or answered, by call->claim; NULL: none now. */
struct jg_call *jg_claims_take(struct jg_claims *claims);
/* Any call, at the end; NULL: none is left. */
struct jg_call *jg_claims_leave(struct jg_claims *claims);
/* A call of ours that was not sent, or whose answer will not come. */
void jg_claims_give_back(struct jg_claims *claims, struct jg_call *call);
/* The answer of a call of ours has come. */
void jg_claims_answered(struct jg_claims *claims, struct jg_call *call);
/* Says that we live, when it is time. A lock is not waited for. */
int jg_claims_renew(struct jg_claims *claims, struct jg_err *err);
/* Removes the claims given back; also after an interrupt, by a connection of
** ours. */
void jg_claims_end(struct jg_claims *claims);

/* Removes what this connection and processes that are gone left behind; called
** first by each command. A locked file leaves it for later. */
int jg_claims_sweep(struct jg_session *session, struct jg_err *err);
/* The same of this connection, which is closed. */
void jg_claims_close(struct jg_state *state);

#endif
