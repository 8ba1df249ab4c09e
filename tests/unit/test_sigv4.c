/*
** Signatures: post-vanilla of Amazon's published test suite, and two that were
** computed with Python's hmac and hashlib.
*/
#include <string.h>

#include "core/mem.h"
#include "llm/sigv4.h"
#include "unit.h"

static void free_lines(char **lines, size_t count) {
  for (size_t i = 0; i < count; i++) {
    jg_mem_free(lines[i]);
  }
}

TEST(sigv4_signatures) {
  static const struct {
    struct jg_sigv4 q;
    const char *credential, *signature, *date;
  } CASES[] = {
      {{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL,
        "us-east-1", "service", "https://example.amazonaws.com/", "", 0,
        INT64_C(1440938160000)},
       "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
       "SignedHeaders=host;x-amz-date, ",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
       "X-Amz-Date: 20150830T123600Z"},
      {{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL,
        "us-east-1", "bedrock",
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
        "anthropic.claude-v2%3A1/converse",
        "{\"a\":1}", 7, INT64_C(1440938160000)},
       "Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, "
       "SignedHeaders=host;x-amz-date, ",
       "671bf0f2988a38dc3133a6085cb9a7880b7cdb833934a25dca6da1559834c72a",
       "X-Amz-Date: 20150830T123600Z"},
      {{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "tok/en+1==",
        "eu-west-1", "bedrock", "http://127.0.0.1:8080/model/m/converse", "", 0,
        INT64_C(1795499809123)},
       "Credential=AKIDEXAMPLE/20261124/eu-west-1/bedrock/aws4_request, "
       "SignedHeaders=host;x-amz-date;x-amz-security-token, ",
       "bd496936c9f166baa8cbdf69b7fbe9a0a8cd33ef476407f3e9106d6647d2ef73",
       "X-Amz-Date: 20261124T055649Z"},
  };
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    struct jg_err err = {0};
    char *lines[JG_SIGV4_LINES] = {NULL};
    size_t count = 0;
    CHECK_INT(jg_sigv4_sign(&CASES[i].q, lines, &count, &err), JG_OK);
    CHECK_INT(count, CASES[i].q.token == NULL ? 2 : 3);
    CHECK(strstr(lines[0], CASES[i].credential) != NULL);
    const char *signature = strstr(lines[0], "Signature=");
    CHECK_TEXT(signature == NULL ? NULL : signature + 10, CASES[i].signature);
    CHECK_TEXT(lines[1], CASES[i].date);
    if (count == 3) {
      CHECK_TEXT(lines[2], "X-Amz-Security-Token: tok/en+1==");
    }
    free_lines(lines, count);
  }
}

TEST(sigv4_long_secrets_are_hashed_first) {
  char secret[200];
  char *lines[JG_SIGV4_LINES];
  size_t count = 0;
  struct jg_err err = {0};
  memset(secret, 'k', sizeof(secret));
  secret[199] = '\0';
  struct jg_sigv4 q = {"id", secret, NULL, "r", "s", "https://h/", "", 0, 0};
  CHECK_INT(jg_sigv4_sign(&q, lines, &count, &err), JG_OK);
  CHECK(strstr(lines[0], secret) == NULL);
  free_lines(lines, count);
}
