/*
** SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
** generators", OOPSLA 2014.
*/
#include "core/rng.h"
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void jg_rng_init(struct jg_rng *rng, uint64_t seed) {
  rng->state = seed;
}

uint64_t jg_rng_next(struct jg_rng *rng) {
  uint64_t z = (rng->state += UINT64_C(0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint64_t jg_rng_below(struct jg_rng *rng, uint64_t bound) {
  uint64_t uneven, x;

  if (bound == 0) {
    return 0;
  }
  /* 2^64 mod bound: the lowest so many numbers would be drawn once too often,
  ** so they are thrown back. */
  uneven = (UINT64_MAX - bound + 1) % bound;
  do {
    x = jg_rng_next(rng);
  } while (x < uneven);
  return x % bound;
}

double jg_rng_real(struct jg_rng *rng) {
  return (double)(jg_rng_next(rng) >> 11) / 9007199254740992.0;
}

void jg_rng_shuffle(struct jg_rng *rng, size_t *items, size_t count) {
  size_t i;

  for (i = count; i > 1; i--) {
    size_t other = (size_t)jg_rng_below(rng, i);
    size_t kept = items[i - 1];
    items[i - 1] = items[other];
    items[other] = kept;
  }
}

uint64_t jg_rng_system(void) {
  uint64_t seed = 0;
  ssize_t got = 0;
  struct timespec now = {0, 0};
  struct jg_rng mix;
  int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

  if (file >= 0) {
    got = read(file, &seed, sizeof seed);
    close(file);
  }
  if (got == (ssize_t)sizeof seed) {
    return seed;
  }
  /* No such device, as in some containers: good enough for jitter and ids. */
  clock_gettime(CLOCK_REALTIME, &now);
  jg_rng_init(&mix, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
                        ((uint64_t)getpid() << 40) + (uint64_t)(size_t)&seed);
  return jg_rng_next(&mix);
}

char *jg_rng_id(struct jg_rng *rng, const char *prefix, char id[JG_ID_BYTES]) {
  unsigned long long high = jg_rng_next(rng);
  unsigned long long low = jg_rng_next(rng);

  assert(strlen(prefix) <= 7); /* JG_ID_BYTES holds no more */
  snprintf(id, JG_ID_BYTES, "%.7s%016llx%016llx", prefix, high, low);
  return id;
}
