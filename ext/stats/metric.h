/*
** Metrics, as the four aggregates know them: one table row and one section of
** a stats file each. A row says what the metric needs to have added up, which
** options it takes, how it is computed and, in one line, what it is.
**
** A metric has parts: its value and, where defined, its standard error, the
** limits of its interval, a p-value and so on. The name of a part is that of
** the metric and a suffix: cohen_kappa, cohen_kappa_se, cohen_kappa_ci_low.
**
**   agreement()            table in metrics_pairs.c, state accumulator.h
**   agreement_raters()     metrics_raters.c, raters.h
**   agreement_difference() metrics_difference.c, difference.h
**   agreement_rate()       metrics_rate.c, rate.h
*/
#ifndef JG_STATS_METRIC_H
#define JG_STATS_METRIC_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "core/value.h"

/* What a state of pairs keeps. */
enum jg_metric_need {
  JG_NEEDS_COUNTS = 0,  /* pairs and equal pairs, always there */
  JG_NEEDS_LABELS = 1,  /* labels with their margins */
  JG_NEEDS_PAIRS = 3,   /* and the count of each pair of them */
  JG_NEEDS_MOMENTS = 4, /* sums over numbers; with an order, over positions */
  JG_NEEDS_VALUES = 8,  /* labels that are numbers or read as such */
  JG_NEEDS_SERIES = 16, /* all pairs of numbers, as they came */
  JG_NEEDS_CHANCES =
      32,              /* the judge's numbers lie in 0..1, people's are 0, 1 */
  JG_NEEDS_WITHIN = 64 /* pairs no further apart than the tolerance */
};

/* Options, as bits of what was given and of what a metric takes. */
enum jg_metric_option {
  JG_TAKES_NONE = 0,
  JG_TAKES_WEIGHTS = 1 << 0,
  JG_TAKES_ORDER = 1 << 1,
  JG_TAKES_CATEGORIES = 1 << 2,
  JG_TAKES_SCORES = 1 << 3,
  JG_TAKES_MATRIX = 1 << 4, /* agreement, disagreement */
  JG_TAKES_CELL = 1 << 5,   /* human and judge: one cell of the table */
  JG_TAKES_LABEL = 1 << 6,
  JG_TAKES_POS = 1 << 7,
  JG_TAKES_AVERAGE = 1 << 8,
  JG_TAKES_METHOD = 1 << 9,
  JG_TAKES_VARIANT = 1 << 10,
  JG_TAKES_CI = 1 << 11,    /* normal or t quantiles */
  JG_TAKES_LEVEL = 1 << 12, /* level, alpha */
  JG_TAKES_TOLERANCE = 1 << 13,
  JG_TAKES_BINS = 1 << 14,     /* bins, closed, binning */
  JG_TAKES_DISTANCE = 1 << 15, /* metric: Krippendorff's difference */
  JG_TAKES_BOOT = 1 << 16,     /* B, seed */
  JG_TAKES_TIES = 1 << 17,
  JG_TAKES_JUDGE = 1 << 18, /* judge_a or judge_b */
  JG_TAKES_CLIP = 1 << 19,
  JG_TAKES_LAMBDA = 1 << 20, /* lam */
  JG_TAKES_RATES = 1 << 21   /* p, n, tpr, tnr, m0, m1: known numbers */
};

enum jg_weights {
  JG_WEIGHTS_NONE = 0, /* agreement is equality */
  JG_WEIGHTS_LINEAR,
  JG_WEIGHTS_QUADRATIC,
  JG_WEIGHTS_ORDINAL, /* Gwet's: 1 - C(|i-j|+1, 2) / C(q, 2) */
  JG_WEIGHTS_MATRIX
};

enum jg_average { JG_AVERAGE_NONE, JG_MACRO, JG_MICRO, JG_WEIGHTED };

enum jg_distance {
  JG_DISTANCE_NOMINAL = 0,
  JG_DISTANCE_ORDINAL,
  JG_DISTANCE_INTERVAL,
  JG_DISTANCE_RATIO
};

/* Numbers known from elsewhere; NaN: not given. */
struct jg_known_rates {
  double p;   /* share that the judge passed */
  double n;   /* judged */
  double tpr; /* of the judge */
  double tnr;
  double m1; /* labelled positives and negatives behind tpr and tnr */
  double m0;
};

/* jg_metric_options_init() gives the defaults. The arrays and texts belong to
** the caller. */
struct jg_metric_options {
  unsigned given;               /* bits of enum jg_metric_option */
  enum jg_weights weights;      /* of disagreement */
  const struct jg_value *order; /* the declared labels: an order for
                               ** JG_TAKES_ORDER, a mere list for
                               ** JG_TAKES_CATEGORIES */
  size_t order_count;           /* of them; 0: not declared */
  int scores_are_values;        /* weights on the labels' numeric values */
  const double *matrix;         /* disagreement, order_count squared */
  int matrix_is_agreement;      /* it was 1 - these */
  const struct jg_value *human; /* the cell asked for, or NULL */
  const struct jg_value *judge; /* the same */
  const struct jg_value *label; /* the label asked for, or NULL */
  const struct jg_value *pos;   /* the label that counts as positive, or NULL */
  enum jg_average average;
  enum jg_distance distance;
  const char *method;  /* as given, or NULL */
  const char *variant; /* as given, or NULL */
  int t_limits;        /* limits by t, cut at 1, not by the normal */
  double level;        /* of intervals, 0.95 */
  double tolerance;    /* of agreement_within */
  int64_t bins;        /* of calibration */
  int bins_left;       /* bins are [lo, hi), not (lo, hi] */
  int bins_equal_mass; /* bins hold equally many, not equal widths */
  int64_t resamples;   /* B */
  int64_t seed;
  int ties_uncorrected; /* kendall_w */
  int second_judge;     /* judge_b is asked for */
  int clip;             /* cut a rate to 0..1 */
  int lambda_given;     /* else lambda is estimated */
  double lambda;        /* of prediction-powered inference */
  struct jg_known_rates known;
};

void jg_metric_options_init(struct jg_metric_options *options);

/* What can be asked of a metric. */
enum jg_part {
  JG_PART_VALUE = 0,
  JG_PART_SE,
  JG_PART_SE0, /* standard error where there is no agreement but chance */
  JG_PART_Z,
  JG_PART_P,
  JG_PART_CI_LOW,
  JG_PART_CI_HIGH,
  JG_PART_MAX,
  JG_PART_STAT,
  JG_PART_DF,
  JG_PART_DF_FULL,
  JG_PART_F,
  JG_PART_LOW,
  JG_PART_HIGH,
  JG_PART_CORRECTION,
  JG_PART_COUNT
};
#define JG_BIT(part) (1u << (part))
#define JG_VALUE JG_BIT(JG_PART_VALUE)
#define JG_CI (JG_BIT(JG_PART_CI_LOW) | JG_BIT(JG_PART_CI_HIGH))
#define JG_ALL_PARTS (JG_BIT(JG_PART_COUNT) - 1)

/* What a bit of enum jg_metric_option is called, or "". */
const char *jg_option_name(unsigned bit);
/* The suffix of a part, "" for the value. */
const char *jg_part_suffix(enum jg_part part);

enum jg_result_kind {
  JG_RESULT_REAL = 0, /* NaN: undefined */
  JG_RESULT_INT,
  JG_RESULT_TABLE /* the counts of the labels, in their order */
};

struct jg_metric_result {
  enum jg_result_kind kind;   /* of the value; all other parts are real */
  double part[JG_PART_COUNT]; /* NaN where undefined or not asked for */
  int64_t integer;            /* JG_RESULT_INT */
  /* Why a part is undefined, constant texts: of one part, else of all. */
  const char *why[JG_PART_COUNT];
  const char *reason;
};

struct jg_metric;

/* One question: a metric, which of its parts, and with which options. */
struct jg_query {
  const struct jg_metric *metric;
  unsigned parts; /* bits asked for; one bit but for 'all' */
  int all;        /* everything is asked for: data that do not fit are no
                  ** error but a reason */
  int method;     /* place in the metric's methods */
  int variant;    /* place in its variants */
  struct jg_metric_options options;
};

/* state is what the aggregate of this table adds up. */
typedef int jg_metric_value(void *state, const struct jg_query *query,
                            struct jg_metric_result *out, struct jg_err *err);

struct jg_metric {
  const char *name;
  unsigned parts;       /* bits of enum jg_part that it has */
  unsigned needs;       /* bits of enum jg_metric_need, for the value */
  unsigned part_needs;  /* the same for the other parts */
  unsigned takes;       /* bits of enum jg_metric_option */
  const char *methods;  /* "wilson|exact", the first the default, or NULL */
  const char *variants; /* the same */
  jg_metric_value *value;
  const char *about; /* one line for the reference */
};

struct jg_metric_table {
  const char *function;  /* the aggregate's name in SQL */
  const char *title;     /* the same as errors have it: "agreement()" */
  const char *arguments; /* as documented */
  int values;            /* arguments before the metric */
  const char *usual;     /* the metric when none is given */
  const struct jg_metric *row;
  size_t count;
};

#define JG_METRIC_NAME_BYTES 64

/* The name of a part: the metric's and the suffix. Cut when it is longer. */
void jg_metric_name(const struct jg_metric *metric, enum jg_part part,
                    char name[JG_METRIC_NAME_BYTES]);

extern const struct jg_metric_table jg_pair_metrics;
extern const struct jg_metric_table jg_rater_metrics;
extern const struct jg_metric_table jg_difference_metrics;
extern const struct jg_metric_table jg_rate_metrics;

/* Fills query for a name ("all" too) and options, which may be NULL and are
** checked; else an error that tells the nearest names or what is allowed. */
int jg_query_init(struct jg_query *query, const struct jg_metric_table *table,
                  const char *name, const struct jg_metric_options *options,
                  struct jg_err *err);
/* The question for all parts of one metric within a query for all. */
void jg_query_narrow(struct jg_query *query, const struct jg_query *all,
                     const struct jg_metric *metric);
/* Whether a part is asked for. */
static inline int jg_asked(const struct jg_query *query, unsigned parts) {
  return (query->parts & parts) != 0;
}

#endif
