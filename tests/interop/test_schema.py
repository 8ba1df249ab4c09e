#!/usr/bin/python3
"""The file's tables, of whatever age: each file in tests/schema/ is the dump of
one that an earlier commit made. judge_init brings it to what a fresh file has,
keeps its rows and all that is the user's, and the commands work on it."""
import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = os.environ.get("JUDGE_SO", str(ROOT / "build" / "judge.so"))
DUMPS = sorted((ROOT / "tests" / "schema").glob("*.sql"))
# The user's own things, in a file of the number before.
USERS = """
    ALTER TABLE judge_trace ADD COLUMN my_team TEXT DEFAULT 'search, "web"';
    ALTER TABLE judge_trace ADD COLUMN my_words INTEGER
      AS (length(outputs) - length(replace(outputs, ' ', '')) + 1) VIRTUAL;
    ALTER TABLE judge_assessment ADD COLUMN [my note] TEXT CHECK([my note] <> ',');
    CREATE INDEX my_teams ON judge_trace(my_team, my_words);
    CREATE TABLE my_log(what TEXT);
    CREATE TABLE my_pin(trace_id TEXT REFERENCES judge_trace(trace_id));
    CREATE TRIGGER my_new AFTER INSERT ON judge_trace BEGIN
      INSERT INTO my_log VALUES('new ' || NEW.trace_id);
    END;
    CREATE VIEW my_pairs AS SELECT p.name, p.judge_value, t.my_team
      FROM judge_pairs p JOIN judge_trace t USING (trace_id);
    CREATE TRIGGER my_rating INSTEAD OF INSERT ON judge_pairs BEGIN
      INSERT INTO my_log VALUES('rated ' || NEW.trace_id);
    END;
    UPDATE judge_trace SET my_team = 'shop' WHERE trace_id = 't1';
    INSERT INTO my_pin VALUES('t1');
    DELETE FROM judge_trace WHERE trace_id = 't0';
"""
MINE = ("my_teams", "my_log", "my_pin", "my_new", "my_pairs", "my_rating")


def connect(path, load=True):
    db = sqlite3.connect(path, isolation_level=None)
    if load:
        db.enable_load_extension(True)
        db.load_extension(os.path.splitext(LIBRARY)[0])
    return db


def tokens(sql):
    """The text without comments and the width of blanks."""
    parts = re.findall(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|\w+|[^\s\w]",
                       sql or "")
    return " ".join(p for p in parts if not p.startswith("--"))


def shape(db):
    """Every object of ours, its columns and where it belongs."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"
                      " WHERE name LIKE '%judge!_%' ESCAPE '!'").fetchall()
    result = {(kind, name): (table, tokens(sql))
              for kind, name, table, sql in rows}
    for kind, name, _, _ in rows:
        if kind in ("table", "view"):
            result["columns", name] = db.execute(
                "SELECT name, type, \"notnull\", dflt_value, pk, hidden"
                " FROM pragma_table_xinfo(?)", (name,)).fetchall()
    return result


def contents(db):
    """Every row of every table of ours, with its rowid where it has one."""
    result = {}
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type ="
                              " 'table' AND name LIKE 'judge!_%' ESCAPE '!'"
                              " AND name <> 'judge_meta'").fetchall():
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        rows = db.execute(f"SELECT * FROM {name}").fetchall()
        result[name] = sorted((dict(zip(columns, row)) for row in rows), key=repr)
        if name in ("judge_trace", "judge_assessment"):
            result[name + " rowids"] = db.execute(
                f"SELECT rowid FROM {name} ORDER BY rowid").fetchall()
    return result


def kept(before, after):
    """The first difference of what there was, or None."""
    for name, rows in before.items():
        if not name.endswith("rowids"):
            known = set(rows[0]) if rows else set()
            after[name] = sorted(({k: v for k, v in row.items() if k in known}
                                  for row in after[name]), key=repr)
        if name == "judge_report":
            # An alignment's belongs to the version made, which it names.
            rows = [dict(r, judge=json.loads(r["report"])["judge"])
                    if r["command"] == "judge_align" else r for r in rows]
            after[name] = [r for r in after[name]
                           if '"migrated":true' not in r["report"]]
        if rows != after[name] and (rows or name == "judge_assessment"):
            return f"{name}: {rows} != {after[name]}"
    return None


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name="f.db"):
        return os.path.join(self.folder.name, name)

    def old(self, dump, extra=""):
        db = sqlite3.connect(self.path(), isolation_level=None)
        db.executescript(dump.read_text() + extra)
        return db

    def fresh(self):
        db = connect(self.path("fresh.db"))
        db.execute("SELECT judge_init()")
        self.addCleanup(db.close)
        return shape(db)

    def check_migrates(self, dump):
        db = self.old(dump)
        before = contents(db)
        db.close()
        db = connect(self.path())
        self.addCleanup(db.close)
        with self.assertRaisesRegex(sqlite3.Error, "judge_init"):
            db.execute("SELECT judge_run('triage')").fetchall()
        report = json.loads(db.execute("SELECT judge_init()").fetchone()[0])
        self.assertTrue(report["migrated"] and not report["created"])
        self.assertEqual(shape(db), self.fresh())
        self.assertIsNone(kept(before, contents(db)))
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(db.execute("PRAGMA foreign_key_check").fetchall(), [])
        self.assertEqual(db.execute(
            "SELECT count(*), count(judge_value_text), count(judge_time_text)"
            " FROM judge_pairs_all WHERE cross_fitted"
            "   AND judge_value_text = judge_value").fetchall(), [(6, 6, 6)])
        # What failed on such files.
        run = json.loads(db.execute(
            "SELECT judge_run('triage', '{\"redo\":true}')").fetchone()[0])
        self.assertEqual((run["verdicts"], run["errors"]), (6, 0))
        learned = json.loads(db.execute(
            "SELECT judge_align('triage@1', '{\"retrieval_k\":3,\"min_traces\":5}')"
        ).fetchone()[0])
        self.assertEqual(learned["trained_on"], 6)
        again = json.loads(db.execute("SELECT judge_init()").fetchone()[0])
        self.assertFalse(again["migrated"])
        # As it is for others: without the extension, and opened anew.
        plain = connect(self.path(), load=False)
        plain.execute("INSERT INTO judge_trace(trace_id) VALUES('new')")
        plain.execute("INSERT INTO judge_assessment(trace_id, name, value)"
                      " VALUES('new', 'triage', ' GOOD ')")
        self.assertEqual(plain.execute(
            "SELECT value, assessment_id IS NOT NULL, source_type"
            " FROM judge_assessment WHERE trace_id = 'new'").fetchall(),
            [("good", 1, "HUMAN")])
        for (name,) in plain.execute("SELECT name FROM sqlite_schema WHERE type"
                                     " IN ('table', 'view')").fetchall():
            plain.execute(f'SELECT * FROM "{name}"').fetchall()
        plain.close()

    def test_what_is_the_users_stays(self):
        for dump in (DUMPS[0], DUMPS[-1]):
            with self.subTest(dump.name):
                self.check_users(dump)

    def check_users(self, dump):
        Path(self.path()).unlink(missing_ok=True)
        db = self.old(dump, USERS)
        before = contents(db)
        mine = "SELECT name, sql FROM sqlite_schema WHERE name LIKE 'my!_%' ESCAPE '!' ORDER BY name"
        texts = db.execute(mine).fetchall()
        db.close()
        db = connect(self.path())
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("SELECT judge_init()")
        self.assertEqual([name for name, _ in texts], sorted(MINE))
        self.assertEqual(db.execute(mine).fetchall(), texts)
        self.assertIsNone(kept(before, contents(db)))
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(db.execute(
            "SELECT trace_id, my_words FROM judge_trace"
            " INDEXED BY my_teams WHERE my_team = 'shop'").fetchall(), [("t1", 5)])
        db.execute("INSERT INTO traces(trace_id) VALUES('t9')")
        db.execute("INSERT INTO judge_pairs(trace_id) VALUES('t8')")
        self.assertEqual(db.execute("SELECT what FROM my_log").fetchall(),
                         [("new t9",), ("rated t8",)])
        self.assertEqual(db.execute("SELECT DISTINCT my_team FROM my_pairs"
                                    " ORDER BY 1").fetchall(),
                         [('search, "web"',), ("shop",)])
        with self.assertRaisesRegex(sqlite3.Error, "CHECK constraint failed"):
            db.execute("UPDATE judge_assessment SET [my note] = ','")
        # Ours are as in a fresh file but for the columns that are the user's.
        ours, fresh = shape(db), self.fresh()
        self.assertEqual(set(ours), set(fresh))
        self.assertEqual([c for c in ours["columns", "judge_trace"]
                          if not c[0].startswith("my")],
                         fresh["columns", "judge_trace"])
        self.assertIn("REFERENCES judge_trace",
                      ours["table", "judge_assessment"][1])
        db.close()
        Path(self.path("fresh.db")).unlink()

    def test_the_callers_transaction_is_the_callers(self):
        for end in ("ROLLBACK", "COMMIT"):
            db = self.old(DUMPS[0]) if end == "ROLLBACK" else db
            if end == "ROLLBACK":
                before = shape(db)
                db.close()
                db = connect(self.path())
            other = connect(self.path(), load=False)
            other.execute("SELECT count(*) FROM judge_trace").fetchall()
            db.execute("BEGIN")
            db.execute("SELECT judge_init()")
            self.assertNotEqual(shape(db), before)
            db.execute(end)
            self.assertEqual(shape(other), shape(db))
            self.assertEqual(shape(db) == before, end == "ROLLBACK")
            # SQLite's own picture of the table follows.
            db.execute("INSERT INTO judge_trace(trace_id) VALUES(?)", (end,))
            other.close()
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        db.close()

    def test_a_name_that_is_taken(self):
        """An error that says so, and the file as it was."""
        db = self.old(DUMPS[0], "CREATE TABLE judge_cost_day(mine);")
        before = shape(db)
        db.close()
        db = connect(self.path())
        with self.assertRaisesRegex(sqlite3.Error, "judge_cost_day already exists"
                                    ".*rename it"):
            db.execute("SELECT judge_init()").fetchall()
        self.assertEqual(shape(db), before)
        self.assertFalse(db.in_transaction)
        db.execute("ALTER TABLE judge_cost_day RENAME TO my_costs")
        db.execute("SELECT judge_init()")
        self.assertEqual(db.execute("PRAGMA writable_schema").fetchone()[0], 0)
        db.close()

    def test_a_column_that_is_taken(self):
        db = self.old(DUMPS[0], "ALTER TABLE judge_report ADD COLUMN parent;")
        before = shape(db)
        db.close()
        db = connect(self.path())
        with self.assertRaisesRegex(sqlite3.Error, "judge_init: duplicate column"
                                    " name: parent, .*rename it"):
            db.execute("SELECT judge_init()").fetchall()
        self.assertEqual(shape(db), before)
        db.execute("ALTER TABLE judge_report RENAME COLUMN parent TO my_parent")
        db.execute("SELECT judge_init()")
        db.close()

    def test_a_table_that_somebody_made_anew(self):
        """An error, the file as it was, and the way out that it tells."""
        for anew in ("CREATE TABLE {0} AS SELECT * FROM copy",
                     "CREATE VIRTUAL TABLE {0} USING fts5(trace_id, name)"):
            for table in ("judge_trace", "judge_assessment", "judge_report"):
                Path(self.path()).unlink(missing_ok=True)
                db = self.old(DUMPS[0], f"CREATE TABLE copy AS SELECT * FROM {table};"
                              f"DROP TABLE {table};" + anew.format(table))
                before = db.execute("SELECT * FROM sqlite_schema").fetchall()
                db.close()
                db = connect(self.path())
                with self.assertRaisesRegex(sqlite3.Error, f"{table} has other keys"
                                            ".*rename it"):
                    db.execute("SELECT judge_init()").fetchall()
                self.assertEqual(
                    db.execute("SELECT * FROM sqlite_schema").fetchall(), before)
                db.execute(f"DROP TABLE {table}")
                db.execute("SELECT judge_init()")
                self.assertEqual(shape(db), self.fresh())
                db.close()
                Path(self.path("fresh.db")).unlink()

    def test_inside_a_statement_that_writes(self):
        self.old(DUMPS[0], "CREATE TABLE my_report(r);").close()
        db = connect(self.path())
        with self.assertRaisesRegex(sqlite3.Error, "alone"):
            db.execute("INSERT INTO my_report SELECT judge_init()")
        self.assertEqual(db.execute("SELECT judge_init() ->> 'migrated'"
                                    " FROM judge_trace LIMIT 1").fetchall(), [(1,)])
        db.close()

    def test_inside_a_statement_that_makes_a_table(self):
        for temp in ("", "TEMP "):
            db = connect(self.path())
            with self.assertRaisesRegex(sqlite3.Error, "tables are made.*alone"):
                db.execute(f"CREATE {temp}TABLE my AS SELECT judge_init() AS r")
            self.assertEqual(shape(db), {})
            db.close()

    def test_an_end_at_any_point(self):
        """All or nothing, nothing left on the connection, and again it goes."""
        self.old(DUMPS[0]).close()
        dump = Path(self.path()).read_bytes()
        outcomes = {}
        for at in random.Random(1).sample(range(1, 30000), 60):
            Path(self.path()).write_bytes(dump)
            db = connect(self.path())
            before = shape(db)
            steps = iter(range(1, 1 << 40))
            db.set_progress_handler(lambda: next(steps) == at, 1)
            try:
                db.execute("SELECT judge_init()").fetchall()
                outcome = "done"
            except sqlite3.OperationalError as error:
                outcome = str(error)
            db.set_progress_handler(None, 0)
            whole = shape(db) != before
            outcomes[outcome, whole] = outcomes.get((outcome, whole), 0) + 1
            self.assertFalse(db.in_transaction)
            self.assertEqual(db.execute("PRAGMA writable_schema").fetchone()[0], 0)
            db.execute("SELECT judge_init()")
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(),
                             [("ok",)])
            self.assertNotEqual(shape(db), before)
            db.close()
        # The report is written after the tables: it may be what was ended.
        self.assertLessEqual(set(outcomes), {("done", True), ("interrupted", False),
                                             ("interrupted", True)})
        self.assertGreater(outcomes["interrupted", False], 30, outcomes)

    def test_files_of_every_kind(self):
        for pragma in ("encoding = 'UTF-16'", "auto_vacuum = FULL",
                       "page_size = 512", "journal_mode = WAL"):
            with self.subTest(pragma):
                Path(self.path()).unlink(missing_ok=True)
                db = sqlite3.connect(self.path(), isolation_level=None)
                db.execute(f"PRAGMA {pragma}")
                # An index of ours that was made over other columns, too.
                db.executescript(DUMPS[0].read_text() +
                                 "DROP INDEX judge_trace_time; CREATE INDEX"
                                 " judge_trace_time ON judge_trace(state);")
                before = contents(db)
                db.close()
                db = connect(self.path())
                db.execute("SELECT judge_init()")
                self.assertEqual(shape(db), self.fresh())
                self.assertIsNone(kept(before, contents(db)))
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(),
                                 [("ok",)])
                db.close()
                Path(self.path("fresh.db")).unlink()

    def test_several_at_once(self):
        self.old(DUMPS[0]).close()
        code = ("import sqlite3, sys\n"
                "db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)\n"
                "db.enable_load_extension(True)\n"
                "db.load_extension(sys.argv[2])\n"
                "db.execute('SELECT count(*) FROM judge_pairs').fetchall()\n"
                "sys.stdin.readline()\n"
                "print(db.execute('SELECT judge_init()').fetchone()[0])\n"
                "db.execute('SELECT judge_time_text FROM judge_pairs').fetchall()\n")
        running = [subprocess.Popen(
            ["/usr/bin/python3", "-c", code, self.path(),
             os.path.splitext(LIBRARY)[0]], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True) for _ in range(4)]
        done = [p.communicate("go\n") for p in running]
        self.assertEqual([p.returncode for p in running], [0] * 4)
        self.assertEqual(len(done), 4)
        db = connect(self.path())
        self.assertEqual(shape(db), self.fresh())
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        db.close()

    def test_a_defensive_host(self):
        """The flag is for a moment off, and on again."""
        self.old(DUMPS[0]).close()
        done = subprocess.run(
            ["sqlite3", "-bail", "-init", "/dev/null", self.path()], text=True,
            capture_output=True, input=f".load {os.path.splitext(LIBRARY)[0]}\n"
            ".dbconfig defensive on\nSELECT judge_init() ->> 'migrated';\n"
            ".dbconfig defensive\n.dbconfig writable_schema\n"
            "SELECT count(judge_time_text) > 0 FROM judge_pairs;\n")
        self.assertEqual(done.stdout.split()[-6:],
                         ["1", "defensive", "on", "writable_schema", "off", "1"],
                         done.stderr)

    def test_hidden_by_temp(self):
        for kind, sql in (("TABLE", "judge_trace(x)"),
                          ("VIEW", "judge_pairs AS SELECT 1")):
            for dump in (None, DUMPS[0]):
                Path(self.path()).unlink(missing_ok=True)
                if dump:
                    self.old(dump).close()
                db = connect(self.path())
                name = sql.split("(")[0].split(" ")[0]
                db.execute(f"CREATE TEMP {kind} {sql}")
                db.execute("CREATE TEMP TABLE judge_input(x)")
                with self.assertRaisesRegex(
                        sqlite3.Error, f"DROP {kind} temp.{name}, then"):
                    db.execute("SELECT judge_init()").fetchall()
                db.execute(f"DROP {kind} temp.{name}")
                db.execute("SELECT judge_init()").fetchall()
                db.close()

    def test_released_files_never_change(self):
        """sql/schema/*.sql against the digests beside the dumps."""
        listed = {}
        for line in (ROOT / "tests/schema/frozen.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                digest, name = line.split()
                listed[name] = digest
        self.assertIn("001_init.sql", listed)
        for name, digest in listed.items():
            text = (ROOT / "sql/schema" / name).read_bytes()
            self.assertEqual(hashlib.sha256(text).hexdigest(), digest,
                             f"sql/schema/{name} has changed: a released file"
                             " never does; what shall be different stands in a"
                             " file with the next number")


def add_dump(dump):
    setattr(Files, f"test_{dump.stem}",
            lambda self: self.check_migrates(dump))


for _dump in DUMPS:
    add_dump(_dump)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0, argv=sys.argv[:1]).result
    failed = len({t.id() for t, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
