/*
** The agreement functions: how far a judge's verdicts agree with people's
** labels. Aggregates and window functions but agreement_state, agreement_merge.
**
**   agreement(judge, human [, metric [, options]])
**   agreement_raters(item, rater, value [, metric [, options]])
**   agreement_difference(judge_a, judge_b, human [, metric [, options]])
**   agreement_rate(judge, human [, metric [, options]])
**   agreement_state(judge, human [, options])
**   agreement_merge(state [, metric [, options]])
*/
#ifndef JG_API_AGREEMENT_H
#define JG_API_AGREEMENT_H

#include "core/value.h"
#include "core/err.h"
#include "sqlite3ext.h"

/* Registers all of them; an SQLite result code. */
int jg_agreement_register(sqlite3 *db);
/* Takes them out again. */
void jg_agreement_remove(sqlite3 *db);

/* agreement_state.c */
int jg_agreement_state_register(sqlite3 *db);
void jg_agreement_state_remove(sqlite3 *db);

#define JG_AGREEMENT_FLAGS                                                     \
  (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)

/* Lends a label; a blob is an error that names the side. */
int jg_agreement_read_value(sqlite3_value *value, const char *side,
                            struct jg_value *out, struct jg_err *err);

#endif
