#!/usr/bin/python3
"""judge_run against a stub of fixed latency: wall time against the limit
ceil(n / in flight) x latency, and the CPU of this process per call; then what
loading the extension costs. Ratios of one run, on whatever machine this is.
"""
import json
import math
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "net"))
from stub_client import Stub  # noqa: E402

BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
TRACES = int(os.environ.get("BENCH_CALLS", 1600))
LATENCY_MS = 200


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(str(LIBRARY))
    return db


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure_run(stub, in_flight):
    stub.call("/reset", b"{}")
    with tempfile.TemporaryDirectory() as folder:
        db = connect(os.path.join(folder, "bench.db"))
        db.execute("SELECT judge_init()")
        db.execute("SELECT make_judge('quality', 'How good is {{ outputs }} "
                   "for {{ inputs }}?', 'openai:/stub', "
                   "'{\"feedback_value_type\":[\"Bad\",\"Good\"]}')")
        db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < ?) INSERT INTO judge_trace(trace_id, "
                   "inputs, outputs) SELECT 't' || i, 'question ' || i, "
                   "'answer ' || i FROM n", (TRACES,))
        cpu, wall = cpu_seconds(), time.monotonic()
        report, = db.execute("SELECT judge_run('quality', ?)", (json.dumps(
            {"concurrency": in_flight}),)).fetchone()
        cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
        db.close()
    report = json.loads(report)
    assert report["verdicts"] == TRACES, report
    stats = stub.stats()
    limit = math.ceil(TRACES / in_flight) * LATENCY_MS / 1000
    print("judge_run  %3d in flight  %5d calls  wall %6.2f s  limit %6.2f s  "
          "ratio %.3f%s  CPU per call %.3f ms  mean in flight %.1f"
          % (in_flight, TRACES, wall, limit, wall / limit,
             "" if wall / limit <= 1.05 else " OVER 1.05",
             1000 * cpu / TRACES, stats["mean_in_flight"]))


def measure_load():
    times = []
    for _ in range(50):
        db = sqlite3.connect(":memory:")
        db.enable_load_extension(True)
        start = time.perf_counter()
        db.load_extension(str(LIBRARY))
        times.append(1000 * (time.perf_counter() - start))
        db.close()
    print("loading    first %.2f ms  median of the rest %.2f ms"
          % (times[0], statistics.median(times[1:])))


def main():
    measure_load()
    with Stub({"latency_ms": LATENCY_MS, "model": {"kind": "hash"}}) as stub:
        os.environ["OPENAI_BASE_URL"] = stub.url("/v1")
        os.environ["OPENAI_API_KEY"] = "bench"
        for in_flight in (16, 64):
            measure_run(stub, in_flight)


main()
