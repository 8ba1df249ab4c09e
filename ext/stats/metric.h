/*
** The metrics of agreement(): one table row and one section of a
** metric_*.c file each. A row says what the metric needs to have added up,
** which options it takes, how it is computed and, in one line, what it is.
*/
#ifndef JG_STATS_METRIC_H
#define JG_STATS_METRIC_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "core/value.h"

struct jg_accumulator;

/* What an accumulator keeps. */
enum jg_metric_need {
  JG_NEEDS_COUNTS = 0,  /* pairs and equal pairs, always there */
  JG_NEEDS_LABELS = 1,  /* labels with their margins */
  JG_NEEDS_PAIRS = 3,   /* and the count of each pair of them */
  JG_NEEDS_SCORES = 4,  /* sums over numbers; with an order, over positions */
  JG_NEEDS_NUMBERS = 8, /* labels that are numbers */
  JG_NEEDS_VALUES = 16  /* labels that are numbers or read as such */
};

/* Options, as bits of what was given and of what a metric takes. */
enum jg_metric_option {
  JG_TAKES_NONE = 0,
  JG_TAKES_WEIGHTS = 1,
  JG_TAKES_ORDER = 2,
  JG_TAKES_CATEGORIES = 4,
  JG_TAKES_SCORES = 8,
  JG_TAKES_MATRIX = 16, /* agreement, disagreement */
  JG_TAKES_CELL = 32    /* human and judge: one cell of the table */
};

enum jg_weights {
  JG_WEIGHTS_NONE = 0, /* agreement is equality */
  JG_WEIGHTS_LINEAR,
  JG_WEIGHTS_QUADRATIC,
  JG_WEIGHTS_MATRIX
};

/* All zero: none given. The arrays belong to the caller. */
struct jg_metric_options {
  unsigned given;               /* bits of enum jg_metric_option */
  enum jg_weights weights;      /* of disagreement */
  const struct jg_value *order; /* the declared labels: an order for
                               ** JG_TAKES_ORDER, a mere list for
                               ** JG_TAKES_CATEGORIES */
  size_t order_count;           /* of them; 0: not declared */
  int scores_are_values;        /* weights on the labels' numeric values */
  const double *matrix;         /* disagreement, order_count squared */
  const struct jg_value *human; /* the cell asked for, or NULL */
  const struct jg_value *judge; /* the same */
};

enum jg_result_kind {
  JG_RESULT_NULL = 0, /* undefined; reason says why */
  JG_RESULT_REAL,
  JG_RESULT_INT,
  JG_RESULT_TABLE /* the counts of acc->labels, in the order of
                  ** jg_labels_sorted() */
};

struct jg_metric_result {
  enum jg_result_kind kind;
  double real;        /* JG_RESULT_REAL */
  int64_t integer;    /* JG_RESULT_INT */
  const char *reason; /* JG_RESULT_NULL: a constant text */
};

struct jg_metric {
  const char *name;
  unsigned needs;          /* bits of enum jg_metric_need */
  unsigned takes;          /* bits of enum jg_metric_option */
  enum jg_weights weights; /* fixed by the name, as in quadratic_kappa */
  int (*value)(struct jg_accumulator *acc, struct jg_metric_result *out,
               struct jg_err *err);
  const char *about; /* one line for the reference */
};

/* The row of that name; else NULL and an error with the nearest names. */
const struct jg_metric *jg_metric_find(const char *name, struct jg_err *err);
/* Row at, counted from 0, or NULL after the last: for documentation. */
const struct jg_metric *jg_metric_at(size_t at);
/* What is wrong with these options for this metric, if anything. */
int jg_metric_check(const struct jg_metric *metric,
                    const struct jg_metric_options *options,
                    struct jg_err *err);

#endif
