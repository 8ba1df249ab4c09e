/* Signing for Amazon: see sigv4.h. */
#include "llm/sigv4.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/mem.h"

#define HASH_BYTES 32
#define BLOCK_BYTES 64
#define TEXT_LIMIT_BYTES ((size_t)64 << 10)
#define SIGNED "host;x-amz-date"

static void hex_to_bytes(const char *hex, unsigned char bytes[HASH_BYTES]) {
  for (size_t i = 0; i < HASH_BYTES; i++) {
    unsigned value = 0;
    for (int k = 0; k < 2; k++) {
      char c = hex[2 * i + (size_t)k];
      value = value * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    bytes[i] = (unsigned char)value;
  }
}

/* HMAC-SHA-256 (RFC 2104). */
static void hmac(const unsigned char *key, size_t key_bytes, const char *text,
                 char hex[JG_DIGEST_HEX_BYTES]) {
  unsigned char block[BLOCK_BYTES] = {0}, inner[HASH_BYTES];
  struct jg_digest d;
  if (key_bytes > BLOCK_BYTES) {
    jg_digest_init(&d);
    jg_digest_add(&d, key, key_bytes);
    hex_to_bytes(jg_digest_hex(&d, hex), block);
  } else {
    memcpy(block, key, key_bytes);
  }
  for (size_t i = 0; i < BLOCK_BYTES; i++) {
    block[i] ^= 0x36;
  }
  jg_digest_init(&d);
  jg_digest_add(&d, block, BLOCK_BYTES);
  jg_digest_add(&d, text, strlen(text));
  hex_to_bytes(jg_digest_hex(&d, hex), inner);
  for (size_t i = 0; i < BLOCK_BYTES; i++) {
    block[i] ^= 0x36 ^ 0x5c;
  }
  jg_digest_init(&d);
  jg_digest_add(&d, block, BLOCK_BYTES);
  jg_digest_add(&d, inner, HASH_BYTES);
  jg_digest_hex(&d, hex);
}

/* The path as Amazon signs it: encoded once more, slashes aside. */
static void add_path(struct jg_buf *to, const char *path) {
  for (; *path != '\0'; path++) {
    unsigned char c = (unsigned char)*path;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || strchr("-._~/", c) != NULL) {
      jg_buf_putc(to, (char)c);
    } else {
      jg_buf_printf(to, "%%%02X", c);
    }
  }
}

static void body_hash(const struct jg_sigv4 *q, char hex[JG_DIGEST_HEX_BYTES]) {
  struct jg_digest d;
  jg_digest_init(&d);
  jg_digest_add(&d, q->body, q->body_bytes);
  jg_digest_hex(&d, hex);
}

/* The hash of what is signed: method, path, headers, body. */
static int canonical_hash(const struct jg_sigv4 *q, const char *date,
                          char hex[JG_DIGEST_HEX_BYTES], struct jg_err *err) {
  struct jg_buf text;
  struct jg_digest d;
  const char *host = strstr(q->url, "://");
  host = host == NULL ? q->url : host + 3;
  size_t host_bytes = strcspn(host, "/");
  jg_buf_init(&text, TEXT_LIMIT_BYTES);
  jg_buf_puts(&text, "POST\n");
  add_path(&text, host[host_bytes] == '\0' ? "/" : host + host_bytes);
  jg_buf_puts(&text, "\n\nhost:");
  jg_buf_add(&text, host, host_bytes);
  jg_buf_printf(&text, "\nx-amz-date:%s\n", date);
  if (q->token != NULL) {
    jg_buf_puts(&text, "x-amz-security-token:");
    jg_buf_puts(&text, q->token);
    jg_buf_putc(&text, '\n');
  }
  jg_buf_puts(&text, q->token == NULL ? "\n" SIGNED "\n"
                                      : "\n" SIGNED ";x-amz-security-token\n");
  body_hash(q, hex);
  jg_buf_puts(&text, hex);
  jg_digest_init(&d);
  jg_digest_add(&d, jg_buf_text(&text), text.len);
  jg_digest_hex(&d, hex);
  jg_buf_check(&text, err);
  jg_buf_dispose(&text);
  return err->code;
}

/* The key of a day, region and service, from the secret. */
static int signing_key(const struct jg_sigv4 *q, const char *day,
                       unsigned char key[HASH_BYTES], struct jg_err *err) {
  char hex[JG_DIGEST_HEX_BYTES];
  struct jg_buf first;
  jg_buf_init(&first, TEXT_LIMIT_BYTES);
  jg_buf_puts(&first, "AWS4");
  jg_buf_puts(&first, q->secret);
  hmac((const unsigned char *)jg_buf_text(&first), first.len, day, hex);
  jg_buf_check(&first, err);
  jg_buf_dispose(&first);
  const char *const steps[] = {q->region, q->service, "aws4_request"};
  for (size_t i = 0; i < 3; i++) {
    hex_to_bytes(hex, key);
    hmac(key, HASH_BYTES, steps[i], hex);
  }
  hex_to_bytes(hex, key);
  return err->code;
}

/* "20261124T055649Z" */
static void date_text(int64_t wall_ms, char date[20]) {
  char text[JG_CLOCK_TEXT_BYTES];
  jg_clock_format(wall_ms, text);
  snprintf(date, 20, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", text, text + 5, text + 8,
           text + 11, text + 14, text + 17);
}

static int write_lines(const struct jg_sigv4 *q, const char *date,
                       const char *scope, const char *signature,
                       char *lines[JG_SIGV4_LINES], size_t *count,
                       struct jg_err *err) {
  struct jg_buf line;
  jg_buf_init(&line, TEXT_LIMIT_BYTES);
  jg_buf_puts(&line, "Authorization: AWS4-HMAC-SHA256 Credential=");
  jg_buf_puts(&line, q->id);
  jg_buf_printf(&line, "/%s, SignedHeaders=" SIGNED "%s, Signature=%s", scope,
                q->token == NULL ? "" : ";x-amz-security-token", signature);
  lines[(*count)++] = jg_buf_take(&line, err);
  jg_buf_printf(&line, "X-Amz-Date: %s", date);
  lines[(*count)++] = jg_buf_take(&line, err);
  if (q->token != NULL) {
    jg_buf_puts(&line, "X-Amz-Security-Token: ");
    jg_buf_puts(&line, q->token);
    lines[(*count)++] = jg_buf_take(&line, err);
  }
  jg_buf_dispose(&line);
  return err->code;
}

int jg_sigv4_sign(const struct jg_sigv4 *q, char *lines[JG_SIGV4_LINES],
                  size_t *count, struct jg_err *err) {
  char date[20], hex[JG_DIGEST_HEX_BYTES];
  unsigned char key[HASH_BYTES];
  struct jg_buf scope, text;
  *count = 0;
  date_text(q->wall_ms, date);
  jg_buf_init(&scope, TEXT_LIMIT_BYTES);
  jg_buf_init(&text, TEXT_LIMIT_BYTES);
  jg_buf_printf(&scope, "%.8s/%s/%s/aws4_request", date, q->region, q->service);
  if (canonical_hash(q, date, hex, err) == JG_OK) {
    jg_buf_printf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date,
                  jg_buf_text(&scope), hex);
    char day[9] = {0};
    memcpy(day, date, 8);
    if (signing_key(q, day, key, err) == JG_OK &&
        jg_buf_check(&text, err) == JG_OK) {
      hmac(key, HASH_BYTES, jg_buf_text(&text), hex);
      write_lines(q, date, jg_buf_text(&scope), hex, lines, count, err);
    }
  }
  jg_buf_dispose(&text);
  jg_buf_dispose(&scope);
  return err->code;
}
