/* The embedded files: sorted, whole, found by name and by prefix. */
#include "unit.h"
#include <string.h>
#include "core/embed.h"

TEST(embed_is_sorted_and_terminated) {
  size_t i;

  for (i = 0; jg_embed_files[i].name != NULL; i++) {
    CHECK_INT(strlen(jg_embed_files[i].text), jg_embed_files[i].bytes);
    if (i > 0) {
      CHECK(strcmp(jg_embed_files[i - 1].name, jg_embed_files[i].name) < 0);
    }
  }
}

TEST(embed_get_finds_each_by_name) {
  size_t i;

  for (i = 0; jg_embed_files[i].name != NULL; i++) {
    CHECK(jg_embed_get(jg_embed_files[i].name) == jg_embed_files[i].text);
  }
  CHECK_TEXT(jg_embed_get("judges/no_such.json"), NULL);
}

TEST(embed_next_walks_a_folder) {
  const struct jg_embed *file;
  size_t at = 0;
  size_t by_walk = 0;
  size_t by_count = 0;
  size_t i;

  while ((file = jg_embed_next("judges/", &at)) != NULL) {
    CHECK_INT(strncmp(file->name, "judges/", 7), 0);
    by_walk++;
  }
  for (i = 0; jg_embed_files[i].name != NULL; i++) {
    by_count += strncmp(jg_embed_files[i].name, "judges/", 7) == 0;
  }
  CHECK_INT(by_walk, by_count);
}

TEST(embed_leaves_user_scripts_out) {
  size_t i;

  for (i = 0; jg_embed_files[i].name != NULL; i++) {
    const char *name = jg_embed_files[i].name;
    const char *end = strrchr(name, '.');
    CHECK(end == NULL || strcmp(end, ".sql") != 0 || strchr(name, '/'));
  }
}
