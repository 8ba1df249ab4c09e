#!/usr/bin/python3
"""The stub's scripted models and faults: what other tests rely on.

The last line is "N passed, N failed".
"""
import json
import random
import sys

import stub_faults
import stub_models

TESTS = []
RULE = {"kind": "planted_rule", "field": "outputs", "marker": "sincerely",
        "with": "good", "without": "bad", "token": "RULE-7",
        "guideline": "RULE-7: good when signed."}
VERDICT = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": {
    "properties": {"result": {"enum": ["bad", "good"]},
                   "rationale": {"type": "string"}}}}}
GUIDELINES = {"type": "json_schema", "json_schema": {
    "name": "guidelines",
    "schema": {"properties": {"guidelines": {"type": "array"}}}}}


def test(function):
    TESTS.append(function)
    return function


def ask(model, user, system=None, form=VERDICT, seed=1):
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": user})
    return stub_models.chat({"model": model}, stub_models.Request(
        {"model": "m", "messages": messages, "response_format": form}, seed))


def item(i, signed):
    return {"inputs": "q%d" % i, "outputs": "text %d%s" % (
        i, ", sincerely" if signed else "")}


def rows(count, shuffled=None):
    signed = [i % 2 == 0 for i in range(count)]
    labels = ["good" if s else "bad" for s in signed]
    if shuffled is not None:
        random.Random(shuffled).shuffle(labels)
    return "\n".join(json.dumps(dict(
        item(i, s), id=i, labels=[{"value": v, "rationale": "r"}]))
        for i, (s, v) in enumerate(zip(signed, labels)))


def distill(text):
    return json.loads(ask(RULE, "Study:\n" + text, form=GUIDELINES))[
        "guidelines"]


@test
def the_rule_is_found_when_shown():
    found = distill(rows(20))
    assert len(found) == 1 and "RULE-7" in found[0]["guideline_text"], found
    assert len(found[0]["source_trace_ids"]) >= 2
    assert all(i % 2 == 0 for i in found[0]["source_trace_ids"]), found


@test
def the_rule_is_not_found_twice():
    assert distill('["RULE-7: good when signed."]\n' + rows(20)) == []


@test
def shuffled_labels_show_no_rule():
    assert sum(bool(distill(rows(50, seed))) for seed in range(200)) == 0
    assert sum(bool(distill(rows(12, seed))) for seed in range(200)) <= 4


@test
def too_few_rows_show_no_rule():
    assert distill(rows(4)) == []
    assert distill("nothing here") == []


def accuracy(system):
    right = 0
    for i in range(400):
        answer = json.loads(ask(RULE, json.dumps(item(i, i % 2)), system))
        right += answer["result"] == ("good" if i % 2 else "bad")
    return right / 400


@test
def the_rule_is_followed_only_when_told():
    assert accuracy("Rate. - RULE-7: good when signed.") == 1.0
    assert 0.42 < accuracy("Rate.") < 0.58


@test
def memorized_rows_come_back():
    system = "Examples:\n" + rows(20)
    model = {"kind": "memorize"}
    for i in range(20):
        answer = json.loads(ask(model, json.dumps(item(i, i % 2 == 0)), system))
        assert answer["result"] == ("good" if i % 2 == 0 else "bad"), i
    fresh = [json.loads(ask(model, json.dumps(item(i, i % 2 == 0)), system))
             ["result"] for i in range(100, 500)]
    bare = [json.loads(ask(model, json.dumps(item(i, i % 2 == 0))))
            ["result"] for i in range(100, 500)]
    assert fresh == bare, "unseen rows must not hang on the prompt"
    assert 150 < fresh.count("good") < 250


@test
def rules_are_tried_in_order():
    model = [{"if_user_contains": "zebra", "result": "bad"},
             {"if_system_contains": "strict", "result": "good"},
             {"kind": "raw", "text": "?"}]
    assert json.loads(ask(model, "zebra", "strict"))["result"] == "bad"
    assert json.loads(ask(model, "x", "strict"))["result"] == "good"
    assert ask(model, "x", "lax") == "?"


@test
def values_fit_their_types():
    for schema, check in (
            ({"type": "boolean"}, lambda v: isinstance(v, bool)),
            ({"type": "integer"}, lambda v: v in (1, 2, 3, 4, 5)),
            ({"type": "number", "minimum": 0, "maximum": 1},
             lambda v: 0 <= v <= 1),
            ({"enum": [1, 2]}, lambda v: v in (1, 2)),
            ({"type": ["string", "null"]}, lambda v: isinstance(v, str))):
        for i in range(50):
            assert check(stub_models.pick_value(schema, i / 50)), schema


@test
def embeddings_are_unit_vectors_of_words():
    a, b = (stub_models.embedding(t) for t in ("Red fox", "fox  red!"))
    assert a == b and len(a) == 64
    assert abs(sum(x * x for x in a) - 1) < 1e-4
    assert abs(sum(x * x for x in stub_models.embedding("")) - 1) < 1e-9


@test
def faults_hang_on_what_is_asked_not_on_order():
    script = {"seed": 3, "faults": [{"probability": 0.3, "status": 500}]}
    hit = [bool(stub_faults.find(script, i, 1, "d%d" % i, "", "/v1"))
           for i in range(1000)]
    again = [bool(stub_faults.find(script, 999 - i, 1, "d%d" % i, "", "/v1"))
             for i in range(1000)]
    assert hit == again and 240 < sum(hit) < 360


@test
def faults_by_attempt_and_text():
    script = {"faults": [{"first_attempts": 2, "if_user_contains": "x",
                          "status": 429}]}
    got = [bool(stub_faults.find(script, 9, n, "d", user, "/v1"))
           for user in ("axb", "ab") for n in (1, 2, 3)]
    assert got == [True, True, False, False, False, False], got


def main():
    failed = 0
    for function in TESTS:
        try:
            function()
        except Exception as error:
            failed += 1
            print("FAILED %s: %r" % (function.__name__, error))
    print("%d passed, %d failed" % (len(TESTS) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
