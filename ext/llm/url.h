/*
** URLs of model servers, read strictly: what two readers could take in two
** ways is refused. "scheme://host[:port][/path]" with http or https; no user
** name or password, no query, no fragment, ASCII hosts only.
*/
#ifndef JG_LLM_URL_H
#define JG_LLM_URL_H

#include <stddef.h>
#include "core/err.h"

#define JG_URL_HOST_BYTES 260

struct jg_url {
  int https;
  char host[JG_URL_HOST_BYTES]; /* lower case; IPv6 within brackets */
  int port;                     /* always set: 443 or 80 when not given */
  const char *path;             /* in the text that was read; "" or "/..." */
  size_t path_bytes;            /* without slashes at its end */
};

/* what names the source of text ("base_url", "OPENAI_BASE_URL") in messages,
** which never repeat the text: it could hold a password. */
int jg_url_parse(const char *what, const char *text, struct jg_url *out,
                 struct jg_err *err);
int jg_url_default_port(const struct jg_url *url);
/* Is it this machine: localhost, 127.0.0.0/8 or [::1]? */
int jg_url_is_loopback(const struct jg_url *url);

#endif
