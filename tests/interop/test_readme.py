#!/usr/bin/python3
"""README.md as a reader takes it: its blocks typed into the sqlite3 shell, with
a CSV file of the reader's own where it is skipped by tests/docs/run_docs."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(os.environ.get("JUDGE_SO", ROOT / "build/judge.so")).resolve()
TEXT = (ROOT / "README.md").read_text()
CSV = """id,question,answer,label
m1,Where is my refund?,"It is on its way, we hope",now
m2,Which size fits me?,,later
m3,"Is ""green"" a colour?",Yes,
"""


def blocks(note):
    return re.findall(rf"^```sql{note}\n(.*?)^```", TEXT, re.M | re.S)


class Readme(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "build").mkdir()
        (self.folder / "build/judge.so").symlink_to(LIBRARY)

    def shell(self, script):
        done = subprocess.run(
            ["sqlite3", "-init", "/dev/null", "-bail", "triage.db"],
            cwd=self.folder, input=script, text=True, capture_output=True,
            check=False, timeout=120)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        return done.stdout

    def test_the_lines_as_they_are(self):
        lines = "".join(blocks(""))
        self.assertLessEqual(
            len(re.findall(r"^(?:SELECT|INSERT (?:OR IGNORE )?INTO (?:traces|"
                           r"assess))", lines, re.M)), 10)
        self.assertIn("triage_in_use@1", self.shell(lines))
        count = ("SELECT (SELECT count(*) FROM judge_trace), (SELECT count(*)"
                 " FROM judge_assessment), (SELECT count(*) FROM"
                 " judge_definition);\n")
        self.shell(lines)  # rates with the version that was accepted
        before = self.shell(count)
        self.shell(lines)
        self.assertEqual(self.shell(count), before)

    def test_a_csv_file_of_ones_own(self):
        recipe, = [b for b in blocks(" skip") if ".import" in b]
        self.assertEqual(len(recipe.splitlines()), 3)
        (self.folder / "mail.csv").write_text(CSV)
        shown = self.shell(
            ".load build/judge\nSELECT judge_init() IS NOT NULL;\n" + recipe +
            ".mode list\nSELECT trace_id, inputs, outputs, value FROM traces"
            " LEFT JOIN assessments USING (trace_id) ORDER BY trace_id;\n")
        self.assertEqual(shown.splitlines()[1:], [
            "m1|Where is my refund?|It is on its way, we hope|now",
            "m2|Which size fits me?||later", 'm3|Is "green" a colour?|Yes|'])


if __name__ == "__main__":
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(sys.stdout).run(tests)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0)
