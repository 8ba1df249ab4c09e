/* judge_prompt: the exact request, not sent. */
#include <string.h>

#include "core/mem.h"
#include "llm/mask.h"
#include "llm/chat.h"
#include "run/ready.h"
#include "run/run.h"

struct shown {
  struct jg_judge judge; /* without embedding model: nothing may be sent */
  struct jg_row *examples;
  size_t count;
  size_t used; /* of the examples */
  struct jg_ready ready;
  struct jg_err note;
};

static int open_shown(struct shown *s, struct jg_session *session,
                      const struct jg_judge *judge,
                      const struct jg_definition_info *info,
                      struct jg_err *err) {
  struct jg_job job;
  static const struct jg_limits NONE = JG_LIMITS_NONE;
  memset(&job, 0, sizeof(job));
  if (jg_judge_copy(&s->judge, judge, err) != JG_OK ||
      jg_ready_examples(session, info->memory_id, &s->examples, &s->count,
                        err) != JG_OK) {
    return err->code;
  }
  s->used = s->count;
  if (s->judge.memory.embedding_model) {
    jg_mem_free(s->judge.memory.embedding_model);
    s->judge.memory.embedding_model = NULL;
    s->used = 0;
    jg_err_set(&s->note, JG_ERROR,
               "examples are found by embeddings when the judge runs; they are "
               "left out here");
  }
  const struct jg_row **rows = jg_row_pointers(s->examples, s->used, err);
  if (jg_job_begin_inside(&job, session, "judge_prompt", &NONE, err) == JG_OK) {
    jg_ready_open_unsent(&job, &s->judge, rows, s->used, &s->ready, err);
  }
  jg_mem_free(rows);
  jg_job_dispose(&job);
  return err->code;
}

static void write_shown(struct shown *s, const char *body, struct jg_buf *out) {
  struct jg_jsonw w = {.to = out};
  char *url = s->ready.endpoint.url; /* shown, and not sent to */
  if (url) {
    jg_mask_error(&s->ready.endpoint, url, strlen(url));
  }
  jg_jsonw_object(&w);
  jg_jsonw_key_text(&w, "model", s->judge.model);
  jg_jsonw_key_text(&w, "url", s->ready.endpoint.url);
  if (s->note.code != JG_OK) {
    jg_jsonw_key_text(&w, "note", s->note.text);
  }
  if (body) {
    jg_jsonw_key_raw(&w, "body", body);
  }
  jg_jsonw_end_object(&w);
}

int jg_run_prompt(struct jg_session *session, const struct jg_judge *judge,
                  const struct jg_definition_info *info,
                  const struct jg_item *item, struct jg_buf *out,
                  struct jg_err *err) {
  struct shown s;
  char *body = NULL;
  memset(&s, 0, sizeof(s));
  if (jg_judge_check_item(judge, item, err) == JG_OK &&
      open_shown(&s, session, judge, info, err) == JG_OK) {
    if (s.ready.local) {
      jg_err_set(&s.note, JG_ERROR, "%s rates on the spot: nothing is sent",
                 judge->model);
    } else if (jg_ready_show_endpoint(session, &s.ready, &s.note, err) ==
               JG_OK) {
      body = jg_ready_body(&s.ready, item, NULL, err);
    }
    write_shown(&s, body, out);
  }
  jg_mem_free(body);
  jg_ready_dispose(&s.ready);
  jg_rows_free(s.examples, s.count);
  jg_judge_dispose(&s.judge);
  return err->code;
}
