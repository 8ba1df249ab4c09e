/*
** The headers of an endpoint: "Name: value" lines. Names and values that could
** end their line are refused.
*/
#ifndef JG_LLM_HEADERS_H
#define JG_LLM_HEADERS_H

#include <stddef.h>
#include "core/err.h"
#include "llm/provider.h"

#define JG_HEADERS_MAX 64

/* Adds a header, or replaces the one of that name; prefix stands before the
** value. */
int jg_headers_set(struct jg_endpoint *endpoint, const char *name,
                   const char *prefix, const char *value, size_t bytes,
                   struct jg_err *err);
/* Sets those of a JSON object of texts. */
int jg_headers_add_json(struct jg_endpoint *endpoint, const char *json,
                        struct jg_err *err);
/* Is it text that a header can hold? */
int jg_headers_is_line(const char *text, size_t bytes);

#endif
