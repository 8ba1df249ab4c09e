/*
** Agreement beyond chance of any number of raters, ratings missing or not.
**
** With r_ik raters that put item i in category k, r_i their number, n items
** and n' those with two ratings or more: observed agreement is the mean over
** these of the mean weight of two ratings; a category's share is the mean over
** all items of r_ik / r_i. Chance: Fleiss (1971) from these shares, Gwet (2008,
** 2014), equal shares (Brennan and Prediger 1981; Randolph 2005), or from each
** rater's own shares (Conger 1980).
**
** Standard errors by Gwet's linearisation over items (2014).
*/
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/accumulator.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"
#include "stats/metric_raters.h"
#include "stats/panel.h"

#define ROUNDING 1e-14
#define REASON_NO_TWO "no item has two ratings"
#define REASON_ONE_CATEGORY                                                    \
  "there is one category: declare those that could be given"

enum chance { OBSERVED, FLEISS, GWET, EQUAL, CONGER };

struct estimate {
  double n, rated; /* items; with two ratings or more */
  double po, pe;
  double *observed; /* of each item; 0 where it has one rating */
  double *chance;   /* what the item adds to pe */
  double *share;    /* of each category */
};

static void dispose(struct estimate *e) {
  jg_mem_free(e->observed);
  jg_mem_free(e->chance);
  jg_mem_free(e->share);
}

/* -- observed agreement and shares ---------------------------------------- */

/* Mean weight of two different ratings of an item. */
static double within(const struct jg_panel *panel, size_t item) {
  double r = jg_panel_size(panel, item);
  double sum = 0;
  for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
       a++) {
    const struct jg_tally *x = &panel->tally[a];
    double others = 0;
    for (size_t b = panel->first_tally[item]; b < panel->first_tally[item + 1];
         b++) {
      const struct jg_tally *y = &panel->tally[b];
      others += jg_weighting_at(&panel->w, x->category, y->category) * y->count;
    }
    sum += x->count * (others - 1);
  }
  return sum / (r * (r - 1));
}

static void observe(struct estimate *e, const struct jg_panel *panel) {
  e->n = (double)panel->items;
  for (size_t item = 0; item < panel->items; item++) {
    double r = jg_panel_size(panel, item);
    for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
         a++) {
      const struct jg_tally *x = &panel->tally[a];
      e->share[x->category] += x->count / r / e->n;
    }
    if (r >= 2) {
      e->observed[item] = within(panel, item);
      e->po += e->observed[item];
      e->rated++;
    }
  }
  e->po /= e->rated;
}

/* -- chance --------------------------------------------------------------- */

/* chance[i] = sum_k r_ik / r_i weight[k]. */
static void by_item(struct estimate *e, const struct jg_panel *panel,
                    const double *weight) {
  for (size_t item = 0; item < panel->items; item++) {
    for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
         a++) {
      const struct jg_tally *x = &panel->tally[a];
      e->chance[item] +=
          x->count / jg_panel_size(panel, item) * weight[x->category];
    }
  }
}

static int fleiss(struct estimate *e, const struct jg_panel *panel,
                  struct jg_err *err) {
  size_t q = panel->w.q;
  double *mean = jg_mem_new(q, sizeof *mean, err);
  double *down = jg_mem_new(q, sizeof *down, err);
  if (err->code == JG_OK) {
    jg_weighting_mean(&panel->w, e->share, 0, mean);
    jg_weighting_mean(&panel->w, e->share, 1, down);
    for (size_t k = 0; k < q; k++) {
      mean[k] = (mean[k] + down[k]) / 2;
      e->pe += e->share[k] * mean[k];
    }
    by_item(e, panel, mean);
  }
  jg_mem_free(mean);
  jg_mem_free(down);
  return err->code;
}

static int gwet(struct estimate *e, const struct jg_panel *panel,
                struct jg_err *err) {
  double q = (double)panel->w.q;
  double factor = jg_weighting_total(&panel->w) / (q * (q - 1));
  double *weight = jg_mem_new(panel->w.q, sizeof *weight, err);
  for (size_t k = 0; weight != NULL && k < panel->w.q; k++) {
    weight[k] = factor * (1 - e->share[k]);
    e->pe += e->share[k] * weight[k];
  }
  if (weight != NULL) {
    by_item(e, panel, weight);
  }
  jg_mem_free(weight);
  return err->code;
}

static void equal(struct estimate *e, const struct jg_panel *panel) {
  double q = (double)panel->w.q;
  e->pe = jg_weighting_total(&panel->w) / (q * q);
  for (size_t item = 0; item < panel->items; item++) {
    e->chance[item] = e->pe;
  }
}

/* own: each rater's shares, raters by categories; mean: of these; weighted: the
** mean weight of a category to a rater's shares, laid out like own. */
struct own {
  double *own, *mean, *weighted, *to_mean;
  double *ratings; /* of each rater */
};

static void own_shares(struct own *s, const struct jg_panel *panel) {
  size_t q = panel->w.q;
  for (size_t i = 0; i < panel->seats; i++) {
    const struct jg_seat *seat = &panel->seat[i];
    s->own[seat->rater * q + seat->category]++;
    s->ratings[seat->rater]++;
  }
  for (size_t g = 0; g < panel->raters; g++) {
    for (size_t k = 0; k < q; k++) {
      s->own[g * q + k] /= s->ratings[g];
      s->mean[k] += s->own[g * q + k] / (double)panel->raters;
    }
    jg_weighting_mean(&panel->w, s->own + g * q, 0, s->weighted + g * q);
  }
  jg_weighting_mean(&panel->w, s->mean, 0, s->to_mean);
}

/* Chance that two different raters agree: r^2 mean w mean less each rater with
** himself, over r (r - 1). An item adds to it through each of its ratings, and
** weighs n / n_g where rater g rated only n_g of n items. */
static void conger_sums(struct estimate *e, const struct jg_panel *panel,
                        const struct own *s) {
  size_t q = panel->w.q;
  double r = (double)panel->raters;
  double all = 0;
  double self = 0;
  for (size_t k = 0; k < q; k++) {
    all += s->mean[k] * s->to_mean[k];
  }
  for (size_t i = 0; i < panel->raters * q; i++) {
    self += s->own[i] * s->weighted[i];
  }
  e->pe = (r * r * all - self) / (r * (r - 1));
  for (size_t i = 0; i < panel->items; i++) {
    e->chance[i] = e->pe;
  }
  for (size_t i = 0; i < panel->seats; i++) {
    const struct jg_seat *seat = &panel->seat[i];
    size_t row = seat->rater * q;
    double base = 0; /* what the rater's rating adds on the average */
    for (size_t k = 0; k < q; k++) {
      base += s->own[row + k] * (r * s->to_mean[k] - s->weighted[row + k]);
    }
    e->chance[seat->item] += e->n / s->ratings[seat->rater] *
                             (r * s->to_mean[seat->category] -
                              s->weighted[row + seat->category] - base) /
                             (r * (r - 1));
  }
}

static int conger(struct estimate *e, const struct jg_panel *panel,
                  struct jg_err *err) {
  size_t q = panel->w.q;
  struct own s;
  s.own = jg_mem_new(panel->raters * q, sizeof *s.own, err);
  s.weighted = jg_mem_new(panel->raters * q, sizeof *s.weighted, err);
  s.mean = jg_mem_new(q, sizeof *s.mean, err);
  s.to_mean = jg_mem_new(q, sizeof *s.to_mean, err);
  s.ratings = jg_mem_new(panel->raters, sizeof *s.ratings, err);
  if (err->code == JG_OK) {
    own_shares(&s, panel);
    conger_sums(e, panel, &s);
  }
  jg_mem_free(s.own);
  jg_mem_free(s.weighted);
  jg_mem_free(s.mean);
  jg_mem_free(s.to_mean);
  jg_mem_free(s.ratings);
  return err->code;
}

static int estimate(struct estimate *e, const struct jg_panel *panel,
                    enum chance chance, struct jg_err *err) {
  memset(e, 0, sizeof *e);
  e->observed = jg_mem_new(panel->items, sizeof *e->observed, err);
  e->chance = jg_mem_new(panel->items, sizeof *e->chance, err);
  e->share = jg_mem_new(panel->w.q, sizeof *e->share, err);
  if (err->code == JG_OK) {
    observe(e, panel);
    if (chance == FLEISS) {
      fleiss(e, panel, err);
    } else if (chance == GWET) {
      gwet(e, panel, err);
    } else if (chance == EQUAL) {
      equal(e, panel);
    } else if (chance == CONGER) {
      conger(e, panel, err);
    }
  }
  if (err->code != JG_OK) {
    dispose(e);
  }
  return err->code;
}

/* -- standard errors ------------------------------------------------------ */

static double error_of(const struct estimate *e, const struct jg_panel *panel,
                       double kappa) {
  double sum = 0;
  for (size_t item = 0; item < panel->items; item++) {
    double rated = jg_panel_size(panel, item) >= 2;
    double one =
        e->n / e->rated * (e->observed[item] - e->pe * rated) / (1 - e->pe) -
        2 * (1 - kappa) * (e->chance[item] - e->pe) / (1 - e->pe);
    sum += (one - kappa) * (one - kappa);
  }
  return e->n > 1 ? sqrt(sum / (e->n * (e->n - 1))) : NAN;
}

static int give_estimate(const struct jg_panel *panel,
                         const struct jg_query *query, enum chance chance,
                         struct jg_metric_result *out, struct jg_err *err) {
  struct estimate e;
  if (estimate(&e, panel, chance, err) != JG_OK) {
    return err->code;
  }
  double kappa = (e.po - e.pe) / (1 - e.pe);
  if (e.rated == 0) {
    jg_metric_undefined(out, REASON_NO_TWO);
  } else if (!(1 - e.pe > ROUNDING)) {
    jg_metric_undefined(out, chance == GWET || chance == EQUAL
                                 ? REASON_ONE_CATEGORY
                                 : "all ratings are the same");
  } else {
    jg_metric_normal(query, out, kappa, error_of(&e, panel, kappa), e.n - 1,
                     "one item has no standard error");
  }
  dispose(&e);
  return err->code;
}

static int give(struct jg_raters *raters, const struct jg_query *query,
                enum chance chance, enum jg_weights weights,
                struct jg_metric_result *out, struct jg_err *err) {
  struct jg_panel panel;
  if (jg_panel_init(&panel, raters, &query->options, weights, err) != JG_OK) {
    return err->code;
  }
  if (chance == CONGER && (panel.nameless || panel.raters < 2)) {
    jg_metric_undefined(out, "needs to know who rated, and two raters");
  } else {
    give_estimate(&panel, query, chance, out, err);
  }
  jg_panel_dispose(&panel);
  return err->code;
}

JG_METRIC_FUNCTION(jg_raters_percent_agreement) {
  return give(state, query, OBSERVED, query->options.weights, out, err);
}

JG_METRIC_FUNCTION(jg_raters_gwet_ac) {
  return give(state, query, GWET, query->options.weights, out, err);
}

JG_METRIC_FUNCTION(jg_raters_brennan_prediger) {
  return give(state, query, EQUAL, query->options.weights, out, err);
}

JG_METRIC_FUNCTION(jg_raters_randolph_kappa) {
  return give(state, query, EQUAL, JG_WEIGHTS_NONE, out, err);
}

JG_METRIC_FUNCTION(jg_raters_conger_kappa) {
  return give(state, query, CONGER, query->options.weights, out, err);
}

/* -- fleiss_kappa: also of one category, and its test --------------------- */

/* One category against the rest: the panel with two categories. */
static void collapse(struct jg_panel *panel, size_t category) {
  for (size_t item = 0; item < panel->items; item++) {
    double count = 0;
    size_t from = panel->first_tally[item];
    for (size_t a = from; a < panel->first_tally[item + 1]; a++) {
      count += panel->tally[a].category == category ? panel->tally[a].count : 0;
    }
    panel->tally[from] = (struct jg_tally){1, count};
    if (panel->first_tally[item + 1] > from + 1) {
      panel->tally[from + 1] =
          (struct jg_tally){0, jg_panel_size(panel, item) - count};
    } else if (count == 0) {
      panel->tally[from] = (struct jg_tally){0, jg_panel_size(panel, item)};
    }
    for (size_t a = from + 2; a < panel->first_tally[item + 1]; a++) {
      panel->tally[a] = (struct jg_tally){0, 0};
    }
  }
  panel->w.q = panel->w.q < 2 ? panel->w.q : 2;
  panel->w.kind = JG_WEIGHTS_NONE;
}

/* The standard error under no agreement (Fleiss, Nee and Landis 1979); NaN
** unless all items have equally many ratings. */
static double null_error(const struct jg_panel *panel) {
  double n = (double)panel->items;
  double m = panel->items > 0 ? jg_panel_size(panel, 0) : 0;
  double spread = 0;
  double skew = 0;
  double *count = NULL;
  struct jg_err err = {0};
  for (size_t item = 0; item < panel->items; item++) {
    if (jg_panel_size(panel, item) != m || m < 2) {
      return NAN;
    }
  }
  count = jg_mem_new(panel->w.q, sizeof *count, &err);
  for (size_t i = 0; count != NULL && i < panel->seats; i++) {
    count[panel->seat[i].category]++;
  }
  for (size_t k = 0; count != NULL && k < panel->w.q; k++) {
    double p = count[k] / (n * m);
    spread += p * (1 - p);
    skew += p * (1 - p) * (1 - 2 * p);
  }
  jg_mem_free(count);
  return sqrt(2) / (spread * sqrt(n * m * (m - 1))) *
         sqrt(spread * spread - skew);
}

static int64_t category_of(const struct jg_panel *panel,
                           const struct jg_raters *raters,
                           const struct jg_value *label) {
  int64_t id = jg_labels_find(&raters->labels, label);
  for (size_t k = 0; id >= 0 && k < panel->w.q; k++) {
    if (panel->w.id[k] == (uint32_t)id) {
      return (int64_t)k;
    }
  }
  return -1;
}

static int fleiss_of_label(struct jg_panel *panel, struct jg_raters *raters,
                           const struct jg_query *query,
                           struct jg_metric_result *out, struct jg_err *err) {
  int64_t category = category_of(panel, raters, query->options.label);
  if (category < 0) {
    return jg_metric_undefined(out, "nobody gave that label");
  }
  collapse(panel, (size_t)category);
  return give_estimate(panel, query, FLEISS, out, err);
}

JG_METRIC_FUNCTION(jg_raters_fleiss_kappa) {
  struct jg_raters *raters = state;
  struct jg_panel panel;
  const char *reason = "needs unweighted labels and equally many ratings of "
                       "each item";
  if (jg_panel_init(&panel, raters, &query->options, query->options.weights,
                    err) != JG_OK) {
    return err->code;
  }
  if (query->options.label != NULL) {
    fleiss_of_label(&panel, raters, query, out, err);
  } else if (give_estimate(&panel, query, FLEISS, out, err) == JG_OK) {
    double kappa = out->part[JG_PART_VALUE];
    double se0 = panel.w.kind == JG_WEIGHTS_NONE ? null_error(&panel) : NAN;
    double z = kappa / se0;
    jg_metric_part(out, JG_PART_SE0, se0, reason);
    jg_metric_part(out, JG_PART_Z, z, reason);
    jg_metric_part(out, JG_PART_P, jg_normal_two_sided(z), reason);
  }
  jg_panel_dispose(&panel);
  return err->code;
}

/* -- light_kappa: the mean of all pairs' Cohen kappas (Light 1971) -------- */

/* Kappa of two raters over the items that both rated; NaN when undefined. */
static double kappa_of(const struct jg_panel *panel, uint32_t a, uint32_t b,
                       struct jg_raters *raters, const struct jg_query *query,
                       struct jg_err *err) {
  struct jg_accumulator acc;
  struct jg_query cohen;
  struct jg_metric_result result;
  double value = NAN;
  jg_query_init(&cohen, &jg_pair_metrics, "cohen_kappa", &query->options, err);
  if (err->code != JG_OK || jg_accumulator_init(&acc, &cohen, err) != JG_OK) {
    return NAN;
  }
  for (size_t item = 0; item < panel->items && err->code == JG_OK; item++) {
    const struct jg_seat *of_a = NULL;
    const struct jg_seat *of_b = NULL;
    for (size_t i = panel->first[item]; i < panel->first[item + 1]; i++) {
      of_a = panel->seat[i].rater == a ? &panel->seat[i] : of_a;
      of_b = panel->seat[i].rater == b ? &panel->seat[i] : of_b;
    }
    if (of_a != NULL && of_b != NULL) {
      const struct jg_labels *labels = &raters->labels;
      jg_accumulator_step(
          &acc, &labels->label[panel->w.id[of_b->category]]->value,
          &labels->label[panel->w.id[of_a->category]]->value, err);
    }
  }
  if (err->code == JG_OK &&
      jg_accumulator_value(&acc, &cohen, &result, err) == JG_OK) {
    value = result.part[JG_PART_VALUE];
  }
  jg_accumulator_dispose(&acc);
  return value;
}

JG_METRIC_FUNCTION(jg_raters_light_kappa) {
  struct jg_raters *raters = state;
  struct jg_panel panel;
  double sum = 0;
  if (jg_panel_init(&panel, raters, &query->options, query->options.weights,
                    err) != JG_OK) {
    return err->code;
  }
  double pairs = (double)panel.raters * ((double)panel.raters - 1) / 2;
  if (panel.nameless || panel.repeated || panel.raters < 2) {
    jg_metric_undefined(out, "needs two raters, each known and rating an item "
                             "once");
  } else {
    for (uint32_t a = 0; a < panel.raters && err->code == JG_OK; a++) {
      for (uint32_t b = a + 1; b < panel.raters && err->code == JG_OK; b++) {
        sum += kappa_of(&panel, a, b, raters, query, err);
      }
    }
    jg_metric_part(out, JG_PART_VALUE, sum / pairs,
                   "the kappa of some two raters is undefined");
  }
  jg_panel_dispose(&panel);
  return err->code;
}
