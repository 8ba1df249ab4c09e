/* The metrics of agreement_rate(judge, human), in the order of the
** documentation. */
#include <math.h>
#include "stats/bootstrap.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"
#include "stats/rate.h"

#define REASON_FRACTIONS                                                       \
  "some labels are neither 0 nor 1: say which one passes, {\"pos\":...}"
#define REASON_NO_LABELLED "no row has a human label"
#define REASON_NO_JUDGED "no row lacks a human label"
#define REASON_CLASSES "human labels of both kinds are needed"
#define REASON_CHANCE "tpr + tnr <= 1: the judge tells no more than chance"

/* -- counts --------------------------------------------------------------- */

static JG_METRIC_FUNCTION(n_labelled) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_rate *)state)->labelled);
}

static JG_METRIC_FUNCTION(n_judge_only) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_rate *)state)->judged);
}

/* k of n, from labels 0 and 1 only. */
static int give_share(const struct jg_rate *rate, const struct jg_query *query,
                      uint64_t k, uint64_t n, const char *reason,
                      struct jg_metric_result *out) {
  double low = 0;
  double high = 0;
  if (rate->fractions > 0) {
    return jg_metric_undefined(out, REASON_FRACTIONS);
  }
  if (n == 0) {
    return jg_metric_undefined(out, reason);
  }
  (query->method == 0 ? jg_wilson : jg_clopper_pearson)(
      (double)k, (double)n, query->options.level, &low, &high);
  jg_metric_limits(out, low, high);
  return jg_metric_real(out, (double)k / (double)n);
}

static JG_METRIC_FUNCTION(judge_pass_rate_raw) {
  const struct jg_rate *rate = state;
  (void)err;
  return give_share(rate, query, rate->passed, rate->judged, REASON_NO_JUDGED,
                    out);
}

static JG_METRIC_FUNCTION(tpr) {
  const struct jg_rate *rate = state;
  (void)err;
  return give_share(rate, query, rate->tp, rate->tp + rate->fn, REASON_CLASSES,
                    out);
}

static JG_METRIC_FUNCTION(tnr) {
  const struct jg_rate *rate = state;
  (void)err;
  return give_share(rate, query, rate->tn, rate->tn + rate->fp, REASON_CLASSES,
                    out);
}

/* -- rogan_gladen: (p + tnr - 1) / (tpr + tnr - 1) (1978) ----------------- */

/* The order of the metric's methods. */
enum method {
  DELTA,
  LANG_REICZIGEL,
  BOOTSTRAP,
  JUDGY,
  KNOWN_WILSON,
  KNOWN_EXACT
};
#define RATE_METHODS                                                           \
  "delta|lang-reiczigel|bootstrap|judgy-bootstrap|known-wilson|"               \
  "known-clopper-pearson"

/* What the estimate stands on, from rows or from options. */
struct rates {
  double p, n;    /* passed share of n judged */
  double tpr, m1; /* of m1 labelled positives */
  double tnr, m0; /* of m0 labelled negatives */
};

static double choose(double known, double counted) {
  return isnan(known) ? counted : known;
}

static double part_of(uint64_t k, uint64_t n) {
  return n > 0 ? (double)k / (double)n : NAN;
}

static struct rates read_rates(const struct jg_rate *rate,
                               const struct jg_query *query) {
  const struct jg_known_rates *known = &query->options.known;
  uint64_t m1 = rate->tp + rate->fn;
  uint64_t m0 = rate->tn + rate->fp;
  return (struct rates){
      .p = choose(known->p, part_of(rate->passed, rate->judged)),
      .n = choose(known->n, rate->judged > 0 ? (double)rate->judged : NAN),
      .tpr = choose(known->tpr, part_of(rate->tp, m1)),
      .m1 = choose(known->m1, m1 > 0 ? (double)m1 : NAN),
      .tnr = choose(known->tnr, part_of(rate->tn, m0)),
      .m0 = choose(known->m0, m0 > 0 ? (double)m0 : NAN),
  };
}

static double corrected(double p, const struct rates *r) {
  return (p + r->tnr - 1) / (r->tpr + r->tnr - 1);
}

/* Rates from rows are cut to 0..1 unless clip says no; those that are computed
** from known numbers only if it says so. */
static int is_clipped(const struct jg_query *query) {
  if (query->options.given & JG_TAKES_CLIP) {
    return query->options.clip;
  }
  return !(query->options.given & JG_TAKES_RATES);
}

static double clip(double x, int clipped) {
  return clipped ? fmax(0, fmin(1, x)) : x;
}

/* The sampling error of all three rates, to first order. */
static double delta_error(const struct rates *r, double theta) {
  double slope = r->tpr + r->tnr - 1;
  return sqrt(r->p * (1 - r->p) / r->n +
              (1 - theta) * (1 - theta) * r->tnr * (1 - r->tnr) / r->m0 +
              theta * theta * r->tpr * (1 - r->tpr) / r->m1) /
         slope;
}

/* Lang and Reiczigel (2014): added counts, and a shift of the middle. */
static void lang_reiczigel(const struct rates *r, double z, double *low,
                           double *high) {
  struct rates a = {.p = (r->n * r->p + z * z / 2) / (r->n + z * z),
                    .n = r->n + z * z,
                    .tpr = (r->m1 * r->tpr + 1) / (r->m1 + 2),
                    .m1 = r->m1 + 2,
                    .tnr = (r->m0 * r->tnr + 1) / (r->m0 + 2),
                    .m0 = r->m0 + 2};
  double theta = corrected(a.p, &a);
  double shift = 2 * z * z *
                 (-(1 - theta) * a.tnr * (1 - a.tnr) / a.m0 +
                  theta * a.tpr * (1 - a.tpr) / a.m1);
  double reach = z * delta_error(&a, theta);
  *low = theta + shift - reach;
  *high = theta + shift + reach;
}

struct resample {
  int clipped;
};

/* Of resampled counts: tp, fn, tn, fp, judged and passed, judged and not. */
static double rate_of(void *ctx, const double *count, struct jg_err *err) {
  const struct resample *resample = ctx;
  struct rates r = {.tpr = count[0] / (count[0] + count[1]),
                    .tnr = count[2] / (count[2] + count[3])};
  (void)err;
  if (!(r.tpr + r.tnr > 1)) {
    return NAN;
  }
  return clip(corrected(count[4] / (count[4] + count[5]), &r),
              resample->clipped);
}

static int boot(const struct jg_rate *rate, const struct jg_query *query,
                struct jg_metric_result *out, struct jg_err *err) {
  double count[] = {
      (double)rate->tp,     (double)rate->fn,
      (double)rate->tn,     (double)rate->fp,
      (double)rate->passed, (double)(rate->judged - rate->passed)};
  struct resample resample = {is_clipped(query)};
  struct jg_boot run = {.count = count,
                        .cells = 6,
                        .split = 4,
                        .fixed = query->method == JUDGY,
                        .value = rate_of,
                        .ctx = &resample};
  return jg_boot_run(&run, query, 0, out, err);
}

static void give_limits(const struct jg_query *query, const struct rates *r,
                        double theta, struct jg_metric_result *out) {
  double level = query->options.level;
  double z = jg_normal_quantile(0.5 + level / 2);
  int clipped = is_clipped(query) || query->method == LANG_REICZIGEL;
  double low = NAN;
  double high = NAN;
  double se = delta_error(r, theta);
  jg_metric_part(out, JG_PART_SE, se, "needs n, m0 and m1");
  if (query->method == LANG_REICZIGEL) {
    lang_reiczigel(r, z, &low, &high);
  } else if (query->method == DELTA) {
    low = theta - z * se;
    high = theta + z * se;
  } else if (!isnan(r->n)) { /* tpr and tnr as if known: only p varies */
    (query->method == KNOWN_WILSON ? jg_wilson : jg_clopper_pearson)(
        r->p * r->n, r->n, level, &low, &high);
    low = corrected(low, r);
    high = corrected(high, r);
  }
  if (isnan(low)) {
    out->reason = "the interval needs n, m0 and m1";
  } else {
    jg_metric_limits(out, clip(low, clipped), clip(high, clipped));
  }
}

static JG_METRIC_FUNCTION(rogan_gladen) {
  const struct jg_rate *rate = state;
  struct rates r = read_rates(rate, query);
  if (rate->fractions > 0) {
    return jg_metric_undefined(out, REASON_FRACTIONS);
  }
  if (isnan(r.p) || isnan(r.tpr) || isnan(r.tnr)) {
    return jg_metric_undefined(out,
                               isnan(r.p) ? REASON_NO_JUDGED : REASON_CLASSES);
  }
  if (!(r.tpr + r.tnr > 1 + 1e-12)) {
    return jg_metric_undefined(out, REASON_CHANCE);
  }
  double theta = corrected(r.p, &r);
  jg_metric_real(out, clip(theta, is_clipped(query)));
  if (!jg_asked(query, ~JG_VALUE)) {
    return JG_OK;
  }
  if (query->method == BOOTSTRAP || query->method == JUDGY) {
    if (query->options.given & JG_TAKES_RATES) {
      return jg_metric_undefined(out, "the bootstrap needs rows");
    }
    return boot(rate, query, out, err);
  }
  give_limits(query, &r, theta, out);
  return JG_OK;
}

/* -- classical_mean, ppi_lambda, ppi_mean --------------------------------- */

/*
** Prediction-powered inference (Angelopoulos and others 2023; PPI++ 2024): the
** judge's mean over all, corrected by its error on the labelled rows, with
** lambda for how much the judge is trusted. Variances with 1/n.
*/
struct ppi {
  double n, others;    /* labelled rows, judge-only rows */
  double human, judge; /* means on labelled rows */
  double unlabelled;   /* mean of the judge on the others */
  double human_var, judge_var, covariance, other_var;
  double lambda; /* before it is cut to 0..1 */
};

static const char *read_ppi(const struct jg_rate *rate, struct ppi *p) {
  struct jg_spread labelled;
  struct jg_spread other;
  if (rate->labelled == 0) {
    return REASON_NO_LABELLED;
  }
  jg_moments_read(rate->pairs, rate->labelled, &labelled);
  p->n = labelled.n;
  p->human = labelled.y;
  p->judge = labelled.x;
  p->human_var = labelled.yy / p->n;
  p->judge_var = labelled.xx / p->n;
  p->covariance = labelled.xy / p->n;
  if (!isfinite(p->human_var) || !isfinite(p->judge_var)) {
    return "a number, or its square, is not finite";
  }
  if (rate->judged == 0) {
    return REASON_NO_JUDGED;
  }
  jg_moments_read(rate->unlabelled, rate->judged, &other);
  p->others = other.n;
  p->unlabelled = other.x;
  p->other_var = other.xx / other.n;
  /* The variance of the judge over all rows, about their common mean. */
  double gap = labelled.x - other.x;
  double all = p->n + p->others;
  double squares = labelled.xx + other.xx + p->n * p->others / all * gap * gap;
  double below = (1 + p->n / p->others) * squares / (all - 1);
  p->lambda = below > 0 ? p->covariance / below : 0;
  return isfinite(p->other_var) ? NULL
                                : "a number, or its square, is not finite";
}

static JG_METRIC_FUNCTION(classical_mean) {
  struct ppi p;
  const char *reason = read_ppi(state, &p);
  (void)err;
  if (((struct jg_rate *)state)->labelled == 0) {
    return jg_metric_undefined(out, reason);
  }
  jg_metric_normal(query, out, p.human, sqrt(p.human_var / p.n), p.n - 1, NULL);
  return JG_OK;
}

static JG_METRIC_FUNCTION(ppi_lambda) {
  struct ppi p;
  const char *reason = read_ppi(state, &p);
  (void)err;
  if (reason != NULL) {
    return jg_metric_undefined(out, reason);
  }
  int clipped = !(query->options.given & JG_TAKES_CLIP) || query->options.clip;
  return jg_metric_real(out, clip(p.lambda, clipped));
}

static JG_METRIC_FUNCTION(ppi_mean) {
  struct ppi p;
  const char *reason = read_ppi(state, &p);
  (void)err;
  if (reason != NULL) {
    return jg_metric_undefined(out, reason);
  }
  double lambda =
      query->options.lambda_given ? query->options.lambda : clip(p.lambda, 1);
  double value = lambda * p.unlabelled + p.human - lambda * p.judge;
  double rest =
      p.human_var - 2 * lambda * p.covariance + lambda * lambda * p.judge_var;
  double variance =
      lambda * lambda * p.other_var / p.others + fmax(0, rest) / p.n;
  jg_metric_normal(query, out, value, sqrt(variance), p.n - 1, NULL);
  return JG_OK;
}

/* -- the table ------------------------------------------------------------ */

#define EST (JG_VALUE | JG_BIT(JG_PART_SE) | JG_CI)
#define POS JG_TAKES_POS
#define LEVEL JG_TAKES_LEVEL
#define SHARE (POS | LEVEL | JG_TAKES_METHOD)
#define BY_SHARE "wilson|clopper-pearson"
#define NOTHING NULL, NULL

static const struct jg_metric ROWS[] = {
    {"n_labelled", JG_VALUE, 0, 0, POS, NOTHING, n_labelled,
     "rows with a human label"},
    {"n_judge_only", JG_VALUE, 0, 0, POS, NOTHING, n_judge_only,
     "rows with a verdict only"},
    {"judge_pass_rate_raw", JG_VALUE | JG_CI, 0, 0, SHARE, BY_SHARE, NULL,
     judge_pass_rate_raw, "share that the judge passed, of the latter"},
    {"tpr", JG_VALUE | JG_CI, 0, 0, SHARE, BY_SHARE, NULL, tpr,
     "passed among those that people passed"},
    {"tnr", JG_VALUE | JG_CI, 0, 0, SHARE, BY_SHARE, NULL, tnr,
     "failed among those that people failed"},
    {"rogan_gladen", EST, 0, 0,
     SHARE | JG_TAKES_CLIP | JG_TAKES_BOOT | JG_TAKES_RATES, RATE_METHODS, NULL,
     rogan_gladen, "pass rate corrected for the judge's errors"},
    {"classical_mean", EST, 0, 0, POS | LEVEL | JG_TAKES_CI, NOTHING,
     classical_mean, "mean of the human labels alone"},
    {"ppi_lambda", JG_VALUE, 0, 0, POS | JG_TAKES_CLIP, NOTHING, ppi_lambda,
     "how much PPI++ trusts the judge"},
    {"ppi_mean", EST, 0, 0, POS | LEVEL | JG_TAKES_CI | JG_TAKES_LAMBDA,
     NOTHING, ppi_mean, "mean by prediction-powered inference"},
};

const struct jg_metric_table jg_rate_metrics = {
    .function = "agreement_rate",
    .title = "agreement_rate()",
    .arguments = "judge, human",
    .values = 2,
    .usual = "rogan_gladen",
    .row = ROWS,
    .count = sizeof ROWS / sizeof ROWS[0],
};
