/* An item to judge that is spelled out in the arguments of a function. */
#ifndef JG_API_ITEM_H
#define JG_API_ITEM_H

#include "core/err.h"
#include "judge/judge.h"
#include "sqlite3ext.h"

/* (judge, inputs, outputs [, expectations]): fills *item with texts that live
** as long as the arguments. Expectations must be one JSON object. */
int jg_item_read(const char *command, int count, sqlite3_value **values,
                 struct jg_item *item, struct jg_err *err);

#endif
