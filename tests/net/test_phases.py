#!/usr/bin/python3
"""Ctrl-C in each phase of a command (law 11): before the first request, while
connecting, before the first byte, within the body, while it waits to try again,
while storing; of judge_align also while it distills, rates before and rates
after. It ends at once, the connection is free, and the next command asks only
for what was not answered."""
import json
import socket
import sqlite3
import sys
import time

import host

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

    def rest(self, db, traces, sent):
        """The next run sends what was not answered, and no more. On another
        connection: its own would go on waiting for a server that has asked for
        it."""
        before = self.stub.stats()["requests"]
        report = self.open(db.path).command("judge_run", "q")
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
                      {"status": 503, "retry_after": "3600"},
                      {"status": 429, "retry_after":
                       "Fri, 31 Dec 2100 23:59:59 GMT"}, {"status": 500}):
            with self.subTest(fault=fault):
                self.of_fault(fault)
        # The next command waits for the same host before it sends at all.
        db = self.database(traces=3)
        db.config("retries", 0)
        self.stub.script({"faults": [{"status": 429, "retry_after": "60"}]})
        db.command("judge_run", "q", {"limit": 1})
        self.ended(db, "judge_run", "q")

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
