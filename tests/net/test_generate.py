#!/usr/bin/python3
"""judge_generate: the application's side, and the providers' environment."""
import json
import sqlite3
import sys
import threading
import time

import host


class Generate(host.Case):
    script = {"model": {"kind": "generate"}, "latency_ms": [1, 10]}

    def items(self):
        db = self.empty()
        db.rows("CREATE TABLE items(item_id, product, words)")
        db.insert_many("INSERT INTO items VALUES (?, ?, ?)", [
            (i, "product %d" % i, i + 0.5) for i in range(30)])
        return db

    def test_from_a_query(self):
        db = self.items()
        report = db.command(
            "judge_generate", "openai:/m",
            "Describe {{ product }} in {{words}} words.",
            {"from": "SELECT product, words FROM items ORDER BY item_id",
             "session_id": "s1", "tags": {"a": "b"}})
        self.assertEqual((report["traces"], report["generated"],
                          report["errors"], report["skipped"],
                          report["calls"]), (30, 30, 0, 0, 30))
        texts = {e["text"] for e in self.requests()}
        self.assertIn("Describe product 7 in 7.5 words.", texts)
        rows = db.rows("SELECT inputs, outputs, state, session_id, tags,"
                       " experiment, duration_ms >= 0,"
                       " metadata->>'$.model', metadata->>'$.output_tokens' > 0"
                       " FROM traces ORDER BY rowid")
        self.assertEqual(len(rows), 30)
        by_product = {json.loads(r[0])["product"]: r for r in rows}
        row = by_product["product 7"]
        self.assertEqual(json.loads(row[0]), {"product": "product 7",
                                              "words": 7.5})
        self.assertIn("About in 7.5 words.:", row[1])
        self.assertEqual(row[2:], ("OK", "s1", '{"a":"b"}', "Default", 1,
                                   "openai:/m", 1))

    def test_from_a_list(self):
        db = self.empty()
        report = db.command("judge_generate", "openai:/m",
                            "Answer: {{ inputs }}",
                            {"inputs": ["one", "two", {"inputs": "three"}],
                             "experiment": "e2", "system": "You are brief."})
        self.assertEqual(report["generated"], 3)
        self.assertEqual({r[0] for r in db.rows(
            "SELECT inputs FROM traces WHERE experiment = 'e2'")},
            {"one", "two", "three"})

    def test_twice_makes_nothing_twice(self):
        db = self.items()
        values = ("judge_generate", "openai:/m", "About {{ product }}",
                  {"from": "SELECT product FROM items"})
        db.command(*values)
        report = db.command(*values)
        self.assertEqual((report["generated"], report["skipped"],
                          report["calls"]), (0, 30, 0))
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 30)
        self.assertEqual(self.stub.stats()["requests"], 30)
        # A trace that is gone is made again, from the stored answer.
        db.rows("DELETE FROM traces WHERE inputs = 'product 3'")
        report = db.command(*values)
        self.assertEqual((report["generated"], report["cached"],
                          report["calls"]), (1, 1, 0))

    def test_a_trace_id_of_ones_own(self):
        db = self.items()
        db.command("judge_generate", "openai:/m", "About {{ product }}",
                   {"from": "SELECT 'p' || item_id AS trace_id, product"
                            " FROM items", "limit": 4})
        self.assertEqual([r[0] for r in db.rows(
            "SELECT trace_id FROM traces ORDER BY 1")],
            ["p0", "p1", "p2", "p3"])

    def test_errors_are_tried_again(self):
        self.stub.script({"model": {"kind": "generate"}, "faults": [
            {"status": 400, "message": "no", "if_user_contains": "product 3"}]})
        db = self.items()
        values = ("judge_generate", "openai:/m", "About {{ product }}.",
                  {"from": "SELECT product FROM items LIMIT 5"})
        report = db.command(*values)
        self.assertEqual((report["generated"], report["errors"]), (4, 1))
        row = db.rows("SELECT outputs, metadata->>'$.error_code',"
                      " metadata->>'$.error_message' FROM traces"
                      " WHERE state = 'ERROR'")
        self.assertEqual(row, [(None, "HTTP_400", "HTTP 400: no")])
        self.stub.script(self.script)
        report = db.command(*values)
        self.assertEqual((report["generated"], report["errors"],
                          report["skipped"], report["calls"]), (1, 0, 4, 1))
        self.assertEqual(db.rows("SELECT state, count(*), count(outputs)"
                                 " FROM traces GROUP BY 1"), [("OK", 5, 5)])

    def test_misuse(self):
        db = self.items()
        for template, options, *parts in (
                ("{{ colour }}", {"from": "SELECT product FROM items"},
                 "colour", "product"),
                ("{{ inputs }}", {}, "from", "inputs"),
                ("{{ inputs }}", {"inputs": ["a"], "from": "SELECT 1"},
                 "either"),
                ("{{ inputs }}", {"inputs": "a"}, "list"),
                ("{{ inputs }}", {"inputs": [1]}, "texts or objects"),
                ("{{ x }}", {"from": "DELETE FROM items"}, "one SELECT"),
                ("{{ x }}", {"from": "SELECT 1 x; SELECT 2"}, "one SELECT"),
                ("{{ x }}", {"from": "SELECT x FROM nowhere"}, "nowhere"),
                ("{{ x }}", {"form": "SELECT 1 x"}, "form", "from"),
                ("{{ x }} {{ y }}", {"inputs": [{"x": 1}]}, "{{ y }}", "x")):
            with self.subTest(template=template, options=options):
                text = db.error("SELECT judge_generate('openai:/m', ?, ?)",
                                template, json.dumps(options))
                for part in parts:
                    self.assertIn(part, text)
        self.assertEqual(db.one("SELECT count(*) FROM items"), 30)
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_max_calls(self):
        db = self.items()
        report = db.command(
            "judge_generate", "openai:/m", "About {{ product }}",
            {"from": "SELECT product FROM items", "max_calls": 7})
        self.assertEqual((report["generated"], report["calls"],
                          report["exhausted"]), (7, 7, "max_calls"))
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 7)

    def test_a_locked_file(self):
        """In journal mode delete even look-ups meet the lock."""
        self.stub.script({"model": {"kind": "generate"},
                          "latency_ms": [5, 20]})
        db = self.items()
        other = sqlite3.connect(db.path, isolation_level=None,
                                check_same_thread=False)

        def hold():
            time.sleep(0.1)
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(1)
            other.execute("ROLLBACK")
        thread = threading.Thread(target=hold)
        thread.start()
        report = db.command(
            "judge_generate", "openai:/m", "About {{ n }}",
            {"from": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1"
                     " FROM t WHERE n < 200) SELECT n FROM t",
             "concurrency": 8})
        thread.join()
        other.close()
        self.assertEqual((report["generated"], report["calls"]), (200, 200))
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 200)


class OwnIds(host.Case):
    """A trace_id given with an input names the trace and is no input."""
    script = {"model": {"kind": "generate"}}

    def generate(self, db, inputs, template="Say {{ q }}", **options):
        return db.command("judge_generate", "openai:/m", template,
                          dict(options, inputs=inputs))

    def refused(self, db, inputs, *parts, template="Say {{ q }}", **options):
        """Says why, with nothing sent and nothing written."""
        before = db.rows("SELECT * FROM judge_trace ORDER BY 1")
        text = db.error("SELECT judge_generate('openai:/m', ?, ?)", template,
                        json.dumps(dict(options, inputs=inputs)))
        for part in parts:
            self.assertIn(part, text)
        self.assertEqual(db.rows("SELECT * FROM judge_trace ORDER BY 1"),
                         before)

    def test_it_is_no_input(self):
        db = self.empty()
        db.rows("CREATE TABLE asked(id TEXT, q, words)")
        db.insert_many("INSERT INTO asked VALUES (?, ?, ?)",
                       [("g1", "same", 3), ("g2", "same", 3), ("g3", "no", 3)])
        for suffix, columns, inputs in (
                ("-1", "trace_id, q", ["same", "same", "no"]),
                ("-2", "TRACE_ID, q, words",
                 ['{"q":"same","words":3}'] * 2 + ['{"q":"no","words":3}'])):
            report = db.command("judge_generate", "openai:/m", "Say {{ q }}",
                                {"from": "SELECT id || '%s' AS %s FROM asked"
                                 % (suffix, columns)})
            self.assertEqual((report["generated"], report["errors"]), (3, 0))
            self.assertEqual([r[0] for r in db.rows(
                "SELECT inputs FROM traces WHERE trace_id LIKE ?"
                " ORDER BY trace_id", "g_" + suffix)], inputs)
        # Equal questions cost one call.
        self.assertEqual({e["text"] for e in self.requests()},
                         {"Say same", "Say no"})
        self.assertEqual(self.stub.stats()["requests"], 2)

    def test_it_is_one_where_the_template_names_it(self):
        db = self.empty()
        self.generate(db, [{"trace_id": "g1", "q": "a"}, {"q": "b"},
                           {"trace_id": "g3", "q": "c"}],
                      "{{ trace_id }}: {{ q }}", limit=1)
        self.assertEqual(self.requests()[0]["text"], "g1: a")
        self.assertEqual(db.rows("SELECT trace_id, inputs FROM traces"),
                         [("g1", '{"trace_id":"g1","q":"a"}')])

    def test_none_is_made(self):
        db = self.empty()
        self.generate(db, [{"q": "a"}, {"q": "b", "trace_id": None}])
        rows = db.rows("SELECT trace_id, inputs FROM traces ORDER BY 2")
        self.assertEqual([r[1] for r in rows], ["a", "b"])
        for made, _ in rows:
            self.assertRegex(made, "^tr-[0-9a-f]{32}$")

    def test_equal_requests_are_one_trace(self):
        db = self.empty()
        inputs = [{"q": "a"}, {"q": "b"}, {"q": "a"}]
        report = self.generate(db, inputs)
        self.assertEqual((report["traces"], report["generated"],
                          report["skipped"], report["calls"]), (3, 2, 1, 2))
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 2)
        made = db.one("SELECT trace_id FROM traces WHERE inputs = 'b'")
        self.refused(db, inputs + [{"trace_id": made, "q": "c"}],
                     "inputs 2 and 4", made)

    def test_a_long_one(self):
        db = self.empty()
        for name in ("i" * 255, "\u00e4" * 127, "a b/c\n'"):
            self.generate(db, [{"trace_id": name, "q": name}])
            self.assertEqual(db.one("SELECT outputs IS NOT NULL FROM traces"
                                    " WHERE trace_id = ?", name), 1)

    def test_what_is_no_id(self):
        db = self.empty()
        fine = {"trace_id": "g1", "q": "a"}
        for value, *parts in (
                (7, "input 2", "trace_id 7", "not a text", "CAST"),
                (1.5, "trace_id 1.5", "not a text"),
                (True, "trace_id true", "not a text"),
                (["x"], 'trace_id ["x"]', "not a text"),
                ({"x": 1}, 'trace_id {"x":1}', "not a text"),
                ("", "input 2", "trace_id", "empty"),
                ("i" * 256, "input 2", "iiii", "256 bytes", "255"),
                ("\u00e4" * 128, "256 bytes", "255"),
                ("g1", "inputs 1 and 2", "trace_id 'g1'")):
            with self.subTest(value=value):
                self.refused(db, [fine, {"trace_id": value, "q": "b"}], *parts)
        for column, *parts in (
                ("7", "input 1", "trace_id 7", "CAST"),
                ("1.5", "trace_id 1.5"),
                ("''", "empty"),
                ("CAST('x' AS BLOB)", "trace_id", "blob"),
                ("'a' || char(0) || 'b'", "trace_id", "NUL"),
                ("CAST(x'61ff' AS TEXT)", "trace_id", "UTF-8"),
                ("'a' AS trace_id, 'b'", "two columns", "trace_id")):
            with self.subTest(column=column):
                text = db.error(
                    "SELECT judge_generate('openai:/m', '{{ q }}', ?)",
                    json.dumps({"from": "SELECT 'x' AS q, %s AS trace_id"
                                % column}))
                for part in parts:
                    self.assertIn(part, text)
        self.assertEqual(db.one("SELECT count(*) FROM traces"), 0)
        self.assertEqual(self.stub.stats()["requests"], 0)
        # Inputs beyond the limit are none.
        self.generate(db, [fine, fine, {"trace_id": 7, "q": "b"}], limit=1)
        self.assertEqual(db.rows("SELECT trace_id FROM traces"), [("g1",)])

    def test_traces_that_are_there(self):
        db = self.empty()
        db.insert_many("INSERT INTO traces(trace_id, state, inputs, outputs)"
                       " VALUES (?, ?, 'x', 'old')",
                       [("ok", "OK"), ("on its way", "IN_PROGRESS")])
        before = db.rows("SELECT * FROM judge_trace ORDER BY 1")
        report = self.generate(db, [{"trace_id": "ok", "q": "a"},
                                    {"trace_id": "on its way", "q": "b"}])
        self.assertEqual((report["generated"], report["skipped"],
                          report["calls"]), (0, 2, 0))
        self.assertEqual(db.rows("SELECT * FROM judge_trace ORDER BY 1"),
                         before)

    def failed(self, db, rows):
        db.insert_many("INSERT INTO traces(trace_id, state, inputs)"
                       " VALUES (?, 'ERROR', ?)", rows)

    def test_a_failed_one_keeps_its_inputs_and_labels(self):
        db = self.empty()
        # As an application may have stored them, or an earlier version.
        rows = {"text": "a", "object": '{"q": "a"}',
                "numbers": '{ "n": 3, "q": "a", "trace_id": "numbers" }',
                "json": '{"x": 1}', "other column": '{"q":"a","m":9}'}
        self.failed(db, list(rows.items()))
        db.rows("INSERT INTO assessments(trace_id, name, value) SELECT"
                " trace_id, 'fit', 'no answer' FROM traces")
        report = self.generate(db, [
            {"trace_id": "text", "q": "a"}, {"trace_id": "object", "q": "a"},
            {"trace_id": "numbers", "q": "a", "n": 3},
            {"trace_id": "json", "q": '{"x": 1}'},
            {"trace_id": "other column", "q": "a", "n": 4}])
        self.assertEqual((report["generated"], report["errors"]), (5, 0))
        self.assertEqual(dict(db.rows(
            "SELECT trace_id, inputs FROM traces WHERE state = 'OK'")), rows)
        self.assertEqual(db.one("SELECT count(*) FROM assessments"
                                " WHERE value = 'no answer' AND valid"), 5)
        self.assertEqual({e["text"] for e in self.requests()},
                         {"Say a", 'Say {"x": 1}'})

    def test_a_failed_one_with_other_inputs(self):
        db = self.empty()
        self.failed(db, [("g1", "a"), ("g2", '{"q":"a"}'), ("g3", None),
                         ("g4", '["a"]'), ("g5", '{"q":"b"')])
        for name in ("g1", "g2", "g3", "g4", "g5"):
            with self.subTest(name=name):
                self.refused(db, [{"trace_id": "new", "q": "x"},
                                  {"trace_id": name, "q": "b"}],
                             "input 2", "'%s'" % name, "failed before",
                             "other inputs", "delete the trace")
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_a_failed_one_that_was_changed(self):
        """Its id was made of a request that its inputs no longer make."""
        self.stub.script({"faults": [{"status": 400, "message": "no"}]})
        db = self.empty()
        self.assertEqual(self.generate(db, [{"q": "a"}])["errors"], 1)
        db.rows("UPDATE traces SET inputs = 'b'")
        self.stub.script(self.script)
        self.refused(db, [{"q": "new"}, {"q": "a"}], "input 2", "'tr-",
                     "other inputs")
        db.rows("UPDATE traces SET inputs = 'a'")
        report = self.generate(db, [{"q": "new"}, {"q": "a"}])
        self.assertEqual(report["generated"], 2)

    def test_a_name_without_a_value(self):
        """Found in the last input before the first is paid for."""
        db = self.empty()
        self.refused(db, [{"q": "a"}, {"p": "b"}], "{{ q }}", "gives p")
        self.assertEqual(self.stub.stats()["requests"], 0)


class Providers(host.Case):
    script = {"model": {"kind": "generate"}}

    def generate(self, model):
        db = self.empty()
        report = db.command("judge_generate", model, "Say {{ inputs }}",
                            {"inputs": ["hello"]})
        self.assertEqual(report["generated"], 1, report)
        return self.requests()[-1]

    def test_databricks(self):
        self.setenv(OPENAI_BASE_URL=None, OPENAI_API_KEY=None,
                    DATABRICKS_HOST=self.stub.url(), DATABRICKS_TOKEN=host.KEY)
        request = self.generate("databricks:/some-endpoint")
        self.assertEqual((request["path"], request["model"],
                          request["planted_key"]),
                         ("/serving-endpoints/chat/completions",
                          "some-endpoint", True))

    def test_databricks_without_a_host(self):
        self.setenv(DATABRICKS_HOST=None, DATABRICKS_TOKEN=host.KEY)
        text = self.empty().error(
            "SELECT judge_generate('databricks:/e', '{{ inputs }}',"
            " '{\"inputs\":[\"a\"]}')")
        self.assertIn("DATABRICKS_HOST", text)

    def test_ollama(self):
        self.setenv(OPENAI_BASE_URL=None, OPENAI_API_KEY=None,
                    OLLAMA_API_BASE=None,
                    OLLAMA_HOST="127.0.0.1:%d" % self.stub.port)
        db = self.database(traces=1)
        db.make_judge("o", "ollama:/llama")
        self.stub.script({})
        report = db.command("judge_run", "o")
        self.assertEqual(report["calls"], 1)
        self.assertFalse(self.requests()[0]["planted_key"])

    def test_endpoints(self):
        self.setenv(OPENAI_BASE_URL=None, OPENAI_API_KEY=None,
                    MLFLOW_DEPLOYMENTS_TARGET=self.stub.url())
        request = self.generate("endpoints:/chat")
        self.assertEqual(request["path"], "/v1/chat/completions")

    def test_the_guide_under_databricks(self):
        self.setenv(OPENAI_BASE_URL=None, OPENAI_API_KEY=None,
                    DATABRICKS_HOST=self.stub.url(), DATABRICKS_TOKEN=host.KEY)
        self.stub.script({"planted_key": host.KEY})
        db = self.empty()
        db.make_judge("q", "databricks:/judge")
        db.add_traces(5)
        report = db.command("judge_run", "q")
        self.assertEqual(report["verdicts"], 5)
        self.assertEqual(db.one("SELECT DISTINCT source_id"
                                " FROM judge_assessment"), "databricks:/judge")


if __name__ == "__main__":
    sys.exit(host.main())
