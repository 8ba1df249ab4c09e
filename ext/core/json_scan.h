/* For json.c: is a text strict JSON? */
#ifndef JG_CORE_JSON_SCAN_H
#define JG_CORE_JSON_SCAN_H

#include <stddef.h>
#include "core/err.h"

/* JG_OK, or err (not yet set when called) with the reason and the byte. */
int jg_json_scan(const char *text, size_t bytes, struct jg_err *err);

#endif
