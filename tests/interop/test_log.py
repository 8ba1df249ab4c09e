#!/usr/bin/python3
"""Hosts that show SQLite's error log (apsw with its best practices, and others)
see nothing of ours in it: neither when the library is loaded, nor when it is
loaded once more, nor by what an ordinary session does."""
import ctypes
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = os.environ.get("JUDGE_SO", str(ROOT / "build" / "judge.so"))
SQLITE_CONFIG_LOG = 16
SQLITE_WARNING_AUTOINDEX = 284  # no error: a query made an index for itself
lines = []


@ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
def log(_, code, text):
    if code != SQLITE_WARNING_AUTOINDEX:
        lines.append((code, text.decode()))


# Before the module sqlite3 starts the library.
assert ctypes.CDLL("libsqlite3.so.0").sqlite3_config(
    SQLITE_CONFIG_LOG, log, None) == 0

import sqlite3  # noqa: E402

SESSION = (
    "SELECT judge_init()",
    "INSERT INTO traces(trace_id, inputs, outputs) VALUES('t', 'a b', 'a b c')",
    "SELECT make_judge('q', 'Is {{ outputs }} good?', 'local:/lexical', "
    "'{\"feedback_value_type\":[\"poor\",\"good\"]}')",
    "SELECT judge_run('q', '{\"explain\":true}')",
    "SELECT judge_run('q')",
    "SELECT * FROM assessments",
    "SELECT agreement(judge_value, human_value) FROM judge_pairs",
    "SELECT * FROM agreement_report('q')",
    "SELECT judge_config()",
)


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    return db


def logged(name, do):
    """1 when it logs something."""
    del lines[:]
    do()
    for code, text in lines:
        print(f"{name}: {code}: {text}")
    return bool(lines)


def main():
    stem = os.path.splitext(LIBRARY)[0]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in (":memory:", os.path.join(folder, "f.db")):
            db = connect(path)
            failed += logged("loading", lambda: db.load_extension(stem))
            failed += logged("again", lambda: db.load_extension(stem))
            failed += logged("session", lambda: [db.execute(sql).fetchall()
                                                 for sql in SESSION])
            db.close()
        db = connect(path)
        failed += logged("a file of ours", lambda: db.load_extension(stem))
        # The log works.
        del lines[:]
        try:
            db.execute("SELECT nothing_of_that_name()")
        except sqlite3.Error:
            pass
        failed += not lines
    print(f"{8 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
