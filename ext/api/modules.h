/* The virtual tables and table-valued functions. */
#ifndef JG_API_MODULES_H
#define JG_API_MODULES_H

#include "core/err.h"
#include "run/session.h"
#include "sqlite3ext.h"

/* Registers the modules that the session may have. */
int jg_modules_add(struct jg_session *session, struct jg_err *err);
/* Takes them out again. */
void jg_modules_remove(sqlite3 *db);

#endif
