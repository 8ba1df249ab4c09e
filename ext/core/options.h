/*
** Options: one JSON object, read by a table. An unknown key is an error that
** names it and the nearest known one; a wrong type or range names key, value
** and what is allowed. A key with JSON null counts as not given.
**
**   static const struct jg_option TABLE[] = {
**     {"limit", JG_OPTION_INT, offsetof(struct o, limit), 0, INT64_MAX, 0},
**     {"labels", JG_OPTION_TEXT, offsetof(struct o, labels), 0, 0,
**      "auto|latest|majority|mean"},
**   };
*/
#ifndef JG_CORE_OPTIONS_H
#define JG_CORE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include "core/err.h"

struct jg_json;

enum jg_option_type {
  JG_OPTION_BOOL, /* int: true/false, also 1/0 */
  JG_OPTION_INT,  /* int64_t within min..max */
  JG_OPTION_REAL, /* double within min..max */
  JG_OPTION_TEXT, /* const char *, lent by the tree */
  JG_OPTION_JSON, /* const struct jg_json *, lent by the tree: any value */
  JG_OPTION_SQL /* struct jg_sql: SQL text, which only store/checked.c opens */
};

/* SQL text as somebody gave it. Nothing but store/checked.c may look inside, so
** that none is run unchecked; "make lint" sees to it. */
struct jg_sql {
  const char *unchecked; /* lent by the tree; NULL: not given */
};

struct jg_option {
  const char *key;
  enum jg_option_type type;
  size_t offset;       /* of the field in the caller's struct */
  int64_t min, max;    /* for INT and REAL; both 0: no bounds */
  const char *choices; /* for TEXT: "a|b|c", or NULL for any text */
};

/* Reads text (NULL or "" is an empty object) into *into, whose fields hold the
** defaults. *keep owns the texts: free it with jg_json_free() when done with
** the fields. command names the function in messages. */
int jg_options_read(const char *command, const char *text, size_t bytes,
                    const struct jg_option *table, size_t count, void *into,
                    struct jg_json **keep, struct jg_err *err);

#endif
