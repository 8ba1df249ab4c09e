/* See lexical_ridge.h. */
#include "align/lexical_ridge.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N JG_LEXICAL_FEATURES
#define CONSTANT 1e-9 /* a spread below it is none */
#define NEVER 1e300   /* a cut that no score reaches; JSON has no infinity */

/* Mean and standard deviation of each feature. */
static void standardise(const double *x, const size_t *rows, size_t count,
                        struct jg_ridge *out) {
  size_t i, j;
  double d;

  for (j = 0; j < N; j++) {
    out->mean[j] = out->scale[j] = 0;
    for (i = 0; i < count; i++) {
      out->mean[j] += x[rows[i] * N + j];
    }
    out->mean[j] /= (double)count;
    for (i = 0; i < count; i++) {
      d = x[rows[i] * N + j] - out->mean[j];
      out->scale[j] += d * d;
    }
    out->scale[j] = sqrt(out->scale[j] / (double)count);
    if (!(out->scale[j] > CONSTANT)) {
      out->scale[j] = 0;
    }
  }
}

/* The normal equations: a = Z'Z + penalty, b = Z'(y - mean y). A constant
** feature gets a row of the identity and so the weight 0. */
static void gather(const double *x, const double *y, const size_t *rows,
                   size_t count, double penalty, const struct jg_ridge *ridge,
                   double a[N][N], double b[N]) {
  double z[N];
  size_t i, j, k;

  memset(a, 0, sizeof(double[N][N]));
  memset(b, 0, sizeof(double[N]));
  for (i = 0; i < count; i++) {
    for (j = 0; j < N; j++) {
      z[j] = ridge->scale[j] > 0
                 ? (x[rows[i] * N + j] - ridge->mean[j]) / ridge->scale[j]
                 : 0;
    }
    for (j = 0; j < N; j++) {
      b[j] += z[j] * (y[rows[i]] - ridge->intercept);
      for (k = 0; k <= j; k++) {
        a[j][k] += z[j] * z[k];
      }
    }
  }
  for (j = 0; j < N; j++) {
    a[j][j] += ridge->scale[j] > 0 ? penalty : 1;
  }
}

/* Solves a w = b for a symmetric, positive definite a whose lower triangle is
** given (Cholesky). */
static void solve(double a[N][N], const double b[N], double w[N]) {
  size_t i, j, k;

  for (j = 0; j < N; j++) {
    for (k = 0; k < j; k++) {
      a[j][j] -= a[j][k] * a[j][k];
    }
    a[j][j] = sqrt(a[j][j]);
    for (i = j + 1; i < N; i++) {
      for (k = 0; k < j; k++) {
        a[i][j] -= a[i][k] * a[j][k];
      }
      a[i][j] /= a[j][j];
    }
  }
  for (i = 0; i < N; i++) {
    w[i] = b[i];
    for (k = 0; k < i; k++) {
      w[i] -= a[i][k] * w[k];
    }
    w[i] /= a[i][i];
  }
  for (i = N; i-- > 0;) {
    for (k = i + 1; k < N; k++) {
      w[i] -= a[k][i] * w[k];
    }
    w[i] /= a[i][i];
  }
}

void jg_ridge_fit(const double *x, const double *y, const size_t *rows,
                  size_t count, double penalty, struct jg_ridge *out) {
  double a[N][N], b[N];
  size_t i;

  assert(count >= 1 && penalty >= 0);
  memset(out, 0, sizeof *out);
  standardise(x, rows, count, out);
  for (i = 0; i < count; i++) {
    out->intercept += y[rows[i]];
  }
  out->intercept /= (double)count;
  gather(x, y, rows, count, penalty * (double)count, out, a, b);
  solve(a, b, out->weight);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

void jg_ridge_cuts(double *scores, const double *labels, size_t count,
                   const double *levels, size_t level_count, double *cuts) {
  size_t i, j, below;

  assert(count >= 1 && level_count >= 1);
  qsort(scores, count, sizeof *scores, by_size);
  for (j = 0; j + 1 < level_count; j++) {
    below = 0;
    assert(levels[j] < levels[j + 1]); /* rising */
    for (i = 0; i < count; i++) {
      below += labels[i] <= levels[j];
    }
    cuts[j] = below == 0       ? -NEVER
              : below == count ? NEVER
                               : (scores[below - 1] + scores[below]) / 2;
  }
}

double jg_ridge_kappa(const double *a, const double *b, size_t count) {
  double sum_a = 0, sum_b = 0, squares = 0, apart = 0, d, chance;
  double n = (double)count;
  size_t i;

  for (i = 0; i < count; i++) {
    d = a[i] - b[i];
    apart += d * d;
    sum_a += a[i];
    sum_b += b[i];
    squares += a[i] * a[i] + b[i] * b[i];
  }
  if (count == 0) {
    return 0;
  }
  chance = squares / n - 2 * (sum_a / n) * (sum_b / n);
  return chance > CONSTANT ? 1 - apart / n / chance : 0;
}
