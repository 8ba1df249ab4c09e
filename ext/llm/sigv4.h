/*
** Amazon's Signature Version 4, by which requests to Bedrock are signed instead
** of carrying a key: docs.aws.amazon.com/IAM/latest/UserGuide/
** reference_sigv-create-signed-request.html. Our own, since libcurl 7.88 signs
** paths with a ':' (most model ids have one) so that Amazon refuses them.
*/
#ifndef JG_LLM_SIGV4_H
#define JG_LLM_SIGV4_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"

#define JG_SIGV4_LINES 3

struct jg_sigv4 {
  const char *id, *secret, *token; /* token may be NULL */
  const char *region, *service;
  const char *url; /* "https://host[:port]/path", no query */
  const char *body;
  size_t body_bytes;
  int64_t wall_ms;
};

/* Header lines to send along: Authorization, X-Amz-Date and, with a token,
** X-Amz-Security-Token; *count of them, one owned block each. */
int jg_sigv4_sign(const struct jg_sigv4 *request, char *lines[JG_SIGV4_LINES],
                  size_t *count, struct jg_err *err);

#endif
