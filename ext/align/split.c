/*
** Who may score whom (law 6). All of a group's rows go the same way, and which
** way hangs on digests only: of the seed and the group for a split, of all
** groups' digests for folds. Seed 0, the default, is the stable split.
*/
#include "align/split.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/digest.h"
#include "core/mem.h"

/* A group and its place in the order that its digest gives it. */
struct place {
  uint64_t group;
  uint64_t rank;
  int fold;
};

/* The salt keeps this order apart from every other use of the group's digest;
** changing it would move rows between the sides of splits already stored. */
static uint64_t rank_of(uint64_t group, uint64_t seed) {
  static const char SALT[] = "held-out split 1";
  unsigned char bytes[sizeof SALT + 16];
  int i;

  memcpy(bytes, SALT, sizeof SALT);
  for (i = 0; i < 8; i++) {
    bytes[sizeof SALT + i] = (unsigned char)(seed >> (8 * i));
    bytes[sizeof SALT + 8 + i] = (unsigned char)(group >> (8 * i));
  }
  return jg_digest_u64((const char *)bytes, sizeof bytes);
}

static int by_number(uint64_t a, uint64_t b) {
  return a < b ? -1 : a > b;
}

static int by_group(const void *a, const void *b) {
  const struct place *x = a;
  const struct place *y = b;

  return by_number(x->group, y->group);
}

static int by_rank(const void *a, const void *b) {
  const struct place *x = a;
  const struct place *y = b;
  int order = by_number(x->rank, y->rank);

  return order != 0 ? order : by_number(x->group, y->group);
}

/* The distinct groups of the rows, sorted by group; returns how many. */
static size_t find_groups(const struct jg_row *rows, size_t count,
                          uint64_t seed, struct place *places) {
  size_t groups = 0;
  size_t i;

  for (i = 0; i < count; i++) {
    places[i].group = rows[i].group;
  }
  if (count > 0) {
    qsort(places, count, sizeof *places, by_group);
  }
  for (i = 0; i < count; i++) {
    if (groups == 0 || places[groups - 1].group != places[i].group) {
      places[groups].group = places[i].group;
      places[groups].rank = rank_of(places[i].group, seed);
      groups++;
    }
  }
  return groups;
}

/* The share of all ranks that lies below this one. */
static double share_below(uint64_t rank) {
  return (double)(rank >> 11) / 9007199254740992.0;
}

/* Marks each group held out or not; an error when all go the same way. */
static int split_groups(struct place *places, size_t groups, double held_out,
                        struct jg_err *err) {
  size_t held = 0;
  size_t i;

  for (i = 0; i < groups; i++) {
    places[i].fold = share_below(places[i].rank) < held_out;
    held += (size_t)places[i].fold;
  }
  if (held == 0 || held == groups) {
    return jg_err_set(err, JG_ERROR,
                      "held_out leaves %s of %zu input groups for scoring: "
                      "choose a share such as 0.3",
                      held == 0 ? "none" : "all", groups);
  }
  return JG_OK;
}

/* Deals the groups out in the order of their ranks. */
static void deal_groups(struct place *places, size_t groups, int folds) {
  size_t i;

  assert(folds >= 2 && groups >= (size_t)folds);
  qsort(places, groups, sizeof *places, by_rank);
  for (i = 0; i < groups; i++) {
    places[i].fold = (int)(i % (size_t)folds);
  }
  qsort(places, groups, sizeof *places, by_group);
}

static void fill_folds(const struct jg_row *rows, size_t count,
                       const struct place *places, size_t groups, int *fold) {
  size_t i;

  for (i = 0; i < count; i++) {
    struct place key = {.group = rows[i].group};
    const struct place *found =
        bsearch(&key, places, groups, sizeof *places, by_group);
    assert(found != NULL); /* the groups are those of the rows */
    fold[i] = found->fold;
  }
}

/* Decides on all groups; out->fold has room for all rows. */
static int plan(const struct jg_row *rows, size_t count, uint64_t seed,
                double held_out, struct place *places, struct jg_split *out,
                struct jg_err *err) {
  out->groups = find_groups(rows, count, seed, places);
  if (out->groups < 2) {
    return jg_err_set(err, JG_ERROR,
                      "the %zu labelled traces have %zu distinct inputs: at "
                      "least 2 are needed, since a row never scores a version "
                      "that saw its inputs",
                      count, out->groups);
  }
  out->cross_fitted = out->groups < JG_SPLIT_GROUPS;
  if (!out->cross_fitted) {
    out->folds = 2;
    if (split_groups(places, out->groups, held_out, err) != JG_OK) {
      return err->code;
    }
  } else {
    out->folds =
        out->groups < JG_SPLIT_FOLDS ? (int)out->groups : JG_SPLIT_FOLDS;
    deal_groups(places, out->groups, out->folds);
  }
  fill_folds(rows, count, places, out->groups, out->fold);
  return JG_OK;
}

int jg_split_plan(const struct jg_row *rows, size_t count, uint64_t seed,
                  double held_out, struct jg_split *out, struct jg_err *err) {
  struct place *places;

  memset(out, 0, sizeof *out);
  if (err->code != JG_OK) {
    return err->code;
  }
  places = jg_mem_new(count, sizeof *places, err);
  out->fold = jg_mem_new(count, sizeof *out->fold, err);
  if (places != NULL && out->fold != NULL) {
    plan(rows, count, seed, held_out, places, out, err);
  }
  if (err->code != JG_OK) {
    jg_split_dispose(out);
  }
  jg_mem_free(places);
  return err->code;
}

void jg_split_dispose(struct jg_split *split) {
  if (split != NULL) {
    jg_mem_free(split->fold);
    memset(split, 0, sizeof *split);
  }
}
