/* The metrics of agreement_raters(item, rater, value), in the order of the
** documentation. */
#include "core/mem.h"
#include "stats/icc.h"
#include "stats/metric_raters.h"
#include "stats/raters.h"

#define SE JG_BIT(JG_PART_SE)
#define P JG_BIT(JG_PART_P)
#define EST (JG_VALUE | SE | JG_CI)
#define DECLARE (JG_TAKES_ORDER | JG_TAKES_CATEGORIES)
#define WEIGHT (DECLARE | JG_TAKES_WEIGHTS | JG_TAKES_SCORES | JG_TAKES_MATRIX)
#define LIMIT (JG_TAKES_LEVEL | JG_TAKES_CI | JG_TAKES_VARIANT)
#define NOTHING NULL, NULL
#define VALUES JG_NEEDS_VALUES

/* -- counts --------------------------------------------------------------- */

/* Names that some rating has as its item. */
static uint64_t count_items(const struct jg_raters *raters) {
  uint64_t count = 0;
  for (size_t i = 0; i < raters->names.count; i++) {
    const struct jg_label *name = raters->names.label[i];
    if (name != NULL) {
      count += name->human > 0;
    }
  }
  return count;
}

JG_METRIC_FUNCTION(jg_raters_n_items) {
  (void)query;
  (void)err;
  return jg_metric_int(out, count_items(state));
}

/* A rating without a rater stands under its item's name: count by hand. */
JG_METRIC_FUNCTION(jg_raters_n_raters) {
  const struct jg_raters *raters = state;
  const struct jg_rating *rating = raters->rating + raters->head;
  char *is_rater = jg_mem_new(raters->names.count, sizeof *is_rater, err);
  uint64_t count = 0;
  (void)query;
  for (size_t i = 0; is_rater != NULL && i < raters->count; i++) {
    uint32_t id = rating[i].rater;
    if (id != JG_NOBODY && !is_rater[id]) {
      is_rater[id] = 1;
      count++;
    }
  }
  jg_mem_free(is_rater);
  if (err->code == JG_OK) {
    jg_metric_int(out, count);
  }
  return err->code;
}

JG_METRIC_FUNCTION(jg_raters_n_ratings) {
  (void)query;
  (void)err;
  return jg_metric_int(out, ((struct jg_raters *)state)->count);
}

/* -- the table ------------------------------------------------------------ */

static const struct jg_metric ROWS[] = {
    {"n_items", JG_VALUE, 0, 0, 0, NOTHING, jg_raters_n_items,
     "items with a rating"},
    {"n_raters", JG_VALUE, 0, 0, 0, NOTHING, jg_raters_n_raters,
     "raters with a name"},
    {"n_ratings", JG_VALUE, 0, 0, 0, NOTHING, jg_raters_n_ratings,
     "ratings without a NULL"},
    {"percent_agreement", EST, 0, 0, WEIGHT | LIMIT, NULL, "raw",
     jg_raters_percent_agreement, "mean agreement of two ratings of an item"},
    {"fleiss_kappa", EST | P | JG_BIT(JG_PART_SE0) | JG_BIT(JG_PART_Z), 0, 0,
     WEIGHT | LIMIT | JG_TAKES_LABEL, NULL, "raw", jg_raters_fleiss_kappa,
     "chance from all raters' mean shares; also of one label"},
    {"conger_kappa", EST, 0, 0, WEIGHT | LIMIT, NULL, "raw",
     jg_raters_conger_kappa, "chance from each rater's own shares"},
    {"light_kappa", JG_VALUE, 0, 0, WEIGHT, NOTHING, jg_raters_light_kappa,
     "mean cohen_kappa of all pairs of raters"},
    {"gwet_ac", EST, 0, 0, WEIGHT | LIMIT, NULL, "raw", jg_raters_gwet_ac,
     "AC1, with weights AC2: steady where one label is nearly all"},
    {"brennan_prediger", EST, 0, 0, WEIGHT | LIMIT, NULL, "raw",
     jg_raters_brennan_prediger, "chance as if labels were equal"},
    {"randolph_kappa", EST, 0, 0, DECLARE | LIMIT, NULL, "raw",
     jg_raters_randolph_kappa, "brennan_prediger without weights"},
    {"krippendorff_alpha", EST, 0, 0, DECLARE | JG_TAKES_DISTANCE | LIMIT, NULL,
     "irrCAC-1.4-raw|irrCAC-py", jg_raters_alpha,
     "1 - observed / expected disagreement"},
    {"kendall_w", JG_VALUE | P, VALUES, 0, JG_TAKES_ORDER | JG_TAKES_TIES,
     NOTHING, jg_raters_kendall_w, "concordance of the raters' rankings"},
#define ICC(name, about)                                                       \
  {                                                                            \
    name, JG_VALUE | P | JG_CI | JG_BIT(JG_PART_F), VALUES, 0,                 \
        JG_TAKES_ORDER | JG_TAKES_LEVEL | JG_TAKES_VARIANT, NULL,              \
        JG_ICC_VARIANTS, jg_raters_icc, about                                  \
  }
    ICC("icc_1_1", "intraclass correlation, raters differ by item"),
    ICC("icc_2_1", "the same, raters a sample; absolute agreement"),
    ICC("icc_3_1", "the same, these raters; consistency"),
    ICC("icc_1_k", "icc_1_1 of the mean of the raters"),
    ICC("icc_2_k", "icc_2_1 of the mean of the raters"),
    ICC("icc_3_k", "icc_3_1 of the mean of the raters"),
};

const struct jg_metric_table jg_rater_metrics = {
    .function = "agreement_raters",
    .title = "agreement_raters()",
    .arguments = "item, rater, value",
    .values = 3,
    .usual = "krippendorff_alpha",
    .row = ROWS,
    .count = sizeof ROWS / sizeof ROWS[0],
};
