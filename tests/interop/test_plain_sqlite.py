#!/usr/bin/python3
"""A file of ours in the hands of a plain SQLite: nothing in it needs the
extension. Made here with the extension, then opened without it."""
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

LIBRARY = os.environ.get("JUDGE_SO", "build/judge.so")
PASSED, FAILED = [], []


def check(name, ok, detail=""):
    (PASSED if ok else FAILED).append(name)
    if not ok:
        print(f"FAIL {name} {detail}".rstrip())


def fails(db, sql):
    """The error of a statement, or None."""
    try:
        db.execute(sql)
    except sqlite3.Error as error:
        return str(error)
    return None


def make(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.splitext(LIBRARY)[0])
    db.execute("SELECT judge_init()")
    db.execute("SELECT make_judge('quality', 'Rate {{ outputs }}', "
               "'local:/lexical', '{\"feedback_value_type\":[\"Bad\",\"Good\"]}')")
    db.executemany("INSERT INTO traces(trace_id, inputs, outputs, expectations)"
                   " VALUES(?, 'question', 'answer', ?)",
                   [(f"t{i}", '{"expected_response":"yes"}') for i in range(20)])
    db.executemany("INSERT INTO assessments(trace_id, name, value, source_id, "
                   "source_type) VALUES(?, 'quality', ?, ?, ?)",
                   [(f"t{i}", "Good" if i % 3 else "Bad", "ann", "HUMAN")
                    for i in range(20)] +
                   [(f"t{i}", "Good", "rules", "CODE") for i in range(20)])
    db.execute("CREATE TABLE mine(a, b)")
    db.execute("CREATE VIEW theirs AS SELECT a FROM mine")
    db.close()


def test_schema(db):
    rows = db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    check("no virtual table stands in the file",
          not any(re.search(r"VIRTUAL\s+TABLE", sql or "") for _, _, sql in rows))
    modules = re.compile(r"\b(FROM|JOIN|INTO|UPDATE)\s+(main\.)?"
                         r"(traces|assessments|judges)\b", re.I)
    check("no object names a virtual table of ours",
          not any(modules.search(sql or "") for _, _, sql in rows))
    for kind, name, _ in rows:
        if kind in ("table", "view"):
            check(f"{name} reads",
                  fails(db, f'SELECT * FROM "{name}" LIMIT 5') is None,
                  fails(db, f'SELECT * FROM "{name}" LIMIT 5') or "")
            check(f"{name} shows its columns",
                  len(db.execute(f'PRAGMA table_info("{name}")').fetchall()) > 0)


def test_upkeep(db):
    for sql in ("PRAGMA integrity_check", "PRAGMA foreign_key_check",
                "ALTER TABLE mine RENAME TO yours",
                "ALTER TABLE yours RENAME COLUMN a TO c",
                "ALTER TABLE yours DROP COLUMN b", "ANALYZE", "REINDEX",
                "VACUUM", "PRAGMA quick_check"):
        error = fails(db, sql)
        check(sql, error is None, error or "")
    check("integrity", db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def test_labels(db):
    db.execute("INSERT INTO judge_assessment(trace_id, name, value) "
               "VALUES('t1', 'quality', 'bad')")
    row = db.execute(
        "SELECT assessment_id GLOB 'a-[0-9a-f]*', kind, value, value_type, "
        "source_type, source_id, valid, created > 0, updated = created, "
        "created_text GLOB '20*Z', value_text FROM judge_assessment "
        "WHERE trace_id = 't1' AND source_id = 'default' AND name = 'quality'"
    ).fetchone()
    check("a label typed by hand is whole",
          row == (1, "feedback", "Bad", "str", "HUMAN", "default", 1, 1, 1, 1,
                  "Bad"), str(row))
    check("an unknown trace is refused",
          "no such trace" in (fails(
              db, "INSERT INTO judge_assessment(trace_id, name, value) "
                  "VALUES('nobody', 'quality', 'Good')") or ""))
    check("a value outside the scale is refused",
          "declares" in (fails(
              db, "INSERT INTO judge_assessment(trace_id, name, value) "
                  "VALUES('t2', 'quality', 'Great')") or ""))
    pairs = db.execute("SELECT count(*), sum(agree) FROM judge_pairs "
                       "WHERE name = 'quality'").fetchone()
    check("pairs", pairs == (21, 13), str(pairs))


def test_dump(path, folder):
    """The shell's .dump, read again, is the same database."""
    dump = subprocess.run(["sqlite3", path, ".dump"], capture_output=True,
                          text=True, check=True).stdout
    again = str(Path(folder) / "again.db")
    read = subprocess.run(["sqlite3", again], input=dump, capture_output=True,
                          text=True, check=False)
    check(".dump reads again", read.returncode == 0 and read.stderr == "",
          read.stderr[:200])
    one, two = sqlite3.connect(path), sqlite3.connect(again)
    tables = [n for n, in one.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' "
        "AND name NOT LIKE 'sqlite%'")]
    for name in tables:
        sql = f'SELECT * FROM "{name}"'
        check(f"{name} survives .dump",
              sorted(one.execute(sql).fetchall(), key=repr) ==
              sorted(two.execute(sql).fetchall(), key=repr))
    python = sqlite3.connect(":memory:")
    python.executescript("\n".join(one.iterdump()))
    check("Python's iterdump reads again",
          python.execute("SELECT count(*) FROM judge_pairs").fetchone() ==
          one.execute("SELECT count(*) FROM judge_pairs").fetchone())


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "plain.db")
        make(path)
        db = sqlite3.connect(path, isolation_level=None)
        test_schema(db)
        test_upkeep(db)
        test_labels(db)
        test_dump(path, folder)
        db.close()
    print(f"{len(PASSED)} passed, {len(FAILED)} failed")
    return bool(FAILED)


if __name__ == "__main__":
    sys.exit(main())
