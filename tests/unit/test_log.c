/* The log line. */
#include "unit.h"
#include <string.h>
#include "core/log.h"

static void keep(void *ctx, const char *step, const char *text,
                 const char *data) {
  char *kept = ctx;

  strcat(strcat(strcat(kept, step), ":"), text);
  if (data != NULL) {
    strcat(kept, data);
  }
}

TEST(log_formats_its_line) {
  char kept[200] = "";
  struct jg_log log = {keep, kept};

  jg_log_line(&log, "distill", "{}", "%d guidelines", 3);
  CHECK_TEXT(kept, "distill:3 guidelines{}");
}

TEST(log_takes_nobody) {
  struct jg_log log = {0};

  jg_log_line(NULL, "a", NULL, "b");
  jg_log_line(&log, "a", NULL, "b");
}

static void measure(void *ctx, const char *step, const char *text,
                    const char *data) {
  (void)step;
  (void)data;
  *(size_t *)ctx = strlen(text);
}

TEST(log_cuts_long_lines) {
  static char text[5000];
  size_t bytes = 0;
  struct jg_log log = {measure, &bytes};

  memset(text, 'x', sizeof text - 1);
  jg_log_line(&log, "a", NULL, "%s", text);
  CHECK(bytes > 500 && bytes < 2000);
}
