#!/usr/bin/python3
"""Ctrl-C (law 11): judge_run, judge_align and judge_generate are interrupted at
random moments. Each ends at once, leaves no transaction, and the next command
goes on without paying again."""
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import host

# 200 ms, and five times that where other programs keep the machine busy.
LIMIT = 0.2 * host.PATIENCE
# An answer that left the stub so long before the interrupt had landed.
LANDED = 0.1
# Where the host hears a signal only when its progress handler is called.
HANDLER_LIMIT = 0.5 * host.PATIENCE


class Interrupt(host.Case):
    def interrupted(self, db, seconds, name, *values):
        """Runs a command with an interrupt: its report, or None; what came of
        the interrupt is checked. Returns when it came and
        when the command ended, too."""
        thread = host.interrupt_after(db, seconds)
        report = None
        try:
            report = db.command(name, *values)
        except sqlite3.OperationalError as error:
            self.assertIn("interrupt", str(error))
        end = time.monotonic()
        thread.join()
        shift = time.time() - time.monotonic()
        if report is None:
            self.assertLess(end - thread.moment, LIMIT)
        self.assert_free(db)
        return report, (thread.moment + shift, end + shift)

    def test_judge_run_at_50_moments(self):
        draw = random.Random(1)
        self.stub.script({"latency_ms": [10, 40]})
        db = self.database(traces=3000)
        moments, ended = [], 0
        for _ in range(50):
            report, wall = self.interrupted(
                db, draw.uniform(0, 0.3), "judge_run", "q",
                {"concurrency": 8})
            moments.append(wall)
            ended += report is None
        self.assertGreaterEqual(ended, 40)
        report = db.command("judge_run", "q")
        stats = self.stub.stats()
        self.assertEqual(db.one("SELECT count(*) FROM judge_assessment"
                                " WHERE value IS NOT NULL"), 3000)
        self.assertEqual(report["verdicts"] + report["skipped"], 3000)
        self.assertEqual(self.sent_again(moments, LANDED), [])
        # What was sent was stored, or was in flight at an interrupt.
        stored = db.one("SELECT count(*) FROM judge_call WHERE status = 'ok'")
        self.assertEqual(stored, 3000)
        self.assertGreater(report["dropped_before"], 0)
        self.assertLessEqual(stats["requests"],
                             stored + report["dropped_before"])
        self.assertLessEqual(report["dropped_before"], 50 * 8)
        self.assertNotIn("dropped_before", db.command("judge_run", "q"))

    def prepared(self, **options):
        db = self.database(traces=40, labels=40, **options)
        db.close()
        self.databases.remove(db)
        return db.path

    def again(self, path, number):
        copy = self.folder / ("c%d.db" % number)
        shutil.copy(path, copy)
        return self.open(copy)

    def whole(self, db):
        """All or nothing: a version that shows has all its examples."""
        rows = db.rows("SELECT definition_id, version FROM judge_definition"
                       " WHERE state <> 'draft' ORDER BY version")
        for definition, version in rows:
            count = db.one("SELECT count(*) FROM judge_example"
                           " WHERE definition_id = ?", definition)
            self.assertEqual(count, 40 if version > 1 else 0)
        return len(rows)

    def align_at(self, path, number, seconds):
        self.stub.script({"latency_ms": [2, 8]})
        db = self.again(path, number)
        report, wall = self.interrupted(db, seconds, "judge_align", "q")
        self.whole(db)
        after = db.command("judge_align", "q")
        self.assertEqual(self.whole(db), 2)
        self.assertEqual(db.one("SELECT count(*) FROM judge_definition"
                                " WHERE state = 'draft'"), 0)
        self.assertEqual(self.sent_again([wall], LANDED), [])
        self.assertEqual(after["judge"], "q@2")
        db.close()
        self.databases.remove(db)
        return report is None

    def test_judge_align_at_50_moments(self):
        draw = random.Random(2)
        path = self.prepared()
        self.stub.script({"latency_ms": [2, 8]})
        whole = 60
        for i in range(51, 54):
            start = time.monotonic()
            self.again(path, i).command("judge_align", "q")
            whole = min(whole, time.monotonic() - start)
        ended = sum(self.align_at(path, i, draw.uniform(0, whole))
                    for i in range(1, 51))
        self.assertGreaterEqual(ended, 15)

    def test_the_embedded_judge(self):
        draw = random.Random(3)
        db = self.empty()
        db.make_judge(model="local:/lexical")
        db.add_traces(3000)
        db.add_labels(150)
        for _ in range(10):
            self.interrupted(db, draw.uniform(0, 0.1), "judge_run", "q")
        self.assertEqual(db.command("judge_run", "q")["errors"], 0)
        for _ in range(10):
            self.interrupted(db, draw.uniform(0, 0.2), "judge_align", "q")
        db.command("judge_align", "q")

    def test_answers_in_memory_are_written_by_the_next_command(self):
        """The file is locked while answers land, then the interrupt comes: they
        can be nowhere but in the connection's memory."""
        self.stub.script({"latency_ms": 300})
        db = self.database(traces=8, wal=True, timeout=30)
        other = sqlite3.connect(db.path, isolation_level=None,
                                check_same_thread=False)

        def all_sent():
            if self.stub.stats()["requests"] < 8:
                return False
            other.execute("BEGIN IMMEDIATE")
            return True
        thread = host.interrupt_after(db, 1, all_sent)
        self.assertIn("interrupt", db.error("SELECT judge_run('q')"))
        end = time.monotonic()
        thread.join()
        self.assertLess(end - thread.moment, LIMIT)
        self.assertEqual(self.stub.stats()["answered"], 8)
        self.assertEqual(other.execute(
            "SELECT count(*) FROM judge_call").fetchone()[0], 0)
        other.execute("ROLLBACK")
        other.close()
        report = db.command("judge_run", "q")
        self.assertEqual((report["verdicts"], report["cached"],
                          report["calls"]), (8, 8, 0))
        self.assertEqual(self.stub.stats()["requests"], 8)
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 8)

    def test_in_flight_is_told_by_the_next_report(self):
        self.stub.script({"latency_ms": 60000})
        db = self.database(traces=10)
        report, _ = self.interrupted(db, 0.3, "judge_run", "q")
        self.assertIsNone(report)
        db.error("SELECT judge_run('nobody')")  # tells nothing, forgets nothing
        self.stub.script({})
        report = db.command("judge_run", "q")
        self.assertEqual((report["dropped_before"], report["calls"]), (10, 10))
        self.assertEqual(db.one(
            "SELECT report->>'$.dropped_before' FROM judge_report"
            " WHERE command = 'judge_run'"), 10)

    def test_waits_for_retries_are_interrupted(self):
        self.stub.script({"faults": [{"status": 429, "retry_after": "60"}]})
        db = self.database(traces=3)
        report, _ = self.interrupted(db, 0.3, "judge_run", "q")
        self.assertIsNone(report)

    def test_judge_generate_and_judge_eval(self):
        self.stub.script({"latency_ms": 60000})
        db = self.database(traces=1)
        for name, values in (
                ("judge_generate", ("openai:/m", "About {{ inputs }}",
                                    {"inputs": ["a", "b"]})),
                ("judge_eval", ("q", "t001"))):
            report, _ = self.interrupted(db, 0.2, name, *values)
            self.assertIsNone(report)

    def test_the_connection_works_afterwards(self):
        self.stub.script({"latency_ms": 60000})
        db = self.database(traces=3)
        self.interrupted(db, 0.2, "judge_run", "q")
        db.rows("BEGIN")
        db.add_traces(1, first=50)
        db.rows("COMMIT")
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 4)
        self.assertEqual(db.one("PRAGMA integrity_check"), "ok")
        self.assertEqual(db.one("PRAGMA busy_timeout"), 5000)

# Users' programs: a command that Ctrl-C ends; on a line of input once more.
PYTHON = """
import sqlite3, sys, time
path, library, steps, ends_after = sys.argv[1:]
db = sqlite3.connect(path, isolation_level=None, timeout=60)
db.enable_load_extension(True)
db.load_extension(library)
end = time.monotonic() + float(ends_after)
db.set_progress_handler(lambda: time.monotonic() > end, int(steps))
print("ready", flush=True)
try:
    outcome = db.execute("SELECT judge_run('q')").fetchone()[0]
except BaseException as error:
    outcome = repr(error)
print(time.time(), outcome, flush=True)
input()
assert not db.in_transaction
end += 3600
print(db.execute("SELECT judge_run('q')").fetchone()[0])
"""
R = """
given <- commandArgs(TRUE)
db <- DBI::dbConnect(RSQLite::SQLite(), given[1], loadable.extensions = TRUE)
ask <- function(sql) DBI::dbGetQuery(db, sql)[[1]]
invisible(ask(sprintf("SELECT load_extension('%s')", given[2])))
cat("ready\\n")
outcome <- tryCatch(ask("SELECT judge_run('q')"), error = conditionMessage,
                    interrupt = function(e) "Interrupt")
back <- format(as.numeric(Sys.time()), digits = 16)
# If R has not looked at its flag yet, it does here.
tryCatch(for (i in 1:1e6) i + 1, interrupt = function(e) NULL)
cat(back, outcome, "\\n")
invisible(readLines(file("stdin"), 1))
cat(ask("SELECT judge_run('q')"), "\\n")
"""
RUBY = """
require "sqlite3"
$stdout.sync = true
db = SQLite3::Database.new(ARGV[0])
db.enable_load_extension(true)
db.load_extension(ARGV[1])
puts "ready"
begin
  outcome = db.get_first_value("SELECT judge_run('q')")
rescue Interrupt, SQLite3::Exception => error
  outcome = error.inspect
end
puts "#{Time.now.to_f} #{outcome}"
$stdin.gets
puts db.get_first_value("SELECT judge_run('q')")
"""


class Programs(host.Case):
    """SIGINT, sent to a real program that waits for 100 answers, each of which
    takes half a second."""

    def start(self, *command, library=host.LIBRARY):
        self.stub.script({"latency_ms": 500})
        db = self.database(traces=100)
        db.close()
        self.databases.remove(db)
        child = subprocess.Popen(
            [*command[:2], db.path, library, *command[2:]], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline().strip(), "ready")
        return child, db.path

    def wait_for_answers(self, count=8):
        end = time.monotonic() + 30
        while self.stub.stats()["answered"] < count:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def returns(self, child, moment):
        """Reads how the command ended; checks that it was in time and that
        nothing more is paid for."""
        back, outcome = child.stdout.readline().strip().split(" ", 1)
        requests = self.stub.stats()["requests"]
        self.assertLess(float(back) - moment, HANDLER_LIMIT)
        self.assertLess(requests, 100)
        time.sleep(1)
        self.assertEqual(self.stub.stats()["requests"], requests)
        return outcome

    def goes_on(self, child):
        """The second run takes up where the first was ended."""
        report = json.loads(child.communicate("on\n")[0])
        self.assertEqual(child.returncode, 0)
        self.assertEqual((report["verdicts"] + report["skipped"],
                          report["errors"]), (100, 0))
        self.assertEqual(self.stub.stats()["requests"],
                         100 + report["dropped_before"])

    def interrupt(self, *command):
        child, _ = self.start(*command)
        self.wait_for_answers()
        moment = time.time()
        child.send_signal(signal.SIGINT)
        outcome = self.returns(child, moment)
        self.goes_on(child)
        return outcome

    def python(self, steps, ends_after="3600"):
        return "/usr/bin/python3", self.program("p.py", PYTHON), steps, ends_after

    def program(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def have(self, *command):
        if host.SANITIZED:
            self.skipTest("%s is not built for ASan" % command[0])
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  env=host.plain_env())
        except FileNotFoundError:
            self.skipTest("no %s here" % command[0])
        if done.returncode != 0:
            self.skipTest("%s: %s" % (command[0], done.stderr.strip()[:200]))

    def test_python_with_a_progress_handler(self):
        for steps in ("1", "100", "1000", "10000"):
            with self.subTest(steps=steps):
                self.assertIn("interrupted",
                              self.interrupt(*self.python(steps)))

    def test_a_handler_that_says_so_itself(self):
        child, _ = self.start(*self.python("10000", "1"))
        moment = time.time() + 1
        self.assertIn("interrupted", self.returns(child, moment))
        self.goes_on(child)

    def test_python_while_the_file_is_locked(self):
        child, path = self.start(*self.python("1000"))
        other = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.wait_for_answers()
        other.execute("BEGIN IMMEDIATE")
        time.sleep(0.5)
        moment = time.time()
        child.send_signal(signal.SIGINT)
        self.assertIn("interrupted", self.returns(child, moment))
        other.close()
        self.goes_on(child)

    def test_r(self):
        self.have("Rscript", "-e", "library(RSQLite)")
        self.assertIn(self.interrupt("Rscript", self.program("p.R", R)),
                      ("interrupted", "Interrupt"))

    def test_ruby(self):
        self.have("ruby", "-e", "require 'sqlite3'")
        self.assertIn("Interrupt",
                      self.interrupt("ruby", self.program("p.rb", RUBY)))

    def test_ruby_whose_child_ends(self):
        """Which makes the same mark as Ctrl-C, and is no reason to stop."""
        self.have("ruby", "-e", "require 'sqlite3'")
        child, _ = self.start("ruby", self.program(
            "p.rb", RUBY.replace('puts "ready"',
                                 'spawn("sleep 1"); puts "ready"')))
        outcome = child.stdout.readline().strip().split(" ", 1)[1]
        self.assertEqual(json.loads(outcome)["verdicts"], 100)
        child.communicate("on\n")


class Steps(host.Case):
    """What asking costs."""

    def test_ten_times_a_second(self):
        self.stub.script({"latency_ms": 1500})
        db = self.database(traces=1)
        seen = []
        db.conn.set_trace_callback(seen.append)
        start = time.monotonic()
        db.command("judge_run", "q")
        seconds = time.monotonic() - start
        db.conn.set_trace_callback(None)
        asked = [sql for sql in seen if "does the host want an end" in sql]
        self.assertGreater(len(asked), 3)
        self.assertLessEqual(len(asked), seconds / 0.1)

    def test_steps_suffice(self):
        """A handler of 10,000 steps is called each time."""
        self.stub.script({"latency_ms": 1500})
        db = self.database(traces=1)
        calls = []
        db.conn.set_progress_handler(lambda: calls.append(time.monotonic()),
                                     10000)
        db.command("judge_run", "q")
        db.conn.set_progress_handler(None, 0)
        self.assertGreater(len(calls), 3)
        gaps = [b - a for a, b in zip(calls, calls[1:])]
        self.assertLess(max(gaps), HANDLER_LIMIT)


if __name__ == "__main__":
    sys.exit(host.main())
