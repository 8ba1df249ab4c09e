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
ORDER = ('{"order":["Unsure","Bad","Could be Improved","Acceptable",'
         '"Excellent"]}')
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
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, x, x2, y, y2)")
    rng = random.Random(1)

    def row():
        human = rng.choice(LABELS)
        judge = human if rng.random() < 0.7 else rng.choice(LABELS)
        score, real = rng.randrange(101), rng.random()
        return (judge, human, score, min(100, max(0, score + rng.randrange(
            -20, 21))), real, real + rng.gauss(0, .3))
    db.executemany("INSERT INTO t(a, b, x, x2, y, y2) VALUES (?, ?, ?, ?, ?, ?)",
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


def agreement(metric, columns="a, b", options=None, table="t"):
    more = "" if options is None else f", '{options}'"
    return f"SELECT agreement({columns}, '{metric}'{more}) FROM {table}"


def bench_labels(db):
    base = seconds(db, "SELECT count(a), count(b), sum(a=b) FROM t")
    print(f"five text labels, {ROWS} pairs")
    show("count(a), count(b), sum(a=b)", base, base)
    for metric in ("cohen_kappa", "mcc", "confusion"):
        show(metric, seconds(db, agreement(metric)), base, 2)
    for metric in ("accuracy", "balanced_accuracy", "gwet_ac",
                   "cohen_kappa_ci_low", "krippendorff_alpha", "f1"):
        show(metric, seconds(db, agreement(metric), 3), base)
    show("quadratic_kappa, order",
         seconds(db, agreement("quadratic_kappa", options=ORDER), 3), base)
    show("all", seconds(db, agreement("all"), 3), base)
    show("agreement_state",
         seconds(db, "SELECT agreement_state(a, b) FROM t", 3), base)
    show("kappa by plain SQL", seconds(db, PLAIN_KAPPA, 3), base)
    show("confusion by plain SQL",
         seconds(db, "SELECT a, b, count(*) FROM t GROUP BY a, b", 3), base)


def bench_numbers(db):
    for name, columns, most in (("integers 0 to 100", "x, x2", 4),
                                ("continuous reals", "y, y2", 6)):
        one, two = columns.split(", ")
        base = seconds(db, f"SELECT count({one}), count({two}), "
                       f"sum({one}={two}) FROM t")
        print(name)
        show("count, count, sum(=)", base, base)
        for metric in ("spearman", "kendall_tau_b"):
            show(metric, seconds(db, agreement(metric, columns)), base, most)
        for metric in ("pearson", "ccc", "mae", "rmse"):
            show(metric, seconds(db, agreement(metric, columns), 3), base)
        average = (f"SELECT sum({one}*{two}), avg({one}), avg({two}), "
                   f"sum({one}*{one}), sum({two}*{two}) FROM t")
        show("pearson's sums by plain SQL", seconds(db, average, 3), base)


def bench_window(db):
    base = seconds(db, WINDOW.format("sum(a=b)"), 3)
    print("sliding window of 1000 rows")
    show("sum(a=b)", base, base)
    for metric in ("cohen_kappa", "mcc", "confusion"):
        took = seconds(db, WINDOW.format(f"agreement(a, b, '{metric}')"), 3)
        show(metric, took, base, 3)
    show("mae", seconds(db, WINDOW.format("agreement(x, y, 'mae')"), 1), base)


def bench_many_labels(db):
    db.execute("CREATE TABLE many AS SELECT 'label ' || (id % 10000) AS a, "
               "'label ' || ((id * 7 / 5) % 10000) AS b FROM t")
    base = seconds(db, "SELECT count(a), count(b), sum(a=b) FROM many", 3)
    print("10,000 distinct labels")
    show("count(a), count(b), sum(a=b)", base, base)
    cell = '{"human":"label 1","judge":"label 1"}'
    for metric, options in (("cohen_kappa", None), ("cohen_kappa_se", None),
                            ("gwet_ac_se", None), ("f1", None),
                            ("confusion", cell)):
        show(f"{metric}{', one cell' if options else ''}",
             seconds(db, agreement(metric, options=options, table="many"), 3),
             base)


def bench_sklearn(db):
    """The same beside scikit-learn, reading included, where it is there."""
    try:
        from sklearn import metrics
        from scipy import stats
    except ImportError:
        print("scikit-learn is not installed")
        return
    base = seconds(db, "SELECT count(a), count(b), sum(a=b) FROM t")
    for name, columns, call in (
            ("sklearn cohen_kappa_score", "a, b", metrics.cohen_kappa_score),
            ("sklearn matthews_corrcoef", "a, b", metrics.matthews_corrcoef),
            ("scipy spearmanr", "x, x2", stats.spearmanr),
            ("scipy kendalltau", "y, y2", stats.kendalltau)):
        start = time.perf_counter()
        call(*zip(*db.execute(f"SELECT {columns} FROM t")))
        show(name, time.perf_counter() - start, base)


def main():
    db = make()
    tables = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for bench in (bench_labels, bench_window, bench_numbers):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        bench(db)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"  peak memory grew by {(after - before) / 1024:.1f} MiB over "
              f"{tables // 1024} MiB of tables")
    bench_many_labels(db)
    bench_sklearn(db)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak // 1024} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
