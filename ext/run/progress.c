/* The progress line. */
#include "run/progress.h"

#include <string.h>
#include <unistd.h>

#define SHOW_EVERY_MS 200

static int64_t mono_ms(const struct jg_job *job) {
  return job->session->clock.mono_ms(job->session->clock.ctx);
}

static void put(const char *text, size_t bytes) {
  ssize_t n = write(STDERR_FILENO, text, bytes);
  (void)n; /* nobody to tell */
}

void jg_progress_begin(struct jg_progress_line *line, const struct jg_job *job,
                       int64_t total) {
  memset(line, 0, sizeof(*line));
  enum jg_progress wanted = job->session->config.progress;
  line->job = job;
  line->total = total;
  line->on = wanted == JG_PROGRESS_ON ||
             (wanted == JG_PROGRESS_AUTO && isatty(STDERR_FILENO));
  line->shown_ms = mono_ms(job);
}

static void show(struct jg_progress_line *line) {
  double seconds = jg_job_seconds(line->job);
  double rate = seconds > 0 ? (double)line->done / seconds : 0;
  struct jg_buf buf;
  jg_buf_init(&buf, 4096);
  jg_buf_printf(&buf, "\r\033[K%s: %lld", line->job->command,
                (long long)line->done);
  if (line->total >= 0) {
    jg_buf_printf(&buf, " of %lld", (long long)line->total);
  }
  jg_buf_puts(&buf, ", ");
  jg_buf_fixed(&buf, rate, 1);
  jg_buf_printf(&buf, "/s, %lld errors", (long long)line->errors);
  if (line->job->cost > 0) {
    jg_buf_puts(&buf, ", cost ");
    jg_buf_fixed(&buf, line->job->cost, 4);
  }
  /* The first answers tell nothing of the rate: all are still on their way. */
  if (line->total > line->done && rate > 0 &&
      line->done >= line->job->concurrency) {
    jg_buf_printf(&buf, ", %lld s left",
                  (long long)((double)(line->total - line->done) / rate + 1));
  }
  put(jg_buf_text(&buf), buf.len);
  jg_buf_dispose(&buf);
  line->shown = 1;
}

void jg_progress_step(struct jg_progress_line *line, int failed) {
  line->done++;
  line->errors += failed != 0;
  if (line->on && mono_ms(line->job) - line->shown_ms >= SHOW_EVERY_MS) {
    line->shown_ms = mono_ms(line->job);
    show(line);
  }
}

void jg_progress_end(struct jg_progress_line *line) {
  if (line->shown) {
    put("\r\033[K", 4);
    line->shown = 0;
  }
}
