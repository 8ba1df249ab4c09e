/*
** Text from outside made fit to be shown or sent: valid UTF-8 without NUL, and,
** in messages, on one line and short.
*/
#ifndef JG_JUDGE_CLEAN_H
#define JG_JUDGE_CLEAN_H

#include "core/buf.h"
#include "core/value.h"

/* Adds text; each byte that is not part of a valid character, and each NUL,
** becomes U+FFFD. Valid text is added byte for byte. */
void jg_clean_add(struct jg_buf *to, const char *text, size_t bytes);
/* The same on one line: every run of control characters becomes a blank. */
void jg_clean_line(struct jg_buf *to, const char *text, size_t bytes);
/* For messages: one line, cut after about 80 bytes. */
void jg_clean_brief(struct jg_buf *to, const char *text, size_t bytes);
/* A value for messages: NULL, a number, or 'text'. */
void jg_clean_value(struct jg_buf *to, const struct jg_value *value);

#endif
