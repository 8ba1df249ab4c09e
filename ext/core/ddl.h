/*
** The parts of a CREATE TABLE statement, as sqlite_schema holds it:
**
**   CREATE TABLE t(a INT, b TEXT CHECK(b <> ','), UNIQUE(a)) STRICT
**
** has the parts "a INT", "b TEXT CHECK(b <> ',')" and "UNIQUE(a)", and the tail
** "STRICT". White space and comments around a part are not of it.
*/
#ifndef JG_CORE_DDL_H
#define JG_CORE_DDL_H

#include <stddef.h>
#include "core/err.h"

struct jg_ddl_part {
  const char *text; /* lent by the statement */
  size_t bytes;
  char *name; /* of a column, unquoted; NULL: a constraint of the table */
};

struct jg_ddl {
  struct jg_ddl_part *parts;
  size_t count, cap;
  const char *tail; /* lent; behind the closing parenthesis */
  size_t tail_bytes;
};

/* An error when there is no list of columns in sql. *out holds nothing before,
** and is disposed of by the caller in any case. */
int jg_ddl_read(const char *sql, struct jg_ddl *out, struct jg_err *err);
/* The column's place among the parts, ASCII case aside; -1: there is none. */
int jg_ddl_find(const struct jg_ddl *ddl, const char *name);
void jg_ddl_dispose(struct jg_ddl *ddl);

#endif
