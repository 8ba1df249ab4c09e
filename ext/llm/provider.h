/*
** Model URIs, providers (data: sql/providers.json), keys and hosts (law 9).
** A provider row: name, wire format, base URL, environment variables for base
** URL and key, header forms, name of the token limit key: see provider.c.
**
** Hosts: those of the table and of the environment variables may be sent to,
** those of a judge's base_url when the connection allows them (hosts.h). Plain
** http goes to this machine only, unless the connection allows it. A provider's
** key goes to its own hosts, and to those that the connection allows for it.
*/
#ifndef JG_LLM_PROVIDER_H
#define JG_LLM_PROVIDER_H

#include <stddef.h>
#include "core/err.h"

/* Where values of the outside come from, so that tests own them. */
struct jg_hosts;
struct jg_environment {
  const char *(*get)(void *ctx, const char *name); /* getenv or a test's */
  /* Is nothing ever sent (replay), so that no key is needed? May be NULL. */
  int (*offline)(void *ctx);
  void *ctx;
  const struct jg_hosts *hosts; /* allowed on this connection; NULL: none */
};

struct jg_secret;
struct jg_wire;

enum jg_endpoint_kind { JG_ENDPOINT_CHAT, JG_ENDPOINT_EMBEDDINGS };

/* A resolved place to send to; owned. */
struct jg_endpoint {
  char *model_uri; /* as given */
  char *model;     /* the name sent in the body */
  char *url;       /* full URL, with /chat/completions or /embeddings */
  char *host;      /* host[:port] of the URL */
  int loopback;    /* it is this machine: no proxy sees what is sent */
  char **headers;  /* "Name: value"; the key is in here and nowhere else */
  size_t header_count;
  char max_tokens_key[32];    /* "max_tokens" or "max_completion_tokens" */
  const struct jg_wire *wire; /* the format; NULL: OpenAI's */
  char key_env[64];           /* where the key comes from, or "" */
  char *key_rule;   /* the host has no key, and this is what to allow for it to
                  ** have one ("openai=host"); NULL: nothing was withheld */
  char *aws_region; /* sign requests (llm/sigv4.h); NULL: they carry a key */
  char *aws_id, *aws_secret, *aws_token; /* secrets; the token may be NULL */
  struct jg_secret *secrets;             /* never shown: see mask.h */
  size_t secret_count, secret_cap;
};

/* Checks the form only ("provider:/model", a known provider). local:/ URIs
** pass. Never looks at keys. */
int jg_model_uri_check(const char *uri, struct jg_err *err);
/* Is there a provider of that name? If not, the error names the nearest. */
int jg_provider_check(const char *name, struct jg_err *err);
/* Resolves for sending: base_url (of a judge; may be NULL) is used only when
** its host is allowed; a missing key names its environment variable.
** extra_headers: a JSON object of texts or NULL. */
int jg_endpoint_resolve(const char *uri, enum jg_endpoint_kind kind,
                        const char *base_url, const char *extra_headers,
                        const struct jg_environment *environment,
                        struct jg_endpoint *out, struct jg_err *err);
/* An endpoint to show a request with, where none can be resolved: the model's
** name and the wire format alone. */
int jg_endpoint_sketch(const char *uri, struct jg_endpoint *out,
                       struct jg_err *err);
void jg_endpoint_dispose(struct jg_endpoint *endpoint);

#endif
