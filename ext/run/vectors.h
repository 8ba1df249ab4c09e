/* Embeddings: one request a text, so that each text is paid once. */
#ifndef JG_RUN_VECTORS_H
#define JG_RUN_VECTORS_H

#include "run/job.h"

struct jg_vectors {
  float **items; /* one per text; NULL where the text was NULL or empty */
  size_t count;
  size_t dim;
};

/* An error when one of them cannot be had: its message says which text and
** why. */
int jg_vectors_fetch(struct jg_job *job, const struct jg_endpoint *endpoint,
                     const char *judge, const char *const *texts, size_t count,
                     struct jg_vectors *out, struct jg_err *err);
/* What is stored of them, without sending; *missing counts the others, whose
** places stay NULL. */
int jg_vectors_stored(struct jg_session *session,
                      const struct jg_endpoint *endpoint,
                      const char *const *texts, size_t count,
                      struct jg_vectors *out, size_t *missing,
                      struct jg_err *err);
/* The body of the request for a text, owned, and its tokens as estimated. */
char *jg_vectors_request(const struct jg_endpoint *endpoint, const char *text,
                         int64_t *tokens, struct jg_err *err);
void jg_vectors_dispose(struct jg_vectors *vectors);

#endif
