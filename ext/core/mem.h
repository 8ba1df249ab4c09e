/* All memory of ours. Sizes are multiplied with a check; failure sets err. */
#ifndef JG_CORE_MEM_H
#define JG_CORE_MEM_H

#include <stddef.h>
#include "core/err.h"

/* Zeroed memory for count things of size bytes; NULL and err on failure. */
void *jg_mem_new(size_t count, size_t size, struct jg_err *err);
/* Grows *items (capacity *cap things) so that it holds at least need; new
** space is zeroed. On failure *items stays valid. */
int jg_mem_grow(void *items, size_t *cap, size_t need, size_t size,
                struct jg_err *err);
char *jg_mem_text(const char *text, struct jg_err *err); /* NULL gives NULL */
char *jg_mem_textn(const char *text, size_t bytes, struct jg_err *err);
void *jg_mem_resize(void *old, size_t bytes); /* as realloc; NULL on failure */
void jg_mem_free(void *memory);               /* takes NULL */

#endif
