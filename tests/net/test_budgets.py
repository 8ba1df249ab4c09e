#!/usr/bin/python3
"""Budgets over everything that is paid: judgements, distillations by another
model, embeddings; with retries, failures, and input that the provider had
cached. What the calls took, counted from the rows of judge_call and the
prices, never passes a limit, and is what the report says.

The last line is "N passed, N failed".
"""
import random
import sys

import host
import stub_usage  # noqa: F401  (the kind "talk")

RUNS = 30
MODELS = ("openai:/m", "openai:/big", "openai:/e")


def prices(rng):
    """Some models are dear, and for some what is cached costs more."""
    return {m: (rng.choice((0, 1, 20)), rng.choice((0, 4, 100)),
                rng.choice((None, 0, 0.1, 30))) for m in MODELS}


class Budgets(host.Case):

    def spent(self, db, table):
        """(calls, tokens, cost) of all rows, by the prices as they stand."""
        calls = tokens = 0
        cost = 0.0
        for model, took, gave, warm in db.rows(
                "SELECT model, coalesce(input_tokens, 0),"
                " coalesce(output_tokens, 0), coalesce(cached_tokens, 0)"
                " FROM judge_call WHERE status <> 'cached'"):
            dear, out, cached = table[model]
            cached = dear if cached is None else cached
            calls += 1
            tokens += took + gave
            cost += ((took - warm) * dear + warm * cached + gave * out) / 1e6
        return calls, tokens, cost

    def one_run(self, rng):
        self.stub.script({
            "seed": rng.randrange(1000), "model": {"kind": "talk"},
            "latency_ms": [0, 3],
            "usage": {"cached": rng.choice((0, 0.3, 1.0)),
                      "schema": rng.random() < 0.5,
                      "fixed": rng.choice((3, 300))},
            "faults": [{"probability": 0.1, "status": 500},
                       {"probability": 0.05, "kind": "not_json"}]
            if rng.random() < 0.5 else []})
        table = prices(rng)
        db = self.database(traces=24, labels=24)
        db.config("retries", rng.random() < 0.1)  # each is waited for
        db.insert_many("INSERT INTO judge_price VALUES (?, ?, ?, ?)",
                       [(m,) + p for m, p in table.items()])
        limits = {}
        if rng.random() < 0.4:
            limits["max_calls"] = rng.randrange(90)
        if rng.random() < 0.6:
            limits["max_tokens"] = rng.randrange(70000)
        if rng.random() < 0.6:
            limits["max_cost"] = rng.random() ** 2
        command, options = "judge_run", dict(limits)
        if rng.random() < 0.6:
            command = "judge_align"
            options["model"] = "openai:/big"
            if rng.random() < 0.6:
                options["embedding_model"] = "openai:/e"
        options["concurrency"] = rng.choice((1, 7, 16))
        try:
            report = db.command(command, "q", options)
        except host.sqlite3.Error as error:
            self.assertRegex(str(error), "max_(calls|tokens|cost)|embedding|"
                                         "budget|share")
            report = None
        calls, tokens, cost = self.spent(db, table)
        sent = self.stub.stats()["requests"]
        self.assertLessEqual(sent, limits.get("max_calls", sent))
        self.assertLessEqual(tokens, limits.get("max_tokens", tokens))
        self.assertLessEqual(cost, limits.get("max_cost", cost) + 1e-12)
        if report:
            self.assertEqual(report["calls"] - report["retries"], calls)
            self.assertEqual(report["input_tokens"] + report["output_tokens"],
                             tokens)
            self.assertAlmostEqual(report["cost"], cost, 9)
            self.assertAlmostEqual(db.one(
                "SELECT total(cost) FROM judge_cost_run"), cost, 9)
        purposes = {p for p, in db.rows("SELECT DISTINCT purpose FROM"
                                        " judge_call WHERE status = 'ok'")}
        for db in self.databases:
            db.close()
        self.databases.clear()
        return purposes, bool(report and report.get("exhausted"))

    def test_random_runs(self):
        seen, ended = set(), 0
        for seed in range(RUNS):
            with self.subTest(seed=seed):
                purposes, exhausted = self.one_run(random.Random(seed))
                seen |= purposes
                ended += exhausted
        self.assertEqual(seen, {"judge", "distill", "embed"})
        self.assertGreater(ended, RUNS // 6)


if __name__ == "__main__":
    sys.exit(host.main())
