/* What the wire formats share. See wire.h. */
#include "llm/wire.h"

#include <string.h>

#include "llm/params.h"

static const struct jg_wire *const WIRES[] = {
    &jg_wire_openai, &jg_wire_anthropic, &jg_wire_bedrock, &jg_wire_ollama};

const struct jg_wire *jg_wire_find(const char *name) {
  for (size_t i = 0; i < sizeof(WIRES) / sizeof(WIRES[0]); i++) {
    if (strcmp(WIRES[i]->name, name == NULL ? "openai" : name) == 0) {
      return WIRES[i];
    }
  }
  return NULL;
}

const struct jg_wire *jg_wire_of(const struct jg_endpoint *endpoint) {
  return endpoint == NULL || endpoint->wire == NULL ? &jg_wire_openai
                                                    : endpoint->wire;
}

int jg_wire_is_in(const char *key, const char *const *names) {
  for (; names != NULL && *names != NULL; names++) {
    if (strcmp(key, *names) == 0) {
      return 1;
    }
  }
  return 0;
}

void jg_wire_value(const struct jg_json *item, struct jg_jsonw *w,
                   struct jg_err *err) {
  struct jg_buf text;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_json_write(item, &text);
  if (jg_buf_check(&text, err) == JG_OK) {
    jg_jsonw_raw(w, jg_buf_text(&text));
  }
  jg_buf_dispose(&text);
}

const char *jg_wire_limit_key(const struct jg_endpoint *endpoint) {
  const char *own = jg_wire_of(endpoint)->limit_key;
  return own != NULL                           ? own
         : endpoint->max_tokens_key[0] != '\0' ? endpoint->max_tokens_key
                                               : "max_tokens";
}

void jg_wire_limit(const struct jg_endpoint *endpoint,
                   const struct jg_json *params, struct jg_jsonw *w,
                   struct jg_err *err) {
  const struct jg_json *item = jg_params_limit(jg_wire_of(endpoint), params);
  if (item != NULL) {
    jg_jsonw_key(w, jg_wire_limit_key(endpoint));
    jg_wire_value(item, w, err);
  }
}

void jg_wire_params(const struct jg_json *params, const char *const *except,
                    struct jg_jsonw *w, struct jg_err *err) {
  const struct jg_json *item = jg_json_first(params);
  for (; item != NULL; item = jg_json_next(item)) {
    if (jg_json_type(item) != JG_JSON_NULL &&
        !jg_wire_is_in(jg_json_key(item), except)) {
      jg_jsonw_key(w, jg_json_key(item));
      jg_wire_value(item, w, err);
    }
  }
}

static void write_message(struct jg_jsonw *w, const char *role,
                          const char *content) {
  jg_jsonw_object(w);
  jg_jsonw_key_text(w, "role", role);
  jg_jsonw_key_text(w, "content", content);
  jg_jsonw_end_object(w);
}

void jg_wire_turns(const struct jg_chat *chat, struct jg_jsonw *w) {
  for (size_t i = 0; i < chat->turn_count; i++) {
    write_message(w, "user", chat->turns[i].user);
    write_message(w, "assistant", chat->turns[i].assistant);
  }
  write_message(w, "user", chat->user);
}

void jg_wire_messages(const struct jg_endpoint *endpoint,
                      const struct jg_chat *chat, struct jg_jsonw *w) {
  jg_jsonw_key_text(w, "model", endpoint->model);
  jg_jsonw_key(w, "messages");
  jg_jsonw_array(w);
  if (chat->system != NULL) {
    write_message(w, "system", chat->system);
  }
  jg_wire_turns(chat, w);
  jg_jsonw_end_array(w);
}
