/*
** What commands would send, for explain: calls that are neither stored nor
** twins of another, and their tokens. Nothing is sent and nothing written.
**
** Calls come in groups that have a model and a purpose in common. A request's
** tokens are estimated (llm/tokens.h); requests whose answers are stored tell
** how far the group's model is from the estimate, and how long its answers are.
**
**   jg_forecast_open(&f, job)
**     jg_forecast_group(&f, &g, "judge", model, judge, 80)   its history
**     jg_forecast_call(&f, &g, endpoint, body, 0, tokens)    for each request
**     jg_forecast_close_group(&f, &g)                        sums it up
**   jg_forecast_write(&f, &w)
*/
#ifndef JG_RUN_FORECAST_H
#define JG_RUN_FORECAST_H

#include "llm/tokens.h"
#include "run/ready.h"

struct jg_forecast_group {
  const char *model; /* URI, lent */
  int64_t calls;     /* that would be sent */
  double estimated;  /* tokens of their requests */
  double extra;      /* tokens to come that no request shows yet */
  double output;     /* mean tokens of an answer */
  double warm;       /* share of the input that the provider's cache holds */
  struct jg_token_fit fit;
  int lent_fit; /* it is another group's, and counted there */
};

struct jg_forecast {
  struct jg_job *job;
  sqlite3_stmt *find; /* is this digest stored? */
  uint64_t *seen;     /* beginnings of digests, a hash table; 0: free */
  size_t seen_count, seen_room;
  int64_t calls, cached, learned_from;
  double input, output, cost;
  int cost_known; /* every model has a price */
};

int jg_forecast_open(struct jg_forecast *f, struct jg_job *job,
                     struct jg_err *err);
void jg_forecast_dispose(struct jg_forecast *f);

/* Opens a group: its answers are taken to be as long as those of the model for
** this purpose, the judge's own where there are some, else output_tokens. judge
** may be NULL. model is lent until the group is closed. */
int jg_forecast_group(struct jg_forecast *f, struct jg_forecast_group *g,
                      const char *purpose, const char *model, const char *judge,
                      int64_t output_tokens, struct jg_err *err);
/* Learns from judgements of the model that are stored: their requests are built
** again, those of judge first. */
int jg_forecast_learn(struct jg_forecast *f, struct jg_forecast_group *g,
                      const char *judge, struct jg_err *err);
/* As a repetition: one that is not stored. */
#define JG_FORECAST_ANEW -1

/* Counts a request. tokens: as estimated. */
int jg_forecast_call(struct jg_forecast *f, struct jg_forecast_group *g,
                     const struct jg_endpoint *endpoint, const char *body,
                     int64_t repetition, int64_t tokens, struct jg_err *err);
/* Counts the judgement of an item. */
int jg_forecast_item(struct jg_forecast *f, struct jg_forecast_group *g,
                     const struct jg_ready *ready, const struct jg_item *item,
                     int64_t repetition, struct jg_err *err);
/* Counts the embedding of a text; NULL or "" needs none. */
int jg_forecast_embedding(struct jg_forecast *f, struct jg_forecast_group *g,
                          const struct jg_endpoint *endpoint, const char *text,
                          struct jg_err *err);
/* Adds the group to the sums, times scale. */
void jg_forecast_close_group(struct jg_forecast *f,
                             const struct jg_forecast_group *g, double scale);

/* calls, input_tokens, output_tokens, cost and learned_from into the open
** object. */
void jg_forecast_write(const struct jg_forecast *f, struct jg_jsonw *w);

#endif
