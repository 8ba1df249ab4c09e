/* The virtual table judges: every version of every judge, drafts aside. */
#include <stddef.h>

#include "api/table.h"

SQLITE_EXTENSION_INIT3

/* Counted in the memory that the version uses. */
#define GUIDELINES                                                             \
  "(SELECT count(*) FROM main.judge_guideline g WHERE g.definition_id ="       \
  " coalesce(d.memory_id, d.definition_id))"
#define EXAMPLES                                                               \
  "(SELECT count(*) FROM main.judge_example x WHERE x.definition_id ="         \
  " coalesce(d.memory_id, d.definition_id))"

static const struct jg_table_column COLUMN[] = {
    {"name TEXT", "d.name", JG_COLUMN_FEW},
    {"version INTEGER", "d.version", JG_COLUMN_FILTER},
    {"judge TEXT", "d.judge", JG_COLUMN_UNIQUE},
    {"feedback_name TEXT", "d.feedback_name", JG_COLUMN_FEW},
    {"kind TEXT", "d.kind", JG_COLUMN_FILTER},
    {"state TEXT", "d.state", JG_COLUMN_FILTER},
    {"instructions TEXT", "d.instructions", JG_COLUMN_FILTER},
    {"effective_instructions TEXT", "d.effective_instructions",
     JG_COLUMN_FILTER},
    {"model TEXT", "d.model", JG_COLUMN_FILTER},
    {"value_type TEXT", "d.value_type", JG_COLUMN_FILTER},
    {"variables TEXT", "d.variables", JG_COLUMN_FILTER},
    {"optimizer TEXT", "d.optimizer", JG_COLUMN_FILTER},
    {"parent TEXT", "d.parent", JG_COLUMN_FILTER},
    {"registered INTEGER", "d.registered", JG_COLUMN_FILTER},
    {"tags TEXT", "d.tags", JG_COLUMN_FILTER},
    {"guidelines INTEGER", GUIDELINES, JG_COLUMN_READ},
    {"examples INTEGER", EXAMPLES, JG_COLUMN_READ},
    {"experiment TEXT", "d.experiment", JG_COLUMN_FILTER},
    {"created BIGINT", "d.created", JG_COLUMN_FILTER},
    {"builtin TEXT", "d.builtin", JG_COLUMN_FILTER},
    {"description TEXT", "d.description", JG_COLUMN_FILTER},
    {"inference_params TEXT", "d.inference_params", JG_COLUMN_FILTER},
    {"digest TEXT", "d.digest", JG_COLUMN_FILTER},
    {"note TEXT", "d.note", JG_COLUMN_FILTER},
    {"created_text TEXT", "d.created_text", JG_COLUMN_FILTER},
};

static const struct jg_table TABLE = {
    "judges",
    "(SELECT * FROM main.judge_definition WHERE state <> 'draft') d",
    "d.definition_id",
    COLUMN,
    sizeof(COLUMN) / sizeof(*COLUMN),
    NULL};

static int connect(sqlite3 *db, void *env, int argc, const char *const *argv,
                   sqlite3_vtab **out, char **why) {
  return jg_table_connect(db, env, &TABLE, argc, argv, out, why);
}

static const sqlite3_module MODULE = {
    .iVersion = 1,
    .xCreate = connect,
    .xConnect = connect,
    .xBestIndex = jg_table_best_index,
    .xDisconnect = jg_table_disconnect,
    .xDestroy = jg_table_disconnect,
    .xOpen = jg_table_open,
    .xClose = jg_table_close,
    .xFilter = jg_table_filter,
    .xNext = jg_table_next,
    .xEof = jg_table_eof,
    .xColumn = jg_table_column,
    .xRowid = jg_table_rowid,
    .xRename = jg_table_rename,
};

int jg_judges_register(sqlite3 *db, struct jg_vtab_env *env) {
  return sqlite3_create_module_v2(db, "judges", &MODULE, env, NULL);
}
