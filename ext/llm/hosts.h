/*
** The hosts that a connection allows: judge_config('allow_host', ...). A rule
** is "[provider=][scheme://]host[:port]":
**
**   models.example.com               https, port 443
**   models.example.com:8443          https, that port
**   http://models.lan:8000           plain http, that port
**   127.0.0.1:8000                   this machine: http too, since it leaves
**                                    nothing
**   openai=models.example.com        for judges of openai:/ alone, and the
**                                    key of openai may go there
**
** A rule without a provider counts for all of them, and hands out no key.
*/
#ifndef JG_LLM_HOSTS_H
#define JG_LLM_HOSTS_H

#include <stddef.h>
#include "core/err.h"
#include "llm/url.h"

/* What a rule looks like at most: provider, scheme, host, port. */
#define JG_HOSTS_RULE_BYTES (JG_URL_HOST_BYTES + 80)

struct jg_host_rule {
  char *text;     /* as it was given */
  char *provider; /* NULL: any */
  struct jg_url url;
  int bare; /* without a scheme */
  int port; /* with a port */
};

struct jg_hosts {
  struct jg_host_rule *items;
  size_t count, cap;
};

/* How far a host is allowed. */
enum jg_allowed { JG_ALLOWED_NOT, JG_ALLOWED_KEYLESS, JG_ALLOWED_WITH_KEY };

/* Reads one rule, several with commas between, or a JSON list of texts. *out is
** empty on failure. */
int jg_hosts_read(const char *text, size_t bytes, struct jg_hosts *out,
                  struct jg_err *err);
void jg_hosts_dispose(struct jg_hosts *hosts);
/* hosts may be NULL: none is allowed. */
enum jg_allowed jg_hosts_find(const struct jg_hosts *hosts,
                              const char *provider, const struct jg_url *url);
/* The rule that allows url, without a provider. */
void jg_hosts_rule(const struct jg_url *url, char to[JG_HOSTS_RULE_BYTES]);

#endif
