#!/usr/bin/python3
"""The search for planted secrets finds what it is to find, and every test of
the network goes through it."""
import base64
import re
import sys
from pathlib import Path

import host
import leaks
import net_bench

HERE = Path(__file__).resolve().parent
SECRET = leaks.plant("leaks-planted-2f6ad0937be1")


class Search(host.Case):
    script = None

    def found(self, action, *values):
        with self.assertRaisesRegex(AssertionError, "a secret stands in"):
            action(*values)

    def test_each_form(self):
        raw = SECRET.encode()
        for data in (raw, b"x" + raw + b"y", raw[:-leaks.CUT], SECRET,
                     raw.hex(), base64.b64encode(raw),
                     "Basic " + base64.b64encode(raw).decode()):
            self.found(leaks.search, data, "a test")
        leaks.search("leaks-planted-2f6a", "another text")

    def test_each_place(self):
        for mode, ending in (("delete", ""), ("wal", "-wal")):
            folder = self.folder / mode
            folder.mkdir()
            db = host.Database(folder / "t.db")
            db.conn.execute("PRAGMA journal_mode = " + mode).fetchall()
            db.conn.execute("CREATE TABLE t(x)")
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.conn.execute("INSERT INTO t VALUES (?)", (SECRET,))
            self.found(leaks.search_file, db.path + ending)
            self.found(leaks.search_database, db.path)
            self.found(leaks.search_folder, folder)
            self.found(db.rows, "SELECT x FROM t")
            self.found(db.error, "SELECT json_extract('{}', '$' || x) FROM t")
            self.found(db.close)
            db.conn.close()
            (folder / "t.db").unlink()

    def test_stderr(self):
        code = ("import os, sys; sys.path.insert(0, %r); import leaks\n"
                "leaks.plant(sys.argv[1])\n"
                "with leaks.stderr_searched():\n"
                "    os.write(2, sys.argv[1].encode())\n" % str(HERE))
        done = host.subprocess.run(["/usr/bin/python3", "-c", code, SECRET],
                                   capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("a secret stands in stderr", done.stderr)

    def test_the_bench(self):
        for sql in ("SELECT ?", "SELECT json_extract('{}', '$' || ?)",
                    "CREATE TEMP TABLE t AS SELECT ?"):
            with net_bench.Bench(None, n=0) as b:
                if "TABLE" in sql:
                    b.sql(sql, SECRET)
                    self.found(b.sql, "SELECT * FROM t")
                else:
                    self.found(b.sql, sql, SECRET)
        with self.assertRaisesRegex(AssertionError, "a secret stands in"):
            with net_bench.Bench(None, n=1) as b:
                b.sql("UPDATE judge_trace SET inputs = ?", SECRET)

    def test_no_test_goes_around_it(self):
        for path in sorted(HERE.glob("test_*.py")):
            text = path.read_text()
            if path.name == "test_stub.py":
                continue  # the stub alone
            self.assertTrue(
                re.search(r"^import (host|leaks)$|^from net_bench import",
                          text, re.MULTILINE), path.name)
            # Connections of their own are to what others have searched.
            if "def main" not in text:
                self.assertRegex(text, r"sys\.exit\((host\.)?main\(\)\)",
                                 path.name)


if __name__ == "__main__":
    sys.exit(host.main())
