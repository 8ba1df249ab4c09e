/* Metrics of numbers, and of positions in a declared order. */
#include <math.h>
#include "stats/metric_functions.h"

/* -- mae: mean of |judge - human|, the sum exact -------------------------- */

JG_METRIC_FUNCTION(jg_metric_mae) {
  (void)err;
  if (acc->n == 0) {
    return jg_metric_undefined(out, JG_REASON_NO_PAIRS);
  }
  double sum = jg_exact_value(&acc->scores->distance);
  if (!isfinite(sum)) {
    return jg_metric_undefined(out, "a difference is not finite");
  }
  return jg_metric_real(out, sum / (double)acc->n);
}
