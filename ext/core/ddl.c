/* CREATE TABLE statements taken apart. */
#include "core/ddl.h"

#include <string.h>
#include "core/mem.h"
#include "core/text.h"

struct ddl_token {
  const char *text; /* at the end of the statement, its terminator */
  size_t bytes;     /* 0 there */
};

static int is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & 0x80) != 0;
}

static const char *skip_blank(const char *at) {
  for (;;) {
    if (*at == ' ' || (*at >= '\t' && *at <= '\r')) {
      at++;
    } else if (at[0] == '-' && at[1] == '-') {
      at += strcspn(at, "\n");
    } else if (at[0] == '/' && at[1] == '*') {
      const char *end = strstr(at + 2, "*/");
      at = end != NULL ? end + 2 : at + strlen(at);
    } else {
      return at;
    }
  }
}

/* Behind a quoted text, whose quote doubled is a part of it. */
static const char *skip_quoted(const char *at) {
  char quote = *at == '[' ? ']' : *at;
  for (at++; *at != '\0'; at++) {
    if (*at == quote && (quote == ']' || at[1] != quote)) {
      return at + 1;
    }
    at += *at == quote;
  }
  return at;
}

static struct ddl_token ddl_next(const char *at) {
  struct ddl_token token = {.text = skip_blank(at)};
  const char *end = token.text;
  if (*end != '\0' && strchr("'\"`[", *end) != NULL) {
    end = skip_quoted(end);
  } else if (is_word(*end)) {
    while (is_word(*end)) {
      end++;
    }
  } else if (*end != '\0') {
    end++;
  }
  token.bytes = (size_t)(end - token.text);
  return token;
}

/* Does the token begin a constraint of the table? */
static int is_constraint(const struct ddl_token *token) {
  static const char *const WORDS[] = {"CONSTRAINT", "PRIMARY", "UNIQUE",
                                      "CHECK", "FOREIGN"};
  size_t i;
  for (i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
    if (jg_text_samen(token->text, token->bytes, WORDS[i], strlen(WORDS[i]))) {
      return 1;
    }
  }
  return 0;
}

/* The name that a token writes: without quotes, doubled ones as one. */
static char *unquote(const struct ddl_token *token, struct jg_err *err) {
  char quote = token->text[0] == '[' ? ']' : token->text[0];
  char *name;
  size_t from, to = 0;
  if (is_word(quote) || token->bytes < 2) {
    return jg_mem_textn(token->text, token->bytes, err);
  }
  name = jg_mem_textn(token->text + 1, token->bytes - 2, err);
  for (from = 0; name != NULL && name[from] != '\0'; from++) {
    name[to++] = name[from];
    from += name[from] == quote && name[from + 1] == quote;
  }
  if (name != NULL) {
    name[to] = '\0';
  }
  return name;
}

/* A part that begins with the token, and ends behind it so far. */
static struct jg_ddl_part *add_part(struct jg_ddl *out,
                                    const struct ddl_token *token,
                                    struct jg_err *err) {
  struct jg_ddl_part *part;
  if (jg_mem_grow(&out->parts, &out->cap, out->count + 1, sizeof(*out->parts),
                  err) != JG_OK) {
    return NULL;
  }
  part = &out->parts[out->count++];
  part->text = token->text;
  if (!is_constraint(token)) {
    part->name = unquote(token, err);
  }
  return part;
}

/* Reads the list from behind its parenthesis; returns where it ends. */
static const char *read_list(const char *at, struct jg_ddl *out,
                             struct jg_err *err) {
  struct jg_ddl_part *part = NULL;
  int depth = 0;
  while (err->code == JG_OK) {
    struct ddl_token token = ddl_next(at);
    char c = *token.text;
    if (c == '\0' || (c == ')' && depth == 0)) {
      return token.text;
    }
    at = token.text + token.bytes;
    if (c == ',' && depth == 0) {
      part = NULL;
      continue;
    }
    depth += (c == '(') - (c == ')');
    if (part == NULL && (part = add_part(out, &token, err)) == NULL) {
      break;
    }
    part->bytes = (size_t)(at - part->text);
  }
  return at;
}

int jg_ddl_read(const char *sql, struct jg_ddl *out, struct jg_err *err) {
  struct ddl_token token;
  const char *at = sql;
  do {
    token = ddl_next(at);
    at = token.text + token.bytes;
  } while (token.bytes > 0 && *token.text != '(');
  if (token.bytes > 0) {
    at = read_list(at, out, err);
  }
  if (err->code == JG_OK && *at != ')') {
    return jg_err_set(err, JG_ERROR, "no list of columns in \"%.60s\"", sql);
  }
  if (err->code == JG_OK) {
    out->tail = jg_text_trim(at + 1, strlen(at + 1), &out->tail_bytes);
  }
  return (int)err->code;
}

int jg_ddl_find(const struct jg_ddl *ddl, const char *name) {
  size_t i;
  for (i = 0; i < ddl->count; i++) {
    if (ddl->parts[i].name != NULL && jg_text_same(ddl->parts[i].name, name)) {
      return (int)i;
    }
  }
  return -1;
}

void jg_ddl_dispose(struct jg_ddl *ddl) {
  size_t i;
  for (i = 0; i < ddl->count; i++) {
    jg_mem_free(ddl->parts[i].name);
  }
  jg_mem_free(ddl->parts);
  memset(ddl, 0, sizeof(*ddl));
}
