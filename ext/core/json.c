/*
** Strict JSON over cJSON.
**
** cJSON takes more than JSON and cannot tell bad syntax from a lack of memory.
** So json_scan.c goes over the text first and refuses what json.h names; what
** cJSON refuses after that can only be a lack of memory.
**
** cJSON allocates with malloc itself: its hooks are one for the whole process
** and belong to the host. A struct jg_json is a cJSON item under our name.
*/
#include "core/json.h"
#include <cjson/cJSON.h>
#include <math.h>
#include "core/json_scan.h"
#include "core/text.h"

#define EXACT                                                                  \
  9007199254740992 /* whole numbers up to it are exact in a double */

int jg_json_parse(const char *text, size_t bytes, struct jg_json **out,
                  struct jg_err *err) {
  struct jg_err mine = {0};

  *out = NULL;
  if (text == NULL) {
    return jg_err_set(err, JG_ERROR, "invalid JSON: there is no text");
  }
  if (jg_json_scan(text, bytes, &mine) != JG_OK) {
    return jg_err_set(err, mine.code, "%s", mine.text);
  }
  *out = (struct jg_json *)cJSON_ParseWithLength(text, bytes);
  return *out == NULL ? jg_err_nomem(err) : JG_OK;
}

void jg_json_free(struct jg_json *root) {
  cJSON_Delete((cJSON *)root);
}

int jg_json_is_container(const char *text, size_t bytes) {
  struct jg_err err = {0};
  size_t trimmed;
  const char *start;

  if (text == NULL) {
    return 0;
  }
  start = jg_text_trim(text, bytes, &trimmed);
  return trimmed > 0 && (*start == '{' || *start == '[') &&
         jg_json_scan(text, bytes, &err) == JG_OK;
}

static const cJSON *item_of(const struct jg_json *item) {
  return (const cJSON *)item;
}

enum jg_json_type jg_json_type(const struct jg_json *item) {
  const cJSON *i = item_of(item);

  return cJSON_IsBool(i)     ? JG_JSON_BOOL
         : cJSON_IsNumber(i) ? JG_JSON_NUMBER
         : cJSON_IsString(i) ? JG_JSON_TEXT
         : cJSON_IsArray(i)  ? JG_JSON_ARRAY
         : cJSON_IsObject(i) ? JG_JSON_OBJECT
                             : JG_JSON_NULL;
}

const struct jg_json *jg_json_get(const struct jg_json *object,
                                  const char *key) {
  if (!cJSON_IsObject(item_of(object))) {
    return NULL;
  }
  return (const struct jg_json *)cJSON_GetObjectItemCaseSensitive(
      item_of(object), key);
}

const struct jg_json *jg_json_first(const struct jg_json *container) {
  return container == NULL ? NULL
                           : (const struct jg_json *)item_of(container)->child;
}

const struct jg_json *jg_json_next(const struct jg_json *item) {
  return item == NULL ? NULL : (const struct jg_json *)item_of(item)->next;
}

size_t jg_json_count(const struct jg_json *container) {
  const struct jg_json *item;
  size_t count = 0;

  for (item = jg_json_first(container); item != NULL;
       item = jg_json_next(item)) {
    count++;
  }
  return count;
}

const char *jg_json_key(const struct jg_json *member) {
  return member == NULL ? NULL : item_of(member)->string;
}

const char *jg_json_text(const struct jg_json *item) {
  return cJSON_IsString(item_of(item)) ? item_of(item)->valuestring : NULL;
}

double jg_json_number(const struct jg_json *item) {
  return cJSON_IsNumber(item_of(item)) ? item_of(item)->valuedouble : 0;
}

int jg_json_int(const struct jg_json *item, int64_t *out) {
  double x = jg_json_number(item);

  if (!cJSON_IsNumber(item_of(item)) || x != floor(x) ||
      fabs(x) > (double)EXACT) {
    return 0;
  }
  *out = (int64_t)x;
  return 1;
}

int jg_json_true(const struct jg_json *item) {
  return cJSON_IsTrue(item_of(item)) != 0;
}

/* One value and what is below it; the depth was bounded by the reader. */
static void write_item(struct jg_jsonw *w, const struct jg_json *item) {
  const struct jg_json *child;
  int64_t whole;

  switch (jg_json_type(item)) {
  case JG_JSON_NULL:
    jg_jsonw_null(w);
    return;
  case JG_JSON_BOOL:
    jg_jsonw_bool(w, jg_json_true(item));
    return;
  case JG_JSON_NUMBER:
    if (jg_json_int(item, &whole)) {
      jg_jsonw_int(w, whole);
    } else {
      jg_jsonw_real(w, jg_json_number(item));
    }
    return;
  case JG_JSON_TEXT:
    jg_jsonw_text(w, jg_json_text(item));
    return;
  case JG_JSON_ARRAY:
    jg_jsonw_array(w);
    break;
  case JG_JSON_OBJECT:
    jg_jsonw_object(w);
    break;
  }
  for (child = jg_json_first(item); child != NULL;
       child = jg_json_next(child)) {
    if (jg_json_type(item) == JG_JSON_OBJECT) {
      jg_jsonw_key(w, jg_json_key(child));
    }
    write_item(w, child);
  }
  if (jg_json_type(item) == JG_JSON_OBJECT) {
    jg_jsonw_end_object(w);
  } else {
    jg_jsonw_end_array(w);
  }
}

void jg_json_write(const struct jg_json *item, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};
  write_item(&w, item);
}
