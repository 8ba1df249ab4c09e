#!/usr/bin/python3
"""Every table and view as ODBC reads it (pyodbc over libsqliteodbc, which is the
driver that office programs use), against SQLite."""
import os
import sys
import tempfile
import unittest
from importlib import util

import foreign

READ = r"""
import json, sys
import pyodbc

def plain(value):
    return value.decode() if isinstance(value, bytes) else value

db = pyodbc.connect(f"Driver=SQLite3;Database={sys.argv[1]}")
tables = {}
for name in json.loads(sys.argv[2]):
    cursor = db.cursor()
    try:
        cursor.execute(f'SELECT * FROM "{name}"')
        tables[name] = {
            "columns": [c[0] for c in cursor.description],
            "rows": [[plain(v) for v in row] for row in cursor.fetchall()]}
        tables[name]["types"] = {c.column_name: c.data_type
                                 for c in cursor.columns(table=name)}
    except Exception as error:
        tables[name] = {"error": str(error)[:500]}
names = [row.table_name for row in db.cursor().tables()]
cursor = db.cursor()
keys = {name: [row.column_name for row in cursor.primaryKeys(name)]
        for name in ("judge_trace", "judge_assessment")}
foreign_keys = [[row.fkcolumn_name, row.pktable_name, row.pkcolumn_name]
                for row in cursor.foreignKeys(foreignTable="judge_assessment")]
json.dump({"tables": tables, "names": names, "keys": keys,
           "foreign_keys": foreign_keys}, sys.stdout)
"""
BIGINT = -5


class Odbc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "f.db")
            foreign.make_file(path)
            cls.tables = foreign.tables(path)
            cls.read = foreign.read_by("/usr/bin/python3", READ, path,
                                       foreign.json.dumps(list(cls.tables)))

    def test_all_are_listed(self):
        self.assertLessEqual(set(self.tables), set(self.read["names"]))

    def test_all_read_the_same(self):
        """But for columns without a declared type, which take the type of the
        first row in this driver: a text stands beside them."""
        for name, table in self.tables.items():
            with self.subTest(name):
                got = self.read["tables"][name]
                self.assertNotIn("error", got)
                self.assertEqual(got["columns"], table["columns"])
                self.assertIsNone(foreign.first_difference(
                    table, got["rows"], foreign.UNTYPED))

    def test_times_are_of_64_bits(self):
        seen = 0
        for name, table in self.tables.items():
            for i, column in enumerate(table["columns"]):
                if any(isinstance(row[i], int) and row[i] > 10 ** 12
                       for row in table["rows"]) and column not in foreign.UNTYPED:
                    self.assertEqual(self.read["tables"][name]["types"][column],
                                     BIGINT, f"{name}.{column}")
                    seen += 1
        self.assertGreater(seen, 15)

    def test_keys_are_seen(self):
        self.assertEqual(self.read["keys"], {"judge_trace": ["trace_id"],
                                             "judge_assessment": ["assessment_id"]})
        self.assertEqual(self.read["foreign_keys"],
                         [["trace_id", "judge_trace", "trace_id"]])


if __name__ == "__main__":
    if util.find_spec("pyodbc") is None or not os.path.exists("/etc/odbcinst.ini"):
        print("skipped ODBC: python3-pyodbc and libsqliteodbc are not installed"
              " (make deps-test)\n0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    result = unittest.main(exit=False, verbosity=0, argv=sys.argv[:1]).result
    failed = len({t.id().split(" ")[0] for t, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
