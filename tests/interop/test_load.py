#!/usr/bin/python3
"""Loading: silent, writes nothing, works on files that cannot be written; the
names and flags that it adds, one by one; SQLite that is too old.

A new function, table or flag is added to the tables below by hand: what sends,
spends or writes is DIRECTONLY, and the no_network entry point has none of it.
"""
import ctypes
import gc
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = os.environ.get("JUDGE_SO", str(ROOT / "build" / "judge.so"))
NO_NETWORK = "sqlite3_judge_no_network_init"

DETERMINISTIC, DIRECTONLY, INNOCUOUS = 0x800, 0x80000, 0x200000
PURE = INNOCUOUS | DETERMINISTIC
FACT = INNOCUOUS
READ = 0
ACT = DIRECTONLY

# name: (counts of arguments, flags, type: s scalar, a aggregate, w window too)
FUNCTIONS = {
    "agreement": ((2, 3, 4), PURE, "w"),
    "agreement_raters": ((3, 4, 5), PURE, "w"),
    "agreement_difference": ((3, 4, 5), PURE, "w"),
    "agreement_rate": ((2, 3, 4), PURE, "w"),
    "agreement_state": ((2, 3), PURE, "w"),
    "agreement_merge": ((1, 2, 3), PURE, "a"),
    "judge_version": ((0,), PURE, "s"),
    "judge_debug": ((0,), FACT, "s"),
    "judge_instructions": ((1,), READ, "s"),
    "judge_prompt": ((2, 3, 4), READ, "s"),
    "judge_init": ((0, 1), ACT, "s"),
    "judge_config": ((0, 1, 2), ACT, "s"),
    "make_judge": ((2, 3, 4), ACT, "s"),
    "judge_register": ((1, 2, 3, 4), ACT, "s"),
    "judge_unregister": ((1, 2), ACT, "s"),
    "judge_run": ((1, 2), ACT, "s"),
    "judge_eval": ((2, 3, 4), ACT, "s"),
    "judge_align": ((1, 2), ACT, "s"),
    "judge_generate": ((2, 3), ACT, "s"),
}
MODULES = {"traces", "assessments", "judges", "judge_compare",
           "judge_disagreements", "agreement_report", "agreement_drift",
           "agreement_metrics"}


def load(db, entry=None):
    db.enable_load_extension(True)
    if entry:
        # Python before 3.12 takes no entry point; the SQL function does.
        db.execute("SELECT load_extension(?, ?)", (LIBRARY, entry)).fetchall()
    else:
        db.load_extension(LIBRARY)
    db.enable_load_extension(False)


def functions(db):
    mask = DETERMINISTIC | DIRECTONLY | INNOCUOUS
    return {(name, count): (flags & mask, kind)
            for name, count, flags, kind in db.execute(
                "SELECT name, narg, flags, type FROM pragma_function_list")}


def modules(db):
    return {row[0] for row in db.execute("SELECT name FROM pragma_module_list")}


def added(entry=None):
    db = sqlite3.connect(":memory:")
    before, modules_before = functions(db), modules(db)
    load(db, entry)
    after, modules_after = functions(db), modules(db)
    return ({k: v for k, v in after.items() if k not in before},
            modules_after - modules_before)


def expected(keep):
    return {(name, count): (flags, kind)
            for name, (counts, flags, kind) in FUNCTIONS.items()
            if keep(flags) for count in counts}


def state(folder):
    return {p.name: (hashlib.sha256(p.read_bytes()).hexdigest(),
                     p.stat().st_mtime_ns) for p in Path(folder).iterdir()}


class Names(unittest.TestCase):
    maxDiff = None

    def test_functions_and_flags(self):
        self.assertEqual(added()[0], expected(lambda flags: True))

    def test_modules(self):
        self.assertEqual(added()[1], MODULES)

    def test_no_network_has_nothing_that_acts(self):
        names, tables = added(NO_NETWORK)
        self.assertEqual(names, expected(lambda flags: flags != ACT))
        self.assertEqual(tables, MODULES)

    def test_no_network_tables_are_read_only(self):
        db = sqlite3.connect(":memory:")
        load(db)
        db.execute("SELECT judge_init()").fetchall()
        db.execute("INSERT INTO traces(trace_id, inputs) VALUES('t', 'i')")
        db.commit()
        copy = sqlite3.connect(":memory:")
        db.backup(copy)
        load(copy, NO_NETWORK)
        self.assertEqual(copy.execute("SELECT trace_id FROM traces")
                         .fetchall(), [("t",)])
        for sql in ("INSERT INTO traces(trace_id, inputs) VALUES('u', 'i')",
                    "DELETE FROM traces",
                    "INSERT INTO assessments(trace_id, name, value) "
                    "VALUES('t', 'n', 1)"):
            with self.assertRaisesRegex(sqlite3.OperationalError,
                                        "may not be modified"):
                copy.execute(sql)

    def test_untrusted_schema(self):
        db = sqlite3.connect(":memory:")
        load(db)
        db.execute("PRAGMA trusted_schema = 0")
        db.execute("CREATE VIEW fine AS SELECT judge_version() AS v")
        db.execute("CREATE VIEW reads AS SELECT judge_instructions('a') AS v")
        db.execute("CREATE VIEW acts AS SELECT judge_init() AS v")
        self.assertTrue(db.execute("SELECT v FROM fine").fetchone()[0])
        for view in ("reads", "acts"):
            with self.assertRaisesRegex(sqlite3.OperationalError, "unsafe"):
                db.execute(f"SELECT v FROM {view}")
        db.execute("PRAGMA trusted_schema = 1")
        with self.assertRaisesRegex(sqlite3.OperationalError, "unsafe"):
            db.execute("SELECT v FROM acts")


class Quiet(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "data.db")
        db = sqlite3.connect(self.path)
        db.execute("CREATE TABLE mine(x)")
        db.commit()
        db.close()

    def test_says_nothing(self):
        code = ("import sqlite3, sys\n"
                "db = sqlite3.connect(sys.argv[1])\n"
                "db.enable_load_extension(True)\n"
                "db.load_extension(sys.argv[2])\n"
                "assert db.execute('SELECT judge_version()').fetchone()[0]\n"
                "db.close()\n")
        done = subprocess.run([sys.executable, "-c", code, self.path, LIBRARY],
                              capture_output=True, check=True)
        self.assertEqual((done.stdout, done.stderr), (b"", b""))

    def test_writes_nothing(self):
        before = state(self.folder.name)
        db = sqlite3.connect(self.path)
        load(db)
        self.assertEqual(db.total_changes, 0)
        self.assertFalse(db.in_transaction)
        db.close()
        self.assertEqual(state(self.folder.name), before)

    def test_read_only_file(self):
        before = state(self.folder.name)
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        load(db)
        self.assertTrue(db.execute("SELECT judge_version()").fetchone()[0])
        with self.assertRaises(sqlite3.OperationalError):
            db.execute("SELECT judge_init()").fetchall()
        db.close()
        self.assertEqual(state(self.folder.name), before)

    def test_query_only(self):
        db = sqlite3.connect(self.path)
        db.execute("PRAGMA query_only = 1")
        load(db)
        self.assertTrue(db.execute("SELECT judge_version()").fetchone()[0])
        with self.assertRaises(sqlite3.OperationalError):
            db.execute("SELECT judge_init()").fetchall()

    def test_inside_a_transaction(self):
        db = sqlite3.connect(self.path, isolation_level=None)
        db.execute("BEGIN")
        db.execute("INSERT INTO mine VALUES(1)")
        load(db)
        self.assertTrue(db.in_transaction)
        db.execute("ROLLBACK")

    def test_reads_without_tables_say_what_to_do(self):
        db = sqlite3.connect(self.path)
        load(db)
        with self.assertRaisesRegex(sqlite3.OperationalError, "judge_init"):
            db.execute("SELECT judge_instructions('safety')").fetchall()


class Again(unittest.TestCase):
    def test_twice_keeps_the_session(self):
        db = sqlite3.connect(":memory:")
        load(db)
        db.execute("SELECT judge_config('concurrency', 3)").fetchall()
        load(db)
        self.assertEqual(db.execute("SELECT judge_config('concurrency')")
                         .fetchone()[0], 3)

    def test_twice_while_a_statement_runs(self):
        db = sqlite3.connect(":memory:")
        load(db)
        load(db, "sqlite3_judge_init")

    def test_other_entry_point_is_refused(self):
        for first, second in ((None, NO_NETWORK),
                              (NO_NETWORK, "sqlite3_judge_init")):
            db = sqlite3.connect(":memory:")
            load(db, first)
            with self.assertRaisesRegex(sqlite3.OperationalError,
                                        "already, by its other entry point"):
                load(db, second)

    def test_many_connections(self):
        for _ in range(20):
            db = sqlite3.connect(":memory:")
            load(db)
            db.execute("SELECT judge_config('allow_host', 'a.example.org')")
            db.close()


class OldSqlite(unittest.TestCase):
    # Places in struct sqlite3_api_routines, which is only ever added to.
    LIBVERSION, LIBVERSION_NUMBER, MPRINTF, COUNT = 66, 67, 69, 512

    def entry(self, number, text, name):
        library = ctypes.CDLL(LIBRARY)
        sqlite = ctypes.CDLL("libsqlite3.so.0")
        self.keep = (ctypes.CFUNCTYPE(ctypes.c_void_p)(
            lambda: ctypes.cast(self.text, ctypes.c_void_p).value),
            ctypes.CFUNCTYPE(ctypes.c_int)(lambda: number))
        self.text = ctypes.create_string_buffer(text)
        api = (ctypes.c_void_p * self.COUNT)()
        api[self.LIBVERSION] = ctypes.cast(self.keep[0], ctypes.c_void_p).value
        api[self.LIBVERSION_NUMBER] = ctypes.cast(self.keep[1],
                                                  ctypes.c_void_p).value
        api[self.MPRINTF] = ctypes.cast(sqlite.sqlite3_mprintf,
                                        ctypes.c_void_p).value
        message = ctypes.c_char_p()
        rc = getattr(library, name)(None, ctypes.byref(message), api)
        return rc, message.value

    def test_clear_error(self):
        # In a process of its own: the pretended interface stays behind. No
        # connection of an earlier test may be collected while it is there.
        if os.fork() == 0:
            gc.disable()
            ok = False
            try:
                ok = all(self.entry(number, text, name) == (1, (
                    b"sqlite-judge needs SQLite 3.40.0 or newer; this is "
                    + text))
                    for number, text in ((3039004, b"3.39.4"),
                                         (3031001, b"3.31.1"))
                    for name in ("sqlite3_judge_init", NO_NETWORK))
            finally:
                os._exit(0 if ok else 1)
        self.assertEqual(os.wait()[1], 0)


class Exports(unittest.TestCase):
    def test_only_entry_points(self):
        names = subprocess.run(["nm", "-D", "--defined-only", LIBRARY],
                               capture_output=True, text=True, check=True)
        names = {line.split()[-1] for line in names.stdout.splitlines()}
        # Sanitizers add their own.
        names = {n for n in names if not n.startswith(("__asan", "__odr"))}
        self.assertEqual(names, {
            "sqlite3_judge_init", "sqlite3_judge_no_network_init",
            "sqlite3_judgenonetwork_init", "sqlite3_judgenonet_init",
            "sqlite3_sqlitejudge_init", "sqlite3_modjudge_init"})


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stderr).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
