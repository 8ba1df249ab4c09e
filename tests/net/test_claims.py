#!/usr/bin/python3
"""Two commands that want the same answers at once pay once (run/claims.h). What
was paid is what the stub has received."""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import host
import leaks

NET = str(host.ROOT / "tests/net")
CHILD = """
import json, sys
sys.path.insert(0, %r)
import host
db = host.Database(sys.argv[1], timeout=30)
for step in json.loads(sys.argv[2]):
    if isinstance(step, str):
        print(json.dumps(db.rows(step)), flush=True)
    else:
        print(json.dumps(db.command(*step)), flush=True)
""" % NET
RUN = ["judge_run", "q", {"concurrency": 8}]
# A dead or silent owner would be waited for as long as this.
SILENT_S = 30


class Claims(host.Case):
    def child(self, path, *steps, **environ):
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", CHILD, path, json.dumps(steps)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, **environ))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def result(self, process):
        """The last line; the process is over."""
        out, errors = process.communicate(timeout=120)
        leaks.search(out + errors, "what a process wrote")
        self.assertEqual(process.returncode, 0, errors)
        return json.loads(out.splitlines()[-1])

    def wait_for(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def requests_are(self, count):
        self.wait_for(lambda: self.stub.stats()["requests"] >= count)

    def prepared(self, traces, **options):
        db = self.database(traces=traces, timeout=30, **options)
        return db

    def assert_none_left(self, db):
        self.assertEqual(db.rows("SELECT * FROM judge_claim"), [])
        self.assert_free(db)

    def assert_rated_once(self, db, traces):
        self.assertEqual(db.rows(
            "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
            " judge_assessment WHERE valid = 1 AND judge = 'q@1'"),
            [(traces, traces, traces)])


class Together(Claims):
    script = {"latency_ms": [10, 40]}

    def test_runs(self):
        for wal in (False, True):
            self.stub.script(self.script)
            db = self.prepared(120, wal=wal)
            runs = [self.child(db.path, RUN) for _ in range(4)]
            reports = [self.result(run) for run in runs]
            self.assertEqual(self.stub.stats()["requests"], 120)
            self.assertEqual(sum(r["calls"] for r in reports), 120)
            for r in reports:
                self.assertEqual(r["errors"], 0)
                self.assertEqual(r["verdicts"], r["calls"] + r["cached"])
            self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"),
                             120)
            self.assert_none_left(db)

    def test_a_run_beside_an_alignment(self):
        for wal in (False, True):
            self.stub.script(self.script)
            db = self.prepared(40, labels=40, wal=wal)
            align = self.child(db.path, ["judge_align", "q"])
            run = self.child(db.path, RUN)
            reports = [self.result(p) for p in (align, run)]
            requests = self.requests()
            self.assertEqual(len(requests),
                             len({entry["digest"] for entry in requests}))
            self.assertEqual(sum(r["calls"] for r in reports), len(requests))
            self.assert_none_left(db)

    def test_a_run_beside_queries(self):
        """Without FROM, and over a table of a file in WAL mode."""
        db = self.prepared(40, wal=True)
        over = "SELECT count(judge_eval('q', trace_id)) FROM traces"
        steps = ["SELECT judge_eval('q', 't%03d') -> 'value'" % i
                 for i in range(1, 41)]
        all_of_them = [self.child(db.path, RUN), self.child(db.path, over),
                       self.child(db.path, over), self.child(db.path, *steps)]
        for process in all_of_them:
            self.result(process)
        self.assertEqual(self.stub.stats()["requests"], 40)
        self.assert_none_left(db)

    def test_a_query_that_holds_the_file_does_not_wait(self):
        """A rollback journal: while it reads, the owner of a claim could not
        store its answer. So both pay, and nobody is stuck."""
        self.stub.script({"latency_ms": 1500})
        db = self.prepared(1)
        run = self.child(db.path, RUN)
        self.requests_are(1)
        start = time.monotonic()
        self.assertEqual(
            db.one("SELECT count(judge_eval('q', trace_id)) FROM traces"), 1)
        self.assertLess(time.monotonic() - start, 15)
        self.result(run)
        self.assertEqual(self.stub.stats()["requests"], 2)

    def test_generate(self):
        db = self.prepared(0)
        inputs = [{"topic": "topic %d" % i} for i in range(40)]
        step = ["judge_generate", "openai:/m", "About {{ topic }}",
                {"inputs": inputs, "concurrency": 8}]
        both = [self.child(db.path, step) for _ in range(2)]
        for process in both:
            self.result(process)
        self.assertEqual(self.stub.stats()["requests"], 40)
        self.assertEqual(db.one("SELECT count(*) FROM judge_trace"), 40)
        self.assert_none_left(db)

    def test_two_connections_of_one_process(self):
        db = self.prepared(60)
        others = [self.open(db.path, timeout=30) for _ in range(2)]
        threads = [threading.Thread(target=d.command, args=RUN)
                   for d in others]
        for thread in threads:
            thread.start()
        db.command(*RUN)
        for thread in threads:
            thread.join()
        self.assertEqual(self.stub.stats()["requests"], 60)
        self.assert_none_left(db)

    def test_a_failed_call_is_tried_by_who_waits(self):
        self.stub.script({"latency_ms": 300, "faults": [
            {"on": [1, 2, 3, 4], "status": 400, "message": "no"}]})
        db = self.prepared(4)
        first = self.child(db.path, RUN)
        self.requests_are(4)
        second = self.child(db.path, RUN)
        self.assertEqual(self.result(first)["errors"], 4)
        report = self.result(second)
        self.assertEqual((report["verdicts"], report["calls"]), (4, 4))
        self.assert_none_left(db)

    def test_a_budget_gives_back_what_it_does_not_send(self):
        self.stub.script({"latency_ms": 300})
        db = self.prepared(30)
        first = self.child(db.path, ["judge_run", "q", {
            "concurrency": 8, "max_calls": 5}])
        self.requests_are(1)
        second = self.child(db.path, RUN)
        self.assertEqual(self.result(first)["calls"], 5)
        report = self.result(second)
        self.assertEqual(report["calls"], 25)
        self.assertEqual(self.stub.stats()["requests"], 30)
        self.assert_none_left(db)

    def test_one_statement_a_batch(self):
        db = self.prepared(400)
        count = {}

        def trace(sql):
            for name in ("INTO main.judge_claim", "FROM main.judge_claim c",
                         "UPDATE main.judge_claim", "DELETE FROM main.judge_claim"):
                count[name] = count.get(name, 0) + (name in sql)
        db.conn.set_trace_callback(trace)
        report = db.command("judge_run", "q", {"concurrency": 64})
        db.conn.set_trace_callback(None)
        self.assertEqual(report["calls"], 400)
        self.assertLessEqual(count["INTO main.judge_claim"], 400 // 10)
        self.assertEqual(count["DELETE FROM main.judge_claim"], 0)
        self.assert_none_left(db)

    def test_a_trigger_of_the_file_drops_claims(self):
        for wal in (False, True):
            db = self.prepared(2, wal=wal)
            db.rows("CREATE TRIGGER drops BEFORE INSERT ON judge_claim"
                    " BEGIN SELECT raise(IGNORE); END")
            report = db.command("judge_run", "q", {"max_seconds": 10})
            self.assertEqual((report["verdicts"], report["calls"]), (2, 2))
            self.assertNotIn("exhausted", report)
            self.assert_none_left(db)


class Left(Claims):
    """Claims of a command that did not come to its end."""

    def left_by(self, wal, end):
        """Twelve calls are on their way when the run is ended."""
        self.stub.script({"latency_ms": 60000})
        db = self.prepared(12, wal=wal)
        run = self.child(db.path, ["judge_run", "q", {"concurrency": 12}])
        self.requests_are(12)
        end(run)
        self.stub.script({})
        return db

    def goes_on(self, db, process=None):
        start = time.monotonic()
        report = self.result(process or self.child(db.path, RUN))
        self.assertLess(time.monotonic() - start, SILENT_S / 2)
        self.assertEqual((report["verdicts"], report["calls"]), (12, 12))
        self.assertEqual(self.stub.stats()["requests"], 12)
        self.assert_none_left(db)

    def test_kill(self):
        for wal in (False, True):
            def kill(process):
                process.kill()
                process.wait()
            db = self.left_by(wal, kill)
            self.assertEqual(db.one("SELECT count(*) FROM judge_claim"), 12)
            self.goes_on(db)

    def test_kill_while_another_waits(self):
        def kill(process):
            waits.append(self.child(process.args[3], RUN))
            time.sleep(1)
            process.kill()
        for wal in (False, True):
            waits = []
            db = self.left_by(wal, kill)
            self.goes_on(db, waits[0])

    def test_an_interrupt(self):
        """Removed at once, though the host's connection cannot any more."""
        for wal in (False, True):
            self.stub.script({"latency_ms": 60000})
            db = self.prepared(12, wal=wal)
            thread = host.interrupt_after(
                db, 0, lambda: self.stub.stats()["requests"] == 12)
            db.error("SELECT judge_run('q')")
            end = time.monotonic()
            thread.join()
            self.assertLess(end - thread.moment, 0.2 * host.PATIENCE)
            self.assert_none_left(db)
            self.stub.script({})
            self.goes_on(db)

    def test_an_interrupt_behind_a_lock(self):
        """They stay, and stop neither this connection nor, once it is closed,
        another process."""
        for close in (False, True):
            self.stub.script({"latency_ms": 60000})
            db = self.prepared(12)
            other = sqlite3.connect(db.path, isolation_level=None,
                                    check_same_thread=False)

            def sent():
                if self.stub.stats()["requests"] < 12:
                    return False
                other.execute("BEGIN IMMEDIATE")
                return True
            thread = host.interrupt_after(db, 0, sent)
            db.error("SELECT judge_run('q')")
            thread.join()
            other.execute("COMMIT")
            self.assertEqual(other.execute(
                "SELECT count(*) FROM judge_claim").fetchone()[0], 12)
            other.close()
            self.stub.script({})
            if close:
                path = db.path
                db.close()
                self.databases.remove(db)
                db = self.open(path)
                self.assertEqual(db.rows("SELECT * FROM judge_claim"), [])
                self.goes_on(db)
            else:
                self.assertEqual(db.command(*RUN)["calls"], 12)
                self.assert_none_left(db)

    def test_of_a_process_that_is_gone_for_other_traces(self):
        """Nobody wants them, and they do not stay for ever."""
        def kill(process):
            process.kill()
            process.wait()
        db = self.left_by(False, kill)
        db.add_traces(1, first=50)
        db.command("judge_run", "q", {"trace_ids": ["t050"]})
        self.assert_none_left(db)


class Silent(Claims):
    """An owner of whom it is not known whether it lives."""

    def setUp(self):
        super().setUp()
        if host.SANITIZED:
            self.skipTest("the shim and ASan do not go together")
        self.shim = str(self.folder / "clock.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", self.shim,
                        NET + "/clock_shim.c", "-ldl"], check=True)
        self.clock = self.folder / "seconds"
        self.clock.write_text("0")

    def waits(self, path, *steps):
        """A process that waits; its clock is ours."""
        process = self.child(path, *steps, LD_PRELOAD=self.shim,
                             CLOCK_SHIM_MONOTONIC=str(self.clock))
        time.sleep(2)
        self.assertIsNone(process.poll())
        return process

    def claim(self, db, machine="another boot pid:[1]"):
        """As another machine would that rates t001."""
        self.stub.script({"latency_ms": 60000})
        digest = None

        def look():
            nonlocal digest
            reader = sqlite3.connect(db.path)
            rows = reader.execute("SELECT digest FROM judge_claim").fetchall()
            reader.close()
            digest = rows[0][0] if rows else None
            return rows and self.stub.stats()["requests"] == 1
        thread = host.interrupt_after(db, 0, look)
        db.error("SELECT judge_run('q', '{\"trace_ids\":[\"t001\"]}')")
        thread.join()
        db.rows("INSERT INTO judge_claim VALUES (?, 'c-theirs', ?, 1, 1, 1)",
                digest, machine)
        self.stub.script({})

    def test_stopped(self):
        self.stub.script({"latency_ms": 400})
        db = self.prepared(6)
        owner = self.child(db.path, RUN)
        self.requests_are(6)
        owner.send_signal(signal.SIGSTOP)
        waiter = self.waits(db.path, RUN)
        self.assertEqual(self.stub.stats()["requests"], 6)
        self.assert_free(db)  # nothing is held while it waits
        self.clock.write_text(str(SILENT_S + 1))
        report = self.result(waiter)
        self.assertEqual((report["verdicts"], report["calls"]), (6, 6))
        owner.send_signal(signal.SIGCONT)
        self.assertEqual(self.result(owner)["verdicts"], 6)
        self.assert_none_left(db)
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 6)

    def test_on_another_machine(self):
        """Also another PID namespace."""
        machine = db = None
        for machine in ("another boot pid:[1]", ""):
            self.clock.write_text("0")
            db = self.prepared(1)
            self.claim(db, machine)
            # With calls of its own it would wait by the real clock for them.
            waiter = self.waits(db.path, RUN)
            self.clock.write_text(str(SILENT_S - 10))
            time.sleep(0.5)
            db.rows("UPDATE judge_claim SET renewed = renewed + 1")
            time.sleep(0.5)
            self.clock.write_text(str(SILENT_S + 10))
            time.sleep(0.5)
            self.assertEqual(self.stub.stats()["requests"], 0)
            self.clock.write_text(str(2 * SILENT_S + 10))
            report = self.result(waiter)
            self.assertEqual((report["verdicts"], report["calls"]), (1, 1))
            self.assert_none_left(db)

    def test_a_query_waits_too(self):
        db = self.prepared(2, wal=True)
        self.claim(db)
        waiter = self.waits(
            db.path, "SELECT count(judge_eval('q', trace_id)) FROM traces")
        self.assert_free(db)
        self.clock.write_text(str(SILENT_S + 1))
        self.assertEqual(self.result(waiter), [[2]])
        self.assert_none_left(db)

    def test_the_time_is_up(self):
        db = self.prepared(2)
        self.claim(db)
        start = time.monotonic()
        report = db.command("judge_run", "q", {"max_seconds": 1})
        self.assertLess(time.monotonic() - start, 1 + host.PATIENCE)
        self.assertEqual((report["exhausted"], report["verdicts"],
                          report["skipped"]), ("max_seconds", 1, 1))

    def test_an_interrupt_is_heard(self):
        for wal in (False, True):
            db = self.prepared(2, wal=wal)
            self.claim(db)
            for sql in ("SELECT judge_run('q')",
                        "SELECT judge_eval('q', 't001')",
                        "SELECT judge_eval('q', trace_id) FROM traces"):
                if "FROM" in sql and not wal:
                    continue
                thread = host.interrupt_after(db, 0.5)
                self.assertIn("interrupt", db.error(sql))
                end = time.monotonic()
                thread.join()
                self.assertLess(end - thread.moment, 0.2 * host.PATIENCE)
                self.assert_free(db)

    def test_a_long_call_is_renewed(self):
        self.stub.script({"latency_ms": 12000})
        db = self.prepared(1)
        run = self.child(db.path, RUN)
        self.requests_are(1)
        before = db.one("SELECT renewed FROM judge_claim")
        self.wait_for(lambda: db.one("SELECT renewed FROM judge_claim")
                      > before, 11)
        self.result(run)
        self.assert_none_left(db)


if __name__ == "__main__":
    sys.exit(host.main())
