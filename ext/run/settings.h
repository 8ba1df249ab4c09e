/* The settings themselves, for session.c: defaults and release. Reading and
** writing them by key is jg_session_set() and its like in session.h. */
#ifndef JG_RUN_SETTINGS_H
#define JG_RUN_SETTINGS_H

#include "run/session.h"

int jg_settings_init(struct jg_config *config, struct jg_err *err);
void jg_settings_dispose(struct jg_config *config);

#endif
