/* For definition.c: what to say when a name finds no judge. */
#ifndef JG_STORE_MISSING_H
#define JG_STORE_MISSING_H

#include <stdint.h>
#include "core/err.h"
#include "sqlite3ext.h"

/* Sets the error for a name (version 0: its newest) that finds nothing: the
** versions there are, or the nearest name and all names. */
int jg_missing_judge(sqlite3 *db, const char *name, int64_t version,
                     struct jg_err *err);

#endif
