/*
** A verdict, or why there is none. Never both: either value is set, or
** error_code and error_message are.
*/
#ifndef JG_JUDGE_VERDICT_H
#define JG_JUDGE_VERDICT_H

#include "judge/judge.h"

struct jg_verdict {
  struct jg_value value; /* owned, fitted to the scale */
  char *rationale;       /* "" when the model gave none */
  char *error_code;      /* INVALID_JSON, MISSING_RESULT, ... */
  char *error_message;
  char *raw; /* the text that was refused, else NULL */
};

/* Reads the model's text: one JSON object {"result", "rationale"}, in a code
** fence or not; trailing text, duplicate keys, bad UTF-8, a missing result, a
** value outside the type are refused: the verdict then holds the error and the
** raw text, and the function still returns JG_OK (law 5). It fails only when
** memory runs out. */
int jg_verdict_parse(const struct jg_judge *judge, const char *text,
                     size_t bytes, struct jg_verdict *out, struct jg_err *err);
int jg_verdict_fail(struct jg_verdict *out, const char *code,
                    const char *message, const char *raw, struct jg_err *err);
void jg_verdict_dispose(struct jg_verdict *verdict);

#endif
