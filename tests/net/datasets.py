"""The two data sets of the shared folder with human labels, as databases."""
import csv
import os
from pathlib import Path

import host

SHARED = Path(os.environ.get("JUDGE_SHARED") or host.ROOT.parent / "shared")
FEEDBACKQA = "feedbackqa_cdc"
OPENQA = "openqa_eval"
BOTH = (FEEDBACKQA, OPENQA)
JUDGES = {
    FEEDBACKQA: ("How good is {{ outputs }} as an answer to {{ inputs }}?",
                 ["Bad", "Could be Improved", "Acceptable", "Excellent"]),
    OPENQA: ("Is {{ outputs }} a right answer to {{ inputs }}? Right answers "
             "are {{ expectations }}.", ["No", "Yes"]),
}


def rows(name, file):
    with open(SHARED / "data" / name / file, newline="") as f:
        return list(csv.DictReader(f))


def present():
    return all((SHARED / "data" / name / "items.csv").exists()
               for name in BOTH)


def fill(db, name, limit=None, model="openai:/m", options=None):
    """The judge q, its traces and their labels. Rows are dropped from the end."""
    template, values = JUDGES[name]
    db.command("make_judge", "q", template, model,
               dict({"feedback_value_type": values}, **(options or {})))
    items = rows(name, "items.csv")[:limit]
    ids = {i["item_id"] for i in items}
    db.insert_many("INSERT INTO traces(trace_id, inputs, outputs)"
                   " VALUES (?, ?, ?)",
                   [(i["item_id"], i["input"], i["output"]) for i in items])
    if name == OPENQA:
        db.insert_many(
            "INSERT INTO assessments(trace_id, name, kind, value, source_id)"
            " VALUES (?, 'expected_response', 'expectation', ?, 'nq')",
            [(i["item_id"], i["reference"]) for i in items])
    db.insert_many(
        "INSERT INTO assessments(trace_id, name, value, rationale, source_type,"
        " source_id) VALUES (?, 'q', ?, ?, 'HUMAN', ?)",
        [(l["item_id"], l["label"], l.get("rationale") or None, l["annotator"])
         for l in rows(name, "labels.csv") if l["item_id"] in ids])
    return len(items)
