/* Who may be scored by whom. */
#include "unit.h"
#include <string.h>
#include "align/split.h"
#include "core/mem.h"

#define ROWS_MAX 1200

static struct jg_row rows[ROWS_MAX];

/* count rows, per_group of each input. */
static void make_rows(size_t count, size_t per_group) {
  size_t i;

  memset(rows, 0, sizeof rows);
  for (i = 0; i < count; i++) {
    rows[i].group = (i / per_group) * UINT64_C(0x9e3779b97f4a7c15) + 1;
  }
}

static int is_group_whole(const struct jg_split *split, size_t count) {
  size_t i, j;

  for (i = 0; i < count; i++) {
    for (j = i + 1; j < count && j < i + 5; j++) {
      if (rows[i].group == rows[j].group && split->fold[i] != split->fold[j]) {
        return 0;
      }
    }
  }
  return 1;
}

static size_t count_fold(const struct jg_split *split, size_t count, int fold) {
  size_t found = 0;
  size_t i;

  for (i = 0; i < count; i++) {
    found += split->fold[i] == fold;
  }
  return found;
}

TEST(split_from_200_groups_on_is_about_70_to_30) {
  struct jg_split split;
  struct jg_err err = {0};
  size_t held;

  make_rows(1200, 3);
  CHECK_INT(jg_split_plan(rows, 1200, 0, 0.3, &split, &err), JG_OK);
  CHECK_INT(split.groups, 400);
  CHECK_INT(split.cross_fitted, 0);
  CHECK_INT(split.folds, 2);
  CHECK(is_group_whole(&split, 1200));
  held = count_fold(&split, 1200, 1);
  CHECK(held > 1200 * 22 / 100 && held < 1200 * 38 / 100);
  CHECK_INT(count_fold(&split, 1200, 0), 1200 - held);
  jg_split_dispose(&split);
}

TEST(split_of_a_group_does_not_depend_on_the_other_rows) {
  struct jg_split all, part;
  struct jg_err err = {0};
  size_t i, moved = 0;

  make_rows(1000, 2);
  CHECK_INT(jg_split_plan(rows, 1000, 0, 0.3, &all, &err), JG_OK);
  CHECK_INT(jg_split_plan(rows + 300, 500, 0, 0.3, &part, &err), JG_OK);
  for (i = 0; i < 500; i++) {
    moved += part.fold[i] != all.fold[300 + i];
  }
  CHECK_INT(moved, 0);
  jg_split_dispose(&part);
  jg_split_dispose(&all);
}

/* Splits are stored in users' files: a later version must not move a group. */
TEST(split_sides_never_change_between_versions) {
  static const char expected[] = "100000100110000000100011";
  struct jg_split split;
  struct jg_err err = {0};
  char got[sizeof expected] = "";
  size_t i;

  memset(rows, 0, sizeof rows);
  for (i = 0; i < 240; i++) {
    rows[i].group = i;
  }
  CHECK_INT(jg_split_plan(rows, 240, 0, 0.3, &split, &err), JG_OK);
  for (i = 0; i + 1 < sizeof expected; i++) {
    got[i] = (char)('0' + split.fold[i]);
  }
  CHECK_TEXT(got, expected);
  jg_split_dispose(&split);
}

TEST(split_199_groups_are_cross_fitted_in_five_even_folds) {
  struct jg_split split;
  struct jg_err err = {0};
  int fold;

  make_rows(398, 2);
  CHECK_INT(jg_split_plan(rows, 398, 0, 0.3, &split, &err), JG_OK);
  CHECK_INT(split.groups, 199);
  CHECK_INT(split.cross_fitted, 1);
  CHECK_INT(split.folds, 5);
  CHECK(is_group_whole(&split, 398));
  for (fold = 0; fold < 5; fold++) {
    size_t found = count_fold(&split, 398, fold);
    CHECK(found == 78 || found == 80);
  }
  jg_split_dispose(&split);
}

TEST(split_seed_changes_the_plan_and_repeats_it) {
  struct jg_split a, b, again;
  struct jg_err err = {0};

  make_rows(100, 1);
  jg_split_plan(rows, 100, 0, 0.3, &a, &err);
  jg_split_plan(rows, 100, 7, 0.3, &b, &err);
  jg_split_plan(rows, 100, 7, 0.3, &again, &err);
  CHECK_INT(err.code, JG_OK);
  CHECK(memcmp(a.fold, b.fold, 100 * sizeof *a.fold) != 0);
  CHECK(memcmp(again.fold, b.fold, 100 * sizeof *a.fold) == 0);
  jg_split_dispose(&a);
  jg_split_dispose(&b);
  jg_split_dispose(&again);
}

TEST(split_few_groups_make_few_folds) {
  struct jg_split split;
  struct jg_err err = {0};

  make_rows(6, 2);
  CHECK_INT(jg_split_plan(rows, 6, 0, 0.3, &split, &err), JG_OK);
  CHECK_INT(split.folds, 3);
  CHECK_INT(count_fold(&split, 6, 2), 2);
  jg_split_dispose(&split);
}

TEST(split_one_group_is_an_error) {
  struct jg_split split;
  struct jg_err err = {0};

  make_rows(4, 4);
  CHECK_INT(jg_split_plan(rows, 4, 0, 0.3, &split, &err), JG_ERROR);
  CHECK(split.fold == NULL);
  CHECK(strstr(err.text, "at least 2") != NULL);
}

TEST(split_a_share_that_holds_nothing_out_is_an_error) {
  static const double shares[] = {0.0, 1.0};
  size_t i;

  make_rows(300, 1);
  for (i = 0; i < 2; i++) {
    struct jg_split split;
    struct jg_err err = {0};
    CHECK_INT(jg_split_plan(rows, 300, 0, shares[i], &split, &err), JG_ERROR);
    CHECK(strstr(err.text, "held_out") != NULL);
  }
}

TEST(split_without_memory) {
  long n;

  make_rows(10, 1);
  for (n = 1; n == 1 || unit_allocation_failed(); n++) {
    struct jg_split split;
    struct jg_err err = {0};
    int rc;
    unit_fail_allocation(n);
    rc = jg_split_plan(rows, 10, 0, 0.3, &split, &err);
    CHECK(rc == JG_OK ? split.fold != NULL
                      : rc == JG_NOMEM && split.fold == NULL);
    jg_split_dispose(&split);
  }
  CHECK(n > 2);
}
