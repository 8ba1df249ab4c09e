/* Seeded randomness: the same numbers everywhere. */
#include "unit.h"
#include <string.h>
#include "core/rng.h"

TEST(rng_gives_the_published_sequence) {
  /* SplitMix64 from seed 1234567, as its reference implementations print. */
  static const uint64_t expected[] = {
      UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
      UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
      UINT64_C(16408922859458223821)};
  struct jg_rng rng;
  size_t i;

  jg_rng_init(&rng, 1234567);
  for (i = 0; i < 5; i++) {
    CHECK(jg_rng_next(&rng) == expected[i]);
  }
}

TEST(rng_below_stays_below_and_is_even) {
  struct jg_rng rng;
  int counts[6] = {0};
  int i;

  jg_rng_init(&rng, 42);
  for (i = 0; i < 60000; i++) {
    uint64_t x = jg_rng_below(&rng, 6);
    CHECK(x < 6);
    counts[x % 6]++;
  }
  for (i = 0; i < 6; i++) {
    CHECK_NEAR(counts[i], 10000, 400);
  }
  CHECK_INT(jg_rng_below(&rng, 1), 0);
  CHECK_INT(jg_rng_below(&rng, 0), 0);
}

TEST(rng_real_is_in_the_half_open_interval) {
  struct jg_rng rng;
  double sum = 0;
  int i;

  jg_rng_init(&rng, 7);
  for (i = 0; i < 10000; i++) {
    double x = jg_rng_real(&rng);
    CHECK(x >= 0 && x < 1);
    sum += x;
  }
  CHECK_NEAR(sum / 10000, 0.5, 0.01);
}

TEST(rng_shuffle_keeps_all_items) {
  struct jg_rng rng;
  size_t items[50];
  int seen[50] = {0};
  size_t moved = 0;
  size_t i;

  jg_rng_init(&rng, 9);
  for (i = 0; i < 50; i++) {
    items[i] = i;
  }
  jg_rng_shuffle(&rng, items, 50);
  for (i = 0; i < 50; i++) {
    seen[items[i]]++;
    moved += items[i] != i;
  }
  for (i = 0; i < 50; i++) {
    CHECK_INT(seen[i], 1);
  }
  CHECK(moved > 30);
}

TEST(rng_id_is_prefix_and_32_digits) {
  struct jg_rng rng;
  char id[JG_ID_BYTES], other[JG_ID_BYTES];

  jg_rng_init(&rng, 3);
  jg_rng_id(&rng, "tr-", id);
  jg_rng_id(&rng, "tr-", other);
  CHECK_INT(strlen(id), 35);
  CHECK_INT(strspn(id + 3, "0123456789abcdef"), 32);
  CHECK(strcmp(id, other) != 0);
  CHECK(jg_rng_system() != jg_rng_system());
}
