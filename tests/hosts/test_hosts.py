#!/usr/bin/python3
"""Runs the snippets of docs/install.md, each in the host that it is for.

A snippet is taken out of the document as it stands, and runs in a folder that
holds build/judge.so and triage.db, a file with a judge called triage and three
traces. It must print a report, and the verdicts must be in the file.

Compilers and interpreters come from tools/deps.sh hosts, packages from their
registries, once: into build/venv and build/hosts. A host that is not installed,
or whose registry cannot be reached, is skipped and says so.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/interop"))
sys.dont_write_bytecode = True
import packages  # noqa: E402

LIBRARY = Path(os.environ.get("JUDGE_SO", ROOT / "build/judge.so")).resolve()
CACHE = ROOT / "build" / "hosts"
# Not optimised, since compiling SQLite takes most of the time.
CACHED = {"CFLAGS": "-O0", "CXXFLAGS": "-O0", "CGO_CFLAGS": "-O0",
          "GOFLAGS": "-mod=mod", "PLOOMBER_STATS_ENABLED": "false",
          "npm_config_update_notifier": "false", "npm_config_fund": "false",
          "npm_config_audit": "false"}
UNREACHABLE = re.compile(
    packages.UNREACHABLE.pattern + r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED"
    r"|ETIMEDOUT|dial tcp|no such host|Could not resolve|unable to access"
    r"|failed to download", re.IGNORECASE)
PYTHON_PACKAGES = ("sqlalchemy==2.1.9", "pandas==3.1.1", "polars==2.1.0",
                   "jupysql==0.11.1", "ipython", "apsw==3.54.1.0",
                   "pysqlite3-binary==0.5.4.post2", "sqlean.py==3.50.4.5")
NODE_PACKAGES = ("better-sqlite3@12", "node@24")
GO_PACKAGE = "github.com/mattn/go-sqlite3@v1.14.53"
CARGO = """[package]
name = "triage"
version = "0.1.0"
edition = "2021"
[dependencies]
rusqlite = { version = "0.37", features = ["load_extension"] }
"""
# Runs the cells of a notebook, which come as a JSON list.
CELLS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(sys.stdin):
    shell.run_cell(cell).raise_error()
"""
SETUP = """
SELECT judge_init();
SELECT make_judge('triage', 'Does {{ outputs }} answer {{ inputs }}?',
  'local:/lexical', '{"feedback_value_type":["no","yes"]}');
INSERT INTO judge_trace(inputs, outputs) VALUES
  ('Which cats purr?', 'Most cats purr.'),
  ('Where do dogs sleep?', 'Birds sing.'),
  ('How old are whales?', 'Some whales are 200 years old.');
"""
LABELS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO judge_trace(trace_id, inputs, outputs)
SELECT 't' || i, 'Where is town ' || i || '?',
  CASE i % 2 WHEN 0 THEN 'Town ' || i || ' is there.' ELSE 'No idea.' END
FROM n;
INSERT INTO judge_assessment(trace_id, name, value, source_type)
SELECT trace_id, 'triage', CASE outputs WHEN 'No idea.' THEN 'no' ELSE 'yes' END,
  'HUMAN' FROM judge_trace WHERE trace_id LIKE 't%';
"""


def snippets():
    """{heading: {language: [text of a block]}} of docs/install.md."""
    found, heading, language, lines = {}, "", None, []
    for line in (ROOT / "docs/install.md").read_text().splitlines():
        if language is None and line.startswith("#"):
            heading = line.lstrip("# ")
        elif language is None and line.startswith("```"):
            language, lines = line[3:].strip(), []
        elif language is not None and line == "```":
            blocks = found.setdefault(heading, {}).setdefault(language, [])
            blocks.append("\n".join(lines) + "\n")
            language = None
        else:
            lines.append(line)
    return found


SNIPPETS = snippets()


def snippet(heading, language, at=0):
    return SNIPPETS[heading][language][at]


def environment(**more):
    return {**packages.environment(), **CACHED, **more}


def run(command, folder, text=None, **more):
    """What a program prints; its end with a failure is one of the test."""
    done = subprocess.run([str(c) for c in command], cwd=folder, input=text,
                          env=environment(**more), text=True, timeout=600,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def fetch(*command, folder):
    """Installs what a registry has; a registry out of reach is no failure."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return run(command, folder)
    except AssertionError as error:
        if UNREACHABLE.search(str(error)):
            raise unittest.SkipTest("the registry cannot be reached") from None
        raise


def need(program):
    if shutil.which(program) is None:
        raise unittest.SkipTest(f"{program} is not installed (make deps-hosts)")
    return program


def python():
    found, why = packages.python_with(*PYTHON_PACKAGES)
    if found is None:
        raise unittest.SkipTest(why)
    return found


def node_modules():
    need("node")
    need("npm")
    folder = CACHE / "node"
    if not (folder / "node_modules/node").exists():
        fetch("npm", "install", "--silent", *NODE_PACKAGES, folder=folder)
    return folder / "node_modules"


class Snippets(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="judge-host-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "build").mkdir()
        shutil.copy(LIBRARY, self.folder / "build/judge.so")
        self.db = sqlite3.connect(self.folder / "triage.db",
                                  isolation_level=None)
        self.addCleanup(self.db.close)
        self.db.enable_load_extension(True)
        self.db.load_extension(str(LIBRARY))
        self.db.executescript(SETUP)

    def check_report(self, printed, verdicts=3, judge="triage@1"):
        """The last report among what was printed, and the file."""
        report = json.loads(re.findall(r'\{"run_id".*\}', printed)[-1])
        self.assertEqual((report["judge"], report["verdicts"]),
                         (judge, verdicts), printed)
        self.check_file(verdicts, judge)

    def check_file(self, verdicts, judge="triage@1"):
        stored = self.db.execute("SELECT count(*) FROM judge_assessment "
                                 "WHERE judge = ?", [judge]).fetchone()[0]
        self.assertEqual(stored, verdicts)

    # --- Python ----------------------------------------------------------

    def test_python(self):
        self.check_report(run(["/usr/bin/python3", "-"], self.folder,
                              snippet("Python", "python")))

    def test_apsw(self):
        self.check_report(run([python(), "-"], self.folder,
                              snippet("Python", "python", 1)))

    def test_modules_that_bring_a_sqlite(self):
        text = snippet("Python", "python")
        for module in ("pysqlite3", "sqlean"):
            with self.subTest(module):
                self.db.execute("DELETE FROM judge_assessment")
                self.check_report(run(
                    [python(), "-"], self.folder,
                    text.replace("import sqlite3",
                                 f"import {module} as sqlite3")))

    def test_sqlalchemy(self):
        self.check_report(run([python(), "-"], self.folder,
                              snippet("SQLAlchemy", "python")))

    def check_frame(self, heading):
        """Its trace is the fourth, and the table that it reads ends it."""
        text = snippet("SQLAlchemy", "python") + snippet(heading, "python")
        printed = run([python(), "-"], self.folder, text)
        self.check_file(4)
        self.assertRegex(printed, r"no\W+2\b[^$]*yes\W+2\b")

    def test_pandas(self):
        self.check_frame("pandas")

    def test_polars(self):
        self.check_frame("polars")

    def test_jupysql(self):
        cells = [snippet("SQLAlchemy", "python"),
                 *SNIPPETS["Jupyter, JupySQL"]["ipython"]]
        printed = run([python(), "-c", CELLS], self.folder, json.dumps(cells))
        self.check_report(printed, judge="short@1")

    def test_a_colon_before_a_number(self):
        """What the page says of "limit":5 is so."""
        text = snippet("SQLAlchemy", "python").replace(": 5}", ":5}")
        with self.assertRaisesRegex(AssertionError, "parameter '5'"):
            run([python(), "-"], self.folder, text)

    # --- others ----------------------------------------------------------

    def test_better_sqlite3(self):
        modules = node_modules()
        self.check_report(run(["node", "-"], self.folder, snippet("Node", "js"),
                              NODE_PATH=str(modules)))

    def test_node_sqlite(self):
        node = node_modules() / ".bin/node"
        self.check_report(run([node, "-"], self.folder,
                              snippet("Node", "js", 1)))

    def go_program(self, text):
        need("go")
        need("gcc")
        folder = CACHE / "go"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.go").write_text(text)
        if not (folder / "go.mod").exists():
            fetch("go", "mod", "init", "triage", folder=folder)
        fetch("go", "get", GO_PACKAGE, folder=folder)
        run(["go", "build", "-o", self.folder / "program", "."], folder)
        return self.folder / "program"

    def test_go(self):
        program = self.go_program(snippet("Go", "go"))
        self.check_report(run([program], self.folder))

    def test_go_without_fts5_aligns(self):
        self.db.executescript(LABELS)
        text = snippet("Go", "go")
        program = self.go_program(text.replace("judge_run", "judge_align"))
        report = json.loads(run([program], self.folder))
        self.assertEqual(report["judge"], "triage@2")

    def test_rust(self):
        need("cargo")
        folder = CACHE / "rust"
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "Cargo.toml").write_text(CARGO)
        (folder / "src/main.rs").write_text(snippet("Rust", "rust"))
        fetch("cargo", "build", "-q", folder=folder)
        self.check_report(run([folder / "target/debug/triage"], self.folder))

    def test_java(self):
        need("java")
        jar = Path("/usr/share/java/sqlite-jdbc.jar")
        if not jar.exists():
            self.skipTest("libxerial-sqlite-jdbc-java is not installed "
                          "(make deps-hosts)")
        (self.folder / "Triage.java").write_text(snippet("Java", "java"))
        self.check_report(run(["java", "-cp", jar, "Triage.java"],
                              self.folder))

    def test_r(self):
        need("Rscript")
        if subprocess.run(["Rscript", "-e", "library(RSQLite)"], check=False,
                          capture_output=True).returncode != 0:
            self.skipTest("r-cran-rsqlite is not installed (make deps-hosts)")
        self.check_report(run(["Rscript", "-"], self.folder, snippet("R", "r")),
                          4)

    def test_php(self):
        need("php")
        if "sqlite3" not in run(["php", "-m"], self.folder):
            self.skipTest("php-sqlite3 is not installed (make deps-hosts)")
        self.check_report(run(
            ["php", "-d", f"sqlite3.extension_dir={self.folder}/build"],
            self.folder, snippet("PHP", "php")))

    def test_ruby(self):
        need("ruby")
        if subprocess.run(["ruby", "-e", "require 'sqlite3'"], check=False,
                          capture_output=True).returncode != 0:
            self.skipTest("ruby-sqlite3 is not installed (make deps-hosts)")
        self.check_report(run(["ruby", "-"], self.folder,
                              snippet("Ruby", "ruby")))


def main():
    if b"__asan_init" in LIBRARY.read_bytes():
        print("skipped hosts: a library with ASan needs each program's help")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    result = unittest.main(exit=False, verbosity=2).result
    failed = len({t.id().split(" ")[0]
                  for t, _ in result.failures + result.errors})
    for test, why in result.skipped:
        print(f"skipped {test.id().split('.')[-1]}: {why}")
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed" +
          (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
