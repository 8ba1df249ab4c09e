"""Scripted faults: how the stub server spoils an answer.

A script's "faults" is a list; the first that fires is done. When: "on" (list
of request numbers, from 1), "every" (each n-th request), "first_attempts" (the
first n requests with the same body), "probability" (by body, attempt and
seed), "if_user_contains", "longer_than" (characters), "path" (a part of the path), "if_form" (the type of the
response_format), "limit_below" (the limit of output that is asked for); all that are given must hold. What: "kind", a key of CONTENT or WIRE below, or just "status".
"""
import gzip
import json
import time
from email.utils import formatdate

from stub_models import number


def fires(fault, index, seen, attempt, digest, user, path, seed, form, limit):
    return (("if_form" not in fault or fault["if_form"] == form)
            and ("limit_below" not in fault or limit is not None
                 and limit < fault["limit_below"])
            and ("on" not in fault or index in fault["on"])
            and ("every" not in fault or index % fault["every"] == 0)
            and attempt <= fault.get("first_attempts", attempt)
            and fault.get("if_user_contains", "") in user
            and len(user) > fault.get("longer_than", -1)
            and fault.get("path", "") in path
            and ("probability" not in fault
                 or number(seed, "fault", seen, digest, attempt)
                 < fault["probability"]))


def find(script, index, attempt, digest, user, path, form=None, limit=None):
    for seen, fault in enumerate(script.get("faults", [])):
        if fires(fault, index, seen, attempt, digest, user, path,
                 script.get("seed", 1), form, limit):
            return fault
    return None


# --- faults inside an answer with status 200 ---------------------------------

def choice(reply):
    return reply["choices"][0]


def set_content(reply, text):
    choice(reply)["message"]["content"] = text


def content(reply):
    return choice(reply)["message"]["content"]


def null_content(fault, reply):
    set_content(reply, None)


def empty_choices(fault, reply):
    reply["choices"] = []


def refusal(fault, reply):
    choice(reply)["message"] = {"role": "assistant", "content": None,
                                "refusal": "I cannot help with that."}


def length(fault, reply):
    set_content(reply, content(reply)[:len(content(reply)) // 2])
    choice(reply)["finish_reason"] = "length"


def tool_call(fault, reply):
    choice(reply)["message"] = {
        "role": "assistant", "content": None,
        "tool_calls": [{"id": "c1", "type": "function",
                        "function": {"name": "f", "arguments": "{}"}}]}
    choice(reply)["finish_reason"] = "tool_calls"


def parts(fault, reply):
    half = len(content(reply)) // 2
    text = content(reply)
    set_content(reply, [{"type": "reasoning", "text": "hm"},
                        {"type": "text", "text": text[:half]},
                        {"type": "text", "text": text[half:]}])


def think(fault, reply):
    set_content(reply, "<think>\nlet me see {\n</think>\n\n" + content(reply))


def reasoning(fault, reply):
    choice(reply)["message"]["reasoning_content"] = "let me see {"


def code_fence(fault, reply):
    set_content(reply, "```json\n" + content(reply) + "\n```")


def trailing(fault, reply):
    set_content(reply, content(reply) + " I hope this helps!")


def out_of_scale(fault, reply):
    set_content(reply, json.dumps({"result": fault.get(
        "result", "Splendid beyond the scale"), "rationale": "so it is"}))


def duplicate_keys(fault, reply):
    set_content(reply, '{"result": "a", "result": "b", "rationale": "twice"}')


def missing_result(fault, reply):
    set_content(reply, '{"rationale": "no result"}')


def number_text(fault, reply):
    set_content(reply, '{"result": "4", "rationale": "a text"}')


def huge_number(fault, reply):
    set_content(reply, '{"result": 1e999, "rationale": "too large"}')


def deep(fault, reply):
    set_content(reply, '{"result":' + "[" * 500 + "]" * 500 + "}")


def not_an_object(fault, reply):
    set_content(reply, "It is good.")


def error_200(fault, reply):
    reply.clear()
    reply["error"] = {"message": "the upstream is busy", "code": 503}


def usage(fault, reply):
    """"usage": what stands in its place; null: it is left out."""
    reply["usage"] = fault["usage"]
    if fault["usage"] is None:
        del reply["usage"]


CONTENT = {f.__name__: f for f in (
    usage, null_content, empty_choices, refusal, length, tool_call, parts, think,
    reasoning, code_fence, trailing, out_of_scale, duplicate_keys, missing_result,
    number_text, huge_number, deep, not_an_object, error_200)}


# --- faults on the wire ------------------------------------------------------
# Each takes the connection, the fault and the bytes of the good body.

def close(conn, fault, body):
    conn.abort(reset=False)


def reset(conn, fault, body):
    conn.abort(reset=True)


def cut(conn, fault, body):
    conn.send_head(200, len(body))
    conn.write(body[:len(body) // 2])
    conn.close_when_sent()


def stall(conn, fault, body):
    """Half of the body, then nothing for good."""
    conn.send_head(200, len(body))
    conn.write(body[:len(body) // 2])


def silent(conn, fault, body):
    """Nothing at all."""


def slow(conn, fault, body):
    """The body in pieces, over "ms" milliseconds."""
    conn.send_head(200, len(body))
    conn.write_slowly(body, fault.get("ms", 400), fault.get("pieces", 8))


def endless(conn, fault, body):
    conn.send_head(200, None)
    conn.write_endlessly()


def not_json(conn, fault, body):
    conn.reply(200, b"<html>It works!</html>", kind="text/html")


def content_type(conn, fault, body):
    conn.reply(200, body, kind="text/plain")


def bad_utf8(conn, fault, body):
    """Behind so many "bytes" of blanks."""
    conn.reply(200, b" " * fault.get("bytes", 0) + body.replace(b'"rationale', b'"\xff\xfe', 1)
               .replace(b'\\"rationale', b'\\"\xff\xfe', 1))


def nul(conn, fault, body):
    conn.reply(200, body.replace(b'"content": "', b'"content": "\\u0000', 1))


def raw_nul(conn, fault, body):
    conn.reply(200, body.replace(b'"content": "', b'"content": "\0', 1))


def bom(conn, fault, body):
    conn.reply(200, b"\xef\xbb\xbf" + body)


def huge(conn, fault, body):
    conn.reply(200, b" " * fault.get("bytes", 64 << 20) + body)


def redirect(conn, fault, body):
    conn.reply(302, b"", [("Location", fault.get(
        "location", "http://127.0.0.1:9/elsewhere"))])


def gzipped(conn, fault, body):
    conn.reply(200, gzip.compress(body), [("Content-Encoding", "gzip")])


def chunked(conn, fault, body):
    conn.send_head(200, None, [("Transfer-Encoding", "chunked")])
    half = len(body) // 2
    for piece in (body[:half], body[half:]):
        conn.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    conn.write(b"0\r\n\r\n")
    conn.answered(200)


def echo_200(conn, fault, body):
    """A good answer whose text holds the key that was sent."""
    start = b'\\"rationale\\": \\"'
    conn.reply(200, body.replace(start, start + (conn.key or "").encode(), 1))


def rate(conn, fault, body):
    """A good answer with more headers."""
    conn.reply(200, body, list(fault["headers"].items()))


def header(conn, fault, body):
    """A good answer with "lines" more header lines of so many "bytes" each."""
    conn.reply(200, body, [("X-More-%d" % i, "x" * fault["bytes"])
                           for i in range(fault.get("lines", 1))])


def garbage(conn, fault, body):
    conn.write(b"SSH-2.0-nothing\r\n")
    conn.close_when_sent()


def status(conn, fault, body):
    """Any status, with "retry_after", "retry_after_date_s" (an HTTP date so many
    seconds from now, with a Date), "retry_after_ms", "message" or "body"."""
    headers = []
    if "retry_after_date_s" in fault:
        now = time.time()
        headers += [("Date", formatdate(now, usegmt=True)),
                    ("Retry-After", formatdate(
                        now + fault["retry_after_date_s"], usegmt=True))]
    if "retry_after" in fault:
        headers.append(("Retry-After", str(fault["retry_after"])))
    if "retry_after_ms" in fault:
        headers.append(("retry-after-ms", str(fault["retry_after_ms"])))
    text = fault.get("body")
    if text is None:
        text = json.dumps({"error": {"message": fault.get(
            "message", "scripted status %d" % fault["status"])}})
    if fault.get("echo_key"):
        text = text + " your key was " + (conn.key or "")
    conn.reply(fault["status"], text.encode(), headers)


WIRE = {f.__name__: f for f in (
    close, reset, cut, stall, silent, slow, endless, not_json, content_type,
    bad_utf8, nul,
    raw_nul, bom, huge, redirect, gzipped, chunked, echo_200, rate, header,
    garbage,
    status)}
