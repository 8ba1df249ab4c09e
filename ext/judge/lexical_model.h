/*
** What local:/lexical computes: the overlap of an item, the features a fitted
** model weighs, the fitted model itself and its stored form. Shared with the
** learner in align/lexical_fit.c.
*/
#ifndef JG_JUDGE_LEXICAL_MODEL_H
#define JG_JUDGE_LEXICAL_MODEL_H

#include "judge/lexical.h"
#include "judge/lexical_words.h"

/* The features, in the order of jg_lexical_feature_names. */
enum {
  JG_FEATURE_WEIGHED,   /* share of the question's words in the answer, rare
                        ** words weighing more */
  JG_FEATURE_SENTENCES, /* log(1 + sentences of the answer) */
  JG_FEATURE_WORDS,     /* log(1 + words of the answer) */
  JG_FEATURE_REFERENCE, /* share of the reference's words in the answer; 0
                        ** without a reference */
  JG_FEATURE_PRECISION, /* share of the answer's words in the reference */
  JG_LEXICAL_FEATURES
};
extern const char *const jg_lexical_feature_names[JG_LEXICAL_FEATURES];

/* The words of one item. */
struct jg_lexical_item {
  struct jg_words question;    /* inputs */
  struct jg_words answer;      /* outputs */
  struct jg_words *references; /* alternatives of the expected response */
  size_t reference_count;
};

int jg_lexical_item_read(const struct jg_item *item,
                         struct jg_lexical_item *out, struct jg_err *err);
void jg_lexical_item_dispose(struct jg_lexical_item *item);
/* The unaligned share: of the reference that is found best (*reference is 1),
** else of the question's content words. */
struct jg_share jg_lexical_overlap(const struct jg_lexical_item *item,
                                   int *reference);
/* Position of the share among count equal bins; on a cut: the upper one. */
size_t jg_lexical_bin(struct jg_share share, size_t count);
void jg_lexical_features(const struct jg_lexical_item *item,
                         const struct jg_rarity *rarity,
                         double features[JG_LEXICAL_FEATURES]);

enum jg_lexical_kind {
  JG_LEXICAL_OVERLAP, /* the unaligned rule */
  JG_LEXICAL_RIDGE,
  JG_LEXICAL_VOTE
};

/* A ridge regression on standardised features. */
struct jg_ridge {
  double mean[JG_LEXICAL_FEATURES];
  double scale[JG_LEXICAL_FEATURES]; /* 0: constant in training, unused */
  double weight[JG_LEXICAL_FEATURES];
  double intercept;
};

struct jg_lexical_model {
  enum jg_lexical_kind kind;
  int64_t rows; /* learned from */
  /* RIDGE */
  struct jg_ridge ridge;
  struct jg_rarity rarity;
  double *levels; /* possible values, rising: positions in a declared
                           ** order, or the numbers given as labels; NULL: any
                           ** number from low to high */
  double *cuts;   /* level_count - 1 cut points, rising */
  size_t level_count;
  double low, high; /* range of the labels */
  /* VOTE */
  int64_t k;                /* neighbours */
  struct jg_value fallback; /* when nothing is near; owned */
};

double jg_ridge_value(const struct jg_ridge *ridge,
                      const double features[JG_LEXICAL_FEATURES]);
/* The level of a regression value: that whose cuts hold it (on a cut: the upper
** one), or the value itself within low and high. */
double jg_lexical_level(const struct jg_lexical_model *model, double value);
/* A number as a value of the scale: int rounds, halves down. What no int is
** near to (a damaged model says such things) stays as it is: jg_scale_fit()
** refuses it. */
struct jg_value jg_lexical_number(const struct jg_scale *scale, double x);
/* Votes of the neighbours, each weighing its score: the value with the highest
** sum (equal sums: the nearest); numbers of an int or float judge: the weighted
** mean. *weight is the share of all votes that the winner has. NULL type: no
** neighbours. Lent. */
struct jg_value jg_lexical_vote(const struct jg_scale *scale,
                                const struct jg_lexical_neighbour *neighbours,
                                size_t count, double *weight);

int jg_lexical_model_parse(const char *json, struct jg_lexical_model *out,
                           struct jg_err *err);
/* The JSON text, owned by the caller. The same model gives the same text. */
char *jg_lexical_model_write(const struct jg_lexical_model *model,
                             struct jg_err *err) JG_MUST_USE;
void jg_lexical_model_dispose(struct jg_lexical_model *model);

#endif
