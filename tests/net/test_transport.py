#!/usr/bin/python3
"""Scheduler and curl against the stub server: see transport_test.c.

The last line is "N passed, N failed". Needs a C compiler, libcurl and cJSON;
TRANSPORT_TEST names a program that is built already.
"""
import glob
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import leaks
from stub_client import Stub

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("JUDGE_BUILD", "build"))
KEY = leaks.plant("sk-test-planted-5d3079ef1c42")
TESTS = []
PARALLEL = []  # tests that mostly wait; each worker has its own stub
WORKERS = 6


def test(function):
    TESTS.append(function)
    return function


def build(folder):
    """The test program; the compiler runs without a preloaded sanitizer."""
    if os.environ.get("TRANSPORT_TEST"):
        return os.environ["TRANSPORT_TEST"]
    program = os.path.join(folder, "transport_test")
    sources = [f for part in ("core", "llm", "http")
               for f in sorted(glob.glob(os.path.join(ROOT, "ext", part,
                                                      "*.c")))]
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libcurl", "libcjson"],
        capture_output=True, text=True, check=True).stdout.split()
    environ = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    subprocess.run(
        ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
         "-I" + os.path.join(ROOT, "ext"), "-o", program,
         os.path.join(ROOT, "tests/net/transport_test.c"), *sources,
         os.path.join(BUILD, "embedded.c"), *flags, "-lm"],
        check=True, env=environ)
    return program


class Outcome:
    """What one run printed."""

    def __init__(self, text, errors):
        self.text, self.errors = text, errors
        lines = [json.loads(line) for line in text.splitlines()]
        self.items = {l["item"]: l for l in lines if "item" in l}
        self.runs = [l for l in lines if "who" in l]
        self.total = self.runs[-1]


def run(stub, base=None, env=None, **options):
    words = ["%s=%s" % pair for pair in options.items()]
    environ = {k: v for k, v in os.environ.items()
               if k != "LD_PRELOAD" and "proxy" not in k.lower()}
    # curl and TLS keep memory for the life of a process; ours is looked at.
    environ.update(env or {}, ASAN_OPTIONS="detect_leaks=1")
    done = subprocess.run(
        [PROGRAM, base or stub.url("/v1"), *words], capture_output=True,
        text=True, env=environ, timeout=120)
    assert done.returncode == 0, done.stderr
    leaks.search(done.stdout + done.stderr, "the output")
    return Outcome(done.stdout, done.stderr)


def same(got, expected, what):
    assert got == expected, "%s: got %r, expected %r" % (what, got, expected)


# --- how many are in flight --------------------------------------------------

def keeps(stub, concurrency, count):
    stub.script({"latency_ms": [50, 500]})
    out = run(stub, n=count, concurrency=concurrency, timeout=20000)
    stats = stub.stats()
    same(out.total["done"], count, "done")
    same(stats["peak_in_flight"], concurrency, "peak in flight")
    assert stats["mean_in_flight"] >= 0.9 * concurrency, stats
    assert stats["connections"] <= concurrency + 2, stats


@test
def sixteen_stay_in_flight(stub):
    keeps(stub, 16, 300)


@test
def sixty_four_stay_in_flight(stub):
    keeps(stub, 64, 1200)


@test
def connections_are_kept_between_runs(stub):
    stub.script({"latency_ms": 5})
    run(stub, n=40, concurrency=8, rounds=3)
    stats = stub.stats()
    same(stats["requests"], 120, "requests")
    assert stats["connections"] <= 9, stats


@test
def retries_hold_no_slot(stub):
    # One slot: the others are answered while item 0 waits for its retry.
    stub.script({"faults": [{"on": [1], "status": 500, "retry_after": "1"}]})
    out = run(stub, n=20, concurrency=1)
    order = [json.loads(l)["item"] for l in out.text.splitlines()
             if '"item"' in l]
    same(order[-1], 0, "last to end")
    same(out.items[0]["attempts"], 2, "attempts")
    same(out.total["done"], 20, "done")


# --- faults, each with its outcome -------------------------------------------
# fault, attempts (of 2 retries), status, error code, error code of the reply

FINAL, AGAIN = 1, 3
FAULTS = [
    ({"status": 400}, FINAL, 400, "HTTP_400", None),
    ({"status": 401}, FINAL, 401, "HTTP_401", None),
    ({"status": 403}, FINAL, 403, "HTTP_403", None),
    ({"status": 404}, FINAL, 404, "HTTP_404", None),
    ({"status": 413}, FINAL, 413, "HTTP_413", None),
    ({"status": 422}, FINAL, 422, "HTTP_422", None),
    ({"status": 408}, AGAIN, 408, "HTTP_408", None),
    ({"status": 409}, AGAIN, 409, "HTTP_409", None),
    ({"status": 429}, AGAIN, 429, "HTTP_429", None),
    ({"status": 500}, AGAIN, 500, "HTTP_500", None),
    ({"status": 502}, AGAIN, 502, "HTTP_502", None),
    ({"status": 503}, AGAIN, 503, "HTTP_503", None),
    ({"status": 504}, AGAIN, 504, "HTTP_504", None),
    ({"status": 529}, AGAIN, 529, "HTTP_529", None),
    ({"kind": "redirect"}, FINAL, 302, "HTTP_302", None),
    ({"kind": "close"}, AGAIN, 0, "CLOSED", None),
    ({"kind": "reset"}, AGAIN, 0, "CLOSED", None),
    ({"kind": "cut"}, AGAIN, 200, "CLOSED", None),
    ({"kind": "stall"}, AGAIN, 200, "TIMEOUT", None),
    ({"kind": "silent"}, AGAIN, 0, "TIMEOUT", None),
    ({"kind": "garbage"}, AGAIN, 0, "NETWORK", None),
    ({"kind": "huge", "bytes": 2 << 20}, FINAL, 200, "TOO_LARGE", None),
    ({"kind": "endless"}, FINAL, 200, "TOO_LARGE", None),
    ({"kind": "header", "bytes": 2000000}, FINAL, 200, "HEADERS", None),
    ({"kind": "header", "bytes": 8000, "lines": 80}, FINAL, 200, "HEADERS",
     None),
    ({"kind": "slow", "ms": 200}, FINAL, 200, None, None),
    ({"kind": "gzipped"}, FINAL, 200, None, None),
    ({"kind": "chunked"}, FINAL, 200, None, None),
    ({"kind": "bom"}, FINAL, 200, None, None),
    ({"kind": "content_type"}, FINAL, 200, None, None),
    ({"kind": "parts"}, FINAL, 200, None, None),
    ({"kind": "think"}, FINAL, 200, None, None),
    ({"kind": "not_json"}, FINAL, 200, None, "INVALID_JSON"),
    ({"kind": "bad_utf8"}, FINAL, 200, None, "INVALID_JSON"),
    ({"kind": "nul"}, FINAL, 200, None, "INVALID_JSON"),
    ({"kind": "empty_choices"}, FINAL, 200, None, "EMPTY"),
    ({"kind": "null_content"}, FINAL, 200, None, "EMPTY"),
    ({"kind": "refusal"}, FINAL, 200, None, "REFUSAL"),
    ({"kind": "length"}, FINAL, 200, None, "LENGTH"),
    ({"kind": "tool_call"}, FINAL, 200, None, "TOOL_CALL"),
    ({"kind": "error_200"}, FINAL, 200, None, "PROVIDER_ERROR"),
]


def add_fault(fault, attempts, status, code, reply_code):
    name = fault.get("kind") or "status_%d" % fault["status"]
    name += "_%d" % fault["lines"] if "lines" in fault else ""

    def check(stub):
        stub.script({"faults": [dict(fault, if_user_contains="item 1\"")]})
        out = run(stub, n=3, concurrency=3, timeout=900)
        same(out.total["done"], 3, "done")
        item = out.items[1]
        same(item["attempts"], attempts, "attempts")
        same(item["status"], status, "status")
        same(item["code"], code, "code")
        same(item["reply_code"], reply_code, "code of the reply")
        for other in (out.items[0], out.items[2]):
            same(other["code"], None, "code of the others")
            assert '"result"' in other["reply"], other
        if code is None and reply_code is None:
            assert '"result"' in item["reply"], item
        # What we count is what was sent, however connections die.
        same(stub.stats()["requests"], out.total["sent"], "requests")
        same(out.total["calls"], out.total["sent"], "calls")

    check.__name__ = "fault_" + name
    PARALLEL.append(check)


for row in FAULTS:
    add_fault(*row)


@test
def twice_a_429_then_fine(stub):
    stub.script({"faults": [{"first_attempts": 2, "status": 429}]})
    out = run(stub, n=6, concurrency=6)
    assert all(i["attempts"] == 3 and i["code"] is None
               for i in out.items.values()), out.text
    same(out.total["retried"], 12, "retried")


@test
def retry_after_of_a_429_pauses_the_host(stub):
    stub.script({"faults": [{"on": [1], "status": 429, "retry_after": "1"}]})
    out = run(stub, n=20, concurrency=1)
    times = [e["time"] for e in stub.log() if e["event"] == "request"]
    assert times[1] - times[0] >= 0.95, times[:3]
    same(out.total["done"], 20, "done")


@test
def what_the_server_says_is_left_is_obeyed(stub):
    stub.script({"faults": [{"on": [5], "kind": "rate", "headers": {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1s500ms"}}]})
    run(stub, n=12, concurrency=1)
    times = [e["time"] for e in stub.log() if e["event"] == "request"]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert 1.4 <= gaps[4] <= 2.5, gaps
    assert max(gaps[:4] + gaps[5:]) < 0.5, gaps


@test
def fewer_in_flight_while_the_server_is_overloaded(stub):
    stub.script({"latency_ms": 100, "faults": [
        {"on": list(range(1, 17)), "status": 503}]})
    out = run(stub, n=120, concurrency=16, retries=5)
    same(out.total["done"], 120, "done")
    assert all(i["code"] is None for i in out.items.values()), out.text
    entries = stub.log()
    answered = 0
    flying = peak_after = 0
    for e in entries:
        flying += 1 if e["event"] == "request" else -1
        if e["event"] == "answer":
            answered += 1
        elif answered in range(16, 30):
            peak_after = max(peak_after, flying)
    assert peak_after <= 10, peak_after


@test
def retry_after_is_waited_for(stub):
    for fault in ({"retry_after": "2"}, {"retry_after_ms": "1500"}):
        stub.script({"faults": [dict(fault, on=[1], status=429)]})
        out = run(stub, n=1, concurrency=1)
        same(out.items[0]["attempts"], 2, "attempts")
        assert out.total["wall_ms"] >= 1500, out.total


@test
def retry_after_as_a_date(stub):
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                         time.gmtime(time.time() + 3))
    stub.script({"faults": [{"on": [1], "status": 503, "retry_after": when}]})
    out = run(stub, n=1, concurrency=1)
    same(out.items[0]["attempts"], 2, "attempts")
    assert out.total["wall_ms"] >= 1500, out.total


@test
def nobody_listens(stub):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        base = "http://127.0.0.1:%d/v1" % s.getsockname()[1]
        out = run(stub, base=base, n=2, retries=1)
    same({(i["code"], i["attempts"]) for i in out.items.values()},
         {("CONNECT", 2)}, "outcomes")


@test
def no_such_host(stub):
    out = run(stub, base="https://no-such-host.invalid/v1", n=1, retries=0)
    same(out.items[0]["code"], "DNS", "code")


@test
def no_tls_there(stub):
    out = run(stub, base=stub.url("/v1").replace("http:", "https:"), n=1,
              retries=0)
    same(out.items[0]["code"], "TLS", "code")


@test
def a_key_that_is_sent_back_is_masked(stub):
    stub.script({"planted_key": KEY, "faults": [
        {"on": [1], "status": 401, "message": "x"},
        {"on": [2], "status": 401, "echo_key": True, "body": "no:"}]})
    out = run(stub, n=2, concurrency=1)
    assert any("****" in i["text"] for i in out.items.values()), out.text
    assert all(e["planted_key"] for e in stub.log() if e["event"] == "request")
    leaks.search_file(stub.log_path)


# --- budgets, stops, forks ---------------------------------------------------

@test
def never_more_than_max_calls(stub):
    chance = random.Random(3)
    for i in range(20):
        stub.script({"seed": i, "latency_ms": [0, 30],
                     "faults": [{"probability": 0.3, "status": 429,
                                 "retry_after_ms": 10}]})
        limit = chance.randint(0, 9)
        out = run(stub, n=40, concurrency=16, max_calls=limit)
        same(stub.stats()["requests"], limit, "requests")
        same(out.total["exhausted"], "max_calls", "exhausted")


@test
def time_is_up(stub):
    stub.script({"latency_ms": 300})
    out = run(stub, n=500, concurrency=4, seconds=1)
    same(out.total["exhausted"], "max_seconds", "exhausted")
    same(out.total["done"] + out.total["cut"], out.total["sent"],
         "done of those sent")
    assert 12 <= out.total["sent"] <= 16, out.total


@test
def no_answer_is_waited_for_when_time_is_up(stub):
    stub.script({"faults": [{"on": [3], "latency_ms": 60000}]})
    out = run(stub, n=5, concurrency=2, seconds=1, timeout=50000)
    same(out.total["exhausted"], "max_seconds", "exhausted")
    same((out.total["done"], out.total["cut"]), (4, 1), "done and cut")
    assert out.total["wall_ms"] < 5000, out.total


@test
def answers_that_came_during_a_pause_count(stub):
    """A process that was stopped for longer than the time limit."""
    stub.script({"latency_ms": 300})
    out = run(stub, n=16, concurrency=16, timeout=1000, pause_ms=3000)
    same({i["code"] for i in out.items.values()}, {None}, "codes")
    same(stub.stats()["requests"], 16, "requests")


@test
def a_stop_is_quick_and_counts_what_it_drops(stub):
    stub.script({"latency_ms": 3000})
    out = run(stub, n=50, concurrency=8, stop_ms=200)
    same(out.total["stopped"], 1, "stopped")
    same(out.total["dropped"], 8, "dropped")
    assert out.total["wall_ms"] < 1000, out.total


@test
def a_stop_during_a_retry_wait(stub):
    stub.script({"faults": [{"status": 429, "retry_after": "30"}]})
    out = run(stub, n=3, concurrency=8, stop_ms=200)
    same(out.total["stopped"], 1, "stopped")
    assert out.total["wall_ms"] < 1000, out.total


@test
def connections_stay_usable_after_a_stop(stub):
    stub.script({"faults": [{"on": [1, 2, 3], "latency_ms": 3000}]})
    out = run(stub, n=3, concurrency=3, stop_ms=150, rounds=2)
    same([r["dropped"] for r in out.runs], [3, 0], "dropped")
    same(out.runs[1]["done"], 3, "done in the second round")


@test
def a_fork_starts_afresh(stub):
    stub.script({"latency_ms": 5})
    out = run(stub, n=12, concurrency=4, fork=1)
    same([(r["who"], r["done"]) for r in out.runs],
         [("parent", 12), ("child", 12), ("parent", 12)], "runs")
    # The child made its own; the parent's four still served it.
    assert stub.stats()["connections"] <= 9, stub.stats()


@test
def another_locale_changes_nothing(stub):
    stub.script({"faults": [{"on": [1], "status": 429, "retry_after": "0.5"}]})
    out = run(stub, n=2, env={"LC_ALL": "de_DE.UTF-8"})
    same({i["code"] for i in out.items.values()}, {None}, "codes")


@test
def all_faults_mixed(stub):
    faults = [dict(f[0], if_user_contains="item %d\"" % i)
              for i, f in enumerate(FAULTS)]
    for concurrency in (16, 64):
        stub.script({"latency_ms": [0, 50], "faults": faults})
        count = 3 * len(FAULTS)
        out = run(stub, n=count, concurrency=concurrency, timeout=1500)
        same(sorted(out.items), list(range(count)), "items")
        for i, (_, attempts, status, code, reply_code) in enumerate(FAULTS):
            got = out.items[i]
            same((got["attempts"], got["status"], got["code"],
                  got["reply_code"]), (attempts, status, code, reply_code),
                 "item %d" % i)
        same(stub.stats()["requests"], out.total["sent"], "requests")


def failure(function, stub):
    """None, or why the test failed."""
    try:
        function(stub)
        return None
    except Exception as error:
        return "FAILED %s: %s" % (function.__name__, error)


def run_share(functions):
    with Stub() as stub:
        return [failure(f, stub) for f in functions]


def main():
    wanted = sys.argv[1:]
    alone, shared = ([f for f in tests if not wanted
                      or any(w in f.__name__ for w in wanted)]
                     for tests in (TESTS, PARALLEL))
    results = run_share(alone)
    with ThreadPoolExecutor(WORKERS) as pool:
        for share in pool.map(run_share, (shared[i::WORKERS]
                                          for i in range(WORKERS))):
            results += share
    failed = [r for r in results if r]
    for line in failed:
        print(line)
    print("%d passed, %d failed" % (len(results) - len(failed), len(failed)))
    return len(failed) > 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="transport") as temporary:
        PROGRAM = build(temporary)
        sys.exit(main())
