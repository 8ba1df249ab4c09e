#!/usr/bin/python3
"""Several connections, threads and processes on one file: what one of them is
in the middle of stays whole whatever the others do."""
import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402

SCALE = '{"feedback_value_type":["bad","good"]}'


class Local(host.Case):
    """No network: a judge on local:/lexical, aligned once."""

    script = None
    LEARNED = ("judge_guideline", "judge_example", "judge_crossfit")

    def aligned(self, wal=False):
        db = self.empty()
        if wal:
            db.rows("PRAGMA journal_mode = wal")
        db.make_judge(model="local:/lexical", options=SCALE)
        db.add_traces(24)
        db.add_labels(24)
        db.command("judge_align", "q")
        return db

    def learned(self, db):
        """Rows of each table, and those of a version that is not there."""
        return {t: db.rows(
            "SELECT count(*), count(*) FILTER (WHERE definition_id NOT IN"
            " (SELECT definition_id FROM judge_definition)) FROM %s" % t)[0]
            for t in self.LEARNED}

    def make_draft(self, db):
        """The aligned version becomes a draft again: what judge_align leaves
        behind when it is killed before it publishes."""
        db.rows("UPDATE judge_definition SET state = 'draft', version = NULL,"
                " judge = NULL WHERE version = 2")


class Drafts(Local):
    def test_a_sweep_takes_all_of_a_draft(self):
        db = self.aligned()
        self.assertEqual(self.learned(db)["judge_example"], (24, 0))
        self.make_draft(db)
        db.command("judge_run", "q")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})
        self.assertEqual(db.one("SELECT count(*) FROM judge_definition"), 1)

    def test_publishing_while_another_sweeps(self):
        """At every statement of the sweeping connection the other one
        publishes: the version is whole, or it is not there."""
        at = 0
        while True:
            db, fired = self.aligned(wal=True), []
            self.make_draft(db)
            other = self.open(db.path)

            def fire(_):
                fired.append(len(fired))
                if len(fired) - 1 == at:
                    other.conn.execute("PRAGMA busy_timeout = 0")
                    try:
                        other.rows("UPDATE judge_definition SET version = 2,"
                                   " judge = 'q@2', state = 'active'"
                                   " WHERE state = 'draft'")
                    except host.sqlite3.OperationalError:
                        pass  # the sweep holds the lock

            db.conn.set_trace_callback(fire)
            db.rows("SELECT judge_run('q', '{\"limit\":1}')")
            db.conn.set_trace_callback(None)
            whole = db.one("SELECT count(*) FROM judge_definition"
                           " WHERE state <> 'draft' AND version = 2")
            self.assertEqual(self.learned(db)["judge_example"],
                             (24, 0) if whole else (0, 0), at)
            if len(fired) <= at or at > 60:
                break
            at += 1
        self.assertGreater(at, 5)

    def test_a_version_deleted_by_hand(self):
        """Its number is free again: what it learned must not go to another."""
        db = self.aligned()
        db.rows("DELETE FROM judge_definition WHERE version = 2")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})
        db.command("judge_align", "q")
        self.assertEqual(self.learned(db)["judge_example"], (24, 0))

    def test_a_registered_copy_keeps_what_both_use(self):
        db = self.aligned()
        db.command("judge_register", "q@2", "copy")
        db.rows("DELETE FROM judge_definition WHERE judge = 'q@2'")
        self.assertEqual(self.learned(db)["judge_example"][0], 24)
        self.assertEqual(db.one("SELECT examples FROM judges"
                                " WHERE name = 'copy'"), 24)
        db.rows("DELETE FROM judge_definition WHERE name = 'copy'")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})


# One process: its statements, one after the other; errors are printed.
PROCESS = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
c.enable_load_extension(True)
c.load_extension(sys.argv[2])
for sql in sys.argv[3:]:
    try:
        c.execute(sql).fetchall()
    except sqlite3.Error as error:
        print(sql, error)
    if c.in_transaction:
        print(sql, "leaves a transaction open")
"""


def start(path, statements):
    return subprocess.Popen(
        ["/usr/bin/python3", "-c", PROCESS, str(path), host.LIBRARY,
         *statements], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)


def end(processes):
    said = "".join(p.communicate(timeout=120)[0] for p in processes)
    host.leaks.search(said, "what a process wrote")
    return said


class Processes(host.Case):
    script = {"latency_ms": [2, 20]}

    def test_judge_init_at_once(self):
        make = ("SELECT make_judge('q', 'Is {{ outputs }} good?',"
                " 'local:/lexical')")
        for mode in ("delete", "wal", "wal"):
            path = self.folder / ("init-%d.db" % time.monotonic_ns())
            plain = sqlite3.connect(path)
            plain.execute("PRAGMA journal_mode = " + mode).fetchall()
            self.assertEqual(end([start(path, ["SELECT judge_init()", make])
                                  for _ in range(4)]), "")
            self.assertEqual(plain.execute(
                "SELECT count(*) FROM judge_definition").fetchall(), [(1,)])
            self.assertEqual(plain.execute(
                "SELECT value > 0 FROM judge_meta").fetchall(), [(1,)])
            plain.close()

    def test_align_run_and_labels_at_once(self):
        """One is killed in the middle; what the others made is whole."""
        labels = ["INSERT INTO assessments(trace_id, name, value, source_type,"
                  " source_id) VALUES ('t%03d', 'q', 'bad', 'HUMAN', 'p')" % i
                  for i in range(1, 31)]
        for wal in (False, True):
            db = self.database(traces=30, labels=30, wal=wal)
            processes = [start(db.path, s) for s in (
                ["SELECT judge_align('q')"], ["SELECT judge_run('q@1')"],
                labels, ["SELECT judge_run('q@1', '{\"redo\":true}')"])]
            while self.stub.stats()["requests"] < 10:
                time.sleep(0.01)
            processes[3].kill()
            said = end(processes)
            self.assertNotIn("transaction open", said)
            # A draft that another command swept says so.
            for line in said.splitlines():
                self.assertIn("swept", line)
            self.assertEqual(db.rows("PRAGMA integrity_check"), [("ok",)])
            self.assertEqual(db.one(
                "SELECT count(*) FROM judge_assessment WHERE source_type ="
                " 'HUMAN' AND source_id = 'p'"), 30)
            db.command("judge_align", "q")
            self.assertEqual(db.rows(
                "SELECT judge FROM judge_definition d WHERE (state = 'draft')"
                " OR (version > 1 AND (SELECT count(*) FROM judge_example e"
                " WHERE e.definition_id = d.memory_id) = 0)"), [])

    def test_threads_with_a_connection_each(self):
        db = self.database(traces=20)
        errors = []

        def rate():
            try:
                own = host.Database(db.path)
                own.command("judge_run", "q")
                own.close()
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)

        threads = [threading.Thread(target=rate) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(db.one("SELECT count(DISTINCT trace_id)"
                                " FROM judge_assessment"), 20)

    def test_a_fork_after_a_run(self):
        """As multiprocessing does: the child opens a connection of its own."""
        db = self.database(traces=10)
        self.assertEqual(db.command("judge_run", "q", {"limit": 5})["calls"], 5)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                own = host.Database(db.path)
                code = own.command("judge_run", "q")["calls"] != 5
                own.close()
            finally:
                os._exit(int(code))
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        again = db.command("judge_run", "q", {"redo": True})
        self.assertEqual((again["calls"], again["errors"]), (10, 0))


class Connections(Local):
    def test_the_old_close_finds_nothing_open(self):
        """sqlite3_close(), unlike sqlite3_close_v2(), refuses when a statement
        is left."""
        lib = ctypes.CDLL("libsqlite3.so.0")
        db = ctypes.c_void_p()
        lib.sqlite3_open(b":memory:", ctypes.byref(db))
        lib.sqlite3_enable_load_extension(db, 1)
        self.assertEqual(lib.sqlite3_load_extension(
            db, host.LIBRARY.encode(), None, None), 0)
        for sql in (
                "SELECT judge_init()",
                "SELECT make_judge('q', 'Rate {{ outputs }}, {{ inputs }}',"
                " 'local:/lexical', '%s')" % SCALE,
                "INSERT INTO traces(trace_id, inputs, outputs)"
                " VALUES ('a', 'x', 'y'), ('b', 'x', 'z')",
                "INSERT INTO traces(inputs, outputs)"
                " SELECT inputs, outputs FROM traces",
                "INSERT INTO traces(trace_id) VALUES ('a')",
                "INSERT INTO assessments(trace_id, name, value, source_type)"
                " VALUES ('a', 'q', 'good', 'HUMAN')",
                "SELECT * FROM traces JOIN assessments USING (trace_id)",
                "SELECT judge_run('q')", "SELECT judge_run('none')",
                "SELECT judge_align('q')", "SELECT judge_eval('q', 'a')",
                "SELECT * FROM judge_compare('q@1', 'q@1')",
                "UPDATE traces SET outputs = 'k'", "DELETE FROM assessments"):
            lib.sqlite3_exec(db, sql.encode(), None, None, None)
        self.assertEqual(lib.sqlite3_close(db), 0)

    def test_a_thousand_connections(self):
        def memory():
            return int(Path("/proc/self/statm").read_text().split()[1]) * 4

        def some(count):
            for _ in range(count):
                db = host.Database(":memory:")
                db.config("allow_host", "a.example")
                db.close()

        some(200)
        before = memory()
        some(1000)
        if not host.SANITIZED:  # it keeps what was freed
            self.assertLess(memory() - before, 2000)

    def test_two_copies_of_the_library(self):
        copy = self.folder / "judge.so"
        shutil.copy(host.LIBRARY, copy)
        db = self.empty()
        db.conn.load_extension(str(copy))
        db.make_judge(model="local:/lexical")
        other = sqlite3.connect(db.path, isolation_level=None)
        other.enable_load_extension(True)
        other.load_extension(str(copy))
        self.assertEqual(other.execute("SELECT name FROM judges").fetchall(),
                         [("q",)])
        other.close()
        self.assertEqual(db.rows("SELECT name FROM judges"), [("q",)])


if __name__ == "__main__":
    sys.exit(host.main())
