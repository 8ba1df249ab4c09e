#!/usr/bin/python3
"""Alignment against models whose gain is known: one that follows a rule only
when a guideline tells it, with true labels and with shuffled ones, and one that
knows nothing but its training rows."""
import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import host
from stub_client import Stub

RULE = {"kind": "planted_rule", "field": "outputs",
        "marker": "Yours sincerely", "with": "good", "without": "bad",
        "token": "RULE-7",
        "guideline": "RULE-7: good exactly when it ends with Yours sincerely."}
SUBJECTS = ("order", "refund", "invoice", "parcel", "password", "address",
            "delivery", "warranty", "discount", "account")


def letters(count, seed):
    """(trace id, inputs, outputs, label by the rule)."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        subject = draw.choice(SUBJECTS)
        kept = draw.random() < 0.5
        ending = "Yours sincerely" if kept else "Bye"
        rows.append(("p%04d" % i, "Where is my %s number %d?" % (subject, i),
                     "Your %s %d is on its way. %s" % (subject, i, ending),
                     "good" if kept else "bad"))
    return rows


class Planted(host.Case):
    script = None

    def setUp(self):
        super().setUp()
        self.setenv(OPENAI_API_KEY=host.KEY)

    def aligned(self, number, script, rows, shuffle=None, **options):
        """An alignment on a stub of its own: its report and its database."""
        with Stub(script) as stub:
            db = host.Database(self.folder / ("a%s.db" % number))
            db.rows("SELECT judge_init()")
            db.config("allow_host", "127.0.0.1:%d" % stub.port)
            db.make_judge(options=json.dumps({
                "feedback_value_type": ["bad", "good"],
                "base_url": stub.url("/v1")}))
            labels = [r[3] for r in rows]
            if shuffle is not None:
                random.Random(shuffle).shuffle(labels)
            db.insert_many("INSERT INTO traces(trace_id, inputs, outputs)"
                                " VALUES (?, ?, ?)", [r[:3] for r in rows])
            db.insert_many(
                "INSERT INTO assessments(trace_id, name, value, source_type,"
                " source_id) VALUES (?, 'q', ?, 'HUMAN', 'ann')",
                [(r[0], label) for r, label in zip(rows, labels)])
            report = db.command("judge_align", "q", options)
        return report, db

    def both_ways(self, count):
        rows = letters(count, 7)
        script = {"seed": 5, "model": RULE}
        report, db = self.aligned("rule%d" % count, script, rows)
        self.assertAlmostEqual(report["accuracy_before"], 0.5, delta=0.15)
        self.assertGreaterEqual(report["accuracy_after"], 0.9, report)
        self.assertGreater(report["ci_low"], 0)
        self.assertTrue(report["accepted"], report)
        self.assertEqual(db.one("SELECT state FROM judge_definition"
                                " WHERE judge = ?", report["judge"]), "active")
        # Lineage: the guideline names rows that show the rule.
        cited = db.rows(
            "SELECT DISTINCT t.outputs FROM judge_guideline_source s"
            " JOIN judge_guideline USING(guideline_id)"
            " JOIN judge_definition d USING(definition_id)"
            " JOIN judge_trace t USING(trace_id) WHERE d.judge = ?",
            report["judge"])
        self.assertGreaterEqual(len(cited), 2)
        self.assertTrue(all("Yours sincerely" in r[0] for r in cited))
        db.close()
        report, db = self.aligned("shuffled%d" % count, script, rows,
                                  shuffle=11)
        self.assertLessEqual(report["accuracy_after"], 0.6, report)
        self.assertFalse(report["accepted"], report)
        self.assertEqual(db.one("SELECT state FROM judge_definition"
                                " WHERE judge = ?", report["judge"]),
                         "candidate")
        # A bare name does not mean a candidate.
        self.assertEqual(db.command("judge_run", "q", {"explain": True})
                         ["judge"], "q@1")
        db.close()

    def test_cross_fitted(self):
        self.both_ways(150)

    def test_by_a_split(self):
        self.both_ways(300)

    def test_a_budget_can_be_raised(self):
        """A run that ended by its budget leaves a candidate; the same command
        with more to spend goes on from it and is not bound by it."""
        rows = letters(150, 7)
        script = {"seed": 5, "model": RULE}
        with Stub(script) as stub:
            self.use(stub)
            db = self.database()
            db.insert_many("INSERT INTO traces(trace_id, inputs, outputs)"
                           " VALUES (?, ?, ?)", [r[:3] for r in rows])
            db.insert_many(
                "INSERT INTO assessments(trace_id, name, value, source_type,"
                " source_id) VALUES (?, 'q', ?, 'HUMAN', 'ann')",
                [(r[0], r[3]) for r in rows])
            short = db.command("judge_align", "q", {"max_calls": 25})
            self.assertEqual((short["calls"], short["exhausted"]),
                             (25, "max_calls"))
            self.assertFalse(short["accepted"])
            whole = db.command("judge_align", "q")
            self.assertTrue(whole["accepted"], whole)
            self.assertEqual(whole["calls"] + 25,
                             stub.stats()["requests"])
            self.assertEqual(db.one("SELECT state FROM judge_definition"
                                    " WHERE judge = ?", whole["judge"]),
                             "active")
            n = db.one("SELECT n FROM judge_compare('q@1', ?)"
                       " WHERE metric = 'accuracy'", whole["judge"])
            self.assertEqual(n, 150)
            again = db.command("judge_align", "q")
            self.assertEqual((again["judge"], again["calls"]),
                             (whole["judge"], whole["calls"]))

    def test_fewer_than_half_show_no_gain(self):
        """The rows that a short budget reached are the first, no sample."""
        report, db = self.aligned("half", {"seed": 5, "model": RULE},
                                  letters(150, 7), max_calls=110)
        self.assertEqual(report["exhausted"], "max_calls")
        self.assertGreater(report["held_out"], 20)
        self.assertGreater(report["ci_low"], 0, report)
        self.assertFalse(report["accepted"], report)
        self.assertIn("less than half of them", report["notes"])
        db.close()

    def test_a_model_that_memorizes(self):
        """Held out means held out: what it knows by heart gains nothing."""
        def one(seed):
            rows = letters(100, 100 + seed)
            report, db = self.aligned(
                "m%d" % seed, {"seed": seed, "model": {"kind": "memorize"}},
                rows, seed=seed)
            accepted = report["accepted"]
            db.close()
            return report["improvement"], accepted
        with ThreadPoolExecutor(4) as pool:
            gains = list(pool.map(one, range(20)))
        largest = max(abs(g) for g, _ in gains)
        mean = sum(abs(g) for g, _ in gains) / len(gains)
        print("memorize: |improvement| mean %.4f, largest %.4f" % (mean,
                                                                   largest))
        self.assertLessEqual(mean, 0.05)
        self.assertLessEqual(largest, 0.05)
        self.assertFalse(any(accepted for _, accepted in gains))

    def test_the_memory_is_used_where_it_was_not_held_out(self):
        """The same model on its own training rows knows them all: the test
        above would pass as well if examples were never shown."""
        rows = letters(100, 1)
        with Stub({"seed": 3, "model": {"kind": "memorize"}}) as stub:
            db = self.open(self.folder / "known.db")
            db.rows("SELECT judge_init()")
            self.use(stub)
            db.make_judge()
            db.insert_many("INSERT INTO traces(trace_id, inputs, outputs)"
                                " VALUES (?, ?, ?)", [r[:3] for r in rows])
            db.insert_many(
                "INSERT INTO assessments(trace_id, name, value, source_type,"
                " source_id) VALUES (?, 'q', ?, 'HUMAN', 'ann')",
                [(r[0], r[3]) for r in rows])
            report = db.command("judge_align", "q")
            db.command("judge_run", report["judge"])
            share = db.one(
                "SELECT avg(value = (SELECT h.value FROM judge_assessment h"
                " WHERE h.trace_id = a.trace_id AND h.source_type = 'HUMAN'))"
                " FROM judge_assessment a WHERE judge = ? AND valid = 1",
                report["judge"])
        self.assertGreaterEqual(share, 0.95)

    def test_compare_equals_its_own_rows(self):
        for count in (120, 300):
            report, db = self.aligned("c%d" % count, {"seed": 5, "model": RULE},
                                      letters(count, 9))
            row = db.rows("SELECT n, original, aligned, improvement"
                          " FROM judge_compare('q@1', ?)"
                          " WHERE metric = 'accuracy'", report["judge"])[0]
            self.assertAlmostEqual(row[2], report["accuracy_after"], 12)
            self.assertAlmostEqual(row[1], report["accuracy_before"], 12)
            self.assertAlmostEqual(row[2] - row[1], row[3], 12)
            own = db.rows("SELECT count(*), avg(agree) FROM judge_pairs_all"
                          " WHERE judge = ? AND seen = 0", report["judge"])[0]
            self.assertEqual(own[0], row[0])
            self.assertAlmostEqual(own[1], row[2], 12)
            db.close()


if __name__ == "__main__":
    sys.exit(host.main())
