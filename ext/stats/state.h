/*
** The counts of pairs as bytes, to be carried from one file or machine to
** another and added up there.
**
**   "JGA1", count of labels, each: 1 and a zigzag integer, or 2 and a double
**   (8 bytes, lowest first), or 3 and a length and the text's bytes;
**   count of pairs, each: human label, judge label (places in that list), count
**
** All integers are LEB128. Labels stand sorted by value and pairs by label, so
** equal counts give equal bytes. All metrics of agreement() follow from it.
*/
#ifndef JG_STATS_STATE_H
#define JG_STATS_STATE_H

#include "core/buf.h"
#include "stats/accumulator.h"

/* labels keeps pairs. */
int jg_state_write(struct jg_labels *labels, struct jg_buf *to,
                   struct jg_err *err);
/* Adds all pairs to acc; bytes that are no state are an error and add none. */
int jg_state_add(const void *bytes, size_t count, struct jg_accumulator *acc,
                 struct jg_err *err);

#endif
