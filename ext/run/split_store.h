/* The stored 70/30 split: a group keeps its side for ever (law 6). */
#ifndef JG_RUN_SPLIT_STORE_H
#define JG_RUN_SPLIT_STORE_H

#include "align/split.h"
#include "sqlite3ext.h"

/* Overrides the plan where judge_split knows a group. */
int jg_split_recall(sqlite3 *db, const char *feedback_name,
                    const struct jg_row *rows, size_t count,
                    struct jg_split *split, struct jg_err *err);
/* Stores the sides of groups that it does not know yet. */
int jg_split_remember(sqlite3 *db, const char *feedback_name,
                      const struct jg_row *rows, size_t count,
                      const struct jg_split *split, struct jg_err *err);
/* The group of a row as judge_split and judge_example spell it: 16 hex
** digits. */
void jg_group_text(uint64_t group, char text[17]);

#endif
