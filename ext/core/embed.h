/*
** The files of sql/ (schema, judges, prompts, queries, *.json) inside the
** library, made by the build. Names are paths below sql/, for example
** "judges/safety.json" or "queries/pairs.sql".
*/
#ifndef JG_CORE_EMBED_H
#define JG_CORE_EMBED_H

#include <stddef.h>

struct jg_embed {
  const char *name;
  const char *text; /* terminated */
  size_t bytes;
};

/* Sorted by name, ended by a NULL name. Defined in build/embedded.c. */
extern const struct jg_embed jg_embed_files[];

/* The text, or NULL when there is no such file. */
const char *jg_embed_get(const char *name);
/* Next file after *at (start with 0) whose name begins with prefix; NULL at the
** end. */
const struct jg_embed *jg_embed_next(const char *prefix, size_t *at);

#endif
