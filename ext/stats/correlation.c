/* Correlations of ranks: Spearman's rho, Kendall's tau-b and tau-c. */
#include <math.h>
#include <string.h>
#include "core/mem.h"
#include "stats/accumulator.h"
#include "stats/distribution.h"
#include "stats/metric_functions.h"
#include "stats/ranks.h"

#define REASON_CONSTANT "one side is the same number throughout"
/* A tree of counts beats a merge sort while it fits the cache. */
#define MOST_IN_TREE 65536
/* The exact distribution of tau takes n^3 / 6 additions. */
#define MOST_EXACT 300

/* -- spearman ------------------------------------------------------------- */

/* Twice the middle rank, a whole number, of each distinct number. */
static void double_ranks(const uint32_t *count, size_t distinct,
                         uint64_t *twice) {
  uint64_t before = 0;
  for (size_t i = 0; i < distinct; i++) {
    twice[i] = 2 * before + count[i] + 1;
    before += count[i];
  }
}

/* n sum(a^2) - (sum a)^2 over the ranks of one side. */
static jg_wide spread_of(const uint64_t *twice, const uint32_t *count,
                         size_t distinct, size_t n) {
  jg_wide squares = 0;
  jg_wide sum = 0;
  for (size_t i = 0; i < distinct; i++) {
    sum += (jg_wide)twice[i] * count[i];
    squares += (jg_wide)twice[i] * (jg_wide)twice[i] * count[i];
  }
  return (jg_wide)n * squares - sum * sum;
}

/* The correlation of whole numbers, exact but for its last steps. */
static double rho(const struct jg_ranks *ranks, struct jg_err *err) {
  jg_wide n = (jg_wide)ranks->n;
  jg_wide products = 0;
  double value = NAN;
  uint64_t *judge = jg_mem_new(ranks->judges, sizeof *judge, err);
  uint64_t *human = jg_mem_new(ranks->humans, sizeof *human, err);
  if (err->code == JG_OK) {
    double_ranks(ranks->judge_count, ranks->judges, judge);
    double_ranks(ranks->human_count, ranks->humans, human);
    for (size_t i = 0; i < ranks->n; i++) {
      products +=
          (jg_wide)judge[ranks->judge[i]] * (jg_wide)human[ranks->human[i]];
    }
    jg_wide xx = spread_of(judge, ranks->judge_count, ranks->judges, ranks->n);
    jg_wide yy = spread_of(human, ranks->human_count, ranks->humans, ranks->n);
    jg_wide total = n * (n + 1); /* the sum of all doubled ranks */
    if (xx > 0 && yy > 0) {
      value = (double)(n * products - total * total) /
              sqrt((double)xx * (double)yy);
    }
  }
  jg_mem_free(judge);
  jg_mem_free(human);
  return fmax(-1, fmin(1, value));
}

JG_METRIC_FUNCTION(jg_metric_spearman) {
  struct jg_accumulator *acc = state;
  struct jg_ranks ranks;
  if (acc->series.count == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_ranks_init(&ranks, &acc->series, err) != JG_OK) {
    return err->code;
  }
  double r = ranks.judges > 1 && ranks.humans > 1 ? rho(&ranks, err) : NAN;
  double df = (double)ranks.n - 2;
  jg_ranks_dispose(&ranks);
  if (isnan(r)) {
    return jg_metric_undefined(out, REASON_CONSTANT);
  }
  jg_metric_real(out, r);
  double p = fabs(r) == 1 ? 0 : jg_t_two_sided(r * sqrt(df / (1 - r * r)), df);
  jg_metric_part(out, JG_PART_P, jg_asked(query, ~JG_VALUE) && df > 0 ? p : NAN,
                 "needs three pairs");
  return err->code;
}

/* -- kendall: the sum S of concordant less discordant pairs --------------- */

/* Discordant pairs by a tree of counts (Fenwick 1994) over human ranks. */
static int discord_by_tree(const struct jg_ranks *ranks, uint64_t *discordant,
                           struct jg_err *err) {
  uint32_t *tree = jg_mem_new(ranks->humans + 1, sizeof *tree, err);
  if (tree == NULL) {
    return JG_NOMEM;
  }
  for (size_t i = 0; i < ranks->n; i++) {
    uint64_t not_above = 0;
    for (size_t at = ranks->human[i] + 1; at > 0; at &= at - 1) {
      not_above += tree[at];
    }
    *discordant += i - not_above;
    for (size_t at = ranks->human[i] + 1; at <= ranks->humans; at += at & -at) {
      tree[at]++;
    }
  }
  jg_mem_free(tree);
  return JG_OK;
}

/* Sorts short runs in place and counts the exchanges. */
#define RUN 16
static uint64_t sort_runs(uint32_t *list, size_t n) {
  uint64_t exchanges = 0;
  for (size_t from = 0; from < n; from += RUN) {
    size_t end = n - from < RUN ? n : from + RUN;
    for (size_t i = from + 1; i < end; i++) {
      uint32_t x = list[i];
      size_t at = i;
      while (at > from && list[at - 1] > x) {
        list[at] = list[at - 1];
        at--;
      }
      list[at] = x;
      exchanges += i - at;
    }
  }
  return exchanges;
}

/* The same by the exchanges of a merge sort (Knight 1966). */
static int discord_by_merge(const struct jg_ranks *ranks, uint64_t *discordant,
                            struct jg_err *err) {
  size_t n = ranks->n;
  uint32_t *list = jg_mem_new(n, sizeof *list, err);
  uint32_t *spare = jg_mem_new(n, sizeof *spare, err);
  if (err->code == JG_OK) {
    memcpy(list, ranks->human, n * sizeof *list);
    *discordant = sort_runs(list, n);
  }
  for (size_t width = RUN; err->code == JG_OK && width < n; width *= 2) {
    for (size_t from = 0; from < n; from += 2 * width) {
      size_t middle = n - from < width ? n : from + width;
      size_t end = n - from < 2 * width ? n : from + 2 * width;
      size_t a = from;
      size_t b = middle;
      for (size_t to = from; to < end; to++) {
        if (b == end || (a < middle && list[a] <= list[b])) {
          spare[to] = list[a++];
        } else {
          *discordant += middle - a;
          spare[to] = list[b++];
        }
      }
    }
    uint32_t *sorted = spare;
    spare = list;
    list = sorted;
  }
  jg_mem_free(list);
  jg_mem_free(spare);
  return err->code;
}

struct ties {
  double pairs;  /* sum t (t - 1) / 2 */
  double threes; /* sum t (t - 1) (t - 2) */
  double fives;  /* sum t (t - 1) (2 t + 5) */
};

static struct ties ties_of(const uint32_t *count, size_t distinct) {
  struct ties ties = {0, 0, 0};
  for (size_t i = 0; i < distinct; i++) {
    double t = count[i];
    ties.pairs += t * (t - 1) / 2;
    ties.threes += t * (t - 1) * (t - 2);
    ties.fives += t * (t - 1) * (2 * t + 5);
  }
  return ties;
}

/* Pairs tied on both sides: points stand sorted. */
static double tied_both(const struct jg_ranks *ranks) {
  double sum = 0;
  double run = 0;
  for (size_t i = 1; i < ranks->n; i++) {
    run = ranks->judge[i] == ranks->judge[i - 1] &&
                  ranks->human[i] == ranks->human[i - 1]
              ? run + 1
              : 0;
    sum += run;
  }
  return sum;
}

struct kendall {
  double n, all; /* pairs of points */
  double s;      /* concordant less discordant */
  struct ties judge, human;
};

static int kendall_of(const struct jg_ranks *ranks, struct kendall *k,
                      struct jg_err *err) {
  uint64_t discordant = 0;
  if (ranks->humans <= MOST_IN_TREE) {
    discord_by_tree(ranks, &discordant, err);
  } else {
    discord_by_merge(ranks, &discordant, err);
  }
  k->n = (double)ranks->n;
  k->all = k->n * (k->n - 1) / 2;
  k->judge = ties_of(ranks->judge_count, ranks->judges);
  k->human = ties_of(ranks->human_count, ranks->humans);
  k->s = k->all - k->judge.pairs - k->human.pairs + tied_both(ranks) -
         2 * (double)discordant;
  return err->code;
}

/* -- kendall_tau_b -------------------------------------------------------- */

/* Two-sided p by the normal, with ties (Kendall 1970; as scipy and R). */
static double p_asymptotic(const struct kendall *k) {
  double m = k->n * (k->n - 1);
  const struct ties *x = &k->judge;
  const struct ties *y = &k->human;
  double variance = (m * (2 * k->n + 5) - x->fives - y->fives) / 18 +
                    2 * x->pairs * y->pairs / m;
  if (k->n > 2) {
    variance += x->threes * y->threes / (9 * m * (k->n - 2));
  }
  return jg_normal_two_sided(k->s / sqrt(variance));
}

/* Exact without ties: the share of the n! orders with at most, or at least, as
** many discordant pairs. freq[i] after n steps is the share with i. */
static double p_exact(const struct kendall *k, struct jg_err *err) {
  size_t n = (size_t)k->n;
  size_t most = n * (n - 1) / 2;
  size_t discordant = (size_t)((k->all - k->s) / 2);
  double *freq = jg_mem_new(most + 1, sizeof *freq, err);
  double *next = jg_mem_new(most + 1, sizeof *next, err);
  double low = 0;
  double high = 0;
  if (err->code == JG_OK) {
    freq[0] = 1;
    for (size_t i = 2; i <= n; i++) { /* the i-th adds 0 .. i - 1 */
      double sum = 0;
      for (size_t d = 0; d <= i * (i - 1) / 2; d++) {
        sum += freq[d];
        sum -= d >= i ? freq[d - i] : 0;
        next[d] = sum / (double)i;
      }
      memcpy(freq, next, (i * (i - 1) / 2 + 1) * sizeof *freq);
    }
    for (size_t d = 0; d <= most; d++) {
      low += d <= discordant ? freq[d] : 0;
      high += d >= discordant ? freq[d] : 0;
    }
  }
  jg_mem_free(freq);
  jg_mem_free(next);
  return fmin(1, 2 * fmin(low, high));
}

/* Adds to s[] of each point in the order given how many earlier points lie
** below less how many lie above in human rank, leaving out ties of judge. */
static void count_side(const struct jg_ranks *ranks, int backwards,
                       uint32_t *tree, double *s) {
  size_t n = ranks->n;
  size_t size = ranks->humans;
  memset(tree, 0, (size + 1) * sizeof *tree);
  double sign = backwards ? -1 : 1;
  size_t seen = 0;
  for (size_t i = 0; i < n;) {
    size_t end = i;
    size_t first = backwards ? n - 1 - i : i;
    while (end < n &&
           ranks->judge[backwards ? n - 1 - end : end] == ranks->judge[first]) {
      end++;
    }
    for (size_t j = i; j < end; j++) {
      size_t point = backwards ? n - 1 - j : j;
      double below = 0;
      double equal_too = 0;
      for (size_t at = ranks->human[point]; at > 0; at &= at - 1) {
        below += tree[at];
      }
      for (size_t at = ranks->human[point] + 1; at > 0; at &= at - 1) {
        equal_too += tree[at];
      }
      s[point] += sign * (below - ((double)seen - equal_too));
    }
    for (size_t j = i; j < end; j++) {
      size_t point = backwards ? n - 1 - j : j;
      for (size_t at = ranks->human[point] + 1; at <= size; at += at & -at) {
        tree[at]++;
      }
    }
    seen += end - i;
    i = end;
  }
}

/* The variance of Goodman and Kruskal (1972) for tau-b, in the form of
** DescTools; each point's share of S comes from a tree of counts. */
static double tau_b_error(const struct jg_ranks *ranks, const struct kendall *k,
                          struct jg_err *err) {
  double n = k->n;
  double *s = jg_mem_new(ranks->n, sizeof *s, err);
  uint32_t *tree = jg_mem_new(ranks->humans + 1, sizeof *tree, err);
  double sum = 0;
  double squares = 0;
  double below = 1;
  if (err->code == JG_OK) {
    count_side(ranks, 0, tree, s);
    count_side(ranks, 1, tree, s);
    double one = sqrt(1 - (2 * k->human.pairs + n) / (n * n));
    double two = sqrt(1 - (2 * k->judge.pairs + n) / (n * n));
    double all = 2 * k->s / (n * n);
    below = one * two;
    for (size_t i = 0; i < ranks->n; i++) {
      double human = ranks->human_count[ranks->human[i]] / n;
      double judge = ranks->judge_count[ranks->judge[i]] / n;
      double phi =
          (2 * s[i] / n + all * judge) * two * one + all * human * two / one;
      sum += phi / n;
      squares += phi * phi / n;
    }
  }
  jg_mem_free(s);
  jg_mem_free(tree);
  double variance = (squares - sum * sum) / pow(below, 4) / n;
  return variance > 1e-15 ? sqrt(variance) : 0;
}

static void give_tau_b(const struct jg_query *query,
                       const struct jg_ranks *ranks, const struct kendall *k,
                       struct jg_metric_result *out, struct jg_err *err) {
  double tau =
      k->s / sqrt((k->all - k->judge.pairs) * (k->all - k->human.pairs));
  jg_metric_real(out, fmax(-1, fmin(1, tau)));
  if (jg_asked(query, JG_BIT(JG_PART_P))) {
    int ties = k->judge.pairs + k->human.pairs > 0;
    if (query->method == 0) {
      jg_metric_part(out, JG_PART_P, p_asymptotic(k), NULL);
    } else {
      jg_metric_part(out, JG_PART_P,
                     ties || k->n > MOST_EXACT ? NAN : p_exact(k, err),
                     "the exact p needs numbers without ties, at most 300");
    }
  }
  if (jg_asked(query, JG_CI | JG_BIT(JG_PART_SE))) {
    double se = tau_b_error(ranks, k, err);
    double reach = se * jg_normal_quantile(0.5 + query->options.level / 2);
    out->part[JG_PART_SE] = se;
    jg_metric_limits(out, fmax(-1, tau - reach), fmin(1, tau + reach));
  }
}

static int kendall(struct jg_accumulator *acc, const struct jg_query *query,
                   int c, struct jg_metric_result *out, struct jg_err *err) {
  struct jg_ranks ranks;
  struct kendall k;
  if (acc->series.count == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  if (jg_ranks_init(&ranks, &acc->series, err) != JG_OK) {
    return err->code;
  }
  if (ranks.judges < 2 || ranks.humans < 2) {
    jg_metric_undefined(out, REASON_CONSTANT);
  } else if (kendall_of(&ranks, &k, err) == JG_OK) {
    if (c) {
      double m =
          (double)(ranks.judges < ranks.humans ? ranks.judges : ranks.humans);
      jg_metric_real(out, 2 * k.s * m / (k.n * k.n * (m - 1)));
    } else {
      give_tau_b(query, &ranks, &k, out, err);
    }
  }
  jg_ranks_dispose(&ranks);
  return err->code;
}

JG_METRIC_FUNCTION(jg_metric_kendall_tau_b) {
  return kendall(state, query, 0, out, err);
}

/* -- kendall_tau_c: Stuart (1953) ----------------------------------------- */

JG_METRIC_FUNCTION(jg_metric_kendall_tau_c) {
  return kendall(state, query, 1, out, err);
}
