"""Starts and stops the stub server for a test.

    with Stub({"latency_ms": 50}) as stub:
        ... stub.url("/v1") ... stub.stats() ... stub.log()
"""
import json
import os
import subprocess
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


class Stub:
    def __init__(self, script=None):
        self.folder = tempfile.TemporaryDirectory(prefix="stub")
        self.log_path = os.path.join(self.folder.name, "log.jsonl")
        self.script_path = os.path.join(self.folder.name, "script.json")
        with open(self.script_path, "w") as f:
            json.dump(script or {}, f)

    def __enter__(self):
        announce = os.path.join(self.folder.name, "port")
        environ = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        self.process = subprocess.Popen(
            ["/usr/bin/python3", os.path.join(HERE, "stub.py"), "--port", "0",
             "--script", self.script_path, "--log", self.log_path,
             "--announce", announce], env=environ)
        end = time.monotonic() + 30
        while not os.path.exists(announce):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the stub server did not start")
            time.sleep(0.01)
        with open(announce) as f:
            self.port = int(f.read())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def url(self, path=""):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def call(self, path, body=None):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url(path), data=body, timeout=30) as reply:
            return json.load(reply)

    def stats(self):
        return self.call("/stats")

    def log(self):
        return self.call("/log")

    def script(self, script):
        """Takes another script and forgets what was."""
        return self.call("/script", json.dumps(script).encode())
