#!/usr/bin/python3
"""A disk that is full, a file that grows no more, a folder that turns read-only,
a file that is moved away: in the middle of a run. What has landed stays with the
connection, the error says what is wrong and what to do, and the next command
writes it and asks only for the rest."""
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402

LONG = {"kind": "constant", "result": "good", "rationale": "so it is " * 200}
COUNT = 60


class Storage(host.Case):
    script = {"model": LONG, "latency_ms": [30, 80]}

    def assert_error(self, text, why):
        self.assertRegex(text, "^judge_run: .*(%s).*: [0-9]+ answers are kept"
                         " in this connection and .*: put it right and run it"
                         " again$" % why)

    def assert_whole(self, db):
        self.assertEqual(self.stub.stats()["requests"], COUNT)
        self.assertEqual(db.rows(
            "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
            " judge_assessment WHERE valid"), [(COUNT,) * 3])
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), COUNT)
        self.assertEqual(db.one("PRAGMA integrity_check"), "ok")


class Pages(Storage):
    """SQLite's own limit of a file."""

    def full(self, **options):
        db = self.database(traces=COUNT, **options)
        db.rows("PRAGMA max_page_count = %d" % (
            db.one("PRAGMA page_count") + 10))
        self.assert_error(self.error(db), "full")
        self.assertFalse(db.conn.in_transaction)
        sent = self.stub.stats()["requests"]
        self.assertGreater(sent, 4)
        self.assertLess(sent, COUNT)
        return db, sent

    def error(self, db):
        return db.error("SELECT judge_run('q', '{\"concurrency\":4}')")

    def finish(self, db, sent):
        db.rows("PRAGMA max_page_count = 1000000")
        report = db.command("judge_run", "q")
        self.assertEqual((report["traces"], report["errors"], report["calls"]),
                         (COUNT, 0, COUNT - sent))
        self.assert_whole(db)
        self.assertEqual(db.command("judge_run", "q")["calls"], 0)

    def test_full(self):
        for wal in (False, True):
            with self.subTest(wal=wal):
                self.stub.script(self.script)
                self.finish(*self.full(wal=wal))

    def test_still_full(self):
        """Nothing is sent as long as what was answered has no room."""
        db, sent = self.full()
        for _ in range(2):
            self.assert_error(self.error(db), "full")
        self.assertEqual(self.stub.stats()["requests"], sent)
        self.finish(db, sent)

    def test_an_interrupt_while_the_rest_lands(self):
        """Full, with calls in flight that never land: Ctrl-C ends it."""
        self.stub.script(dict(self.script, faults=[
            {"on": [5, 6], "kind": "silent"}]))
        db = self.database(traces=COUNT)
        db.rows("PRAGMA max_page_count = %d" % (
            db.one("PRAGMA page_count") + 10))
        answered = [0, 0]

        def settled():
            """No more is answered for 0.3 s."""
            now = self.stub.stats()["answered"]
            if now != answered[0]:
                answered[:] = now, time.monotonic()
            return now > 8 and time.monotonic() - answered[1] > 0.3
        thread = host.interrupt_after(db, 0, settled)
        self.error(db)
        end = time.monotonic()
        thread.join()
        self.assertLess(end - thread.moment, 0.2 * host.PATIENCE)
        sent = self.stub.stats()["requests"]
        db.rows("PRAGMA max_page_count = 1000000")
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["dropped_before"]),
                         (COUNT - sent + 2, 2))


class Refused(host.Case):
    """The answers can be written, what is made of them cannot."""

    def refused(self, table, call, what):
        db = self.database(traces=20)
        db.rows("CREATE TRIGGER never BEFORE INSERT ON %s BEGIN"
                " SELECT RAISE(ABORT, 'not on a Sunday'); END" % table)
        self.assertRegex(db.error(call), (
            "[0-9]+ %s could not be written: not on a Sunday. Their answers are"
            " stored: put it right and run it again, it costs nothing" % what))
        sent = self.stub.stats()["requests"]
        db.rows("DROP TRIGGER never")
        report = json.loads(db.one(call))
        self.assertEqual(report["errors"], 0)
        self.assertEqual(report["calls"], 20 - sent)
        self.assertEqual(self.stub.stats()["requests"], 20)

    def test_verdicts(self):
        self.refused("judge_assessment", "SELECT judge_run('q')", "verdicts")

    def test_traces(self):
        inputs = json.dumps({"inputs": ["about %d" % i for i in range(20)]})
        self.refused("judge_trace", "SELECT judge_generate('openai:/m',"
                     " '{{ inputs }}', '%s')" % inputs, "traces")


# A process of its own: it runs judge_run, says how that ended, waits for a line
# and runs it again on the same connection.
CHILD = """
import json, os, resource, sys
sys.path.insert(0, %r)
import host
how, path = sys.argv[1:3]
if how == "nobody" and os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
db = host.Database(path)
if how == "small":
    size = 100000
    if not os.path.exists(path + "-wal"):
        size += os.path.getsize(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
def say(**what):
    print(json.dumps(what), flush=True)
def run():
    try:
        say(report=db.command("judge_run", "q", {"concurrency": 4}))
    except host.sqlite3.Error as error:
        say(error=str(error), open=db.conn.in_transaction)
say(ready=1)
sys.stdin.readline()
run()
sys.stdin.readline()
if how == "small":
    resource.setrlimit(resource.RLIMIT_FSIZE,
                       (resource.RLIM_INFINITY,) * 2)
run()
run()
""" % str(host.ROOT / "tests/net")


class Process(Storage):
    """The same with real files and limits."""

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)

    def child(self, how, path):
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", CHILD, how, str(path)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(self.said(process), {"ready": 1})
        return process

    def said(self, process):
        line = process.stdout.readline()
        host.leaks.search(line, "what a process wrote")
        return json.loads(line)

    def go(self, process):
        process.stdin.write("go\n")
        process.stdin.flush()

    def prepared(self, wal=False):
        """A file alone in its folder."""
        db = self.database(traces=COUNT, wal=wal)
        db.close()
        self.databases.remove(db)
        place = self.folder / ("of-%d" % self.number)
        place.mkdir(exist_ok=True)
        os.chmod(place, 0o777)
        path = place / "t.db"
        shutil.move(db.path, path)
        os.chmod(path, 0o666)
        return path

    def through(self, how, path, broken, mended, why):
        """broken() comes when a few answers have landed."""
        self.stub.script(self.script)
        process = self.child(how, path)
        self.go(process)
        while self.stub.stats()["answered"] < 8:
            time.sleep(0.005)
        broken()
        said = self.said(process)
        self.assertIn("error", said)
        self.assertFalse(said["open"])
        self.assert_error(said["error"], why)
        first = self.stub.stats()["requests"]
        self.assertLess(first, COUNT)
        mended()
        self.go(process)
        second, third = self.said(process), self.said(process)
        self.assertEqual((second["report"]["traces"],
                          second["report"]["errors"]), (COUNT, 0), second)
        self.assertEqual(second["report"]["calls"], COUNT - first)
        self.assertEqual(third["report"]["calls"], 0)
        self.assert_whole(self.open(path))

    def test_a_file_that_may_not_grow(self):
        for wal in (False, True):
            with self.subTest(wal=wal):
                self.through("small", self.prepared(wal), lambda: None,
                             lambda: None, "disk I/O error")

    def test_a_folder_that_turns_read_only(self):
        """In WAL mode, once the WAL is open, nobody needs the folder. Root is
        not kept out of one."""
        if os.getuid() == 0 and subprocess.run(
                ["test", "-r", host.LIBRARY, "-a", "-r", host.__file__],
                user=65534, check=False).returncode != 0:
            self.skipTest("the user nobody cannot read %s" % host.LIBRARY)
        path = self.prepared()
        self.through("nobody", path, lambda: os.chmod(path.parent, 0o555),
                     lambda: os.chmod(path.parent, 0o777), "readonly|disk I/O")

    def test_a_file_that_is_moved_away(self):
        path = self.prepared()
        away = path.with_name("away.db")
        self.through("plain", path, lambda: os.rename(path, away),
                     lambda: os.rename(away, path), "readonly|disk I/O")

    def test_a_folder_that_is_moved_away(self):
        path = self.prepared()
        away = path.parent.with_name("elsewhere")
        self.through("plain", path, lambda: os.rename(path.parent, away),
                     lambda: os.rename(away, path.parent), "readonly|disk I/O")

    def test_a_file_that_is_replaced(self):
        """Another file stands in its place: nothing of ours goes there."""
        path = self.prepared()
        away = path.with_name("away.db")

        def replace():
            os.rename(path, away)
            path.write_bytes(b"something else")

        def put_back():
            self.assertEqual(path.read_bytes(), b"something else")
            os.rename(away, path)
        self.through("plain", path, replace, put_back, "readonly|disk I/O")


if __name__ == "__main__":
    sys.exit(host.main())
