#!/usr/bin/python3
"""Keys of every kind (law 9): each provider's, signatures, session tokens, extra
headers, passwords of proxies. A server sends back all it was sent, in errors and
in answers; the search of leaks.py, in net_bench, finds none of it again. Answers
that hold no key are stored as they came.

The last line is "N passed, N failed" (", N skipped" without openssl).
"""
import base64
import contextlib
import json
import os
import re
import select
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import leaks
from net_bench import Bench, alone, holds, main, same
from servers import environment, tls_server

VERDICT = {"result": "Good", "rationale": "RATIONALE"}
TEXT = json.dumps(VERDICT)
OPENAI = {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
ANTHROPIC = {"content": [{"type": "tool_use", "name": "verdict",
                          "input": VERDICT}], "stop_reason": "tool_use"}
BEDROCK = {"output": {"message": {"content": [{"toolUse": {
    "name": "verdict", "input": VERDICT}}]}}, "stopReason": "tool_use"}
OLLAMA = {"message": {"content": TEXT}, "done": True, "done_reason": "stop"}


# --- a server that repeats what it is sent ------------------------------------

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        self.rfile.read(int(self.headers.get("content-length", 0)))
        with server.lock:
            server.seen.append((self.path, dict(self.headers)))
            number = len(server.seen)
        said = " ".join("%s: %s" % h for h in self.headers.items())
        status, body, headers = server.echo(server, number, said, self)
        self.send_response(status)
        for line in headers:
            self.send_header(*line)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def good(server, said):
    """An answer whose reason is what was sent."""
    return json.dumps(server.reply).replace(
        "RATIONALE", json.dumps(json.dumps(said)[1:-1])[1:-1]).encode()


def plain(server, *_):
    """An answer that repeats nothing."""
    return 200, json.dumps(server.reply).encode(), []


def by_turns(server, number, said, _):
    """Each way of repeating, one after the other."""
    kind = [("Content-Type", "application/json")]
    error = {"error": {"message": "you sent " + said}, "message": said}
    return [
        (400, json.dumps(error).encode(), kind),
        (200, good(server, said), kind),
        (422, said.encode(), [("Content-Type", "text/plain")]),
        (200, ("<html>" + said).encode(), [("Content-Type", "text/html")]),
        (200, good(server, said)[:-3], kind),
        (200, json.dumps({"error": {"message": said}}).encode(), kind),
        (500, json.dumps(error).encode(), kind),
        (302, b"", [("Location", "/" + base64.b64encode(
            said.encode()).decode())]),
        (429, json.dumps(error).encode(), kind + [("Retry-After", "0")]),
        (200, b"\xff\xfe" + said.encode(), kind),
        plain(server),
    ][number % 11]


def always_good(server, _, said, __):
    return 200, good(server, said), [("Content-Type", "application/json")]


@contextlib.contextmanager
def repeating(reply, echo=by_turns):
    s = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    s.seen, s.reply, s.echo, s.lock = [], reply, echo, threading.Lock()
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield s, "http://127.0.0.1:%d" % s.server_port
    finally:
        s.shutdown()
        s.server_close()


# --- each provider ------------------------------------------------------------

def secret(name):
    return leaks.plant("%s-planted-3c8e5a90f1b7d264" % name)


AWS = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "BASE", "AWS_REGION": "eu-west-1"}
PROVIDERS = [
    ("openai", {"OPENAI_BASE_URL": "BASE/v1"}, ["OPENAI_API_KEY"], OPENAI),
    ("databricks", {"DATABRICKS_HOST": "BASE"}, ["DATABRICKS_TOKEN"], OPENAI),
    ("gateway", {"MLFLOW_GATEWAY_URI": "BASE"}, ["MLFLOW_TRACKING_TOKEN"],
     OPENAI),
    ("azure", {"AZURE_API_BASE": "BASE"}, ["AZURE_API_KEY"], OPENAI),
    ("anthropic", {"ANTHROPIC_BASE_URL": "BASE"}, ["ANTHROPIC_API_KEY"],
     ANTHROPIC),
    ("gemini", {"GEMINI_API_BASE": "BASE/v1"}, ["GEMINI_API_KEY"], OPENAI),
    ("groq", {"GROQ_API_BASE": "BASE/v1"}, ["GROQ_API_KEY"], OPENAI),
    ("ollama_chat", {"OLLAMA_HOST": "BASE"}, ["OLLAMA_API_KEY"], OLLAMA),
    ("bedrock", AWS, ["AWS_BEARER_TOKEN_BEDROCK"], BEDROCK),
    ("bedrock", dict(AWS, AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
                     AWS_BEARER_TOKEN_BEDROCK=None),
     ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"], BEDROCK),
]


def attempt(b, text, *values):
    """Any end will do, as long as it holds no secret: b.sql looks."""
    try:
        return b.sql(text, *values)
    except sqlite3.Error:
        return None


def all_commands(b, model):
    """What a session does; everything it gives back is searched."""
    b.sql("SELECT judge_config('progress', 'on')")
    for i in range(12):
        b.sql("INSERT INTO assessments(trace_id, name, value, source_type,"
              " source_id) VALUES ('t%d', 'q', ?, 'HUMAN', 'ann')" % i,
              ("Bad", "Good")[i % 2])
    share = '{"max_error_share":1,"concurrency":3,"redo":%d}'
    attempt(b, "SELECT judge_run('q', ?)", share % 1)
    attempt(b, "SELECT judge_run('q', ?)", share % 2)
    attempt(b, "SELECT judge_eval('q', 't1')")
    attempt(b, "SELECT judge_align('q', '{\"verbose\":true}')")
    attempt(b, "SELECT judge_generate(?, 'Say {{ x }}', ?)", model,
            json.dumps({"inputs": [{"x": str(i)} for i in range(10)]}))
    for text in ("SELECT judge_prompt('q', 't1')", "SELECT judge_debug()",
                 "SELECT judge_config()", "SELECT * FROM judges"):
        b.sql(text)
    for table, in b.sql("SELECT name FROM sqlite_schema WHERE type IN"
                        " ('table', 'view') AND name NOT LIKE 'sqlite_%'"):
        attempt(b, 'SELECT * FROM "%s"' % table)


# How servers write what they were sent.
WAYS = {
    "plain": str,
    "upper": str.upper,
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "url": lambda t: urllib.parse.quote(t, safe=""),
    "url, lower": lambda t: re.sub("%..", lambda m: m[0].lower(),
                                   urllib.parse.quote(t, safe="")),
    "html": lambda t: re.sub("[^a-zA-Z0-9]", lambda m: "&#%d;" % ord(m[0]), t),
    "json": lambda t: re.sub("[^a-zA-Z0-9]",
                             lambda m: "\\u%04x" % ord(m[0]), t),
    "json, upper": lambda t: re.sub("[^a-zA-Z0-9]",
                                    lambda m: "\\u%04X" % ord(m[0]), t),
    "slashes": lambda t: t.replace("/", "\\/"),
    "hex": lambda t: t.encode().hex(),
    "prefix": lambda t: t[:len("Bearer ") + 14],
}


@alone
def keys_in_every_encoding(_):
    """In an error they are masked; an answer that holds one is not kept."""
    key = leaks.plant("sk-planted/4f+8c=2d/71+90b3=6e")
    for name, way in WAYS.items():
        for status in (400, 200):
            def echo(server, _, __, handler):
                said = way(handler.headers["Authorization"])
                if status == 200:
                    body = json.dumps(server.reply).replace("RATIONALE", said)
                else:
                    body = json.dumps({"error": {"message": "?"}}).replace(
                        "?", "you sent " + said)
                return status, body.encode(), []

            with repeating(OPENAI, echo) as (_, base), \
                    environment(OPENAI_BASE_URL=base + "/v1",
                                OPENAI_API_KEY=key), \
                    Bench(None, n=1, timeout=5, retries=0) as b:
                b.run(max_error_share=1)
                code, message = b.row("t0")[1:3]
                if name == "prefix" and status == 200:
                    same(code, None, "an answer with a part of the key")
                    continue
                same(code, "SECRET" if status == 200 else "HTTP_400",
                     "code by " + name)
                same("****" in message, status == 400, message)
                b.db.execute("PRAGMA wal_checkpoint")
                with open(b.path, "rb") as f:
                    data = f.read().lower()
                said = way(key).lower().encode()
                for piece in (said[:24], said[-12:]):
                    assert name == "prefix" or piece not in data, (name, piece)


@alone
def answers_are_stored_as_they_came(_):
    """Whatever stands in the environment and in other headers."""
    words = "completion_tokens production anything placeholder evaluation"
    reply = json.loads(json.dumps(OPENAI).replace("RATIONALE", words))
    with repeating(reply, plain) as (s, base), \
            environment(OPENAI_BASE_URL=base + "/v1",
                        OPENAI_API_KEY="anything"), \
            Bench(None, n=2, timeout=5, retries=0) as b:
        b.sql("SELECT judge_config('extra_headers', ?)",
              json.dumps({"X-Env": "completion_tokens", "X-A": "placeholder",
                          "X-Title": "production", "X-B": "evaluation"}))
        same(b.run()["verdicts"], 2, "verdicts")
        same(b.sql("SELECT DISTINCT rationale FROM judge_assessment"),
             [(words,)], "reasons")
        same(b.sql("SELECT DISTINCT CAST(response AS TEXT) FROM"
                   " judge_call_body"), [(json.dumps(reply),)], "bodies")


@alone
def a_token_in_the_path_of_an_address(_):
    token = secret("path")

    def not_found(_, number, __, handler):
        return [(404, b'{"error": "no ' + handler.path.encode() + b'"}', []),
                (500, b"Cannot POST " + handler.path.encode(), [])][number % 2]

    with repeating(OPENAI, not_found) as (_, base), \
            environment(OPENAI_BASE_URL="%s/%s/v1" % (base, token)), \
            Bench(None, n=12, timeout=5, retries=0) as b:
        all_commands(b, "openai:/m")


def add_provider(name, env, keys, reply):
    def check(_):
        planted = {k: secret(k.lower()) for k in keys}
        header = secret("extra")
        with repeating(reply) as (s, base):
            values = {k: v and v.replace("BASE", base)
                      for k, v in env.items()}
            with environment(**values, **planted), \
                    Bench(None, n=12, model=name + ":/m", timeout=5,
                          retries=int(name == "openai")) as b:
                b.sql("PRAGMA journal_mode = wal")
                b.sql("SELECT judge_config('extra_headers', ?)",
                      json.dumps({"X-Team-Token": header}))
                all_commands(b, name + ":/m")
                rows = b.sql("SELECT count(*), count(error_code),"
                             " sum(error_code = 'SECRET') FROM judge_call")[0]
                assert rows[1] > 10 and rows[0] - rows[1] > 2, rows
                assert rows[2] > 2, rows
                same(b.sql("SELECT count(*) FROM judge_call_body WHERE"
                           " response LIKE '%****%'"), [(0,)],
                     "answers that were changed")
            sent = json.dumps(s.seen)
            for key, value in planted.items():
                if key != "AWS_SECRET_ACCESS_KEY":  # it signs
                    holds(sent, value, key)
            holds(sent, header, "extra header")

    check.__name__ = "keys_of_%s_%s" % (name, keys[0].lower())
    alone(check)


for row in PROVIDERS:
    add_provider(*row)


@alone
def a_key_goes_only_where_it_is_allowed_to(_):
    """What a row says about the address says nothing about the key."""
    keys = {name: secret(name.lower()) for name in (
        "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN")}
    cases = (
        ("openai", "HOST", None), ("openai", "groq=HOST, HOST", None),
        ("openai", "openai=HOST", "OPENAI_API_KEY"),
        ("anthropic", "HOST", None), ("anthropic", "openai=HOST,HOST", None),
        ("anthropic", "HOST,anthropic=HOST", "ANTHROPIC_API_KEY"),
        ("bedrock", "HOST", None),
        ("bedrock", "bedrock=HOST", "AWS_SESSION_TOKEN"))
    replies = {"openai": OPENAI, "anthropic": ANTHROPIC, "bedrock": BEDROCK}
    for provider, allowed, sent in cases:
        with repeating(replies[provider], plain) as (s, base), \
                environment(OPENAI_BASE_URL=None, AWS_REGION="eu-west-1",
                            AWS_ACCESS_KEY_ID="AKIDEXAMPLE", **keys), \
                Bench(base, n=1, model=provider + ":/m", retries=0) as b:
            b.sql("SELECT judge_config('allow_host', ?)",
                  allowed.replace("HOST", base.split("/")[2]))
            same(b.run()["verdicts"], 1, "verdicts")
            same(len(s.seen), 1, "requests")
            headers = str(s.seen[0][1])
            same([k for k in keys if keys[k] in headers],
                 [sent] if sent else [], "keys of " + allowed)
            if sent is None:
                assert "AKIDEXAMPLE" not in headers, headers


@alone
def an_error_that_is_cut_holds_no_piece_of_a_key(_):
    """Error texts are cut, and the cut may go through the key."""
    key = secret("cut")

    def padded(_, number, __, handler):
        said = "x" * (4 * number) + handler.headers["Authorization"]
        return 400, json.dumps({"error": {"message": said}}).encode(), []

    with repeating(OPENAI, padded) as (_, base), \
            environment(OPENAI_BASE_URL=base + "/v1", OPENAI_API_KEY=key), \
            Bench(None, n=240, timeout=5) as b:
        attempt(b, "SELECT judge_run('q', '{\"max_error_share\":1}')")
        texts = [t for t, in b.sql("SELECT error_message FROM"
                                   " judge_assessment")]
        same(len(texts), 240, "rows")
        for text in texts:
            for i in range(8, len(key)):
                assert key[:i] not in text, text[-60:]


# --- proxies ------------------------------------------------------------------

NOBODY = dict(NO_PROXY=None, no_proxy=None, http_proxy=None, HTTPS_PROXY=None,
              https_proxy=None, ALL_PROXY=None, all_proxy=None)


@alone
def passwords_of_proxies(_):
    password = secret("proxy")
    leaks.plant("someone:" + password)
    for echo in (by_turns, always_good,
                 lambda _, __, said, ___: (407, said.encode(), [])):
        with repeating(OPENAI, echo) as (s, base):
            proxy = base.replace("//", "//someone:%s@" % password)
            with environment(**dict(NOBODY, http_proxy=proxy)), \
                    Bench("http://models.invalid/v1", n=12, timeout=5,
                          retries=0) as b:
                all_commands(b, "openai:/stub")
            basic = base64.b64encode(b"someone:" + password.encode()).decode()
            assert s.seen, "nothing came to the proxy"
            for path, headers in s.seen:
                same(headers.get("Proxy-Authorization"), "Basic " + basic,
                     "authorization at the proxy")
                holds(path, "http://models.invalid/v1/", "path at the proxy")


@alone
def proxies_that_do_not_work(_):
    password = secret("proxy")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        closed = s.getsockname()[1]
        for proxy, code in (
                ("http://someone:%s@127.0.0.1:%d" % (password, closed),
                 "CONNECT"),
                ("http://someone:%s@no-such-proxy.invalid:3128" % password,
                 "DNS"),
                ("http://someone:%s @127.0.0.1:1" % password, None),
                ("http://someone:[%s@127.0.0.1:1" % password, None),
                ("http://someone:%s#@127.0.0.1:1" % password, None),
                ("http://someone:%s@127.0.0.1:999999" % password, None),
                ("bogus://someone:%s@127.0.0.1:1" % password, None),
                ("socks5://someone:%s@127.0.0.1:%d" % (password, closed),
                 None)):
            with environment(**dict(NOBODY, http_proxy=proxy)), \
                    Bench("http://models.invalid/v1", n=2, retries=0) as b:
                attempt(b, "SELECT judge_run('q')")
                row = b.row("t0")
                assert row[0] is None and row[2], row
                if code:
                    same(row[1], code, "code of " + proxy.split("@")[1])


class Tunnel(BaseHTTPRequestHandler):
    """CONNECT, as a proxy for https has it; every host is this machine."""

    def do_CONNECT(self):
        self.server.seen.append((self.path, dict(self.headers)))
        if self.server.refuses:
            self.send_error(407, "who are you, " + str(self.headers))
            return
        port = self.path.rsplit(":", 1)[1]
        with socket.create_connection(("127.0.0.1", int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: there, there: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    self.server.through.append(data)
                    ends[end].sendall(data)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def tunnel(refuses=False):
    s = ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    s.daemon_threads = True
    s.seen, s.through, s.refuses = [], [], refuses
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield s
    finally:
        s.shutdown()
        s.server_close()


if shutil.which("openssl"):
    @alone
    def a_proxy_for_https_sees_no_key(_):
        password = secret("tunnel")
        leaks.plant("me:" + password)
        for refuses in (False, True):
            with tempfile.TemporaryDirectory() as folder, \
                    tls_server(folder) as (server, pem, base), \
                    tunnel(refuses) as proxy, \
                    environment(**dict(
                        NOBODY, SSL_CERT_FILE=pem,
                        https_proxy="http://me:%s@127.0.0.1:%d" % (
                            password, proxy.server_port))), \
                    Bench(base.replace("127.0.0.1", "models.invalid"), n=2, timeout=5, retries=0) as b:
                report = b.run(max_error_share=1)
                same(report["verdicts"], 0 if refuses else 2, "verdicts")
                through = b"".join(proxy.through)
                leaks.search(through, "what went through the proxy")
                assert proxy.seen, "nothing came to the proxy"
                for path, headers in proxy.seen:
                    same(path, "models.invalid:" + base.split(":")[2][:-3],
                         "host")
                    assert "Authorization" not in headers, headers
                    holds(headers["Proxy-Authorization"], "Basic ")
                same(len(server.seen), 0 if refuses else 2, "requests")
                for headers in server.seen:
                    assert "Proxy-Authorization" not in headers, headers


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("skipped the tunnel: openssl is not installed")
    sys.exit(main())
