#!/usr/bin/python3
"""Allocations that fail under SQL statements: see nomem.c, which is build/nomem
once make has built it."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / os.environ.get("JUDGE_BUILD", "build") / "nomem"


def main():
    # Built with the sanitizers itself where the library is.
    env = {k: v for k, v in os.environ.items()
           if k not in ("LD_PRELOAD", "ASAN_OPTIONS")}
    done = subprocess.run([PROGRAM, *sys.argv[1:]], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    print(done.stdout, end="")
    if done.returncode < 0:
        print("ended by signal %d" % -done.returncode)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
