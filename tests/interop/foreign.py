"""A file with something of everything, and its rows as SQLite reads them: what
test_duckdb.py and test_odbc.py compare with what other programs make of it."""
import json
import os
import sqlite3
import subprocess
from pathlib import Path

import packages

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = os.environ.get("JUDGE_SO", str(ROOT / "build" / "judge.so"))
# These have no declared type on purpose, which would turn '007' into 7: a text
# or a number stands beside each of them.
UNTYPED = {"value", "judge_value", "human_value", "label", "fitted"}
SCALES = {"triage": '["poor","fair","good"]', "sure": '"bool"',
          "score": '"float"', "count": '"int"', "free": '"str"',
          "stars": "[1,2,3]"}
DAY_MS = 86400000


def label(name, i):
    return {"triage": "good" if i % 2 else "poor", "sure": i % 2,
            "score": i / 7, "count": i, "free": "007" if i % 2 else "7",
            "stars": 1 + i % 3}[name]


def verdict(name, i):
    """Wrong now and then."""
    if i % 4:
        return label(name, i)
    return {"triage": "fair", "sure": 1, "score": 0.5, "count": 3, "free": "8",
            "stars": 2}[name]


def add_traces(db):
    for i in range(24):
        db.execute(
            "INSERT INTO traces(trace_id, experiment, inputs, outputs, session_id,"
            " tags, request_time, duration_ms, state, user_id, expectations)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (f"t{i}", f"E{i % 2}", f"question {i} about topic {i % 3}",
             f"answer {i} about topic {i % 3}" if i % 2 else "no idea",
             "s1" if i < 3 else None, '{"a":"b"}' if i == 0 else None,
             1760000000123 + i * DAY_MS // 3, i * 7 if i % 3 else None,
             "ERROR" if i == 5 else "OK", "ü\"; 'x" if i == 2 else None,
             '{"expected_response":"topic","n":[1,2]}' if i % 4 == 0 else None))


def add_ratings(db):
    """Labels, verdicts of a version and recorded ones, of every type."""
    put = ("INSERT INTO assessments(trace_id, name, value, rationale,"
           " source_type, source_id, judge, created)"
           " VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
    for i in range(24):
        for name in SCALES:
            db.execute(put, (f"t{i}", name, label(name, i),
                             'because, "ü"\n' if i % 5 else None, "HUMAN",
                             "ann" if i % 3 else "bob", None,
                             1760000100456 + i * 1000))
            if name != "triage":
                db.execute(put, (f"t{i}", name, verdict(name, i), None, "CODE",
                                 "local:/x", f"{name}@1" if i % 2 else None,
                                 1760000200456 + i))
    # A name that no judge declares: equal as numbers, or not equal at all.
    for trace, judged, human in (("t1", 1, 1.0), ("t2", "1", 1), ("t3", 2, 2),
                                 ("t4", "two", "two")):
        for value, source in ((judged, "LLM_JUDGE"), (human, "HUMAN")):
            db.execute(put, (trace, "other", value, None, source, "x", None, None))
    db.execute("INSERT INTO assessments(trace_id, name, error_code, error_message,"
               " source_type, source_id, judge) VALUES('t3', 'free', 'TIMEOUT',"
               " 'slow', 'LLM_JUDGE', 'm', 'free@1')")
    db.execute(put, ("t0", "triage", "FAIR", None, "HUMAN", "bob", None, None))


def add_calls(db):
    db.execute("INSERT INTO judge_price(model, input_per_million,"
               " output_per_million, cached_per_million)"
               " VALUES('openai:/a', 0.4, 1.6, 0.1), ('openai:/b', 1, 2, NULL)")
    for i in range(60):
        status = ("ok", "ok", "error", "cached")[i % 4]
        db.execute(
            "INSERT INTO judge_call_answer(digest, purpose, status, run_id, judge,"
            " trace_id, model, host, http_status, attempts, latency_ms,"
            " input_tokens, output_tokens, cached_tokens, cost, created,"
            " created_text, response)"
            " VALUES(?, 'judge', ?, ?, ?, ?, ?, 'h', 200, ?, ?, ?, ?, ?, ?, ?,"
            " strftime('%Y-%m-%dT%H:%M:%fZ', ? / 1000, 'unixepoch'), ?)",
            (f"d{i}", status, f"r{i % 4}", "triage@1" if i % 5 else None,
             f"t{i % 24}", "openai:/" + "abc"[i % 3],
             1 + i % 3 if status != "cached" else 0,
             100 + i * 3 if i % 7 else None, 100 + i if i % 6 else None,
             20 + i if i % 6 else None, i % 5 if i % 2 else None,
             0.001 * i if i % 9 == 0 else None, 1760000000000 + i * 3600000,
             1760000000000 + i * 3600000, "{}" if status == "ok" else None))


def make_file(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.splitext(LIBRARY)[0])
    db.execute("SELECT judge_init()").fetchall()
    for name, scale in SCALES.items():
        db.execute("SELECT make_judge(?, 'Rate {{ outputs }} for {{ inputs }}',"
                   " 'local:/lexical', ?)",
                   (name, '{"feedback_value_type":%s}' % scale)).fetchall()
    db.execute("BEGIN")
    add_traces(db)
    add_ratings(db)
    add_calls(db)
    db.execute("COMMIT")
    for sql in ("SELECT judge_run('triage')", "SELECT judge_align('triage')",
                "SELECT judge_run('triage@2')"):
        db.execute(sql).fetchall()
    db.close()


def tables(path):
    """name: kind, columns, declared types, rows; as a plain SQLite has them."""
    db = sqlite3.connect(path)
    result = {}
    for name, kind in db.execute(
            "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"
            " AND name LIKE 'judge!_%' ESCAPE '!' ORDER BY name").fetchall():
        columns = db.execute(f"PRAGMA table_info({name})").fetchall()
        texts = db.execute("SELECT " + ", ".join(
            f'CAST("{c[1]}" AS TEXT)' for c in columns) + f" FROM {name}")
        result[name] = {"kind": kind, "columns": [c[1] for c in columns],
                        "types": [c[2] for c in columns],
                        "rows": db.execute(f"SELECT * FROM {name}").fetchall(),
                        "texts": texts.fetchall()}
    db.close()
    return result


def is_same(theirs, value, text):
    """Their value against SQLite's own and its text."""
    if isinstance(theirs, (int, float)) and isinstance(value, (int, float)):
        return abs(theirs - value) <= 1e-9 * max(1, abs(value))
    if isinstance(theirs, str) and isinstance(value, float):
        return abs(float(theirs) - value) <= 1e-9 * max(1, abs(value))
    return theirs == value or theirs == text


def first_difference(table, theirs, but=()):
    """What differs first, row by row in the order of their texts; or None."""
    if len(theirs) != len(table["rows"]):
        return f"{len(theirs)} rows, {len(table['rows'])} in SQLite"
    key = sort_key(table)
    ours = sorted(zip(table["texts"], table["rows"]), key=lambda x: key(x[0]))
    for row, (texts, values) in zip(sorted(theirs, key=key), ours):
        for name, cell, value, text in zip(table["columns"], row, values, texts):
            if name not in but and not is_same(cell, value, text):
                return f"{name}: {cell!r}, in SQLite {value!r}; {row}"
    return None


def sort_key(table):
    """By texts and whole numbers, which all write alike."""
    rows = table["rows"]
    chosen = [i for i, name in enumerate(table["columns"])
              if name not in UNTYPED
              and not any(isinstance(row[i], float) for row in rows)]
    return lambda row: [str(row[i]) for i in chosen]


def read_by(python, code, *arguments):
    """What a script prints as JSON, run by that Python."""
    done = subprocess.run([python, "-c", code, *arguments], text=True,
                          capture_output=True, env=packages.environment())
    if done.returncode != 0:
        raise RuntimeError(done.stderr or done.stdout)
    return json.loads(done.stdout)
