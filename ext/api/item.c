/*
** Arguments (judge, inputs, outputs [, expectations]) as an item.
*/
#include "api/item.h"
#include <string.h>
#include "api/result.h"
#include "core/json.h"

SQLITE_EXTENSION_INIT3

/* Expectations are one JSON object, as in traces. */
static int expectations_check(const char *command, const char *text,
                              struct jg_err *err) {
  struct jg_json *object = NULL;
  struct jg_err why = {0};
  int fit = jg_json_parse(text, strlen(text), &object, &why) == JG_OK &&
            jg_json_type(object) == JG_JSON_OBJECT;

  jg_json_free(object);
  if (why.code == JG_NOMEM) {
    return jg_err_nomem(err);
  }
  if (!fit) {
    jg_err_set(err, JG_ERROR,
               "%s: expectations must be a JSON object, like "
               "{\"expected_response\":\"...\"}",
               command);
  }
  return (int)err->code;
}

int jg_item_read(const char *command, int count, sqlite3_value **values,
                 struct jg_item *item, struct jg_err *err) {
  item->inputs = jg_arg_field(values, count, 1, command, "inputs", err);
  item->outputs = jg_arg_field(values, count, 2, command, "outputs", err);
  item->expectations =
      jg_arg_field(values, count, 3, command, "expectations", err);
  if (err->code == JG_OK && item->expectations) {
    expectations_check(command, item->expectations, err);
  }
  return (int)err->code;
}
