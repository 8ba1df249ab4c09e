#!/usr/bin/python3
"""The wall clock jumps by hours, forward and backward, in the middle of a run,
or is wrong from the beginning: nothing waits for it, no budget or timeout ends
by it, and waits that a server asks for by a date are those that it means.

The process under test runs with clock_shim.c preloaded."""
import json
import os
import subprocess
import sys
import tempfile
import time

import host
import leaks

HOURS = 6 * 3600
CHILD = """
import json, sys, time
sys.path.insert(0, %r)
import host
db = host.Database(sys.argv[1])
print(json.dumps(time.time()), flush=True)
for line in sys.stdin:
    sql, values = json.loads(line)
    try:
        print(json.dumps(db.rows(sql, *values)), flush=True)
    except host.sqlite3.Error as error:
        print(json.dumps({"error": str(error)}), flush=True)
""" % str(host.ROOT / "tests/net")


class Process:
    """A connection in a process whose clock is ours."""

    def __init__(self, folder, path, shift=0):
        self.clock = os.path.join(str(folder), "clock")
        self.jump(shift)
        preload = (os.environ.get("LD_PRELOAD", "") + " " + SHIM).strip()
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-c", CHILD, str(path)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=dict(os.environ, LD_PRELOAD=preload, CLOCK_SHIM=self.clock))
        self.started = self.read()

    def jump(self, seconds):
        with open(self.clock + ".new", "w") as f:
            f.write("%d\n" % seconds)
        os.replace(self.clock + ".new", self.clock)

    def send(self, sql, *values):
        self.process.stdin.write(json.dumps([sql, values]) + "\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        leaks.search(line, "what a process wrote")
        return json.loads(line)

    def rows(self, sql, *values):
        self.send(sql, *values)
        return self.read()

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Clock(host.Case):
    def process(self, shift=0, **options):
        db = self.database(**options)
        db.close()
        self.databases.remove(db)
        process = Process(self.folder, db.path, shift)
        self.addCleanup(process.end)
        self.assertAlmostEqual(process.started, time.time() + shift, delta=5)
        self.path = db.path
        return process

    def wait_for(self, answered):
        end = time.monotonic() + 30
        while self.stub.stats()["answered"] < answered:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def run_through(self, jump, **options):
        """A run of 80 traces with a jump after the first answers."""
        self.stub.script({"latency_ms": [10, 60], "faults": [
            {"first_attempts": 1, "status": 500,
             "if_user_contains": "question 3"}]})
        process = self.process(traces=80)
        start = time.monotonic()
        process.send("SELECT judge_run('q', ?)", json.dumps(
            dict(options, concurrency=4)))
        self.wait_for(15)
        process.jump(jump)
        report = json.loads(process.read()[0][0])
        took = time.monotonic() - start
        self.assertEqual((report["verdicts"], report["errors"],
                          report["retries"], report["calls"]),
                         (80, 0, 11, 91))
        self.assertNotIn("exhausted", report)
        self.assertLess(took, 20)
        self.assertGreater(report["seconds"], 0)
        self.assertLess(report["seconds"], took)
        again = json.loads(process.rows("SELECT judge_run('q')")[0][0])
        self.assertEqual((again["calls"], again["skipped"]), (0, 80))
        db = self.open(self.path)
        self.assertEqual(db.rows("SELECT min(latency_ms) >= 10, max(latency_ms)"
                                 " < 20000 FROM judge_call"), [(1, 1)])
        # The rows say when they were made by the clock of that moment.
        spread = db.one("SELECT max(created) - min(created) FROM judge_call")
        self.assertAlmostEqual(spread / 1000, abs(jump), delta=60)

    def test_forward_in_a_run(self):
        self.run_through(HOURS, max_seconds=120)

    def test_backward_in_a_run(self):
        self.run_through(-HOURS, max_seconds=120)

    def test_a_time_budget_ends_by_its_seconds(self):
        for jump in (HOURS, -HOURS):
            self.stub.script({"latency_ms": 100})
            process = self.process(traces=200)
            start = time.monotonic()
            process.send("SELECT judge_run('q', '{\"max_seconds\":1.5,"
                         "\"concurrency\":2}')")
            self.wait_for(4)
            process.jump(jump)
            report = json.loads(process.read()[0][0])
            took = time.monotonic() - start
            self.assertEqual(report["exhausted"], "max_seconds")
            self.assertGreater(took, 1.4)
            self.assertLess(took, 1.5 + 0.2 * host.PATIENCE)

    def test_while_it_waits_to_try_again(self):
        """Also a pause that the next command has to wait for."""
        for jump in (HOURS, -HOURS):
            self.stub.script({"faults": [{"on": [1], "status": 429,
                                          "retry_after": "2"}]})
            process = self.process(traces=2)
            process.send("SELECT judge_run('q', '{\"limit\":1}')")
            while self.stub.stats()["requests"] < 1:
                time.sleep(0.005)
            process.jump(jump)
            report = json.loads(process.read()[0][0])
            self.assertEqual((report["verdicts"], report["retries"]), (1, 1))
            times = [e["time"] for e in self.requests()]
            self.assertGreater(times[1] - times[0], 1.9)
            self.assertLess(times[1] - times[0], 2 + 2 * host.PATIENCE)

    def test_a_date_to_retry_after_under_a_wrong_clock(self):
        """The server's own clock is what its date is to be read by."""
        for shift in (HOURS, -HOURS):
            with self.subTest(shift=shift):
                self.stub.script({"faults": [{"on": [1], "status": 503,
                                              "retry_after_date_s": 2}]})
                process = self.process(shift=shift, traces=1)
                report = json.loads(process.rows(
                    "SELECT judge_run('q')")[0][0])
                self.assertEqual((report["verdicts"], report["retries"]),
                                 (1, 1))
                times = [e["time"] for e in self.requests()]
                self.assertGreater(times[1] - times[0], 0.9)
                self.assertLess(times[1] - times[0], 2 + 2 * host.PATIENCE)

    def test_the_latest_label_counts_whatever_the_clock_says(self):
        process = self.process(traces=1)
        for label, jump in (("bad", 0), ("good", -HOURS), ("bad", HOURS),
                            ("good", -2 * HOURS)):
            process.jump(jump)
            process.rows("INSERT INTO assessments(trace_id, name, value,"
                         " source_type, source_id) VALUES ('t001', 'q', ?,"
                         " 'HUMAN', 'ann')", label)
            self.assertEqual(process.rows(
                "SELECT value FROM assessments WHERE source_type = 'HUMAN'"
                " AND valid"), [[label]])

    def test_the_newest_version_counts_whatever_the_clock_says(self):
        process = self.process(traces=12, labels=12)
        process.jump(-HOURS)
        made = json.loads(process.rows(
            "SELECT make_judge('q', 'Is {{ outputs }} good?', 'openai:/m',"
            " ?)", host.SCALE)[0][0])
        self.assertEqual(made["judge"], "q@2")
        report = json.loads(process.rows("SELECT judge_run('q')")[0][0])
        self.assertEqual((report["judge"], report["verdicts"]), ("q@2", 12))
        self.assertEqual(process.rows(
            "SELECT judge, count(*) FROM judge_pairs"), [["q@2", 12]])


def build(folder):
    shim = os.path.join(folder, "clock.so")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", shim,
                    str(host.ROOT / "tests/net/clock_shim.c"), "-ldl"],
                   env=host.plain_env(), check=True)
    return shim


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="judge-clock-") as FOLDER:
        SHIM = build(FOLDER)
        sys.exit(host.main())
