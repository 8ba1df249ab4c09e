#!/usr/bin/python3
"""explain: what it says before is what the report says after, and nothing is
sent or stored for it. The stub counts tokens as real servers do, with a
vocabulary of its own that no estimate knows, and its answers are of very
different lengths.

The last line is "N passed, N failed".
"""
import sys
import unittest

import datasets
import host

# Like a hosted model; like one that is shown the schema and takes a third more;
# like a lean one.
SERVERS = (
    {"message": 4, "fixed": 3},
    {"message": 9, "fixed": 320, "schema": True, "vocabulary": 0.6, "seed": 2},
    {"message": 1, "fixed": 0, "vocabulary": 1.2, "seed": 3},
)
TALK = {"kind": "talk"}


def script(server, **more):
    return dict({"usage": server, "model": TALK, "seed": 5}, **more)


class Explain(host.Case):
    """forecast() and within()."""

    def stored(self, db):
        return [db.one("SELECT count(*) FROM " + t) for t in (
            "judge_call", "judge_call_body", "judge_log", "judge_assessment",
            "judge_definition", "judge_report WHERE NOT forecast")]

    def forecast(self, db, command, judge, **options):
        """Nothing is written but the forecast itself."""
        before = self.stored(db), self.stub.stats()["requests"]
        forecasts = db.one("SELECT count(*) FROM judge_report WHERE forecast")
        forecast = db.command(command, judge, dict(options, explain=True))
        self.assertEqual((self.stored(db), self.stub.stats()["requests"]),
                         before)
        self.assertEqual(db.rows(
            "SELECT (SELECT count(*) FROM judge_report WHERE forecast),"
            " report ->> 'traces' FROM judge_report WHERE forecast"
            " ORDER BY report_id DESC LIMIT 1"),
            [(forecasts + 1, forecast["traces"])])
        return forecast

    def within(self, forecast, report, share, keys=("input_tokens",
                                                    "output_tokens")):
        for key in keys:
            self.assertLessEqual(
                abs(forecast[key] - report[key]), share * report[key],
                "%s: forecast %s, then %s" % (key, forecast[key], report[key]))


@unittest.skipUnless(datasets.present(), "the shared data are absent")
class DataSets(Explain):

    def check(self, name, server):
        self.stub.script(script(server))
        db = self.empty()
        datasets.fill(db, name)
        db.command("judge_run", "q", {"limit": 50})
        forecast = self.forecast(db, "judge_run", "q")
        report = db.command("judge_run", "q")
        self.assertEqual(forecast["calls"], report["calls"])
        self.within(forecast, report, 0.1)
        self.assertGreaterEqual(forecast["learned_from"], 50)
        # The length of distillations is known from an alignment on few rows.
        db.command("judge_align", "q", {"limit": 60})
        forecast = self.forecast(db, "judge_align", "q@1")
        report = db.command("judge_align", "q@1")
        self.within(forecast, report, 0.1,
                    ("calls", "input_tokens", "output_tokens"))
        again = self.forecast(db, "judge_align", "q@1")
        self.assertEqual(again["calls"], 0)
        # The new version: known only by other versions' calls.
        judge = report["judge"]
        forecast = self.forecast(db, "judge_run", judge)
        report = db.command("judge_run", judge)
        self.assertEqual(forecast["calls"], report["calls"])
        self.within(forecast, report, 0.1)

    def test_before_anything_is_known(self):
        """The estimate alone, for requests of both kinds; nobody can know the
        length of answers then."""
        for name in datasets.BOTH:
            with self.subTest(name=name):
                self.stub.script(script(SERVERS[2 * (name == datasets.OPENQA)]))
                db = self.empty()
                datasets.fill(db, name)
                forecast = self.forecast(db, "judge_run", "q")
                self.assertEqual(forecast["learned_from"], 0)
                report = db.command("judge_run", "q")
                self.assertEqual(forecast["calls"], report["calls"])
                self.within(forecast, report, 0.1, ("input_tokens",))
                self.assertEqual(forecast["output_tokens"],
                                 80 * forecast["calls"])

    def test_feedbackqa(self):
        self.check(datasets.FEEDBACKQA, SERVERS[0])

    def test_openqa(self):
        self.check(datasets.OPENQA, SERVERS[1])


class Counts(Explain):
    """Calls: exact, given what is stored."""
    script = script(SERVERS[0])

    def test_twins(self):
        """Equal requests are sent once."""
        db = self.database(traces=12)
        db.rows("UPDATE judge_trace SET inputs = 'same', outputs = 'same'"
                " WHERE trace_id <= 't008'")
        forecast = self.forecast(db, "judge_run", "q")
        report = db.command("judge_run", "q")
        for key in ("calls", "cached", "errors"):
            self.assertEqual(forecast[key], report[key], key)
        self.assertEqual((report["calls"], report["cached"]), (5, 7))

    def test_answers_that_are_there(self):
        db = self.database(traces=30)
        db.rows("UPDATE judge_trace SET outputs = NULL WHERE trace_id > 't025'")
        db.command("judge_run", "q", {"limit": 10})
        db.rows("DELETE FROM judge_assessment")
        for options in ({}, {"redo": True}, {"redo": 3}, {"limit": 15},
                        {"sample": 8, "seed": 2}):
            with self.subTest(options=options):
                forecast = self.forecast(db, "judge_run", "q", **options)
                report = db.command("judge_run", "q", options)
                for key in ("calls", "cached", "errors", "traces", "skipped"):
                    self.assertEqual(forecast[key], report[key]
                                     if key != "skipped" else
                                     report["traces"] - report["verdicts"]
                                     - report["errors"], key)

    def test_an_alignment_that_stopped(self):
        """What was answered is not counted again, and distillations that were
        are not guessed."""
        for stop in (3, 10, 25, 45):
            with self.subTest(stop=stop):
                self.stub.script(self.script)
                db = self.database(traces=30, labels=30)
                self.assertEqual(db.command(
                    "judge_align", "q", {"max_calls": stop})["exhausted"],
                    "max_calls")
                forecast = self.forecast(db, "judge_align", "q@1")
                report = db.command("judge_align", "q@1")
                self.assertEqual(forecast["calls"], report["calls"])
                self.within(forecast, report, 0.1, ("input_tokens",))

    def test_embeddings(self):
        """One call a text; the judge that found its examples by them, too."""
        db = self.database(traces=40, labels=30)
        options = {"embedding_model": "openai:/e"}
        forecast = self.forecast(db, "judge_align", "q", **options)
        report = db.command("judge_align", "q", options)
        self.assertEqual(forecast["calls"], report["calls"])
        self.within(forecast, report, 0.15, ("input_tokens",))
        judge = report["judge"]
        forecast = self.forecast(db, "judge_run", judge)
        report = db.command("judge_run", judge)
        self.assertEqual(forecast["calls"], report["calls"])
        self.assertEqual(forecast["cached"], report["cached"])
        self.within(forecast, report, 0.1)
        # Without the calls' bodies the embeddings are not known any more.
        db.add_traces(5, first=50)
        db.rows("DELETE FROM judge_call")
        db.rows("DELETE FROM judge_call_body")
        forecast = self.forecast(db, "judge_run", judge)
        report = db.command("judge_run", judge)
        self.assertEqual(forecast["calls"], report["calls"])
        self.within(forecast, report, 0.15, ("input_tokens",))

    def test_more_than_is_measured(self):
        """Of very many traces the first 20,000 stand for all."""
        db = self.database()
        db.rows("WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t"
                " WHERE i < 30000) INSERT INTO judge_trace(trace_id, inputs,"
                " outputs) SELECT 't' || i, 'question ' || i, 'answer ' || i"
                " FROM t")
        forecast = self.forecast(db, "judge_run", "q")
        self.assertEqual((forecast["traces"], forecast["calls"]),
                         (30000, 30000))

    def test_no_key(self):
        db = self.database(traces=5, labels=5)
        self.setenv(OPENAI_API_KEY=None)
        self.assertEqual(self.forecast(db, "judge_run", "q")["calls"], 5)
        self.assertGreater(self.forecast(db, "judge_align", "q")["calls"], 5)

    def test_another_model_distills(self):
        db = self.database(traces=30, labels=30)
        db.rows("INSERT INTO judge_price VALUES ('openai:/m', 1, 0, NULL),"
                " ('openai:/big', 1000, 0, NULL)")
        forecast = self.forecast(db, "judge_align", "q", model="openai:/big")
        report = db.command("judge_align", "q", {"model": "openai:/big"})
        self.assertEqual(forecast["calls"], report["calls"])
        self.within(forecast, report, 0.15, ("cost",))


class Cost(Explain):

    def test_the_cached_share_is_learned(self):
        self.stub.script(script(dict(SERVERS[0], cached=0.5)))
        db = self.database(traces=60)
        db.rows("INSERT INTO judge_price VALUES ('openai:/m', 2, 8, 0.2)")
        cold = self.forecast(db, "judge_run", "q", limit=30)
        db.command("judge_run", "q", {"limit": 30})
        forecast = self.forecast(db, "judge_run", "q")
        report = db.command("judge_run", "q")
        self.within(forecast, report, 0.1, ("cost", "input_tokens"))
        self.assertLess(forecast["cost"], cold["cost"])

    def test_no_price_no_cost(self):
        db = self.database(traces=2)
        self.assertIsNone(self.forecast(db, "judge_run", "q")["cost"])


if __name__ == "__main__":
    sys.exit(host.main())
