#!/usr/bin/python3
"""What only reads labels, at 200,000 labels of ten people on 20,000 traces
(BENCH_PAIRS), each beside the same at half the size: twice the labels should
take about twice the time, whatever that is on this machine. Nothing fails
here; a ratio over its limit is marked.
"""
import os
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
TRACES = int(os.environ.get("BENCH_PAIRS", 20_000))
PEOPLE = 10
LIMIT = 3  # of twice the labels: linear is 2, quadratic 4

READS = (
    ("agreement_report",
     "SELECT count(*) FROM agreement_report('quality')"),
    ("agreement_report, by",
     "SELECT count(*) FROM agreement_report('quality', "
     "'{\"by\":\"experiment\"}')"),
    ("agreement_drift",
     "SELECT count(*) FROM agreement_drift('quality')"),
    ("judge_disagreements",
     "SELECT count(*) FROM judge_disagreements('quality')"),
    ("judge_compare",
     "SELECT count(*) FROM judge_compare('quality@1', 'quality@2')"),
    ("judge_pairs", "SELECT avg(agree) FROM judge_pairs"),
)


def make(path, traces):
    """Two versions of a judge, both with verdicts, and labels of ten people."""
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.splitext(str(LIBRARY))[0])
    db.execute("PRAGMA synchronous = OFF")
    db.execute("SELECT judge_init()")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
               "WHERE i < ?) INSERT INTO judge_trace(trace_id, experiment, "
               "inputs, outputs) SELECT printf('t%06d', i), 'e' || (i % 5), "
               "'question ' || i % 7, 'an answer ' || i % 7 FROM n", (traces,))
    for instructions in ("Is {{ outputs }} good?", "Is {{ outputs }} fine?"):
        db.execute("SELECT make_judge('quality', ?, 'local:/lexical', "
                   "'{\"feedback_value_type\":[\"poor\",\"fair\",\"good\"]}')",
                   (instructions,))
    for version in (1, 2):
        db.execute(f"SELECT judge_run('quality@{version}')")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
               f"WHERE i < {PEOPLE}) INSERT INTO judge_assessment(trace_id, "
               "name, value, source_id) SELECT trace_id, 'quality', "
               "CASE abs(random()) % 4 WHEN 0 THEN 'poor' WHEN 1 THEN 'fair' "
               "ELSE 'good' END, 'person ' || i FROM judge_trace, n")
    return db


def seconds(db, sql):
    start = time.perf_counter()
    db.execute(sql).fetchall()
    return time.perf_counter() - start


def main():
    with tempfile.TemporaryDirectory() as folder:
        half = make(os.path.join(folder, "half.db"), TRACES // 2)
        whole = make(os.path.join(folder, "whole.db"), TRACES)
        print(f"{TRACES // 2 * PEOPLE:,} labels, {TRACES * PEOPLE:,} labels, "
              "ratio")
        for name, sql in READS:
            one, two = seconds(half, sql), seconds(whole, sql)
            print(f"{name:24}{one:9.3f} s{two:9.3f} s{two / one:7.2f} x"
                  f"{'  OVER ' + str(LIMIT) if two / one > LIMIT else ''}",
                  flush=True)


if __name__ == "__main__":
    sys.exit(main())
