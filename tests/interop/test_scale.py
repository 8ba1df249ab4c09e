#!/usr/bin/python3
"""What only reads labels takes twice the work for twice the labels. Work is
counted in steps of SQLite's virtual machine, nested statements included, by a
progress handler: no clock. tests/bench/bench_report.py measures more of it."""
import os
import sqlite3
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = Path(os.environ.get("JUDGE_SO", ROOT / "build/judge.so")).resolve()
TRACES = 600
EVERY = 100
LIMIT = 2.6  # twice the rows: a quadratic part makes it 4

READS = (
    "SELECT * FROM agreement_report('q')",
    "SELECT * FROM agreement_report('q@1', '{\"by\":\"experiment\"}')",
    "SELECT * FROM agreement_report('free')",  # as many labels as traces
    "SELECT * FROM agreement_drift('q')",
    "SELECT * FROM judge_disagreements('q')",
    "SELECT * FROM judge_compare('q@1', 'q@2')",
    "SELECT * FROM judge_pairs",
)


def connect(traces):
    """Two versions with verdicts, one of them with those of folds as well, and
    labels of four people; recorded verdicts, labels and values all different."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.splitext(LIBRARY)[0])
    db.execute("SELECT judge_init()")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
               "WHERE i < ?) INSERT INTO judge_trace(trace_id, experiment, "
               "inputs, outputs) SELECT 't' || i, 'e' || i % 3, "
               "'question ' || i, 'answer ' || i % 7 FROM n", (traces,))
    for instructions in ("Is {{ outputs }} good?", "Is {{ outputs }} fine?"):
        db.execute("SELECT make_judge('q', ?, 'local:/lexical', "
                   "'{\"feedback_value_type\":[\"poor\",\"fair\",\"good\"]}')",
                   (instructions,))
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
               "WHERE i < 4) INSERT INTO judge_assessment(trace_id, name, "
               "value, source_id) SELECT trace_id, 'q', CASE (t.rowid * i) % 3 "
               "WHEN 0 THEN 'poor' WHEN 1 THEN 'fair' ELSE 'good' END, 'p' || i "
               "FROM judge_trace t, n")
    for version in (1, 2):
        db.execute(f"INSERT INTO judge_assessment(trace_id, name, value, "
                   f"source_type, source_id, judge) SELECT trace_id, 'q', "
                   f"CASE WHEN rowid % {version + 1} THEN 'good' ELSE 'poor' END, "
                   f"'CODE', 'local:/lexical', 'q@{version}' FROM judge_trace")
    db.execute("INSERT INTO judge_crossfit(definition_id, trace_id, fold, value, "
               "created) "
               "SELECT (SELECT max(definition_id) FROM judge_definition), "
               "trace_id, 1, 'fair', 0 FROM judge_trace WHERE rowid % 2")
    for source in ("HUMAN", "LLM_JUDGE"):
        db.execute("INSERT INTO judge_assessment(trace_id, name, value, "
                   "source_type, source_id) SELECT trace_id, 'free', "
                   "'text ' || rowid, ?, 'one' FROM judge_trace", (source,))
    return db


def steps(db, sql):
    count = [0]

    def tick():
        count[0] += 1
    db.set_progress_handler(tick, EVERY)
    rows = db.execute(sql).fetchall()
    db.set_progress_handler(None, 0)
    assert rows, sql
    return count[0]


def main():
    small, large = connect(TRACES), connect(2 * TRACES)
    passed = failed = 0
    for sql in READS:
        one, two = steps(small, sql), steps(large, sql)
        good = one > 0 and two <= LIMIT * one
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"{sql}: {one * EVERY} steps, twice the labels {two * EVERY}, "
                  f"{two / max(one, 1):.2f} times as many")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
