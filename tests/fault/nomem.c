/*
** Lets allocations fail one at a time under SQL statements and looks at what is
** left: build/nomem [PART]... runs the cases whose name contains a part.
**
** A first run of a case numbers its allocations (ours, cJSON's and SQLite's)
** and notes for each where it came from; then one of each origin fails, alone
** and with all that follow it. Each time the statement must end with
** SQLITE_NOMEM or as if nothing had been, the connection must be free, the
** file must hold what it held before or all of what the statement makes, the
** same statement must work afterwards, and nothing may leak.
**
** NOMEM_ALL=1 lets every single allocation fail (minutes).
*/
#include <cjson/cJSON.h>
#include <execinfo.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int sqlite3_judge_init(sqlite3 *, char **, const void *);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void __real_free(void *memory);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void __wrap_free(void *memory);
extern char __executable_start, etext;

/* Sanitizers are slow: each origin fails in one of the two ways only. */
#if defined(__SANITIZE_ADDRESS__)
#define WAYS 1
#else
#define WAYS 2
#endif
#define DEPTH 40          /* frames looked at */
#define PLACES 65536      /* slots for origins; a power of two */
#define POINTS_MAX 100000 /* numbers that a case tries */

/* ---- allocations -------------------------------------------------------- */

static long seen;    /* allocations since arm() */
static long fail_at; /* number of the one that fails; 0: none */
static int fail_on;  /* those after it too */
static int failed;   /* whether one has */
static int noting;   /* the numbering run */
static long live;    /* our blocks that are not freed */
static sqlite3_mem_methods sqlite_methods;
static uint64_t places[PLACES];
static long points[POINTS_MAX]; /* numbers worth failing */
static long point_count;

/* Where this allocation comes from: the frames of ours, and the nearest two. */
static uint64_t origin(void) {
  void *frames[DEPTH];
  int count = backtrace(frames, DEPTH);
  uint64_t hash = 1469598103934665603u;

  for (int i = 2; i < count; i++) {
    char *at = frames[i];
    if (i < 5 || (at >= &__executable_start && at < &etext)) {
      hash = (hash ^ (uint64_t)(uintptr_t)at) * 1099511628211u;
    }
  }
  return hash ? hash : 1;
}

static void note(void) {
  uint64_t from = origin();
  size_t slot = from & (PLACES - 1);

  while (places[slot] && places[slot] != from) {
    slot = (slot + 1) & (PLACES - 1);
  }
  if ((!places[slot] || getenv("NOMEM_ALL")) && point_count < POINTS_MAX) {
    places[slot] = from;
    points[point_count++] = seen;
  }
}

static int is_the_one(void) {
  seen++;
  if (noting) {
    noting = 0; /* backtrace() may allocate */
    note();
    noting = 1;
  }
  if (fail_at && (seen == fail_at || (fail_on && seen > fail_at))) {
    failed = 1;
    return 1;
  }
  return 0;
}

static void arm(long at, int on) {
  seen = 0;
  fail_at = at;
  fail_on = on;
  failed = 0;
}

void *__wrap_calloc(size_t count, size_t bytes) {
  void *memory = is_the_one() ? NULL : __real_calloc(count, bytes);
  live += memory != NULL;
  return memory;
}

void *__wrap_realloc(void *old, size_t bytes) {
  void *memory = is_the_one() ? NULL : __real_realloc(old, bytes);
  live += memory != NULL && old == NULL;
  return memory;
}

void __wrap_free(void *memory) {
  live -= memory != NULL;
  __real_free(memory);
}

static void *json_new(size_t bytes) {
  return __wrap_realloc(NULL, bytes);
}

static void *sqlite_new(int bytes) {
  return is_the_one() ? NULL : sqlite_methods.xMalloc(bytes);
}

static void *sqlite_resize(void *old, int bytes) {
  return is_the_one() ? NULL : sqlite_methods.xRealloc(old, bytes);
}

static void hook(void) {
  cJSON_Hooks hooks = {json_new, __wrap_free};
  sqlite3_mem_methods methods;

  cJSON_InitHooks(&hooks);
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_methods);
  methods = sqlite_methods;
  methods.xMalloc = sqlite_new;
  methods.xRealloc = sqlite_resize;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

/* ---- cases -------------------------------------------------------------- */

struct one {
  const char *name;
  const char *sql;
  const char *whole; /* 1 when the file is in order after a failure */
};

/* What a version made by judge_align has when it is whole. */
#define WHOLE_JUDGES                                                           \
  "SELECT NOT EXISTS (SELECT 1 FROM judge_definition d WHERE"                  \
  " d.state <> 'draft' AND d.kind = 'memory_augmented' AND 12 <>"              \
  " (SELECT count(*) FROM judge_example e"                                     \
  "  WHERE e.definition_id = d.memory_id))"
#define TRUE "SELECT 1"

static const struct one CASES[] = {
    {"judge_version", "SELECT judge_version(), judge_debug()", TRUE},
    {"judge_config", "SELECT judge_config('allow_host', 'a.example,b.example')",
     TRUE},
    {"judge_config_list", "SELECT judge_config()", TRUE},
    {"judge_init", "SELECT judge_init()",
     /* All of the schema, up to its last trigger, or judge_meta at most. */
     "SELECT count(*) <= 2 OR sum(name = 'judge_call_answer_insert') = 1"
     " FROM sqlite_schema"},
    {"make_judge",
     "SELECT make_judge('n', 'Is {{ outputs }} good for {{ inputs }}?',"
     " 'local:/lexical', '{\"feedback_value_type\":[\"bad\",\"good\"],"
     "\"inference_params\":{\"temperature\":0}}')",
     TRUE},
    {"make_judge_builtin",
     "SELECT make_judge('c', NULL, 'local:/lexical',"
     " '{\"builtin\":\"guidelines\",\"guidelines\":[\"be brief\"]}')",
     TRUE},
    {"make_judge_wrong", "SELECT make_judge('n', 'no variable', 'nowhere:/m')",
     TRUE},
    {"insert_traces",
     "INSERT INTO traces(trace_id, inputs, outputs, expectations, tags)"
     " VALUES ('new', 'in', 'out', '{\"expected_response\":\"x\"}', '{}')",
     TRUE},
    {"insert_many",
     "INSERT INTO traces(inputs, outputs) SELECT inputs, outputs"
     " FROM judge_trace",
     "SELECT count(*) IN (12, 24) FROM judge_trace"},
    {"update_traces",
     "UPDATE traces SET outputs = 'other' WHERE trace_id < 't3'", TRUE},
    {"delete_traces", "DELETE FROM traces WHERE trace_id = 't01'", TRUE},
    {"insert_label",
     "INSERT INTO assessments(trace_id, name, value, source_type, source_id)"
     " VALUES ('t01', 'q', 'good', 'HUMAN', 'other')",
     TRUE},
    {"insert_label_wrong",
     "INSERT INTO assessments(trace_id, name, value, source_type)"
     " VALUES ('t01', 'q', 'middling', 'HUMAN')",
     TRUE},
    {"read_tables",
     "SELECT * FROM traces JOIN assessments USING (trace_id) JOIN judges j"
     " ON j.name = assessments.name ORDER BY trace_id LIMIT 5",
     TRUE},
    {"judge_run", "SELECT judge_run('q@1')", TRUE},
    {"judge_run_where",
     "SELECT judge_run('q@1', '{\"where\":\"inputs like ''%1%''\","
     "\"redo\":true,\"sample\":3,\"seed\":1}')",
     TRUE},
    {"judge_run_explain", "SELECT judge_run('q@1', '{\"explain\":true}')",
     TRUE},
    {"judge_run_explain_model", "SELECT judge_run('m', '{\"explain\":true}')",
     TRUE},
    {"judge_run_aligned", "SELECT judge_run('q@2')", TRUE},
    {"judge_align", "SELECT judge_align('r')", WHOLE_JUDGES},
    {"judge_align_explain", "SELECT judge_align('r', '{\"explain\":true}')",
     WHOLE_JUDGES},
    {"judge_align_explain_model",
     "SELECT judge_align('m', '{\"explain\":true,\"embedding_model\":"
     "\"openai:/e\"}')",
     WHOLE_JUDGES},
    {"judge_eval", "SELECT judge_eval('q@2', 'a question', 'an answer')", TRUE},
    {"judge_eval_builtin",
     "SELECT judge_config('model', 'local:/lexical');"
     "SELECT judge_eval('correctness', 'q', 'a',"
     " '{\"expected_response\":\"the a\"}')",
     TRUE},
    {"judge_prompt", "SELECT judge_prompt('q@2', 't01')", TRUE},
    {"judge_instructions", "SELECT judge_instructions('q@2')", TRUE},
    {"judge_register", "SELECT judge_register('q@2', 'copy', '{\"a\":\"b\"}')",
     TRUE},
    {"judge_unregister", "SELECT judge_unregister('q')", TRUE},
    {"judge_compare", "SELECT * FROM judge_compare('q@1', 'q@2')", TRUE},
    {"judge_disagreements", "SELECT * FROM judge_disagreements('q')", TRUE},
    {"agreement",
     "SELECT agreement(judge_value, human_value),"
     " agreement(judge_value, human_value, 'cohen_kappa'),"
     " agreement(judge_value, human_value, 'confusion') FROM judge_pairs",
     TRUE},
    {"agreement_window",
     "SELECT agreement(judge_value, human_value, 'cohen_kappa') OVER"
     " (ORDER BY trace_id ROWS 3 PRECEDING) FROM judge_pairs",
     TRUE},
    {"agreement_raters",
     "SELECT agreement_raters(trace_id, source_id, value) FROM "
     "judge_assessment",
     TRUE},
    {"no_network_generate",
     "SELECT judge_generate('local:/lexical', 'x {{ inputs }}',"
     " '{\"inputs\":[\"a\"]}')",
     TRUE},
    {"price",
     "INSERT OR REPLACE INTO judge_price VALUES ('openai:/m', 1, 2, NULL)",
     TRUE},
};
#define CASE_COUNT (sizeof(CASES) / sizeof(*CASES))

static const char TEMPLATE[] =
    "SELECT judge_init();"
    "SELECT make_judge('q', 'Is {{ outputs }} good for {{ inputs }}?',"
    " 'local:/lexical', '{\"feedback_value_type\":[\"bad\",\"good\"]}');"
    "SELECT make_judge('r', 'Is {{ outputs }} good for {{ inputs }}?',"
    " 'local:/lexical', '{\"feedback_value_type\":[\"bad\",\"good\"]}');"
    "SELECT make_judge('m', 'Is {{ outputs }} good for {{ inputs }}?',"
    " 'openai:/m', '{\"feedback_value_type\":[\"bad\",\"good\"]}');"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    "  WHERE i < 12)"
    " INSERT INTO traces(trace_id, inputs, outputs)"
    " SELECT printf('t%02d', i), 'what is thing ' || i || ' made of',"
    " iif(i % 2, 'thing ' || i || ' is made of wood', 'no idea') FROM n;"
    "INSERT INTO assessments(trace_id, name, value, rationale, source_type,"
    "  source_id)"
    " SELECT trace_id, j.name, iif(outputs = 'no idea', 'bad', 'good'), 'why',"
    " 'HUMAN', p.value FROM judge_trace, judges j,"
    " json_each('[\"ann\",\"bob\"]') p;"
    "SELECT judge_align('q');"
    "SELECT judge_run('q@2');";

/* ---- running ------------------------------------------------------------ */

static sqlite3_int64 image_bytes;
static unsigned char *image;
static int failures;
static const struct one *now;
static long now_at;
static int now_on;

static void complain(const char *what, const char *detail) {
  failures++;
  printf("%s: allocation %ld%s failing: %s%s%s\n", now ? now->name : "-",
         now_at, now_on ? " and all after it" : "", what, detail ? ": " : "",
         detail ? detail : "");
}

static sqlite3 *open_copy(void) {
  sqlite3 *db = NULL;
  unsigned char *copy;

  if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
    printf("cannot open: %s\n", sqlite3_errmsg(db));
    exit(1);
  }
  if (image && (!now || strcmp(now->name, "judge_init") != 0)) {
    copy = sqlite3_malloc64((sqlite3_uint64)image_bytes);
    memcpy(copy, image, (size_t)image_bytes);
    sqlite3_deserialize(db, "main", copy, image_bytes, image_bytes,
                        SQLITE_DESERIALIZE_FREEONCLOSE |
                            SQLITE_DESERIALIZE_RESIZEABLE);
  }
  return db;
}

static int run(sqlite3 *db, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int first_int(sqlite3 *db, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  int value = -1;

  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    value = sqlite3_column_int(stmt, 0);
  }
  sqlite3_finalize(stmt);
  return value;
}

static void check_free(sqlite3 *db) {
  sqlite3_stmt *stmt;

  if (!sqlite3_get_autocommit(db) ||
      sqlite3_txn_state(db, NULL) != SQLITE_TXN_NONE) {
    complain("a transaction is left open", NULL);
  }
  for (stmt = sqlite3_next_stmt(db, NULL); stmt;
       stmt = sqlite3_next_stmt(db, stmt)) {
    if (sqlite3_stmt_busy(stmt)) {
      complain("a statement is left running", sqlite3_sql(stmt));
    }
  }
}

/* One failure. SQLite 3.40's json_valid() says no when memory runs out, so a
** CHECK on JSON may be what fails. good is what the statement ends with when none fails. */
static void try_one(int good) {
  long live_before = live;
  sqlite3_int64 used = sqlite3_memory_used();
  sqlite3 *db = open_copy();
  int rc, at_fault;

  run(db, "SELECT count(*) FROM sqlite_schema");
  arm(now_at, now_on);
  rc = run(db, now->sql);
  at_fault = failed;
  arm(0, 0);
  if (at_fault && rc != good && (rc & 0xff) != SQLITE_NOMEM &&
      !strstr(sqlite3_errmsg(db), "JSON")) {
    complain("the statement ends with", sqlite3_errmsg(db));
  }
  check_free(db);
  if (first_int(db, now->whole) != 1) {
    char shown[32];
    snprintf(shown, sizeof(shown), "%d", first_int(db, now->whole));
    complain("the file is half written", shown);
  }
  rc = run(db, now->sql);
  /* What was made by the first one may stand in the way of a second. */
  if (rc != good && (rc & 0xff) != SQLITE_CONSTRAINT) {
    complain("the statement fails afterwards", sqlite3_errmsg(db));
  }
  check_free(db);
  if (sqlite3_close(db) != SQLITE_OK) {
    complain("the connection does not close", NULL);
  }
  if (live != live_before || sqlite3_memory_used() != used) {
    complain("memory leaks", NULL);
  }
}

/* Numbers the allocations of a case; what it ends with. */
static int number_points(void) {
  sqlite3 *db = open_copy();
  int rc;

  run(db, "SELECT count(*) FROM sqlite_schema");
  memset(places, 0, sizeof(places));
  point_count = 0;
  arm(0, 0);
  noting = 1;
  rc = run(db, now->sql);
  noting = 0;
  if (rc != SQLITE_OK && !strstr(now->name, "wrong") &&
      !strstr(now->name, "no_")) {
    complain("the statement fails by itself", sqlite3_errmsg(db));
  }
  sqlite3_close(db);
  return rc;
}

static int wanted(const struct one *c, int count, char **parts) {
  for (int i = 1; i < count; i++) {
    if (strstr(c->name, parts[i])) {
      return 1;
    }
  }
  return count < 2;
}

/* Loading itself: the connection opens with it or not at all. */
static void try_loading(void) {
  static const struct one LOADING = {"loading", "", TRUE};
  int rc = SQLITE_NOMEM;

  now = &LOADING;
  for (now_on = 0; now_on < 2; now_on++) {
    now_at = 0;
    for (failed = 1; failed && now_at < 5000;) {
      long before = live;
      sqlite3_int64 used = sqlite3_memory_used();
      sqlite3 *db = NULL;
      now_at++;
      arm(now_at, now_on);
      rc = sqlite3_open(":memory:", &db);
      seen = failed;
      arm(0, 0);
      failed = (int)seen;
      if (rc == SQLITE_OK && run(db, "SELECT judge_version()") != SQLITE_OK) {
        complain("it opens without the functions", sqlite3_errmsg(db));
      }
      sqlite3_close(db);
      if (live != before || sqlite3_memory_used() != used) {
        complain("memory leaks", NULL);
      }
    }
  }
}

static void make_image(void) {
  sqlite3 *db = open_copy();

  if (run(db, TEMPLATE) != SQLITE_OK) {
    printf("cannot make the template: %s\n", sqlite3_errmsg(db));
    exit(1);
  }
  image = sqlite3_serialize(db, "main", &image_bytes, 0);
  sqlite3_close(db);
}

int main(int count, char **parts) {
  int passed = 0, bad = 0;

  hook();
  sqlite3_initialize();
  sqlite3_auto_extension((void (*)(void))sqlite3_judge_init);
  make_image();
  for (size_t i = 0; i < CASE_COUNT; i++) {
    int before = failures;
    if (!wanted(&CASES[i], count, parts)) {
      continue;
    }
    now = &CASES[i];
    now_at = 0;
    int good = number_points();
    for (long p = 0; p < point_count * WAYS && failures < before + 5; p++) {
      now_at = points[p / WAYS];
      now_on = (int)(p & 1);
      try_one(good);
    }
    if (getenv("NOMEM_VERBOSE")) {
      printf("%s: %ld allocations fail, rc %d\n", now->name, point_count, good);
    }
    bad += failures > before;
    passed += failures == before;
    fflush(stdout);
  }
  int before = failures;
  if (count < 2) {
    try_loading();
    bad += failures > before;
    passed += failures == before;
  }
  sqlite3_free(image);
  printf("%d passed, %d failed\n", passed, bad);
  return bad != 0;
}
