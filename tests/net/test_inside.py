#!/usr/bin/python3
"""judge_eval inside a query: where its answers are, case by case (the table of
docs/concepts.md), and that no one is paid for twice."""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

import host

OVER = "SELECT count(judge_eval('q', trace_id)) FROM traces"


class Inside(host.Case):
    def stored(self, path):
        """As another process sees it."""
        reader = sqlite3.connect(path, timeout=0)
        count = reader.execute("SELECT count(*) FROM judge_call_body"
                               ).fetchone()[0]
        reader.close()
        return count

    def sent(self):
        return self.stub.stats()["requests"]

    def reopen(self, db, **options):
        db.close()
        self.databases.remove(db)
        return self.open(db.path, **options)

    def assert_stored(self, path, count):
        """They are in the file, and nobody holds a lock."""
        self.assertEqual(self.stored(path), count)
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        other.execute("COMMIT")
        other.close()


class Autocommit(Inside):
    """Stored row by row while the query runs."""

    def row_by_row(self, wal):
        db = self.database(traces=5, wal=wal)
        cursor = db.conn.execute("SELECT judge_eval('q', trace_id) FROM traces")
        for i in range(1, 6):
            self.assertIsNotNone(cursor.fetchone())
            self.assertGreaterEqual(self.stored(db.path), i)
        cursor.close()
        db.rows("SELECT judge_eval('q', trace_id) FROM judge_trace")
        self.assertEqual(self.sent(), 5)
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["cached"]), (0, 5))
        self.assert_stored(db.path, 5)

    def test_rollback_journal(self):
        self.row_by_row(wal=False)

    def test_wal(self):
        self.row_by_row(wal=True)

    def test_wal_when_another_process_commits(self):
        """The query's snapshot cannot write then, and does not see what we
        store meanwhile."""
        db = self.database(traces=6, wal=True)
        other = sqlite3.connect(db.path, timeout=5, isolation_level=None)
        other.execute("CREATE TABLE w(x)")
        cursor = db.conn.execute(
            "SELECT judge_eval('q', t.trace_id) FROM (SELECT 1 AS turn UNION "
            "ALL SELECT 2) CROSS JOIN judge_trace t")
        for i in range(1, 13):
            self.assertIsNotNone(cursor.fetchone())
            self.assertGreaterEqual(self.stored(db.path), min(i, 6))
            other.execute("INSERT INTO w VALUES (1)")
        cursor.close()
        other.close()
        self.assertEqual(self.sent(), 6)
        self.assert_stored(db.path, 6)
        self.assertEqual(db.rows("PRAGMA journal_mode = delete"), [("delete",)])

    def test_the_host_may_write_between_the_rows(self):
        for wal in (False, True):
            self.stub.script({})
            db = self.database(traces=4, wal=wal)
            db.rows("CREATE TABLE result(value)")
            for (value,) in db.conn.execute(
                    "SELECT judge_eval('q', trace_id) FROM judge_trace"):
                db.rows("INSERT INTO result VALUES (?)", value)
            self.assertEqual(db.one("SELECT count(*) FROM result"), 4)
            self.assert_stored(db.path, 4)
            self.assertEqual(self.sent(), 4)

    def test_last_insert_rowid_is_the_hosts(self):
        db = self.database(traces=2)
        db.rows("CREATE TABLE own(id INTEGER PRIMARY KEY)")
        db.rows("INSERT INTO own VALUES (4711)")
        db.rows(OVER)
        self.assertEqual(db.one("SELECT last_insert_rowid()"), 4711)

    def test_three_times_by_the_shell(self):
        shell = shutil.which("sqlite3")
        if not shell or host.SANITIZED:
            self.skipTest("no sqlite3 shell to load into")
        for wal in (False, True):
            self.stub.script({})
            path = self.database(traces=6, wal=wal).path
            for _ in range(3):
                done = subprocess.run(
                    [shell, path, ".load " + host.LIBRARY.removesuffix(".so"),
                     OVER], capture_output=True, text=True)
                self.assertEqual((done.stdout.strip(), done.stderr), ("6", ""))
                self.assert_stored(path, 6)
            self.assertEqual(self.sent(), 6)

    def test_kill(self):
        """What a row has returned is in the file."""
        code = ("import host, os, sys\n"
                "db = host.Database(sys.argv[1])\n"
                "rows = db.conn.execute(\"SELECT judge_eval('q', trace_id)"
                " FROM traces\")\n"
                "for _ in range(3): rows.fetchone()\n"
                "os.kill(os.getpid(), 9)\n")
        for wal in (False, True):
            self.stub.script({})
            path = self.database(traces=5, wal=wal).path
            done = subprocess.run(
                ["/usr/bin/python3", "-c", "import sys; sys.path.insert(0, %r)\n"
                 % str(host.ROOT / "tests/net") + code, path])
            self.assertEqual(done.returncode, -signal.SIGKILL)
            self.assertGreaterEqual(self.stored(path), 3)
            db = self.open(path)
            self.assertEqual(db.one(OVER), 5)
            self.assertLessEqual(self.sent(), 6)
            self.assertEqual(db.one("PRAGMA integrity_check"), "ok")

    def test_embeddings_too(self):
        db = self.database(traces=14, labels=12)
        db.config("embedding_model", "openai:/e")
        aligned = db.command("judge_align", "q")["judge"]
        before = self.sent()
        for _ in range(2):
            db.rows("SELECT judge_eval(?, trace_id) FROM traces WHERE trace_id"
                    " >= 't013'", aligned)
            db = self.reopen(db)
            db.config("embedding_model", "openai:/e")
        self.assertEqual(self.sent() - before, 4)

    def test_over_the_stored_calls_themselves(self):
        """Each row of the query would make another, without an end."""
        self.stub.script({"faults": [{"status": 500}]})
        for wal in (False, True):
            db = self.database(traces=3, wal=wal)
            db.config("retries", 0)
            db.rows("SELECT judge_eval('q', trace_id) FROM traces")
            self.assertEqual(db.one("SELECT count(*) FROM judge_call"), 3)
            self.assertEqual(len(db.rows(
                "SELECT judge_eval('q', trace_id) FROM judge_call"
                " WHERE status = 'error'")), 3)
            self.assertEqual(db.one("SELECT count(*) FROM judge_call"), 6)
            self.assertEqual(len(db.rows(
                "SELECT judge_eval('q', trace_id) FROM judge_cost_call"
                " WHERE status = 'error'")), 6)
            self.assertEqual(db.one("SELECT count(*) FROM judge_call"), 12)

    def test_an_interrupt_loses_none(self):
        self.stub.script({"latency_ms": 150})
        db = self.database(traces=20)
        thread = host.interrupt_after(
            db, 0.2, lambda: self.stub.stats()["answered"] >= 2)
        with self.assertRaises(sqlite3.Error):
            db.rows("SELECT judge_eval('q', trace_id) FROM traces")
        thread.join()
        db = self.reopen(db)
        self.assertGreaterEqual(self.stored(db.path),
                                self.stub.stats()["answered"] - 1)


class Transaction(Inside):
    """In memory, for the next command or the end of the connection."""

    def test_the_next_command_stores(self):
        for wal in (False, True):
            self.stub.script({})
            db = self.database(traces=4, wal=wal)
            db.rows("BEGIN")
            db.rows(OVER)
            db.rows(OVER)
            self.assertEqual(self.stored(db.path), 0)
            db.rows("COMMIT")
            self.assertEqual(db.command("judge_run", "q")["calls"], 0)
            self.assert_stored(db.path, 4)
            self.assertEqual(self.sent(), 4)

    def test_the_host_may_go_on_to_write(self):
        """Behind a snapshot that is not the newest it could not."""
        db = self.database(traces=2, wal=True)
        db.rows("BEGIN")
        db.rows(OVER)
        db.add_traces(1, first=9)
        db.rows("COMMIT")
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 3)

    def test_closing_stores(self):
        for wal in (False, True):
            for end in ("COMMIT", "ROLLBACK", None):
                self.stub.script({})
                db = self.database(traces=4, wal=wal)
                db.rows("BEGIN")
                db.rows(OVER)
                if end:
                    db.rows(end)
                db = self.reopen(db)
                self.assert_stored(db.path, 4)
                self.assertEqual(db.one(OVER), 4)
                self.assertEqual(self.sent(), 4)

    def test_a_query_outside_stores(self):
        db = self.database(traces=4)
        db.rows("BEGIN")
        db.rows(OVER)
        db.rows("COMMIT")
        db.rows(OVER)
        self.assertEqual(self.sent(), 4)
        self.assert_stored(db.path, 4)

    def test_in_a_statement_that_writes(self):
        for wal in (False, True):
            for fails in (False, True):
                self.stub.script({})
                db = self.database(traces=4, wal=wal)
                db.config("eval_in_transaction", "on")
                db.rows("CREATE TABLE result(x, n UNIQUE)")
                sql = ("INSERT INTO result SELECT judge_eval('q', trace_id),"
                       " %s FROM traces" % ("1" if fails else "NULL"))
                if fails:
                    self.assertIn("UNIQUE", db.error(sql))
                else:
                    db.rows(sql)
                paid = self.sent()
                self.assertEqual(self.stored(db.path), 0)
                db = self.reopen(db)
                self.assert_stored(db.path, paid)
                self.assertEqual(db.one(OVER), 4)
                self.assertEqual(self.sent(), 4)

    def test_a_file_with_odd_names(self):
        for name in ("a b%41?c&d=e#f.db", "ü.db"):
            self.stub.script({})
            path = str(self.folder / name)
            uri = "file:" + "".join(
                c if c.isalnum() and c.isascii() or c in "/.-" else "".join(
                    "%%%02X" % b for b in c.encode()) for c in path)
            db = self.open(uri + "?cache=shared&psow=0", uri=True)
            db.rows("SELECT judge_init()")
            db.make_judge()
            db.add_traces(2)
            db.rows("BEGIN")
            db.rows(OVER)
            db.rows("COMMIT")
            db.path = path
            db = self.reopen(db)
            self.assert_stored(path, 2)

    def test_another_vfs(self):
        db = self.open("file:%s?vfs=unix-dotfile" % (self.folder / "dot.db"),
                       uri=True)
        db.rows("SELECT judge_init()")
        db.make_judge()
        db.add_traces(2)
        db.rows("BEGIN")
        db.rows(OVER)
        db.rows("COMMIT")
        db.conn.close()
        self.databases.remove(db)
        self.assertFalse((self.folder / "dot.db.lock").exists())
        self.assert_stored(str(self.folder / "dot.db"), 2)


class Unwritable(Inside):
    """The answers end with their connection."""

    def test_a_read_only_file(self):
        path = self.database(traces=3).path
        for turn in range(2):
            db = self.open("file:%s?mode=ro" % path, uri=True)
            db.rows(OVER)
            db.rows(OVER)
            self.assertEqual(self.sent(), 3 * (turn + 1))
            self.databases.remove(db)
            db.conn.close()
            self.assert_stored(path, 0)

    def test_query_only(self):
        db = self.database(traces=3)
        db.rows("PRAGMA query_only = 1")
        db.rows(OVER)
        db.rows(OVER)
        self.assertEqual(self.sent(), 3)
        db = self.reopen(db)
        self.assert_stored(db.path, 0)

    def test_a_memory_database(self):
        for name in (":memory:", ""):
            self.stub.script({})
            db = self.open(name)
            db.rows("SELECT judge_init()")
            db.make_judge()
            db.add_traces(3)
            db.rows(OVER)
            self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 3)
            db.rows("BEGIN")
            db.add_traces(1, first=7)
            db.rows("COMMIT")
            db.rows("BEGIN")
            db.rows(OVER)
            db.rows("COMMIT")
            self.assertEqual(self.sent(), 4)
            self.assertEqual(db.command("judge_run", "q")["calls"], 0)
            self.databases.remove(db)
            db.conn.close()


class Locked(Inside):
    def test_another_process_reads(self):
        """A rollback journal: no commit as long as anybody else reads."""
        db = self.database(traces=5)
        other = sqlite3.connect(db.path, isolation_level=None)
        reading = other.execute("SELECT trace_id FROM judge_trace")
        reading.fetchone()
        db.rows(OVER)
        db.rows(OVER)
        self.assertEqual(self.sent(), 5)
        self.assertEqual(self.stored(db.path), 0)
        reading.close()
        other.close()
        db.rows(OVER)
        self.assert_stored(db.path, 5)
        self.assertEqual(self.sent(), 5)

    def test_another_process_writes(self):
        for wal in (False, True):
            self.stub.script({})
            db = self.database(traces=5, wal=wal)
            other = sqlite3.connect(db.path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            db.rows(OVER)
            self.assertEqual(self.sent(), 5)
            self.assertEqual(self.stored(db.path), 0)
            thread = threading.Timer(0.5, lambda: os.write(wake, b"x"))
            ready, wake = os.pipe()
            closing = threading.Thread(target=db.conn.close)
            thread.start()
            closing.start()
            os.read(ready, 1)
            other.execute("COMMIT")
            closing.join()
            thread.join()
            other.close()
            self.databases.remove(db)
            self.assert_stored(db.path, 5)

    def test_two_queries_at_once(self):
        """Neither can commit while the other one reads."""
        self.stub.script({"latency_ms": 30})
        path = self.database(traces=6).path
        code = ("import host, sys\n"
                "db = host.Database(sys.argv[1])\n"
                "db.rows(\"%s\")\n" % OVER +
                "db.close()\n")
        run = ["/usr/bin/python3", "-c", "import sys; sys.path.insert(0, %r)\n"
               % str(host.ROOT / "tests/net") + code, path]
        both = [subprocess.Popen(run) for _ in range(2)]
        self.assertEqual([p.wait() for p in both], [0, 0])
        self.assert_stored(path, 6)
        self.assertLessEqual(self.sent(), 12)


class Room(Inside):
    """Answers that cannot be stored are kept up to keep_mib, and none is paid
    for that might not fit."""

    BIG = {"model": {"kind": "constant", "result": "good",
                     "rationale": "x" * (5 << 20)}}

    def test_the_setting(self):
        db = self.empty()
        self.assertEqual(db.one("SELECT judge_config('keep_mib')"), 256)
        db.config("keep_mib", 64)
        self.assertEqual(db.one("SELECT judge_config('keep_mib')"), 64)
        for bad in (31, 65537, "much"):
            self.assertIn("keep_mib must be a whole number from 32 to 65536",
                          db.error("SELECT judge_config('keep_mib', ?)", bad))

    def test_no_answer_is_forgotten(self):
        db = self.database(traces=8)
        self.stub.script(self.BIG)
        db.config("keep_mib", 32)
        db.rows("BEGIN")
        text = db.error(OVER)
        self.assertRegex(text, r"judge_eval: \d+ answers \(\d+ MiB\) could not "
                         r"be stored yet .*'keep_mib'\) = 32 allows.*COMMIT")
        paid = self.sent()
        self.assertGreaterEqual(paid, 3)
        self.assertIn("COMMIT", db.error(OVER))
        self.assertEqual(self.sent(), paid)
        db.rows("COMMIT")
        report = db.command("judge_run", "q")
        self.assertEqual((report["verdicts"], report["calls"]), (8, 8 - paid))
        self.assertEqual(self.sent(), 8)

    def test_a_read_only_file_says_so(self):
        path = self.database(traces=8).path
        self.stub.script(self.BIG)
        db = self.open("file:%s?mode=ro" % path, uri=True)
        db.config("keep_mib", 32)
        self.assertIn("open the file so that it can", db.error(OVER))
        self.assertLessEqual(self.sent(), 4)
        self.databases.remove(db)
        db.conn.close()


if __name__ == "__main__":
    sys.exit(host.main())
