/* See exchange.h. */
#include "run/exchange.h"

#include <assert.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "llm/charge.h"
#include "llm/wire.h"
#include "llm/mask.h"
#include "run/price.h"
#include "run/state.h"

#define DEFAULT_OUTPUT_TOKENS 4096 /* bound under a token or cost budget */
#define RAISED_TIMES 4             /* when an answer was cut off by that */

/* ---- out ---------------------------------------------------------------- */

/* Puts what is sent in place of the body; text is given to the call. */
static int set_sent(struct jg_call *call, struct jg_buf *text,
                    struct jg_err *err) {
  char *taken = jg_buf_take(text, err);
  if (taken) {
    jg_mem_free(call->sent_body);
    call->sent_body = taken;
  }
  jg_buf_dispose(text);
  return err->code;
}

static const char *sent_body(const struct jg_call *call) {
  return call->sent_body ? call->sent_body : call->body;
}

static int has_token_budget(const struct jg_calls *calls) {
  return calls->budget->max_tokens >= 0 || calls->budget->max_cost >= 0;
}

int64_t jg_exchange_limit(const struct jg_calls *calls,
                          const struct jg_call *call, int raised) {
  int64_t limit = 0;
  if (!calls->chat || jg_chat_limit_is_users(call->endpoint, call->body,
                                             call->inference_params)) {
    return 0;
  }
  limit = jg_wire_of(call->endpoint)->default_limit;
  if (limit == 0 && has_token_budget(calls)) {
    limit = DEFAULT_OUTPUT_TOKENS;
  }
  return raised ? limit * RAISED_TIMES : limit;
}

/* Names the output that the call may have, unless the user does. */
static int write_limit(const struct jg_calls *calls, struct jg_call *call,
                       struct jg_err *err) {
  struct jg_buf buf;
  call->limited_to = jg_exchange_limit(calls, call, call->raised);
  call->output_bound = call->limited_to;
  if (call->limited_to == 0) {
    call->output_bound =
        has_token_budget(calls)
            ? jg_chat_output_limit(call->endpoint, sent_body(call))
            : 0;
    return JG_OK;
  }
  if (call->limited_to == jg_wire_of(call->endpoint)->default_limit) {
    return JG_OK; /* it is in the body */
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_chat_limit(call->endpoint, sent_body(call), call->limited_to, &buf, err);
  return set_sent(call, &buf, err);
}

/* Asks for JSON in the call's form, with a limit of output where there is to be
** one. */
static int write_sent(const struct jg_calls *calls, struct jg_call *call,
                      struct jg_err *err) {
  struct jg_buf buf;
  jg_mem_free(call->sent_body);
  call->sent_body = NULL;
  if (!calls->chat) {
    return JG_OK;
  }
  if (call->form != JG_FORM_SCHEMA) {
    jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
    jg_chat_form(call->endpoint, call->body, call->form, &buf, err);
    set_sent(call, &buf, err);
  }
  if (err->code == JG_OK) {
    write_limit(calls, call, err);
  }
  return err->code;
}

static void fill_task(const struct jg_calls *calls, struct jg_call *call,
                      struct jg_task *task) {
  task->endpoint = call->endpoint;
  task->body = sent_body(call);
  task->body_bytes = strlen(task->body);
  task->trace_bytes = call->trace_bytes;
  /* A token is a byte at least, so the bytes bound the input. */
  call->input_bound = (int64_t)task->body_bytes;
  task->most.tokens = call->input_bound + call->output_bound;
  task->most.cost = jg_price_most(calls->session, call->endpoint->model_uri,
                                  call->input_bound, call->output_bound);
}

static struct jg_call *call_of(struct jg_pump_item *item) {
  return (struct jg_call *)item; /* its first member */
}

static int make_task(void *ctx, struct jg_pump_item *item, struct jg_task *task,
                     struct jg_err *err) {
  struct jg_calls *calls = ctx;
  struct jg_call *call = call_of(item);
  struct jg_state *state = jg_state_of(calls->session, NULL);
  call->form = jg_forms_get(&state->forms, call->endpoint);
  if (write_sent(calls, call, err) == JG_OK) {
    fill_task(calls, call, task);
  }
  return err->code;
}

/* A server that does not take this way of asking for JSON gets another. */
static int revise(void *ctx, struct jg_pump_item *item, struct jg_task *task,
                  int status, const char *error_text, struct jg_err *err) {
  struct jg_calls *calls = ctx;
  struct jg_call *call = call_of(item);
  struct jg_state *state = jg_state_of(calls->session, NULL);
  if (!calls->chat || !jg_forms_refused(status, error_text)) {
    return 0;
  }
  int form = jg_forms_next(&state->forms, call->endpoint, call->form, err);
  if (form < 0) {
    return 0;
  }
  call->form = form;
  if (write_sent(calls, call, err) == JG_OK) {
    fill_task(calls, call, task);
  }
  return err->code == JG_OK;
}

/* ---- back --------------------------------------------------------------- */

static int read_vector(struct jg_call *call, struct jg_err *err) {
  struct jg_back *back = &call->back;
  struct jg_err bad = {.code = JG_OK};
  back->reply.output_tokens = 0;
  if (jg_embed_reply(call->endpoint, back->body, back->body_bytes, 1,
                     &back->vector, &back->dim, &back->reply.input_tokens,
                     &bad) == JG_OK) {
    return JG_OK;
  }
  if (bad.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  back->reply.error_code = jg_mem_text("INVALID_REPLY", err);
  back->reply.error_message = jg_mem_text(bad.text, err);
  return err->code;
}

static void clear_reply(struct jg_back *back) {
  back->reply.input_tokens = back->reply.output_tokens = -1;
  back->reply.cached_tokens = -1;
  back->cost = -1;
}

/* Usage that cannot be true is not known (charge.h). An answer of nothing but
** words took tokens, and so did every request. */
static void doubt_usage(struct jg_call *call) {
  struct jg_reply *r = &call->back.reply;
  int64_t sent = (int64_t)strlen(sent_body(call));
  r->input_tokens = jg_charge_believe(r->input_tokens, sent);
  r->output_tokens = jg_charge_believe(r->output_tokens, call->output_bound);
  if (r->input_tokens == 0) {
    r->input_tokens = -1;
  }
  if (r->output_tokens == 0 && r->text) {
    r->output_tokens = -1;
  }
  if (r->cached_tokens > r->input_tokens) {
    r->cached_tokens = -1;
  }
}

/* An error object in a 200, or no reply at all, is not an answer. */
static int is_answer(const struct jg_call *call) {
  const struct jg_back *back = &call->back;
  const char *code = back->reply.error_code;
  if (!code) {
    return 1;
  }
  if (strcmp(code, "INVALID_JSON") == 0) {
    /* A page of some proxy: no model wrote it. */
    size_t at = strspn(back->body, " \t\r\n\xef\xbb\xbf");
    return back->body[at] == '{';
  }
  return strcmp(code, "SECRET") != 0 && strcmp(code, "PROVIDER_ERROR") != 0 &&
         strcmp(code, "INVALID_REPLY") != 0;
}

/* The server has sent the key back, in an answer that would be kept: what it
** took stands, nothing else does. The text may join what the body has apart. */
static int drop_secret(struct jg_call *call, struct jg_err *err) {
  struct jg_back *back = &call->back;
  struct jg_reply *reply = &back->reply;
  const struct jg_endpoint *e = call->endpoint;
  if (!jg_mask_is_in(e, back->body, back->body_bytes) &&
      (!reply->text || !jg_mask_is_in(e, reply->text, strlen(reply->text)))) {
    return JG_OK;
  }
  jg_mem_free(back->body);
  jg_mem_free(back->vector);
  back->body = NULL;
  back->vector = NULL;
  back->body_bytes = back->dim = 0;
  jg_mem_free(reply->text);
  jg_mem_free(reply->model);
  jg_mem_free(reply->error_code);
  jg_mem_free(reply->error_message);
  reply->text = reply->model = NULL;
  reply->error_code = jg_mem_text("SECRET", err);
  reply->error_message =
      jg_mem_text("the answer holds a key that was sent with the request, so "
                  "it was not kept (does a gateway repeat its headers?)",
                  err);
  return err->code;
}

/* Words of the server, in an error that was read from a 200. */
static void mask_error(struct jg_call *call) {
  char *text = call->back.reply.error_message;
  if (text) {
    jg_mask_error(call->endpoint, text, strlen(text));
  }
}

int jg_exchange_read(struct jg_calls *calls, struct jg_call *call,
                     const char *body, size_t bytes, struct jg_err *err) {
  struct jg_back *back = &call->back;
  assert(call->endpoint != NULL && body != NULL);
  clear_reply(back);
  back->body = jg_mem_textn(body, bytes, err);
  if (!back->body) {
    return err->code;
  }
  back->http_status = 200;
  back->body_bytes = bytes;
  if (calls->chat) {
    jg_chat_reply(call->endpoint, back->body, bytes, &back->reply, err);
  } else {
    read_vector(call, err);
  }
  doubt_usage(call);
  if (err->code == JG_OK) {
    drop_secret(call, err);
    mask_error(call);
  }
  back->cost = jg_price_cost(
      calls->session, call->endpoint->model_uri, back->reply.input_tokens,
      back->reply.output_tokens, back->reply.cached_tokens);
  back->is_answer = err->code == JG_OK && is_answer(call);
  back->is_cut = call->limited_to > 0 && back->reply.error_code &&
                 strcmp(back->reply.error_code, "LENGTH") == 0;
  return err->code;
}

static int landed(void *ctx, struct jg_pump_item *item,
                  const struct jg_outcome *outcome, int64_t *tokens,
                  double *cost, struct jg_err *err) {
  struct jg_call *call = call_of(item);
  struct jg_back *back = &call->back;
  clear_reply(back);
  back->attempts = outcome->attempts;
  back->latency_ms = outcome->latency_ms;
  if (outcome->error_code) {
    back->failure = jg_mem_text(outcome->error_code, err);
    back->failed_with = jg_mem_text(outcome->error_text, err);
  } else {
    jg_exchange_read(ctx, call, outcome->body, outcome->body_bytes, err);
  }
  back->http_status = outcome->status;
  if (back->reply.input_tokens >= 0 && back->reply.output_tokens >= 0) {
    *tokens = back->reply.input_tokens + back->reply.output_tokens;
    *cost = back->cost;
  }
  return err->code;
}

/* Memory ran out while it was read: the pump's error ends the command, but the
** host's thread may have the call first. */
static int is_unread(const struct jg_back *back) {
  return !back->failure && !back->reply.error_code && !back->reply.text &&
         !back->vector;
}

struct jg_answer jg_exchange_answer(const struct jg_back *back) {
  const struct jg_reply *reply = &back->reply;
  if (is_unread(back)) {
    return (struct jg_answer){.error_code = "NOMEM",
                              .error_message = "out of memory",
                              .input_tokens = -1,
                              .output_tokens = -1,
                              .cached_tokens = -1,
                              .cost = -1,
                              .latency_ms = back->latency_ms,
                              .attempts = back->attempts};
  }
  return (struct jg_answer){
      .text = reply->text,
      .response = back->body,
      .response_bytes = back->body_bytes,
      .vector = back->vector,
      .dim = back->dim,
      .error_code = back->failure ? back->failure : reply->error_code,
      .error_message = back->failure ? back->failed_with : reply->error_message,
      .model = reply->model,
      .input_tokens = reply->input_tokens,
      .output_tokens = reply->output_tokens,
      .cached_tokens = reply->cached_tokens,
      .cost = back->cost,
      .latency_ms = back->latency_ms,
      .attempts = back->attempts};
}

void jg_exchange_dispose(struct jg_back *back) {
  jg_reply_dispose(&back->reply);
  jg_mem_free(back->vector);
  jg_mem_free(back->failure);
  jg_mem_free(back->failed_with);
  jg_mem_free(back->body);
  memset(back, 0, sizeof(*back));
}

struct jg_pump_work jg_exchange_work(struct jg_calls *calls) {
  return (struct jg_pump_work){
      .ctx = calls, .task = make_task, .revise = revise, .landed = landed};
}
