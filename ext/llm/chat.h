/*
** Chat completions and embeddings on the wire: bodies out, replies in.
*/
#ifndef JG_LLM_CHAT_H
#define JG_LLM_CHAT_H

#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/digest.h"
#include "llm/provider.h"

/* An earlier exchange. */
struct jg_turn {
  const char *user, *assistant;
};

struct jg_chat {
  const char *system; /* NULL: no system message */
  const char *user;
  const char *schema;           /* JSON Schema or NULL: free text */
  const char *schema_name;      /* "verdict" */
  const char *inference_params; /* JSON object merged last, or NULL */
  const struct jg_turn *turns;  /* between system and user */
  size_t turn_count;
  int params_by_hand;       /* not of a stored judge: see params.h */
  const char *allow_params; /* by this connection; NULL: none */
};

/* Writes the body of a chat request in the endpoint's wire format, with the
** inference parameters over it. */
int jg_chat_body(const struct jg_endpoint *endpoint, const struct jg_chat *chat,
                 struct jg_buf *to, struct jg_err *err);
/* The same body with a limit of output tokens of ours: not part of the digest. A
** higher one takes the place of the format's default. Does nothing when the body
** names another. */
int jg_chat_limit(const struct jg_endpoint *endpoint, const char *body,
                  int64_t max_output_tokens, struct jg_buf *to,
                  struct jg_err *err);
/* The same body asking for JSON less firmly (enum jg_form of wire.h): not part
** of the digest either, so that an answer is found again however it was had. */
int jg_chat_form(const struct jg_endpoint *endpoint, const char *body, int form,
                 struct jg_buf *to, struct jg_err *err);
/* The output limit that the body names where its format looks for it, or -1. */
int64_t jg_chat_output_limit(const struct jg_endpoint *endpoint,
                             const char *body);
/* Does the body name a limit because the user's parameters do (NULL: none), not
** because its format must? */
int jg_chat_limit_is_users(const struct jg_endpoint *endpoint, const char *body,
                           const char *inference_params);
/* Cache key: endpoint, model, body, repetition index. No header is in it. */
void jg_chat_digest(const struct jg_endpoint *endpoint, const char *body,
                    int64_t repetition, char hex[JG_DIGEST_HEX_BYTES]);

/* The key of an answer that a limit of ours has cut off. */
void jg_chat_cut_digest(const struct jg_endpoint *endpoint, const char *body,
                        int64_t repetition, int64_t limit,
                        char hex[JG_DIGEST_HEX_BYTES]);

/* What one answered call gave. Owned. */
struct jg_reply {
  char *text;           /* the content; NULL when error_code is set */
  char *model;          /* as the server names it, or NULL */
  int64_t input_tokens; /* -1: not told */
  int64_t output_tokens;
  int64_t cached_tokens;
  char *error_code; /* static words copied: EMPTY, REFUSAL, LENGTH,
                        ** INVALID_JSON, HTTP_400, ... */
  char *error_message;
};

/* Reads a reply with status 200. An answer that cannot be used (empty choices,
** null content, refusal, cut by length, tool call, an error object inside a
** 200, not JSON) fills error_code. Content as a list of parts is joined,
** reasoning and a leading <think> block left out. Fails only without memory. */
int jg_chat_reply(const struct jg_endpoint *endpoint, const char *body,
                  size_t bytes, struct jg_reply *out, struct jg_err *err);
/* Error text of a non-200 body (OpenAI's error.message, or the first bytes). */
void jg_chat_error_text(int status, const char *body, size_t bytes,
                        struct jg_buf *to);
void jg_reply_dispose(struct jg_reply *reply);

int jg_embed_body(const struct jg_endpoint *endpoint, const char *const *texts,
                  size_t count, struct jg_buf *to, struct jg_err *err);
/* Reads count vectors of one dimension into *out (count * dim floats, owned),
** in the order of the request whatever the order of the reply. */
int jg_embed_reply(const struct jg_endpoint *endpoint, const char *body,
                   size_t bytes, size_t count, float **out, size_t *dim,
                   int64_t *input_tokens, struct jg_err *err);

#endif
