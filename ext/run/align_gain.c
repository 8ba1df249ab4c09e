/* Improvement on held-out labels, and whether it is accepted (law 6). */
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "run/alignment.h"

struct items {
  struct jg_gain_item *items;
  const struct jg_value **labels; /* one block for all */
  size_t count;
};

static int counts(const struct jg_scored *s) {
  return s->known && jg_gain_counts(s->error_code);
}

static int gather(struct jg_alignment *a, struct items *all,
                  struct jg_err *err) {
  size_t labels = 0, at = 0;
  for (size_t i = 0; i < a->row_count; i++) {
    labels += a->rows[i].label_count;
  }
  all->items = jg_mem_new(a->row_count + 1, sizeof(*all->items), err);
  all->labels = jg_mem_new(labels + 1, sizeof(*all->labels), err);
  for (size_t i = 0; all->items && all->labels && i < a->row_count; i++) {
    const struct jg_row *row = &a->rows[i];
    if (!jg_alignment_is_scored(a, i)) {
      continue;
    }
    if (!counts(&a->original[i]) || !counts(&a->aligned[i])) {
      a->unscored++;
      continue;
    }
    struct jg_gain_item *item = &all->items[all->count++];
    item->trace = i;
    item->group = row->group;
    item->original = &a->original[i].value;
    item->aligned = &a->aligned[i].value;
    item->labels = all->labels + at;
    item->label_count = row->label_count;
    for (size_t j = 0; j < row->label_count; j++) {
      all->labels[at++] = &row->labels[j].value;
    }
  }
  return err->code;
}

static void print_change(struct jg_buf *to, const struct jg_paired *p) {
  jg_buf_puts(to, p->improvement < 0 ? "" : "+");
  jg_buf_fixed(to, p->improvement, 3);
  jg_buf_puts(to, " (95 % interval ");
  jg_buf_fixed(to, p->ci_low, 3);
  jg_buf_puts(to, " to ");
  jg_buf_fixed(to, p->ci_high, 3);
  jg_buf_puts(to, ")");
}

/* A budget that ended early leaves the first rows, not a sample of all: a gain
** on fewer than half of them is no gain of the version. */
static int is_most_scored(const struct jg_alignment *a) {
  return a->unscored <= (int64_t)a->gain.traces;
}

static void judge_the_gain(struct jg_alignment *a) {
  const struct jg_paired *p = &a->gain.accuracy;
  struct jg_buf change;
  jg_buf_init(&change, 4096);
  if (isnan(p->ci_low)) {
    jg_alignment_note(a, "no gain shown: it could not be measured (%s)",
                      a->gain.traces == 0 ? "no held-out trace was scored by "
                                            "both versions"
                      : p->reason         ? p->reason
                                          : "too few groups");
  } else {
    print_change(&change, p);
    a->accepted = p->ci_low > 0 && is_most_scored(a);
    jg_alignment_note(a, "%s: accuracy %s on labels of %llu held-out traces%s",
                      a->accepted      ? "gain shown"
                      : p->ci_high < 0 ? "worse"
                                       : "no gain shown",
                      jg_buf_text(&change), (unsigned long long)a->gain.traces,
                      is_most_scored(a) ? "" : ", less than half of them");
  }
  jg_buf_dispose(&change);
}

int jg_alignment_gain(struct jg_alignment *a, struct jg_err *err) {
  struct items all = {NULL, NULL, 0};
  if (gather(a, &all, err) == JG_OK &&
      jg_gain_measure(&a->parent.scale, all.items, all.count, &a->gain, err) ==
          JG_OK) {
    judge_the_gain(a);
    if (a->unscored > 0) {
      jg_alignment_note(a,
                        "%lld held-out traces could not be scored by both "
                        "versions and count for neither",
                        (long long)a->unscored);
    }
  }
  jg_mem_free(all.items);
  jg_mem_free(all.labels);
  return err->code;
}
