/* Secrets in what comes back: masked in errors, found in answers. */
#include <stdio.h>
#include <string.h>

#include "llm/mask.h"
#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SECRET "sk-abc/DEF+ghi=01234567"

struct setting {
  const char *name, *value;
};

static const char *get_env(void *ctx, const char *name) {
  const struct setting *s = ctx;
  for (; s->name != NULL; s++) {
    if (strcmp(s->name, name) == 0) {
      return s->value;
    }
  }
  return NULL;
}

static struct jg_endpoint endpoint_of(struct setting *env, const char *uri,
                                      const char *extra) {
  struct jg_environment e = {get_env, NULL, env, NULL};
  struct jg_endpoint out;
  struct jg_err err = {0};
  CHECK_INT(
      jg_endpoint_resolve(uri, JG_ENDPOINT_CHAT, NULL, extra, &e, &out, &err),
      JG_OK);
  return out;
}

/* As an error has it afterwards. */
static const char *masked(const struct jg_endpoint *e, const char *text) {
  static char copy[400];
  memcpy(copy, text, strlen(text) + 1);
  jg_mask_error(e, copy, strlen(copy));
  return copy;
}

static int is_in(const struct jg_endpoint *e, const char *text) {
  return jg_mask_is_in(e, text, strlen(text));
}

/* Every way that servers were seen to send a key back. */
TEST(mask_finds_a_key_in_every_encoding) {
  static const char *const TEXTS[] = {
      SECRET,
      "SK-ABC/def+GHI=01234567",
      /* JSON, and JSON in JSON */
      "sk-abc\\/DEF+ghi=01234567",
      "sk-abc/DEF\\u002bghi\\u003d01234567",
      "sk-abc/DEF\\u002Bghi\\u003D01234567",
      "sk-abc\\\\\\/DEF\\\\u002bghi\\\\u003d01234567",
      "\\u0073\\u006b-abc/DEF+ghi=01234567",
      "sk-abc\\x2fDEF\\x2Bghi\\x3d01234567",
      /* URLs, once and twice */
      "sk-abc%2FDEF%2Bghi%3D01234567",
      "sk-abc%2fDEF%2bghi%3d01234567",
      "sk-abc%252FDEF%252Bghi%253D01234567",
      "%73%6B%2Dabc%2FDEF%2Bghi%3D01234567",
      /* HTML */
      "sk-abc&#47;DEF&#43;ghi&#61;01234567",
      "sk-abc&#x2F;DEF&#x2b;ghi&#x3D;01234567",
      "sk-abc&amp;#x2F;DEF&amp;#x2b;ghi&amp;#61;01234567",
      "sk-abc&#0047;DEF&#43;ghi=01234567",
      /* hexadecimal */
      "736b2d6162632f4445462b6768693d3031323334353637",
      "736B2D6162632F4445462B6768693D3031323334353637",
      /* base64: alone, after one byte, after two, in the URL's alphabet */
      "c2stYWJjL0RFRitnaGk9MDEyMzQ1Njc=",
      "eHNrLWFiYy9ERUYrZ2hpPTAxMjM0NTY3",
      "eHlzay1hYmMvREVGK2doaT0wMTIzNDU2Nw==",
      "eHNrLWFiYy9ERUYrZ2hpPTAxMjM0NTY3eA",
      "eHNrLWFiYy9ERUYrZ2hpPTAxMjM0NTY3eA%3D%3D",
  };
  struct setting env[] = {{"OPENAI_API_KEY", SECRET}, {NULL, NULL}};
  struct jg_endpoint e = endpoint_of(env, "openai:/m", NULL);
  for (size_t i = 0; i < COUNT(TEXTS); i++) {
    char around[200];
    snprintf(around, sizeof(around), "{\"a\": \"x %s y\"}", TEXTS[i]);
    CHECK(is_in(&e, around));
    CHECK_TEXT(is_in(&e, around) ? "" : TEXTS[i], "");
    CHECK(!is_in(&e, masked(&e, around)));
    CHECK_INT(strlen(masked(&e, around)), strlen(around));
    CHECK(strncmp(masked(&e, around), "{\"a\": \"x ", 9) == 0);
    CHECK(strstr(masked(&e, around), " y\"}") != NULL);
    CHECK(strstr(masked(&e, around), "01234567") == NULL);
  }
  jg_endpoint_dispose(&e);
}

TEST(mask_takes_a_prefix_in_errors_only) {
  struct setting env[] = {{"OPENAI_API_KEY", SECRET}, {NULL, NULL}};
  struct jg_endpoint e = endpoint_of(env, "openai:/m", NULL);
  CHECK_TEXT(masked(&e, "key sk-abc/DEF+g... is wrong"),
             "key ************... is wrong");
  CHECK_TEXT(masked(&e, "key sk-abc/DEF... is wrong"),
             "key sk-abc/DEF... is wrong");
  CHECK_TEXT(masked(&e, "sk-abc/DEF+ghi=0123456"), "**********************");
  CHECK(!is_in(&e, "sk-abc/DEF+ghi=0123456"));
  CHECK(!is_in(&e, ""));
  CHECK_TEXT(masked(&e, SECRET SECRET),
             "**********************************************");
  jg_endpoint_dispose(&e);
}

/* Short ones are words; headers are secret by their names. */
TEST(mask_knows_what_is_secret) {
  static const struct {
    const char *key, *extra, *text;
    int found;
  } CASES[] = {
      {"anything", NULL, "it does not say anything else", 0},
      {"not-needed-here", NULL, "not-needed-here", 0}, /* 15 bytes */
      {"not-needed-here-", NULL, "a not-needed-here- b", 1},
      {"k", "{\"X-Env\":\"completion_tokens_12345\"}",
       "completion_tokens_12345", 0},
      {"k", "{\"X-Title\":\"production-evaluation\"}", "production-evaluation",
       0},
      {"k", "{\"X-Team-Token\":\"production-evaluation\"}",
       "production-evaluation", 1},
      {"k", "{\"x-gateway-KEY\":\"production-evaluation\"}",
       "production-evaluation", 1},
      {"k", "{\"Authorization\":\"Basic production-evaluation\"}",
       "production-evaluation", 1},
      {"k", "{\"Proxy-Authorization\":\"production-evaluation\"}",
       "production-evaluation", 1},
      {"k", "{\"Monkey\":\"production-evaluation\"}", "production-evaluation",
       0},
      {"k", NULL, "application/json; sqlite-judge", 0},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct setting env[] = {{"OPENAI_API_KEY", CASES[i].key}, {NULL, NULL}};
    struct jg_endpoint e = endpoint_of(env, "openai:/m", CASES[i].extra);
    CHECK_INT(is_in(&e, CASES[i].text), CASES[i].found);
    CHECK_INT(strchr(masked(&e, CASES[i].text), '*') != NULL, CASES[i].found);
    jg_endpoint_dispose(&e);
  }
}

TEST(mask_of_signing_keys) {
  struct setting env[] = {{"AWS_ACCESS_KEY_ID", "AKID"},
                          {"AWS_SECRET_ACCESS_KEY", "secret-0001-secret"},
                          {"AWS_DEFAULT_REGION", "us-east-1"},
                          {"AWS_SESSION_TOKEN", "session-0001-session"},
                          {NULL, NULL}};
  struct jg_endpoint e = endpoint_of(env, "bedrock:/m", NULL);
  CHECK_TEXT(masked(&e, "a secret-0001-secret b session-0001-session"),
             "a ****************** b ********************");
  CHECK(is_in(&e, "session-0001-session"));
  jg_endpoint_dispose(&e);
}

TEST(mask_hides_passwords_of_proxies) {
  static const struct {
    const char *name, *value, *text, *masked;
  } CASES[] = {
      {"http_proxy", "http://me:pass%21word@proxy:3128",
       "pass%21word pass!word bWU6cGFzcyF3b3Jk",
       "*********** ********* ****************"},
      {"HTTPS_PROXY", "me:12345678@proxy", "12345678", "********"},
      /* what libcurl shows when it cannot read it */
      {"all_proxy", "http://me:a b@c#d:9@proxy:1", "'http://me:a b@c#d:9@pr'",
       "'http://me:*********@pr'"},
      {"https_proxy", "http://me:short@proxy",
       "short bWU6c2hvcnQ=", "short ************"},
      {"http_proxy", "http://proxy:3128/a@b", "3128/a", "3128/a"},
      {"http_proxy", "http://me@proxy", "me@proxy", "me@proxy"},
      {"http_proxy", "@://:@", "@://:@", "@://:@"},
      {"http_proxy", "", "", ""},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    struct setting env[] = {{"OPENAI_API_KEY", "sk-secret-0001"},
                            {CASES[i].name, CASES[i].value},
                            {NULL, NULL}};
    struct jg_endpoint e = endpoint_of(env, "openai:/m", NULL);
    CHECK_TEXT(masked(&e, CASES[i].text), CASES[i].masked);
    jg_endpoint_dispose(&e);
  }
}

TEST(mask_hides_tokens_in_the_path_of_a_base) {
  struct setting env[] = {
      {"OPENAI_API_KEY", "k"},
      {"OPENAI_BASE_URL", "https://gw.example/v1/t0ken-planted-1234/openai"},
      {NULL, NULL}};
  struct jg_endpoint e = endpoint_of(env, "openai:/m", NULL);
  CHECK_TEXT(masked(&e, e.url), "https://gw.example/v1/******************/"
                                "openai/chat/completions");
  CHECK(!is_in(&e, e.url)); /* answers may hold an address */
  jg_endpoint_dispose(&e);
  struct setting host[] = {
      {"DATABRICKS_TOKEN", "k"},
      {"DATABRICKS_HOST", "https://adb-1.example/serving-endpoints"},
      {NULL, NULL}};
  e = endpoint_of(host, "databricks:/m", NULL);
  CHECK_TEXT(masked(&e, e.url),
             "https://adb-1.example/serving-endpoints/chat/completions");
  jg_endpoint_dispose(&e);
}

TEST(mask_takes_broken_escapes_as_text) {
  static const char *const TEXTS[] = {
      "\\",       "\\\\\\\\",    "%",   "%2",       "%25",
      "%25252",   "&",           "&#",  "&#x",      "&#x3",
      "&amp;",    "&amp;amp;",   "\\u", "\\u00",    "sk-abc\\u00",
      "sk-abc%2", "&#99999999;", "\\x", "%25%25%25"};
  struct setting env[] = {{"OPENAI_API_KEY", SECRET}, {NULL, NULL}};
  struct jg_endpoint e = endpoint_of(env, "openai:/m", NULL);
  for (size_t i = 0; i < COUNT(TEXTS); i++) {
    CHECK_TEXT(masked(&e, TEXTS[i]), TEXTS[i]);
    CHECK(!is_in(&e, TEXTS[i]));
  }
  jg_endpoint_dispose(&e);
}
