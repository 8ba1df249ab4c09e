/*
** The parts of a system message that are data: files of sql/prompts, and the
** lists of rules and guidelines with their headings.
*/
#ifndef JG_JUDGE_SECTIONS_H
#define JG_JUDGE_SECTIONS_H

#include "judge/judge.h"

/* What stands for a placeholder of a file. */
struct jg_section_value {
  const char *name, *text;
};

/* Adds the file prompts/<file>, filled, without white space at its end. */
int jg_section_file(const char *file, const struct jg_section_value *values,
                    size_t count, struct jg_buf *to, struct jg_err *err);
/* Adds a blank line and the headed list of what judge->guidelines holds;
** nothing when there are none. */
int jg_section_rules(const struct jg_judge *judge, struct jg_buf *to,
                     struct jg_err *err);
/* The same for what the memory learned. */
int jg_section_guidelines(const struct jg_judge *judge, struct jg_buf *to,
                          struct jg_err *err);

#endif
