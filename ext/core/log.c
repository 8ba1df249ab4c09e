/*
** The line that a long job says about itself.
*/
#include "core/log.h"
#include <stdio.h>
#include <string.h>
#include "core/text.h"

#define LINE_BYTES 1024

void jg_log_line(const struct jg_log *log, const char *step, const char *data,
                 const char *format, ...) {
  char text[LINE_BYTES];
  va_list args;
  int wanted;

  if (log == NULL || log->line == NULL) {
    return;
  }
  va_start(args, format);
  wanted = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (wanted < 0) {
    text[0] = '\0';
  } else if ((size_t)wanted >= sizeof text) {
    text[jg_text_cut(text, strlen(text), strlen(text))] = '\0';
  }
  log->line(log->ctx, step, text, data);
}
