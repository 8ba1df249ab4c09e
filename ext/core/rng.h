/* Seeded randomness (SplitMix64: Steele, Lea, Flood 2014): same seed, same
** numbers, on every machine. */
#ifndef JG_CORE_RNG_H
#define JG_CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct jg_rng {
  uint64_t state;
};

void jg_rng_init(struct jg_rng *rng, uint64_t seed);
uint64_t jg_rng_next(struct jg_rng *rng);
uint64_t jg_rng_below(struct jg_rng *rng, uint64_t bound); /* unbiased */
double jg_rng_real(struct jg_rng *rng);                    /* [0, 1) */
void jg_rng_shuffle(struct jg_rng *rng, size_t *items, size_t count);
/* Seed from the system, for jitter and ids. */
uint64_t jg_rng_system(void);
/* prefix followed by 32 hex digits. */
#define JG_ID_BYTES 40
char *jg_rng_id(struct jg_rng *rng, const char *prefix, char id[JG_ID_BYTES]);

#endif
