/* See distill.h. */
#include "align/distill.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "judge/clean.h"
#include "judge/sections.h"

#define PROMPT_FILE "distill.txt"
#define SCHEMA_FILE "distill_schema.json"
#define SCHEMA_NAME "guidelines"
#define BATCH_EXAMPLES 50
#define BATCH_TOKENS 123000
#define BYTES_PER_TOKEN 4
#define MESSAGE_BYTES 256 /* of a parser's message that is passed on */

/* ---- prompts ---- */

/* As jg_json_is_container(), but out of memory is an error: a prompt must not
** depend on it. */
static int is_container(const char *text, size_t bytes, struct jg_err *err) {
  struct jg_err why = {0};
  struct jg_json *root = NULL;
  enum jg_json_type type;

  jg_json_parse(text, bytes, &root, &why);
  type = jg_json_type(root);
  jg_json_free(root);
  if (why.code == JG_NOMEM) {
    jg_err_nomem(err);
  }
  return type == JG_JSON_ARRAY || type == JG_JSON_OBJECT;
}

/* A field of an item: a JSON object or array as it is, anything else as text.
** Strict JSON has line ends between its tokens only, where a blank means the
** same, so that an example stays on one line. */
static void write_field(struct jg_jsonw *w, const char *key, const char *text,
                        struct jg_err *err) {
  size_t bytes = strlen(text);
  size_t i;

  jg_jsonw_key(w, key);
  if (!is_container(text, bytes, err)) {
    jg_jsonw_textn(w, text, bytes);
    return;
  }
  for (i = 0; i < bytes; i++) {
    char c = text[i];
    jg_buf_putc(w->to, c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
  }
  w->comma = 1;
}

static void write_labels(struct jg_jsonw *w, const struct jg_scale *scale,
                         const struct jg_row *row) {
  size_t i;

  jg_jsonw_key(w, "labels");
  jg_jsonw_array(w);
  for (i = 0; i < row->label_count; i++) {
    const struct jg_label *label = &row->labels[i];
    if (!jg_label_counts(row, i)) {
      continue;
    }
    jg_jsonw_object(w);
    jg_jsonw_key(w, "value");
    if (scale->type == JG_SCALE_BOOL && label->value.type == JG_INT) {
      jg_jsonw_bool(w, label->value.integer != 0);
    } else {
      jg_jsonw_value(w, &label->value);
    }
    if (label->rationale != NULL && *label->rationale != '\0') {
      jg_jsonw_key_text(w, "rationale", label->rationale);
    }
    if (label->source_id != NULL) {
      jg_jsonw_key_text(w, "reviewer", label->source_id);
    }
    jg_jsonw_end_object(w);
  }
  jg_jsonw_end_array(w);
}

/* What follows the id. A field that the judge does not use is left out: a
** guideline about it could not be applied. */
static int write_example(const struct jg_judge *judge, const struct jg_row *row,
                         struct jg_buf *to, struct jg_err *err) {
  struct jg_jsonw w = {.to = to};

  if (row->inputs != NULL && (judge->variables & JG_VAR_INPUTS)) {
    write_field(&w, "inputs", row->inputs, err);
  }
  if (row->outputs != NULL && (judge->variables & JG_VAR_OUTPUTS)) {
    write_field(&w, "outputs", row->outputs, err);
  }
  if (row->expectations != NULL && (judge->variables & JG_VAR_EXPECTATIONS)) {
    write_field(&w, "expectations", row->expectations, err);
  }
  write_labels(&w, &judge->scale, row);
  jg_buf_puts(to, "}\n");
  return err->code != JG_OK ? (int)err->code : jg_buf_check(to, err);
}

static void write_type(const struct jg_scale *scale, struct jg_buf *to) {
  if (scale->type == JG_SCALE_STR) {
    jg_buf_puts(to, "a text");
    return;
  }
  if (scale->type == JG_SCALE_LIST) {
    jg_buf_puts(to, "one of ");
  }
  jg_scale_write(scale, to);
  if (scale->type == JG_SCALE_LIST) {
    jg_buf_puts(to, scale->count > 2 ? ", worst to best" : "");
  }
}

static void write_known(const struct jg_memory *known, struct jg_buf *to) {
  struct jg_jsonw w = {.to = to};
  size_t i;

  jg_jsonw_array(&w);
  for (i = 0; i < known->guideline_count; i++) {
    jg_jsonw_text(&w, known->guidelines[i].text);
  }
  jg_jsonw_end_array(&w);
}

/* The whole user message around some examples. */
static int write_prompt(const struct jg_judge *judge,
                        const struct jg_memory *known, const char *examples,
                        struct jg_buf *to, struct jg_err *err) {
  struct jg_buf instructions, type, list;
  struct jg_section_value values[4] = {{"instructions", NULL},
                                       {"value_type", NULL},
                                       {"guidelines", NULL},
                                       {"examples", examples}};

  jg_buf_init(&instructions, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&type, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&list, JG_BUF_LIMIT_BYTES);
  jg_buf_puts(&instructions, judge->instructions);
  jg_section_rules(judge, &instructions, err);
  write_type(&judge->scale, &type);
  write_known(known, &list);
  jg_buf_check(&instructions, err);
  jg_buf_check(&type, err);
  jg_buf_check(&list, err);
  if (err->code == JG_OK) {
    values[0].text = jg_buf_text(&instructions);
    values[1].text = jg_buf_text(&type);
    values[2].text = jg_buf_text(&list);
    jg_section_file(PROMPT_FILE, values, 4, to, err);
  }
  jg_buf_dispose(&instructions);
  jg_buf_dispose(&type);
  jg_buf_dispose(&list);
  return err->code != JG_OK ? (int)err->code : jg_buf_check(to, err);
}

/* A batch being filled. */
struct packer {
  const struct jg_lesson *lesson;
  size_t lesson_number;
  const struct jg_memory *known;
  size_t max_examples;
  size_t max_bytes;
  size_t base_bytes; /* the prompt without examples */
  struct jg_buf examples;
  const size_t *rows; /* of the open batch */
  size_t count;
  struct jg_batches *out;
};

static int close_batch(struct packer *packer, struct jg_err *err) {
  struct jg_batches *out = packer->out;
  struct jg_batch *batch;
  struct jg_buf user, schema;

  if (packer->count == 0 || jg_buf_check(&packer->examples, err) != JG_OK ||
      jg_mem_grow(&out->items, &out->cap, out->count + 1, sizeof *out->items,
                  err) != JG_OK) {
    return err->code;
  }
  batch = &out->items[out->count++];
  memset(batch, 0, sizeof *batch);
  batch->lesson = packer->lesson_number;
  assert(packer->count <= packer->max_examples);
  batch->rows = packer->rows;
  batch->count = packer->count;
  batch->prompt.schema_name = SCHEMA_NAME;
  jg_buf_init(&user, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&schema, JG_BUF_LIMIT_BYTES);
  if (write_prompt(packer->lesson->judge, packer->known,
                   jg_buf_text(&packer->examples), &user, err) == JG_OK &&
      jg_section_file(SCHEMA_FILE, NULL, 0, &schema, err) == JG_OK) {
    batch->prompt.user = jg_buf_take(&user, err);
    batch->prompt.schema = jg_buf_take(&schema, err);
  }
  jg_buf_dispose(&user);
  jg_buf_dispose(&schema);
  jg_buf_clear(&packer->examples);
  packer->rows += packer->count;
  packer->count = 0;
  return err->code;
}

/* Adds the next row, in a new batch when it does not fit. */
static int pack_row(struct packer *packer, struct jg_buf *line,
                    struct jg_err *err) {
  const struct jg_row *rows = packer->lesson->rows;
  size_t bytes;

  jg_buf_clear(line);
  if (write_example(packer->lesson->judge, &rows[packer->rows[packer->count]],
                    line, err) != JG_OK) {
    return err->code;
  }
  bytes = packer->base_bytes + packer->examples.len + line->len + 16;
  if (packer->count > 0 &&
      (packer->count >= packer->max_examples || bytes > packer->max_bytes)) {
    if (close_batch(packer, err) != JG_OK) {
      return err->code;
    }
  }
  jg_buf_printf(&packer->examples, "{\"id\":%zu,", packer->count);
  jg_buf_add(&packer->examples, jg_buf_text(line), line->len);
  packer->count++;
  return JG_OK;
}

int jg_distill_pack(const struct jg_align_options *options,
                    const struct jg_lesson *lesson, size_t lesson_number,
                    const struct jg_memory *known, const size_t *rows,
                    size_t count, struct jg_batches *out, struct jg_err *err) {
  struct packer packer = {.lesson = lesson,
                          .known = known,
                          .rows = rows,
                          .out = out,
                          .lesson_number = lesson_number};
  int64_t tokens = options->batch_tokens;
  struct jg_buf line, base;
  size_t i;

  packer.max_examples = options->batch_examples > 0
                            ? (size_t)options->batch_examples
                            : BATCH_EXAMPLES;
  packer.max_bytes =
      (size_t)(tokens > 0 ? tokens : BATCH_TOKENS) * BYTES_PER_TOKEN;
  jg_buf_init(&packer.examples, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&line, JG_BUF_LIMIT_BYTES);
  jg_buf_init(&base, JG_BUF_LIMIT_BYTES);
  if (count > 0 &&
      write_prompt(lesson->judge, known, "", &base, err) == JG_OK) {
    packer.base_bytes = base.len;
    for (i = 0; i < count && err->code == JG_OK; i++) {
      pack_row(&packer, &line, err);
    }
    close_batch(&packer, err);
  }
  jg_buf_dispose(&packer.examples);
  jg_buf_dispose(&line);
  jg_buf_dispose(&base);
  return err->code;
}

void jg_batches_dispose(struct jg_batches *batches) {
  size_t i;

  for (i = 0; i < batches->count; i++) {
    jg_prompt_dispose(&batches->items[i].prompt);
  }
  jg_mem_free(batches->items);
  memset(batches, 0, sizeof *batches);
}

/* ---- answers ---- */

/* The text inside a code fence, or all of it. */
static const char *unfence(const char *text, size_t *bytes) {
  static const char FENCE[] = "```";
  size_t mark = sizeof FENCE - 1;
  const char *line;

  text = jg_text_trim(text, strlen(text), bytes);
  if (*bytes < 2 * mark || memcmp(text, FENCE, mark) != 0 ||
      memcmp(text + *bytes - mark, FENCE, mark) != 0) {
    return text;
  }
  line = memchr(text, '\n', *bytes - mark);
  if (line == NULL) {
    return text;
  }
  *bytes -= (size_t)(line - text) + mark;
  return line;
}

/* A number from 0 below count, as a number or as text; else -1. */
static int64_t read_index(const struct jg_json *item, size_t count) {
  const char *text = jg_json_text(item);
  int64_t x = -1;
  double number;

  if (text != NULL) {
    if (!jg_text_number(text, strlen(text), &number) ||
        number != floor(number) || number < 0 || number >= (double)count) {
      return -1;
    }
    return (int64_t)number;
  }
  if (!jg_json_int(item, &x) || x < 0 || (uint64_t)x >= count) {
    return -1;
  }
  return x;
}

/* Position in the batch that a source id names; batch->count when none. */
static size_t find_source(const struct jg_json *item,
                          const struct jg_batch *batch,
                          const struct jg_row *rows) {
  const char *text = jg_json_text(item);
  int64_t index = read_index(item, batch->count);
  size_t i;

  if (index >= 0) {
    return (size_t)index;
  }
  for (i = 0; text != NULL && i < batch->count; i++) {
    const char *trace_id = rows[batch->rows[i]].trace_id;
    if (trace_id != NULL && strcmp(trace_id, text) == 0) {
      return i;
    }
  }
  return batch->count;
}

/* Adds a source unless it is there; room has space for the whole batch. */
static void add_source(const struct jg_json *item, const struct jg_batch *batch,
                       const struct jg_row *rows, size_t *room, size_t *count) {
  size_t found = find_source(item, batch, rows);
  size_t i;

  if (found == batch->count) {
    return;
  }
  for (i = 0; i < *count; i++) {
    if (room[i] == batch->rows[found]) {
      return;
    }
  }
  room[(*count)++] = batch->rows[found];
}

/* One entry of the list; what it lacks stays empty, for take() to judge. */
static int read_entry(const struct jg_json *entry, const struct jg_batch *batch,
                      const struct jg_row *rows, size_t *room,
                      struct jg_found *found, struct jg_buf *line,
                      struct jg_err *err) {
  const struct jg_json *ids = jg_json_get(entry, "source_trace_ids");
  const char *text = jg_json_text(jg_json_get(entry, "guideline_text"));
  const struct jg_json *id;

  jg_buf_clear(line);
  if (text != NULL) {
    jg_clean_line(line, text, strlen(text));
  }
  found->text = jg_text_trim(jg_buf_text(line), line->len, &found->bytes);
  found->sources = room;
  found->source_count = 0;
  if (jg_json_type(ids) == JG_JSON_ARRAY) {
    for (id = jg_json_first(ids); id != NULL; id = jg_json_next(id)) {
      add_source(id, batch, rows, room, &found->source_count);
    }
  } else if (ids != NULL) {
    add_source(ids, batch, rows, room, &found->source_count);
  }
  return jg_buf_check(line, err);
}

static int parse(const char *answer, struct jg_json **out, struct jg_err *err) {
  struct jg_err inner = {0};
  size_t bytes;
  const char *text = unfence(answer, &bytes);

  if (jg_json_parse(text, bytes, out, &inner) == JG_OK) {
    return JG_OK;
  }
  return jg_err_set(err, inner.code, "the answer is not JSON: %.*s",
                    MESSAGE_BYTES, inner.text);
}

int jg_distill_read(const char *answer, const struct jg_batch *batch,
                    const struct jg_row *rows,
                    int (*take)(void *ctx, const struct jg_found *found,
                                struct jg_err *err),
                    void *ctx, struct jg_err *err) {
  struct jg_json *root = NULL;
  const struct jg_json *list, *entry;
  struct jg_found found;
  struct jg_buf line;
  size_t *room = NULL;

  jg_buf_init(&line, JG_BUF_LIMIT_BYTES);
  if (parse(answer, &root, err) != JG_OK) {
    return err->code;
  }
  list = jg_json_type(root) == JG_JSON_ARRAY ? root
                                             : jg_json_get(root, "guidelines");
  if (jg_json_type(list) != JG_JSON_ARRAY) {
    jg_err_set(err, JG_ERROR, "the answer has no list \"guidelines\"");
    goto done;
  }
  room = jg_mem_new(batch->count, sizeof *room, err);
  entry = room == NULL ? NULL : jg_json_first(list);
  for (; entry != NULL && err->code == JG_OK; entry = jg_json_next(entry)) {
    if (read_entry(entry, batch, rows, room, &found, &line, err) == JG_OK) {
      take(ctx, &found, err);
    }
  }
done:
  jg_mem_free(room);
  jg_buf_dispose(&line);
  jg_json_free(root);
  return err->code;
}
