/*
** Rates of one label, or means of them over labels.
**
** Of a label: tp pairs in which both said it, fp only the judge, fn only the
** human, tn neither. The positive label of tpr, ppv and so on is the option
** pos; without it the label 1 (or the text '1') where there is one, else the
** last of a declared order.
*/
#include <math.h>
#include "stats/accumulator.h"
#include "stats/metric_functions.h"

#define REASON_POS "say which label is the positive one: {\"pos\":...}"
#define REASON_NEITHER "neither gave that label"

/* Counts around one label. */
struct four {
  double tp, fp, fn, tn;
};

static struct four of_label(const struct jg_accumulator *acc, int64_t id) {
  double n = (double)acc->n;
  if (id < 0) {
    return (struct four){0, 0, 0, n};
  }
  const struct jg_label *label = acc->labels.label[id];
  double tp = (double)label->both;
  double fp = (double)label->judge - tp;
  double fn = (double)label->human - tp;
  return (struct four){tp, fp, fn, n - tp - fp - fn};
}

/* Finds the counts around the positive label; 0 when none is known. */
static int of_positive(struct jg_accumulator *acc, const struct jg_query *query,
                       struct four *out) {
  const struct jg_metric_options *options = &query->options;
  int64_t id = -1;
  if (options->pos != NULL) {
    id = jg_labels_find(&acc->labels, options->pos);
  } else {
    struct jg_value one = jg_value_int(1);
    struct jg_value text = jg_value_lend("1");
    id = jg_labels_find(&acc->labels, &one);
    id = id < 0 ? jg_labels_find(&acc->labels, &text) : id;
    if (id < 0 && (options->given & JG_TAKES_ORDER)) {
      id = (int64_t)options->order_count - 1;
    }
    if (id < 0) {
      return 0;
    }
  }
  *out = of_label(acc, id);
  return 1;
}

static double share(double part, double rest) {
  return part + rest > 0 ? part / (part + rest) : NAN;
}

/* A label that only one side used has no true positive: 0, as in
** scikit-learn. One that neither used has no rate. */
static double share_of(const struct four *x, double rest) {
  return x->tp + x->fp + x->fn > 0 && x->tp + rest == 0 ? 0
                                                        : share(x->tp, rest);
}

/* -- precision, recall, f1 ------------------------------------------------ */

static double precision(const struct four *x) {
  return share_of(x, x->fp);
}

static double recall(const struct four *x) {
  return share_of(x, x->fn);
}

static double f1(const struct four *x) {
  return share(2 * x->tp, x->fp + x->fn);
}

/* The mean over labels, plain or by human support. A label without the rate
** counts as 0, as in scikit-learn: the judge did not find it. */
static double mean_rate(struct jg_accumulator *acc, int weighted,
                        double (*rate)(const struct four *x)) {
  struct jg_exact sum = {0};
  double weights = 0;
  for (size_t id = 0; id < acc->labels.count; id++) {
    if (acc->labels.label[id] == NULL || !jg_labels_is_live(&acc->labels, id)) {
      continue;
    }
    struct four x = of_label(acc, (int64_t)id);
    double weight = weighted ? x.tp + x.fn : 1;
    double one = rate(&x);
    jg_exact_add_product(&sum, weight, isnan(one) ? 0 : one);
    weights += weight;
  }
  return jg_exact_value(&sum) / weights;
}

static int give_rate(struct jg_accumulator *acc, const struct jg_query *query,
                     double (*rate)(const struct four *x), const char *reason,
                     struct jg_metric_result *out) {
  const struct jg_metric_options *options = &query->options;
  const struct jg_value *label = options->label ? options->label : options->pos;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (label != NULL && options->average == JG_AVERAGE_NONE) {
    struct four x = of_label(acc, jg_labels_find(&acc->labels, label));
    jg_metric_part(out, JG_PART_VALUE, rate(&x), reason);
    return JG_OK;
  }
  if (options->average == JG_MICRO) { /* each pair counts for two labels */
    return jg_metric_real(out, (double)acc->agree / (double)acc->n);
  }
  return jg_metric_real(out,
                        mean_rate(acc, options->average == JG_WEIGHTED, rate));
}

JG_METRIC_FUNCTION(jg_metric_precision) {
  (void)err;
  return give_rate(state, query, precision, REASON_NEITHER, out);
}

JG_METRIC_FUNCTION(jg_metric_recall) {
  (void)err;
  return give_rate(state, query, recall, REASON_NEITHER, out);
}

JG_METRIC_FUNCTION(jg_metric_f1) {
  (void)err;
  return give_rate(state, query, f1, REASON_NEITHER, out);
}

/* -- support: human labels ------------------------------------------------ */

JG_METRIC_FUNCTION(jg_metric_support) {
  struct jg_accumulator *acc = state;
  (void)err;
  if (query->options.label == NULL) {
    return jg_metric_int(out, acc->n);
  }
  struct four x =
      of_label(acc, jg_labels_find(&acc->labels, query->options.label));
  return jg_metric_int(out, (uint64_t)(x.tp + x.fn));
}

/* -- counts and shares around the positive label -------------------------- */

enum positive {
  TP,
  FP,
  FN,
  TN,
  TPR,
  TNR,
  PPV,
  NPV,
  HUMAN,
  JUDGE,
  PREVALENCE,
  BIAS
};

/* k of n, as a share with limits. */
static int give_share(const struct jg_query *query, double k, double n,
                      const char *reason, struct jg_metric_result *out) {
  if (n == 0) {
    return jg_metric_undefined(out, reason);
  }
  jg_metric_real(out, k / n);
  if (jg_asked(query, JG_CI)) {
    double low = 0;
    double high = 0;
    (query->method == 0 ? jg_wilson : jg_clopper_pearson)(
        k, n, query->options.level, &low, &high);
    jg_metric_limits(out, low, high);
  }
  return JG_OK;
}

static int give_positive(struct jg_accumulator *acc,
                         const struct jg_query *query, enum positive what,
                         struct jg_metric_result *out) {
  struct four x = {0, 0, 0, 0};
  double n = (double)acc->n;
  if (acc->n == 0 && what >= TPR) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (!of_positive(acc, query, &x)) {
    return jg_metric_undefined(out, REASON_POS);
  }
  switch (what) {
  case TP:
    return jg_metric_int(out, (uint64_t)x.tp);
  case FP:
    return jg_metric_int(out, (uint64_t)x.fp);
  case FN:
    return jg_metric_int(out, (uint64_t)x.fn);
  case TN:
    return jg_metric_int(out, (uint64_t)x.tn);
  case TPR:
    return give_share(query, x.tp, x.tp + x.fn,
                      "no human label is the positive one", out);
  case TNR:
    return give_share(query, x.tn, x.tn + x.fp,
                      "all human labels are the positive one", out);
  case PPV:
    return give_share(query, x.tp, x.tp + x.fp,
                      "the judge never gave the positive label", out);
  case NPV:
    return give_share(query, x.tn, x.tn + x.fn,
                      "the judge always gave the positive label", out);
  case HUMAN:
    return give_share(query, x.tp + x.fn, n, NULL, out);
  case JUDGE:
    return give_share(query, x.tp + x.fp, n, NULL, out);
  case PREVALENCE:
    return jg_metric_real(out, (x.tp - x.tn) / n);
  case BIAS:
  default:
    return jg_metric_real(out, (x.fp - x.fn) / n);
  }
}

#define POSITIVE(name, what)                                                   \
  JG_METRIC_FUNCTION(name) {                                                   \
    (void)err;                                                                 \
    return give_positive(state, query, what, out);                             \
  }

POSITIVE(jg_metric_tp, TP)
POSITIVE(jg_metric_fp, FP)
POSITIVE(jg_metric_fn, FN)
POSITIVE(jg_metric_tn, TN)
POSITIVE(jg_metric_tpr, TPR)
POSITIVE(jg_metric_tnr, TNR)
POSITIVE(jg_metric_ppv, PPV)
POSITIVE(jg_metric_npv, NPV)
POSITIVE(jg_metric_prevalence_human, HUMAN)
POSITIVE(jg_metric_prevalence_judge, JUDGE)
/* Byrt, Bishop and Carlin (1993); signed. */
POSITIVE(jg_metric_prevalence_index, PREVALENCE)
POSITIVE(jg_metric_bias_index, BIAS)
