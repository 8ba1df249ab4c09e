"""A database with a judge on a stub server, and a runner for tests that use it.

Tests marked @alone change the environment and run one by one; the others mostly
wait and run side by side, each worker with a stub of its own. A test takes the
stub; it fails by raising.
"""
import json
import os
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import leaks
from stub_client import Stub

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
LIBRARY = os.environ.get("JUDGE_SO") or os.path.join(
    ROOT, os.environ.get("JUDGE_BUILD", "build"), "judge.so")
KEY = leaks.plant("sk-test-planted-4be81a06c9d3")
ALONE = []
PARALLEL = []
WORKERS = 6


def alone(function):
    ALONE.append(function)
    return function


def parallel(function):
    PARALLEL.append(function)
    return function


def same(got, expected, what):
    assert got == expected, "%s: got %r, expected %r" % (what, got, expected)


def holds(text, part, what="message"):
    assert part in (text or ""), "%s: %r has no %r" % (what, text, part)


class Bench:
    """A database with a judge whose model is at base, and n traces."""

    def __init__(self, base, n=3, values=("Bad", "Good"), model="openai:/stub",
                 retries=2, timeout=1, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="judge-fault-")
        self.path = os.path.join(self.folder.name, "t.db")
        self.base = base
        self.db = self.connect()
        if values is not None:
            options["feedback_value_type"] = (
                list(values) if isinstance(values, tuple) else values)
        if base is not None:
            options["base_url"] = base
        self.sql("SELECT judge_init()")
        self.sql("SELECT make_judge('q', 'How good is {{ outputs }} for "
                 "{{ inputs }}?', ?, ?)", model, json.dumps(options))
        self.db.executemany("INSERT INTO judge_trace(trace_id, inputs, outputs)"
                            " VALUES(?, ?, 'yes')",
                            [("t%d" % i, "item %d." % i) for i in range(n)])
        self.configure(self.db, retries, timeout)
        self.settings = (retries, timeout)

    def connect(self):
        db = sqlite3.connect(self.path, isolation_level=None,
                             check_same_thread=False)
        db.enable_load_extension(True)
        db.load_extension(LIBRARY)
        return db

    def configure(self, db, retries, timeout):
        if self.base is not None:
            db.execute("SELECT judge_config('allow_host', ?)",
                       ("openai=" + "/".join(self.base.split("/")[:3]),))
        db.execute("SELECT judge_config('retries', ?), "
                   "judge_config('timeout_s', ?)", (retries, timeout))

    def again(self):
        """Another connection to the same file."""
        self.db.close()
        self.db = self.connect()
        self.configure(self.db, *self.settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        leaks.search_folder(self.folder.name)  # the WAL goes with the last
        self.db.close()
        leaks.search_folder(self.folder.name)
        self.folder.cleanup()

    def sql(self, text, *values):
        """What it gives back, error or rows, holds no secret."""
        return leaks.searched_rows(self.db, text, values)

    def run(self, **options):
        options.setdefault("concurrency", 3)
        return json.loads(self.sql("SELECT judge_run('q', ?)",
                                   json.dumps(options))[0][0])

    def fails(self, **options):
        """The text of the error that judge_run ends with."""
        try:
            report = self.run(**options)
        except sqlite3.OperationalError as error:
            return str(error)
        raise AssertionError("judge_run ended well: %s" % report)

    def row(self, trace):
        """value, error_code, error_message, attempts of the last row."""
        rows = self.sql("SELECT value, error_code, error_message, json_extract("
                        "metadata, '$.attempts') FROM judge_assessment WHERE "
                        "trace_id = ? AND valid ORDER BY rowid DESC LIMIT 1",
                        trace)
        assert rows, "no row for " + trace
        return rows[0]


def run_share(tests):
    failed = []
    with Stub() as stub:
        for function in tests:
            try:
                function(stub)
                failed.append(None)
            except Exception as error:  # each is a test's outcome
                failed.append("FAILED %s: %s: %s" % (
                    function.__name__, type(error).__name__, error))
    return failed


def main():
    """Runs what was registered, or what an argument is a part of."""
    wanted = sys.argv[1:]
    first, shared = ([f for f in tests if not wanted
                      or any(w in f.__name__ for w in wanted)]
                     for tests in (ALONE, PARALLEL))
    os.environ["OPENAI_API_KEY"] = KEY
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    results = []
    try:
        with leaks.stderr_searched(), ThreadPoolExecutor(WORKERS) as pool:
            results += run_share(first) if first else []
            for share in pool.map(run_share, (shared[i::WORKERS]
                                              for i in range(WORKERS))):
                results += share
    except AssertionError as error:
        results.append("FAILED: %s" % error)
    failed = [r for r in results if r]
    for line in failed:
        print(line)
    print("%d passed, %d failed" % (len(results) - len(failed), len(failed)))
    return len(failed) > 0
