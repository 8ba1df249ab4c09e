#!/usr/bin/env python3
"""Embeddings: what stands beside the examples, what is sent again, and what
becomes of a text that has none."""
import json
import struct
import subprocess
import sys

import host
import stub_models

MODEL = "openai:/e"
TOO_LONG = "This model's maximum context length is 8192 tokens"


class Embedding(host.Case):
    def aligned(self, traces=40, labels=30):
        """A database with q@2, which finds its examples by embeddings."""
        db = self.database(traces=traces, labels=labels)
        report = db.command("judge_align", "q", {"embedding_model": MODEL})
        self.assertEqual(report["judge"], "q@2")
        return db

    def embedded(self):
        return [e["text"] for e in self.requests()
                if e["path"].endswith("/embeddings")]

    def forget(self, db):
        """Nothing can come from answers that are stored."""
        db.rows("DELETE FROM judge_call")
        db.rows("DELETE FROM judge_call_body")
        self.stub.script({})

    def test_max_cost_asks_for_their_price(self):
        db = self.aligned()
        db.rows("INSERT INTO judge_price(model, input_per_million,"
                " output_per_million) VALUES('openai:/m', 1, 1)")
        for command in ("judge_run", "judge_align"):
            text = db.error("SELECT %s('q@2', '{\"max_cost\":0.0001,"
                            "\"redo\":1}')" % command
                            if command == "judge_run" else
                            "SELECT judge_align('q@2', '{\"max_cost\":1}')")
            self.assertIn("max_cost needs the price of 'openai:/e'", text)
        self.stub.script({})
        db.rows("INSERT INTO judge_price(model, input_per_million,"
                " output_per_million) VALUES('openai:/e', 1000, 0)")
        report = db.command("judge_run", "q@2", {"max_cost": 0.01, "redo": 1})
        self.assertEqual(report["exhausted"], "max_cost")
        self.assertLessEqual(db.one("SELECT total(cost) FROM judge_cost_call"
                                    " WHERE judge = 'q@2'"), 0.01)

    def test_a_budget_that_ends_while_they_are_made(self):
        """A report, as with any budget; the next command goes on from there."""
        for budget in ({"max_calls": 0}, {"max_calls": 10}, {"max_tokens": 10},
                       {"max_calls": 30}):
            self.stub.script({})
            db = self.database(traces=30, labels=20)
            report = db.command("judge_align", "q", dict(
                budget, embedding_model=MODEL))
            self.assertEqual((report["exhausted"], report["accepted"]),
                             (next(iter(budget)), False))
            self.assertEqual(report["calls"], self.stub.stats()["requests"])
            self.assertLessEqual(report["calls"], budget.get("max_calls", 10))
            self.assertEqual("all embeddings" in report["notes"],
                             budget != {"max_calls": 30})
            self.assertEqual(db.command("judge_run", report["judge"], {
                "max_calls": 0})["exhausted"], "max_calls")
            again = db.command("judge_align", "q", {"embedding_model": MODEL})
            self.assertNotIn("exhausted", again)
            self.assertEqual(len(self.embedded()), 20)
            self.assertEqual(db.one("SELECT count(*) FROM judge_call WHERE"
                                    " status = 'ok'"), len(self.requests()))
            rated = db.command("judge_run", report["judge"])
            self.assertEqual((rated["verdicts"], rated["errors"]), (30, 0))
            self.assertEqual(len(self.embedded()), 30)

    def test_a_run_whose_budget_ends_while_they_are_made(self):
        db = self.aligned()
        self.stub.script({})
        for budget in (0, 3):
            report = db.command("judge_run", "q@2", {"max_calls": budget})
            self.assertEqual(
                [report[key] for key in ("exhausted", "calls", "verdicts",
                                         "errors", "skipped")],
                ["max_calls", budget, 0, 0, 40])
        self.assertEqual(len(self.embedded()), 3)
        self.assertEqual(db.command("judge_run", "q@2")["verdicts"], 40)
        self.assertEqual(len(self.embedded()), 10)

    def test_they_stand_beside_the_examples(self):
        db = self.aligned()
        rows = db.rows("SELECT inputs, embedding_model, embedding_dim,"
                       " embedding FROM judge_example")
        self.assertEqual(len(rows), 30)
        for text, model, dim, blob in rows:
            self.assertEqual((model, dim, len(blob)), (MODEL, 64, 256))
            for have, wanted in zip(struct.unpack("<64f", blob),
                                    stub_models.embedding(text)):
                self.assertAlmostEqual(have, wanted, places=6)

    def test_by_words_none_are_made(self):
        db = self.database(traces=20, labels=20)
        db.command("judge_align", "q")
        self.assertEqual(self.embedded(), [])
        self.assertEqual(db.one("SELECT count(embedding) FROM judge_example"),
                         0)

    def test_a_judge_loaded_again_embeds_the_new_texts_only(self):
        db = self.aligned()
        before = db.one("SELECT judge_prompt('q@2', 'question 3', 'x')")
        self.forget(db)
        again = self.open(db.path)
        run = again.command("judge_run", "q@2",
                            {"where": "trace_id > 't030'"})
        self.assertEqual((run["verdicts"], run["errors"]), (10, 0))
        texts = self.embedded()
        self.assertEqual(len(texts), 10)
        self.assertEqual(len(set(texts)), 10)
        for _ in range(2):
            again.command("judge_eval", "q@2", "question 31", "other")
        self.assertEqual(len(self.embedded()), 10)
        again.command("judge_eval", "q@2", "a new one", "other")
        self.assertEqual(len(self.embedded()), 11)
        self.assertEqual(
            again.one("SELECT judge_prompt('q@2', 'question 3', 'x')"), before)

    def test_another_process_embeds_the_new_texts_only(self):
        db = self.aligned()
        self.forget(db)
        code = ("import sqlite3, sys\n"
                "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
                "c.enable_load_extension(True)\n"
                "c.load_extension(sys.argv[2])\n"
                "print(c.execute(\"SELECT judge_run('q@2', ?)\",\n"
                " [sys.argv[3]]).fetchone()[0])\n")
        done = subprocess.run([sys.executable, "-c", code, db.path,
                               host.LIBRARY, '{"limit":7}'],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["verdicts"], 7)
        self.assertEqual(len(self.embedded()), 7)

    def test_registered_under_another_name(self):
        db = self.aligned()
        db.command("judge_register", "q@2", "better")
        self.forget(db)
        run = db.command("judge_run", "better", {"limit": 5})
        self.assertEqual((run["verdicts"], len(self.embedded())), (5, 5))

    def test_the_same_examples_with_and_without(self):
        """Vectors from the file find what vectors from answers find."""
        db = self.aligned()
        options = {"where": "trace_id > 't030'", "redo": True}
        db.command("judge_run", "q@2", options)
        bodies = sorted(e["digest"] for e in self.requests()
                        if not e["path"].endswith("/embeddings"))
        db.rows("UPDATE judge_example SET embedding = NULL")
        self.forget(db)
        db.command("judge_run", "q@2", options)
        again = {e["digest"] for e in self.requests()
                 if not e["path"].endswith("/embeddings")}
        self.assertEqual(len(again), 10)
        self.assertLessEqual(again, set(bodies))
        self.assertEqual(len(self.embedded()), 40)

    def test_aligned_again(self):
        db = self.aligned()
        db.add_labels(40)
        self.forget(db)
        report = db.command("judge_align", "q@2", {"embedding_model": MODEL})
        self.assertEqual(report["examples"], 40)
        texts = self.embedded()
        self.assertEqual(len(texts), len(set(texts)))
        self.assertEqual(db.one(
            "SELECT count(embedding) FROM judge_example e JOIN"
            " judge_definition d USING (definition_id) WHERE d.judge = ?",
            report["judge"]), 40)

    def test_damaged_ones(self):
        db = self.aligned()
        cases = [
            ("embedding = x'00'", "damaged (its length)"),
            ("embedding = substr(embedding, 1, 252)", "damaged (its length)"),
            ("embedding_dim = 63", "damaged (its length)"),
            ("embedding_dim = NULL", "damaged (its length)"),
            ("embedding_dim = -64", "damaged (its length)"),
            ("embedding_dim = 1000000000000", "damaged (its length)"),
            ("embedding = 'text'", "damaged (its length)"),
            ("embedding = x'', embedding_dim = 0", "damaged (its length)"),
            ("embedding = cast(x'0000807f' || substr(embedding, 5) AS blob)",
             "damaged (a number in it)"),
            ("embedding = cast(x'0000c0ff' || substr(embedding, 5) AS blob)",
             "damaged (a number in it)"),
            ("embedding = substr(embedding, 1, 128), embedding_dim = 32",
             "have 64"),
            ("embedding_model = 'openai:/other'",
             "is by 'openai:/other', the judge searches by 'openai:/e'"),
            ("embedding_model = NULL", "is by '', the judge searches by")]
        self.stub.script({})
        for change, wanted in cases:
            with self.subTest(change):
                kept = db.rows("SELECT embedding, embedding_dim,"
                               " embedding_model FROM judge_example"
                               " WHERE trace_id = 't007'")[0]
                db.rows("UPDATE judge_example SET %s WHERE trace_id = 't007'"
                        % change)
                for sql in ("SELECT judge_run('q@2')",
                            "SELECT judge_eval('q@2', 'a', 'b')"):
                    text = db.error(sql)
                    self.assertIn(wanted, text)
                    self.assertIn("'t007'", text)
                    self.assertNotIn("\n", text)
                    self.assertIn("embedding to NULL", text)
                db.rows("UPDATE judge_example SET embedding = ?,"
                        " embedding_dim = ?, embedding_model = ?"
                        " WHERE trace_id = 't007'", *kept)
        self.assertEqual(self.requests(), [])
        # What the message advises works.
        db.rows("UPDATE judge_example SET embedding = x'00'"
                " WHERE trace_id = 't007'")
        db.rows("UPDATE judge_example SET embedding = NULL"
                " WHERE trace_id = 't007'")
        self.assertEqual(db.command("judge_run", "q@2")["errors"], 0)

    def test_another_model_behind_the_name(self):
        db = self.aligned()
        self.stub.script({"dim": 32})
        text = db.error("SELECT judge_run('q@2')")
        self.assertIn("has 32 numbers, those of the labelled examples have 64",
                      text)
        self.assert_free(db)
        self.assertIn("has 32 numbers", db.error(
            "SELECT judge_eval('q@2', 'never seen', 'b')"))
        # What docs/alignment.md advises.
        db.rows("DELETE FROM judge_call_body WHERE digest IN (SELECT digest"
                " FROM judge_call WHERE purpose = 'embed' AND model = ?)",
                MODEL)
        db.rows("UPDATE judge_example SET embedding = NULL"
                " WHERE embedding_model = ?", MODEL)
        self.assertEqual(db.command("judge_run", "q@2")["errors"], 0)

    def test_texts_too_long_are_cut_in_halves(self):
        db = self.database(traces=20, labels=20)
        long = "river " * 800
        db.rows("UPDATE judge_trace SET inputs = ? || trace_id"
                " WHERE trace_id IN ('t003', 't018')", long)
        self.stub.script({"faults": [{
            "path": "/embeddings", "longer_than": 1300, "status": 400,
            "message": TOO_LONG}]})
        report = db.command("judge_align", "q", {"embedding_model": MODEL})
        self.assertEqual(report["examples"], 20)
        # 4804 and 2402 characters are refused. Both texts begin alike.
        refused = sum(1 for e in self.stub.log() if e["event"] == "answer"
                      and e["status"] == 400)
        self.assertIn(refused, (3, 4))
        self.stub.script({})
        db.command("judge_run", "q@2")
        self.assertEqual(self.embedded(), [])
        # Nothing of it is needed from the network.
        db.rows("UPDATE judge_example SET embedding = NULL")
        db.config("replay", "only")
        db.command("judge_run", "q@2")
        self.assertEqual(db.command("judge_eval", "q@2", long + "t003",
                                    "answer 3")["error_code"], None)

    def test_a_text_without_one_is_an_error_row(self):
        db = self.aligned()
        self.stub.script({"faults": [{
            "path": "/embeddings", "if_user_contains": "question 33",
            "status": 400, "message": "unfit for embedding"}]})
        run = db.command("judge_run", "q@2")
        self.assertEqual((run["verdicts"], run["errors"]), (39, 1))
        code, text, value = db.rows(
            "SELECT error_code, error_message, value FROM judge_assessment"
            " WHERE trace_id = 't033' AND judge = 'q@2'")[0]
        self.assertEqual((code, value), ("HTTP_400", None))
        self.assertIn("no embedding from 'openai:/e'", text)
        self.assertIn("unfit for embedding", text)
        again = db.command("judge_eval", "q@2", "question 33", "b")
        self.assertEqual(again["error_code"], "HTTP_400")
        self.stub.script({})
        run = db.command("judge_run", "q@2")
        self.assertEqual((run["verdicts"], run["errors"]), (1, 0))

    def test_a_key_that_is_refused_stops_at_once(self):
        db = self.aligned()
        self.stub.script({"faults": [{"path": "/embeddings", "status": 401,
                                      "message": "bad key"}]})
        self.assertIn("OPENAI_API_KEY", db.error("SELECT judge_run('q@2')"))
        self.assert_free(db)

    def test_an_empty_text_needs_none(self):
        db = self.aligned()
        db.rows("UPDATE judge_trace SET inputs = '' WHERE trace_id = 't040'")
        self.forget(db)
        run = db.command("judge_run", "q@2", {"trace_ids": ["t040"]})
        self.assertEqual((run["verdicts"], self.embedded()), (1, []))

    def test_an_interrupt_keeps_what_was_answered(self):
        db = self.database(traces=60, labels=60)
        self.stub.script({"latency_ms": 100})
        db.config("concurrency", 4)
        thread = host.interrupt_after(
            db, 0.05, lambda: len(self.embedded()) >= 8)
        text = db.error("SELECT judge_align('q', ?)",
                        json.dumps({"embedding_model": MODEL}))
        thread.join()
        self.assertIn("interrupt", text.lower())
        self.assert_free(db)
        self.assertEqual(db.one("SELECT count(*) FROM judges"), 1)
        before = len(self.embedded())
        self.assertLess(before, 60)
        self.stub.script({})
        db.command("judge_align", "q", {"embedding_model": MODEL})
        after = len(self.embedded())
        self.assertLessEqual(before + after, 60 + 4)  # 4 were in flight
        self.assertEqual(db.one("SELECT count(embedding) FROM judge_example"),
                         60)


if __name__ == "__main__":
    sys.exit(host.main())
