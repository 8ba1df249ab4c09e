/*
** Does an example show a guideline that cites it? The model only claims so. A
** cited example whose reviewers gave reasons must share a word with the
** guideline that says something: in the item, as far as the judge sees it, or in
** a reason. Function words, the declared values and words that stand in every
** guideline ("answer", "rating") do not count; of languages written without
** blanks it takes two characters that follow one another. An example without
** any reason can show what nobody has put into words: it is taken as it is.
*/
#ifndef JG_ALIGN_GROUNDS_H
#define JG_ALIGN_GROUNDS_H

#include "align/labels.h"

/* *shared is 0 when the guideline shares no word with the example. */
int jg_grounds_check(const struct jg_judge *judge, const char *guideline,
                     size_t bytes, const struct jg_row *row, int *shared,
                     struct jg_err *err);

/* *says is 1 when a reviewer's reason says the guideline: three words of it that
** say something, and seven tenths of them, stand in the reasons. Then the
** example is a source, whether the model names it or not. */
int jg_grounds_says(const struct jg_judge *judge, const char *guideline,
                    size_t bytes, const struct jg_row *row, int *says,
                    struct jg_err *err);

#endif
