/*
** A growable text buffer with a hard limit. Failure sticks: after the first
** one every call does nothing, so a run of calls is checked once at its end
** with jg_buf_check() or jg_buf_take(). The text is always terminated.
*/
#ifndef JG_CORE_BUF_H
#define JG_CORE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"

struct jg_buf {
  char *data;          /* NULL while empty */
  size_t len;          /* bytes without the terminator */
  size_t cap;          /* bytes allocated */
  size_t limit;        /* len never passes it */
  enum jg_code failed; /* JG_OK, JG_NOMEM, or JG_ERROR when over the limit */
};

#define JG_BUF_LIMIT_BYTES ((size_t)256 << 20)

void jg_buf_init(struct jg_buf *buf, size_t limit_bytes);
void jg_buf_dispose(struct jg_buf *buf); /* leaves an empty buffer */
void jg_buf_clear(struct jg_buf *buf);   /* keeps the memory and the limit */
void jg_buf_add(struct jg_buf *buf, const void *data, size_t bytes);
void jg_buf_puts(struct jg_buf *buf, const char *text); /* NULL adds nothing */
void jg_buf_putc(struct jg_buf *buf, char c);
/* Not for floats: printf follows the host's locale. */
void jg_buf_printf(struct jg_buf *buf, const char *format, ...) JG_PRINTF(2, 3);
/* The shortest text that reads back as x, with a point in every locale;
** a whole number below 2^53 has ".0" appended; nan and inf give "null". */
void jg_buf_real(struct jg_buf *buf, double x);
/* x with exactly digits decimals. */
void jg_buf_fixed(struct jg_buf *buf, double x, int digits);
/* Hands the text over (never NULL on success, "" when empty). In any case the
** buffer holds nothing afterwards. */
char *jg_buf_take(struct jg_buf *buf, struct jg_err *err) JG_MUST_USE;
const char *jg_buf_text(const struct jg_buf *buf); /* lent; "" when empty */
int jg_buf_check(const struct jg_buf *buf, struct jg_err *err);

#endif
