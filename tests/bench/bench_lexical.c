/*
** What local:/lexical is worth on the real data of ../shared/data (env
** JUDGE_SHARED overrides ../shared); skipped, and said so, where it is absent.
** Held-out numbers come from 20 times 5 folds by input: the learner sees four
** fifths of the labelled rows and is scored on the rest.
**
** Build:  make build/bench/bench_lexical     Run:  build/bench/bench_lexical
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "align/align.h"
#include "align/lexical_ridge.h"
#include "core/digest.h"
#include "core/mem.h"
#include "core/rng.h"
#include "judge/lexical.h"
#include "align/recall.h"

#define FOLDS 5
#define ROWS 1000
#define COLUMNS 8

static int repeats = 20; /* of the folds; BENCH_REPEATS */

/* ---- CSV (RFC 4180) ---- */

struct table {
  char *text;                 /* the file, cut into fields in place */
  char *cells[ROWS][COLUMNS]; /* row 0 is the head */
  size_t rows, columns;
};

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  long bytes;

  if (file == NULL) {
    return NULL;
  }
  if (fseek(file, 0, SEEK_END) == 0 && (bytes = ftell(file)) >= 0 &&
      fseek(file, 0, SEEK_SET) == 0) {
    text = calloc((size_t)bytes + 1, 1);
    if (text != NULL && fread(text, 1, (size_t)bytes, file) != (size_t)bytes) {
      free(text);
      text = NULL;
    }
  }
  fclose(file);
  return text;
}

/* Cuts one field off *at; 1 when the row goes on. */
static int cut_field(char **at, char **field) {
  char *from = *at, *to = *at, end;
  int quoted = *from == '"';

  *field = to;
  from += quoted;
  while (*from != '\0') {
    if (quoted && from[0] == '"' && from[1] == '"') {
      from++;
    } else if (quoted && *from == '"') {
      quoted = 0;
      from++;
      continue;
    } else if (!quoted && (*from == ',' || *from == '\n' || *from == '\r')) {
      break;
    }
    *to++ = *from++;
  }
  end = *from;
  if (end == '\r') {
    from++;
  }
  *at = *from == '\0' ? from : from + 1;
  *to = '\0';
  return end == ',';
}

static int read_table(const char *name, struct table *out) {
  const char *shared = getenv("JUDGE_SHARED");
  char path[1024], *at, *field;
  size_t column;
  int more;

  memset(out, 0, sizeof *out);
  snprintf(path, sizeof path, "%s/data/%s",
           shared == NULL ? "../shared" : shared, name);
  out->text = read_file(path);
  if (out->text == NULL) {
    printf("skipped: %s is not there\n", path);
    return 0;
  }
  for (at = out->text; *at != '\0' && out->rows < ROWS; out->rows++) {
    column = 0;
    do {
      more = cut_field(&at, &field);
      if (column < COLUMNS) {
        out->cells[out->rows][column++] = field;
      }
    } while (more);
    out->columns = column > out->columns ? column : out->columns;
  }
  return 1;
}

static const char *cell(const struct table *table, size_t row,
                        const char *column) {
  size_t i;

  for (i = 0; i < table->columns; i++) {
    if (strcmp(table->cells[0][i], column) == 0) {
      return table->cells[row][i];
    }
  }
  return "";
}

/* ---- rows and judges ---- */

struct set {
  struct jg_judge judge;
  struct jg_row rows[ROWS];
  struct jg_label reference[ROWS]; /* what a verdict is scored against */
  size_t count;
};

static void stop(const struct jg_err *err) {
  fprintf(stderr, "failed: %s\n", err->text);
  exit(1);
}

static struct set *new_set(const char *name, const char *type) {
  struct set *set = calloc(1, sizeof *set);
  struct jg_err err = {0};

  if (set == NULL) {
    exit(1);
  }
  set->judge.name = jg_mem_text(name, &err);
  set->judge.model = jg_mem_text(JG_LEXICAL_URI, &err);
  set->judge.variables = JG_VAR_INPUTS | JG_VAR_OUTPUTS;
  if (jg_scale_parse(type, &set->judge.scale, &err) != JG_OK) {
    stop(&err);
  }
  return set;
}

static void add_row(struct set *set, const char *id, const char *inputs,
                    const char *outputs, const char *label) {
  struct jg_row *row = &set->rows[set->count];
  struct jg_value given = jg_value_lend(label);
  struct jg_err err = {0};

  row->trace_id = jg_mem_text(id, &err);
  row->inputs = jg_mem_text(inputs, &err);
  row->outputs = jg_mem_text(outputs, &err);
  row->group = jg_digest_u64(inputs, strlen(inputs));
  if (jg_scale_fit(&set->judge.scale, NULL, &given, &row->target, &err) !=
          JG_OK ||
      jg_value_copy(&set->reference[set->count].value, &row->target, &err) !=
          JG_OK) {
    stop(&err);
  }
  set->count++;
}

static void free_set(struct set *set) {
  size_t i;

  for (i = 0; i < set->count; i++) {
    jg_row_dispose(&set->rows[i]);
    jg_value_dispose(&set->reference[i].value);
  }
  jg_judge_dispose(&set->judge);
  free(set);
}

/* ---- scores ---- */

struct scores {
  double accuracy, kappa, quadratic;
};

static struct scores score(const double *judge, const double *human,
                           const size_t *which, size_t count, size_t classes) {
  struct scores out = {0, 0, 0};
  double a[ROWS], b[ROWS], chance = 0, n = (double)count;
  size_t i, c;

  for (i = 0; i < count; i++) {
    a[i] = judge[which[i]];
    b[i] = human[which[i]];
    out.accuracy += (a[i] == b[i]) / n;
  }
  for (c = 0; c < classes; c++) {
    double in_a = 0, in_b = 0;
    for (i = 0; i < count; i++) {
      in_a += a[i] == (double)c;
      in_b += b[i] == (double)c;
    }
    chance += in_a / n * (in_b / n);
  }
  out.kappa = chance < 1 ? (out.accuracy - chance) / (1 - chance) : 0;
  out.quadratic = jg_ridge_kappa(a, b, count);
  return out;
}

static void show(const char *what, struct scores s) {
  printf("  %-34s accuracy %.3f  kappa %.3f  quadratic kappa %.3f\n", what,
         s.accuracy, s.kappa, s.quadratic);
}

/* ---- judging and learning ---- */

static void references(const struct set *set, double *out) {
  size_t i;

  for (i = 0; i < set->count; i++) {
    out[i] = jg_scale_position(&set->judge.scale, &set->reference[i].value);
  }
}

/* The positions that a judge gives to rows; examples are the training rows. */
static void judge_rows(const struct set *set, const struct jg_judge *judge,
                       const size_t *train, size_t train_count,
                       const size_t *rows, size_t count, double *out) {
  struct jg_lexical_neighbour near[64];
  struct jg_recall_doc docs[ROWS];
  struct jg_recall_hit hits[64];
  struct jg_recall recall = {0};
  struct jg_verdict verdict;
  struct jg_err err = {0};
  size_t i, h, k = jg_lexical_neighbours(judge), found = 0;

  for (i = 0; i < train_count; i++) {
    docs[i] = (struct jg_recall_doc){.text = set->rows[train[i]].inputs};
  }
  if (k > 0 && jg_recall_words(docs, train_count, NULL, &recall, &err)) {
    stop(&err);
  }
  for (i = 0; i < count; i++) {
    const struct jg_row *row = &set->rows[rows[i]];
    struct jg_item item = {row->trace_id, row->inputs, row->outputs,
                           row->expectations};
    struct jg_recall_query query = {.text = row->inputs};
    if (k > 0 && recall.nearest(recall.ctx, &query, k, hits, &found, &err)) {
      stop(&err);
    }
    for (h = 0; h < found; h++) {
      const struct jg_row *other = &set->rows[train[hits[h].doc]];
      near[h].trace_id = other->trace_id;
      near[h].label = &other->target;
      near[h].score = hits[h].score;
    }
    if (jg_lexical_judge(judge, &item, near, found, &verdict, &err)) {
      stop(&err);
    }
    out[rows[i]] = jg_scale_position(&judge->scale, &verdict.value);
    jg_verdict_dispose(&verdict);
  }
  if (recall.free != NULL) {
    recall.free(recall.ctx);
  }
}

/* Learns from rows and judges others; notes are printed when asked for. */
static void learn_and_judge(struct set *set, uint64_t seed, const size_t *train,
                            size_t train_count, const size_t *rows,
                            size_t count, double *out, int *kinds, int print) {
  struct jg_align_options options = {.retrieval_k = 5, .seed = seed};
  struct jg_align_env env = {0};
  struct jg_lesson lesson = {.judge = &set->judge,
                             .rows = set->rows,
                             .train = train,
                             .train_count = train_count};
  struct jg_judge aligned = set->judge; /* lends all but the memory */
  struct jg_err err = {0};

  if (jg_lexical_align.learn(&env, &options, &lesson, 1, &err) != JG_OK) {
    stop(&err);
  }
  if (print) {
    printf("%s", jg_buf_text(&lesson.notes));
  }
  aligned.memory = lesson.memory;
  kinds[strstr(lesson.memory.local_model, "\"ridge\"") != NULL  ? 1
        : strstr(lesson.memory.local_model, "\"vote\"") != NULL ? 2
                                                                : 0]++;
  judge_rows(set, &aligned, train, train_count, rows, count, out);
  jg_lesson_dispose(&lesson);
}

static size_t numbered_groups(const struct set *set, size_t *group) {
  size_t i, j, groups = 0;

  for (i = 0; i < set->count; i++) {
    for (j = 0; j < i && set->rows[j].group != set->rows[i].group; j++) {
    }
    group[i] = j < i ? group[j] : groups++;
  }
  return groups;
}

/* repeats times FOLDS folds by input, each row judged by a fit without it. */
static void cross_validate(struct set *set) {
  size_t group[ROWS], place[ROWS], train[ROWS], test[ROWS], all[ROWS];
  size_t groups = numbered_groups(set, group), i, r, f, n, m;
  double human[ROWS], judge[ROWS];
  struct scores sum = {0, 0, 0}, one;
  int kinds[3] = {0, 0, 0};
  struct jg_rng rng;

  jg_rng_init(&rng, 1);
  references(set, human);
  for (i = 0; i < set->count; i++) {
    all[i] = i;
  }
  for (r = 0; r < (size_t)repeats; r++) {
    for (i = 0; i < groups; i++) {
      place[i] = i;
    }
    jg_rng_shuffle(&rng, place, groups);
    for (f = 0; f < FOLDS; f++) {
      for (i = n = m = 0; i < set->count; i++) {
        if (place[group[i]] % FOLDS == f) {
          test[m++] = i;
        } else {
          train[n++] = i;
        }
      }
      learn_and_judge(set, r, train, n, test, m, judge, kinds, 0);
    }
    one = score(judge, human, all, set->count, set->judge.scale.count);
    sum.accuracy += one.accuracy / repeats;
    sum.kappa += one.kappa / repeats;
    sum.quadratic += one.quadratic / repeats;
  }
  show("aligned, held out", sum);
  printf("  picked: overlap %d, ridge %d, vote %d of %d\n", kinds[0], kinds[1],
         kinds[2], repeats * FOLDS);
}

static void unaligned(const struct set *set, const char *what) {
  double human[ROWS], judge[ROWS];
  size_t all[ROWS], i;

  for (i = 0; i < set->count; i++) {
    all[i] = i;
  }
  references(set, human);
  judge_rows(set, &set->judge, all, set->count, all, set->count, judge);
  show(what, score(judge, human, all, set->count, set->judge.scale.count));
}

static void fit_all(struct set *set) {
  size_t all[ROWS], i;
  double judge[ROWS];
  int kinds[3] = {0, 0, 0};

  for (i = 0; i < set->count; i++) {
    all[i] = i;
  }
  learn_and_judge(set, 0, all, set->count, all, set->count, judge, kinds, 1);
}

/* ---- the data sets ---- */

/* {"expected_response": ["a", "b"]} out of "a | b". */
static char *alternatives(const char *text) {
  struct jg_buf buf;
  struct jg_jsonw w = {.to = &buf};
  struct jg_err err = {0};
  const char *end;
  char *out;

  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_jsonw_object(&w);
  jg_jsonw_key(&w, "expected_response");
  jg_jsonw_array(&w);
  while ((end = strstr(text, " | ")) != NULL) {
    jg_jsonw_textn(&w, text, (size_t)(end - text));
    text = end + 3;
  }
  jg_jsonw_text(&w, text);
  jg_jsonw_end_array(&w);
  jg_jsonw_end_object(&w);
  out = jg_buf_take(&buf, &err);
  jg_buf_dispose(&buf);
  return out;
}

static void openqa(void) {
  struct table *items = calloc(1, sizeof *items);
  struct set *set;
  size_t i;

  printf("openqa_eval: correct or not, against gold\n");
  if (items == NULL || !read_table("openqa_eval/items.csv", items)) {
    free(items);
    return;
  }
  set = new_set("correctness", "[\"no\",\"yes\"]");
  for (i = 1; i < items->rows; i++) {
    add_row(set, cell(items, i, "item_id"), cell(items, i, "input"),
            cell(items, i, "output"), cell(items, i, "gold"));
    set->rows[i - 1].expectations = alternatives(cell(items, i, "reference"));
  }
  unaligned(set, "unaligned");
  cross_validate(set);
  fit_all(set);
  free_set(set);
  free(items->text);
  free(items);
}

static const char *label_of(const struct table *labels, const char *id,
                            const char *annotator) {
  size_t i;

  for (i = 1; i < labels->rows; i++) {
    if (strcmp(cell(labels, i, "item_id"), id) == 0 &&
        strcmp(cell(labels, i, "annotator"), annotator) == 0) {
      return cell(labels, i, "label");
    }
  }
  return "";
}

static void feedbackqa(const char *annotator) {
  struct table *items = calloc(1, sizeof *items);
  struct table *labels = calloc(1, sizeof *labels);
  struct set *set;
  size_t i;

  printf("feedbackqa_cdc: four values, learned from and scored against %s\n",
         annotator);
  if (items != NULL && labels != NULL &&
      read_table("feedbackqa_cdc/items.csv", items) &&
      read_table("feedbackqa_cdc/labels.csv", labels)) {
    set = new_set("answer_quality", "[\"Bad\",\"Could be Improved\","
                                    "\"Acceptable\",\"Excellent\"]");
    for (i = 1; i < items->rows; i++) {
      const char *id = cell(items, i, "item_id");
      add_row(set, id, cell(items, i, "input"), cell(items, i, "output"),
              label_of(labels, id, annotator));
    }
    unaligned(set, "unaligned");
    cross_validate(set);
    fit_all(set);
    free_set(set);
  }
  free(items == NULL ? NULL : items->text);
  free(labels == NULL ? NULL : labels->text);
  free(items);
  free(labels);
}

static void house_rule(void) {
  struct table *items = calloc(1, sizeof *items);
  struct set *set;
  size_t i;

  printf("house_rule: a planted rule that only labels tell\n");
  if (items != NULL && read_table("house_rule/items.csv", items)) {
    set = new_set("house_colour", "[\"Blue\",\"Green\"]");
    for (i = 1; i < items->rows; i++) {
      add_row(set, cell(items, i, "item_id"), cell(items, i, "input"),
              cell(items, i, "output"), cell(items, i, "gold"));
    }
    unaligned(set, "unaligned");
    cross_validate(set);
    fit_all(set);
    free_set(set);
    free(items->text);
  }
  free(items);
}

int main(void) {
  const char *asked = getenv("BENCH_REPEATS");

  repeats = asked == NULL ? repeats : atoi(asked);
  openqa();
  feedbackqa("a2");
  feedbackqa("a1");
  house_rule();
  return 0;
}
