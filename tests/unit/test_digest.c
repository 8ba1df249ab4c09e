/* SHA-256 against the examples of FIPS 180-4. */
#include "unit.h"
#include <string.h>
#include "core/digest.h"

static const char *hex_of(const char *text, size_t bytes) {
  static char hex[JG_DIGEST_HEX_BYTES];
  struct jg_digest d;

  jg_digest_init(&d);
  jg_digest_add(&d, text, bytes);
  return jg_digest_hex(&d, hex);
}

TEST(digest_gives_the_published_values) {
  static const struct {
    const char *text, *hex;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  size_t i;

  for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_TEXT(hex_of(cases[i].text, strlen(cases[i].text)), cases[i].hex);
  }
}

TEST(digest_takes_a_million_letters_in_odd_pieces) {
  struct jg_digest d;
  char piece[97];
  char hex[JG_DIGEST_HEX_BYTES];
  size_t left = 1000000;

  memset(piece, 'a', sizeof piece);
  jg_digest_init(&d);
  while (left > 0) {
    size_t part = left < sizeof piece ? left : sizeof piece;
    jg_digest_add(&d, piece, part);
    left -= part;
  }
  CHECK_TEXT(
      jg_digest_hex(&d, hex),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void fields(const char *a, const char *b,
                   char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;

  jg_digest_init(&d);
  jg_digest_field(&d, a);
  jg_digest_field(&d, b);
  jg_digest_hex(&d, hex);
}

TEST(digest_fields_keep_their_borders) {
  char x[JG_DIGEST_HEX_BYTES], y[JG_DIGEST_HEX_BYTES];

  fields("ab", "c", x);
  fields("a", "bc", y);
  CHECK(strcmp(x, y) != 0);
  fields("", "a", x);
  fields(NULL, "a", y);
  CHECK(strcmp(x, y) != 0);
}

TEST(digest_u64_is_the_first_eight_bytes) {
  CHECK(jg_digest_u64("abc", 3) == 0xba7816bf8f01cfeaULL);
}
