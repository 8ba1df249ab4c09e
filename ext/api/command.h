/* What functions of the form command(judge [, options]) share. */
#ifndef JG_API_COMMAND_H
#define JG_API_COMMAND_H

#include "core/buf.h"
#include "core/err.h"
#include "run/session.h"
#include "sqlite3ext.h"

typedef int jg_command(struct jg_session *session, const char *judge,
                       const char *options, struct jg_buf *report,
                       struct jg_err *err);

/* Reads the arguments, runs the command and returns its report as JSON. */
void jg_command_call(sqlite3_context *context, int count,
                     sqlite3_value **values, const char *name,
                     jg_command *command);

#endif
