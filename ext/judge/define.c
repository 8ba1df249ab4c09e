/* make_judge(): every rule, each with its own message. */
#include <stddef.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/text.h"
#include "judge/builtin.h"
#include "judge/clean.h"
#include "judge/judge.h"
#include "judge/template.h"

#define NAME_CHARACTERS 250
#define SUPPORTED (JG_VAR_INPUTS | JG_VAR_OUTPUTS | JG_VAR_EXPECTATIONS)

struct options {
  const struct jg_json *feedback_value_type;
  const char *description;
  const struct jg_json *inference_params;
  const char *base_url;
  const char *builtin;
  const struct jg_json *guidelines;
  int rationale_first;
};

static const struct jg_option TABLE[] = {
    {"feedback_value_type", JG_OPTION_JSON,
     offsetof(struct options, feedback_value_type), 0, 0, NULL},
    {"description", JG_OPTION_TEXT, offsetof(struct options, description), 0, 0,
     NULL},
    {"inference_params", JG_OPTION_JSON,
     offsetof(struct options, inference_params), 0, 0, NULL},
    {"base_url", JG_OPTION_TEXT, offsetof(struct options, base_url), 0, 0,
     NULL},
    {"builtin", JG_OPTION_TEXT, offsetof(struct options, builtin), 0, 0, NULL},
    {"guidelines", JG_OPTION_JSON, offsetof(struct options, guidelines), 0, 0,
     NULL},
    {"generate_rationale_first", JG_OPTION_BOOL,
     offsetof(struct options, rationale_first), 0, 0, NULL},
};

/* JSON as text, owned. */
static char *json_text(const struct jg_json *item, struct jg_err *err) {
  struct jg_buf text;
  char *out;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(item, &text);
  out = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return out;
}

static int is_blank(const char *text) {
  size_t bytes = 0;
  if (text != NULL) {
    jg_text_trim(text, strlen(text), &bytes);
  }
  return bytes == 0;
}

/* An error about one text: the format has one %s for it, shown short. */
static int refuse(const char *format, const char *text, struct jg_err *err)
    __attribute__((format(printf, 1, 0)));
static int refuse(const char *format, const char *text, struct jg_err *err) {
  struct jg_buf shown;
  jg_buf_init(&shown, JG_ERR_BYTES);
  jg_clean_brief(&shown, text, strlen(text));
  jg_err_set(err, JG_ERROR, format, jg_buf_text(&shown));
  jg_buf_dispose(&shown);
  return err->code;
}

/* ---- name ---- */

static size_t count_characters(const char *text) {
  size_t n = 0;
  for (; *text != 0; text++) {
    n += ((unsigned char)*text & 0xC0) != 0x80;
  }
  return n;
}

static int has_control(const char *text) {
  for (; *text != 0; text++) {
    if ((unsigned char)*text < 0x20 || *text == 0x7F) {
      return 1;
    }
  }
  return 0;
}

static int check_name(const char *name, struct jg_err *err) {
  size_t bytes = 0;
  if (is_blank(name)) {
    return jg_err_set(err, JG_ERROR,
                      "the judge's name is empty: give the name that its "
                      "feedback shall have");
  }
  if (!jg_text_is_utf8(name, strlen(name))) {
    return refuse("judge name '%s' is not valid UTF-8", name, err);
  }
  if (strchr(name, '@') != NULL) {
    return refuse("judge name '%s' holds '@', which separates name and "
                  "version: leave it out",
                  name, err);
  }
  if (count_characters(name) > NAME_CHARACTERS) {
    return jg_err_set(err, JG_ERROR,
                      "judge name '%.60s...' has %zu characters: at most %d "
                      "are allowed",
                      name, count_characters(name), NAME_CHARACTERS);
  }
  if (has_control(name)) {
    return refuse("judge name '%s' holds a control character such as a line "
                  "break: leave it out",
                  name, err);
  }
  jg_text_trim(name, strlen(name), &bytes);
  if (bytes != strlen(name)) {
    return refuse("judge name '%s' begins or ends with white space: leave it "
                  "out",
                  name, err);
  }
  return JG_OK;
}

/* ---- instructions ---- */

/* Adds "{{ name }}" to a list unless it is there. */
static void add_once(struct jg_buf *list, const struct jg_placeholder *hole) {
  struct jg_buf one;
  size_t bytes = jg_text_cut(hole->name, hole->name_bytes, 80);
  jg_buf_init(&one, 256);
  jg_buf_printf(&one, "{{ %.*s }}", (int)bytes, hole->name);
  if (strstr(jg_buf_text(list), jg_buf_text(&one)) == NULL &&
      list->len + one.len < 1000) {
    jg_buf_puts(list, list->len > 0 ? ", " : "");
    jg_buf_puts(list, jg_buf_text(&one));
  }
  jg_buf_dispose(&one);
}

static unsigned variable_bit(const struct jg_placeholder *hole) {
  static const char *const NAMES[] = {"inputs", "outputs", "expectations",
                                      "trace", "conversation"};
  size_t i;
  for (i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    if (strlen(NAMES[i]) == hole->name_bytes &&
        memcmp(NAMES[i], hole->name, hole->name_bytes) == 0) {
      return 1u << i;
    }
  }
  return 0;
}

static int check_variables(unsigned bits, struct jg_err *err) {
  unsigned beside =
      bits & ~(unsigned)JG_VAR_CONVERSATION & ~(unsigned)JG_VAR_EXPECTATIONS;
  if (bits == 0) {
    return jg_err_set(err, JG_ERROR,
                      "the instructions hold no placeholder: name what to "
                      "judge as {{ inputs }}, {{ outputs }} or "
                      "{{ expectations }}");
  }
  if ((bits & JG_VAR_CONVERSATION) && beside != 0) {
    return jg_err_set(err, JG_ERROR,
                      "the instructions use {{ conversation }} together with "
                      "{{ %s }}: {{ conversation }} goes with "
                      "{{ expectations }} only",
                      beside & JG_VAR_INPUTS    ? "inputs"
                      : beside & JG_VAR_OUTPUTS ? "outputs"
                                                : "trace");
  }
  if (bits & ~(unsigned)SUPPORTED) {
    return jg_err_set(err, JG_ERROR,
                      "placeholder {{ %s }} is not supported yet: use "
                      "{{ inputs }}, {{ outputs }} or {{ expectations }}",
                      bits & JG_VAR_CONVERSATION ? "conversation" : "trace");
  }
  return JG_OK;
}

/* Finds the variables, refusing all names that are not known at once. */
static int read_variables(const char *text, unsigned *bits,
                          struct jg_err *err) {
  struct jg_placeholder hole;
  struct jg_buf unknown;
  size_t at = 0;
  *bits = 0;
  jg_buf_init(&unknown, JG_ERR_BYTES);
  while (jg_template_next(text, &at, &hole)) {
    unsigned bit = variable_bit(&hole);
    *bits |= bit;
    if (bit == 0) {
      add_once(&unknown, &hole);
    }
  }
  if (jg_buf_check(&unknown, err) == JG_OK && unknown.len > 0) {
    jg_err_set(err, JG_ERROR,
               "the instructions hold unknown placeholders: %s; allowed are "
               "{{ inputs }}, {{ outputs }}, {{ expectations }}",
               jg_buf_text(&unknown));
  }
  jg_buf_dispose(&unknown);
  return err->code != JG_OK ? (int)err->code : check_variables(*bits, err);
}

static int take_instructions(const char *text, struct jg_judge *out,
                             struct jg_err *err) {
  if (is_blank(text)) {
    return jg_err_set(err, JG_ERROR,
                      "the instructions are empty: say how to judge, or name a "
                      "built-in judge with the option {\"builtin\":\"...\"}");
  }
  if (!jg_text_is_utf8(text, strlen(text))) {
    return jg_err_set(err, JG_ERROR, "the instructions are not valid UTF-8");
  }
  out->instructions = jg_mem_text(text, err);
  if (out->instructions == NULL) {
    return err->code;
  }
  return read_variables(text, &out->variables, err);
}

/* ---- options ---- */

static int take_scale(const struct options *given, struct jg_scale *out,
                      struct jg_err *err) {
  char *text;
  int rc;
  if (given->feedback_value_type == NULL) {
    return jg_scale_parse(NULL, out, err);
  }
  text = json_text(given->feedback_value_type, err);
  if (text == NULL) {
    return err->code;
  }
  rc = jg_scale_parse(text, out, err);
  jg_mem_free(text);
  return rc;
}

/* Text that could be a secret is refused, and not repeated in the message. */
static int is_secret_key(const char *key) {
  return jg_text_same(key, "api_key") || jg_text_same(key, "api-key") ||
         jg_text_same(key, "apikey") || jg_text_same(key, "authorization");
}

static int take_params(const struct options *given, struct jg_judge *out,
                       struct jg_err *err) {
  const struct jg_json *params = given->inference_params;
  const struct jg_json *item;
  char *text;
  if (params == NULL) {
    return JG_OK;
  }
  text = json_text(params, err);
  if (text == NULL) {
    return err->code;
  }
  if (jg_json_type(params) != JG_JSON_OBJECT) {
    refuse("inference_params is %s: it must be a JSON object such as "
           "{\"temperature\":0}",
           text, err);
    jg_mem_free(text);
    return err->code;
  }
  out->inference_params = text;
  for (item = jg_json_first(params); item != NULL; item = jg_json_next(item)) {
    if (is_secret_key(jg_json_key(item))) {
      return jg_err_set(err, JG_ERROR,
                        "inference_params holds '%s', and a judge is stored in "
                        "the file: keys belong into the environment",
                        jg_json_key(item));
    }
  }
  return JG_OK;
}

static int take_base_url(const struct options *given, struct jg_judge *out,
                         struct jg_err *err) {
  const char *url = given->base_url;
  const char *host;
  size_t bytes;
  if (url == NULL) {
    return JG_OK;
  }
  if (strlen(url) > 7 && jg_text_samen(url, 7, "http://", 7)) {
    host = url + 7;
  } else if (strlen(url) > 8 && jg_text_samen(url, 8, "https://", 8)) {
    host = url + 8;
  } else {
    return refuse("base_url '%s' is no web address: it must begin with "
                  "https:// or http:// and name a host",
                  url, err);
  }
  bytes = strcspn(host, "/?#");
  if (memchr(host, '@', bytes) != NULL) {
    return jg_err_set(err, JG_ERROR,
                      "base_url holds a user name or password, and a judge is "
                      "stored in the file: keys belong into the environment");
  }
  if (bytes == 0 || host[0] == ':' || strchr(url, ' ') != NULL ||
      has_control(url)) {
    return refuse("base_url '%s' is malformed: it must name a host and hold no "
                  "blanks",
                  url, err);
  }
  out->base_url = jg_mem_text(url, err);
  return err->code;
}

/* The option guidelines as a JSON list of texts. */
static int take_guidelines(const struct options *given, struct jg_judge *out,
                           struct jg_err *err) {
  static const char WANTED[] = "guidelines must be a text or a list of texts, "
                               "one for each rule";
  const struct jg_json *list = given->guidelines;
  const struct jg_json *item;
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_array(&w);
  if (jg_json_type(list) == JG_JSON_TEXT && !is_blank(jg_json_text(list))) {
    jg_jsonw_text(&w, jg_json_text(list));
  } else if (jg_json_type(list) != JG_JSON_ARRAY || jg_json_count(list) == 0) {
    jg_err_set(err, JG_ERROR, "%s: %s", WANTED,
               jg_json_type(list) == JG_JSON_TEXT ||
                       jg_json_type(list) == JG_JSON_ARRAY
                   ? "this one is empty"
                   : "this is neither");
  } else {
    for (item = jg_json_first(list); item != NULL; item = jg_json_next(item)) {
      if (is_blank(jg_json_text(item))) {
        jg_err_set(err, JG_ERROR, "%s: a member of the list is %s", WANTED,
                   jg_json_text(item) != NULL ? "empty" : "not a text");
      }
      jg_jsonw_text(&w, jg_json_text(item));
    }
  }
  jg_jsonw_end_array(&w);
  if (err->code == JG_OK) {
    out->guidelines = jg_buf_take(&text, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

static int check_guidelines(const struct options *given, struct jg_judge *out,
                            struct jg_err *err) {
  int wanted = given->builtin != NULL &&
               jg_builtin_needs_guidelines(given->builtin, err);
  if (err->code != JG_OK) {
    return err->code;
  }
  if (wanted && given->guidelines == NULL) {
    return refuse("built-in judge '%s' needs the option guidelines: a text or "
                  "a list of texts, one for each rule",
                  given->builtin, err);
  }
  if (!wanted && given->guidelines != NULL) {
    return jg_err_set(err, JG_ERROR,
                      "option guidelines belongs to the built-in judge "
                      "'guidelines' alone: write the rules into the "
                      "instructions, or add \"builtin\":\"guidelines\"");
  }
  return wanted ? take_guidelines(given, out, err) : JG_OK;
}

/* ---- built-in or custom ---- */

static int same_scale(const struct jg_scale *a, const struct jg_scale *b) {
  size_t i;
  if (a->type != b->type || a->count != b->count) {
    return 0;
  }
  for (i = 0; i < a->count; i++) {
    if (!jg_value_equal(&a->values[i], &b->values[i])) {
      return 0;
    }
  }
  return 1;
}

/* A built-in has its own values; naming the same ones again does no harm. */
static int check_builtin_scale(const struct options *given,
                               const struct jg_judge *judge,
                               struct jg_err *err) {
  struct jg_scale scale;
  struct jg_buf own;
  if (given->feedback_value_type == NULL) {
    return JG_OK;
  }
  if (take_scale(given, &scale, err) != JG_OK) {
    return err->code;
  }
  if (!same_scale(&scale, &judge->scale)) {
    jg_buf_init(&own, JG_ERR_BYTES);
    jg_scale_write(&judge->scale, &own);
    jg_err_set(err, JG_ERROR,
               "feedback_value_type of the built-in judge '%s' is always %s: "
               "leave the option out, or write instructions of your own",
               given->builtin, jg_buf_text(&own));
    jg_buf_dispose(&own);
  }
  jg_scale_dispose(&scale);
  return err->code;
}

static int take_builtin(const struct jg_judge_spec *spec,
                        const struct options *given, struct jg_judge *out,
                        struct jg_err *err) {
  if (!jg_builtin_exists(given->builtin)) {
    return jg_builtin_unknown(given->builtin, err);
  }
  if (spec->instructions != NULL) {
    return refuse("instructions and the built-in judge '%s' are given: pass "
                  "NULL as instructions, or leave out the option builtin",
                  given->builtin, err);
  }
  out->builtin = jg_mem_text(given->builtin, err);
  if (out->builtin == NULL ||
      jg_builtin_load(given->builtin, out, err) != JG_OK) {
    return err->code;
  }
  return check_builtin_scale(given, out, err);
}

static int take_model(const struct jg_judge_spec *spec, struct jg_judge *out,
                      struct jg_err *err) {
  const char *model = spec->model != NULL ? spec->model : spec->default_model;
  if (is_blank(model)) {
    return jg_err_set(err, JG_ERROR,
                      "the model is empty: give a model URI such as "
                      "openai:/gpt-4.1-mini or local:/lexical");
  }
  out->model = jg_mem_text(model, err);
  return err->code;
}

static int fill(const struct jg_judge_spec *spec, const struct options *given,
                struct jg_judge *out, struct jg_err *err) {
  out->name = jg_mem_text(spec->name, err);
  out->feedback_name = jg_mem_text(spec->name, err);
  out->description = jg_mem_text(given->description, err);
  out->rationale_first = given->rationale_first;
  if (err->code != JG_OK) {
    return err->code;
  }
  if (given->builtin != NULL) {
    take_builtin(spec, given, out, err);
  } else if (take_instructions(spec->instructions, out, err) == JG_OK) {
    take_scale(given, &out->scale, err);
  }
  if (err->code != JG_OK || take_model(spec, out, err) != JG_OK ||
      take_params(given, out, err) != JG_OK ||
      take_base_url(given, out, err) != JG_OK) {
    return err->code;
  }
  return check_guidelines(given, out, err);
}

int jg_judge_make(const struct jg_judge_spec *spec, struct jg_judge *out,
                  struct jg_err *err) {
  struct options given = {0};
  struct jg_json *keep = NULL;
  memset(out, 0, sizeof *out);
  if (check_name(spec->name, err) != JG_OK) {
    return err->code;
  }
  if (jg_options_read("make_judge", spec->options,
                      spec->options != NULL ? strlen(spec->options) : 0, TABLE,
                      sizeof TABLE / sizeof *TABLE, &given, &keep,
                      err) == JG_OK) {
    fill(spec, &given, out, err);
  }
  jg_json_free(keep);
  if (err->code != JG_OK) {
    jg_judge_dispose(out);
  }
  return err->code;
}
