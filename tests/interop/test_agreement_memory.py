#!/usr/bin/python3
"""The agreement functions with every allocation failing in turn, under the
sanitizers: see agreement_memory_test.c.

The last line is "N passed, N failed". Needs a C compiler and SQLite.
"""
import glob
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SOURCES = ["tests/interop/agreement_memory_test.c", "tests/unit/unit.c",
           "tests/unit/alloc.c", "ext/api/agreement.c",
           "ext/api/agreement_options.c", "ext/api/agreement_result.c",
           "ext/api/agreement_state.c"]


def build(program, folder):
    """The compiler runs without a preloaded sanitizer."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("LD_PRELOAD", "ASAN_OPTIONS")}
    pure = [os.path.relpath(path, ROOT) for name in ("core", "stats")
            for path in sorted(glob.glob(f"{ROOT}/ext/{name}/*.c"))]
    embedded = os.path.join(folder, "embedded.c")
    with open(embedded, "w", encoding="utf-8") as file:
        file.write('#include "core/embed.h"\n'
                   "const struct jg_embed jg_embed_files[] = {{0, 0, 0}};\n")
    subprocess.run(
        ["gcc", "-std=c11", "-O1", "-g", "-D_POSIX_C_SOURCE=200809L",
         "-DSQLITE_CORE", '-DJG_VERSION="test"', "-Iext", "-Itests/unit",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
         "-Wl,--wrap=calloc,--wrap=realloc", "-o", program, *SOURCES, *pure,
         embedded, "-lsqlite3", "-lcjson", "-lm"],
        cwd=ROOT, env=env, check=True)
    return env


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "agreement_memory_test")
        env = build(program, folder)
        return subprocess.run([program, *sys.argv[1:]], env=env,
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
