/* For definition.c: guidelines as the list that a draft takes. */
#ifndef JG_STORE_DRAFT_H
#define JG_STORE_DRAFT_H

#include "core/buf.h"
#include "judge/judge.h"

/* The list of jg_definition_draft_guidelines() for the guidelines of a memory;
** one without teachers was written by hand. */
void jg_draft_guidelines_write(const struct jg_memory *memory,
                               struct jg_buf *to);

#endif
