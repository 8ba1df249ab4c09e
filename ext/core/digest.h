/* SHA-256 (FIPS 180-4). */
#ifndef JG_CORE_DIGEST_H
#define JG_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define JG_DIGEST_HEX_BYTES 65

struct jg_digest {
  uint32_t state[8];
  uint64_t bytes;
  unsigned char block[64];
};

void jg_digest_init(struct jg_digest *d);
void jg_digest_add(struct jg_digest *d, const void *data, size_t bytes);
/* Adds the length too, so that ("ab","c") and ("a","bc") differ; NULL differs
** from "". */
void jg_digest_field(struct jg_digest *d, const char *text);
char *jg_digest_hex(struct jg_digest *d, char hex[JG_DIGEST_HEX_BYTES]);
/* First 8 bytes of SHA-256 of the text as a number. */
uint64_t jg_digest_u64(const char *text, size_t bytes);

#endif
