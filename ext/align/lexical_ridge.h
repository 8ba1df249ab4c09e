/*
** For lexical_fit.c: the numbers. Ridge regression (Hoerl and Kennard 1970) on
** standardised features, cut points that give the labels' shares, and quadratic
** kappa of two columns of numbers.
*/
#ifndef JG_ALIGN_LEXICAL_RIDGE_H
#define JG_ALIGN_LEXICAL_RIDGE_H

#include "judge/lexical_model.h"

#define JG_RIDGE_PENALTY 0.1 /* times the number of rows */

/* Learns y from the rows of x (JG_LEXICAL_FEATURES each) that rows names.
** count is at least 1. */
void jg_ridge_fit(const double *x, const double *y, const size_t *rows,
                  size_t count, double penalty, struct jg_ridge *out);
/* Fills level_count - 1 cuts: as many scores fall below the j-th cut as labels
** are at or below levels[j]. scores is sorted in place; both hold count. */
void jg_ridge_cuts(double *scores, const double *labels, size_t count,
                   const double *levels, size_t level_count, double *cuts);
/* 1 - the mean squared difference over the one expected by chance; 0 when that
** is 0. Equals the quadratic kappa of the categories. */
double jg_ridge_kappa(const double *a, const double *b, size_t count);

#endif
