#!/usr/bin/python3
"""traces and assessments against the same SQL on judge_trace and
judge_assessment, at 1,000,000 rows (BENCH_ROWS), in a file: median of some
runs, the ratio and its limit. Nothing fails here but a ratio over its limit is
marked."""
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
ROWS = int(os.environ.get("BENCH_ROWS", 1_000_000))
RUNS = 5
NUMBERS = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
           "SELECT i + 1 FROM n WHERE i < {})")

# name, limit, statement with {trace} and {assessment}
READS = (
    ("narrow full scan, traces", 3,
     "SELECT count(duration_ms), sum(request_time) FROM {trace}"),
    ("narrow full scan, assessments", 3,
     "SELECT count(rationale), sum(valid) FROM {assessment}"),
    ("filtered read, experiment", 2,
     "SELECT sum(length(inputs)) FROM {trace} WHERE experiment = 'e1'"),
    ("filtered read, name", 2,
     "SELECT sum(length(source_id)) FROM {assessment} WHERE name = 'q1'"),
    ("point join, traces", 3,
     "SELECT sum(length(inputs)) FROM ids JOIN {trace} USING (trace_id)"),
    ("point join, assessments", 3,
     "SELECT count(value) FROM ids JOIN {assessment} USING (trace_id)"),
)
PLAIN = {"trace": "judge_trace", "assessment": "judge_assessment"}
VIRTUAL = {"trace": "traces", "assessment": "assessments"}


def seconds(db, sql):
    begun = time.perf_counter()
    db.execute(sql).fetchall()
    return time.perf_counter() - begun


def show(name, plain, virtual, limit):
    ratio = virtual / plain
    mark = "" if ratio <= limit else "  OVER THE LIMIT"
    print(f"{name:34}{plain * 1e3:10.1f} ms{virtual * 1e3:10.1f} ms"
          f"{ratio:7.2f} x  (limit {limit}){mark}", flush=True)


def fresh(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.splitext(str(LIBRARY))[0])
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("SELECT judge_init()")
    return db


def fill(folder, names):
    """A database filled through these names; the seconds of both inserts."""
    db = fresh(os.path.join(folder, names["trace"] + ".db"))
    traces = seconds(db, f"""
      INSERT INTO {names['trace']}(trace_id, experiment, request_time, inputs,
                                   outputs)
      {NUMBERS.format(ROWS)}
      SELECT printf('tr-%09d', i), 'e' || (i % 10), i, 'question ' || i,
             'answer ' || i FROM n""")
    labels = seconds(db, f"""
      INSERT INTO {names['assessment']}(trace_id, name, value, source_id)
      {NUMBERS.format(ROWS)}
      SELECT printf('tr-%09d', i), 'q' || (i % 10), 'Good', 'ann' FROM n""")
    return db, traces, labels


def main():
    print(f"{ROWS:,} rows; plain, virtual, ratio")
    with tempfile.TemporaryDirectory() as folder:
        plain_db, *plain = fill(folder, PLAIN)
        plain_db.close()
        db, *virtual = fill(folder, VIRTUAL)
        show("bulk insert, traces", plain[0], virtual[0], 2)
        show("bulk insert, assessments", plain[1], virtual[1], 2)
        db.execute("CREATE TEMP TABLE ids(trace_id TEXT)")
        db.execute("INSERT INTO ids SELECT trace_id FROM judge_trace "
                   "WHERE rowid % 50 = 0 ORDER BY random()")
        for name, limit, sql in READS:
            times = [(seconds(db, sql.format(**PLAIN)),
                      seconds(db, sql.format(**VIRTUAL))) for _ in range(RUNS)]
            show(name, statistics.median(t[0] for t in times),
                 statistics.median(t[1] for t in times), limit)
        db.close()


if __name__ == "__main__":
    sys.exit(main())
