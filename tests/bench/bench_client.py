#!/usr/bin/python3
"""The model client at its limit: judge_run beside bare curl --parallel on the
same requests, against a server of fixed latency (fixed_server.c).

For 16, 64 and 256 in flight: wall time over ceil(n / in flight) x latency, CPU
a call, CPU against curl's; the same with a disk on which each sync takes 100 ms.
Then 1,000 of a million traces: how soon the first request goes out. Then
100,000 verdicts (BENCH_VERDICTS) for the peak of memory. The file is as SQLite
makes it: a rollback journal, synchronous as printed. Ratios of one run, on
whatever machine this is.
"""
import json
import math
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("JUDGE_BUILD", "build")
LIBRARY = Path(os.environ.get("JUDGE_SO", BUILD / "judge.so")).resolve()
CALLS = int(os.environ.get("BENCH_CALLS", 5000))
VERDICTS = int(os.environ.get("BENCH_VERDICTS", 100000))
LATENCY_MS = 200


class Server:
    def __init__(self, latency_ms):
        self.process = subprocess.Popen(
            [str(BUILD / "bench/fixed_server"), str(latency_ms)], text=True,
            stdout=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(self.process.stdout.readline())

    def stats(self):
        with urllib.request.urlopen(self.url + "/stats") as reply:
            return json.load(reply)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def connect(path, count):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(str(LIBRARY))
    db.execute("SELECT judge_init()")
    db.execute("SELECT make_judge('quality', 'How good is {{ outputs }} "
               "for {{ inputs }}?', 'openai:/fixed', "
               "'{\"feedback_value_type\":[\"Bad\",\"Good\"]}')")
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
               "FROM n WHERE i < ?) INSERT INTO judge_trace(trace_id, "
               "inputs, outputs) SELECT 't' || i, 'question ' || i, "
               "'answer ' || i FROM n", (count,))
    return db


def cpu_seconds(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def run_ours(server, in_flight):
    with tempfile.TemporaryDirectory() as folder:
        db = connect(os.path.join(folder, "bench.db"), CALLS)
        cpu, wall = cpu_seconds(resource.RUSAGE_SELF), time.monotonic()
        report = json.loads(db.execute(
            "SELECT judge_run('quality', ?)",
            (json.dumps({"concurrency": in_flight}),)).fetchone()[0])
        cpu = cpu_seconds(resource.RUSAGE_SELF) - cpu
        wall = time.monotonic() - wall
        db.close()
    assert report["verdicts"] == CALLS, report
    return wall, cpu, server.stats()


def request_of():
    db = connect(":memory:", 1)
    shown = json.loads(db.execute(
        "SELECT judge_prompt('quality', 't1')").fetchone()[0])
    db.close()
    body = shown.get("body", shown.get("request"))
    return body if isinstance(body, str) else json.dumps(body)


def run_curl(server, in_flight, body):
    """The same requests by curl itself; None when it is not installed."""
    if shutil.which("curl") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for i in range(1, CALLS + 1):
            with open("%s/%d" % (folder, i), "w") as f:
                f.write(body.replace("question 1", "question %d" % i)
                        .replace("answer 1", "answer %d" % i))
        with open(folder + "/config", "w") as f:
            for i in range(1, CALLS + 1):
                f.write('url = "%s/v1/chat/completions"\noutput = "%s/out%d"\n'
                        'data-binary = "@%s/%d"\n'
                        'header = "Content-Type: application/json"\n'
                        'header = "Authorization: Bearer bench"\nsilent\n%s'
                        % (server.url, folder, i, folder, i,
                           "next\n" if i < CALLS else ""))
        cpu, wall = cpu_seconds(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(["curl", "--silent", "--parallel", "--parallel-immediate",
                        "--parallel-max", str(in_flight), "-K",
                        folder + "/config"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cpu = cpu_seconds(resource.RUSAGE_CHILDREN) - cpu
        wall = time.monotonic() - wall
        assert os.path.getsize(folder + "/out%d" % CALLS) > 0
    return wall, cpu, server.stats()


def show(who, in_flight, result, limit):
    wall, cpu, stats = result
    print("%-9s %3d in flight (peak %3d, %3d connections)  wall %6.2f s  limit "
          "%6.2f s  ratio %.3f%s  CPU per call %.3f ms"
          % (who, in_flight, stats["peak_in_flight"], stats["connections"],
             wall, limit, wall / limit,
             "" if wall / limit <= 1.05 or who != "judge_run" else " OVER 1.05",
             1000 * cpu / CALLS), flush=True)


def measure_speed():
    with Server(LATENCY_MS) as server:
        os.environ["OPENAI_BASE_URL"] = server.url + "/v1"
        body = request_of()
        for in_flight in (16, 64, 256):
            limit = math.ceil(CALLS / in_flight) * LATENCY_MS / 1000
            ours = run_ours(server, in_flight)
            show("judge_run", in_flight, ours, limit)
            theirs = run_curl(server, in_flight, body)
            if theirs is None:
                print("skipped curl: it is not installed")
                continue
            show("curl", in_flight, theirs, limit)
            ratio = ours[1] / theirs[1]
            print("          CPU of judge_run / curl %.2f%s"
                  % (ratio, "" if ratio <= 2 else " OVER 2"))


SLOW_SYNC = """
#include <time.h>
int fsync(int fd) { struct timespec t = {0, 100000000}; nanosleep(&t, 0);
  return fd < 0; }
int fdatasync(int fd) { return fsync(fd); }
"""


def measure_slow_disk():
    """Storing waits for the disk, sending does not: run in a child, into which
    the slow syncs are loaded."""
    with tempfile.TemporaryDirectory() as folder:
        shim = folder + "/slow.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", shim],
                       input=SLOW_SYNC, text=True, check=True)
        subprocess.run([sys.executable, __file__, "--slow-disk"], check=True,
                       env=dict(os.environ, LD_PRELOAD=shim))


def run_slow_disk():
    with Server(LATENCY_MS) as server:
        os.environ["OPENAI_BASE_URL"] = server.url + "/v1"
        for in_flight in (16, 64):
            limit = math.ceil(CALLS / in_flight) * LATENCY_MS / 1000
            show("slow disk", in_flight, run_ours(server, in_flight), limit)


def peak_kb():
    with open("/proc/self/status") as f:
        return {l.split(":")[0]: l.split()[1] for l in f
                if l.startswith(("VmHWM", "VmRSS"))}


def watch(rows, stop):
    """Memory while the run goes on."""
    while not stop.wait(0.5):
        rows.append(int(peak_kb()["VmRSS"]))


def measure_memory():
    with Server(0) as server, tempfile.TemporaryDirectory() as folder:
        os.environ["OPENAI_BASE_URL"] = server.url + "/v1"
        db = connect(os.path.join(folder, "bench.db"), VERDICTS)
        print("synchronous = %d" % db.execute("PRAGMA synchronous").fetchone())
        rows, stop = [], threading.Event()
        thread = threading.Thread(target=watch, args=(rows, stop))
        before, wall = int(peak_kb()["VmRSS"]), time.monotonic()
        thread.start()
        report = json.loads(db.execute(
            "SELECT judge_run('quality', '{\"concurrency\":64}')")
            .fetchone()[0])
        stop.set()
        thread.join()
        wall = time.monotonic() - wall
        assert report["verdicts"] == VERDICTS, report
        rows = rows or [before]  # over before the first look
        quarter = max(1, len(rows) // 4)
        print("%d verdicts in %.1f s: memory before %.1f MB, first quarter at "
              "most %.1f MB, last quarter at most %.1f MB, peak %s kB"
              % (VERDICTS, wall, before / 1024, max(rows[:quarter]) / 1024,
                 max(rows[-quarter:]) / 1024, peak_kb()["VmHWM"]))
        db.close()


def measure_million():
    """How soon the first request of a thousand goes out, of a million traces."""
    rows = int(os.environ.get("BENCH_TRACES", 1000000))
    with Server(20) as server, tempfile.TemporaryDirectory() as folder:
        os.environ["OPENAI_BASE_URL"] = server.url + "/v1"
        db = connect(os.path.join(folder, "bench.db"), rows)
        before, first = int(peak_kb()["VmRSS"]), []
        start = time.monotonic()

        def watch_first():
            while not first:
                if server.stats()["requests"]:
                    first.append(time.monotonic() - start)
                time.sleep(0.01)

        thread = threading.Thread(target=watch_first)
        thread.start()
        report = json.loads(db.execute(
            "SELECT judge_run('quality', '{\"limit\":1000,"
            "\"concurrency\":64}')").fetchone()[0])
        thread.join()
        assert report["verdicts"] == 1000, report
        print("1,000 of %d traces: first request after %.2f s%s, all after "
              "%.2f s, memory before %.1f MB, peak %.1f MB"
              % (rows, first[0], "" if first[0] <= 1 else " OVER 1",
                 report["seconds"], before / 1024,
                 int(peak_kb()["VmHWM"]) / 1024))
        db.close()


def main():
    os.environ["OPENAI_API_KEY"] = "bench"
    os.environ["NO_PROXY"] = "127.0.0.1"
    if "--slow-disk" in sys.argv:
        return run_slow_disk()
    measure_speed()
    measure_slow_disk()
    measure_million()
    measure_memory()


if __name__ == "__main__":
    sys.exit(main())
