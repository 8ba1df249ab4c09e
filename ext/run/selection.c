/* Selecting traces page by page. */
#include "run/selection.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "store/db.h"

SQLITE_EXTENSION_INIT3

#define PAGE_ROWS 256

void jg_selection_defaults(struct jg_selection_options *options) {
  memset(options, 0, sizeof(*options));
  options->limit = -1;
}

/* ---- options ------------------------------------------------------------ */

static int read_ids(struct jg_selection *s, const struct jg_json *list,
                    struct jg_err *err) {
  struct jg_buf buf;
  if (!list) {
    return JG_OK;
  }
  if (jg_json_type(list) != JG_JSON_ARRAY) {
    return jg_err_set(err, JG_ERROR,
                      "trace_ids must be a JSON list of trace ids");
  }
  for (const struct jg_json *j = jg_json_first(list); j; j = jg_json_next(j)) {
    if (!jg_json_text(j)) {
      return jg_err_set(err, JG_ERROR,
                        "trace_ids must hold texts: its entry is not one");
    }
  }
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  jg_json_write(list, &buf);
  s->ids = jg_buf_take(&buf, err);
  return err->code;
}

static int read_redo(struct jg_selection *s, const struct jg_json *redo,
                     struct jg_err *err) {
  int64_t index = 0;
  if (!redo || (jg_json_type(redo) == JG_JSON_BOOL && !jg_json_true(redo))) {
    return JG_OK;
  }
  const char *word = jg_json_text(redo);
  s->failed = word && strcmp(word, "errors") == 0;
  if (jg_json_type(redo) == JG_JSON_BOOL || s->failed) {
    s->redo = s->anew = 1;
    return JG_OK;
  }
  if (!jg_json_int(redo, &index) || index < 0) {
    return jg_err_set(err, JG_ERROR,
                      "redo must be true, \"errors\", or the number of the "
                      "repetition (1, 2, ...)");
  }
  s->redo = index > 0;
  s->repetition = index;
  return JG_OK;
}

/* ---- sample ------------------------------------------------------------- */

struct ids {
  char **items;
  size_t count, cap;
};

static void ids_free(struct ids *ids) {
  for (size_t i = 0; i < ids->count; i++) {
    jg_mem_free(ids->items[i]);
  }
  jg_mem_free(ids->items);
}

static int read_all_ids(struct jg_selection *s, struct ids *ids,
                        struct jg_err *err) {
  struct jg_trace page[PAGE_ROWS];
  struct jg_trace_pages pages;
  size_t count = 0;
  jg_trace_pages_init(&pages, s->env, &s->filter);
  do {
    jg_trace_pages_next(&pages, page, PAGE_ROWS, &count, err);
    for (size_t i = 0; i < count; i++) {
      if (jg_mem_grow(&ids->items, &ids->cap, ids->count + 1,
                      sizeof(*ids->items), err) == JG_OK) {
        ids->items[ids->count++] = jg_mem_text(page[i].trace_id, err);
      }
      jg_trace_dispose(&page[i]);
    }
  } while (count == PAGE_ROWS && err->code == JG_OK);
  jg_trace_pages_dispose(&pages);
  return err->code;
}

static int sample_size(const struct jg_json *sample, size_t all, size_t *out,
                       struct jg_err *err) {
  double x = jg_json_number(sample);
  if (jg_json_type(sample) != JG_JSON_NUMBER || x <= 0) {
    return jg_err_set(err, JG_ERROR,
                      "sample must be a number of traces, or a share between "
                      "0 and 1");
  }
  double wanted = x < 1 ? x * (double)all + 0.5 : x;
  *out = wanted < (double)all ? (size_t)wanted : all;
  return JG_OK;
}

/* Draws from all that the filter selects, rated or not, so that the same seed
** means the same sample whenever it is asked for. */
static int draw_sample(struct jg_selection *s, const struct jg_json *sample,
                       int64_t seed, struct jg_err *err) {
  struct ids ids = {NULL, 0, 0};
  struct jg_rng rng;
  struct jg_buf buf;
  size_t size = 0, *order = NULL;
  struct jg_trace_filter filter = s->filter;
  s->filter.unrated_by = s->filter.failed_by = NULL;
  jg_rng_init(&rng, (uint64_t)seed);
  jg_buf_init(&buf, JG_BUF_LIMIT_BYTES);
  if (read_all_ids(s, &ids, err) == JG_OK &&
      sample_size(sample, ids.count, &size, err) == JG_OK) {
    order = jg_mem_new(ids.count + 1, sizeof(*order), err);
  }
  s->filter = filter;
  if (order) {
    struct jg_jsonw w = {.to = &buf};
    for (size_t i = 0; i < ids.count; i++) {
      order[i] = i;
    }
    jg_rng_shuffle(&rng, order, ids.count);
    jg_jsonw_array(&w);
    for (size_t i = 0; i < size; i++) {
      jg_jsonw_text(&w, ids.items[order[i]]);
    }
    jg_jsonw_end_array(&w);
    jg_mem_free(s->ids);
    s->ids = jg_buf_take(&buf, err);
    s->filter.trace_ids = s->ids;
  }
  jg_buf_dispose(&buf);
  jg_mem_free(order);
  ids_free(&ids);
  return err->code;
}

/* ---- opening ------------------------------------------------------------ */

/* total counts what the options select, todo what will be rated. */
static int count_traces(struct jg_selection *s, struct jg_err *err) {
  int64_t all = 0, unrated = 0;
  struct jg_trace_filter whole = s->filter;
  whole.unrated_by = whole.failed_by = NULL;
  if (jg_trace_count(s->env, &whole, &all, err) != JG_OK ||
      jg_trace_count(s->env, &s->filter, &unrated, err) != JG_OK) {
    return err->code;
  }
  s->todo = s->left >= 0 && s->left < unrated ? s->left : unrated;
  s->total = all - unrated + s->todo;
  return JG_OK;
}

int jg_selection_open(struct jg_selection *s, struct jg_checked_env *env,
                      const char *judge,
                      const struct jg_selection_options *options,
                      struct jg_err *err) {
  memset(s, 0, sizeof(*s));
  s->env = env;
  s->db = env->db;
  s->judge = judge;
  s->left = options->limit;
  if (read_ids(s, options->trace_ids, err) != JG_OK ||
      read_redo(s, options->redo, err) != JG_OK) {
    return err->code;
  }
  s->filter.experiment = options->experiment;
  s->filter.where = options->where;
  s->filter.trace_ids = s->ids;
  s->filter.unrated_by = s->redo ? NULL : judge;
  s->filter.failed_by = s->failed ? judge : NULL;
  if (options->sample &&
      draw_sample(s, options->sample, options->seed, err) != JG_OK) {
    return err->code;
  }
  jg_trace_pages_init(&s->pages, s->env, &s->filter);
  return count_traces(s, err);
}

/* ---- reading ------------------------------------------------------------ */

static void keep_trace(struct jg_selection *s, struct jg_trace *trace,
                       struct jg_err *err) {
  struct jg_selected *selected = jg_mem_new(1, sizeof(*selected), err);
  if (!selected || jg_mem_grow(&s->page, &s->page_cap, s->page_count + 1,
                               sizeof(*s->page), err) != JG_OK) {
    jg_mem_free(selected);
    jg_trace_dispose(trace);
    return;
  }
  selected->trace = *trace;
  selected->item = jg_trace_item(&selected->trace);
  selected->repetition = s->repetition;
  selected->anew = s->anew;
  s->page[s->page_count++] = selected;
}

void jg_selection_release(struct jg_selection *s, void *selected) {
  struct jg_selected *one = selected;
  (void)s;
  if (one) {
    jg_trace_dispose(&one->trace);
    jg_mem_free(one);
  }
}

static void release_page(struct jg_selection *s) {
  while (s->page_at < s->page_count) {
    jg_selection_release(s, s->page[s->page_at++]);
  }
}

/* After an error, a lock for instance, the same page can be read again. */
static int read_page(struct jg_selection *s, struct jg_err *err) {
  struct jg_trace traces[PAGE_ROWS];
  size_t count = 0, want = PAGE_ROWS;
  int64_t before = s->pages.after;
  if (s->left >= 0 && (size_t)s->left < want) {
    want = (size_t)s->left;
  }
  s->page_count = s->page_at = 0;
  if (want > 0 &&
      jg_trace_pages_next(&s->pages, traces, want, &count, err) != JG_OK) {
    return err->code;
  }
  for (size_t i = 0; i < count; i++) {
    keep_trace(s, &traces[i], err);
  }
  if (err->code != JG_OK) {
    release_page(s);
    s->pages.after = before;
    return err->code;
  }
  assert(count <= want);
  if (s->left >= 0) {
    s->left -= (int64_t)count;
  }
  s->ended = count < PAGE_ROWS;
  return err->code;
}

struct jg_selected **jg_selection_page(struct jg_selection *s, size_t *count,
                                       struct jg_err *err) {
  if (s->page_at == s->page_count && !s->ended) {
    read_page(s, err);
  }
  *count = s->page_count - s->page_at;
  return s->page + s->page_at;
}

struct jg_selected *jg_selection_from_page(struct jg_selection *s,
                                           struct jg_err *err) {
  if (err->code != JG_OK || s->page_at == s->page_count) {
    return NULL;
  }
  assert(s->page_at < s->page_count);
  return s->page[s->page_at++];
}

struct jg_selected *jg_selection_next(struct jg_selection *s,
                                      struct jg_err *err) {
  size_t count = 0;
  jg_selection_page(s, &count, err);
  return jg_selection_from_page(s, err);
}

int jg_selection_ended(const struct jg_selection *s) {
  return s->ended && s->page_at == s->page_count;
}

void jg_selection_close(struct jg_selection *s) {
  release_page(s);
  jg_trace_pages_dispose(&s->pages);
  jg_mem_free(s->page);
  jg_mem_free(s->ids);
  memset(s, 0, sizeof(*s));
}
