#!/usr/bin/python3
"""What servers say of usage, and what they may bill without saying anything:
budgets hold all the same, and what is not known is NULL, never 0.

The last line is "N passed, N failed".
"""
import socket
import struct
import sys
import threading
import time

import host

# What servers may put in place of usage.
ODD = [None, {}, [], "12", {"prompt_tokens": -5, "completion_tokens": -5},
       {"prompt_tokens": 1000.5, "completion_tokens": 3},
       {"prompt_tokens": "1000", "completion_tokens": "3"},
       {"prompt_tokens": 1e308, "completion_tokens": 1e308},
       {"prompt_tokens": 2 ** 62, "completion_tokens": 2 ** 62},
       {"prompt_tokens": 100, "completion_tokens": 10 ** 9},
       {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
       {"prompt_tokens": 30}, {"completion_tokens": 3}]
# How an attempt ends, and whether it counts at its most: the table of
# docs/models.md.
ENDS = [({"status": 500}, True), ({"status": 502}, True),
        ({"status": 503}, True), ({"status": 504}, True),
        ({"status": 529}, True), ({"status": 408}, True),
        ({"kind": "close"}, True), ({"kind": "reset"}, True),
        ({"kind": "cut"}, True), ({"kind": "stall"}, True),
        ({"kind": "silent"}, True), ({"kind": "garbage"}, True),
        ({"kind": "huge"}, True),
        ({"kind": "header", "bytes": 2000000}, True),
        ({"kind": "not_json"}, True), ({"kind": "error_200"}, True),
        ({"status": 201}, True),
        ({"status": 400}, False), ({"status": 413}, False),
        ({"status": 422}, False), ({"status": 429}, False),
        ({"kind": "redirect"}, False)]


class Usage(host.Case):

    def run_with(self, faults, **limits):
        self.stub.script({"faults": faults})
        db = self.database(traces=100)
        db.config("retries", 0)
        db.config("timeout_s", 1)
        db.rows("INSERT INTO judge_price(model, input_per_million,"
                " output_per_million) VALUES('openai:/m', 100, 400)")
        report = db.command("judge_run", "q",
                            dict(limits, max_error_share=1))
        db.sent = self.stub.stats()["requests"]
        return db, report

    def test_odd_usage_keeps_the_reservation(self):
        for usage in ODD:
            with self.subTest(usage=usage):
                db, report = self.run_with(
                    [{"kind": "usage", "usage": usage}], max_tokens=60000)
                # Input of some 700 bytes and 4,096 tokens of output each.
                self.assertLess(db.sent, 14)
                self.assertGreater(db.sent, 8)
                self.assertEqual(report["exhausted"], "max_tokens")
                self.assertIsNone(report["input_tokens"])
                self.assertIsNone(report["output_tokens"])
                self.assertIsNone(report["cost"])
                self.assertEqual(report["unknown_calls"], db.sent)
                self.assertGreater(report["unknown_tokens"], 40000)
                self.assertLessEqual(report["unknown_tokens"], 60000)
                self.assertEqual(db.one(
                    "SELECT count(*) FROM judge_call WHERE status = 'ok' AND"
                    " cost IS NULL AND coalesce(input_tokens + output_tokens,"
                    " -1) = -1"), db.sent)

    def test_max_cost_holds_without_usage(self):
        db, report = self.run_with([{"kind": "usage", "usage": None}],
                                   max_cost=20)
        self.assertEqual(report["exhausted"], "max_cost")
        self.assertLess(db.sent, 20 / (4096 * 400 / 1e6) + 1)

    def test_a_price_without_an_end_is_none(self):
        """Infinity times no cached token is no number, which passed."""
        db = self.database(traces=4)
        db.rows("INSERT INTO judge_price(model, input_per_million,"
                " output_per_million) VALUES('openai:/m', 9e999, 1)")
        self.assertIn("max_cost needs the price of 'openai:/m'", db.error(
            "SELECT judge_run('q', '{\"max_cost\":0.01}')"))
        self.assertEqual(self.stub.stats()["requests"], 0)

    def test_true_usage_is_believed(self):
        db, report = self.run_with(
            [{"kind": "usage", "usage": {"prompt_tokens": 3000,
                                         "completion_tokens": 5000}}],
            max_tokens=60000)
        self.assertEqual(report["input_tokens"], 3000 * db.sent)
        self.assertEqual(report["output_tokens"], 5000 * db.sent)
        self.assertNotIn("unknown_calls", report)

    def test_one_unknown_answer_makes_the_sum_unknown(self):
        db, report = self.run_with(
            [{"on": [3], "kind": "usage", "usage": None}])
        self.assertEqual((report["verdicts"], report["unknown_calls"]),
                         (100, 1))
        self.assertIsNone(report["input_tokens"])
        self.assertIsNone(report["cost"])

    def test_ends_count_as_the_table_says(self):
        for fault, most in ENDS:
            with self.subTest(fault=fault):
                self.stub.script({"faults": [fault]})
                db = self.database(traces=24)
                db.config("retries", 0)
                db.config("timeout_s", 1)
                report = db.command("judge_run", "q",
                                    {"max_tokens": 30000,
                                     "max_error_share": 1, "concurrency": 8})
                sent = self.stub.stats()["requests"]
                if most:
                    self.assertLess(sent, 7)
                    self.assertEqual(report["exhausted"], "max_tokens")
                    self.assertEqual(report["unknown_calls"], sent)
                else:
                    self.assertEqual(sent, 24)

    def test_a_request_that_was_not_taken_counts_nothing(self):
        """The server reads its beginning and hangs up."""
        def hang_up():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                peer.recv(1000)
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
                peer.close()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(8)
            threading.Thread(target=hang_up, daemon=True).start()
            self.setenv(OPENAI_BASE_URL="http://127.0.0.1:%d/v1"
                        % listener.getsockname()[1])
            db = self.database(traces=4)
            db.config("retries", 0)
            db.rows("UPDATE judge_trace SET outputs ="
                    " hex(zeroblob(8000000))")
            report = db.command("judge_run", "q", {"max_tokens": 20000000,
                                                   "concurrency": 1})
            listener.shutdown(socket.SHUT_RDWR)
        self.assertEqual((report["calls"], report["errors"]), (4, 4))
        self.assertNotIn("unknown_calls", report)
        self.assertEqual({c for c, in db.rows(
            "SELECT error_code FROM judge_assessment")}, {"CLOSED"})

    def test_retries_are_counted(self):
        """60 requests of up to 5,800 tokens under 30,000, once."""
        self.stub.script({"faults": [{"status": 500}]})
        db = self.database(traces=10)
        db.config("retries", 5)
        db.command("judge_run", "q", {"max_tokens": 30000})
        self.assertLess(self.stub.stats()["requests"], 7)


class Time(host.Case):

    def test_max_seconds_ends_waiting(self):
        self.stub.script({"latency_ms": 8000})
        db = self.database(traces=20)
        start = time.monotonic()
        report = db.command("judge_run", "q", {"max_seconds": 1,
                                               "max_tokens": 1000000})
        took = time.monotonic() - start
        self.assertLess(took, 1 + 0.2 * host.PATIENCE)
        self.assertEqual(report["exhausted"], "max_seconds")
        self.assertEqual((report["dropped"], report["skipped"]), (16, 20))
        self.assertEqual(report["unknown_calls"], 16)
        self.assertGreater(report["unknown_tokens"], 16 * 4096)
        # They are told once.
        self.stub.script({})
        report = db.command("judge_run", "q")
        self.assertEqual(report["verdicts"], 20)
        self.assertNotIn("dropped_before", report)

    def test_a_break_of_a_year_is_not_waited_for(self):
        self.stub.script({"faults": [{"on": [5], "status": 429,
                                      "retry_after": "31536000"}]})
        db = self.database(traces=60)
        start = time.monotonic()
        text = db.error("SELECT judge_run('q')")
        self.assertLess(time.monotonic() - start, 2 * host.PATIENCE)
        self.assertIn("the server asks for a break of 1440 minutes", text)
        self.assertIn("run it again", text)
        stored = db.one("SELECT count(*) FROM judge_call WHERE status = 'ok'")
        self.assertGreater(stored, 3)
        self.stub.script({})
        report = db.command("judge_run", "q")
        self.assertEqual((report["calls"], report["cached"]), (
            60 - stored, report["cached"]))

    def test_what_is_waited_for_is_told(self):
        self.stub.script({"faults": [{"on": [1], "status": 429,
                                      "retry_after": "2"}]})
        db = self.database(traces=2)
        report = db.command("judge_run", "q", {"concurrency": 1})
        self.assertEqual(report["verdicts"], 2)
        self.assertGreater(report["waited_seconds"], 1.5)
        self.assertLess(report["waited_seconds"], report["seconds"])
        report = db.command("judge_run", "q", {"redo": True})
        self.assertNotIn("waited_seconds", report)

    def test_max_seconds_of_other_commands(self):
        self.stub.script({"latency_ms": 8000})
        db = self.database(traces=20, labels=20)
        for command, values in (
                ("judge_align", ["q", {"max_seconds": 1,
                                       "model": "openai:/m"}]),
                ("judge_generate", ["openai:/m", "Say {{ x }}",
                                    {"inputs": [{"x": "a"}, {"x": "b"}],
                                     "max_seconds": 1}])):
            start = time.monotonic()
            try:
                db.command(command, *values)
            except host.sqlite3.Error as error:
                self.assertIn("max_seconds", str(error))
            self.assertLess(time.monotonic() - start,
                            1 + 0.2 * host.PATIENCE, command)


if __name__ == "__main__":
    sys.exit(host.main())
