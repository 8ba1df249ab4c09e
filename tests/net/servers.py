"""Servers beside the stub, and the environment that leads to them."""
import contextlib
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = json.dumps({"choices": [{"message": {
    "content": '{"result": "Good", "rationale": "fine"}'},
    "finish_reason": "stop"}]}).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append(dict(self.headers))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)

    def log_message(self, *_):
        pass


def certificate(folder):
    """Of 127.0.0.1 and models.invalid, signed by nobody but itself; the key's
    name ends in .key."""
    pem = os.path.join(folder, "server.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:models.invalid",
         "-keyout", pem + ".key", "-out", pem],
        check=True, capture_output=True)
    return pem


@contextlib.contextmanager
def tls_server(folder):
    """A server on 127.0.0.1 with such a certificate."""
    pem = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem + ".key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    server.handle_error = lambda *_: None  # a refused handshake
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, pem, "https://127.0.0.1:%d/v1" % server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def environment(**values):
    before = {k: os.environ.get(k) for k in values}
    for key, value in values.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def quiet_port():
    """A free port below those that the system gives to clients, so that none of
    them has it while a server is away."""
    for port in random.sample(range(20000, 32000), 1000):
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_until_silent(port):
    end = time.monotonic() + 60
    while listens(port):
        if time.monotonic() > end:
            raise RuntimeError("port %d is still answered" % port)
        time.sleep(0.02)


class Http2:
    """nghttpx: TLS and HTTP/2 in front of a plain server; see start().

    with Http2(pem, port_of_the_server, streams=100) as front:
        ... front.base + "/v1" ... front.seen()

    pem is from certificate(), and in SSL_CERT_FILE.
    """

    def __init__(self, pem, behind, streams=100):
        self.pem, self.behind, self.streams = pem, behind, streams
        self.leaving = []
        self.folder = tempfile.TemporaryDirectory(prefix="judge-http2-")
        self.log = os.path.join(self.folder.name, "access.log")
        self.port = quiet_port()
        self.base = "https://127.0.0.1:%d" % self.port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.leaving.append(self.process)
        for process in self.leaving:
            kill(process)
        self.folder.cleanup()

    def start(self):
        """Answers on its port when this returns. The port may be taken for a
        moment by what was there before: then it is tried again."""
        end = time.monotonic() + 60
        self.launch()
        while not listens(self.port):
            if time.monotonic() > end:
                raise RuntimeError("nghttpx did not start")
            if self.process.poll() is not None:
                kill(self.process)
                self.launch()
            time.sleep(0.02)

    def launch(self):
        self.process = subprocess.Popen(
            ["nghttpx", "--conf=/dev/null", "--no-ocsp", "--workers=1",
             "-f127.0.0.1,%d" % self.port,
             "-b127.0.0.1,%d" % self.behind, "--accesslog-file=" + self.log,
             "--accesslog-format=$remote_port $alpn $status",
             "--frontend-http2-max-concurrent-streams=%d" % self.streams,
             "--backend-connections-per-host=1024", "--errorlog-file=/dev/null",
             self.pem + ".key", self.pem],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,  # it is two processes
            env={k: v for k, v in os.environ.items() if k != "LD_PRELOAD"})

    def end(self):
        """Nobody answers on its port when this returns: a worker outlives its
        leader for a moment, and would be taken for the next one."""
        kill(self.process)
        wait_until_silent(self.port)

    def say_goodbye(self):
        """GOAWAY: it answers what is in flight, and takes no more."""
        self.leaving.append(self.process)
        self.process.send_signal(signal.SIGQUIT)
        wait_until_silent(self.port)

    def seen(self):
        """(port of the client, protocol, status) of each request answered."""
        with open(self.log) as f:
            return [tuple(line.split()) for line in f]


def kill(leader):
    """A process and those that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()
