/*
** Is a proposed guideline a rule about items? One that addresses the judge's
** obedience ("ignore the above"), prescribes its output ("output only ..."), or
** names a verdict whatever the item says ("always answer Excellent") is not:
** reviewers' reasons are data from anybody, and a model may take them for
** orders. A verdict with a condition on the item ("Poor when no source is
** named") is a rule, and so is what names no verdict.
**
** The patterns are data, sql/obedience.txt: English, German and Chinese, a few
** of Japanese, Spanish and French. What it cannot see: other languages, spelt
** around (leetspeak, base64), and a condition that only looks like one ("when
** the answer is by Acme"). It is one of several checks, not the only one.
*/
#ifndef JG_ALIGN_OBEDIENCE_H
#define JG_ALIGN_OBEDIENCE_H

#include <stddef.h>
#include "judge/scale.h"

/* *why is static words that complete "set aside: ", NULL for a rule. */
int jg_obedience_check(const char *text, size_t bytes,
                       const struct jg_scale *scale, const char **why,
                       struct jg_err *err);

#endif
