/*
** Scheduler and curl against the stub, without SQLite or judges:
**
**   transport_test BASE_URL [key=value]...
**     n=8 concurrency=4 retries=2 timeout=5000 connect=2000 max_body=1048576
**     max_calls=-1 seconds=-1 stop_ms=-1 pause_ms=-1 fork=0 rounds=1
**
** pause_ms: so long nothing is done, as if the process were stopped, while the
** first requests are in flight.
**
** Sends n requests whose user message is "item I", then prints one JSON object
** an outcome and one for the whole. fork=1: after the first round a child runs
** one with the parent's transport, then the parent another one.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/mem.h"
#include "http/http.h"
#include "llm/chat.h"
#include "llm/scheduler.h"

struct setup {
  long n, concurrency, retries, timeout, connect, max_body, max_calls, seconds,
      stop_ms, pause_ms, fork, rounds;
};

struct state {
  const struct setup *setup;
  const struct jg_endpoint *endpoint;
  struct jg_clock clock;
  long next, done;
  char **bodies;
  int64_t stop_at, pause_at;
  int quiet;
};

static const char *get_env(void *ctx, const char *name) {
  if (strcmp(name, "OPENAI_BASE_URL") == 0) {
    return ctx;
  }
  return strcmp(name, "OPENAI_API_KEY") == 0 ? "sk-test-planted-5d3079ef1c42"
                                             : NULL;
}

static enum jg_next next_task(void *ctx, struct jg_task *task,
                              struct jg_err *err) {
  struct state *s = ctx;
  (void)err;
  if (s->next == s->setup->n) {
    return JG_NEXT_END;
  }
  task->tag = (void *)(uintptr_t)s->next;
  task->endpoint = s->endpoint;
  task->body = s->bodies[s->next++];
  task->body_bytes = strlen(task->body);
  task->most.tokens = 1000;
  return JG_NEXT_TASK;
}

static void print_outcome(const struct jg_task *task,
                          const struct jg_outcome *o, struct jg_err *err) {
  struct jg_buf line;
  struct jg_reply reply = {0};
  struct jg_jsonw w = {.to = &line};
  jg_buf_init(&line, 1 << 20);
  if (o->body != NULL) {
    jg_chat_reply(task->endpoint, o->body, o->body_bytes, &reply, err);
  }
  jg_jsonw_object(&w);
  jg_jsonw_key_int(&w, "item", (int64_t)(uintptr_t)task->tag);
  jg_jsonw_key_int(&w, "status", o->status);
  jg_jsonw_key_text(&w, "code", o->error_code);
  jg_jsonw_key_text(&w, "text", o->error_text);
  jg_jsonw_key_int(&w, "attempts", o->attempts);
  jg_jsonw_key_int(&w, "latency_ms", o->latency_ms);
  jg_jsonw_key_text(&w, "reply", reply.text);
  jg_jsonw_key_text(&w, "reply_code", reply.error_code);
  jg_jsonw_end_object(&w);
  puts(jg_buf_text(&line));
  jg_reply_dispose(&reply);
  jg_buf_dispose(&line);
}

static int take(void *ctx, const struct jg_task *task,
                const struct jg_outcome *outcome, int64_t *tokens, double *cost,
                struct jg_err *err) {
  struct state *s = ctx;
  (void)cost;
  *tokens = 10;
  s->done++;
  if (!s->quiet) {
    print_outcome(task, outcome, err);
  }
  return err->code;
}

static int tick(void *ctx) {
  struct state *s = ctx;
  int64_t now = s->clock.mono_ms(s->clock.ctx);
  if (s->pause_at >= 0 && now >= s->pause_at) {
    struct timespec pause = {s->setup->pause_ms / 1000,
                             s->setup->pause_ms % 1000 * 1000000};
    s->pause_at = -1;
    nanosleep(&pause, NULL);
  }
  return s->stop_at >= 0 && now >= s->stop_at;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int run_once(struct state *s, const struct jg_transport *transport,
                    const char *who, struct jg_err *err) {
  const struct setup *p = s->setup;
  struct jg_rng rng;
  struct jg_budget budget;
  int64_t begin = s->clock.mono_ms(s->clock.ctx);
  double cpu = cpu_seconds();
  jg_rng_init(&rng, 7);
  jg_budget_init(&budget);
  budget.max_calls = p->max_calls;
  budget.deadline_ms = p->seconds < 0 ? -1 : begin + p->seconds * 1000;
  s->next = s->done = 0;
  s->stop_at = p->stop_ms < 0 ? -1 : begin + p->stop_ms;
  s->pause_at = p->pause_ms < 0 ? -1 : begin + 50;
  struct jg_schedule schedule = {.transport = transport,
                                 .clock = &s->clock,
                                 .rng = &rng,
                                 .budget = &budget,
                                 .concurrency = (int)p->concurrency,
                                 .retries = (int)p->retries,
                                 .connect_timeout_ms = p->connect,
                                 .total_timeout_ms = p->timeout,
                                 .max_body_bytes = (size_t)p->max_body,
                                 .ctx = s,
                                 .next = next_task,
                                 .done = take,
                                 .tick = tick};
  jg_schedule_run(&schedule, err);
  int64_t end = s->clock.mono_ms(s->clock.ctx);
  printf("{\"who\":\"%s\",\"done\":%ld,\"sent\":%lld,\"retried\":%lld,"
         "\"dropped\":%lld,\"cut\":%lld,\"stopped\":%d,\"exhausted\":\"%s\","
         "\"calls\":%lld,"
         "\"error\":\"%s\",\"wall_ms\":%lld,\"cpu_us\":%lld}\n",
         who, s->done, (long long)schedule.sent, (long long)schedule.retried,
         (long long)schedule.dropped, (long long)schedule.cut, schedule.stopped,
         schedule.exhausted == NULL ? "" : schedule.exhausted,
         (long long)budget.calls, err->text, (long long)(end - begin),
         (long long)((cpu_seconds() - cpu) * 1e6));
  fflush(stdout);
  return err->code;
}

static void run_all(struct state *s, struct jg_err *err) {
  struct jg_transport transport;
  if (jg_http_new(&transport, err) != JG_OK) {
    return;
  }
  for (long i = 0; i < s->setup->rounds; i++) {
    run_once(s, &transport, "parent", err);
  }
  if (s->setup->fork) {
    pid_t child = fork();
    if (child == 0) {
      run_once(s, &transport, "child", err);
      transport.free(transport.ctx);
      _exit(0);
    }
    waitpid(child, NULL, 0);
    run_once(s, &transport, "parent", err);
  }
  transport.free(transport.ctx);
}

static void read_setup(struct setup *p, int argc, char **argv) {
  struct {
    const char *name;
    long *value;
  } known[] = {{"n", &p->n},
               {"concurrency", &p->concurrency},
               {"retries", &p->retries},
               {"timeout", &p->timeout},
               {"connect", &p->connect},
               {"max_body", &p->max_body},
               {"max_calls", &p->max_calls},
               {"seconds", &p->seconds},
               {"stop_ms", &p->stop_ms},
               {"pause_ms", &p->pause_ms},
               {"fork", &p->fork},
               {"rounds", &p->rounds}};
  for (int i = 2; i < argc; i++) {
    for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
      size_t n = strlen(known[k].name);
      if (strncmp(argv[i], known[k].name, n) == 0 && argv[i][n] == '=') {
        *known[k].value = strtol(argv[i] + n + 1, NULL, 10);
      }
    }
  }
}

static void make_bodies(struct state *s, struct jg_err *err) {
  s->bodies = jg_mem_new((size_t)s->setup->n + 1, sizeof(char *), err);
  for (long i = 0; i < s->setup->n && err->code == JG_OK; i++) {
    struct jg_buf body;
    char user[64];
    struct jg_chat chat = {
        .system = "Rate it.",
        .user = user,
        .schema_name = "verdict",
        .schema = "{\"type\":\"object\",\"properties\":{\"result\":{\"type\":"
                  "\"string\",\"enum\":[\"Bad\",\"Good\"]},\"rationale\":"
                  "{\"type\":\"string\"}}}"};
    snprintf(user, sizeof(user), "{\"inputs\":\"item %ld\"}", i);
    jg_buf_init(&body, 1 << 20);
    jg_chat_body(s->endpoint, &chat, &body, err);
    s->bodies[i] = jg_buf_take(&body, err);
    jg_buf_dispose(&body);
  }
}

int main(int argc, char **argv) {
  struct setup setup = {8, 4, 2, 5000, 2000, 1 << 20, -1, -1, -1, -1, 0, 1};
  struct jg_err err = {0};
  struct jg_endpoint endpoint = {0};
  if (argc < 2) {
    return 2;
  }
  read_setup(&setup, argc, argv);
  struct jg_environment environment = {get_env, NULL, argv[1], NULL};
  struct state s = {.setup = &setup,
                    .endpoint = &endpoint,
                    .clock = jg_clock_system(),
                    .quiet = setup.n > 2000};
  if (jg_endpoint_resolve("openai:/stub", JG_ENDPOINT_CHAT, NULL, NULL,
                          &environment, &endpoint, &err) == JG_OK) {
    make_bodies(&s, &err);
    run_all(&s, &err);
  }
  for (long i = 0; s.bodies != NULL && i < setup.n; i++) {
    jg_mem_free(s.bodies[i]);
  }
  jg_mem_free(s.bodies);
  jg_endpoint_dispose(&endpoint);
  if (err.code != JG_OK) {
    fprintf(stderr, "%s\n", err.text);
  }
  return err.code == JG_OK ? 0 : 1;
}
