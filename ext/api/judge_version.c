/* judge_version() and judge_debug(): what is loaded here. */
#include "api/api.h"
#include "api/result.h"
#include "api/table.h"
#include "core/json.h"

SQLITE_EXTENSION_INIT3

void jg_api_judge_version(sqlite3_context *context, int count,
                          sqlite3_value **values) {
  (void)count;
  (void)values;
  sqlite3_result_text(context, JG_VERSION, -1, SQLITE_STATIC);
}

/* A report for bug reports; nothing of the environment but versions. */
void jg_api_judge_debug(sqlite3_context *context, int count,
                        sqlite3_value **values) {
  const struct jg_session *session = jg_result_session(context);
  const struct jg_vtab_env *tables = session->modules;
  struct jg_buf text;
  struct jg_jsonw w = {.to = &text};

  (void)count;
  (void)values;
  jg_buf_init(&text, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "version", JG_VERSION);
  jg_jsonw_key_text(&w, "entry", session->no_network ? "no_network" : "judge");
  jg_jsonw_key_text(&w, "sqlite", sqlite3_libversion());
  jg_jsonw_key_text(&w, "sqlite_source", sqlite3_sourceid());
  jg_jsonw_key_text(&w, "sqlite_headers", SQLITE_VERSION);
  jg_jsonw_key_text(&w, "transport", session->transport_version);
  /* Of the plain tables, read through the virtual ones. */
  jg_jsonw_key_int(&w, "rows_visited", tables ? tables->rows_visited : 0);
#ifdef __VERSION__
  jg_jsonw_key_text(&w, "compiler", __VERSION__);
#endif
  jg_jsonw_end_object(&w);
  jg_result_json(context, &text);
}
