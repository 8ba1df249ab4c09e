#!/usr/bin/python3
"""The demo: it shows a gain whose interval clears zero, and running it twice
on one database doubles nothing."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = Path(os.environ.get("JUDGE_SO", ROOT / "build/judge.so")).resolve()
TABLES = ["judge_trace", "judge_assessment", "judge_definition",
          "judge_example", "judge_crossfit"]
SHELL = shutil.which("sqlite3")


def shell(database, script):
    return subprocess.run([SHELL, "-bail", "-init", "/dev/null", database],
                          input=script, cwd=ROOT, text=True, check=True,
                          stdout=subprocess.PIPE, timeout=300).stdout


def counts(database):
    return shell(database, "".join(
        f"SELECT count(*) FROM {table};" for table in TABLES))


def run(folder):
    database = str(Path(folder) / "demo.db")
    script = (ROOT / "sql/demo.sql").read_text().replace(
        ".load build/judge", f".load {LIBRARY.with_suffix('')}")
    first = shell(database, script)
    before = counts(database)
    second = shell(database, script)
    interval = re.search(r"([+-][\d.]+) to ([+-][\d.]+)", first)
    return [
        ("the interval clears zero", interval and float(interval[1]) > 0),
        ("at least 60 items", int(before.split()[0]) >= 60),
        ("the second run doubles nothing", counts(database) == before),
        ("the second run shows the same", first == second),
        ("no line is wider than 100 columns",
         max(map(len, first.splitlines())) <= 100),
    ]


def main():
    if not SHELL or "asan" in str(LIBRARY):
        print("skipped: needs the sqlite3 shell and a library without ASan")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        checks = run(folder)
    for name, good in checks:
        if not good:
            print(f"failed: {name}")
    failed = sum(not good for _, good in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
