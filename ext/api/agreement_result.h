/* How the agreement functions show what they found. */
#ifndef JG_API_AGREEMENT_RESULT_H
#define JG_API_AGREEMENT_RESULT_H

#include "core/buf.h"
#include "stats/aggregate.h"
#include "sqlite3ext.h"

/* Kept from one value to the next: a sliding window asks for the table of
** counts at each row, and its labels seldom change. */
struct jg_agreement_names {
  struct jg_buf text; /* the labels as JSON */
  uint64_t sort;      /* the sort of the labels that they show */
};

/* "agreement(): ..." as the function's error. */
void jg_agreement_give_error(sqlite3_context *context,
                             const struct jg_metric_table *table,
                             const struct jg_err *err);
/* The value of one metric, or of all as JSON. */
void jg_agreement_give(sqlite3_context *context,
                       const struct jg_aggregate *aggregate, void *state,
                       const struct jg_query *query,
                       struct jg_agreement_names *names, struct jg_err *err);
/* Writes {"n":..,"accuracy":..,"undefined":{"mcc":"why"}} of all metrics. */
int jg_agreement_write_all(const struct jg_aggregate *aggregate, void *state,
                           const struct jg_query *query, struct jg_buf *to,
                           struct jg_err *err);

#endif
