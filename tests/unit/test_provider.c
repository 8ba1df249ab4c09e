/* Model URIs, hosts and keys. */
#include <string.h>

#include "core/json.h"
#include "llm/hosts.h"
#include "llm/provider.h"
#include "llm/url.h"
#include "llm/wire.h"
#include "unit.h"

struct setting {
  const char *name, *value;
};

struct world {
  const struct setting *settings;
  const char *allowed; /* a host, or NULL */
};

static const char *get_env(void *ctx, const char *name) {
  const struct world *w = ctx;
  for (size_t i = 0; w->settings != NULL && w->settings[i].name; i++) {
    if (strcmp(w->settings[i].name, name) == 0) {
      return w->settings[i].value;
    }
  }
  return NULL;
}

static const struct setting KEYS[] = {{"OPENAI_API_KEY", "sk-secret-0001"},
                                      {"GROQ_API_KEY", "gsk-secret"},
                                      {NULL, NULL}};

static int resolve(struct world *w, const char *uri, const char *base_url,
                   const char *extra, struct jg_endpoint *out,
                   struct jg_err *err) {
  struct jg_hosts hosts = {0};
  struct jg_environment e = {get_env, NULL, w, &hosts};
  memset(err, 0, sizeof(*err));
  if (w->allowed != NULL &&
      jg_hosts_read(w->allowed, strlen(w->allowed), &hosts, err) != JG_OK) {
    return err->code;
  }
  jg_endpoint_resolve(uri, JG_ENDPOINT_CHAT, base_url, extra, &e, out, err);
  jg_hosts_dispose(&hosts);
  return err->code;
}

TEST(provider_uri_forms) {
  static const struct {
    const char *uri, *error; /* a part of the error, NULL: fine */
  } CASES[] = {
      {"openai:/gpt-4.1-mini", NULL},
      {"openai://gpt-4.1-mini", NULL},
      {"anthropic:/claude", NULL},
      {"local:/lexical", NULL},
      {"endpoints:/chat", NULL},
      {"openrouter:/meta/llama:free", NULL},
      {"gpt-4", "'provider:/model'"},
      {"openai:/", "'provider:/model'"},
      {":/x", "'provider:/model'"},
      {"", "'provider:/model'"},
      {"openai:gpt", "'provider:/model'"},
      {"opnai:/gpt", "did you mean 'openai'?"},
      {"zzzzzzzzz:/gpt", "known are openai, databricks"},
      {"openai:/a\nb", "control characters"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_err err = {0};
    int code = jg_model_uri_check(CASES[i].uri, &err);
    if (CASES[i].error == NULL) {
      CHECK_INT(code, JG_OK);
    } else {
      CHECK_INT(code, JG_ERROR);
      CHECK(strstr(err.text, CASES[i].error) != NULL);
    }
  }
}

TEST(provider_urls_by_environment) {
  static const struct {
    const char *uri;
    struct setting env[4]; /* ALLOWED: a host that the connection allows */
    const char *url;
  } CASES[] = {
      {"openai:/m",
       {{"OPENAI_API_KEY", "k"}},
       "https://api.openai.com/v1/chat/completions"},
      {"openai:/m",
       {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://127.0.0.1:8/v1/"}},
       "http://127.0.0.1:8/v1/chat/completions"},
      {"openai:/m",
       {{"OPENAI_API_BASE", "http://a/v1"},
        {"OPENAI_BASE_URL", "http://b/v1"},
        {"OPENAI_API_KEY", "k"},
        {"ALLOWED", "http://a"}},
       "http://a/v1/chat/completions"},
      {"databricks:/m",
       {{"DATABRICKS_HOST", "https://adb-1.cloud.example/"},
        {"DATABRICKS_TOKEN", "t"}},
       "https://adb-1.cloud.example/serving-endpoints/chat/completions"},
      {"databricks:/m",
       {{"DATABRICKS_HOST", "adb-1.cloud.example"}, {"DATABRICKS_TOKEN", "t"}},
       "https://adb-1.cloud.example/serving-endpoints/chat/completions"},
      {"ollama:/m", {{"X", ""}}, "http://localhost:11434/v1/chat/completions"},
      {"ollama:/m",
       {{"OLLAMA_HOST", "box"}, {"ALLOWED", "http://box:11434"}},
       "http://box:11434/v1/chat/completions"},
      {"ollama:/m",
       {{"OLLAMA_HOST", "http://box:1/v1"}, {"ALLOWED", "http://box:1"}},
       "http://box:1/v1/chat/completions"},
      {"endpoints:/m",
       {{"MLFLOW_DEPLOYMENTS_TARGET", "http://gw:5000"},
        {"ALLOWED", "http://gw:5000"}},
       "http://gw:5000/v1/chat/completions"},
      {"endpoints:/m",
       {{"MLFLOW_DEPLOYMENTS_TARGET", "databricks"},
        {"DATABRICKS_HOST", "https://d"},
        {"DATABRICKS_TOKEN", "t"}},
       "https://d/serving-endpoints/chat/completions"},
      {"gateway:/m",
       {{"MLFLOW_TRACKING_URI", "http://t:5000"}, {"ALLOWED", "http://t:5000"}},
       "http://t:5000/gateway/mlflow/v1/chat/completions"},
      {"groq:/m",
       {{"GROQ_API_KEY", "k"}},
       "https://api.groq.com/openai/v1/chat/completions"},
      {"anthropic:/m",
       {{"ANTHROPIC_API_KEY", "k"}},
       "https://api.anthropic.com/v1/messages"},
      {"anthropic:/m",
       {{"ANTHROPIC_API_KEY", "k"},
        {"ANTHROPIC_BASE_URL", "https://p.example"}},
       "https://p.example/v1/messages"},
      {"azure:/m",
       {{"AZURE_API_KEY", "k"},
        {"AZURE_API_BASE", "https://r.openai.azure.com/"}},
       "https://r.openai.azure.com/openai/deployments/m/chat/completions"
       "?api-version=2024-10-21"},
      {"azure:/m",
       {{"AZURE_API_KEY", "k"},
        {"AZURE_API_BASE", "r.openai.azure.com"},
        {"AZURE_API_VERSION", "2025-01-01 x"}},
       "https://r.openai.azure.com/openai/deployments/m/chat/completions"
       "?api-version=2025-01-01%20x"},
      {"bedrock:/m",
       {{"AWS_BEARER_TOKEN_BEDROCK", "k"}, {"AWS_REGION", "eu-west-1"}},
       "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse"},
      {"ollama_chat:/m", {{"X", ""}}, "http://localhost:11434/api/chat"},
      {"cohere:/m",
       {{"CO_API_KEY", "k"}},
       "https://api.cohere.ai/compatibility/v1/chat/completions"},
      {"hosted_vllm:/m",
       {{"HOSTED_VLLM_API_BASE", "127.0.0.1:8000"}},
       "http://127.0.0.1:8000/v1/chat/completions"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct setting env[5] = {{NULL, NULL}};
    memcpy(env, CASES[i].env, sizeof(CASES[i].env));
    struct world w = {env, NULL};
    w.allowed = get_env(&w, "ALLOWED");
    struct jg_endpoint out;
    struct jg_err err;
    CHECK_INT(resolve(&w, CASES[i].uri, NULL, NULL, &out, &err), JG_OK);
    CHECK_TEXT(out.url, CASES[i].url);
    CHECK_TEXT(out.model, "m");
    jg_endpoint_dispose(&out);
  }
}

TEST(provider_embeddings_stand_beside_chat) {
  struct world w = {KEYS, NULL};
  struct jg_hosts hosts = {0};
  struct jg_environment e = {get_env, NULL, &w, &hosts};
  struct jg_endpoint out;
  struct jg_err err = {0};
  CHECK_INT(jg_hosts_read("e.example", 9, &hosts, &err), JG_OK);
  CHECK_INT(jg_endpoint_resolve("openai:/m", JG_ENDPOINT_EMBEDDINGS,
                                "https://e.example/v2/chat/completions", NULL,
                                &e, &out, &err),
            JG_OK);
  CHECK_TEXT(out.url, "https://e.example/v2/embeddings");
  CHECK_TEXT(out.host, "e.example");
  jg_endpoint_dispose(&out);
  jg_hosts_dispose(&hosts);
}

TEST(provider_missing_settings_are_named) {
  static const struct {
    const char *uri, *error;
  } CASES[] = {
      {"openai:/m", "set the environment variable OPENAI_API_KEY"},
      {"groq:/m", "set the environment variable GROQ_API_KEY"},
      {"databricks:/m", "set the environment variable DATABRICKS_HOST"},
      {"endpoints:/m", "environment variable MLFLOW_DEPLOYMENTS_TARGET"},
      {"anthropic:/m", "set the environment variable ANTHROPIC_API_KEY"},
      {"azure:/m", "set the environment variable AZURE_API_BASE"},
      {"bedrock:/m", "set the environment variable AWS_REGION"},
      {"vertex_ai:/m", "vertex_ai is not supported yet"},
      {"local:/lexical", "runs inside this library"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct world w = {NULL, NULL};
    struct jg_endpoint out;
    struct jg_err err;
    CHECK_INT(resolve(&w, CASES[i].uri, NULL, NULL, &out, &err), JG_ERROR);
    CHECK(strstr(err.text, CASES[i].error) != NULL);
    CHECK(out.url == NULL && out.headers == NULL);
  }
}

TEST(provider_model_is_no_step_in_a_path) {
  static const struct setting SET[] = {{"AZURE_API_KEY", "k"},
                                       {"AZURE_API_BASE", "https://a.example"},
                                       {"AWS_BEARER_TOKEN_BEDROCK", "k"},
                                       {"AWS_REGION", "r"},
                                       {NULL, NULL}};
  static const char *const URIS[] = {"azure:/..", "azure:/.", "bedrock:/.."};
  for (size_t i = 0; i < sizeof(URIS) / sizeof(URIS[0]); i++) {
    struct world w = {SET, NULL};
    struct jg_endpoint out;
    struct jg_err err;
    CHECK_INT(resolve(&w, URIS[i], NULL, NULL, &out, &err), JG_ERROR);
    CHECK(strstr(err.text, "is no name") != NULL);
  }
}

TEST(provider_foreign_base_url_is_refused) {
  struct world w = {KEYS, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(
      resolve(&w, "openai:/m", "https://Evil.example/v1", NULL, &out, &err),
      JG_ERROR);
  CHECK_TEXT(err.text,
             "judge's base_url host 'evil.example' is not allowed on this "
             "connection: SELECT judge_config('allow_host', 'evil.example') if "
             "you trust it, 'openai=evil.example' if it may have your key, "
             "too");
  /* The provider's own host with another path is foreign too. */
  CHECK_INT(
      resolve(&w, "openai:/m", "https://api.openai.com/evil", NULL, &out, &err),
      JG_ERROR);
}

TEST(provider_hosts_are_allowed_by_name_or_name_and_port) {
  static const struct {
    const char *allowed, *base_url;
    int fine;
  } CASES[] = {
      {"good.example", "https://good.example/v1", 1},
      {"good.example", "https://GOOD.example/v1", 1},
      {"Good.example", "https://good.example/v1", 1},
      {"good.example", "https://good.example:8443/v1", 0},
      {"good.example", "http://good.example/v1", 0},
      {"good.example", "http://good.example:443/v1", 0},
      {"good.example:80", "http://good.example/v1", 0},
      {"https://good.example", "https://good.example/v1", 1},
      {"https://good.example", "http://good.example/v1", 0},
      {"http://good.example", "http://good.example/v1", 1},
      {"http://good.example", "http://good.example:80/v1", 1},
      {"http://good.example", "http://good.example:8080/v1", 0},
      {"http://good.example", "https://good.example/v1", 0},
      {"http://good.example:8080", "http://good.example:8080/v1", 1},
      {"http://good.example:8080", "https://good.example:8080/v1", 0},
      {"openai=good.example", "https://good.example/v1", 1},
      {"OpenAI=good.example", "https://good.example/v1", 1},
      {"groq=good.example", "https://good.example/v1", 0},
      {"a.example, groq=b.example,good.example", "https://good.example/v1", 1},
      {"[\"a.example\",\"good.example\"]", "https://good.example/v1", 1},
      {"good.example:8443", "https://good.example:8443/v1", 1},
      {"good.example:8443", "https://good.example/v1", 0},
      {"good.example:443", "https://good.example/v1", 1},
      {"good.example", "https://good.example.evil/v1", 0},
      {"good.example", "https://evil/good.example", 0},
      {"good.example", "https://good.example@evil/v1", 0},
      {"good.example", "https://good.example:x@evil/v1", 0},
      {"good.example", "https://evil\\@good.example/v1", 0},
      {"good.example", "https://evil#@good.example/v1", 0},
      {"good.example", "https://evil?@good.example/v1", 0},
      {"good.example", "https://good.example%2eevil/v1", 0},
      {"good.example", "https://good.example /v1", 0},
      {"good.example", "ftp://good.example/v1", 0},
      {"good.example", "file:///good.example", 0},
      {"good.example", "//good.example/v1", 0},
      {"good.example", "https://good.example/v1?key=1", 0},
      {"good.example", "https://good.example/v1#x", 0},
      {"good.example", "https://good.example:0/v1", 0},
      {"good.example", "https://good.example:99999/v1", 0},
      {"good.example", "https://good.example:/v1", 0},
      {"good.example", "https://good.example:80x/v1", 0},
      {"[::1]", "http://[::1]:8080/v1", 0},
      {"[::1]", "http://[::1]/v1", 1},
      {"127.0.0.1:8", "http://127.0.0.1:8/v1", 1},
      {"127.0.0.1:8", "https://127.0.0.1:8/v1", 1},
      {"https://127.0.0.1:8", "http://127.0.0.1:8/v1", 0},
      {"[::1]:8080", "http://[::1]:8080/v1", 1},
      {"[::1]", "http://[::1/v1", 0},
      {"[::1]", "http://[::1]evil/v1", 0},
      {"a", "http:///v1", 0},
      {"a", "https://:443/v1", 0},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct world w = {KEYS, CASES[i].allowed};
    struct jg_endpoint out;
    struct jg_err err;
    int code = resolve(&w, "openai:/m", CASES[i].base_url, NULL, &out, &err);
    CHECK_INT(code == JG_OK, CASES[i].fine);
    if (code == JG_OK) {
      jg_endpoint_dispose(&out);
    }
  }
}

TEST(provider_errors_hold_no_credentials) {
  struct setting env[] = {{"OPENAI_API_KEY", "sk-secret-0001"},
                          {"OPENAI_BASE_URL", "https://me:hunter2@host/v1"},
                          {NULL, NULL}};
  struct world w = {env, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(resolve(&w, "openai:/m", NULL, NULL, &out, &err), JG_ERROR);
  CHECK(strstr(err.text, "OPENAI_BASE_URL") != NULL);
  CHECK(strstr(err.text, "hunter2") == NULL);
  CHECK(strstr(err.text, "sk-secret") == NULL);
}

static const char *header(const struct jg_endpoint *e, const char *name) {
  for (size_t i = 0; i < e->header_count; i++) {
    if (strncmp(e->headers[i], name, strlen(name)) == 0) {
      return e->headers[i];
    }
  }
  return NULL;
}

TEST(provider_headers) {
  struct world w = {KEYS, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(resolve(&w, "openai:/m", NULL, "{\"X-Team\":\"a\"}", &out, &err),
            JG_OK);
  CHECK_TEXT(header(&out, "Authorization"),
             "Authorization: Bearer sk-secret-0001");
  CHECK_TEXT(header(&out, "Content-Type"), "Content-Type: application/json");
  CHECK_TEXT(header(&out, "X-Team"), "X-Team: a");
  CHECK_TEXT(out.max_tokens_key, "max_completion_tokens");
  jg_endpoint_dispose(&out);
  CHECK_INT(resolve(&w, "openai:/m", NULL, "{\"authorization\":\"Basic x\"}",
                    &out, &err),
            JG_OK);
  CHECK(header(&out, "Authorization") == NULL);
  CHECK_TEXT(header(&out, "authorization"), "authorization: Basic x");
  jg_endpoint_dispose(&out);
}

TEST(provider_key_goes_to_its_own_hosts_and_those_allowed_for_it) {
  static const struct {
    const char *uri, *allowed, *base_url, *key; /* NULL: none is sent */
    const char *rule;                           /* what would let it go */
  } CASES[] = {
      {"openai:/m", NULL, NULL, "Authorization: Bearer openai-key", NULL},
      {"openai:/m", "x.example", "https://x.example/v1", NULL,
       "openai=x.example"},
      {"openai:/m", "http://x.example:8", "http://x.example:8/v1", NULL,
       "openai=http://x.example:8"},
      {"openai:/m", "openai=x.example", "https://x.example/v1",
       "Authorization: Bearer openai-key", NULL},
      {"openai:/m", "anthropic=x.example,x.example", "https://x.example/v1",
       NULL, "openai=x.example"},
      {"openai:/m", "x.example,openai=x.example", "https://x.example/v1",
       "Authorization: Bearer openai-key", NULL},
      /* the provider's own, by the table or by the environment */
      {"openai:/m", "api.openai.com", "https://api.openai.com/v2",
       "Authorization: Bearer openai-key", NULL},
      {"openai:/m", "api.openai.com:8443", "https://api.openai.com:8443/v2",
       NULL, "openai=api.openai.com:8443"},
      {"groq:/m", "g.example", "https://g.example/v2",
       "Authorization: Bearer groq-key", NULL},
      {"groq:/m", "api.groq.com", "https://api.groq.com/v2", NULL,
       "groq=api.groq.com"},
      {"anthropic:/m", "api.openai.com", "https://api.openai.com/v1", NULL,
       "anthropic=api.openai.com"},
      {"anthropic:/m", "openai=x.example, x.example", "https://x.example/v1",
       NULL, "anthropic=x.example"},
      {"anthropic:/m", "anthropic=x.example", "https://x.example/v1",
       "x-api-key: anthropic-key", NULL},
      {"bedrock:/m", "x.example", "https://x.example/v1", NULL,
       "bedrock=x.example"},
      {"ollama:/m", "x.example", "https://x.example/v1",
       "Authorization: Bearer ollama", "ollama=x.example"},
      {"mistral:/m", "x.example", "https://x.example/v1", NULL,
       "mistral=x.example"}, /* and none is needed */
  };
  static const struct setting ENV[] = {
      {"OPENAI_API_KEY", "openai-key"},
      {"ANTHROPIC_API_KEY", "anthropic-key"},
      {"GROQ_API_KEY", "groq-key"},
      {"GROQ_API_BASE", "https://g.example/v1"},
      {"OLLAMA_API_KEY", "ollama-key"},
      {"AWS_ACCESS_KEY_ID", "AKID"},
      {"AWS_SECRET_ACCESS_KEY", "aws-secret"},
      {"AWS_SESSION_TOKEN", "aws-session"},
      {"AWS_REGION", "eu-west-1"},
      {NULL, NULL}};
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct world w = {ENV, CASES[i].allowed};
    struct jg_endpoint out;
    struct jg_err err;
    CHECK_INT(resolve(&w, CASES[i].uri, CASES[i].base_url, NULL, &out, &err),
              JG_OK);
    const char *key = header(&out, "Authorization");
    CHECK_TEXT(key == NULL ? header(&out, "x-api-key") : key, CASES[i].key);
    CHECK_TEXT(out.key_rule, CASES[i].rule);
    CHECK(out.aws_region == NULL && out.aws_secret == NULL);
    jg_endpoint_dispose(&out);
  }
}

TEST(provider_hosts_that_cannot_be_read) {
  static const struct {
    const char *text, *error;
  } CASES[] = {
      {"https://a.example/v1", "'https://a.example/v1' is not a host"},
      {"ftp://a.example", "'ftp://a.example' is not a host"},
      {"a.example,", "'' is not a host"},
      {"a.example:0", "'a.example:0' is not a host"},
      {"a b", "'a b' is not a host"},
      {"http://me:hunter2@a.example", "'...' is not a host"},
      {"opnai=a.example", "did you mean 'openai'?"},
      {"=a.example", "unknown model provider ''"},
      {"openai=", "'' is not a host"},
      {"openai=groq=a", "'groq=a' is not a host"},
      {"[7]", "must be a list of texts"},
      {"{\"openai\":\"a\"}", "must be a list of texts"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_hosts hosts;
    struct jg_err err = {0};
    CHECK_INT(jg_hosts_read(CASES[i].text, strlen(CASES[i].text), &hosts, &err),
              JG_ERROR);
    CHECK(strstr(err.text, CASES[i].error) != NULL);
    CHECK(strstr(err.text, "hunter2") == NULL);
    CHECK(hosts.items == NULL && hosts.count == 0);
  }
}

TEST(provider_extra_headers_are_checked) {
  static const char *const CASES[] = {
      "[]",
      "{\"X\":1}",
      "{\"X Y\":\"a\"}",
      "{\"\":\"a\"}",
      "{\"X\":\"a\\r\\nEvil: 1\"}",
      "{\"Host\":\"evil\"}",
      "{\"content-length\":\"0\"}",
      "{\"X\":",
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct world w = {KEYS, NULL};
    struct jg_endpoint out;
    struct jg_err err;
    CHECK_INT(resolve(&w, "openai:/m", NULL, CASES[i], &out, &err), JG_ERROR);
  }
}

TEST(provider_keys_that_would_split_a_header) {
  struct setting env[] = {{"OPENAI_API_KEY", "sk-1\r\nEvil: yes"},
                          {NULL, NULL}};
  struct world w = {env, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(resolve(&w, "openai:/m", NULL, NULL, &out, &err), JG_ERROR);
  CHECK(strstr(err.text, "Evil") == NULL);
  env[0].value = "  sk-2\n";
  CHECK_INT(resolve(&w, "openai:/m", NULL, NULL, &out, &err), JG_OK);
  CHECK_TEXT(header(&out, "Authorization"), "Authorization: Bearer sk-2");
  jg_endpoint_dispose(&out);
}

TEST(provider_plain_http_goes_to_this_machine_only) {
  static const struct {
    const char *base, *allowed;
    int fine;
  } CASES[] = {
      {"http://localhost:1/v1", NULL, 1},
      {"http://LOCALHOST/v1", NULL, 1},
      {"http://127.0.0.1/v1", NULL, 1},
      {"http://127.255.1.9:8/v1", NULL, 1},
      {"http://[::1]:8/v1", NULL, 1},
      {"https://far.example/v1", NULL, 1},
      {"http://far.example/v1", "http://far.example", 1},
      {"http://far.example/v1", "far.example", 0},
      {"http://far.example:8/v1", "http://far.example:8", 1},
      {"http://far.example:8/v1", "openai=http://far.example:8", 1},
      {"http://far.example:8/v1", "groq=http://far.example:8", 0},
      {"http://far.example:8/v1", "far.example:8", 0},
      {"http://far.example:8/v1", "http://far.example:9", 0},
      {"http://far.example/v1", NULL, 0},
      {"http://10.0.0.1/v1", NULL, 0},
      {"http://127.0.0.1.far.example/v1", NULL, 0},
      {"http://127.1/v1", NULL, 0},
      {"http://127.0.0.0.1/v1", NULL, 0},
      {"http://127.0.0.999/v1", NULL, 0},
      {"http://2130706433/v1", NULL, 0},
      {"http://localhost.far.example/v1", NULL, 0},
      {"http://[::ffff:127.0.0.1]/v1", NULL, 0},
      {"http://0.0.0.0/v1", NULL, 0},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct setting env[] = {{"OPENAI_API_KEY", "sk-secret-0001"},
                            {"OPENAI_BASE_URL", CASES[i].base},
                            {NULL, NULL}};
    struct world w = {env, CASES[i].allowed};
    struct jg_endpoint out;
    struct jg_err err;
    int code = resolve(&w, "openai:/m", NULL, NULL, &out, &err);
    CHECK_INT(code == JG_OK, CASES[i].fine);
    if (code == JG_OK) {
      jg_endpoint_dispose(&out);
    } else {
      CHECK(strstr(err.text, "allow_host") != NULL);
      CHECK(strstr(err.text, "OPENAI_BASE_URL") != NULL);
    }
  }
}

TEST(provider_header_forms) {
  struct setting env[] = {{"ANTHROPIC_API_KEY", "sk-ant-1"},
                          {"AZURE_API_KEY", "az-key-1"},
                          {"AZURE_API_BASE", "https://r.example"},
                          {NULL, NULL}};
  struct world w = {env, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(resolve(&w, "anthropic:/m", NULL, NULL, &out, &err), JG_OK);
  CHECK_TEXT(header(&out, "x-api-key"), "x-api-key: sk-ant-1");
  CHECK_TEXT(header(&out, "anthropic-version"),
             "anthropic-version: 2023-06-01");
  CHECK(header(&out, "Authorization") == NULL);
  CHECK_TEXT(out.key_env, "ANTHROPIC_API_KEY");
  jg_endpoint_dispose(&out);
  CHECK_INT(resolve(&w, "azure:/m", NULL, NULL, &out, &err), JG_OK);
  CHECK_TEXT(header(&out, "api-key"), "api-key: az-key-1");
  jg_endpoint_dispose(&out);
}

TEST(provider_bedrock_signs_without_a_bearer_token) {
  struct setting env[] = {{"AWS_ACCESS_KEY_ID", "AKID"},
                          {"AWS_SECRET_ACCESS_KEY", "secret-0001"},
                          {"AWS_DEFAULT_REGION", "us-east-1"},
                          {"AWS_SESSION_TOKEN", "session-0001"},
                          {NULL, NULL}};
  struct world w = {env, NULL};
  struct jg_endpoint out;
  struct jg_err err;
  CHECK_INT(
      resolve(&w, "bedrock:/eu.anthropic.claude-v1:0", NULL, NULL, &out, &err),
      JG_OK);
  CHECK_TEXT(out.url, "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
                      "eu.anthropic.claude-v1%3A0/converse");
  CHECK_TEXT(out.aws_region, "us-east-1");
  CHECK_TEXT(out.aws_token, "session-0001");
  CHECK(header(&out, "Authorization") == NULL);
  jg_endpoint_dispose(&out);
  env[1].name = "X";
  CHECK_INT(resolve(&w, "bedrock:/m", NULL, NULL, &out, &err), JG_ERROR);
  CHECK(strstr(err.text, "AWS_SECRET_ACCESS_KEY") != NULL);
  env[2].name = "Y";
  CHECK_INT(resolve(&w, "bedrock:/m", NULL, NULL, &out, &err), JG_ERROR);
  CHECK(strstr(err.text, "AWS_REGION") != NULL);
}

static int always(void *ctx) {
  (void)ctx;
  return 1;
}

TEST(provider_needs_no_key_when_nothing_is_sent) {
  struct world w = {NULL, NULL};
  struct jg_environment e = {get_env, always, &w, NULL};
  struct jg_endpoint out;
  struct jg_err err = {0};
  CHECK_INT(jg_endpoint_resolve("openai:/m", JG_ENDPOINT_CHAT, NULL, NULL, &e,
                                &out, &err),
            JG_OK);
  CHECK(header(&out, "Authorization") == NULL);
  jg_endpoint_dispose(&out);
}

TEST(provider_without_embeddings) {
  struct setting env[] = {{"ANTHROPIC_API_KEY", "k"}, {NULL, NULL}};
  struct world w = {env, NULL};
  struct jg_environment e = {get_env, NULL, &w, NULL};
  struct jg_endpoint out;
  struct jg_err err = {0};
  CHECK_INT(jg_endpoint_resolve("anthropic:/m", JG_ENDPOINT_EMBEDDINGS, NULL,
                                NULL, &e, &out, &err),
            JG_ERROR);
  CHECK(strstr(err.text, "makes no embeddings") != NULL);
}

TEST(provider_sketch_has_name_and_format) {
  struct jg_endpoint out;
  struct jg_err err = {0};
  CHECK_INT(jg_endpoint_sketch("anthropic://claude", &out, &err), JG_OK);
  CHECK_TEXT(out.model, "claude");
  CHECK(out.wire == &jg_wire_anthropic);
  CHECK(out.url == NULL);
  jg_endpoint_dispose(&out);
  CHECK_INT(jg_endpoint_sketch("vertex_ai:/x", &out, &err), JG_ERROR);
}
