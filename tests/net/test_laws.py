#!/usr/bin/python3
"""What may send: when it refuses to start, what judge_eval keeps, budgets under
faults, keys, progress, the locale."""
import json
import os
import pty
import random
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import host
import leaks
from stub_client import Stub


class Transactions(host.Case):
    """Law 3: no transaction across the network, and a text for each cause."""

    COMMANDS = ("judge_run('q')", "judge_align('q')",
                "judge_generate('openai:/m', 'About {{ inputs }}',"
                " '{\"inputs\":[\"a\"]}')")

    def setUp(self):
        super().setUp()
        self.db = self.database(traces=3, labels=3)

    def refused(self, sql, *parts):
        text = self.db.error(sql)
        for part in parts:
            self.assertIn(part, text)
        self.assertEqual(self.stub.stats()["requests"], 0)
        return text

    def test_each_cause_has_its_text(self):
        texts = set()
        for command in self.COMMANDS:
            name = command.split("(")[0]
            for begin in ("BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"):
                self.db.rows(begin)
                texts.add(self.refused("SELECT " + command, name, "COMMIT",
                                       "conn.commit()").replace(name, ""))
                self.db.rows("COMMIT" if begin[0] == "B" else "RELEASE s")
            cursor = self.db.conn.execute("SELECT trace_id FROM judge_trace")
            cursor.fetchone()
            texts.add(self.refused("SELECT " + command, name, "not finished")
                      .replace(name, ""))
            cursor.close()
            for source in ("judge_trace", "traces",
                           "(SELECT 1 FROM judge_trace LIMIT 1)"):
                texts.add(self.refused("SELECT %s FROM %s" % (command, source),
                                       name, "FROM").replace(name, ""))
        self.assertEqual(len(texts), 3, texts)

    def test_python_opens_a_transaction_by_itself(self):
        conn = sqlite3.connect(self.db.path)
        conn.enable_load_extension(True)
        conn.load_extension(host.LIBRARY)
        conn.execute("INSERT INTO judge_trace(trace_id, inputs, outputs)"
                     " VALUES ('x', 'a', 'b')")
        with self.assertRaisesRegex(sqlite3.Error, r"conn\.commit\(\)"):
            conn.execute("SELECT judge_run('q')").fetchone()
        conn.commit()
        report = json.loads(conn.execute(
            "SELECT judge_run('q')").fetchone()[0])
        self.assertEqual(report["verdicts"], 4)
        self.assertFalse(conn.in_transaction)
        conn.close()

    def test_writing_the_result_into_a_table(self):
        text = self.db.error("INSERT INTO judge_meta(key, value)"
                             " SELECT 'report', judge_run('q')")
        self.assertIn("judge_run", text)
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_directonly(self):
        self.db.rows("CREATE TABLE t(x)")
        self.db.rows("CREATE VIEW v AS SELECT judge_run('q')")
        self.refused("SELECT * FROM v", "unsafe use of judge_run")
        self.db.rows("CREATE TRIGGER r AFTER INSERT ON t BEGIN"
                     " SELECT judge_run('q'); END")
        self.refused("INSERT INTO t VALUES (1)", "unsafe use of judge_run")

    def test_others_write_while_it_runs(self):
        self.stub.script({"latency_ms": 100})
        db = self.database(traces=30)
        other = sqlite3.connect(db.path, timeout=0.2, isolation_level=None)
        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(db.command, "judge_run", "q",
                              {"concurrency": 3})
            other.execute("CREATE TABLE w(x)")
            for i in range(50):
                other.execute("INSERT INTO w VALUES (?)", (i,))
            self.assertEqual(job.result()["verdicts"], 30)
        other.close()


class Eval(host.Case):
    def test_alone_it_commits_its_answer(self):
        db = self.database(traces=2)
        verdict = db.command("judge_eval", "q", "t001")
        self.assertIn(verdict["value"], ("bad", "good"))
        self.assertEqual(verdict["rationale"], "by hash")
        self.assertEqual(verdict["judge"], "q@1")
        reader = sqlite3.connect(db.path)
        self.assertEqual(reader.execute(
            "SELECT count(*) FROM judge_call_body").fetchone()[0], 1)
        reader.close()
        self.assertEqual(db.one("SELECT count(*) FROM judge_assessment"), 0)
        again = db.command("judge_eval", "q", "t001")
        self.assertTrue(again["metadata"]["cached"])
        self.assertEqual(again["value"], verdict["value"])
        # The same item by its values, and by judge_run.
        db.command("judge_eval", "q", "question 1", "answer 1")
        self.assertEqual(db.command("judge_run", "q")["calls"], 1)
        self.assertEqual(self.stub.stats()["requests"], 2)

    def test_inside_a_query_it_commits_its_answers(self):
        db = self.database(traces=5)
        rows = db.rows("SELECT judge_eval('q', trace_id)->>'$.value'"
                       " FROM judge_trace ORDER BY trace_id")
        self.assertEqual(len(rows), 5)
        self.assertEqual(db.one("SELECT count(*) FROM judge_call"), 5)
        db.rows("SELECT judge_eval('q', trace_id) FROM judge_trace")
        self.assertEqual(self.stub.stats()["requests"], 5)
        self.assert_free(db)
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["cached"],
                          report["verdicts"]), (0, 5, 5))
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 5)
        self.assertEqual(self.stub.stats()["requests"], 5)
        self.assertEqual(rows, db.rows("SELECT value FROM judge_assessment"
                                       " ORDER BY trace_id"))

    def test_in_a_read_transaction(self):
        db = self.database(traces=1)
        db.rows("BEGIN")
        db.rows("SELECT count(*) FROM judge_trace")
        self.assertIn("value", db.command("judge_eval", "q", "t001"))
        db.rows("COMMIT")
        self.assertEqual(db.command("judge_run", "q")["calls"], 0)

    def test_in_a_write_transaction(self):
        db = self.database(traces=2)
        db.rows("BEGIN IMMEDIATE")
        text = db.error("SELECT judge_eval('q', 't001')")
        self.assertIn("write transaction", text)
        self.assertIn("eval_in_transaction", text)
        self.assertEqual(self.stub.stats()["requests"], 0)
        db.config("eval_in_transaction", "on")
        self.assertIn("value", db.command("judge_eval", "q", "t001"))
        db.rows("COMMIT")
        self.assertEqual(self.stub.stats()["requests"], 1)

    def test_through_a_constraint(self):
        """DIRECTONLY does not stop a CHECK constraint on 3.40.1."""
        db = self.database(traces=1)
        db.rows("PRAGMA writable_schema = 1")
        try:
            db.rows("CREATE TABLE c(x CHECK(judge_eval('q', 't001') <> x))")
        except sqlite3.Error:
            # Newer SQLite refuses it here already.
            self.assertEqual(self.stub.stats()["requests"], 0)
            return
        text = db.error("INSERT INTO c VALUES (1)")
        self.assertTrue("CHECK constraint" in text or "unsafe" in text, text)
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_an_error_is_a_value(self):
        self.stub.script({"faults": [{"status": 400, "message": "no"}]})
        db = self.database(traces=1)
        verdict = db.command("judge_eval", "q", "t001")
        self.assertIsNone(verdict["value"])
        self.assertEqual(verdict["error_code"], "HTTP_400")
        self.assertIn("no such trace: 'zzz'",
                      db.error("SELECT judge_eval('q', 'zzz')"))

    def test_a_read_only_file(self):
        path = self.database(traces=1).path
        db = self.open("file:%s?mode=ro" % path, uri=True)
        for _ in range(2):
            self.assertIn("value", db.command("judge_eval", "q", "t001"))
        self.assertEqual(self.stub.stats()["requests"], 1)


class BrokenFile(host.Case):
    """A file that takes nothing is found before anything is paid for."""

    BROKEN = ("DROP TABLE judge_call", "DROP TABLE judge_call_body",
              "DROP TRIGGER judge_call_answer_insert",
              "DROP TABLE judge_claim",
              "CREATE TRIGGER x BEFORE INSERT ON judge_call BEGIN"
              " SELECT RAISE(IGNORE); END",
              "CREATE TRIGGER x BEFORE INSERT ON judge_call_body BEGIN"
              " SELECT RAISE(IGNORE); END",
              "CREATE TRIGGER x BEFORE INSERT ON judge_call BEGIN"
              " SELECT RAISE(ABORT, 'no'); END")

    def test_nothing_is_sent(self):
        for broken in self.BROKEN:
            for command in ("judge_run('q')", "judge_align('q')",
                            "judge_generate('openai:/m', 'About {{ inputs }}',"
                            " '{\"inputs\":[\"a\"]}')"):
                with self.subTest(broken=broken, command=command):
                    db = self.database(traces=12, labels=12)
                    db.rows(broken)
                    self.assertTrue(db.error("SELECT " + command))
                    self.assertEqual(self.stub.stats()["requests"], 0)
                    self.assert_free(db)

    def test_the_trial_leaves_nothing(self):
        db = self.database(traces=2)
        statements = []
        db.conn.set_trace_callback(statements.append)
        counts = []
        for _ in range(3):
            db.command("judge_run", "q", {"redo": True})
            counts.append(sum("A trial write" in s for s in statements))
        db.conn.set_trace_callback(None)
        self.assertGreater(counts[0], 0)
        self.assertEqual(counts, counts[:1] * 3)  # once a connection
        self.assertEqual(db.rows("SELECT * FROM judge_call WHERE digest ="
                                 " 'trial write'"), [])
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 6)

    def test_verdicts_that_a_trigger_drops(self):
        db = self.database(traces=20)
        db.rows("CREATE TRIGGER x BEFORE INSERT ON judge_assessment BEGIN"
                " SELECT RAISE(IGNORE); END")
        text = db.error("SELECT judge_run('q')")
        self.assertIn("a trigger of this file drops them", text)
        self.assertEqual(db.one("SELECT count(*) FROM judge_report"
                                " WHERE command = 'judge_run'"), 0)
        db.rows("DROP TRIGGER x")
        report = db.command("judge_run", "q")
        self.assertEqual(report["verdicts"], 20)
        self.assertEqual(self.stub.stats()["requests"], 20)

    def test_traces_that_go_meanwhile(self):
        self.stub.script({"latency_ms": 600})
        db = self.database(traces=6)
        other = sqlite3.connect(db.path, isolation_level=None, timeout=10)
        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(db.command, "judge_run", "q")
            while self.stub.stats()["requests"] < 6:
                pass
            other.execute("DELETE FROM judge_trace WHERE trace_id < 't003'")
            report = job.result()
        other.close()
        self.assertEqual((report["verdicts"], report["skipped"]), (4, 2))
        self.assertEqual(db.one("SELECT count(*) FROM judge_assessment"), 4)


class Budget(host.Case):
    script = None

    def worker(self, number):
        """25 runs with 7 calls allowed and 16 in flight."""
        draw = random.Random(number)
        with Stub() as stub:
            db = host.Database(self.folder / ("b%d.db" % number))
            db.rows("SELECT judge_init()")
            db.config("allow_host", "127.0.0.1:%d" % stub.port)
            db.make_judge(options=json.dumps({
                "feedback_value_type": ["bad", "good"],
                "base_url": stub.url("/v1")}))
            db.add_traces(30)
            seen = []
            for turn in range(25):
                faults = draw.choice([[], [
                    {"probability": draw.uniform(0, 1),
                     "status": draw.choice([429, 500, 503])}], [
                    {"probability": draw.uniform(0, 0.7),
                     "kind": draw.choice(["close", "reset", "cut"])}]])
                stub.script({"latency_ms": [0, draw.choice([1, 5, 30])],
                             "seed": number * 100 + turn, "faults": faults})
                report = db.command("judge_run", "q", {
                    "max_calls": 7, "concurrency": 16, "redo": True})
                requests = stub.stats()["requests"]
                seen.append((requests, report["calls"], report["traces"],
                             report["verdicts"] + report["errors"] +
                             report["skipped"]))
            db.close()
        return seen

    def test_seven_calls_in_a_hundred_runs(self):
        self.setenv(OPENAI_API_KEY=host.KEY)
        with ThreadPoolExecutor(4) as pool:
            runs = [r for w in pool.map(self.worker, range(4)) for r in w]
        self.assertEqual(len(runs), 100)
        self.assertLessEqual(max(r[0] for r in runs), 7)
        self.assertGreaterEqual(sum(r[0] == 7 for r in runs), 80)
        for requests, calls, traces, sum_of_all in runs:
            self.assertLessEqual(requests, calls)
            self.assertLessEqual(calls, 7)
            self.assertEqual(traces, sum_of_all)


class Align(host.Case):
    script = {"latency_ms": [1, 5]}

    def test_explain_sends_nothing(self):
        db = self.database(traces=30, labels=30)
        forecast = db.command("judge_align", "q", {"explain": True})
        self.assertEqual(self.stub.stats()["requests"], 0)
        report = db.command("judge_align", "q")
        self.assertGreaterEqual(forecast["calls"], report["calls"] * 0.7)
        self.assertLessEqual(forecast["calls"], report["calls"] * 1.5)

    def test_max_calls(self):
        for allowed in (0, 1, 7, 40):
            self.stub.script(self.script)
            db = self.database(traces=30, labels=30)
            try:
                report = db.command("judge_align", "q",
                                    {"max_calls": allowed})
                self.assertLessEqual(report["calls"], allowed)
            except sqlite3.Error as error:
                self.assertIn("max_calls", str(error))
            self.assertLessEqual(self.stub.stats()["requests"], allowed)
            self.assert_free(db)

    def test_again_costs_nothing(self):
        db = self.database(traces=30, labels=30)
        first = db.command("judge_align", "q")
        count = self.stub.stats()["requests"]
        second = db.command("judge_align", "q")
        self.assertEqual(self.stub.stats()["requests"], count)
        self.assertEqual(second["judge"], first["judge"])

    def test_the_same_rows_make_the_same_judge(self):
        """Law 13: ids of labels, times, and the order in which the rows came
        are not part of it."""
        made = set()
        for turn in range(3):
            db = self.database(traces=15, labels=15)
            if turn == 2:
                db.rows("UPDATE judge_trace SET rowid = 1000 - rowid")
                db.rows("UPDATE judge_assessment SET rowid = 1000 - rowid")
            db.command("judge_align", "q", {"seed": 7})
            made.add(repr(db.rows(
                "SELECT digest FROM judge_definition WHERE version = 2"
                " UNION ALL SELECT * FROM (SELECT DISTINCT digest FROM"
                " judge_call WHERE purpose = 'distill' ORDER BY digest)")
                ))
        self.assertEqual(len(made), 1)

    def test_all_calls_fail(self):
        self.stub.script({"faults": [{"status": 400, "message": "broken"}]})
        db = self.database(traces=20, labels=20)
        try:
            report = db.command("judge_align", "q")
            self.assertFalse(report["accepted"])
        except sqlite3.Error as error:
            self.assertIn("broken", str(error))
        self.assert_free(db)


class Progress(host.Case):
    script = {"latency_ms": 60}
    CODE = ("import sys; sys.path.insert(0, %r)\n"
            "import host\n"
            "db = host.Database(sys.argv[1])\n"
            "for key in sys.argv[2:]: db.config('progress', key)\n"
            "db.command('judge_run', 'q', {'concurrency': 4})\n"
            % str(host.ROOT / "tests/net"))

    def run_piped(self, *config, **env):
        path = self.database(traces=40).path
        done = subprocess.run(
            ["/usr/bin/python3", "-c", self.CODE, path, *config],
            capture_output=True, text=True, env=dict(os.environ, **env))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "")
        leaks.search(done.stderr, "stderr")
        return done.stderr

    def test_a_pipe_gets_nothing(self):
        self.assertEqual(self.run_piped(), "")

    def test_when_asked_for(self):
        text = self.run_piped("on")
        self.assertRegex(text, r"judge_run: \d+ of 40, \d+\.\d/s, 0 errors")
        self.assertRegex(text, r", \d+ s left")
        # Not before as many answers have come as are in flight at once.
        for done in re.findall(r"(\d+) of 40[^\r]* s left", text):
            self.assertGreaterEqual(int(done), 4)

    def test_a_locale_with_a_comma(self):
        locale = host.BUILD / "locale"
        if not (locale / "de_DE.UTF-8").exists():
            self.skipTest("no locale de_DE.UTF-8 (tests/run makes it)")
        code = self.CODE.replace("import host\n", (
            "import host, locale\n"
            "locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\n"
            "assert locale.localeconv()['decimal_point'] == ','\n"))
        path = self.database(traces=40).path
        done = subprocess.run(
            ["/usr/bin/python3", "-c", code, path, "on"], capture_output=True,
            text=True, env=dict(os.environ, LOCPATH=str(locale),
                                LC_ALL="de_DE.UTF-8"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r", \d+\.\d/s")
        db = self.open(path)
        report = db.one("SELECT report FROM judge_report"
                        " WHERE command = 'judge_run'")
        self.assertRegex(report, r'"seconds":\d+\.\d')

    def test_a_terminal_shows_it(self):
        path = self.database(traces=40).path
        master, slave = pty.openpty()
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", self.CODE, path], stderr=slave)
        os.close(slave)
        text = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(master)
        self.assertEqual(process.wait(), 0)
        self.assertIn(b"judge_run: ", text)
        # The line is cleared at the end.
        self.assertTrue(text.endswith(b"\r\x1b[K"), text[-40:])


class Keys(host.Case):
    """Law 9; every other test looks for the key in its files as well."""

    def test_a_server_that_repeats_the_key(self):
        self.stub.script({"model": {"kind": "raw", "text": json.dumps(
            {"result": "good", "rationale": "your key is " + host.KEY})}})
        db = self.database(traces=3)
        db.command("judge_run", "q")
        self.assertEqual(db.rows(
            "SELECT value, rationale, error_code, count(*) FROM"
            " judge_assessment"), [(None, None, "SECRET", 3)])
        self.assertEqual(db.one("SELECT count(*) FROM judge_call_body"), 0)
        self.assertNotIn(host.KEY, db.one(
            "SELECT judge_eval('q', 't001')"))

    def test_error_texts(self):
        self.stub.script({"faults": [{"status": 401, "echo_key": True}]})
        db = self.database(traces=12, labels=12)
        for sql in ("SELECT judge_run('q')",
                    "SELECT judge_run('q', '{\"fail_on_error\":true}')",
                    "SELECT judge_align('q')",
                    "SELECT judge_eval('q', 't001')",
                    "SELECT judge_generate('openai:/m', 'x {{ inputs }}',"
                    " '{\"inputs\":[\"a\"]}')",
                    "SELECT judge_prompt('q', 't001')",
                    "SELECT judge_config()", "SELECT judge_debug()"):
            try:
                text = db.one(sql)
            except sqlite3.Error as error:
                text = str(error)
            self.assertNotIn(host.KEY, text, sql)
        self.assertGreater(self.stub.stats()["requests"], 0)


if __name__ == "__main__":
    sys.exit(host.main())
