/* Krippendorff's alpha of any number of raters; see alpha.h. Only items with
** two ratings or more count, each weighing as many values as it has. */
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/alpha.h"
#include "stats/metric_raters.h"
#include "stats/panel.h"

/* What the two passes over the items share. */
struct work {
  const struct jg_panel *panel;
  struct jg_alpha alpha;
  double *count;  /* n_c, of items with two ratings */
  double *mean;   /* mean weight of a category to the shares */
  double items;   /* with two ratings */
  double size;    /* their mean number of ratings */
  double largest; /* difference, which a weight of 0 stands for */
};

static int counts(const struct jg_panel *panel, size_t item) {
  return jg_panel_size(panel, item) >= 2;
}

/* sum_kl r_k r_l delta2_kl of one item. */
static double seen(const struct work *work, size_t item) {
  const struct jg_panel *panel = work->panel;
  double sum = 0;
  for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
       a++) {
    for (size_t b = panel->first_tally[item]; b < a; b++) {
      const struct jg_tally *x = &panel->tally[a];
      const struct jg_tally *y = &panel->tally[b];
      sum += 2 * x->count * y->count *
             jg_alpha_delta(&work->alpha, x->category, y->category);
    }
  }
  return sum;
}

static double alpha_of(const struct work *work) {
  double observed = 0;
  double expected = jg_alpha_expected(&work->alpha);
  for (size_t item = 0; item < work->panel->items; item++) {
    if (counts(work->panel, item)) {
      observed += seen(work, item) / (jg_panel_size(work->panel, item) - 1);
    }
  }
  return expected > 0 ? 1 - (work->alpha.total - 1) * observed / expected : NAN;
}

/* -- standard error ------------------------------------------------------- */

/* Weights of agreement 1 - delta2 / largest, and their means to the shares. */
static void weigh(struct work *work) {
  size_t q = work->panel->w.q;
  double total = work->alpha.total;
  for (size_t c = 0; c < q; c++) {
    for (size_t k = 0; k < q; k++) {
      work->largest = fmax(work->largest, jg_alpha_delta(&work->alpha, c, k));
    }
  }
  for (size_t c = 0; c < q; c++) {
    for (size_t k = 0; k < q; k++) {
      work->mean[c] +=
          (1 - jg_alpha_delta(&work->alpha, c, k) / work->largest) *
          work->count[k] / total;
    }
  }
}

/* What one item adds, in irrCAC's linearisation. */
struct linear {
  double po, pe; /* po without the correction for small samples */
  double alpha;  /* from these two */
  double size;   /* what more ratings than the mean are worth: po, and in the
                 ** translation to Python po with that correction */
};

static double linear_at(const struct work *work, const struct linear *l,
                        size_t item) {
  const struct jg_panel *panel = work->panel;
  double r = jg_panel_size(panel, item);
  double more = (r - work->size) / work->size;
  double agreed = r * (r - 1) - seen(work, item) / work->largest;
  double po = agreed / (work->size * (r - 1)) - l->size * more;
  double pe = 0;
  for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
       a++) {
    pe += panel->tally[a].count * work->mean[panel->tally[a].category] /
          work->size;
  }
  pe -= l->pe * more;
  return (po - l->pe - 2 * (1 - l->alpha) * (pe - l->pe)) / (1 - l->pe);
}

static double error_of(struct work *work, int py) {
  const struct jg_panel *panel = work->panel;
  struct linear l = {0, 0, 0, 0};
  double sum = 0;
  weigh(work);
  for (size_t c = 0; c < panel->w.q; c++) {
    l.pe += work->count[c] / work->alpha.total * work->mean[c];
  }
  for (size_t item = 0; item < panel->items; item++) {
    double r = jg_panel_size(panel, item);
    if (counts(panel, item)) {
      l.po += (r * (r - 1) - seen(work, item) / work->largest) /
              (work->size * (r - 1)) / work->items;
    }
  }
  l.alpha = (l.po - l.pe) / (1 - l.pe);
  l.size = py ? l.po + (1 - l.po) / work->alpha.total : l.po;
  for (size_t item = 0; item < panel->items; item++) {
    if (counts(panel, item)) {
      double d = linear_at(work, &l, item) - l.alpha;
      sum += d * d;
    }
  }
  return work->items > 1 ? sqrt(sum / (work->items * (work->items - 1))) : NAN;
}

/* -- krippendorff_alpha --------------------------------------------------- */

static int count_values(struct work *work, struct jg_err *err) {
  const struct jg_panel *panel = work->panel;
  work->count = jg_mem_new(panel->w.q, sizeof *work->count, err);
  work->mean = jg_mem_new(panel->w.q, sizeof *work->mean, err);
  for (size_t item = 0; err->code == JG_OK && item < panel->items; item++) {
    if (!counts(panel, item)) {
      continue;
    }
    work->items++;
    work->size += jg_panel_size(panel, item);
    for (size_t a = panel->first_tally[item]; a < panel->first_tally[item + 1];
         a++) {
      work->count[panel->tally[a].category] += panel->tally[a].count;
    }
  }
  work->size /= work->items;
  return err->code;
}

static void give(struct work *work, const struct jg_query *query,
                 struct jg_metric_result *out) {
  double alpha = alpha_of(work);
  jg_metric_part(out, JG_PART_VALUE, alpha, JG_REASON_ONE_VALUE);
  if (isnan(alpha)) {
    out->reason = JG_REASON_ONE_VALUE;
  } else if (jg_asked(query, ~JG_VALUE)) {
    int known = query->options.distance != JG_DISTANCE_ORDINAL;
    double se = known ? error_of(work, query->variant == 1) : NAN;
    jg_metric_normal(query, out, alpha, se, work->items - 1,
                     known ? "one item has no standard error"
                           : "no standard error is agreed on");
  }
}

JG_METRIC_FUNCTION(jg_raters_alpha) {
  struct jg_panel panel;
  struct work work;
  struct jg_metric_options options = query->options;
  memset(&work, 0, sizeof work);
  int ordered = (options.given & JG_TAKES_ORDER) != 0;
  options.scores_are_values = !ordered;
  if (jg_panel_init(&panel, state, &options, JG_WEIGHTS_NONE, err) != JG_OK) {
    return err->code;
  }
  /* In a declared order labels count as 1..q by their position. */
  for (size_t k = 0; k < panel.w.q && ordered; k++) {
    panel.w.score[k] += 1;
  }
  work.panel = &panel;
  if (count_values(&work, err) == JG_OK) {
    if (work.items == 0) {
      jg_metric_undefined(out, "no item has two ratings");
    } else if (jg_alpha_init(&work.alpha, options.distance, panel.w.q,
                             work.count, panel.w.score, err) == JG_OK) {
      give(&work, query, out);
      jg_alpha_dispose(&work.alpha);
    }
  }
  jg_mem_free(work.count);
  jg_mem_free(work.mean);
  jg_panel_dispose(&panel);
  return err->code;
}
