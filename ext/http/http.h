/* The transport over one curl multi handle. */
#ifndef JG_HTTP_HTTP_H
#define JG_HTTP_HTTP_H

#include "llm/transport.h"

/* A transport of its own handle; not usable after fork (it notices and starts
** afresh). Redirects are off, TLS is verified, only http and https. */
int jg_http_new(struct jg_transport *out, struct jg_err *err);
/* "libcurl/7.88.1 OpenSSL/3.0.19 ..." */
const char *jg_http_version(void);

#endif
