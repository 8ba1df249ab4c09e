/*
** SHA-256 as FIPS 180-4, section 6.2, writes it down.
*/
#include "core/digest.h"
#include <assert.h>
#include <string.h>

/* Cube roots of the first 64 primes, section 4.2.2. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int bits) {
  return (x >> bits) | (x << (32 - bits));
}

static void schedule(const unsigned char *block, uint32_t w[64]) {
  int t;

  for (t = 0; t < 16; t++, block += 4) {
    w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
           (uint32_t)block[2] << 8 | (uint32_t)block[3];
  }
  for (; t < 64; t++) {
    uint32_t a = w[t - 15];
    uint32_t b = w[t - 2];
    w[t] = w[t - 16] + w[t - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >> 3)) +
           (turn(b, 17) ^ turn(b, 19) ^ (b >> 10));
  }
}

static void take_block(uint32_t state[8], const unsigned char *block) {
  uint32_t w[64];
  uint32_t v[8]; /* a to h of the standard */
  int t;

  schedule(block, w);
  memcpy(v, state, sizeof v);
  for (t = 0; t < 64; t++) {
    uint32_t t1 = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
                  ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[t] + w[t];
    uint32_t t2 = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
                  ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof v[0]);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (t = 0; t < 8; t++) {
    state[t] += v[t];
  }
}

void jg_digest_init(struct jg_digest *d) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                    0xa54ff53a, 0x510e527f, 0x9b05688c,
                                    0x1f83d9ab, 0x5be0cd19};
  memset(d, 0, sizeof *d);
  memcpy(d->state, start, sizeof start);
}

void jg_digest_add(struct jg_digest *d, const void *data, size_t bytes) {
  const unsigned char *at = data;

  assert(data != NULL || bytes == 0);
  while (bytes > 0) {
    size_t held = (size_t)(d->bytes % 64);
    size_t part = 64 - held < bytes ? 64 - held : bytes;
    memcpy(d->block + held, at, part);
    d->bytes += part;
    at += part;
    bytes -= part;
    if (held + part == 64) {
      take_block(d->state, d->block);
    }
  }
}

static void put_u64(uint64_t x, unsigned char out[8]) {
  int i;

  for (i = 0; i < 8; i++) {
    out[i] = (unsigned char)(x >> (56 - 8 * i));
  }
}

void jg_digest_field(struct jg_digest *d, const char *text) {
  unsigned char head[9] = {0};
  size_t bytes = text == NULL ? 0 : strlen(text);

  head[0] = text != NULL;
  put_u64(bytes, head + 1);
  jg_digest_add(d, head, sizeof head);
  jg_digest_add(d, text, bytes);
}

static void finish(struct jg_digest *d) {
  static const unsigned char padding[64] = {0x80};
  unsigned char length[8];
  size_t held = (size_t)(d->bytes % 64);

  put_u64(d->bytes * 8, length);
  jg_digest_add(d, padding, held < 56 ? 56 - held : 120 - held);
  jg_digest_add(d, length, sizeof length);
  assert(d->bytes % 64 == 0); /* every block is taken */
}

char *jg_digest_hex(struct jg_digest *d, char hex[JG_DIGEST_HEX_BYTES]) {
  static const char digits[] = "0123456789abcdef";
  int i;

  finish(d);
  for (i = 0; i < 64; i++) {
    hex[i] = digits[d->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  }
  hex[64] = '\0';
  return hex;
}

uint64_t jg_digest_u64(const char *text, size_t bytes) {
  struct jg_digest d;

  jg_digest_init(&d);
  jg_digest_add(&d, text, bytes);
  finish(&d);
  return (uint64_t)d.state[0] << 32 | d.state[1];
}
