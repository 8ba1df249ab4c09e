#!/usr/bin/python3
"""What a user of judge_run sees of each fault: the row of the spoiled trace,
its message, the number of attempts, and that the other traces do not suffer.

The last line is "N passed, N failed".
"""
import socket
import sys
import time

from net_bench import PARALLEL, Bench, holds, main, parallel, same

# --- one fault, one outcome --------------------------------------------------
# fault, attempts (of 2 retries), error code, a part of the message; None: a
# verdict. Options: values of the judge.

ONCE, THRICE = 1, 3
ROWS = [
    ({"status": 400}, ONCE, "HTTP_400", "HTTP 400: scripted status 400"),
    ({"status": 400, "message": "This model's maximum context length is 8192 "
      "tokens. However, your messages resulted in 9000 tokens."}, ONCE,
     "HTTP_400", " characters, about "),
    ({"status": 413}, ONCE, "HTTP_413", "shorten the trace"),
    ({"status": 422}, ONCE, "HTTP_422", "HTTP 422"),
    ({"status": 408}, THRICE, "HTTP_408", "HTTP 408"),
    ({"status": 409}, THRICE, "HTTP_409", "HTTP 409"),
    ({"status": 429}, THRICE, "HTTP_429", "HTTP 429"),
    ({"status": 500}, THRICE, "HTTP_500", "HTTP 500"),
    ({"status": 502}, THRICE, "HTTP_502", "HTTP 502"),
    ({"status": 503}, THRICE, "HTTP_503", "HTTP 503"),
    ({"status": 504}, THRICE, "HTTP_504", "HTTP 504"),
    ({"status": 529}, THRICE, "HTTP_529", "HTTP 529"),
    ({"kind": "close"}, THRICE, "CLOSED", "Empty reply"),
    ({"kind": "reset"}, THRICE, "CLOSED", ""),
    ({"kind": "cut"}, THRICE, "CLOSED", ""),
    ({"kind": "stall"}, THRICE, "TIMEOUT", "judge_config('timeout_s', ...)"),
    ({"kind": "silent"}, THRICE, "TIMEOUT", "judge_config('timeout_s', ...)"),
    ({"kind": "slow", "ms": 3000}, THRICE, "TIMEOUT", "timeout_s"),
    ({"kind": "slow", "ms": 300}, ONCE, None, None),
    ({"kind": "garbage"}, THRICE, "NETWORK", ""),
    ({"kind": "endless"}, ONCE, "TOO_LARGE", "larger than the limit"),
    ({"kind": "huge", "bytes": 17 << 20}, ONCE, "TOO_LARGE", "larger than"),
    ({"kind": "redirect"}, ONCE, "HTTP_302", "redirects are not followed"),
    ({"kind": "content_type"}, ONCE, None, None),
    ({"kind": "gzipped"}, ONCE, None, None),
    ({"kind": "chunked"}, ONCE, None, None),
    ({"kind": "bom"}, ONCE, None, None),
    ({"kind": "bad_utf8"}, ONCE, "INVALID_JSON", "UTF-8"),
    ({"kind": "nul"}, ONCE, "INVALID_JSON", "\\u0000"),
    ({"kind": "raw_nul"}, ONCE, "INVALID_JSON", ""),
    ({"kind": "not_json"}, ONCE, "INVALID_JSON", "not valid JSON"),
    ({"kind": "empty_choices"}, ONCE, "EMPTY", "no choices"),
    ({"kind": "null_content"}, ONCE, "EMPTY", "empty"),
    ({"kind": "parts"}, ONCE, None, None),
    ({"kind": "think"}, ONCE, None, None),
    ({"kind": "reasoning"}, ONCE, None, None),
    ({"kind": "refusal"}, ONCE, "REFUSAL", "I cannot help with that."),
    ({"kind": "length"}, ONCE, "LENGTH", "limit of output tokens"),
    ({"kind": "tool_call"}, ONCE, "TOOL_CALL", "called a tool"),
    ({"kind": "error_200"}, ONCE, "PROVIDER_ERROR", "the upstream is busy"),
    ({"kind": "code_fence"}, ONCE, None, None),
    ({"kind": "header", "bytes": 2000000}, ONCE, "HEADERS", "header lines"),
    ({"kind": "header", "bytes": 8000, "lines": 80}, ONCE, "HEADERS",
     "header lines"),
    ({"kind": "header", "bytes": 50, "lines": 200}, ONCE, None, None),
    ({"kind": "trailing"}, ONCE, "INVALID_JSON", ""),
    ({"kind": "duplicate_keys"}, ONCE, "INVALID_JSON", "appears twice"),
    ({"kind": "missing_result"}, ONCE, "MISSING_RESULT", "result"),
    ({"kind": "number_text"}, ONCE, None, None, "int"),
    ({"kind": "huge_number"}, ONCE, "INVALID_JSON", "", "float"),
    ({"kind": "out_of_scale"}, ONCE, "INVALID_VALUE", "Splendid beyond"),
    ({"kind": "out_of_scale", "result": 7}, ONCE, "INVALID_VALUE", "7", "bool"),
    ({"kind": "deep"}, ONCE, "INVALID_JSON", "nest"),
    ({"kind": "not_an_object"}, ONCE, "INVALID_JSON", ""),
]


def add_row(fault, attempts, code, part, values=("Bad", "Good")):
    name = fault.get("kind") or "status_%d" % fault["status"]
    name += "_%d" % fault["lines"] if "lines" in fault else ""

    def check(stub):
        stub.script({"faults": [dict(fault, if_user_contains="item 1.")]})
        with Bench(stub.url("/v1"), values=values) as b:
            report = b.run()
            value, got, message, tries = b.row("t1")
            same((got, tries), (code, attempts), "error code and attempts")
            if code is None:
                assert value is not None, message
            else:
                assert value is None, value
                holds(message, part)
                assert "\n" not in message, message
            for other in ("t0", "t2"):
                same(b.row(other)[1], None, "error of " + other)
            failed = code is not None
            same((report["verdicts"], report["errors"], report["skipped"]),
                 (3 - failed, int(failed), 0), "counts")
            same(stub.stats()["requests"], 2 + attempts, "requests")
            same(report["calls"], 2 + attempts, "calls")

    check.__name__ = "fault_" + name
    PARALLEL.append(check)


for row in ROWS:
    add_row(*row)


# --- faults of the way there --------------------------------------------------

def check_unreachable(base, code, part, attempts=3):
    with Bench(base, n=1) as b:
        same(b.run()["errors"], 1, "errors")
        value, got, message, tries = b.row("t0")
        same((value, got, tries), (None, code, attempts), "outcome")
        holds(message, part)


@parallel
def refused(stub):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        check_unreachable("http://127.0.0.1:%d/v1" % s.getsockname()[1],
                          "CONNECT", "is the server at 127.0.0.1:")


@parallel
def no_such_host(stub):
    check_unreachable("https://no-such-host.invalid/v1", "DNS",
                      "no-such-host.invalid")


@parallel
def no_tls_there(stub):
    check_unreachable(stub.url("/v1").replace("http:", "https:"), "TLS",
                      "SSL_CERT_FILE")


@parallel
def slow_connect(stub):
    """A listener whose queue is full never completes a connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        held = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", port))
            held.append(s)
        try:
            check_unreachable("http://127.0.0.1:%d/v1" % port, "CONNECT",
                              "is the server at")
        finally:
            for s in held:
                s.close()


@parallel
def retry_after_in_seconds_as_a_date_and_without(stub):
    for fault, least in (({"retry_after": "1"}, 1.0),
                         ({"retry_after": "date"}, 1.0), ({}, 0.25)):
        if fault.get("retry_after") == "date":
            fault["retry_after"] = time.strftime(
                "%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3))
        stub.script({"faults": [dict(fault, on=[1], status=429)]})
        with Bench(stub.url("/v1"), n=1, timeout=5) as b:
            same(b.run()["verdicts"], 1, "verdicts")
            same(b.row("t0")[3], 2, "attempts")
        times = [e["time"] for e in stub.log() if e["event"] == "request"]
        assert least - 0.02 <= times[1] - times[0] <= 5, times


# --- what stops a run ---------------------------------------------------------

def add_stop(status, part, **fault):
    def check(stub):
        stub.script({"faults": [dict(fault, on=list(range(5, 400)),
                                     status=status)]})
        with Bench(stub.url("/v1"), n=300) as b:
            text = b.fails(concurrency=2)
            holds(text, "judge_run: stopped")
            holds(text, "HTTP %d" % status)
            holds(text, part)
            sent = stub.stats()["requests"]
            assert 5 <= sent <= 7, sent
            stored = b.sql("SELECT count(*) FILTER (WHERE error_code IS NULL),"
                           " count(*) FROM judge_assessment WHERE valid")[0]
            same(stored, (4, sent), "verdicts and rows stored")
            # Put right, it goes on with the rest only.
            stub.script({})
            report = b.run(concurrency=16)
            same((report["verdicts"], report["errors"]), (296, 0), "second run")
            same(stub.stats()["requests"], 296, "requests of the second run")

    check.__name__ = "stops_at_once_%d" % status
    PARALLEL.append(check)


add_stop(401, "OPENAI_API_KEY")
add_stop(402, "HTTP 402")
add_stop(403, "OPENAI_API_KEY")
add_stop(404, "is there a model 'stub'")
add_stop(429, "exceeded your current quota",
         message="You exceeded your current quota, please check your plan.")


@parallel
def stops_with_many_in_flight(stub):
    stub.script({"latency_ms": [5, 60], "faults": [
        {"on": list(range(101, 2000)), "status": 401}]})
    with Bench(stub.url("/v1"), n=1000, timeout=5) as b:
        holds(b.fails(concurrency=64), "HTTP 401")
        sent = stub.stats()["requests"]
        assert sent <= 100 + 2 * 64, sent
        good, rows = b.sql("SELECT count(*) FILTER (WHERE error_code IS NULL),"
                           "count(*) FROM judge_assessment WHERE valid")[0]
        same((good, rows), (100, sent), "stored of what was answered")


@parallel
def too_many_errors_stop_a_run(stub):
    stub.script({"faults": [{"every": 3, "status": 422},
                            {"every": 2, "kind": "not_an_object"}]})
    with Bench(stub.url("/v1"), n=400) as b:
        text = b.fails(concurrency=4)
        holds(text, "max_error_share")
        holds(text, "traces ended in an error")
        rows = b.sql("SELECT count(*) FROM judge_assessment WHERE valid")[0][0]
        # What was in flight or about to be when the fiftieth was looked at.
        assert 50 <= rows <= 80, rows
        same(rows, stub.stats()["requests"], "rows and requests")
        report = b.run(concurrency=16, max_error_share=1)
        same(report["traces"], 400, "traces")
        same(report["verdicts"] + report["errors"] + report["skipped"], 400,
             "counts")


@parallel
def fewer_than_fifty_never_stop(stub):
    stub.script({"faults": [{"path": "/", "status": 422}]})
    with Bench(stub.url("/v1"), n=49) as b:
        same(b.run()["errors"], 49, "errors")


@parallel
def errors_below_the_share_do_not_stop(stub):
    stub.script({"faults": [{"every": 3, "status": 422}]})
    with Bench(stub.url("/v1"), n=300) as b:
        report = b.run(concurrency=1)
        same((report["verdicts"], report["errors"]), (200, 100), "counts")


# --- limits -------------------------------------------------------------------

@parallel
def requests_a_minute_hold_over_commands(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=8, timeout=10) as b:
        b.sql("SELECT judge_config('requests_per_minute', 120)")
        b.run(limit=4, concurrency=8)
        b.run(concurrency=8)
        times = [e["time"] for e in stub.log() if e["event"] == "request"]
        same(len(times), 8, "requests")
        # Two at once, then one each 60 / (120 - 2) seconds.
        assert 2.9 <= times[-1] - times[0] <= 6, times
        assert times[4] - times[3] >= 0.4, "the second command began afresh"


@parallel
def the_number_in_flight_comes_back(stub):
    stub.script({"latency_ms": 30, "faults": [
        {"on": list(range(1, 9)), "status": 503}]})
    with Bench(stub.url("/v1"), n=400, timeout=10, retries=5) as b:
        report = b.run(concurrency=8)
        same((report["verdicts"], report["retries"]), (400, 8), "verdicts")
        flying = peak = 0
        for e in stub.log()[-400:]:
            flying += 1 if e["event"] == "request" else -1
            peak = max(peak, flying)
        assert peak <= 8, peak
        same(stub.stats()["peak_in_flight"], 8, "peak in flight")


@parallel
def a_pause_that_is_asked_for_holds_for_the_next_command(stub):
    stub.script({"faults": [{"on": [1], "status": 429, "retry_after": "1"}]})
    with Bench(stub.url("/v1"), n=2, timeout=10, retries=0) as b:
        b.run(limit=1)
        b.run(trace_ids=["t1"])
        times = [e["time"] for e in stub.log() if e["event"] == "request"]
        assert times[1] - times[0] >= 0.95, times


# --- structured output --------------------------------------------------------

RAW = {"kind": "raw", "text": '{"result": "Good", "rationale": "it is"}'}


def forms_of(stub):
    return [e.get("form") for e in stub.log() if e["event"] == "request"]


@parallel
def structured_output_falls_back_and_is_remembered(stub):
    stub.script({"model": RAW, "faults": [
        {"if_form": "json_schema", "status": 400, "message":
         "Invalid parameter: 'response_format' of type 'json_schema' is not "
         "supported with this model."}]})
    with Bench(stub.url("/v1"), n=20) as b:
        report = b.run(concurrency=1, limit=10)
        same((report["verdicts"], report["errors"]), (10, 0), "counts")
        same(forms_of(stub), ["json_schema"] + ["json_object"] * 10, "forms")
        b.run(concurrency=1)
        same(forms_of(stub)[11:], ["json_object"] * 10, "forms later on")
        # Another connection finds the answers by what was asked.
        b.again()
        before = stub.stats()["requests"]
        b.sql("DELETE FROM judge_assessment")
        report = b.run()
        same((report["verdicts"], report["cached"], report["calls"]),
             (20, 20, 0), "answered from what is stored")
        same(stub.stats()["requests"], before, "requests")


@parallel
def structured_output_falls_back_to_the_prompt(stub):
    refusal = {"status": 400, "message": "json_schema and json_object: "
               "response_format is not supported"}
    stub.script({"model": RAW, "faults": [
        dict(refusal, if_form="json_schema"),
        dict(refusal, if_form="json_object")]})
    with Bench(stub.url("/v1"), n=40, retries=0) as b:
        report = b.run(concurrency=8)
        same((report["verdicts"], report["errors"]), (40, 0), "counts")
        forms = forms_of(stub)
        same(forms.count(None), 40, "requests by the prompt alone")
        assert len(forms) <= 40 + 2 * 8, len(forms)
        budget = b.run(concurrency=8, redo=True, max_calls=10)
        same(budget["calls"], 10, "calls within a budget")


@parallel
def other_400s_do_not_fall_back(stub):
    stub.script({"faults": [{"on": [1], "status": 400, "message": "too hot"}]})
    with Bench(stub.url("/v1"), n=2) as b:
        b.run(concurrency=1)
        same(forms_of(stub), ["json_schema"] * 2, "forms")


# --- everything at once -------------------------------------------------------

def mixed(stub, concurrency):
    stub.script({"latency_ms": [1, 20], "seed": concurrency, "faults": [
        {"if_user_contains": "1.", "first_attempts": 2, "status": 429},
        {"if_user_contains": "2.", "status": 500},
        {"if_user_contains": "3.", "kind": "slow", "ms": 200},
        {"if_user_contains": "4.", "first_attempts": 1, "kind": "cut"},
        {"if_user_contains": "5.", "kind": "not_json"},
        {"if_user_contains": "6.", "kind": "out_of_scale"}]})
    n = 100
    with Bench(stub.url("/v1"), n=n, timeout=5) as b:
        report = b.run(concurrency=concurrency)
        same(report["traces"], n, "traces")
        same((report["verdicts"], report["errors"], report["skipped"]),
             (70, 30, 0), "counts")
        rows = dict(b.sql("SELECT coalesce(error_code, 'fine'), count(*) FROM "
                          "judge_assessment WHERE valid GROUP BY 1"))
        same(rows, {"fine": 70, "HTTP_500": 10, "INVALID_JSON": 10,
                    "INVALID_VALUE": 10}, "rows")
        same(b.sql("SELECT count(DISTINCT trace_id) FROM judge_assessment "
                   "WHERE valid")[0][0], n, "traces with a row")
        stats = stub.stats()
        same(stats["requests"], report["calls"], "requests and calls")
        # 429 twice and cut once are sent again, a 500 three times in all.
        same(report["calls"], n + 2 * 10 + 1 * 10 + 2 * 10, "calls")
        assert stats["peak_in_flight"] <= concurrency, stats
        stub.call("/reset", b"{}")
        again = b.run(concurrency=concurrency)
        asked = {e["text"] for e in stub.log() if e["event"] == "request"}
        assert all('item' in t and ('2.' in t or '5.' in t) for t in asked), asked
        same(len(asked), 20, "what was not answered is asked again")
        same((again["verdicts"], again["errors"]), (0, 30), "second run")


@parallel
def mixed_with_16_in_flight(stub):
    mixed(stub, 16)


@parallel
def mixed_with_64_in_flight(stub):
    mixed(stub, 64)


if __name__ == "__main__":
    sys.exit(main())
