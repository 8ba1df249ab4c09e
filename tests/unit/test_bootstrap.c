/* The bootstrap's arithmetic against the reference's fixed replicates, which do
** not depend on a random generator; and what a run promises. */
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stats/bootstrap.h"
#include "stats/metric_functions.h"

#define MOST 1000
#define STATS 3
#define LINE_BYTES 1024

static const char *const STAT[STATS] = {"cohen_kappa_a", "cohen_kappa_diff",
                                        "accuracy_diff"};

/* A file of the reference data, or NULL. */
static FILE *open_shared(const char *name) {
  char path[600];
  const char *shared = getenv("JUDGE_SHARED");
  snprintf(path, sizeof path, "%s/data/agreement/%s",
           shared != NULL ? shared : "../shared", name);
  return fopen(path, "r");
}

/* Columns 2 to 4 of a file of numbers; returns the rows. */
static size_t read_columns(const char *name, double to[STATS][MOST]) {
  char line[LINE_BYTES];
  size_t rows = 0;
  FILE *file = open_shared(name);
  if (file == NULL) {
    return 0;
  }
  if (fgets(line, sizeof line, file) == NULL) {
    line[0] = 0;
  }
  while (rows < MOST && fgets(line, sizeof line, file) != NULL) {
    char *at = strchr(line, ',');
    for (int i = 0; i < STATS && at != NULL; i++) {
      to[i][rows] = strtod(at + 1, &at);
    }
    rows++;
  }
  fclose(file);
  return rows;
}

struct boots {
  double replicate[STATS][MOST];
  double left[STATS][MOST];
  size_t replicates, lefts;
};

/* The value of "key":value or "key":"value" in a row of expected.csv. */
static const char *field(const char *line, const char *key, char to[64]) {
  char quoted[80];
  snprintf(quoted, sizeof quoted, "\"\"%s\"\":", key);
  const char *at = strstr(line, quoted);
  size_t len = 0;
  if (at == NULL) {
    return NULL;
  }
  at += strlen(quoted);
  at += strspn(at, "\"");
  len = strcspn(at, "\",}");
  memcpy(to, at, len < 63 ? len : 63);
  to[len < 63 ? len : 63] = 0;
  return to;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double mean_of(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += x[i] / (double)n;
  }
  return sum;
}

static double deviation_of(const double *x, size_t n) {
  double mean = mean_of(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (x[i] - mean) * (x[i] - mean);
  }
  return sqrt(sum / (double)(n - 1));
}

/* The estimates that the replicates are of: rows boot_estimate. */
static const double ESTIMATE[STATS] = {0.88888888888888884, 0.5, 0.25};

static double limit_of(const struct boots *b, int stat, const char *line,
                       int high) {
  char text[64];
  double level = field(line, "level", text) != NULL ? strtod(text, NULL) : 0.95;
  double p = high ? (1 + level) / 2 : (1 - level) / 2;
  int normal = field(line, "quantile", text) != NULL &&
               strcmp(text, "R-norm.inter") == 0;
  if (field(line, "method", text) != NULL && strcmp(text, "BCa") == 0) {
    int half = field(line, "ties", text) != NULL && strcmp(text, "mid") == 0;
    double bias =
        jg_boot_bias(b->replicate[stat], b->replicates, ESTIMATE[stat], half);
    p = jg_boot_adjust(p, bias,
                       jg_boot_acceleration(b->left[stat], NULL, b->lefts));
  }
  return jg_boot_quantile(b->replicate[stat], b->replicates, p,
                          normal ? JG_BOOT_NORMAL : JG_BOOT_TYPE7);
}

/* What the row asks for, or NaN. */
static double value_of(const struct boots *b, int stat, const char *metric,
                       const char *line) {
  char text[64];
  const double *t = b->replicate[stat];
  if (strcmp(metric, "boot_ci_low") == 0 ||
      strcmp(metric, "boot_ci_high") == 0) {
    return limit_of(b, stat, line, strcmp(metric, "boot_ci_high") == 0);
  }
  if (strcmp(metric, "boot_z0") == 0) {
    int half = field(line, "ties", text) != NULL && strcmp(text, "mid") == 0;
    return jg_boot_bias(t, b->replicates, ESTIMATE[stat], half);
  }
  if (strcmp(metric, "boot_acceleration") == 0) {
    return jg_boot_acceleration(b->left[stat], NULL, b->lefts);
  }
  if (strcmp(metric, "boot_se") == 0) {
    return deviation_of(t, b->replicates);
  }
  if (strcmp(metric, "boot_bias") == 0) {
    return mean_of(t, b->replicates) - ESTIMATE[stat];
  }
  return strcmp(metric, "boot_estimate") == 0 ? ESTIMATE[stat] : NAN;
}

TEST(boot_arithmetic_gives_the_expected_values) {
  static struct boots b;
  char line[LINE_BYTES];
  int checked = 0;
  b.replicates = read_columns("boot_replicates.csv", b.replicate);
  b.lefts = read_columns("boot_jackknife.csv", b.left);
  FILE *file = open_shared("expected.csv");
  if (file == NULL || b.replicates == 0) {
    SKIP("the reference data is absent");
  }
  for (int i = 0; i < STATS; i++) {
    qsort(b.replicate[i], b.replicates, sizeof(double), by_size);
  }
  while (fgets(line, sizeof line, file) != NULL) {
    char metric[64] = "", stat[64];
    char *name = strchr(line, ',');
    char *end = strstr(line, "}\",");
    if (name == NULL || end == NULL || strncmp(name, ",boot_", 6) != 0) {
      continue;
    }
    memcpy(metric, name + 1, strcspn(name + 1, ","));
    for (int i = 0; i < STATS; i++) {
      if (field(line, "stat", stat) != NULL && strcmp(stat, STAT[i]) == 0) {
        double expected = strtod(end + 3, NULL);
        CHECK_NEAR(value_of(&b, i, metric, line), expected,
                   1e-8 * fmax(1, fabs(expected)));
        checked++;
      }
    }
  }
  fclose(file);
  CHECK_INT(checked, 78);
}

/* The share of cell 0. */
static double share(void *ctx, const double *count, struct jg_err *err) {
  double total = 0;
  (void)err;
  for (size_t i = 0; i < *(size_t *)ctx; i++) {
    total += count[i];
  }
  return count[0] / total;
}

static struct jg_metric_result run(double *count, size_t cells, int64_t seed,
                                   int bca) {
  struct jg_metric_result out;
  struct jg_query query;
  struct jg_err err = {0};
  struct jg_boot boot = {
      .count = count, .cells = cells, .value = share, .ctx = &cells};
  jg_query_init(&query, &jg_pair_metrics, "cohen_kappa_boot", NULL, &err);
  query.parts = JG_ALL_PARTS;
  query.options.resamples = 4000;
  query.options.seed = seed;
  jg_metric_clear(&out);
  CHECK_INT(jg_boot_run(&boot, &query, bca, &out, &err), JG_OK);
  return out;
}

/* The error of a share is that of the binomial, few counts or many. */
TEST(boot_of_a_share_has_its_known_error) {
  static const double sizes[][2] = {
      {7, 13}, {300, 200}, {990, 10}, {4e6, 1e6}, {3, 99997}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    double count[2] = {sizes[i][0], sizes[i][1]};
    double n = count[0] + count[1];
    double p = count[0] / n;
    struct jg_metric_result out = run(count, 2, 1, 0);
    double se = sqrt(p * (1 - p) / n);
    CHECK_NEAR(out.part[JG_PART_VALUE], p, 0);
    CHECK_NEAR(out.part[JG_PART_SE] / se, 1, 0.06);
    CHECK(out.part[JG_PART_CI_LOW] < p && p < out.part[JG_PART_CI_HIGH]);
    CHECK_NEAR((out.part[JG_PART_CI_HIGH] - out.part[JG_PART_CI_LOW]) / se,
               3.92, 0.4);
  }
}

TEST(boot_depends_on_its_seed_alone) {
  double count[3] = {20, 30, 5};
  struct jg_metric_result one = run(count, 3, 1, 1);
  struct jg_metric_result same = run(count, 3, 1, 1);
  struct jg_metric_result other = run(count, 3, 2, 1);
  CHECK_NEAR(one.part[JG_PART_SE], same.part[JG_PART_SE], 0);
  CHECK_NEAR(one.part[JG_PART_CI_LOW], same.part[JG_PART_CI_LOW], 0);
  CHECK(one.part[JG_PART_SE] != other.part[JG_PART_SE]);
}

/* Efron 1987: sum (mean - x)^3 / 6 (sum (mean - x)^2)^1.5 of the values with
** one left out; of 1, 2, 4 the mean is 7/3. */
TEST(bootstrap_acceleration_by_hand) {
  static const double left[] = {1, 2, 4}, twice[] = {1, 1, 2};
  double cubes = (64 + 1 - 125) / 27.0, squares = (16 + 1 + 25) / 9.0;
  CHECK_NEAR(jg_boot_acceleration(left, NULL, 3),
             cubes / (6 * pow(squares, 1.5)), 1e-15);
  cubes = 1.75 * 1.75 * 1.75 + .75 * .75 * .75 - 2 * 1.25 * 1.25 * 1.25;
  squares = 1.75 * 1.75 + .75 * .75 + 2 * 1.25 * 1.25;
  CHECK_NEAR(jg_boot_acceleration(left, twice, 3),
             cubes / (6 * pow(squares, 1.5)), 1e-15);
}

/* Both kinds of quantile end at the first and the last value. */
TEST(bootstrap_quantiles_stay_within_the_values) {
  static const double sorted[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK_NEAR(jg_boot_quantile(sorted, 9, 0, JG_BOOT_TYPE7), 1, 0);
  CHECK_NEAR(jg_boot_quantile(sorted, 9, 1, JG_BOOT_TYPE7), 9, 0);
  CHECK_NEAR(jg_boot_quantile(sorted, 9, .05, JG_BOOT_NORMAL), 1, 0);
  CHECK_NEAR(jg_boot_quantile(sorted, 9, .95, JG_BOOT_NORMAL), 9, 0);
  CHECK_NEAR(jg_boot_quantile(sorted, 9, .3, JG_BOOT_NORMAL), 3, 0);
}
