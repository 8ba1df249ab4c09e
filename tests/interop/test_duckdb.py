#!/usr/bin/python3
"""Every table and view as DuckDB reads it, against SQLite."""
import os
import sys
import tempfile
import unittest

import foreign
import packages

# The scanner is a package of its own and wants the same version.
REQUIREMENTS = ("duckdb==1.5.5", "duckdb-extension-sqlite-scanner==1.5.5")
READ = r"""
import json, pathlib, sys
import duckdb, duckdb_extension_sqlite_scanner as scanner

def plain(value):
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return value if value is None or isinstance(value, (str, int)) else float(value)

db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
found = pathlib.Path(scanner.__file__).parent.rglob("*.duckdb_extension")
db.execute(f"LOAD '{next(found)}'")
db.execute(f"ATTACH '{sys.argv[1]}' AS f (TYPE sqlite, READ_ONLY)")
names = [row[2] for row in db.execute("SHOW ALL TABLES").fetchall()]
listed = [row[0] for row in db.execute(
    "SELECT table_name FROM information_schema.tables").fetchall()]
views = [row[0] for row in db.execute(
    "SELECT view_name FROM duckdb_views()").fetchall()]
tables = {}
for name in json.loads(sys.argv[2]):
    try:
        rows = db.execute(f'SELECT * FROM f."{name}"')
        tables[name] = {"columns": [c[0] for c in rows.description],
                        "types": [str(c[1]) for c in rows.description],
                        "rows": [[plain(v) for v in r] for r in rows.fetchall()]}
    except Exception as error:
        tables[name] = {"error": str(error)[:500]}
        continue
    try:
        db.execute(f'SELECT count(*) FROM f."{name}"').fetchall()
    except Exception as error:
        tables[name]["uncounted"] = str(error)
    tables[name]["count"] = db.execute(
        f'SELECT count({tables[name]["columns"][0]}) FROM f."{name}"').fetchone()[0]
agree = db.execute("SELECT name, avg(agree) FROM f.judge_pairs"
                   " GROUP BY name ORDER BY name").fetchall()
json.dump({"names": names, "views": views, "listed": listed, "tables": tables,
           "agree": agree}, sys.stdout)
"""


class DuckDB(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "f.db")
            foreign.make_file(path)
            cls.tables = foreign.tables(path)
            cls.agree = foreign.sqlite3.connect(path).execute(
                "SELECT name, avg(agree) FROM judge_pairs GROUP BY name"
                " ORDER BY name").fetchall()
            cls.read = foreign.read_by(PYTHON, READ, path,
                                       foreign.json.dumps(list(cls.tables)))

    def test_all_are_listed(self):
        self.assertGreater(len(self.tables), 25)
        of_kind = {kind: {name for name, table in self.tables.items()
                          if table["kind"] == kind}
                   for kind in ("table", "view")}
        self.assertLessEqual(of_kind["table"], set(self.read["names"]))
        self.assertLessEqual(of_kind["view"], set(self.read["views"]))
        self.assertLessEqual(set(self.tables), set(self.read["listed"]))

    def test_which_cannot_count_rows(self):
        """As docs/tables.md names them: the scanner asks for a rowid."""
        uncounted = {name for name, got in self.read["tables"].items()
                     if "uncounted" in got}
        self.assertEqual(uncounted, {"judge_crossfit", "judge_split",
                                     "judge_guideline_source"})
        for name in uncounted:
            got = self.read["tables"][name]
            self.assertIn("ROWID", got["uncounted"])
            self.assertEqual(got["count"], len(got["rows"]))

    def test_all_read_the_same(self):
        for name, table in self.tables.items():
            with self.subTest(name):
                got = self.read["tables"][name]
                self.assertNotIn("error", got)
                self.assertEqual(got["columns"], table["columns"])
                self.assertIsNone(
                    foreign.first_difference(table, got["rows"]))

    def test_times_and_texts_have_their_types(self):
        for name in ("judge_trace", "judge_assessment", "judge_pairs",
                     "judge_pairs_all", "judge_label_count", "judge_cost_run",
                     "judge_call"):
            got = self.read["tables"][name]
            for column, kind in zip(got["columns"], got["types"]):
                if column.endswith("_text"):
                    self.assertEqual(kind, "VARCHAR", f"{name}.{column}")
                if column in ("created", "updated", "judge_time", "human_time",
                              "request_time", "newest", "started"):
                    self.assertEqual(kind, "BIGINT", f"{name}.{column}")

    def test_a_dashboards_average(self):
        self.assertEqual([n for n, _ in self.read["agree"]],
                         [n for n, _ in self.agree])
        for (_, theirs), (name, ours) in zip(self.read["agree"], self.agree):
            self.assertAlmostEqual(theirs, ours, 12, name)
        self.assertIn(0.75, [share for _, share in self.agree])

    def test_the_values_are_there_to_be_told_apart(self):
        """The file holds what made differences: it is no empty test."""
        rows = self.tables["judge_pairs"]
        at = rows["columns"].index("human_value")
        kinds = {type(row[at]) for row in rows["rows"]}
        self.assertEqual(kinds, {int, float, str})
        usage = self.tables["judge_usage"]
        self.assertTrue(any(row[usage["columns"].index("p95_ms")]
                            for row in usage["rows"]))
        for name in ("judge_crossfit", "judge_example", "judge_cost_run",
                     "judge_report_item", "judge_label_count"):
            self.assertTrue(self.tables[name]["rows"], name)


if __name__ == "__main__":
    PYTHON, why = packages.python_with(*REQUIREMENTS)
    if PYTHON is None:
        print(f"skipped DuckDB: {why}\n0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    result = unittest.main(exit=False, verbosity=0, argv=sys.argv[:1]).result
    failed = len({t.id().split(" ")[0] for t, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
