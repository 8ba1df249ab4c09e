#!/usr/bin/python3
"""What is asked again and what is not: answers that a limit of our own cut off,
failures under redo, answers of other judges under redo.

The last line is "N passed, N failed".
"""
import json
import os
import signal
import subprocess
import sys
import time

import host

BUDGET = {"max_tokens": 10000000}
CUT = {"kind": "length", "limit_below": 5000}
CUT_TWICE = {"kind": "length", "limit_below": 50000}


class Length(host.Case):

    def limits(self):
        return [e.get("limit") for e in self.requests()]

    def codes(self, db):
        return sorted(c or "" for c, in db.rows(
            "SELECT error_code FROM judge_assessment WHERE valid = 1"))

    def test_it_is_asked_once_more(self):
        self.stub.script({"faults": [dict(CUT, if_user_contains="answer 1\"")]})
        db = self.database(traces=3)
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["verdicts"], report["errors"]), (3, 0))
        self.assertEqual((report["calls"], report["retries"]), (4, 0))
        self.assertEqual(sorted(self.limits()), [4096, 4096, 4096, 16384])
        self.assertEqual(self.codes(db), ["", "", ""])
        tokens = db.one("SELECT sum(input_tokens + output_tokens)"
                        " FROM judge_call WHERE status = 'ok'")
        self.assertEqual(report["input_tokens"] + report["output_tokens"],
                         tokens)
        self.assertEqual(db.one("SELECT count(*) FROM judge_call"
                                " WHERE error_code = 'LENGTH'"), 1)
        # Another judge of the same request finds the answer, with a budget and
        # without.
        db.rows("DELETE FROM judge_assessment")
        for options in (BUDGET, {}):
            report = db.command("judge_run", "q", dict(options, redo=0))
            db.rows("DELETE FROM judge_assessment")
            self.assertEqual((report["calls"], report["cached"]), (0, 3))

    def test_then_it_is_an_error_that_stays(self):
        self.stub.script({"faults": [CUT_TWICE]})
        db = self.database(traces=3)
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["errors"], report["calls"]), (3, 6))
        self.assertEqual(self.codes(db), ["LENGTH"] * 3)
        forecast = db.command("judge_run", "q", dict(BUDGET, explain=True))
        self.assertEqual((forecast["calls"], forecast["cached"]), (0, 3))
        for _ in range(2):
            report = db.command("judge_run", "q", BUDGET)
            self.assertEqual((report["calls"], report["cached"]), (0, 3))
            self.assertIn("LENGTH 3", report["notes"])
        self.assertEqual(len(self.requests()), 6)
        # Without a budget there is no limit of ours.
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["verdicts"]), (3, 3))

    def test_redo_goes_on_behind_it(self):
        self.stub.script({"faults": [CUT_TWICE]})
        db = self.database(traces=2)
        db.command("judge_run", "q", BUDGET)
        self.stub.script({})
        report = db.command("judge_run", "q", dict(BUDGET, redo="errors"))
        self.assertEqual((report["calls"], report["verdicts"]), (2, 2))
        self.assertEqual(self.limits(), [4096] * 2)

    def test_a_server_that_refuses_more(self):
        self.stub.script({"faults": [CUT, {
            "status": 400, "message": "max_tokens is too large: 16384"}]})
        db = self.database(traces=2)
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["errors"], report["calls"]), (2, 4))
        self.assertEqual(self.codes(db), ["LENGTH"] * 2)
        self.assertEqual(report["input_tokens"] + report["output_tokens"],
                         db.one("SELECT sum(input_tokens + output_tokens)"
                                " FROM judge_call"))
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["calls"], report["cached"]), (0, 2))

    def test_a_limit_of_the_users_is_not_raised(self):
        self.stub.script({"faults": [CUT]})
        db = self.database()
        db.make_judge("r", options={"feedback_value_type": ["bad", "good"],
                                    "inference_params": {"max_tokens": 300}})
        db.add_traces(2)
        for options in (BUDGET, {}):
            report = db.command("judge_run", "r", options)
            self.assertEqual(report["errors"], 2)
        self.assertEqual(self.limits(), [300] * 2)

    def test_a_budget_between_the_two(self):
        """The rerun finds the first one, and asks for the second."""
        self.stub.script({"faults": [CUT]})
        db = self.database(traces=1)
        report = db.command("judge_run", "q", dict(BUDGET, max_calls=1))
        self.assertEqual((report["exhausted"], report["skipped"]),
                         ("max_calls", 1))
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["calls"], report["verdicts"]), (1, 1))
        self.assertEqual(self.limits(), [4096, 16384])

    def test_a_kill_between_the_two(self):
        self.stub.script({"faults": [CUT, {"kind": "silent"}]})
        db = self.database(traces=4)
        code = ("import sqlite3, sys\n"
                "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                "c.enable_load_extension(True)\n"
                "c.load_extension(sys.argv[2])\n"
                "c.execute(\"SELECT judge_run('q', ?)\", (sys.argv[3],))\n")
        process = subprocess.Popen(["/usr/bin/python3", "-c", code, db.path,
                                    host.LIBRARY, json.dumps(BUDGET)],
                                   env=os.environ)
        end = time.monotonic() + 30
        while len(self.requests()) < 8 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.2)  # what has landed is stored
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.stub.script({})
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["calls"], report["verdicts"]), (4, 4))
        self.assertEqual(self.limits(), [16384] * 4)

    def test_equal_traces_wait_for_it(self):
        self.stub.script({"latency_ms": 50, "faults": [CUT]})
        db = self.database(traces=6)
        db.rows("UPDATE judge_trace SET inputs = 'i', outputs = 'o'")
        report = db.command("judge_run", "q", BUDGET)
        self.assertEqual((report["calls"], report["verdicts"],
                          report["cached"]), (2, 6, 5))

    def test_judge_eval_and_judge_generate(self):
        self.stub.script({"faults": [CUT]})
        db = self.database(traces=1)
        report = db.command("judge_generate", "openai:/m", "Say {{ x }}",
                            dict(BUDGET, inputs=[{"x": "a"}]))
        self.assertEqual((report["generated"], report["calls"]), (1, 2))


class Redo(host.Case):

    def failed(self):
        """Six unusable answers, two failed calls, twelve good ones."""
        self.stub.script({"faults": [
            {"if_user_contains": "answer 1\"", "kind": "out_of_scale"},
            {"if_user_contains": "answer 2\"", "kind": "out_of_scale"},
            {"if_user_contains": "answer 3\"", "kind": "refusal"},
            {"if_user_contains": "answer 4\"", "kind": "not_an_object"},
            {"if_user_contains": "answer 5\"", "kind": "length"},
            {"if_user_contains": "answer 6\"", "kind": "null_content"},
            {"if_user_contains": "answer 7\"", "status": 400},
            {"if_user_contains": "answer 8\"", "status": 500}]})
        db = self.database(traces=20)
        db.config("retries", 0)
        report = db.command("judge_run", "q")
        self.assertEqual((report["verdicts"], report["errors"]), (12, 8))
        self.assertNotIn("notes", report)
        return db

    def test_stored_failures_are_skipped_and_told(self):
        db = self.failed()
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["cached"]), (2, 6))
        self.assertRegex(report["notes"], r"^skipped 6 stored failures \(")
        for part in ("INVALID_VALUE 2", "REFUSAL 1", "INVALID_JSON 1",
                     "LENGTH 1", "EMPTY 1", '"redo":"errors"', "q@1"):
            self.assertIn(part, report["notes"])

    def test_errors_asks_failures_anew_and_only_those(self):
        db = self.failed()
        forecast = db.command("judge_run", "q", {"redo": "errors",
                                                 "explain": True})
        self.assertEqual((forecast["traces"], forecast["calls"],
                          forecast["skipped"]), (20, 8, 12))
        report = db.command("judge_run", "q", {"redo": "errors"})
        self.assertEqual((report["calls"], report["cached"],
                          report["skipped"]), (8, 0, 12))
        self.assertNotIn("notes", report)
        self.stub.script({})
        report = db.command("judge_run", "q", {"redo": "errors"})
        self.assertEqual((report["calls"], report["verdicts"],
                          report["skipped"]), (8, 8, 12))
        report = db.command("judge_run", "q", {"redo": "errors"})
        self.assertEqual((report["calls"], report["verdicts"],
                          report["skipped"]), (0, 0, 20))
        self.assertEqual(db.one("SELECT count(*) FROM judge_assessment WHERE"
                                " valid = 1 AND error_code IS NULL"), 20)

    def test_the_statement_of_the_notes_works(self):
        db = self.failed()
        notes = db.command("judge_run", "q")["notes"]
        self.stub.script({})
        statement = notes[notes.index("SELECT"):notes.index("')") + 2]
        self.assertEqual(json.loads(db.one(statement))["verdicts"], 8)

    def test_another_word_is_refused(self):
        db = self.database(traces=1)
        self.assertIn('redo must be true, "errors", or the number',
                      db.error("SELECT judge_run('q', '{\"redo\":\"all\"}')"))

    def test_true_asks_anew_where_another_judge_has_the_answer(self):
        db = self.database(traces=5)
        db.make_judge("r")
        db.command("judge_run", "q")
        before = len(self.requests())
        first = db.command("judge_run", "r")
        self.assertEqual((first["calls"], first["cached"]), (0, 5))
        again = db.command("judge_run", "r", {"redo": True})
        self.assertEqual(again["calls"], 5)
        self.assertEqual(again["cached"], 0)
        self.assertEqual(len(self.requests()) - before, 5)
        report = db.command("judge_run", "q", {"redo": True})
        self.assertEqual((report["calls"], report["cached"]), (5, 0))

    def test_true_asks_anew_where_an_equal_trace_has_the_answer(self):
        db = self.database(traces=4)
        db.rows("UPDATE judge_trace SET inputs = 'i', outputs = 'o'")
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["cached"]), (1, 3))
        for i in range(3):
            report = db.command("judge_run", "q", {"redo": True})
            self.assertEqual((report["calls"], report["cached"]), (1, 3), i)
        report = db.command("judge_run", "q", {"redo": True, "concurrency": 1,
                                               "limit": 1})
        self.assertEqual((report["calls"], report["cached"]), (1, 0))


if __name__ == "__main__":
    sys.exit(host.main())
