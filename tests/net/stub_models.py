"""Scripted models: what the stub server answers, given a request.

A script's "model" is a rule or a list of rules; the first rule whose
conditions hold answers. Conditions (all optional): if_user_contains,
if_system_contains, if_model, if_schema (name of the response format, "" for
none). A rule's "kind" is a key of KINDS below; without one it is "constant"
when it has a "result", else "hash". README.md shows them all.
"""
import hashlib
import json
import math
import re

WORDS = ("light sturdy quiet warm bright compact gentle classic rugged smooth "
         "clever simple steady crisp roomy slim").split()


def number(seed, *parts):
    """A pseudo-random number in [0, 1) that hangs on the parts alone."""
    text = json.dumps([seed, *parts], sort_keys=True).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big") / 256 ** 7


class Request:
    """A chat request, taken apart."""

    def __init__(self, body, seed):
        self.body, self.seed = body, seed
        self.digest = hashlib.sha256(
            json.dumps(body, sort_keys=True).encode()).hexdigest()
        messages = body.get("messages") or []
        self.system = "\n".join(content_text(m) for m in messages
                                if m.get("role") == "system")
        turns = [m for m in messages if m.get("role") != "system"]
        self.user = content_text(turns[-1]) if turns else ""
        self.shown = list(shown(turns[:-1]))
        form = body.get("response_format") or {}
        schema = form.get("json_schema") or {}
        self.schema_name = schema.get("name", "")
        self.schema = schema.get("schema") or {}

    def item(self):
        """The values that are rated: the user message as JSON."""
        try:
            item = json.loads(self.user)
        except ValueError:
            item = None
        return item if isinstance(item, dict) else {"inputs": self.user}

    def result_schema(self):
        return (self.schema.get("properties") or {}).get("result") or {}


def shown(turns):
    """The examples of an aligned judge: an item with its labels, or with its
    answer as the only one."""
    for item, answer in zip(turns[::2], turns[1::2]):
        try:
            item = json.loads(content_text(item))
            result = json.loads(content_text(answer))["result"]
        except (ValueError, KeyError):
            continue
        yield dict({"labels": [{"value": result}]}, **item)


def content_text(message):
    content = message.get("content")
    if isinstance(content, list):
        return "".join(p.get("text", "") for p in content)
    return content or ""


# --- values ------------------------------------------------------------------

def pick_value(schema, x):
    """The value of the type that x in [0, 1) points at."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if schema.get("enum"):
        return schema["enum"][int(x * len(schema["enum"]))]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "boolean":
        return x < 0.5
    low, high = schema.get("minimum", 1), schema.get("maximum", 5)
    if kind == "integer":
        return int(low + int(x * (high - low + 1)))
    if kind == "number":
        return round(low + x * (high - low), 3)
    if kind == "array":
        return [pick_value(schema.get("items") or {}, x)]
    if kind == "object":
        return {k: pick_value(s, x)
                for k, s in (schema.get("properties") or {}).items()}
    return WORDS[int(x * len(WORDS))]


def hashed(request):
    """By what is rated and the seed: the same for an item under any prompt."""
    return pick_value(request.result_schema(),
                      number(request.seed, "value", request.user))


def verdict(request, value, rationale):
    """The answer that the schema asks for, around this value."""
    answer = {"result": value, "rationale": rationale}
    properties = request.schema.get("properties") or {}
    for name, schema in properties.items():
        if name not in answer:
            answer[name] = pick_value(schema, number(request.seed, name,
                                                     request.user))
    return json.dumps({k: v for k, v in answer.items()
                       if not properties or k in properties},
                      ensure_ascii=False)


# --- JSON inside prompts -----------------------------------------------------

def json_values(text):
    """Every JSON object or array that begins a line (a list mark before it is
    fine); arrays are walked."""
    decoder = json.JSONDecoder()
    for match in re.finditer(r"^[ \t\-*>0-9.)]*([\[{])", text, re.M):
        try:
            value, _ = decoder.raw_decode(text, match.start(1))
        except ValueError:
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield one


def examples(text):
    """Labelled examples in a prompt: objects with "labels"."""
    return [e for e in json_values(text) if isinstance(e.get("labels"), list)
            and ("inputs" in e or "outputs" in e)]


def labels_of(example):
    return [l.get("value") if isinstance(l, dict) else l
            for l in example["labels"]]


def majority(values):
    keys = [json.dumps(v) for v in values]
    best = max(sorted(set(keys)), key=keys.count)
    return json.loads(best)


def field_text(item, field):
    value = item.get(field, "")
    return value if isinstance(value, str) else json.dumps(
        value, ensure_ascii=False)


# --- kinds -------------------------------------------------------------------

def answer_constant(rule, request):
    if not request.schema_name and "text" in rule:
        return rule["text"]
    value = rule.get("result")
    if not request.schema_name and isinstance(value, str):
        return value
    return verdict(request, value, rule.get("rationale", "as scripted"))


def answer_hash(rule, request):
    if is_distilling(request):
        return json.dumps({"guidelines": []})
    if not request.schema_name and not request.system:
        return answer_generate(rule, request)
    return verdict(request, hashed(request), "by hash")


def answer_raw(rule, request):
    """The content word for word, valid or not."""
    return rule.get("text", "")


def answer_guidelines(rule, request):
    """Fixed guidelines; each cites the first `cite` examples shown."""
    ids = [e["id"] for e in examples(request.user) if "id" in e]
    return json.dumps({"guidelines": [
        {"guideline_text": g["guideline_text"],
         "source_trace_ids": g.get("source_trace_ids",
                                   ids[:g.get("cite", 2)])}
        for g in rule.get("guidelines", [])]})


def is_distilling(request):
    return "guidelines" in (request.schema.get("properties") or {})


def consistent(rule, example):
    expected = (rule["with"] if rule["marker"] in
                field_text(example, rule.get("field", "outputs"))
                else rule["without"])
    return majority(labels_of(example)) == expected


def answer_planted_rule(rule, request):
    """Knows the rule only by a guideline in its prompt, and proposes that
    guideline only for examples that show it."""
    if is_distilling(request):
        return json.dumps({"guidelines": distill_planted(rule, request)})
    if rule["token"] not in request.system:
        return verdict(request, hashed(request), "no guideline tells")
    text = field_text(request.item(), rule.get("field", "outputs"))
    value = rule["with"] if rule["marker"] in text else rule["without"]
    return verdict(request, value, "by the guideline " + rule["token"])


def distill_planted(rule, request):
    shown = [e for e in examples(request.user) if e["labels"] and "id" in e]
    fits = [e for e in shown if consistent(rule, e)]
    cited = [e["id"] for e in fits if rule["marker"] in
             field_text(e, rule.get("field", "outputs"))]
    others = len(fits) - len(cited)
    if (rule["token"] in request.user or len(cited) < rule.get("min_cited", 2)
            or others < 1 or len(shown) < rule.get("min_rows", 8)
            or len(fits) < rule.get("min_share", 0.9) * len(shown)):
        return []
    text = rule["guideline"]
    if rule["token"] not in text:
        text += " " + rule["token"]
    return [{"guideline_text": text, "source_trace_ids": cited[:10]}]


def answer_gullible(rule, request):
    """Believes everybody. It makes each reason a guideline, which it lays to
    the charge of the first two examples, and obeys a guideline that names a
    value, unless it has a condition that the item does not meet: a marker."""
    values = request.result_schema().get("enum") or []
    if is_distilling(request):
        found = [e for e in examples(request.user) if "id" in e]
        reasons = sorted({l["rationale"] for e in found for l in e["labels"]
                          if l.get("rationale")})
        return json.dumps({"guidelines": [
            {"guideline_text": reason, "source_trace_ids": [e["id"] for e in (
                found[:2] + [e for e in found if reason in json.dumps(
                    e, ensure_ascii=False)])]}
            for reason in reasons]})
    part = request.system.split("## Guidelines")[-1].split("## Answer")[0]
    lines = re.findall(r"^[0-9]+\. (.*)$", part, re.M)
    orders = [v for line in lines if rule["marker"] not in line
              for v in values if v in line]
    text = field_text(request.item(), rule.get("field", "outputs"))
    honest = rule["with"] if rule["marker"] in text else rule["without"]
    return verdict(request, orders[0] if orders else honest, "as told")


def answer_memorize(rule, request):
    """Repeats the label of an example that is the item itself."""
    if is_distilling(request):
        return json.dumps({"guidelines": []})
    item = request.item()
    for example in request.shown + list(
            examples(request.system + "\n" + request.user)):
        if example["labels"] and all(
                field_text(example, f) == field_text(item, f)
                for f in ("inputs", "outputs")):
            return verdict(request, majority(labels_of(example)), "seen before")
    return verdict(request, hashed(request), "not seen before")


def answer_count_words(rule, request):
    """The entry of "results" at the number of "words" that the field holds."""
    text = field_text(request.item(), rule.get("field", "outputs"))
    held = set(re.findall(r"\w+", text.lower()))
    found = [w for w in rule["words"] if w in held]
    results = rule["results"]
    return verdict(request, results[min(len(found), len(results) - 1)],
                   "found: " + (", ".join(found) or "nothing"))


def answer_echo(rule, request):
    return request.user


def answer_generate(rule, request):
    """A sentence by hash, about the last words of the request."""
    count = rule.get("words", 6)
    words = [WORDS[int(number(request.seed, i, request.digest) * len(WORDS))]
             for i in range(count)]
    about = " ".join(request.user.split()[-3:])
    return "About %s: %s." % (about, " ".join(words))


KINDS = {
    "constant": answer_constant,
    "hash": answer_hash,
    "raw": answer_raw,
    "guidelines": answer_guidelines,
    "planted_rule": answer_planted_rule,
    "gullible": answer_gullible,
    "memorize": answer_memorize,
    "count_words": answer_count_words,
    "echo": answer_echo,
    "generate": answer_generate,
}


def applies(rule, request):
    return (rule.get("if_user_contains", "") in request.user
            and rule.get("if_system_contains", "") in request.system
            and rule.get("if_model", request.body.get("model"))
            == request.body.get("model")
            and rule.get("if_schema", request.schema_name)
            == request.schema_name)


def chat(script, request):
    """The content of the answer to a chat request."""
    rules = script.get("model", {})
    for rule in rules if isinstance(rules, list) else [rules]:
        if applies(rule, request):
            kind = rule.get("kind", "constant" if "result" in rule else "hash")
            return KINDS[kind](rule, request)
    return answer_hash({}, request)


def embedding(text, dim=64):
    """A hashed bag of words, as a unit vector."""
    vector = [0.0] * dim
    for word in re.findall(r"\w+", text.lower()):
        h = hashlib.sha256(word.encode()).digest()
        vector[h[0] % dim] += 1.0 if h[1] % 2 else -1.0
    norm = math.sqrt(sum(x * x for x in vector))
    if norm == 0:
        vector[0] = norm = 1.0
    return [round(x / norm, 6) for x in vector]
