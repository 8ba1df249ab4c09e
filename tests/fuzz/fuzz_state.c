/* The bytes of agreement_state(): the first byte picks the metric they are
** merged for, the rest is the blob. What is refused says why; what is taken is
** written back, and those bytes mean the same. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "stats/state.h"

/* Metrics that go over pairs one by one are only asked of a few. */
#define FEW_PAIRS 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const METRICS[] = {"confusion",
                                      "cohen_kappa_se",
                                      "quadratic_kappa",
                                      "scott_pi_ci_low",
                                      "gwet_ac_se",
                                      "krippendorff_alpha_se",
                                      "mcc",
                                      "f1",
                                      "bowker_p",
                                      "accuracy_ci_high",
                                      "ccc_ci_low",
                                      "icc_2_1_ci_high",
                                      "pearson_p",
                                      "bias_se",
                                      "spearman",
                                      "kendall_tau_b_se",
                                      "agreement_within"};

#define METRIC_COUNT (sizeof METRICS / sizeof METRICS[0])

static void start(struct jg_accumulator *acc, const char *metric) {
  struct jg_query query;
  struct jg_err err = {0};
  int code = jg_query_init(&query, &jg_pair_metrics, metric, NULL, &err);
  assert(code == JG_OK);
  code = jg_accumulator_init(acc, &query, &err);
  assert(code == JG_OK);
}

/* The pairs of a state; 0 when it is refused. */
static uint64_t check_counts(const uint8_t *bytes, size_t count) {
  struct jg_accumulator once, twice;
  struct jg_err err = {0};
  struct jg_buf a, b;
  uint64_t n = 0;
  jg_buf_init(&a, 1 << 20);
  jg_buf_init(&b, 1 << 20);
  start(&once, "confusion");
  start(&twice, "confusion");
  if (jg_state_add(bytes, count, &once, &err) == JG_OK) {
    n = once.n;
    assert(jg_state_write(&once.labels, &a, &err) == JG_OK);
    assert(jg_state_add(a.data, a.len, &twice, &err) == JG_OK);
    assert(twice.n == once.n && twice.agree == once.agree);
    assert(jg_state_write(&twice.labels, &b, &err) == JG_OK);
    assert(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
  } else {
    assert(err.text[0] != '\0');
  }
  jg_accumulator_dispose(&once);
  jg_accumulator_dispose(&twice);
  jg_buf_dispose(&a);
  jg_buf_dispose(&b);
  return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct jg_metric_result result;
  struct jg_accumulator acc;
  struct jg_err err = {0};
  if (size == 0) {
    return 0;
  }
  uint64_t n = check_counts(data + 1, size - 1);
  start(&acc, METRICS[data[0] % METRIC_COUNT]);
  if ((acc.needs & JG_NEEDS_SERIES) && n > FEW_PAIRS) {
    jg_accumulator_dispose(&acc);
    return 0;
  }
  /* Twice, as of two parts. */
  if (jg_state_add(data + 1, size - 1, &acc, &err) == JG_OK &&
      jg_state_add(data + 1, size - 1, &acc, &err) == JG_OK) {
    assert(acc.n == 2 * n);
    if (jg_accumulator_value(&acc, &acc.query, &result, &err) != JG_OK) {
      assert(err.text[0] != '\0');
    }
  }
  jg_accumulator_dispose(&acc);
  return 0;
}
