/*
** Paid calls: answered from what is stored, else sent, and stored before
** anything is made of them.
**
**   source next() -> stored already? -> done(cached)
**                    on its way already? -> waits for its twin
**                    another command's? -> waits for that one's answer
**                    else claimed -> pump -> landed -> kept -> done() -> stored
**
** The pump sends in a thread of its own; all that touches SQLite, and the
** callbacks here, stay in the host's.
**
** What it promises:
** 1. An answer is committed within 100 ms of landing, what has landed together
**    in one statement, without BEGIN or SAVEPOINT; meanwhile slots that come
**    free are filled again.
** 2. A digest that was answered is never sent again, nor twice at once, by
**    other commands and processes neither (claims.h).
** 3. Answers that could not be written (interrupt, a locked file, the host's
**    transaction) stay with the session, answer from there, and are written by
**    the next command or when the connection closes. Where they may have to
**    stay, nothing is sent for which there is no room.
** 4. A call that failed is a row too, and is tried again next time.
** 5. What would fail for every call alike (a wrong key, no such model) stops it:
**    what is in flight lands and is stored, then err says why.
** 6. An answer that a limit of our own cut off is asked for once more with a
**    higher one. Both are stored under keys of their own, so that running again
**    goes on where it ended, and the second one stays: it is not paid again.
** 7. Under judge_config('replay','only') nothing is sent: a call that is not
**    stored is an error.
*/
#ifndef JG_RUN_CALLS_H
#define JG_RUN_CALLS_H

#include "core/digest.h"
#include "llm/budget.h"
#include "llm/chat.h"
#include "llm/pump.h"
#include "run/claims.h"
#include "run/session.h"

/* What came back for a call. Owned. */
struct jg_back {
  int http_status;
  char *failure, *failed_with; /* error code and text of a failed call */
  char *body;                  /* of a 200 */
  size_t body_bytes;
  struct jg_reply reply; /* what the body says */
  float *vector;
  size_t dim;
  int is_answer; /* the model answered, whatever we think of it: stored */
  int is_cut;    /* by our own limit of output tokens */
  double cost;   /* negative: not known */
  int attempts;
  int64_t latency_ms;
};

/* One call. Owned by the source until done() has been called for it. */
struct jg_call {
  struct jg_pump_item item; /* first: the pump's queues */
  const char *purpose;      /* judge, distill, embed, generate */
  const char *judge;        /* name@version or NULL */
  const char *trace_id;     /* or NULL */
  size_t trace_bytes;       /* of the trace's texts in the body; 0: no trace */
  const struct jg_endpoint *endpoint;
  char *body;         /* owned; released by jg_call_dispose */
  int64_t repetition; /* 0; counts up with redo */
  int anew; /* goes on to a repetition that no earlier command has paid for */
  const char *inference_params; /* the user's, in the body; or NULL. Lent */
  int64_t input_bound;          /* tokens the input may have at most */
  int64_t output_bound;         /* likewise the output */
  void *tag;                    /* the source's */
  /* set by the engine */
  char digest[JG_DIGEST_HEX_BYTES]; /* what it is looked up by */
  char key[JG_DIGEST_HEX_BYTES];    /* what its answer is stored under */
  char *sent_body;    /* what is sent when it is not body: with an output
                        ** limit of ours, or asking for JSON less firmly */
  int64_t limited_to; /* output tokens, when that limit is ours; else 0 */
  int raised;         /* asked again, since our limit cut the answer off */
  int form;           /* enum jg_form of what is sent */
  enum jg_claim claim;
  int waited;           /* another command had it */
  int free_looks;       /* nobody had it, and it could not be claimed */
  int claimed;          /* a claim of ours is in the file */
  struct jg_call *twin; /* same digest, waiting for this one */
  struct jg_back back;
};

/* How a call ended: text or error_code, never both. */
struct jg_answer {
  const char *text;     /* the content of a chat reply */
  const char *response; /* the whole response body */
  size_t response_bytes;
  const float *vector; /* of an embedding */
  size_t dim;
  const char *error_code;
  const char *error_message;
  const char *model;                                  /* as returned */
  int64_t input_tokens, output_tokens, cached_tokens; /* -1: not told */
  double cost;                                        /* negative: not known */
  int64_t latency_ms;
  int attempts;
  int cached;
  int stored; /* it was there before: not asked for by this command */
  const char *digest;
};

struct jg_calls {
  struct jg_session *session;
  const char *command;
  const char *run_id;
  struct jg_budget *budget;
  int concurrency;
  void *ctx;
  /* Gives the next call, owned by the engine until done(). A locked file is
  ** waited for: after such an error next() is called again. */
  enum jg_next (*next)(void *ctx, struct jg_call **call, struct jg_err *err);
  /* Takes the answer and the call back. */
  int (*done)(void *ctx, struct jg_call *call, const struct jg_answer *answer,
              struct jg_err *err);
  /* Gets back a call that was not sent (budget, interrupt). */
  void (*drop)(void *ctx, struct jg_call *call);
  int keep_only; /* judge_eval inside a query: see inside.h */
  /* After stored answers: the command's own rows; progress. May be NULL. */
  int (*flush)(void *ctx, struct jg_err *err);
  int finish; /* done() may set it: what is in flight lands, no more */
  int chat;   /* 1: chat requests; 0: embeddings, one text each */

  /* counts */
  int64_t sent, retries, cached, failed;
  int64_t input_tokens, output_tokens;
  int64_t cut;       /* in flight when the time was up */
  int64_t waited_ms; /* as in jg_schedule */
  int usage_known;   /* every answer told its tokens */
  double cost;
  int cost_known;        /* ... and its model had a price */
  int64_t priced;        /* calls with a cost */
  const char *exhausted; /* the budget that ended it, or NULL */
};

/* Runs until next() says END, a budget ends it (exhausted), or err is set. */
int jg_calls_run(struct jg_calls *calls, struct jg_err *err);
void jg_call_dispose(struct jg_call *call); /* frees it too */

/* Writes what an earlier command had to keep; called first by each command.
** *dropped is how many calls were left in flight since the last report. */
int jg_calls_recover(struct jg_session *session, int64_t *dropped,
                     struct jg_err *err);
#endif
