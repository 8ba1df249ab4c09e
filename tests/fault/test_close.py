#!/usr/bin/python3
"""The host closes its connection while a command runs: from another thread, in
which sqlite3_close_v2() waits for the command, and from a callback in the middle
of it, after which every statement fails. No crash, no hang, and the file holds
what had been stored: another connection goes on from there.

Each case is a process of its own, which has to end well. (Connection.close() of
Python 3.11 in another thread crashes Python after any statement that was still
running, without us, too.)"""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402

# SQLite by its C interface. Prints what became of the command and of closing.
CHILD = """
import ctypes, json, sys, threading, time
path, library, how, at, sql = sys.argv[1:]
lib = ctypes.CDLL("libsqlite3.so.0")
db, stmt = ctypes.c_void_p(), ctypes.c_void_p()
lib.sqlite3_column_text.restype = ctypes.c_char_p
lib.sqlite3_errmsg.restype = ctypes.c_char_p
assert lib.sqlite3_open(path.encode(), ctypes.byref(db)) == 0
lib.sqlite3_busy_timeout(db, 5000)
lib.sqlite3_enable_load_extension(db, 1)
assert lib.sqlite3_load_extension(db, library.encode(), None, None) == 0
seen, closed = [0], []
def close():
    closed.append(lib.sqlite3_close_v2(db))
def count(*_):
    seen[0] += 1
    if seen[0] == int(at) + 2 and not closed:
        close()
    return 0
TRACE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
                         ctypes.c_void_p, ctypes.c_void_p)(count)
STEPS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(count)
if how == "trace":
    lib.sqlite3_trace_v2(db, 1, TRACE, None)
if how == "progress":
    lib.sqlite3_progress_handler(db, 10, STEPS, None)
assert lib.sqlite3_prepare_v2(db, sql.encode(), -1, ctypes.byref(stmt),
                              None) == 0
thread = threading.Thread(target=lambda: (time.sleep(float(at)), close()))
if how == "thread":
    thread.start()
rc = lib.sqlite3_step(stmt)
text = lib.sqlite3_column_text(stmt, 0) if rc == 100 else None
if how == "thread":
    thread.join()
lib.sqlite3_finalize(stmt)
if not closed:
    close()
print(json.dumps({"rc": rc, "report": text and text.decode(),
                  "closed": closed, "seen": seen[0]}))
"""
# Runs statements, then says what sqlite3_close() says: 5 when one is left.
LEFT = """
import ctypes, sys
path, library, *script = sys.argv[1:]
lib, db = ctypes.CDLL("libsqlite3.so.0"), ctypes.c_void_p()
assert lib.sqlite3_open(path.encode(), ctypes.byref(db)) == 0
lib.sqlite3_enable_load_extension(db, 1)
assert lib.sqlite3_load_extension(db, library.encode(), None, None) == 0
for sql in script:
    lib.sqlite3_exec(db, sql.encode(), None, None, None)
print(lib.sqlite3_close(db))
"""


class Close(host.Case):
    def child(self, code, *words):
        done = subprocess.run(
            ["/usr/bin/python3", "-c", code, *map(str, words)], text=True,
            capture_output=True, timeout=60)
        host.leaks.search(done.stdout + done.stderr, "what a process wrote")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def through(self, path, how, at, sql="SELECT judge_run('q')"):
        return json.loads(self.child(CHILD, path, host.LIBRARY, how, at, sql))

    def prepared(self, **options):
        db = self.database(**options)
        db.close()
        self.databases.remove(db)
        return db.path

    def assert_goes_on(self, path, traces):
        """Another connection rates the rest."""
        db = self.open(path)
        report = db.command("judge_run", "q")
        self.assertEqual((report["traces"], report["errors"]), (traces, 0))
        self.assertEqual(db.rows(
            "SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
            " judge_assessment WHERE valid"), [(traces,) * 3])
        self.assertEqual(db.one("PRAGMA integrity_check"), "ok")

    def test_by_another_thread(self):
        """It waits; the run ends as if nothing had been."""
        for command, sql in (("judge_run", "SELECT judge_run('q')"),
                             ("judge_align", "SELECT judge_align('q')")):
            self.stub.script({"latency_ms": [20, 60]})
            path = self.prepared(traces=100, labels=20)
            said = self.through(path, "thread", 0.3, sql)
            self.assertEqual((said["rc"], said["closed"]), (100, [0]), command)
            self.assertGreater(json.loads(said["report"])["calls"], 40)
        self.assertEqual(self.open(path).one(
            "SELECT count(*) FROM judge_definition WHERE state = 'draft'"), 0)

    def test_by_another_thread_while_a_server_is_silent(self):
        """The timeout of the requests ends it."""
        self.stub.script({"faults": [{"kind": "silent"}]})
        path = self.prepared(traces=2)
        said = self.through(path, "thread", 0.3, (
            "SELECT judge_run('q') FROM (SELECT judge_config('timeout_s', 1),"
            " judge_config('retries', 0))"))
        self.assertEqual(said["closed"], [0])

    def test_in_a_callback(self):
        """Before every 13th statement, or after some steps of SQLite's own
        machine: what follows on that connection fails."""
        for how, stride in (("trace", 13), ("progress", 41)):
            at = 0
            while True:
                self.stub.script({})
                path = self.prepared(traces=6)
                said = self.through(path, how, at)
                self.assertEqual(said["closed"], [0], (how, at))
                self.assert_goes_on(path, 6)
                if said["seen"] < at + 2:
                    break
                at += stride
            self.assertGreater(at, stride)

    def test_tables_that_use_each_other(self):
        """No statement of ours stays because a trigger or view uses a table of
        ours that one of ours keeps."""
        for schema in (
                "CREATE TRIGGER t AFTER INSERT ON judge_trace BEGIN INSERT INTO"
                " assessments(trace_id, name, value)"
                " VALUES(new.trace_id, 'a', 'b'); END",
                "CREATE TRIGGER t AFTER INSERT ON judge_trace BEGIN INSERT INTO"
                " traces(outputs) VALUES('back to itself'); END",
                "CREATE TEMP TRIGGER t AFTER INSERT ON judge_trace"
                " WHEN new.trace_id <> 'once' BEGIN INSERT INTO"
                " traces(trace_id) VALUES('once'); END",
                "ALTER TABLE judge_trace RENAME TO moved;"
                "CREATE VIEW judge_trace AS SELECT * FROM moved"
                " UNION ALL SELECT m.* FROM moved m, traces"):
            said = self.child(
                LEFT, self.prepared(traces=2), host.LIBRARY, schema,
                "INSERT INTO traces(outputs) VALUES('x')",
                "SELECT count(*) FROM traces WHERE trace_id > ''")
            self.assertEqual(said, "0\n", schema)

    def test_an_alignment_in_a_callback(self):
        for at in range(0, 700, 60):
            self.stub.script({})
            path = self.prepared(traces=12, labels=12)
            said = self.through(path, "trace", at, "SELECT judge_align('q')")
            self.assertEqual(said["closed"], [0], at)
            db = self.open(path)
            report = db.command("judge_align", "q")
            self.assertEqual(report["judge"], "q@2")
            self.assertEqual(db.one("SELECT count(*) FROM judge_definition"
                                    " WHERE state = 'draft'"), 0)


if __name__ == "__main__":
    sys.exit(host.main())
