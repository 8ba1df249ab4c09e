/* See hosts.h. */
#include "llm/hosts.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "llm/provider.h"

#define KEY "judge_config: allow_host"

/* A name or a password before an @ is not repeated. */
static int fail_rule(const char *text, struct jg_err *err) {
  int shown = strchr(text, '@') == NULL;
  return jg_err_set(
      err, JG_ERROR,
      KEY " '%.100s' is not a host: give host, host:port, http://host or "
          "http://host:port, without a path; provider=host lets the "
          "provider's key go there, too",
      shown ? text : "...");
}

/* Takes "provider=" off; *text is what follows. */
static int read_provider(const char **text, struct jg_host_rule *rule,
                         struct jg_err *err) {
  const char *mark = strchr(*text, '=');
  if (mark == NULL) {
    return JG_OK;
  }
  size_t bytes = (size_t)(mark - *text);
  const char *name = jg_text_trim(*text, bytes, &bytes);
  rule->provider = jg_mem_textn(name, bytes, err);
  if (rule->provider != NULL) {
    jg_provider_check(rule->provider, err);
  }
  size_t left = strlen(mark + 1);
  *text = jg_text_trim(mark + 1, left, &left); /* its end is trimmed already */
  return err->code;
}

/* Is there a port after the host? */
static int has_port(const char *text) {
  const char *bracket = strrchr(text, ']');
  const char *scheme = strstr(text, "://");
  const char *host = bracket != NULL  ? bracket
                     : scheme != NULL ? scheme + 3
                                      : text;
  return strchr(host, ':') != NULL;
}

static int read_rule(const char *text, struct jg_host_rule *rule,
                     struct jg_err *err) {
  char whole[JG_HOSTS_RULE_BYTES];
  struct jg_err why = {0};
  if (read_provider(&text, rule, err) != JG_OK) {
    return err->code;
  }
  rule->bare = strstr(text, "://") == NULL;
  int bytes = snprintf(whole, sizeof(whole), "%s%s",
                       rule->bare ? "https://" : "", text);
  if (bytes >= (int)sizeof(whole) ||
      jg_url_parse(KEY, whole, &rule->url, &why) != JG_OK ||
      rule->url.path_bytes > 0) {
    return fail_rule(text, err);
  }
  rule->url.path = ""; /* whole goes */
  rule->port = has_port(text);
  return JG_OK;
}

static void dispose_rule(struct jg_host_rule *rule) {
  jg_mem_free(rule->text);
  jg_mem_free(rule->provider);
}

static int add_rule(struct jg_hosts *hosts, const char *text, size_t bytes,
                    struct jg_err *err) {
  struct jg_host_rule rule = {0};
  text = jg_text_trim(text, bytes, &bytes);
  rule.text = jg_mem_textn(text, bytes, err);
  if (rule.text != NULL && read_rule(rule.text, &rule, err) == JG_OK &&
      jg_mem_grow(&hosts->items, &hosts->cap, hosts->count + 1,
                  sizeof(*hosts->items), err) == JG_OK) {
    hosts->items[hosts->count++] = rule;
    return JG_OK;
  }
  dispose_rule(&rule);
  return err->code;
}

static int read_list(struct jg_hosts *hosts, const struct jg_json *list,
                     struct jg_err *err) {
  const struct jg_json *item = jg_json_first(list);
  if (jg_json_type(list) != JG_JSON_ARRAY) {
    return jg_err_set(err, JG_ERROR, KEY " must be a list of texts");
  }
  for (; item != NULL && err->code == JG_OK; item = jg_json_next(item)) {
    const char *rule = jg_json_text(item);
    if (rule == NULL) {
      jg_err_set(err, JG_ERROR, KEY " must be a list of texts");
    } else {
      add_rule(hosts, rule, strlen(rule), err);
    }
  }
  return err->code;
}

static int read_commas(struct jg_hosts *hosts, const char *at, const char *end,
                       struct jg_err *err) {
  while (at <= end && err->code == JG_OK) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    const char *stop = comma != NULL ? comma : end;
    add_rule(hosts, at, (size_t)(stop - at), err);
    at = stop + 1;
  }
  return err->code;
}

int jg_hosts_read(const char *text, size_t bytes, struct jg_hosts *out,
                  struct jg_err *err) {
  struct jg_json *list = NULL;
  struct jg_err why = {0};
  const char *at = jg_text_trim(text, bytes, &bytes);
  memset(out, 0, sizeof(*out));
  /* "[::1]" is no JSON, so it is not taken for a list. */
  int json = jg_json_parse(at, bytes, &list, &why) == JG_OK;
  enum jg_json_type type = jg_json_type(list);
  if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  } else if (json && (type == JG_JSON_ARRAY || type == JG_JSON_OBJECT)) {
    read_list(out, list, err);
  } else {
    read_commas(out, at, at + bytes, err);
  }
  jg_json_free(list);
  if (err->code != JG_OK) {
    jg_hosts_dispose(out);
  }
  return err->code;
}

void jg_hosts_dispose(struct jg_hosts *hosts) {
  for (size_t i = 0; i < hosts->count; i++) {
    dispose_rule(&hosts->items[i]);
  }
  jg_mem_free(hosts->items);
  memset(hosts, 0, sizeof(*hosts));
}

static int rule_covers(const struct jg_host_rule *rule,
                       const struct jg_url *url) {
  int http_too = rule->bare && jg_url_is_loopback(url);
  if (strcmp(rule->url.host, url->host) != 0 ||
      (rule->url.https != url->https && !http_too)) {
    return 0;
  }
  return rule->port ? rule->url.port == url->port : jg_url_default_port(url);
}

enum jg_allowed jg_hosts_find(const struct jg_hosts *hosts,
                              const char *provider, const struct jg_url *url) {
  enum jg_allowed allowed = JG_ALLOWED_NOT;
  for (size_t i = 0; hosts != NULL && i < hosts->count; i++) {
    const struct jg_host_rule *rule = &hosts->items[i];
    if (!rule_covers(rule, url)) {
      continue;
    }
    if (rule->provider == NULL) {
      allowed = JG_ALLOWED_KEYLESS;
    } else if (jg_text_same(rule->provider, provider)) {
      return JG_ALLOWED_WITH_KEY;
    }
  }
  return allowed;
}

void jg_hosts_rule(const struct jg_url *url, char to[JG_HOSTS_RULE_BYTES]) {
  const char *scheme = url->https || jg_url_is_loopback(url) ? "" : "http://";
  if (jg_url_default_port(url)) {
    snprintf(to, JG_HOSTS_RULE_BYTES, "%s%s", scheme, url->host);
  } else {
    snprintf(to, JG_HOSTS_RULE_BYTES, "%s%s:%d", scheme, url->host, url->port);
  }
}
