#!/usr/bin/python3
"""judge_config('replay', 'only'): runs and alignments from recorded calls, with
no key and no network; recorded calls carried to another file as JSON lines, by
the plain SQL that docs/models.md shows.

The last line is "N passed, N failed".
"""
import os
import re
import sqlite3
import sys

from net_bench import KEY, ROOT, Bench, alone, holds, main, same

GUIDELINE = "RULE-7: good exactly when it ends with Yours sincerely."
SCRIPT = {"model": {
    "kind": "planted_rule", "field": "outputs", "marker": "Yours sincerely",
    "with": "Good", "without": "Bad", "token": "RULE-7",
    "guideline": GUIDELINE, "min_cited": 2, "min_rows": 8, "min_share": 0.9}}


def statements(heading):
    """The SQL of docs/models.md below a heading that exports and imports."""
    with open(os.path.join(ROOT, "docs/models.md")) as f:
        part = f.read().split("\n## " + heading, 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sql[^\n]*\n(.*?)```", part, re.S)
    export = next(b for b in blocks if "json_object(" in b)
    take = next(b for b in blocks if "INSERT INTO judge_call_answer" in b)
    return export, take


def fill(bench):
    """40 letters, half of them signed, with the labels that say so."""
    bench.sql("DELETE FROM judge_trace")
    for i in range(40):
        signed = i % 2 == 0
        bench.sql("INSERT INTO judge_trace(trace_id, inputs, outputs) "
                  "VALUES(?, ?, ?)", "t%02d" % i, "letter %d" % i,
                  "Dear %d, thanks. %s" % (
                      i, "Yours sincerely" if signed else "Bye"))
        bench.sql("INSERT INTO assessments(trace_id, name, value, rationale, "
                  "source_type, source_id) VALUES(?, 'q', ?, 'the ending', "
                  "'HUMAN', 'ann')", "t%02d" % i, "Good" if signed else "Bad")


def align(bench, options='{"optimizer":"memalign"}'):
    bench.sql("SELECT judge_align('q@1', ?)", options)
    # The digest is that of all that defines a version.
    judge = bench.sql("SELECT version, state, instructions, digest, "
                      "effective_instructions, value_type, model "
                      "FROM judge_definition ORDER BY version")
    memory = bench.sql("SELECT * FROM judge_guideline ORDER BY 1")
    texts = bench.sql("SELECT trace_id, inputs, outputs FROM judge_example "
                      "ORDER BY 1, 2")
    return judge, [row[-3:-1] for row in memory]  # less the time, texts


def offline(action):
    """Without key, and with every proxy a closed door."""
    key = os.environ.pop("OPENAI_API_KEY")
    try:
        return action()
    finally:
        os.environ["OPENAI_API_KEY"] = key


def export_calls(bench):
    sql, _ = statements("Recorded calls")
    return [line for line, in bench.sql(sql.strip().rstrip(";"))]


def import_calls(bench, lines):
    _, sql = statements("Recorded calls")
    bench.sql("CREATE TEMP TABLE line(json TEXT)")
    bench.db.executemany("INSERT INTO line VALUES(?)", [(l,) for l in lines])
    bench.db.executescript(sql)


@alone
def an_alignment_runs_again_from_its_calls(stub):
    stub.script(SCRIPT)
    base = stub.url("/v1")
    os.environ["OPENAI_BASE_URL"] = base  # of embeddings
    with Bench(base, n=0, timeout=10) as recorded, \
            Bench(base, n=0, timeout=10) as replayed:
        fill(recorded)
        report = recorded.run(concurrency=8)
        same(report["verdicts"], 40, "verdicts")
        first = align(recorded)
        by_vectors = '{"embedding_model":"openai:/e"}'
        second = align(recorded, by_vectors)
        assert any(GUIDELINE in str(g) for g in first[1]), first[1]
        lines = export_calls(recorded)
        asked = stub.stats()["requests"]

        fill(replayed)
        import_calls(replayed, lines)
        replayed.sql("SELECT judge_config('replay', 'only')")
        again = offline(lambda: replayed.run(concurrency=8))
        same((again["verdicts"], again["cached"], again["calls"]), (40, 40, 0),
             "from recorded calls")
        same(offline(lambda: align(replayed)), first, "the aligned judge")
        same(offline(lambda: align(replayed, by_vectors)), second,
             "the judge aligned with embeddings")
        same(stub.stats()["requests"], asked, "requests after the recording")
        text = "\n".join(lines)
        assert KEY not in text and "uthorization" not in text
        # Imported once more, nothing doubles.
        before = replayed.sql("SELECT count(*) FROM judge_call_body")
        replayed.sql("DROP TABLE line")
        import_calls(replayed, lines)
        same(replayed.sql("SELECT count(*) FROM judge_call_body"), before,
             "recorded calls after a second import")
    del os.environ["OPENAI_BASE_URL"]


@alone
def a_miss_is_an_error(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=6) as b:
        b.run(limit=3)
        b.sql("SELECT judge_config('replay', 'only')")
        text = offline(lambda: b.fails())
        holds(text, "judge_config('replay') is 'only'")
        holds(text, "for trace t")
        same(stub.stats()["requests"], 3, "requests")
        b.sql("SELECT judge_config('replay', 'off')")
        same(b.run()["verdicts"], 3, "verdicts when it is off again")


@alone
def answers_of_no_model_are_not_recorded(stub):
    stub.script({"faults": [{"on": [1], "kind": "not_json"},
                            {"on": [2], "kind": "error_200"}]})
    with Bench(stub.url("/v1"), n=2, retries=0) as b:
        same(b.run(concurrency=1)["errors"], 2, "errors")
        same(len(export_calls(b)), 0, "recorded calls")
        same(b.run(concurrency=1)["verdicts"], 2, "verdicts")
        same(len(export_calls(b)), 2, "recorded calls then")


@alone
def bytes_that_are_no_text_come_back(stub):
    stub.script({"faults": [{"on": [1], "kind": "bad_utf8"}]})
    with Bench(stub.url("/v1"), n=1) as b:
        same(b.run()["errors"], 1, "errors")
        first = b.row("t0")[1:3]
        lines = export_calls(b)
        same(len(lines), 1, "recorded calls")
        with Bench(stub.url("/v1"), n=1) as other:
            import_calls(other, lines)
            other.sql("SELECT judge_config('replay', 'only')")
            offline(other.run)
            same(other.row("t0")[1:3], first, "outcome")


@alone
def the_file_reads_without_us(stub):
    stub.script({})
    with Bench(stub.url("/v1"), n=3) as b:
        b.run()
        b.db.close()
        plain = sqlite3.connect(b.path)
        sql, _ = statements("Recorded calls")
        same(len(plain.execute(sql).fetchall()), 3, "exported by plain SQLite")
        plain.close()


if __name__ == "__main__":
    sys.exit(main())
