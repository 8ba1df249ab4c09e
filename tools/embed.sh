#!/bin/sh
# Prints build/embedded.c: the files of sql/ that belong in the library, as
# arrays sorted by name. User scripts (sql/*.sql) and READMEs stay outside, and so
# does the first schema, whose tables 002_tables.sql makes too.
# Usage: tools/embed.sh ; tools/embed.sh --list prints the paths only.
set -eu
LC_ALL=C
export LC_ALL

list() {
  {
    for folder in sql/schema sql/queries; do
      if [ -d "$folder" ]; then find "$folder" -type f -name '*.sql' \
        ! -path sql/schema/001_init.sql; fi
    done
    find sql -type f \( -name '*.json' -o -name '*.txt' -o -name '*.md' \
      -o -name '*.yaml' \) ! -name 'README*'
  } | sort
}

if [ "${1:-}" = --list ]; then
  list
  exit 0
fi

files=$(list)
printf '/* Made by tools/embed.sh from sql/; do not edit. */\n'
printf '#include "core/embed.h"\n\n'
i=0
for file in $files; do
  printf 'static const unsigned char f%d[] = {\n' "$i"
  od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
  printf '0};\n\n'
  i=$((i + 1))
done
printf 'const struct jg_embed jg_embed_files[] = {\n'
i=0
for file in $files; do
  printf '    {"%s", (const char *)f%d, sizeof f%d - 1},\n' \
    "${file#sql/}" "$i" "$i"
  i=$((i + 1))
done
printf '    {0, 0, 0}};\n'
