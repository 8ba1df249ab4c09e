#!/usr/bin/python3
"""Ctrl-C in each phase of a command (law 11): before the first request, while
connecting, before the first byte, within the body, while it waits to try again,
behind a lock of another process, while storing; of judge_align also while it
distills, rates before and rates after. It ends at once, the connection is free,
and the next command asks only for what was not answered."""
import json
import socket
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import host

LOCK = threading.Lock()
LIMIT = 0.2 * host.PATIENCE


class Phases(host.Case):
    def ended(self, db, name, *values, after=0.3, when=None):
        """Interrupts a command, after a while or when a condition holds."""
        thread = host.interrupt_after(db, after, when)
        text = db.error("SELECT %s(%s)" % (name, ", ".join("?" * len(values))),
                        *[json.dumps(v) if isinstance(v, dict) else v
                          for v in values])
        end = time.monotonic()
        thread.join()
        self.assertIn("interrupt", text)
        self.assertLess(end - thread.moment, LIMIT)
        self.assert_free(db)
        db.rows("INSERT INTO judge_meta(key, value) VALUES ('x', 1)")
        db.rows("DELETE FROM judge_meta WHERE key = 'x'")

    def interrupted_at(self, db, at, sql):
        """1 when the command had fewer statements."""
        seen = [0]

        def fire(_):
            if seen[0] == at + 1:  # the first is the command's own
                db.conn.interrupt()
            seen[0] += 1
        db.conn.set_trace_callback(fire)
        try:
            db.rows(sql)
        except sqlite3.OperationalError as error:
            self.assertIn("interrupt", str(error))
        finally:
            db.conn.set_trace_callback(None)
        return seen[0] <= at + 1

    def answered(self):
        return self.stub.stats()["answered"]

    def rest(self, db, traces, sent, on=None):
        """The next run sends what was not answered, and no more. On another
        connection, unless it is given: its own would go on waiting for a server
        that has asked for it."""
        before = self.stub.stats()["requests"]
        report = (on or self.open(db.path)).command("judge_run", "q")
        self.assertEqual((report["traces"], report["errors"]), (traces, 0))
        self.assertEqual(self.stub.stats()["requests"] - before, sent)
        self.assertEqual(report["calls"], sent)
        self.assertEqual(db.rows(
            "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
            " judge_assessment WHERE valid"), [(traces, traces, traces)])


class Run(Phases):
    def test_before_the_first_request(self):
        """The statement that looks for traces is slow: it is interrupted."""
        db = self.database(traces=5)
        slow = ("trace_id IN (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT"
                " i + 1 FROM c WHERE i < 1000000000) SELECT i FROM c)")
        self.ended(db, "judge_run", "q", {"where": slow})
        self.assertEqual(self.stub.stats()["requests"], 0)
        self.rest(db, 5, 5)

    def test_while_connecting(self):
        """A listener whose queue is full never completes a connection."""
        db = self.database(traces=5)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            held = [socket.socket() for _ in range(4)]
            for s in held:
                s.setblocking(False)
                s.connect_ex(("127.0.0.1", port))
            self.setenv(OPENAI_BASE_URL="http://127.0.0.1:%d/v1" % port)
            self.ended(db, "judge_run", "q")
            for s in held:
                s.close()
        self.use(self.stub)
        self.rest(db, 5, 5)

    def test_while_looking_up_the_host(self):
        db = self.database(traces=2)
        self.setenv(OPENAI_BASE_URL="https://no-such-host.invalid/v1")
        self.ended(db, "judge_run", "q")
        self.use(self.stub)
        self.rest(db, 2, 2)

    def of_fault(self, fault, answered=10):
        """The first ten are answered, then all meet the fault."""
        self.stub.script({"faults": [dict(
            fault, on=list(range(answered + 1, 1000)))]})
        db = self.database(traces=30)
        db.config("timeout_s", 60)
        self.ended(db, "judge_run", "q", {"concurrency": 4},
                   when=lambda: self.answered() >= answered)
        self.stub.script({})
        self.rest(db, 30, 30 - answered)
        return db

    def test_before_the_first_byte(self):
        db = self.of_fault({"kind": "silent"})
        report = db.command("judge_run", "q")
        self.assertEqual((report["dropped_before"], report["calls"]), (4, 0))

    def test_within_the_body(self):
        for fault in ({"kind": "stall"}, {"kind": "slow", "ms": 60000},
                      {"kind": "endless"}):
            with self.subTest(fault=fault):
                self.of_fault(fault)

    def test_while_it_waits_to_try_again(self):
        for fault in ({"status": 429, "retry_after": "60"},
                      {"status": 503, "retry_after": "599"},
                      {"status": 429, "retry_after_date_s": 300},
                      {"status": 500}):
            with self.subTest(fault=fault):
                self.of_fault(fault)
        # The next command waits for the same host before it sends at all.
        db = self.database(traces=3)
        db.config("retries", 0)
        self.stub.script({"faults": [{"status": 429, "retry_after": "60"}]})
        db.command("judge_run", "q", {"limit": 1})
        self.ended(db, "judge_run", "q")

    def locked(self, db, at, action):
        """Another process holds the file while action runs."""
        with closing(sqlite3.connect(db.path, isolation_level=None,
                                     check_same_thread=False)) as other:
            other.execute(at)
            try:
                action()
            finally:
                other.execute("ROLLBACK")

    def test_behind_a_lock_at_the_start(self):
        for timeout in (0, 60):
            for wal, lock in ((False, "BEGIN EXCLUSIVE"),
                              (False, "BEGIN IMMEDIATE"),
                              (True, "BEGIN IMMEDIATE")):
                with self.subTest(timeout=timeout, wal=wal, lock=lock):
                    self.stub.script({"faults": [{"on": list(range(4, 99)),
                                                  "kind": "silent"}]})
                    db = self.database(traces=6, timeout=timeout, wal=wal)
                    db.config("timeout_s", 60)

                    def run(db=db):
                        start = time.monotonic()
                        thread = host.interrupt_after(db, 0.5)
                        db.error("SELECT judge_run('q')")
                        end = time.monotonic()
                        thread.join()
                        self.assertLess(end - start, 0.5 + LIMIT)
                    self.locked(db, lock, run)
                    sent = self.stub.stats()["answered"]
                    self.stub.script({})
                    self.rest(db, 6, 6 - sent, on=db)

    def test_a_lock_of_ten_seconds_and_one_that_does_not_end(self):
        """Side by side, since they last."""
        self.stub.script({"latency_ms": [20, 60]})
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(self.locked_in_a_run, 10.5, timeout, wal)
                    for timeout, wal in ((0, False), (5, True))]
            jobs += [pool.submit(self.locked_in_a_run, 60, timeout, wal)
                     for timeout, wal in ((0, True), (5, False))]
            self.assertEqual([j.result() for j in jobs],
                             [None, None, "locked", "locked"])
        self.assertEqual(self.stub.stats()["requests"], 4 * 200)

    def locked_in_a_run(self, seconds, timeout, wal):
        """None when the run came through; nothing is lost or sent again. The
        lock ends after so many seconds, or with the run."""
        with LOCK:
            db = self.database(timeout=timeout, wal=wal)
        db.rows("WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                " t WHERE i < 200) INSERT INTO traces(trace_id, inputs,"
                " outputs) SELECT 't' || i, ?, 'a' || i FROM t", db.path)
        other = sqlite3.connect(db.path, timeout=30, isolation_level=None,
                                check_same_thread=False)

        ended = threading.Event()

        def hold():
            time.sleep(0.3)
            other.execute("BEGIN EXCLUSIVE")
            ended.wait(seconds)
            other.execute("ROLLBACK")
        thread = threading.Thread(target=hold)
        thread.start()
        outcome = None
        try:
            db.command("judge_run", "q", {"concurrency": 8})
        except sqlite3.OperationalError as error:
            self.assertRegex(str(error), (
                r"judge_run: the database is locked by another process: \d+"
                r" answers are kept in this connection and will be written by"
                r" the next command: run it again"))
            outcome = "locked"
        ended.set()
        thread.join()
        other.close()
        report = db.command("judge_run", "q")
        self.assertEqual((report["traces"], report["errors"]), (200, 0))
        self.assertEqual(db.rows(
            "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
            " judge_assessment WHERE valid"), [(200, 200, 200)])
        return outcome

    def test_a_lock_when_the_report_is_written(self):
        """All is paid and stored by then: it waits for that, too."""
        for timeout in (0, 5):
            self.stub.script({})
            db = self.database(traces=3, timeout=timeout)
            other = sqlite3.connect(db.path, isolation_level=None,
                                    check_same_thread=False)
            release = threading.Timer(1, other.execute, ("ROLLBACK",))
            locked = []

            def fire(sql):
                if "INSERT INTO main.judge_report" in sql and not locked:
                    locked.append(other.execute("BEGIN EXCLUSIVE"))
                    release.start()
            db.conn.set_trace_callback(fire)
            report = db.command("judge_run", "q")
            db.conn.set_trace_callback(None)
            release.join()
            other.close()
            self.assertGreater(report["seconds"], 0)
            self.assertEqual(db.one("SELECT count(*) FROM judge_report WHERE"
                                    " command = 'judge_run'"), 1)

    def test_each_statement(self):
        """An interrupt before every fifth statement that a run executes, to its
        last one: storing answers, verdicts, the log and the report."""
        at, ended = 0, False
        while not ended:
            self.stub.script({})
            db = self.database(traces=6)
            ended = self.interrupted_at(
                db, at, "SELECT judge_run('q', '{\"concurrency\":2}')")
            self.assert_free(db)
            report = db.command("judge_run", "q")
            # What had been sent and not read: two in flight, or none.
            dropped = report.get("dropped_before", 0)
            self.assertLessEqual(dropped, 2, at)
            self.assertLessEqual(self.stub.stats()["requests"], 6 + dropped)
            self.assertEqual(db.rows(
                "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
                " judge_assessment WHERE valid"), [(6, 6, 6)], at)
            self.assertEqual(db.command("judge_run", "q")["calls"], 0)
            db.close()
            self.databases.remove(db)
            at += 5
        self.assertGreater(at, 15)


class Align(Phases):
    """The stub answers so many requests and is silent from then on."""

    def whole(self, **options):
        db = self.database(traces=20, labels=20)
        report = db.command("judge_align", "q", dict(options, concurrency=4))
        self.assertEqual(self.stub.stats()["requests"], report["calls"])
        return report

    def at(self, number, whole, **options):
        self.stub.script({"faults": [{"on": list(range(number + 1, 2000)),
                                      "kind": "silent"}]})
        db = self.database(traces=20, labels=20)
        db.config("timeout_s", 60)
        options["concurrency"] = 4
        self.ended(db, "judge_align", "q", options,
                   when=lambda: self.stub.stats()["requests"] > number)
        self.assertEqual(self.answered(), number)
        self.assertEqual(db.rows("SELECT judge FROM judges"), [("q@1",)])
        self.stub.script({})
        self.same_as(whole, db, options)
        self.assertEqual(self.stub.stats()["requests"],
                         whole["calls"] - number)

    def same_as(self, whole, db, options):
        """Again, it makes the judge that it would have made."""
        report = db.command("judge_align", "q", options)
        for key in ("judge", "accuracy_before", "accuracy_after", "examples",
                    "guidelines", "accepted"):
            self.assertEqual(report[key], whole[key], key)
        self.assertEqual(db.one("SELECT count(*) FROM judge_definition WHERE"
                                " state = 'draft'"), 0)

    def test_each_phase(self):
        """Six distillations, then each row before and after."""
        whole = self.whole()
        texts = [r["text"] for r in self.requests()]
        self.assertEqual([t.startswith("{") for t in texts],
                         [False] * 6 + [True] * 40)
        for phase, number in (("distill, first", 0), ("distill", 4),
                              ("before, first", 6), ("after, first", 7),
                              ("before", 26), ("after", 27), ("last", 45)):
            with self.subTest(phase=phase):
                self.at(number, whole)

    def test_while_it_embeds(self):
        options = {"embedding_model": "openai:/e"}
        whole = self.whole(**options)
        paths = [r["path"].endswith("/embeddings") for r in self.requests()]
        for place in (0, sum(paths) // 2):
            number = [i for i, p in enumerate(paths) if p][place]
            with self.subTest(number=number):
                self.at(number, whole, **options)

    def test_statements(self):
        """An interrupt before every 29th statement, to the one that
        publishes the version and the report after it."""
        whole, options = self.whole(), {"concurrency": 4}
        at, ended = 0, False
        while not ended:
            self.stub.script({})
            db = self.database(traces=20, labels=20)
            ended = self.interrupted_at(
                db, at, "SELECT judge_align('q', '{\"concurrency\":4}')")
            self.assert_free(db)
            made = db.rows("SELECT judge FROM judges WHERE version > 1")
            self.assertEqual(db.one("SELECT count(*) FROM judge_example"
                                    " JOIN judge_definition d USING"
                                    "(definition_id) WHERE d.state <> 'draft'"),
                             20 * len(made))
            self.same_as(whole, db, options)
            self.assertLessEqual(self.stub.stats()["requests"],
                                 whole["calls"] + 4)
            db.close()
            self.databases.remove(db)
            at += 29
        self.assertGreater(at, 100)


if __name__ == "__main__":
    sys.exit(host.main())
