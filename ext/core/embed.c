/*
** Look-up in the table of embedded files, which the build makes from sql/.
*/
#include "core/embed.h"
#include <string.h>

const char *jg_embed_get(const char *name) {
  size_t i;

  for (i = 0; jg_embed_files[i].name != NULL; i++) {
    if (strcmp(jg_embed_files[i].name, name) == 0) {
      return jg_embed_files[i].text;
    }
  }
  return NULL;
}

const struct jg_embed *jg_embed_next(const char *prefix, size_t *at) {
  size_t bytes = strlen(prefix);

  while (jg_embed_files[*at].name != NULL) {
    const struct jg_embed *file = &jg_embed_files[(*at)++];
    if (strncmp(file->name, prefix, bytes) == 0) {
      return file;
    }
  }
  return NULL;
}
