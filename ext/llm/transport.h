/*
** How requests get out. llm owns the interface, http/ implements it over curl;
** unit tests implement it in memory.
*/
#ifndef JG_LLM_TRANSPORT_H
#define JG_LLM_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"

/* Texts are lent until the response is delivered. */
struct jg_http_request {
  uint64_t id; /* given back with the response */
  const char *url;
  const char *const *headers; /* "Name: value" lines */
  size_t header_count;
  const char *body;
  size_t body_bytes;
  int direct; /* never through a proxy, whatever the environment says */
  int64_t connect_timeout_ms;
  int64_t total_timeout_ms;
  size_t max_body_bytes;
};

/* What a server says is left of its limits, and in how many milliseconds they
** are renewed; -1: not told. */
struct jg_http_rate {
  int64_t requests, requests_reset_ms;
  int64_t tokens, tokens_reset_ms;
};

struct jg_http_response {
  uint64_t id;
  int status;             /* 0: no response, see error */
  const char *error_code; /* static: TIMEOUT, CONNECT, DNS, TLS, CLOSED,
                            ** TOO_LARGE, HEADERS, NETWORK; NULL when status is
                            ** set and the body is whole */
  char error_text[256];   /* curl's words, without keys */
  int unsent;             /* not all of the request went out: nobody can have
                            ** answered it */
  char *body;             /* owned; may hold NUL */
  size_t body_bytes;
  int64_t latency_ms;
  int64_t retry_after_ms; /* from Retry-After (both forms) or
                            ** retry-after-ms; -1 when absent */
  char content_type[64];
  struct jg_http_rate rate;
};

struct jg_transport {
  void *ctx;
  /* Starts a request; at most a few hundred at once. */
  int (*start)(void *ctx, const struct jg_http_request *request,
               struct jg_err *err);
  /* Waits up to timeout_ms for one response. 1: *out is filled (dispose of it);
  ** 0: nothing yet; -1: err is set. */
  int (*wait)(void *ctx, int timeout_ms, struct jg_http_response *out,
              struct jg_err *err);
  /* The one function that another thread may call: ends a wait, or the next
  ** one, which returns 0 then. NULL: cannot. */
  void (*wake)(void *ctx);
  /* Drops all requests in flight. Connections stay usable. */
  void (*cancel)(void *ctx);
  void (*free)(void *ctx);
  int most; /* requests in flight that it bears; 0: any number */
};

void jg_http_response_dispose(struct jg_http_response *response);

/* Milliseconds that a Retry-After header asks for (seconds or an HTTP date;
** wall_ms is now), or -1 when it is neither. */
int64_t jg_http_retry_after(const char *value, int64_t wall_ms);

struct jg_http_rate jg_http_rate_unknown(void);
/* Takes a header line's name and value into rate when it is one of
** x-ratelimit-(remaining|reset)-(requests|tokens), x-ratelimit-remaining/-reset
** or anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-
** (remaining|reset). Of several the tighter one counts. */
void jg_http_rate_header(struct jg_http_rate *rate, const char *name,
                         size_t name_bytes, const char *value, int64_t wall_ms);

#endif
