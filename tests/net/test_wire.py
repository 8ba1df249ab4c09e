#!/usr/bin/python3
"""Each provider from judge_run to the bytes on the wire and back: address,
headers, the shape of the body, the shape of the reply, tokens, signature.

The last line is "N passed, N failed".
"""
import contextlib
import hashlib
import hmac
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import leaks
from net_bench import Bench, alone, holds, main, same

ANSWER = {"result": "Good", "rationale": "fine"}
TEXT = json.dumps(ANSWER)
OPENAI = {"model": "m-1", "choices": [{"message": {
    "role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 5,
              "prompt_tokens_details": {"cached_tokens": 3}}}
ANTHROPIC = {"type": "message", "role": "assistant", "model": "m-1",
             "content": [{"type": "tool_use", "id": "toolu_1",
                          "name": "verdict", "input": ANSWER}],
             "stop_reason": "tool_use",
             "usage": {"input_tokens": 8, "cache_read_input_tokens": 3,
                       "output_tokens": 5}}
BEDROCK = {"output": {"message": {"role": "assistant", "content": [
    {"toolUse": {"toolUseId": "t1", "name": "verdict", "input": ANSWER}}]}},
    "stopReason": "tool_use",
    "usage": {"inputTokens": 11, "outputTokens": 5, "totalTokens": 16}}
OLLAMA = {"model": "m-1", "message": {"role": "assistant", "content": TEXT},
          "done": True, "done_reason": "stop", "prompt_eval_count": 11,
          "eval_count": 5}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.path, dict(self.headers), body))
        status, reply = self.server.reply(self.path, json.loads(body))
        data = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def server(reply):
    s = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    s.seen, s.reply = [], reply
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield s, "http://127.0.0.1:%d" % s.server_port
    finally:
        s.shutdown()
        s.server_close()


@contextlib.contextmanager
def environment(base, values):
    values = {k: v.replace("BASE", base) for k, v in values.items()}
    before = {k: os.environ.get(k) for k in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def openai_shape(body):
    same(body["model"], "m", "model")
    same([m["role"] for m in body["messages"]], ["system", "user"], "roles")
    same(body["response_format"]["type"], "json_schema", "form")


def anthropic_shape(body):
    same(sorted(body), ["max_tokens", "messages", "model", "system",
                        "temperature", "tool_choice", "tools"], "keys")
    same(body["tool_choice"], {"type": "tool",
                               "name": body["tools"][0]["name"]}, "choice")
    same(body["tools"][0]["input_schema"]["type"], "object", "schema")
    same([m["role"] for m in body["messages"]], ["user"], "roles")


def bedrock_shape(body):
    same(sorted(body), ["inferenceConfig", "messages", "system", "toolConfig"],
         "keys")
    same(body["inferenceConfig"], {"temperature": 0}, "inferenceConfig")
    tool = body["toolConfig"]["tools"][0]["toolSpec"]
    same(body["toolConfig"]["toolChoice"], {"tool": {"name": tool["name"]}},
         "choice")
    same(tool["inputSchema"]["json"]["type"], "object", "schema")
    holds(body["messages"][0]["content"][0]["text"], "item 0.", "user message")


def ollama_shape(body):
    same(body["stream"], False, "stream")
    same(body["format"]["type"], "object", "format")
    same(body["options"], {"temperature": 0}, "options")


KEY = leaks.plant("wire-planted-61e0c8f2ab97")
BEARER = ("Authorization", "Bearer " + KEY)
# model URI, environment, path, header, shape, reply, cached tokens
PROVIDERS = [
    ("openai:/m", {"OPENAI_BASE_URL": "BASE/v1", "OPENAI_API_KEY":
                   KEY}, "/v1/chat/completions", BEARER, openai_shape,
     OPENAI, 3),
    ("databricks:/m", {"DATABRICKS_HOST": "BASE", "DATABRICKS_TOKEN":
                       KEY}, "/serving-endpoints/chat/completions",
     BEARER, openai_shape, OPENAI, 3),
    ("endpoints:/m", {"MLFLOW_DEPLOYMENTS_TARGET": "BASE",
                      "MLFLOW_TRACKING_TOKEN": KEY},
     "/v1/chat/completions", BEARER, openai_shape, OPENAI, 3),
    ("gateway:/m", {"MLFLOW_GATEWAY_URI": "BASE", "MLFLOW_TRACKING_TOKEN":
                    KEY}, "/gateway/mlflow/v1/chat/completions", BEARER,
     openai_shape, OPENAI, 3),
    ("gemini:/m", {"GEMINI_API_BASE": "BASE/v1beta/openai", "GEMINI_API_KEY":
                   KEY}, "/v1beta/openai/chat/completions", BEARER,
     openai_shape, OPENAI, 3),
    ("azure:/m", {"AZURE_API_BASE": "BASE", "AZURE_API_KEY": KEY,
                  "AZURE_API_VERSION": "2024-10-21"},
     "/openai/deployments/m/chat/completions?api-version=2024-10-21",
     ("api-key", KEY), openai_shape, OPENAI, 3),
    ("anthropic:/m", {"ANTHROPIC_BASE_URL": "BASE", "ANTHROPIC_API_KEY":
                      KEY}, "/v1/messages", ("x-api-key", KEY),
     anthropic_shape, ANTHROPIC, 3),
    ("bedrock:/us.anthropic.m-v1:0",
     {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "BASE", "AWS_REGION": "eu-west-1",
      "AWS_BEARER_TOKEN_BEDROCK": KEY},
     "/model/us.anthropic.m-v1%3A0/converse", BEARER, bedrock_shape, BEDROCK,
     None),
    ("ollama:/m", {"OLLAMA_HOST": "BASE", "OLLAMA_API_KEY": KEY},
     "/v1/chat/completions", BEARER, openai_shape, OPENAI, 3),
    ("ollama_chat:/m", {"OLLAMA_HOST": "BASE"}, "/api/chat", None, ollama_shape,
     OLLAMA, None),
]
for name in ("mistral", "groq", "deepseek", "xai", "openrouter", "togetherai",
             "cohere", "hosted_vllm"):
    upper = name.upper()
    PROVIDERS.append((name + ":/m", {upper + "_API_BASE": "BASE/v1",
                                     upper + "_API_KEY": KEY},
                      "/v1/chat/completions", BEARER, openai_shape, OPENAI, 3))


def add_provider(model, env, path, header, shape, reply, cached):
    def check(_):
        with server(lambda *_: (200, reply)) as (s, base), \
                environment(base, env), \
                Bench(None, n=1, model=model, timeout=5,
                      inference_params={"temperature": 0}) as b:
            b.sql("SELECT judge_config('extra_headers', '{\"X-Team\":\"a\"}')")
            report = b.run()
            same(report["verdicts"], 1, "verdicts %s" % (b.row("t0"),))
            same(b.row("t0")[0], "Good", "value")
            same((report["input_tokens"], report["output_tokens"]), (11, 5),
                 "tokens")
            same(b.sql("SELECT cached_tokens, model FROM judge_call"),
                 [(cached, model)], "cached tokens, model")
            (got, headers, body), = s.seen
            same(got, path, "path")
            same(headers.get("X-Team"), "a", "extra header")
            same(headers.get("Content-Type"), "application/json", "type")
            if header:
                same(headers.get(header[0]), header[1], "key")
            if model.startswith("anthropic"):
                same(headers.get("anthropic-version"), "2023-06-01", "version")
            shape(json.loads(body))

    check.__name__ = "provider_" + model.split(":")[0]
    alone(check)


for row in PROVIDERS:
    add_provider(*row)


# --- Bedrock signs ------------------------------------------------------------

def signature(secret, path, headers, body):
    """The signature of what arrived, computed by Amazon's description."""
    authorization = headers["Authorization"]
    parts = dict(p.strip().split("=", 1) for p in
                 authorization.split(" ", 1)[1].split(","))
    names = parts["SignedHeaders"].split(";")
    lower = {k.lower(): v for k, v in headers.items()}
    canonical = "\n".join(
        ["POST", path.replace("%", "%25"), ""]
        + ["%s:%s" % (n, lower[n]) for n in names]
        + ["", ";".join(names), hashlib.sha256(body).hexdigest()])
    scope = parts["Credential"].split("/", 1)[1]
    text = "\n".join(["AWS4-HMAC-SHA256", lower["x-amz-date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return (hmac.new(key, text.encode(), hashlib.sha256).hexdigest(),
            parts["Signature"], names, scope)


@alone
def bedrock_is_signed_at_each_attempt(_):
    replies = [(503, {"message": "busy"}), (200, BEDROCK)]
    secret = leaks.plant("secret/planted/93c7")
    token = leaks.plant("token/planted/58d1fa==")
    env = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "BASE", "AWS_REGION":
           "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
           "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    with server(lambda *_: replies.pop(0)) as (s, base), \
            environment(base, env), \
            Bench(None, n=1, model="bedrock:/anthropic.m-v1:0",
                  timeout=5) as b:
        same(b.run()["verdicts"], 1, "verdicts")
        same(len(s.seen), 2, "requests")
        for path, headers, body in s.seen:
            expected, got, names, scope = signature(secret, path, headers,
                                                    body)
            same(got, expected, "signature")
            same(names, ["host", "x-amz-date", "x-amz-security-token"],
                 "signed headers")
            holds(scope, "/eu-west-1/bedrock/aws4_request", "scope")
            same(headers["X-Amz-Security-Token"], token, "token")


@alone
def anthropic_falls_back_to_the_prompt(_):
    def reply(path, body):
        if "tools" in body:
            return 400, {"type": "error", "error": {
                "type": "invalid_request_error",
                "message": "tool_choice is not supported by this model"}}
        return 200, dict(ANTHROPIC, stop_reason="end_turn", content=[
            {"type": "text", "text": TEXT}])
    env = {"ANTHROPIC_BASE_URL": "BASE", "ANTHROPIC_API_KEY": KEY}
    with server(reply) as (s, base), environment(base, env), \
            Bench(None, n=4, model="anthropic:/m", timeout=5) as b:
        report = b.run(concurrency=1)
        same((report["verdicts"], len(s.seen)), (4, 5), "verdicts, requests")


@alone
def budgets_name_the_limit_in_each_format(_):
    for model, env, reply, read in (
            ("openai:/m", {"OPENAI_BASE_URL": "BASE/v1"}, OPENAI,
             lambda b: b.get("max_tokens")),
            ("anthropic:/m", {"ANTHROPIC_BASE_URL": "BASE",
                              "ANTHROPIC_API_KEY": "k"}, ANTHROPIC,
             lambda b: b.get("max_tokens")),
            ("bedrock:/m", {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "BASE",
                            "AWS_REGION": "r", "AWS_BEARER_TOKEN_BEDROCK":
                            "k"}, BEDROCK,
             lambda b: b["inferenceConfig"]["maxTokens"]),
            ("ollama_chat:/m", {"OLLAMA_HOST": "BASE"}, OLLAMA,
             lambda b: b["options"]["num_predict"])):
        with server(lambda *_: (200, reply)) as (s, base), \
                environment(base, env), \
                Bench(None, n=1, model=model, timeout=5) as b:
            same(b.run(max_tokens=100000)["verdicts"], 1, "verdicts " + model)
            assert read(json.loads(s.seen[0][2])) > 0, s.seen


if __name__ == "__main__":
    sys.exit(main())
