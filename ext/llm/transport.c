/* What all transports share. See transport.h. */
#include "llm/transport.h"

#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/text.h"

#define DAY_S 86400.0

void jg_http_response_dispose(struct jg_http_response *response) {
  jg_mem_free(response->body);
  memset(response, 0, sizeof(*response));
}

int64_t jg_http_retry_after(const char *value, int64_t wall_ms) {
  double seconds;
  int64_t date_ms;
  if (jg_text_number(value, strlen(value), &seconds)) {
    if (!(seconds >= 0)) {
      return -1;
    }
    return (int64_t)((seconds > DAY_S ? DAY_S : seconds) * 1000.0);
  }
  if (jg_clock_parse_http(value, &date_ms)) {
    return date_ms > wall_ms ? date_ms - wall_ms : 0;
  }
  return -1;
}
