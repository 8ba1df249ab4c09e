/*
** Model URIs and providers: see provider.h. The provider table is data,
** sql/providers.json; a row is an object with
**
**   name, supported       false: known, but its wire format is not spoken
**   wire                  the format (wire.h); "openai" when absent
**   base_url              API base when no variable gives one
**   base_env              variables that give the base, first set one wins
**   scheme, port          for a base without "://" (DATABRICKS_HOST, ...)
**   path                  appended to a base, unless it ends so
**   chat_path             after it; "/chat/completions" when absent
**   embeddings_path       likewise; "/embeddings"; false: it has none
**   values                {"region": {"env": [...], "default": "..."}} fill
**                         "{region}" in base_url and paths; "{model}" is there
**   headers               sent always
**   key_env, key          variables of the key; "required" or "optional"
**   key_default           sent when an optional key is not set
**   key_header            "Authorization" (with "Bearer ") when absent
**   aws                   requests are signed when key_env gives no key
**   max_tokens_key        how the body names the limit of output tokens
**   max_tokens_key_elsewhere   the same when the base is not base_url
*/
#include "llm/provider.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "llm/headers.h"
#include "llm/hosts.h"
#include "llm/mask.h"
#include "llm/url.h"
#include "llm/wire.h"

#define URL_LIMIT_BYTES 4096
#define NAMES_MAX 64

struct resolve {
  const struct jg_environment *environment;
  struct jg_json *table;
  const struct jg_json *row;
  const char *provider; /* name of the row */
  const char *model;
  struct jg_buf url;
  struct jg_url parsed;
  int from_table;     /* the base is the row's own */
  int keyless;        /* the host may not have the provider's key */
  struct jg_buf path; /* of a base that the environment gives */
};

/* --- the table ---------------------------------------------------------- */

static int load_table(struct jg_json **table, struct jg_err *err) {
  const char *text = jg_embed_get("providers.json");
  if (text == NULL) {
    return jg_err_set(err, JG_ERROR, "the provider table is not built in");
  }
  return jg_json_parse(text, strlen(text), table, err);
}

static const char *row_text(const struct jg_json *row, const char *key) {
  return jg_json_text(jg_json_get(row, key));
}

static const struct jg_json *find_row(const struct jg_json *table,
                                      const char *name, size_t bytes) {
  const struct jg_json *row = jg_json_first(table);
  for (; row != NULL; row = jg_json_next(row)) {
    const char *known = row_text(row, "name");
    if (known != NULL && jg_text_samen(known, strlen(known), name, bytes)) {
      return row;
    }
  }
  return NULL;
}

static int fail_unknown(const struct jg_json *table, const char *name,
                        struct jg_err *err) {
  const char *names[NAMES_MAX];
  size_t count = 0;
  struct jg_buf list;
  jg_buf_init(&list, URL_LIMIT_BYTES);
  const struct jg_json *row = jg_json_first(table);
  for (; row != NULL && count < NAMES_MAX - 1; row = jg_json_next(row)) {
    names[count] = row_text(row, "name");
    jg_buf_puts(&list, names[count]);
    jg_buf_puts(&list, ", ");
    count++;
  }
  names[count++] = "local";
  jg_buf_puts(&list, "local");
  const char *near = jg_text_nearest(name, names, count);
  if (near != NULL) {
    jg_err_set(err, JG_ERROR, "unknown model provider '%s': did you mean '%s'?",
               name, near);
  } else {
    jg_err_set(err, JG_ERROR, "unknown model provider '%s'; known are %s", name,
               jg_buf_text(&list));
  }
  jg_buf_dispose(&list);
  return err->code;
}

/* --- model URIs --------------------------------------------------------- */

/* Splits at the first ":/" and drops slashes before the model's name. */
static int split_uri(const char *uri, size_t *provider_bytes,
                     const char **model, struct jg_err *err) {
  const char *mark = strstr(uri, ":/");
  const char *name = mark == NULL ? "" : mark + 2;
  while (*name == '/') {
    name++;
  }
  if (mark == NULL || mark == uri || *name == '\0') {
    return jg_err_set(err, JG_ERROR,
                      "model '%s' is not of the form 'provider:/model', for "
                      "example 'openai:/gpt-4.1-mini'",
                      uri);
  }
  for (const char *c = uri; *c != '\0'; c++) {
    if ((unsigned char)*c < ' ' || *c == 127) {
      return jg_err_set(err, JG_ERROR,
                        "a model URI must not hold control characters");
    }
  }
  *provider_bytes = (size_t)(mark - uri);
  *model = name;
  return JG_OK;
}

static int uri_row(const struct jg_json *table, const char *uri,
                   size_t provider_bytes, const struct jg_json **row,
                   struct jg_err *err) {
  *row = find_row(table, uri, provider_bytes);
  if (*row != NULL) {
    return JG_OK;
  }
  char *name = jg_mem_textn(uri, provider_bytes, err);
  if (name != NULL) {
    fail_unknown(table, name, err);
    jg_mem_free(name);
  }
  return err->code;
}

int jg_model_uri_check(const char *uri, struct jg_err *err) {
  size_t provider_bytes;
  const char *model;
  if (split_uri(uri, &provider_bytes, &model, err) != JG_OK) {
    return err->code;
  }
  if (jg_text_samen(uri, provider_bytes, "local", 5)) {
    return JG_OK;
  }
  struct jg_json *table = NULL;
  const struct jg_json *row;
  if (load_table(&table, err) == JG_OK) {
    uri_row(table, uri, provider_bytes, &row, err);
  }
  jg_json_free(table);
  return err->code;
}

int jg_provider_check(const char *name, struct jg_err *err) {
  struct jg_json *table = NULL;
  if (load_table(&table, err) == JG_OK &&
      find_row(table, name, strlen(name)) == NULL) {
    fail_unknown(table, name, err);
  }
  jg_json_free(table);
  return err->code;
}

/* --- environment -------------------------------------------------------- */

static const char *get_env(const struct resolve *r, const char *name) {
  const char *value = r->environment->get(r->environment->ctx, name);
  return value == NULL || value[0] == '\0' ? NULL : value;
}

/* The first variable of a list that is set; *name is its name, or the first
** of the list. */
static const char *first_env(const struct resolve *r, const char *list,
                             const char **name) {
  const struct jg_json *item = jg_json_first(jg_json_get(r->row, list));
  *name = jg_json_text(item);
  for (; item != NULL; item = jg_json_next(item)) {
    const char *value = get_env(r, jg_json_text(item));
    if (value != NULL) {
      *name = jg_json_text(item);
      return value;
    }
  }
  return NULL;
}

/* --- the URL ------------------------------------------------------------ */

static int ends_with(const char *text, size_t bytes, const char *end) {
  size_t n = strlen(end);
  return bytes >= n && memcmp(text + bytes - n, end, n) == 0;
}

/* A value within a URL: what is not plain there is written as %XX. */
static void add_encoded(struct jg_buf *to, const char *text) {
  static const char HEX[] = "0123456789ABCDEF";
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
      jg_buf_putc(to, (char)c);
    } else {
      jg_buf_putc(to, '%');
      jg_buf_putc(to, HEX[c >> 4]);
      jg_buf_putc(to, HEX[c & 15]);
    }
  }
}

/* The value of {name}, or NULL and err. */
static const char *value_of(struct resolve *r, const char *name, size_t bytes,
                            struct jg_err *err) {
  if (jg_text_samen(name, bytes, "model", 5)) {
    if (strcmp(r->model, ".") == 0 || strcmp(r->model, "..") == 0) {
      jg_err_set(err, JG_ERROR,
                 "model '%s' is no name: it would be another address of %s",
                 r->model, r->provider);
      return NULL;
    }
    return r->model;
  }
  const struct jg_json *row = jg_json_get(r->row, "values");
  const struct jg_json *value = jg_json_first(row);
  while (value != NULL &&
         !jg_text_samen(jg_json_key(value), strlen(jg_json_key(value)), name,
                        bytes)) {
    value = jg_json_next(value);
  }
  const struct jg_json *env = jg_json_first(jg_json_get(value, "env"));
  const char *first = jg_json_text(env);
  for (; env != NULL; env = jg_json_next(env)) {
    const char *text = get_env(r, jg_json_text(env));
    if (text != NULL) {
      return text;
    }
  }
  const char *text = row_text(value, "default");
  if (text == NULL) {
    jg_err_set(err, JG_ERROR,
               "%s needs its %.*s: set the environment variable "
               "%s",
               r->provider, (int)bytes, name, first == NULL ? "?" : first);
  }
  return text;
}

/* Writes a text of the table with its {values} filled in. */
static int add_filled(struct resolve *r, struct jg_buf *to, const char *text,
                      struct jg_err *err) {
  while (*text != '\0') {
    const char *end = *text == '{' ? strchr(text, '}') : NULL;
    if (end == NULL) {
      jg_buf_putc(to, *text++);
      continue;
    }
    const char *value = value_of(r, text + 1, (size_t)(end - text - 1), err);
    if (value == NULL) {
      return err->code;
    }
    add_encoded(to, value);
    text = end + 1;
  }
  return jg_buf_check(to, err);
}

/* The last part of the URL for a kind, or NULL and err. */
static const char *tail_of(const struct resolve *r, enum jg_endpoint_kind kind,
                           struct jg_err *err) {
  const char *key = kind == JG_ENDPOINT_CHAT ? "chat_path" : "embeddings_path";
  const struct jg_json *given = jg_json_get(r->row, key);
  if (given == NULL) {
    return kind == JG_ENDPOINT_CHAT ? "/chat/completions" : "/embeddings";
  }
  if (jg_json_text(given) == NULL) {
    jg_err_set(err, JG_ERROR,
               "%s makes no embeddings: take another embedding_model",
               r->provider);
  }
  return jg_json_text(given);
}

/* Writes scheme://host[:port]path/tail from what was understood of a base. A
** base may be the whole URL already, as some tools want it. */
static int write_url(struct resolve *r, const char *path, const char *tail,
                     struct jg_err *err) {
  const struct jg_url *u = &r->parsed;
  size_t bytes = u->path_bytes;
  const char *const tails[] = {"/chat/completions", "/embeddings", tail};
  struct jg_buf middle;
  for (size_t i = 0; i < 3; i++) {
    if (ends_with(u->path, bytes, tails[i])) {
      bytes -= strlen(tails[i]);
      path = NULL;
      break;
    }
  }
  jg_buf_init(&middle, URL_LIMIT_BYTES);
  jg_buf_puts(&r->url, u->https ? "https://" : "http://");
  jg_buf_puts(&r->url, u->host);
  if (!jg_url_default_port(u)) {
    jg_buf_printf(&r->url, ":%d", u->port);
  }
  jg_buf_add(&r->url, u->path, bytes);
  if (path != NULL && add_filled(r, &middle, path, err) == JG_OK &&
      !ends_with(u->path, bytes, jg_buf_text(&middle))) {
    jg_buf_puts(&r->url, jg_buf_text(&middle));
  }
  jg_buf_dispose(&middle);
  if (err->code == JG_OK) {
    add_filled(r, &r->url, tail, err);
  }
  return jg_buf_check(&r->url, err);
}

/* Over plain http anyone on the way reads keys and traces. */
static int check_http(const struct resolve *r, const char *what,
                      struct jg_err *err) {
  char rule[JG_HOSTS_RULE_BYTES];
  if (r->parsed.https || jg_url_is_loopback(&r->parsed) ||
      jg_hosts_find(r->environment->hosts, r->provider, &r->parsed) !=
          JG_ALLOWED_NOT) {
    return JG_OK;
  }
  jg_hosts_rule(&r->parsed, rule);
  return jg_err_set(err, JG_ERROR,
                    "%s gives plain http to '%s', where keys and traces can be "
                    "read on the way: use https, or SELECT "
                    "judge_config('allow_host', '%s') if you trust the network",
                    what, r->parsed.host, rule);
}

/* Completes a base without "://" by the row's scheme and port. */
static int complete_base(const struct resolve *r, const char *base,
                         struct jg_buf *to, struct jg_err *err) {
  const char *scheme = row_text(r->row, "scheme");
  int64_t port;
  size_t host = strcspn(base, "/");
  int bare = strstr(base, "://") == NULL && scheme != NULL;
  if (bare) {
    jg_buf_puts(to, scheme);
    jg_buf_puts(to, "://");
  }
  jg_buf_add(to, base, host);
  if (bare && jg_json_int(jg_json_get(r->row, "port"), &port) &&
      memchr(base, ':', host) == NULL) {
    jg_buf_printf(to, ":%d", (int)port);
  }
  jg_buf_puts(to, base + host);
  return jg_buf_check(to, err);
}

/* The provider's own address, of the environment or else of the table, as text
** and parsed; *name is where it comes from. */
static int own_base(struct resolve *r, struct jg_buf *text, const char **name,
                    struct jg_url *out, struct jg_err *err) {
  const char *base = first_env(r, "base_env", name);
  const char *own = row_text(r->row, "base_url");
  if (base == NULL && own == NULL) {
    return jg_err_set(err, JG_ERROR,
                      "%s needs the address of its server: set the "
                      "environment variable %s",
                      r->provider, *name);
  }
  r->from_table = base == NULL;
  if (base == NULL) {
    *name = "base_url";
    add_filled(r, text, own, err);
  } else {
    complete_base(r, base, text, err);
  }
  return err->code != JG_OK ? (int)err->code
                            : jg_url_parse(*name, jg_buf_text(text), out, err);
}

/* What the environment's base has before the path that is the provider's: a
** gateway may have its token there. */
static void note_path(struct resolve *r) {
  const char *common = row_text(r->row, "path");
  size_t bytes = r->parsed.path_bytes;
  if (common != NULL && ends_with(r->parsed.path, bytes, common)) {
    bytes -= strlen(common);
  }
  if (!r->from_table) {
    jg_buf_add(&r->path, r->parsed.path, bytes);
  }
}

static int url_of_env(struct resolve *r, const char *tail, struct jg_err *err) {
  const char *name;
  struct jg_buf text;
  jg_buf_init(&text, URL_LIMIT_BYTES);
  if (own_base(r, &text, &name, &r->parsed, err) == JG_OK &&
      check_http(r, name, err) == JG_OK) {
    note_path(r);
    write_url(r, row_text(r->row, "path"), tail, err);
  }
  jg_buf_dispose(&text);
  return err->code;
}

/* Is it the host of the provider itself? One that cannot be told is not. */
static int is_own_host(struct resolve *r, const struct jg_url *url,
                       struct jg_err *err) {
  struct resolve own = *r; /* what it finds out counts for its address alone */
  struct jg_url found;
  struct jg_err why = {0};
  const char *name;
  struct jg_buf text;
  jg_buf_init(&text, URL_LIMIT_BYTES);
  int same = own_base(&own, &text, &name, &found, &why) == JG_OK &&
             found.https == url->https && found.port == url->port &&
             strcmp(found.host, url->host) == 0;
  jg_buf_dispose(&text);
  if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  return same;
}

/* A base_url comes from a row that anyone could have written: its host must be
** allowed on this connection, and for the provider, unless it is the provider's
** own, to get the key. */
static int url_of_judge(struct resolve *r, const char *base_url,
                        const char *tail, struct jg_err *err) {
  char rule[JG_HOSTS_RULE_BYTES];
  if (jg_url_parse("base_url", base_url, &r->parsed, err) != JG_OK) {
    return err->code;
  }
  enum jg_allowed allowed =
      jg_hosts_find(r->environment->hosts, r->provider, &r->parsed);
  if (allowed == JG_ALLOWED_NOT) {
    jg_hosts_rule(&r->parsed, rule);
    return jg_err_set(err, JG_ERROR,
                      "judge's base_url host '%s' is not allowed on this "
                      "connection: SELECT judge_config('allow_host', '%s') if "
                      "you trust it, '%s=%s' if it may have your key, too",
                      r->parsed.host, rule, r->provider, rule);
  }
  r->keyless =
      allowed == JG_ALLOWED_KEYLESS && !is_own_host(r, &r->parsed, err);
  return write_url(r, NULL, tail, err);
}

/* --- headers ------------------------------------------------------------ */

static int is_offline(const struct resolve *r) {
  const struct jg_environment *e = r->environment;
  return e->offline != NULL && e->offline(e->ctx);
}

/* The text of a variable without white space around it; "" when there is none.
** One that could break out of its header is an error. */
static int read_secret(const char *name, const char *value, const char **out,
                       size_t *bytes, struct jg_err *err) {
  *out = "";
  *bytes = 0;
  if (value != NULL) {
    *out = jg_text_trim(value, strlen(value), bytes);
  }
  if (!jg_headers_is_line(*out, *bytes)) {
    jg_err_set(err, JG_ERROR,
               "the environment variable %s holds a line break or another "
               "control character",
               name);
  }
  return err->code;
}

static int put_secret(struct resolve *r, const char *name, int required,
                      char **field, struct jg_err *err) {
  const char *text;
  size_t bytes;
  if (read_secret(name, get_env(r, name), &text, &bytes, err) != JG_OK) {
    return err->code;
  }
  if (bytes == 0 && required && !is_offline(r)) {
    return jg_err_set(err, JG_ERROR,
                      "%s needs a key: set the environment variables "
                      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                      "AWS_BEARER_TOKEN_BEDROCK (%s is not set)",
                      r->provider, name);
  }
  *field = bytes > 0 || required ? jg_mem_textn(text, bytes, err) : NULL;
  return err->code;
}

/* Amazon's way: the request is signed when it is sent. */
static int add_aws(struct resolve *r, struct jg_endpoint *out,
                   struct jg_err *err) {
  const char *region = value_of(r, "region", 6, err);
  memcpy(out->key_env, "AWS_SECRET_ACCESS_KEY", 22);
  out->aws_region = region == NULL ? NULL : jg_mem_text(region, err);
  put_secret(r, "AWS_ACCESS_KEY_ID", 1, &out->aws_id, err);
  put_secret(r, "AWS_SECRET_ACCESS_KEY", 1, &out->aws_secret, err);
  put_secret(r, "AWS_SESSION_TOKEN", 0, &out->aws_token, err);
  return err->code;
}

/* What stands in place of a key that the host may not have. */
static int withhold_key(const struct resolve *r, struct jg_endpoint *out,
                        struct jg_err *err) {
  char rule[JG_HOSTS_RULE_BYTES];
  struct jg_buf text;
  jg_hosts_rule(&r->parsed, rule);
  jg_buf_init(&text, URL_LIMIT_BYTES);
  jg_buf_printf(&text, "%s=%s", r->provider, rule);
  out->key_rule = jg_buf_take(&text, err);
  jg_buf_dispose(&text);
  return err->code;
}

static int add_key(struct resolve *r, struct jg_endpoint *out,
                   struct jg_err *err) {
  const char *name = NULL;
  const char *key = first_env(r, "key_env", &name);
  const char *need = row_text(r->row, "key");
  const char *header = row_text(r->row, "key_header");
  size_t bytes = 0;
  if (r->keyless && withhold_key(r, out, err) != JG_OK) {
    return err->code;
  }
  if (key == NULL || r->keyless) {
    key = row_text(r->row, "key_default");
  }
  if (read_secret(name, key, &key, &bytes, err) != JG_OK) {
    return err->code;
  }
  if (bytes == 0 && !r->keyless && jg_json_true(jg_json_get(r->row, "aws"))) {
    return add_aws(r, out, err);
  }
  if (name != NULL && strlen(name) < sizeof(out->key_env)) {
    memcpy(out->key_env, name, strlen(name) + 1);
  }
  if (bytes == 0) {
    if (need != NULL && strcmp(need, "required") == 0 && !is_offline(r) &&
        !r->keyless) {
      return jg_err_set(err, JG_ERROR,
                        "%s needs a key: set the environment variable %s",
                        r->provider, name);
    }
    return JG_OK;
  }
  return header == NULL
             ? jg_headers_set(out, "Authorization", "Bearer ", key, bytes, err)
             : jg_headers_set(out, header, "", key, bytes, err);
}

/* What the row sends always. */
static int add_row_headers(const struct resolve *r, struct jg_endpoint *out,
                           struct jg_err *err) {
  const struct jg_json *item = jg_json_first(jg_json_get(r->row, "headers"));
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    const char *value = jg_json_text(item);
    jg_headers_set(out, jg_json_key(item), "", value, strlen(value), err);
  }
  return err->code;
}

/* --- resolving ---------------------------------------------------------- */

/* MLflow lets MLFLOW_DEPLOYMENTS_TARGET be the name of a provider. */
static void follow_alias(struct resolve *r) {
  const char *name;
  const char *base = first_env(r, "base_env", &name);
  const struct jg_json *row =
      base == NULL ? NULL : find_row(r->table, base, strlen(base));
  if (row != NULL) {
    r->row = row;
    r->provider = row_text(row, "name");
  }
}

static int find_provider(struct resolve *r, const char *uri, const char **model,
                         int follow, struct jg_err *err) {
  size_t bytes;
  if (split_uri(uri, &bytes, model, err) != JG_OK) {
    return err->code;
  }
  if (jg_text_samen(uri, bytes, "local", 5)) {
    return jg_err_set(err, JG_ERROR,
                      "model '%s' runs inside this library: there is nothing "
                      "to send to",
                      uri);
  }
  if (load_table(&r->table, err) != JG_OK ||
      uri_row(r->table, uri, bytes, &r->row, err) != JG_OK) {
    return err->code;
  }
  r->provider = row_text(r->row, "name");
  const struct jg_json *supported = jg_json_get(r->row, "supported");
  if (supported != NULL && !jg_json_true(supported)) {
    return jg_err_set(err, JG_ERROR,
                      "model provider %s is not supported yet; a server that "
                      "speaks OpenAI's format for it can be used as "
                      "'openai:/...' with OPENAI_BASE_URL",
                      r->provider);
  }
  if (follow) {
    follow_alias(r);
  }
  return JG_OK;
}

/* The format, and how it names the limit of output tokens. */
static int set_wire(const struct resolve *r, struct jg_endpoint *out,
                    struct jg_err *err) {
  const char *limit = row_text(r->row, "max_tokens_key");
  const char *elsewhere = row_text(r->row, "max_tokens_key_elsewhere");
  if (!r->from_table && elsewhere != NULL) {
    limit = elsewhere;
  }
  if (strlen(limit) >= sizeof(out->max_tokens_key)) {
    return jg_err_set(err, JG_ERROR, "provider table: '%s' is too long", limit);
  }
  memcpy(out->max_tokens_key, limit, strlen(limit) + 1);
  out->wire = jg_wire_find(row_text(r->row, "wire"));
  return JG_OK;
}

static int fill_endpoint(struct resolve *r, const char *uri, const char *model,
                         struct jg_endpoint *out, struct jg_err *err) {
  struct jg_buf host;
  if (set_wire(r, out, err) != JG_OK) {
    return err->code;
  }
  jg_buf_init(&host, URL_LIMIT_BYTES);
  jg_buf_puts(&host, r->parsed.host);
  if (!jg_url_default_port(&r->parsed)) {
    jg_buf_printf(&host, ":%d", r->parsed.port);
  }
  out->host = jg_buf_take(&host, err);
  out->loopback = jg_url_is_loopback(&r->parsed);
  jg_buf_dispose(&host);
  out->model_uri = jg_mem_text(uri, err);
  out->model = jg_mem_text(model, err);
  out->url = jg_buf_take(&r->url, err);
  out->headers = jg_mem_new(JG_HEADERS_MAX, sizeof(char *), err);
  if (err->code != JG_OK) {
    return err->code;
  }
  return jg_headers_set(out, "Content-Type", "", "application/json", 16, err);
}

int jg_endpoint_resolve(const char *uri, enum jg_endpoint_kind kind,
                        const char *base_url, const char *extra_headers,
                        const struct jg_environment *environment,
                        struct jg_endpoint *out, struct jg_err *err) {
  struct resolve r = {.environment = environment};
  const char *model = NULL, *tail = NULL;
  int own = base_url == NULL || base_url[0] == '\0';
  memset(out, 0, sizeof(*out));
  jg_buf_init(&r.url, URL_LIMIT_BYTES);
  jg_buf_init(&r.path, URL_LIMIT_BYTES);
  if (find_provider(&r, uri, &model, own, err) != JG_OK) {
    goto done;
  }
  r.model = model;
  tail = tail_of(&r, kind, err);
  if (tail == NULL) {
    goto done;
  }
  if ((own ? url_of_env(&r, tail, err)
           : url_of_judge(&r, base_url, tail, err)) != JG_OK) {
    goto done;
  }
  if (fill_endpoint(&r, uri, model, out, err) != JG_OK ||
      add_row_headers(&r, out, err) != JG_OK ||
      add_key(&r, out, err) != JG_OK) {
    goto done;
  }
  if (extra_headers != NULL && extra_headers[0] != '\0') {
    jg_headers_add_json(out, extra_headers, err);
  }
  if (err->code == JG_OK) {
    jg_mask_collect(out, environment, err);
    jg_mask_add_path(out, jg_buf_text(&r.path), r.path.len, err);
  }
done:
  jg_buf_dispose(&r.url);
  jg_buf_dispose(&r.path);
  jg_json_free(r.table);
  if (err->code != JG_OK) {
    jg_endpoint_dispose(out);
  }
  return err->code;
}

int jg_endpoint_sketch(const char *uri, struct jg_endpoint *out,
                       struct jg_err *err) {
  struct resolve r = {.from_table = 1};
  const char *model = NULL;
  memset(out, 0, sizeof(*out));
  if (find_provider(&r, uri, &model, 0, err) == JG_OK) {
    out->model_uri = jg_mem_text(uri, err);
    out->model = jg_mem_text(model, err);
    set_wire(&r, out, err);
  }
  jg_json_free(r.table);
  if (err->code != JG_OK) {
    jg_endpoint_dispose(out);
  }
  return err->code;
}

void jg_endpoint_dispose(struct jg_endpoint *endpoint) {
  for (size_t i = 0; i < endpoint->header_count; i++) {
    jg_mem_free(endpoint->headers[i]);
  }
  jg_mem_free(endpoint->headers);
  jg_mem_free(endpoint->model_uri);
  jg_mem_free(endpoint->model);
  jg_mem_free(endpoint->url);
  jg_mem_free(endpoint->host);
  jg_mem_free(endpoint->key_rule);
  jg_mem_free(endpoint->aws_region);
  jg_mem_free(endpoint->aws_id);
  jg_mem_free(endpoint->aws_secret);
  jg_mem_free(endpoint->aws_token);
  for (size_t i = 0; i < endpoint->secret_count; i++) {
    jg_mem_free(endpoint->secrets[i].text);
  }
  jg_mem_free(endpoint->secrets);
  memset(endpoint, 0, sizeof(*endpoint));
}
