#!/usr/bin/python3
"""A model server for tests: OpenAI's chat completions and embeddings over
HTTP/1.1, on 127.0.0.1, with answers and faults given by a script.

    stub.py --port 0 --script FILE --log FILE --announce FILE

Writes the port to the announce file when it listens. README.md has the script
format, the log and an example. Python's standard library only.
"""
import argparse
import asyncio
import collections
import hashlib
import json
import os
import signal
import socket
import struct
import sys
import time

import stub_faults
import stub_models
import stub_usage

REASONS = {200: "OK", 302: "Found", 404: "Not Found"}
EXCERPT = 200
LOG_KEPT = 100000  # entries that GET /log can show


class Stats:
    """Counts, and how many requests are in flight over time."""

    def __init__(self, connections=0):
        self.requests = self.answered = self.connections = 0
        self.open = connections
        self.now = self.peak = 0
        self.area = self.busy = 0.0
        self.last = time.monotonic()
        self.statuses = {}

    def shift(self, by):
        moment = time.monotonic()
        if self.now > 0:
            self.area += self.now * (moment - self.last)
            self.busy += moment - self.last
        self.last = moment
        self.now = max(0, self.now + by)
        self.peak = max(self.peak, self.now)

    def report(self):
        self.shift(0)
        return {"requests": self.requests, "answered": self.answered,
                "peak_in_flight": self.peak,
                "mean_in_flight": self.area / self.busy if self.busy else 0.0,
                "busy_seconds": self.busy, "in_flight": self.now,
                "connections": self.connections, "open": self.open,
                "statuses": self.statuses}


class Server:
    """What all connections share."""

    def __init__(self, script, log):
        self.script, self.log_file = script, log
        self.reset()

    def reset(self):
        self.stats = Stats(getattr(self, "stats", Stats()).open)
        self.attempts = {}
        self.entries = collections.deque(maxlen=LOG_KEPT)

    def log(self, entry):
        entry["time"] = time.time()
        self.entries.append(entry)
        if self.log_file:
            self.log_file.write(json.dumps(entry) + "\n")
            self.log_file.flush()

    def latency(self, digest, attempt, fault):
        wanted = (fault or {}).get("latency_ms",
                                   self.script.get("latency_ms", 0))
        if isinstance(wanted, list):
            x = stub_models.number(self.script.get("seed", 1), "latency",
                                   digest, attempt)
            wanted = wanted[0] + x * (wanted[1] - wanted[0])
        return wanted / 1000.0


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, kept alive."""

    def __init__(self, server):
        self.server = server
        self.buffer = bytearray()
        self.busy = None  # the log entry of the request being answered
        self.key = None   # its Authorization header; never logged
        self.gone = False

    # --- asyncio ------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self.server.stats.connections += 1
        self.server.stats.open += 1

    def connection_lost(self, reason):
        self.gone = True
        self.server.stats.open -= 1
        if self.busy is not None:
            self.answered(0)

    def data_received(self, data):
        self.buffer += data
        if not self.buffer[:1].isalpha():  # TLS, most likely
            self.transport.close()
            return
        self.take_request()

    def take_request(self):
        if self.busy is not None:
            return
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        size = int(headers.get("content-length", 0))
        if len(self.buffer) < end + 4 + size:
            return
        body = bytes(self.buffer[end + 4:end + 4 + size])
        del self.buffer[:end + 4 + size]
        method, path = lines[0].split(" ")[:2]
        self.key = headers.get("authorization")
        self.handle(method, path, headers, body)

    # --- routing ------------------------------------------------------------

    def handle(self, method, path, headers, body):
        if method == "POST" and path.endswith("/chat/completions"):
            self.model_call(path, body, self.chat_reply)
        elif method == "POST" and path.endswith("/embeddings"):
            self.model_call(path, body, self.embed_reply)
        elif method == "GET" and path == "/log":
            self.control(list(self.server.entries))
        elif method == "GET" and path == "/stats":
            self.control(self.server.stats.report())
        elif method == "POST" and path == "/reset":
            self.server.reset()
            self.control({"reset": True})
        elif method == "POST" and path == "/script":
            self.server.script = json.loads(body)
            self.server.reset()
            self.control({"script": True})
        else:
            self.reply(404, b'{"error":{"message":"no such path"}}')

    def control(self, value):
        self.reply(200, json.dumps(value).encode())

    # --- model calls --------------------------------------------------------

    def model_call(self, path, body, make_reply):
        server = self.server
        digest = hashlib.sha256(body).hexdigest()
        attempt = server.attempts.get(digest, 0) + 1
        server.attempts[digest] = attempt
        server.stats.requests += 1
        server.stats.shift(+1)
        self.busy = entry = {
            "event": "request", "n": server.stats.requests, "path": path,
            "digest": digest, "attempt": attempt, "bytes": len(body),
            "authorization": self.key is not None,
            "planted_key": self.is_planted()}
        try:
            request = json.loads(body)
        except ValueError as error:
            server.log(entry)
            self.reply(400, json.dumps({"error": {
                "message": "not JSON: %s" % error}}).encode())
            return
        user = (stub_models.Request(request, 0).user if "messages" in request
                else json.dumps(request.get("input"), ensure_ascii=False))
        entry["model"] = request.get("model")
        form = (request.get("response_format") or {}).get("type")
        if form:
            entry["form"] = form
        entry["text"] = user[:EXCERPT]
        limit = next((request[k] for k in ("max_tokens",
                                           "max_completion_tokens")
                      if k in request), None)
        if limit is not None:
            entry["limit"] = limit
        server.log(entry)
        fault = stub_faults.find(server.script, entry["n"], attempt, digest,
                                 user, path, form, limit)
        delay = server.latency(digest, attempt, fault)
        asyncio.get_running_loop().call_later(
            delay, self.answer, request, fault, make_reply)

    def is_planted(self):
        planted = self.server.script.get("planted_key")
        return bool(planted) and self.key == "Bearer " + planted

    def answer(self, request, fault, make_reply):
        if self.gone:
            return
        try:
            reply = make_reply(request)
        except Exception as error:  # a script at fault must show in the test
            self.reply(400, json.dumps({"error": {
                "message": "stub script: %r" % error}}).encode())
            return
        kind = (fault or {}).get("kind", "status" if fault else None)
        if kind == "status" and "status" not in fault:
            kind = None  # a fault of latency only
        if kind in stub_faults.CONTENT:
            stub_faults.CONTENT[kind](fault, reply)
        body = json.dumps(reply, ensure_ascii=False).encode()
        if kind in stub_faults.WIRE:
            stub_faults.WIRE[kind](self, fault, body)
        else:
            self.reply(200, body)

    def chat_reply(self, request):
        script = self.server.script
        text = stub_models.chat(script, stub_models.Request(
            request, script.get("seed", 1)))
        return {"id": "stub", "object": "chat.completion",
                "model": request.get("model"),
                "choices": [{"index": 0, "finish_reason": "stop",
                             "message": {"role": "assistant",
                                         "content": text}}],
                "usage": self.chat_usage(request, text)}

    def chat_usage(self, request, text):
        how = self.server.script.get("usage")
        if how:
            return stub_usage.of_chat(how, request, text)
        asked = sum(len(stub_models.content_text(m).split())
                    for m in request["messages"])
        return usage(asked, len(text.split()))

    def embed_reply(self, request):
        texts = request["input"]
        texts = [texts] if isinstance(texts, str) else texts
        dim = self.server.script.get("dim", 64)
        if isinstance(dim, dict):
            dim = dim[request["model"]]
        how = self.server.script.get("usage")
        return {"object": "list", "model": request.get("model"),
                "data": [{"object": "embedding", "index": i,
                          "embedding": stub_models.embedding(t, dim)}
                         for i, t in enumerate(texts)],
                "usage": stub_usage.of_embedding(how, texts) if how else
                usage(sum(len(t.split()) for t in texts), 0)}

    # --- writing ------------------------------------------------------------

    def write(self, data):
        if not self.gone:
            self.transport.write(data)

    def send_head(self, status, size, headers=(), kind="application/json"):
        lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Scripted")),
                 "Content-Type: " + kind]
        if size is not None:
            lines.append("Content-Length: %d" % size)
        lines += ["%s: %s" % h for h in headers]
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def reply(self, status, body, headers=(), kind="application/json"):
        # Noted before it is sent, so that the log never lags behind.
        entry, self.busy = self.busy, None
        self.note(entry, status)
        self.send_head(status, len(body), headers, kind)
        self.write(body)
        self.take_request()

    def answered(self, status):
        """Notes the end of a request whose bytes went out piecemeal."""
        entry, self.busy = self.busy, None
        self.note(entry, status)
        if not self.gone:
            self.take_request()

    def note(self, entry, status):
        if entry is None:
            return
        stats = self.server.stats
        stats.shift(-1)
        stats.answered += status == 200
        stats.statuses[status] = stats.statuses.get(status, 0) + 1
        self.server.log({"event": "answer", "n": entry["n"],
                         "digest": entry["digest"],
                         "attempt": entry["attempt"], "status": status})

    def close_when_sent(self):
        self.transport.close()

    def abort(self, reset):
        if reset:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()

    def write_slowly(self, body, ms, pieces):
        loop = asyncio.get_running_loop()
        size = len(body) // pieces + 1
        for i in range(pieces):
            loop.call_later(ms / 1000.0 * (i + 1) / pieces, self.write,
                            body[i * size:(i + 1) * size])
        loop.call_later(ms / 1000.0 + 0.001, self.answered, 200)

    def write_endlessly(self):
        if not self.gone:
            self.write(b" " * 65536)
            asyncio.get_running_loop().call_later(0.001, self.write_endlessly)


def usage(asked, answered):
    return {"prompt_tokens": asked, "completion_tokens": answered,
            "total_tokens": asked + answered}


async def serve(args, script, log):
    server = Server(script, log)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Connection(server),
                                        "127.0.0.1", args.port, backlog=1024)
    port = listener.sockets[0].getsockname()[1]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    announce(args.announce, port)
    await stop.wait()


def announce(path, port):
    """Whole or not at all: who waits for the file never reads half of it."""
    if not path:
        print(port, flush=True)
        return
    with open(path + ".new", "w") as f:
        f.write("%d\n" % port)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", help="JSON file; none: answers by hash")
    parser.add_argument("--log", help="one JSON object a line is added")
    parser.add_argument("--announce", help="gets the port when listening")
    args = parser.parse_args()
    script = {}
    if args.script:
        with open(args.script) as f:
            script = json.load(f)
    log = open(args.log, "a") if args.log else None
    asyncio.run(serve(args, script, log))
    return 0


if __name__ == "__main__":
    sys.exit(main())
