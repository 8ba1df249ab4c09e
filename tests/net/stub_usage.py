"""Usage as real servers report it, and answers as long as real ones: for what
hangs on the number of tokens.

The script's "usage": {"message": 4, "fixed": 3, "schema": false, "seed": 1,
"vocabulary": 1.0, "cached": 0.0, "command": [...]}. Tokens are those of a
byte-pair tokenizer whose vocabulary is drawn by hash: short words are in it,
long ones rarely; or those that the command says, a program that reads a JSON
text a line and writes its number of tokens. A message costs so many more, a
request so many; "schema": the model is shown the JSON schema.

The kind "talk" answers with rationales and guidelines of very different
lengths, of words of the request.
"""
import json
import re
import subprocess

import stub_models

PIECE = re.compile(r" ?[A-Za-z]+| ?[^\W\dA-Za-z_]+|\d{1,3}|\s+(?=\S)|\s+"
                   r"| ?[^\w\s]{1,3}|_")
COUNTERS = {}  # running programs by their command


def pieces(text, how):
    """Of words that a vocabulary lacks every six letters are a token more."""
    total = 0
    for piece in PIECE.findall(text):
        word = piece.strip()
        if piece == " ":
            continue
        total += 1
        if word.isalpha() and len(word) > 3:
            x = stub_models.number(how.get("seed", 1), "vocabulary", word)
            share = how.get("vocabulary", 1.0) * min(
                1.0, 1.25 - len(word) / 25)
            if x >= share or not word.isascii():
                total += 1 + (len(word) - 1) // 6
    return total


def by_command(text, command):
    key = tuple(command)
    if key not in COUNTERS:
        COUNTERS[key] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8")
    counter = COUNTERS[key]
    counter.stdin.write(json.dumps(text) + "\n")
    counter.stdin.flush()
    return int(counter.stdout.readline())


def tokens(text, how):
    if how.get("command"):
        return by_command(text, how["command"])
    return pieces(text, how)


def of_chat(how, body, answer):
    """The usage of a chat reply."""
    messages = body["messages"]
    asked = how.get("fixed", 3) + sum(
        how.get("message", 4) + tokens(stub_models.content_text(m), how)
        for m in messages)
    schema = ((body.get("response_format") or {}).get("json_schema")
              or {}).get("schema")
    if how.get("schema") and schema:
        asked += tokens(json.dumps(schema, separators=(",", ":")), how)
    return usage(how, asked, tokens(answer, how))


def of_embedding(how, texts):
    return usage(how, sum(tokens(t, how) for t in texts), 0)


def usage(how, asked, answered):
    out = {"prompt_tokens": asked, "completion_tokens": answered,
           "total_tokens": asked + answered}
    if how.get("cached"):
        out["prompt_tokens_details"] = {
            "cached_tokens": int(asked * how["cached"])}
    return out


# --- the kind "talk" ---------------------------------------------------------

def sentence(request, low, high, *what):
    text = request.user.split("## Labelled examples")[-1].split("## Answer")[0]
    words = re.findall(r"[A-Za-z]{2,}", text) or ["nothing"]

    def draw(*more):
        return stub_models.number(request.seed, request.digest, *what, *more)
    count = low + int(draw("count") * (high - low + 1))
    return " ".join(words[int(draw(i) * len(words))] for i in range(count)) + "."


def answer_talk(rule, request):
    if not stub_models.is_distilling(request):
        return stub_models.verdict(
            request, stub_models.hashed(request),
            sentence(request, *rule.get("words", [15, 65]), "rationale"))
    shown = [e["id"] for e in stub_models.examples(request.user) if "id" in e]
    x = stub_models.number(request.seed, request.digest)
    low, high = rule.get("guidelines", [4, 11])
    return json.dumps({"guidelines": [
        {"guideline_text": sentence(request, 15, 40, "guideline", i),
         "source_trace_ids": shown[i:i + 3] or shown[:1]}
        for i in range(low + int(x * (high - low + 1)))]})


stub_models.KINDS["talk"] = answer_talk
