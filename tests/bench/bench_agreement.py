#!/usr/bin/python3
"""agreement() over 1,000,000 pairs of five short texts, against SQLite's own
aggregates in the same run: SELECT count(a), count(b), sum(a=b) for the scan,
sum(a=b) over the same frame for the window. Prints the median of some runs,
the ratio and its limit; nothing fails here but a ratio over its limit is
marked. Also the same numbers by plain SQL and the memory of this process.
"""
import os
import random
import resource
import sqlite3
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
ROWS = int(os.environ.get("BENCH_ROWS", 1_000_000))
RUNS = 5
LABELS = ("Bad", "Could be Improved", "Acceptable", "Excellent", "Unsure")
FRAME = "OVER (ORDER BY id ROWS 999 PRECEDING)"
WINDOW = "SELECT count(x) FROM (SELECT {} " + FRAME + " AS x FROM t)"
PLAIN_KAPPA = """
  WITH c AS (SELECT a, b, count(*) AS n FROM t GROUP BY a, b),
       total AS (SELECT sum(n) AS n, sum(n * (a = b)) AS right FROM c),
       rows AS (SELECT a AS x, sum(n) AS n FROM c GROUP BY a),
       cols AS (SELECT b AS x, sum(n) AS n FROM c GROUP BY b),
       chance AS (SELECT sum(1.0 * rows.n * cols.n) AS e
                  FROM rows JOIN cols USING (x))
  SELECT (1.0 * total.n * right - e) / (1.0 * total.n * total.n - e)
  FROM total, chance"""


def make():
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    db.load_extension(str(LIBRARY))
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, x, y)")
    rng = random.Random(1)

    def row():
        human = rng.choice(LABELS)
        judge = human if rng.random() < 0.7 else rng.choice(LABELS)
        return judge, human, rng.randrange(101), rng.random()
    db.executemany("INSERT INTO t(a, b, x, y) VALUES (?, ?, ?, ?)",
                   (row() for _ in range(ROWS)))
    return db


def seconds(db, sql, runs=RUNS):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        db.execute(sql).fetchall()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def show(name, took, base, limit=None):
    ratio = took / base
    mark = "" if limit is None else f"  at most {limit}"
    if limit is not None and ratio > limit:
        mark += "  OVER"
    print(f"{name:34}{took:8.3f} s {ratio:7.2f} x{mark}", flush=True)


def main():
    db = make()
    print(f"agreement() over {ROWS} pairs")
    base = seconds(db, "SELECT count(a), count(b), sum(a=b) FROM t")
    show("count(a), count(b), sum(a=b)", base, base)
    for metric in ("accuracy", "cohen_kappa", "mcc", "confusion",
                   "balanced_accuracy"):
        took = seconds(db, f"SELECT agreement(a, b, '{metric}') FROM t")
        show(metric, took, base, 2)
    took = seconds(db, "SELECT agreement(a, b, 'quadratic_kappa', '{\"order\":"
                   "[\"Unsure\",\"Bad\",\"Could be Improved\",\"Acceptable\","
                   "\"Excellent\"]}') FROM t")
    show("quadratic_kappa, order", took, base)
    show("mae of integer and real",
         seconds(db, "SELECT agreement(x, y, 'mae') FROM t"), base)
    show("kappa by plain SQL", seconds(db, PLAIN_KAPPA, 3), base)
    base = seconds(db, WINDOW.format("sum(a=b)"), 3)
    print("sliding window of 1000 rows")
    show("sum(a=b)", base, base)
    for metric in ("cohen_kappa", "mcc", "confusion"):
        took = seconds(db, WINDOW.format(f"agreement(a, b, '{metric}')"), 3)
        show(metric, took, base, 3)
    took = seconds(db, WINDOW.format("agreement(x, y, 'mae')"), 3)
    show("mae", took, base)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    db.execute("CREATE TABLE many AS SELECT 'label ' || (id % 10000) AS a, "
               "'label ' || ((id * 7 / 5) % 10000) AS b FROM t")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("10,000 distinct labels")
    base = seconds(db, "SELECT count(a), count(b), sum(a=b) FROM many", 3)
    show("count(a), count(b), sum(a=b)", base, base)
    took = seconds(db, "SELECT agreement(a, b, 'cohen_kappa') FROM many", 3)
    show("cohen_kappa", took, base)
    cell = "'confusion', '{\"human\":\"label 1\",\"judge\":\"label 1\"}'"
    show("confusion, one cell",
         seconds(db, f"SELECT agreement(a, b, {cell}) FROM many", 3), base)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak // 1024} MiB, of it tables "
          f"{max(before, after) // 1024} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
