/*
** The labels that two raters used, and how often each used each pair.
**
** A label is interned once and known by its id from then on. Equality is that
** of core/value.h: numbers by value (1 = 1.0, and no integer is rounded),
** text by bytes with no trimming or folding, never a number with a text.
**
** Counts are whole numbers, so the order of pairs does not matter, taking one
** back is exact, and a label or a pair whose count falls to zero is gone. Gone
** ones keep their place until a table is full; then they are swept before it
** grows, so memory follows the most pairs that were alive at once.
**
** Three sums over the margins are kept up with each step, so that chance
** agreement is at hand at any time: of human x judge, human^2, judge^2.
*/
#ifndef JG_STATS_LABELS_H
#define JG_STATS_LABELS_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "core/value.h"

/* Products of counts: exact up to 2^63 pairs. */
__extension__ typedef __int128 jg_wide;

#define JG_LABEL_INLINE_BYTES 16

struct jg_label {
  struct jg_value value;             /* owns a long text, see brief */
  char brief[JG_LABEL_INLINE_BYTES]; /* a text shorter than this */
  uint64_t hash;                     /* of the value */
  uint64_t human;                    /* pairs in which the human said it */
  uint64_t judge;                    /* pairs in which the judge said it */
  uint64_t both;                     /* pairs in which both did */
};

struct jg_pair {
  uint32_t human; /* id of a label */
  uint32_t judge; /* id of a label */
  uint64_t count; /* 0: gone, or the place was never used */
  int used;       /* the place holds a pair */
};

struct jg_labels {
  struct jg_label **label; /* by id; NULL where an id is free */
  size_t count;            /* ids given out, free ones included */
  size_t label_cap;        /* places in label */
  size_t free_at;          /* no free id below it */
  size_t declared;         /* ids 0..declared-1: never swept */
  uint32_t *slot;          /* hash table of id + 1, 0 where empty */
  size_t slot_cap;         /* a power of two, or 0 */
  size_t slots_used;       /* entries of slot */
  struct jg_pair *pair;    /* hash table, used where pairs are asked for */
  size_t pair_cap;         /* a power of two, or 0 */
  size_t pairs_used;       /* places in use */
  size_t pairs_live;       /* of them with a count */
  int keep_pairs;          /* count pairs, not only margins */
  uint64_t n;              /* pairs stepped and not taken back */
  uint64_t agree;          /* of them with equal labels */
  jg_wide cross;           /* sum of human * judge over labels */
  jg_wide human_squares;   /* sum of human^2 */
  jg_wide judge_squares;   /* sum of judge^2 */
  uint32_t *sorted;        /* ids in order, see jg_labels_sorted */
  size_t sorted_count;     /* of them */
  size_t sorted_cap;       /* places in sorted */
  int sorted_fresh;        /* sorted matches the live labels */
  uint64_t sorts;          /* times sorted was made: a new one, new labels */
};

void jg_labels_init(struct jg_labels *labels, int keep_pairs);
void jg_labels_dispose(struct jg_labels *labels);

/* Declares a label: it takes the next id, stays for good, and from now on only
** declared labels are accepted. Before any pair. */
int jg_labels_declare(struct jg_labels *labels, const struct jg_value *value,
                      struct jg_err *err);

/* Neither value is NULL. A failed step changes no count. */
int jg_labels_step(struct jg_labels *labels, const struct jg_value *human,
                   const struct jg_value *judge, struct jg_err *err);
/* Steps times equal pairs. More than JG_MOST_PAIRS in all are refused: sums
** over them would not fit their types. */
#define JG_MOST_PAIRS ((uint64_t)1 << 48)
int jg_labels_step_times(struct jg_labels *labels, const struct jg_value *human,
                         const struct jg_value *judge, uint64_t times,
                         struct jg_err *err);
/* Takes back a pair that was stepped; one that was not is an error. */
int jg_labels_inverse(struct jg_labels *labels, const struct jg_value *human,
                      const struct jg_value *judge, struct jg_err *err);
/* Adds all pairs of from, whose declared labels are the same. After a failure
** to is only good for disposing. */
int jg_labels_merge(struct jg_labels *to, const struct jg_labels *from,
                    struct jg_err *err);

/* The id of a live or declared label, or -1. */
int64_t jg_labels_find(const struct jg_labels *labels,
                       const struct jg_value *value);
/* The count of one pair. */
uint64_t jg_labels_pair(const struct jg_labels *labels, uint32_t human,
                        uint32_t judge);
/* True when the label is declared or some pair has it. */
int jg_labels_is_live(const struct jg_labels *labels, size_t id);
/* The live ids: as declared, else sorted by value (numbers, then text by
** bytes). Lent until the next call on labels. */
int jg_labels_sorted(struct jg_labels *labels, const uint32_t **ids,
                     size_t *count, struct jg_err *err);

/* Shows a label in an error text: its beginning, text in quotes. */
#define JG_LABEL_SHOWN_BYTES 96
char *jg_label_show(const struct jg_value *value,
                    char shown[JG_LABEL_SHOWN_BYTES]);

#endif
