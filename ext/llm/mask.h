/*
** Secrets in what comes back (law 9). A server may repeat a key in an error, a
** gateway the headers that it was sent, libcurl the text of a proxy variable
** that it cannot read.
**
** 1. A secret is the value of a key variable, or of a header that is called
**    Authorization, ...-key or ...-token, of 16 bytes or more: shorter ones
**    ("anything", "test-key") are words that answers may hold.
** 2. Error texts are masked before they are cut anywhere: a secret, a prefix of
**    it from 12 bytes on, the password of a proxy and long parts of the path in
**    a base URL's variable are overwritten with '*'. The length stays the same.
** 3. Answers are never changed. One that holds a whole secret is not kept.
** 4. A secret is found as it is, in either case, in hexadecimal, in base64
**    wherever it stands in there, and behind escapes of JSON, URLs and HTML,
**    also one within another (\u003d, \\/, %3D, %253D, &#x3d;, &amp;).
**
**   http_proxy=http://me:pass%21word@proxy:3128   hides "pass%21word",
**   "pass!word", and "bWU6cGFzcyF3b3Jk", which is what the proxy is sent
*/
#ifndef JG_LLM_MASK_H
#define JG_LLM_MASK_H

#include <stddef.h>
#include "core/err.h"
#include "llm/provider.h"

/* One form of a secret. */
struct jg_secret {
  char *text;
  size_t least; /* bytes of it, from its start, that are masked in errors */
  int base64;   /* '-' and '_' are as good as '+' and '/' */
  int whole;    /* an answer must not hold it */
};

/* Notes what the endpoint keeps secret: its headers, what it signs with, and
** the passwords in the environment's proxy variables. Part of
** jg_endpoint_resolve(). */
int jg_mask_collect(struct jg_endpoint *endpoint,
                    const struct jg_environment *environment,
                    struct jg_err *err);
/* Notes the long parts of a path, which may be a token. */
int jg_mask_add_path(struct jg_endpoint *endpoint, const char *path,
                     size_t bytes, struct jg_err *err);
/* Overwrites what is secret in an error's text (promise 2). */
void jg_mask_error(const struct jg_endpoint *endpoint, char *text,
                   size_t bytes);
/* Does an answer hold a whole secret (promise 3)? */
int jg_mask_is_in(const struct jg_endpoint *endpoint, const char *text,
                  size_t bytes);

#endif
