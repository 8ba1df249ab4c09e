/*
** The pieces of SQL text. The rules are those of SQLite's tokenize.c; where the
** two differed, a text could end the parentheses that it was put into.
*/
#include "core/sqltext.h"

#include <string.h>

#include "core/text.h"

static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & 0x80) != 0;
}

/* Past the comment at at; NULL when it does not end. */
static const char *after_comment(const char *at) {
  if (*at == '-') {
    return at + strcspn(at, "\n");
  }
  const char *end = strstr(at + 2, "*/");
  return end ? end + 2 : NULL;
}

/* Past the quote at at, in which a doubled one stands for itself; NULL when it
** does not end. */
static const char *after_quote(const char *at) {
  char close = *at == '[' ? ']' : *at;
  for (at++; *at; at++) {
    if (*at != close) {
      continue;
    }
    if (close == ']' || at[1] != close) {
      return at + 1;
    }
    at++;
  }
  return NULL;
}

/* Past a parameter. "$a(x)" is one, whatever x is, quotes included: a suffix
** that Tcl's variables have, and that ends at a space too. */
static const char *after_parameter(const char *at) {
  int names = 0;
  if (*at == '?') {
    return at + 1 + strspn(at + 1, "0123456789");
  }
  for (at++; *at; at++) {
    if (is_name(*at)) {
      names++;
    } else if (*at == '(' && names > 0) {
      at += 1 + strcspn(at + 1, " \t\n\v\f\r)");
      return *at == ')' ? at + 1 : at;
    } else if (at[0] == ':' && at[1] == ':') {
      at++;
    } else {
      break;
    }
  }
  return at;
}

static const char *after_name(const char *at) {
  while (is_name(*at)) {
    at++;
  }
  return at;
}

static enum jg_sqltext_kind kind_at(const char *at) {
  if (is_space(*at) || (at[0] == '-' && at[1] == '-') ||
      (at[0] == '/' && at[1] == '*')) {
    return JG_SQLTEXT_SPACE;
  }
  if (strchr("'\"`[", *at)) {
    return JG_SQLTEXT_QUOTED;
  }
  if (strchr("?:@$#", *at)) {
    return JG_SQLTEXT_PARAMETER;
  }
  return is_name(*at) ? JG_SQLTEXT_WORD
         : *at == '(' ? JG_SQLTEXT_OPEN
         : *at == ')' ? JG_SQLTEXT_CLOSE
         : *at == ';' ? JG_SQLTEXT_SEMICOLON
                      : JG_SQLTEXT_OTHER;
}

const char *jg_sqltext_next(const char *at, struct jg_sqltext *piece) {
  const char *end = at + 1;
  if (*at == '\0') {
    return NULL;
  }
  piece->kind = kind_at(at);
  piece->at = at;
  if (piece->kind == JG_SQLTEXT_SPACE && !is_space(*at)) {
    end = after_comment(at);
  } else if (piece->kind == JG_SQLTEXT_QUOTED) {
    end = after_quote(at);
  } else if (piece->kind == JG_SQLTEXT_PARAMETER) {
    end = after_parameter(at);
  } else if (piece->kind == JG_SQLTEXT_WORD) {
    end = after_name(at);
  }
  if (!end) {
    piece->kind = JG_SQLTEXT_UNFINISHED;
    end = at + strlen(at);
  }
  piece->bytes = (size_t)(end - at);
  return end;
}

const char *jg_sqltext_first(const char *at, struct jg_sqltext *piece) {
  do {
    at = jg_sqltext_next(at, piece);
  } while (at && piece->kind == JG_SQLTEXT_SPACE);
  return at;
}

int jg_sqltext_is(const struct jg_sqltext *piece, const char *word) {
  return piece->kind == JG_SQLTEXT_WORD &&
         jg_text_samen(piece->at, piece->bytes, word, strlen(word));
}

int jg_sqltext_calls(const char *sql, const char *function) {
  struct jg_sqltext piece;
  int named = 0, is_table = 0;
  for (const char *at = sql; (at = jg_sqltext_first(at, &piece)) != NULL;) {
    if (named && piece.kind == JG_SQLTEXT_OPEN) {
      return 1;
    }
    named = !is_table && jg_sqltext_is(&piece, function);
    is_table = jg_sqltext_is(&piece, "into") || *piece.at == '.';
  }
  return 0;
}

const char *jg_sqltext_expression_fault(const char *sql) {
  struct jg_sqltext piece;
  int depth = 0, any = 0;
  for (const char *at = sql; (at = jg_sqltext_first(at, &piece)) != NULL;) {
    any = 1;
    switch (piece.kind) {
    case JG_SQLTEXT_UNFINISHED:
      return "a quote or comment does not end";
    case JG_SQLTEXT_SEMICOLON:
      return "a semicolon cannot be part of an expression";
    case JG_SQLTEXT_PARAMETER:
      return "a parameter has no value here: write the value itself";
    case JG_SQLTEXT_OPEN:
      depth++;
      break;
    case JG_SQLTEXT_CLOSE:
      if (depth-- == 0) {
        return "a closing parenthesis has no opening one";
      }
      break;
    default:
      break;
    }
  }
  return !any        ? "it is empty"
         : depth > 0 ? "a parenthesis is not closed"
                     : NULL;
}

const char *jg_sqltext_select_fault(const char *sql) {
  struct jg_sqltext piece;
  int ended = 0;
  const char *at = jg_sqltext_first(sql, &piece);
  if (!at ||
      !(jg_sqltext_is(&piece, "select") || jg_sqltext_is(&piece, "with") ||
        jg_sqltext_is(&piece, "values"))) {
    return "it must be one SELECT";
  }
  while ((at = jg_sqltext_first(at, &piece)) != NULL) {
    if (piece.kind == JG_SQLTEXT_UNFINISHED) {
      return "a quote or comment does not end";
    }
    if (piece.kind == JG_SQLTEXT_PARAMETER) {
      return "a parameter has no value here: write the value itself";
    }
    if (ended && piece.kind != JG_SQLTEXT_SEMICOLON) {
      return "it must be one SELECT";
    }
    ended = piece.kind == JG_SQLTEXT_SEMICOLON;
  }
  return NULL;
}
