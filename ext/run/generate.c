/*
** judge_generate: the application's side. Fills a template from each input,
** calls a model and logs each call as a trace. The same request makes the same
** trace id, so running it again makes nothing twice and costs nothing. All
** inputs are looked at before the first is paid for.
*/
#include <string.h>

#include "core/digest.h"
#include "core/mem.h"
#include "core/options.h"
#include "judge/clean.h"
#include "run/guard.h"
#include "run/inputs.h"
#include "run/price.h"
#include "run/progress.h"
#include "run/run.h"
#include "store/db.h"
#include "store/hidden.h"

SQLITE_EXTENSION_INIT3

struct options {
  struct jg_sql from;
  const char *system, *experiment, *session_id;
  const struct jg_json *inputs, *inference_params, *tags;
  int64_t limit;
  struct jg_limits limits;
};

#define FIELD(name) offsetof(struct options, name)

static const struct jg_option TABLE[] = {
    {"from", JG_OPTION_SQL, FIELD(from), 0, 0, NULL},
    {"inputs", JG_OPTION_JSON, FIELD(inputs), 0, 0, NULL},
    {"system", JG_OPTION_TEXT, FIELD(system), 0, 0, NULL},
    {"inference_params", JG_OPTION_JSON, FIELD(inference_params), 0, 0, NULL},
    {"experiment", JG_OPTION_TEXT, FIELD(experiment), 0, 0, NULL},
    {"session_id", JG_OPTION_TEXT, FIELD(session_id), 0, 0, NULL},
    {"tags", JG_OPTION_JSON, FIELD(tags), 0, 0, NULL},
    {"limit", JG_OPTION_INT, FIELD(limit), 0, INT64_MAX, NULL},
    JG_LIMIT_OPTIONS(struct options, limits),
};

struct generation {
  struct jg_job job;
  struct options options;
  struct jg_json *keep;
  const char *model, *template;
  char *inference_params, *tags;
  struct jg_endpoint endpoint;
  struct jg_inputs inputs;
  size_t taken;       /* of the inputs */
  struct jg_buf rows; /* JSON objects of traces to write */
  size_t row_count;
  struct jg_progress_line progress;
  int64_t generated, errors;
  size_t total;
};

/* ---- the source --------------------------------------------------------- */

static char *body_of(const struct generation *g, const char *prompt,
                     struct jg_err *err) {
  struct jg_buf body;
  struct jg_chat chat = {.system = g->options.system,
                         .user = prompt,
                         .inference_params = g->inference_params,
                         .params_by_hand = 1};
  jg_buf_init(&body, JG_BUF_LIMIT_BYTES);
  if (jg_chat_body(&g->endpoint, &chat, &body, err) != JG_OK) {
    jg_buf_dispose(&body);
    return NULL;
  }
  return jg_buf_take(&body, err);
}

static const char *experiment_of(const struct generation *g) {
  return g->options.experiment ? g->options.experiment
                               : g->job.session->config.experiment;
}

/* The id that a request makes. */
static void make_id(const struct generation *g, const char *body,
                    char trace_id[JG_ID_BYTES]) {
  struct jg_digest d;
  char hex[JG_DIGEST_HEX_BYTES];
  jg_digest_init(&d);
  jg_digest_field(&d, experiment_of(g));
  jg_digest_field(&d, g->model);
  jg_digest_field(&d, body);
  jg_digest_hex(&d, hex);
  memcpy(trace_id, "tr-", 3);
  memcpy(trace_id + 3, hex, 32);
  trace_id[35] = '\0';
}

/* The output would belong to inputs that the trace does not have. */
static int refuse_other_inputs(size_t at, const char *trace_id,
                               struct jg_err *err) {
  struct jg_buf shown;
  jg_buf_init(&shown, JG_BUF_LIMIT_BYTES);
  jg_clean_brief(&shown, trace_id, strlen(trace_id));
  jg_err_set(err, JG_ERROR,
             "judge_generate: input %zu: trace '%s' failed before, with other "
             "inputs: give it those, or these another trace_id, or delete the "
             "trace",
             at + 1, jg_buf_text(&shown));
  jg_buf_dispose(&shown);
  return err->code;
}

/* 1 when the trace is there and stays as it is. One that failed is tried again,
** but only with a prompt that its own inputs make. */
static int trace_stays(const struct generation *g, size_t at,
                       const char *prompt, struct jg_err *err) {
  const char *trace_id = g->inputs.list[at].trace_id;
  int stays = 0;
  sqlite3_stmt *stmt = jg_db_prepare(g->job.session->db,
                                     "SELECT state = 'ERROR', inputs FROM "
                                     "main.judge_trace WHERE trace_id = @id",
                                     err);
  jg_db_bind_text(stmt, "@id", trace_id, err);
  if (jg_db_step(stmt, err) == 1) {
    char *kept = jg_db_text(stmt, 1, err);
    stays = !sqlite3_column_int(stmt, 0);
    if (!stays && err->code == JG_OK &&
        !jg_inputs_make(g->template, kept, prompt, err)) {
      refuse_other_inputs(at, trace_id, err);
    }
    jg_mem_free(kept);
  }
  sqlite3_finalize(stmt);
  return stays;
}

/* The request of an input, which gets its trace's id. NULL when there is nothing
** to send; the caller frees it. */
static char *prepare_input(struct generation *g, size_t at,
                           struct jg_err *err) {
  struct jg_input *input = &g->inputs.list[at];
  struct jg_buf prompt;
  char *body = NULL;
  jg_buf_init(&prompt, JG_BUF_LIMIT_BYTES);
  if (jg_inputs_fill(g->template, input->values, &prompt, err) == JG_OK &&
      jg_buf_check(&prompt, err) == JG_OK) {
    body = body_of(g, jg_buf_text(&prompt), err);
  }
  if (body && !input->trace_id) {
    make_id(g, body, input->made_id);
    input->trace_id = input->made_id;
  }
  if (body &&
      (trace_stays(g, at, jg_buf_text(&prompt), err) || err->code != JG_OK)) {
    jg_mem_free(body);
    body = NULL;
  }
  jg_buf_dispose(&prompt);
  return body;
}

/* What is wrong with any of the inputs, before one is paid for. */
static int check_inputs(struct generation *g, struct jg_err *err) {
  for (size_t i = 0; i < g->total; i++) {
    if (jg_inputs_given_id(&g->inputs, i, err) == JG_OK) {
      jg_mem_free(prepare_input(g, i, err));
    }
    if (err->code != JG_OK) {
      return err->code;
    }
  }
  return jg_inputs_check_ids(&g->inputs, g->total, err);
}

static struct jg_call *make_call(struct generation *g, size_t at,
                                 struct jg_err *err) {
  struct jg_input *input = &g->inputs.list[at];
  struct jg_call *call;
  char *body = input->repeated ? NULL : prepare_input(g, at, err);
  if (!body) {
    return NULL;
  }
  call = jg_mem_new(1, sizeof(*call), err);
  if (!call) {
    jg_mem_free(body);
    return NULL;
  }
  call->purpose = "generate";
  call->endpoint = &g->endpoint;
  call->body = body;
  call->inference_params = g->inference_params;
  call->trace_id = input->trace_id;
  call->tag = input;
  return call;
}

static enum jg_next next_call(void *ctx, struct jg_call **out,
                              struct jg_err *err) {
  struct generation *g = ctx;
  while (g->taken < g->total) {
    *out = make_call(g, g->taken, err);
    if (err->code != JG_OK) {
      return JG_NEXT_END; /* a locked file: the same input comes again */
    }
    g->taken++;
    if (*out) {
      return JG_NEXT_TASK;
    }
  }
  return JG_NEXT_END;
}

/* ---- the sink ----------------------------------------------------------- */

static void write_metadata(const struct jg_call *call,
                           const struct jg_answer *a, struct jg_jsonw *w) {
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "model", call->endpoint->model_uri);
  jg_jsonw_key_text(w, "digest", call->digest);
  if (a->model) {
    jg_jsonw_key_text(w, "model_returned", a->model);
  }
  if (a->input_tokens >= 0) {
    jg_jsonw_key_int(w, "input_tokens", a->input_tokens);
  }
  if (a->output_tokens >= 0) {
    jg_jsonw_key_int(w, "output_tokens", a->output_tokens);
  }
  if (a->error_code) {
    jg_jsonw_key_text(w, "error_code", a->error_code);
    jg_jsonw_key_text(w, "error_message", a->error_message);
  }
  jg_jsonw_end_object(w);
}

static int write_trace(struct generation *g, const struct jg_call *call,
                       const struct jg_answer *a, struct jg_err *err) {
  const struct jg_input *input = call->tag;
  char *inputs = jg_inputs_text(g->template, input->values, err);
  struct jg_buf metadata;
  struct jg_jsonw w = {.to = &g->rows, .comma = g->row_count > 0};
  jg_buf_init(&metadata, JG_BUF_LIMIT_BYTES);
  struct jg_jsonw m = {.to = &metadata};
  write_metadata(call, a, &m);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "trace_id", input->trace_id);
  jg_jsonw_key_text(&w, "experiment", experiment_of(g));
  jg_jsonw_key_int(&w, "request_time",
                   jg_session_now_ms(g->job.session) - a->latency_ms);
  jg_jsonw_key_int(&w, "duration_ms", a->latency_ms);
  jg_jsonw_key_text(&w, "state", a->error_code ? "ERROR" : "OK");
  jg_jsonw_key_text(&w, "inputs", inputs);
  jg_jsonw_key_text(&w, "outputs", a->error_code ? NULL : a->text);
  jg_jsonw_key_text(&w, "session_id", g->options.session_id);
  jg_jsonw_key_text(&w, "tags", g->tags);
  jg_jsonw_key_text(&w, "metadata", jg_buf_text(&metadata));
  jg_jsonw_end_object(&w);
  jg_buf_check(&metadata, err);
  jg_buf_dispose(&metadata);
  jg_mem_free(inputs);
  g->row_count++;
  return jg_buf_check(&g->rows, err);
}

static int call_done(void *ctx, struct jg_call *call,
                     const struct jg_answer *answer, struct jg_err *err) {
  struct generation *g = ctx;
  int failed = answer->error_code != NULL;
  g->generated += !failed;
  g->errors += failed;
  write_trace(g, call, answer, err);
  jg_progress_step(&g->progress, failed);
  jg_call_dispose(call);
  return err->code;
}

static void call_drop(void *ctx, struct jg_call *call) {
  (void)ctx;
  jg_call_dispose(call);
}

/* Writes the traces; those that meet a locked file stay for the next turn. */
static int flush(void *ctx, struct jg_err *err) {
  struct generation *g = ctx;
  struct jg_err now = {.code = JG_OK};
  struct jg_buf list;
  if (g->row_count == 0 || err->code != JG_OK) {
    return err->code;
  }
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_buf_putc(&list, '[');
  jg_buf_add(&list, g->rows.data, g->rows.len);
  jg_buf_putc(&list, ']');
  if (jg_buf_check(&list, &now) == JG_OK) {
    sqlite3_stmt *stmt =
        jg_db_query(g->job.session->db, "generate_write", &now);
    jg_db_bind_text(stmt, "@traces", jg_buf_text(&list), &now);
    if (jg_db_run(stmt, &now) == JG_OK) {
      jg_buf_clear(&g->rows);
      g->row_count = 0;
    }
  }
  jg_buf_dispose(&list);
  if (jg_guard_is_locked(&now)) {
    return err->code; /* it passes: the next turn writes them */
  }
  return jg_job_unwritten(g->row_count, "traces", &now, err);
}

static int flush_left(void *ctx, size_t *left, struct jg_err *err) {
  struct generation *g = ctx;
  flush(g, err);
  *left = g->row_count;
  return err->code;
}

/* ---- the command -------------------------------------------------------- */

static char *json_text(const struct jg_json *json, struct jg_err *err) {
  struct jg_buf buf;
  if (!json) {
    return NULL;
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_json_write(json, &buf);
  return jg_buf_take(&buf, err);
}

static int read_inputs(struct generation *g, struct jg_err *err) {
  int asked = jg_checked_given(g->options.from);
  if (asked == (g->options.inputs != NULL)) {
    return jg_err_set(err, JG_ERROR,
                      "judge_generate: give either from (a SELECT) or inputs "
                      "(a list) in the options");
  }
  if (asked) {
    jg_inputs_query(&g->job.session->checked, g->options.from, &g->inputs, err);
  } else {
    jg_inputs_list(g->options.inputs, &g->inputs, err);
  }
  g->total = g->inputs.count;
  if (g->options.limit >= 0 && (size_t)g->options.limit < g->total) {
    g->total = (size_t)g->options.limit;
  }
  return err->code;
}

static int open_generation(struct generation *g, struct jg_session *session,
                           const char *options, struct jg_err *err) {
  static const struct jg_limits NONE = JG_LIMITS_NONE;
  g->options.limits = NONE;
  g->options.limit = -1;
  jg_buf_init(&g->rows, JG_BUF_LIMIT_BYTES);
  if (jg_options_read("judge_generate", options, options ? strlen(options) : 0,
                      TABLE, sizeof(TABLE) / sizeof(*TABLE), &g->options,
                      &g->keep, err) != JG_OK ||
      jg_job_begin(&g->job, session, "judge_generate", &g->options.limits,
                   err) != JG_OK ||
      read_inputs(g, err) != JG_OK) {
    return err->code;
  }
  if (g->options.limits.max_cost >= 0 &&
      jg_price_require(session, "judge_generate", g->model, err) != JG_OK) {
    return err->code;
  }
  g->inference_params = json_text(g->options.inference_params, err);
  g->tags = json_text(g->options.tags, err);
  if (jg_endpoint_resolve(g->model, JG_ENDPOINT_CHAT, NULL,
                          session->config.extra_headers, &session->environment,
                          &g->endpoint, err) == JG_OK) {
    check_inputs(g, err);
  }
  return err->code;
}

static int write_report(struct generation *g, struct jg_buf *report,
                        struct jg_err *err) {
  struct jg_jsonw w = {.to = report};
  struct jg_buf notes;
  jg_buf_init(&notes, JG_BUF_LIMIT_BYTES);
  jg_hidden_note(g->job.session->db, &notes, err);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "run_id", g->job.run_id);
  jg_jsonw_key_text(&w, "model", g->model);
  jg_jsonw_key_text(&w, "experiment", experiment_of(g));
  jg_jsonw_key_int(&w, "traces", (int64_t)g->total);
  jg_jsonw_key_int(&w, "generated", g->generated);
  jg_jsonw_key_int(&w, "errors", g->errors);
  jg_jsonw_key_int(&w, "cached", g->job.cached);
  jg_jsonw_key_int(&w, "skipped", (int64_t)g->total - g->generated - g->errors);
  jg_job_report(&g->job, &w);
  if (notes.len > 0 && jg_buf_check(&notes, err) == JG_OK) {
    jg_jsonw_key_text(&w, "notes", jg_buf_text(&notes));
  }
  jg_jsonw_end_object(&w);
  jg_buf_dispose(&notes);
  return err->code;
}

static int generate(struct generation *g, struct jg_buf *report,
                    struct jg_err *err) {
  struct jg_calls calls = jg_job_calls(&g->job);
  calls.ctx = g;
  calls.chat = 1;
  calls.next = next_call;
  calls.done = call_done;
  calls.drop = call_drop;
  calls.flush = flush;
  jg_progress_begin(&g->progress, &g->job, (int64_t)g->total);
  jg_calls_run(&calls, err);
  jg_progress_end(&g->progress);
  jg_job_count(&g->job, &calls);
  if (err->code == JG_OK &&
      jg_job_write_rest(&g->job, flush_left, g, "traces", err) == JG_OK &&
      write_report(g, report, err) == JG_OK) {
    jg_job_end(&g->job, jg_buf_text(report), err);
  }
  return err->code;
}

int jg_run_judge_generate(struct jg_session *session, const char *model,
                          const char *template, const char *options,
                          struct jg_buf *report, struct jg_err *err) {
  struct generation g;
  memset(&g, 0, sizeof(g));
  g.model = model ? model : jg_session_model(session);
  g.template = template;
  if (open_generation(&g, session, options, err) == JG_OK) {
    generate(&g, report, err);
  }
  jg_buf_dispose(&g.rows);
  jg_endpoint_dispose(&g.endpoint);
  jg_inputs_dispose(&g.inputs);
  jg_mem_free(g.inference_params);
  jg_mem_free(g.tags);
  jg_json_free(g.keep);
  jg_job_dispose(&g.job);
  return err->code;
}
