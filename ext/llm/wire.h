/*
** Wire formats: how a provider wants a request said and says its answer. One
** const struct a format, one file each; sql/providers.json names the format of
** a provider, "openai" where it names none.
*/
#ifndef JG_LLM_WIRE_H
#define JG_LLM_WIRE_H

#include "core/json.h"
#include "llm/chat.h"

/* How firmly JSON is asked for; servers that refuse one get the next. */
enum jg_form { JG_FORM_SCHEMA, JG_FORM_OBJECT, JG_FORM_PROMPT };

struct jg_wire {
  const char *name;
  /* Writes the members of a chat request; params is an object or NULL, checked
  ** against reserved. */
  void (*chat)(const struct jg_endpoint *endpoint, const struct jg_chat *chat,
               const struct jg_json *params, struct jg_jsonw *w,
               struct jg_err *err);
  const char *const *reserved; /* parameters a user must not set; NULL ends */
  /* Members that ask for JSON; NULL ends. */
  const char *const *form_keys;
  /* What the first of them is when only an object is asked for; NULL: there is
  ** no such form. */
  const char *object_form;
  /* Where the limit of output tokens stands: an object's name or NULL for the
  ** top, and the member's name, or NULL for the endpoint's own. */
  const char *limit_in, *limit_key;
  /* What it may be called in parameters, max_tokens first; NULL ends. */
  const char *const *limits;
  /* What chat() writes there when the user names none; 0: nothing. */
  int64_t default_limit;
  /* Fills text or error, model and tokens from a reply's root. */
  int (*reply)(const struct jg_json *root, struct jg_reply *out,
               struct jg_err *err);
  void (*embed)(const struct jg_endpoint *endpoint, const char *const *texts,
                size_t count, struct jg_jsonw *w); /* NULL: none */
  /* The list of embeddings of a reply: objects with "embedding" and maybe
  ** "index", or plain lists of numbers. */
  const struct jg_json *(*vectors)(const struct jg_json *root);
  /* Tokens of an embedding request; NULL in a reply: not told. */
  const struct jg_json *(*embed_tokens)(const struct jg_json *root);
};

extern const struct jg_wire jg_wire_openai, jg_wire_anthropic, jg_wire_bedrock,
    jg_wire_ollama;

/* The format of that name, or NULL. NULL as a name is "openai". */
const struct jg_wire *jg_wire_find(const char *name);
const struct jg_wire *jg_wire_of(const struct jg_endpoint *endpoint);

/* --- for the formats ----------------------------------------------------- */

/* Earlier exchanges and the user's message, as elements of an open list. */
void jg_wire_turns(const struct jg_chat *chat, struct jg_jsonw *w);
/* The model and the messages as OpenAI has them: system (when there is one),
** earlier exchanges and user, role and content. */
void jg_wire_messages(const struct jg_endpoint *endpoint,
                      const struct jg_chat *chat, struct jg_jsonw *w);
/* Writes the parameters but those in except (NULL ends); JSON null takes a key
** away, so it is left out. */
void jg_wire_params(const struct jg_json *params, const char *const *except,
                    struct jg_jsonw *w, struct jg_err *err);
void jg_wire_value(const struct jg_json *item, struct jg_jsonw *w,
                   struct jg_err *err);
/* The name of the limit of output tokens at this endpoint. */
const char *jg_wire_limit_key(const struct jg_endpoint *endpoint);
/* Writes the limit of the parameters, if there is one, under that name. */
void jg_wire_limit(const struct jg_endpoint *endpoint,
                   const struct jg_json *params, struct jg_jsonw *w,
                   struct jg_err *err);
int jg_wire_is_in(const char *key, const char *const *names);

/* What a format found in a reply. */
struct jg_finding {
  const char *text;    /* "" when there is none */
  const char *refusal; /* words, or NULL */
  int filtered;        /* held back by a filter */
  int cut;             /* by the limit of output tokens */
  int tool;            /* a tool was called */
};
/* Takes the text or says why there is none. */
int jg_reply_take(const struct jg_finding *finding, struct jg_reply *out,
                  struct jg_err *err);
int jg_reply_fail(struct jg_reply *out, const char *code, const char *what,
                  const char *quoted, struct jg_err *err);
int64_t jg_reply_tokens(const struct jg_json *usage, const char *name);

#endif
