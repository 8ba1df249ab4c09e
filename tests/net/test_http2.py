#!/usr/bin/python3
"""HTTP/2: nghttpx before the stub, with TLS. Many requests share a connection;
what breaks one breaks all that are on it, and still nothing is lost, nothing paid
twice without being counted, and no budget passed.

The last line is "N passed, N failed", with ", N skipped" where nghttpx or
openssl is absent."""
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

from net_bench import Bench, holds, main, parallel, same
from servers import Http2, certificate


@contextlib.contextmanager
def bench(stub, script, n, streams=100, **options):
    """A database whose judge is asked by way of the front."""
    stub.script(script)
    with Http2(os.environ["SSL_CERT_FILE"], stub.port, streams) as front, \
            Bench(front.base + "/v1", n=n, **dict({"timeout": 10},
                                                  **options)) as b:
        yield front, b


def whole(b, n):
    """A verdict for each trace, and for each the answer that it came from."""
    same(b.sql("SELECT count(*), count(DISTINCT trace_id), count(value) FROM"
               " judge_assessment WHERE valid"), [(n, n, n)], "rows")
    same(b.sql("SELECT count(*) FROM judge_call_body")[0][0], n, "answers")


def connections(front):
    """Ports that requests came from; all spoke HTTP/2."""
    seen = front.seen()
    same({alpn for _, alpn, _ in seen}, {"h2"}, "protocols")
    return {port for port, _, _ in seen}


def few_connections(stub, concurrency):
    with bench(stub, {"latency_ms": [10, 40]}, 300) as (front, b):
        report = b.run(concurrency=concurrency)
        same((report["verdicts"], report["errors"], report["retries"],
              report["calls"]), (300, 0, 0, 300), "counts")
        stats = stub.stats()
        same(stats["requests"], 300, "requests")
        peak = stats["peak_in_flight"]  # a busy machine answers as it sends
        assert concurrency // 2 <= peak <= concurrency, peak
        assert len(connections(front)) <= 2, connections(front)
        whole(b, 300)
        same(b.run(concurrency=concurrency)["calls"], 0, "calls, again")


def sixteen_share_a_connection(stub):
    few_connections(stub, 16)


def sixty_four_share_a_connection(stub):
    few_connections(stub, 64)


def more_in_flight_than_streams(stub):
    """A stream that is refused was not looked at: it is sent again."""
    with bench(stub, {"latency_ms": [10, 40]}, 300, streams=10) as (front, b):
        report = b.run(concurrency=64)
        same((report["verdicts"], report["errors"]), (300, 0), "counts")
        same(report["calls"], 300 + report["retries"], "calls")
        same(stub.stats()["requests"], 300, "requests")
        assert len(connections(front)) <= 64, connections(front)
        whole(b, 300)


def asked_to_come_later(stub):
    for status in (429, 503):
        script = {"faults": [{"on": [1], "status": status,
                              "retry_after": "1"}]}
        with bench(stub, script, 20) as (front, b):
            report = b.run(concurrency=1)
            same((report["verdicts"], report["retries"]), (20, 1), "counts")
            times = [e["time"] for e in stub.log() if e["event"] == "request"]
            same(len(times), 21, "requests")
            assert 0.95 <= times[1] - times[0] <= 6, times[:2]
            same(len(connections(front)), 1, "connections")


def faults_of_one_stream(stub):
    """They end the stream (or give a 502), never the others'."""
    for kind, codes in (("close", {"HTTP_502", "HTTP_503"}),
                        ("reset", {"HTTP_502", "HTTP_503"}),
                        ("cut", {"CLOSED"}), ("stall", {"TIMEOUT"}),
                        ("garbage", {"HTTP_502", "HTTP_503"})):
        script = {"latency_ms": 5, "faults": [
            {"kind": kind, "if_user_contains": "item 1."}]}
        with bench(stub, script, 40, timeout=2, retries=1) as (front, b):
            report = b.run(concurrency=16)
            same((report["verdicts"], report["errors"], report["calls"]),
                 (39, 1, 41), "counts of " + kind)
            same(stub.stats()["requests"], 41, "requests of " + kind)
            code = b.row("t1")[1]
            assert code in codes, (kind, b.row("t1"))
            # The same again, without the fault.
            stub.script({})
            same(b.run()["calls"], 1, "calls, again")
            whole(b, 40)


class Meanwhile:
    """A run in a thread of its own, and what is done beside it."""

    def __init__(self, stub, bench, **options):
        self.stub, self.bench, self.options = stub, bench, options
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            self.said = self.bench.run(**self.options)
        except sqlite3.Error as error:
            self.said = str(error)

    def wait_for(self, key, count):
        """1 unless the run has ended before."""
        while self.thread.is_alive():
            if self.stub.stats()[key] >= count:
                return 1
            time.sleep(0.005)
        return 0

    def end(self):
        self.thread.join()
        return self.said


def a_front_that_dies(stub):
    """With calls in flight, and comes back: what it had passed on may have been
    paid, and is counted as a call; what was answered is not asked again."""
    with bench(stub, {"latency_ms": [50, 150]}, 200, retries=5) as (front, b):
        beside = Meanwhile(stub, b, concurrency=16)
        assert beside.wait_for("answered", 60)
        front.end()
        time.sleep(0.2)
        front.start()
        report = beside.end()
        same((report["verdicts"], report["errors"]), (200, 0), "counts")
        same(report["calls"], 200 + report["retries"], "calls")
        sent = stub.stats()["requests"]
        assert 200 <= sent <= report["calls"], (sent, report)
        # Those on the connection that died, and no others.
        assert sent <= 200 + 16, sent
        whole(b, 200)


def a_front_that_says_goodbye(stub):
    """GOAWAY: what is in flight is answered, the rest goes elsewhere."""
    with bench(stub, {"latency_ms": [50, 150]}, 200, retries=5) as (front, b):
        beside = Meanwhile(stub, b, concurrency=16)
        assert beside.wait_for("answered", 60)
        front.say_goodbye()
        front.start()
        report = beside.end()
        same((report["verdicts"], report["errors"]), (200, 0), "counts")
        sent = stub.stats()["requests"]
        assert 200 <= sent <= report["calls"], (sent, report)
        whole(b, 200)


def a_budget_while_connections_die(stub):
    for allowed in (50, 120):
        with bench(stub, {"latency_ms": [20, 80]}, 200, streams=8,
                   retries=5) as (front, b):
            beside = Meanwhile(stub, b, concurrency=16, max_calls=allowed,
                               max_error_share=1)
            for i in range(3):
                if beside.wait_for("requests", allowed // 4 * (i + 1)):
                    front.end()
                    front.start()
            report = beside.end()
            assert report["calls"] <= allowed, report
            assert stub.stats()["requests"] <= report["calls"], report
            same(report["traces"], report["verdicts"] + report["errors"] +
                 report["skipped"], "traces")
            first = b.sql("SELECT count(*) FROM judge_call_body")[0][0]
            before = stub.stats()["requests"]
            again = b.run(concurrency=4)
            same(again["errors"], 0, "errors, again")
            same(stub.stats()["requests"] - before, 200 - first,
                 "requests, again")
            whole(b, 200)


def an_interrupt(stub):
    with bench(stub, {"latency_ms": 60000}, 50, timeout=120) as (front, b):
        beside = Meanwhile(stub, b, concurrency=16)
        assert beside.wait_for("requests", 16)
        moment = time.monotonic()
        b.db.interrupt()
        holds(beside.end(), "interrupted")
        assert time.monotonic() - moment < 1, "seconds"
        stub.script({})
        report = b.run(concurrency=16)
        same((report["verdicts"], report["calls"], report["dropped_before"]),
             (50, 50, 16), "counts")
        whole(b, 50)


def an_alignment(stub):
    with bench(stub, {"latency_ms": [1, 10]}, 20) as (front, b):
        for i in range(20):
            b.sql("INSERT INTO assessments(trace_id, name, value, source_type,"
                  " source_id) VALUES (?, 'q', ?, 'HUMAN', 'ann')", "t%d" % i,
                  ("Bad", "Good")[i % 2])
        report = json.loads(b.sql("SELECT judge_align('q')")[0][0])
        same(stub.stats()["requests"], report["calls"], "requests")
        assert len(connections(front)) <= 2, connections(front)


if __name__ == "__main__":
    TESTS = (sixteen_share_a_connection, sixty_four_share_a_connection,
             more_in_flight_than_streams, asked_to_come_later,
             faults_of_one_stream, a_front_that_dies,
             a_front_that_says_goodbye, a_budget_while_connections_die,
             an_interrupt, an_alignment)
    MISSING = [p for p in ("nghttpx", "openssl") if not shutil.which(p)]
    if MISSING:
        print("skipped: %s is not installed (make deps)" % MISSING[0])
        print("0 passed, 0 failed, %d skipped" % len(TESTS))
        sys.exit(0)
    for TEST in TESTS:
        parallel(TEST)
    with tempfile.TemporaryDirectory() as FOLDER:
        os.environ["SSL_CERT_FILE"] = certificate(FOLDER)
        sys.exit(main())
