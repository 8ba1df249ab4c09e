/*
** Which traces a command rates, read in pages: no statement stays open while
** the network answers, and memory holds what is in flight and one page.
*/
#ifndef JG_RUN_SELECTION_H
#define JG_RUN_SELECTION_H

#include "core/options.h"
#include "judge/judge.h"
#include "store/trace.h"

struct jg_selection_options {
  const char *experiment;          /* NULL: all */
  struct jg_sql where;             /* over the columns of traces */
  const struct jg_json *trace_ids; /* list of texts */
  int64_t limit;                   /* at most so many new verdicts; -1 */
  const struct jg_json *sample;    /* a count, or a share between 0 and 1 */
  int64_t seed;
  const struct jg_json *redo; /* true, "errors" or the repetition index */
};

#define JG_SELECTION_OPTIONS(type, field)                                        \
  {                                                                              \
      "experiment", JG_OPTION_TEXT, offsetof(type, field.experiment), 0, 0,      \
      NULL},                                                                     \
      {"where", JG_OPTION_SQL, offsetof(type, field.where), 0, 0, NULL},         \
      {"trace_ids", JG_OPTION_JSON, offsetof(type, field.trace_ids), 0, 0,       \
       NULL},                                                                    \
      {"limit", JG_OPTION_INT, offsetof(type, field.limit), 0, INT64_MAX, NULL}, \
      {"sample", JG_OPTION_JSON, offsetof(type, field.sample), 0, 0, NULL},      \
      {"seed", JG_OPTION_INT, offsetof(type, field.seed), 0, INT64_MAX, NULL},   \
  {                                                                              \
    "redo", JG_OPTION_JSON, offsetof(type, field.redo), 0, 0, NULL               \
  }

/* A trace on its way through the run. */
struct jg_selected {
  struct jg_trace trace; /* owned */
  struct jg_item item;   /* lent by trace */
  int64_t repetition;
  int anew;        /* no answer of an earlier command will do */
  size_t position; /* in its page */
};

struct jg_selection {
  struct jg_checked_env *env;
  sqlite3 *db;
  const char *judge; /* name@version */
  struct jg_trace_filter filter;
  struct jg_trace_pages pages; /* of the filter */
  char *ids;                   /* JSON list: of trace_ids or the sample */
  int64_t repetition;          /* of each request */
  int redo;                    /* what is rated, too, or what failed, again */
  int anew, failed;            /* redo true or "errors"; the latter */
  int64_t left;                /* of limit; -1 = no limit */
  struct jg_selected **page;   /* read and not handed out yet */
  size_t page_count, page_at, page_cap;
  int ended;     /* no more pages */
  int64_t total; /* traces the options select */
  int64_t todo;  /* of those, the ones to rate */
};

void jg_selection_defaults(struct jg_selection_options *options);
/* Checks the options, draws the sample and counts. */
int jg_selection_open(struct jg_selection *s, struct jg_checked_env *env,
                      const char *judge,
                      const struct jg_selection_options *options,
                      struct jg_err *err);
/* The next trace, reading a page when needed; NULL at the end or with err. */
struct jg_selected *jg_selection_next(struct jg_selection *s,
                                      struct jg_err *err);
/* Reads the next page when the last is used up, and lends it. */
struct jg_selected **jg_selection_page(struct jg_selection *s, size_t *count,
                                       struct jg_err *err);
/* As next, but NULL at the end of the page. */
struct jg_selected *jg_selection_from_page(struct jg_selection *s,
                                           struct jg_err *err);
int jg_selection_ended(const struct jg_selection *s);
void jg_selection_release(struct jg_selection *s, void *selected);
void jg_selection_close(struct jg_selection *s);

#endif
