#!/usr/bin/python3
"""kill -9 (law 4): a process dies in the middle of judge_run and judge_align at
random moments. The same command again finishes, and no request is sent again
that was answered, and stored 100 ms later, before the process died."""
import json
import random
import shutil
import subprocess
import sys
import time

import host
import leaks

# An answer is in the file 100 ms after landing; the rest is for a busy machine.
STORED = 0.1 * host.PATIENCE
CHILD = """
import json, sys
sys.path.insert(0, %r)
import host
db = host.Database(sys.argv[1], timeout=30)
print("ready", flush=True)
print(json.dumps(db.command(*json.loads(sys.argv[2]))), flush=True)
""" % str(host.ROOT / "tests/net")


class Kill(host.Case):
    def child(self, path, command):
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", CHILD, path, json.dumps(command)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def kill_after(self, path, command, seconds, requests=0):
        """The moment of death, and whether the command had not ended. The
        seconds run from the moment on at which the stub has had the requests,
        so that a busy machine dies in the middle, too."""
        process = self.child(path, command)
        while (process.poll() is None and
               self.stub.stats()["requests"] < requests):
            time.sleep(0.002)
        time.sleep(seconds)
        moment = time.time()
        alive = process.poll() is None
        process.kill()
        out, errors = process.communicate()
        leaks.search(out + errors, "what a killed process wrote")
        leaks.search_database(path)
        return (moment, time.time()), alive and not out

    def finish(self, path, command):
        process = self.child(path, command)
        out, errors = process.communicate(timeout=120)
        leaks.search(out + errors, "what a process wrote")
        self.assertEqual(process.returncode, 0, errors)
        return json.loads(out)

    def prepared(self, **options):
        db = self.database(**options)
        db.close()
        self.databases.remove(db)
        return db.path

    def test_judge_run_at_20_moments(self):
        draw = random.Random(1)
        for wal in (False, True):
            self.stub.script({"latency_ms": [10, 60]})
            path = self.prepared(traces=900, wal=wal)
            command = ["judge_run", "q", {"concurrency": 4}]
            deaths = [self.kill_after(path, command, draw.uniform(0, 0.8))
                      for _ in range(10)]
            self.assertGreaterEqual(sum(alive for _, alive in deaths), 8)
            report = self.finish(path, ["judge_run", "q",
                                        {"concurrency": 32}])
            self.assertEqual(report["verdicts"] + report["skipped"], 900)
            self.assertEqual(report["errors"], 0)
            self.assertEqual(self.sent_again([m for m, _ in deaths], STORED), [])
            db = self.open(path)
            self.assertEqual(db.rows(
                "SELECT count(*), count(DISTINCT trace_id) FROM"
                " judge_assessment WHERE valid = 1"), [(900, 900)])
            self.assertEqual(db.one("PRAGMA integrity_check"), "ok")

    def test_judge_align_at_20_moments(self):
        draw = random.Random(2)
        script = {"latency_ms": [5, 25]}
        path = self.prepared(traces=60, labels=60)
        command = ["judge_align", "q", {"concurrency": 6}]
        copy = str(self.folder / "timed.db")
        shutil.copy(path, copy)
        self.stub.script(script)
        whole = self.finish(copy, command)
        died = 0
        for i in range(20):
            self.stub.script(script)
            copy = str(self.folder / ("k%d.db" % i))
            shutil.copy(path, copy)
            moment, alive = self.kill_after(copy, command,
                                            draw.uniform(0, 0.02),
                                            draw.randrange(whole["calls"]))
            died += alive
            report = self.finish(copy, command)
            self.assertEqual(self.sent_again([moment], STORED), [])
            for key in ("judge", "accuracy_before", "accuracy_after",
                        "guidelines", "examples"):
                self.assertEqual(report[key], whole[key], key)
            db = self.open(copy)
            self.assertEqual(db.rows(
                "SELECT version, state = 'draft' FROM judge_definition"
                " ORDER BY 1"), [(1, 0), (2, 0)])
            self.assertEqual(db.one("PRAGMA integrity_check"), "ok")
            db.close()
            self.databases.remove(db)
        self.assertGreaterEqual(died, 10)


if __name__ == "__main__":
    sys.exit(host.main())
