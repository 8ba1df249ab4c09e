#!/usr/bin/python3
"""Where requests go, and what never leaves: TLS, proxies, plain http, hosts of
hostile files, redirects, keys.

The last line is "N passed, N failed" (", N skipped" without openssl).
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import leaks
from net_bench import KEY, LIBRARY, Bench, alone, holds, main, parallel, same
from servers import environment, tls_server
from stub_client import Stub

# --- TLS ----------------------------------------------------------------------

if shutil.which("openssl"):
    @alone
    def a_certificate_of_ones_own_is_refused_unless_named(stub):
        with tempfile.TemporaryDirectory() as folder, \
                tls_server(folder) as (server, pem, base):
            with Bench(base, n=1, retries=0) as b:
                same(b.run()["errors"], 1, "errors")
                value, code, message, _ = b.row("t0")
                same((value, code), (None, "TLS"), "outcome")
                holds(message, "certificate")
                holds(message, "SSL_CERT_FILE")
            same(server.seen, [], "requests that came through")
            with environment(SSL_CERT_FILE=pem), Bench(base, n=1) as b:
                same(b.run()["verdicts"], 1, "verdicts")
            same(len(server.seen), 1, "requests")
            same(server.seen[0]["Authorization"], "Bearer " + KEY, "key")

    @alone
    def a_certificate_for_another_name_is_refused(stub):
        with tempfile.TemporaryDirectory() as folder, \
                tls_server(folder) as (server, pem, base):
            other = base.replace("127.0.0.1", "localhost")
            with environment(SSL_CERT_FILE=pem), \
                    Bench(other, n=1, retries=0) as b:
                same(b.run()["errors"], 1, "errors")
                same(b.row("t0")[1], "TLS", "code")
            same(server.seen, [], "requests that came through")


# --- proxies ------------------------------------------------------------------

@alone
def proxies_of_the_environment_are_honoured(stub):
    stub.script({})
    nowhere = "http://models.invalid/v1"
    with environment(http_proxy=stub.url(), NO_PROXY=None, no_proxy=None), \
            Bench(nowhere, n=2, timeout=5) as b:
        same(b.run()["verdicts"], 2, "verdicts through the proxy")
    same(stub.stats()["requests"], 2, "requests at the proxy")
    paths = {e["path"] for e in stub.log() if e["event"] == "request"}
    same(paths, {nowhere + "/chat/completions"}, "what the proxy was asked for")
    with environment(http_proxy=stub.url(), NO_PROXY="models.invalid",
                     no_proxy=None), \
            Bench(nowhere, n=1, retries=0) as b:
        b.run()
        same(b.row("t0")[1], "DNS", "code past the proxy")


@alone
def what_stays_on_this_machine_goes_through_no_proxy(stub):
    """Whatever the environment says: a proxy would read keys and traces."""
    stub.script({})
    with Stub() as proxy:
        variables = [
            {name: proxy.url(), "NO_PROXY": None, "no_proxy": without}
            for name in ("http_proxy", "all_proxy", "ALL_PROXY")
            for without in (None, "", "other.example")]
        for values in variables:
            for name, code in (("127.0.0.1", None), ("localhost", None),
                               ("127.3.2.1", "CONNECT"), ("[::1]", "CONNECT")):
                base = stub.url("/v1").replace("127.0.0.1", name)
                with environment(http_proxy=None, all_proxy=None,
                                 ALL_PROXY=None), environment(**values), \
                        Bench(base, n=1, retries=0, timeout=5) as b:
                    b.run(max_error_share=1)
                    same(b.row("t0")[1], code, "code at " + base)
        stats = proxy.stats()
        same((stats["requests"], stats["connections"]), (0, 1),
             "requests at the proxy, and connections but this one")
        # One handle for both kinds: the proxy is asked again for the other.
        with environment(http_proxy=proxy.url(), NO_PROXY=None,
                         no_proxy=None), \
                Bench(stub.url("/v1"), n=2, retries=0, timeout=5) as b:
            b.run()
            b.sql("SELECT judge_config('allow_host', ?)",
                  "openai=http://models.invalid, openai=" + stub.url())
            b.sql("SELECT make_judge('far', '{{ outputs }}?', 'openai:/stub',"
                  " '{\"base_url\":\"http://models.invalid/v1\"}')")
            b.sql("SELECT judge_run('far')")
            b.run(redo=1)
        same(proxy.stats()["requests"], 1, "requests at the proxy")
    same(stub.stats()["requests"], len(variables) * 2 + 4,
         "requests at the server")


# --- hosts --------------------------------------------------------------------

@alone
def plain_http_goes_nowhere_else(stub):
    with environment(OPENAI_BASE_URL="http://models.example/v1"), \
            Bench(None, n=1) as b:
        text = b.fails()
        holds(text, "OPENAI_BASE_URL gives plain http to 'models.example'")
        holds(text, "judge_config('allow_host', 'http://models.example')")
    with environment(OPENAI_BASE_URL="http://me:secret@127.0.0.1/v1"), \
            Bench(None, n=1) as b:
        text = b.fails()
        holds(text, "must not hold a user name or password")
        assert "secret" not in text, text


@alone
def a_missing_key_names_its_variable(stub):
    with environment(OPENAI_API_KEY=None), Bench(None, n=1) as b:
        holds(b.fails(), "set the environment variable OPENAI_API_KEY")
    with environment(GROQ_API_KEY=None), \
            Bench(None, n=1, model="groq:/x") as b:
        holds(b.fails(), "set the environment variable GROQ_API_KEY")


@parallel
def redirects_reach_nobody(stub):
    with Stub() as other:
        stub.script({"faults": [{"path": "/", "kind": "redirect",
                                 "location": other.url("/v1/chat/completions")}
                                ]})
        with Bench(stub.url("/v1"), n=3) as b:
            same(b.run()["errors"], 3, "errors")
        stats = other.stats()
        same((stats["requests"], stats["connections"]), (0, 1),
             "requests at the other host, and connections but this one")


@parallel
def a_stored_address_sends_nothing_unless_allowed(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=3) as b:
        b.db.close()
        b.db = b.connect()  # another connection: nothing is allowed there
        for command in ("judge_run('q')", "judge_align('q')",
                        "judge_eval('q', 't0')"):
            try:
                b.sql("SELECT " + command)
            except sqlite3.OperationalError as error:
                text = str(error)
            else:
                raise AssertionError(command + " went through")
            if "judge_align" not in command:
                holds(text, "is not allowed on this connection")
        same(stub.stats()["requests"], 0, "requests")


@alone
def a_server_that_wants_the_key_is_named_with_what_to_do(stub):
    stub.script({"faults": [{"path": "/", "status": 401}]})
    with environment(OPENAI_BASE_URL=None), Bench(stub.url("/v1"), n=1) as b:
        b.sql("SELECT judge_config('allow_host', ?)",
              "127.0.0.1:%d" % stub.port)
        holds(b.fails(), "no key was sent: SELECT judge_config('allow_host', "
              "'openai=127.0.0.1:%d') lets it go there" % stub.port)


# --- parameters ---------------------------------------------------------------

def set_params(b, params):
    """As a file from somebody else may have them."""
    b.sql("DROP TRIGGER IF EXISTS judge_definition_fixed")
    b.sql("UPDATE judge_definition SET inference_params = ?",
          json.dumps(params))


def refused(b, sql, *values):
    try:
        b.sql(sql, *values)
    except sqlite3.OperationalError as error:
        return str(error)
    raise AssertionError(sql + " went through")


@parallel
def a_stored_judge_asks_for_nothing_but_how_to_answer(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=2) as b:
        for params in ({"data_sources": [{"endpoint": "https://evil"}]},
                       {"search_parameters": {"mode": "on"}},
                       {"extra_body": {"tools": []}}, {"service_tier": "x"},
                       {"fallbacks": ["m"]}, {"logit_bias": {"1": 100}}):
            name, = params
            set_params(b, params)
            for command in ("judge_run('q')", "judge_eval('q', 't0')",
                            "judge_prompt('q', 't0')"):
                holds(refused(b, "SELECT " + command),
                      "inference_params must not set '%s'" % name)
            holds(refused(b, "SELECT make_judge('r', '{{ outputs }}?',"
                          " 'openai:/m', ?)",
                          json.dumps({"inference_params": params})),
                  "judge_config('allow_params', '[\"%s\"]')" % name)
        same(stub.stats()["requests"], 0, "requests")
        set_params(b, {"service_tier": "flex", "tools": []})
        b.sql("SELECT judge_config('allow_params', 'service_tier,tools')")
        holds(refused(b, "SELECT judge_run('q')"), "nothing of it calls out")
        set_params(b, {"service_tier": "flex"})
        same(b.run()["verdicts"], 2, "verdicts")
        b.again()
        holds(refused(b, "SELECT judge_run('q', '{\"redo\":true}')"),
              "allow_params")


@parallel
def a_limit_by_a_foreign_name_is_no_way_around_a_budget(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=6) as b:
        for params in ({"num_predict": 10}, {"maxTokens": 10},
                       {"max_output_tokens": 10},
                       {"options": {"num_predict": 10}},
                       {"inferenceConfig": {"maxTokens": 10}}):
            set_params(b, params)
            refused(b, "SELECT judge_run('q', '{\"max_tokens\":30000}')")
            if "options" in params or "inferenceConfig" in params:
                continue
            holds(refused(b, "SELECT judge_generate('openai:/m', '{{ x }}', ?)",
                          json.dumps({"inputs": [{"x": "1"}],
                                      "inference_params": params})),
                  "the limit of output tokens is max_tokens")
        same(stub.stats()["requests"], 0, "requests")
        set_params(b, {"max_tokens": 11})
        report = b.run(max_tokens=30000)
        same(report["verdicts"], 6, "verdicts")


# --- keys ---------------------------------------------------------------------

HEADER = leaks.plant("hdr-planted-b05d17c4")
SCENARIO = """
import json, os, sqlite3, sys
folder, library = sys.argv[1:3]
db = sqlite3.connect(folder + "/k.db", isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.enable_load_extension(True)
db.load_extension(library)
q = lambda text, *v: db.execute(text, v).fetchall()
said = open(folder + "/said.txt", "w")
def say(text, *v):
    try:
        print(q(text, *v), file=said)
    except sqlite3.Error as error:
        print("error", error, file=said)
say("SELECT judge_init()")
say("SELECT judge_config('retries', 1), judge_config('progress', 'on')")
say("SELECT judge_config('extra_headers', ?)",
    json.dumps({"X-Second": sys.argv[3]}))
say("SELECT judge_config()")
say("SELECT make_judge('q', 'Is {{ outputs }} good?', 'openai:/stub',"
    " '{\\"feedback_value_type\\":[\\"Bad\\",\\"Good\\"]}')")
db.executemany("INSERT INTO judge_trace(trace_id, outputs) VALUES(?, ?)",
               [("t%d" % i, "item %d." % i) for i in range(30)])
say("SELECT judge_run('q', '{\\"concurrency\\":4,\\"max_error_share\\":1}')")
say("SELECT judge_run('q', '{\\"concurrency\\":4}')")
say("SELECT judge_eval('q', 't3')")
say("SELECT judge_prompt('q', 't3')")
say("SELECT judge_debug()")
say("SELECT judge_align('q')")
say("SELECT judge_generate('openai:/stub', 'Say {{ x }}', ?)",
    json.dumps({"inputs": [{"x": "a"}, {"x": "b"}]}))
for table, in q("SELECT name FROM sqlite_master WHERE type IN "
                "('table', 'view') AND name NOT LIKE 'sqlite_%'"):
    say('SELECT * FROM "%s"' % table)
said.close()
os._exit(0)  # leaves the WAL where it is
"""


@parallel
def keys_stand_nowhere(stub):
    echo = {"echo_key": True, "body": "you sent"}
    stub.script({"planted_key": KEY, "faults": [
        dict(echo, if_user_contains="item 1.", status=400),
        dict(echo, if_user_contains="item 2.", status=500),
        dict(echo, if_user_contains="item 3.", status=422),
        {"if_user_contains": "item 4.", "kind": "echo_200"},
        {"if_user_contains": "item 5.", "kind": "redirect"},
        {"if_user_contains": "item 6.", "kind": "close"},
        dict(echo, on=[60], status=401)]})
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/err.txt", "wb") as err:
            subprocess.run(
                ["/usr/bin/python3", "-c", SCENARIO, folder, LIBRARY, HEADER],
                check=True, stdout=err, stderr=err, timeout=60,
                env=dict(os.environ, OPENAI_BASE_URL=stub.url("/v1")))
        with open(folder + "/said.txt") as f:
            said = f.read()
        holds(said, "HTTP 400: you sent your key was Bearer ****", "what was said")
        holds(said, "HTTP 500: you sent your key was Bearer ****", "what was said")
        holds(said, "'SECRET'", "an answer that repeats the key")
        assert "'set'" in said or '"set"' in said
        assert os.path.getsize(folder + "/k.db-wal") > 0
        assert stub.stats()["requests"] > 30
        leaks.search_folder(folder)


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("skipped tls: openssl is not installed")
    sys.exit(main())
