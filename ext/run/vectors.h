/*
** Embeddings: one request a text, so that each text is paid once.
**
** A text is cut to what embedding models take. One that is too long all the
** same is cut in halves until the model takes it: what a text is about shows
** at its beginning.
*/
#ifndef JG_RUN_VECTORS_H
#define JG_RUN_VECTORS_H

#include "align/labels.h"
#include "run/job.h"

struct jg_vectors {
  float **items; /* one per text; NULL where the text was NULL or empty */
  char **lacks;  /* one per text; NULL, or why it has none: see below */
  size_t count;
  size_t dim;
  int cut; /* a budget ended before all were there: job->exhausted */
};

struct jg_vectors_ask {
  const struct jg_endpoint *endpoint;
  const char *judge; /* name@version or NULL */
  const char *const *texts;
  size_t count;
  size_t dim; /* what the examples have; 0: whatever comes */
  /* A text that cannot be embedded has "CODE: message" in lacks; else that is
  ** an error of the whole. */
  int keep_lacks;
};

int jg_vectors_fetch(struct jg_job *job, const struct jg_vectors_ask *ask,
                     struct jg_vectors *out, struct jg_err *err);
/* What is stored of them, without sending; *missing counts the others, whose
** places stay NULL. */
int jg_vectors_stored(struct jg_session *session,
                      const struct jg_vectors_ask *ask, struct jg_vectors *out,
                      size_t *missing, struct jg_err *err);
/* The body of the request for a text, owned, and its tokens as estimated. */
char *jg_vectors_request(const struct jg_endpoint *endpoint, const char *text,
                         int64_t *tokens, struct jg_err *err);
void jg_vectors_dispose(struct jg_vectors *vectors);

/* As stored beside an example: dim floats of four bytes, the lowest first. */
void jg_vector_write(const float *vector, size_t dim, struct jg_buf *to);
/* Gives the row what is stored beside it; an error when that is damaged. */
int jg_vector_read(struct jg_row *row, const void *blob, size_t bytes,
                   int64_t dim, struct jg_err *err);

#endif
