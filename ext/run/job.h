/*
** What every command that may send has in common: it starts with nothing open,
** writes what an earlier command had to keep, holds its budget, counts, and
** ends with a report.
*/
#ifndef JG_RUN_JOB_H
#define JG_RUN_JOB_H

#include "core/json.h"
#include "core/log.h"
#include "run/calls.h"
#include "run/session.h"

/* Limits that each command takes as options; -1 = none. */
struct jg_limits {
  int64_t max_calls, max_tokens;
  double max_cost, max_seconds;
  int64_t concurrency; /* 0: judge_config('concurrency') */
};

#define JG_LIMIT_OPTIONS(type, field)                                          \
  {"max_calls", JG_OPTION_INT, offsetof(type, field.max_calls),                \
   0,           INT64_MAX,     NULL},                                          \
      {"max_tokens", JG_OPTION_INT, offsetof(type, field.max_tokens), 0,       \
       INT64_MAX,    NULL},                                                    \
      {"max_cost", JG_OPTION_REAL, offsetof(type, field.max_cost),             \
       0,          INT64_MAX,      NULL},                                      \
      {"max_seconds",                                                          \
       JG_OPTION_REAL,                                                         \
       offsetof(type, field.max_seconds),                                      \
       0,                                                                      \
       INT64_MAX,                                                              \
       NULL},                                                                  \
  {                                                                            \
    "concurrency", JG_OPTION_INT, offsetof(type, field.concurrency), 1, 256,   \
        NULL                                                                   \
  }

#define JG_LIMITS_NONE                                                         \
  { -1, -1, -1, -1, 0 }

struct jg_job {
  struct jg_session *session;
  const char *command;
  char run_id[JG_ID_BYTES];
  char *judge;  /* name@version for reports and logs; or NULL */
  char *parent; /* the version that an alignment began with, or NULL */
  struct jg_budget budget;
  int concurrency;
  int64_t started_ms;     /* monotonic */
  int64_t dropped_before; /* calls that an interrupted command left */
  struct jg_buf log_rows; /* JSON objects of judge_log, not written yet */
  int verbose;            /* log lines go to stderr too */
  int stored;             /* 0: nothing is written (judge_eval in a query) */
  int forecast;           /* explain: nothing is sent */
  struct jg_log log;

  int64_t calls, retries, cached, failed, input_tokens, output_tokens;
  int64_t cut; /* calls in flight when the time was up */
  int64_t waited_ms;
  double cost;
  int usage_known, cost_known;
  int64_t priced;        /* calls with a cost */
  const char *exhausted; /* the budget that ended it, or NULL */
};

/* Guards, recovers, sweeps drafts, reads prices. Dispose of it in any case. */
int jg_job_begin(struct jg_job *job, struct jg_session *session,
                 const char *command, const struct jg_limits *limits,
                 struct jg_err *err);
/* For judge_eval inside a query: nothing is written, answers stay with the
** session. */
int jg_job_begin_inside(struct jg_job *job, struct jg_session *session,
                        const char *command, const struct jg_limits *limits,
                        struct jg_err *err);
/* For explain, which sends nothing and so may run anywhere: as jg_job_begin()
** where a command may, else (in a transaction, over a table, in a file that
** cannot be written) nothing is written, and the forecast is not kept. */
int jg_job_begin_forecast(struct jg_job *job, struct jg_session *session,
                          const char *command, const struct jg_limits *limits,
                          struct jg_err *err);
void jg_job_dispose(struct jg_job *job);
/* The version that rows of judge_log and judge_report belong to. */
int jg_job_judge(struct jg_job *job, const char *judge, struct jg_err *err);
/* The same once an alignment has made one: its parent is that of before. */
int jg_job_made(struct jg_job *job, const char *judge, struct jg_err *err);

/* Calls that share the job's budget and counts. */
struct jg_calls jg_job_calls(struct jg_job *job);
void jg_job_count(struct jg_job *job, const struct jg_calls *calls);

/* Tries to write; *left is how many rows a locked file or an interrupt kept from
** it. */
typedef int jg_job_writer(void *ctx, size_t *left, struct jg_err *err);
/* Writes until nothing is left, waiting for a lock in steps that hear an
** interrupt; an error that counts what (texts, "verdicts") is left after that.
** Their answers are stored, so running again costs nothing. */
int jg_job_write_rest(struct jg_job *job, jg_job_writer *write, void *ctx,
                      const char *what, struct jg_err *err);

/* Passes on why count rows could not be written, if they could not, and that
** their answers are stored. */
int jg_job_unwritten(size_t count, const char *what, const struct jg_err *why,
                     struct jg_err *err);

/* Writes the log rows gathered so far. */
int jg_job_write_log(struct jg_job *job, struct jg_err *err);
/* calls, retries, input_tokens, output_tokens, cost, seconds and, when they
** say something, unknown_calls, unknown_tokens, exhausted, dropped and
** dropped_before, into the open object. */
void jg_job_report(const struct jg_job *job, struct jg_jsonw *w);
/* Writes the log and the report row. A forecast has no log and waits for no
** lock: it is lost when the file is locked or nothing may be written. */
int jg_job_end(struct jg_job *job, const char *report, struct jg_err *err);
double jg_job_seconds(const struct jg_job *job);

#endif
