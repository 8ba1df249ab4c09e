/* Placeholders: {{ name }}, blanks inside optional, name an identifier. */
#ifndef JG_JUDGE_TEMPLATE_H
#define JG_JUDGE_TEMPLATE_H

#include <stddef.h>
#include "core/buf.h"
#include "core/err.h"

struct jg_placeholder {
  const char *name; /* lent, not terminated */
  size_t name_bytes;
  size_t start, end; /* byte range of the whole placeholder */
};

/* Next placeholder at or after *at, moving *at behind it; 1 while there is
** one. Malformed braces are plain text. */
int jg_template_next(const char *text, size_t *at, struct jg_placeholder *out);

/* Copies text with each placeholder replaced by what value() adds to the
** buffer; value() returns 0 for a name it does not know, which is an error that
** names it. Replaced text is never scanned again. */
int jg_template_fill(const char *text,
                     int (*value)(void *ctx, const char *name, size_t bytes,
                                  struct jg_buf *to),
                     void *ctx, struct jg_buf *to, struct jg_err *err);

#endif
