#!/usr/bin/python3
"""agreement() against published and reference values, and against itself.

The reference data is in $JUDGE_SHARED/data/agreement (default ../shared); what
needs it is skipped when it is absent. Values of expected.csv are met within
their tolerance, relative above 1 as its README has it.
"""
import csv
import itertools
import json
import math
import os
import random
import sqlite3
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
SHARED = Path(os.environ.get("JUDGE_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "agreement"
METRICS = ("n", "accuracy", "majority_baseline", "balanced_accuracy",
           "cohen_kappa", "linear_kappa", "quadratic_kappa", "mcc",
           "confusion", "mae")
CALLS = {2: "agreement({})", 3: "agreement({}, ?)", 4: "agreement({}, ?, ?)"}


class Skip(Exception):
    """The reason why a test does not run."""


def connect():
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    db.load_extension(str(LIBRARY))
    return db


def rows_of(name):
    path = DATA / name
    if not path.exists():
        raise Skip(f"{path} is absent")
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def pairs_of(dataset, judge="judge"):
    """(judge, human) pairs as text, an empty field NULL."""
    return [(row[judge] or None, row["human"] or None)
            for row in rows_of(f"data/{dataset}.csv")]


def fill(db, pairs):
    db.execute("DROP TABLE IF EXISTS t")
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, j, h)")
    db.executemany("INSERT INTO t(j, h) VALUES (?, ?)", pairs)


def value(db, *args):
    call = CALLS[2 + len(args)].format("j, h")
    return db.execute(f"SELECT {call} FROM t", args).fetchone()[0]


def assert_near(got, expected, tolerance, what):
    close = (got is None and expected is None) or (
        got is not None and expected is not None
        and abs(got - expected) <= tolerance * max(1, abs(expected)))
    assert close, f"{what}: {got}, expected {expected}"


# --- reference values --------------------------------------------------------

def test_expected_values():
    """Each row of expected.csv that these metrics cover."""
    db, checked, last = connect(), 0, None
    kinds = {row["dataset"]: row["kind"] for row in rows_of("datasets.csv")}
    for row in rows_of("expected.csv"):
        kind, metric = kinds[row["dataset"]], row["metric"]
        if metric not in METRICS or kind not in (
                "pairs", "pairs_num", "edge", "edge_num", "twojudges"):
            continue
        params = json.loads(row["params"])
        judge = params.pop("judge") if kind == "twojudges" else "judge"
        if last != (row["dataset"], judge):
            last = (row["dataset"], judge)
            fill(db, pairs_of(row["dataset"], judge))
        got = value(db, metric, json.dumps(params))
        expected = float(row["expected"]) if row["expected"] else None
        assert_near(got, expected, float(row["tol"]),
                    (row["dataset"], metric, row["params"]))
        checked += 1
    assert checked > 300, checked
    print(f"  {checked} values of expected.csv")


def test_published_values():
    """Those of published.csv, to the digits printed."""
    db, checked = connect(), 0
    kinds = {row["dataset"]: row["kind"] for row in rows_of("datasets.csv")}
    for row in rows_of("published.csv"):
        if row["metric"] not in METRICS or \
                not kinds.get(row["dataset"], "").startswith("pairs"):
            continue
        fill(db, pairs_of(row["dataset"]))
        got = value(db, row["metric"], row.get("params") or "{}")
        digits = len(row["published"].partition(".")[2])
        assert_near(got, float(row["published"]), 0.51 * 10 ** -digits,
                    (row["dataset"], row["metric"]))
        checked += 1
    assert checked > 5, checked
    print(f"  {checked} values of published.csv")


# name: accuracy, cohen_kappa, mcc, balanced_accuracy, majority_baseline
EDGES = {
    "edge_all_null": (None, None, None, None, None),
    "edge_empty": (None, None, None, None, None),
    "edge_one_agree": (1, None, None, 1, 1),
    "edge_one_disagree": (0, 0, None, 0, 1),
    "edge_all_same": (1, None, None, 1, 1),
    "edge_const_judge": (None, 0, None, None, None),
    "edge_const_human": (None, 0, None, None, 1),
    "edge_const_diff": (0, 0, None, 0, 1),
    "edge_disjoint": (0, 0, None, 0, None),
    "edge_opposite": (0, -1, -1, 0, None),
    "edge_perfect": (1, 1, 1, 1, None),
}


def test_edge_sets():
    """Undefined is NULL, never 0 or 1; what is defined is what it is."""
    db = connect()
    for name, (accuracy, kappa, mcc, balanced, majority) in EDGES.items():
        pairs = [p for p in pairs_of(name) if None not in p]
        fill(db, pairs_of(name))
        if pairs and accuracy is None:
            accuracy = sum(j == h for j, h in pairs) / len(pairs)
        assert_near(value(db), accuracy, 1e-15, (name, "accuracy"))
        assert_near(value(db, "cohen_kappa"), kappa, 1e-15, (name, "kappa"))
        if name != "edge_disjoint":  # both vary: below, by the definition
            assert_near(value(db, "mcc"), mcc, 1e-15, (name, "mcc"))
        if balanced is not None or not pairs:
            assert_near(value(db, "balanced_accuracy"), balanced, 1e-15,
                        (name, "balanced_accuracy"))
        if majority is not None or not pairs:
            assert_near(value(db, "majority_baseline"), majority, 1e-15,
                        (name, "majority_baseline"))
    for row in rows_of("datasets.csv"):
        if row["kind"] == "edge":
            pairs = pairs_of(row["dataset"])
            fill(db, pairs)
            for metric in ("n", "accuracy", "majority_baseline", "mcc",
                           "balanced_accuracy", "cohen_kappa"):
                expected = reference(pairs, metric)
                if not pairs:
                    expected = None  # nothing told the metric
                assert_near(value(db, metric), expected, 1e-14,
                            (row["dataset"], metric))
    for name in ("const", "const_judge", "equal", "one", "two"):
        pairs = pairs_of(f"edge_num_{name}")
        fill(db, pairs)
        mae = sum(abs(float(j) - float(h)) for j, h in pairs) / len(pairs)
        assert_near(value(db, "mae"), mae, 1e-15, (name, "mae"))


# --- properties --------------------------------------------------------------

def reference(pairs, metric):
    """The definition by plain loops; None where undefined."""
    pairs = [p for p in pairs if None not in p]
    n = len(pairs)
    labels = sorted({x for pair in pairs for x in pair})
    at = {label: i for i, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for j, h in pairs:
        counts[at[h]][at[j]] += 1
    human = [sum(row) for row in counts]
    judge = [sum(column) for column in zip(*counts)]
    if metric == "n":
        return n
    if n == 0:
        return None
    right = sum(counts[i][i] for i in range(len(labels)))
    cross = sum(h * j for h, j in zip(human, judge))
    if metric == "accuracy":
        return right / n
    if metric == "majority_baseline":
        return max(human) / n
    if metric == "balanced_accuracy":
        recalls = [counts[i][i] / human[i] for i in range(len(labels))
                   if human[i]]
        return sum(recalls) / len(recalls)
    if metric == "mcc":
        below = ((n * n - sum(h * h for h in human))
                 * (n * n - sum(j * j for j in judge)))
        return (n * right - cross) / math.sqrt(below) if below else None
    if metric == "mae":
        return math.fsum(abs(j - h) for j, h in pairs) / n
    power = {"cohen_kappa": 0, "linear_kappa": 1, "quadratic_kappa": 2}[metric]
    seen = chance = 0
    for i, k in itertools.product(range(len(labels)), repeat=2):
        weight = abs(i - k) ** power if i != k else 0
        seen += weight * counts[i][k]
        chance += weight * human[i] * judge[k]
    return 1 - n * seen / chance if chance else None


def random_pairs(seed, n, q, nulls=0.1):
    rng = random.Random(seed)
    def label():
        return None if rng.random() < nulls else rng.randrange(q) / 2
    return [(label(), label()) for _ in range(n)]


def test_windows_equal_recomputation():
    db, numbers = connect(), [m for m in METRICS if m != "confusion"]
    frames = {"ROWS BETWEEN 6 PRECEDING AND 3 FOLLOWING": (6, 3),
              "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW": (2, 0),
              "ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING": (5, -3)}
    for seed, (frame, (before, after)) in enumerate(frames.items()):
        pairs = random_pairs(seed, 120, 4)
        fill(db, pairs)
        for metric in numbers:
            got = [row[0] for row in db.execute(
                f"SELECT agreement(j, h, '{metric}') OVER (ORDER BY id {frame})"
                " FROM t ORDER BY id")]
            for i, x in enumerate(got):
                part = pairs[max(0, i - before):max(0, i + after + 1)]
                expected = reference(part, metric)
                if metric == "n" and not part:
                    # No row was ever in the frame: nothing tells the metric.
                    expected = x if x in (0, None) else "0 or NULL"
                assert_near(x, expected, 1e-14, (frame, metric, i))


def test_window_of_confusion():
    db, pairs = connect(), random_pairs(9, 200, 3)
    fill(db, pairs)
    got = [json.loads(row[0]) for row in db.execute(
        "SELECT agreement(j, h, 'confusion') OVER (ORDER BY id ROWS 9 PRECEDING)"
        " FROM t ORDER BY id")]
    for i, table in enumerate(got):
        part = [p for p in pairs[max(0, i - 9):i + 1] if None not in p]
        labels = sorted({x for pair in part for x in pair})
        assert table["labels"] == labels, (i, table)
        assert table["n"] == len(part), (i, table)
        for a, human in enumerate(labels):
            for b, judge in enumerate(labels):
                assert table["counts"][a][b] == part.count((judge, human))


def test_order_of_rows_does_not_matter():
    db = connect()
    pairs = [(j and j / 7, h and h / 7) for j, h in random_pairs(3, 300, 9)]
    fill(db, pairs)
    expected = [value(db, metric) for metric in METRICS]
    for seed in range(5):
        random.Random(seed).shuffle(pairs)
        fill(db, pairs)
        assert [value(db, metric) for metric in METRICS] == expected


def test_group_by():
    db = connect()
    pairs = random_pairs(4, 1000, 5)
    fill(db, pairs)
    for group, kappa, n in db.execute(
            "SELECT id % 7, agreement(j, h, 'cohen_kappa'), "
            "agreement(j, h, 'n') FROM t GROUP BY 1"):
        part = [p for i, p in enumerate(pairs, 1) if i % 7 == group]
        assert_near(kappa, reference(part, "cohen_kappa"), 1e-14, group)
        assert n == reference(part, "n")


def test_ten_thousand_labels():
    db = connect()
    rng = random.Random(1)
    pairs = [(f"label {i // 2 if rng.random() < .9 else rng.randrange(10000)}",
              f"label {i // 2}") for i in range(20000)]
    fill(db, pairs)
    for metric in ("accuracy", "majority_baseline", "balanced_accuracy",
                   "cohen_kappa", "mcc"):
        n = len(pairs)
        if metric in ("accuracy", "cohen_kappa"):
            human, judge = {}, {}
            for j, h in pairs:
                human[h] = human.get(h, 0) + 1
                judge[j] = judge.get(j, 0) + 1
            po = sum(j == h for j, h in pairs) / n
            pe = sum(c * judge.get(x, 0) for x, c in human.items()) / n / n
            expected = po if metric == "accuracy" else (po - pe) / (1 - pe)
            assert_near(value(db, metric), expected, 1e-12, metric)
        else:
            assert 0 < value(db, metric) < 1
    numbers = [(int(j[6:]), int(h[6:])) for j, h in pairs]
    fill(db, numbers)
    assert value(db, "quadratic_kappa") > .5
    cell = json.dumps({"human": 7, "judge": 7})
    assert value(db, "confusion", cell) == numbers.count((7, 7))


def test_label_equality():
    db = connect()
    cases = [(1, 1.0, 1), (1, "1", 0), ("a", "A", 0), ("a", "a ", 0),
             (2**53 + 1, float(2**53), 0), (0.0, -0.0, 1), ("NA", "NA", 1),
             ("", "", 1), ("\u00e9", "e\u0301", 0)]
    for j, h, equal in cases:
        fill(db, [(j, h)])
        assert value(db) == equal, (j, h)
        counts = json.loads(value(db, "confusion"))["counts"]
        assert len(counts) == (1 if equal else 2), (j, h)


def test_utf16_database():
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA encoding = 'UTF-16'")
    db.enable_load_extension(True)
    db.load_extension(str(LIBRARY))
    fill(db, [("bon", "bon"), ("tr\u00e8s bon", "bon"), ("\U0001f600", "\U0001f600")])
    table = json.loads(value(db, "confusion"))
    assert table == {"labels": ["bon", "tr\u00e8s bon", "\U0001f600"],
                     "counts": [[1, 1, 0], [0, 0, 0], [0, 0, 1]], "n": 3}


def test_random_options_never_crash():
    """Options put together at random give a value or an error text."""
    db, rng = connect(), random.Random(17)
    fill(db, [(1, 1), (2, 1), (2, 2), (3, 2)])
    pieces = [1, 2, 3, 0.5, "a", None, True, -1, [], {}, [1, 2, 3], [1, 1],
              [[0, 1], [1, 0]], [[0, 1, 2], [1, 0, 1], [2, 1, 0]], "linear",
              "quadratic", "value", "unweighted", [1, 2, [3]], "\u0000"]
    keys = ["weights", "order", "scores", "categories", "agreement",
            "disagreement", "human", "judge", "ordre", ""]
    values = errors = 0
    for _ in range(4000):
        chosen = rng.sample(keys, rng.randrange(1, 4))
        options = json.dumps({k: rng.choice(pieces) for k in chosen})
        if rng.random() < 0.1:
            options = options[:rng.randrange(len(options))]
        try:
            value(db, rng.choice(METRICS), options)
            values += 1
        except sqlite3.OperationalError as error:
            assert str(error).startswith("agreement()"), error
            assert "\n" not in str(error)
            errors += 1
    assert values > 20 and errors > 100, (values, errors)


def main():
    passed = failed = skipped = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            passed += 1
        except Skip as reason:
            print(f"skip {name}: {reason}")
            skipped += 1
        except (AssertionError, sqlite3.Error, ValueError, KeyError) as error:
            print(f"FAIL {name}: {type(error).__name__} {error}")
            failed += 1
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
