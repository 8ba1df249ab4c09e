/*
** The settings of judge_config(): one table row a key, with how it is set and
** how it is shown. A setter changes nothing when it refuses the value.
**
** Values of extra_headers are keys to someone's account: no message and no
** listing repeats them.
*/
#include "run/settings.h"
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/lexical.h"
#include "llm/params.h"

#define DEFAULT_EXPERIMENT "Default"
#define DEFAULT_CONCURRENCY 16
#define DEFAULT_TIMEOUT_S 60
#define DEFAULT_RETRIES 5
#define DEFAULT_KEEP_MIB 256

struct setting {
  const char *key;
  /* value is NULL for the default. */
  int (*set)(struct jg_config *config, const struct jg_value *value,
             struct jg_err *err);
  void (*show)(const struct jg_session *session, struct jg_jsonw *w);
};

/* The text of a value, lent; an error when it is no text or blank. */
static const char *text_of(const char *key, const struct jg_value *value,
                           struct jg_err *err) {
  size_t bytes = 0;
  if (value->type == JG_TEXT) {
    jg_text_trim(value->text, value->len, &bytes);
  }
  if (bytes == 0) {
    jg_err_set(err, JG_ERROR, "judge_config: %s must be a text, not empty",
               key);
    return NULL;
  }
  return value->text;
}

/* Puts a copy of text in *field; NULL empties it. */
static int text_put(char **field, const char *text, struct jg_err *err) {
  char *copy = jg_mem_text(text, err);
  if (err->code == JG_OK) {
    jg_mem_free(*field);
    *field = copy;
  }
  return (int)err->code;
}

static int set_experiment(struct jg_config *config,
                          const struct jg_value *value, struct jg_err *err) {
  const char *text =
      value ? text_of("experiment", value, err) : DEFAULT_EXPERIMENT;
  return text ? text_put(&config->experiment, text, err) : (int)err->code;
}

static int put_model(const char *key, char **field,
                     const struct jg_value *value, struct jg_err *err) {
  const char *text = value ? text_of(key, value, err) : NULL;
  if (text) {
    jg_session_check_model(text, err);
  }
  return err->code == JG_OK ? text_put(field, text, err) : (int)err->code;
}

static int set_model(struct jg_config *config, const struct jg_value *value,
                     struct jg_err *err) {
  return put_model("model", &config->model, value, err);
}

static int set_embedding_model(struct jg_config *config,
                               const struct jg_value *value,
                               struct jg_err *err) {
  if (value && value->type == JG_TEXT && jg_lexical_is(value->text)) {
    return jg_err_set(err, JG_ERROR,
                      "judge_config: " JG_LEXICAL_URI " makes no embeddings: "
                      "without an embedding_model examples are found by words");
  }
  return put_model("embedding_model", &config->embedding_model, value, err);
}

/* A whole number, given as one or as its text. */
static int number_put(const char *key, int64_t *field,
                      const struct jg_value *value, int64_t min, int64_t max,
                      struct jg_err *err) {
  double x = 0;
  int is_number = value->type == JG_INT || value->type == JG_REAL;
  if (is_number) {
    x = value->real;
  } else if (value->type == JG_TEXT) {
    is_number = jg_text_number(value->text, value->len, &x);
  }
  if (!is_number || !(x >= (double)min && x <= (double)max) ||
      x != (double)(int64_t)x) {
    return jg_err_set(err, JG_ERROR,
                      "judge_config: %s must be a whole number from %lld to "
                      "%lld",
                      key, (long long)min, (long long)max);
  }
  *field = (int64_t)x;
  return JG_OK;
}

static int set_concurrency(struct jg_config *config,
                           const struct jg_value *value, struct jg_err *err) {
  if (!value) {
    config->concurrency = DEFAULT_CONCURRENCY;
    return JG_OK;
  }
  return number_put("concurrency", &config->concurrency, value, 1, 256, err);
}

static int set_timeout(struct jg_config *config, const struct jg_value *value,
                       struct jg_err *err) {
  if (!value) {
    config->timeout_s = DEFAULT_TIMEOUT_S;
    return JG_OK;
  }
  return number_put("timeout_s", &config->timeout_s, value, 1, 3600, err);
}

static int set_retries(struct jg_config *config, const struct jg_value *value,
                       struct jg_err *err) {
  if (!value) {
    config->retries = DEFAULT_RETRIES;
    return JG_OK;
  }
  return number_put("retries", &config->retries, value, 0, 20, err);
}

static int set_allow_host(struct jg_config *config,
                          const struct jg_value *value, struct jg_err *err) {
  struct jg_hosts hosts = {0};
  const char *text = value ? text_of("allow_host", value, err) : NULL;

  if (text) {
    jg_hosts_read(text, value->len, &hosts, err);
  }
  if (err->code == JG_OK) {
    jg_hosts_dispose(&config->hosts);
    config->hosts = hosts;
  }
  return (int)err->code;
}

/* Names of functions being read. */
struct functions {
  char **items;
  size_t count, cap;
};

static void functions_dispose(char **items, size_t count) {
  for (size_t i = 0; i < count; i++) {
    jg_mem_free(items[i]);
  }
  jg_mem_free(items);
}

static int function_add(struct functions *to, const char *text, size_t bytes,
                        struct jg_err *err) {
  const char *name = jg_text_trim(text, bytes, &bytes);
  if (bytes == 0 || memchr(name, '(', bytes)) {
    return jg_err_set(err, JG_ERROR,
                      "judge_config: allow_function '%.*s' is not the name of "
                      "a function: give the name alone, without parentheses",
                      (int)(bytes < 100 ? bytes : 100), name);
  }
  if (jg_mem_grow(&to->items, &to->cap, to->count + 1, sizeof(*to->items),
                  err) == JG_OK) {
    char *copy = jg_mem_textn(name, bytes, err);
    to->count += copy != NULL;
    to->items[to->count - (copy != NULL)] = copy;
  }
  return (int)err->code;
}

/* One name, several with commas between, or a JSON list. */
static int functions_read(struct functions *to, const char *text, size_t bytes,
                          struct jg_err *err) {
  struct jg_json *list = NULL;
  if (!jg_json_is_container(text, bytes)) {
    for (const char *at = text; at && err->code == JG_OK;) {
      const char *comma = strchr(at, ',');
      function_add(to, at, comma ? (size_t)(comma - at) : strlen(at), err);
      at = comma ? comma + 1 : NULL;
    }
    return (int)err->code;
  }
  if (jg_json_parse(text, bytes, &list, err) == JG_OK) {
    for (const struct jg_json *i = jg_json_first(list); i && err->code == JG_OK;
         i = jg_json_next(i)) {
      const char *name = jg_json_text(i);
      function_add(to, name ? name : "", name ? strlen(name) : 0, err);
    }
  }
  jg_json_free(list);
  return (int)err->code;
}

static int set_allow_function(struct jg_config *config,
                              const struct jg_value *value,
                              struct jg_err *err) {
  struct functions names = {0};
  const char *text = value ? text_of("allow_function", value, err) : NULL;

  if (text) {
    functions_read(&names, text, value->len, err);
  }
  if (err->code != JG_OK) {
    functions_dispose(names.items, names.count);
    return (int)err->code;
  }
  functions_dispose(config->allow_functions, config->allow_function_count);
  config->allow_functions = names.items;
  config->allow_function_count = names.count;
  return JG_OK;
}

static int set_allow_params(struct jg_config *config,
                            const struct jg_value *value, struct jg_err *err) {
  const char *text = value ? text_of("allow_params", value, err) : NULL;
  char *list = text ? jg_params_allow(text, value->len, err) : NULL;

  if (err->code == JG_OK) {
    jg_mem_free(config->allow_params);
    config->allow_params = list;
  }
  return (int)err->code;
}

/* A header that cannot break out of its line. */
static int header_is_fit(const char *name, const char *value) {
  static const char TOKEN[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789!#$%&'*+-.^_`|~";
  if (!value || !*name || name[strspn(name, TOKEN)] != '\0') {
    return 0;
  }
  for (const char *c = value; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 0x7f) {
      return 0;
    }
  }
  return 1;
}

/* The text may hold a key, so its parts stay out of the message. */
static int headers_check(const char *text, size_t bytes, struct jg_err *err) {
  struct jg_json *object = NULL;
  struct jg_err why = {0};
  int fit = jg_json_parse(text, bytes, &object, &why) == JG_OK &&
            jg_json_type(object) == JG_JSON_OBJECT;

  for (const struct jg_json *i = fit ? jg_json_first(object) : NULL; i && fit;
       i = jg_json_next(i)) {
    fit = header_is_fit(jg_json_key(i), jg_json_text(i));
  }
  jg_json_free(object);
  if (why.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  if (!fit) {
    jg_err_set(err, JG_ERROR,
               "judge_config: extra_headers must be a JSON object of header "
               "names and one-line texts, like {\"X-Team\": \"search\"}");
  }
  return (int)err->code;
}

static int set_extra_headers(struct jg_config *config,
                             const struct jg_value *value, struct jg_err *err) {
  const char *text = value ? text_of("extra_headers", value, err) : NULL;
  if (text) {
    headers_check(text, value->len, err);
  }
  return err->code == JG_OK ? text_put(&config->extra_headers, text, err)
                            : (int)err->code;
}

static int set_progress(struct jg_config *config, const struct jg_value *value,
                        struct jg_err *err) {
  static const char *const WORDS[] = {"auto", "on", "off"};
  const char *text = !value                   ? WORDS[0]
                     : value->type == JG_TEXT ? value->text
                                              : "";
  for (int i = 0; i < 3; i++) {
    if (jg_text_same(text, WORDS[i])) {
      config->progress = (enum jg_progress)i;
      return JG_OK;
    }
  }
  return jg_err_set(err, JG_ERROR,
                    "judge_config: progress must be 'auto', 'on' or 'off'");
}

static int set_replay(struct jg_config *config, const struct jg_value *value,
                      struct jg_err *err) {
  const char *text = value && value->type == JG_TEXT ? value->text : "";
  if (value && !jg_text_same(text, "off") && !jg_text_same(text, "only")) {
    return jg_err_set(err, JG_ERROR,
                      "judge_config: replay must be 'off' (send what is not "
                      "stored) or 'only' (send nothing; what is not stored is "
                      "an error)");
  }
  config->replay_only = jg_text_same(text, "only");
  return JG_OK;
}

static int set_requests(struct jg_config *config, const struct jg_value *value,
                        struct jg_err *err) {
  if (!value) {
    config->requests_per_minute = 0;
    return JG_OK;
  }
  return number_put("requests_per_minute", &config->requests_per_minute, value,
                    0, 10000000, err);
}

static int set_tokens(struct jg_config *config, const struct jg_value *value,
                      struct jg_err *err) {
  if (!value) {
    config->tokens_per_minute = 0;
    return JG_OK;
  }
  return number_put("tokens_per_minute", &config->tokens_per_minute, value, 0,
                    INT64_C(100000000000), err);
}

static int set_keep(struct jg_config *config, const struct jg_value *value,
                    struct jg_err *err) {
  if (!value) {
    config->keep_mib = DEFAULT_KEEP_MIB;
    return JG_OK;
  }
  return number_put("keep_mib", &config->keep_mib, value, 32, 65536, err);
}

static int set_eval_in_transaction(struct jg_config *config,
                                   const struct jg_value *value,
                                   struct jg_err *err) {
  int on = value && value->type == JG_TEXT && jg_text_same(value->text, "on");
  int off =
      !value || (value->type == JG_TEXT && jg_text_same(value->text, "off"));
  if (value && value->type == JG_INT) {
    on = value->integer == 1;
    off = value->integer == 0;
  }
  if (!on && !off) {
    return jg_err_set(err, JG_ERROR,
                      "judge_config: eval_in_transaction must be 'on' or "
                      "'off'");
  }
  config->eval_in_transaction = on;
  return JG_OK;
}

static void show_experiment(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.experiment);
}

static void show_model(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_text(w, jg_session_model(s));
}

static void show_embedding_model(const struct jg_session *s,
                                 struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.embedding_model);
}

static void show_concurrency(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.concurrency);
}

static void show_timeout(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.timeout_s);
}

static void show_retries(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.retries);
}

static void show_allow_host(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_array(w);
  for (size_t i = 0; i < s->config.hosts.count; i++) {
    jg_jsonw_text(w, s->config.hosts.items[i].text);
  }
  jg_jsonw_end_array(w);
}

static void show_allow_function(const struct jg_session *s,
                                struct jg_jsonw *w) {
  jg_jsonw_array(w);
  for (size_t i = 0; i < s->config.allow_function_count; i++) {
    jg_jsonw_text(w, s->config.allow_functions[i]);
  }
  jg_jsonw_end_array(w);
}

static void show_allow_params(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_raw(w, s->config.allow_params ? s->config.allow_params : "[]");
}

static void show_extra_headers(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.extra_headers ? "set" : "not set");
}

static void show_progress(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.progress == JG_PROGRESS_ON    ? "on"
                   : s->config.progress == JG_PROGRESS_OFF ? "off"
                                                           : "auto");
}

static void show_replay(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.replay_only ? "only" : "off");
}

static void show_requests(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.requests_per_minute);
}

static void show_tokens(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.tokens_per_minute);
}

static void show_keep(const struct jg_session *s, struct jg_jsonw *w) {
  jg_jsonw_int(w, s->config.keep_mib);
}

static void show_eval_in_transaction(const struct jg_session *s,
                                     struct jg_jsonw *w) {
  jg_jsonw_text(w, s->config.eval_in_transaction ? "on" : "off");
}

static const struct setting SETTINGS[] = {
    {"experiment", set_experiment, show_experiment},
    {"model", set_model, show_model},
    {"embedding_model", set_embedding_model, show_embedding_model},
    {"concurrency", set_concurrency, show_concurrency},
    {"timeout_s", set_timeout, show_timeout},
    {"retries", set_retries, show_retries},
    {"allow_host", set_allow_host, show_allow_host},
    {"allow_function", set_allow_function, show_allow_function},
    {"allow_params", set_allow_params, show_allow_params},
    {"extra_headers", set_extra_headers, show_extra_headers},
    {"progress", set_progress, show_progress},
    {"replay", set_replay, show_replay},
    {"requests_per_minute", set_requests, show_requests},
    {"tokens_per_minute", set_tokens, show_tokens},
    {"eval_in_transaction", set_eval_in_transaction, show_eval_in_transaction},
    {"keep_mib", set_keep, show_keep},
};
#define SETTING_COUNT (sizeof(SETTINGS) / sizeof(SETTINGS[0]))

int jg_settings_init(struct jg_config *config, struct jg_err *err) {
  memset(config, 0, sizeof(*config));
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    SETTINGS[i].set(config, NULL, err);
  }
  return (int)err->code;
}

void jg_settings_dispose(struct jg_config *config) {
  jg_mem_free(config->experiment);
  jg_mem_free(config->model);
  jg_mem_free(config->embedding_model);
  jg_mem_free(config->extra_headers);
  jg_mem_free(config->allow_params);
  jg_hosts_dispose(&config->hosts);
  functions_dispose(config->allow_functions, config->allow_function_count);
  memset(config, 0, sizeof(*config));
}

static const struct setting *setting_find(const char *key, struct jg_err *err) {
  const char *names[SETTING_COUNT];
  const char *nearest;

  for (size_t i = 0; i < SETTING_COUNT; i++) {
    names[i] = SETTINGS[i].key;
    if (strcmp(key, names[i]) == 0) {
      return &SETTINGS[i];
    }
  }
  nearest = jg_text_nearest(key, names, SETTING_COUNT);
  if (nearest) {
    jg_err_set(err, JG_ERROR,
               "judge_config: unknown key '%.100s': did you mean '%s'?", key,
               nearest);
  } else {
    jg_err_set(err, JG_ERROR,
               "judge_config: unknown key '%.100s': SELECT judge_config() "
               "lists the keys",
               key);
  }
  return NULL;
}

int jg_session_set(struct jg_session *session, const char *key,
                   const struct jg_value *value, struct jg_err *err) {
  const struct setting *setting = setting_find(key, err);
  if (!setting) {
    return (int)err->code;
  }
  if (value && value->type == JG_NULL) {
    value = NULL;
  }
  setting->set(&session->config, value, err);
  session->checked.allowed = session->config.allow_functions;
  session->checked.allowed_count = session->config.allow_function_count;
  return (int)err->code;
}

/* A JSON scalar as a value; a list as its JSON text. */
static int value_of_json(const char *json, struct jg_value *out,
                         struct jg_err *err) {
  struct jg_json *item = NULL;
  struct jg_value lent = {0};
  int64_t whole = 0;

  if (jg_json_parse(json, strlen(json), &item, err) != JG_OK) {
    return (int)err->code;
  }
  if (jg_json_type(item) == JG_JSON_TEXT) {
    lent = jg_value_lend(jg_json_text(item));
  } else if (jg_json_int(item, &whole)) {
    lent = jg_value_int(whole);
  } else if (jg_json_type(item) != JG_JSON_NULL) {
    lent = jg_value_lend(json);
  }
  jg_value_copy(out, &lent, err);
  jg_json_free(item);
  return (int)err->code;
}

int jg_session_get(const struct jg_session *session, const char *key,
                   struct jg_value *out, struct jg_err *err) {
  const struct setting *setting = setting_find(key, err);
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};

  memset(out, 0, sizeof(*out));
  if (!setting) {
    return (int)err->code;
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  setting->show(session, &w);
  if (jg_buf_check(&buf, err) == JG_OK) {
    value_of_json(jg_buf_text(&buf), out, err);
  }
  jg_buf_dispose(&buf);
  return (int)err->code;
}

int jg_session_list(const struct jg_session *session, struct jg_buf *to,
                    struct jg_err *err) {
  struct jg_jsonw w = {.to = to};

  jg_jsonw_object(&w);
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    jg_jsonw_key(&w, SETTINGS[i].key);
    SETTINGS[i].show(session, &w);
  }
  jg_jsonw_end_object(&w);
  return jg_buf_check(to, err);
}
