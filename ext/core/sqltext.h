/*
** SQL text cut into pieces as SQLite's own tokenizer does: as far as is needed
** to tell what stands in a quote or comment from what is SQL.
**
**   struct jg_sqltext piece;
**   for (at = sql; (at = jg_sqltext_next(at, &piece)) != NULL;) { ... }
*/
#ifndef JG_CORE_SQLTEXT_H
#define JG_CORE_SQLTEXT_H

#include <stddef.h>

enum jg_sqltext_kind {
  JG_SQLTEXT_SPACE,     /* and comments */
  JG_SQLTEXT_WORD,      /* a name, keyword or number without its sign */
  JG_SQLTEXT_QUOTED,    /* a text or a name in any of the four quotes */
  JG_SQLTEXT_PARAMETER, /* ?1, @a, :a, $a, #1 with all that SQLite counts in */
  JG_SQLTEXT_OPEN,      /* ( */
  JG_SQLTEXT_CLOSE,     /* ) */
  JG_SQLTEXT_SEMICOLON,
  JG_SQLTEXT_OTHER,     /* one byte of an operator */
  JG_SQLTEXT_UNFINISHED /* a quote or comment without its end */
};

struct jg_sqltext {
  enum jg_sqltext_kind kind;
  const char *at; /* lent by the text */
  size_t bytes;
};

/* The piece that begins at at; returns where the next one begins, or NULL at
** the end of the text. */
const char *jg_sqltext_next(const char *at, struct jg_sqltext *piece);
/* The first piece that is no space; NULL at the end. */
const char *jg_sqltext_first(const char *at, struct jg_sqltext *piece);
/* Is the piece this word, in any case? */
int jg_sqltext_is(const struct jg_sqltext *piece, const char *word);
/* Does the text call this function: the word, then a parenthesis? What stands
** in quotes and comments does not count, nor a table that is written to. */
int jg_sqltext_calls(const char *sql, const char *function);
/* What keeps the text from being one expression within parentheses, or NULL. */
const char *jg_sqltext_expression_fault(const char *sql);
/* What keeps the text from being one SELECT, or NULL. Whether it is right is
** for SQLite to say; that it is a SELECT and no PRAGMA must be known before,
** since preparing a PRAGMA sets it. */
const char *jg_sqltext_select_fault(const char *sql);

#endif
