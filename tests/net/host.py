"""What the tests of the SQL commands share: a database with the extension, a
judge, traces, and a runner whose last line is "N passed, N failed".

    class RunTest(host.Case):
        script = {"latency_ms": 5}

        def test_something(self):
            db = self.database(traces=20)
            report = db.command("judge_run", "q")
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest
from pathlib import Path

import leaks
from stub_client import Stub

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = str(Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve())
# Anywhere in a file, a report or an error text, this is a leak (law 9).
KEY = leaks.plant("sk-test-planted-7f3a9c51d2e8")
TEMPLATE = "How good is {{ outputs }} as an answer to {{ inputs }}?"
SCALE = '{"feedback_value_type":["bad","good"]}'
SANITIZED = b"__asan_init" in Path(LIBRARY).read_bytes()
# Other programs may keep the machine busy.
PATIENCE = 5


class Database:
    """One connection to a file, with the extension, in autocommit."""

    def __init__(self, path, timeout=5, **options):
        self.path = str(path)
        self.conn = sqlite3.connect(self.path, timeout=timeout,
                                    isolation_level=None,
                                    check_same_thread=False, **options)
        self.conn.enable_load_extension(True)
        self.conn.load_extension(LIBRARY)

    def rows(self, sql, *values):
        """What it gives back, error or rows, holds no secret."""
        return leaks.searched_rows(self.conn, sql, values)

    def one(self, sql, *values):
        """The only value of the only row."""
        rows = self.rows(sql, *values)
        assert len(rows) == 1 and len(rows[0]) == 1, (sql, rows)
        return rows[0][0]

    def command(self, name, *values):
        """A command's report; options may be a dict."""
        values = [json.dumps(v) if isinstance(v, (dict, list)) else v
                  for v in values]
        return json.loads(self.one("SELECT %s(%s)" % (
            name, ", ".join("?" * len(values))), *values))

    def config(self, key, value):
        self.rows("SELECT judge_config(?, ?)", key, value)

    def make_judge(self, name="q", model="openai:/m", options=SCALE,
                   template=TEMPLATE):
        return self.command("make_judge", name, template, model, options)

    def add_traces(self, count, first=1):
        self.rows("WITH RECURSIVE t(i) AS (SELECT ? UNION ALL SELECT i + 1"
                  " FROM t WHERE i + 1 < ?) INSERT INTO traces(trace_id,"
                  " inputs, outputs) SELECT printf('t%03d', i),"
                  " 'question ' || i, 'answer ' || i FROM t",
                  first, first + count)

    def add_labels(self, count, label=None, name="q"):
        """HUMAN feedback; label(i) is the value for trace i."""
        label = label or (lambda i: "good" if i % 3 else "bad")
        self.insert_many(
            "INSERT INTO assessments(trace_id, name, value, rationale,"
            " source_type, source_id) VALUES (?, ?, ?, ?, 'HUMAN', 'ann')",
            [("t%03d" % i, name, label(i), "since %d" % i)
             for i in range(1, count + 1)])

    def insert_many(self, sql, rows):
        self.rows("BEGIN")
        self.conn.executemany(sql, rows)
        self.rows("COMMIT")

    def error(self, sql, *values):
        """The text of the error that a statement ends with."""
        try:
            rows = self.rows(sql, *values)
        except sqlite3.Error as error:
            return str(error)
        raise AssertionError("no error but %r" % rows)

    def close(self):
        leaks.search_database(self.path)  # the WAL goes with the connection
        self.conn.close()
        leaks.search_database(self.path)


class Case(unittest.TestCase):
    """A test with a folder and, unless script is None, a stub."""

    script = {}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="judge-net-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.number = 0
        self.databases = []
        self.addCleanup(self.close_all)
        if self.script is not None:
            self.stub = Stub(dict(self.script, planted_key=KEY))
            self.stub.__enter__()
            self.addCleanup(self.stub.__exit__)
            self.use(self.stub)

    def close_all(self):
        leaks.search_folder(self.folder)
        for db in self.databases:
            db.close()
        leaks.search_folder(self.folder)

    def use(self, stub):
        """What a shell would export."""
        self.setenv(OPENAI_BASE_URL=stub.url("/v1"), OPENAI_API_KEY=KEY)

    def setenv(self, **values):
        for name, value in values.items():
            old = os.environ.get(name)
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
            self.addCleanup(restore, name, old)

    def open(self, path, **options):
        db = Database(path, **options)
        self.databases.append(db)
        return db

    def empty(self, **options):
        self.number += 1
        db = self.open(self.folder / ("t%d.db" % self.number), **options)
        db.rows("SELECT judge_init()")
        return db

    def database(self, traces=0, labels=0, wal=False, **options):
        db = self.empty(**options)
        if wal:
            db.rows("PRAGMA journal_mode = wal")
        db.make_judge()
        if traces:
            db.add_traces(traces)
        if labels:
            db.add_labels(labels)
        return db

    def requests(self):
        return [e for e in self.stub.log() if e["event"] == "request"]

    def sent_again(self, ends, landing):
        """Requests that were sent again although they had been answered. ends:
        (moment of the interrupt, end of the command); an answer that came
        between them, or less than landing seconds before, may be lost."""
        answered, again = {}, []
        for entry in self.stub.log():
            if entry["event"] == "answer" and entry["status"] == 200:
                answered[entry["digest"]] = entry["time"]
            elif entry["event"] == "request" and entry["digest"] in answered:
                then = answered[entry["digest"]]
                if not any(start - landing < then < end + 0.05
                           for start, end in ends):
                    again.append((entry["n"], [
                        round(start - then, 3) for start, _ in ends]))
        return again

    def assert_free(self, db):
        """No transaction is left, and another process can write at once."""
        self.assertFalse(db.conn.in_transaction)
        code = ("import sqlite3, sys\n"
                "c = sqlite3.connect(sys.argv[1], timeout=0)\n"
                "c.execute('CREATE TABLE IF NOT EXISTS other(x)')\n"
                "c.execute('INSERT INTO other VALUES (1)')\n"
                "c.commit()\n")
        done = subprocess.run(["/usr/bin/python3", "-c", code, db.path],
                              capture_output=True, text=True, env=plain_env())
        self.assertEqual(done.returncode, 0, done.stderr)


def restore(name, old):
    if old is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = old


def plain_env():
    """For programs that load nothing of ours."""
    return {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}


def interrupt_after(db, seconds, when=None):
    """Interrupts a connection from another thread, the seconds after a
    condition holds if one is given; join() what is returned. Its .moment is
    when."""
    def fire():
        end = time.monotonic() + 30
        while when and not when() and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(seconds)
        thread.moment = time.monotonic()
        db.conn.interrupt()
    thread = threading.Thread(target=fire)
    thread.moment = None
    thread.start()
    return thread


class Result(unittest.TestResult):
    """Prints failures as they come."""

    def note(self, test, error):
        print("FAILED %s\n%s" % (test.id(), "".join(
            traceback.format_exception(*error))), flush=True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(subtest, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("skipped %s: %s" % (test.id(), reason), flush=True)


def run_all(tests, result):
    for test in tests:
        start = time.monotonic()
        test.run(result)
        took = time.monotonic() - start
        if took > 5:
            print("%s took %.1f s" % (test.id(), took), flush=True)


def main():
    """Runs the tests of the calling script; arguments pick by a part of the
    name."""
    module = sys.modules["__main__"]
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    tests = [t for group in suite for t in group
             if not sys.argv[1:] or any(a in t.id() for a in sys.argv[1:])]
    result = Result()
    try:
        with leaks.stderr_searched():
            run_all(tests, result)
    except AssertionError as error:
        print("FAILED: %s" % error)
        result.errors.append((tests[0], ""))
    failed = len({getattr(t, "test_case", t).id()
                  for t, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print("%d passed, %d failed%s" % (
        len(tests) - failed - skipped, failed,
        ", %d skipped" % skipped if skipped else ""))
    return 1 if failed else 0
