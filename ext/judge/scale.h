/*
** The value type of a judge: what a verdict or a label under its name may be.
** Stored and shown as one text: "str", "bool", "int", "float", or the JSON list
** of allowed values, worst to best.
*/
#ifndef JG_JUDGE_SCALE_H
#define JG_JUDGE_SCALE_H

#include <stddef.h>
#include "core/json.h"
#include "core/value.h"

enum jg_scale_type {
  JG_SCALE_STR = 0, /* free text */
  JG_SCALE_BOOL,    /* stored as integer 1 or 0 */
  JG_SCALE_INT,
  JG_SCALE_FLOAT,
  JG_SCALE_LIST /* declared values, worst to best */
};

struct jg_scale {
  enum jg_scale_type type;
  struct jg_value *values; /* LIST: owned texts or numbers, in order */
  size_t count;
};

/* Reads feedback_value_type: NULL or "" is str; a bare word; a JSON text
** ("\"bool\"") or a JSON list. Each fault has its own message. */
int jg_scale_parse(const char *text, struct jg_scale *out, struct jg_err *err);
void jg_scale_dispose(struct jg_scale *scale);
int jg_scale_copy(struct jg_scale *to, const struct jg_scale *from,
                  struct jg_err *err);
/* The stored text of the type ("bool", ["Bad","Good"]). */
void jg_scale_write(const struct jg_scale *scale, struct jg_buf *to);
/* The SQL word of value_type for an assessment: str, bool, int, float. */
const char *jg_scale_word(const struct jg_scale *scale,
                          const struct jg_value *value);
/* The declared spelling of given (trimmed, ASCII case aside; numeric text for
** numeric types; true/false, yes/no, 1/0 for bool), owned by *out. An error
** names the value and what is allowed: "value 'Great' of judge 'quality' is not
** declared: use one of Bad, Good". judge may be NULL. */
int jg_scale_fit(const struct jg_scale *scale, const char *judge,
                 const struct jg_value *given, struct jg_value *out,
                 struct jg_err *err);
/* The error of jg_scale_fit alone, for a value known not to fit. */
int jg_scale_refuse(const struct jg_scale *scale, const char *judge,
                    const struct jg_value *given, struct jg_err *err);
/* Position in the declared order, from 0; bool: 0 and 1; -1 otherwise. */
int jg_scale_position(const struct jg_scale *scale,
                      const struct jg_value *value);
/* LIST of two and more, INT, FLOAT: quadratic kappa and mae make sense. bool
** and text do not count; nor does a two-valued list (yes/no). */
int jg_scale_is_ordered(const struct jg_scale *scale);
/* no, false, 0, or the lower half of a declared order. */
int jg_scale_is_negative(const struct jg_scale *scale,
                         const struct jg_value *value);
/* The JSON Schema of a value of this type (one JSON object). */
void jg_scale_schema(const struct jg_scale *scale, const char *description,
                     struct jg_jsonw *w);

#endif
