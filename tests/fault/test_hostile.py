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
        return ("judge_config('allow_host', '127.0.0.1:%d')"
                % self.foreign.port)

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


class Tables(Hostile):
    """Tables as our schema would not have them."""

    POISON = (None, b"\xff\x00\xfe", '{"a":', -9223372036854775808)
    STATEMENTS = (
        "SELECT judge_init()", "SELECT * FROM traces",
        "SELECT * FROM assessments", "SELECT * FROM judges",
        "SELECT judge_instructions('q')", "SELECT judge_prompt('q', 't001')",
        "SELECT judge_prompt('o', 't001')",
        "SELECT * FROM judge_compare('q@1', 'q@2')",
        "SELECT * FROM judge_disagreements('q')", "SELECT * FROM judge_pairs",
        "SELECT judge_eval('q', 't001')", "SELECT judge_run('q@1')",
        "SELECT judge_run('q', '{\"redo\":true}')",
        "SELECT judge_run('o', '{\"max_cost\":0.001}')",
        "SELECT judge_run('o')", "SELECT judge_align('q')",
        "SELECT judge_align('o', '{\"max_calls\":3}')",
        "SELECT judge_register('q', 'z')", "SELECT judge_unregister('q')",
        "SELECT make_judge('q', 'Is {{ outputs }} good?', 'local:/lexical')",
        "INSERT INTO traces(trace_id, inputs) VALUES ('n', 'i')",
        "INSERT INTO assessments(trace_id, name, value, source_type)"
        " VALUES ('t001', 'q', 'good', 'HUMAN')",
        "UPDATE assessments SET value = 'bad'", "DELETE FROM assessments",
        "DELETE FROM traces")

    def template(self):
        db = self.database(traces=12, labels=12)
        db.make_judge("o")
        db.add_labels(12, name="o")
        db.rows("DROP TRIGGER IF EXISTS judge_definition_fixed")
        db.rows("UPDATE judge_definition SET model = 'local:/lexical'"
                " WHERE name = 'q'")
        db.command("judge_align", "q")
        db.command("judge_run", "q@1")
        db.command("judge_run", "o")
        db.rows("INSERT INTO judge_guideline VALUES"
                " (1, (SELECT max(definition_id) FROM judge_definition), 0,"
                " 'be brief', 'human', 0)")
        db.rows("INSERT INTO judge_price VALUES ('openai:/m', 1, 2, NULL)")
        columns = db.rows(
            "SELECT t.name, c.name FROM sqlite_schema t,"
            " pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name"
            " IN ('judge_trace', 'judge_assessment', 'judge_definition',"
            " 'judge_guideline', 'judge_example', 'judge_crossfit',"
            " 'judge_call_body', 'judge_price', 'judge_split', 'judge_meta')")
        db.close()
        self.databases.remove(db)
        return Path(db.path).read_bytes(), columns

    def poison(self, path, table, column, value, few):
        """The table without any constraint, and a value where it hurts."""
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA synchronous = off")
        for kind, name in db.execute(
                "SELECT type, name FROM sqlite_schema WHERE type = 'trigger' OR"
                " (type = 'index' AND tbl_name = ? AND sql IS NOT NULL)",
                (table,)).fetchall():
            db.execute("DROP %s %s" % (kind, name))
        names = [r[1] for r in db.execute("PRAGMA table_info(%s)" % table)]
        rows = db.execute("SELECT * FROM %s" % table).fetchall()
        db.execute("DROP TABLE %s" % table)
        db.execute("CREATE TABLE %s(%s)" % (table, ", ".join(names)))
        db.executemany("INSERT INTO %s VALUES (%s)" % (
            table, ", ".join("?" * len(names))), rows)
        db.execute("UPDATE %s SET %s = ?%s" % (
            table, column, " WHERE rowid % 2" if few else ""), (value,))
        db.close()

    def test_every_column(self):
        image, columns = self.template()
        self.assertGreater(len(columns), 80)
        path = self.folder / "poisoned.db"
        for at, (table, column) in enumerate(columns):
            # NULL everywhere, since that is what our schema forbids; the
            # others in turn.
            for value in (None, self.POISON[1 + at % 3]):
                path.write_bytes(image)
                self.poison(path, table, column, value, few=at % 2)
                self.assertEqual(self.in_child(path), "",
                                 (table, column, value))

    def in_child(self, path):
        """Runs the statements in a process of their own, which may crash; what
        was wrong."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            said = b"a Python error"
            try:
                said = self.run_all(path).encode()
            finally:
                os.write(write, said)
                os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read().decode()
        status = os.waitpid(child, 0)[1]
        return said if status == 0 else "ended with status %d" % status

    def run_all(self, path):
        db = host.Database(path, timeout=0.1)
        db.conn.text_factory = bytes
        for sql in self.STATEMENTS:
            try:
                self.any(db, sql)
            except UnicodeDecodeError as error:
                return "%s: the error's text is no text: %s" % (sql, error)
            if db.conn.in_transaction:
                return sql + ": a transaction is open"
        db.close()
        return ""

    def test_a_row_that_is_not_whole_says_so(self):
        image, _ = self.template()
        path = self.folder / "poisoned.db"
        for column in ("feedback_name", "model", "value_type"):
            path.write_bytes(image)
            self.poison(path, "judge_definition", column, None, False)
            db = host.Database(path)
            self.assertIn("has no %s" % column,
                          db.error("SELECT judge_prompt('q@1', 't001')"))
            db.close()

    def test_a_price_that_is_none(self):
        """It would make a budget that never ends."""
        for price in (-1, "free", None, b"0"):
            db = self.database(traces=3)
            db.close()
            self.databases.remove(db)
            plain = sqlite3.connect(db.path)
            plain.execute("INSERT INTO judge_price VALUES ('openai:/m', 1, 1,"
                          " NULL)")
            plain.commit()
            plain.close()
            self.poison(db.path, "judge_price", "input_per_million", price,
                        False)
            db = self.open(db.path)
            self.assertIn("needs the price", db.error(
                "SELECT judge_run('q', '{\"max_cost\":1}')"))
        self.assertEqual(self.stub.stats()["requests"], 0)
        db = self.database()
        for price in (-1, "free"):
            self.assertIn("a price is a number", db.error(
                "INSERT INTO judge_price VALUES ('openai:/m', ?, 1, NULL)",
                price))

    def test_a_cached_price_above_the_other_stays_in_budget(self):
        db = self.database(traces=6)
        db.rows("INSERT INTO judge_price VALUES ('openai:/m', 1, 1, 1000000)")
        report = db.command("judge_run", "q", {"max_cost": 0.01})
        self.assertEqual((report["calls"], report["exhausted"]),
                         (0, "max_cost"))


class Hosts(Hostile):
    """Law 9: no row alone leads anywhere."""

    def test_base_urls(self):
        port = self.foreign.port
        for url in ("http://127.0.0.1:%d/v1" % port,
                    "http://localhost:%d" % port,
                    "http://[::1]:%d" % port, "http://0x7f000001:%d" % port,
                    "http://2130706433:%d/" % port, "http://127.1:%d" % port,
                    "http://0:%d" % port,
                    "http://user@127.0.0.1:%d" % port,
                    "http://127.0.0.1:%d#@api.openai.com/" % port,
                    "http://api.openai.com@127.0.0.1:%d/" % port,
                    "HTTP://127.0.0.1:%d" % port,
                    "http:/127.0.0.1:%d" % port, "//127.0.0.1:%d" % port,
                    "http://127.0.0.1:%d\\@api.openai.com" % port,
                    " http://127.0.0.1:%d" % port, "x" * 100000, "file:///etc"):
            db = self.database(traces=1, labels=1)
            db.rows("DROP TRIGGER IF EXISTS judge_definition_fixed")
            db.rows("UPDATE judge_definition SET base_url = ?", url)
            for sql in ("SELECT judge_run('q')", "SELECT judge_eval('q', 't001')",
                        "SELECT judge_align('q', '{\"min_traces\":2}')"):
                self.any(db, sql)
            db.rows("SELECT judge_prompt('q', 't001')")
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_models_and_parameters_that_lead_away(self):
        url = self.foreign.url("/v1")
        for model in ("openai:/m?base_url=" + url, "openai:/" + url,
                      url, "openai:" + url, "openai:/../../@127.0.0.1",
                      "ollama:/m\r\nHost: x", "endpoints:/" + url):
            db = self.database(traces=1)
            db.rows("DROP TRIGGER IF EXISTS judge_definition_fixed")
            db.rows("UPDATE judge_definition SET model = ?", model)
            self.any(db, "SELECT judge_run('q', '{\"max_calls\":1}')")
        db = self.database(traces=1)
        for params in ('{"base_url":"%s"}' % url, '{"api_base":"%s"}' % url,
                       '{"model":"x"}', '{"messages":[]}', '{"stream":true}'):
            db.rows("DROP TRIGGER IF EXISTS judge_definition_fixed")
            db.rows("UPDATE judge_definition SET inference_params = ?", params)
            self.any(db, "SELECT judge_run('q', '{\"redo\":true}')")

    def test_shadows(self):
        """Tables of the file under names of ours, and of temp under names of
        the file's."""
        db = self.database(traces=2)
        for name in ("traces", "assessments", "judges", "judge_compare",
                     "judge_disagreements"):
            db.rows("CREATE TABLE main.%s(x)" % name)
            db.rows("INSERT INTO %s VALUES (1)" % name)
        path = db.path
        db.close()
        self.databases.remove(db)
        db = self.open(path)
        self.assertEqual(db.command("judge_run", "q")["verdicts"], 2)
        for table in ("judge_definition", "judge_call", "judge_call_body",
                      "judge_assessment", "judge_trace"):
            db.rows("CREATE TEMP TABLE %s(x)" % table)
        report = db.command("judge_run", "q", {"redo": True})
        self.assertEqual(report["verdicts"], 2)


if __name__ == "__main__":
    sys.exit(host.main())
