#!/usr/bin/python3
"""Finding labelled examples, against SQLite's own FTS5: see recall_test.c.

The last line is "N passed, N failed". Needs a C compiler and SQLite.
"""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SOURCES = ["tests/interop/recall_test.c", "tests/unit/unit.c",
           "tests/unit/alloc.c", "ext/align/recall.c",
           "ext/align/recall_vectors.c", "ext/align/recall_words.c",
           "ext/judge/lexical_words.c", "ext/judge/lexical_share.c",
           "ext/core/buf.c", "ext/core/err.c", "ext/core/json.c",
           "ext/core/json_scan.c", "ext/core/jsonw.c", "ext/core/mem.c",
           "ext/core/rng.c", "ext/core/text.c"]


def build(program):
    """The compiler runs without a preloaded sanitizer."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("LD_PRELOAD", "ASAN_OPTIONS")}
    subprocess.run(
        ["gcc", "-std=c11", "-O1", "-g", "-D_POSIX_C_SOURCE=200809L",
         "-DSQLITE_CORE", "-Iext", "-Itests/unit",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
         "-Wl,--wrap=calloc,--wrap=realloc", "-o", program, *SOURCES,
         "-lsqlite3", "-lcjson", "-lm"],
        cwd=ROOT, env=env, check=True)
    return env


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "recall_test")
        env = build(program)
        return subprocess.run([program, *sys.argv[1:]], env=env,
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
