#!/usr/bin/python3
"""Files from somebody else: tests/hostile/README.md tells what its scripts are.

Whatever a script tries, in Python and in the shell, with either entry point,
with trusted_schema on and off: nothing is sent, nothing is written beside the
database, no extension is loaded, no setting is changed, and no process ends by
a signal."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "net"))
import host  # noqa: E402
from stub_client import Stub  # noqa: E402

SCRIPTS = HERE / "hostile"
ENTRIES = ("sqlite3_judge_init", "sqlite3_judge_no_network_init")
SECONDS = 120


def scripts():
    return sorted(p for p in SCRIPTS.glob("*.sql") if p.name != "base.sql")


class Statement:
    def __init__(self, sql, alone):
        self.sql = sql
        self.alone = alone  # must leave the file as it is
        self.expect = []


def statements(text):
    """The statements of a script, each with what is expected of it."""
    found, pending, alone = [], "", False
    for line in text.splitlines(keepends=True):
        word = line.strip()
        if word.startswith("-- expect:") and not pending.strip():
            found[-1].expect = [part.strip() for part in
                                word[len("-- expect:"):].split(" | ")]
        elif word == "-- alone" and not pending.strip():
            alone = True
        elif pending.strip() or (word and not word.startswith("--")):
            pending += line
            if sqlite3.complete_statement(pending):
                found.append(Statement(pending.strip(), alone))
                pending, alone = "", False
    assert not pending.strip(), pending
    return found


def parts(path, port):
    text = path.read_text().replace("$PORT", str(port))
    made, _, tried = text.partition("-- victim\n")
    return statements(made), statements(tried)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class HostileFiles(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="judge-hostile-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.canary = self.folder / "canary.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.canary,
                        SCRIPTS / "canary.c"], check=True, env=host.plain_env())
        self.stub = Stub({"model": {"kind": "hash"}})
        self.stub.__enter__()
        self.addCleanup(self.stub.__exit__)
        base = self.folder / "base.db"
        self.make(base, statements((SCRIPTS / "base.sql").read_text().replace(
            "$PORT", str(self.stub.port))))
        self.base = base

    @staticmethod
    def make(path, script):
        """The maker has everything; what fails would be a broken script."""
        db = sqlite3.connect(path, isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(host.LIBRARY)
        db.enable_load_extension(False)
        db.create_function("host_write", 1, str, deterministic=True)
        for statement in script:
            db.execute(statement.sql).fetchall()
        db.close()

    def environment(self):
        env = dict(os.environ)  # with the sanitizer, where there is one
        env.update(OPENAI_BASE_URL=self.stub.url("/v1"),
                   OPENAI_API_KEY="sk-VICTIM-0123456789", EDITOR="touch")
        return env

    def place(self, made):
        """A folder of its own with the file and the canary."""
        here = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copy(self.base, here / "file.db")
        self.make(here / "file.db", made)
        shutil.copy(self.canary, here / "canary.so")
        return here

    def in_python(self, here, tried, entry, trusted):
        sql = [s.sql for s in tried]
        sql.append("SELECT judge_config('allow_host') ||"
                   " judge_config('allow_function')")
        done = subprocess.run(
            ["/usr/bin/python3", SCRIPTS / "victim.py", host.LIBRARY, entry,
             "file.db", trusted], cwd=here, env=self.environment(), text=True,
            input=json.dumps(sql), capture_output=True, timeout=SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertIn(said.pop(), ("[('[][]',)]",
                                   "error: no such function: judge_config"))
        return said

    def in_shell(self, here, tried, entry, trusted):
        script = ".load %s %s\nPRAGMA trusted_schema = %s;\n%s\n" % (
            host.LIBRARY, entry, trusted, "\n".join(s.sql for s in tried))
        done = subprocess.run(
            ["sqlite3", "file.db"], cwd=here, env=self.environment(),
            text=True, input=script, capture_output=True, timeout=SECONDS)
        # A process that a signal ended has a negative code.
        self.assertGreaterEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def left_over(self, here):
        return sorted(p.name for p in here.iterdir()
                      if p.name not in ("file.db-journal", "file.db-wal",
                                        "file.db-shm"))

    def try_script(self, path, entry, trusted, run):
        made, tried = parts(path, self.stub.port)
        here = self.place(made)
        before = self.stub.stats()["requests"]
        said = run(here, tried, entry, trusted)
        self.assertEqual(self.left_over(here), ["canary.so", "file.db"], said)
        self.assertEqual(self.stub.stats()["requests"], before, said)
        shutil.rmtree(here)
        return tried, said

    def test_python(self):
        for path in scripts():
            for entry in ENTRIES:
                for trusted in "ON", "OFF":
                    with self.subTest(path.stem, entry=entry, trusted=trusted):
                        tried, said = self.try_script(path, entry, trusted,
                                                      self.in_python)
                        if entry == ENTRIES[0] and trusted == "ON":
                            self.assert_said(tried, said)

    def assert_said(self, tried, said):
        """That it was this refusal, and not a slip in the script."""
        for statement, answer in zip(tried, said):
            if statement.expect:
                with self.subTest(statement.sql[:100]):
                    self.assertTrue(
                        any(part in answer for part in statement.expect),
                        "%s\n%s" % (statement.expect, answer))

    def test_shell(self):
        if not shutil.which("sqlite3") or os.environ.get("LD_PRELOAD"):
            self.skipTest("no sqlite3, or one without the sanitizer")
        for path in scripts():
            for entry in ENTRIES:
                for trusted in "ON", "OFF":
                    with self.subTest(path.stem, entry=entry, trusted=trusted):
                        self.try_script(path, entry, trusted, self.in_shell)

    def test_what_only_reads_changes_nothing(self):
        for path in scripts():
            made, tried = parts(path, self.stub.port)
            alone = [s for s in tried if s.alone]
            if not alone:
                continue
            with self.subTest(path.stem):
                here = self.place(made)
                before = digest(here / "file.db")
                self.in_python(here, alone, ENTRIES[0], "ON")
                self.assertEqual(digest(here / "file.db"), before)
                shutil.rmtree(here)

    def test_the_traps_of_the_shell_work(self):
        if not shutil.which("sqlite3") or os.environ.get("LD_PRELOAD"):
            self.skipTest("no sqlite3, or one without the sanitizer")
        here = self.place([])
        self.in_shell(here, statements("SELECT load_extension('./canary');\n"
                                       "SELECT writefile('written', 'x');\n"
                                       "SELECT edit('x', 'touch edited;');\n"),
                      ENTRIES[0], "ON")
        self.assertEqual(self.left_over(here),
                         ["canary.so", "canary_was_loaded", "edited",
                          "file.db", "written"])

    def test_the_traps_work(self):
        """What is asserted not to happen does happen when it is asked for."""
        here = self.place([])
        tried = statements("SELECT load_extension('./canary');\n"
                           "SELECT host_write('written');\n"
                           "SELECT judge_eval('q', 't1');\n"
                           "SELECT judge_eval('other', 't1');\n")
        done = subprocess.run(
            ["/usr/bin/python3", SCRIPTS / "victim.py", host.LIBRARY,
             ENTRIES[0], "file.db", "ON"], cwd=here, env=self.environment(),
            text=True, capture_output=True, timeout=SECONDS,
            input=json.dumps(["SELECT make_judge('other', 'Rate {{ outputs }}.',"
                              " 'openai:/m')"] + [s.sql for s in tried]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.left_over(here),
                         ["canary.so", "canary_was_loaded", "file.db",
                          "written"])
        self.assertGreater(self.stub.stats()["requests"], 0)


if __name__ == "__main__":
    sys.exit(host.main())
