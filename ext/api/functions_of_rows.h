/* The table-valued functions, one file each. */
#ifndef JG_API_FUNCTIONS_OF_ROWS_H
#define JG_API_FUNCTIONS_OF_ROWS_H

#include "api/rows.h"

extern const struct jg_rows_function jg_api_agreement_drift;
extern const struct jg_rows_function jg_api_agreement_metrics;
extern const struct jg_rows_function jg_api_agreement_report;
extern const struct jg_rows_function jg_api_judge_compare;
extern const struct jg_rows_function jg_api_judge_disagreements;

#endif
