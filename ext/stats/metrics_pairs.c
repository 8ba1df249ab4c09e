/* The metrics of agreement(judge, human): one row each, in the order of the
** documentation. */
#include "stats/icc.h"
#include "stats/bootstrap.h"
#include "stats/mcnemar.h"
#include "stats/metric_functions.h"

#define LABELS JG_NEEDS_LABELS
#define PAIRS JG_NEEDS_PAIRS
#define MOMENTS JG_NEEDS_MOMENTS
#define SERIES JG_NEEDS_SERIES
#define CHANCES (JG_NEEDS_SERIES | JG_NEEDS_CHANCES)

#define SE JG_BIT(JG_PART_SE)
#define P JG_BIT(JG_PART_P)
#define STAT JG_BIT(JG_PART_STAT)
#define KAPPA                                                                  \
  (JG_VALUE | SE | P | JG_CI | JG_BIT(JG_PART_SE0) | JG_BIT(JG_PART_Z) |       \
   JG_BIT(JG_PART_MAX))

#define DECLARE (JG_TAKES_ORDER | JG_TAKES_CATEGORIES)
#define LEVEL JG_TAKES_LEVEL
#define ORDER JG_TAKES_ORDER
#define WEIGHT (DECLARE | JG_TAKES_WEIGHTS | JG_TAKES_SCORES | JG_TAKES_MATRIX)
#define LIMIT (LEVEL | JG_TAKES_CI | JG_TAKES_VARIANT)
#define SHARE (LEVEL | JG_TAKES_METHOD)
#define NAMED (ORDER | JG_TAKES_SCORES | LIMIT)
#define POS (JG_TAKES_POS | DECLARE)
#define RATE (JG_TAKES_LABEL | JG_TAKES_AVERAGE | POS)

#define BY_SHARE "wilson|clopper-pearson"
#define TWO_FORMS "table|raw"
#define KAPPA_FORMS "table|raw|epiR-fleiss|epiR-watson|epiR-altman"
#define NOTHING NULL, NULL

static const struct jg_metric ROWS[] = {
    {"n", JG_VALUE, 0, 0, JG_TAKES_NONE, NOTHING, jg_metric_n,
     "pairs without a NULL"},
    {"accuracy", JG_VALUE | JG_CI, 0, 0, SHARE, BY_SHARE, NULL,
     jg_metric_accuracy, "share of pairs with equal labels"},
    {"majority_baseline", JG_VALUE, LABELS, 0, JG_TAKES_NONE, NOTHING,
     jg_metric_majority_baseline,
     "accuracy of always giving the commonest human label"},
    {"balanced_accuracy", JG_VALUE, LABELS, 0, DECLARE, NOTHING,
     jg_metric_balanced_accuracy, "mean recall over the human labels"},
    {"percent_agreement", JG_VALUE | SE | JG_CI, PAIRS, 0, WEIGHT | LIMIT, NULL,
     "raw", jg_metric_percent_agreement, "accuracy, also weighted"},
    {"cohen_kappa", KAPPA, LABELS, PAIRS, WEIGHT | LIMIT, NULL, KAPPA_FORMS,
     jg_metric_cohen_kappa, "agreement beyond chance, also weighted"},
    {"linear_kappa", KAPPA, PAIRS | JG_NEEDS_VALUES, 0, NAMED, NULL,
     KAPPA_FORMS, jg_metric_linear_kappa, "cohen_kappa with linear weights"},
    {"quadratic_kappa", KAPPA, PAIRS | JG_NEEDS_VALUES, 0, NAMED, NULL,
     KAPPA_FORMS, jg_metric_quadratic_kappa,
     "cohen_kappa with quadratic weights"},
    {"cohen_kappa_boot", JG_VALUE | SE | JG_CI, PAIRS, 0,
     WEIGHT | JG_TAKES_BOOT | SHARE, JG_BOOT_METHODS, NULL,
     jg_metric_cohen_kappa_boot, "cohen_kappa with bootstrap limits"},
    {"scott_pi", JG_VALUE | SE | JG_CI, PAIRS, 0, WEIGHT | LIMIT, NULL,
     TWO_FORMS, jg_metric_scott_pi, "chance from the mean of both shares"},
    {"gwet_ac", JG_VALUE | SE | JG_CI, PAIRS, 0, WEIGHT | LIMIT, NULL,
     TWO_FORMS, jg_metric_gwet_ac,
     "AC1, with weights AC2: steady where one label is nearly all"},
    {"brennan_prediger", JG_VALUE | SE | JG_CI, PAIRS, 0, WEIGHT | LIMIT, NULL,
     TWO_FORMS, jg_metric_brennan_prediger, "chance as if labels were equal"},
    {"pabak", JG_VALUE | SE | JG_CI, PAIRS, 0, DECLARE | LIMIT, NULL, TWO_FORMS,
     jg_metric_pabak, "kappa adjusted for prevalence and bias"},
    {"krippendorff_alpha", JG_VALUE | SE | JG_CI, PAIRS, 0,
     DECLARE | JG_TAKES_DISTANCE | LIMIT, NULL, "table", jg_metric_alpha,
     "1 - observed / expected disagreement"},
    {"mcc", JG_VALUE, LABELS, 0, DECLARE, NOTHING, jg_metric_mcc,
     "Matthews correlation of the labels, any number of them"},
    {"precision", JG_VALUE, LABELS, 0, RATE, NOTHING, jg_metric_precision,
     "right among those the judge gave; of a label, or averaged"},
    {"recall", JG_VALUE, LABELS, 0, RATE, NOTHING, jg_metric_recall,
     "right among those people gave; of a label, or averaged"},
    {"f1", JG_VALUE, LABELS, 0, RATE, NOTHING, jg_metric_f1,
     "harmonic mean of precision and recall"},
    {"support", JG_VALUE, LABELS, 0, JG_TAKES_LABEL | DECLARE, NOTHING,
     jg_metric_support, "human labels, of one kind or all"},
    {"tp", JG_VALUE, LABELS, 0, POS, NOTHING, jg_metric_tp,
     "both gave the positive label"},
    {"fp", JG_VALUE, LABELS, 0, POS, NOTHING, jg_metric_fp,
     "only the judge gave it"},
    {"fn", JG_VALUE, LABELS, 0, POS, NOTHING, jg_metric_fn,
     "only the human gave it"},
    {"tn", JG_VALUE, LABELS, 0, POS, NOTHING, jg_metric_tn, "neither gave it"},
    {"tpr", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE, NULL,
     jg_metric_tpr, "sensitivity: tp / (tp + fn)"},
    {"tnr", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE, NULL,
     jg_metric_tnr, "specificity: tn / (tn + fp)"},
    {"ppv", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE, NULL,
     jg_metric_ppv, "tp / (tp + fp)"},
    {"npv", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE, NULL,
     jg_metric_npv, "tn / (tn + fn)"},
    {"prevalence_human", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE,
     NULL, jg_metric_prevalence_human, "share of positive human labels"},
    {"prevalence_judge", JG_VALUE | JG_CI, LABELS, 0, POS | SHARE, BY_SHARE,
     NULL, jg_metric_prevalence_judge, "share of positive verdicts"},
    {"prevalence_index", JG_VALUE, LABELS, 0, POS, NOTHING,
     jg_metric_prevalence_index, "(tp - tn) / n"},
    {"bias_index", JG_VALUE, LABELS, 0, POS, NOTHING, jg_metric_bias_index,
     "(fp - fn) / n"},
    {"confusion", JG_VALUE, PAIRS, 0, DECLARE | JG_TAKES_CELL, NOTHING,
     jg_metric_confusion, "table of counts as JSON, or one cell of it"},
    {"mcnemar_human_judge", STAT | P, PAIRS, 0, DECLARE | JG_TAKES_METHOD,
     JG_MCNEMAR_METHODS, NULL, jg_metric_mcnemar_margins,
     "whether both use two labels equally often"},
    {"bowker", STAT | P | JG_BIT(JG_PART_DF) | JG_BIT(JG_PART_DF_FULL), PAIRS,
     0, DECLARE, NOTHING, jg_metric_bowker,
     "whether mistakes go both ways equally often"},
    {"mae", JG_VALUE, MOMENTS, 0, ORDER, NOTHING, jg_metric_mae,
     "mean absolute difference of numbers or of positions in an order"},
    {"mse", JG_VALUE, MOMENTS, 0, ORDER, NOTHING, jg_metric_mse,
     "mean squared difference"},
    {"rmse", JG_VALUE, MOMENTS, 0, ORDER, NOTHING, jg_metric_rmse,
     "root of mse"},
    {"bias", JG_VALUE | SE | JG_CI, MOMENTS, 0, ORDER | LEVEL, NOTHING,
     jg_metric_bias, "mean of judge - human: leniency"},
    {"sd_diff", JG_VALUE, MOMENTS, 0, ORDER, NOTHING, jg_metric_sd_diff,
     "standard deviation of judge - human"},
    {"loa", JG_BIT(JG_PART_LOW) | JG_BIT(JG_PART_HIGH), MOMENTS, 0,
     ORDER | LEVEL, NOTHING, jg_metric_loa,
     "Bland and Altman's limits of agreement"},
    {"agreement_within", JG_VALUE | JG_CI, JG_NEEDS_WITHIN, 0,
     ORDER | JG_TAKES_TOLERANCE | SHARE, BY_SHARE, NULL,
     jg_metric_agreement_within, "share no further apart than tolerance"},
    {"r2", JG_VALUE, MOMENTS, 0, ORDER, NOTHING, jg_metric_r2,
     "share of the human variance that the judge accounts for"},
    {"pearson", JG_VALUE | P | JG_CI, MOMENTS, 0, ORDER | LEVEL, NOTHING,
     jg_metric_pearson, "linear correlation"},
    {"spearman", JG_VALUE | P, SERIES, 0, ORDER | JG_TAKES_METHOD, "t", NULL,
     jg_metric_spearman, "correlation of ranks"},
    {"kendall_tau_b", JG_VALUE | SE | P | JG_CI, SERIES, 0, ORDER | SHARE,
     "asymptotic|exact", NULL, jg_metric_kendall_tau_b,
     "concordant less discordant pairs, corrected for ties"},
    {"kendall_tau_c", JG_VALUE, SERIES, 0, ORDER, NOTHING,
     jg_metric_kendall_tau_c, "Stuart's tau, for unequal numbers of labels"},
    {"ccc", JG_VALUE | SE | JG_CI | JG_BIT(JG_PART_CORRECTION), MOMENTS, 0,
     ORDER | SHARE, "z-transform|asymptotic", NULL, jg_metric_ccc,
     "Lin's concordance: correlation that also counts shift and scale"},
#define ICC(name, about)                                                       \
  {                                                                            \
    name, JG_VALUE | P | JG_CI | JG_BIT(JG_PART_F), MOMENTS, 0,                \
        ORDER | LEVEL | JG_TAKES_VARIANT, NULL, JG_ICC_VARIANTS,               \
        jg_metric_icc, about                                                   \
  }
    ICC("icc_1_1", "intraclass correlation, raters differ by item"),
    ICC("icc_2_1", "the same, raters a sample; absolute agreement"),
    ICC("icc_3_1", "the same, these raters; consistency"),
    ICC("icc_1_k", "icc_1_1 of the mean of the raters"),
    ICC("icc_2_k", "icc_2_1 of the mean of the raters"),
    ICC("icc_3_k", "icc_3_1 of the mean of the raters"),
    {"ece", JG_VALUE, CHANCES, 0, JG_TAKES_POS | JG_TAKES_BINS, NOTHING,
     jg_metric_ece, "mean gap between stated and true probability"},
    {"ece_l2", JG_VALUE, CHANCES, 0, JG_TAKES_POS | JG_TAKES_BINS, NOTHING,
     jg_metric_ece_l2, "root mean square of these gaps"},
    {"mce", JG_VALUE, CHANCES, 0, JG_TAKES_POS | JG_TAKES_BINS, NOTHING,
     jg_metric_mce, "largest of these gaps"},
    {"brier", JG_VALUE, CHANCES, 0, JG_TAKES_POS, NOTHING, jg_metric_brier,
     "mean squared error of the probability"},
    {"log_loss", JG_VALUE, CHANCES, 0, JG_TAKES_POS, NOTHING,
     jg_metric_log_loss, "mean surprise at the human label"},
    {"auroc", JG_VALUE, CHANCES, 0, JG_TAKES_POS, NOTHING, jg_metric_auroc,
     "chance that a 1 gets more than a 0"},
    {"average_precision", JG_VALUE, CHANCES, 0, JG_TAKES_POS, NOTHING,
     jg_metric_average_precision, "precision averaged over recall"},
};

const struct jg_metric_table jg_pair_metrics = {
    .function = "agreement",
    .title = "agreement()",
    .arguments = "judge, human",
    .values = 2,
    .usual = "accuracy",
    .row = ROWS,
    .count = sizeof ROWS / sizeof ROWS[0],
};
