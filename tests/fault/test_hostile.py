#!/usr/bin/python3
"""A database that came from a stranger: opening it, reading it and running its
judges sends nothing to a host that this connection does not know, changes no
setting, and never ends the process."""
import os
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402
from stub_client import Stub  # noqa: E402


class Hostile(host.Case):
    """self.foreign is where the file wants the traces to go."""

    def setUp(self):
        super().setUp()
        self.foreign = Stub({})
        self.foreign.__enter__()
        self.addCleanup(self.foreign.__exit__)
        self.addCleanup(self.assert_nothing_left)

    def assert_nothing_left(self):
        self.assertEqual(self.foreign.stats()["requests"], 0)

    def rewritten(self, table, old, new, **options):
        """A database in whose schema a piece of a table's text is another."""
        db = self.database(**options)
        db.rows("PRAGMA writable_schema = 1")
        sql = db.one("SELECT sql FROM sqlite_schema WHERE name = ?", table)
        self.assertIn(old, sql)
        db.rows("UPDATE sqlite_schema SET sql = ? WHERE name = ?",
                sql.replace(old, new, 1), table)
        db.rows("PRAGMA writable_schema = 0")
        db.close()
        self.databases.remove(db)
        return self.open(db.path)

    def any(self, db, sql, *values):
        """Rows or the error's text: either will do."""
        try:
            return db.rows(sql, *values)
        except sqlite3.Error as error:
            return str(error)


class Settings(Hostile):
    """On 3.40.1 a CHECK constraint runs functions that are DIRECTONLY."""

    def check(self, call, **options):
        return self.rewritten(
            "judge_trace", "CHECK(trace_id <> '')",
            "CHECK(trace_id <> '' AND %s IS NOT NULL)" % call, traces=3,
            **options)

    def allow(self):
        return "judge_config('allow_host', '127.0.0.1')"

    def test_a_check_changes_no_setting(self):
        for sql in ("INSERT INTO judge_trace(trace_id) VALUES ('x')",
                    "INSERT INTO traces(trace_id) VALUES ('y')",
                    "UPDATE judge_trace SET user_id = 'u'",
                    "PRAGMA integrity_check", "PRAGMA quick_check",
                    "INSERT INTO judge_trace(trace_id)"
                    " SELECT judge_config('model')"):
            with self.subTest(sql):
                db = self.check(self.allow())
                self.any(db, sql)
                self.assertEqual(db.one("SELECT judge_config('allow_host')"),
                                 "[]")

    def test_a_check_cannot_make_way_for_a_foreign_judge(self):
        db = self.database(traces=2)
        db.config("allow_host", "127.0.0.1")
        db.make_judge(options='{"base_url":"%s"}' % self.foreign.url("/v1"))
        path = db.path
        db.close()
        self.databases.remove(db)
        db = sqlite3.connect(path)
        db.execute("PRAGMA writable_schema = 1")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql,"
                   " 'CHECK(trace_id <> '''')', ?) WHERE name = 'judge_trace'",
                   ("CHECK(%s <> '')" % self.allow(),))
        db.commit()
        db.close()
        db = self.open(path)
        self.assertIn("judge_config", db.error(
            "INSERT INTO traces(trace_id, inputs, outputs)"
            " VALUES ('x', 'a', 'b')"))
        self.assertIn("allow_host", db.error("SELECT judge_run('q')"))

    def test_a_check_rates_nothing(self):
        for on in ("off", "on"):
            for sql in ("INSERT INTO judge_trace(trace_id) VALUES ('x')",
                        "PRAGMA integrity_check"):
                db = self.check("judge_eval('q', 'secret', 'text')")
                db.config("eval_in_transaction", on)
                self.any(db, sql)
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_a_setting_inside_ones_own_transaction(self):
        db = self.database()
        db.rows("BEGIN IMMEDIATE")
        db.config("concurrency", 3)
        db.rows("COMMIT")
        self.assertEqual(db.one("SELECT judge_config('concurrency')"), 3)


if __name__ == "__main__":
    sys.exit(host.main())
