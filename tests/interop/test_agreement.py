#!/usr/bin/python3
"""agreement() against published and reference values, and against itself.

The reference data is in $JUDGE_SHARED/data/agreement (default ../shared); what
needs it is skipped when it is absent. Values of expected.csv are met within
their tolerance, relative above 1 as its README has it. With --tables it prints
the tables of metrics for docs/agreement.md.
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
skipped_rows = 0  # of reference data, see agreement_skipped.csv
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

# kind of data set: the function and the columns that it gets
FUNCTIONS = {
    "raters": ("agreement_raters", ("item", "rater", "label")),
    "twojudges": ("agreement_difference", ("judge_a", "judge_b", "human")),
    "partial": ("agreement_rate", ("judge", "human")),
    "params": ("agreement_rate", ("judge", "human")),
    "probs": ("agreement", ("prob", "human")),
}


def open_dataset(db, dataset, kind):
    """Fills a table with the set; returns the call with ?, ? left open."""
    function, columns = FUNCTIONS.get(kind, ("agreement", ("judge", "human")))
    rows = [(None,) * len(columns)] if kind == "params" else \
        [tuple(row[c] or None for c in columns)
         for row in rows_of(f"data/{dataset}.csv")]
    db.execute("DROP TABLE IF EXISTS d")
    db.execute(f"CREATE TABLE d({', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    db.executemany(f"INSERT INTO d VALUES ({marks})", rows)
    return f"SELECT {function}({', '.join(columns)}, ?, ?) FROM d"


def each_value(db, name):
    """Each row of the file beside what SQL gives for it."""
    kinds = {row["dataset"]: row["kind"] for row in rows_of("datasets.csv")}
    last = sql = None
    for row in rows_of(name):
        if row["metric"].startswith("boot_"):  # tests/unit/test_bootstrap.c
            continue
        if row["dataset"] != last:
            last = row["dataset"]
            sql = open_dataset(db, last, kinds[last])
        yield row, lambda sql=sql, row=row: db.execute(
            sql, (row["metric"], row["params"] or "{}")).fetchone()[0]


def test_expected_values():
    """All rows of expected.csv but those in agreement_skipped.csv."""
    global skipped_rows
    with open(Path(__file__).with_name("agreement_skipped.csv"), newline="",
              encoding="utf-8") as file:
        left_out = {(row["dataset"], row["metric"], row["params"])
                    for row in csv.DictReader(file)}
    db, checked, skipped, wrong = connect(), 0, 0, []
    for row, value_of in each_value(db, "expected.csv"):
        key = (row["dataset"], row["metric"], row["params"])
        if key in left_out:
            skipped += 1
            continue
        expected = float(row["expected"]) if row["expected"] else None
        try:
            assert_near(value_of(), expected, float(row["tol"]), key)
            checked += 1
        except (AssertionError, sqlite3.Error) as error:
            wrong.append(f"{key}: {error}")
    skipped_rows += skipped
    print(f"  {checked} values of expected.csv, {skipped} skipped")
    assert not wrong, "\n  ".join([f"{len(wrong)} wrong", *wrong[:20]])
    assert skipped == len(left_out) <= 60 and checked > 4000, (skipped, checked)


def test_published_values():
    """All rows of published.csv, to the digits printed."""
    db, checked = connect(), 0
    for row, value_of in each_value(db, "published.csv"):
        digits = len(row["published"].partition(".")[2])
        assert_near(value_of(), float(row["published"]), 0.51 * 10 ** -digits,
                    (row["dataset"], row["metric"]))
        checked += 1
    assert checked > 80, checked
    print(f"  {checked} values of published.csv")


# What section 1.8 of the reference says of each degenerate set; U: undefined.
U = None
EDGES = {
    "edge_empty": {},  # no rows: SQLite passes no metric, all is NULL
    "edge_all_null": {"n": 0, "accuracy": U, "cohen_kappa": U, "mcc": U,
                      "scott_pi": U, "gwet_ac": U, "krippendorff_alpha": U,
                      "balanced_accuracy": U, "f1": U, "mae": U},
    "edge_one_agree": {"n": 1, "accuracy": 1, "cohen_kappa": U, "mcc": U,
                       "krippendorff_alpha": U, "cohen_kappa_se": U,
                       "gwet_ac": U, "f1": 1},
    "edge_one_disagree": {"n": 1, "accuracy": 0, "cohen_kappa": 0,
                          "cohen_kappa_se": U, "krippendorff_alpha": 0,
                          "mcc": U},
    "edge_all_same": {"accuracy": 1, "cohen_kappa": U, "scott_pi": U,
                      "krippendorff_alpha": U, "mcc": U, "gwet_ac": U,
                      "brennan_prediger": U, "f1": 1},
    "edge_const_judge": {"cohen_kappa": 0, "cohen_kappa_se": 0, "mcc": U,
                         "gwet_ac": 7 / 17, "scott_pi": -.25,
                         "krippendorff_alpha": -.1875,
                         "balanced_accuracy": .5},
    "edge_const_human": {"cohen_kappa": 0, "cohen_kappa_se": 0, "mcc": U,
                         "gwet_ac": 7 / 17, "scott_pi": -.25,
                         "krippendorff_alpha": -.1875,
                         "balanced_accuracy": .6},
    "edge_const_diff": {"accuracy": 0, "cohen_kappa": 0, "scott_pi": -1,
                        "krippendorff_alpha": -.9, "mcc": U},
    "edge_disjoint": {"accuracy": 0, "cohen_kappa": 0, "mcc": 0,
                      "balanced_accuracy": 0, "gwet_ac": -.330316742081448,
                      "krippendorff_alpha": -.246575342465754},
    "edge_extra_judge": {"balanced_accuracy": 5 / 6, "cohen_kappa": .625,
                         "f1": .6, "scott_pi": .608695652173913},
    "edge_opposite": {"accuracy": 0, "cohen_kappa": -1, "scott_pi": -1,
                      "mcc": -1, "krippendorff_alpha": -.9},
    "edge_perfect": {"accuracy": 1, "cohen_kappa": 1, "scott_pi": 1, "mcc": 1,
                     "krippendorff_alpha": 1, "cohen_kappa_se": 0},
    "edge_two": {"accuracy": 1, "cohen_kappa": 1, "mcc": 1},
    "edge_num_const": {"pearson": U, "spearman": U, "kendall_tau_b": U,
                       "kendall_tau_c": U, "ccc": U, "r2": U, "icc_2_1": U,
                       "mae": 0, "krippendorff_alpha": U},
    "edge_num_const_judge": {"pearson": U, "spearman": U, "kendall_tau_b": U,
                             "r2": -1.5, "ccc": U},
    "edge_num_equal": {"pearson": 1, "spearman": 1, "kendall_tau_b": 1,
                       "ccc": 1, "r2": 1, "icc_2_1": 1, "mae": 0},
    "edge_num_one": {"pearson": U, "spearman": U, "kendall_tau_b": U, "ccc": U,
                     "r2": U, "icc_2_1": U, "sd_diff": U, "mae": 1,
                     "bias": 1},
    "edge_num_two": {"pearson": -1, "spearman": -1, "kendall_tau_b": -1,
                     "kendall_tau_c": -1, "pearson_p": U, "icc_2_1": U},
}


def test_edge_sets():
    """Undefined is NULL with a reason, never 0 or 1."""
    db = connect()
    names = {row["dataset"] for row in rows_of("datasets.csv")
             if row["kind"].startswith("edge")}
    assert names == set(EDGES) and len(names) == 18, names ^ set(EDGES)
    for name, values in EDGES.items():
        sql = open_dataset(db, name, "edge")
        every = db.execute(sql, ("all", "{}")).fetchone()[0]
        assert (every is None) == (not values), name
        every = json.loads(every or "{}")
        for metric, expected in values.items():
            got = db.execute(sql, (metric, "{}")).fetchone()[0]
            assert_near(got, expected, 1e-12, (name, metric))
            assert every.get(metric) == got, (name, metric)
            if expected is None:
                # One reason for all parts stands under the metric's name.
                assert any(metric.startswith(key) and reason for key, reason
                           in every["undefined"].items()), (name, metric)
    sql = open_dataset(db, "edge_all_same", "edge")
    for metric in ("gwet_ac", "brennan_prediger"):
        got = db.execute(sql, (metric, '{"categories":["a","b"]}')).fetchone()
        assert got[0] == 1, (metric, got)


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
              "quadratic", "value", "unweighted", [1, 2, [3]], "\u0000", "t",
              "macro", "ordinal", "left", 5, 0.9]
    keys = ["weights", "order", "scores", "categories", "agreement",
            "disagreement", "human", "judge", "ordre", "", "pos", "label",
            "average", "method", "variant", "ci", "level", "alpha", "bins",
            "closed", "metric", "B", "seed", "tolerance", "n", "p"]
    names = ["all"] + [name + (part if part != "value" else "")
                       for name, parts in db.execute(
                           "SELECT metric, parts FROM agreement_metrics "
                           "WHERE function = 'agreement'")
                       for part in parts.split(", ")]
    values = errors = 0
    for _ in range(4000):
        chosen = rng.sample(keys, rng.randrange(1, 4))
        options = json.dumps({k: rng.choice(pieces) for k in chosen})
        if rng.random() < 0.1:
            options = options[:rng.randrange(len(options))]
        try:
            value(db, rng.choice(names), options)
            values += 1
        except sqlite3.OperationalError as error:
            assert str(error).startswith("agreement()"), error
            assert "\n" not in str(error)
            errors += 1
    assert values > 20 and errors > 100, (values, errors)


# --- the other functions -----------------------------------------------------

def test_windows_of_all_functions():
    """A frame gives what the same rows give alone, to the last digit."""
    db, rng = connect(), random.Random(3)
    rows = [(rng.randrange(6), rng.randrange(4), rng.randrange(3),
             rng.choice((0, 1)), rng.choice((0, 1, None))) for _ in range(150)]
    db.execute("CREATE TABLE r(id INTEGER PRIMARY KEY, a, b, c, p, l)")
    db.executemany("INSERT INTO r(a, b, c, p, l) VALUES (?, ?, ?, ?, ?)", rows)
    calls = ("agreement(a, c, 'spearman')", "agreement(a, c, 'pearson_p')",
             "agreement(a, c, 'krippendorff_alpha_se')",
             "agreement(p / 2.0, p, 'ece')",
             "agreement_raters(a, b, c, 'fleiss_kappa')",
             "agreement_raters(a, b, c, 'krippendorff_alpha')",
             "agreement_raters(a, id, c, 'conger_kappa')",
             "agreement_raters(a, id, c, 'n_raters')",
             "agreement_difference(a, b, c, 'cohen_kappa_diff_se')",
             "agreement_difference(a, b, c, 'mcnemar_p')",
             "agreement_rate(p, l, 'rogan_gladen_ci_low')",
             "agreement_rate(p, l, 'ppi_mean_se')",
             "hex(agreement_state(a, c))")
    for call in calls:
        over = call.replace("))", ") OVER w)") if call.startswith("hex") \
            else f"{call} OVER w"
        got = [row[0] for row in db.execute(
            f"SELECT {over} FROM r WINDOW w AS (ORDER BY id ROWS 19 PRECEDING)")]
        for at in range(30, 150, 17):
            alone = db.execute(f"SELECT {call} FROM r WHERE id BETWEEN ? AND ?",
                               (at - 18, at + 1)).fetchone()[0]
            assert got[at] == alone, (call, at, got[at], alone)


def test_merged_states_equal_the_whole():
    """Every metric over states of parts, to the last digit."""
    db, rng = connect(), random.Random(8)
    for kind in ("words", "numbers", "chances"):
        label = {"words": lambda: rng.choice(("bad", "fair", "good", None)),
                 "numbers": lambda: rng.choice((1, 2.5, "3", -4, None)),
                 "chances": lambda: rng.random()}[kind]
        pairs = [(label(), rng.randrange(2) if kind == "chances" else label())
                 for _ in range(300)]
        fill(db, pairs)
        whole = db.execute("SELECT agreement(j, h, 'all') FROM t").fetchone()[0]
        parts = db.execute(
            "SELECT agreement_merge(s, 'all') FROM (SELECT agreement_state(j, h)"
            " AS s FROM t GROUP BY id % 5)").fetchone()[0]
        assert json.loads(parts) == json.loads(whole), kind
        assert parts == whole, kind
    assert db.execute("SELECT agreement_merge(NULL)").fetchone()[0] is None
    state = db.execute("SELECT agreement_state(j, h) FROM t").fetchone()[0]
    for damaged in (b"", b"JGA1", state[:-1], state + b"x", b"JGA2" + state[4:],
                    b"JGA1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "text"):
        try:
            db.execute("SELECT agreement_merge(?)", (damaged,)).fetchone()
            raise AssertionError(damaged)
        except sqlite3.OperationalError as error:
            assert "agreement_merge()" in str(error), error


def test_bootstraps_are_seeded():
    db = connect()
    fill(db, random_pairs(5, 200, 3))
    low = "cohen_kappa_boot_ci_low"
    one = value(db, low, '{"B":500,"seed":1}')
    assert one == value(db, low, '{"B":500,"seed":1}')
    assert one != value(db, low, '{"B":500,"seed":2}')
    assert one < value(db, "cohen_kappa") < value(
        db, "cohen_kappa_boot_ci_high", '{"B":500}')


def test_documented_metrics_are_those_there_are():
    """The tables of docs/agreement.md name each metric, in the code's order,
    with its parts, options and line."""
    db = connect()
    text = (ROOT / "docs" / "agreement.md").read_text(encoding="utf-8")
    for (function,) in db.execute(
            "SELECT DISTINCT function FROM agreement_metrics"):
        made = "\n".join(metric_table(db, function))
        assert made in text, f"the table of {function} is not this:\n{made}"


def metric_table(db, function):
    """The table of a function's metrics, as docs/agreement.md has it."""
    yield "| metric | parts | options | is |"
    yield "|---|---|---|---|"
    for name, parts, options, about in db.execute(
            "SELECT metric, parts, options, about FROM agreement_metrics "
            "WHERE function = ?", (function,)):
        yield f"| `{name}` | {parts} | {options} | {about} |"


def main():
    passed = failed = skipped = 0
    if "--tables" in sys.argv:
        db = connect()
        for (function,) in db.execute(
                "SELECT DISTINCT function FROM agreement_metrics"):
            print(function, *metric_table(db, function), "", sep="\n")
        return 0
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
    skipped += skipped_rows
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
