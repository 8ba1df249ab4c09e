#!/usr/bin/python3
"""The user scripts of sql/ in the plain sqlite3 shell: their numbers, and that
running one again doubles nothing and sends nothing.

openqa_eval, feedbackqa and house_rule read the shared data and run on
local:/lexical; guide runs against the stub under the databricks provider.
"""
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "net"))
from stub_client import Stub  # noqa: E402

LIBRARY = Path(os.environ.get("JUDGE_SO", ROOT / "build" / "judge.so"))
DATA = Path(os.environ.get("JUDGE_SHARED", ROOT.parent / "shared")) / "data"
WORDS = ["light", "sturdy", "quiet", "warm", "bright", "compact", "roomy"]

# Rows that running again must not add to. judge_call also has a row for each
# answer taken from an earlier call, judge_report one a command.
COUNTS = """
SELECT (SELECT count(*) FROM judge_trace),
       (SELECT count(*) FROM judge_assessment),
       (SELECT count(*) FROM judge_definition),
       (SELECT count(*) FROM judge_example),
       (SELECT count(*) FROM judge_guideline),
       (SELECT count(*) FROM judge_crossfit),
       (SELECT count(*) FROM judge_call WHERE status <> 'cached')"""


# A model that gives every product the same rating until a guideline tells it
# what counts.
GUIDE_STUB = {"model": [
    {"if_schema": "guidelines", "if_user_contains": "relevant to the request",
     "kind": "guidelines", "guidelines": [{"cite": 4, "guideline_text":
      "yes only with two properties that can be checked"}]},
    {"if_schema": "guidelines", "kind": "guidelines", "guidelines": [
        {"cite": 4, "guideline_text":
         "Rate by the number of properties that can be checked."}]},
    {"if_schema": "verdict", "kind": "count_words", "words": WORDS,
     "if_system_contains": "two properties that can be checked",
     "results": ["no", "no", "yes"]},
    {"if_schema": "verdict", "kind": "count_words", "words": WORDS,
     "if_system_contains": "number of properties that can be checked",
     "results": ["poor", "fair", "good", "excellent"]},
    {"if_schema": "verdict", "if_system_contains": "relevant to the request",
     "result": "yes"},
    {"if_schema": "verdict", "result": "good"},
    {"kind": "generate", "words": 4}]}


class Script:
    """One script of sql/ on a file of its own."""

    def __init__(self, name, environ=None):
        self.name = name
        self.environ = {**os.environ, "JUDGE_DATA": str(DATA),
                        **(environ or {})}
        self.folder = tempfile.TemporaryDirectory(prefix="scripts")
        self.path = os.path.join(self.folder.name, name + ".db")

    def run(self, *commands):
        # The scripts load build/judge; another library has another place.
        text = (ROOT / "sql" / (self.name + ".sql")).read_text()
        text = text.replace(".load build/judge",
                            ".load " + str(LIBRARY.with_suffix("")))
        arguments = [part for c in commands for part in ("-cmd", c)]
        done = subprocess.run(["sqlite3", *arguments, self.path], input=text,
                              capture_output=True, text=True, cwd=ROOT,
                              env=self.environ, timeout=300)
        if done.returncode or done.stderr:
            raise AssertionError(done.stderr or done.stdout)
        return done.stdout

    def rows(self, sql):
        with sqlite3.connect(self.path) as db:
            return db.execute(sql).fetchall()

    def report(self, command="judge_align"):
        """The newest report of a command."""
        return json.loads(self.rows(
            "SELECT report FROM judge_report WHERE command = '%s' "
            "ORDER BY report_id DESC LIMIT 1" % command)[0][0])


def tables(output):
    """The box tables of an output: a list of (columns, rows)."""
    found, current = [], None
    for line in output.splitlines():
        if line.startswith("┌"):
            current = []
            found.append(current)
        elif line.startswith("│") and current is not None:
            current.append([c.strip() for c in line.strip("│").split("│")])
    return [(t[0], t[1:]) for t in found if t]


def table(output, *columns):
    for names, rows in tables(output):
        if all(c in names for c in columns):
            return [dict(zip(names, r)) for r in rows]
    raise AssertionError("no table with %s in\n%s" % (columns, output))


def needs(name):
    return unittest.skipUnless((DATA / name).is_dir(),
                               "%s is absent" % (DATA / name))


class Scripts(unittest.TestCase):
    def again(self, script, *commands):
        """Runs it a second time: nothing may be added."""
        before = script.rows(COUNTS)
        output = script.run(*commands)
        self.assertEqual(script.rows(COUNTS), before)
        return output

    @needs("openqa_eval")
    def test_openqa_eval(self):
        script = Script("openqa_eval")
        output = script.run()
        self.assertEqual(table(output, "accepted_by_people"),
                         [{"accepted_by_people": "71.4 %"}])
        recorded = {r["recorded_judge"]: (r["verdicts"], float(r["accuracy"]),
                                          float(r["kappa"]))
                    for r in table(output, "recorded_judge")}
        self.assertEqual(recorded, {
            "gpt-4": ("300", 0.860, 0.665),
            "text-davinci-003": ("301", 0.824, 0.541),
            "BEM": ("301", 0.781, 0.504)})
        ours = table(output, "judge", "accepts", "kappa")[0]
        self.assertEqual(ours["verdicts"], "301")
        self.assertGreaterEqual(float(ours["accuracy"]), 0.75)
        self.assertGreaterEqual(float(ours["kappa"]), 0.45)
        report = script.report()
        self.assertEqual(report["trained_on"] + report["held_out"], 301)
        self.assertEqual(report["method"], "split")
        again = self.again(script)
        self.assertEqual(table(again, "recorded_judge"),
                         table(output, "recorded_judge"))
        self.assertEqual(table(again, "metric"), table(output, "metric"))

    @needs("openqa_eval")
    def test_references_are_lists(self):
        script = Script("openqa_eval")
        script.run()
        bad = script.rows(
            "SELECT count(*) FROM judge_assessment WHERE name = "
            "'expected_response' AND CASE WHEN json_valid(value) "
            "THEN json_type(value) <> 'array' ELSE 1 END")
        self.assertEqual(bad, [(0,)])
        self.assertEqual(script.rows(
            "SELECT value FROM judge_assessment WHERE kind = 'expectation' "
            "AND trace_id = 'oq0002'"), [(
                '["FedExField in Landover, Maryland",'
                '"the Washington metropolitan area"]',)])

    @needs("feedbackqa_cdc")
    def test_feedbackqa(self):
        script = Script("feedbackqa")
        output = script.run()
        report = script.report()
        self.assertEqual((report["trained_on"], report["held_out"],
                          report["method"]), (150, 150, "cross-fitting"))
        self.assertAlmostEqual(report["human_agreement"], 0.527, places=3)
        self.assertIn("gain shown", report["notes"])
        self.assertEqual(report["accepted"], report["ci_low"] > 0)
        self.assertGreater(report["accuracy_after"], report["accuracy_before"])
        self.assertEqual(script.rows(
            "SELECT feedback_name, registered, json_extract(tags, "
            "'$.num_traces') FROM judge_definition "
            "WHERE name = 'answer_quality_aligned'"),
            [("answer_quality", 1, "150")])
        again = self.again(script)
        self.assertEqual(table(again, "metric"), table(output, "metric"))

    @needs("house_rule")
    def test_house_rule(self):
        script = Script("house_rule")
        script.run()
        report = script.report()
        self.assertTrue(report["accepted"])
        self.assertGreaterEqual(report["accuracy_after"], 0.80)
        self.assertGreater(report["ci_low"], 0)
        self.assertEqual(script.rows("SELECT state FROM judge_definition "
                                     "WHERE judge = 'house_rule@2'"),
                         [("active",)])
        self.again(script)

    @needs("house_rule")
    def test_another_model(self):
        with Stub({"model": [{"result": "Blue"}]}) as stub:
            script = Script("house_rule", {
                "OPENAI_BASE_URL": stub.url("/v1"), "OPENAI_API_KEY": "k"})
            commands = (".parameter set @model openai:/stub",
                        ".parameter set @align '{\"max_guidelines\":0}'")
            script.run(*commands)
            report = script.report()
            self.assertEqual(report["guidelines"], 0)
            self.assertEqual(report["accuracy_before"], 0.5)
            self.assertFalse(report["accepted"])
            self.assertIn("no gain shown", report["notes"])
            sent = stub.stats()["requests"]
            self.assertGreaterEqual(sent, 200)
            self.again(script, *commands)
            self.assertEqual(stub.stats()["requests"], sent)

    def test_guide(self):
        with Stub(GUIDE_STUB) as stub:
            script = Script("guide", {"DATABRICKS_HOST": stub.url(),
                                      "DATABRICKS_TOKEN": "dapi-test"})
            output = script.run()
            self.check_guide(script, output, stub)
            sent = stub.stats()["requests"]
            again = self.again(script)
            self.assertEqual(stub.stats()["requests"], sent)
            self.assertEqual(table(again, "metric"), table(output, "metric"))

    def check_guide(self, script, output, stub):
        requests = [e for e in stub.log() if e.get("event") == "request"]
        self.assertTrue(requests)
        for request in requests:
            self.assertTrue(request["path"].startswith("/serving-endpoints/"))
            self.assertTrue(request["authorization"])
        self.assertEqual({r["model"] for r in requests}, {
            "databricks-claude-sonnet-4", "databricks-gpt-oss-120b"})
        self.assertEqual(script.rows(
            "SELECT count(*), min(inputs), count(DISTINCT experiment) "
            "FROM judge_trace"), [(50, "Tell me about product 0", 1)])
        # The guide's own count: by the standard, each is right at the end.
        own = table(output, "original_accuracy")[0]
        good = script.rows("SELECT avg(value = 'good') FROM judge_assessment "
                           "WHERE name = 'product_quality' "
                           "AND source_type = 'HUMAN'")[0][0]
        self.assertAlmostEqual(float(own["original_accuracy"]), good)
        self.assertEqual(float(own["aligned_accuracy"]), 1)
        self.assertEqual(script.rows(
            "SELECT judge, state, registered, value_type FROM "
            "judge_definition ORDER BY judge"), [
                ("product_quality@1", "active", 0, "str"),
                ("product_quality@2", "active", 0, "str"),
                ("product_quality@3", "active", 1, "str"),
                ("product_quality_aligned@1", "active", 1, "str"),
                ("relevance_to_query@1", "active", 0, '["no","yes"]'),
                ("relevance_to_query@2", "active", 0, '["no","yes"]'),
                ("relevance_to_query_aligned@1", "active", 1,
                 '["no","yes"]')])
        self.assertEqual(script.rows(
            "SELECT tags FROM judge_definition WHERE name = "
            "'product_quality_aligned'"),
            [('{"alignment_date":"2025-10-23","num_traces":"50"}',)])
        self.assertEqual(script.rows(
            "SELECT count(*) FROM judge_example e JOIN judge_definition d "
            "USING (definition_id) WHERE d.judge = 'product_quality@3'"),
            [(15,)])
        self.assertTrue(table(output, "step", "message"))

    def test_guide_names_its_lines(self):
        """docs/guide.md names a mark of sql/guide.sql for each step."""
        script = (ROOT / "sql" / "guide.sql").read_text()
        page = (ROOT / "docs" / "guide.md").read_text()
        marks = re.findall(r"^-- \[([^\]]+)\]", script, re.M)
        named = re.findall(r"`\[([^\]]+)\]`", page)
        self.assertGreater(len(marks), 10)
        self.assertEqual(sorted(set(marks)), sorted(set(named)))


class Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("skipped %s: %s" % (test.id().split(".")[-1], reason))


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Scripts)
    result = unittest.TextTestRunner(verbosity=0, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed%s" % (
        result.testsRun - failed - skipped, failed,
        ", %d skipped" % skipped if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
