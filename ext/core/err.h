/*
** One way to fail. A function that can fail takes a struct jg_err last and
** returns its code. The first failure wins: setting a second one, or calling a
** helper whose error is set already, does nothing.
*/
#ifndef JG_CORE_ERR_H
#define JG_CORE_ERR_H

#include <stdarg.h>

#define JG_ERR_BYTES 2048

#if defined(__GNUC__)
#define JG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define JG_MUST_USE __attribute__((warn_unused_result))
#else
#define JG_PRINTF(fmt, args)
#define JG_MUST_USE
#endif

enum jg_code {
  JG_OK = 0,
  JG_ERROR,       /* the text says what is wrong and what to do */
  JG_NOMEM,       /* memory ran out */
  JG_INTERRUPTED, /* the host called sqlite3_interrupt() */
  JG_SQLITE       /* SQLite refused; sqlite_code tells why */
};

struct jg_err {
  enum jg_code code;
  int sqlite_code;         /* SQLite's result code when code is JG_SQLITE */
  char text[JG_ERR_BYTES]; /* one line, always terminated; cut at a
                            ** character when too long */
};

/* Sets the error unless one is set; returns the code that err now holds. */
int jg_err_set(struct jg_err *err, enum jg_code code, const char *format, ...)
    JG_PRINTF(3, 4);
int jg_err_setv(struct jg_err *err, enum jg_code code, const char *format,
                va_list args);
int jg_err_nomem(struct jg_err *err);
void jg_err_clear(struct jg_err *err);

#endif
