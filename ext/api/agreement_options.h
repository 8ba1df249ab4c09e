/* The options of the agreement functions: one JSON object. */
#ifndef JG_API_AGREEMENT_OPTIONS_H
#define JG_API_AGREEMENT_OPTIONS_H

#include <stddef.h>
#include "core/err.h"
#include "core/json.h"
#include "stats/metric.h"

/* What read options point to. Zeroed, it is empty. */
struct jg_agreement_options {
  struct jg_metric_options options;
  struct jg_json *json;   /* owns all texts */
  struct jg_value *order; /* declared labels */
  double *matrix;         /* weights */
  struct jg_value human, judge, label, pos;
};

/* Reads text (NULL: none given) for the function of that table. */
int jg_agreement_options_read(struct jg_agreement_options *to,
                              const struct jg_metric_table *table,
                              const char *text, size_t bytes,
                              struct jg_err *err);
void jg_agreement_options_dispose(struct jg_agreement_options *options);

#endif
