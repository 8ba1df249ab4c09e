/*
** A main for fuzz targets where there is no libFuzzer: feeds every file of the
** folders and files given, then a bounded number of seeded mutations of them,
** or, as with libFuzzer, none with -runs=0. Other arguments that begin with '-'
** are libFuzzer's and mean nothing here.
*/
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rng.h"

#define SEEDS 4096
#define SEED_BYTES 65536
#define MUTATIONS 50000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct seed {
  uint8_t *data; /* owned */
  size_t bytes;
};

static struct seed seeds[SEEDS];
static size_t seed_count;

static void add_seed(const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t *data = malloc(SEED_BYTES);

  if (file != NULL && data != NULL && seed_count < SEEDS) {
    seeds[seed_count].bytes = fread(data, 1, SEED_BYTES, file);
    seeds[seed_count++].data = data;
  } else {
    free(data);
  }
  if (file != NULL) {
    fclose(file);
  }
}

static void add_path(const char *path) {
  DIR *folder = opendir(path);
  struct dirent *entry;
  char name[4096];

  if (folder == NULL) {
    add_seed(path);
    return;
  }
  while ((entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] != '.') {
      snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
      add_seed(name);
    }
  }
  closedir(folder);
}

/* Exactly as many bytes as are meant, so that ASan sees one byte too far. */
static void feed(const uint8_t *data, size_t bytes) {
  uint8_t *copy = malloc(bytes == 0 ? 1 : bytes);

  if (copy != NULL) {
    memcpy(copy, data, bytes);
    LLVMFuzzerTestOneInput(copy, bytes);
    free(copy);
  }
}

static void mutate(struct jg_rng *rng) {
  static uint8_t work[2 * SEED_BYTES];
  const struct seed *seed = &seeds[jg_rng_below(rng, seed_count)];
  size_t bytes = seed->bytes;
  uint64_t edits = 1 + jg_rng_below(rng, 4);

  memcpy(work, seed->data, bytes);
  while (edits-- > 0 && bytes > 0) {
    size_t at = (size_t)jg_rng_below(rng, bytes);
    const struct seed *other = &seeds[jg_rng_below(rng, seed_count)];
    switch (jg_rng_below(rng, 5)) {
    case 0:
      work[at] ^= (uint8_t)(1u << jg_rng_below(rng, 8));
      break;
    case 1:
      work[at] = (uint8_t)jg_rng_next(rng);
      break;
    case 2: /* cut */
      bytes = at;
      break;
    case 3: /* take one out */
      memmove(work + at, work + at + 1, bytes - at - 1);
      bytes--;
      break;
    default: /* go on as another seed does */
      if (other->bytes > at && other->bytes <= SEED_BYTES) {
        memcpy(work + at, other->data + at, other->bytes - at);
        bytes = other->bytes;
      }
    }
  }
  feed(work, bytes);
}

int main(int argc, char **argv) {
  struct jg_rng rng;
  int mutations = MUTATIONS;
  int i;

  for (i = 1; i < argc; i++) {
    if (argv[i][0] != '-') {
      add_path(argv[i]);
    } else if (strcmp(argv[i], "-runs=0") == 0) {
      mutations = 0;
    }
  }
  for (i = 0; i < (int)seed_count; i++) {
    feed(seeds[i].data, seeds[i].bytes);
  }
  feed((const uint8_t *)"", 0);
  jg_rng_init(&rng, 1);
  for (i = 0; seed_count > 0 && i < mutations; i++) {
    mutate(&rng);
  }
  printf("%zu seeds, %d mutations\n", seed_count, i);
  for (i = 0; i < (int)seed_count; i++) {
    free(seeds[i].data);
  }
  return 0;
}
